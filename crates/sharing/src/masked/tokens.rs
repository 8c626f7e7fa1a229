//! Tokens by the batch: what an owner asks a custodian for, and what comes back.
//!
//! The owner has the rows and the custodian the secret; neither needs the other's. What is asked are the different values of the
//! fields that have tokens, by purpose and kind, in the order of their octets: not which rows they stand in, how often, or beside
//! what. What comes back are tokens alone, in the order of what was asked, which whoever finds them cannot tell anything from.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer, rising};

use super::{
    Custodian, Form, Schema,
    form::MAX_NAME,
    schema::{MAX_LEAVES, MAX_TEXT as MAX_KIND},
    view::MAX_TEXT,
};
use crate::Error;

const ASK_DOMAIN: &str = "yinxin/token-ask/1";
const ANSWER_DOMAIN: &str = "yinxin/token-answer/1";
/// Values of one batch: those of a data set that is masked at once.
const MAX_VALUES: usize = 1_000_000;
/// The longest batch, octets: within DER's lengths of ours.
const MAX_ASK: usize = 192 << 20;
/// Octets of a token.
const TOKEN: usize = 16;

/// Whoever has tokens: the custodian, who makes them, or an owner, who was given some.
pub trait Tokens {
    /// The token of a value of this kind for a purpose; `None` if it is not known here.
    fn token_of(&self, purpose: &str, kind: &str, value: &str) -> Option<String>;
}

impl Tokens for Custodian {
    fn token_of(&self, purpose: &str, kind: &str, value: &str) -> Option<String> {
        Some(self.token(purpose, kind, value))
    }
}

/// Values of one purpose and kind.
struct Group {
    purpose: String,
    kind: String,
    values: Vec<String>,
}

/// What an owner asks a custodian for. It has the values and is sent to nobody else: in an envelope.
///
/// Invariant: groups rise by purpose and kind, each has at least one value, its values rise; at most a million of them in all.
///
/// ```asn1
/// TokenAsk ::= SEQUENCE { domain UTF8String ("yinxin/token-ask/1"),
///   groups SEQUENCE (SIZE (1..1024)) OF SEQUENCE {             -- rising
///     purpose UTF8String, kind UTF8String, values SEQUENCE OF UTF8String } }     -- rising
/// ```
pub struct TokenAsk {
    groups: Vec<Group>,
}

/// A custodian's tokens, without the values.
///
/// ```asn1
/// TokenAnswer ::= SEQUENCE { domain UTF8String ("yinxin/token-answer/1"),
///   ask OCTET STRING (SIZE (32)),                              -- SM3 of what was asked
///   tokens OCTET STRING }                                      -- 16 octets for each value, in its order
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenAnswer {
    ask: Digest,
    tokens: Vec<[u8; TOKEN]>,
}

/// Tokens beside their values again: by purpose, kind, value.
pub struct TokenBook(BTreeMap<String, BTreeMap<String, BTreeMap<String, [u8; TOKEN]>>>);

impl TokenAsk {
    /// All that the forms of a schema need for some rows, whose values stand in the schema's order.
    ///
    /// # Errors
    /// [`Error::FormUnknown`] if no field has tokens, [`Error::TooMany`].
    pub fn of<'a, R: AsRef<[V]> + 'a, V: AsRef<str> + 'a>(
        schema: &Schema,
        rows: impl IntoIterator<Item = &'a R>,
    ) -> Result<Self, Error> {
        let mut wanted: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (at, field) in schema.fields().iter().enumerate() {
            for form in field.forms() {
                if let Form::Token { purpose } = form {
                    wanted.entry((purpose, field.kind())).or_default().push(at);
                }
            }
        }
        if wanted.is_empty() {
            let form = "token/…".to_owned();
            return Err(Error::FormUnknown { field: "*".to_owned(), form });
        }
        let mut values: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        let mut count = 0;
        for row in rows {
            for (key, places) in &wanted {
                let texts = places.iter().filter_map(|at| row.as_ref().get(*at));
                for text in texts.map(AsRef::as_ref) {
                    count += usize::from(values.entry(*key).or_default().insert(text));
                }
            }
            if count > MAX_VALUES {
                return Err(too_many(count));
            }
        }
        let owned = |values: BTreeSet<&str>| values.into_iter().map(str::to_owned).collect();
        let group = |((purpose, kind), values): ((&str, &str), _)| Group {
            purpose: purpose.to_owned(),
            kind: kind.to_owned(),
            values: owned(values),
        };
        let groups: Vec<_> = values.into_iter().map(group).collect();
        if groups.is_empty() {
            return Err(Error::NotFound { what: "row", name: "0".to_owned() });
        }
        Ok(Self { groups })
    }

    /// Purpose, kind, and how many values.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.groups.iter().map(|g| (g.purpose.as_str(), g.kind.as_str(), g.values.len()))
    }

    /// What an answer names: SM3 of all that is asked.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sm3::digest(&self.to_der())
    }

    /// The custodian's answer.
    ///
    /// # Panics
    /// Never: a digest is longer than a token.
    #[must_use]
    pub fn answer(&self, custodian: &Custodian) -> TokenAnswer {
        let token = |(purpose, kind, value): (&str, &str, &str)| {
            let pseudonym = custodian.pseudonym(purpose, kind, value);
            *pseudonym.as_bytes().first_chunk().expect("a digest has 32 octets")
        };
        TokenAnswer { ask: self.digest(), tokens: self.values().map(token).collect() }
    }

    fn values(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.groups.iter().flat_map(|g| {
            g.values.iter().map(|v| (g.purpose.as_str(), g.kind.as_str(), v.as_str()))
        })
    }
}

impl TokenAnswer {
    /// The tokens beside what was asked.
    ///
    /// # Errors
    /// [`Error::DigestMismatch`] if something else was asked, [`Error::Mismatch`] for another number of tokens.
    pub fn book(&self, ask: &TokenAsk) -> Result<TokenBook, Error> {
        let (expected, found) = (ask.digest(), self.ask);
        if expected != found {
            return Err(Error::DigestMismatch {
                what: "values that tokens were asked for",
                expected,
                found,
            });
        }
        let (expected, found) = (ask.values().count(), self.tokens.len());
        if expected != found {
            let (expected, found) = (expected.to_string(), found.to_string());
            return Err(Error::Mismatch { what: "number of tokens", expected, found });
        }
        let mut book = TokenBook(BTreeMap::new());
        for ((purpose, kind, value), token) in ask.values().zip(&self.tokens) {
            let kinds = book.0.entry(purpose.to_owned()).or_default();
            kinds.entry(kind.to_owned()).or_default().insert(value.to_owned(), *token);
        }
        Ok(book)
    }
}

impl Tokens for TokenBook {
    fn token_of(&self, purpose: &str, kind: &str, value: &str) -> Option<String> {
        let token = self.0.get(purpose)?.get(kind)?.get(value)?;
        Some(token.iter().map(|octet| format!("{octet:02x}")).collect())
    }
}

fn too_many(found: usize) -> Error {
    Error::TooMany { what: "values to ask tokens for", max: MAX_VALUES as u64, found: found as u64 }
}

impl fmt::Debug for TokenAsk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.groups()).finish()
    }
}

impl fmt::Debug for TokenBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Wire for TokenAsk {
    const NAME: &'static str = "values to ask tokens for";
    const MAX_LEN: usize = MAX_ASK;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            out.text(ASK_DOMAIN);
            out.list(&self.groups, |out, Group { purpose, kind, values }| {
                out.sequence(|out| {
                    out.text(purpose);
                    out.text(kind);
                    out.list(values, |out, value| out.text(value));
                });
            });
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            if input.text("domain", 1, 32)? != ASK_DOMAIN {
                return Err(WireError::Value("domain"));
            }
            let groups = input.list("groups", 1, MAX_LEAVES, |input| {
                input.sequence("group", |input| {
                    let purpose = input.text("purpose", 1, MAX_NAME)?.to_owned();
                    format!("token/{purpose}")
                        .parse::<Form>()
                        .map_err(|_| WireError::Value("purpose"))?;
                    let kind = input.text("kind", 1, MAX_KIND)?.to_owned();
                    let value = |input: &mut Reader<'_>| {
                        input.text("value", 0, MAX_TEXT).map(str::to_owned)
                    };
                    let values = input.list("values", 1, MAX_VALUES, value)?;
                    rising("values", &values, |v| v.as_bytes().to_vec())?;
                    Ok(Group { purpose, kind, values })
                })
            })?;
            rising("groups", &groups, |g| (g.purpose.clone(), g.kind.clone()))?;
            let found = groups.iter().map(|g| g.values.len()).sum();
            if found > MAX_VALUES {
                return Err(WireError::Length { what: "values", min: 1, max: MAX_VALUES, found });
            }
            Ok(Self { groups })
        })
    }
}

impl Wire for TokenAnswer {
    const NAME: &'static str = "tokens";
    const MAX_LEN: usize = MAX_VALUES * TOKEN + 128;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            out.text(ANSWER_DOMAIN);
            out.digest(&self.ask);
            out.octets(self.tokens.as_flattened());
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            if input.text("domain", 1, 32)? != ANSWER_DOMAIN {
                return Err(WireError::Value("domain"));
            }
            let ask = input.digest("what was asked")?;
            let octets = input.octets("tokens", TOKEN, MAX_VALUES * TOKEN)?;
            let (tokens, rest) = octets.as_chunks::<TOKEN>();
            if rest.is_empty() {
                Ok(Self { ask, tokens: tokens.to_vec() })
            } else {
                Err(WireError::Value("tokens"))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::masked::Field;

    const ROWS: [[&str; 3]; 4] = [
        ["张三", "330106199001011234", "13800138000"],
        ["李四", "330106199101011235", "13800138000"],
        ["张三", "330106199001011234", "13900139000"],
        ["王五", "330106196401011236", ""],
    ];

    fn schema() -> Schema {
        let field = |name, kind: &str, forms: &[&str]| {
            let field = Field::new(name, kind).unwrap();
            forms.iter().fold(field, |field, form| field.form(form.parse().unwrap()))
        };
        Schema::new(vec![
            field("姓名", "text", &["keep/1/0"]),
            field("证号", "id", &["token/loan", "token/tax"]),
            field("电话", "phone", &["token/loan"]),
        ])
        .unwrap()
    }

    fn custodian() -> Custodian {
        Custodian::new(Zeroizing::new([7; 32]))
    }

    #[test]
    fn an_owner_has_the_tokens_without_the_secret_and_a_custodian_the_values_without_the_rows() {
        let ask = TokenAsk::of(&schema(), &ROWS).unwrap();
        let groups: Vec<_> = ask.groups().collect();
        assert_eq!(groups, [("loan", "id", 3), ("loan", "phone", 3), ("tax", "id", 3)]);
        let der = ask.to_der();
        let holds = |text: &str| der.windows(text.len()).any(|w| w == text.as_bytes());
        assert!(holds(ROWS[0][1]) && !holds("张三"), "fields without tokens are not asked about");
        // Other rows of the same values ask the same: neither order nor number is told.
        let mut other = ROWS.to_vec();
        other.reverse();
        other.push(ROWS[0]);
        assert_eq!(TokenAsk::of(&schema(), &other).unwrap().to_der(), der);
        assert!(!format!("{ask:?}").contains("3301"));

        let answer = TokenAsk::from_der(&der).unwrap().answer(&custodian());
        let answer = TokenAnswer::from_der(&answer.to_der()).unwrap();
        let book = answer.book(&ask).unwrap();
        for row in ROWS {
            for (purpose, kind, value) in
                [("loan", "id", row[1]), ("tax", "id", row[1]), ("loan", "phone", row[2])]
            {
                let token = custodian().token(purpose, kind, value);
                assert_eq!(book.token_of(purpose, kind, value), Some(token));
            }
        }
        assert_eq!(book.token_of("tax", "phone", ROWS[0][2]), None);
        assert_eq!(book.token_of("loan", "id", "330106199001011299"), None);
    }

    #[test]
    fn an_answer_to_something_else_is_refused() {
        let ask = TokenAsk::of(&schema(), &ROWS).unwrap();
        let less = TokenAsk::of(&schema(), &ROWS[..2]).unwrap();
        let answer = less.answer(&custodian());
        assert!(matches!(answer.book(&ask), Err(Error::DigestMismatch { .. })));
        let short = TokenAnswer { tokens: answer.tokens[1..].to_vec(), ..answer };
        assert!(matches!(short.book(&less), Err(Error::Mismatch { .. })));
        let plain = Schema::new(vec![Field::new("姓名", "text").unwrap()]).unwrap();
        assert!(matches!(TokenAsk::of(&plain, &[["张三"]]), Err(Error::FormUnknown { .. })));
        assert!(TokenAsk::of(&schema(), &[] as &[[&str; 3]]).is_err(), "nothing to ask");
    }

    #[test]
    fn a_batch_has_one_encoding() {
        let group = |purpose: &str, values: &[&str]| Group {
            purpose: purpose.to_owned(),
            kind: "id".to_owned(),
            values: values.iter().map(|v| (*v).to_owned()).collect(),
        };
        let read = |groups| TokenAsk::from_der(&TokenAsk { groups }.to_der());
        assert!(read(vec![group("loan", &["1", "2"]), group("tax", &["1"])]).is_ok());
        for groups in [
            vec![],
            vec![group("loan", &[])],
            vec![group("loan", &["2", "1"])],
            vec![group("loan", &["1", "1"])],
            vec![group("tax", &["1"]), group("loan", &["1"])],
            vec![group("loan", &["1"]), group("loan", &["2"])],
            vec![group("a/b", &["1"])],
            vec![group(&"x".repeat(81), &["1"])],
        ] {
            assert!(read(groups).is_err());
        }
        let der = read(vec![group("loan", &["1"])]).unwrap().answer(&custodian()).to_der();
        assert!(TokenAnswer::from_der(&der).is_ok());
        assert!(TokenAnswer::from_der(&der[..der.len() - 1]).is_err());
    }
}
