//! sm-crypto.

use sm_crypto::{sm2, sm3, sm4};

use super::{Call, call};

pub fn operation(name: &str, size: usize) -> Option<Call> {
    let data = vec![7; size];
    match name {
        "sm3" => return call(move || sm3::sm3_hash_raw(&data)),
        "sm4_ecb" => return call(move || sm4::CryptSM4ECB::new(&[1; 16]).encrypt_ecb(&data)),
        "sm4_cbc_encrypt" => {
            return call(move || sm4::CryptSM4CBC::new(&[1; 16], &[2; 16]).encrypt_cbc(&data));
        }
        _ => (),
    }
    let (secret, public) = sm2::gen_keypair();
    match name {
        "sm2_sign" => call(move || sm2::Sign::new(&secret).sign(&[7; 64], true)),
        "sm2_verify" => {
            let signature = sm2::Sign::new(&secret).sign(&[7; 64], true);
            call(move || {
                assert!(sm2::Verify::new(&public).verify(&[7; 64], signature.clone(), true))
            })
        }
        "sm2_encrypt" => call(move || sm2::Encrypt::new(&public).encrypt(&[7; 64])),
        "sm2_decrypt" => {
            let sealed = sm2::Encrypt::new(&public).encrypt(&[7; 64]);
            call(move || sm2::Decrypt::new(&secret).decrypt(&sealed))
        }
        _ => None,
    }
}
