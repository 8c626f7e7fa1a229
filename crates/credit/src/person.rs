//! People: known here by the pseudonyms that a custodian makes of their citizen numbers.

use yinxin_gm::hmac::HmacSm3;
use yinxin_record::{OrganisationCode, Pseudonym, Subject};
use zeroize::Zeroizing;

use crate::{CustodianSecret, Error, form::is_identity_number};

/// What a pseudonym is made of, before the number.
const PSEUDONYM_DOMAIN: &[u8] = b"yinxin/credit-pseudonym/1";
/// Characters of a citizen number.
const LENGTH: usize = 18;

/// A citizen number (GB 11643): 17 digits with a day of birth, and a check character that holds.
///
/// It is wiped when it is no longer needed, and neither shown nor repeated in a message.
#[derive(Clone)]
pub struct CitizenNumber(Zeroizing<[u8; LENGTH]>);

impl CitizenNumber {
    /// Reads a number; a small `x` and blanks around it are as good.
    ///
    /// # Errors
    /// [`Error::ValueBad`], without the number.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bytes = text.trim().as_bytes();
        let mut number = Zeroizing::new([0; LENGTH]);
        if bytes.len() != LENGTH || !is_identity_number(bytes) {
            return Err(Error::value("citizen number", "…", "18 characters of GB 11643"));
        }
        number.copy_from_slice(bytes);
        number.make_ascii_uppercase();
        Ok(Self(number))
    }

    /// The person, as records of credit name it: only the custodian, which has the secret, can make it, so nobody can try numbers out.
    #[must_use]
    pub fn pseudonym(&self, custodian: OrganisationCode, secret: &CustodianSecret) -> Subject {
        let mut mac = HmacSm3::new(secret.bytes());
        mac.update(PSEUDONYM_DOMAIN);
        mac.update(&self.0[..]);
        Subject::Person(Pseudonym { custodian, value: mac.finalize() })
    }
}

impl core::fmt::Debug for CitizenNumber {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CitizenNumber")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(text: &str, secret: u8) -> Result<String, Error> {
        let secret = CustodianSecret::new(Zeroizing::new([secret; 32]));
        let custodian = OrganisationCode::new("11990100MB0A00018B").unwrap();
        CitizenNumber::parse(text).map(|n| n.pseudonym(custodian, &secret).to_string())
    }

    #[test]
    fn one_person_has_one_pseudonym_of_a_custodian() {
        // A number of no region that there is.
        let one = person("99010119900307004X", 1).unwrap();
        assert_eq!(person(" 99010119900307004x\n", 1).as_ref(), Ok(&one));
        assert_ne!(person("99010119900307004X", 2).as_ref(), Ok(&one), "another secret");
        assert!(one.starts_with("11990100MB0A00018B:") && !one.contains("19900307"), "{one}");
        assert!(Subject::parse(&one).is_ok());
    }

    #[test]
    fn what_is_no_number_is_refused_and_not_repeated() {
        for text in [
            "",
            "990101199003070041",
            "99010119901307004X",
            "9901011990030700",
            "９９０１０１１９９００３０７００４Ｘ",
            "99010119900307004X1",
        ] {
            let error = person(text, 1).unwrap_err();
            assert!(matches!(&error, Error::ValueBad { found, .. } if found == "…"), "{error:?}");
        }
        let number = CitizenNumber::parse("99010119900307004X").unwrap();
        assert_eq!(format!("{number:?}"), "CitizenNumber");
    }
}
