//! libsm.

use libsm::{
    sm2::{
        encrypt::{DecryptCtx, EncryptCtx},
        signature::SigCtx,
    },
    sm3::hash::Sm3Hash,
    sm4::{Cipher, Mode},
};

use super::{Call, call};

pub fn operation(name: &str, size: usize) -> Option<Call> {
    let context = SigCtx::new();
    let data = vec![7; size];
    let cipher = |mode| {
        let cipher = Cipher::new(&[1; 16], mode).expect("a key");
        let data = vec![7; size];
        call(move || cipher.encrypt(&[], &data, &[2; 16]).expect("an IV"))
    };
    let (public, secret) = context.new_keypair().expect("a pair");
    match name {
        "sm2_sign" => call(move || context.sign(&[7; 64], &secret, &public).expect("a signature")),
        "sm2_verify" => {
            let signature = context.sign(&[7; 64], &secret, &public).expect("a signature");
            call(move || assert!(context.verify(&[7; 64], &public, &signature).expect("read")))
        }
        "sm2_encrypt" => {
            let context = EncryptCtx::new(64, public);
            call(move || context.encrypt(&[7; 64]).expect("sealed"))
        }
        "sm2_decrypt" => {
            let sealed = EncryptCtx::new(64, public).encrypt(&[7; 64]).expect("sealed");
            let context = DecryptCtx::new(64, secret);
            call(move || context.decrypt(&sealed).expect("just made"))
        }
        "sm3" => call(move || Sm3Hash::new(&data).get_hash()),
        "sm4_ctr" => cipher(Mode::Ctr),
        "sm4_cbc_encrypt" => cipher(Mode::Cbc),
        "sm4_gcm" => cipher(Mode::Gcm),
        _ => None,
    }
}
