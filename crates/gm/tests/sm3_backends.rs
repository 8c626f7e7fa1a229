//! Every backend of SM3 that this processor can run says what the portable definition says.
//!
//! The backend is the process's, so each test holds the lock while it forces one.

use std::sync::{Mutex, MutexGuard};

use yinxin_gm::{
    Digest,
    backend::{Backend, current, force},
    kdf,
    sm3::{Sm3, digest, digest_all, many, nodes},
};

static LOCK: Mutex<()> = Mutex::new(());

/// Runs `check` under the portable backend, then under each other: the results must be the same.
fn same_everywhere<T: PartialEq + std::fmt::Debug>(check: impl Fn() -> T) {
    let _guard: MutexGuard<'_, ()> = LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let chosen = current();
    force(Backend::Portable).expect("runs everywhere");
    let defined = check();
    for backend in Backend::ALL {
        match force(backend) {
            Ok(()) => assert!(check() == defined, "{backend} says something else"),
            Err(unavailable) => println!("skipped: {unavailable}"),
        }
    }
    force(chosen).expect("was in use");
}

/// Bytes without a period that a lane or a block could hide.
fn bytes(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    (0..len).map(next).collect()
}

#[test]
fn one_stream_of_any_length() {
    let data = bytes(1, 5000);
    same_everywhere(|| -> Vec<Digest> {
        (0..=300).chain([4095, 4096, 4999]).map(|len| digest(&data[..len])).collect()
    });
}

/// GB/T 32905, appendix A; the empty message from OpenSSL.
#[test]
fn examples_of_the_standard() {
    let examples = [
        ("", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
        ("abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (
            "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
        ),
    ];
    same_everywhere(|| {
        for (message, want) in examples {
            let mut digests = [Digest::ZERO; 33];
            many(&[message; 33], &mut digests);
            for found in digests.into_iter().chain([digest(message.as_bytes())]) {
                assert_eq!(found.to_string(), want, "{message}");
            }
        }
    });
}

#[test]
fn one_stream_in_pieces() {
    let data = bytes(2, 1000);
    same_everywhere(|| {
        let mut hash = Sm3::new();
        data.chunks(7).chain(data.chunks(130)).for_each(|piece| hash.update(piece));
        hash.finalize()
    });
}

#[test]
fn many_messages_are_hashed_as_one_each_is() {
    let data = bytes(3, 1200);
    // Every length with its neighbours; equal ones; a long one among short ones; the same after something.
    let cases: Vec<Vec<&[u8]>> = vec![
        (0..=300).map(|len| &data[300 - len..300]).collect(),
        (0..100).map(|at| &data[at..at + 64]).collect(),
        (0..37).map(|at| &data[at..at + 55 + at % 3]).collect(),
        (0..70).map(|at| &data[at..at + if at == 5 { 1100 } else { at }]).collect(),
        (0..40).map(|at| &data[at..at + 1000]).collect(),
    ];
    same_everywhere(|| {
        let mut all = Vec::new();
        for messages in &cases {
            // Each count up to one more than there are lanes, and all.
            for count in (0..=33).chain([messages.len()]) {
                let messages = &messages[..count];
                let mut digests = vec![Digest::ZERO; count];
                many(messages, &mut digests);
                for (message, found) in messages.iter().zip(&digests) {
                    assert_eq!(*found, digest(message), "{} B of {count}", message.len());
                }
                for appended in [&data[..1], &data[..63], &data[..64], &data[..130]] {
                    let mut prefix = Sm3::new();
                    prefix.update(appended);
                    prefix.many(messages, &mut digests);
                    for (message, found) in messages.iter().zip(&digests) {
                        let want = digest_all(&[appended, message]);
                        assert_eq!(*found, want, "{} + {} B", appended.len(), message.len());
                    }
                }
                all.push(digests);
            }
        }
        all
    });
}

#[test]
fn random_mixes_of_messages() {
    let data = bytes(4, 4000);
    let dice = bytes(5, 4000);
    same_everywhere(|| {
        dice.chunks(80).for_each(|dice| {
            let messages: Vec<&[u8]> = dice
                .chunks_exact(2)
                .map(|two| {
                    let len = usize::from(two[0]) * if two[1] % 8 == 0 { 9 } else { 1 };
                    &data[usize::from(two[1])..][..len]
                })
                .collect();
            let mut digests = vec![Digest::ZERO; messages.len()];
            many(&messages, &mut digests);
            for (message, found) in messages.iter().zip(&digests) {
                assert_eq!(*found, digest(message), "{} B", message.len());
            }
        });
    });
}

#[test]
fn nodes_are_tag_left_and_right() {
    let children: Vec<Digest> = (0..140_u8).map(|i| digest(&[i])).collect();
    same_everywhere(|| {
        for count in (0..=34).chain([63, 64, 65, 70]) {
            for tag in [0, 1, 0x80, 0xff] {
                let children = &children[..2 * count];
                let mut parents = vec![Digest::ZERO; count];
                nodes(tag, children, &mut parents);
                for (pair, found) in children.chunks_exact(2).zip(&parents) {
                    let want = digest_all(&[&[tag], &pair[0].0, &pair[1].0]);
                    assert_eq!(*found, want, "{count} nodes, tag {tag}");
                }
            }
        }
    });
}

#[test]
fn derived_keys_are_the_counters_digests() {
    let z = bytes(6, 200);
    same_everywhere(|| {
        for len in (0..=100).chain([1023, 1024, 1025, 3000]) {
            for z in [&z[..], &z[..64], &z[..61], &[]] {
                let mut key = vec![0; len];
                kdf::derive(&[z], &mut key).expect("short");
                for (counter, chunk) in (1_u32..).zip(key.chunks(32)) {
                    let want = digest_all(&[z, &counter.to_be_bytes()]);
                    assert_eq!(chunk, &want.0[..chunk.len()], "{len} B, block {counter}");
                }
            }
        }
    });
}
