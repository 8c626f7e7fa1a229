//! The OFD package (GB/T 33190): one hardened resolver for reader and verifier, signature files, and a small page writer.
//!
//! ```
//! use yinxin_ofd::{Limits, Package, page};
//!
//! let mut document = page::Document::new(page::Info::new("0123456789abcdef0123456789abcdef"));
//! let font = document.font(page::Font::named("宋体"));
//! let mut sheet = page::Page::new(page::Size::A4);
//! sheet.text(page::Text::new(font, 5.0, 20.0, 30.0, "你好"));
//! document.page(sheet);
//!
//! let bytes = document.to_package()?.finish();
//! let package = Package::open(bytes, &Limits::default())?;
//! assert_eq!(package.document(0)?.pages.len(), 1);
//! assert!(package.signatures().listed.is_empty());
//! # Ok::<(), yinxin_ofd::OfdError>(())
//! ```

#![forbid(unsafe_code)]

mod error;
mod limits;

mod archive;
mod name;
pub mod xml;

mod document;
mod package;

pub mod page;
pub mod signature;

pub use archive::write::{Content, PackageWriter};
pub use document::{Attachment, DocBody, Document, PageEntry, Rect};
pub use error::{HeaderField, NameFlaw, OfdError, XmlFlaw};
pub use limits::{Limit, Limits};
pub use package::{Deviation, DeviationKind, Located, Package};
pub use signature::append::{Draft, Mode, Prepared, StampPlace, append_signature};
pub use signature::{
    CheckMethod, ListedSignature, Provider, Reference, SignatureFile, SignatureKind, Signatures,
    StampAnnot,
};

/// The one path at which a receipt may be added after signing: no signature covers it, and policy exempts nothing else.
pub const RECEIPT_PATH: &str = "Doc_0/Receipt/receipt.der";
