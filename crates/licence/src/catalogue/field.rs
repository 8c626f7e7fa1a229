//! A field of a licence type.

use serde::Deserialize;

use super::amount;
use crate::{Date, Error, code};

/// Longest value of any field, characters; GB/T 36903's longest element has 512, business scopes run longer.
const VALUE_MAX: usize = 2000;

/// What kind of value a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// An amount of money with at most two decimals, in `unit`.
    Amount {
        /// `元` or `万元`, and a currency if it is not the yuan.
        unit: String,
    },
    /// A code with a check character.
    Code {
        /// Which.
        code: CodeKind,
    },
    /// A day of the calendar.
    Date,
    /// One of these words.
    Enum {
        /// The words.
        values: Vec<String>,
    },
    /// Free text.
    Text,
}

/// Codes that can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CodeKind {
    /// The citizen number of GB 11643.
    Citizen,
    /// The unified social credit code of GB 32100.
    Credit,
}

/// What a field means to the metadata of GB/T 36903.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// 持证主体
    HolderName,
    /// 持证主体代码
    HolderCode,
    /// 证照颁发日期
    IssueDate,
    /// 证照编号
    Number,
    /// 有效期起
    ValidFrom,
    /// 有效期止
    ValidTo,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[
        Self::HolderName,
        Self::HolderCode,
        Self::IssueDate,
        Self::Number,
        Self::ValidFrom,
        Self::ValidTo,
    ];
}

/// One field of a licence type.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "FieldToml")]
#[non_exhaustive]
pub struct Field {
    /// The key by which columns, layouts and metadata name it: `a-z0-9_`.
    pub key: String,
    /// Its Chinese name.
    pub name: String,
    /// What kind of value it holds.
    pub kind: Kind,
    /// Whether a licence without it is no licence.
    pub required: bool,
    /// Longest value, characters.
    pub max: usize,
    /// Shape of the value: `9` a digit, `A` a capital, `X` either, anything else itself.
    pub mask: Option<String>,
    /// Whether it tells of a natural person, and so never leaves the file for the ledger.
    pub personal: bool,
    /// What it means to the metadata.
    pub roles: Vec<Role>,
}

/// A field as its file has it; flat, so that a misspelt key is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldToml {
    key: String,
    name: String,
    kind: String,
    unit: Option<String>,
    code: Option<CodeKind>,
    values: Option<Vec<String>>,
    #[serde(default)]
    required: bool,
    max: Option<usize>,
    mask: Option<String>,
    #[serde(default)]
    personal: bool,
    #[serde(default)]
    roles: Vec<Role>,
}

impl TryFrom<FieldToml> for Field {
    type Error = String;

    fn try_from(toml: FieldToml) -> Result<Self, String> {
        let FieldToml { key, name, kind, unit, code, values, required, max, mask, personal, roles } =
            toml;
        let kind = match (kind.as_str(), unit, code, values) {
            ("amount", Some(unit), None, None) => Kind::Amount { unit },
            ("code", None, Some(code), None) => Kind::Code { code },
            ("date", None, None, None) => Kind::Date,
            ("enum", None, None, Some(values)) => Kind::Enum { values },
            ("text", None, None, None) => Kind::Text,
            (kind, ..) => {
                return Err(format!(
                    "field {key:?}: expected kind amount (with unit), code (with code), date, enum (with values) or text, got {kind:?}"
                ));
            }
        };
        let max = max.unwrap_or(DEFAULT_MAX);
        Ok(Self { key, name, kind, required, max, mask, personal, roles })
    }
}

/// Longest value of a field that does not say.
const DEFAULT_MAX: usize = 200;

impl Field {
    pub(super) fn check(&self) -> Result<(), String> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if self.key.is_empty() || self.key.len() > 64 || !self.key.bytes().all(plain) {
            return Err(format!("key {:?}: expected 1 to 64 of a-z, 0-9 and _", self.key));
        }
        if self.name.is_empty() {
            return Err(format!("field {:?} has no name", self.key));
        }
        if !(1..=VALUE_MAX).contains(&self.max) {
            return Err(format!(
                "field {:?}: max {}, expected 1 to {VALUE_MAX}",
                self.key, self.max
            ));
        }
        if matches!(&self.kind, Kind::Enum { values } if values.is_empty()) {
            return Err(format!("field {:?} has no values to choose from", self.key));
        }
        let dated = |r: &Role| matches!(r, Role::IssueDate | Role::ValidFrom | Role::ValidTo);
        if self.roles.iter().any(dated) && self.kind != Kind::Date {
            return Err(format!("field {:?} has the role of a date and is none", self.key));
        }
        Ok(())
    }

    /// The value in its one form; empty for an absent optional one.
    pub(super) fn normalise(&self, text: &str, formats: &[String]) -> Result<String, Error> {
        let open = self.kind == Kind::Date && self.roles.contains(&Role::ValidTo) && text == OPEN;
        if text.is_empty() || open {
            return if self.required && !open {
                Err(Error::FieldMissing { name: self.name.clone() })
            } else {
                Ok(if open { OPEN.to_owned() } else { String::new() })
            };
        }
        let chars = text.chars().count();
        if chars > self.max {
            return Err(Error::FieldTooLong { name: self.name.clone(), chars, max: self.max });
        }
        if text.chars().any(char::is_control) {
            return Err(Error::FieldControl { name: self.name.clone() });
        }
        let value = match &self.kind {
            Kind::Amount { .. } => {
                amount::normalise(text).ok_or_else(|| Error::AmountBad { text: text.to_owned() })?
            }
            Kind::Code { code } => {
                match code {
                    CodeKind::Citizen => code::check_citizen_number(text)?,
                    CodeKind::Credit => code::check_credit_code(text)?,
                }
                text.to_owned()
            }
            Kind::Date if formats.is_empty() => Date::parse(text)?.to_string(),
            Kind::Date => Date::parse_with(text, formats)?.to_string(),
            Kind::Enum { values } => {
                if !values.iter().any(|v| v == text) {
                    return Err(Error::ChoiceUnknown {
                        found: text.to_owned(),
                        known: values.clone(),
                    });
                }
                text.to_owned()
            }
            Kind::Text => text.to_owned(),
        };
        match &self.mask {
            Some(mask) if !fits(mask, &value) => {
                Err(Error::MaskMismatch { mask: mask.clone(), found: value })
            }
            _ => Ok(value),
        }
    }

    /// The value as the page shows it.
    #[must_use]
    pub fn printed(&self, value: &str) -> String {
        match &self.kind {
            Kind::Amount { unit } => amount::printed(value, unit),
            Kind::Date => Date::parse(value).map_or_else(|_| value.to_owned(), Date::to_chinese),
            Kind::Code { .. } | Kind::Enum { .. } | Kind::Text => value.to_owned(),
        }
    }
}

/// What a last day says when there is none.
pub(crate) const OPEN: &str = "长期";

fn fits(mask: &str, value: &str) -> bool {
    let fit = |m: char, c: char| match m {
        '9' => c.is_ascii_digit(),
        'A' => c.is_ascii_uppercase(),
        'X' => c.is_ascii_digit() || c.is_ascii_uppercase(),
        other => other == c,
    };
    mask.chars().count() == value.chars().count()
        && mask.chars().zip(value.chars()).all(|(m, c)| fit(m, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_fit_whole_values() {
        for (mask, value, fit) in [
            ("999-A", "123-B", true),
            ("999-A", "123-b", false),
            ("XX", "A1", true),
            ("XX", "A12", false),
            ("粤99", "粤12", true),
            ("", "", true),
        ] {
            assert_eq!(fits(mask, value), fit, "{mask} {value}");
        }
    }
}
