use yinxin_gm::{
    Error,
    sm2::{DEFAULT_ID, MessageDigest, PrivateKey, PublicKey, Signature},
};

use crate::support::{array, blocks, field, is_valid, load_json, load_text, name, octets};

fn verify(key: &[u8], id: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Error> {
    PublicKey::from_sec1(key)?.verify(id, message, &Signature::from_der(signature)?)
}

#[test]
pub(crate) fn each_generated_signature_gets_its_verdict() {
    for case in load_json("generated/sm2_sign_neg.json").into_iter().flatten() {
        let [key, id, message, signature] =
            ["publicKey", "id", "msg", "sig"].map(|name| field(&case, name));
        let verdict = verify(&key, &id, &message, &signature);
        assert_eq!(verdict.is_ok(), is_valid(&case), "{}: {verdict:?}", name(&case));
        if is_valid(&case) {
            let parsed = Signature::from_der(&signature).expect("valid");
            assert_eq!(parsed.to_der(), signature);
            assert_eq!(Signature::from_raw(&parsed.to_raw()), Ok(parsed));
        }
    }
}

#[test]
pub(crate) fn signatures_of_botan_on_the_standard_curve() {
    let Some(text) = load_text("botan/sm2_sig.vec") else { return };
    let (_, standard) = text.split_once("# Using SM2 standard curve").expect("the heading");
    let (standard, _) = standard.split_once("# Using P-256").expect("the heading");
    let cases: Vec<_> =
        blocks(standard).into_iter().filter(|block| block["Hash"] == "SM3").collect();
    assert_eq!(cases.len(), 1);
    for block in cases {
        let key = PrivateKey::from_bytes(&array(&octets(&block["x"]))).expect("in range");
        let signature =
            Signature::from_raw(&array(&octets(&block["Signature"]))).expect("in range");
        let id = block["Ident"].as_bytes();
        assert_eq!(key.public_key().verify(id, &octets(&block["Msg"]), &signature), Ok(()));
    }
}

#[test]
pub(crate) fn a_repeated_nonce_gives_the_key_away_and_ours_does_not_repeat() {
    let Some(text) = load_text("generated/sm2_misuse.json") else { return };
    let case: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let case = &case["nonceReuse"];
    let key = PrivateKey::from_bytes(&array(&field(case, "d"))).expect("in range");
    assert_eq!(key.public_key().to_sec1()[..], field(case, "publicKey"));
    for (message, signature) in
        case["msgs"].as_array().expect("two").iter().zip(case["sigs"].as_array().expect("two"))
    {
        let message = octets(message.as_str().expect("hex"));
        let raw = [0, 1].map(|i| octets(signature[i].as_str().expect("hex"))).concat();
        let theirs = Signature::from_raw(&array(&raw)).expect("in range");
        assert_eq!(key.public_key().verify(DEFAULT_ID, &message, &theirs), Ok(()));
    }
    // A generator that always says the same: r = e + x(k·G) differs in x, or k would have repeated.
    let mut seen = std::collections::BTreeSet::new();
    for message in [b"m1", b"m2"] {
        let digest = MessageDigest::new(key.public_key(), DEFAULT_ID, message).expect("short id");
        let first = key.sign_digest(&digest, &mut Stuck(0)).expect("signs");
        assert_eq!(
            key.sign_digest(&digest, &mut Stuck(0)),
            Ok(first),
            "deterministic given the randomness"
        );
        assert_ne!(key.sign_digest(&digest, &mut Stuck(1)), Ok(first), "hedged by the randomness");
        assert_eq!(digest.verify(&first), Ok(()));
        seen.insert(first.to_raw());
    }
    assert_eq!(seen.len(), 2);
}

/// A generator that is broken.
struct Stuck(u8);

impl rand_core::TryRng for Stuck {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from(self.0))
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from(self.0))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        out.fill(self.0);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Stuck {}

#[test]
pub(crate) fn a_broken_generator_still_makes_working_keys_and_ciphertexts() {
    let key = PrivateKey::generate(&mut Stuck(0));
    let ciphertext = key.public_key().encrypt(b"message", &mut Stuck(0)).expect("encrypts");
    assert_eq!(key.decrypt(&ciphertext).expect("decrypts").as_slice(), b"message");
}

#[test]
pub(crate) fn a_digest_made_for_another_key_is_refused() {
    let [ours, theirs] = [1, 2].map(|seed| PrivateKey::generate(&mut Stuck(seed)));
    let digest = MessageDigest::new(theirs.public_key(), DEFAULT_ID, b"message").expect("short id");
    assert_eq!(ours.sign_digest(&digest, &mut Stuck(0)), Err(Error::KeyMismatch));
    let signature = theirs.sign_digest(&digest, &mut Stuck(0)).expect("its own key");
    assert_eq!(ours.public_key().verify_digest(&digest, &signature), Err(Error::KeyMismatch));
    assert_eq!(theirs.public_key().verify_digest(&digest, &signature), Ok(()));
}

#[test]
pub(crate) fn an_identifier_has_at_most_8191_bytes() {
    let key = PrivateKey::generate(&mut Stuck(3));
    assert!(key.sign(&[b'x'; 8191], b"", &mut Stuck(0)).is_ok());
    let refused = Error::IdLength { len: 8192, max: 8191 };
    assert_eq!(key.sign(&[b'x'; 8192], b"", &mut Stuck(0)), Err(refused));
}
