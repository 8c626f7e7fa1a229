//! Every backend of SM3 that this processor can run says what the portable definition says.
//!
//! The backend is the process's, so each test holds the lock while it forces one.

use std::sync::{Mutex, MutexGuard};

use yinxin_gm::{
    Digest,
    backend::{Backend, current, force},
    sm3::{Sm3, digest},
};

static LOCK: Mutex<()> = Mutex::new(());

/// Runs `check` under the portable backend, then under each other: the results must be the same.
fn same_everywhere<T: PartialEq + std::fmt::Debug>(check: impl Fn() -> T) {
    let _guard: MutexGuard<'_, ()> = LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let chosen = current();
    force(Backend::Portable).unwrap();
    let defined = check();
    for backend in Backend::ALL {
        match force(backend) {
            Ok(()) => assert!(check() == defined, "{backend} says something else"),
            Err(unavailable) => println!("skipped: {unavailable}"),
        }
    }
    force(chosen).unwrap();
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

#[test]
fn one_stream_in_pieces() {
    let data = bytes(2, 1000);
    same_everywhere(|| {
        let mut hash = Sm3::new();
        data.chunks(7).chain(data.chunks(130)).for_each(|piece| hash.update(piece));
        hash.finalize()
    });
}
