//! A batch as its source publishes it: its records one behind the other, without contents and salts.

use std::io::{ErrorKind, Read};

use yinxin_merkle::wire::{Wire, WireError};

use super::{SourceRecord, audit::Stretch};
use crate::Error;

/// Records that are read at once.
const AT_ONCE: usize = 4096;

/// Reads the records of a batch from its published file: the DER of one behind the DER of the one before.
///
/// Each is cut off by its length and at most as long as a record may be; what it says is for [`Audit`](super::Audit) to judge.
#[derive(Debug)]
pub struct Published<R> {
    input: R,
    over: bool,
}

impl<R: Read> Published<R> {
    /// From the beginning of a file; the reader should be buffered.
    #[must_use]
    pub const fn new(input: R) -> Self {
        Self { input, over: false }
    }

    /// The next record's bytes; `None` at the end.
    fn record(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut bytes = vec![0];
        if self.fill(&mut bytes[..])? == 0 {
            return Ok(None);
        }
        // A sequence, its length in at most two bytes: a record has at most 1,024.
        self.more(&mut bytes, 1)?;
        let [0x30, length] = bytes[..] else {
            return Err(WireError::Form(SourceRecord::NAME).into());
        };
        let length = match length {
            0..=0x7f => usize::from(length),
            0x81 | 0x82 => {
                let from = bytes.len();
                self.more(&mut bytes, usize::from(length & 0x7f))?;
                bytes[from..].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
            }
            _ => return Err(WireError::Form(SourceRecord::NAME).into()),
        };
        let (what, max, found) = (SourceRecord::NAME, SourceRecord::MAX_LEN, bytes.len() + length);
        if found > max {
            return Err(WireError::Length { what, min: 1, max, found }.into());
        }
        self.more(&mut bytes, length)?;
        Ok(Some(bytes))
    }

    /// So many bytes more.
    fn more(&mut self, bytes: &mut Vec<u8>, count: usize) -> Result<(), Error> {
        let from = bytes.len();
        bytes.resize(from + count, 0);
        if self.fill(&mut bytes[from..])? == count {
            return Ok(());
        }
        Err(WireError::Form(SourceRecord::NAME).into())
    }

    /// As many as there are.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<usize, Error> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.input.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(Error::io(&e)),
            }
        }
        Ok(filled)
    }
}

impl<R: Read> Iterator for Published<R> {
    type Item = Result<Stretch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut stretch = Stretch::new();
        while !self.over && stretch.len() < AT_ONCE {
            match self.record() {
                Ok(Some(record)) => stretch.push(record),
                Ok(None) => self.over = true,
                Err(error) => {
                    self.over = true;
                    return Some(Err(error));
                }
            }
        }
        (!stretch.is_empty()).then_some(Ok(stretch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_off_by_their_lengths() {
        let long = |n: usize| {
            let mut bytes = vec![0x30, 0x82];
            bytes.extend(u16::try_from(n).unwrap().to_be_bytes());
            bytes.resize(4 + n, 7);
            bytes
        };
        let records = [
            vec![0x30, 0],
            vec![0x30, 1, 5],
            [&[0x30, 0x81, 200][..], &[1; 200]].concat(),
            long(1020),
        ];
        let read = |bytes: &[u8]| Published::new(bytes).collect::<Result<Vec<_>, _>>();
        let whole = records.concat();
        assert_eq!(read(&whole).unwrap().concat(), records);
        assert!(read(&[]).unwrap().is_empty());
        let many = records[1].repeat(AT_ONCE + 3);
        let stretches: Vec<_> = read(&many).unwrap().iter().map(Vec::len).collect();
        assert_eq!(stretches, [AT_ONCE, 3]);
        assert!(read(&whole[..whole.len() - 1]).is_err(), "the last one is not whole");
        for bad in [&[0x31, 0][..], &[0x30], &[0x30, 0x80], &[0x30, 0x83, 0, 0, 1, 1], &long(1021)]
        {
            assert!(read(bad).is_err(), "{:02x?}", &bad[..2.min(bad.len())]);
        }
    }
}
