//! A view that is put together while the ledger moves on: it is of one chain, and what came in between spoils none of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails has failed its test")]

#[path = "../../ledger/tests/rig/batches.rs"]
mod batches;
#[path = "../../ledger/tests/rig/credit.rs"]
mod credit;
#[path = "rig/town.rs"]
mod town;
#[path = "../../ledger/tests/rig/world.rs"]
mod world;

use credit::{BANK, MARKET, TAX, company, text};
use town::Town;
use world::code;
use yinxin_credit::{
    CreditItem, Error,
    source::SourceProof,
    view::{CreditView, Seen, ShownContent, ViewQuestion, ViewSource, check_view},
};
use yinxin_gm::Digest;
use yinxin_receipt::{Receipt, StatusProof, Wire};
use yinxin_record::{
    CreditAct, OrganisationCode, SourceRuling, SourceState, Subject, ViewGround, state_key,
};
use yinxin_verdict::{Policy, UnixTime};

/// A town in which something happens right after a key was asked for.
struct Moving<'a> {
    town: &'a mut Town,
    after: Vec<u8>,
    /// What happens, and who does it: one more each time that the key is asked for.
    acts: Vec<(u8, CreditAct)>,
}

impl ViewSource for Moving<'_> {
    type Error = Error;

    fn state(&mut self, key: &[u8]) -> Result<StatusProof, Error> {
        let proof = self.town.state(key);
        if key == self.after && !self.acts.is_empty() {
            let (who, act) = self.acts.remove(0);
            self.town.done(who, act);
        }
        proof
    }

    fn ids(&mut self, subject: &Subject, height: u64) -> Result<Vec<Digest>, Error> {
        self.town.ids(subject, height)
    }

    fn receipt(&mut self, id: &Digest) -> Result<Receipt, Error> {
        self.town.receipt(id)
    }

    fn source(
        &mut self,
        source: &OrganisationCode,
        newest: &SourceState,
        subject: &Subject,
    ) -> Result<(SourceProof, Vec<Vec<u8>>), Error> {
        self.town.source(source, newest, subject)
    }

    fn content(&mut self, item: &CreditItem) -> Result<Option<ShownContent>, Error> {
        self.town.content(item)
    }
}

/// The view of a department while `acts` happen one by one after `key` is asked for; all of them must have.
fn seen(town: &mut Town, key: Vec<u8>, acts: Vec<(u8, CreditAct)>) -> Result<Seen, Error> {
    let question = ViewQuestion {
        subject: company(1),
        reader: code(MARKET),
        purpose: text("loan"),
        ground: ViewGround::Law(text("征信业管理条例")),
        classes: Vec::new(),
        as_of: UnixTime::EPOCH,
    };
    let mut moving = Moving { town, after: key, acts };
    let view = CreditView::collect(question, None, &mut moving);
    assert_eq!(moving.acts, [], "it was asked for so often");
    let view = CreditView::from_der(&view?.to_der())?;
    let mut policy = Policy::default();
    policy.trusting_period_days = 3650;
    check_view(&view, &town.trust(), &policy, town.now())
}

fn disputed(seen: &Seen) -> Vec<Digest> {
    seen.items.iter().filter(|item| item.item.disputed).map(|item| item.item.id).collect()
}

fn marks() -> Vec<u8> {
    state_key::credit_source_marks(&company(1))
}

#[test]
fn what_is_recorded_once_the_chain_was_read_is_of_the_next_view() {
    let mut town = Town::new();
    let act = town.with_content(town.world.penalty_of(1), "罚款");
    town.done(MARKET, CreditAct::Record(act));
    let later = CreditAct::Record(town.world.penalty_of(1));
    let chain = state_key::credit_subject(&company(1));
    let found = seen(&mut town, chain, vec![(MARKET, later)]).unwrap();
    assert_eq!((found.records, found.items.len()), (1, 1));
    assert_eq!(seen(&mut town, Vec::new(), Vec::new()).unwrap().records, 2);
}

#[test]
fn a_case_that_is_raised_once_the_chain_was_read_marks_its_item() {
    let mut town = Town::new();
    town.import(1);
    let item = town.in_batch(1);
    let raised = town.world.objects(&item, "wrong");
    let chain = state_key::credit_subject(&company(1));
    let found = seen(&mut town, chain, vec![(BANK, raised)]).unwrap();
    assert_eq!((found.records, disputed(&found)), (0, vec![item.id()]));
}

#[test]
fn a_case_that_is_closed_once_it_was_counted_is_counted_again() {
    let mut town = Town::new();
    town.import(1);
    let item = town.in_batch(1);
    let act = town.world.objects(&item, "wrong");
    let case = town.done(BANK, act);
    let closed = town.world.rules(case, SourceRuling::Uphold);
    let found = seen(&mut town, marks(), vec![(TAX, closed)]).unwrap();
    assert_eq!((found.records, disputed(&found)), (1, Vec::new()));
}

/// A ledger that never stands still for long enough: a view that tells of other marks than are counted is refused, not given.
#[test]
fn what_changes_each_time_that_it_is_counted_makes_no_view() {
    let mut town = Town::new();
    let (who, source) = (company(1), code(TAX));
    let row =
        |n| format!("record,,2026-03-05,02,{who},某公司,{n},检查合格,2026-03-02,某局,{source}\n");
    town.import_rows(&(1..=3).map(row).collect::<String>());
    let mut closes = Vec::new();
    for item in town.all_in_batch(1) {
        let act = town.world.objects(&item, "wrong");
        let case = town.done(BANK, act);
        closes.push((TAX, town.world.rules(case, SourceRuling::Uphold)));
    }
    assert_eq!(closes.len(), 3);
    let found = seen(&mut town, marks(), closes);
    assert!(matches!(found, Err(Error::Mismatch { .. })), "{found:?}");
    assert_eq!(disputed(&seen(&mut town, Vec::new(), Vec::new()).unwrap()), Vec::new());
}
