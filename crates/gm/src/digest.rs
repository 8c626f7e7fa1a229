//! The 32-byte value of SM3.

use core::{fmt, str::FromStr};

/// An SM3 value: 32 bytes, shown as 64 lower-case hexadecimal digits.
///
/// Comparison is not constant-time: check a MAC with [`crate::hmac::HmacSm3::verify`].
///
/// ```
/// use yinxin_gm::{Digest, sm3};
///
/// let digest = sm3::digest(b"abc");
/// let text = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
/// assert_eq!(digest.to_string(), text);
/// assert_eq!(text.parse::<Digest>()?, digest);
/// # Ok::<(), yinxin_gm::ParseDigestError>(())
/// ```
// Transparent: the backend reads neighbours as one block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
#[expect(clippy::exhaustive_structs, reason = "32 bytes are all there is to it")]
pub struct Digest(pub [u8; 32]);

/// Some digests are MACs and masks.
impl zeroize::Zeroize for Digest {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Digest {
    /// Thirty-two zero bytes: stands for "none", the parent of a first block for example.
    pub const ZERO: Self = Self([0; 32]);

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl From<Digest> for [u8; 32] {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return Err(ParseDigestError::Length { got: text.len() });
        }
        let mut bytes = [0; 32];
        for (at, (byte, pair)) in bytes.iter_mut().zip(text.chunks_exact(2)).enumerate() {
            *byte = hex_digit(pair[0], 2 * at)? << 4 | hex_digit(pair[1], 2 * at + 1)?;
        }
        Ok(Self(bytes))
    }
}

fn hex_digit(byte: u8, at: usize) -> Result<u8, ParseDigestError> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        b'A'..=b'F' => Ok(byte - b'A' + 10),
        _ => Err(ParseDigestError::NotHex { at }),
    }
}

/// Why a text is not a [`Digest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseDigestError {
    /// The text does not have 64 digits.
    Length {
        /// How many bytes it has.
        got: usize,
    },
    /// A character is not a hexadecimal digit.
    NotHex {
        /// Its byte offset.
        at: usize,
    },
}

impl fmt::Display for ParseDigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { got } => write!(f, "a digest has 64 hexadecimal digits, not {got}"),
            Self::NotHex { at } => write!(f, "not a hexadecimal digit at offset {at}"),
        }
    }
}

impl core::error::Error for ParseDigestError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sixty_four_hex_digits_are_a_digest() {
        let zeros = "0".repeat(64);
        assert_eq!(zeros.parse(), Ok(Digest::ZERO));
        assert_eq!(zeros[1..].parse::<Digest>(), Err(ParseDigestError::Length { got: 63 }));
        let bad = "0".repeat(10) + "g" + &"0".repeat(53);
        assert_eq!(bad.parse::<Digest>(), Err(ParseDigestError::NotHex { at: 10 }));
    }
}
