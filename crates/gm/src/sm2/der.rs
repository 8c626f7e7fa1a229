//! The few DER elements of SM2 values: definite, shortest lengths only.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::Error;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;

/// A cursor over DER that gives out contents by expected tag.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The contents of the one element `bytes` consists of.
    pub(crate) fn only(bytes: &'a [u8], tag: u8, expected: &'static str) -> Result<Self, Error> {
        let mut reader = Self(bytes);
        let contents = reader.read(tag, expected)?;
        reader.end(expected)?;
        Ok(Self(contents))
    }

    pub(crate) fn next_is(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// The contents of the next element, which must have `tag`.
    pub(crate) fn read(&mut self, tag: u8, expected: &'static str) -> Result<&'a [u8], Error> {
        let refused = Error::Encoding { expected };
        let (&[found, length], rest) = self.0.split_first_chunk().ok_or(refused)?;
        if found != tag {
            return Err(refused);
        }
        let (length, rest) = long_length(length, rest).ok_or(refused)?;
        let (contents, rest) = rest.split_at_checked(length).ok_or(refused)?;
        self.0 = rest;
        Ok(contents)
    }

    /// A non-negative INTEGER in shortest form and at most 256 bits, as 32 bytes.
    pub(crate) fn read_uint256(&mut self, expected: &'static str) -> Result<[u8; 32], Error> {
        let refused = Error::Encoding { expected };
        let magnitude = match self.read(INTEGER, expected)? {
            [] | [0x80..=0xff, ..] => return Err(refused),
            [0, rest @ ..] if !rest.is_empty() => {
                if rest[0] < 0x80 {
                    return Err(refused);
                }
                rest
            }
            bytes => bytes,
        };
        let mut out = [0; 32];
        let at = 32_usize.checked_sub(magnitude.len()).ok_or(refused)?;
        out[at..].copy_from_slice(magnitude);
        Ok(out)
    }

    /// Refuses trailing bytes.
    pub(crate) const fn end(&self, expected: &'static str) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Encoding { expected }) }
    }
}

/// Completes a length whose first byte is read; up to 32 bits, in shortest form.
fn long_length(first: u8, bytes: &[u8]) -> Option<(usize, &[u8])> {
    if first < 0x80 {
        return Some((usize::from(first), bytes));
    }
    let count = usize::from(first & 0x7f);
    // Four bytes say up to 4 GiB; nothing of ours is longer.
    if count == 0 || count > 4 {
        return None;
    }
    let (length, rest) = bytes.split_at_checked(count)?;
    let value = length.iter().fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
    (length[0] != 0 && value >= 0x80).then_some(())?;
    Some((usize::try_from(value).ok()?, rest))
}

/// Appends tag, shortest length and contents.
#[cfg(feature = "alloc")]
pub(crate) fn write(out: &mut Vec<u8>, tag: u8, contents: &[u8]) {
    out.push(tag);
    let length = contents.len().to_be_bytes();
    let shortest = &length[length.iter().take_while(|&&byte| byte == 0).count()..];
    match shortest {
        [] => out.push(0),
        [short @ ..0x80] => out.push(*short),
        long => {
            out.push(0x80 | u8::try_from(long.len()).expect("a usize has at most 8 bytes"));
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(contents);
}

/// Appends a non-negative INTEGER, in shortest form.
#[cfg(feature = "alloc")]
pub(crate) fn write_uint256(out: &mut Vec<u8>, value: &[u8; 32]) {
    let mut padded = [0; 33];
    padded[1..].copy_from_slice(value);
    let zeros = padded.iter().take_while(|&&byte| byte == 0).count().min(32);
    // A leading bit of one would be a sign: one zero byte stays before it.
    let start = if padded[zeros] < 0x80 { zeros } else { zeros - 1 };
    write(out, INTEGER, &padded[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shortest_lengths_are_read() {
        let cases: [(&[u8], bool); 8] = [
            (&[4, 0], true),
            (&[4, 0x81, 0], false),
            (&[4, 0x80, 0, 0], false),
            (&[4, 0x82, 0, 1, 9], false),
            (&[4, 0x84, 0x7f, 0xff, 0xff, 0xff], false),
            (&[4, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], false),
            (&[4], false),
            (&[], false),
        ];
        for (bytes, good) in cases {
            assert_eq!(Reader::only(bytes, OCTET_STRING, "").is_ok(), good, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for len in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let contents = alloc::vec![7; len];
            let mut out = Vec::new();
            write(&mut out, OCTET_STRING, &contents);
            assert_eq!(Reader::new(&out).read(OCTET_STRING, "").expect("just written"), contents);
        }
        for first in 0..32 {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut value = [0; 32];
                value[first] = byte;
                let mut out = Vec::new();
                write_uint256(&mut out, &value);
                assert_eq!(Reader::new(&out).read_uint256(""), Ok(value));
            }
        }
    }
}
