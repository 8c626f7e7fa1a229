//! Generic code of RustCrypto takes our types and computes with them what it computes with its own.

use aead::{AeadInOut, Nonce};
use cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use digest::{Digest, FixedOutputReset};
use rand_core::UnwrapErr;
use signature::{RandomizedSigner, SignatureEncoding, Verifier};
use yinxin_gm::{
    sm2::{DEFAULT_ID, PrivateKey, Signature},
    sm4::gcm::{self, Gcm},
};

fn data(len: usize) -> Vec<u8> {
    (0..len).map(|i| u8::try_from(i * 7 % 251).expect("below 251")).collect()
}

/// In two pieces, once and again after a reset.
fn hashed<D: Digest + FixedOutputReset>(data: &[u8]) -> [Vec<u8>; 2] {
    let mut hash = D::new();
    let (head, tail) = data.split_at(data.len() / 3);
    Digest::update(&mut hash, b"forgotten");
    Digest::reset(&mut hash);
    Digest::update(&mut hash, head);
    Digest::update(&mut hash, tail);
    [hash.finalize_reset().to_vec(), hash.finalize().to_vec()]
}

#[test]
fn sm3_is_a_digest() {
    for len in [0, 1, 63, 64, 65, 1000] {
        let data = data(len);
        assert_eq!(hashed::<yinxin_gm::sm3::Sm3>(&data), hashed::<sm3::Sm3>(&data), "{len} bytes");
    }
}

/// Many blocks at once, and back.
fn encrypted<C: BlockCipherEncrypt + BlockCipherDecrypt + KeyInit>(count: usize) -> Vec<Vec<u8>> {
    let cipher = C::new_from_slice(&[7; 16]).expect("sixteen bytes");
    let bytes = data(C::block_size() * count);
    let plain: Vec<_> = bytes
        .chunks(C::block_size())
        .map(|block| cipher::Block::<C>::try_from(block).expect("a block"))
        .collect();
    let mut blocks = plain.clone();
    cipher.encrypt_blocks(&mut blocks);
    let out = blocks.iter().map(|block| block.to_vec()).collect();
    cipher.decrypt_blocks(&mut blocks);
    assert_eq!(blocks, plain);
    out
}

#[test]
fn sm4_is_a_block_cipher() {
    for count in [1, 2, 63, 64, 65, 200] {
        let ours = encrypted::<yinxin_gm::sm4::Sm4>(count);
        assert_eq!(ours, encrypted::<sm4::Sm4>(count), "{count} blocks");
    }
}

#[test]
fn sm4_gcm_is_an_aead() {
    fn sealed<A: AeadInOut + KeyInit>(aad: &[u8], data: &[u8]) -> Vec<u8> {
        let aead = A::new_from_slice(&[7; 16]).expect("sixteen bytes");
        let nonce = Nonce::<A>::try_from(&[9; 12][..]).expect("twelve bytes");
        let mut buffer = data.to_vec();
        let tag = aead.encrypt_inout_detached(&nonce, aad, buffer[..].as_mut().into());
        let tag = tag.expect("short");
        let sealed = [&buffer, &tag[..]].concat();
        let opened = aead.decrypt_inout_detached(&nonce, aad, buffer[..].as_mut().into(), &tag);
        assert_eq!((opened, &buffer[..]), (Ok(()), data));
        let mut wrong = tag.clone();
        wrong[0] ^= 1;
        let refused = aead.decrypt_inout_detached(&nonce, aad, buffer[..].as_mut().into(), &wrong);
        assert!(refused.is_err() && buffer.iter().all(|&byte| byte == 0));
        sealed
    }
    for len in [0, 1, 16, 1000] {
        let data = data(len);
        let direct = gcm::seal(&[7; 16], &[9; 12], b"header", &data).expect("short");
        assert_eq!(sealed::<Gcm>(b"header", &data), direct, "{len} bytes");
    }
}

/// Signs through one trait and verifies through the other.
fn signs<S: SignatureEncoding>(signer: &impl RandomizedSigner<S>, verifier: &impl Verifier<S>) {
    let signature = signer.sign_with_rng(&mut UnwrapErr(getrandom::SysRng), b"a licence");
    let read = S::try_from(signature.to_bytes().as_ref()).unwrap_or(signature);
    assert!(verifier.verify(b"a licence", &read).is_ok());
    assert!(verifier.verify(b"another", &read).is_err());
}

#[test]
fn sm2_signs_and_verifies_and_rustcryptos_agrees() {
    let ours = PrivateKey::from_bytes(&[0x17; 32]).expect("in range");
    signs::<Signature>(&ours, ours.public_key());
    let secret = sm2::SecretKey::from_slice(&[0x17; 32]).expect("in range");
    let id = str::from_utf8(DEFAULT_ID).expect("digits");
    let theirs = sm2::dsa::SigningKey::new(id, &secret).expect("short id");
    signs(&theirs, theirs.verifying_key());
    let signature: Signature = ours.sign_with_rng(&mut UnwrapErr(getrandom::SysRng), b"a licence");
    let read = sm2::dsa::Signature::try_from(&signature.to_raw()[..]).expect("in range");
    assert!(theirs.verifying_key().verify(b"a licence", &read).is_ok());
    assert!(Signature::try_from(&signature.to_raw()[..63]).is_err());
}
