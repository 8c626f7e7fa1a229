//! Views of a subject's credit: whether they leave nothing out, are what the ledger says, and may be seen.

use yinxin_credit::{
    Error,
    view::{CreditView, Seen, check_view_facts},
};
use yinxin_verdict::{Check, Explain, Fact, Facts, Lang, Reason};

use crate::{Context, anchoring};

/// Checks a view.
pub(crate) fn view(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "view";
    let Some(view) = anchoring::read::<CreditView>(bytes, Check::CreditFormat, subject, facts)
    else {
        return;
    };
    let question = &view.question;
    facts.detail(subject, "subject", question.subject.to_string());
    facts.detail(subject, "reader", question.reader.to_string());
    facts.detail(subject, "purpose", question.purpose.to_string());
    facts.detail(subject, "as-of", question.as_of.to_string());
    let Context { trust, policy, at } = context;
    match check_view_facts(&view, trust.ledgers(), policy, *at, facts) {
        Ok(seen) => hold(&seen, subject, facts),
        Err(error) => facts.extend(fall(&error, subject, facts)),
    }
}

fn hold(seen: &Seen, subject: &str, facts: &mut Facts) {
    facts.push(Fact::pass(Check::CreditComplete, subject));
    facts.push(Fact::pass(Check::CreditGround, subject));
    // The record that the view was taken names the package's digest, so that it cannot be in it.
    facts.detail(subject, "on-record", "not checked".to_owned());
    facts.detail(subject, "records", seen.records.to_string());
    facts.detail(subject, "shown", seen.items.len().to_string());
    facts.detail(subject, "ended", seen.ended.to_string());
    facts.detail(subject, "beyond", seen.beyond.to_string());
}

/// What a view that does not hold has against it, beside what its proofs have.
fn fall(error: &Error, subject: &str, so_far: &Facts) -> Facts {
    let why = |reason| !matches!(reason, Reason::StatusStale | Reason::ReceiptLater);
    let told = so_far.facts().iter().filter_map(Fact::reason).any(why);
    let (check, reason) = match error {
        Error::Denied { .. } => (Check::CreditGround, Reason::ViewNotPermitted),
        // The proofs say why: a ledger that is not trusted makes nothing invalid.
        Error::Unproven { .. } if told => return Facts::new(),
        _ => (Check::CreditComplete, Reason::ViewIncomplete),
    };
    let mut facts = Facts::new();
    facts.push(Fact::fail(check, subject, reason).found(error.explain(Lang::En).what));
    facts
}
