//! What differs from the standard's form and is read all the same.

use core::fmt;

use der::asn1::ObjectIdentifier;

/// A harmless difference from the standard's form, met in files of others. Our own files have none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deviation {
    /// The algorithm of an SM2 key is named in another way than `id-ecPublicKey` with the SM2 curve.
    AlgorithmName {
        /// The identifier that stands there.
        found: ObjectIdentifier,
    },
    /// A BOOLEAN other than 00 and FF.
    BooleanForm,
    /// A default value is written out.
    DefaultEncoded,
    /// An extension that no decision rests on cannot be read.
    ExtensionMalformed {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// An INTEGER with needless leading octets.
    IntegerPadded,
    /// A key usage with bits after its last.
    KeyUsageForm,
    /// A length that is not in shortest form.
    LengthForm,
    /// A name attribute whose text cannot be read.
    NameUnreadable {
        /// Which attribute.
        oid: ObjectIdentifier,
    },
    /// A serial number that is negative, zero or longer than 20 octets.
    Serial {
        /// Its length in octets.
        octets: usize,
    },
    /// A signature value of 64 raw octets instead of DER.
    SignatureRaw,
    /// A strict reader refuses the certificate or list.
    Strict {
        /// What it says.
        says: String,
    },
    /// A time in another form than RFC 5280 asks for.
    TimeForm,
    /// A structure of an older version than its contents need, or an unusual one.
    Version {
        /// The version that is written, counted as in the standard (0 is v1).
        found: u64,
    },
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmName { found } => write!(f, "key algorithm named {found}"),
            Self::BooleanForm => f.write_str("BOOLEAN that is neither 00 nor FF"),
            Self::DefaultEncoded => f.write_str("default value written out"),
            Self::ExtensionMalformed { oid } => write!(f, "extension {oid} cannot be read"),
            Self::IntegerPadded => f.write_str("INTEGER with needless leading octets"),
            Self::KeyUsageForm => f.write_str("key usage bits not in shortest form"),
            Self::LengthForm => f.write_str("length not in shortest form"),
            Self::NameUnreadable { oid } => write!(f, "name attribute {oid} cannot be read"),
            Self::Serial { octets } => {
                write!(f, "serial number of {octets} octets that is not positive or too long")
            }
            Self::SignatureRaw => f.write_str("signature value of 64 raw octets"),
            Self::Strict { says } => write!(f, "a strict reader says: {says}"),
            Self::TimeForm => f.write_str("time not in the form of RFC 5280"),
            Self::Version { found } => write!(f, "version {found}"),
        }
    }
}
