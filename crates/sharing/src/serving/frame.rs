//! How an answer stands on the wire: frames, each with its kind and length in front.
//!
//! ```text
//! answer = frame*                 frame = kind (1) ‖ length (4) ‖ octets
//! kind 1: an AccessLine, DER      kind 2: a chunk of the envelope's body, always after its line
//! kind 3: an AccessEnd, DER       kind 4: why it ends without an end: a stable code, ASCII
//! ```

use std::io::Read;

use yinxin_merkle::wire::Wire;

use super::End;
use crate::{Error, access::Line};

const HEAD: usize = 5;
/// The largest chunk of an envelope and its overhead.
const MAX_CHUNK: usize = (16 << 20) + 32;
/// The longest code.
const MAX_CODE: usize = 64;

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the format's four kinds")]
pub enum Frame {
    /// What was recorded: of the chunk that follows, or that nothing more follows.
    Line(Box<Line>),
    /// A chunk of the body.
    Chunk(Vec<u8>),
    /// The answer is whole.
    End(Box<End>),
    /// The server could not go on; nothing was denied.
    Failed(String),
}

impl Frame {
    /// Appends its octets.
    ///
    /// # Panics
    /// Never: no frame has 4 GiB.
    pub fn write(&self, out: &mut Vec<u8>) {
        let owned;
        let (kind, octets): (u8, &[u8]) = match self {
            Self::Line(line) => {
                owned = line.to_der();
                (1, &owned)
            }
            Self::Chunk(octets) => (2, octets),
            Self::End(end) => {
                owned = end.to_der();
                (3, &owned)
            }
            Self::Failed(code) => (4, code.as_bytes()),
        };
        let length = u32::try_from(octets.len()).expect("no frame has 4 GiB");
        out.push(kind);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(octets);
    }

    /// Reads the next frame; none at the end of the input. Memory is taken as octets arrive, not as they are announced.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::TooMany`], [`Error::ValueBad`] for another kind, [`Error::Wire`], [`Error::Io`].
    pub fn read(input: &mut impl Read) -> Result<Option<Self>, Error> {
        let head = take(input, HEAD)?;
        let [kind, a, b, c, d] = head[..] else {
            return if head.is_empty() { Ok(None) } else { Err(CUT) };
        };
        let max = match kind {
            1 => Line::MAX_LEN,
            2 => MAX_CHUNK,
            3 => End::MAX_LEN,
            4 => MAX_CODE,
            _ => return Err(Error::ValueBad { what: "frame", found: kind.to_string() }),
        };
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        if length > max {
            let (max, found) = (max as u64, length as u64);
            return Err(Error::TooMany { what: "octets of a frame", max, found });
        }
        let octets = take(input, length)?;
        if octets.len() < length {
            return Err(CUT);
        }
        Ok(Some(match kind {
            1 => Self::Line(Box::new(Line::from_der(&octets)?)),
            2 => Self::Chunk(octets),
            3 => Self::End(Box::new(End::from_der(&octets)?)),
            _ => Self::Failed(code(octets)?),
        }))
    }
}

const CUT: Error = Error::Truncated { what: "answer" };

/// Letters, digits and hyphens: it is shown to people.
fn code(octets: Vec<u8>) -> Result<String, Error> {
    let plain = octets.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    let text = String::from_utf8_lossy(&octets).into_owned();
    if plain { Ok(text) } else { Err(Error::ValueBad { what: "code", found: text }) }
}

fn take(input: &mut impl Read, octets: usize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    input.take(octets as u64).read_to_end(&mut out).map_err(|e| Error::io(&e))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_they_are_written_and_nothing_else() {
        let frames = [Frame::Chunk(vec![7; 100]), Frame::Failed("source".to_owned())];
        let mut octets = Vec::new();
        frames.iter().for_each(|f| f.write(&mut octets));
        let mut input = &octets[..];
        for frame in &frames {
            assert_eq!(Frame::read(&mut input).unwrap().as_ref(), Some(frame));
        }
        assert_eq!(Frame::read(&mut input), Ok(None));
        for cut in 1..105 {
            assert!(Frame::read(&mut &octets[..cut]).is_err(), "{cut}");
        }
        for (octets, why) in [
            (&[0, 0, 0, 0, 0][..], "no such kind"),
            (&[2, 255, 255, 255, 255], "four gigabytes are not awaited"),
            (&[4, 0, 0, 0, 1, 0x1b], "an escape is no code"),
            (&[1, 0, 0, 0, 0], "no line"),
        ] {
            assert!(Frame::read(&mut &octets[..]).is_err(), "{why}");
        }
    }
}
