//! Views of a subject's credit: whether they leave nothing out, are what the ledger says, and may be seen.

use yinxin_credit::{
    Error,
    view::{OnRecord, Seen, ViewPackage, check_taken, check_view_facts},
};
use yinxin_receipt::Receipt;
use yinxin_verdict::{Check, Explain, Fact, Facts, Lang, Reason};

use crate::{Context, anchoring};

/// Checks a view.
pub(crate) fn view(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "view";
    let Some(package) = anchoring::read::<ViewPackage>(bytes, Check::CreditFormat, subject, facts)
    else {
        return;
    };
    let question = &package.view.question;
    facts.detail(subject, "subject", question.subject.to_string());
    facts.detail(subject, "reader", question.reader.to_string());
    facts.detail(subject, "purpose", question.purpose.to_string());
    facts.detail(subject, "as-of", question.as_of.to_string());
    let Context { trust, policy, at } = context;
    match check_view_facts(&package.view, trust.ledgers(), policy, *at, facts) {
        Ok(seen) => hold(&seen, subject, facts),
        Err(error) => facts.extend(fall(&error, subject, facts)),
    }
    recorded(&package, context, facts);
}

fn hold(seen: &Seen, subject: &str, facts: &mut Facts) {
    facts.push(Fact::pass(Check::CreditComplete, subject));
    facts.push(Fact::pass(Check::CreditGround, subject));
    facts.detail(subject, "records", seen.records.to_string());
    facts.detail(subject, "shown", seen.items.len().to_string());
    facts.detail(subject, "ended", seen.ended.to_string());
    facts.detail(subject, "beyond", seen.beyond.to_string());
    for source in seen.sources.iter().filter(|source| source.broken > 0) {
        facts.detail(subject, "broken", format!("{} records of {}", source.broken, source.source));
    }
}

/// Whether the ledger has the record that the view was taken; without its receipt nobody can tell from here.
fn recorded(package: &ViewPackage, context: &Context<'_>, facts: &mut Facts) {
    let subject = "taken";
    let Context { trust, policy, at } = context;
    match check_taken(package, trust.ledgers(), policy, *at, facts) {
        Ok(Some(OnRecord { record, height, time, .. })) => {
            facts.push(Fact::pass(Check::CreditRecorded, subject));
            let told = format!("yes, record {record} at height {height}, time {time}");
            facts.detail("view", "on-record", told);
        }
        Ok(None) => facts.detail("view", "on-record", "not checked".to_owned()),
        // What the receipt lacks, its own facts say: a ledger that is not trusted makes nothing invalid.
        Err(Error::Unproven { .. }) if package.taken.as_ref().is_some_and(has_record) => {
            facts.detail("view", "on-record", "not proven".to_owned());
        }
        Err(error) => {
            facts.push(
                Fact::fail(Check::CreditRecorded, subject, Reason::ViewRecordOther)
                    .found(error.explain(Lang::En).what),
            );
            facts.detail("view", "on-record", "no".to_owned());
        }
    }
}

fn has_record(receipt: &Receipt) -> bool {
    receipt.subject.record().is_some()
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
