//! Sources: whoever has millions of records, keeps them, and publishes them as batches that anyone can re-execute.
//!
//! A source's records form a log per batch and a chain per subject; the chains are the leaves of the source's own state tree, whose
//! root stands on the ledger with each batch. `specs/credit-library.md`, 3, has the formats and the order of writing.

mod apply;
mod audit;
mod import;
mod locate;
mod lookup;
mod maker;
mod manifest;
mod page;
mod published;
mod punctuality;
mod rows;
mod rules;
mod standing;
mod store;

pub use audit::{Audit, Named, Stretch};
pub use import::{DEFAULT_BATCH, Importer, Job, MAX_BATCH_BYTES, Progress, Rejects};
pub use locate::locate;
pub use lookup::{AsOf, Lookup, SourceChain, SourceProof};
pub use manifest::{Manifest, Place};
pub use published::Published;
pub use punctuality::{Punctualities, Punctuality};
pub use rows::{MAX_ROW, ReadRow, Reject, Row, Rows};
pub use rules::SourceRules;
pub(crate) use standing::{Standing, Terms};
pub use store::{MemoryStore, PAGES, SourceStore, Stored};
pub use yinxin_record::{
    ItemKey, SOURCE_RECORD_DOMAIN, SourceEvent, SourceFollow, SourceItem, SourceRecord,
};
