//! Resources: what an owner publishes of them, and how they stand.

use yinxin_gm::{Digest, sm2::PublicKey};
use yinxin_merkle::wire::{WireError, rising};
use yinxin_verdict::UnixTime;

use super::parts::{FieldSet, Level, MAX_DATA_LIST, Purpose, ResourceCode, Volume, size};
use super::request::RequestData;
use super::table::{DemandStatus, ResourceStatus};
use crate::{
    OrganisationCode, Text,
    asn::{choice, numbered, sequence},
};

/// A resource is published, or a newer version of it. The rest of its catalogue entry stays with its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishResource {
    /// Its code, which begins with its owner's.
    pub resource: ResourceCode,
    /// 1 at first; each publication raises it.
    pub version: u32,
    /// Its name, public.
    pub name: Text<256>,
    /// SM3 of the catalogue entry with its whole field list.
    pub definition: Digest,
    /// The fields, 1 to 256; a field's number is its place. A later version keeps name and place of each and may append.
    pub fields: Vec<ResourceField>,
    /// Whether it is shared.
    pub class: SharingClass,
    /// How sensitive it is as a whole: at least as its most sensitive field.
    pub level: Level,
    /// From which level on a grant needs two approvers; important and core data need them always.
    pub dual_control: Level,
    /// How often it is brought up to date.
    pub cycle: UpdateCycle,
    /// Who is responsible for what, rising, at most 64.
    pub responsibilities: Vec<Responsibility>,
    /// What is never shared.
    pub negative: NegativeList,
    /// What is decided without a person.
    pub automatic: Option<AutomaticRule>,
}

sequence!(PublishResource {
    resource,
    version,
    name,
    definition,
    fields,
    class,
    level,
    dual_control,
    cycle,
    responsibilities,
    negative,
    automatic,
} check |r: &PublishResource| {
    let wrong = |what| Err(WireError::Value(what));
    size("fields", &r.fields, 1, FieldSet::MAX_FIELDS)?;
    size("responsibilities", &r.responsibilities, 0, MAX_DATA_LIST)?;
    rising("responsibilities", &r.responsibilities, |r| (r.duty.number(), r.organisation.clone()))?;
    if r.version == 0 {
        return wrong("version");
    }
    if r.fields.iter().any(|field| field.level > r.level) {
        return wrong("level");
    }
    if r.dual_control > Level::Important {
        return wrong("dualControl");
    }
    if r.class == SharingClass::Never && r.automatic.is_some() {
        return wrong("automatic");
    }
    let mut names: Vec<_> = r.fields.iter().map(|field| &field.name).collect();
    names.sort();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return wrong("fields");
    }
    Ok(())
});

/// A field of a resource. That a table has a column of this name is not personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceField {
    /// Its name: 256 names of 96 bytes leave half of a record for the rest.
    pub name: Text<96>,
    /// Its type.
    pub kind: FieldKind,
    /// How sensitive it is.
    pub level: Level,
    /// How it is masked.
    pub masking: Masking,
    /// Commitment to the masking rule's parameters, if it has any.
    pub rule: Option<Digest>,
}

sequence!(ResourceField { name, kind, level, masking, rule });

/// The type of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// A day.
    Date,
    /// An instant.
    DateTime,
    /// Yes or no.
    Boolean,
    /// A code of a code set.
    Code,
    /// Bytes.
    Binary,
    /// A place or a shape.
    Geometry,
}

numbered!(FieldKind {
    1 => Text,
    2 => Integer,
    3 => Decimal,
    4 => Date,
    5 => DateTime,
    6 => Boolean,
    7 => Code,
    8 => Binary,
    9 => Geometry,
});

/// How a field is masked (GB/T 37964).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Masking {
    /// Not at all.
    None,
    /// Part of the characters is covered.
    Partial,
    /// It is made coarser.
    Generalised,
    /// A token stands for it.
    Tokenised,
    /// It is encrypted, keeping its form.
    Encrypted,
    /// It is left out.
    Suppressed,
    /// Only sums or counts are given.
    Aggregated,
    /// It is changed at random.
    Perturbed,
}

numbered!(Masking {
    0 => None,
    1 => Partial,
    2 => Generalised,
    3 => Tokenised,
    4 => Encrypted,
    5 => Suppressed,
    6 => Aggregated,
    7 => Perturbed,
});

/// Whether a resource is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the regulation's three")]
pub enum SharingClass {
    /// 无条件共享.
    Unconditional,
    /// 有条件共享.
    Conditional,
    /// 不予共享: no request is possible, and grants of earlier versions end for good.
    Never,
}

numbered!(SharingClass { 1 => Unconditional, 2 => Conditional, 3 => Never });

/// How often a resource is brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateCycle {
    /// Irregularly.
    Irregular,
    /// At once.
    RealTime,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every quarter.
    Quarterly,
    /// Every half-year.
    HalfYearly,
    /// Every year.
    Yearly,
    /// Otherwise.
    Other,
}

numbered!(UpdateCycle {
    1 => Irregular,
    2 => RealTime,
    3 => Daily,
    4 => Weekly,
    5 => Monthly,
    6 => Quarterly,
    7 => HalfYearly,
    8 => Yearly,
    9 => Other,
});

/// An entry of the responsibility list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responsibility {
    /// What for.
    pub duty: Duty,
    /// Who.
    pub organisation: OrganisationCode,
}

sequence!(Responsibility { duty, organisation });

/// What a department is responsible for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Duty {
    /// To provide the data.
    Provide,
    /// To keep them up to date.
    Update,
    /// For their quality.
    Quality,
    /// For their security.
    Security,
    /// To verify and correct them.
    Correct,
    /// To serve access in the owner's place: the only ones beside the owner who may write what was accessed.
    Serve,
}

numbered!(Duty {
    1 => Provide,
    2 => Update,
    3 => Quality,
    4 => Security,
    5 => Correct,
    6 => Serve,
});

/// What is never shared, whoever granted it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NegativeList {
    /// Fields.
    pub fields: FieldSet,
    /// Purposes, rising, at most 64.
    pub purposes: Vec<Purpose>,
    /// Receivers, rising, at most 64.
    pub organisations: Vec<OrganisationCode>,
}

sequence!(NegativeList { fields, purposes, organisations } check |n: &NegativeList| {
    size("purposes", &n.purposes, 0, MAX_DATA_LIST)?;
    rising("purposes", &n.purposes, Clone::clone)?;
    size("organisations", &n.organisations, 0, MAX_DATA_LIST)?;
    rising("organisations", &n.organisations, Clone::clone)
});

impl NegativeList {
    /// Whether it forbids these fields to this receiver for this purpose.
    #[must_use]
    pub fn forbids(&self, fields: &FieldSet, purpose: &Purpose, to: &OrganisationCode) -> bool {
        !self.fields.common(fields).is_empty()
            || self.purposes.binary_search(purpose).is_ok()
            || self.organisations.binary_search(to).is_ok()
    }
}

/// What the ledger itself decides, by the rule that the owner published. Never from the dual-control level on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomaticRule {
    /// For these purposes, rising, 1 to 64.
    pub purposes: Vec<Purpose>,
    /// For these receivers, rising, at most 64; for everyone if there are none.
    pub organisations: Vec<OrganisationCode>,
    /// Up to this level.
    pub level: Level,
    /// Up to this much.
    pub limit: Volume,
    /// For at most so many days, 1 to 1830.
    pub days: u16,
    /// What becomes of a request that does not fit.
    pub otherwise: Otherwise,
}

sequence!(AutomaticRule { purposes, organisations, level, limit, days, otherwise }
check |r: &AutomaticRule| {
    size("purposes", &r.purposes, 1, MAX_DATA_LIST)?;
    rising("purposes", &r.purposes, Clone::clone)?;
    size("organisations", &r.organisations, 0, MAX_DATA_LIST)?;
    rising("organisations", &r.organisations, Clone::clone)?;
    if (1..=MAX_GRANT_DAYS).contains(&r.days) { Ok(()) } else { Err(WireError::Value("days")) }
});

impl AutomaticRule {
    /// Whether it gives all that is asked for, in a block of this time. Whether the ledger may decide at all, the level says:
    /// [`Level::takes_two`].
    #[must_use]
    pub fn gives(&self, asked: &RequestData, requester: &OrganisationCode, at: UnixTime) -> bool {
        let latest = at.plus_millis(i64::from(self.days) * DAY_MS);
        self.purposes.binary_search(&asked.purpose).is_ok()
            && (self.organisations.is_empty()
                || self.organisations.binary_search(requester).is_ok())
            && asked.level <= self.level
            && asked.limit.is_within(self.limit)
            && asked.until <= latest
    }
}

impl PublishResource {
    /// Whether its rule gave what a record of a block of this time asks for: what the ledger did with that request, told from
    /// the two records alone.
    #[must_use]
    pub fn gave(&self, asked: &RequestData, requester: &OrganisationCode, at: UnixTime) -> bool {
        let of = (&asked.resource, asked.version) == (&self.resource, self.version);
        let rule = self.automatic.as_ref().filter(|_| !asked.level.takes_two(self.dual_control));
        of && rule.is_some_and(|rule| rule.gives(asked, requester, at))
    }
}

const DAY_MS: i64 = 86_400_000;

/// Longest grant, days: five years, the longest term of a framework agreement. What is needed for longer is asked for again.
pub const MAX_GRANT_DAYS: u16 = 1830;

/// What becomes of a request that does not fit the automatic rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a person, or not")]
pub enum Otherwise {
    /// A person decides.
    Person,
    /// It is refused, and the requester may appeal to a person.
    Refuse,
}

numbered!(Otherwise { 1 => Person, 2 => Refuse });

/// A resource is withdrawn, for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawResource {
    /// Which one.
    pub resource: ResourceCode,
    /// Why, by the owner's code.
    pub reason: u16,
    /// Until when its grants still serve; `None`: they end with this block.
    pub grants_until: Option<UnixTime>,
}

sequence!(WithdrawResource { resource, reason, grants_until });

/// How a resource stands: what each access looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceState {
    /// Where it stands.
    pub status: ResourceStatus,
    /// The version in force; the whole of it stands under its own key.
    pub version: u32,
    /// Whether it is shared.
    pub class: SharingClass,
    /// How sensitive it is.
    pub level: Level,
    /// From which level on a grant needs two approvers.
    pub dual_control: Level,
    /// Who serves it in the owner's place, rising; the first of them answers calls.
    pub servers: Vec<OrganisationCode>,
    /// When whoever answers calls now does so at the earliest: after a change from the first minute in which the one before cannot any
    /// more.
    pub serves_from: UnixTime,
    /// What is never shared.
    pub negative: NegativeList,
    /// Since when class and negative list are as they are; what an earlier list forbade is not asked of minutes before.
    pub listed_since: UnixTime,
    /// When it was last shared no longer: grants from before that have ended for good, whatever a later version says.
    pub closed_at: Option<UnixTime>,
    /// What is decided without a person.
    pub automatic: Option<AutomaticRule>,
    /// Once withdrawn: when its grants end at the latest.
    pub grants_until: Option<UnixTime>,
    /// The reason of the withdrawal; 0 before.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
    /// Time of the block of the last change.
    pub since: UnixTime,
}

sequence!(ResourceState {
    status,
    version,
    class,
    level,
    dual_control,
    servers,
    serves_from,
    negative,
    listed_since,
    closed_at,
    automatic,
    grants_until,
    reason,
    height,
    since,
});

impl ResourceState {
    /// The one organisation that answers calls: the first that the owner named, or the owner who named none. Two that answer at once
    /// would each know what is left of a grant without what the other lets out.
    #[must_use]
    pub fn server(&self, code: &ResourceCode) -> OrganisationCode {
        self.servers.first().cloned().unwrap_or_else(|| code.owner())
    }
}

/// A department needs data that it does not find in the catalogue: an entry of the demand list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Whom it asks to publish them.
    pub of: OrganisationCode,
    /// What it needs, in public words.
    pub name: Text<256>,
    /// SM3 of the whole entry.
    pub definition: Digest,
    /// For which purpose.
    pub purpose: Purpose,
}

sequence!(Demand { of, name, definition, purpose });

/// What becomes of a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerDemand {
    /// Id of the record that raised it.
    pub demand: Digest,
    /// The answer.
    pub answer: DemandAnswer,
}

sequence!(AnswerDemand { demand, answer });

/// An answer to a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DemandAnswer {
    /// `[0]` The department asked: this resource meets it.
    Met(ResourceCode),
    /// `[1]` The department asked: it declines, by code.
    Declined(u16),
    /// `[2]` The demanding department no longer needs it, by code.
    Withdrawn(u16),
}

choice!(DemandAnswer { 0 => Met, 1 => Declined, 2 => Withdrawn });

/// An entry of the demand list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandState {
    /// Where it stands.
    pub status: DemandStatus,
    /// Who needs it.
    pub organisation: OrganisationCode,
    /// Who is asked.
    pub of: OrganisationCode,
    /// What meets it.
    pub resource: Option<ResourceCode>,
    /// Why it was declined or withdrawn; otherwise 0.
    pub reason: u16,
    /// Height of the last change.
    pub height: u64,
}

sequence!(DemandState { status, organisation, of, resource, reason, height });

/// The working days of a year are published: their file stays off the ledger, its digest is what deadlines name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishCalendar {
    /// SM3 of the calendar's file.
    pub digest: Digest,
    /// Its first year.
    pub from_year: u16,
    /// Its last year; not before the first.
    pub until_year: u16,
}

sequence!(PublishCalendar { digest, from_year, until_year } check |c: &PublishCalendar| {
    if (2000..=9999).contains(&c.from_year) && (c.from_year..=9999).contains(&c.until_year) {
        Ok(())
    } else {
        Err(WireError::Value("year"))
    }
});

/// A calendar on the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarState {
    /// The authority that published it.
    pub authority: OrganisationCode,
    /// Its first year.
    pub from_year: u16,
    /// Its last year.
    pub until_year: u16,
    /// Height of its block.
    pub height: u64,
}

sequence!(CalendarState { authority, from_year, until_year, height });

/// The persons who decide for an organisation, by their keys alone. Each publication replaces the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetApprovers {
    /// At most 64, rising by key.
    pub approvers: Vec<Approver>,
}

sequence!(SetApprovers { approvers } check |a: &SetApprovers| {
    size("approvers", &a.approvers, 0, MAX_DATA_LIST)?;
    rising("approvers", &a.approvers, |a| a.key.to_sec1())
});

/// A person who decides, by key. Who that is stays with the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// The person's key.
    pub key: PublicKey,
    /// Who issued the person's certificate.
    pub issuer: OrganisationCode,
    /// SM3 of its DER; once its issuer has revoked it on the ledger, the key decides nothing more.
    pub certificate: Digest,
    /// Up to which level the person may decide.
    pub level: Level,
}

sequence!(Approver { key, issuer, certificate, level });
