//! G5 and G9: when it was signed, by whose word.

use yinxin_verdict::{Check, Fact, Facts, Policy, Reason, UnixTime};

use crate::{SealSignature, time};

/// Eight hours: what a local time written under a `Z` is off by.
const CHINA_MS: i64 = 8 * 3_600_000;

/// The time as of which certificates and seal are judged: `timeInfo`; without it what Signature.xml says; without that,
/// now. Tokens do not count until they can be verified.
pub(super) fn best(signature: &SealSignature, date_time: Option<&str>, now: UnixTime) -> UnixTime {
    signature
        .signing_time
        .or_else(|| date_time.and_then(time::loose).map(|t| t.time))
        .unwrap_or(now)
}

/// G5: tokens are there, but not relied on.
pub(super) fn tokens(signature: &SealSignature, subject: &str, facts: &mut Facts) {
    let SealSignature { time_stamp, time_token, .. } = signature;
    token(time_stamp.as_deref(), "a token over the signature value", subject, facts);
    token(time_token.as_deref(), "a token as timeInfo", subject, facts);
}

/// A token that may be there.
pub(super) fn token(token: Option<&[u8]>, what: &str, subject: &str, facts: &mut Facts) {
    if let Some(token) = token {
        facts.push(
            Fact::fail(Check::TimestampToken, subject, Reason::TimestampUnchecked)
                .found(format!("{what}, {} bytes", token.len())),
        );
    }
}

/// G9: not in the future, and the same in `timeInfo` and Signature.xml.
pub(super) fn check(
    signature: &SealSignature,
    date_time: Option<&str>,
    policy: &Policy,
    now: UnixTime,
    subject: &str,
    facts: &mut Facts,
) {
    const CHECK: Check = Check::SignatureTime;
    let skew = i64::from(policy.clock_skew_secs) * 1000;
    let Some(signed) = signature.signing_time else {
        facts.push(
            Fact::fail(CHECK, subject, Reason::SigningTimeUnproven).expected("a time in timeInfo"),
        );
        return;
    };
    facts.detail(subject, "signing-time", signed.to_string());
    if signed > now.plus_millis(skew) {
        facts.push(
            Fact::fail(CHECK, subject, Reason::SigningTimeFuture)
                .expected(format!("not after {now}"))
                .found(signed.to_string()),
        );
    }
    if let Some(written) = date_time
        && let Some(reason) = disagreement(signed, written, skew)
    {
        facts.push(
            Fact::fail(CHECK, subject, reason)
                .expected(format!("SignatureDateTime {signed}"))
                .found(written.to_owned()),
        );
    }
    facts.push(Fact::fail(CHECK, subject, Reason::SigningTimeUnproven).found(signed.to_string()));
}

/// How two statements of the time differ: eight hours are a zone left out, anything else is told as what it is.
fn disagreement(signed: UnixTime, written: &str, skew: i64) -> Option<Reason> {
    let Some(read) = time::loose(written) else { return Some(Reason::Deviation) };
    let near =
        |t: UnixTime, off: i64| (t.as_millis() - signed.as_millis() - off).abs() <= skew.max(1000);
    if near(read.time, 0) || near(read.as_utc(), 0) {
        None
    } else if near(read.time, CHINA_MS) || near(read.time, -CHINA_MS) {
        Some(Reason::Deviation)
    } else {
        Some(Reason::SigningTimeMismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_the_time_are_compared_as_people_write_them() {
        let signed = UnixTime::parse("2020-10-10T06:58:41Z").unwrap();
        for (written, reason) in [
            ("20201010065841Z", None),
            ("20201010065841.302Z", None),
            ("2020-10-10 14:58:41", None),
            ("20201010145841", None),
            ("20201010065841", None),
            ("20201010145841Z", Some(Reason::Deviation)),
            ("yesterday", Some(Reason::Deviation)),
            ("2020-10-11 14:58:41", Some(Reason::SigningTimeMismatch)),
        ] {
            assert_eq!(disagreement(signed, written, 300_000), reason, "{written}");
        }
    }
}
