//! Whether the files are the ones that were signed.

use yinxin_verdict::{Check, Fact, Facts, Reason};

use super::{CheckMethod, Reference, SignatureFile};
use crate::{OfdError, Package};

/// Facts of one kind told one by one; beyond that their number says enough. 50: a screen.
const TOLD: usize = 50;

impl SignatureFile<'_> {
    /// Compares every reference with its file and records [`Check::OfdDigests`] about this subject.
    pub fn check_references(&self, package: &Package, subject: &str, facts: &mut Facts) {
        let fail = |reason| Fact::fail(Check::OfdDigests, subject, reason);
        match &self.check_method {
            CheckMethod::Sm3 => {}
            CheckMethod::Weak(name) => {
                let name = if name.is_empty() { "none stated (MD5)" } else { name };
                return facts.push(fail(Reason::AlgorithmWeak).expected("SM3").found(name));
            }
            CheckMethod::Unknown(name) => {
                return facts.push(fail(Reason::AlgorithmUnknown).expected("SM3").found(name));
            }
        }
        if self.references.is_empty() {
            return facts.push(fail(Reason::Malformed).found("no references"));
        }
        let wrong: Vec<_> = self.references.iter().filter_map(|r| judge(package, r)).collect();
        for (reason, found) in wrong.iter().take(TOLD) {
            facts.push(fail(*reason).found(found));
        }
        if let Some(more) = wrong.len().checked_sub(TOLD).filter(|more| *more > 0) {
            facts.push(fail(wrong[TOLD].0).found(format!("{more} more files")));
        }
        if wrong.is_empty() {
            facts.push(Fact::pass(Check::OfdDigests, subject));
        }
        for deviation in self.references.iter().filter_map(|r| r.deviation.as_ref()).take(TOLD) {
            facts.push(fail(Reason::Deviation).found(deviation.to_string()));
        }
    }
}

/// What is wrong with a reference, if anything is.
fn judge(package: &Package, reference: &Reference) -> Option<(Reason, String)> {
    let Some(path) = &reference.path else {
        let reason = match &reference.error {
            Some(OfdError::NameUnsafe { .. }) => Reason::PathUnsafe,
            _ => Reason::DigestMissing,
        };
        return Some((reason, reference.file_ref.clone()));
    };
    let digest = package.digest(path);
    let found = digest.as_ref().map(|d| d.as_bytes().as_slice());
    let same = found.is_some() && reference.check_value.as_deref() == found;
    (!same).then(|| (Reason::DigestMismatch, path.clone()))
}
