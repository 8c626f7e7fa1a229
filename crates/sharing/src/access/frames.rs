//! How entries stand in the journal: framed and chained, so that a torn end is told from damage.
//!
//! ```text
//! frame = length (4) ‖ guard (4) ‖ entry (length) ‖ chain (32)
//! guard = first 4 octets of SM3("yinxin/access-journal/1" ‖ chain before ‖ length)
//! chain = SM3("yinxin/access-journal/1" ‖ chain before ‖ length ‖ entry); before the first: 32 zero octets
//! ```

use std::io::Read;

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::Wire;

use super::journal::Entry;
use crate::Error;

const DOMAIN: &[u8] = b"yinxin/access-journal/1";
const HEAD: usize = 8;
const CHAIN: usize = 32;

/// The frame of an entry, and the chain after it.
pub(super) fn frame(entry: &Entry, before: &Digest) -> (Vec<u8>, Digest) {
    let der = entry.to_der();
    let length = u32::try_from(der.len())
        .expect("an entry has a few KB, the calls of a crowd 34")
        .to_be_bytes();
    let chain = sm3::digest_all(&[DOMAIN, before.as_bytes(), &length, &der]);
    let frame = [&length, &guard(before, length)[..], &der, chain.as_bytes()].concat();
    (frame, chain)
}

fn guard(before: &Digest, length: [u8; 4]) -> [u8; 4] {
    let digest = sm3::digest_all(&[DOMAIN, before.as_bytes(), &length]);
    let [a, b, c, d, ..] = *digest.as_bytes();
    [a, b, c, d]
}

/// What a journal's octets say.
#[derive(Debug)]
pub(super) struct Replay {
    /// The chain after the last whole entry.
    pub(super) chain: Digest,
    /// Where the last whole entry ends.
    pub(super) length: u64,
    /// What follows it: a frame that never became whole.
    pub(super) torn: Vec<u8>,
}

/// Reads all entries. An end that was torn by a crash is handed back; anything else that does not fit is damage, and no guard
/// goes on over it.
pub(super) fn replay(
    input: &mut impl Read,
    mut each: impl FnMut(Entry) -> Result<(), &'static str>,
) -> Result<Replay, Error> {
    let mut replay = Replay { chain: Digest::ZERO, length: 0, torn: Vec::new() };
    loop {
        let damaged = |why| Error::JournalDamaged { offset: replay.length, why };
        let head = take(input, HEAD)?;
        let Some((length, rest)) = head.split_first_chunk::<4>() else {
            return Ok(Replay { torn: head, ..replay });
        };
        if rest.len() < HEAD - 4 {
            return Ok(Replay { torn: head, ..replay });
        }
        if head.iter().all(|b| *b == 0) {
            return zeros(input, head, replay);
        }
        if guard(&replay.chain, *length) != *rest {
            return Err(damaged("a length that was not written"));
        }
        let size = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if size > Entry::MAX_LEN {
            return Err(damaged("an entry too long"));
        }
        let body = take(input, size + CHAIN)?;
        if body.len() < size + CHAIN {
            return Ok(Replay { torn: [head, body].concat(), ..replay });
        }
        let (der, chain) = body.split_at(size);
        let expected = sm3::digest_all(&[DOMAIN, replay.chain.as_bytes(), length, der]);
        if expected.as_bytes() != chain {
            return Err(damaged("an entry that was not written"));
        }
        let entry = Entry::from_der(der).map_err(|_| damaged("an entry of another form"))?;
        each(entry).map_err(damaged)?;
        replay.chain = expected;
        replay.length += (HEAD + size + CHAIN) as u64;
    }
}

/// A file system may have made the file longer before the octets arrived: then it ends in zeros.
fn zeros(input: &mut impl Read, head: Vec<u8>, replay: Replay) -> Result<Replay, Error> {
    let most = HEAD + Entry::MAX_LEN + CHAIN;
    let rest = take(input, most)?;
    if rest.len() == most || rest.iter().any(|b| *b != 0) {
        return Err(Error::JournalDamaged { offset: replay.length, why: "zeros" });
    }
    Ok(Replay { torn: [head, rest].concat(), ..replay })
}

fn take(input: &mut impl Read, octets: usize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    input.take(octets as u64).read_to_end(&mut out).map_err(|e| Error::io(&e))?;
    Ok(out)
}
