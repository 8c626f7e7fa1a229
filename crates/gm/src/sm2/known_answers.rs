//! Known answers that need what the public interface hides: a chosen nonce, or a raw digest.

extern crate std;

use alloc::{string::String, vec::Vec};
use std::{fs, path::PathBuf};

use serde_json::Value;

use super::{Ciphertext, MessageDigest, PrivateKey, PublicKey, Signature};
use crate::backend::{Scalar, verify_sum};

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("hexadecimal")
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().expect("the right length")
}

fn scalar(value: &Value) -> Scalar {
    Scalar::from_bytes(&array(value)).expect("below n")
}

/// What B4 to B7 do with a raw digest; exists only here.
fn verifies_raw(key: &PublicKey, e: &[u8; 32], signature: &Signature) -> bool {
    let (r, s) = signature.parts();
    let x = r.sub(&Scalar::from_bytes_reduced(e));
    verify_sum(&s, &r.add(&s), key.point(), &x)
}

fn shared(path: &str) -> Option<String> {
    let root = std::env::var_os("YINXIN_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let found = fs::read_to_string(root.join("vectors").join(path)).ok();
    if found.is_none() {
        std::println!("skipped: no vectors/{path} under YINXIN_SHARED");
    }
    found
}

#[test]
fn the_examples_of_gbt_32918_5_come_out() {
    let text = include_str!("../../../../vectors/gm/gbt32918-5.json");
    let case: Value = serde_json::from_str(text).expect("JSON");
    let key = PrivateKey::from_bytes(&array(&case["privateKey"])).expect("in range");
    assert_eq!(key.public_key().to_sec1(), array(&case["publicKey"]));
    let nonce = scalar(&case["nonce"]);

    let sign = &case["sign"];
    let digest =
        MessageDigest::new(key.public_key(), &bytes(&sign["id"]), &bytes(&sign["message"]));
    let digest = digest.expect("a short id");
    assert_eq!(digest.for_key(&key).expect("its own key").as_bytes(), &array(&sign["digest"]));
    let signature = key.sign_with(&digest.scalar(), &nonce).expect("a usable nonce");
    assert_eq!(signature.to_raw()[..], [bytes(&sign["r"]), bytes(&sign["s"])].concat());
    assert_eq!(digest.verify(&signature), Ok(()));

    let encrypt = &case["encrypt"];
    let message = bytes(&encrypt["message"]);
    let ciphertext = Ciphertext::encrypt_with(key.public_key(), &message, &nonce);
    let ciphertext = ciphertext.expect("short").expect("a usable nonce");
    let parts = ["c1", "c3", "c2"].map(|part| bytes(&encrypt[part]));
    assert_eq!(ciphertext.to_c1c3c2(), parts.concat());
    assert_eq!(key.decrypt(&ciphertext).expect("its own key").as_slice(), message);
}

/// The inputs are digests without Z: no message for them is known.
#[test]
fn the_raw_digests_of_openssl_verify_inside() {
    let Some(text) = shared("openssl/evppkey_sm2_verify.txt") else { return };
    // The private key at the head of the file.
    let d = "d09156733017bdad809fd9bbd8c693f60230593169b6f94aaf1c8ee138cc99b5";
    let key = PrivateKey::from_bytes(&array(&Value::from(d))).expect("in range");
    let mut seen = 0;
    for block in text.split("\n\n").filter(|block| block.starts_with("Verify")) {
        let field = |name| {
            let line = block.lines().find_map(|line| line.strip_prefix(name)).expect("a field");
            bytes(&Value::from(line))
        };
        let signature = Signature::from_der(&field("Output = ")).expect("strict DER");
        let e = field("Input = ").try_into().expect("32 bytes");
        assert!(verifies_raw(key.public_key(), &e, &signature));
        seen += 1;
    }
    assert_eq!(seen, 2);
}

/// Anyone can make (e, r, s) that verify; no message hashes to such an e, and no function takes one.
#[test]
fn raw_digest_forgeries_verify_only_inside() {
    let Some(text) = shared("generated/sm2_misuse.json") else { return };
    let cases: Value = serde_json::from_str(&text).expect("JSON");
    for case in cases["rawDigestForgery"].as_array().expect("an array") {
        let key = PublicKey::from_sec1(&bytes(&case["publicKey"])).expect("a key");
        let (r, s) = (bytes(&case["r"]), bytes(&case["s"]));
        let signature = Signature::from_raw(&[r, s].concat().try_into().expect("64 bytes"));
        let signature = signature.expect("in range");
        let e: [u8; 32] = array(&case["e"]);
        assert!(verifies_raw(&key, &e, &signature), "the forgery is one");
        // The nearest the public interface gets to handing in `e`: as a message.
        for id in [super::DEFAULT_ID, b""] {
            assert_eq!(key.verify(id, &e, &signature), Err(crate::Error::Signature));
        }
    }
}
