//! The archive: a strict walk over the ZIP format in which every byte belongs to exactly one entry or header.
//!
//! The `zip` crate is made for reading what it can; here any archive that two readers may understand
//! differently must be refused (ADR 0030).

pub(crate) mod headers;
pub(crate) mod write;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use flate2::{Crc, Decompress, FlushDecompress, Status};
use yinxin_gm::Digest;

use crate::package::{Deviation, DeviationKind};
use crate::{HeaderField, Limit, Limits, NameFlaw, OfdError, name};
use headers::{Central, End, Local, ZIP64_IN_USE};

/// A file in the archive.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its checked name.
    pub(crate) name: String,
    /// Its inflated bytes.
    pub(crate) data: Vec<u8>,
    /// The compressed bytes: offset and length in the archive.
    pub(crate) stored: (usize, usize),
    /// Compression method: 0 stored, 8 deflated.
    pub(crate) method: u16,
    /// CRC-32 of `data`.
    pub(crate) crc: u32,
    /// SM3 of `data`, once somebody asked: every signature asks the same.
    pub(crate) digest: OnceLock<Digest>,
}

/// What a walk over an archive found.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    /// The files, in the order of the central directory.
    pub(crate) entries: Vec<Entry>,
    /// Folded name to position in `entries`.
    pub(crate) index: BTreeMap<String, usize>,
    /// What differs from the standard's form, harmlessly.
    pub(crate) deviations: Vec<Deviation>,
}

impl Archive {
    /// Walks the archive, inflates every entry, and refuses whatever is ambiguous.
    pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Self, OfdError> {
        if bytes.len() > limits.archive_bytes {
            return Err(over(Limit::ArchiveBytes, bytes.len(), limits.archive_bytes, ""));
        }
        let end = End::find(bytes)?;
        let central = read_central(bytes, &end, limits)?;
        if central.is_empty() {
            return Err(OfdError::Empty);
        }
        let mut walk = Walk { bytes, limits, out: Self::default(), spans: Vec::new(), total: 0 };
        if end.comment > 0 {
            walk.deviate("", DeviationKind::ArchiveComment);
        }
        let names = walk.names(&central)?;
        walk.sizes(&central)?;
        for (header, name) in central.iter().zip(names) {
            walk.entry(header, name)?;
        }
        walk.tiles(end.directory_offset)?;
        Ok(walk.out)
    }
}

pub(crate) fn over(limit: Limit, found: usize, allowed: usize, path: &str) -> OfdError {
    OfdError::OverLimit {
        limit,
        found: found as u64,
        allowed: allowed as u64,
        path: path.to_owned(),
    }
}

/// Reads the central directory, which must fill the space between its offset and the end record exactly.
fn read_central<'a>(
    bytes: &'a [u8],
    end: &End,
    limits: &Limits,
) -> Result<Vec<Central<'a>>, OfdError> {
    let allow = |found: u64| match found <= limits.entries as u64 {
        true => Ok(()),
        false => Err(OfdError::OverLimit {
            limit: Limit::Entries,
            found,
            allowed: limits.entries as u64,
            path: String::new(),
        }),
    };
    allow(end.entries)?;
    let (mut at, stop) = (end.directory_offset, end.offset);
    let mut out = Vec::new();
    while at < stop {
        // The end record's count is 16 bits wide and wraps.
        allow(out.len() as u64 + 1)?;
        let (header, next) = Central::read(bytes, at)?;
        out.push(header);
        at = next;
    }
    if at != stop || out.len() as u64 != end.entries {
        return Err(OfdError::NotAnArchive {
            expected: "as many central headers as the end record states",
            offset: at as u64,
        });
    }
    Ok(out)
}

/// The state of one walk.
struct Walk<'a> {
    bytes: &'a [u8],
    limits: &'a Limits,
    out: Archive,
    /// What each entry occupies, local header to data descriptor.
    spans: Vec<(usize, usize)>,
    /// Bytes inflated so far.
    total: usize,
}

impl Walk<'_> {
    fn deviate(&mut self, path: &str, kind: DeviationKind) {
        self.out.deviations.push(Deviation { path: path.to_owned(), kind });
    }

    /// Checks all names before any entry is inflated: alone, then against each other.
    fn names(&mut self, central: &[Central<'_>]) -> Result<Vec<String>, OfdError> {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut names = Vec::with_capacity(central.len());
        for header in central {
            let name = self.name(header)?;
            let bare = name.strip_suffix('/').unwrap_or(&name);
            name::check(bare, self.limits)?;
            if let Some(first) = seen.insert(name::fold(bare), name.clone()) {
                return Err(OfdError::DuplicateName { first, second: name });
            }
            names.push(name);
        }
        // A file that is also a folder: `Doc_0` beside `Doc_0/Document.xml`.
        for name in &names {
            let folded = name::fold(name.strip_suffix('/').unwrap_or(name));
            for (end, _) in folded.match_indices('/') {
                match seen.get(&folded[..end]) {
                    Some(file) if !file.ends_with('/') => {
                        let (first, second) = (file.clone(), name.clone());
                        return Err(OfdError::DuplicateName { first, second });
                    }
                    _ => {}
                }
            }
        }
        Ok(names)
    }

    fn name(&mut self, header: &Central<'_>) -> Result<String, OfdError> {
        let refuse = |flaw| OfdError::NameUnsafe {
            name: name::shorten(&String::from_utf8_lossy(header.name)),
            flaw,
        };
        let name = std::str::from_utf8(header.name).map_err(|_| refuse(NameFlaw::NotUtf8))?;
        if header.names_itself_otherwise() {
            return Err(refuse(NameFlaw::TwoNames));
        }
        if !name.is_ascii() && !header.says_utf8() {
            self.deviate(name, DeviationKind::NameEncodingUnstated);
        }
        Ok(name.to_owned())
    }

    /// Checks what the central directory declares, before anything of that size is allocated.
    fn sizes(&self, central: &[Central<'_>]) -> Result<(), OfdError> {
        let total: u64 = central.iter().map(|h| u64::from(h.size)).sum();
        if total > self.limits.total_bytes as u64 {
            return Err(OfdError::OverLimit {
                limit: Limit::TotalBytes,
                found: total,
                allowed: self.limits.total_bytes as u64,
                path: String::new(),
            });
        }
        let stored = self.bytes.len().max(1) as u64;
        if total > self.limits.ratio_free_bytes as u64
            && total > stored.saturating_mul(self.limits.ratio as u64)
        {
            return Err(over_ratio(total / stored, self.limits));
        }
        Ok(())
    }

    fn entry(&mut self, header: &Central<'_>, name: String) -> Result<(), OfdError> {
        if header.is_encrypted() {
            return Err(OfdError::Encrypted { name });
        }
        if header.uses_zip64() {
            return Err(OfdError::UnsupportedZip { feature: ZIP64_IN_USE });
        }
        let local = Local::read(self.bytes, header.offset as usize)?;
        local.agrees(header, &name)?;
        let (start, length) = (local.data, header.compressed as usize);
        let stop = start.checked_add(length).filter(|stop| *stop <= self.bytes.len());
        let stop = stop.ok_or(OfdError::NotAnArchive {
            expected: "the compressed bytes of an entry",
            offset: start as u64,
        })?;
        let packed = &self.bytes[start..stop];
        let data = match header.method {
            0 => stored(packed, header, &name)?,
            8 => self.inflate(packed, header, &name)?,
            method => return Err(OfdError::UnsupportedMethod { name, method }),
        };
        let mut crc = Crc::new();
        crc.update(&data);
        if crc.sum() != header.crc {
            return Err(OfdError::BadCrc { name, declared: header.crc, found: crc.sum() });
        }
        let after = local.closes(self.bytes, header, &name, stop)?;
        if local.sizes_in_zip64() {
            self.deviate(&name, DeviationKind::Zip64Sizes);
        }
        self.spans.push((header.offset as usize, after));
        self.total += data.len();
        if name.ends_with('/') {
            return match data.len() {
                0 => Ok(()),
                n => Err(OfdError::DirectoryWithContent { name, bytes: n as u64 }),
            };
        }
        self.out.index.insert(name::fold(&name), self.out.entries.len());
        self.out.entries.push(Entry {
            name,
            data,
            stored: (start, length),
            method: header.method,
            crc: header.crc,
            digest: OnceLock::new(),
        });
        Ok(())
    }

    /// Inflates to exactly the declared size, using up exactly the compressed bytes.
    fn inflate(&self, packed: &[u8], h: &Central<'_>, name: &str) -> Result<Vec<u8>, OfdError> {
        let mismatch = |found: u64| OfdError::SizeMismatch {
            name: name.to_owned(),
            declared: u64::from(h.size),
            found,
        };
        // 1032: no DEFLATE stream gives more bytes out per byte in (a match of 258 bytes in two bits).
        if u64::from(h.size) > (packed.len() as u64).saturating_mul(1032) {
            return Err(mismatch(0));
        }
        // One byte more than declared shows that there would have been more.
        let mut data = Vec::with_capacity(h.size as usize + 1);
        let mut stream = Decompress::new(false);
        let mut rest = packed;
        loop {
            let (before_in, before_out) = (stream.total_in(), data.len());
            let status = stream
                .decompress_vec(rest, &mut data, FlushDecompress::Finish)
                .map_err(|_| OfdError::BadDeflate { name: name.to_owned() })?;
            let used = usize::try_from(stream.total_in() - before_in).unwrap_or(rest.len());
            rest = &rest[used..];
            if data.len() > h.size as usize {
                return Err(mismatch(data.len() as u64));
            }
            match status {
                Status::StreamEnd => break,
                _ if used == 0 && data.len() == before_out => {
                    return Err(OfdError::BadDeflate { name: name.to_owned() });
                }
                _ => {}
            }
        }
        if data.len() != h.size as usize {
            return Err(mismatch(data.len() as u64));
        }
        if !rest.is_empty() {
            let offset = rest.as_ptr() as usize - self.bytes.as_ptr() as usize;
            return Err(OfdError::StrayBytes { offset: offset as u64, bytes: rest.len() as u64 });
        }
        data.shrink_to_fit();
        Ok(data)
    }

    /// The entries must tile the archive from its first byte to the central directory.
    fn tiles(&mut self, directory: usize) -> Result<(), OfdError> {
        self.spans.sort_unstable();
        let mut at = 0;
        for &(start, stop) in self.spans.iter().chain([&(directory, directory)]) {
            if start > at {
                let bytes = (start - at) as u64;
                return Err(OfdError::StrayBytes { offset: at as u64, bytes });
            }
            if start < at {
                return Err(OfdError::UnsupportedZip { feature: "entries that overlap" });
            }
            at = stop;
        }
        Ok(())
    }
}

fn over_ratio(found: u64, limits: &Limits) -> OfdError {
    OfdError::OverLimit {
        limit: Limit::Ratio,
        found,
        allowed: limits.ratio as u64,
        path: String::new(),
    }
}

fn stored(packed: &[u8], header: &Central<'_>, name: &str) -> Result<Vec<u8>, OfdError> {
    if header.size != header.compressed {
        return Err(OfdError::SizeMismatch {
            name: name.to_owned(),
            declared: u64::from(header.size),
            found: u64::from(header.compressed),
        });
    }
    Ok(packed.to_vec())
}

/// A disagreement between local header and central directory.
pub(crate) fn mismatch(
    name: &str,
    field: HeaderField,
    central: impl ToString,
    local: impl ToString,
) -> OfdError {
    OfdError::HeaderMismatch {
        name: name.to_owned(),
        field,
        central: central.to_string(),
        local: local.to_string(),
    }
}
