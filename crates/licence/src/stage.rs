//! The stages of a licence: draft, issued, sealed, anchored; each its own type, moved forward by value.

use std::collections::BTreeMap;
use std::sync::Arc;

use yinxin_gm::{Digest, sm3};
use yinxin_verdict::UnixTime;

use crate::catalogue::{CatalogueType, OPEN, Role};
use crate::document;
use crate::font::Fonts;
use crate::layout::{Place, Scene, compose};
use crate::metadata::{Extension, Metadata};
use crate::qr::{Printed, Symbol};
use crate::rows::Columns;
use crate::{Date, Error, Identifier, Refusal};

/// Who issues.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issuer {
    /// Unified social credit code.
    pub code: String,
    /// Name.
    pub name: String,
    /// The division whose affairs it runs: six digits, such as 110108.
    pub area_code: String,
}

impl Issuer {
    /// An issuing authority.
    ///
    /// # Errors
    /// [`Error::CodeShape`] or [`Error::CheckCharacter`] for a code that is none, [`Error::MaskMismatch`] for an area
    /// code that is not six digits.
    pub fn new(code: &str, name: &str, area_code: &str) -> Result<Self, Error> {
        crate::code::check_credit_code(code)?;
        if area_code.len() != 6 || !area_code.bytes().all(|b| b.is_ascii_digit()) {
            let found = area_code.chars().take(20).collect();
            return Err(Error::MaskMismatch { mask: "999999".to_owned(), found });
        }
        Ok(Self { code: code.to_owned(), name: name.to_owned(), area_code: area_code.to_owned() })
    }
}

/// What shall be issued: a row whose every value fits its type.
///
/// Invariant: values are in their one form, the serial fits an identifier, the dates are in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    kind: Arc<CatalogueType>,
    serial: String,
    line: u64,
    values: BTreeMap<String, String>,
}

impl Draft {
    /// Checks raw values by field key against their type; `formats` are `strptime` forms of dates, the usual ones when
    /// empty.
    ///
    /// # Errors
    /// A [`Refusal`] names the field and why.
    pub fn new(
        kind: Arc<CatalogueType>,
        serial: &str,
        raw: &BTreeMap<String, String>,
        formats: &[String],
    ) -> Result<Self, Refusal> {
        Identifier::new(&kind.code, "000000", serial, 1)
            .map_err(|e| Refusal::new(Columns::SERIAL, e))?;
        let values = kind.normalise(raw, formats)?;
        let draft = Self { kind, serial: serial.to_owned(), line: 0, values };
        let (first, last) = (draft.date(Role::ValidFrom), draft.date(Role::ValidTo));
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            let field = draft.kind.role(Role::ValidTo).map_or("", |f| &f.key);
            let cause = Error::DatesReversed { first: first.to_string(), last: last.to_string() };
            return Err(Refusal::new(field, cause));
        }
        Ok(draft)
    }

    pub(crate) fn at_line(self, line: u64) -> Self {
        Self { line, ..self }
    }

    /// The serial, unique among the issuer's licences of this type.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The line of the row that it came from; 0 for none.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// A field's value in its one form.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// SM3 over type, serial and values: whether a row is the one that was issued before.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hash = sm3::Sm3::new();
        hash.update(self.kind.digest().as_bytes());
        for text in [&self.serial].into_iter().chain(self.values.iter().flat_map(|(k, v)| [k, v])) {
            // Lengths before texts, so that no two rows share their bytes.
            hash.update(&(text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.finalize()
    }

    /// Issues it as the first version, or the one after `previous`.
    ///
    /// # Errors
    /// [`Error::VersionsExhausted`], or a [`Refusal`] when the row lacks a last day that its type asks for.
    pub fn issue(
        self,
        issuer: &Issuer,
        previous: Option<&Identifier>,
        fonts: &Fonts,
        now: UnixTime,
    ) -> Result<Issued, Refusal> {
        let version = previous.map_or(Ok(1), |p| p.next_version().map(|n| n.version()))?;
        let identifier = Identifier::new(&self.kind.code, &issuer.code, &self.serial, version)?;
        let text = |role| self.role(role).unwrap_or_default().to_owned();
        let issued_on = self.date(Role::IssueDate).unwrap_or_else(|| Date::of(now));
        let valid_from = self.date(Role::ValidFrom).unwrap_or(issued_on);
        let valid_to = match self.role(Role::ValidTo) {
            Some(OPEN) => None,
            Some(day) => Some(Date::parse(day)?),
            None => self.kind.last_day(valid_from)?,
        };
        let number = self.role(Role::Number).unwrap_or(&self.serial).to_owned();
        let metadata = Metadata {
            name: self.kind.name.clone(),
            type_name: self.kind.name.clone(),
            type_code: self.kind.code.clone(),
            number,
            issued_on,
            issuer_name: issuer.name.clone(),
            issuer_code: issuer.code.clone(),
            defining_name: self.kind.defining_authority.clone(),
            defining_code: self.kind.defining_code().to_owned(),
            valid_from,
            valid_to,
            area_code: issuer.area_code.clone(),
            holder_name: text(Role::HolderName),
            holder_code: text(Role::HolderCode),
            holder_code_type: self.kind.holder.code_type().to_owned(),
            holder_code_type_name: self.kind.holder.code_type_name().to_owned(),
            previous: previous.cloned(),
            created: now.floor_to_second(),
            fonts: fonts.credit(),
            extensions: self.extensions(),
            identifier,
        };
        let xml = metadata.to_items().to_xml();
        Ok(Issued { draft: self, metadata, xml })
    }

    fn role(&self, role: Role) -> Option<&str> {
        self.value(&self.kind.role(role)?.key)
    }

    fn date(&self, role: Role) -> Option<Date> {
        // 长期 is no date, and means none.
        Date::parse(self.role(role)?).ok()
    }

    fn extensions(&self) -> Vec<Extension> {
        let known = self.kind.fields.iter();
        known.filter_map(|f| Some(Extension::new(&f.key, &f.name, self.value(&f.key)?))).collect()
    }
}

/// A licence with its identifier and metadata, not yet sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct Issued {
    draft: Draft,
    metadata: Metadata,
    xml: String,
}

impl Issued {
    /// The identifier.
    #[must_use]
    pub fn identifier(&self) -> &Identifier {
        &self.metadata.identifier
    }

    /// The metadata.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The line of the row that it came from; 0 for none.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.draft.line
    }

    /// The metadata file that the OFD will carry.
    #[must_use]
    pub fn metadata_xml(&self) -> &str {
        &self.xml
    }

    /// SM3 of the metadata file: what the printed code carries, and what a record can name.
    #[must_use]
    pub fn metadata_digest(&self) -> Digest {
        sm3::digest(self.xml.as_bytes())
    }

    /// Where the seal goes, on the first page.
    ///
    /// # Panics
    /// Never: a type without place for a seal cannot be read.
    #[must_use]
    pub fn seal_place(&self) -> Place {
        self.draft.kind.layout.seal_place().expect("checked when the type was read")
    }

    /// The page, filled.
    ///
    /// # Errors
    /// [`Error::PageOverflow`] or [`Error::GlyphsMissing`], each of the field that caused it.
    pub fn scene(&self, code: &Printed, fonts: &Fonts) -> Result<Scene, Refusal> {
        let symbol = Symbol::new(&code.to_text())?;
        compose(&self.draft.kind.layout, |key| self.shown(key), &symbol, fonts)
    }

    /// The document, ready to be sealed: page, subsets of the fonts, metadata.
    ///
    /// # Errors
    /// As [`scene`](Self::scene), and [`Error::Ofd`].
    pub fn to_ofd(&self, code: &Printed, fonts: &Fonts) -> Result<Vec<u8>, Refusal> {
        let scene = self.scene(code, fonts)?;
        Ok(document::write(&scene, &self.metadata, &self.xml, fonts)?)
    }

    /// Has the document sealed: `stamp` gets the OFD and the place on its first page, and returns it signed.
    ///
    /// # Errors
    /// Whatever `stamp` says as [`Error::StampFailed`]; [`Error::Ofd`] when what it returns is not sealed.
    pub fn seal<E: core::fmt::Display>(
        self,
        ofd: &[u8],
        stamp: impl FnOnce(&[u8], Place) -> Result<Vec<u8>, E>,
    ) -> Result<Sealed, Error> {
        let sealed =
            stamp(ofd, self.seal_place()).map_err(|e| Error::StampFailed { why: e.to_string() })?;
        let sealed = Sealed::from_ofd(sealed)?;
        if sealed.metadata != self.metadata {
            return Err(Error::StampFailed {
                why: "the sealed document is another one".to_owned(),
            });
        }
        Ok(sealed)
    }

    /// What a field or built-in value shows.
    fn shown(&self, key: &str) -> Option<String> {
        let Metadata { identifier, issued_on, issuer_name, number, valid_from, valid_to, .. } =
            &self.metadata;
        let text = match key {
            "@identifier" => identifier.to_string(),
            "@issue-date" => issued_on.to_chinese(),
            "@issuer" => issuer_name.clone(),
            "@number" => number.clone(),
            "@validity" => match valid_to {
                None => OPEN.to_owned(),
                Some(last) => format!("{}至{}", valid_from.to_chinese(), last.to_chinese()),
            },
            "@version" => format!("{:03}", identifier.version()),
            _ => {
                let field = self.draft.kind.field(key)?;
                field.printed(self.draft.value(key)?)
            }
        };
        Some(text)
    }
}

/// A sealed licence: the document and what of it goes on the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    metadata: Metadata,
    ofd: Vec<u8>,
    signed_value: Digest,
}

impl Sealed {
    /// Reads a sealed licence back. That it is sealed is checked here, that the seal holds is for a verifier to say.
    ///
    /// # Errors
    /// [`Error::Ofd`], [`Error::MetadataMissing`] or [`Error::MetadataBad`].
    pub fn from_ofd(ofd: Vec<u8>) -> Result<Self, Error> {
        let (metadata, signed_value) = document::read_sealed(&ofd)?;
        Ok(Self { metadata, ofd, signed_value })
    }

    /// The metadata.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The document.
    #[must_use]
    pub fn ofd(&self) -> &[u8] {
        &self.ofd
    }

    /// SM3 of `SignedValue.dat`, which binds every protected file: what is anchored.
    #[must_use]
    pub fn signed_value(&self) -> Digest {
        self.signed_value
    }

    /// Adds the receipt at its fixed path, or puts it in place of an older one. That it is this document's, the caller has
    /// checked.
    ///
    /// # Errors
    /// [`Error::Ofd`].
    pub fn anchor(self, receipt: &[u8]) -> Result<Anchored, Error> {
        let ofd = document::add_receipt(&self.ofd, receipt)?;
        Ok(Anchored { metadata: self.metadata, ofd })
    }
}

/// A sealed licence with its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchored {
    metadata: Metadata,
    ofd: Vec<u8>,
}

impl Anchored {
    /// The metadata.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The document with its receipt.
    #[must_use]
    pub fn ofd(&self) -> &[u8] {
        &self.ofd
    }

    /// The document, by value.
    #[must_use]
    pub fn into_ofd(self) -> Vec<u8> {
        self.ofd
    }
}
