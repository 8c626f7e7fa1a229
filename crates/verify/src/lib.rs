//! Any file in, one report out: what other systems link.
//!
//! Offline, in-process, without a database or a network: bytes and what is trusted go in, a [`Report`] comes out. Every
//! check is made and recorded even when an earlier one failed; [`Policy`] says what the facts mean.
//!
//! ```
//! use yinxin_verify::{Policy, Trust, UnixTime, Verdict, verify};
//!
//! let trust = Trust::default(); // without a folder nothing is trusted
//! let report = verify(b"no document", &trust, &Policy::default(), UnixTime::system_now());
//! assert_eq!(report.verdict, Verdict::Invalid);
//! ```

#![forbid(unsafe_code)]

mod kind;
mod trust;

mod anchoring;
mod credit;
mod document;
mod evidence;
mod licence;
mod maker;
mod message;
mod single;
mod status;

pub use evidence::{EVIDENCE_DOMAIN, Evidence, EvidenceSignature};
pub use kind::{Kind, sniff};
pub use trust::{Trust, TrustError};
pub use yinxin_verdict::{Check, Fact, Facts, Input, Policy, Reason, Report, UnixTime, Verdict};

use yinxin_gm::sm3;

/// Verifies one file as of a time, now in most cases.
///
/// Never fails: what cannot be read has a report that says so.
#[must_use]
pub fn verify(bytes: &[u8], trust: &Trust, policy: &Policy, at: UnixTime) -> Report {
    report(bytes, None, trust, policy, at)
}

/// Verifies a GB/T 35275 message whose content stands apart; any other file as [`verify`] does.
///
/// Never fails: what cannot be read has a report that says so.
#[must_use]
pub fn verify_detached(
    message: &[u8],
    content: &[u8],
    trust: &Trust,
    policy: &Policy,
    at: UnixTime,
) -> Report {
    report(message, Some(content), trust, policy, at)
}

fn report(
    bytes: &[u8],
    content: Option<&[u8]>,
    trust: &Trust,
    policy: &Policy,
    at: UnixTime,
) -> Report {
    let mut facts = Facts::new();
    let kind = sniff(bytes);
    let context = Context { trust, policy, at };
    match kind {
        Kind::CreditView => credit::view(bytes, &context, &mut facts),
        Kind::Evidence => evidence::check(bytes, &context, &mut facts),
        Kind::Ofd => document::check(bytes, &context, &mut facts),
        Kind::Receipt => anchoring::receipt(bytes, &context, &mut facts),
        Kind::StatusProof => anchoring::status(bytes, &context, &mut facts),
        Kind::Genesis => anchoring::genesis(bytes, &context, &mut facts),
        Kind::Checkpoint => anchoring::checkpoint(bytes, &context, &mut facts),
        Kind::Record => anchoring::record(bytes, &context, &mut facts),
        Kind::Certificate => single::certificate(bytes, &context, &mut facts),
        Kind::Crl => single::crl(bytes, &context, &mut facts),
        Kind::Seal => single::seal(bytes, &context, &mut facts),
        Kind::SealSignature => single::seal_signature(bytes, &context, &mut facts),
        Kind::SignedMessage => message::check(bytes, content, &context, &mut facts),
        Kind::Unknown => facts.push(unknown(bytes)),
    }
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let input = Input { kind: kind.name().to_owned(), size, sm3: sm3::digest(bytes).to_string() };
    Report::new(input, at, facts, policy)
}

/// What every check is made against.
#[derive(Clone, Copy)]
struct Context<'a> {
    trust: &'a Trust,
    policy: &'a Policy,
    /// The verifier's clock.
    at: UnixTime,
}

fn unknown(bytes: &[u8]) -> Fact {
    let start: String = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
    let found = if bytes.is_empty() {
        "nothing".to_owned()
    } else {
        format!("{} bytes starting {start}", bytes.len())
    };
    Fact::fail(Check::InputFormat, "input", Reason::Malformed)
        .expected("OFD, e-seal, signed message, certificate, revocation list, record, receipt, status proof, credit view or evidence package")
        .found(found)
}
