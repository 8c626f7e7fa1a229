//! Many signatures at once get the verdicts, and are made as the signatures, of one call after the other, on every
//! backend; among them the shared vectors and every kind of wrong signature.

#[path = "vectors/support.rs"]
#[allow(dead_code, reason = "shared with the vectors")]
mod support;

use support::{field, is_valid, load_json, name};
use yinxin_gm::{
    Error,
    backend::{Backend, force},
    sm2::{
        DEFAULT_ID, MessageDigest, PreparedKey, PrivateKey, PublicKey, Signature, sign_many,
        verify_many, verify_many_prepared,
    },
    sm3,
};

/// A generator whose output is a count: the same for both ways of signing.
struct Counter(u64);

impl rand_core::TryRng for Counter {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|count| u32::try_from(count).expect("small"))
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 += 1;
        Ok(self.0)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        for part in out.chunks_mut(8) {
            let count = self.try_next_u64()?;
            part.copy_from_slice(&count.to_le_bytes()[..part.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counter {}

/// Runs `check` with each backend that the processor has.
///
/// The backend is the process's: this file has one test that forces it, and results do not depend on it.
fn on_each_backend(mut check: impl FnMut(Backend)) {
    for backend in Backend::ALL {
        match force(backend) {
            Ok(()) => check(backend),
            Err(unavailable) => println!("skipped: {unavailable}"),
        }
    }
}

struct Item {
    key: PublicKey,
    digest: MessageDigest,
    signature: Signature,
}

impl Item {
    fn expected(&self) -> Result<(), Error> {
        self.digest.verify(&self.signature)
    }
}

/// Good ones, and wrong ones of each kind: another message, another key, r or s changed, r and s exchanged, r and s of
/// few bits, n minus few.
fn items() -> Vec<Item> {
    let rng = &mut Counter(0);
    let keys: Vec<_> = (0..5).map(|_| PrivateKey::generate(rng)).collect();
    let mut one = [0; 32];
    one[31] = 1;
    let keys = keys.into_iter().chain([PrivateKey::from_bytes(&one).expect("in range")]);
    let n = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
    let n: [u8; 32] = support::array(&hex::decode(n).expect("hexadecimal"));
    let mut items = Vec::new();
    for (key, message) in keys.zip(0_u8..) {
        let public = key.public_key();
        let digest =
            |message: &[u8]| MessageDigest::new(public, DEFAULT_ID, message).expect("short");
        let signature = key.sign_digest(&digest(&[message]), rng).expect("its own digest");
        let other = PrivateKey::generate(rng);
        let raw = signature.to_raw();
        let mut add = |digest: MessageDigest, raw: [u8; 64]| {
            if let Ok(signature) = Signature::from_raw(&raw) {
                items.push(Item { key: *digest.public_key(), digest, signature });
            }
        };
        add(digest(&[message]), raw);
        add(digest(&[message, 0]), raw);
        add(MessageDigest::new(other.public_key(), DEFAULT_ID, &[message]).expect("short"), raw);
        for byte in [0, 31, 32, 63] {
            let mut changed = raw;
            changed[byte] ^= 1;
            add(digest(&[message]), changed);
        }
        let [r, s] =
            [0, 32].map(|at| <[u8; 32]>::try_from(&raw[at..at + 32]).expect("of 32 bytes"));
        let small = |value: u8| core::array::from_fn(|i| if i == 31 { value } else { 0 });
        let large = |value: u8| core::array::from_fn(|i| if i == 31 { n[i] - value } else { n[i] });
        for (r, s) in [
            (s, r),
            (small(1), small(1)),
            (small(2), large(1)),
            (large(1), large(1)),
            (small(1), s),
            (r, small(1)),
            (r, large(2)),
            (large(9), small(7)),
        ] {
            let mut changed = [0; 64];
            changed[..32].copy_from_slice(&r);
            changed[32..].copy_from_slice(&s);
            add(digest(&[message]), changed);
        }
    }
    items
}

#[test]
fn many_at_once_are_what_one_after_the_other_is() {
    let items = items();
    let expected: Vec<_> = items.iter().map(Item::expected).collect();
    assert_eq!(expected.iter().filter(|verdict| verdict.is_ok()).count(), 6);
    let pairs: Vec<_> = items.iter().map(|item| (&item.digest, &item.signature)).collect();
    let prepared: Vec<_> = items.iter().map(|item| item.key.prepare()).collect();
    let triples: Vec<(&PreparedKey, &MessageDigest, &Signature)> = prepared
        .iter()
        .zip(&pairs)
        .map(|(key, (digest, signature))| (key, *digest, *signature))
        .collect();

    let keys: Vec<_> = (0..70_u64).map(|i| PrivateKey::generate(&mut Counter(i << 32))).collect();
    let digests: Vec<_> = keys
        .iter()
        .map(|key| MessageDigest::new(key.public_key(), DEFAULT_ID, b"message").expect("short"))
        .collect();
    let mut to_sign: Vec<_> = keys.iter().zip(&digests).collect();
    // Neither refused items nor what follows them is disturbed.
    to_sign[3].0 = &keys[4];
    to_sign[20].1 = &digests[0];
    let rng = &mut Counter(1 << 40);
    let signed: Vec<_> = to_sign.iter().map(|(key, digest)| key.sign_digest(digest, rng)).collect();
    assert_eq!(signed[20], Err(Error::KeyMismatch));

    on_each_backend(|backend| {
        for count in (0..=17).chain([pairs.len()]) {
            let verdicts = verify_many(&pairs[..count]);
            assert_eq!(verdicts, expected[..count], "{backend}, {count}");
            let verdicts = verify_many_prepared(&triples[..count]);
            assert_eq!(verdicts, expected[..count], "prepared, {backend}, {count}");
        }
        let mut mixed = triples.clone();
        mixed[7].0 = &prepared[prepared.len() - 1];
        let verdicts = verify_many_prepared(&mixed);
        for ((key, digest, signature), verdict) in mixed.iter().zip(verdicts) {
            assert_eq!(verdict, key.verify_digest(digest, signature), "{backend}");
        }
        for count in (0..=17).chain([63, 64, 65, to_sign.len()]) {
            let made = sign_many(&to_sign[..count], &mut Counter(1 << 40));
            assert_eq!(made, signed[..count], "{backend}, {count}");
        }
    });
}

#[test]
fn each_generated_signature_gets_its_verdict_among_others() {
    let cases: Vec<_> = load_json("generated/sm2_sign_neg.json").into_iter().flatten().collect();
    let read = |case: &serde_json::Value| {
        let [key, id, message, signature] =
            ["publicKey", "id", "msg", "sig"].map(|name| field(case, name));
        let digest = MessageDigest::new(&PublicKey::from_sec1(&key).ok()?, &id, &message).ok()?;
        Some((digest, Signature::from_der(&signature).ok()?))
    };
    let readable: Vec<_> = cases.iter().filter_map(|case| Some((case, read(case)?))).collect();
    let pairs: Vec<_> =
        readable.iter().map(|(_, (digest, signature))| (digest, signature)).collect();
    for ((case, _), verdict) in readable.iter().zip(verify_many(&pairs)) {
        assert_eq!(verdict.is_ok(), is_valid(case), "{}: {verdict:?}", name(case));
    }
}

/// `YINXIN_CASES` raises how many.
#[test]
fn arbitrary_operations_agree_with_one_after_the_other() {
    let cases = std::env::var("YINXIN_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases: usize = cases.unwrap_or(1000);
    let rng = &mut Counter(1 << 50);
    let keys: Vec<_> = (0..40).map(|_| PrivateKey::generate(rng)).collect();
    let prepared: Vec<_> = keys.iter().map(|key| key.public_key().prepare()).collect();
    let mut done = 0;
    while done < cases {
        // What varies comes from a hash: key, message, and which bit of the signature is wrong, if any.
        let choice = sm3::digest(&done.to_be_bytes()).0;
        let count = usize::from(choice[0]) % 40;
        let part: Vec<_> = (0..count)
            .map(|i| {
                let key = usize::from(choice[i % 32]).wrapping_add(i) % keys.len();
                let message = [&choice[..], &[u8::try_from(i).expect("below 40")]].concat();
                let public = keys[key].public_key();
                (key, MessageDigest::new(public, DEFAULT_ID, &message).expect("short"))
            })
            .collect();
        let to_sign: Vec<_> = part.iter().map(|(key, digest)| (&keys[*key], digest)).collect();
        let seed = u64::from(choice[1]) << 32;
        let signatures = sign_many(&to_sign, &mut Counter(seed));
        let rng = &mut Counter(seed);
        let alone: Vec<_> =
            to_sign.iter().map(|(key, digest)| key.sign_digest(digest, rng)).collect();
        assert_eq!(signatures, alone);
        let signatures: Vec<_> = signatures
            .into_iter()
            .zip(&choice)
            .map(|(signature, choice)| {
                let signature = signature.expect("its own digest");
                let mut raw = signature.to_raw();
                raw[usize::from(choice / 4)] ^= choice & 1;
                Signature::from_raw(&raw).unwrap_or(signature)
            })
            .collect();
        let part = &part[..signatures.len()];
        let pairs: Vec<_> = part.iter().map(|(_, digest)| digest).zip(&signatures).collect();
        let triples: Vec<_> = part
            .iter()
            .zip(&signatures)
            .map(|((key, digest), signature)| (&prepared[*key], digest, signature))
            .collect();
        let alone: Vec<_> =
            pairs.iter().map(|(digest, signature)| digest.verify(signature)).collect();
        assert_eq!(verify_many(&pairs), alone);
        assert_eq!(verify_many_prepared(&triples), alone);
        done += count.max(1);
    }
}
