//! Views: what a reader may see of a subject, with the proof that it is all, checked offline.
//!
//! A view carries the ids of all records of the subject's chain, and of each id the ledger's state: an item, or none, for what happened
//! to another item has no state of its own. So nothing can be left out, not even an event of an item that is shown. Of each source that
//! ever published a batch it carries the subject's records there, or that there are none. For a past date, or a court, it carries the
//! records themselves, each with its receipt and with the ledger's word when it was taken, and is replayed.

mod check;
mod collect;
mod same;
mod taken;
mod wire;

use yinxin_gm::Digest;
use yinxin_receipt::{Receipt, StatusProof};
use yinxin_record::{
    ClassCode, EventChain, ItemStatus, OrganisationCode, PublishClass, Purpose, Subject, ViewGround,
};
use yinxin_verdict::UnixTime;

use crate::{CreditItem, form::Content, source::SourceProof};

pub use check::{check_view, check_view_facts};
pub use collect::ViewSource;
pub use taken::{OnRecord, TAKEN_DOMAIN, ViewPackage, check_taken};
pub use wire::VIEW_DOMAIN;

/// A package with a view; nothing in it is believed for being in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct CreditView {
    /// What is asked.
    pub question: ViewQuestion,
    /// `organisation/<code>` of the reader: what it may do.
    pub reader: StatusProof,
    /// The subject's chain: `credit-subject/<subject>`.
    pub chain: StatusProof,
    /// The ids of all its records, in order.
    pub ids: Vec<Digest>,
    /// `credit-item/<id>` of each id, in order.
    pub states: Vec<StatusProof>,
    /// The records with their receipts, in order: for a past date or a court; otherwise none.
    pub receipts: Vec<Receipt>,
    /// `credit-event/<subject>@n` of each of these, in order: when it was taken. A receipt holds under every later header too.
    pub events: Vec<StatusProof>,
    /// `credit-sources`: who has to be asked.
    pub sources: StatusProof,
    /// What each source has, in the order of their codes.
    pub parts: Vec<SourcePart>,
    /// `credit-source-marks/<subject>`: how many items of batches something is open about.
    pub marks: StatusProof,
    /// `credit-source-item/<id>` of each of these.
    pub marked: Vec<StatusProof>,
    /// `credit-class-version/<class>` of each class that an item has.
    pub classes: Vec<StatusProof>,
    /// `credit-authorisation/<id>`, where that is the ground.
    pub grant: Option<StatusProof>,
    /// Contents of items.
    pub contents: Vec<ShownContent>,
}

/// What a view answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct ViewQuestion {
    /// Whose credit.
    pub subject: Subject,
    /// Who sees it.
    pub reader: OrganisationCode,
    /// For which purpose.
    pub purpose: Purpose,
    /// On what ground.
    pub ground: ViewGround,
    /// Of which classes, rising; empty: of all.
    pub classes: Vec<ClassCode>,
    /// As of when: the time of the chain's header, or before it.
    pub as_of: UnixTime,
}

/// What a source has of the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct SourcePart {
    /// `credit-source/<code>`.
    pub state: StatusProof,
    /// The subject's leaf under the source's root.
    pub proof: SourceProof,
    /// The subject's records, in order.
    pub records: Vec<Vec<u8>>,
}

/// A content and its salt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct ShownContent {
    /// The item's id.
    pub item: Digest,
    /// What it was salted with.
    pub salt: Digest,
    /// The content.
    pub content: Content,
}

/// What a view proves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// As of when.
    pub as_of: UnixTime,
    /// Height of the header under which all of it is proven.
    pub height: u64,
    /// Records of the subject's chain on the ledger.
    pub records: u64,
    /// What each source of batches has of the subject, in the order of their codes.
    pub sources: Vec<SeenSource>,
    /// What is shown, in the order in which it was recorded; the ledger first, then the sources.
    pub items: Vec<SeenItem>,
    /// How many items the reader does not see: not of its classes, or not for it.
    pub beyond: usize,
    /// How many items have ended: expired, repaired, withdrawn, off their list. What they say is for a court.
    pub ended: usize,
}

/// A source of batches, as a view has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenSource {
    /// Whose.
    pub source: OrganisationCode,
    /// Its newest batch on the ledger.
    pub sequence: u64,
    /// The subject's chain in it, as of that batch; of no records if there are none.
    pub chain: EventChain,
    /// How many of these records are none, or break a rule, and count for nothing: what else is shown does not wait for a source that
    /// keeps none.
    pub broken: usize,
}

/// An item that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenItem {
    /// The item.
    pub item: CreditItem,
    /// Its class, as published.
    pub class: PublishClass,
    /// Its content, if the view has it.
    pub content: Option<Content>,
    /// Who else tells of the same number of the same class: another source, or an act on the ledger whose content the view has. Of each number
    /// a hundred at most, the sources first.
    pub also: Vec<AlsoTold>,
}

/// The same number of the same class, as another tells of it.
///
/// That they are one decision, nobody proves: the number says so, and whoever reads the view asks. What one of them has ended, the other
/// has to end itself, or its item is objected to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlsoTold {
    /// In whose batches; `None`: on the ledger itself.
    pub source: Option<OrganisationCode>,
    /// The item there.
    pub id: Digest,
    /// Where it stands there.
    pub status: ItemStatus,
    /// Whether it is shown; otherwise it has ended there: by its status, or by its term.
    pub stands: bool,
}
