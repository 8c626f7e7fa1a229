//! Facts: what a check found, without judgement.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::{Check, Reason};

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a check holds, or does not, for a reason")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not, or could not be decided; the reason's gravity and the policy say what that means.
    Fail(Reason),
}

/// One check, on one subject, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The question.
    pub check: Check,
    /// What it was asked of, such as `signature 1` or `seal of signature 1`.
    pub subject: String,
    /// The answer.
    pub outcome: Outcome,
    /// What was expected; empty when the reason says it all.
    pub expected: String,
    /// What came instead; empty when the reason says it all.
    pub found: String,
}

impl Fact {
    /// A check that holds.
    #[must_use]
    pub fn pass(check: Check, subject: impl Into<String>) -> Self {
        Self {
            check,
            subject: subject.into(),
            outcome: Outcome::Pass,
            expected: String::new(),
            found: String::new(),
        }
    }

    /// A check that does not hold, or a deviation worth telling.
    #[must_use]
    pub fn fail(check: Check, subject: impl Into<String>, reason: Reason) -> Self {
        Self { outcome: Outcome::Fail(reason), ..Self::pass(check, subject) }
    }

    /// With what was expected.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// With what was found.
    #[must_use]
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    /// The reason, when the check does not hold.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self.outcome {
            Outcome::Pass => None,
            Outcome::Fail(reason) => Some(reason),
        }
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let Self { check, subject, outcome: _, expected, found } = self;
        let mut out = s.serialize_struct("Fact", 6)?;
        out.serialize_field("check", check.code())?;
        out.serialize_field("subject", subject)?;
        out.serialize_field("ok", &self.reason().is_none())?;
        out.serialize_field("reason", &self.reason().map(Reason::code))?;
        out.serialize_field("expected", expected)?;
        out.serialize_field("found", found)?;
        out.end()
    }
}

/// Something worth knowing that is no check: a signer's name, a signing time, a height.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Detail {
    /// What it is about, as in [`Fact::subject`].
    pub subject: String,
    /// A stable name such as `signer` or `signing-time`.
    pub name: String,
    /// The value, for people.
    pub value: String,
}

/// What a verification gathered, in the order in which it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    facts: Vec<Fact>,
    details: Vec<Detail>,
}

impl Facts {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fact.
    pub fn push(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// Adds a pass, or a failure with its reason.
    pub fn check(&mut self, check: Check, subject: &str, result: Result<(), Reason>) {
        self.push(match result {
            Ok(()) => Fact::pass(check, subject),
            Err(reason) => Fact::fail(check, subject, reason),
        });
    }

    /// Adds something worth knowing.
    pub fn detail(
        &mut self,
        subject: impl Into<String>,
        name: impl Into<String>,
        value: impl Into<String>,
    ) {
        self.details.push(Detail {
            subject: subject.into(),
            name: name.into(),
            value: value.into(),
        });
    }

    /// Takes over all of another's.
    pub fn extend(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.details.extend(other.details);
    }

    /// The facts so far.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The details so far.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.details
    }

    /// The value of a detail, the first of that name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.details.iter().find(|d| d.name == name).map(|d| d.value.as_str())
    }

    /// Whether some fact failed for this reason.
    #[must_use]
    pub fn has(&self, reason: Reason) -> bool {
        self.facts.iter().any(|f| f.reason() == Some(reason))
    }

    /// The parts, to put into a report.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Fact>, Vec<Detail>) {
        (self.facts, self.details)
    }
}
