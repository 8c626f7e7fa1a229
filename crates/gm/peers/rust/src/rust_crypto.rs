//! RustCrypto's crates.

use cbc::cipher::{
    Block, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, StreamCipher,
};
use sm2::dsa::signature::{RandomizedSigner, Verifier};
use sm3::Digest;

use super::{Call, call};

type Rng = rand_core::UnwrapErr<getrandom::SysRng>;

pub fn operation(name: &str, size: usize) -> Option<Call> {
    let mut rng: Rng = rand_core::UnwrapErr(getrandom::SysRng);
    let secret = sm2::SecretKey::from_slice(&[0x17; 32]).expect("in range");
    let signer = sm2::dsa::SigningKey::new("1234567812345678", &secret).expect("short");
    let (key, iv) = ([1; 16].into(), [2; 16].into());
    let mut data = vec![7; size];
    match name {
        "sm2_sign" => call(move || signer.sign_with_rng(&mut rng, &[7; 64])),
        "sm2_verify" => {
            let signature: sm2::dsa::Signature = signer.sign_with_rng(&mut rng, &[7; 64]);
            let key = *signer.verifying_key().as_affine();
            let key =
                sm2::dsa::VerifyingKey::from_affine("1234567812345678", key).expect("a point");
            call(move || key.verify(&[7; 64], &signature).expect("just made"))
        }
        "sm2_encrypt" => {
            let key = sm2::pke::EncryptingKey::new(secret.public_key());
            call(move || key.encrypt(&mut rng, &[7; 64]))
        }
        "sm2_decrypt" => {
            let sealed =
                sm2::pke::EncryptingKey::new(secret.public_key()).encrypt(&mut rng, &[7; 64]);
            let (key, sealed) = (sm2::pke::DecryptingKey::new(secret), sealed.expect("not empty"));
            call(move || key.decrypt(&sealed).expect("just made"))
        }
        "sm3" => call(move || sm3::Sm3::digest(&data)),
        "sm4_ecb" => {
            let cipher = sm4::Sm4::new(&key);
            let mut blocks = vec![Block::<sm4::Sm4>::default(); size / 16];
            call(move || cipher.encrypt_blocks(&mut blocks))
        }
        "sm4_ctr" => {
            call(move || ctr::Ctr128BE::<sm4::Sm4>::new(&key, &iv).apply_keystream(&mut data))
        }
        "sm4_cbc_encrypt" => {
            let mut blocks = vec![Block::<sm4::Sm4>::default(); size / 16];
            call(move || cbc::Encryptor::<sm4::Sm4>::new(&key, &iv).encrypt_blocks(&mut blocks))
        }
        "sm4_cbc_decrypt" => {
            let mut blocks = vec![Block::<sm4::Sm4>::default(); size / 16];
            call(move || cbc::Decryptor::<sm4::Sm4>::new(&key, &iv).decrypt_blocks(&mut blocks))
        }
        _ => None,
    }
}
