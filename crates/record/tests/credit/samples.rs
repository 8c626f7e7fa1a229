//! One value of each act and state.

use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
#[allow(clippy::wildcard_imports, reason = "this file names nearly all of them")]
use yinxin_record::*;
use yinxin_verdict::UnixTime;

use super::cases::*;

pub(crate) fn key(n: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[n; 32]).unwrap()
}

pub(crate) fn authority() -> OrganisationCode {
    OrganisationCode::new("11430000006122244L").unwrap()
}

pub(crate) fn company() -> Subject {
    Subject::Company(OrganisationCode::new("91350100M000100Y43").unwrap())
}

pub(crate) fn person() -> Subject {
    Subject::Person(Pseudonym { custodian: authority(), value: digest("person") })
}

pub(crate) fn bank() -> OrganisationCode {
    OrganisationCode::new("11100000000013338W").unwrap()
}

pub(crate) fn time() -> UnixTime {
    UnixTime::parse("2026-11-22T00:00:00Z").unwrap()
}

pub(crate) fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub(crate) fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

pub(crate) fn digest(what: &str) -> Digest {
    sm3::digest(what.as_bytes())
}

pub(crate) fn code(code: &str) -> ClassCode {
    ClassCode::new(code).unwrap()
}

pub(crate) fn class() -> ClassReference {
    ClassReference { code: code("penalty.fine"), version: 2 }
}

pub(crate) fn deadline() -> Deadline {
    Deadline { at: time(), calendar: digest("2026") }
}

pub(crate) fn evidence(kind: &str) -> Evidence {
    Evidence { kind: text(kind), digest: digest(kind) }
}

pub(crate) fn measure(code: &str) -> ListMeasure {
    ListMeasure { code: text(code), laws: vec![text("招标投标法 第五十三条")] }
}

pub(crate) fn black_list() -> PublishClass {
    PublishClass {
        code: code("list.black"),
        version: 2,
        name: text("严重失信主体名单"),
        definition: digest("class file"),
        form: digest("form"),
        kind: ClassKind::BlackList,
        degree: Degree::Serious,
        disclosure: Disclosure::Public,
        valid_from: date("2026-04-01"),
        valid_until: Some(date("2030-01-01")),
        laws: vec![text("信用修复管理办法 第八条"), text("行政处罚法 第四十八条")],
        recorders: vec![authority()],
        rests_on: vec![code("penalty.fine"), code("penalty.revocation")],
        footing: Footing::Basis,
        term: Term { base: TermBase::Decision, min_months: 12, max_months: Some(36) },
        limits: TimeLimits {
            publish_days: Some(7),
            age_days: 730,
            objection_days: 5,
            withdraw_days: 3,
        },
        repair: Some(RepairRule { evidence: vec![text("commitment"), text("duty")], days: 10 }),
        list: Some(ListRule {
            exit: vec![text("duty")],
            excludes: vec![],
            measures: vec![measure("market-entry"), measure("tender")],
            lift_days: 3,
        }),
        batch: 0,
    }
}

pub(crate) fn formula() -> PublishFormula {
    PublishFormula {
        code: code("composite"),
        version: 1,
        name: text("公共信用综合评价"),
        definition: digest("formula file"),
        valid_from: date("2026-04-01"),
    }
}

pub(crate) fn record_item(basis: Basis) -> Act {
    Act::Credit(CreditAct::Record(RecordItem {
        subject: company(),
        class: class(),
        law: text("行政处罚法 第四十八条"),
        content: digest("content"),
        basis,
        decided: date("2026-11-20"),
        until: Some(date("2027-11-20")),
        publish_by: Some(deadline()),
    }))
}

pub(crate) fn correction() -> Correction {
    Correction { content: digest("corrected"), until: Some(date("2027-06-01")), reason: 2 }
}

pub(crate) fn settle() -> SettleCommitment {
    let (item, evidence) = (digest("item"), digest("finding"));
    SettleCommitment { item, evidence, found: date("2026-11-21") }
}

pub(crate) fn delist() -> Delist {
    Delist { item: digest("item"), ground: ExitGround::Excluded(digest("other")), reason: 1 }
}

pub(crate) fn apply_repair() -> ApplyRepair {
    ApplyRepair {
        item: digest("item"),
        evidence: vec![evidence("commitment"), evidence("duty")],
        commitment: digest("letter"),
        deadline: deadline(),
    }
}

pub(crate) fn authorisation() -> Authorisation {
    Authorisation {
        subject: company(),
        reader: bank(),
        purpose: text("loan"),
        classes: vec![code("licence"), code("penalty")],
        from: time(),
        until: time().plus_millis(1000),
        nonce: digest("nonce"),
    }
}

pub(crate) fn chain() -> EventChain {
    EventChain { count: 3, head: digest("head") }
}

pub(crate) fn view(ground: ViewGround) -> Act {
    Act::Credit(CreditAct::View(TakeView {
        subject: person(),
        reader: bank(),
        purpose: text("loan"),
        ground,
        classes: vec![code("penalty")],
        as_of: time(),
        seen: chain(),
        answer: digest("answer"),
    }))
}

pub(crate) fn batch() -> CreditBatch {
    let count = |name, count, due, late| {
        let class = ClassReference { code: code(name), version: 1 };
        ClassCount { class, count, due, late }
    };
    CreditBatch {
        sequence: 1,
        counts: vec![count("licence", 1000, 990, 3), count("penalty", 20, 0, 0)],
        records: digest("records"),
        before: digest("before"),
        after: digest("after"),
    }
}

pub(crate) fn credit_acts() -> Vec<(&'static str, Act)> {
    let own = |act| Act::Credit(act);
    let item = digest("item");
    let resolve = |resolution| {
        own(CreditAct::Resolve(ResolveObjection { objection: digest("o"), resolution }))
    };
    let delist = |ground| own(CreditAct::Delist(Delist { ground, ..delist() }));
    let decide = |decision| {
        own(CreditAct::DecideRepair(DecideRepair { application: digest("a"), decision }))
    };
    let licence = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";
    let foreign = RecordReference { chain_id: Digest::ZERO, record: digest("r") };
    let key = SetSubjectKey {
        subject: company(),
        key: *key(2).public_key(),
        issuer: authority(),
        certificate: digest("certificate"),
    };
    let withdraw = WithdrawItem {
        item,
        reason: 1,
        paper: digest("paper"),
        decided: date("2026-11-20"),
        withdraw_by: deadline(),
    };
    let object = RaiseObjection {
        item,
        reason: 1,
        statement: digest("statement"),
        deadline: deadline(),
        signature: None,
    };
    let own_word = RaiseObjection { signature: Some([9; 64]), ..object.clone() };
    let retraction = Retraction { reason: 1, signature: [9; 64] };
    let reinstate = Reinstate { application: digest("a"), evidence: digest("e"), reason: 4 };
    let measure = ApplyMeasure {
        item,
        measure: text("tender"),
        law: text("招标投标法 第五十三条"),
        case: digest("case"),
    };
    let tell = MeasureFeedback { measure: digest("m"), result: 2, report: digest("report") };
    let score = PublishScore {
        subject: company(),
        formula: code("composite"),
        version: 1,
        as_of: time(),
        seen: chain(),
        inputs: digest("inputs"),
        result: digest("result"),
    };
    let revoke = |signature| {
        let authorisation = digest("a");
        own(CreditAct::RevokeAuthorisation(RevokeAuthorisation {
            authorisation,
            signature,
            reason: 1,
        }))
    };
    let authorise = Authorise { terms: authorisation(), signature: [9; 64] };
    let court = CourtCase { number: text("（2026）某01民初1号"), paper: digest("inquiry") };
    let foreign = ForeignBasis {
        of: foreign,
        receipt: digest("receipt"),
        status: digest("status"),
        until: Some(date("2027-11-20")),
    };
    vec![
        ("publish-class", own(CreditAct::PublishClass(black_list()))),
        ("publish-formula", own(CreditAct::PublishFormula(formula()))),
        ("subject-key", own(CreditAct::SetSubjectKey(key))),
        ("record-decision", record_item(Basis::Decision(digest("decision")))),
        ("record-document", record_item(Basis::Document(digest("document")))),
        ("record-licence", record_item(Basis::Licence(LicenceIdentifier::new(licence).unwrap()))),
        ("record-item", record_item(Basis::Item(digest("basis")))),
        ("record-foreign", record_item(Basis::Foreign(foreign))),
        ("object", own(CreditAct::Object(object))),
        ("object-signed", own(CreditAct::Object(own_word))),
        ("resolve-upheld", resolve(Resolution::Upheld(1))),
        ("resolve-corrected", resolve(Resolution::Corrected(correction()))),
        ("resolve-withdrawn", resolve(Resolution::Withdrawn(1))),
        ("resolve-dropped", resolve(Resolution::Dropped(1))),
        ("resolve-retracted", resolve(Resolution::Retracted(retraction))),
        ("correct", own(CreditAct::Correct(CorrectItem { item, correction: correction() }))),
        ("fulfil", own(CreditAct::Fulfil(settle()))),
        ("break", own(CreditAct::Break(settle()))),
        (
            "delist-conditions",
            delist(ExitGround::Conditions(Conditions { evidence: vec![evidence("duty")] })),
        ),
        ("delist-basis", delist(ExitGround::BasisEnded(digest("basis")))),
        ("delist-excluded", delist(ExitGround::Excluded(digest("other")))),
        ("withdraw", own(CreditAct::Withdraw(withdraw))),
        ("apply-repair", own(CreditAct::ApplyRepair(apply_repair()))),
        ("accept-repair", decide(RepairDecision::Accept(digest("paper")))),
        ("reject-repair", decide(RepairDecision::Reject(3))),
        ("reinstate", own(CreditAct::Reinstate(reinstate))),
        ("apply-measure", own(CreditAct::ApplyMeasure(measure))),
        ("tell-measure", own(CreditAct::TellMeasure(tell))),
        (
            "lift-measure",
            own(CreditAct::LiftMeasure(LiftMeasure { measure: digest("m"), reason: 1 })),
        ),
        ("authorise", own(CreditAct::Authorise(authorise))),
        ("revoke-authorisation", revoke(Some([9; 64]))),
        ("close-authorisation", revoke(None)),
        ("view-authorised", view(ViewGround::Authorisation(digest("a")))),
        ("view-law", view(ViewGround::Law(text("征信业管理条例 第二十五条")))),
        ("view-own", view(ViewGround::Own(digest("request")))),
        ("score", own(CreditAct::Score(score))),
        ("batch", own(CreditAct::Batch(batch()))),
        (
            "keep-pseudonyms",
            own(CreditAct::KeepPseudonyms(KeepPseudonyms { check: digest("check") })),
        ),
        ("view-court", view(ViewGround::Court(court))),
        ("raise-objection", raise(SourceAsk::Objection(source_objection()))),
        ("raise-repair", raise(SourceAsk::Repair(source_repair()))),
        ("decide-case", own(CreditAct::DecideCase(decide_case()))),
        ("carry-out-case", close(Some(in_batch(&source_follow())))),
        ("neglect-case", close(None)),
        ("trust-ledger", own(CreditAct::TrustLedger(trust_ledger()))),
        ("end-recognised", own(CreditAct::EndRecognised(end_recognised()))),
    ]
}

pub(crate) fn trust_ledger() -> TrustLedger {
    TrustLedger {
        chain_id: digest("chain"),
        genesis: digest("genesis"),
        region: text("某市"),
        checkpoint: Some(digest("checkpoint")),
        serves: true,
    }
}

pub(crate) fn end_recognised() -> EndRecognised {
    EndRecognised { item: digest("item"), status: digest("status"), how: HomeEnd::Repaired }
}

pub(crate) fn record(act: Act) -> Record {
    let tbs = Tbs {
        chain_id: Digest::ZERO,
        organisation: authority(),
        signer: key_id(key(1).public_key()),
        business_key: BusinessKey::new("case/1").unwrap(),
        last_valid_height: 1000,
        act,
    };
    Record { tbs, signature: [7; 64] }
}

pub(crate) fn item_state() -> ItemState {
    ItemState {
        status: ItemStatus::InForce,
        subject: company(),
        class: class(),
        authority: authority(),
        content: digest("content"),
        basis: Basis::Decision(digest("decision")),
        decided: date("2026-11-20"),
        recorded: time(),
        publish_by: Some(time()),
        minimum: date("2027-02-20"),
        until: Some(date("2027-11-20")),
        objection: Some(digest("o")),
        repair: None,
        corrections: 1,
        ended: Some(time()),
        reason: 2,
        height: 5,
        since: time(),
    }
}

pub(crate) fn authorisation_state() -> AuthorisationState {
    AuthorisationState {
        status: AuthorisationStatus::Live,
        terms: authorisation(),
        views: 3,
        record: digest("r"),
        ended: None,
        reason: 0,
        height: 5,
    }
}

pub(crate) fn credit_states() -> Vec<(&'static str, Vec<u8>)> {
    let class = ClassState { version: 2, authority: authority(), height: 5 };
    let subject_key = SubjectKeyState {
        key: *key(2).public_key(),
        issuer: authority(),
        certificate: digest("certificate"),
        registrar: authority(),
        height: 5,
    };
    let objection = ObjectionState {
        status: ObjectionStatus::Corrected,
        item: digest("item"),
        by: bank(),
        statement: digest("statement"),
        deadline: deadline(),
        signed: None,
        reason: 1,
        height: 5,
        since: time(),
    };
    let repair = RepairState {
        status: RepairStatus::Accepted,
        item: digest("item"),
        by: bank(),
        evidence: vec![evidence("duty")],
        commitment: digest("letter"),
        deadline: deadline(),
        decided_by: Some(authority()),
        reason: 0,
        height: 5,
        since: time(),
    };
    let measure = MeasureState {
        status: MeasureStatus::Lifted,
        item: digest("item"),
        subject: person(),
        measure: text("tender"),
        by: bank(),
        feedbacks: 2,
        result: 1,
        reason: 3,
        height: 5,
        since: time(),
    };
    let case = |by, id| OpenCase { by, id: digest(id), signed: None };
    let own = OpenCase { signed: Some(digest("word")), ..case(bank(), "q") };
    let open = OpenCases {
        objections: vec![case(bank(), "o"), case(authority(), "p"), own],
        applications: vec![case(bank(), "a")],
    };
    let source = SourceState { sequence: 3, records: 1020, root: digest("after"), height: 5 };
    let batch = BatchState {
        record: digest("r"),
        count: 1020,
        records: digest("records"),
        before: digest("before"),
        after: digest("after"),
        height: 5,
        since: time(),
    };
    let conduct = ConductState {
        published: 10,
        published_late: 9,
        withdrawn: 8,
        withdrawn_late: 7,
        resolved: 6,
        resolved_late: 5,
        decided: 4,
        decided_late: 3,
        applied: 2,
        told: 1,
        carried: 12,
        carried_late: 11,
    };
    let source_case = SourceCaseState {
        status: SourceCaseStatus::CarriedOut,
        item: digest("item"),
        by: bank(),
        ask: SourceAsk::Objection(source_objection()),
        deadline: deadline(),
        ruling: Some(SourceRuling::Correct),
        decided_by: Some(authority()),
        paper: Some(digest("paper")),
        content: Some(digest("corrected")),
        carry_by: Some(deadline()),
        carried: Some(digest("follow")),
        reason: 2,
        height: 5,
        since: time(),
    };
    let source_item = SourceItemState {
        source: authority(),
        sequence: 3,
        subject: company(),
        key: ItemKey::of("penalty.fine", "1"),
        class: self::class(),
        authority: bank(),
        objections: vec![case(bank(), "o")],
        applications: vec![case(authority(), "a")],
        orders: vec![SourceOrder { case: digest("case"), ruling: SourceRuling::Repair }],
        height: 5,
    };
    let trusted = TrustedLedgerState {
        genesis: digest("genesis"),
        region: text("某市"),
        checkpoint: None,
        serves: true,
        authority: authority(),
        height: 5,
    };
    let event = EventState { head: digest("head"), record: digest("r"), since: time() };
    let pseudonyms = PseudonymState { check: digest("check"), height: 5 };
    vec![
        ("state-class", class.to_der()),
        ("state-subject-key", subject_key.to_der()),
        ("state-item", item_state().to_der()),
        ("state-objection", objection.to_der()),
        ("state-repair", repair.to_der()),
        ("state-measure", measure.to_der()),
        ("state-authorisation", authorisation_state().to_der()),
        ("state-source", source.to_der()),
        ("state-sources", CreditSources { codes: vec![authority()] }.to_der()),
        ("state-batch", batch.to_der()),
        ("state-conduct", conduct.to_der()),
        ("state-open", open.to_der()),
        ("state-event", event.to_der()),
        ("state-pseudonyms", pseudonyms.to_der()),
        ("state-source-case", source_case.to_der()),
        ("state-source-item", source_item.to_der()),
        ("state-source-marks", SourceMarks { items: 2 }.to_der()),
        ("state-ledger", trusted.to_der()),
    ]
}
