//! Our own operations, as a process that answers like the peers.

use std::{convert::Infallible, hint::black_box, io, time::Duration};

use rand_core::{TryCryptoRng, TryRng};
use rustix::time::{ClockId, clock_gettime};
use yinxin_gm::{
    Digest,
    sm2::{
        DEFAULT_ID, MessageDigest, PreparedSigner, PrivateKey, exchange, sign_many, verify_many,
        verify_many_prepared,
    },
    sm3,
    sm4::{
        Sm4, cbc, ccm, ctr, gcm,
        xts::{Standard, Xts},
    },
    sm9,
};

type Call = Box<dyn FnMut()>;

/// The system's random bytes, 4 KiB a call: a caller who signs a hundred thousand times a second does not ask the kernel
/// each time. (Go's do not enter the kernel either, since 1.24.)
struct Buffered {
    bytes: [u8; 4096],
    used: usize,
}

impl Buffered {
    const fn new() -> Self {
        Self { bytes: [0; 4096], used: 4096 }
    }
}

impl TryRng for Buffered {
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
        if out.len() > self.bytes.len() - self.used {
            getrandom::fill(&mut self.bytes).expect("the system has randomness");
            self.used = 0;
        }
        let taken = &mut self.bytes[self.used..][..out.len()];
        out.copy_from_slice(taken);
        taken.fill(0);
        self.used += out.len();
        Ok(())
    }
}

impl TryCryptoRng for Buffered {}

/// How many signatures are handed over at once.
const SIGNATURES: usize = 64;
/// How many hashes.
const MESSAGES: usize = 256;

pub(crate) fn answer() {
    for line in io::stdin().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split(' ').collect();
        let [name, size, milliseconds] = words[..] else { panic!("three words") };
        match operation(name, size.parse().expect("a size")) {
            Some((at_once, call)) => {
                let rate = rate(milliseconds.parse().expect("a time"), call);
                println!("{}", rate * at_once as f64);
            }
            None => println!("-"),
        }
    }
}

/// How many operations a call does, and the call.
fn operation(name: &str, size: usize) -> Option<(usize, Call)> {
    signing(name)
        .or_else(|| encryption(name))
        .or_else(|| identities(name))
        .or_else(|| hashing(name, size))
        .or_else(|| ciphers(name, size))
}

fn signing(name: &str) -> Option<(usize, Call)> {
    let mut rng = Buffered::new();
    let message = [7; 64];
    let key = PrivateKey::from_bytes(&[0x17; 32]).expect("in range");
    let digest = move |key: &PrivateKey| {
        MessageDigest::new(key.public_key(), DEFAULT_ID, &message).expect("short id")
    };
    match name {
        "sm2_sign" => {
            return call(1, move || key.sign(DEFAULT_ID, &message, &mut rng).expect("short id"));
        }
        "sm2_sign_prepared" => {
            let mut signer = PreparedSigner::new(key, b"", &mut rng);
            return call(1, move || signer.sign(DEFAULT_ID, &message, &mut rng).expect("short id"));
        }
        "sm2_verify" => {
            let signature = key.sign(DEFAULT_ID, &message, &mut rng).expect("short id");
            let key = *key.public_key();
            return call(1, move || key.verify(DEFAULT_ID, &message, &signature).expect("ours"));
        }
        "sm2_verify_prepared" => {
            let signature = key.sign(DEFAULT_ID, &message, &mut rng).expect("short id");
            let key = key.public_key().prepare();
            return call(1, move || key.verify(DEFAULT_ID, &message, &signature).expect("ours"));
        }
        "sm2_sign_many" | "sm2_verify_many" | "sm2_verify_many_prepared" => (),
        _ => return None,
    }
    let keys: Vec<_> = (0..SIGNATURES).map(|_| PrivateKey::generate(&mut rng)).collect();
    let digests: Vec<_> = keys.iter().map(digest).collect();
    let signed = keys.iter().zip(&digests);
    let signatures: Vec<_> =
        signed.map(|(key, digest)| key.sign_digest(digest, &mut rng).expect("its own")).collect();
    // The hash of each message counts, as it does where one is signed.
    let hash_all = move |keys: &[PrivateKey]| {
        let items = keys.iter().map(|key| (key.public_key(), DEFAULT_ID, &message[..]));
        let digests = MessageDigest::many(&items.collect::<Vec<_>>()).into_iter();
        digests.collect::<Result<Vec<_>, _>>().expect("short ids")
    };
    match name {
        "sm2_sign_many" => call(SIGNATURES, move || {
            let digests = hash_all(&keys);
            let pairs: Vec<_> = keys.iter().zip(&digests).collect();
            sign_many(&pairs, &mut rng)
        }),
        "sm2_verify_many" => call(SIGNATURES, move || {
            let digests = hash_all(&keys);
            verify_many(&digests.iter().zip(&signatures).collect::<Vec<_>>())
        }),
        _ => {
            let prepared: Vec<_> = keys.iter().map(|key| key.public_key().prepare()).collect();
            call(SIGNATURES, move || {
                let digests = hash_all(&keys);
                let signed = prepared.iter().zip(&digests).zip(&signatures);
                verify_many_prepared(&signed.map(|((k, d), s)| (k, d, s)).collect::<Vec<_>>())
            })
        }
    }
}

fn encryption(name: &str) -> Option<(usize, Call)> {
    let mut rng = Buffered::new();
    let key = PrivateKey::from_bytes(&[0x17; 32]).expect("in range");
    match name {
        "sm2_encrypt" => call(1, move || key.public_key().encrypt(&[7; 64], &mut rng)),
        "sm2_decrypt" => {
            let sealed = key.public_key().encrypt(&[7; 64], &mut rng).expect("not empty");
            call(1, move || key.decrypt(&sealed).expect("just made"))
        }
        // The responder's whole part: its ephemeral key, the shared key and its confirmation.
        "sm2_exchange" => {
            let other = PrivateKey::generate(&mut rng);
            let party = |key: &PrivateKey| {
                exchange::Party::new(key.public_key(), DEFAULT_ID).expect("short id")
            };
            let begun =
                exchange::Initiator::new(&other, &party(&other), &mut rng).expect("its own");
            let ephemeral = *begun.ephemeral();
            call(1, move || {
                let (own, peer) = (party(&key), party(&other));
                exchange::Responder::new(&key, &own, &peer, &ephemeral, 16, &mut rng)
                    .expect("finite")
            })
        }
        _ => None,
    }
}

/// SM9, with prepared keys; decrypting is as the key is made.
fn identities(name: &str) -> Option<(usize, Call)> {
    let mut rng = Buffered::new();
    let message = [7; 64];
    let (alice, bob) = (sm9::User::signer(b"Alice"), sm9::User::recipient(b"Bob"));
    match name {
        "sm9_sign" | "sm9_verify" => {
            let centre = sm9::SigningMasterKey::generate(&mut rng);
            let key = centre.extract(&alice).expect("usable").prepare();
            if name == "sm9_sign" {
                return call(1, move || key.sign(&message, &mut rng).expect("usable"));
            }
            let signature = key.sign(&message, &mut rng).expect("usable");
            let public = centre.public_key().clone();
            call(1, move || public.verify(&alice, &message, &signature).expect("ours"))
        }
        "sm9_encrypt" | "sm9_decrypt" => {
            let centre = sm9::EncryptionMasterKey::generate(&mut rng);
            let public = centre.public_key().clone().prepare();
            if name == "sm9_encrypt" {
                return call(1, move || public.encrypt(&bob, &message, sm9::Mode::Xor, &mut rng));
            }
            let sealed = public.encrypt(&bob, &message, sm9::Mode::Xor, &mut rng);
            let (sealed, key) = (sealed.expect("not empty"), centre.extract(&bob).expect("usable"));
            call(1, move || key.decrypt(&sealed).expect("just made"))
        }
        _ => None,
    }
}

fn hashing(name: &str, size: usize) -> Option<(usize, Call)> {
    match name {
        "sm3" => {
            let data = vec![7; size];
            call(1, move || sm3::digest(black_box(&data)))
        }
        "sm3_nodes" => {
            let (children, mut parents) =
                (vec![Digest([5; 32]); 2 * MESSAGES], vec![Digest::ZERO; MESSAGES]);
            call(MESSAGES, move || sm3::nodes(1, black_box(&children), &mut parents))
        }
        "sm3_many" => {
            let data = vec![vec![7; size]; 32];
            let mut digests = vec![Digest::ZERO; 32];
            call(32, move || sm3::many(black_box(&data), &mut digests))
        }
        _ => None,
    }
}

fn ciphers(name: &str, size: usize) -> Option<(usize, Call)> {
    let (key, iv) = (*b"0123456789abcdef", [2; 16]);
    let mut data = vec![7; size];
    let sm4 = Sm4::new(&key);
    match name {
        "sm4_ecb" => call(1, move || sm4.encrypt_blocks(data.as_chunks_mut().0)),
        "sm4_ctr" => call(1, move || ctr::apply(&key, &iv, &mut data)),
        "sm4_cbc_encrypt" => call(1, move || cbc::encrypt(&key, &iv, &mut data)),
        "sm4_cbc_decrypt" => call(1, move || cbc::decrypt(&key, &iv, &mut data)),
        "sm4_xts" => {
            let key = b"0123456789abcdeffedcba9876543210";
            let xts = Xts::new(key, Standard::Ieee1619).expect("two keys");
            call(1, move || xts.encrypt(&iv, &mut data))
        }
        "sm4_gcm" => {
            let gcm = gcm::Gcm::new(&key);
            call(1, move || gcm.seal_in_place(&iv[..12], b"", &mut data))
        }
        "sm4_ccm" => {
            let ccm = ccm::Ccm::<16>::new(&key);
            call(1, move || ccm.seal_in_place(&iv[..12], b"", &mut data))
        }
        "sm4_cbc_encrypt_16" => {
            let mut streams = vec![data; 16];
            call(16, move || {
                let messages = streams.iter_mut().map(|data| cbc::Message { key: &sm4, iv, data });
                cbc::encrypt_many(&mut messages.collect::<Vec<_>>())
            })
        }
        _ => None,
    }
}

/// A call whose result is not optimised away.
fn call<T>(at_once: usize, mut operation: impl FnMut() -> T + 'static) -> Option<(usize, Call)> {
    Some((at_once, Box::new(move || drop(black_box(operation())))))
}

/// Calls per second of this thread's CPU time.
fn rate(milliseconds: f64, mut call: Call) -> f64 {
    call();
    let mut calls = 1_u32;
    loop {
        let begin = thread_seconds();
        (0..calls).for_each(|_| call());
        let took = thread_seconds() - begin;
        if took >= milliseconds / 2e3 {
            return f64::from(calls) / took;
        }
        calls *= 2;
    }
}

fn thread_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("not negative").as_secs_f64()
}
