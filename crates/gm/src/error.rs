//! What can be wrong with the input of this crate.

use core::fmt;

/// Why bytes were refused or an operation did not succeed.
///
/// A failure that depends on a secret says only "no": [`Error::Decryption`] does not tell which check failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The ciphertext, its tag or its padding does not fit this key.
    Decryption,
    /// SM2 and SM9 do not encrypt an empty message (GB/T 32918.4 takes klen > 0).
    EmptyMessage,
    /// The bytes are not the encoding that was asked for.
    Encoding {
        /// What was expected where the bytes disagree.
        expected: &'static str,
    },
    /// The source of entropy does not work.
    Entropy {
        /// What failed: the source, or a test of its health.
        failed: &'static str,
    },
    /// The two sides of a key exchange do not have the same key.
    Exchange,
    /// The distinguishing identifier is longer than its 16-bit length field can say.
    IdLength {
        /// Its length in bytes.
        len: usize,
        /// The most there may be.
        max: usize,
    },
    /// The two halves of an XTS key are the same.
    KeyHalves,
    /// The public key does not belong to the private key.
    KeyMismatch,
    /// A private key is not in [1, n − 2].
    KeyRange,
    /// A length is not the one required.
    Length {
        /// What is required.
        expected: usize,
        /// What was given.
        got: usize,
    },
    /// Every nonce tried was unusable. With a working random generator this cannot happen.
    NonceExhausted,
    /// The coordinates are not those of a point of this group of SM9.
    NotInGroup {
        /// G1 or G2.
        group: &'static str,
    },
    /// The coordinates are not those of a point of the SM2 curve.
    NotOnCurve,
    /// A number of SM9 is zero or not below n.
    OutOfRange {
        /// Which.
        what: &'static str,
    },
    /// The data is not a whole number of 16-byte blocks.
    PartialBlock {
        /// Its length in bytes.
        len: usize,
    },
    /// The generator's seed is too old: it must be reseeded first.
    ReseedRequired,
    /// A known answer did not come out: this machine does not compute what it should.
    SelfTest {
        /// What was computed.
        part: &'static str,
        /// On which backend.
        backend: crate::backend::Backend,
    },
    /// The signature does not verify.
    Signature,
    /// r, s or r + s of a signature is zero or not below n.
    SignatureRange,
    /// There is more data than the algorithm can take under one key and nonce.
    TooLong {
        /// How many bytes were given.
        len: u64,
        /// The most there may be.
        max: u64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decryption => f.write_str("decryption failed"),
            Self::EmptyMessage => f.write_str("an empty message cannot be encrypted"),
            Self::Encoding { expected } => {
                write!(f, "not in the encoding asked for: expected {expected}")
            }
            Self::Entropy { failed } => write!(f, "the source of entropy failed: {failed}"),
            Self::Exchange => f.write_str("the other side did not reach the same key"),
            Self::IdLength { len, max } => {
                write!(f, "an SM2 identifier of {len} bytes, at most {max} are possible")
            }
            Self::KeyHalves => f.write_str("the two halves of an XTS key are the same"),
            Self::KeyMismatch => f.write_str("the public key does not belong to the private key"),
            Self::KeyRange => f.write_str("not an SM2 private key: out of the range 1 to n-2"),
            Self::Length { expected, got } => {
                write!(f, "{got} bytes where {expected} are required")
            }
            Self::NonceExhausted => {
                f.write_str("no usable nonce was found: the random generator is broken")
            }
            Self::NotInGroup { group } => write!(f, "not a point of the group {group} of SM9"),
            Self::NotOnCurve => f.write_str("not a point of the SM2 curve"),
            Self::OutOfRange { what } => write!(f, "{what} is out of the range 1 to n-1"),
            Self::PartialBlock { len } => {
                write!(f, "{len} bytes are not a whole number of 16-byte blocks")
            }
            Self::ReseedRequired => f.write_str("the random generator must be reseeded first"),
            Self::SelfTest { part, backend } => {
                write!(f, "the self-test of {part} failed on the backend {backend}")
            }
            Self::Signature => f.write_str("the signature does not verify"),
            Self::SignatureRange => f.write_str("not an SM2 signature: r, s or r+s out of range"),
            Self::TooLong { len, max } => write!(f, "{len} bytes, at most {max} are possible"),
        }
    }
}

impl core::error::Error for Error {}
