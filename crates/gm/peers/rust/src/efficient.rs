//! efficient-sm2: signatures only.

use efficient_sm2::KeyPair;

use super::{Call, call};

pub fn operation(name: &str, _: usize) -> Option<Call> {
    let pair = KeyPair::new(&[0x17; 32]).expect("in range");
    match name {
        "sm2_sign" => call(move || pair.sign(&[7; 64]).expect("a signature")),
        "sm2_verify" => {
            let (signature, key) = (pair.sign(&[7; 64]).expect("a signature"), pair.public_key());
            call(move || signature.verify(&key, &[7; 64]).expect("just made"))
        }
        _ => None,
    }
}
