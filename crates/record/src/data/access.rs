//! What happens under a grant: deliveries, windows of access, denials, reconciliation.

use yinxin_gm::Digest;
use yinxin_merkle::wire::{WireError, rising};
use yinxin_verdict::UnixTime;

use super::parts::{FieldSet, MAX_DATA_LIST, Purpose, ResourceCode, Volume, digests, size};
use super::serving::Turn;
use super::table::{DeliveryStatus, ReconciliationStatus};
use crate::{
    OrganisationCode,
    asn::{numbered, sequence},
};

/// Content is delivered in an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// Of which resource.
    pub resource: ResourceCode,
    /// SM3 of the envelope, or of its head when it is streamed.
    pub envelope: Digest,
    /// Commitment to the content: salted digest, or the log root over its chunks. The same for every envelope of it.
    pub content: Digest,
    /// Which fields are in it.
    pub fields: FieldSet,
    /// For which purpose.
    pub purpose: Purpose,
    /// How much it is; `calls` is 1.
    pub volume: Volume,
    /// To whom it is wrapped, 1 to 64, rising by grant.
    pub recipients: Vec<Recipient>,
    /// Whose data, if they are few: pseudonyms, rising, at most 64.
    pub subjects: Vec<Digest>,
    /// The envelope that this one replaces, of the same content: keys were rotated, recipients added or removed.
    pub replaces: Option<Digest>,
}

sequence!(Deliver {
    resource,
    envelope,
    content,
    fields,
    purpose,
    volume,
    recipients,
    subjects,
    replaces,
} check |d: &Deliver| {
    size("recipients", &d.recipients, 1, MAX_DATA_LIST)?;
    rising("recipients", &d.recipients, |r| r.grant)?;
    digests("subjects", &d.subjects, 0)?;
    if d.fields.is_empty() || d.volume.calls != 1 || d.envelope == d.content {
        return Err(WireError::Value("Deliver"));
    }
    Ok(())
});

/// Whom an envelope is wrapped to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Id of the grant under which it receives.
    pub grant: Digest,
    /// The receiver of that grant.
    pub organisation: OrganisationCode,
    /// [`key_id`](crate::key_id) of the key that it is wrapped to.
    pub key: Digest,
}

sequence!(Recipient { grant, organisation, key });

/// How a delivery stands; by the envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryState {
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Of which resource.
    pub resource: ResourceCode,
    /// Who delivered.
    pub server: OrganisationCode,
    /// Commitment to the content.
    pub content: Digest,
    /// Which fields it has.
    pub fields: FieldSet,
    /// For which purpose.
    pub purpose: Purpose,
    /// How much it is.
    pub volume: Volume,
    /// To whom it was wrapped.
    pub recipients: Vec<Recipient>,
    /// The envelope that replaced it.
    pub replaced_by: Option<Digest>,
    /// Height of the last change.
    pub height: u64,
}

sequence!(DeliveryState {
    status,
    resource,
    server,
    content,
    fields,
    purpose,
    volume,
    recipients,
    replaced_by,
    height,
});

/// What was accessed under a grant within one minute, and what was denied in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessWindow {
    /// Id of the grant.
    pub grant: Digest,
    /// Which minute: whole minutes since 1970.
    pub minute: u64,
    /// The turn in which the last of its lines was written.
    pub turn: Turn,
    /// How many lines the journal had after the last of them that has a number.
    pub lines: u64,
    /// For which purpose.
    pub purpose: Purpose,
    /// All fields that were in an answer.
    pub fields: FieldSet,
    /// How much was answered; one call at least.
    pub served: Volume,
    /// Log root over the calls' lines, denied ones among them (RFC 6962 shape, SM3).
    pub root: Digest,
    /// Whose data, if they are few: pseudonyms, rising, at most 64.
    pub subjects: Vec<Digest>,
    /// What was denied, rising by reason.
    pub denials: Vec<Denial>,
}

sequence!(AccessWindow { grant, minute, turn, lines, purpose, fields, served, root, subjects, denials }
check |w: &AccessWindow| {
    digests("subjects", &w.subjects, 0)?;
    denials(&w.denials, 0)?;
    minute(w.minute)?;
    if w.fields.is_empty() || w.served.calls == 0 {
        return Err(WireError::Value("AccessWindow"));
    }
    Ok(())
});

/// Calls were denied outside of any window: without a grant, or with one that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DenyAccess {
    /// Of which resource.
    pub resource: ResourceCode,
    /// Which minute: whole minutes since 1970.
    pub minute: u64,
    /// The turn in which the last of the lines was written.
    pub turn: Turn,
    /// How many lines the journal had after the last of them that has a number.
    pub lines: u64,
    /// The grant that was invoked, if it is one of this resource.
    pub grant: Option<Digest>,
    /// Who called, if that is known.
    pub organisation: Option<OrganisationCode>,
    /// What was denied, rising by reason; one at least.
    pub denials: Vec<Denial>,
    /// Log root over the calls' lines.
    pub root: Digest,
}

sequence!(DenyAccess { resource, minute, turn, lines, grant, organisation, denials, root }
check |d: &DenyAccess| {
    minute(d.minute)?;
    denials(&d.denials, 1)
});

fn denials(list: &[Denial], min: usize) -> Result<(), WireError> {
    size("denials", list, min, DenialReason::ALL.len())?;
    rising("denials", list, |d| d.reason.number())?;
    if list.iter().any(|d| d.count == 0) { Err(WireError::Value("count")) } else { Ok(()) }
}

/// A minute whose first and last instant are times.
fn minute(minute: u64) -> Result<(), WireError> {
    minute_start(minute)
        .and_then(|_| minute_start(minute + 1))
        .map(drop)
        .ok_or(WireError::Value("minute"))
}

/// The first instant of a minute, counted since 1970; `None` beyond the year 9999.
#[must_use]
pub fn minute_start(minute: u64) -> Option<UnixTime> {
    let ms = i64::try_from(minute).ok()?.checked_mul(60_000)?;
    UnixTime::from_millis(ms).ok()
}

/// The minute that a time is in, counted since 1970: 0 for those before.
#[must_use]
pub fn minute_of(time: UnixTime) -> u64 {
    u64::try_from(time.as_millis() / 60_000).unwrap_or(0)
}

/// Calls that were denied for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Why.
    pub reason: DenialReason,
    /// How many.
    pub count: u64,
}

sequence!(Denial { reason, count });

/// Why an access is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DenialReason {
    /// There is no such grant.
    NoGrant,
    /// The grant serves later.
    NotYet,
    /// The grant is past its last instant.
    Expired,
    /// The grant is revoked or given back.
    Revoked,
    /// The resource is withdrawn.
    Withdrawn,
    /// More than was granted.
    Volume,
    /// Another purpose.
    Purpose,
    /// Other fields.
    Fields,
    /// Other subjects.
    Subjects,
    /// On the negative list, or never shared.
    NegativeList,
    /// The caller is not the receiver.
    Caller,
    /// The receiver is suspended.
    Suspended,
    /// The call is not signed as it should be.
    Signature,
    /// The call came before.
    Replayed,
    /// Whoever serves does not know the ledger's present head.
    StaleLedger,
    /// Whoever serves could not answer: no masking rules of the version in force, no source, or it broke off.
    Source,
}

numbered!(DenialReason {
    1 => NoGrant,
    2 => NotYet,
    3 => Expired,
    4 => Revoked,
    5 => Withdrawn,
    6 => Volume,
    7 => Purpose,
    8 => Fields,
    9 => Subjects,
    10 => NegativeList,
    11 => Caller,
    12 => Suspended,
    13 => Signature,
    14 => Replayed,
    15 => StaleLedger,
    16 => Source,
});

impl DenialReason {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoGrant => "no-grant",
            Self::NotYet => "not-yet",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Withdrawn => "withdrawn",
            Self::Volume => "volume",
            Self::Purpose => "purpose",
            Self::Fields => "fields",
            Self::Subjects => "subjects",
            Self::NegativeList => "negative-list",
            Self::Caller => "caller",
            Self::Suspended => "suspended",
            Self::Signature => "signature",
            Self::Replayed => "replayed",
            Self::StaleLedger => "stale-ledger",
            Self::Source => "source",
        }
    }
}

/// What was accessed under a grant in a minute. That there is none is provable too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessState {
    /// Who served.
    pub server: OrganisationCode,
    /// How much.
    pub served: Volume,
    /// How many calls were denied.
    pub denied: u64,
    /// What the grant's windows had told together before this one, the minute of the last of them among it: so the states of a
    /// grant's windows are a chain, from any one back to the first.
    pub before: Windows,
    /// Log root over the calls' lines.
    pub root: Digest,
    /// Id of the record.
    pub record: Digest,
    /// Its height.
    pub height: u64,
}

sequence!(AccessState { server, served, denied, before, root, record, height });

impl AccessState {
    /// What the grant's windows have told together with this one, which is of this minute.
    #[must_use]
    pub const fn windows(&self, minute: u64) -> Windows {
        self.before.with(minute, self.served, self.denied)
    }
}

/// A running total over the windows of a grant, in the order in which they were told: what lies between two windows is proven by the
/// states of the two, however many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a sum and what it is a sum of")]
pub struct Windows {
    /// How many.
    pub count: u64,
    /// How much they served.
    pub served: Volume,
    /// How many calls they denied; what was denied outside of any window is not in it.
    pub denied: u64,
    /// The minute of the one that was told last; 0 where there is none.
    pub last: u64,
}

sequence!(Windows { count, served, denied, last });

impl Windows {
    /// With one more.
    #[must_use]
    pub const fn with(self, minute: u64, served: Volume, denied: u64) -> Self {
        Self {
            count: self.count.saturating_add(1),
            served: self.served.plus(served),
            denied: self.denied.saturating_add(denied),
            last: minute,
        }
    }

    /// What was told after another total of the same grant; `None` if that is no earlier one.
    #[must_use]
    pub fn after(self, before: Self) -> Option<Self> {
        let served = self.served.minus(before.served);
        let earlier = before.served.is_within(self.served);
        let count = self.count.checked_sub(before.count)?;
        let denied = self.denied.checked_sub(before.denied)?;
        earlier.then_some(Self { count, served, denied, last: self.last })
    }
}

/// One side of a grant states what it counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconcile {
    /// Id of the grant.
    pub grant: Digest,
    /// The first minute.
    pub from: u64,
    /// The first minute after.
    pub until: u64,
    /// What this side counted.
    pub counted: Volume,
    /// Log root over its own lines, if it keeps them.
    pub root: Option<Digest>,
}

sequence!(Reconcile { grant, from, until, counted, root } check |r: &Reconcile| {
    minute(r.until)?;
    // A year of minutes: accounts are closed yearly at the latest.
    let most = 366 * 24 * 60;
    match r.until.checked_sub(r.from) {
        Some(1..) if r.until - r.from <= most => Ok(()),
        _ => Err(WireError::Value("until")),
    }
});

/// How the counts of a period stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconciliationState {
    /// Where they stand.
    pub status: ReconciliationStatus,
    /// What the serving side counted.
    pub served: Option<Volume>,
    /// What the receiver counted.
    pub received: Option<Volume>,
    /// Height of the last change.
    pub height: u64,
}

sequence!(ReconciliationState { status, served, received, height });
