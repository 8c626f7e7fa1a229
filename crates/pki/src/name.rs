//! Distinguished names.

use core::fmt;

use der::asn1::ObjectIdentifier;

use crate::{
    deviation::Deviation,
    error::{Kind, PkiError},
    oid,
    tlv::{Tlv, TlvError, tag},
};

/// A distinguished name as stored, with its attributes read.
///
/// ```asn1
/// Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
/// ```
#[derive(Clone, Debug)]
pub struct Name {
    raw: Vec<u8>,
    attributes: Vec<Attribute>,
    /// The form under which names are compared (RFC 5280 7.1): case and runs of spaces do not matter, nor the string type.
    key: Vec<u8>,
}

/// One attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute {
    /// Its type.
    pub oid: ObjectIdentifier,
    /// Its text, or `#` and hexadecimal when it has none.
    pub value: String,
}

impl Name {
    /// Reads a name.
    ///
    /// # Errors
    /// [`PkiError::Malformed`] when it is not of this structure.
    pub fn parse(bytes: &[u8]) -> Result<Self, PkiError> {
        let tlv = Tlv::parse(bytes, crate::certificate::MAX_BYTES)
            .map_err(PkiError::malformed(Kind::Name))?;
        Self::read(&tlv, &mut Vec::new()).map_err(PkiError::malformed(Kind::Name))
    }

    pub(crate) fn read(tlv: &Tlv<'_>, deviations: &mut Vec<Deviation>) -> Result<Self, TlvError> {
        let mut attributes = Vec::new();
        let mut key = Vec::new();
        for rdn in tlv.expect(tag::SEQUENCE)?.children()?.all()? {
            let mut parts = Vec::new();
            for pair in rdn.expect(tag::SET)?.children()?.all()? {
                let mut fields = pair.expect(tag::SEQUENCE)?.children()?;
                let oid = fields.read(tag::OID)?.oid()?;
                let value = fields.any()?;
                fields.finish()?;
                let text = value.text();
                if text.is_none() {
                    deviations.push(Deviation::NameUnreadable { oid });
                }
                parts.push(comparable(&oid, &value, text.as_deref()));
                attributes.push(Attribute { oid, value: text.unwrap_or_else(|| hex(value.raw())) });
            }
            parts.sort();
            key.extend(frame(&parts.concat()));
        }
        Ok(Self { raw: tlv.raw().to_vec(), attributes, key })
    }

    /// The bytes as stored.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The attributes in their order.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The last attribute of a type, which is the most specific one.
    #[must_use]
    pub fn get(&self, oid: &ObjectIdentifier) -> Option<&str> {
        self.attributes.iter().rev().find(|a| a.oid == *oid).map(|a| a.value.as_str())
    }

    /// The common name.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.get(&oid::COMMON_NAME)
    }

    /// The unified social credit code: the attribute `organizationIdentifier`, 18 characters (specs/adr/0021).
    #[must_use]
    pub fn organisation_code(&self) -> Option<&str> {
        self.get(&oid::ORGANISATION_IDENTIFIER).filter(|code| is_organisation_code(code))
    }

    /// Whether there are no attributes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }
}

/// 18 characters of GB 32100's alphabet. Its check character is the business of whoever registers organisations.
#[must_use]
pub fn is_organisation_code(text: &str) -> bool {
    text.len() == 18 && text.bytes().all(|b| b"0123456789ABCDEFGHJKLMNPQRTUWXY".contains(&b))
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Attribute { oid, value }) in self.attributes.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            match oid::attribute_name(oid) {
                Some(name) => write!(f, "{name}=")?,
                None => write!(f, "{oid}=")?,
            }
            // Names of strangers go to terminals and logs.
            value.chars().try_for_each(|c| match c {
                ',' | '\\' => write!(f, "\\{c}"),
                c if c.is_control() => write!(f, "{}", c.escape_default()),
                c => write!(f, "{c}"),
            })?;
        }
        Ok(())
    }
}

fn comparable(oid: &ObjectIdentifier, value: &Tlv<'_>, text: Option<&str>) -> Vec<u8> {
    let mut out = frame(oid.as_bytes());
    out.extend(match text {
        Some(text) => {
            let words: Vec<_> = text.split_whitespace().collect();
            frame(words.join(" ").to_lowercase().as_bytes())
        }
        None => frame(value.raw()),
    });
    out
}

/// Length first, so that no two lists of parts share a key.
fn frame(bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u64).to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("#".to_owned(), |s, b| s + &format!("{b:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(kind: u8, value: &[u8]) -> Vec<u8> {
        let n = u8::try_from(value.len()).unwrap();
        let mut out = vec![0x30, n + 11, 0x31, n + 9, 0x30, n + 7, 6, 3, 0x55, 4, 3, kind, n];
        out.extend_from_slice(value);
        out
    }

    #[test]
    fn names_compare_without_case_spaces_and_string_type() {
        let plain = Name::parse(&name(0x13, b"Root CA")).unwrap();
        for (kind, value, same) in [
            (0x0c, &b"root  ca "[..], true),
            (0x1e, b"\0R\0o\0o\0t\0 \0C\0A", true),
            (0x13, b"RootCA", false),
            (0x0c, b"Root CA2", false),
        ] {
            assert_eq!(Name::parse(&name(kind, value)).unwrap() == plain, same, "{value:?}");
        }
    }

    #[test]
    fn hostile_text_is_escaped() {
        let name = Name::parse(&name(0x0c, b"a,b\x1b[2J\n")).unwrap();
        assert_eq!(name.to_string(), "CN=a\\,b\\u{1b}[2J\\n");
    }

    #[test]
    fn unreadable_text_is_shown_as_bytes_and_reported() {
        let bytes = name(0x0c, &[0xff]);
        let mut deviations = Vec::new();
        let name = Name::read(&Tlv::parse(&bytes, 100).unwrap(), &mut deviations).unwrap();
        assert_eq!(name.common_name(), Some("#0c01ff"));
        assert_eq!(deviations, [Deviation::NameUnreadable { oid: oid::COMMON_NAME }]);
    }

    #[test]
    fn only_an_organisation_code_is_one() {
        for (text, good) in [
            ("11430000006122244L", true),
            ("1143000000612224L", false),
            ("11430000006122244I", false),
            ("11430000006122244l", false),
            ("NTRCN-114300000061", false),
        ] {
            assert_eq!(is_organisation_code(text), good, "{text}");
        }
    }
}
