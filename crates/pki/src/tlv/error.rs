//! Why bytes could not be read.

use core::fmt;

use super::MAX_DEPTH;

/// Why bytes could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlvError {
    /// The contents do not fit the type of this tag.
    Content {
        /// The tag.
        tag: u8,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// A tag number above 30, which no format here uses.
    HighTag,
    /// An indefinite length.
    Indefinite,
    /// More bytes than allowed.
    Size {
        /// The limit.
        limit: usize,
        /// The input's length.
        found: usize,
    },
    /// Another type than expected.
    Tag {
        /// What should stand here.
        expected: u8,
        /// What stands here.
        found: u8,
    },
    /// Bytes are left over.
    Trailing {
        /// How many.
        left: usize,
    },
    /// The input ends before the value does.
    Truncated,
}

impl fmt::Display for TlvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content { tag } => {
                write!(f, "the contents of a value with tag {tag:02x} are malformed")
            }
            Self::Depth => write!(f, "nested deeper than {MAX_DEPTH} levels"),
            Self::HighTag => f.write_str("a tag number above 30"),
            Self::Indefinite => f.write_str("an indefinite length"),
            Self::Size { limit, found } => write!(f, "{found} bytes, at most {limit} are read"),
            Self::Tag { expected, found } => {
                write!(f, "expected tag {expected:02x}, found {found:02x}")
            }
            Self::Trailing { left } => write!(f, "{left} bytes too many"),
            Self::Truncated => f.write_str("the data ends too early"),
        }
    }
}

impl std::error::Error for TlvError {}
