//! A record's content: what may be shown of it, and the salted digest that stands on the ledger.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};

use super::{Form, MAX_FIELDS, MAX_VALUE};

/// What a content's digest begins with.
pub const CONTENT_DOMAIN: &str = "yinxin/credit-content/1";

/// The content of a record: values by the codes of a form's fields.
///
/// ```asn1
/// Content ::= SEQUENCE { form UTF8String (SIZE(1..64)), values SEQUENCE (SIZE(0..128)) OF
///     SEQUENCE { code UTF8String (SIZE(1..64)), text UTF8String (SIZE(1..16384)) } }
/// digest = SM3(SEQUENCE { domain UTF8String ("yinxin/credit-content/1"), salt OCTET STRING (SIZE(32)), content Content })
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    form: String,
    /// In the order of the form's fields.
    values: Vec<(String, String)>,
}

impl Content {
    pub(super) fn new(form: &Form, values: Vec<(usize, String)>) -> Self {
        let code = |place: usize| form.fields[place].code.clone();
        let values = values.into_iter().map(|(place, text)| (code(place), text)).collect();
        Self { form: form.id.clone(), values }
    }

    /// The form's id.
    #[must_use]
    pub fn form(&self) -> &str {
        &self.form
    }

    /// Codes and values, in the order of the form.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(code, text)| (code.as_str(), text.as_str()))
    }

    /// The value of a field.
    #[must_use]
    pub fn value(&self, code: &str) -> Option<&str> {
        self.values().find(|(c, _)| *c == code).map(|(_, text)| text)
    }

    /// What stands on the ledger for it. The salt stays with the content: without it nobody can try out what it may be.
    #[must_use]
    pub fn digest(&self, salt: &Digest) -> Digest {
        let mut out = Writer::new();
        out.sequence(|out| {
            out.text(CONTENT_DOMAIN);
            out.digest(salt);
            self.write(out);
        });
        sm3::digest(&out.into_vec())
    }
}

impl Wire for Content {
    const NAME: &'static str = "content";
    /// 128 values, though no form comes near: a row is limited before.
    const MAX_LEN: usize = MAX_FIELDS * (MAX_VALUE + 128);

    fn write(&self, out: &mut Writer) {
        let Self { form, values } = self;
        out.sequence(|out| {
            out.text(form);
            out.list(values, |out, (code, text)| {
                out.sequence(|out| {
                    out.text(code);
                    out.text(text);
                });
            });
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let form = input.text("form", 1, 64)?.to_owned();
            let values = input.list("values", 0, MAX_FIELDS, |input| {
                input.sequence("value", |input| {
                    let code = input.text("code", 1, 64)?.to_owned();
                    Ok((code, input.text("text", 1, MAX_VALUE)?.to_owned()))
                })
            })?;
            let mut codes: Vec<&str> =
                values.iter().map(|(code, _): &(String, String)| code.as_str()).collect();
            codes.sort_unstable();
            if codes.windows(2).any(|w| w[0] == w[1]) {
                return Err(WireError::Value("values"));
            }
            Ok(Self { form, values })
        })
    }
}
