use yinxin_gm::sm4::{Sm4, cbc, ctr, ecb, gcm};

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
                // OFB, CFB, CCM and XTS are not offered.
                _ => continue,
            }
            seen += 1;
        }
        assert_eq!(seen, 6, "{file}");
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
