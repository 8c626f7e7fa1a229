//! SM2's vectors get their verdicts on every backend that the processor has, and signatures of one backend are those of
//! another.

use yinxin_gm::{
    backend::{Backend, force},
    sm2::{DEFAULT_ID, PrivateKey, Signature},
};

#[allow(dead_code, reason = "shared with the other vectors")]
#[path = "vectors/support.rs"]
mod support;

#[path = "vectors/sm2_decrypt.rs"]
mod sm2_decrypt;
#[path = "vectors/sm2_keys.rs"]
mod sm2_keys;
#[path = "vectors/sm2_sign.rs"]
mod sm2_sign;

/// What else runs in this process meanwhile runs on one backend or another, and must pass on each.
#[test]
fn every_vector_on_every_backend() {
    for backend in Backend::ALL {
        if let Err(unavailable) = force(backend) {
            println!("skipped: {unavailable}");
            continue;
        }
        sm2_decrypt::each_generated_ciphertext_gets_its_verdict();
        sm2_decrypt::messages_of_openssl_decrypt();
        sm2_decrypt::invalid_ciphertexts_of_botan_are_refused();
        sm2_decrypt::each_encoding_reads_only_what_it_wrote();
        sm2_keys::the_key_files_of_rustcrypto_are_read_and_written();
        sm2_keys::every_form_of_a_key_comes_back();
        sm2_sign::each_generated_signature_gets_its_verdict();
        sm2_sign::signatures_of_botan_on_the_standard_curve();
        sm2_sign::a_repeated_nonce_gives_the_key_away_and_ours_does_not_repeat();
        what_one_backend_makes_another_takes(backend);
    }
}

fn what_one_backend_makes_another_takes(maker: Backend) {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    for _ in 0..50 {
        force(maker).expect("it was before");
        let key = PrivateKey::generate(rng);
        let message = key.to_bytes();
        let signature = key.sign(DEFAULT_ID, &message[..], rng).expect("short id");
        let mut changed = signature.to_raw();
        changed[40] ^= 1;
        let changed = Signature::from_raw(&changed).expect("still in range");
        let sealed = key.public_key().encrypt(&message[..], rng).expect("not empty");
        for taker in Backend::ALL.into_iter().filter(|taker| taker.is_available()) {
            force(taker).expect("available");
            let again = PrivateKey::from_bytes(&key.to_bytes()).expect("a key");
            assert_eq!(again.public_key(), key.public_key(), "{maker}, {taker}");
            let (key, prepared) = (key.public_key(), key.public_key().prepare());
            for (signature, good) in [(&signature, true), (&changed, false)] {
                let verdicts = [
                    key.verify(DEFAULT_ID, &message[..], signature),
                    prepared.verify(DEFAULT_ID, &message[..], signature),
                ];
                assert!(verdicts.iter().all(|verdict| verdict.is_ok() == good), "{maker}, {taker}");
            }
            let opened = again.decrypt(&sealed).expect("its own");
            assert_eq!(opened[..], message[..], "{maker}, {taker}");
        }
    }
}
