//! Extensions of certificates, and what path validation needs of them.

use core::fmt;

use der::asn1::ObjectIdentifier;

use super::{GeneralName, NameConstraints, general_name};
use crate::{
    deviation::Deviation,
    error::{Counted, Kind, PkiError},
    oid,
    tlv::{Tlv, TlvError, tag},
};

/// The most extensions that are read: RFC 5280 and its successors define fewer than 30.
const MAX_EXTENSIONS: usize = 64;

/// An extension as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extension {
    /// Its type.
    pub oid: ObjectIdentifier,
    /// Whether a reader that does not know it must refuse.
    pub critical: bool,
    /// The contents of its OCTET STRING.
    pub value: Vec<u8>,
}

/// What a key may be used for (RFC 5280 4.2.1.3), bit 0 being the highest of 16.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyUsage(u16);

macro_rules! usages {
    ($($name:ident $bit:literal $word:literal)*) => {
        impl KeyUsage {
            $(#[doc = concat!("`", $word, "`.")] pub const $name: Self = Self(0x8000 >> $bit);)*
            const NAMES: &'static [(Self, &'static str)] = &[$((Self::$name, $word),)*];
        }
    };
}

usages! {
    DIGITAL_SIGNATURE 0 "digitalSignature"
    NON_REPUDIATION   1 "nonRepudiation"
    KEY_ENCIPHERMENT  2 "keyEncipherment"
    DATA_ENCIPHERMENT 3 "dataEncipherment"
    KEY_AGREEMENT     4 "keyAgreement"
    KEY_CERT_SIGN     5 "keyCertSign"
    CRL_SIGN          6 "cRLSign"
}

impl KeyUsage {
    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of these uses is allowed.
    #[must_use]
    pub const fn allows_any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// The bits, the first at the highest place.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }
}

impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (usage, name) in Self::NAMES {
            if self.allows_any(*usage) {
                f.write_str(if first { "" } else { ", " })?;
                f.write_str(name)?;
                first = false;
            }
        }
        if first { f.write_str("none") } else { Ok(()) }
    }
}

impl fmt::Debug for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether a certificate may issue others (RFC 5280 4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BasicConstraints {
    /// It may.
    pub ca: bool,
    /// How many further issuers may stand below it.
    pub path_len: Option<u64>,
}

/// The extensions of a certificate, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    pub(crate) list: Vec<Extension>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) extended_key_usage: Option<Vec<ObjectIdentifier>>,
    pub(crate) basic_constraints: Option<BasicConstraints>,
    pub(crate) alternative_names: Vec<GeneralName>,
    /// They are there and malformed: whoever must compare them cannot.
    pub(crate) alternative_names_unreadable: bool,
    pub(crate) name_constraints: Option<NameConstraints>,
    pub(crate) subject_key: Option<Vec<u8>>,
    pub(crate) authority_key: Option<Vec<u8>>,
    /// The names of the places where lists are published, as stored.
    pub(crate) crl_points: Vec<Vec<u8>>,
    pub(crate) unknown_critical: Vec<ObjectIdentifier>,
}

/// Reads `SEQUENCE OF SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`.
pub(crate) fn read_list(
    tlv: &Tlv<'_>,
    kind: Kind,
    deviations: &mut Vec<Deviation>,
) -> Result<Vec<Extension>, PkiError> {
    let mut out: Vec<Extension> = Vec::new();
    let items = tlv.expect(tag::SEQUENCE).and_then(|t| t.children()).and_then(|r| r.all());
    for item in items.map_err(PkiError::malformed(kind))? {
        let extension = read_one(&item, deviations).map_err(PkiError::malformed(kind))?;
        if out.iter().any(|e| e.oid == extension.oid) {
            return Err(PkiError::DuplicateExtension { oid: extension.oid });
        }
        if out.len() == MAX_EXTENSIONS {
            return Err(PkiError::TooMany { what: Counted::Extensions, limit: MAX_EXTENSIONS });
        }
        out.push(extension);
    }
    Ok(out)
}

fn read_one(item: &Tlv<'_>, deviations: &mut Vec<Deviation>) -> Result<Extension, TlvError> {
    let mut fields = item.expect(tag::SEQUENCE)?.children()?;
    let oid = fields.read(tag::OID)?.oid()?;
    let critical = match fields.optional(tag::BOOLEAN)? {
        Some(flag) => {
            let flag = flag.boolean()?;
            if !flag && !deviations.contains(&Deviation::DefaultEncoded) {
                deviations.push(Deviation::DefaultEncoded);
            }
            flag
        }
        None => false,
    };
    let value = fields.read(tag::OCTET_STRING)?.value().to_vec();
    fields.finish()?;
    Ok(Extension { oid, critical, value })
}

impl Extensions {
    pub(crate) fn interpret(
        list: Vec<Extension>,
        deviations: &mut Vec<Deviation>,
    ) -> Result<Self, PkiError> {
        let mut out = Self::default();
        for extension in &list {
            let Extension { oid: kind, critical, .. } = extension;
            match out.take_in(extension, deviations) {
                Ok(true) => {}
                Ok(false) if *critical => out.unknown_critical.push(*kind),
                Ok(false) => {}
                // Decisions rest on these even when they are not marked critical.
                Err(_) if *critical || DECISIVE.contains(kind) => {
                    return Err(PkiError::CriticalExtension { oid: *kind });
                }
                Err(_) => {
                    out.alternative_names_unreadable |= *kind == oid::SUBJECT_ALT_NAME;
                    deviations.push(Deviation::ExtensionMalformed { oid: *kind });
                }
            }
        }
        out.list = list;
        Ok(out)
    }

    /// Reads one extension; `false` means that it is not known.
    fn take_in(
        &mut self,
        extension: &Extension,
        deviations: &mut Vec<Deviation>,
    ) -> Result<bool, TlvError> {
        let tlv = Tlv::parse(&extension.value, super::MAX_BYTES);
        match extension.oid {
            oid::KEY_USAGE => self.key_usage = Some(key_usage(&tlv?, deviations)?),
            oid::EXT_KEY_USAGE => self.extended_key_usage = Some(extended_key_usage(&tlv?)?),
            oid::BASIC_CONSTRAINTS => {
                self.basic_constraints = Some(basic_constraints(&tlv?, deviations)?)
            }
            oid::SUBJECT_ALT_NAME => {
                self.alternative_names = general_name::read_all(&tlv?.expect(tag::SEQUENCE)?)?;
            }
            oid::NAME_CONSTRAINTS => self.name_constraints = Some(NameConstraints::read(&tlv?)?),
            oid::SUBJECT_KEY_IDENTIFIER => self.subject_key = Some(tlv?.octets()?.to_vec()),
            oid::AUTHORITY_KEY_IDENTIFIER => self.authority_key = authority_key(&tlv?)?,
            oid::CRL_POINTS => self.crl_points = crl_points(&tlv?)?,
            // Known, and nothing here rests on them: no policy is asked for, so any policy will do.
            oid::POLICIES | oid::ISSUER_ALT_NAME | oid::FRESHEST_CRL => {}
            _ => return Ok(false),
        }
        Ok(true)
    }
}

const DECISIVE: [ObjectIdentifier; 4] =
    [oid::KEY_USAGE, oid::EXT_KEY_USAGE, oid::BASIC_CONSTRAINTS, oid::NAME_CONSTRAINTS];

fn key_usage(tlv: &Tlv<'_>, deviations: &mut Vec<Deviation>) -> Result<KeyUsage, TlvError> {
    let (unused, octets) = tlv.bits()?;
    let at = |i: usize| octets.get(i).copied().unwrap_or(0);
    let last = octets.last().copied().unwrap_or(0);
    // X.690 11.2.2: a named bit list ends with its last one bit, and unused bits are zero.
    if octets.len() > 2 || (!octets.is_empty() && last.trailing_zeros() != u32::from(unused)) {
        deviations.push(Deviation::KeyUsageForm);
    }
    let mask = if octets.len() == 1 { 0xff00 << unused } else { 0xffff };
    Ok(KeyUsage(u16::from_be_bytes([at(0), at(1)]) & mask))
}

fn extended_key_usage(tlv: &Tlv<'_>) -> Result<Vec<ObjectIdentifier>, TlvError> {
    let list = tlv.expect(tag::SEQUENCE)?.children()?.all()?;
    if list.is_empty() {
        return Err(TlvError::Truncated);
    }
    list.iter().map(Tlv::oid).collect()
}

fn basic_constraints(
    tlv: &Tlv<'_>,
    deviations: &mut Vec<Deviation>,
) -> Result<BasicConstraints, TlvError> {
    let mut fields = tlv.expect(tag::SEQUENCE)?.children()?;
    let ca = fields.optional(tag::BOOLEAN)?.map(|b| b.boolean()).transpose()?;
    if ca == Some(false) {
        deviations.push(Deviation::DefaultEncoded);
    }
    let path_len = fields.optional(tag::INTEGER)?.map(|n| n.u64()).transpose()?;
    fields.finish()?;
    Ok(BasicConstraints { ca: ca.unwrap_or(false), path_len })
}

/// `SEQUENCE { keyIdentifier [0] IMPLICIT OCTET STRING OPTIONAL, … }`
fn authority_key(tlv: &Tlv<'_>) -> Result<Option<Vec<u8>>, TlvError> {
    let fields = tlv.expect(tag::SEQUENCE)?.children()?.all()?;
    Ok(fields.iter().find(|f| f.tag() == tag::context_primitive(0)).map(|f| f.value().to_vec()))
}

/// `SEQUENCE OF SEQUENCE { distributionPoint [0] EXPLICIT CHOICE { fullName [0] IMPLICIT GeneralNames, … } OPTIONAL, … }`
fn crl_points(tlv: &Tlv<'_>) -> Result<Vec<Vec<u8>>, TlvError> {
    let mut out = Vec::new();
    for point in tlv.expect(tag::SEQUENCE)?.children()?.all()? {
        if let Some(name) = point.expect(tag::SEQUENCE)?.children()?.optional(tag::context(0))? {
            out.extend(point_names(&name)?);
        }
    }
    Ok(out)
}

/// The full names of a `DistributionPointName` in its `[0]`, as stored.
pub(crate) fn point_names(name: &Tlv<'_>) -> Result<Vec<Vec<u8>>, TlvError> {
    let inner = name.only_child()?;
    if inner.tag() != tag::context(0) {
        return Ok(Vec::new());
    }
    Ok(inner.children()?.all()?.iter().map(|n| n.raw().to_vec()).collect())
}
