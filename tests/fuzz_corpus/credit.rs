//! Records about credit and assets, one of each shape that a reader has a branch for.

use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    Act, AssetAct, AssetKey, AssetKind, Authorisation, Authorise, Basis, ClassCode, ClassCount,
    ClassKind, ClassReference, Conditions, CreditAct, CreditBatch, Date, Deadline, Degree, Delist,
    Disclosure, EventChain, Evidence, ExitGround, Footing, ForeignBasis, InBatch, ItemKey,
    ListMeasure, ListRule, OrganisationCode, PledgeAsset, PledgeTerms, Pseudonym, PublishClass,
    RaiseObjection, RaiseSourceCase, RecordItem, RecordReference, RegisterAsset, RepairRule,
    Resolution, ResolveObjection, Retraction, SourceAsk, SourceEvent, SourceItem, SourceRecord,
    SourceRepair, Subject, TakeView, Term, TermBase, Text, TimeLimits, ViewGround, Wire,
};
use yinxin_tests::office::{CODE, Office};
use yinxin_verdict::UnixTime;

use super::Plain;

pub(crate) fn all(o: &Office) -> Vec<Plain> {
    let credit = |act| o.record_of(Act::Credit(act)).to_der();
    let asset = |act| o.record_of(Act::Asset(act)).to_der();
    vec![
        ("record", "credit-class", credit(CreditAct::PublishClass(class()))),
        ("record", "credit-item", credit(CreditAct::Record(item()))),
        ("record", "credit-delist", credit(CreditAct::Delist(delist()))),
        ("record", "credit-authorise", credit(CreditAct::Authorise(authorise()))),
        ("record", "credit-view", credit(CreditAct::View(view()))),
        ("record", "credit-batch", credit(CreditAct::Batch(batch()))),
        ("record", "credit-case", credit(CreditAct::RaiseCase(case()))),
        ("record", "credit-object-signed", credit(CreditAct::Object(objection()))),
        ("record", "credit-retract", credit(CreditAct::Resolve(retraction()))),
        ("record", "asset-register", asset(AssetAct::Register(register()))),
        ("record", "asset-pledge", asset(AssetAct::Pledge(pledge()))),
    ]
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).expect("short")
}

fn digest(what: &str) -> Digest {
    sm3::digest(what.as_bytes())
}

fn code() -> OrganisationCode {
    OrganisationCode::new(CODE).expect("its check digit holds")
}

fn class_code(code: &str) -> ClassCode {
    ClassCode::new(code).expect("letters")
}

fn date(text: &str) -> Date {
    Date::parse(text).expect("a date")
}

fn person() -> Subject {
    Subject::Person(Pseudonym { custodian: code(), value: digest("person") })
}

fn reference() -> ClassReference {
    ClassReference { code: class_code("black"), version: 1 }
}

fn evidence() -> Vec<Evidence> {
    vec![Evidence { kind: text("duty"), digest: digest("duty") }]
}

fn class() -> PublishClass {
    PublishClass {
        code: class_code("black"),
        version: 1,
        name: text("class"),
        definition: digest("file"),
        form: digest("form"),
        kind: ClassKind::BlackList,
        degree: Degree::Serious,
        disclosure: Disclosure::Public,
        valid_from: date("2026-04-01"),
        valid_until: Some(date("2030-01-01")),
        laws: vec![text("a"), text("b")],
        recorders: vec![code()],
        rests_on: vec![class_code("penalty")],
        footing: Footing::Basis,
        term: Term { base: TermBase::Decision, min_months: 12, max_months: Some(36) },
        limits: TimeLimits {
            publish_days: Some(7),
            age_days: 365,
            objection_days: 5,
            withdraw_days: 3,
        },
        repair: Some(RepairRule { evidence: vec![text("duty")], days: 10 }),
        list: Some(ListRule {
            exit: vec![text("duty")],
            excludes: vec![class_code("penalty")],
            measures: vec![ListMeasure { code: text("tender"), laws: vec![text("a")] }],
            lift_days: 3,
        }),
        batch: 0,
    }
}

fn item() -> RecordItem {
    let calendar = digest("2026");
    RecordItem {
        subject: person(),
        class: reference(),
        law: text("a"),
        content: digest("content"),
        basis: Basis::Foreign(ForeignBasis {
            of: RecordReference { chain_id: Digest::ZERO, record: digest("r") },
            receipt: digest("receipt"),
            status: digest("status"),
            until: Some(date("2027-11-22")),
        }),
        decided: date("2026-11-22"),
        until: Some(date("2027-11-22")),
        publish_by: Some(Deadline { at: UnixTime::EPOCH, calendar }),
    }
}

fn objection() -> RaiseObjection {
    let deadline = Deadline { at: UnixTime::EPOCH, calendar: digest("2026") };
    let (item, statement) = (digest("item"), digest("statement"));
    RaiseObjection { item, reason: 1, statement, deadline, signature: Some([9; 64]) }
}

fn retraction() -> ResolveObjection {
    let word = Retraction { reason: 1, signature: [9; 64] };
    ResolveObjection { objection: digest("objection"), resolution: Resolution::Retracted(word) }
}

fn delist() -> Delist {
    let ground = ExitGround::Conditions(Conditions { evidence: evidence() });
    Delist { item: digest("item"), ground, reason: 1 }
}

fn authorise() -> Authorise {
    let terms = Authorisation {
        subject: Subject::Company(code()),
        reader: code(),
        purpose: text("loan"),
        classes: vec![class_code("black")],
        from: UnixTime::EPOCH,
        until: UnixTime::EPOCH.plus_millis(1),
        nonce: digest("nonce"),
    };
    Authorise { terms, signature: [9; 64] }
}

fn view() -> TakeView {
    TakeView {
        subject: person(),
        reader: code(),
        purpose: text("loan"),
        ground: ViewGround::Authorisation(digest("a")),
        classes: vec![class_code("black")],
        as_of: UnixTime::EPOCH,
        seen: EventChain { count: 1, head: digest("head") },
        answer: digest("answer"),
    }
}

fn batch() -> CreditBatch {
    CreditBatch {
        sequence: 1,
        counts: vec![ClassCount { class: reference(), count: 5, due: 4, late: 1 }],
        records: digest("records"),
        before: digest("before"),
        after: digest("after"),
    }
}

/// An application for the repair of an item of a batch, with its way to the root.
fn case() -> RaiseSourceCase {
    let item = SourceItem {
        class: reference(),
        authority: code(),
        content: digest("content"),
        decided: date("2026-11-20"),
        published: date("2026-11-21"),
        until: Some(date("2027-11-20")),
    };
    let record = SourceRecord {
        source: code(),
        subject: person(),
        item: ItemKey::of("black", "1"),
        event: SourceEvent::Record(item),
    };
    let path = vec![digest("a"), digest("b")];
    let ask = SourceRepair { evidence: evidence(), commitment: digest("letter") };
    RaiseSourceCase {
        item: InBatch { record, sequence: 1, index: 2, path },
        ask: SourceAsk::Repair(ask),
        deadline: Deadline { at: UnixTime::EPOCH, calendar: digest("2026") },
    }
}

fn asset() -> AssetKey {
    AssetKey { kind: AssetKind::Invoice, value: digest("invoice") }
}

fn register() -> RegisterAsset {
    RegisterAsset {
        asset: asset(),
        owner: person(),
        content: digest("content"),
        due: Some(date("2027-06-30")),
        confirmation: Some(digest("debtor")),
        invoices: vec![],
    }
}

fn pledge() -> PledgeAsset {
    let terms =
        PledgeTerms { asset: asset(), turn: 0, pledgee: code(), contract: digest("contract") };
    PledgeAsset { terms, signature: [9; 64] }
}
