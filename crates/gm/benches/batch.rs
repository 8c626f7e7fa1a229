//! Signatures one at a time and many at once, with each backend: `cargo bench -p yinxin-gm --bench batch --profile release`.
//! One thread, its own CPU time, best of many short runs; compare only within one run.

#![expect(clippy::print_stdout, reason = "a report")]

use std::{fs, hint::black_box};

use rand_core::UnwrapErr;
use yinxin_gm::{
    backend::{Backend, force},
    sm2::{DEFAULT_ID, MessageDigest, PrivateKey, Signature, sign_many, verify_many},
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

    for backend in Backend::ALL {
        if force(backend).is_err() {
            println!("{backend}: not on this processor");
            continue;
        }
        let of =
            |name: &str, rate: f64| println!("{:<10} {name:<34}{rate:>10.0}/s", backend.name());
        of("verify", rate(1, || drop(black_box(signed[0].0.verify(signed[0].1)))));
        for count in [1, 4, 8, 16, 64] {
            of(
                &format!("verify {count} at once"),
                rate(count, || drop(black_box(verify_many(&signed[..count])))),
            );
        }
        let rng = &mut UnwrapErr(getrandom::SysRng);
        of("sign", rate(1, || drop(black_box(keys[0].sign_digest(&digests[0], rng)))));
        for count in [1, 8, 16, 64] {
            of(
                &format!("sign {count} at once"),
                rate(count, || drop(black_box(sign_many(&to_sign[..count], rng)))),
            );
        }
    }
}

/// Operations per second of this thread's CPU time, `count` in a call.
fn rate(count: usize, mut call: impl FnMut()) -> f64 {
    let count = f64::from(u32::try_from(count).expect("small"));
    (0..60)
        .map(|_| {
            let begin = thread_seconds();
            let mut calls = 0.0;
            loop {
                (0..16).for_each(|_| call());
                calls += 16.0;
                let seconds = thread_seconds() - begin;
                if seconds > 0.004 {
                    return calls * count / seconds;
                }
            }
        })
        .fold(0.0, f64::max)
}

/// Seconds this thread has run, where Linux tells.
fn thread_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux with schedstat");
    text.split(' ').next().and_then(|text| text.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}
