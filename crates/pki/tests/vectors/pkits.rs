//! NIST PKITS: RSA chains with lists. Policies, indirect and delta lists are out of scope.

use std::collections::BTreeMap;

use serde_json::Value;
use yinxin_pki::{Certificate, Crl, PkiError, Pool, TrustStore, Usage};
use yinxin_verdict::{Reason, Verdict};

use crate::{ask, at, shared};

/// Sections and tests whose answer hangs on something that this crate does not decide.
const OUT_OF_SCOPE: &[(&str, &str)] = &[
    ("4.1.4 ", "DSA"),
    ("4.1.5 ", "DSA"),
    ("4.8.", "no policy is asked for"),
    ("4.9.", "no policy is asked for"),
    ("4.10.", "no policy is asked for"),
    ("4.11.", "no policy is asked for"),
    ("4.12.", "no policy is asked for"),
];

/// Sections whose refusals hang on a list; where the shared data lacks the list, nothing can be said.
const ABOUT_LISTS: [&str; 6] = ["4.4.", "4.5.", "4.7.4", "4.7.5", "4.14.", "4.15."];

#[test]
fn chains_of_pkits_get_their_answers() {
    let Some(folder) = shared("vectors/pkits") else { return };
    let all: Value =
        serde_json::from_slice(&std::fs::read(folder.join("vectors.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    let mut right = 0;
    for case in all.as_array().unwrap() {
        let name = case["Name"].as_str().unwrap();
        let expected = case["ShouldValidate"].as_bool().unwrap();
        let read = |file: &Value| std::fs::read(folder.join("certs").join(file.as_str().unwrap()));
        let (got, lists, note) = run(case, read).unwrap_or_else(|e| (false, true, e.to_string()));
        match OUT_OF_SCOPE.iter().find(|(prefix, _)| name.starts_with(prefix)) {
            Some((_, why)) => *skipped.entry(why).or_default() += 1,
            None if !lists && !expected && ABOUT_LISTS.iter().any(|p| name.starts_with(p)) => {
                *skipped.entry("its list is not in the shared data").or_default() += 1;
            }
            None if got == expected => right += 1,
            None => wrong.push(format!("{name}: expected {expected}: {note}")),
        }
    }
    println!("pkits: {right} right; out of scope: {skipped:?}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

fn run(
    case: &Value,
    read: impl Fn(&Value) -> std::io::Result<Vec<u8>>,
) -> Result<(bool, bool, String), PkiError> {
    let mut trust = TrustStore::new();
    let mut pool = Pool::new();
    let path = case["CertPath"].as_array().unwrap();
    let (leaf, issuers) = path.split_last().unwrap();
    for (i, file) in issuers.iter().enumerate() {
        let certificate = Certificate::parse(&read(file).unwrap())?;
        if i == 0 { trust.add_anchor(certificate) } else { pool.certificates.push(certificate) }
    }
    let (mut note, mut lists) = (String::new(), true);
    for file in case["CRLPath"].as_array().into_iter().flatten() {
        match read(file).map(|bytes| Crl::parse(&bytes)) {
            Ok(Ok(crl)) => pool.crls.push(crl),
            Ok(Err(error)) => note = format!("{file}: {error}"),
            Err(_) => lists = false,
        }
    }
    let leaf = Certificate::parse(&read(leaf).unwrap())?;
    let (found, _) = ask(&leaf, &pool, &trust, Usage::Any, at("2020-01-01"));
    // PKITS wants a list for every certificate; here that is the policy's business.
    let unknown = lists && found.reasons.contains(&Reason::NoRevocationData);
    Ok((
        found.verdict() == Verdict::Valid && !unknown,
        lists,
        format!("{:?} {note}", found.reasons),
    ))
}
