//! The records of the ZIP format (APPNOTE 6.3.10), read strictly.
//!
//! ```text
//! local header     4.3.7   PK 03 04 · version 2 · flags 2 · method 2 · time 2 · date 2 · crc 4 · compressed 4 · size 4 · name n · extra m
//! data descriptor  4.3.9   [PK 07 08] · crc 4 · compressed 4 · size 4                     when flag bit 3 is set
//! central header   4.3.12  PK 01 02 · made by 2 · … as above … · comment 2 · disk 2 · attributes 2+4 · offset 4
//! end record       4.3.16  PK 05 06 · disk 2 · disk 2 · entries 2 · entries 2 · size 4 · offset 4 · comment n
//! ```

use super::mismatch;
use crate::{HeaderField, NameFlaw, OfdError, name};

/// What is refused when an entry needs ZIP64.
pub(super) const ZIP64_IN_USE: &str = "ZIP64 sizes or offsets";

const FLAG_ENCRYPTED: u16 = 1;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAG_STRONG: u16 = 1 << 6;
const FLAG_UTF8: u16 = 1 << 11;
const FLAG_MASKED: u16 = 1 << 13;

/// Little-endian fields at an offset that has been checked.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn at(bytes: &'a [u8], at: usize, len: usize, what: &'static str) -> Result<Self, OfdError> {
        let found = at.checked_add(len).and_then(|end| bytes.get(at..end));
        found.map(Self).ok_or(OfdError::NotAnArchive { expected: what, offset: at as u64 })
    }

    fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.0[at], self.0[at + 1]])
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes([self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]])
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from(self.u32(at)) | u64::from(self.u32(at + 4)) << 32
    }
}

fn signature(f: &Fields<'_>, want: u32, what: &'static str, at: usize) -> Result<(), OfdError> {
    if f.u32(0) == want {
        return Ok(());
    }
    Err(OfdError::NotAnArchive { expected: what, offset: at as u64 })
}

/// The end record.
pub(super) struct End {
    /// Where it stands.
    pub(super) offset: usize,
    /// How many entries it states.
    pub(super) entries: u64,
    /// Where the central directory starts.
    pub(super) directory_offset: usize,
    /// How long its comment is.
    pub(super) comment: usize,
}

impl End {
    const SIGNATURE: [u8; 4] = *b"PK\x05\x06";
    const LENGTH: usize = 22;

    /// Finds the one end record: its comment must reach exactly to the archive's end.
    pub(super) fn find(bytes: &[u8]) -> Result<Self, OfdError> {
        let none = OfdError::NotAnArchive {
            expected: "an end-of-central-directory record",
            offset: bytes.len() as u64,
        };
        let last = bytes.len().checked_sub(Self::LENGTH).ok_or(none.clone())?;
        let first = last.saturating_sub(usize::from(u16::MAX));
        let at = (first..=last)
            .rev()
            .find(|at| bytes[*at..].starts_with(&Self::SIGNATURE))
            .ok_or(none)?;
        let f = Fields::at(bytes, at, Self::LENGTH, "an end-of-central-directory record")?;
        let comment = usize::from(f.u16(20));
        let stop = at + Self::LENGTH + comment;
        if stop < bytes.len() {
            let bytes = (bytes.len() - stop) as u64;
            return Err(OfdError::StrayBytes { offset: stop as u64, bytes });
        }
        if stop > bytes.len() {
            return Err(OfdError::NotAnArchive {
                expected: "the archive comment",
                offset: bytes.len() as u64,
            });
        }
        if f.u16(4) != 0 || f.u16(6) != 0 || f.u16(8) != f.u16(10) {
            return Err(OfdError::UnsupportedZip { feature: "several disks" });
        }
        let end = Self {
            offset: at,
            entries: u64::from(f.u16(10)),
            directory_offset: f.u32(16) as usize,
            comment,
        };
        match zip64_entries(bytes, at) {
            // The count is worth telling: 70,000 entries are refused for being 70,000.
            Some(entries) if entries > u64::from(u16::MAX) => return Ok(Self { entries, ..end }),
            Some(_) => return Err(OfdError::UnsupportedZip { feature: "a ZIP64 end record" }),
            None => {}
        }
        let size = f.u32(12) as usize;
        match end.directory_offset.checked_add(size) {
            Some(stop) if stop == at => Ok(end),
            Some(stop) if stop < at => {
                Err(OfdError::StrayBytes { offset: stop as u64, bytes: (at - stop) as u64 })
            }
            _ => Err(OfdError::NotAnArchive {
                expected: "the central directory where the end record says",
                offset: end.directory_offset as u64,
            }),
        }
    }
}

/// The number of entries in a ZIP64 end record that stands before the end record at `at`, if one does.
fn zip64_entries(bytes: &[u8], at: usize) -> Option<u64> {
    let locator = Fields::at(bytes, at.checked_sub(20)?, 20, "").ok()?;
    if locator.u32(0) != 0x0706_4b50 {
        return None;
    }
    let record = usize::try_from(locator.u64(8)).ok()?;
    let record = Fields::at(bytes, record, 56, "").ok()?;
    (record.u32(0) == 0x0606_4b50).then(|| record.u64(32))
}

/// A header in the central directory.
pub(super) struct Central<'a> {
    flags: u16,
    /// Compression method.
    pub(super) method: u16,
    /// CRC-32 of the inflated bytes.
    pub(super) crc: u32,
    /// Compressed size.
    pub(super) compressed: u32,
    /// Inflated size.
    pub(super) size: u32,
    /// The name's bytes.
    pub(super) name: &'a [u8],
    extra: &'a [u8],
    /// Where the local header stands.
    pub(super) offset: u32,
}

impl<'a> Central<'a> {
    /// Reads the header at an offset; returns it and where it ends.
    pub(super) fn read(bytes: &'a [u8], at: usize) -> Result<(Self, usize), OfdError> {
        const WHAT: &str = "a header of the central directory";
        let f = Fields::at(bytes, at, 46, WHAT)?;
        signature(&f, 0x0201_4b50, WHAT, at)?;
        let [name, extra, comment] = [28, 30, 32].map(|i| usize::from(f.u16(i)));
        let tail = Fields::at(bytes, at + 46, name + extra + comment, WHAT)?.0;
        if f.u16(34) != 0 {
            return Err(OfdError::UnsupportedZip { feature: "several disks" });
        }
        // The upper half of the external attributes is a Unix mode for writers that set it: a link would lead
        // whoever unpacks the archive elsewhere.
        if !matches!(f.u32(38) >> 28, 0 | 0o4 | 0o10) {
            return Err(OfdError::UnsupportedZip { feature: "links or devices" });
        }
        let header = Self {
            flags: f.u16(8),
            method: f.u16(10),
            crc: f.u32(16),
            compressed: f.u32(20),
            size: f.u32(24),
            name: &tail[..name],
            extra: &tail[name..name + extra],
            offset: f.u32(42),
        };
        Ok((header, at + 46 + tail.len()))
    }

    /// Encrypted in any of the three ways of the format.
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED) != 0
    }

    /// The name is stated to be UTF-8.
    pub(super) fn says_utf8(&self) -> bool {
        self.flags & FLAG_UTF8 != 0
    }

    /// Sizes or offset too large for this header.
    pub(super) fn uses_zip64(&self) -> bool {
        [self.compressed, self.size, self.offset].contains(&u32::MAX)
    }

    /// An Info-ZIP Unicode path field (0x7075) with other bytes than the name.
    pub(super) fn names_itself_otherwise(&self) -> bool {
        renamed(self.extra, self.name)
    }
}

/// Whether an extra field renames the entry. What follows a malformed field is not looked at by anyone.
fn renamed(extra: &[u8], name: &[u8]) -> bool {
    extra_field(extra, 0x7075).is_some_and(|field| field.get(5..) != Some(name))
}

fn extra_field(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let length = usize::from(u16::from_le_bytes([extra[2], extra[3]]));
        let field = extra.get(4..4 + length)?;
        if u16::from_le_bytes([extra[0], extra[1]]) == id {
            return Some(field);
        }
        extra = &extra[4 + length..];
    }
    None
}

/// A local header.
pub(super) struct Local<'a> {
    flags: u16,
    method: u16,
    crc: u32,
    compressed: u32,
    size: u32,
    name: &'a [u8],
    extra: &'a [u8],
    /// Where the compressed bytes start.
    pub(super) data: usize,
}

impl<'a> Local<'a> {
    /// Reads the local header at an offset.
    pub(super) fn read(bytes: &'a [u8], at: usize) -> Result<Self, OfdError> {
        const WHAT: &str = "the local header of an entry";
        let f = Fields::at(bytes, at, 30, WHAT)?;
        signature(&f, 0x0403_4b50, WHAT, at)?;
        let [name, extra] = [26, 28].map(|i| usize::from(f.u16(i)));
        let tail = Fields::at(bytes, at + 30, name + extra, WHAT)?.0;
        Ok(Self {
            flags: f.u16(6),
            method: f.u16(8),
            crc: f.u32(14),
            compressed: f.u32(18),
            size: f.u32(22),
            name: &tail[..name],
            extra: &tail[name..],
            data: at + 30 + tail.len(),
        })
    }

    /// Name, flags and method must be the central directory's.
    pub(super) fn agrees(&self, central: &Central<'_>, name: &str) -> Result<(), OfdError> {
        if self.name != central.name {
            let local = name::shorten(&String::from_utf8_lossy(self.name));
            return Err(mismatch(name, HeaderField::Name, name::shorten(name), local));
        }
        if renamed(self.extra, self.name) {
            let flaw = NameFlaw::TwoNames;
            return Err(OfdError::NameUnsafe { name: name.to_owned(), flaw });
        }
        if self.flags != central.flags {
            return Err(mismatch(name, HeaderField::Flags, central.flags, self.flags));
        }
        if self.method != central.method {
            return Err(mismatch(name, HeaderField::Method, central.method, self.method));
        }
        Ok(())
    }

    /// The sizes stand in a ZIP64 field though they need none, as some streaming writers do.
    pub(super) fn sizes_in_zip64(&self) -> bool {
        self.compressed == u32::MAX && self.size == u32::MAX && self.zip64().is_some()
    }

    fn zip64(&self) -> Option<(u64, u64)> {
        let f = Fields(extra_field(self.extra, 1)?.get(..16)?);
        Some((f.u64(0), f.u64(8)))
    }

    /// Checks checksum and sizes here and in the data descriptor against the central directory, once the
    /// entry's own bytes have spoken; returns where the entry ends.
    pub(super) fn closes(
        &self,
        bytes: &[u8],
        central: &Central<'_>,
        name: &str,
        stop: usize,
    ) -> Result<usize, OfdError> {
        let streamed = self.flags & FLAG_DESCRIPTOR != 0;
        let (size, compressed) = match self.zip64() {
            Some(sizes) if self.sizes_in_zip64() => sizes,
            _ => (u64::from(self.size), u64::from(self.compressed)),
        };
        let blank = streamed && self.crc == 0 && size == 0 && compressed == 0;
        if !blank {
            compare(name, central, self.crc, compressed, size)?;
        }
        if !streamed {
            return Ok(stop);
        }
        const WHAT: &str = "the data descriptor of an entry";
        let f = Fields::at(bytes, stop, 12, WHAT)?;
        // The signature is optional; a checksum that equals it would be read as one by everybody.
        let skip = if f.u32(0) == 0x0807_4b50 { 4 } else { 0 };
        let f = Fields::at(bytes, stop + skip, 12, WHAT)?;
        compare(name, central, f.u32(0), u64::from(f.u32(4)), u64::from(f.u32(8)))?;
        Ok(stop + skip + 12)
    }
}

fn compare(
    name: &str,
    central: &Central<'_>,
    crc: u32,
    compressed: u64,
    size: u64,
) -> Result<(), OfdError> {
    for (field, want, found) in [
        (HeaderField::Crc, u64::from(central.crc), u64::from(crc)),
        (HeaderField::CompressedSize, u64::from(central.compressed), compressed),
        (HeaderField::Size, u64::from(central.size), size),
    ] {
        if want != found {
            return Err(mismatch(name, field, want, found));
        }
    }
    Ok(())
}
