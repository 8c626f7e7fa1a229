//! Everything that touches a secret, with the secret hidden; and some that leak.

#![expect(clippy::cast_possible_truncation, reason = "seeds")]

use std::{convert::Infallible, hint::black_box};

use yinxin_gm::{
    Digest,
    hmac::{HmacSm3, hmac_sm3},
    kdf, pbkdf2,
    sm2::{
        DEFAULT_ID, MessageDigest, PreparedSigner, PrivateKey,
        exchange::{Initiator, Party, Responder},
        sign_many,
    },
    sm3,
    sm4::{
        Sm4, cbc, ccm, cfb,
        cmac::{Cmac, tag_many},
        ctr, ecb, gcm, ofb, stream,
        xts::{Standard, Xts},
    },
    sm9, zuc,
};

use crate::valgrind::{hide, show};

type Operation = (&'static str, fn());

pub(crate) const ALL: [Operation; 38] = [
    ("SM2 key generation", || drop(PrivateKey::generate(&mut Hidden(1)))),
    ("SM2 key import", || drop(key(2))),
    ("SM2 sign", || {
        key(2).sign(DEFAULT_ID, b"message", &mut Hidden(3)).expect("short id");
    }),
    ("SM2 sign many", sign_eleven),
    ("SM2 prepare nonces, sign with them", || {
        let rng = &mut Hidden(7);
        let mut signer = PreparedSigner::new(key(2), &secret::<9>(1), rng);
        for message in [b"one", b"two"] {
            signer.sign(DEFAULT_ID, message, rng).expect("short id");
        }
    }),
    ("SM2 decrypt", || {
        let key = key(2);
        let sealed = key.public_key().encrypt(&[7; 100], &mut Hidden(4)).expect("not empty");
        show(&sealed.to_c1c3c2());
        key.decrypt(&sealed).expect("its own");
    }),
    ("SM2 encrypt", || {
        key(2).public_key().encrypt(&secret::<77>(9), &mut Hidden(5)).expect("not empty");
    }),
    ("SM2 key exchange", exchange),
    ("SM3", || {
        black_box(sm3::digest(&secret::<200>(1)));
    }),
    ("SM3 of many", || {
        let messages: [[u8; 150]; 40] = std::array::from_fn(|i| secret(i as u8));
        sm3::many(&messages, &mut [Digest::ZERO; 40]);
    }),
    ("HMAC and its check", || {
        black_box(hmac_sm3(&secret::<32>(1), &secret::<99>(2)));
        let _ = HmacSm3::new(&secret::<32>(1)).verify(&[0; 32]);
    }),
    ("KDF", || kdf::derive(&[&secret::<64>(1)], &mut [0; 1500]).expect("short")),
    ("PBKDF2", || {
        let rounds = std::num::NonZeroU32::new(3).expect("three");
        pbkdf2::hmac_sm3(&secret::<9>(1), b"salt", rounds, &mut [0; 40]).expect("short");
    }),
    ("SM4 keys and blocks", || {
        let cipher = Sm4::new(&secret(1));
        let mut block = secret(2);
        cipher.encrypt_block(&mut block);
        cipher.decrypt_block(&mut block);
    }),
    ("SM4-ECB", || {
        let mut data = secret::<2064>(2);
        ecb::encrypt(&secret(1), &mut data).expect("whole");
        ecb::decrypt(&secret(1), &mut data).expect("whole");
    }),
    ("SM4-CTR", || ctr::apply(&secret(1), &[3; 16], &mut secret::<2100>(2))),
    ("SM4-CBC", || {
        let mut data = secret::<2064>(2);
        cbc::encrypt(&secret(1), &[3; 16], &mut data).expect("whole");
        cbc::decrypt(&secret(1), &[3; 16], &mut data).expect("whole");
    }),
    ("SM4-CBC with padding", || {
        let sealed = cbc::encrypt_pkcs7(&secret(1), &[3; 16], &secret::<75>(2));
        cbc::decrypt_pkcs7(&secret(1), &[3; 16], &sealed).expect("just made");
    }),
    ("SM4-CBC, many", || {
        let keys: [Sm4; 20] = std::array::from_fn(|i| Sm4::new(&secret(i as u8)));
        let mut data: [[u8; 96]; 20] = std::array::from_fn(|i| secret(i as u8));
        let messages = keys.iter().zip(&mut data);
        let messages = messages.map(|(key, data)| cbc::Message { key, iv: [3; 16], data });
        cbc::encrypt_many(&mut messages.collect::<Vec<_>>()).expect("whole");
    }),
    ("SM4-OFB, CFB", || {
        let mut data = secret::<100>(2);
        ofb::apply(&secret(1), &[3; 16], &mut data);
        cfb::encrypt(&secret(1), &[3; 16], &mut data);
        cfb::decrypt(&secret(1), &[3; 16], &mut data);
    }),
    ("SM4-XTS", || {
        for standard in [Standard::Ieee1619, Standard::Gbt17964] {
            let xts = Xts::new(&secret(1), standard).expect("two keys");
            let mut data = secret::<2101>(2);
            xts.encrypt(&[3; 16], &mut data).expect("long");
            xts.decrypt(&[3; 16], &mut data).expect("long");
        }
    }),
    ("SM4-GCM and GHASH", || {
        let gcm = gcm::Gcm::new(&secret(1));
        for nonce in [&[3; 12][..], &[3; 40]] {
            let mut data = secret::<1111>(2);
            let tag = gcm.seal_in_place(nonce, b"aad", &mut data).expect("short");
            gcm.open_in_place(nonce, b"aad", &mut data, &tag).expect("just made");
        }
    }),
    ("SM4-GCM, a wrong tag", || {
        let sealed = secret::<160>(2);
        gcm::open(&secret(1), &[3; 12], b"", &sealed).expect_err("nobody's");
    }),
    ("SM4-CCM", || {
        let ccm = ccm::Ccm::<16>::new(&secret(1));
        let mut data = secret::<333>(2);
        let tag = ccm.seal_in_place(&[3; 12], b"aad", &mut data).expect("short");
        ccm.open_in_place(&[3; 12], b"aad", &mut data, &tag).expect("just made");
        ccm.open_in_place(&[3; 12], b"aad", &mut data, &[0; 16]).expect_err("another tag");
    }),
    ("CMAC and its check", || {
        let mut mac = Cmac::new(&secret(1));
        mac.update(&secret::<77>(2));
        mac.verify(&[0; 16]).expect_err("another tag");
    }),
    ("CMAC of many", || {
        let keys: [Sm4; 20] = std::array::from_fn(|i| Sm4::new(&secret(i as u8)));
        let data: [[u8; 96]; 20] = std::array::from_fn(|i| secret(i as u8));
        black_box(tag_many(&keys.iter().zip(data.iter().map(|d| &d[..])).collect::<Vec<_>>()));
    }),
    ("STREAM", || {
        let mut sealer = stream::Sealer::new(&secret(1), &[0; 7]);
        sealer.seal_next(b"", &mut secret::<100>(2)).expect("the first");
    }),
    ("ZUC", || {
        zuc::Zuc::new_128(&secret(1), &[3; 16]).apply(&mut secret::<100>(2));
        zuc::Zuc::new_256(&secret(1), &[3; 23]).apply(&mut secret::<100>(2));
    }),
    ("ZUC's MAC and its check", || {
        let message = secret::<77>(2);
        black_box(zuc::mac256::<16>(&secret(1), &[3; 23], &message));
        zuc::verify_mac256(&secret(1), &[3; 23], &message, &[0; 16]).expect_err("another tag");
    }),
    ("SM9 master keys", || {
        drop(sm9::SigningMasterKey::generate(&mut Hidden(1)));
        drop(sm9::EncryptionMasterKey::generate(&mut Hidden(1)));
    }),
    ("SM9 key extraction", || {
        drop(signing_centre().extract(&sm9::User::signer(b"Alice")).expect("usable"));
        drop(encryption_centre().extract(&sm9::User::recipient(b"Bob")).expect("usable"));
    }),
    ("SM9 key import", import_keys_of_sm9),
    ("SM9 sign", || {
        let key = signing_centre().extract(&sm9::User::signer(b"Alice")).expect("usable");
        key.sign(b"message", &mut Hidden(3)).expect("usable");
    }),
    ("SM9 sign, prepared", || {
        let key = signing_centre().extract(&sm9::User::signer(b"Alice")).expect("usable");
        key.prepare().sign(b"message", &mut Hidden(3)).expect("usable");
    }),
    ("SM9 encapsulate and decapsulate", || {
        let (centre, bob) = (encryption_centre(), sm9::User::recipient(b"Bob"));
        let (_, sent) = centre.public_key().encapsulate(&bob, 32, &mut Hidden(4)).expect("short");
        let key = centre.extract(&bob).expect("usable");
        black_box(key.decapsulate(&sent, 32).expect("not zeros"));
    }),
    ("SM9 encrypt and decrypt", encrypt_with_sm9),
    ("SM9 key exchange", exchange_with_sm9),
    ("a tag that is right", || {
        let tag = hmac_sm3(&secret::<32>(1), b"message").0;
        let mut mac = HmacSm3::new(&secret::<32>(1));
        mac.update(b"message");
        mac.verify(&tag).expect("the same");
    }),
];

/// The harness must see each of these.
pub(crate) const LEAKY: [Operation; 4] = [
    ("leaky: a branch", || {
        if black_box(secret::<1>(1)[0]) & 1 == 1 {
            black_box(1);
        }
    }),
    ("leaky: a table", || {
        let table: [u8; 256] = black_box([7; 256]);
        black_box(table[usize::from(black_box(secret::<1>(1)[0]))]);
    }),
    ("leaky: a comparison that ends early", || {
        let (a, b) = (secret::<16>(1), [1; 16]);
        black_box(black_box(&a[..]) == black_box(&b[..]));
    }),
    ("leaky: SM4 with a table for its S-box", || {
        use sm4::cipher::{BlockCipherEncrypt, KeyInit};
        let mut block = [0; 16].into();
        sm4::Sm4::new(&secret(1).into()).encrypt_block(&mut block);
        black_box(block);
    }),
];

/// Bytes that memcheck takes for undefined.
fn secret<const N: usize>(seed: u8) -> [u8; N] {
    let mut bytes = std::array::from_fn(|i| (i as u8).wrapping_mul(31).wrapping_add(seed) | 1);
    hide(&mut bytes);
    bytes
}

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_bytes(&secret(seed)).expect("in range")
}

fn sign_eleven() {
    let keys: Vec<_> = (0..11).map(key).collect();
    let digests: Vec<_> = keys
        .iter()
        .map(|key| MessageDigest::new(key.public_key(), DEFAULT_ID, b"message").expect("short id"))
        .collect();
    let pairs: Vec<_> = keys.iter().zip(&digests).collect();
    assert!(sign_many(&pairs, &mut Hidden(1)).iter().all(Result::is_ok));
}

fn exchange() {
    let (a, b) = (key(1), key(2));
    let party = |key: &PrivateKey| Party::new(key.public_key(), DEFAULT_ID).expect("short id");
    let (party_a, party_b) = (party(&a), party(&b));
    let initiator = Initiator::new(&a, &party_a, &mut Hidden(3)).expect("its own");
    let responder =
        Responder::new(&b, &party_b, &party_a, initiator.ephemeral(), 16, &mut Hidden(4));
    let responder = responder.expect("finite");
    let confirmation = *responder.confirmation();
    show(&confirmation);
    let finished = initiator.finish(&a, &party_b, responder.ephemeral(), &confirmation, 16);
    let (_, confirmation) = finished.expect("confirmed");
    show(&confirmation);
    responder.finish(&confirmation).expect("confirmed");
}

fn signing_centre() -> sm9::SigningMasterKey {
    sm9::SigningMasterKey::from_bytes(&secret(5)).expect("in range")
}

fn encryption_centre() -> sm9::EncryptionMasterKey {
    sm9::EncryptionMasterKey::from_bytes(&secret(5)).expect("in range")
}

fn import_keys_of_sm9() {
    let (alice, bob) = (sm9::User::signer(b"Alice"), sm9::User::recipient(b"Bob"));
    let centre = signing_centre();
    let mut bytes = *centre.extract(&alice).expect("usable").to_bytes();
    // The first byte is 4 and no secret.
    show(&bytes);
    hide(&mut bytes[1..]);
    sm9::SigningKey::from_bytes(&bytes, centre.public_key(), &alice).expect("hers");
    let centre = encryption_centre();
    let mut bytes = *centre.extract(&bob).expect("usable").to_bytes();
    show(&bytes);
    hide(&mut bytes[1..]);
    sm9::DecryptionKey::from_bytes(&bytes, centre.public_key(), &bob).expect("his");
}

fn encrypt_with_sm9() {
    let (centre, bob) = (encryption_centre(), sm9::User::recipient(b"Bob"));
    let key = centre.extract(&bob).expect("usable");
    let prepared = centre.public_key().clone().prepare();
    for (public, mode) in [
        (centre.public_key(), sm9::Mode::Xor),
        (&prepared, sm9::Mode::Cbc),
        (&prepared, sm9::Mode::Ecb),
        (&prepared, sm9::Mode::Ofb),
        (&prepared, sm9::Mode::Cfb),
    ] {
        let sealed = public.encrypt(&bob, &secret::<77>(9), mode, &mut Hidden(5));
        let sent = sealed.expect("not empty").to_c1c3c2();
        show(&sent);
        let received = sm9::Ciphertext::from_c1c3c2(&sent, mode).expect("in G1");
        key.decrypt(&received).expect("its own");
        let mut wrong = sent;
        wrong[70] ^= 1;
        let received = sm9::Ciphertext::from_c1c3c2(&wrong, mode).expect("in G1");
        key.decrypt(&received).expect_err("another MAC");
    }
}

fn exchange_with_sm9() {
    use sm9::exchange::{Initiator, Responder};
    let centre = encryption_centre();
    let (alice, bob) = (sm9::User::exchanger(b"Alice"), sm9::User::exchanger(b"Bob"));
    let (a, b) = (centre.extract(&alice).expect("usable"), centre.extract(&bob).expect("usable"));
    let initiator = Initiator::new(&a, &bob, &mut Hidden(3)).expect("finite");
    let responder = Responder::new(&b, &alice, initiator.ephemeral(), 16, &mut Hidden(4));
    let responder = responder.expect("finite");
    let confirmation = *responder.confirmation();
    show(&confirmation);
    let finished = initiator.finish(&a, responder.ephemeral(), &confirmation, 16);
    let (_, confirmation) = finished.expect("confirmed");
    show(&confirmation);
    responder.finish(&confirmation).expect("confirmed");
}

/// A generator whose output is secret.
struct Hidden(u8);

impl rand_core::TryRng for Hidden {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0 = self.0.wrapping_add(1);
        out.fill(self.0);
        hide(out);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Hidden {}
