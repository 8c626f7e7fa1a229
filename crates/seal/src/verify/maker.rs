//! S2 and S3: the seal maker's signature and certificate.

use yinxin_pki::{Certificate, Pool, Question, TrustStore, Usage, validate, verify_signature};
use yinxin_verdict::{Check, Fact, Facts, Reason, UnixTime, Verdict};

use crate::{MakerScope, Seal};

/// S2: the value over the scope of the seal's version, else over the other one; which matched is told.
pub(super) fn signature(
    seal: &Seal,
    maker: Option<&Certificate>,
    subject: &str,
    facts: &mut Facts,
) {
    const CHECK: Check = Check::SealSignature;
    let Some(maker) = maker else {
        facts.check(CHECK, subject, Err(Reason::CertMalformed));
        return;
    };
    let usual = seal.version.shape().maker_scope;
    let other = match usual {
        MakerScope::Info => MakerScope::Sequence,
        MakerScope::Sequence => MakerScope::Info,
    };
    let try_scope = |scope| {
        let signed = seal.maker_signed(scope);
        verify_signature(maker.public_key(), &seal.algorithm, signed, &seal.signature)
    };
    let (scope, result) = match try_scope(usual) {
        Err(Reason::SignatureBad) => match try_scope(other) {
            Ok(deviations) => (other, Ok(deviations)),
            Err(reason) => (usual, Err(reason)),
        },
        result => (usual, result),
    };
    match result {
        Ok(deviations) => {
            facts.push(Fact::pass(CHECK, subject).found(format!("over {}", scope.name())));
            let mut notes: Vec<_> = deviations.iter().map(ToString::to_string).collect();
            if scope != usual {
                notes.push(format!("signed over {} instead of {}", scope.name(), usual.name()));
            }
            for note in notes {
                facts.push(Fact::fail(CHECK, subject, Reason::Deviation).found(note));
            }
        }
        Err(Reason::SignatureBad) => facts.push(
            Fact::fail(CHECK, subject, Reason::SealSignatureBad)
                .expected(format!("over {} or {}", usual.name(), other.name()))
                .found("over neither"),
        ),
        Err(reason) => {
            facts.push(Fact::fail(CHECK, subject, reason).found(seal.algorithm.to_string()));
        }
    }
}

/// S3: the maker's certificate, as of the signing time; if it had expired by then, as of the day the seal was made.
///
/// A maker's certificate lives shorter than the seals it made (Yunnan: seal of 2019-10, maker until 2020-08, used 2020-10).
/// Its revocation counts up to the signing time in either case.
pub(super) fn chain(
    seal: &Seal,
    maker: Option<&Certificate>,
    as_of: UnixTime,
    now: UnixTime,
    trust: &TrustStore,
    subject: &str,
    facts: &mut Facts,
) {
    const CHECK: Check = Check::SealMaker;
    let Some(maker) = maker else {
        facts.check(CHECK, subject, Err(Reason::CertMalformed));
        return;
    };
    let maker_subject = format!("maker of {subject}");
    let ask = |as_of, facts: &mut Facts| {
        let question = Question { usage: Usage::Sign, as_of, now, subject: &maker_subject };
        validate(maker, &Pool::new(), trust, &question, facts)
    };
    let made = seal.created;
    let alive = |at: UnixTime| maker.not_before() <= at && at <= maker.not_after();
    let outlived = as_of > maker.not_after() && alive(made) && made <= as_of;
    let mut worst = ask(if outlived { made } else { as_of }, facts).reasons;
    if outlived {
        facts.push(
            Fact::fail(CHECK, subject, Reason::SealMakerExpired)
                .expected(format!("a maker's certificate valid at {as_of}"))
                .found(format!("valid until {}, seal made {made}", maker.not_after())),
        );
        let mut later = Facts::new();
        ask(as_of, &mut later);
        let (revocations, _) = later.into_parts();
        for fact in revocations.into_iter().filter(|f| f.reason() == Some(Reason::CertRevoked)) {
            worst.push(Reason::CertRevoked);
            facts.push(fact);
        }
    }
    let gravest = worst.into_iter().max_by_key(|r| r.gravity());
    match gravest.filter(|r| r.gravity() != Verdict::Valid) {
        Some(reason) => {
            facts.push(Fact::fail(CHECK, subject, reason).found(maker.subject().to_string()));
        }
        None if !outlived => facts.push(Fact::pass(CHECK, subject)),
        None => {}
    }
}
