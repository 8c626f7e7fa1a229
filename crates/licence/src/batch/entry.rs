//! The bytes of the journal.
//!
//! ```text
//! header   "YXBATCH1" batch (32) check (16)                         check = SM3(all before) truncated
//! entry    "Ye" length (u32) synced (u64) kind (u8) body check (16)  check = SM3(batch, offset, all before) truncated
//! ```
//! Integers are big-endian; `length` counts kind and body; texts and bytes in a body stand behind a u32 length.

use yinxin_gm::{Digest, sm3};
use yinxin_verdict::UnixTime;

use super::Stage;
use crate::{Error, Identifier};

const MAGIC: &[u8; 8] = b"YXBATCH1";
const MARK: &[u8; 2] = b"Ye";
const CHECK: usize = 16;
const HEADER: usize = MAGIC.len() + 32 + CHECK;
/// Mark, length, synced.
const HEAD: usize = 2 + 4 + 8;

/// Largest kind and body, bytes: a signed record has about 1 KB; the largest that the ledger takes fits many times.
pub const ENTRY_MAX: usize = 256 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Issued { identifier: Identifier, draft: Digest, at: UnixTime },
    Sealed { serial: String, path: String, signed_value: Digest },
    Submitted { serial: String, record: Vec<u8> },
    Anchored { serial: String, height: u64 },
    Resubmitted { serial: String, record: Vec<u8> },
}

impl Event {
    pub(super) fn serial(&self) -> &str {
        match self {
            Self::Issued { identifier, .. } => identifier.serial(),
            Self::Sealed { serial, .. }
            | Self::Submitted { serial, .. }
            | Self::Anchored { serial, .. }
            | Self::Resubmitted { serial, .. } => serial,
        }
    }

    /// The stage that it leads to.
    pub(super) fn stage(&self) -> Stage {
        match self {
            Self::Issued { .. } => Stage::Issued,
            Self::Sealed { .. } => Stage::Sealed,
            Self::Submitted { .. } | Self::Resubmitted { .. } => Stage::Submitted,
            Self::Anchored { .. } => Stage::Anchored,
        }
    }

    fn to_body(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Issued { identifier, draft, at } => {
                out.push(1);
                put(&mut out, identifier.as_str().as_bytes());
                out.extend_from_slice(draft.as_bytes());
                out.extend_from_slice(&at.as_millis().to_be_bytes());
            }
            Self::Sealed { serial, path, signed_value } => {
                out.push(2);
                put(&mut out, serial.as_bytes());
                put(&mut out, path.as_bytes());
                out.extend_from_slice(signed_value.as_bytes());
            }
            Self::Submitted { serial, record } => {
                out.push(3);
                put(&mut out, serial.as_bytes());
                put(&mut out, record);
            }
            Self::Anchored { serial, height } => {
                out.push(4);
                put(&mut out, serial.as_bytes());
                out.extend_from_slice(&height.to_be_bytes());
            }
            Self::Resubmitted { serial, record } => {
                out.push(5);
                put(&mut out, serial.as_bytes());
                put(&mut out, record);
            }
        }
        out
    }

    fn from_body(body: &[u8]) -> Option<Self> {
        let (kind, mut rest) = body.split_first()?;
        let input = &mut rest;
        let event = match kind {
            1 => Self::Issued {
                identifier: Identifier::parse(&text(input)?).ok()?,
                draft: Digest(array(input)?),
                at: UnixTime::from_millis(i64::from_be_bytes(array(input)?)).ok()?,
            },
            2 => Self::Sealed {
                serial: text(input)?,
                path: text(input)?,
                signed_value: Digest(array(input)?),
            },
            3 => Self::Submitted { serial: text(input)?, record: bytes(input)?.to_vec() },
            4 => Self::Anchored { serial: text(input)?, height: u64::from_be_bytes(array(input)?) },
            5 => Self::Resubmitted { serial: text(input)?, record: bytes(input)?.to_vec() },
            _ => return None,
        };
        rest.is_empty().then_some(event)
    }
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    // A text longer than u32 fails the entry's limit right after; its length need not be right.
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn take<'a>(input: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, rest) = input.split_at_checked(len)?;
    *input = rest;
    Some(head)
}

fn array<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    take(input, N)?.try_into().ok()
}

fn bytes<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(u32::from_be_bytes(array(input)?)).ok()?;
    take(input, len)
}

fn text(input: &mut &[u8]) -> Option<String> {
    String::from_utf8(bytes(input)?.to_vec()).ok()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// How much of the file was synced when this was written.
    pub(super) synced: u64,
    pub(super) event: Event,
}

impl Entry {
    pub(super) fn to_bytes(&self, batch: &Digest, offset: u64) -> Result<Vec<u8>, Error> {
        let body = self.event.to_body();
        let too_long = || Error::FieldTooLong {
            name: "journal entry".to_owned(),
            chars: body.len(),
            max: ENTRY_MAX,
        };
        let length = u32::try_from(body.len()).map_err(|_| too_long())?;
        if body.len() > ENTRY_MAX {
            return Err(too_long());
        }
        let mut out = Vec::with_capacity(HEAD + body.len() + CHECK);
        out.extend_from_slice(MARK);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&self.synced.to_be_bytes());
        out.extend_from_slice(&body);
        let check = check(batch, offset, &out);
        out.extend_from_slice(&check);
        Ok(out)
    }

    /// The entry at this offset and where it ends; `None` when there is no whole one with a right checksum.
    fn at(file: &[u8], offset: usize, batch: &Digest) -> Option<(Self, usize)> {
        let mut input = file.get(offset..)?;
        if take(&mut input, 2)? != MARK {
            return None;
        }
        let length = usize::try_from(u32::from_be_bytes(array(&mut input)?)).ok()?;
        let synced = u64::from_be_bytes(array(&mut input)?);
        if length > ENTRY_MAX {
            return None;
        }
        let body = take(&mut input, length)?;
        let found: [u8; CHECK] = array(&mut input)?;
        let end = offset + HEAD + length;
        if found != check(batch, offset as u64, &file[offset..end]) {
            return None;
        }
        Some((Self { synced, event: Event::from_body(body)? }, end + CHECK))
    }
}

fn check(batch: &Digest, offset: u64, bytes: &[u8]) -> [u8; CHECK] {
    let digest = sm3::digest_all(&[batch.as_bytes(), &offset.to_be_bytes(), bytes]);
    std::array::from_fn(|i| digest.as_bytes()[i])
}

pub(super) fn header(batch: &Digest) -> Vec<u8> {
    let mut out = [MAGIC.as_slice(), batch.as_bytes()].concat();
    let check = check(&Digest::ZERO, 0, &out);
    out.extend_from_slice(&check);
    out
}

/// What a file says.
pub(super) struct Journalled {
    pub(super) events: Vec<Event>,
    /// How much of it is whole; what follows is a torn tail.
    pub(super) len: u64,
}

/// Reads a journal. What cannot be read at its end is a torn tail, unless a later entry says that it was synced.
pub(super) fn read(file: &[u8], batch: &Digest) -> Result<Journalled, Error> {
    let damaged = |offset: usize, why| Error::BatchDamaged { offset: offset as u64, why };
    let expected = header(batch);
    if file.get(..HEADER) != Some(&expected) {
        return match file.get(..HEADER) {
            // A file system may leave zeros where a header was not yet written; a torn header is the start of ours.
            None if expected.starts_with(file) || file.iter().all(|b| *b == 0) => {
                Ok(Journalled { events: Vec::new(), len: 0 })
            }
            Some(found) if found == header(&Digest(batch_of(found))) => Err(Error::BatchForeign {
                expected: batch.to_string(),
                found: Digest(batch_of(found)).to_string(),
            }),
            Some(_) if file.iter().all(|b| *b == 0) => {
                Ok(Journalled { events: Vec::new(), len: 0 })
            }
            _ => Err(damaged(0, "it is no journal of a batch")),
        };
    }
    let mut events = Vec::new();
    let mut at = HEADER;
    while at < file.len() {
        let Some((entry, end)) = Entry::at(file, at, batch) else {
            if was_synced(file, at, batch) {
                return Err(damaged(at, "an entry that was on disk cannot be read"));
            }
            break;
        };
        events.push(entry.event);
        at = end;
    }
    Ok(Journalled { events, len: at as u64 })
}

fn batch_of(header: &[u8]) -> [u8; 32] {
    std::array::from_fn(|i| header[MAGIC.len() + i])
}

/// Whether some whole entry further on was written after a sync that covered this offset.
fn was_synced(file: &[u8], offset: usize, batch: &Digest) -> bool {
    let marks = file[offset..].windows(2).enumerate().skip(1).filter(|(_, w)| *w == MARK);
    marks
        .filter_map(|(i, _)| Entry::at(file, offset + i, batch))
        .any(|(entry, _)| entry.synced > offset as u64)
}
