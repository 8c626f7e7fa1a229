//! Names of all kinds, and constraints on them (RFC 5280 4.2.1.6, 4.2.1.10).

use crate::{
    name::Name,
    tlv::{Tlv, TlvError, tag},
};

/// A name of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneralName {
    /// A distinguished name.
    Directory(Name),
    /// A host name.
    Dns(String),
    /// A mail address.
    Email(String),
    /// An address; in a constraint, followed by its mask.
    Ip(Vec<u8>),
    /// Another kind.
    Other {
        /// Its tag.
        tag: u8,
    },
    /// A URI.
    Uri(String),
}

impl GeneralName {
    pub(crate) fn read(tlv: &Tlv<'_>) -> Result<Self, TlvError> {
        let text = || {
            let ascii = core::str::from_utf8(tlv.value()).ok().filter(|t| t.is_ascii());
            ascii.map(str::to_owned).ok_or(TlvError::Content { tag: tlv.tag() })
        };
        Ok(match tlv.tag() {
            0x81 => Self::Email(text()?),
            0x82 => Self::Dns(text()?),
            0x86 => Self::Uri(text()?),
            0x87 => Self::Ip(tlv.value().to_vec()),
            0xa4 => Self::Directory(Name::read(&tlv.only_child()?, &mut Vec::new())?),
            tag if tag & 0xc0 == 0x80 => Self::Other { tag },
            tag => return Err(TlvError::Content { tag }),
        })
    }
}

pub(super) fn read_all(tlv: &Tlv<'_>) -> Result<Vec<GeneralName>, TlvError> {
    tlv.children()?.all()?.iter().map(GeneralName::read).collect()
}

/// Which names the certificates below an issuer may bear.
///
/// ```asn1
/// NameConstraints ::= SEQUENCE { permitted [0] IMPLICIT GeneralSubtrees OPTIONAL, excluded [1] IMPLICIT GeneralSubtrees OPTIONAL }
/// GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] INTEGER DEFAULT 0, maximum [1] INTEGER OPTIONAL }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameConstraints {
    /// Where a kind of name stands here, one of them must match.
    pub permitted: Vec<GeneralName>,
    /// None of these may match.
    pub excluded: Vec<GeneralName>,
}

impl NameConstraints {
    pub(super) fn read(tlv: &Tlv<'_>) -> Result<Self, TlvError> {
        let mut fields = tlv.expect(tag::SEQUENCE)?.children()?;
        let permitted = fields.optional(tag::context(0))?.map(|t| subtrees(&t)).transpose()?;
        let excluded = fields.optional(tag::context(1))?.map(|t| subtrees(&t)).transpose()?;
        fields.finish()?;
        if permitted.is_none() && excluded.is_none() {
            return Err(TlvError::Truncated);
        }
        Ok(Self {
            permitted: permitted.unwrap_or_default(),
            excluded: excluded.unwrap_or_default(),
        })
    }
}

fn subtrees(tlv: &Tlv<'_>) -> Result<Vec<GeneralName>, TlvError> {
    let mut out = Vec::new();
    for subtree in tlv.children()?.all()? {
        let mut fields = subtree.expect(tag::SEQUENCE)?.children()?;
        let base = fields.any()?;
        // RFC 5280: minimum is always zero and left out, maximum absent.
        fields.finish()?;
        out.push(GeneralName::read(&base)?);
    }
    if out.is_empty() { Err(TlvError::Truncated) } else { Ok(out) }
}
