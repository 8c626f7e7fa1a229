//! E-licences (GB/T 36901-36906): catalogue, identifier, metadata, draft to issued to sealed to anchored; change, suspend, revoke.
//!
//! A row of business data becomes a [`Draft`] when every value fits its [`CatalogueType`], is [`Issued`] with identifier and
//! metadata, becomes a document that is [`Sealed`], and is [`Anchored`] when the ledger's receipt stands in it. The table of
//! states that a ledger enforces is `yinxin_record`'s. `specs/licence.md` has the formats.
//!
//! ```no_run
//! use std::sync::Arc;
//! use yinxin_licence::{CatalogueType, Columns, Error, Face, Fonts, Issuer, Printed, Rows};
//! # use yinxin_verdict::UnixTime;
//! # fn sign(_: &[u8]) -> Result<[u8; 64], Error> { Ok([0; 64]) }
//! # fn stamp(_: &[u8], _: yinxin_licence::layout::Place) -> Result<Vec<u8>, Error> { Ok(vec![]) }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = UnixTime::EPOCH;
//! let kind = Arc::new(CatalogueType::from_toml(&std::fs::read_to_string("business-licence.toml")?)?);
//! let columns = Columns::from_toml(&std::fs::read_to_string("columns.toml")?)?;
//! let fonts = Fonts::new(Face::from_bytes(std::fs::read("NotoSerifCJK-Regular.ttc")?, "Noto Serif CJK SC")?, None);
//! let issuer = Issuer::new("11110108000000000K", "海淀区市场监督管理局", "110108")?;
//!
//! for row in Rows::open(std::fs::File::open("companies.csv")?, columns, kind)? {
//!     let Ok(draft) = row else { continue };
//!     let issued = draft.issue(&issuer, None, &fonts, now)?;
//!     let code = Printed::sign("https://licence.example.gov.cn/l", issued.identifier(), issued.metadata_digest(), sign)?;
//!     let ofd = issued.to_ofd(&code, &fonts)?;
//!     let sealed = issued.seal(&ofd, stamp)?;
//!     println!("{} {}", sealed.metadata().identifier, sealed.signed_value());
//! }
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

pub mod identifier;

pub mod code;
mod date;

pub mod catalogue;

pub mod metadata;

pub mod rows;

mod stage;

mod font;
pub mod layout;
pub mod qr;

pub mod document;
pub mod preview;

pub mod batch;

mod error;

#[cfg(test)]
mod sample;

pub use batch::{Batch, Journal};
pub use catalogue::CatalogueType;
pub use date::{DEFAULT_FORMATS, Date};
pub use error::{Error, Refusal};
pub use font::{Face, Fonts};
pub use identifier::{Dialect, Identifier};
pub use metadata::Metadata;
pub use qr::Printed;
pub use rows::{Columns, Reject, Rows, write_rejects};
pub use stage::{Anchored, Draft, Issued, Issuer, Sealed};
