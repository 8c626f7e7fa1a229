//! The standard's examples, which fix the nonces: GM/T 0044.5-2016 annexes A to D.

use alloc::vec::Vec;

use serde_json::Value;

use super::{
    Ciphertext, Encapsulation, EncryptionMasterKey, Mode, Signature, SigningMasterKey, User,
    exchange::{Initiator, Responder},
    signature,
};
use crate::backend::{Backend, current, force, sm9::Scalar};

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("hexadecimal")
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().expect("the length")
}

fn scalar(value: &Value) -> Scalar {
    Scalar::from_bytes(&array(value)).expect("in range")
}

fn hid(case: &Value) -> u8 {
    case["hid"].as_u64().and_then(|hid| u8::try_from(hid).ok()).expect("a byte")
}

fn encryption_master(case: &Value) -> EncryptionMasterKey {
    let centre = EncryptionMasterKey::from_bytes(&array(&case["ke"])).expect("in range");
    assert_eq!(centre.public_key().to_bytes(), array(&case["ppub"]));
    centre
}

fn signature_example(case: &Value) {
    let centre = SigningMasterKey::from_bytes(&array(&case["ks"])).expect("in range");
    assert_eq!(centre.public_key().to_bytes(), array(&case["ppub"]));
    let id = bytes(&case["id"]);
    let alice = User::with_hid(&id, hid(case));
    assert_eq!(alice, User::signer(&id));
    let key = centre.extract(&alice).expect("usable");
    assert_eq!(*key.to_bytes(), array(&case["ds"]));
    let (message, r) = (bytes(&case["message"]), scalar(&case["r"]));
    let expected = [bytes(&case["h"]), bytes(&case["s"])].concat();
    let prepared = key.clone().prepare();
    for key in [key, prepared] {
        let made = key.sign_with(&signature::begun(&message), &r).expect("a usable nonce");
        assert_eq!(made.to_raw()[..], expected);
    }
    let signature = Signature::from_raw(&expected.try_into().expect("96")).expect("in range");
    assert_eq!(centre.public_key().verify(&alice, &message, &signature), Ok(()));
}

fn exchange_example(case: &Value) {
    let centre = encryption_master(case);
    let (a, b) = (bytes(&case["idA"]), bytes(&case["idB"]));
    let (alice, bob) = (User::with_hid(&a, hid(case)), User::with_hid(&b, hid(case)));
    assert_eq!(alice, User::exchanger(&a));
    let [key_a, key_b] = [alice, bob].map(|user| centre.extract(&user).expect("usable"));

    let r_a = zeroize::Zeroizing::new(scalar(&case["rA"]));
    let initiator = Initiator::with(&key_a, &bob, r_a).expect("finite");
    assert_eq!(initiator.ephemeral().to_bytes(), array(&case["RA"]));
    let r_b = scalar(&case["rB"]);
    let responder = Responder::with(&key_b, &alice, initiator.ephemeral(), 16, &r_b);
    let responder = responder.expect("short").expect("finite");
    assert_eq!(responder.confirmation(), &array(&case["SB"]));
    let (key, s_a) = initiator
        .finish(&key_a, responder.ephemeral(), responder.confirmation(), 16)
        .expect("S_B is right");
    assert_eq!(s_a, array(&case["SA"]));
    assert_eq!(key[..], bytes(&case["key"]));
    assert_eq!(responder.finish(&s_a).expect("S_A is right"), key);
}

fn encryption_examples(kem: &Value, pke: &Value) {
    let centre = encryption_master(kem);
    let id = bytes(&kem["id"]);
    let bob = User::with_hid(&id, hid(kem));
    assert_eq!(bob, User::recipient(&id));
    let key = centre.extract(&bob).expect("usable");
    assert_eq!(*key.to_bytes(), array(&kem["de"]));

    let shared = bytes(&kem["key"]);
    let message = bytes(&pke["message"]);
    let modes = [(Mode::Xor, bytes(&pke["xor"])), (Mode::Ecb, bytes(&pke["ecb"]))];
    let public = centre.public_key();
    for public in [public.clone(), public.clone().prepare()] {
        let r = scalar(&kem["r"]);
        let made = Encapsulation::make_with(&public, &bob, shared.len(), shared.len(), &r);
        let (made, encapsulation) = made.expect("short").expect("not zeros");
        assert_eq!(encapsulation.to_bytes(), array(&kem["c"]));
        assert_eq!(made[..], shared);
        for (mode, expected) in &modes {
            let r = scalar(&pke["r"]);
            let made = Ciphertext::encrypt_with(&public, &bob, &message, (*mode, &[0; 16]), &r);
            let made = made.expect("short").expect("not zeros");
            assert_eq!(made.to_c1c3c2(), *expected, "{mode:?}");
        }
    }
    let encapsulation = Encapsulation::from_bytes(&bytes(&kem["c"])).expect("in G1");
    let opened = key.decapsulate(&encapsulation, shared.len()).expect("not zeros");
    assert_eq!(opened[..], shared);
    for (mode, bytes) in &modes {
        let ciphertext = Ciphertext::from_c1c3c2(bytes, *mode).expect("good lengths");
        assert_eq!(key.decrypt(&ciphertext).expect("its own")[..], message);
    }
}

/// One test, because the backend is the process's.
#[test]
fn the_examples_of_gmt_0044_5_come_out_on_every_backend() {
    let text = include_str!("../../../../vectors/gm/gmt0044-5.json");
    let examples: Value = serde_json::from_str(text).expect("JSON");
    let before = current();
    for backend in Backend::ALL {
        if force(backend).is_ok() {
            signature_example(&examples["sign"]);
            exchange_example(&examples["exchange"]);
            encryption_examples(&examples["encapsulate"], &examples["encrypt"]);
        }
    }
    force(before).expect("it was in use");
}
