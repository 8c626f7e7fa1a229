//! Revocation, as of a time.

use core::cmp::Reverse;

use yinxin_verdict::{Check, Reason, UnixTime};

use super::{Finding, path::Search};
use crate::{
    certificate::Certificate,
    crl::{Crl, CrlReason, Revocation},
    name::Name,
};

/// Lists of one issuer that a signature may bring and are looked at: years of monthly lists.
const MAX_LISTS: usize = 64;

/// What the lists of an issuer say of a certificate.
pub(super) fn check(
    search: &mut Search<'_>,
    place: usize,
    certificate: &Certificate,
    issuer: &Certificate,
    details: &mut Vec<(&'static str, String)>,
) -> Vec<Finding> {
    let mut out = Vec::new();
    let (trusted, brought) = at_hand(search, certificate.issuer());
    let mut lists = Vec::new();
    let mut take = |crl: Crl, usable: Result<(), Reason>| match usable {
        Ok(()) => lists.push(crl),
        Err(reason) => {
            let told = format!("{}: {}", crl.this_update(), reason.code());
            out.push(Finding::fail(Check::CrlSignature, place, Reason::CrlUnusable).found(told));
        }
    };
    // The verifier's own lists are looked at whatever came with the signature, and whatever it cost until here.
    for crl in trusted {
        let usable = crl.check_issuer(issuer);
        take(crl, usable);
    }
    for crl in brought {
        let usable = usable(search, &crl, issuer);
        take(crl, usable);
    }
    lists.sort_by_key(newest_first);
    let as_of = search.question.as_of;
    out.push(match standing(&lists, certificate) {
        Some(revocation) if revocation.since <= as_of => {
            Finding::fail(Check::CertRevocation, place, Reason::CertRevoked)
                .expected(format!("not revoked as of {as_of}"))
                .found(say(&revocation))
        }
        Some(revocation) => {
            details.push(("revoked-later", say(&revocation)));
            Finding::pass(Check::CertRevocation, place).found(say(&revocation))
        }
        None => silence(&lists, certificate, place, as_of),
    });
    out
}

fn newest_first(crl: &Crl) -> Reverse<UnixTime> {
    Reverse(crl.this_update())
}

/// An issuer's lists of today or before: those of the trust store, and the newest others that came along, each once.
fn at_hand(search: &Search<'_>, issuer: &Name) -> (Vec<Crl>, Vec<Crl>) {
    let now = search.question.now;
    let [mut trusted, mut brought] = search.crls_of(issuer).map(|lists| -> Vec<Crl> {
        lists.into_iter().filter(|crl| crl.this_update() <= now).collect()
    });
    trusted.sort_by_key(newest_first);
    brought.sort_by(|a, b| (newest_first(a), a.raw()).cmp(&(newest_first(b), b.raw())));
    brought.dedup();
    brought.retain(|crl| !trusted.contains(crl));
    brought.truncate(MAX_LISTS);
    (trusted, brought)
}

fn usable(search: &mut Search<'_>, crl: &Crl, issuer: &Certificate) -> Result<(), Reason> {
    if !crl.is_checked(issuer) {
        search.spend()?;
    }
    crl.check_issuer(issuer)
}

/// The revocation that stands. A hold ends with the first newer list that no longer names the certificate; anything else is
/// for good, whatever newer lists say: lists drop certificates that have expired.
fn standing(newest_first: &[Crl], certificate: &Certificate) -> Option<Revocation> {
    let mut released = false;
    let mut found: Option<Revocation> = None;
    for crl in newest_first {
        match crl.find(certificate.serial()) {
            Some(r) if r.reason == CrlReason::RemoveFromCrl => released = true,
            Some(r) if r.reason == CrlReason::CertificateHold && released => {}
            // The earliest word on since when counts: a later list must not move it past a signature.
            Some(r) => found = Some(found.map_or(r, |f| if r.since < f.since { r } else { f })),
            None if crl.covers(certificate) => released = true,
            None => {}
        }
    }
    found
}

/// No list names the certificate: what that is worth.
fn silence(lists: &[Crl], certificate: &Certificate, place: usize, as_of: UnixTime) -> Finding {
    let Some(newest) = lists.iter().find(|crl| crl.covers(certificate)) else {
        return Finding::fail(Check::CertRevocation, place, Reason::NoRevocationData);
    };
    match newest.next_update() {
        Some(due) if due < as_of => Finding::fail(Check::CertRevocation, place, Reason::CrlStale)
            .expected(format!("next update after {as_of}"))
            .found(due.to_string()),
        _ => Finding::pass(Check::CertRevocation, place),
    }
}

fn say(revocation: &Revocation) -> String {
    let Revocation { at, since, reason } = revocation;
    if since < at {
        format!("revoked {at}, not to be trusted since {since} ({})", reason.word())
    } else {
        format!("revoked {at} ({})", reason.word())
    }
}
