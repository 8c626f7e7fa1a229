//! One pass over a file before any row is issued: is it UTF-8, and does every quote end?

use std::io::Read;

use crate::Error;

/// Longest row, bytes: sixty-four fields at their longest have 400 KB. A quote that never ends must not fill memory.
const ROW_MAX: usize = 1024 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Checks a file and returns where its text begins, which is after a byte order mark.
///
/// # Errors
/// [`Error::EncodingForeign`] names the line, and GBK when it looks like it; [`Error::EncodingUtf16`]; [`Error::CsvShape`] for a row that does not
/// end; [`Error::Io`].
pub fn check_encoding(file: &mut impl Read) -> Result<u64, Error> {
    let mut scan = Scan { row: Vec::new(), line: 1, row_line: 1, quoted: false };
    let mut chunk = vec![0; 64 * 1024];
    let mut head: Vec<u8> = Vec::new();
    loop {
        let read = file.read(&mut chunk).map_err(|e| Error::io(&e))?;
        if read == 0 {
            break;
        }
        for b in &chunk[..read] {
            scan.byte(*b)?;
        }
        head.extend(chunk[..read].iter().take(BOM.len() - head.len()));
    }
    if scan.quoted {
        let why = format!("a quote that opens in line {} never closes", scan.row_line);
        return Err(Error::CsvShape { why });
    }
    scan.end_row()?;
    Ok(if head == BOM { BOM.len() as u64 } else { 0 })
}

struct Scan {
    row: Vec<u8>,
    line: u64,
    row_line: u64,
    quoted: bool,
}

impl Scan {
    fn byte(&mut self, b: u8) -> Result<(), Error> {
        self.row.push(b);
        if self.row.len() > ROW_MAX {
            let why = format!(
                "the row in line {} is longer than 1 MB; does a quote not close?",
                self.row_line
            );
            return Err(Error::CsvShape { why });
        }
        self.quoted ^= b == b'"';
        if b == b'\n' {
            self.line += 1;
            if !self.quoted {
                self.end_row()?;
            }
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Error> {
        if let Err(e) = core::str::from_utf8(&self.row) {
            let before = &self.row[..e.valid_up_to()];
            let lines = before.split(|b| *b == b'\n').count() as u64 - 1;
            let line = self.row_line + lines;
            return Err(if self.row_line == 1 && is_marked_utf16(&self.row) {
                Error::EncodingUtf16
            } else {
                Error::EncodingForeign { line, gbk: looks_like_gbk(&self.row) }
            });
        }
        // Without a mark every Latin letter of UTF-16 still brings a zero byte, and rows hold none.
        if self.row.contains(&0) {
            return Err(Error::EncodingUtf16);
        }
        self.row.clear();
        self.row_line = self.line;
        Ok(())
    }
}

fn is_marked_utf16(row: &[u8]) -> bool {
    row.starts_with(&[0xFF, 0xFE]) || row.starts_with(&[0xFE, 0xFF])
}

/// Whether every byte above ASCII is part of a two-byte GBK character (or a four-byte one of GB 18030).
fn looks_like_gbk(row: &[u8]) -> bool {
    let mut bytes = row.iter().copied().peekable();
    let mut characters = 0;
    while let Some(b) = bytes.next() {
        match b {
            0..=0x7F => continue,
            0x81..=0xFE => {}
            _ => return false,
        }
        match bytes.next() {
            Some(0x40..=0x7E | 0x80..=0xFE) => characters += 1,
            Some(0x30..=0x39) => match (bytes.next(), bytes.next()) {
                (Some(0x81..=0xFE), Some(0x30..=0x39)) => characters += 1,
                _ => return false,
            },
            _ => return false,
        }
    }
    // UTF-16's mark FF FE is no GBK: FF never leads.
    characters > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let foreign = |line, gbk| Err(Error::EncodingForeign { line, gbk });
        for (bytes, answer) in [
            (&b""[..], Ok(0)),
            (b"a,b\n1,2", Ok(0)),
            (b"\xEF\xBB\xBFa\n", Ok(3)),
            (b"\xEF\xBB\xBF", Ok(3)),
            ("名称\n甲".as_bytes(), Ok(0)),
            (b"a\n\xB1\xB1\xBE\xA9\n", foreign(2, true)),
            (b"a\n\"x\n\xB1\xB1\"\n", foreign(3, true)),
            (b"a\n\xFF\xFE\n", foreign(2, false)),
            (b"caf\xE9", foreign(1, false)),
            (b"\xFF\xFEa\0\n\0", Err(Error::EncodingUtf16)),
            (b"\xFE\xFF\0a\0\n", Err(Error::EncodingUtf16)),
            (b"a\0,\0b\0\n\0", Err(Error::EncodingUtf16)),
        ] {
            assert_eq!(check_encoding(&mut &*bytes), answer, "{bytes:?}");
        }
        assert!(matches!(check_encoding(&mut &b"a\n\"b\nc"[..]), Err(Error::CsvShape { .. })));
        let endless = [vec![b'"'], vec![b'x'; ROW_MAX]].concat();
        assert!(matches!(check_encoding(&mut &endless[..]), Err(Error::CsvShape { .. })));
    }
}
