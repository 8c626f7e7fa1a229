//! Short texts and codes.

use core::fmt;

use yinxin_merkle::wire::{Reader, WireError, Writer};

use crate::{Error, asn::Field};

/// A text of 1 to `MAX` bytes without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Checks the length.
    ///
    /// # Errors
    /// [`Error::Text`] if it is empty, too long, or holds control characters.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if (1..=MAX).contains(&text.len()) && !text.chars().any(char::is_control) {
            Ok(Self(text))
        } else {
            Err(Error::Text { max: MAX, found: text.len() })
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> Field for Text<MAX> {
    fn put(&self, out: &mut Writer) {
        out.text(&self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::new(input.text(what, 1, MAX)?).map_err(|_| WireError::Value(what))
    }
}

/// A unified social credit code (GB 32100): what an organisation is named by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganisationCode(String);

/// GB 32100: digits and capitals without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

impl OrganisationCode {
    /// Checks the 18 characters and the check digit.
    ///
    /// # Errors
    /// [`Error::OrganisationCode`].
    pub fn new(code: &str) -> Result<Self, Error> {
        if check_digit_holds(code.as_bytes()) {
            Ok(Self(code.to_owned()))
        } else {
            Err(Error::OrganisationCode { found: code.chars().take(32).collect() })
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// C18 = 31 − Σ Ci · 3^(i−1) mod 31, with 31 read as 0.
fn check_digit_holds(code: &[u8]) -> bool {
    let value = |byte: &u8| ALPHABET.iter().position(|a| a == byte);
    let Some(values) = code.iter().map(value).collect::<Option<Vec<_>>>() else { return false };
    let Some((check, body)) = values.split_last().filter(|(_, body)| body.len() == 17) else {
        return false;
    };
    let (sum, _) = body.iter().fold((0, 1), |(sum, weight), v| (sum + v * weight, weight * 3 % 31));
    *check == (31 - sum % 31) % 31
}

impl fmt::Display for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field for OrganisationCode {
    fn put(&self, out: &mut Writer) {
        out.text(&self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::new(input.text(what, 18, 18)?).map_err(|_| WireError::Value(what))
    }
}

/// What an organisation calls a piece of its business: unique among its records, for ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessKey(Vec<u8>);

impl BusinessKey {
    /// Longest, bytes: a case number or a hash, with a prefix.
    pub const MAX: usize = 64;

    /// Checks the length.
    ///
    /// # Errors
    /// [`Error::BusinessKey`] if it is not 1 to 64 bytes.
    pub fn new(key: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let key = key.into();
        if (1..=Self::MAX).contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(Error::BusinessKey { found: key.len() })
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Field for BusinessKey {
    fn put(&self, out: &mut Writer) {
        out.octets(&self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Ok(Self(input.octets(what, 1, Self::MAX)?.to_vec()))
    }
}

/// Format characters that take no room.
#[must_use]
pub const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_codes_check_their_last_digit() {
        // Published codes of real authorities, and what a slip makes of them.
        for (code, good) in [
            ("11100000000013338W", true),
            ("11430000006122244L", true),
            ("91350100M000100Y43", true),
            ("11100000000013338X", false),
            ("11100000000013383W", false),
            ("1110000000001333W", false),
            ("1110000000001333 8W", false),
            ("11100000000013338w", false),
            ("I1100000000013338W", false),
            ("", false),
        ] {
            assert_eq!(OrganisationCode::new(code).is_ok(), good, "{code}");
        }
    }

    #[test]
    fn texts_and_keys_have_limits() {
        assert!(Text::<4>::new("abcd").is_ok() && Text::<4>::new("abcde").is_err());
        assert!(Text::<4>::new("").is_err() && Text::<4>::new("a\n").is_err());
        assert!(BusinessKey::new([0; 64]).is_ok() && BusinessKey::new([0; 65]).is_err());
        assert!(BusinessKey::new([]).is_err());
    }
}
