//! Signatures one at a time and many at once, with each backend: `cargo bench -p yinxin-gm --bench batch --profile release`.
//! One thread, its own CPU time, best of many runs; compare only within one run.

#![expect(clippy::print_stdout, reason = "a report")]

use std::{hint::black_box, time::Duration};

use rand_core::UnwrapErr;
use rustix::time::{ClockId, clock_gettime};
use yinxin_gm::{
    backend::{Backend, force},
    sm2::{
        DEFAULT_ID, MessageDigest, PreparedKey, PrivateKey, Signature, sign_many, verify_many,
        verify_many_prepared,
    },
};

fn main() {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let keys: Vec<_> = (0..64).map(|_| PrivateKey::generate(rng)).collect();
    let digests: Vec<_> = keys
        .iter()
        .map(|key| MessageDigest::new(key.public_key(), DEFAULT_ID, &[7; 64]).expect("short id"))
        .collect();
    let signatures: Vec<_> = keys
        .iter()
        .zip(&digests)
        .map(|(key, digest)| key.sign_digest(digest, rng).expect("its own"))
        .collect();
    let signed: Vec<(&MessageDigest, &Signature)> = digests.iter().zip(&signatures).collect();
    let to_sign: Vec<(&PrivateKey, &MessageDigest)> = keys.iter().zip(&digests).collect();

    let prepared: Vec<_> = keys.iter().map(|key| key.public_key().prepare()).collect();
    let keys_signed: Vec<(&PreparedKey, &MessageDigest, &Signature)> = prepared
        .iter()
        .zip(&signed)
        .map(|(key, (digest, signature))| (key, *digest, *signature))
        .collect();

    for backend in Backend::ALL {
        if force(backend).is_err() {
            println!("{backend}: not on this processor");
            continue;
        }
        let of =
            |name: &str, rate: f64| println!("{:<10} {name:<34}{rate:>10.0}/s", backend.name());
        of("verify", rate(1, || signed[0].0.verify(signed[0].1)));
        for count in [2, 3, 4, 5, 8, 16, 64] {
            of(&format!("verify {count} at once"), rate(count, || verify_many(&signed[..count])));
        }
        of(
            "verify, prepared",
            rate(1, || keys_signed[0].0.verify_digest(&digests[0], &signatures[0])),
        );
        for count in [2, 3, 4, 5, 8, 16, 64] {
            of(
                &format!("verify {count} at once, prepared"),
                rate(count, || verify_many_prepared(&keys_signed[..count])),
            );
        }
        let rng = &mut UnwrapErr(getrandom::SysRng);
        of("sign", rate(1, || keys[0].sign_digest(&digests[0], rng)));
        for count in [2, 3, 4, 5, 6, 8, 16, 64] {
            of(&format!("sign {count} at once"), rate(count, || sign_many(&to_sign[..count], rng)));
        }
    }
}

/// Operations per second of this thread's CPU time, `count` in a call: the best of many runs of a millisecond.
fn rate<T>(count: usize, mut call: impl FnMut() -> T) -> f64 {
    let count = f64::from(u32::try_from(count).expect("small"));
    (0..150)
        .map(|_| {
            let begin = thread_seconds();
            let mut operations = 0.0;
            loop {
                black_box(call());
                operations += count;
                let seconds = thread_seconds() - begin;
                if seconds > 0.001 {
                    return operations / seconds;
                }
            }
        })
        .fold(0.0, f64::max)
}

/// Seconds this thread has run.
fn thread_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("not negative").as_secs_f64()
}
