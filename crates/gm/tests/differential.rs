//! SM2, SM3 and the KDF on random and edge input: every backend says what the portable one says. SM4's are in `sm4/random.rs`.
//!
//! `YINXIN_CASES` is how many operations each backend does; 10⁶ have agreed (specs/gm-constant-time.md).

#[path = "differential/inputs.rs"]
mod inputs;
#[path = "sm4/noise.rs"]
mod noise;

use std::time::Instant;

use inputs::{Case, Fixed};
use yinxin_gm::{
    Digest,
    backend::{Backend, force},
    kdf,
    sm2::{
        MessageDigest, PrivateKey, PublicKey, Signature,
        exchange::{Initiator, Party, Responder},
        sign_many, verify_many, verify_many_prepared,
    },
    sm3,
};

/// What one backend said, and in how many operations.
#[derive(Default)]
struct Said {
    bytes: Vec<u8>,
    operations: u64,
}

impl Said {
    fn note(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.operations += 1;
    }

    fn verdict<T, E>(&mut self, verdict: &Result<T, E>) {
        self.note(&[u8::from(verdict.is_ok())]);
    }
}

#[test]
fn random_and_edge_operations_agree_on_every_backend() {
    let wanted = inputs::count(20_000);
    let levels: Vec<_> = Backend::ALL.into_iter().filter(|level| level.is_available()).collect();
    let (mut done, start) = (0, Instant::now());
    for number in 0.. {
        let case = Case::new(number);
        let mut expected: Option<Said> = None;
        for level in &levels {
            force(*level).expect("available");
            let said = one(&case);
            let expected =
                expected.get_or_insert_with(|| Said { bytes: said.bytes.clone(), ..said });
            assert_eq!(expected.bytes, said.bytes, "{level}, case {number}");
        }
        done += expected.map_or(0, |said| said.operations);
        if done >= wanted {
            break;
        }
    }
    println!("{done} operations agreed on {} backends, {:?}", levels.len(), start.elapsed());
}

fn one(case: &Case) -> Said {
    let mut said = Said::default();
    hashes(case, &mut said);
    let Ok(key) = PrivateKey::from_bytes(&case.d) else {
        said.note(b"no key");
        return said;
    };
    said.note(&key.public_key().to_sec1());
    let public = PublicKey::from_sec1(&key.public_key().to_sec1()).expect("a point");
    let signature = key.sign(&case.id, &case.message, &mut Fixed(case.number));
    let signature = signature.expect("the identifier is short");
    said.note(&signature.to_raw());
    let digest = MessageDigest::new(&public, &case.id, &case.message).expect("short");
    let mut signatures = vec![signature];
    signatures
        .extend(case.signatures(&signature).iter().filter_map(|raw| Signature::from_raw(raw).ok()));
    for signature in &signatures {
        said.verdict(&digest.verify(signature));
    }
    if case.number.is_multiple_of(8) {
        let prepared = public.prepare();
        for signature in &signatures {
            said.verdict(&prepared.verify_digest(&digest, signature));
        }
        let triples: Vec<_> = signatures.iter().map(|s| (&prepared, &digest, s)).collect();
        verify_many_prepared(&triples).iter().for_each(|verdict| said.verdict(verdict));
        many(case, &key, &mut said);
        exchange(case, &key, &mut said);
    }
    let pairs: Vec<_> = signatures.iter().map(|signature| (&digest, signature)).collect();
    verify_many(&pairs).iter().for_each(|verdict| said.verdict(verdict));
    if !case.message.is_empty() {
        let sealed = public.encrypt(&case.message, &mut Fixed(!case.number)).expect("not empty");
        said.note(&sealed.to_c1c3c2());
        said.note(&key.decrypt(&sealed).expect("its own"));
    }
    said
}

fn hashes(case: &Case, said: &mut Said) {
    said.note(&sm3::digest(&case.message).0);
    let mut out = vec![0; 1 + usize::from(case.choice[9])];
    kdf::derive(&[&case.d, &case.message], &mut out).expect("short");
    said.note(&out);
    let messages: Vec<_> = (0..usize::from(case.choice[8] % 40))
        .map(|i| &case.message[i.min(case.message.len())..])
        .collect();
    let mut digests = vec![Digest::ZERO; messages.len()];
    sm3::many(&messages, &mut digests);
    digests.iter().for_each(|digest| said.note(&digest.0));
}

/// Eleven keys: the case's own, and others near it.
fn many(case: &Case, key: &PrivateKey, said: &mut Said) {
    let near = (1..11).filter_map(|i| {
        let mut d = case.d;
        d[31] ^= i;
        PrivateKey::from_bytes(&d).ok()
    });
    let keys: Vec<_> = std::iter::once(key.clone()).chain(near).collect();
    let digest = |key: &PrivateKey| MessageDigest::new(key.public_key(), &case.id, &case.message);
    let digests: Vec<_> = keys.iter().map(|key| digest(key).expect("short")).collect();
    let pairs: Vec<_> = keys.iter().zip(&digests).collect();
    let made: Vec<_> = sign_many(&pairs, &mut Fixed(case.number ^ 77))
        .into_iter()
        .map(|signature| signature.expect("its own"))
        .collect();
    made.iter().for_each(|signature| said.note(&signature.to_raw()));
    let signed: Vec<_> = digests.iter().zip(&made).collect();
    verify_many(&signed).iter().for_each(|verdict| said.verdict(verdict));
}

fn exchange(case: &Case, key: &PrivateKey, said: &mut Said) {
    let other = PrivateKey::generate(&mut Fixed(case.number ^ 99));
    let party = |key: &PrivateKey| Party::new(key.public_key(), &case.id).expect("short");
    let (a, b) = (party(key), party(&other));
    let initiator = Initiator::new(key, &a, &mut Fixed(1)).expect("its own");
    let responder = Responder::new(&other, &b, &a, initiator.ephemeral(), 48, &mut Fixed(2));
    let responder = responder.expect("finite");
    let confirmation = *responder.confirmation();
    let finished = initiator.finish(key, &b, responder.ephemeral(), &confirmation, 48);
    let (agreed, answer) = finished.expect("confirmed");
    said.note(&agreed);
    said.note(&responder.finish(&answer).expect("confirmed"));
}
