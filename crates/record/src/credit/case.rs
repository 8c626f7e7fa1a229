//! How a subject answers to an item of a batch: the item comes with its proof, and the ledger keeps a state of the answer, not of the item.

use yinxin_gm::Digest;
use yinxin_merkle::{
    log::{self, MAX_PATH},
    wire::{Wire, WireError},
};
use yinxin_verdict::UnixTime;

use super::{
    class::{ClassReference, Evidence, evidence},
    dispute::OpenCase,
    source::{ItemKey, SourceRecord},
    subject::Subject,
    table::{SourceCaseEvent, SourceCaseStatus},
};
use crate::{
    Deadline, Error, ItemEvent, OrganisationCode,
    asn::{choice, numbered, sequence},
    data::parts::size,
};

/// A record of a batch, with its way to the log root that the ledger has of that batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InBatch {
    /// The record, whose id is SM3 of its DER.
    pub record: SourceRecord,
    /// The batch of its source.
    pub sequence: u64,
    /// Its place in the batch, from 0.
    pub index: u64,
    /// The way to the batch's log root, the deepest sibling first.
    pub path: Vec<Digest>,
}

sequence!(InBatch { record, sequence, index, path } check |p: &InBatch| size("path", &p.path, 0, MAX_PATH));

impl InBatch {
    /// The record's id.
    #[must_use]
    pub fn id(&self) -> Digest {
        SourceRecord::id(&self.record.to_der())
    }

    /// Checks the way to a root over so many records, and gives the record's id.
    ///
    /// # Errors
    /// [`Error::Inclusion`] if it does not lead there.
    pub fn verify(&self, count: u64, root: &Digest) -> Result<Digest, Error> {
        let id = self.id();
        let leaf = log::leaf_hash(id.as_bytes());
        log::verify_inclusion(&leaf, self.index, count, &self.path, root)
            .map_err(|_| Error::Inclusion { root: *root })?;
        Ok(id)
    }
}

/// Somebody objects to an item of a batch, or applies for its repair; the record's id is the case's. A member sends it for the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaiseSourceCase {
    /// Which item: the record that recorded it.
    pub item: InBatch,
    /// What is asked.
    pub ask: SourceAsk,
    /// By when it is to be decided.
    pub deadline: Deadline,
}

sequence!(RaiseSourceCase { item, ask, deadline });

/// What is asked of an item of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "what can be asked of an item on the ledger")]
pub enum SourceAsk {
    /// `[0]` It is wrong.
    Objection(SourceObjection),
    /// `[1]` It is to be repaired.
    Repair(SourceRepair),
}

choice!(SourceAsk { 0 => Objection, 1 => Repair });

impl SourceAsk {
    /// A stable name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Objection(_) => "objection",
            Self::Repair(_) => "repair",
        }
    }
}

/// What is said against an item of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceObjection {
    /// Why, by code.
    pub reason: u16,
    /// Salted digest of what is said.
    pub statement: Digest,
}

sequence!(SourceObjection { reason, statement });

/// On what an item of a batch is to be repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRepair {
    /// Evidence by kind, rising: of each kind that the class asks for, and more.
    pub evidence: Vec<Evidence>,
    /// Salted digest of the letter of commitment.
    pub commitment: Digest,
}

sequence!(SourceRepair { evidence, commitment } check |a: &SourceRepair| -> Result<(), WireError> {
    evidence(&a.evidence)
});

/// A case is decided: by the item's authority, by its source, or, when it is overdue, by an authority over credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecideSourceCase {
    /// Which case.
    pub case: Digest,
    /// How.
    pub ruling: SourceRuling,
    /// Why, by code.
    pub reason: u16,
    /// Salted digest of the paper that says so, with its evidence.
    pub paper: Digest,
    /// Of a correction: the salted digest of the content as it should be, if it is known; its salt is the source's.
    pub content: Option<Digest>,
    /// Of an order: by when the source is to have carried it out.
    pub carry_by: Option<Deadline>,
}

sequence!(DecideSourceCase { case, ruling, reason, paper, content, carry_by } check |d: &DecideSourceCase| {
    let content = d.content.is_none() || d.ruling == SourceRuling::Correct;
    let carry = d.carry_by.is_some() == d.ruling.follow().is_some();
    if content && carry { Ok(()) } else { Err(WireError::Value("ruling")) }
});

/// What is ruled in a case about an item of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::exhaustive_enums, reason = "the resolutions and decisions of items on the ledger")]
pub enum SourceRuling {
    /// Of an objection: the item is upheld.
    Uphold,
    /// Of an objection: the source corrects it.
    Correct,
    /// Of an objection: the source withdraws it.
    Withdraw,
    /// Of an application: the source repairs it.
    Repair,
    /// Of an application: it is not repaired.
    Reject,
    /// Whoever raised the case no longer does.
    Drop,
}

numbered!(SourceRuling {
    1 => Uphold,
    2 => Correct,
    3 => Withdraw,
    4 => Repair,
    5 => Reject,
    6 => Drop,
});

impl SourceRuling {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uphold => "uphold",
            Self::Correct => "correct",
            Self::Withdraw => "withdraw",
            Self::Repair => "repair",
            Self::Reject => "reject",
            Self::Drop => "drop",
        }
    }

    /// The ruling of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|ruling| ruling.name() == name)
    }

    /// What the source's batch is to tell, if it orders something.
    #[must_use]
    pub const fn follow(self) -> Option<ItemEvent> {
        match self {
            Self::Correct => Some(ItemEvent::Correct),
            Self::Withdraw => Some(ItemEvent::Withdraw),
            Self::Repair => Some(ItemEvent::Repair),
            Self::Uphold | Self::Reject | Self::Drop => None,
        }
    }

    /// Whether the item is shown no more from the decision on.
    #[must_use]
    pub const fn ends(self) -> bool {
        matches!(self, Self::Withdraw | Self::Repair)
    }

    /// Whether it answers what was asked.
    #[must_use]
    pub const fn answers(self, ask: &SourceAsk) -> bool {
        match self {
            Self::Uphold | Self::Correct | Self::Withdraw => matches!(ask, SourceAsk::Objection(_)),
            Self::Repair | Self::Reject => matches!(ask, SourceAsk::Repair(_)),
            Self::Drop => true,
        }
    }

    /// What it does to a case.
    #[must_use]
    pub const fn event(self) -> SourceCaseEvent {
        match self {
            Self::Uphold | Self::Reject => SourceCaseEvent::Refuse,
            Self::Drop => SourceCaseEvent::Drop,
            Self::Correct | Self::Withdraw | Self::Repair => SourceCaseEvent::Order,
        }
    }
}

/// What was ordered is carried out, or its time is over without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseSourceCase {
    /// Which case.
    pub case: Digest,
    /// The record of a later batch of the source that carries it out; none: the time is over, and it is counted against the source.
    pub done: Option<InBatch>,
}

sequence!(CloseSourceCase { case, done });

/// How a case about an item of a batch stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCaseState {
    /// Where it stands.
    pub status: SourceCaseStatus,
    /// The id of the item's record.
    pub item: Digest,
    /// Who sent it.
    pub by: OrganisationCode,
    /// What is asked.
    pub ask: SourceAsk,
    /// By when it is to be decided.
    pub deadline: Deadline,
    /// What was ruled, if it was decided.
    pub ruling: Option<SourceRuling>,
    /// Who decided.
    pub decided_by: Option<OrganisationCode>,
    /// Salted digest of the paper that says so.
    pub paper: Option<Digest>,
    /// Of a correction: the salted digest of the content as it should be.
    pub content: Option<Digest>,
    /// By when the source is to have carried it out.
    pub carry_by: Option<Deadline>,
    /// The id of the record of the batch that carried it out.
    pub carried: Option<Digest>,
    /// The reason given with the decision; otherwise 0.
    pub reason: u16,
    /// Height of the last change; that its time was found over is none, so that the decision's stays.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(SourceCaseState {
    status,
    item,
    by,
    ask,
    deadline,
    ruling,
    decided_by,
    paper,
    content,
    carry_by,
    carried,
    reason,
    height,
    since,
});

/// What the ledger knows of an item of a batch, from its first case on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceItemState {
    /// In whose batch it is.
    pub source: OrganisationCode,
    /// In which.
    pub sequence: u64,
    /// About whom.
    pub subject: Subject,
    /// Which item of the subject.
    pub key: ItemKey,
    /// Of which class and version.
    pub class: ClassReference,
    /// Who decided.
    pub authority: OrganisationCode,
    /// Objections that are not decided, one for each member.
    pub objections: Vec<OpenCase>,
    /// Applications for repair that are not decided, one for each member.
    pub applications: Vec<OpenCase>,
    /// What was ordered and is not carried out.
    pub orders: Vec<SourceOrder>,
    /// Height of the last change.
    pub height: u64,
}

sequence!(SourceItemState {
    source,
    sequence,
    subject,
    key,
    class,
    authority,
    objections,
    applications,
    orders,
    height,
});

/// A decision that the source has to carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceOrder {
    /// The case.
    pub case: Digest,
    /// What is to be done.
    pub ruling: SourceRuling,
}

sequence!(SourceOrder { case, ruling });

impl SourceItemState {
    /// Whether something is open about it that a view has to tell of.
    #[must_use]
    pub const fn is_marked(&self) -> bool {
        !(self.objections.is_empty() && self.applications.is_empty() && self.orders.is_empty())
    }

    /// The decision by which it is repaired or withdrawn, whether or not its source has said so yet.
    #[must_use]
    pub fn ended(&self) -> Option<&SourceOrder> {
        self.orders.iter().find(|order| order.ruling.ends())
    }
}

/// How many items of a subject in batches are marked: so that a view proves that it tells of all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceMarks {
    /// How many.
    pub items: u64,
}

sequence!(SourceMarks { items });
