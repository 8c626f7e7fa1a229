//! The forms in which a field may be shown.

use core::{fmt, str::FromStr};

use super::Tokens;
use crate::Error;

/// The longest name of a form: a token's purpose is the longest part.
pub(super) const MAX_NAME: usize = 80;
/// The most characters that a rule keeps: more would be no mask.
const MAX_KEPT: u8 = 32;

/// How a field is shown. Its name is its configuration: `value`, `keep/3/4`, `range/10`, `prefix/4`, `token/loan`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Form {
    /// As it is.
    Value,
    /// The first and last characters stay, the others become `*`: 张*, 3301**********1234. How many there are is seen; a value too
    /// short to hide anything is all `*`.
    Keep {
        /// Characters that stay in front.
        head: u8,
        /// Characters that stay at the end.
        tail: u8,
    },
    /// Whole numbers by ranges of this width: 30..39.
    Range {
        /// How many numbers a range has.
        width: u32,
    },
    /// The first characters alone: a region of a code, the year of a date. A value that is no longer than that is one `*`.
    Prefix {
        /// How many.
        chars: u8,
    },
    /// A custodian's pseudonym, another one for each purpose.
    Token {
        /// What for.
        purpose: String,
    },
}

impl Form {
    /// What this form makes of a value.
    ///
    /// # Errors
    /// [`Error::ValueBad`] for a range of what is no whole number; [`Error::NotFound`] for a token without custodian, or of a value that it was not
    /// asked for.
    pub fn apply(
        &self,
        value: &str,
        kind: &str,
        tokens: Option<&dyn Tokens>,
    ) -> Result<String, Error> {
        let count = value.chars().count();
        Ok(match self {
            Self::Value => value.to_owned(),
            Self::Keep { head, tail } => {
                let (head, tail) = (usize::from(*head), usize::from(*tail));
                let hides = head + tail < count;
                let stays = |i: usize| hides && (i < head || i >= count - tail);
                value.chars().enumerate().map(|(i, c)| if stays(i) { c } else { '*' }).collect()
            }
            Self::Range { width } => {
                let bad = || Error::ValueBad { what: "a whole number", found: value.to_owned() };
                let number: i64 = value.parse().map_err(|_| bad())?;
                let width = i64::from(*width);
                let low = number.div_euclid(width).checked_mul(width).ok_or_else(bad)?;
                let high = low.checked_add(width - 1).ok_or_else(bad)?;
                format!("{low}..{high}")
            }
            Self::Prefix { chars } => {
                let chars = usize::from(*chars);
                if count <= chars { "*".to_owned() } else { value.chars().take(chars).collect() }
            }
            Self::Token { purpose } => {
                let none = |what| Error::NotFound { what, name: purpose.clone() };
                let tokens = tokens.ok_or_else(|| none("custodian"))?;
                tokens.token_of(purpose, kind, value).ok_or_else(|| none("token"))?
            }
        })
    }

    /// Whether anyone who knows the value can say what this form makes of it.
    #[must_use]
    pub const fn is_public_rule(&self) -> bool {
        !matches!(self, Self::Token { .. })
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => f.write_str("value"),
            Self::Keep { head, tail } => write!(f, "keep/{head}/{tail}"),
            Self::Range { width } => write!(f, "range/{width}"),
            Self::Prefix { chars } => write!(f, "prefix/{chars}"),
            Self::Token { purpose } => write!(f, "token/{purpose}"),
        }
    }
}

impl FromStr for Form {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::ValueBad { what: "form", found: text.chars().take(MAX_NAME).collect() };
        let kept = |n: &str| n.parse().ok().filter(|n| *n <= MAX_KEPT).ok_or_else(bad);
        let form = match text.split('/').collect::<Vec<_>>()[..] {
            ["value"] => Self::Value,
            ["keep", head, tail] => Self::Keep { head: kept(head)?, tail: kept(tail)? },
            ["range", width] => {
                let width = width.parse().ok().filter(|w| *w >= 2).ok_or_else(bad)?;
                Self::Range { width }
            }
            ["prefix", chars] => Self::Prefix { chars: kept(chars)? },
            ["token", purpose] if !purpose.is_empty() => {
                Self::Token { purpose: purpose.to_owned() }
            }
            _ => return Err(bad()),
        };
        // One form, one name: no "keep/01/0".
        if text.len() <= MAX_NAME && form.to_string() == text { Ok(form) } else { Err(bad()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_show_what_their_names_say() {
        for (form, value, shown) in [
            ("value", "张三", "张三"),
            ("keep/1/0", "张三", "张*"),
            ("keep/1/0", "欧阳小明", "欧***"),
            ("keep/1/0", "张", "*"),
            ("keep/1/0", "", ""),
            ("keep/4/4", "330106199001011234", "3301**********1234"),
            ("keep/3/4", "13800138000", "138****8000"),
            ("keep/3/4", "1380013", "*******"),
            ("keep/0/0", "密", "*"),
            ("range/10", "34", "30..39"),
            ("range/10", "-1", "-10..-1"),
            ("range/5000", "12000", "10000..14999"),
            ("prefix/4", "330106", "3301"),
            ("prefix/4", "3301", "*"),
            ("prefix/4", "1990-01-01", "1990"),
        ] {
            let form: Form = form.parse().unwrap();
            assert_eq!(form.apply(value, "text", None).unwrap(), shown, "{form} {value}");
        }
    }

    #[test]
    fn what_a_form_cannot_show_is_refused() {
        let range: Form = "range/10".parse().unwrap();
        for value in ["", "三十", "3.5", "99999999999999999999", "9223372036854775807"] {
            assert!(range.apply(value, "integer", None).is_err(), "{value}");
        }
        let token: Form = "token/loan".parse().unwrap();
        assert!(matches!(token.apply("x", "text", None), Err(Error::NotFound { .. })));
    }

    #[test]
    fn a_form_has_one_name() {
        for name in [
            "",
            "Value",
            "keep",
            "keep/1",
            "keep/01/0",
            "keep/1/0/",
            "keep/33/0",
            "keep/-1/0",
            "range/1",
            "range/x",
            "prefix/+4",
            "token/",
            "token",
            "token/a/b",
            "drop",
        ] {
            assert!(name.parse::<Form>().is_err(), "{name}");
        }
        assert!(format!("token/{}", "x".repeat(90)).parse::<Form>().is_err());
    }
}
