//! On random input we say what the RustCrypto crates say, in both directions.

use proptest::prelude::*;
use rand_core::UnwrapErr;
use sm2::{
    dsa::signature::{RandomizedSigner, Verifier},
    pke,
};
use sm3::Digest as _;
use sm4::cipher::{BlockCipherEncrypt, KeyInit};
use yinxin_gm::{
    sm2::{Ciphertext, PrivateKey, PublicKey, Signature},
    sm3 as our_sm3,
    sm4::{Sm4, ctr},
};

type Rng = UnwrapErr<getrandom::SysRng>;

fn rng() -> Rng {
    UnwrapErr(getrandom::SysRng)
}

/// Random keys, and keys whose windows are all ones, all zeros or at their borders.
fn key_bytes() -> impl Strategy<Value = [u8; 32]> {
    let pattern = prop::sample::select(vec![
        0x00, 0x01, 0x0f, 0x10, 0x42, 0x7f, 0x80, 0x84, 0xef, 0xf7, 0xff,
    ]);
    let edge = (0..32_usize, pattern, any::<u8>(), 1_u8..).prop_map(|(at, fill, other, last)| {
        let mut bytes = [fill; 32];
        bytes[at] = other;
        bytes[0] &= 0x7f;
        bytes[31] = last;
        bytes
    });
    let random =
        any::<[u8; 32]>().prop_filter("below n", |bytes| PrivateKey::from_bytes(bytes).is_ok());
    prop_oneof![edge, random]
}

proptest! {
    #[test]
    fn sm3_of_anything(data in prop::collection::vec(any::<u8>(), 0..1000)) {
        prop_assert_eq!(our_sm3::digest(&data).as_bytes().to_vec(), sm3::Sm3::digest(&data).to_vec());
    }

    #[test]
    fn sm4_of_any_number_of_blocks(key: [u8; 16], blocks in prop::collection::vec(any::<[u8; 16]>(), 1..200)) {
        let ours = Sm4::new(&key);
        let mut data = blocks.clone();
        ours.encrypt_blocks(&mut data);
        let theirs = sm4::Sm4::new(&key.into());
        for (ours, plain) in data.iter().zip(&blocks) {
            let mut block = (*plain).into();
            theirs.encrypt_block(&mut block);
            prop_assert_eq!(&ours[..], &block[..]);
        }
        ours.decrypt_blocks(&mut data);
        prop_assert_eq!(data, blocks);
    }

    #[test]
    fn ctr_counts_over_every_carry(key: [u8; 16], low: u16, len in 0_usize..3000) {
        let counter = u128::MAX - u128::from(low % 200);
        let mut data = vec![0; len];
        ctr::apply(&key, &counter.to_be_bytes(), &mut data);
        let theirs = sm4::Sm4::new(&key.into());
        for (i, chunk) in (0_u128..).zip(data.chunks(16)) {
            let mut block = sm4::cipher::Block::<sm4::Sm4>::from(counter.wrapping_add(i).to_be_bytes());
            theirs.encrypt_block(&mut block);
            prop_assert_eq!(chunk, &block[..chunk.len()]);
        }
    }

    #[test]
    fn public_keys_are_theirs(bytes in key_bytes()) {
        let ours = PrivateKey::from_bytes(&bytes).expect("in range");
        let secret = sm2::SecretKey::from_slice(&bytes).expect("in range");
        let theirs = secret.public_key();
        prop_assert_eq!(&ours.public_key().to_sec1()[..], &theirs.to_sec1_bytes()[..]);
    }

    #[test]
    fn signatures_verify_both_ways(
        bytes in key_bytes(),
        id in "[ -~]{0,40}",
        message in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let ours = PrivateKey::from_bytes(&bytes).expect("in range");
        let secret = sm2::SecretKey::from_slice(&bytes).expect("in range");
        let theirs = sm2::dsa::SigningKey::new(&id, &secret).expect("short id");

        let signature = ours.sign(id.as_bytes(), &message, &mut rng()).expect("short id");
        let read = sm2::dsa::Signature::from_bytes(&signature.to_raw().into()).expect("in range");
        prop_assert!(theirs.verifying_key().verify(&message, &read).is_ok());

        let signature = theirs.sign_with_rng(&mut rng(), &message);
        let read = Signature::from_raw(&signature.to_bytes().into()).expect("in range");
        prop_assert_eq!(ours.public_key().verify(id.as_bytes(), &message, &read), Ok(()));
        let changed = [&message[..], b"x"].concat();
        prop_assert!(ours.public_key().verify(id.as_bytes(), &changed, &read).is_err());
    }

    #[test]
    fn ciphertexts_decrypt_both_ways(
        bytes in key_bytes(),
        message in prop::collection::vec(any::<u8>(), 5..200),
    ) {
        let ours = PrivateKey::from_bytes(&bytes).expect("in range");
        let secret = sm2::SecretKey::from_slice(&bytes).expect("in range");
        let theirs = pke::DecryptingKey::new(secret);

        let ciphertext = ours.public_key().encrypt(&message, &mut rng()).expect("not empty");
        prop_assert_eq!(&theirs.decrypt(&ciphertext.to_c1c3c2()).expect("ours is good"), &message);

        let ciphertext = theirs.encrypting_key().encrypt(&mut rng(), &message).expect("not empty");
        let read = Ciphertext::from_c1c3c2(&ciphertext).expect("theirs is good");
        let plain = ours.decrypt(&read).expect("theirs is good");
        prop_assert_eq!(plain.as_slice(), &message);
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = PublicKey::from_sec1(&bytes);
        let _ = PrivateKey::from_pkcs8_der(&bytes);
        let _ = PrivateKey::from_sec1_der(&bytes);
        let _ = Signature::from_der(&bytes);
        let _ = Ciphertext::from_der(&bytes);
        let _ = Ciphertext::from_c1c3c2(&bytes);
        let _ = Ciphertext::from_c1c2c3(&bytes);
    }
}
