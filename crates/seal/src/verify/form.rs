//! S1 and G1: the form, and whether version numbers agree.

use yinxin_verdict::{Check, Fact, Facts, Reason};

use crate::{Extension, Seal, SealSignature, Version};

pub(super) fn seal(seal: &Seal, subject: &str, facts: &mut Facts) {
    const CHECK: Check = Check::SealFormat;
    let Seal { version, header_id, number, extensions, deviations, trailing, .. } = seal;
    let mut good = true;
    if header_id != "ES" {
        good = false;
        let fact = Fact::fail(CHECK, subject, Reason::Malformed);
        facts.push(fact.expected("SES_Header.ID ES").found(header_id.clone()));
    }
    if let Err(reason) = header_number(*version, *number) {
        good &= reason == Reason::Deviation;
        facts.push(
            Fact::fail(CHECK, subject, reason)
                .expected(format!("SES_Header.version of {}", version.name()))
                .found(number.to_string()),
        );
    }
    good &= rest(CHECK, extensions, deviations, *trailing, subject, facts);
    if good {
        facts.push(Fact::pass(CHECK, subject));
    }
}

/// v1 files number themselves freely; a v4 or v5 number in a v1 structure is a confusion of structures.
fn header_number(version: Version, number: u64) -> Result<(), Reason> {
    if version.shape().numbers.contains(&number) {
        return Ok(());
    }
    let others = [Version::V4, Version::V5].iter().any(|v| v.shape().numbers.contains(&number));
    if version == Version::V1 && !others {
        Err(Reason::Deviation)
    } else {
        Err(Reason::VersionWrong)
    }
}

pub(super) fn signature(signature: &SealSignature, subject: &str, facts: &mut Facts) {
    const CHECK: Check = Check::SignatureFormat;
    let SealSignature { version, number, seal, extensions, deviations, trailing, .. } = signature;
    let mut good = true;
    if *number != seal.number {
        let strict = version.shape().tbs_repeats_number;
        good = !strict;
        let reason = if strict { Reason::VersionWrong } else { Reason::Deviation };
        facts.push(
            Fact::fail(CHECK, subject, reason)
                .expected(format!("TBS_Sign.version {}, as in the seal", seal.number))
                .found(number.to_string()),
        );
    }
    good &= rest(CHECK, extensions, deviations, *trailing, subject, facts);
    if good {
        facts.push(Fact::pass(CHECK, subject));
    }
}

/// What both have: critical extensions, deviations, bytes after the end.
fn rest(
    check: Check,
    extensions: &[Extension],
    deviations: &[String],
    trailing: usize,
    subject: &str,
    facts: &mut Facts,
) -> bool {
    for deviation in deviations {
        let fact = Fact::fail(check, subject, Reason::Deviation);
        facts.push(fact.found(deviation.clone()));
    }
    let mut good = true;
    for extension in extensions.iter().filter(|e| e.critical) {
        good = false;
        let fact = Fact::fail(check, subject, Reason::ExtensionUnknown);
        facts.push(fact.found(extension.oid.to_string()));
    }
    if trailing > 0 {
        good = false;
        let fact = Fact::fail(check, subject, Reason::Malformed);
        facts.push(fact.expected("the end").found(format!("{trailing} more bytes")));
    }
    good
}
