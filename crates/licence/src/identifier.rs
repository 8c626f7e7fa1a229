//! The licence identifier of GB/T 36904.
//!
//! ```text
//! 1.2.156.3005.2 . type code . issuer . serial . version . check
//!                  18 + 3      18 or 6  1-32     3         1
//! ```
//! The check character covers type code, issuer, serial and version, without dots and without the root.

mod check;

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

pub use check::{check_character, dialect_character};

/// The root arc under which every licence identifier stands.
pub const ROOT: &str = "1.2.156.3005.2";

/// Longest identifier: root, 21, 18, 32, 3 and 1 characters with five dots.
pub const MAX_LEN: usize = ROOT.len() + 21 + 18 + SERIAL_MAX + 3 + 1 + 5;

/// Longest serial: what is seen in the wild is a GUID without hyphens.
pub const SERIAL_MAX: usize = 32;

/// How the check character of an identifier was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a third dialect would be a decision, not an addition")]
pub enum Dialect {
    /// ISO 7064 MOD 37,36, as the standard says; the only one that is generated.
    Standard,
    /// Letters valued one too high, as some regional systems do; accepted, and to be reported.
    Shifted,
}

/// A licence identifier whose parts and check character hold.
///
/// Invariant: `text` is the whole identifier, its parts within their limits, its check character right by `dialect`.
///
/// ```
/// use yinxin_licence::{Dialect, Identifier};
///
/// let id: Identifier = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U".parse()?;
/// assert_eq!((id.issuer(), id.version(), id.dialect()), ("11430000006122244L", 1, Dialect::Standard));
/// assert_eq!(id.next_version()?.version(), 2);
/// # Ok::<(), yinxin_licence::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    text: String,
    dialect: Dialect,
}

impl Identifier {
    /// The identifier of these parts, with the standard's check character.
    ///
    /// # Errors
    /// [`Error::IdentifierShape`] names the part that is too long, too short or holds another character than `0-9A-Z`.
    pub fn new(type_code: &str, issuer: &str, serial: &str, version: u16) -> Result<Self, Error> {
        if !(1..=999).contains(&version) {
            return Err(Error::IdentifierShape { part: "version", found: version.to_string() });
        }
        let version = format!("{version:03}");
        check_parts(type_code, issuer, serial, &version)?;
        let check = check_character([type_code, issuer, serial, &version]);
        let text = format!("{ROOT}.{type_code}.{issuer}.{serial}.{version}.{check}");
        Ok(Self { text, dialect: Dialect::Standard })
    }

    /// Reads an identifier; its check character may be the standard's or the second dialect's.
    ///
    /// # Errors
    /// [`Error::IdentifierShape`] or [`Error::CheckCharacter`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let shape =
            |part| Error::IdentifierShape { part, found: text.chars().take(MAX_LEN).collect() };
        if text.len() > MAX_LEN {
            return Err(shape("identifier"));
        }
        let rest = text.strip_prefix(ROOT).and_then(|r| r.strip_prefix('.'));
        let parts: Vec<&str> = rest.ok_or_else(|| shape("root"))?.split('.').collect();
        let [type_code, issuer, serial, version, check] = parts[..] else {
            return Err(shape("identifier"));
        };
        check_parts(type_code, issuer, serial, version)?;
        let body = [type_code, issuer, serial, version];
        let expected = check_character(body);
        let mut found = check.chars();
        let (Some(found), None) = (found.next(), found.next()) else { return Err(shape("check")) };
        let dialect = if found == expected {
            Dialect::Standard
        } else if found == dialect_character(body) {
            Dialect::Shifted
        } else {
            return Err(Error::CheckCharacter {
                what: "licence identifier",
                text: text.to_owned(),
                expected,
                found,
            });
        };
        Ok(Self { text: text.to_owned(), dialect })
    }

    /// The whole identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The 21-character type code: who defines the licence, and its number there.
    #[must_use]
    pub fn type_code(&self) -> &str {
        self.part(0)
    }

    /// The code of the authority that defines the licence type.
    #[must_use]
    pub fn defining_authority(&self) -> &str {
        &self.type_code()[..18]
    }

    /// The code of the issuing authority: a credit code, in old identifiers a division code.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.part(1)
    }

    /// The serial.
    #[must_use]
    pub fn serial(&self) -> &str {
        self.part(2)
    }

    /// The version, from 1.
    #[must_use]
    pub fn version(&self) -> u16 {
        // Three digits by the invariant.
        self.part(3).parse().unwrap_or_default()
    }

    /// The check character as written.
    #[must_use]
    pub fn check(&self) -> char {
        // One character by the invariant.
        self.part(4).chars().next().unwrap_or_default()
    }

    /// How the check character was computed.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The identifier of the same licence, one version later.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`] after 999.
    pub fn next_version(&self) -> Result<Self, Error> {
        let next = self.version() + 1;
        if next > 999 {
            return Err(Error::VersionsExhausted { identifier: self.text.clone() });
        }
        Self::new(self.type_code(), self.issuer(), self.serial(), next)
    }

    /// The file name that practice gives a licence.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.ofd", self.text)
    }

    fn part(&self, n: usize) -> &str {
        let rest = &self.text[ROOT.len() + 1..];
        rest.split('.').nth(n).expect("five parts by the invariant")
    }
}

fn check_parts(type_code: &str, issuer: &str, serial: &str, version: &str) -> Result<(), Error> {
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let shape = |part, found: &str| {
        Err(Error::IdentifierShape { part, found: found.chars().take(MAX_LEN).collect() })
    };
    if type_code.len() != 21 || !is_plain(type_code) || !digits(&type_code[18..]) {
        return shape("type code", type_code);
    }
    let division = issuer.len() == 6 && digits(issuer);
    if !(division || issuer.len() == 18 && is_plain(issuer)) {
        return shape("issuer", issuer);
    }
    if !(1..=SERIAL_MAX).contains(&serial.len()) || !is_plain(serial) {
        return shape("serial", serial);
    }
    if version.len() != 3 || !digits(version) || version == "000" {
        return shape("version", version);
    }
    Ok(())
}

/// Whether the text is of digits and capitals only.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

impl FromStr for Identifier {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "11100000000013338W011.11430000006122244L";

    #[test]
    fn parts_read_back() {
        let id = Identifier::new("11100000000013338W009", "11330105002500287C", "2025052201", 2)
            .unwrap();
        assert_eq!(
            id.as_str(),
            "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0"
        );
        assert_eq!(id.type_code(), "11100000000013338W009");
        assert_eq!(id.defining_authority(), "11100000000013338W");
        assert_eq!((id.issuer(), id.serial()), ("11330105002500287C", "2025052201"));
        assert_eq!((id.version(), id.check(), id.dialect()), (2, '0', Dialect::Standard));
        assert_eq!(Identifier::parse(id.as_str()).unwrap(), id);
    }

    #[test]
    fn shapes_out_of_limits_are_refused() {
        for (text, part) in [
            (String::new(), "root"),
            (format!("1.2.156.3005.3.{BODY}.1.001.U"), "root"),
            (format!("{ROOT}.{BODY}.1.001"), "identifier"),
            (format!("{ROOT}.{BODY}.1.001.U.X"), "identifier"),
            (format!("{ROOT}.{BODY}.1.000.U"), "version"),
            (format!("{ROOT}.{BODY}.1.1.U"), "version"),
            (format!("{ROOT}.{BODY}.1.0A1.U"), "version"),
            (format!("{ROOT}.{BODY}..001.U"), "serial"),
            (format!("{ROOT}.{BODY}.{}.001.U", "1".repeat(33)), "identifier"),
            (format!("{ROOT}.{BODY}.abc.001.U"), "serial"),
            (format!("{ROOT}.{BODY}.一.001.U"), "serial"),
            (format!("{ROOT}.11100000000013338W01A.340100.1.001.U"), "type code"),
            (format!("{ROOT}.11100000000013338W011.34010X.1.001.U"), "issuer"),
            (format!("{ROOT}.{BODY}.1.001.UU"), "check"),
            (format!("{ROOT}.{BODY}.1.001."), "check"),
        ] {
            match Identifier::parse(&text) {
                Err(Error::IdentifierShape { part: found, .. }) => {
                    assert_eq!(found, part, "{text}")
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn versions_end_at_999() {
        let id = Identifier::new("11100000000013338W011", "340100", "1", 999).unwrap();
        assert!(matches!(id.next_version(), Err(Error::VersionsExhausted { .. })));
        assert!(Identifier::new("11100000000013338W011", "340100", "1", 0).is_err());
        assert!(Identifier::new("11100000000013338W011", "340100", "1", 1000).is_err());
    }
}
