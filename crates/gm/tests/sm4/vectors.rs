use yinxin_gm::{
    Error,
    sm4::{
        Sm4, cbc,
        ccm::{self, Ccm},
        cfb,
        cmac::Cmac,
        ctr, ecb, gcm, ofb,
        xts::{Standard, Xts},
    },
};

use crate::{
    on_each_backend,
    support::{array, blocks, field, is_valid, load_json, load_text, name, octets},
};

fn check_ecb(key: &[u8], plain: &[u8], cipher: &[u8], what: &str) {
    let mut data = plain.to_vec();
    ecb::encrypt(&array(key), &mut data).expect("whole blocks");
    assert_eq!(data, cipher, "{what}");
    ecb::decrypt(&array(key), &mut data).expect("whole blocks");
    assert_eq!(data, plain, "{what}");
}

fn check_cbc(key: &[u8], iv: &[u8], plain: &[u8], cipher: &[u8], what: &str) {
    let mut data = plain.to_vec();
    cbc::encrypt(&array(key), &array(iv), &mut data).expect("whole blocks");
    assert_eq!(data, cipher, "{what}");
    cbc::decrypt(&array(key), &array(iv), &mut data).expect("whole blocks");
    assert_eq!(data, plain, "{what}");
}

fn check_ctr(key: &[u8], iv: &[u8], plain: &[u8], cipher: &[u8], what: &str) {
    let mut data = plain.to_vec();
    ctr::apply(&array(key), &array(iv), &mut data);
    assert_eq!(data, cipher, "{what}");
}

fn check_ofb(key: &[u8], iv: &[u8], plain: &[u8], cipher: &[u8], what: &str) {
    let mut data = plain.to_vec();
    ofb::apply(&array(key), &array(iv), &mut data);
    assert_eq!(data, cipher, "{what}");
}

fn check_cfb(key: &[u8], iv: &[u8], plain: &[u8], cipher: &[u8], what: &str) {
    let mut data = plain.to_vec();
    cfb::encrypt(&array(key), &array(iv), &mut data);
    assert_eq!(data, cipher, "{what}");
    cfb::decrypt(&array(key), &array(iv), &mut data);
    assert_eq!(data, plain, "{what}");
}

fn check_xts(key: &[u8], iv: &[u8], plain: &[u8], cipher: &[u8], standard: Standard) {
    let xts = Xts::new(&array(key), standard).expect("two keys");
    let mut data = plain.to_vec();
    xts.encrypt(&array(iv), &mut data).expect("a block at least");
    assert_eq!(hex::encode(&data), hex::encode(cipher), "{standard:?}");
    xts.decrypt(&array(iv), &mut data).expect("a block at least");
    assert_eq!(data, plain, "{standard:?}");
}

#[test]
fn every_mode_of_openssl_we_have() {
    on_each_backend(|_| check_every_mode_of_openssl_we_have());
}

fn check_every_mode_of_openssl_we_have() {
    for file in ["openssl/evpciph_sm4.txt", "openssl-tongsuo/evpciph_sm4.txt"] {
        let Some(text) = load_text(file) else { continue };
        let mut seen = 0;
        for block in blocks(&text) {
            let Some(cipher_name) = block.get("Cipher") else { continue };
            let [key, plain, cipher] =
                ["Key", "Plaintext", "Ciphertext"].map(|name| octets(&block[name]));
            let iv = block.get("IV").map(|iv| octets(iv)).unwrap_or_default();
            let what = format!("{file} {cipher_name}");
            match cipher_name.as_str() {
                "SM4-ECB" => check_ecb(&key, &plain, &cipher, &what),
                // The two longer cases end with a partial block: they are PKCS#7 padded.
                "SM4-CBC" if plain.len() % 16 == 0 => check_cbc(&key, &iv, &plain, &cipher, &what),
                "SM4-CBC" => {
                    let ours = cbc::encrypt_pkcs7(&array(&key), &array(&iv), &plain);
                    assert_eq!(ours, cipher, "{what}");
                    let back = cbc::decrypt_pkcs7(&array(&key), &array(&iv), &cipher);
                    assert_eq!(back.expect("just made").as_slice(), plain, "{what}");
                }
                "SM4-CTR" => check_ctr(&key, &iv, &plain, &cipher, &what),
                "SM4-GCM" => {
                    let sealed = [cipher, octets(&block["Tag"])].concat();
                    let ours = gcm::seal(&array(&key), &iv, &octets(&block["AAD"]), &plain);
                    assert_eq!(ours.expect("short"), sealed, "{what}");
                }
                "SM4-OFB" => check_ofb(&key, &iv, &plain, &cipher, &what),
                "SM4-CFB" => check_cfb(&key, &iv, &plain, &cipher, &what),
                "SM4-CCM" => {
                    let sealed = [cipher, octets(&block["Tag"])].concat();
                    let aad = octets(&block["AAD"]);
                    let ours = ccm::seal(&array(&key), &iv, &aad, &plain).expect("short");
                    assert_eq!(ours, sealed, "{what}");
                    let back = ccm::open(&array(&key), &iv, &aad, &sealed);
                    assert_eq!(back.expect("just made").as_slice(), plain, "{what}");
                }
                "SM4-XTS" => {
                    let standard = match block.get("XTSStandard").map(String::as_str) {
                        None | Some("GB") => Standard::Gbt17964,
                        Some("IEEE") => Standard::Ieee1619,
                        other => unreachable!("an unknown standard: {other:?}"),
                    };
                    check_xts(&key, &iv, &plain, &cipher, standard);
                }
                other => unreachable!("no mode of ours: {other}"),
            }
            seen += 1;
        }
        assert_eq!(seen, 13, "{file}");
    }
}

#[test]
fn ecb_cbc_ctr_of_intel() {
    on_each_backend(|_| check_ecb_cbc_ctr_of_intel());
}

fn check_ecb_cbc_ctr_of_intel() {
    for case in load_json("ipsec-mb/sm4_ecb_test.json").into_iter().flatten() {
        check_ecb(&field(&case, "key"), &field(&case, "msg"), &field(&case, "ct"), &name(&case));
    }
    for case in load_json("ipsec-mb/sm4_cbc_test.json").into_iter().flatten() {
        let [key, iv, plain, cipher] = ["key", "iv", "msg", "ct"].map(|name| field(&case, name));
        check_cbc(&key, &iv, &plain, &cipher, &name(&case));
    }
    for case in load_json("ipsec-mb/sm4_ctr_test.json").into_iter().flatten() {
        let [key, iv, plain, cipher] = ["key", "iv", "msg", "ct"].map(|name| field(&case, name));
        check_ctr(&key, &iv, &plain, &cipher, &name(&case));
    }
}

#[test]
fn blocks_of_botan() {
    on_each_backend(|_| check_blocks_of_botan());
}

fn check_blocks_of_botan() {
    let Some(text) = load_text("botan/sm4.vec") else { return };
    let cases: Vec<_> =
        blocks(&text).into_iter().filter(|block| block.contains_key("Key")).collect();
    assert!(cases.len() > 10);
    for block in cases {
        let [key, plain, cipher] = ["Key", "In", "Out"].map(|name| octets(&block[name]));
        check_ecb(&key, &plain, &cipher, "botan");
        // One by one as well: short and long data take different paths.
        let sm4 = Sm4::new(&array(&key));
        for (plain, cipher) in plain.chunks(16).zip(cipher.chunks(16)) {
            let mut one: [u8; 16] = array(plain);
            sm4.encrypt_block(&mut one);
            assert_eq!(one, cipher);
            sm4.decrypt_block(&mut one);
            assert_eq!(one, plain);
        }
    }
}

#[test]
fn gcm_of_wycheproof_and_intel() {
    on_each_backend(|_| check_gcm_of_wycheproof_and_intel());
}

fn check_gcm_of_wycheproof_and_intel() {
    for file in ["wycheproof/sm4_gcm_test.json", "ipsec-mb/sm4_gcm_test.json"] {
        for case in load_json(file).into_iter().flatten() {
            let [key, iv, aad, plain, cipher, tag] =
                ["key", "iv", "aad", "msg", "ct", "tag"].map(|name| field(&case, name));
            let key = array(&key);
            let opened = gcm::open(&key, &iv, &aad, &[&cipher[..], &tag].concat());
            assert_eq!(opened.is_ok(), is_valid(&case), "{file} {}", name(&case));

            let mut buffer = cipher.clone();
            let in_place = gcm::Gcm::new(&key).open_in_place(&iv, &aad, &mut buffer, &array(&tag));
            if is_valid(&case) {
                assert_eq!(opened.expect("valid").as_slice(), plain);
                assert_eq!(buffer, plain);
                assert_eq!(
                    gcm::seal(&key, &iv, &aad, &plain).expect("short"),
                    [cipher, tag].concat()
                );
            } else {
                assert!(in_place.is_err());
                assert!(buffer.iter().all(|byte| *byte == 0), "wiped: {}", name(&case));
            }
        }
    }
}

#[test]
fn ccm_of_wycheproof() {
    on_each_backend(|_| check_ccm_of_wycheproof());
}

fn check_ccm_of_wycheproof() {
    for case in load_json("wycheproof/sm4_ccm_test.json").into_iter().flatten() {
        match field(&case, "tag").len() {
            4 => check_ccm::<4>(&case),
            6 => check_ccm::<6>(&case),
            8 => check_ccm::<8>(&case),
            10 => check_ccm::<10>(&case),
            12 => check_ccm::<12>(&case),
            14 => check_ccm::<14>(&case),
            16 => check_ccm::<16>(&case),
            // Tags of other lengths do not compile.
            _ => assert!(!is_valid(&case), "{}", name(&case)),
        }
    }
}

fn check_ccm<const TAG: usize>(case: &serde_json::Value) {
    let [key, iv, aad, plain, cipher, tag] =
        ["key", "iv", "aad", "msg", "ct", "tag"].map(|name| field(case, name));
    let ccm = Ccm::<TAG>::new(&array(&key));
    let mut buffer = cipher.clone();
    let opened = ccm.open_in_place(&iv, &aad, &mut buffer, &array(&tag));
    assert_eq!(opened.is_ok(), is_valid(case), "{}", name(case));
    if is_valid(case) {
        assert_eq!(buffer, plain, "{}", name(case));
        let made = ccm.seal_in_place(&iv, &aad, &mut buffer).expect("short");
        assert_eq!((&buffer, &made[..]), (&cipher, &tag[..]), "{}", name(case));
    } else if opened == Err(Error::Decryption) {
        assert!(buffer.iter().all(|byte| *byte == 0), "wiped: {}", name(case));
    } else {
        assert!(matches!(opened, Err(Error::Length { .. })), "{}", name(case));
        assert_eq!(buffer, cipher, "untouched: {}", name(case));
    }
}

/// `openssl mac -cipher SM4-CBC -macopt hexkey:0123456789abcdeffedcba9876543210 CMAC` (3.0.19) over 00 01 02 …
#[test]
fn cmac_of_openssl() {
    let cases = [
        (0, "29e154322e5c7bd8ee6a25ba549b24bc"),
        (1, "837a8fa6afb57e988981e68e7961547f"),
        (15, "675f6907d1c417219180781157293532"),
        (16, "2153e9aa9db68253d06775c03483b3cc"),
        (17, "f2502b5e191ef735da559cc453b68399"),
        (32, "9faa86ca987a5c834083c4b79601e12b"),
        (40, "34556c65e51b9ad747140843d1c2036c"),
        (64, "c7989b593d5cba8d9cb2cedc515b4e88"),
    ];
    let key = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210_u128.to_be_bytes();
    on_each_backend(|_| {
        for (len, expected) in cases {
            let data: Vec<u8> = (0..len).collect();
            // However the data is cut.
            for cut in 0..=data.len() {
                let mut mac = Cmac::new(&key);
                mac.update(&data[..cut]);
                mac.update(&data[cut..]);
                assert!(mac.clone().verify(&[0; 16]).is_err());
                assert_eq!(hex::encode(mac.finalize()), expected, "{len} bytes cut at {cut}");
            }
        }
    });
}
