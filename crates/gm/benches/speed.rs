//! How fast we are beside the RustCrypto crates: `cargo bench -p yinxin-gm` (or `--profile release` for the shipped
//! profile). One thread, its own CPU time, best of five runs of at least a twentieth of a second; compare only within one run.

#![expect(clippy::print_stdout, reason = "a report")]

use std::{fs, hint::black_box, time::Instant};

use rand_core::UnwrapErr;
use sm2::{
    dsa::signature::{RandomizedSigner, Verifier},
    elliptic_curve::Generate,
};
use sm3::Digest as _;
use sm4::cipher::{Block, BlockCipherEncrypt, KeyInit};
use yinxin_gm::{
    sm2::{
        DEFAULT_ID, PrivateKey,
        exchange::{Initiator, Party, Responder},
    },
    sm3 as our_sm3,
    sm4::{Sm4, cbc, ctr, gcm},
};

fn main() {
    println!("{:<28}{:>14}{:>14}", "", "ours", "RustCrypto");
    signatures();
    encryption();
    exchange();
    hashes();
    ciphers();
}

/// Calls per second of CPU time.
fn rate<T>(mut call: impl FnMut() -> T) -> f64 {
    let clock = Clock::new();
    let mut seconds = |calls: u32| {
        let begin = clock.now();
        (0..calls).for_each(|_| drop(black_box(call())));
        clock.now() - begin
    };
    // Enough calls that reading the clock does not count.
    let mut calls = 1;
    while seconds(calls) < 0.05 {
        calls *= 2;
    }
    (0..5).map(|_| f64::from(calls) / seconds(calls)).fold(0.0, f64::max)
}

/// Seconds this thread has run, where Linux tells; else of the wall clock.
struct Clock(Instant);

impl Clock {
    fn new() -> Self {
        Self(Instant::now())
    }

    fn now(&self) -> f64 {
        let nanoseconds = fs::read_to_string("/proc/thread-self/schedstat").ok();
        let nanoseconds = nanoseconds.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        nanoseconds.map_or_else(|| self.0.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
    }
}

fn per_second(name: &str, ours: f64, theirs: Option<f64>) {
    let theirs = theirs.map_or_else(|| "-".to_owned(), |theirs| format!("{theirs:.0}"));
    println!("{name:<28}{ours:>12.0}/s{theirs:>12}/s");
}

fn megabytes(name: &str, bytes: f64, ours: f64, theirs: Option<f64>) {
    let show = |rate: f64| format!("{:.0}", rate * bytes / 1e6);
    println!(
        "{name:<28}{:>9} MB/s{:>9} MB/s",
        show(ours),
        theirs.map_or_else(|| "-".to_owned(), show)
    );
}

fn signatures() {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let key = PrivateKey::generate(rng);
    let secret = sm2::SecretKey::from_slice(&key.to_bytes()[..]).expect("in range");
    let theirs = sm2::dsa::SigningKey::new("1234567812345678", &secret).expect("short id");
    let message = [7; 64];

    per_second(
        "sm2 generate",
        rate(|| PrivateKey::generate(rng)),
        Some(rate(|| sm2::SecretKey::generate_from_rng(rng).public_key())),
    );
    let rng = &mut UnwrapErr(getrandom::SysRng);
    per_second(
        "sm2 sign",
        rate(|| key.sign(DEFAULT_ID, &message, rng)),
        Some(rate(|| theirs.sign_with_rng(&mut UnwrapErr(getrandom::SysRng), &message))),
    );
    let signature = key.sign(DEFAULT_ID, &message, rng).expect("short id");
    let their_signature =
        sm2::dsa::Signature::from_bytes(&signature.to_raw().into()).expect("in range");
    let their_key = theirs.verifying_key();
    per_second(
        "sm2 verify",
        rate(|| {
            key.public_key().verify(DEFAULT_ID, &message, black_box(&signature)).expect("ours")
        }),
        Some(rate(|| their_key.verify(&message, black_box(&their_signature)).expect("ours"))),
    );
    let prepared = key.public_key().prepare();
    per_second(
        "sm2 verify, prepared",
        rate(|| prepared.verify(DEFAULT_ID, &message, black_box(&signature)).expect("ours")),
        None,
    );
    per_second("sm2 prepare", rate(|| black_box(key.public_key()).prepare()), None);
}

fn encryption() {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let key = PrivateKey::generate(rng);
    let secret = sm2::SecretKey::from_slice(&key.to_bytes()[..]).expect("in range");
    let their_key = sm2::pke::EncryptingKey::new(secret.public_key());
    let theirs = sm2::pke::DecryptingKey::new(secret);
    let message = [7; 64];
    per_second(
        "sm2 encrypt 64 B",
        rate(|| key.public_key().encrypt(&message, rng)),
        Some(rate(|| their_key.encrypt(&mut UnwrapErr(getrandom::SysRng), &message))),
    );
    let ciphertext = key.public_key().encrypt(&message, rng).expect("not empty");
    let bytes = ciphertext.to_c1c3c2();
    per_second(
        "sm2 decrypt 64 B",
        rate(|| key.decrypt(black_box(&ciphertext))),
        Some(rate(|| theirs.decrypt(black_box(&bytes)))),
    );
}

fn exchange() {
    let rng = &mut UnwrapErr(getrandom::SysRng);
    let keys = [PrivateKey::generate(rng), PrivateKey::generate(rng)];
    let [a, b] =
        keys.each_ref().map(|key| Party::new(key.public_key(), DEFAULT_ID).expect("short id"));
    let initiator = Initiator::new(&keys[0], &a, rng).expect("a good generator");
    per_second(
        "sm2 exchange, one side",
        rate(|| {
            let ephemeral = black_box(initiator.ephemeral());
            Responder::new(&keys[1], &b, &a, ephemeral, 16, rng).expect("finite")
        }),
        None,
    );
}

fn hashes() {
    for (name, len) in [("sm3 64 B", 64), ("sm3 1 KiB", 1024), ("sm3 64 KiB", 65536)] {
        let data = vec![7; len];
        megabytes(
            name,
            f64::from(u32::try_from(len).expect("small")),
            rate(|| our_sm3::digest(black_box(&data))),
            Some(rate(|| sm3::Sm3::digest(black_box(&data)))),
        );
    }
}

fn ciphers() {
    let (key, iv) = ([1; 16], [2; 16]);
    let mut data = vec![7; 16384];
    let bytes = 16384.0;
    let sm4 = Sm4::new(&key);
    let theirs = sm4::Sm4::new(&key.into());
    let mut blocks = vec![Block::<sm4::Sm4>::default(); 1024];
    megabytes(
        "sm4 ecb 16 KiB",
        bytes,
        rate(|| sm4.encrypt_blocks(data.as_chunks_mut().0)),
        Some(rate(|| theirs.encrypt_blocks(&mut blocks))),
    );
    megabytes("sm4 ctr 16 KiB", bytes, rate(|| ctr::apply(&key, &iv, &mut data)), None);
    megabytes(
        "sm4 cbc decrypt 16 KiB",
        bytes,
        rate(|| cbc::decrypt(&key, &iv, &mut data).expect("whole")),
        None,
    );
    megabytes(
        "sm4 cbc encrypt 16 KiB",
        bytes,
        rate(|| cbc::encrypt(&key, &iv, &mut data).expect("whole")),
        None,
    );
    let cipher = gcm::Gcm::new(&key);
    megabytes(
        "sm4 gcm seal 16 KiB",
        bytes,
        rate(|| cipher.seal_in_place(&iv[..12], b"", &mut data)),
        None,
    );
    megabytes(
        "sm4 gcm seal 1 KiB",
        1024.0,
        rate(|| cipher.seal_in_place(&iv[..12], b"", &mut data[..1024])),
        None,
    );
}
