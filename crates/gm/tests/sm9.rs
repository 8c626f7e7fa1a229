//! SM9 from outside: what is made is taken, what is changed is not, and what is encoded wrongly is refused for its reason.

#![allow(clippy::panic, reason = "a test says what went wrong by panicking")]

use rand_core::UnwrapErr;
use serde_json::Value;
use yinxin_gm::{
    Error,
    sm9::{
        Ciphertext, DecryptionKey, Encapsulation, EncryptionMasterKey, EncryptionMasterPublicKey,
        Mode, Signature, SigningKey, SigningMasterKey, SigningMasterPublicKey, User,
    },
};

const MODES: [Mode; 5] = [Mode::Xor, Mode::Ecb, Mode::Cbc, Mode::Ofb, Mode::Cfb];

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// Reads, and writes back.
fn read(what: &str, der: &[u8]) -> Result<Vec<u8>, Error> {
    match what {
        "signature" => Signature::from_der(der).map(|value| value.to_der()),
        "signing master" => SigningMasterPublicKey::from_der(der).map(|value| value.to_der()),
        "encryption master" => EncryptionMasterPublicKey::from_der(der).map(|value| value.to_der()),
        "encapsulation" => Encapsulation::from_der(der).map(|value| value.to_der()),
        "ciphertext" => Ciphertext::from_der(der).map(|value| value.to_der()),
        "signing master key" => {
            SigningMasterKey::from_der(der).map(|value| value.to_der().to_vec())
        }
        "encryption master key" => {
            EncryptionMasterKey::from_der(der).map(|value| value.to_der().to_vec())
        }
        _ => panic!("{what}"),
    }
}

#[test]
fn wrong_encodings_are_refused_for_their_reason() {
    let text = include_str!("../../../vectors/gm/sm9-encodings.json");
    let cases: Vec<Value> = serde_json::from_str(text).expect("JSON");
    let text = |case: &Value, name: &str| case[name].as_str().expect("a string").to_owned();
    for case in &cases {
        let (what, why, error) = (text(case, "what"), text(case, "why"), text(case, "error"));
        let der = hex::decode(text(case, "der")).expect("hexadecimal");
        let name = match read(&what, &der) {
            Ok(written) => {
                assert_eq!(written, der, "{what}: {why}");
                ""
            }
            Err(Error::Encoding { .. }) => "Encoding",
            Err(Error::NotInGroup { .. }) => "NotInGroup",
            Err(Error::OutOfRange { .. }) => "OutOfRange",
            Err(other) => panic!("{what}: {why}: {other}"),
        };
        assert_eq!(name, error, "{what}: {why}");
    }
    assert!(cases.len() > 60);
}

#[test]
fn a_signature_is_of_one_user_hid_message_and_centre() {
    let (centre, other) =
        (SigningMasterKey::generate(&mut rng()), SigningMasterKey::generate(&mut rng()));
    let public = centre.public_key();
    let alice = User::signer(b"Alice");
    let key = centre.extract(&alice).expect("usable");
    for (key, message) in [(key.clone(), &b""[..]), (key.prepare(), &[7; 1000])] {
        let signature = key.sign(message, &mut rng()).expect("usable");
        assert_eq!(public.verify(&alice, message, &signature), Ok(()));
        let raw = signature.to_raw();
        assert_eq!(Signature::from_raw(&raw), Ok(signature));
        for (public, user, message, signature) in [
            (public, User::signer(b"alice"), message, signature),
            (public, User::signer(b""), message, signature),
            (public, User::with_hid(b"Alice", 2), message, signature),
            // The identity and hid do not run into each other.
            (public, User::with_hid(b"Alice\x01", 1), message, signature),
            (public, alice, b"another", signature),
            (other.public_key(), alice, message, signature),
            (public, alice, message, changed_h(&raw)),
            (public, alice, message, negative_s(&raw)),
        ] {
            assert_eq!(public.verify(&user, message, &signature), Err(Error::Signature));
        }
        // Two signatures of one message have different nonces.
        assert_ne!(key.sign(message, &mut rng()), Ok(signature));
    }
}

fn changed_h(raw: &[u8; 96]) -> Signature {
    let mut raw = *raw;
    raw[31] ^= 1;
    Signature::from_raw(&raw).expect("in range but once in 2²⁵⁵")
}

fn negative_s(raw: &[u8; 96]) -> Signature {
    let p = hex::decode("b640000002a3a6f1d603ab4ff58ec74521f2934b1a7aeedbe56f9b27e351457d");
    let mut raw = *raw;
    let mut borrow = false;
    for (byte, p) in raw[64..].iter_mut().zip(&p.expect("hexadecimal")).rev() {
        (*byte, borrow) = p.borrowing_sub(*byte, borrow);
    }
    Signature::from_raw(&raw).expect("on the curve too")
}

/// S = −h·P1 makes one of the two pairings that verification multiplies that of infinity.
#[test]
fn a_pairing_of_infinity_is_no_signature() {
    let centre = SigningMasterKey::from_bytes(&[9; 32]).expect("in range");
    let user = User::signer(b"Alice");
    // h = 1, S = −P1.
    let mut raw = [0; 96];
    raw[31] = 1;
    let p1 = "93de051d62bf718ff5ed0704487d01d6e1e4086909dc3280e8c4e4817c66dddd21fe8dda4f21e607631065125c395bbc1c1c00cbfa6024350c464cd70a3ea616";
    raw[32..].copy_from_slice(&hex::decode(p1).expect("hexadecimal"));
    let positive = Signature::from_raw(&raw).expect("in range");
    for signature in [positive, negative_s(&raw)] {
        assert_eq!(centre.public_key().verify(&user, b"m", &signature), Err(Error::Signature));
    }
}

#[test]
fn every_mode_opens_what_it_sealed_and_nothing_else() {
    let centre = EncryptionMasterKey::generate(&mut rng());
    let (bob, eve) = (User::recipient(b"Bob"), User::recipient(b"Eve"));
    let key = centre.extract(&bob).expect("usable");
    let others =
        [eve, User::with_hid(b"Bob", 1)].map(|user| centre.extract(&user).expect("usable"));
    let prepared = centre.public_key().clone().prepare();
    for mode in MODES {
        for len in [1, 15, 16, 17, 100] {
            let message: Vec<u8> = (0..len).collect();
            let public = if len % 2 == 0 { centre.public_key() } else { &prepared };
            let sealed = public.encrypt(&bob, &message, mode, &mut rng()).expect("not empty");
            assert_eq!(Ciphertext::from_der(&sealed.to_der()).as_ref(), Ok(&sealed));
            assert_eq!(Ciphertext::from_c1c3c2(&sealed.to_c1c3c2(), mode).as_ref(), Ok(&sealed));
            assert_eq!(key.decrypt(&sealed).expect("its own").as_slice(), message, "{mode:?}");
            for other in &others {
                assert_eq!(other.decrypt(&sealed), Err(Error::Decryption));
            }
        }
        let sealed = centre.public_key().encrypt(&bob, &[5; 40], mode, &mut rng());
        let sealed = sealed.expect("not empty").to_c1c3c2();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            match Ciphertext::from_c1c3c2(&changed, mode) {
                Ok(changed) => assert_eq!(key.decrypt(&changed), Err(Error::Decryption), "{at}"),
                Err(error) => {
                    assert_eq!((error, at < 64), (Error::NotInGroup { group: "G1" }, true))
                }
            }
            // Cut, it has no good length, or another MAC.
            if let Ok(cut) = Ciphertext::from_c1c3c2(&sealed[..at], mode) {
                assert_eq!(key.decrypt(&cut), Err(Error::Decryption), "{at}");
            }
        }
        // Under another mode's name.
        for other in MODES.into_iter().filter(|other| *other != mode) {
            if let Ok(ciphertext) = Ciphertext::from_c1c3c2(&sealed, other) {
                assert_ne!(key.decrypt(&ciphertext).map(|m| m.to_vec()), Ok(vec![5; 40]));
            }
        }
    }
    let empty = centre.public_key().encrypt(&bob, b"", Mode::Cbc, &mut rng());
    assert_eq!(empty, Err(Error::EmptyMessage));
}

#[test]
fn an_encapsulated_key_is_its_users() {
    let centre = EncryptionMasterKey::generate(&mut rng());
    let (bob, eve) = (User::recipient(b"Bob"), User::recipient(b"Eve"));
    let [key, other] = [bob, eve].map(|user| centre.extract(&user).expect("usable"));
    for public in [centre.public_key().clone(), centre.public_key().clone().prepare()] {
        for len in [1, 32, 100] {
            let made = public.encapsulate(&bob, len, &mut rng()).expect("short");
            let (shared, encapsulation) = made;
            let received = Encapsulation::from_der(&encapsulation.to_der()).expect("in G1");
            assert_eq!(key.decapsulate(&received, len).expect("not zeros"), shared);
            if len > 1 {
                assert_ne!(other.decapsulate(&received, len).expect("not zeros"), shared);
            }
        }
    }
    assert_eq!(centre.public_key().encapsulate(&bob, 0, &mut rng()), Err(Error::EmptyMessage));
    let (_, encapsulation) = centre.public_key().encapsulate(&bob, 1, &mut rng()).expect("short");
    assert_eq!(key.decapsulate(&encapsulation, 0), Err(Error::Decryption));
}

#[test]
fn a_key_file_is_its_users() {
    let (signing, encryption) =
        (SigningMasterKey::generate(&mut rng()), EncryptionMasterKey::generate(&mut rng()));
    let (alice, bob) = (User::signer(b"Alice"), User::signer(b"Bob"));
    let key = signing.extract(&alice).expect("usable");
    let public = signing.public_key();
    let read = SigningKey::from_der(&key.to_der(), public, &alice).expect("hers");
    assert_eq!(read.to_bytes(), key.to_bytes());
    assert!(matches!(SigningKey::from_der(&key.to_der(), public, &bob), Err(Error::KeyMismatch)));
    let bytes = &key.to_bytes()[..];
    assert!(SigningKey::from_bytes(bytes, public, &alice).is_ok());
    assert!(matches!(
        SigningKey::from_bytes(&bytes[1..], public, &alice),
        Err(Error::Encoding { .. })
    ));

    let key = encryption.extract(&alice).expect("usable");
    let public = encryption.public_key();
    let read = DecryptionKey::from_der(&key.to_der(), public, &alice).expect("hers");
    assert_eq!(read.to_bytes(), key.to_bytes());
    assert!(matches!(
        DecryptionKey::from_der(&key.to_der(), public, &bob),
        Err(Error::KeyMismatch)
    ));
    let mut wrong = *key.to_bytes();
    assert!(DecryptionKey::from_bytes(&wrong, public, &alice).is_ok());
    wrong[128] ^= 1;
    assert!(matches!(
        DecryptionKey::from_bytes(&wrong, public, &alice),
        Err(Error::NotInGroup { group: "G2" })
    ));

    let [again] = [SigningMasterKey::from_der(&signing.to_der()).expect("in range")];
    assert_eq!(again.public_key(), signing.public_key());
    assert_eq!(*again.to_bytes(), *signing.to_bytes());
    let again = EncryptionMasterKey::from_der(&encryption.to_der()).expect("in range");
    assert_eq!(again.public_key(), public);
}

#[test]
fn printing_shows_no_secret() {
    let centre = SigningMasterKey::from_bytes(&[0x17; 32]).expect("in range");
    let key = centre.extract(&User::signer(b"Alice")).expect("usable");
    assert!(!format!("{centre:?}").contains("1717"));
    assert!(!format!("{key:?}").contains(&hex::encode(&key.to_bytes()[1..33])));
    let centre = EncryptionMasterKey::from_bytes(&[0x17; 32]).expect("in range");
    let key = centre.extract(&User::recipient(b"Alice")).expect("usable");
    assert!(!format!("{centre:?}").contains("1717"));
    assert!(!format!("{key:?}").contains(&hex::encode(&key.to_bytes()[1..33])));
}
