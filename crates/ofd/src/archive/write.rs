//! Writing packages: the same files give the same bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use crate::{Limits, OfdError, Package, name};

/// 1980-01-01, the first day that the format knows: when a file was made is no business of the archive.
const DATE: u16 = (1 << 5) | 1;
const FLAG_UTF8: u16 = 1 << 11;

/// The bytes of a file, compressed once and shared by all packages that hold it (a font, a seal picture).
#[derive(Clone, Debug)]
pub struct Content(Arc<Packed>);

#[derive(Debug)]
struct Packed {
    method: u16,
    crc: u32,
    size: u32,
    packed: Vec<u8>,
    plain: Vec<u8>,
}

impl Content {
    /// Compresses bytes; those that do not shrink are stored.
    ///
    /// # Errors
    /// [`OfdError::OverLimit`] from 4 GiB on.
    pub fn new(plain: impl Into<Vec<u8>>) -> Result<Self, OfdError> {
        let plain = plain.into();
        let size = u32::try_from(plain.len()).map_err(|_| {
            crate::archive::over(crate::Limit::TotalBytes, plain.len(), u32::MAX as usize, "")
        })?;
        let mut crc = Crc::new();
        crc.update(&plain);
        let deflated = deflate(&plain);
        let (method, packed) = match deflated.len() < plain.len() {
            true => (8, deflated),
            false => (0, plain.clone()),
        };
        Ok(Self(Arc::new(Packed { method, crc: crc.sum(), size, packed, plain })))
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0.plain
    }
}

/// Level 6: a page shrinks by 2 % more at level 9, for three times the work.
fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut stream = Compress::new(Compression::new(6), false);
    let mut out = Vec::with_capacity(plain.len() / 2 + 64);
    loop {
        let used = usize::try_from(stream.total_in()).expect("no more than the slice's length");
        let status = stream.compress_vec(&plain[used..], &mut out, FlushCompress::Finish);
        if status.expect("a stream without dictionary cannot fail") == Status::StreamEnd {
            return out;
        }
        out.reserve(out.capacity().max(1024));
    }
}

/// Puts a package together. OFD.xml stands first, the other files in the order in which they were added.
///
/// Invariant: every path passes the reader's checks, and no two meet when case is ignored.
#[derive(Clone, Debug, Default)]
pub struct PackageWriter {
    files: Vec<(String, Content)>,
    taken: BTreeMap<String, usize>,
    limits: Limits,
}

impl PackageWriter {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that holds all files of a package, compressed as they are.
    #[must_use]
    pub fn from_package(package: &Package) -> Self {
        let mut writer = Self::new();
        for (path, content) in package.packed() {
            writer.taken.insert(name::fold(&path), writer.files.len());
            writer.files.push((path, content));
        }
        writer
    }

    /// Adds a file.
    ///
    /// # Errors
    /// [`OfdError::PathTaken`], [`OfdError::NameUnsafe`], [`OfdError::OverLimit`].
    pub fn add(&mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Result<(), OfdError> {
        self.add_content(path, Content::new(bytes)?)
    }

    /// Adds a file that is compressed already.
    ///
    /// # Errors
    /// As for [`PackageWriter::add`].
    pub fn add_content(&mut self, path: &str, content: Content) -> Result<(), OfdError> {
        name::check(path, &self.limits)?;
        let folded = name::fold(path);
        let inside = format!("{folded}/");
        let above =
            folded.match_indices('/').any(|(end, _)| self.taken.contains_key(&folded[..end]));
        let below =
            self.taken.range(inside.clone()..).next().is_some_and(|(k, _)| k.starts_with(&inside));
        if above || below || self.taken.contains_key(&folded) {
            return Err(OfdError::PathTaken { path: path.to_owned() });
        }
        if self.files.len() >= self.limits.entries {
            let limit = crate::Limit::Entries;
            return Err(crate::archive::over(limit, self.files.len() + 1, self.limits.entries, ""));
        }
        self.taken.insert(folded, self.files.len());
        self.files.push((path.to_owned(), content));
        Ok(())
    }

    /// Adds a file, or puts new bytes in its place.
    ///
    /// # Errors
    /// As for [`PackageWriter::add`], but a taken path is fine.
    pub fn replace(&mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Result<(), OfdError> {
        match self.taken.get(&name::fold(path)) {
            Some(at) => {
                self.files[*at].1 = Content::new(bytes)?;
                Ok(())
            }
            None => self.add(path, bytes),
        }
    }

    /// The bytes of a file, by its exact path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        let (found, content) = &self.files[*self.taken.get(&name::fold(path))?];
        (found == path).then(|| content.bytes())
    }

    /// The paths, in the order of the archive.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.ordered().map(|(path, _)| path.as_str())
    }

    fn ordered(&self) -> impl Iterator<Item = &(String, Content)> {
        let root = |path: &str| path == crate::document::ROOT;
        let first = self.files.iter().filter(move |(p, _)| root(p));
        first.chain(self.files.iter().filter(move |(p, _)| !root(p)))
    }

    /// The package's bytes.
    ///
    /// # Panics
    /// When the files come to more than 4 GiB compressed.
    #[must_use]
    pub fn finish(&self) -> Vec<u8> {
        let size: usize = self.files.iter().map(|(p, c)| c.0.packed.len() + 2 * p.len() + 76).sum();
        let mut out = Vec::with_capacity(size + 22);
        let mut directory = Vec::new();
        for (path, content) in self.ordered() {
            let offset = narrow(out.len());
            out.extend_from_slice(b"PK\x03\x04");
            header(&mut out, path, &content.0);
            out.extend_from_slice(path.as_bytes());
            out.extend_from_slice(&content.0.packed);
            // Made by: Unix, version 2.0 of the format; regular file, readable.
            directory.extend_from_slice(b"PK\x01\x02\x14\x03");
            header(&mut directory, path, &content.0);
            directory.extend_from_slice(&[0; 6]);
            directory.extend_from_slice(&(0o100_644_u32 << 16).to_le_bytes());
            directory.extend_from_slice(&offset.to_le_bytes());
            directory.extend_from_slice(path.as_bytes());
        }
        let (offset, length) = (narrow(out.len()), narrow(directory.len()));
        let count = u16::try_from(self.files.len()).expect("the limit on entries is below 65,535");
        out.append(&mut directory);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&offset.to_le_bytes());
        out.extend_from_slice(&[0; 2]);
        out
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("a package of less than 4 GiB, as documented")
}

/// The part that local and central headers share: version 2.0 to the length of the extra field.
fn header(out: &mut Vec<u8>, path: &str, content: &Packed) {
    let flags = if path.is_ascii() { 0 } else { FLAG_UTF8 };
    let length = u16::try_from(path.len()).expect("the limit on names is below 65,535");
    for field in [20, flags, content.method, 0, DATE] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    for field in [content.crc, narrow(content.packed.len()), content.size] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&0_u16.to_le_bytes());
}

impl Content {
    /// An entry of a package that was read, with its compressed bytes.
    pub(crate) fn from_parts(method: u16, crc: u32, plain: &[u8], packed: &[u8]) -> Self {
        let size = u32::try_from(plain.len()).expect("the reader refuses ZIP64");
        let (packed, plain) = (packed.to_vec(), plain.to_vec());
        Self(Arc::new(Packed { method, crc, size, packed, plain }))
    }
}
