//! A form's definition in one encoding: what a published class names, so that contents are read by the form that was in force.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::Writer;
use yinxin_record::PublishClass;

use super::{Form, FormField, Forms, Role, Show, ValueKind};
use crate::Error;

/// What a form's digest begins with.
pub const FORM_DOMAIN: &str = "yinxin/credit-form/1";

impl Form {
    /// SM3 of what the form says: its id, its name, and of each field what decides how a row is read and what is kept of it. Where it
    /// is from (`source`) is not in it, nor is any other form of the file.
    ///
    /// ```asn1
    /// FormBytes ::= SEQUENCE { domain UTF8String ("yinxin/credit-form/1"), id UTF8String, name UTF8String,
    ///     fields SEQUENCE (SIZE(1..128)) OF SEQUENCE { code UTF8String, name UTF8String, kind Kind, required INTEGER (0..1),
    ///         requiredFor SEQUENCE OF UTF8String,
    ///         role INTEGER { none(0), subject(1), type(2), number(3), decided(4), until(5), authority(6) },
    ///         show INTEGER { public(0), masked(1), never(2) } } }
    /// Kind ::= SEQUENCE { kind INTEGER { text(0), code(1), creditCode(2), date(3), decimal(4) },
    ///     size INTEGER,                                        -- most characters, or most decimals, else 0
    ///     codes SEQUENCE OF SEQUENCE { code UTF8String, meaning UTF8String } }      -- rising
    /// ```
    #[must_use]
    pub fn digest(&self) -> Digest {
        let Self { id, name, source: _, fields } = self;
        let mut out = Writer::new();
        out.sequence(|out| {
            out.text(FORM_DOMAIN);
            out.text(id);
            out.text(name);
            out.list(fields, field);
        });
        sm3::digest(&out.into_vec())
    }
}

fn field(out: &mut Writer, field: &FormField) {
    let FormField { code, name, kind: of, required, required_for, role, show } = field;
    out.sequence(|out| {
        out.text(code);
        out.text(name);
        kind(out, of);
        out.uint(u32::from(*required));
        out.list(required_for, |out, kind| out.text(kind));
        out.uint(match role {
            None => 0_u32,
            Some(Role::Subject) => 1,
            Some(Role::Type) => 2,
            Some(Role::Number) => 3,
            Some(Role::Decided) => 4,
            Some(Role::Until) => 5,
            Some(Role::Authority) => 6,
        });
        out.uint(match show {
            Show::Public => 0_u32,
            Show::Masked => 1,
            Show::Never => 2,
        });
    });
}

fn kind(out: &mut Writer, kind: &ValueKind) {
    let (number, size) = match kind {
        ValueKind::Text(max) => (0_u32, *max as u64),
        ValueKind::Code(_) => (1, 0),
        ValueKind::CreditCode => (2, 0),
        ValueKind::Date => (3, 0),
        ValueKind::Decimal(decimals) => (4, u64::from(*decimals)),
    };
    let codes = match kind {
        ValueKind::Code(codes) => codes.iter().collect(),
        _ => Vec::new(),
    };
    out.sequence(|out| {
        out.uint(number);
        out.uint(size);
        out.list(&codes, |out, (code, meaning)| {
            out.sequence(|out| {
                out.text(code);
                out.text(meaning);
            });
        });
    });
}

impl Forms {
    /// Whether the form of this id is the one that a published class names: contents are written and read by no other.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a form that is not at hand, [`Error::DigestMismatch`] for one that says something else.
    pub fn must_be_published(&self, id: &str, published: &PublishClass) -> Result<&Form, Error> {
        let form = self.form(id)?;
        let (expected, found) = (published.form, form.digest());
        if expected == found {
            Ok(form)
        } else {
            Err(Error::DigestMismatch { what: "form", expected, found })
        }
    }
}
