//! Whether time tells two secrets apart (dudect, ePrint 2016/1123): for what valgrind cannot execute, the AVX-512 lanes.
//!
//! Ignored, for it needs minutes and a quiet machine: tests/long.sh runs it, specs/gm-constant-time.md has the results.
//! `YINXIN_CASES=1000000 cargo test --release -p yinxin-gm --test timing -- --ignored --nocapture`
//! With `YINXIN_OPERATION=SM2` only the operations whose names contain that.

#![cfg(target_arch = "x86_64")]
#![allow(unsafe_code, clippy::cast_precision_loss, reason = "reads a counter of the processor")]

#[allow(dead_code, reason = "inputs of other tests")]
#[path = "differential/inputs.rs"]
mod inputs;
#[path = "sm4/noise.rs"]
mod noise;

use std::{
    arch::x86_64::{__rdtscp, _mm_lfence, _rdtsc},
    hint::black_box,
};

use inputs::Fixed;
use noise::noise;
use yinxin_gm::{
    Digest,
    backend::{Backend, force},
    hmac::hmac_sm3,
    sm2::{
        Ciphertext, DEFAULT_ID, MessageDigest, PreparedSigner, PrivateKey,
        exchange::{Initiator, Party, Responder},
        sign_many,
    },
    sm3,
    sm4::{
        Sm4, cbc, ccm, ctr, gcm,
        xts::{Standard, Xts},
    },
};

/// Above it, the two classes differ (the threshold of dudect).
const LIMIT: f64 = 4.5;

/// Makes the input of a call from a secret, then is timed.
type Operation = Box<dyn Fn(&[u8; 64]) -> Box<dyn FnMut()>>;

fn operations() -> Vec<(&'static str, Operation)> {
    let mut all = ciphers();
    all.extend(curve());
    all
}

fn half(secret: &[u8; 64]) -> [u8; 16] {
    *secret.first_chunk().expect("64")
}

fn named<T: 'static>(
    name: &'static str,
    prepare: impl Fn(&[u8; 64]) -> T + 'static,
    call: fn(&mut T),
) -> (&'static str, Operation) {
    let boxed = move |secret: &[u8; 64]| -> Box<dyn FnMut()> {
        let mut input = prepare(secret);
        Box::new(move || call(black_box(&mut input)))
    };
    (name, Box::new(boxed))
}

fn ciphers() -> Vec<(&'static str, Operation)> {
    let data = |secret: &[u8; 64]| secret.repeat(16);
    vec![
        named("SM4 key expansion", half, |key| drop(black_box(Sm4::new(key)))),
        named(
            "SM4-ECB 1 KiB",
            move |s| (Sm4::new(&half(s)), data(s)),
            |(key, data)| {
                key.encrypt_blocks(data.as_chunks_mut().0);
            },
        ),
        named(
            "SM4-CTR 1 KiB",
            move |s| (half(s), data(s)),
            |(key, data)| {
                ctr::apply(key, &[3; 16], data);
            },
        ),
        named(
            "SM4-CBC encrypt 1 KiB",
            move |s| (half(s), data(s)),
            |(key, data)| {
                cbc::encrypt(key, &[3; 16], data).expect("whole");
            },
        ),
        named(
            "SM4-CBC decrypt 1 KiB",
            move |s| (half(s), data(s)),
            |(key, data)| {
                cbc::decrypt(key, &[3; 16], data).expect("whole");
            },
        ),
        named(
            "SM4-GCM seal 1 KiB",
            move |s| (gcm::Gcm::new(&half(s)), data(s)),
            |(gcm, data)| {
                let _ = black_box(gcm.seal_in_place(&[3; 12], b"", data));
            },
        ),
        named(
            "SM4-CCM seal 1 KiB",
            move |s| (ccm::Ccm::<16>::new(&half(s)), data(s)),
            |(ccm, data)| {
                let _ = black_box(ccm.seal_in_place(&[3; 12], b"", data));
            },
        ),
        named(
            "SM4-XTS 1 KiB",
            move |s| {
                let mut key: [u8; 32] = *s.first_chunk().expect("64");
                key[16] = !key[0];
                (Xts::new(&key, Standard::Ieee1619).expect("two keys"), data(s))
            },
            |(xts, data)| xts.encrypt(&[3; 16], data).expect("long"),
        ),
        named(
            "HMAC-SM3",
            |s| *s,
            |key| {
                let _ = black_box(hmac_sm3(key, b"message"));
            },
        ),
        named(
            "SM3 of 32",
            |s| vec![*s; 32],
            |messages| {
                sm3::many(messages, &mut [Digest::ZERO; 32]);
            },
        ),
    ]
}

fn curve() -> Vec<(&'static str, Operation)> {
    let key = |secret: &[u8; 64]| {
        let mut d: [u8; 32] = *secret.first_chunk().expect("64");
        // In range, whatever was drawn.
        d[0] &= 0x7f;
        d[31] |= 1;
        PrivateKey::from_bytes(&d).expect("in range")
    };
    let digest = |key: &PrivateKey| {
        MessageDigest::new(key.public_key(), DEFAULT_ID, b"message").expect("short id")
    };
    vec![
        named(
            "SM2 key import",
            move |s| key(s).to_bytes(),
            |d| {
                drop(black_box(PrivateKey::from_bytes(d)));
            },
        ),
        named(
            "SM2 sign",
            move |s| key(s),
            |key| {
                let _ = black_box(key.sign(DEFAULT_ID, b"message", &mut Fixed(1)));
            },
        ),
        named(
            "SM2 sign eight",
            move |s| {
                let key = key(s);
                (vec![key.clone(); 8], vec![digest(&key); 8])
            },
            |(keys, digests)| {
                let pairs: Vec<_> = keys.iter().zip(&*digests).collect();
                drop(black_box(sign_many(&pairs, &mut Fixed(1))));
            },
        ),
        named(
            "SM2 sign, nonce prepared",
            move |s| {
                let mut signer = PreparedSigner::new(key(s), b"", &mut Fixed(1));
                signer.prepare(&mut Fixed(1));
                signer
            },
            |signer| {
                let _ = black_box(signer.sign(DEFAULT_ID, b"message", &mut Fixed(1)));
            },
        ),
        named(
            "SM2 prepare nonces",
            move |s| PreparedSigner::new(key(s), b"", &mut Fixed(1)),
            |signer| {
                signer.wipe();
                signer.prepare(&mut Fixed(1));
            },
        ),
        named(
            "SM2 decrypt",
            move |s| {
                let key = key(s);
                let sealed: Ciphertext =
                    key.public_key().encrypt(&[7; 64], &mut Fixed(1)).expect("not empty");
                (key, sealed)
            },
            |(key, sealed)| drop(black_box(key.decrypt(sealed))),
        ),
        named(
            "SM2 key exchange",
            move |s| {
                let (key, peer) = (key(s), key(&[9; 64]));
                let party =
                    |key: &PrivateKey| Party::new(key.public_key(), DEFAULT_ID).expect("short id");
                let (own, other) = (party(&key), party(&peer));
                let begun = Initiator::new(&peer, &other, &mut Fixed(2)).expect("its own");
                (key, own, other, *begun.ephemeral())
            },
            |(key, own, other, ephemeral)| {
                let responder = Responder::new(key, own, other, ephemeral, 16, &mut Fixed(1));
                drop(black_box(responder));
            },
        ),
    ]
}

/// Must be caught: how long it takes is how far the secret agrees with zeros.
fn leaky() -> (&'static str, Operation) {
    named(
        "leaky: a comparison that ends early",
        |s| *s,
        |secret| {
            black_box(black_box(&secret[..]).iter().position(|byte| *byte != 0));
        },
    )
}

/// Welch's t of the times with a fixed and with random secrets, without the slowest tenth.
fn t(operation: &Operation, measurements: u64) -> f64 {
    let mut times = Vec::new();
    for i in 0..measurements {
        let random: [u8; 64] = noise(i ^ 1 << 50, 64).try_into().expect("64");
        let fixed = noise(i, 1)[0] & 1 == 0;
        // Both are drawn, one is taken.
        let keep = u8::from(!fixed).wrapping_neg();
        let mut call = operation(&random.map(|byte| byte & black_box(keep)));
        // The first call brings code and tables into the caches.
        call();
        // SAFETY: the counter can be read anywhere; the fences keep the call between its readings.
        let begin = unsafe {
            _mm_lfence();
            let now = _rdtsc();
            _mm_lfence();
            now
        };
        call();
        // SAFETY: as above.
        let end = unsafe { __rdtscp(&mut 0) };
        times.push((fixed, end.wrapping_sub(begin) as f64));
    }
    let mut sorted: Vec<f64> = times.iter().map(|(_, time)| *time).collect();
    sorted.sort_by(f64::total_cmp);
    let slowest = sorted[sorted.len() * 9 / 10];
    let moments = |class: bool| {
        let kept = times.iter().filter(|(fixed, time)| *fixed == class && *time <= slowest);
        let (count, sum, squares) = kept.fold((0.0, 0.0, 0.0), |(n, sum, squares), (_, time)| {
            (n + 1.0, sum + time, squares + time * time)
        });
        let mean: f64 = sum / count;
        (mean, (squares / count - mean * mean) / count)
    };
    let ((a, a_error), (b, b_error)) = (moments(true), moments(false));
    (a - b) / (a_error + b_error).sqrt().max(1e-9)
}

#[test]
#[ignore = "minutes on a quiet machine; tests/long.sh"]
fn time_does_not_tell_secrets_apart() {
    let measurements = inputs::count(20_000);
    let wanted = std::env::var("YINXIN_OPERATION").unwrap_or_default();
    let mut failed = Vec::new();
    for backend in Backend::ALL {
        if let Err(unavailable) = force(backend) {
            println!("skipped: {unavailable}");
            continue;
        }
        // The others are valgrind's.
        if backend == Backend::Avx512 {
            for (name, operation) in operations().iter().filter(|(name, _)| name.contains(&wanted))
            {
                let t = t(operation, measurements);
                println!("{backend}: {name}: t = {t:.2}");
                if t.abs() >= LIMIT {
                    failed.push(format!("{name}: t = {t:.2}"));
                }
            }
        }
    }
    let (name, operation) = leaky();
    let t = t(&operation, measurements);
    println!("{name}: t = {t:.2}");
    assert!(t.abs() > LIMIT, "the harness does not see {name}");
    assert!(failed.is_empty(), "{measurements} measurements: {failed:?}");
}
