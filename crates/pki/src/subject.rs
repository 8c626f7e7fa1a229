//! Names that we write into certificates.

use der::{
    Tag,
    asn1::{ObjectIdentifier, SetOfVec},
};

use crate::{
    asn1::{self, AttributeTypeAndValue, set, to_der},
    error::{PkiError, Rule},
    name::{Name, is_organisation_code},
    oid,
};

/// The longest attribute, in characters: RFC 5280's upper bound for common and organisation names.
const MAX_CHARACTERS: usize = 64;

/// Whom a certificate shall name.
///
/// ```
/// use yinxin_pki::Subject;
///
/// let name = Subject::new("市市场监督管理局 电子印章")
///     .country("CN")
///     .organisation("市市场监督管理局")
///     .organisation_code("11430000006122244L")
///     .to_name()?;
/// assert_eq!(name.organisation_code(), Some("11430000006122244L"));
/// # Ok::<(), yinxin_pki::PkiError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    attributes: Vec<(ObjectIdentifier, String)>,
}

macro_rules! attributes {
    ($($method:ident $oid:ident $doc:literal)*) => {
        impl Subject {
            $(#[doc = $doc]
            #[must_use]
            pub fn $method(self, value: impl Into<String>) -> Self {
                self.with(oid::$oid, value)
            })*
        }
    };
}

attributes! {
    country           COUNTRY                 "The country, two letters."
    province          PROVINCE                "The province."
    locality          LOCALITY                "The city."
    organisation      ORGANISATION            "The organisation's name."
    organisation_code ORGANISATION_IDENTIFIER "The organisation's unified social credit code, 18 characters."
    unit              UNIT                    "The department inside it."
    serial_number     SERIAL_NUMBER           "What tells two holders of one name apart."
}

impl Subject {
    /// Of this common name.
    #[must_use]
    pub fn new(common_name: impl Into<String>) -> Self {
        Self::default().with(oid::COMMON_NAME, common_name)
    }

    fn with(mut self, oid: ObjectIdentifier, value: impl Into<String>) -> Self {
        self.attributes.push((oid, value.into()));
        self
    }

    /// The name, from the country to the common name.
    ///
    /// # Errors
    /// [`PkiError::NameInvalid`] for an empty or overlong value, control characters, a country that is not two capitals, a code
    /// that is none.
    pub fn to_name(&self) -> Result<Name, PkiError> {
        const ORDER: [ObjectIdentifier; 8] = [
            oid::COUNTRY,
            oid::PROVINCE,
            oid::LOCALITY,
            oid::ORGANISATION,
            oid::ORGANISATION_IDENTIFIER,
            oid::UNIT,
            oid::SERIAL_NUMBER,
            oid::COMMON_NAME,
        ];
        let mut parts: Vec<_> = self.attributes.iter().collect();
        parts.sort_by_key(|(oid, _)| ORDER.iter().position(|o| o == oid));
        let mut sequence: Vec<SetOfVec<AttributeTypeAndValue>> = Vec::new();
        for (oid, value) in parts {
            let value = asn1::value(tag(oid, value)?, value.as_bytes());
            sequence.push(set(vec![AttributeTypeAndValue { oid: *oid, value }]));
        }
        Name::parse(&to_der(&sequence))
    }
}

/// Checks a value, and says of which string type it is.
fn tag(oid: &ObjectIdentifier, value: &str) -> Result<Tag, PkiError> {
    let refuse = |should| Err(PkiError::NameInvalid { value: value.to_owned(), should });
    let printable = |b: u8| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&b);
    match *oid {
        _ if value.trim().is_empty() => refuse(Rule::NotEmpty),
        _ if value.chars().count() > MAX_CHARACTERS => refuse(Rule::Short),
        _ if value.chars().any(char::is_control) => refuse(Rule::NoControl),
        oid::COUNTRY if value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase()) => {
            Ok(Tag::PrintableString)
        }
        oid::COUNTRY => refuse(Rule::Country),
        oid::SERIAL_NUMBER if value.bytes().all(printable) => Ok(Tag::PrintableString),
        oid::SERIAL_NUMBER => refuse(Rule::Printable),
        oid::ORGANISATION_IDENTIFIER if is_organisation_code(value) => Ok(Tag::Utf8String),
        oid::ORGANISATION_IDENTIFIER => refuse(Rule::OrganisationCode),
        _ => Ok(Tag::Utf8String),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_stand_from_the_country_to_the_common_name() {
        let subject = Subject::new("印章").unit("制章科").organisation("某局").country("CN");
        assert_eq!(subject.to_name().unwrap().to_string(), "C=CN, O=某局, OU=制章科, CN=印章");
    }

    #[test]
    fn impossible_values_are_refused() {
        for subject in [
            Subject::new(" "),
            Subject::new("x".repeat(65)),
            Subject::new("a\nb"),
            Subject::new("a").country("China"),
            Subject::new("a").country("cn"),
            Subject::new("a").organisation_code("123"),
            Subject::new("a").serial_number("一"),
        ] {
            assert!(matches!(subject.to_name(), Err(PkiError::NameInvalid { .. })), "{subject:?}");
        }
        assert!(Subject::new("字".repeat(64)).to_name().is_ok());
    }
}
