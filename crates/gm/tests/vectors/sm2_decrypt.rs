use yinxin_gm::{
    Error,
    sm2::{Ciphertext, PrivateKey},
};

use crate::support::{array, blocks, field, is_valid, load_json, load_text, name, octets};

#[test]
pub(crate) fn each_generated_ciphertext_gets_its_verdict() {
    for case in load_json("generated/sm2_decrypt_neg.json").into_iter().flatten() {
        let key = PrivateKey::from_bytes(&array(&field(&case, "privateKey"))).expect("in range");
        let bytes = field(&case, "ct");
        let parsed = match case["format"].as_str() {
            Some("ASN1") => Ciphertext::from_der(&bytes),
            Some("C1C3C2") => Ciphertext::from_c1c3c2(&bytes),
            other => panic!("unknown format {other:?}"),
        };
        let verdict = parsed.and_then(|ciphertext| key.decrypt(&ciphertext));
        assert_eq!(verdict.is_ok(), is_valid(&case), "{}: {verdict:?}", name(&case));
        if let Ok(message) = verdict {
            assert_eq!(message.as_slice(), field(&case, "msg"));
        }
    }
}

#[test]
pub(crate) fn messages_of_openssl_decrypt() {
    for file in ["openssl/evppkey_sm2_verify.txt", "openssl-tongsuo/evppkey_sm2.txt"] {
        let Some(text) = load_text(file) else { continue };
        let d = octets("d09156733017bdad809fd9bbd8c693f60230593169b6f94aaf1c8ee138cc99b5");
        let key = PrivateKey::from_bytes(&array(&d)).expect("in range");
        let mut seen = 0;
        for block in blocks(&text).into_iter().filter(|block| block.contains_key("Decrypt")) {
            // The one case with a Result asks for a KDF over SHAKE128, which has no meaning here.
            if block.contains_key("Result") {
                continue;
            }
            let ciphertext = Ciphertext::from_der(&octets(&block["Input"])).expect("strict DER");
            let message = key.decrypt(&ciphertext).expect("decrypts");
            assert_eq!(message.as_slice(), octets(&block["Output"]));
            seen += 1;
        }
        assert!(seen >= 1, "{file}");
    }
}

#[test]
pub(crate) fn invalid_ciphertexts_of_botan_are_refused() {
    let Some(text) = load_text("botan/sm2_invalid.vec") else { return };
    let mut key = None;
    let mut seen = 0;
    for block in blocks(&text) {
        if let Some(d) = block.get("Key") {
            key = Some(PrivateKey::from_bytes(&array(&octets(d))).expect("in range"));
        }
        let (Some(ciphertext), Some(key)) = (block.get("Ctext"), &key) else { continue };
        let verdict = Ciphertext::from_der(&octets(ciphertext))
            .and_then(|ciphertext| key.decrypt(&ciphertext));
        assert!(verdict.is_err(), "{ciphertext}");
        seen += 1;
    }
    assert_eq!(seen, 16);
}

#[test]
pub(crate) fn each_encoding_reads_only_what_it_wrote() {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let key = PrivateKey::generate(rng);
    for len in [1, 31, 32, 33, 127, 128, 1000, 70_000] {
        let message: Vec<u8> = (0..len).map(|i| u8::try_from(i % 256).expect("a byte")).collect();
        let ciphertext = key.public_key().encrypt(&message, rng).expect("not empty");
        let [c1c3c2, c1c2c3, der] =
            [ciphertext.to_c1c3c2(), ciphertext.to_c1c2c3(), ciphertext.to_der()];
        assert_eq!(Ciphertext::from_c1c3c2(&c1c3c2).as_ref(), Ok(&ciphertext));
        assert_eq!(Ciphertext::from_c1c2c3(&c1c2c3).as_ref(), Ok(&ciphertext));
        assert_eq!(Ciphertext::from_der(&der).as_ref(), Ok(&ciphertext));
        assert_eq!(key.decrypt(&ciphertext).expect("ours").as_slice(), message);
        let swapped =
            Ciphertext::from_c1c2c3(&c1c3c2).and_then(|ciphertext| key.decrypt(&ciphertext));
        assert_eq!(swapped.err(), Some(Error::Decryption));
        assert!(Ciphertext::from_der(&c1c3c2).is_err());
        assert!(Ciphertext::from_c1c3c2(&der).is_err());
    }
    assert_eq!(key.public_key().encrypt(b"", rng), Err(Error::EmptyMessage));
}
