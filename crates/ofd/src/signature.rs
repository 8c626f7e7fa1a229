//! Signature files (GB/T 33190, clause 18): what is signed, by which file, and what is left out.

pub(crate) mod append;
mod check;
mod coverage;
mod list;
mod parse;
mod time;

pub(crate) use list::read_all;
pub use list::{ListedSignature, Signatures};

use yinxin_verdict::UnixTime;

use crate::{DeviationKind, OfdError, Rect};

/// What the value of a signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the standard knows these two")]
pub enum SignatureKind {
    /// An e-seal's stamp: GB/T 38540, or GM/T 0031 before it.
    Seal,
    /// A signature without a seal: GB/T 35275.
    Sign,
}

impl SignatureKind {
    /// The attribute's value.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seal => "Seal",
            Self::Sign => "Sign",
        }
    }
}

/// How the files of a signature are digested.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckMethod {
    /// SM3, as `1.2.156.10197.1.401` or by name.
    Sm3,
    /// MD5, SHA-1, or none stated, which the 2016 text reads as MD5: never accepted.
    Weak(String),
    /// Any other.
    Unknown(String),
}

/// `Provider`: the program that signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provider {
    /// `ProviderName`.
    pub name: String,
    /// `Company`.
    pub company: String,
    /// `Version`.
    pub version: String,
}

impl Provider {
    /// A provider.
    #[must_use]
    pub fn new(name: &str, company: &str, version: &str) -> Self {
        Self { name: name.into(), company: company.into(), version: version.into() }
    }
}

/// A file that a signature protects.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reference {
    /// `FileRef`, as written.
    pub file_ref: String,
    /// `CheckValue`; nothing when it is not base64.
    pub check_value: Option<Vec<u8>>,
    /// The file's name in the archive, when it is there.
    pub path: Option<String>,
    /// How `FileRef` differs from the standard's form.
    pub deviation: Option<DeviationKind>,
    /// Why the file could not be located.
    pub error: Option<OfdError>,
}

/// Where a seal is drawn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StampAnnot {
    /// Its `ID`.
    pub id: String,
    /// The `ID` of the page.
    pub page_ref: String,
    /// The seal's box on the page.
    pub boundary: Rect,
    /// The part of the seal that is drawn, in its own coordinates; several pages together show a seal over their edges.
    pub clip: Option<Rect>,
}

/// A part of the package that belongs to a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part<'p> {
    /// Its name in the archive.
    pub path: &'p str,
    /// Its bytes.
    pub bytes: &'p [u8],
}

/// A Signature.xml.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignatureFile<'p> {
    /// The `ID` in the list of signatures.
    pub id: String,
    /// Seal or signature.
    pub kind: SignatureKind,
    /// Its name in the archive.
    pub path: &'p str,
    /// Its bytes: what the signature value binds.
    pub bytes: &'p [u8],
    /// The signing program.
    pub provider: Provider,
    /// `SignatureMethod`, as written.
    pub method: Option<String>,
    /// `SignatureDateTime`, as written: real files use several formats, and local time under a `Z`.
    pub date_time: Option<String>,
    /// How files are digested.
    pub check_method: CheckMethod,
    /// The protected files.
    pub references: Vec<Reference>,
    /// Where the seal is drawn.
    pub stamps: Vec<StampAnnot>,
    /// Seal.esl, when it is named and there.
    pub seal: Option<Part<'p>>,
    /// SignedValue.dat, when it is there.
    pub signed_value: Option<Part<'p>>,
    /// The list of signatures that it is in.
    pub list_path: &'p str,
    /// What is missing or bad besides the references.
    pub problems: Vec<OfdError>,
    /// What deviates.
    pub deviations: Vec<DeviationKind>,
}

impl SignatureFile<'_> {
    /// `SignatureDateTime` as a point in time, as far as its format is known. Without zone it is read as China's.
    #[must_use]
    pub fn declared_time(&self) -> Option<UnixTime> {
        self.date_time.as_deref().and_then(time::parse)
    }

    /// What to call it in a report.
    #[must_use]
    pub fn label(&self) -> String {
        format!("signature {}", self.id)
    }

    /// Whether it protects the list of signatures, so that none may be added after it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.references.iter().any(|r| r.path.as_deref() == Some(self.list_path))
    }
}
