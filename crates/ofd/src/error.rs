//! Why a package was refused.

mod words;

use core::fmt;

use yinxin_verdict::Reason;

use crate::Limit;

/// Why a package, a file in it, or a request to change it was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OfdError {
    /// The checksum of an entry is wrong.
    BadCrc {
        /// The entry.
        name: String,
        /// CRC-32 in the central directory.
        declared: u32,
        /// CRC-32 of the inflated bytes.
        found: u32,
    },
    /// The compressed bytes of an entry are no DEFLATE stream.
    BadDeflate {
        /// The entry.
        name: String,
    },
    /// An attribute or element does not hold what it must.
    BadValue {
        /// The XML file.
        path: String,
        /// The element or attribute.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// A directory entry holds bytes.
    DirectoryWithContent {
        /// The entry.
        name: String,
        /// How many.
        bytes: u64,
    },
    /// Two entries have one name, or names that differ in case only, or a file is also a folder.
    DuplicateName {
        /// The earlier entry.
        first: String,
        /// The later entry.
        second: String,
    },
    /// The archive has no entries.
    Empty,
    /// An entry is encrypted.
    Encrypted {
        /// The entry.
        name: String,
    },
    /// The local header of an entry disagrees with the central directory.
    HeaderMismatch {
        /// The entry, as named in the central directory.
        name: String,
        /// The field.
        field: HeaderField,
        /// What the central directory says.
        central: String,
        /// What the local header says.
        local: String,
    },
    /// An element that must be there is not.
    MissingElement {
        /// The XML file.
        path: String,
        /// The element or attribute.
        element: &'static str,
    },
    /// A file that another names is not in the package.
    MissingPart {
        /// The file that names it.
        from: String,
        /// The file that is missing.
        path: String,
    },
    /// A name that leads outside the package, or that two readers may understand differently.
    NameUnsafe {
        /// The name.
        name: String,
        /// What is wrong with it.
        flaw: NameFlaw,
    },
    /// The bytes are no ZIP archive, or a part of one.
    NotAnArchive {
        /// What was looked for and not found.
        expected: &'static str,
        /// At which offset.
        offset: u64,
    },
    /// More of something than allowed.
    OverLimit {
        /// What was counted.
        limit: Limit,
        /// How many there are, as far as counted.
        found: u64,
        /// How many are allowed.
        allowed: u64,
        /// Where: an entry, or empty for the package.
        path: String,
    },
    /// Asked to write a path that is taken.
    PathTaken {
        /// The path.
        path: String,
    },
    /// Asked for a document or page that is not there.
    NoSuchPage {
        /// The number asked for, from 0.
        asked: usize,
        /// How many there are.
        count: usize,
    },
    /// An element that must stand once stands twice.
    RepeatedElement {
        /// The XML file.
        path: String,
        /// The element.
        element: &'static str,
    },
    /// An entry does not inflate to the declared size, or does not use up its compressed bytes.
    SizeMismatch {
        /// The entry.
        name: String,
        /// The declared size.
        declared: u64,
        /// The size found, as far as inflated.
        found: u64,
    },
    /// Bytes that belong to no entry: before the first, between two, or after the end.
    StrayBytes {
        /// Where they start.
        offset: u64,
        /// How many.
        bytes: u64,
    },
    /// A compression method other than stored and deflated.
    UnsupportedMethod {
        /// The entry.
        name: String,
        /// The method's number.
        method: u16,
    },
    /// A feature of the archive format that no OFD needs.
    UnsupportedZip {
        /// The feature.
        feature: &'static str,
    },
    /// Asked to add a signature to a package of which an earlier signature protects the list of signatures.
    WholeProtected {
        /// The earlier signature's id.
        signature: String,
    },
    /// An element of a namespace other than OFD's.
    WrongNamespace {
        /// The XML file.
        path: String,
        /// The namespace found.
        found: String,
    },
    /// An XML file whose outermost element is another than expected.
    WrongRoot {
        /// The XML file.
        path: String,
        /// The element expected.
        expected: &'static str,
        /// The element found.
        found: String,
    },
    /// A file breaks the rules of XML, or ours for it.
    Xml {
        /// The file.
        path: String,
        /// At which byte.
        offset: u64,
        /// The rule.
        flaw: XmlFlaw,
    },
}

/// A field that local header and central directory both state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderField {
    /// The compressed size.
    CompressedSize,
    /// The checksum.
    Crc,
    /// The flags.
    Flags,
    /// The compression method.
    Method,
    /// The name.
    Name,
    /// The inflated size.
    Size,
}

impl fmt::Display for HeaderField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CompressedSize => "compressed size",
            Self::Crc => "checksum",
            Self::Flags => "flags",
            Self::Method => "compression method",
            Self::Name => "name",
            Self::Size => "size",
        })
    }
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameFlaw {
    /// It starts at a root.
    Absolute,
    /// It holds a backslash.
    Backslash,
    /// It holds a colon: a drive, a stream or a scheme.
    Colon,
    /// It holds a control or direction character.
    Control,
    /// It is empty, or has an empty segment.
    EmptySegment,
    /// A character that another Unicode normal form would write differently.
    NotNormal,
    /// Not UTF-8.
    NotUtf8,
    /// It leads outside the package.
    Outside,
    /// A segment ends with a dot or a space, which some systems drop.
    TrailingDot,
    /// It holds `.` or `..`.
    Traversal,
    /// An extra field gives the entry another name.
    TwoNames,
}

impl NameFlaw {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Absolute => ("it is absolute", "为绝对路径"),
            Self::Backslash => ("it holds a backslash", "含反斜杠"),
            Self::Colon => ("it holds a colon", "含冒号"),
            Self::Control => ("it holds a control character", "含控制字符"),
            Self::EmptySegment => ("it has an empty segment", "含空路径段"),
            Self::NotNormal => ("it is not in Unicode normal form C", "不是 Unicode NFC 形式"),
            Self::NotUtf8 => ("it is not UTF-8", "不是 UTF-8"),
            Self::Outside => ("it leads outside the package", "越出文件包"),
            Self::TrailingDot => ("a segment ends with a dot or a space", "路径段以点或空格结尾"),
            Self::Traversal => ("it holds . or ..", "含 . 或 .."),
            Self::TwoNames => ("an extra field gives it another name", "扩展字段给出另一名称"),
        }
    }
}

impl fmt::Display for NameFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

/// Which rule for XML a file breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum XmlFlaw {
    /// A character that XML does not allow there.
    BadCharacter,
    /// A name that XML does not allow.
    BadName,
    /// A document type declaration: OFD needs none, and attacks live there.
    Doctype,
    /// One attribute twice.
    DuplicateAttribute,
    /// Another encoding than UTF-8, as declared or by its first bytes.
    Encoding(String),
    /// A reference to an entity other than the five that XML defines.
    EntityUnknown,
    /// No element at all, or an element that never ends.
    Incomplete,
    /// Not well-formed otherwise; the parser's words.
    Malformed(String),
    /// Text before or after the outermost element.
    OutsideRoot,
    /// A prefix that is bound to no namespace, or a namespace bound wrongly.
    Prefix,
}

impl fmt::Display for XmlFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadCharacter => f.write_str("a character that XML does not allow"),
            Self::BadName => f.write_str("a name that XML does not allow"),
            Self::Doctype => f.write_str("a document type declaration"),
            Self::DuplicateAttribute => f.write_str("a duplicate attribute"),
            Self::Encoding(found) => write!(f, "encoding {found}, where UTF-8 is expected"),
            Self::EntityUnknown => f.write_str("an unknown entity"),
            Self::Incomplete => f.write_str("it ends too early"),
            Self::Malformed(why) => write!(f, "not well-formed ({why})"),
            Self::OutsideRoot => f.write_str("content outside the outermost element"),
            Self::Prefix => f.write_str("a namespace prefix that is not bound"),
        }
    }
}

impl OfdError {
    /// The reason code that a verifier reports for it.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::DuplicateName { .. } => Reason::DuplicateName,
            Self::NameUnsafe { .. } => Reason::PathUnsafe,
            Self::OverLimit { .. } => Reason::OverLimit,
            _ => Reason::Malformed,
        }
    }
}

impl fmt::Display for OfdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english())
    }
}

impl std::error::Error for OfdError {}
