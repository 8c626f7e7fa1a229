//! The report: one answer for one input.

use serde::Serialize;

use crate::{Check, Detail, Fact, Facts, Lang, Policy, Reason, UnixTime, Verdict, shown};

/// The name and version of the report's JSON form.
pub const SCHEMA: &str = "yinxin.report/1";

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// What it turned out to be, such as `ofd` or `receipt`.
    pub kind: String,
    /// Bytes.
    pub size: u64,
    /// SM3 of the bytes, hexadecimal.
    pub sm3: String,
}

/// One input, everything that was found, and what policy makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// What was verified.
    pub input: Input,
    /// The time as of which it was judged.
    pub at: UnixTime,
    /// The answer.
    pub verdict: Verdict,
    /// The reason codes that made it so, gravest first; empty for VALID.
    pub reasons: Vec<&'static str>,
    /// Every check that was made.
    pub facts: Vec<Fact>,
    /// What else is worth knowing.
    pub details: Vec<Detail>,
}

impl Report {
    /// Judges facts.
    #[must_use]
    pub fn new(input: Input, at: UnixTime, facts: Facts, policy: &Policy) -> Self {
        let verdict = policy.judge(&facts);
        let mut grave: Vec<_> = facts
            .facts()
            .iter()
            .filter_map(Fact::reason)
            .map(|r| (policy.gravity(r), r))
            .filter(|(gravity, _)| *gravity != Verdict::Valid)
            .collect();
        grave.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.code().cmp(b.1.code())));
        grave.dedup();
        let reasons = grave.into_iter().map(|(_, r)| r.code()).collect();
        let (facts, details) = facts.into_parts();
        Self { schema: SCHEMA, input, at, verdict, reasons, facts, details }
    }

    /// Whether some check failed for this reason.
    #[must_use]
    pub fn has(&self, reason: Reason) -> bool {
        self.facts.iter().any(|f| f.reason() == Some(reason))
    }

    /// Whether this check was made and held everywhere.
    #[must_use]
    pub fn holds(&self, check: Check) -> bool {
        let mut asked = self.facts.iter().filter(|f| f.check == check).peekable();
        asked.peek().is_some() && asked.all(|f| f.reason().is_none())
    }

    /// The report for a person: the verdict, then a line for every check that matters.
    #[must_use]
    pub fn to_text(&self, lang: Lang) -> String {
        let mut out = String::new();
        out.push_str(self.verdict.say(lang));
        out.push('\n');
        for d in &self.details {
            out.push_str(&format!("    {}: {} = {}\n", shown(&d.subject), d.name, shown(&d.value)));
        }
        for f in &self.facts {
            out.push_str(&line(f, lang));
        }
        out
    }
}

fn line(fact: &Fact, lang: Lang) -> String {
    let Fact { check, subject, outcome: _, expected, found } = fact;
    let mark = match fact.reason().map(Reason::gravity) {
        None => "✓",
        Some(Verdict::Valid) => "·",
        Some(Verdict::Indeterminate) => "?",
        Some(Verdict::Invalid) => "✗",
    };
    let mut line = format!("  {mark} {} [{}]", check.say(lang), shown(subject));
    if let Some(reason) = fact.reason() {
        line.push_str(&format!(" – {} ({})", reason.say(lang), reason.code()));
    }
    for (label, value) in
        [(lang.pick("expected", "应为"), expected), (lang.pick("found", "实为"), found)]
    {
        if !value.is_empty() {
            line.push_str(&format!("; {label}: {}", shown(value)));
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_files_draw_no_lines_and_no_escapes() {
        let name = "x\u{1b}[2J\r\ny.ofd: VALID\u{9b}1m\u{202e}\u{2028}";
        let mut facts = Facts::new();
        facts.detail(name, "seal", name);
        facts.push(
            Fact::fail(Check::SealFormat, name, Reason::Malformed).expected(name).found(name),
        );
        let input = Input { kind: "seal".into(), size: 1, sm3: String::new() };
        let report = Report::new(input, UnixTime::EPOCH, facts, &Policy::default());
        let text = report.to_text(Lang::En);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(!text.contains(['\u{202e}', '\u{2028}']), "{text:?}");
        assert_eq!(report.details[0].value, name, "the report itself keeps what the file says");
    }

    #[test]
    fn reasons_stand_gravest_first_and_once() {
        let mut facts = Facts::new();
        for reason in
            [Reason::UnknownAnchor, Reason::Deviation, Reason::SignatureBad, Reason::UnknownAnchor]
        {
            facts.push(Fact::fail(Check::CertChain, "s", reason));
        }
        let input = Input { kind: "ofd".into(), size: 1, sm3: String::new() };
        let report = Report::new(input, UnixTime::EPOCH, facts, &Policy::default());
        assert_eq!(report.reasons, ["SIGNATURE_BAD", "UNKNOWN_ANCHOR"]);
        assert!(!report.holds(Check::CertChain) && !report.holds(Check::SealFormat));
        assert!(report.to_text(Lang::Zh).contains("签名值错误"));
    }
}
