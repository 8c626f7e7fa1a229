//! Forms: the fields of a record's content, as data.

mod content;
mod definition;
mod file;
mod identity;

use std::collections::BTreeMap;

use yinxin_record::{Date, OrganisationCode, Pseudonym, Subject};

use crate::Error;

pub use content::{CONTENT_DOMAIN, Content};
pub use definition::FORM_DOMAIN;
pub(crate) use identity::{has_identity_number, is_identity_number};

/// Largest file, bytes.
pub(crate) const FILE_MAX: usize = 512 * 1024;
/// Most fields of a form: those of both publications have some thirty.
pub(crate) const MAX_FIELDS: usize = 128;
/// Longest value, bytes: a decision's facts in full, three bytes a character.
pub(crate) const MAX_VALUE: usize = 16 * 1024;
/// The type of a subject that is a natural person (code set `subject-type`).
const PERSON: &str = "01";

/// Forms and code sets.
///
/// ```
/// use std::collections::BTreeMap;
/// use yinxin_credit::Forms;
///
/// let forms = Forms::standard()?;
/// let row = BTreeMap::from([
///     ("MC", "某某有限公司"), ("LB", "02"), ("SHXYM", "91350100M000100Y43"), ("BH", "2026-1"),
///     ("NR", "年报已公示"), ("RQ", "2026-06-30"), ("JG", "某局"), ("JGDM", "11430000006122244L"),
/// ]);
/// let filled = forms.form("general")?.fill(|code| row.get(code).copied(), None)?;
/// assert_eq!(filled.subject.to_string(), "91350100M000100Y43");
/// assert_eq!(filled.content.value("NR"), Some("年报已公示"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forms {
    forms: BTreeMap<String, Form>,
}

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Form {
    /// Its id: what a class names.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where its fields are from.
    pub source: String,
    /// Its fields, in order.
    pub fields: Vec<FormField>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormField {
    /// Its code: the column's name.
    pub code: String,
    /// Its name, for people.
    pub name: String,
    /// What values it takes.
    pub kind: ValueKind,
    /// Whether it must have one.
    pub required: bool,
    /// The types of subjects for which it must have one.
    pub required_for: Vec<String>,
    /// What it is to the program.
    pub role: Option<Role>,
    /// What becomes of it.
    pub show: Show,
}

/// What values a field takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// Text of at most so many characters.
    Text(usize),
    /// A code of a set, with what it stands for.
    Code(BTreeMap<String, String>),
    /// A unified social credit code.
    CreditCode,
    /// A day.
    Date,
    /// A number that is not negative, with at most so many decimals.
    Decimal(u32),
}

/// What a field is to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// The subject's credit code.
    Subject,
    /// The type of the subject.
    Type,
    /// What the authority calls the item.
    Number,
    /// The day of the decision.
    Decided,
    /// The last day on which it is shown.
    Until,
    /// Who decided.
    Authority,
}

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Show {
    /// It stands in the content.
    Public,
    /// For a natural person its first character stands in the content; otherwise all of it.
    Masked,
    /// It is checked and dropped.
    Never,
}

/// A form that was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filled {
    /// About whom.
    pub subject: Subject,
    /// What the authority calls the item.
    pub number: String,
    /// The day of the decision.
    pub decided: Date,
    /// The last day on which it is shown, if the row says so.
    pub until: Option<Date>,
    /// Who decided.
    pub authority: OrganisationCode,
    /// What may be shown.
    pub content: Content,
}

impl Forms {
    /// Reads forms.
    ///
    /// # Errors
    /// [`Error::ConfigBad`] with the line.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        Ok(Self { forms: file::read(text)? })
    }

    /// The forms that come with this crate: licence, penalty, general.
    ///
    /// # Errors
    /// None: the file is part of the crate, and a test reads it.
    pub fn standard() -> Result<Self, Error> {
        Self::from_toml(include_str!("../data/forms.toml"))
    }

    /// A form by its id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn form(&self, id: &str) -> Result<&Form, Error> {
        self.forms.get(id).ok_or_else(|| Error::NotFound { what: "form", name: id.to_owned() })
    }

    /// All of them.
    pub fn forms(&self) -> impl Iterator<Item = &Form> {
        self.forms.values()
    }
}

impl Form {
    /// Fills the form in: `value` gives a field's text by its code; an empty one is none. A natural person is named by the
    /// custodian's pseudonym, for it has no public code.
    ///
    /// # Errors
    /// [`Error::ValueBad`] names the field.
    pub fn fill<'a>(
        &self,
        value: impl Fn(&str) -> Option<&'a str>,
        pseudonym: Option<&Pseudonym>,
    ) -> Result<Filled, Error> {
        self.filled(value, pseudonym, true)
    }

    fn filled<'a>(
        &self,
        value: impl Fn(&str) -> Option<&'a str>,
        pseudonym: Option<&Pseudonym>,
        whole: bool,
    ) -> Result<Filled, Error> {
        let value = |code: &str| value(code).map(str::trim).filter(|text| !text.is_empty());
        let by_role =
            |role| self.fields.iter().find(|f| f.role == Some(role)).and_then(|f| value(&f.code));
        let kind = by_role(Role::Type).unwrap_or_default();
        let person = kind == PERSON;
        let mut values = Vec::with_capacity(self.fields.len());
        for (place, field) in (0..).zip(&self.fields) {
            let Some(text) = value(&field.code) else {
                if field.required || field.required_for.iter().any(|t| t == kind) {
                    return Err(Error::value(&field.code, "", field.name.clone()));
                }
                continue;
            };
            field.check(text)?;
            match field.show {
                Show::Never => {}
                Show::Masked if person => values.push((place, mask(text))),
                Show::Public | Show::Masked => values.push((place, text.to_owned())),
            }
        }
        let missing = |what: &str| Error::value(what, "", "a value");
        let date = |role| by_role(role).map(Date::parse).transpose().map_err(Error::Record);
        let authority = by_role(Role::Authority).ok_or_else(|| missing("authority"))?;
        Ok(Filled {
            subject: self.subject(person, by_role(Role::Subject), pseudonym)?,
            number: by_role(Role::Number).ok_or_else(|| missing("number"))?.to_owned(),
            decided: match date(Role::Decided)? {
                Some(decided) => decided,
                None if whole => return Err(missing("decided")),
                None => Date::of(yinxin_verdict::UnixTime::EPOCH),
            },
            until: date(Role::Until)?,
            authority: OrganisationCode::new(authority)?,
            content: Content::new(self, values),
        })
    }

    /// The day of the decision that a row tells of.
    ///
    /// # Errors
    /// [`Error::ValueBad`] without one, [`Error::Record`] for what is no day.
    pub fn decided<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> Result<Date, Error> {
        let field = self.fields.iter().find(|field| field.role == Some(Role::Decided));
        let text = field.and_then(|f| value(&f.code)).map(str::trim).filter(|t| !t.is_empty());
        let missing = || {
            let name = field.map(|f| f.name.clone()).unwrap_or_default();
            Error::value(field.map_or("decided", |f| &f.code), "", name)
        };
        Ok(Date::parse(text.ok_or_else(missing)?)?)
    }

    /// Which item a row is about, when it says no more than that: its subject, number and authority.
    ///
    /// # Errors
    /// [`Error::ValueBad`] names the field.
    pub fn name_item<'a>(
        &self,
        value: impl Fn(&str) -> Option<&'a str>,
        pseudonym: Option<&Pseudonym>,
    ) -> Result<Filled, Error> {
        let named = |field: &&FormField| {
            matches!(field.role, Some(Role::Type | Role::Subject | Role::Number | Role::Authority))
        };
        let fields = self.fields.iter().filter(named);
        let fields = fields.map(|field| FormField { required_for: Vec::new(), ..field.clone() });
        let form = Self { fields: fields.collect(), ..self.clone() };
        form.filled(value, pseudonym, false)
    }

    fn subject(
        &self,
        person: bool,
        code: Option<&str>,
        pseudonym: Option<&Pseudonym>,
    ) -> Result<Subject, Error> {
        match (person, code, pseudonym) {
            (false, Some(code), None) => Ok(Subject::Company(OrganisationCode::new(code)?)),
            (true, None, Some(pseudonym)) => Ok(Subject::Person(pseudonym.clone())),
            (true, Some(code), _) => {
                Err(Error::value("subject", code, "no code for a natural person"))
            }
            (true, None, None) => Err(Error::value("pseudonym", "", "a custodian's pseudonym")),
            (false, Some(_), Some(_)) => Err(Error::value("pseudonym", "", "none for a company")),
            // An individual business may have no code yet; it then has a pseudonym like a person.
            (false, None, Some(pseudonym)) => Ok(Subject::Person(pseudonym.clone())),
            (false, None, None) => Err(Error::value("subject", "", "a unified social credit code")),
        }
    }
}

impl FormField {
    fn check(&self, text: &str) -> Result<(), Error> {
        let bad = |expected: String| Err(Error::value(&self.code, text, expected));
        if text.len() > MAX_VALUE || text.chars().any(char::is_control) {
            return bad("short text without control characters".to_owned());
        }
        match &self.kind {
            ValueKind::Text(max) if text.chars().count() > *max => {
                bad(format!("at most {max} characters"))
            }
            ValueKind::Text(_) => self.check_no_identity_number(text),
            ValueKind::Code(codes) if !codes.contains_key(text) => {
                bad(codes.keys().cloned().collect::<Vec<_>>().join(", "))
            }
            ValueKind::Code(_) => Ok(()),
            ValueKind::CreditCode if OrganisationCode::new(text).is_err() => {
                bad("18 characters with a check character (GB 32100)".to_owned())
            }
            ValueKind::CreditCode => Ok(()),
            ValueKind::Date if Date::parse(text).is_err() => {
                bad("a day such as 2026-11-22".to_owned())
            }
            ValueKind::Date => Ok(()),
            ValueKind::Decimal(decimals) if !is_decimal(text, *decimals) => {
                bad(format!("a number with at most {decimals} decimals"))
            }
            ValueKind::Decimal(_) => Ok(()),
        }
    }

    /// The number of a natural person's identity card is never published, whatever field it was written into.
    fn check_no_identity_number(&self, text: &str) -> Result<(), Error> {
        if self.show != Show::Never && has_identity_number(text) {
            return Err(Error::value(&self.code, text, "no identity number"));
        }
        Ok(())
    }
}

/// The first character, and a `*` for each other one.
fn mask(text: &str) -> String {
    text.chars().enumerate().map(|(i, c)| if i == 0 { c } else { '*' }).collect()
}

fn is_decimal(text: &str, decimals: u32) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && whole.len() <= 15
        && digits(part)
        && u32::try_from(part.len()).is_ok_and(|n| n <= decimals.max(1))
}

#[cfg(test)]
mod tests;
