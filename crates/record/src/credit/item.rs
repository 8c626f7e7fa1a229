//! Items: one recorded fact about a subject, from its record on. Nothing of it is ever erased.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::Writer;
use yinxin_verdict::UnixTime;

use super::{
    class::{ClassReference, Evidence, Law, evidence},
    foreign::ForeignBasis,
    subject::Subject,
    table::ItemStatus,
};
use crate::{
    Date, Deadline, LicenceIdentifier, OrganisationCode,
    asn::{Field, choice, sequence},
};

/// An authority records an item; the record's id is the item's. Of a commitment it records that it was made, of a list the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordItem {
    /// About whom.
    pub subject: Subject,
    /// Of which class, and by which version it is judged.
    pub class: ClassReference,
    /// On which law, one of the class's.
    pub law: Law,
    /// Salted digest of the content.
    pub content: Digest,
    /// What it rests on.
    pub basis: Basis,
    /// The day of the decision, or of the fact.
    pub decided: Date,
    /// The first day on which it is no longer shown; `None`: what the class says.
    pub until: Option<Date>,
    /// The first instant after which its publication is late, if the class sets a time.
    pub publish_by: Option<Deadline>,
}

sequence!(RecordItem { subject, class, law, content, basis, decided, until, publish_by });

/// What the bytes behind [`RecordItem::basis_id`] begin with.
pub const BASIS_DOMAIN: &str = "yinxin/credit-basis/1";

impl RecordItem {
    /// What is recorded once: SM3 of { domain, class code, subject, basis, authority unless the basis is an item }. What was
    /// repaired, struck off or is past its term does not come back as another item on the same ground.
    ///
    /// The ledger sees digests of papers only: were the authority not in it, whoever spoke first would bar the one that decided. A
    /// paper is one ground whether it is anchored or not: `document` counts as `decision`.
    ///
    /// ```asn1
    /// BasisBytes ::= SEQUENCE {
    ///     domain UTF8String ("yinxin/credit-basis/1"), class ClassCode, subject Subject, basis Basis (not document),
    ///     authority SEQUENCE (SIZE(0..1)) OF Code }
    /// ```
    #[must_use]
    pub fn basis_id(&self, authority: &OrganisationCode) -> Digest {
        let known = matches!(self.basis, Basis::Item(_));
        basis_id(&self.class, &self.subject, &self.basis, (!known).then_some(authority))
    }

    /// The same with the authority in it, whatever the basis: what is recorded once by this authority. It differs from
    /// [`basis_id`](Self::basis_id) if the basis is an item.
    #[must_use]
    pub fn own_basis_id(&self, authority: &OrganisationCode) -> Digest {
        basis_id(&self.class, &self.subject, &self.basis, Some(authority))
    }
}

fn basis_id(
    class: &ClassReference,
    subject: &Subject,
    basis: &Basis,
    authority: Option<&OrganisationCode>,
) -> Digest {
    let ground = match basis {
        Basis::Document(paper) => Basis::Decision(*paper),
        other => other.clone(),
    };
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(BASIS_DOMAIN);
        class.code.put(out);
        subject.put(out);
        ground.put(out);
        authority.cloned().put(out);
    });
    sm3::digest(&out.into_vec())
}

/// What a record rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// `[0]` The authority's own decision: salted digest of the paper.
    Decision(Digest),
    /// `[1]` A document anchored on this ledger.
    Document(Digest),
    /// `[2]` A licence of this ledger, which the authority issued.
    Licence(LicenceIdentifier),
    /// `[3]` Another item of the same subject, in force.
    Item(Digest),
    /// `[4]` A record of another ledger that is recognised, whose proofs the authority holds: cross-region recognition.
    Foreign(ForeignBasis),
}

choice!(Basis { 0 => Decision, 1 => Document, 2 => Licence, 3 => Item, 4 => Foreign });

/// A correction adds to an item: its content changes from here on, what it was stays on the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Salted digest of the content as it should be.
    pub content: Digest,
    /// An earlier day to be shown until; never a later one, nor one before the minimum.
    pub until: Option<Date>,
    /// Why, by code.
    pub reason: u16,
}

sequence!(Correction { content, until, reason });

/// The authority corrects an item unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectItem {
    /// Which item.
    pub item: Digest,
    /// How.
    pub correction: Correction,
}

sequence!(CorrectItem { item, correction });

/// The decision was changed, annulled or found void: its record is withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawItem {
    /// Which item.
    pub item: Digest,
    /// Why, by code.
    pub reason: u16,
    /// Salted digest of the paper that says so.
    pub paper: Digest,
    /// The day of that paper.
    pub decided: Date,
    /// The first instant after which the withdrawal is late.
    pub withdraw_by: Deadline,
}

sequence!(WithdrawItem { item, reason, paper, decided, withdraw_by });

/// A commitment is kept or broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettleCommitment {
    /// Which item.
    pub item: Digest,
    /// Salted digest of the finding.
    pub evidence: Digest,
    /// The day of the finding, from which the class's term counts.
    pub found: Date,
}

sequence!(SettleCommitment { item, evidence, found });

/// A place on a list ends before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delist {
    /// Which item.
    pub item: Digest,
    /// On what ground.
    pub ground: ExitGround,
    /// Why, by code.
    pub reason: u16,
}

sequence!(Delist { item, ground, reason });

/// Why a place on a list ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitGround {
    /// `[0]` The conditions of exit are met, with evidence of each kind that the class asks for; after the minimum term.
    Conditions(Conditions),
    /// `[1]` The item that this one rests on has ended: it was withdrawn or, where the class says so ([`Footing::Basis`](super::Footing)),
    /// repaired, struck off, or ended by a correction.
    BasisEnded(Digest),
    /// `[2]` An item in force of a class that costs the place.
    Excluded(Digest),
}

choice!(ExitGround { 0 => Conditions, 1 => BasisEnded, 2 => Excluded });

/// Evidence that conditions are met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// By kind, rising.
    pub evidence: Vec<Evidence>,
}

sequence!(Conditions { evidence } check |c: &Conditions| evidence(&c.evidence));

/// How an item stands. That its term is over is no state of it: its dates say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemState {
    /// Where it stands.
    pub status: ItemStatus,
    /// About whom.
    pub subject: Subject,
    /// Of which class and version.
    pub class: ClassReference,
    /// Who recorded it.
    pub authority: OrganisationCode,
    /// Salted digest of the content, as last corrected.
    pub content: Digest,
    /// What it rests on.
    pub basis: Basis,
    /// The day of the decision, or of the finding that a commitment was kept or broken.
    pub decided: Date,
    /// Time of the block that recorded it.
    pub recorded: UnixTime,
    /// The instant from which that was late, if the class sets a time.
    pub publish_by: Option<UnixTime>,
    /// The first day on which it may be repaired or struck off.
    pub minimum: Date,
    /// The first day on which it is no longer shown.
    pub until: Option<Date>,
    /// The objection that is open longest, if there is one.
    pub objection: Option<Digest>,
    /// An application for repair: while the item is repaired the one that was accepted, else one that is open, else the last.
    pub repair: Option<Digest>,
    /// How many corrections it has.
    pub corrections: u32,
    /// Since when it is no longer in force, if an act ended it: a repair, an exit, a withdrawal, a correction of its last day.
    pub ended: Option<UnixTime>,
    /// The reason given with the last change; otherwise 0.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(ItemState {
    status,
    subject,
    class,
    authority,
    content,
    basis,
    decided,
    recorded,
    publish_by,
    minimum,
    until,
    objection,
    repair,
    corrections,
    ended,
    reason,
    height,
    since,
});

impl ItemState {
    /// [`RecordItem::basis_id`] of what recorded it.
    #[must_use]
    pub fn basis_id(&self) -> Digest {
        let known = matches!(self.basis, Basis::Item(_));
        let authority = (!known).then_some(&self.authority);
        basis_id(&self.class, &self.subject, &self.basis, authority)
    }

    /// [`RecordItem::own_basis_id`] of what recorded it.
    #[must_use]
    pub fn own_basis_id(&self) -> Digest {
        basis_id(&self.class, &self.subject, &self.basis, Some(&self.authority))
    }

    /// Whether its term is over. Once it is, it stays so.
    #[must_use]
    pub fn is_expired(&self, now: UnixTime) -> bool {
        self.until.is_some_and(|until| until.start() <= now)
    }

    /// Whether it is shown, rested on, and measured by: in force, and its term not over.
    #[must_use]
    pub fn is_in_force(&self, now: UnixTime) -> bool {
        self.status.is_in_force() && !self.is_expired(now)
    }

    /// Since when it is not in force: an act ended it, or its term. `None` while it is.
    #[must_use]
    pub fn ended_at(&self, now: UnixTime) -> Option<UnixTime> {
        let term = self.until.map(Date::start).filter(|end| *end <= now);
        self.ended.into_iter().chain(term).min()
    }

    /// Whether it was published later than it had to be.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.publish_by.is_some_and(|by| by <= self.recorded)
    }
}
