//! The codes of licences, in form. Their check character is the business of whoever reads the licence.

use core::fmt;

use yinxin_merkle::wire::{Reader, WireError, Writer};

use super::Field;
use crate::{Error, OrganisationCode};

/// The arc of licence identifiers.
const ROOT: &str = "1.2.156.3005.2.";

/// Longest identifier, bytes: GB/T 36903 gives the field 128.
const MAX: usize = 128;

/// A licence type's code: the credit code of the authority that defines it, and three digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LicenceTypeCode(String);

impl LicenceTypeCode {
    /// Checks the form and the authority's check digit.
    ///
    /// # Errors
    /// [`Error::TypeCode`].
    pub fn new(code: &str) -> Result<Self, Error> {
        let wrong = || Error::TypeCode { found: code.chars().take(32).collect() };
        let (authority, number) = code.split_at_checked(18).ok_or_else(wrong)?;
        let digits = number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit());
        if digits && OrganisationCode::new(authority).is_ok() {
            Ok(Self(code.to_owned()))
        } else {
            Err(wrong())
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The authority that defines the type.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.0[..18]
    }
}

impl fmt::Display for LicenceTypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field for LicenceTypeCode {
    fn put(&self, out: &mut Writer) {
        out.text(&self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::new(input.text(what, 21, 21)?).map_err(|_| WireError::Value(what))
    }
}

/// A licence's identifier: `1.2.156.3005.2.` type `.` issuer `.` serial `.` version `.` check (GB/T 36904).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LicenceIdentifier(String);

impl LicenceIdentifier {
    /// Checks the form.
    ///
    /// # Errors
    /// [`Error::Identifier`].
    pub fn new(text: &str) -> Result<Self, Error> {
        let identifier = Self(text.to_owned());
        let capital = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
        let holds = text.len() <= MAX
            && text.starts_with(ROOT)
            && identifier.parts().is_some_and(|[type_code, issuer, serial, version, check]| {
                type_code.len() == 21
                    && [issuer, serial].iter().all(|p| !p.is_empty())
                    && version.len() == 3
                    && version.bytes().all(|b| b.is_ascii_digit())
                    && check.len() == 1
            })
            && text[ROOT.len()..].bytes().all(|b| b == b'.' || capital(b));
        if holds {
            Ok(identifier)
        } else {
            Err(Error::Identifier { found: text.chars().take(64).collect() })
        }
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type's code.
    #[must_use]
    pub fn type_code(&self) -> &str {
        self.part(0)
    }

    /// The issuing authority's code.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.part(1)
    }

    /// The serial.
    #[must_use]
    pub fn serial(&self) -> &str {
        self.part(2)
    }

    /// The version, three digits: equal length, so that text order is number order.
    #[must_use]
    pub fn version(&self) -> &str {
        self.part(3)
    }

    /// Whether `later` names a later version of the same licence.
    #[must_use]
    pub fn is_followed_by(&self, later: &Self) -> bool {
        self.type_code() == later.type_code()
            && self.issuer() == later.issuer()
            && self.serial() == later.serial()
            && self.version() < later.version()
    }

    fn parts(&self) -> Option<[&str; 5]> {
        let parts: Vec<&str> = self.0.get(ROOT.len()..)?.split('.').collect();
        parts.try_into().ok()
    }

    fn part(&self, i: usize) -> &str {
        self.parts().expect("the constructor checked that there are five")[i]
    }
}

impl fmt::Display for LicenceIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field for LicenceIdentifier {
    fn put(&self, out: &mut Writer) {
        out.text(&self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::new(input.text(what, 1, MAX)?).map_err(|_| WireError::Value(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_five_parts() {
        for (text, good) in [
            ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U", true),
            ("1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9", true),
            ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001", false),
            ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.1.U", false),
            ("1.2.156.3005.2.11100000000013338W011.11430000006122244L..001.U", false),
            ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.2a.001.U", false),
            ("1.2.156.3005.3.11100000000013338W011.11430000006122244L.20230000403.001.U", false),
            ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.2.001.U.U", false),
            ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.2é.001.U", false),
            ("", false),
        ] {
            assert_eq!(LicenceIdentifier::new(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn later_versions_follow() {
        let id = |v: &str| {
            let text = format!(
                "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.{v}.U"
            );
            LicenceIdentifier::new(&text).unwrap()
        };
        assert!(id("001").is_followed_by(&id("002")) && id("009").is_followed_by(&id("010")));
        assert!(!id("002").is_followed_by(&id("002")) && !id("002").is_followed_by(&id("001")));
    }

    #[test]
    fn type_codes_begin_with_an_authority() {
        assert!(LicenceTypeCode::new("11100000000013338W011").is_ok());
        for wrong in ["11100000000013338X011", "11100000000013338W0A1", "11100000000013338W01", "é"]
        {
            assert!(LicenceTypeCode::new(wrong).is_err(), "{wrong}");
        }
    }
}
