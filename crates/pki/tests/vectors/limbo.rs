//! x509-limbo: P-256 and RSA chains of the Web. What belongs to the Web alone is out of scope, each kind with its reason.

use std::collections::BTreeMap;

use serde_json::Value;
use yinxin_pki::{Certificate, PkiError, Pool, TrustStore, Usage};
use yinxin_verdict::Verdict;

use crate::{ask, at, shared};

/// Prefixes of cases whose answer hangs on something that this crate does not decide.
const OUT_OF_SCOPE: &[(&str, &str)] = &[
    ("pathlen::max-chain-depth", "the chain's length is not the caller's to limit"),
    (
        "pathlen::validation-ignores-pathlen-in-leaf",
        "a CA is no TLS server: its key usage lacks it",
    ),
    ("rfc5280::aki::", "a rule for issuers that verifiers may ignore"),
    (
        "rfc5280::nc::permitted-dns-match-noncritical",
        "a rule for issuers that verifiers may ignore",
    ),
    ("rfc5280::pc::", "a rule for issuers that verifiers may ignore"),
    ("rfc5280::ski::", "a rule for issuers that verifiers may ignore"),
    ("rfc5280::serial::", "told as a deviation; refused in what we issue"),
    ("rfc5280::san::", "host names are not compared"),
    ("webpki::san::", "host names are not compared"),
    ("webpki::cn::", "host names are not compared"),
    ("webpki::aki::", "a profile of browsers"),
    ("webpki::eku::", "a profile of browsers"),
    ("webpki::ee-basicconstraints-ca", "a profile of browsers"),
    ("webpki::forbidden-dsa-leaf", "a profile of browsers"),
    ("webpki::forbidden-rsa", "a profile of browsers"),
    ("webpki::malformed-aia", "told as a deviation"),
];

#[test]
fn chains_of_x509_limbo_get_their_answers_within_the_budget() {
    let Some(path) = shared("vectors/limbo/limbo.json") else { return };
    let all: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    let mut right = 0;
    for case in all["testcases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let expected = case["expected_result"] == "SUCCESS";
        let (got, note) = run(case).unwrap_or_else(|e| (false, e.to_string()));
        match OUT_OF_SCOPE.iter().find(|(prefix, _)| id.starts_with(prefix)) {
            Some((_, why)) => *skipped.entry(why).or_default() += 1,
            None if got == expected => right += 1,
            None => wrong.push(format!("{id}: expected {expected}: {note}")),
        }
    }
    println!("limbo: {right} right; out of scope: {skipped:?}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

fn run(case: &Value) -> Result<(bool, String), PkiError> {
    let texts = |name: &str| -> Vec<String> {
        case[name]
            .as_array()
            .into_iter()
            .flatten()
            .map(|t| t.as_str().unwrap().to_owned())
            .collect()
    };
    let mut trust = TrustStore::new();
    for text in texts("trusted_certs") {
        // Of anchors that cannot be read, the others may still do.
        if let Ok(certificate) = Certificate::parse(text.as_bytes()) {
            trust.add_anchor(certificate);
        }
    }
    let mut pool = Pool::new();
    for text in texts("untrusted_intermediates") {
        pool.certificates.extend(Certificate::parse(text.as_bytes()).ok());
    }
    for text in texts("crls") {
        pool.crls.extend(Pool::read(text.as_bytes())?.crls);
    }
    let leaf = Certificate::parse(case["peer_certificate"].as_str().unwrap().as_bytes())?;
    let usage =
        if case["validation_kind"] == "CLIENT" { Usage::TlsClient } else { Usage::TlsServer };
    let as_of = at(case["validation_time"].as_str().unwrap_or("2026-01-01T00:00:00Z"));
    let (found, _) = ask(&leaf, &pool, &trust, usage, as_of);
    assert!(found.signature_checks <= 100, "{}: {}", case["id"], found.signature_checks);
    // A list that was given and could not be used is a refusal here, as limbo has it.
    let crl_missing =
        !pool.crls.is_empty() && found.reasons.contains(&yinxin_verdict::Reason::NoRevocationData);
    Ok((
        found.verdict() == Verdict::Valid && !crl_missing,
        format!("{:?} {:?}", found.reasons, leaf.deviations()),
    ))
}
