//! Every backend of the cryptography says what the portable one says, whatever comes.
//!
//! The first byte chooses what is computed, the others are keys, numbers and data. Everything that comes out, verdicts
//! and refusals too, is written down on each backend that the processor has, and must be the same.

use std::{convert::Infallible, sync::Mutex};

use rand_core::{TryCryptoRng, TryRng};
use yinxin_gm::{
    Digest,
    backend::{Backend, current, force},
    hmac, kdf, pbkdf2,
    sm2::{
        DEFAULT_ID, MessageDigest, PrivateKey, PublicKey, Signature,
        exchange::{Initiator, Party, Responder},
        sign_many, verify_many, verify_many_prepared,
    },
    sm3,
    sm4::{
        Sm4, cbc, ccm, cfb,
        cmac::{self, Cmac},
        ctr, gcm, ofb,
        xts::{Standard, Xts},
    },
    zuc::{Zuc, lte, mac256, nr},
};

/// The backend is the process's: one comparison at a time.
static FORCED: Mutex<()> = Mutex::new(());

/// What one backend said.
#[derive(Default, PartialEq)]
struct Said(Vec<u8>);

impl Said {
    fn note(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&bytes.len().to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn verdict<T, E>(&mut self, verdict: &Result<T, E>) {
        self.0.push(u8::from(verdict.is_ok()));
    }
}

/// What can be computed, in the order of the first byte.
const COMPUTED: [fn(&[u8], &mut Said); 8] =
    [hashes, derivations, modes, authenticated, sectors, signatures, encryption, streams];

pub(super) fn agree(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else { return };
    let number = usize::from(first) % COMPUTED.len();
    let _guard = FORCED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = current();
    let said = |backend| {
        force(backend).expect("available");
        let mut said = Said::default();
        COMPUTED[number](rest, &mut said);
        said
    };
    let defined = said(Backend::Portable);
    for backend in Backend::ALL.into_iter().filter(|backend| backend.is_available()) {
        assert!(said(backend) == defined, "{backend} says something else ({number})");
    }
    force(before).expect("it was in use");
}

/// The next N bytes; zeros behind the end.
fn take<const N: usize>(data: &mut &[u8]) -> [u8; N] {
    let mut taken = [0; N];
    let (now, rest) = data.split_at(N.min(data.len()));
    taken[..now.len()].copy_from_slice(now);
    *data = rest;
    taken
}

/// SM3 of all, of pieces, of many messages, of tree nodes.
fn hashes(mut data: &[u8], said: &mut Said) {
    let [cut, step] = take(&mut data);
    said.note(&sm3::digest(data).0);
    let mut hash = sm3::Sm3::new();
    data.chunks(1 + usize::from(cut)).for_each(|piece| hash.update(piece));
    said.note(&hash.clone().finalize().0);
    let messages: Vec<&[u8]> = data.chunks(1 + usize::from(step)).collect();
    let mut digests = vec![Digest::ZERO; messages.len()];
    sm3::many(&messages, &mut digests);
    digests.iter().for_each(|digest| said.note(&digest.0));
    hash.many(&messages, &mut digests);
    let pairs = digests.len() / 2;
    let mut parents = vec![Digest::ZERO; pairs];
    sm3::nodes(cut, &digests[..2 * pairs], &mut parents);
    parents.iter().for_each(|parent| said.note(&parent.0));
}

/// HMAC, KDF, PBKDF2.
fn derivations(mut data: &[u8], said: &mut Said) {
    let [len, rounds] = take(&mut data);
    let (key, message) = data.split_at(data.len() / 3);
    said.note(&hmac::hmac_sm3(key, message).0);
    let mut out = vec![0; 5 * usize::from(len)];
    said.verdict(&kdf::derive(&[key, message], &mut out));
    said.note(&out);
    let rounds = std::num::NonZeroU32::new(1 + u32::from(rounds % 8)).expect("not zero");
    said.verdict(&pbkdf2::hmac_sm3(key, message, rounds, &mut out));
    said.note(&out);
}

/// SM4 without authentication, there and back.
fn modes(mut data: &[u8], said: &mut Said) {
    let (key, iv) = (take(&mut data), take(&mut data));
    let mut blocks = data.to_vec();
    let sm4 = Sm4::new(&key);
    sm4.encrypt_blocks(blocks.as_chunks_mut().0);
    said.note(&blocks);
    sm4.decrypt_blocks(blocks.as_chunks_mut().0);
    assert!(blocks == data, "back again");
    for apply in [ctr::apply, ofb::apply, cfb::encrypt, cfb::decrypt] {
        apply(&key, &iv, &mut blocks);
        said.note(&blocks);
    }
    said.verdict(&cbc::encrypt(&key, &iv, &mut blocks));
    said.note(&blocks);
    said.verdict(&cbc::decrypt(&key, &iv, &mut blocks));
    said.note(&blocks);
    let padded = cbc::encrypt_pkcs7(&key, &iv, data);
    said.note(&padded);
    let opened = cbc::decrypt_pkcs7(&key, &iv, &padded);
    assert!(opened.is_ok_and(|opened| opened[..] == *data), "back again");
    said.verdict(&cbc::decrypt_pkcs7(&key, &iv, data));
    let mut copies: Vec<Vec<u8>> = data.chunks(160).map(<[u8]>::to_vec).collect();
    let messages = copies.iter_mut().map(|data| cbc::Message { key: &sm4, iv, data });
    said.verdict(&cbc::encrypt_many(&mut messages.collect::<Vec<_>>()));
    said.note(&copies.concat());
}

/// GCM with any nonce, in one and in pieces; CCM; CMAC, one and many.
fn authenticated(mut data: &[u8], said: &mut Said) {
    let key = take(&mut data);
    let [nonce, aad, piece] = take(&mut data).map(usize::from);
    let (nonce, data) = data.split_at((nonce % 40).min(data.len()));
    let (aad, data) = data.split_at(aad.min(data.len()));
    let sealed = gcm::seal(&key, nonce, aad, data);
    said.verdict(&sealed);
    if let Ok(mut sealed) = sealed {
        said.note(&sealed);
        let opened = gcm::open(&key, nonce, aad, &sealed).expect("just sealed");
        assert!(opened[..] == *data, "back again");
        let gcm = gcm::Gcm::new(&key);
        let mut sealing = gcm.begin(nonce, aad).expect("the same nonce");
        let mut pieces = data.to_vec();
        for piece in pieces.chunks_mut(1 + piece) {
            sealing.update(piece).expect("short");
        }
        assert!([&pieces[..], &sealing.finish()].concat() == sealed, "in pieces");
        sealed[0] ^= 1;
        assert!(gcm::open(&key, nonce, aad, &sealed).is_err(), "changed");
    }
    let sealed = ccm::seal(&key, nonce, aad, data);
    said.verdict(&sealed);
    sealed.iter().for_each(|sealed| said.note(sealed));
    let mut mac = Cmac::new(&key);
    data.chunks(1 + piece).for_each(|piece| mac.update(piece));
    said.note(&mac.finalize());
    let sm4 = Sm4::new(&key);
    let messages: Vec<_> = data.chunks(1 + piece).map(|message| (&sm4, message)).collect();
    said.note(cmac::tag_many(&messages).as_flattened());
}

/// XTS of both standards, there and back.
fn sectors(mut data: &[u8], said: &mut Said) {
    let (key, tweak) = (take(&mut data), take(&mut data));
    for standard in [Standard::Ieee1619, Standard::Gbt17964] {
        let xts = Xts::new(&key, standard);
        said.verdict(&xts);
        let Ok(xts) = xts else { continue };
        let mut sector = data.to_vec();
        let encrypted = xts.encrypt(&tweak, &mut sector);
        said.verdict(&encrypted);
        said.note(&sector);
        if encrypted.is_ok() {
            xts.decrypt(&tweak, &mut sector).expect("as long");
            assert!(sector == data, "back again");
        }
        said.verdict(&xts.decrypt(&tweak, &mut sector));
        said.note(&sector);
    }
}

/// SM2: a key, a point, what was signed and what is only claimed to be; alone, prepared, many.
fn signatures(mut data: &[u8], said: &mut Said) {
    let (d, claimed) = (take(&mut data), take(&mut data));
    let key = PrivateKey::from_bytes(&d);
    let point = PublicKey::from_coordinates(&claimed);
    said.verdict(&point);
    said.verdict(&key);
    let Ok(key) = key else { return };
    said.note(&key.public_key().to_sec1());
    let signature = key.sign(DEFAULT_ID, data, &mut Fixed).expect("a short identifier");
    said.note(&signature.to_der());
    let public = *key.public_key();
    let digest = MessageDigest::new(&public, DEFAULT_ID, data).expect("a short identifier");
    digest.verify(&signature).expect("just signed");
    // Among what is claimed: s·G + t·P at infinity, and r, s that were signed apart.
    let mut swapped = signature.to_raw();
    swapped.rotate_left(32);
    let mut mixed = claimed;
    mixed[..32].copy_from_slice(&signature.to_raw()[..32]);
    let all: Vec<_> = [signature.to_raw(), claimed, swapped, mixed]
        .iter()
        .filter_map(|raw| Signature::from_raw(raw).ok())
        .collect();
    let prepared = public.prepare();
    for signature in &all {
        said.verdict(&digest.verify(signature));
        said.verdict(&prepared.verify_digest(&digest, signature));
    }
    let pairs: Vec<_> = all.iter().cycle().take(11).map(|signature| (&digest, signature)).collect();
    verify_many(&pairs).iter().for_each(|verdict| said.verdict(verdict));
    let triples: Vec<_> = pairs.iter().map(|(digest, s)| (&prepared, *digest, *s)).collect();
    verify_many_prepared(&triples).iter().for_each(|verdict| said.verdict(verdict));
    for signature in sign_many(&[(&key, &digest); 9], &mut Fixed) {
        said.note(&signature.expect("its own").to_raw());
    }
}

/// SM2: to a key, from a key, between two.
fn encryption(mut data: &[u8], said: &mut Said) {
    let (Ok(key), Ok(other)) =
        (PrivateKey::from_bytes(&take(&mut data)), PrivateKey::from_bytes(&take(&mut data)))
    else {
        return;
    };
    let sealed = key.public_key().encrypt(data, &mut Fixed);
    said.verdict(&sealed);
    if let Ok(sealed) = sealed {
        said.note(&sealed.to_der());
        assert!(key.decrypt(&sealed).is_ok_and(|opened| opened[..] == *data), "back again");
        said.verdict(&other.decrypt(&sealed));
    }
    let party = |key: &PrivateKey| Party::new(key.public_key(), DEFAULT_ID).expect("short");
    let (a, b) = (party(&key), party(&other));
    let initiator = Initiator::new(&key, &a, &mut Fixed).expect("its own");
    let responder = Responder::new(&other, &b, &a, initiator.ephemeral(), 40, &mut Fixed);
    said.verdict(&responder);
    let Ok(responder) = responder else { return };
    let confirmation = *responder.confirmation();
    let agreed = initiator.finish(&key, &b, responder.ephemeral(), &confirmation, 40);
    said.verdict(&agreed);
    let Ok((agreed, answer)) = agreed else { return };
    said.note(&agreed);
    assert!(responder.finish(&answer).is_ok_and(|key| *key == *agreed), "the same key");
}

/// ZUC and its MACs.
fn streams(mut data: &[u8], said: &mut Said) {
    let (key, iv) = (take(&mut data), take(&mut data));
    let mut bytes = data.to_vec();
    Zuc::new_256(&key, &iv).apply(&mut bytes);
    said.note(&bytes);
    said.note(&mac256::<16>(&key, &iv, data));
    let half = key.first_chunk().expect("half of it");
    let iv = iv.first_chunk().expect("most of it");
    Zuc::new_128(half, iv).apply(&mut bytes);
    said.note(&bytes);
    said.note(&nr::nia6::<8>(&key, iv, data));
    let session = lte::Session::new(u32::from(key[0]), iv[0] % 32, lte::Direction::Downlink);
    let session = session.expect("five bits");
    let bits = u32::try_from(8 * data.len()).expect("short").saturating_sub(u32::from(key[1] % 8));
    said.verdict(&lte::eea3(half, session, &mut bytes, bits));
    said.note(&bytes);
    let mac = lte::eia3(half, session, data, bits);
    said.verdict(&mac);
    mac.iter().for_each(|mac| said.note(mac));
}

/// Randomness that always is the same.
struct Fixed;

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0x5a5a_5a5a)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0x5a5a_5a5a_5a5a_5a5a)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.fill(0x5a);
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}
