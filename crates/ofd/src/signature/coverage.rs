//! What a signature leaves out.
//!
//! Each signature is asked by itself: what a later one covers does not become the earlier signer's word.

use std::collections::BTreeSet;

use yinxin_verdict::{Check, Fact, Facts, Reason};

use super::{SignatureFile, SignatureKind, Signatures};
use crate::Package;

/// Paths told in one fact. 20: enough to see what happened.
const TOLD: usize = 20;

impl SignatureFile<'_> {
    /// The files that this signature does not cover, besides those of the signatures' own structure and the
    /// paths that the caller exempts.
    ///
    /// Structure is: the list of signatures when this one is in append mode, and of every listed signature its
    /// Signature.xml, its SignedValue.dat, and its Seal.esl. Each of them is checked as what it is elsewhere: a value
    /// or seal counts only if it is DER, and a seal only with a stamp, so that nothing drawn hides behind the exemption.
    #[must_use]
    pub fn uncovered<'a>(
        &self,
        package: &'a Package,
        all: &Signatures<'_>,
        exempt: &[&str],
    ) -> Vec<&'a str> {
        let mut covered: BTreeSet<&str> =
            self.references.iter().filter_map(|r| r.path.as_deref()).collect();
        covered.insert(self.path);
        covered.extend(exempt);
        covered.extend(&all.lists);
        let files: Vec<_> = all.files().collect();
        for file in files.iter().copied().chain([self]) {
            covered.insert(file.path);
            let seal = file.seal.as_ref().filter(|_| file.kind == SignatureKind::Seal);
            for part in file.signed_value.iter().chain(seal) {
                // 0x30: a DER SEQUENCE, which no XML, picture or font starts with.
                if part.bytes.first() == Some(&0x30) {
                    covered.insert(part.path);
                }
            }
        }
        package.paths().filter(|path| !covered.contains(path)).collect()
    }

    /// Records [`Check::OfdCoverage`] about this subject.
    pub fn check_coverage(
        &self,
        package: &Package,
        all: &Signatures<'_>,
        exempt: &[&str],
        subject: &str,
        facts: &mut Facts,
    ) {
        let left_out = self.uncovered(package, all, exempt);
        if left_out.is_empty() {
            return facts.push(Fact::pass(Check::OfdCoverage, subject));
        }
        let mut told = left_out.iter().take(TOLD).copied().collect::<Vec<_>>().join(", ");
        if left_out.len() > TOLD {
            told.push_str(&format!(" and {} more", left_out.len() - TOLD));
        }
        facts.push(Fact::fail(Check::OfdCoverage, subject, Reason::UnsignedContent).found(told));
    }
}
