//! Prepared nonces are used once: on every backend, by threads that share a signer, and by children of `fork`.

#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "forks")]

#[path = "../../../tests/rig/absent.rs"]
#[allow(unreachable_pub, reason = "other crates take it from the rig")]
mod absent;

use std::{
    collections::BTreeSet,
    io::{Read, Write, pipe},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use yinxin_gm::{
    backend::{Backend, current, force},
    sm2::{DEFAULT_ID, PreparedSigner, PrivateKey, Signature, verify_many},
};

#[allow(dead_code, reason = "inputs of other tests")]
#[path = "differential/inputs.rs"]
mod inputs;
#[path = "sm4/noise.rs"]
mod noise;

use absent::absent;
use inputs::Fixed;

/// More than are made at once.
const COUNT: usize = 70;
const MESSAGE: &[u8] = b"the same message";

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(process: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(status: i32) -> !;
}

fn signer(rng: &mut Fixed) -> PreparedSigner {
    let key = PrivateKey::from_bytes(&[0x31; 32]).expect("in range");
    PreparedSigner::new(key, b"a test", rng)
}

/// Signatures of one message: two with the same nonce are the same.
fn signatures(signer: &mut PreparedSigner, rng: &mut Fixed) -> Vec<[u8; 64]> {
    let made = (0..COUNT).map(|_| signer.sign(DEFAULT_ID, MESSAGE, rng).expect("short id"));
    made.map(|signature| signature.to_raw()).collect()
}

/// What `child` says, run in a copy of this process; it has nothing else of it than that.
fn in_a_child(child: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    let (mut reader, mut writer) = pipe().expect("a pipe");
    // SAFETY: the child runs what is given, which takes no lock that another thread of this program may hold but those
    // of the allocator, which the C library keeps usable, and ends without returning.
    let process = unsafe { fork() };
    if process == 0 {
        let said = catch_unwind(AssertUnwindSafe(child));
        let done = said.is_ok_and(|said| writer.write_all(&said).is_ok());
        // SAFETY: ends this process; nothing of it is needed any more.
        unsafe { _exit(i32::from(!done)) }
    }
    assert!(process > 0, "no process to be had");
    drop(writer);
    let mut said = Vec::new();
    reader.read_to_end(&mut said).expect("a pipe");
    let mut status = -1;
    // SAFETY: a child of this process, and a number to write to.
    assert_eq!(unsafe { waitpid(process, &raw mut status, 0) }, process);
    assert_eq!(status, 0, "the child failed");
    said
}

/// The parent, two children one after the other, and a child of each, all with the same copied generator.
#[test]
fn a_child_uses_no_nonce_of_its_parent_or_its_siblings() {
    let rng = &mut Fixed(5);
    let mut signer = signer(rng);
    signer.sign(DEFAULT_ID, MESSAGE, rng).expect("short id");
    if signer.prepared() == 0 {
        absent("a system that tells of fork (Linux 4.14, MADV_WIPEONFORK)");
        return;
    }
    let ready = u8::try_from(signer.prepared()).expect("64 at most");
    let mut all = Vec::new();
    for _ in 0..2 {
        let said = in_a_child(|| {
            // What was ready came along with the memory: here it would be used again.
            let inherited = u8::try_from(signer.prepared()).expect("64 at most");
            let own = in_a_child(|| signatures(&mut signer, rng).concat());
            [vec![inherited], own, signatures(&mut signer, rng).concat()].concat()
        });
        assert_eq!(said[0], ready);
        all.extend(said[1..].as_chunks::<64>().0.to_vec());
    }
    assert_eq!(usize::from(ready), signer.prepared(), "the parent's are still there");
    all.extend(signatures(&mut signer, rng));
    assert_eq!(all.len(), 5 * COUNT);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 5 * COUNT, "a nonce served twice");
    let key = *signer.public_key();
    for made in &all {
        let made = Signature::from_raw(made).expect("in range");
        assert_eq!(key.verify(DEFAULT_ID, MESSAGE, &made), Ok(()));
    }
}

#[test]
fn threads_that_share_a_signer_share_no_nonce() {
    let signer = Mutex::new(signer(&mut Fixed(6)));
    let all = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..COUNT {
                    let mut signer = signer.lock().expect("no panic");
                    let made = signer.sign(DEFAULT_ID, MESSAGE, &mut Fixed(7)).expect("short id");
                    all.lock().expect("no panic").insert(made.to_raw());
                }
            });
        }
    });
    assert_eq!(all.into_inner().expect("no panic").len(), 4 * COUNT);
}

/// Whatever backend computes ahead, the nonces and signatures are the same ones, and each backend verifies them.
#[test]
fn signatures_of_one_backend_are_those_of_another() {
    let best = current();
    let mut first = None;
    for backend in Backend::ALL {
        if let Err(unavailable) = force(backend) {
            println!("skipped: {unavailable}");
            continue;
        }
        let rng = &mut Fixed(8);
        let mut signer = signer(rng);
        let made: Vec<_> = (0..2 * COUNT)
            .map(|i| {
                let digest = yinxin_gm::sm2::MessageDigest::new(
                    signer.public_key(),
                    &i.to_be_bytes(),
                    &vec![7; i],
                );
                let digest = digest.expect("short id");
                (digest, signer.sign_digest(&digest, rng).expect("its own"))
            })
            .collect();
        let pairs: Vec<_> = made.iter().map(|(digest, signature)| (digest, signature)).collect();
        assert!(verify_many(&pairs).iter().all(Result::is_ok), "{backend}");
        let made: Vec<_> = made.iter().map(|(_, signature)| signature.to_raw()).collect();
        assert_eq!(first.get_or_insert_with(|| made.clone()), &made, "{backend}");
    }
    force(best).expect("it was before");
}
