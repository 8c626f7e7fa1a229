//! Which fields a data set has, and in which forms each may be shown.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    log::leaf_hash,
    wire::{Reader, Wire, WireError, Writer},
};

use super::{Form, form::MAX_NAME};
use crate::Error;

/// Fields of a data set: what a record of the ledger can name.
const MAX_FIELDS: usize = 256;
/// Forms of a field beside its value: a few masks, ranges and one token for each of a few purposes.
const MAX_FORMS: usize = 16;
/// Leaves of a row; every hidden one costs each view 32 octets for each row.
pub(super) const MAX_LEAVES: usize = 1024;
/// Octets of a field's name or kind.
pub(super) const MAX_TEXT: usize = 96;

const FIELD_DOMAIN: &str = "yinxin/masked-field/1";

/// A field, and the forms that it will be shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    name: String,
    kind: String,
    quasi: bool,
    /// [`Form::Value`] first.
    forms: Vec<Form>,
}

impl Field {
    /// A field that is published with its value alone.
    ///
    /// # Errors
    /// [`Error::ValueBad`] for a name or kind that is empty or longer than 96 octets.
    pub fn new(name: &str, kind: &str) -> Result<Self, Error> {
        for text in [name, kind] {
            if text.is_empty() || text.len() > MAX_TEXT {
                return Err(Error::ValueBad { what: "field name or kind", found: text.to_owned() });
            }
        }
        let forms = vec![Form::Value];
        Ok(Self { name: name.to_owned(), kind: kind.to_owned(), quasi: false, forms })
    }

    /// May also be shown in this form.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.forms.push(form);
        self
    }

    /// Does not name a person, but helps to tell one from others: k-anonymity is counted over such fields.
    #[must_use]
    pub fn quasi_identifier(mut self) -> Self {
        self.quasi = true;
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of its values.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether k-anonymity is counted over it.
    #[must_use]
    pub const fn is_quasi_identifier(&self) -> bool {
        self.quasi
    }

    /// The forms that are committed to, the value first.
    #[must_use]
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }
}

/// The fields of a data set.
///
/// Invariant: 1 to 256 fields of different names, each with at most 17 different forms; at most 1024 leaves.
///
/// ```asn1
/// MaskedSchema ::= SEQUENCE SIZE (1..256) OF SEQUENCE {
///   name UTF8String, kind UTF8String, quasiIdentifier BOOLEAN, forms SEQUENCE SIZE (1..17) OF UTF8String }  -- "value" first
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    fields: Vec<Field>,
}

impl Schema {
    /// Of these fields.
    ///
    /// # Errors
    /// [`Error::ValueBad`] when a name or form stands twice, [`Error::TooMany`].
    pub fn new(fields: Vec<Field>) -> Result<Self, Error> {
        let too_many = |what, max: usize, found: usize| {
            Err(Error::TooMany { what, max: max as u64, found: found as u64 })
        };
        if fields.is_empty() || fields.len() > MAX_FIELDS {
            return too_many("fields", MAX_FIELDS, fields.len());
        }
        let leaves = fields.iter().map(|f| f.forms.len()).sum();
        if leaves > MAX_LEAVES {
            return too_many("forms of all fields", MAX_LEAVES, leaves);
        }
        for (i, field) in fields.iter().enumerate() {
            if field.forms.len() > MAX_FORMS + 1 {
                return too_many("forms of a field", MAX_FORMS + 1, field.forms.len());
            }
            let twice =
                |found: &str| Err(Error::ValueBad { what: "stands twice", found: found.into() });
            if fields[..i].iter().any(|f| f.name == field.name) {
                return twice(&field.name);
            }
            for (j, form) in field.forms.iter().enumerate() {
                if field.forms[..j].contains(form) {
                    return twice(&form.to_string());
                }
            }
        }
        Ok(Self { fields })
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// SM3 of its encoding.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sm3::digest(&self.to_der())
    }

    /// All leaves of a row, in their order.
    pub(super) fn leaves(&self) -> impl Iterator<Item = Leaf<'_>> {
        let all = self.fields.iter().enumerate();
        let all = all.flat_map(|(at, field)| field.forms.iter().map(move |form| (at, field, form)));
        (0_u32..).zip(all).map(|(number, (at, field, form))| Leaf { number, at, field, form })
    }

    /// The leaf of a field's form.
    pub(super) fn leaf(&self, field: &str, form: &Form) -> Result<Leaf<'_>, Error> {
        let found = self.leaves().find(|l| l.field.name == field && l.form == form);
        found.ok_or_else(|| Error::FormUnknown { field: field.to_owned(), form: form.to_string() })
    }
}

/// A field in one of its forms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf<'a> {
    /// Its place among all leaves of a row.
    pub(super) number: u32,
    /// The field's place.
    pub(super) at: usize,
    pub(super) field: &'a Field,
    pub(super) form: &'a Form,
}

impl Leaf<'_> {
    /// The commitment to a text.
    pub(super) fn commit(&self, salt: &[u8], text: &str) -> Digest {
        let mut out = Writer::new();
        out.sequence(|out| {
            out.text(FIELD_DOMAIN);
            out.octets(salt);
            out.text(&self.field.name);
            out.text(&self.field.kind);
            out.text(&self.form.to_string());
            out.text(text);
        });
        leaf_hash(&out.into_vec())
    }
}

impl Wire for Schema {
    const NAME: &'static str = "masked schema";
    const MAX_LEN: usize = MAX_LEAVES * (MAX_NAME + 4) + MAX_FIELDS * (2 * MAX_TEXT + 24) + 16;

    fn write(&self, out: &mut Writer) {
        out.list(&self.fields, |out, Field { name, kind, quasi, forms }| {
            out.sequence(|out| {
                out.text(name);
                out.text(kind);
                out.boolean(*quasi);
                out.list(forms, |out, form| out.text(&form.to_string()));
            });
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        let fields = input.list(Self::NAME, 1, MAX_FIELDS, |input| {
            input.sequence("field", |input| {
                let name = input.text("name", 1, MAX_TEXT)?.to_owned();
                let kind = input.text("kind", 1, MAX_TEXT)?.to_owned();
                let quasi = input.boolean("quasi-identifier")?;
                let forms = input.list("forms", 1, MAX_FORMS + 1, |input| {
                    let form = input.text("form", 1, MAX_NAME)?;
                    form.parse::<Form>().map_err(|_| WireError::Value("form"))
                })?;
                if forms.first() != Some(&Form::Value) {
                    return Err(WireError::Value("forms"));
                }
                Ok(Field { name, kind, quasi, forms })
            })
        })?;
        Self::new(fields).map_err(|_| WireError::Value(Self::NAME))
    }
}
