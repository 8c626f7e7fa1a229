//! Policy: what facts mean, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Facts, Reason, Verdict};

/// What a verifier makes of facts. The default is what a careful receiver wants; every switch can be set in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    /// Gravity by reason code where it shall differ from the built-in one, e.g. `UNSIGNED_CONTENT = "INVALID"`.
    pub gravity: BTreeMap<String, Verdict>,
    /// How far ahead of the verifier's clock a signing time may lie, seconds. 300: what clocks on the same net differ by at worst.
    pub clock_skew_secs: u32,
    /// For how long after a checkpoint receipts made later are believed, days. 400: a yearly refresh with a month of grace.
    pub trusting_period_days: u32,
    /// Who may make seals: organisation codes in the subjects of makers' certificates, or SM3 of those certificates, hexadecimal.
    /// Empty, those to whom a trusted ledger gives the power; without one, any maker under a trusted anchor, and the report
    /// says so: GB/T 38540 does not say how a maker's certificate differs from another.
    pub seal_makers: Vec<String>,
    /// How old a status proof may be, seconds. 86,400: a day, as with a CRL.
    pub status_max_age_secs: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            gravity: BTreeMap::new(),
            clock_skew_secs: 300,
            trusting_period_days: 400,
            seal_makers: Vec::new(),
            status_max_age_secs: 86_400,
        }
    }
}

impl Policy {
    /// How grave a reason is under this policy.
    #[must_use]
    pub fn gravity(&self, reason: Reason) -> Verdict {
        self.gravity.get(reason.code()).copied().unwrap_or(reason.gravity())
    }

    /// The gravest of all facts. No facts at all is [`Verdict::Indeterminate`]: nothing was checked.
    #[must_use]
    pub fn judge(&self, facts: &Facts) -> Verdict {
        if facts.facts().is_empty() {
            return Verdict::Indeterminate;
        }
        facts
            .facts()
            .iter()
            .filter_map(|f| f.reason())
            .map(|r| self.gravity(r))
            .max()
            .unwrap_or(Verdict::Valid)
    }

    /// The names in [`Policy::gravity`] that are no reason: a misspelt switch must not pass silently.
    #[must_use]
    pub fn unknown_names(&self) -> Vec<&str> {
        self.gravity.keys().map(String::as_str).filter(|k| Reason::from_code(k).is_none()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Check, Fact};

    fn facts(reasons: &[Reason]) -> Facts {
        let mut facts = Facts::new();
        facts.push(Fact::pass(Check::SignatureValue, "s"));
        for r in reasons {
            facts.push(Fact::fail(Check::CertChain, "s", *r));
        }
        facts
    }

    #[test]
    fn gravest_reason_decides() {
        for (reasons, verdict) in [
            (&[][..], Verdict::Valid),
            (&[Reason::Deviation], Verdict::Valid),
            (&[Reason::UnknownAnchor], Verdict::Indeterminate),
            (&[Reason::UnknownAnchor, Reason::SignatureBad, Reason::Deviation], Verdict::Invalid),
        ] {
            assert_eq!(Policy::default().judge(&facts(reasons)), verdict, "{reasons:?}");
        }
    }

    #[test]
    fn nothing_checked_is_not_valid() {
        assert_eq!(Policy::default().judge(&Facts::new()), Verdict::Indeterminate);
    }

    #[test]
    fn policy_overrides_gravity_and_names_misspellings() {
        let policy: Policy = serde_json::from_str(
            r#"{"gravity":{"UNSIGNED_CONTENT":"INVALID","UNSINGED":"VALID"}}"#,
        )
        .unwrap();
        assert_eq!(policy.judge(&facts(&[Reason::UnsignedContent])), Verdict::Invalid);
        assert_eq!(policy.unknown_names(), ["UNSINGED"]);
    }
}
