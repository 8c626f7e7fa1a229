//! Whether a call is allowed: pure, from what is known.

use yinxin_record::DenialReason;
use yinxin_verdict::UnixTime;

use super::{Call, Head, Known};

/// A block comes every 30 s at the latest, and takes at most a few seconds to arrive: an older head means that this node is cut off
/// and does not know what was revoked.
pub(super) const MAX_HEAD_AGE_MS: i64 = 35_000;
/// A head from further ahead means that the own clock is late, and with it every judgement about time.
const MAX_HEAD_AHEAD_MS: i64 = 5_000;
/// How far a caller's clock may be off. Ids of calls are remembered for twice as long.
pub(super) const MAX_CALL_SKEW_MS: i64 = 300_000;

/// Whether a block is new enough to decide by, and not from ahead of the own clock.
#[must_use]
pub fn is_fresh(head: &Head, now: UnixTime) -> bool {
    let age = now.as_millis().saturating_sub(head.time.as_millis());
    (-MAX_HEAD_AHEAD_MS..=MAX_HEAD_AGE_MS).contains(&age)
}

/// Whether the call is allowed now, apart from its volume and from being new.
pub(super) fn check(call: &Call, known: &Known<'_>, now: UnixTime) -> Result<(), DenialReason> {
    if !is_fresh(&known.head, now) {
        return Err(DenialReason::StaleLedger);
    }
    let grant = known.grant.ok_or(DenialReason::NoGrant)?;
    if grant.resource != call.resource {
        return Err(DenialReason::NoGrant);
    }
    if grant.receiver != call.caller {
        return Err(DenialReason::Caller);
    }
    // A head that is some seconds ahead is the later of two clocks: what has ended by either has ended.
    let at = now.max(known.head.time);
    grant.permits(known.resource, &call.fields, &call.purpose, at)?;
    let named = &known.subjects.pseudonyms;
    let granted = |subject| named.binary_search(subject).is_ok();
    if !named.is_empty() && (call.subjects.is_empty() || !call.subjects.iter().all(granted)) {
        return Err(DenialReason::Subjects);
    }
    Ok(())
}

/// Whether a call of such a time could be taken at this time or later; one from further ahead never was.
pub(super) fn could_come(signed_at: UnixTime, at: UnixTime) -> bool {
    signed_at <= at.plus_millis(MAX_CALL_SKEW_MS)
}

/// Whether the caller's time is near enough for ids to be remembered.
pub(super) fn is_timely(call: &Call, now: UnixTime) -> bool {
    let skew = now.as_millis().saturating_sub(call.signed_at.as_millis());
    skew.abs() <= MAX_CALL_SKEW_MS
}
