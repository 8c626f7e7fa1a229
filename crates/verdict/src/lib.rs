//! The vocabulary of every check: VALID / INVALID / INDETERMINATE, reasons, facts apart from judgement, policy as data.
//!
//! A checker records [`Fact`]s and decides nothing; a [`Policy`] turns facts into a [`Verdict`].
//!
//! ```
//! use yinxin_verdict::{Check, Fact, Facts, Policy, Reason, Verdict};
//!
//! let mut facts = Facts::new();
//! facts.push(Fact::pass(Check::SignatureValue, "signature 1"));
//! facts.push(Fact::fail(Check::CertChain, "signature 1", Reason::UnknownAnchor));
//! assert_eq!(Policy::default().judge(&facts), Verdict::Indeterminate);
//! ```

#![forbid(unsafe_code)]

mod lang;
mod shown;
mod time;

mod check;
mod reason;

mod fact;
mod policy;
mod report;

pub use check::Check;
pub use fact::{Detail, Fact, Facts, Outcome};
pub use lang::{Explain, Explanation, Lang};
pub use policy::Policy;
pub use reason::Reason;
pub use report::{Input, Report, SCHEMA};
pub use shown::{shown, shown_lines};
pub use time::{TimeError, UnixTime};

use core::fmt;

use serde::{Deserialize, Serialize};

/// The three answers a check can end with, in order of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth answer")]
pub enum Verdict {
    /// Every check that policy asks for was made and held.
    Valid,
    /// Nothing was found wrong, but something needed to say VALID was missing (an unknown anchor, no fresh status).
    Indeterminate,
    /// At least one check failed.
    Invalid,
}

impl Verdict {
    /// The word in a person's language.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Valid, Lang::En) => "VALID",
            (Self::Indeterminate, Lang::En) => "INDETERMINATE",
            (Self::Invalid, Lang::En) => "INVALID",
            (Self::Valid, Lang::Zh) => "有效",
            (Self::Indeterminate, Lang::Zh) => "无法判定",
            (Self::Invalid, Lang::Zh) => "无效",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.say(Lang::En))
    }
}
