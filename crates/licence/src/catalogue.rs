//! A licence type of the catalogue (GB/T 36902, in shape): what a licence says, of whom, for how long, and how it looks.

mod amount;
mod field;

use std::collections::BTreeMap;

use serde::Deserialize;
use yinxin_gm::{Digest, sm3};

use crate::layout::Template;
use crate::{Date, Error, Refusal};

pub use amount::to_capital;
pub(crate) use field::OPEN;
pub use field::{CodeKind, Field, Kind, Role};

/// Largest type file, bytes: the sample type with its layout has 8 KB; a hundred fields would fit.
pub const TYPE_MAX: usize = 256 * 1024;

/// Most fields of a type: the longest known licence forms have some forty.
pub const FIELDS_MAX: usize = 64;

/// Who holds licences of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Holder {
    /// An organisation, by unified social credit code (code type 001).
    Organisation,
    /// A natural person, by citizen number (code type 111).
    Person,
    /// Anyone or anything else (code type 999).
    Other,
}

impl Holder {
    /// The code type of GB/T 36903 appendix A, as far as it is known.
    #[must_use]
    pub fn code_type(self) -> &'static str {
        match self {
            Self::Organisation => "001",
            Self::Person => "111",
            Self::Other => "999",
        }
    }

    /// The code type's name.
    #[must_use]
    pub fn code_type_name(self) -> &'static str {
        match self {
            Self::Organisation => "统一社会信用代码",
            Self::Person => "公民身份号码",
            Self::Other => "其他",
        }
    }
}

/// How long a licence is valid when its row does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Validity {
    /// Until further notice (长期).
    Open,
    /// The row must give the last day.
    Row,
    /// So many years from the first day, less one day.
    Years {
        /// How many.
        years: u16,
    },
}

/// One type of licence. Its bytes are published on the ledger by their [`digest`](Self::digest).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CatalogueType {
    /// 21 characters: the credit code of the authority that defines the type, and three digits.
    pub code: String,
    /// The licence's name, such as 营业执照.
    pub name: String,
    /// Its name in English, for messages.
    #[serde(default)]
    pub name_en: String,
    /// The name of the authority that defines it.
    pub defining_authority: String,
    /// Who holds it.
    pub holder: Holder,
    /// How long it is valid when a row does not say.
    pub validity: Validity,
    /// What it says.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
    /// How it looks.
    pub layout: Template,
    #[serde(skip, default = "unread")]
    digest: Digest,
}

/// Stands in until the file's bytes are hashed.
fn unread() -> Digest {
    Digest::ZERO
}

impl CatalogueType {
    /// Reads a type file.
    ///
    /// # Errors
    /// [`Error::ConfigBad`] says what does not fit and where.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let bad = |why: String| Error::ConfigBad { what: "licence type", why };
        if text.len() > TYPE_MAX {
            return Err(bad(format!("{} bytes, at most {TYPE_MAX} are read", text.len())));
        }
        let mut read: Self = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
        read.digest = sm3::digest(text.as_bytes());
        read.check().map_err(bad)?;
        Ok(read)
    }

    /// SM3 of the type file's bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The credit code of the defining authority.
    #[must_use]
    pub fn defining_code(&self) -> &str {
        &self.code[..18]
    }

    /// The field of this key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.key == key)
    }

    /// The field that plays this role.
    #[must_use]
    pub fn role(&self, role: Role) -> Option<&Field> {
        self.fields.iter().find(|f| f.roles.contains(&role))
    }

    /// Brings raw values into their one form: every field known, well formed, and present if required.
    ///
    /// # Errors
    /// A [`Refusal`] names the first field that does not fit, in the type's order.
    pub fn normalise(
        &self,
        raw: &BTreeMap<String, String>,
        formats: &[String],
    ) -> Result<BTreeMap<String, String>, Refusal> {
        if let Some(key) = raw.keys().find(|k| self.field(k).is_none()) {
            return Err(Refusal::new(key, Error::FieldUnknown { key: key.clone() }));
        }
        let mut values = BTreeMap::new();
        for field in &self.fields {
            let text = raw.get(&field.key).map_or("", |t| t.trim());
            match field.normalise(text, formats) {
                Ok(value) if value.is_empty() => {}
                Ok(value) => {
                    values.insert(field.key.clone(), value);
                }
                Err(cause) => return Err(Refusal::new(&field.key, cause)),
            }
        }
        Ok(values)
    }

    /// The last day of a licence valid from `first` on, when its row does not say; `None` is until further notice.
    ///
    /// # Errors
    /// [`Error::FieldMissing`] when the row must say.
    pub fn last_day(&self, first: Date) -> Result<Option<Date>, Error> {
        match self.validity {
            Validity::Open => Ok(None),
            Validity::Row => Err(Error::FieldMissing { name: "有效期止".to_owned() }),
            Validity::Years { years } => Ok(Some(first.plus_years(years).day_before())),
        }
    }

    fn check(&self) -> Result<(), String> {
        if crate::Identifier::new(&self.code, "340100", "1", 1).is_err() {
            return Err(format!(
                "code {:?}: expected 18 digits or capitals and 3 digits",
                self.code
            ));
        }
        crate::code::check_credit_code(self.defining_code())
            .map_err(|e| format!("code {:?}: {e}", self.code))?;
        if self.fields.is_empty() || self.fields.len() > FIELDS_MAX {
            return Err(format!("{} fields, expected 1 to {FIELDS_MAX}", self.fields.len()));
        }
        for (i, field) in self.fields.iter().enumerate() {
            field.check()?;
            if self.fields[..i].iter().any(|f| f.key == field.key) {
                return Err(format!("field {:?} stands twice", field.key));
            }
        }
        for role in [Role::HolderName, Role::HolderCode] {
            match self.role(role) {
                Some(f) if f.required => {}
                _ => return Err(format!("no required field has the role {role:?}")),
            }
        }
        for role in Role::ALL {
            if self.fields.iter().filter(|f| f.roles.contains(role)).count() > 1 {
                return Err(format!("two fields have the role {role:?}"));
            }
        }
        self.layout.check(|key| self.field(key).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_sample_type_reads() {
        let t = sample::business_licence();
        assert_eq!(t.name, "营业执照");
        assert_eq!(t.holder.code_type(), "001");
        assert_eq!(t.role(Role::HolderCode).unwrap().kind, Kind::Code { code: CodeKind::Credit });
        assert_ne!(t.digest(), Digest::ZERO);
    }

    #[test]
    fn type_files_that_do_not_fit_are_refused_with_the_reason() {
        let good = sample::BUSINESS_LICENCE;
        for (from, to, why) in [
            ("11100000MB", "11100000mb", "code"),
            ("code = \"1110", "code = \"1210", "code"),
            ("kind = \"text\"", "kind = \"txt\"", "txt"),
            ("key = \"holder_name\"", "key = \"Holder Name\"", "key"),
            ("key = \"category\"", "key = \"holder_name\"", "twice"),
            ("\"holder-name\"", "\"holder-code\"", "HolderName"),
            ("field = \"category\"", "field = \"nothing\"", "nothing"),
            ("rule = \"open\"", "rule = \"for ever\"", "rule"),
            ("name = \"营业执照\"", "nmae = \"营业执照\"", "nmae"),
        ] {
            assert!(good.contains(from), "{from}");
            match CatalogueType::from_toml(&good.replacen(from, to, 1)) {
                Err(Error::ConfigBad { why: found, .. }) => {
                    assert!(found.contains(why), "{to}: {found}")
                }
                other => panic!("{to}: {:?}", other.map(|t| t.name)),
            }
        }
        assert!(CatalogueType::from_toml(&"#".repeat(TYPE_MAX + 1)).is_err());
    }
}
