//! One value of each act and state.

use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
#[allow(clippy::wildcard_imports, reason = "this file names nearly all of them")]
use yinxin_record::*;
use yinxin_verdict::UnixTime;

pub(crate) fn key(n: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[n; 32]).unwrap()
}

pub(crate) fn owner() -> OrganisationCode {
    OrganisationCode::new("11430000006122244L").unwrap()
}

pub(crate) fn receiver() -> OrganisationCode {
    OrganisationCode::new("91350100M000100Y43").unwrap()
}

pub(crate) fn time() -> UnixTime {
    UnixTime::parse("2026-11-22T00:00:00Z").unwrap()
}

pub(crate) fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

pub(crate) fn digest(what: &str) -> Digest {
    sm3::digest(what.as_bytes())
}

pub(crate) fn resource() -> ResourceCode {
    ResourceCode::of(&owner(), "306001/000123").unwrap()
}

pub(crate) fn fields() -> FieldSet {
    [0, 9].into_iter().collect()
}

pub(crate) fn volume() -> Volume {
    Volume { calls: 1, rows: 200, bytes: 1 << 40 }
}

pub(crate) fn deadline() -> Deadline {
    Deadline { at: time(), calendar: digest("2026") }
}

pub(crate) fn field(name: &str) -> ResourceField {
    ResourceField {
        name: text(name),
        kind: FieldKind::Code,
        level: Level::General2,
        masking: Masking::Partial,
        rule: Some(digest("rule")),
    }
}

pub(crate) fn publish() -> PublishResource {
    PublishResource {
        resource: resource(),
        version: 1,
        name: text("法人登记信息"),
        definition: digest("entry"),
        fields: vec![field("名称"), field("统一社会信用代码")],
        class: SharingClass::Conditional,
        level: Level::General4,
        dual_control: Level::General4,
        cycle: UpdateCycle::Daily,
        responsibilities: vec![Responsibility { duty: Duty::Serve, organisation: owner() }],
        negative: NegativeList {
            fields: fields(),
            purposes: vec![text("a"), text("b")],
            organisations: vec![owner(), receiver()],
        },
        automatic: Some(AutomaticRule {
            purposes: vec![text("credit")],
            organisations: vec![],
            level: Level::General2,
            limit: volume(),
            days: 30,
            otherwise: Otherwise::Refuse,
        }),
    }
}

pub(crate) fn request() -> RequestData {
    RequestData {
        resource: resource(),
        version: 1,
        fields: fields(),
        subjects: Subjects { pseudonyms: vec![digest("p")], scope: Some(digest("scope")) },
        purpose: text("credit"),
        item: text("item"),
        basis: text("民法典 1038"),
        case: Some(digest("case")),
        until: time(),
        limit: volume(),
        level: Level::General2,
        deadline: deadline(),
    }
}

pub(crate) fn terms() -> Terms {
    let conditions = Some(digest("conditions"));
    Terms { fields: fields(), until: time(), limit: volume(), conditions }
}

pub(crate) fn approval() -> Approval {
    Approval { approver: key_id(key(2).public_key()), signature: [9; 64] }
}

pub(crate) fn recipient() -> Recipient {
    Recipient { grant: digest("g"), organisation: receiver(), key: digest("key") }
}

pub(crate) fn deliver() -> Deliver {
    Deliver {
        resource: resource(),
        envelope: digest("envelope"),
        content: digest("content"),
        fields: fields(),
        purpose: text("credit"),
        volume: volume(),
        recipients: vec![recipient()],
        subjects: vec![digest("p")],
        replaces: Some(digest("old")),
    }
}

pub(crate) fn window() -> AccessWindow {
    AccessWindow {
        grant: digest("g"),
        minute: 29_000_000,
        turn: turn(),
        lines: 17,
        purpose: text("credit"),
        fields: fields(),
        served: volume(),
        root: digest("lines"),
        subjects: vec![digest("p")],
        denials: denials(),
    }
}

pub(crate) fn turn() -> Turn {
    Turn { journal: digest("journal"), epoch: 3 }
}

pub(crate) fn open() -> OpenServing {
    OpenServing { resources: vec![resource()], turn: turn(), lines: 17, takes_over: TakesOver::Yes }
}

pub(crate) fn denials() -> Vec<Denial> {
    let denial = |reason, count| Denial { reason, count };
    vec![denial(DenialReason::Volume, 2), denial(DenialReason::Purpose, 1)]
}

pub(crate) fn sources() -> Vec<Source> {
    let content = Some(DeliveredContent { server: owner(), content: digest("content") });
    let licence = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";
    vec![
        Source::Resource(ResourceVersion { resource: resource(), version: 1 }),
        Source::Grant(GrantedData { grant: digest("g"), fields: fields(), content }),
        Source::Own(digest("own")),
        Source::Licence(LicenceIdentifier::new(licence).unwrap()),
        Source::Record(RecordReference { chain_id: Digest::ZERO, record: digest("r") }),
        Source::Document(digest("document")),
    ]
}

pub(crate) fn derive() -> Derive {
    Derive {
        target: digest("target"),
        method: DeriveMethod::Joined,
        sources: sources(),
        rule: digest("rule"),
        purpose: text("credit"),
        subjects: vec![],
    }
}

pub(crate) fn recognise(of: CallReference) -> DataAct {
    let (grant, call, purpose) = (digest("g"), digest("call"), text("credit"));
    DataAct::Recognise(Recognise { grant, of, call, fields: fields(), purpose })
}

pub(crate) fn acts() -> Vec<(&'static str, DataAct)> {
    let request_id = digest("q");
    let decide =
        |decision| DataAct::Decide(Decide { request: request_id, decision, approval: approval() });
    let answer = |answer| DataAct::AnswerDemand(AnswerDemand { demand: digest("n"), answer });
    let end = || EndGrant { grant: digest("g"), reason: 7 };
    let approver = Approver {
        key: *key(2).public_key(),
        issuer: owner(),
        certificate: digest("certificate"),
        level: Level::Core,
    };
    let foreign = RecordReference { chain_id: Digest::ZERO, record: digest("r") };
    let withdraw = WithdrawResource { resource: resource(), reason: 1, grants_until: Some(time()) };
    let demand = Demand {
        of: owner(),
        name: text("需要"),
        definition: digest("entry"),
        purpose: text("credit"),
    };
    let deny = DenyAccess {
        resource: resource(),
        minute: 29_000_000,
        turn: turn(),
        lines: 17,
        grant: None,
        organisation: Some(receiver()),
        denials: denials(),
        root: digest("lines"),
    };
    let reconcile = Reconcile {
        grant: digest("g"),
        from: 29_000_000,
        until: 29_001_440,
        counted: volume(),
        root: Some(digest("lines")),
    };
    let appeal =
        Appeal { request: request_id, reason: 1, statement: digest("why"), deadline: deadline() };
    let erase = Erase {
        digest: digest("content"),
        grant: Some(digest("g")),
        reason: 1,
        minutes: Some(digest("minutes")),
    };
    vec![
        ("publish", DataAct::Publish(publish())),
        ("withdraw", DataAct::Withdraw(withdraw)),
        ("demand", DataAct::Demand(demand)),
        ("demand-met", answer(DemandAnswer::Met(resource()))),
        ("demand-declined", answer(DemandAnswer::Declined(1))),
        ("demand-withdrawn", answer(DemandAnswer::Withdrawn(1))),
        (
            "calendar",
            DataAct::PublishCalendar(PublishCalendar {
                digest: digest("2026"),
                from_year: 2026,
                until_year: 2027,
            }),
        ),
        ("approvers", DataAct::SetApprovers(SetApprovers { approvers: vec![approver] })),
        ("request", DataAct::Request(request())),
        ("grant", decide(Decision::Grant(terms()))),
        ("refuse", decide(Decision::Refuse(3))),
        ("confirm", DataAct::Confirm(Confirm { request: request_id, approval: approval() })),
        ("appeal", DataAct::Appeal(appeal)),
        ("escalate", DataAct::Escalate(Escalate { request: request_id, deadline: deadline() })),
        (
            "withdraw-request",
            DataAct::WithdrawRequest(WithdrawRequest { request: request_id, reason: 1 }),
        ),
        (
            "deliver",
            DataAct::Deliver(Deliver { volume: Volume { calls: 1, ..volume() }, ..deliver() }),
        ),
        ("access", DataAct::Access(window())),
        ("deny", DataAct::Deny(deny)),
        ("reconcile", DataAct::Reconcile(reconcile)),
        ("derive", DataAct::Derive(derive())),
        (
            "recognise",
            recognise(CallReference::Window(WindowReference {
                grant: digest("h"),
                minute: 29_000_000,
            })),
        ),
        ("recognise-foreign", recognise(CallReference::Foreign(foreign))),
        ("revoke", DataAct::Revoke(end())),
        ("close", DataAct::Close(end())),
        ("erase", DataAct::Erase(erase)),
        ("open-serving", DataAct::OpenServing(open())),
        (
            "anchor-denials",
            DataAct::AnchorDenials(AnchorDenials {
                journal: digest("journal"),
                count: 9,
                head: digest("head"),
            }),
        ),
    ]
}

pub(crate) fn record(act: DataAct) -> Record {
    let tbs = Tbs {
        chain_id: Digest::ZERO,
        organisation: owner(),
        signer: key_id(key(1).public_key()),
        business_key: BusinessKey::new("case/1").unwrap(),
        last_valid_height: 1000,
        act: Act::Data(act),
    };
    Record { tbs, signature: [7; 64] }
}

pub(crate) fn resource_state() -> ResourceState {
    let PublishResource { class, level, dual_control, negative, automatic, .. } = publish();
    ResourceState {
        status: ResourceStatus::Withdrawn,
        version: 1,
        class,
        level,
        dual_control,
        servers: vec![receiver()],
        negative: NegativeList { fields: [4].into_iter().collect(), ..negative },
        serves_from: time(),
        listed_since: time(),
        closed_at: Some(time().plus_millis(-1000)),
        automatic,
        grants_until: Some(time().plus_millis(2000)),
        reason: 3,
        height: 5,
        since: time(),
    }
}

pub(crate) fn grant_state() -> GrantState {
    GrantState {
        status: GrantStatus::Live,
        resource: resource(),
        version: 1,
        receiver: OrganisationCode::new("11100000000013338W").unwrap(),
        fields: fields(),
        purpose: text("credit"),
        item: text("item"),
        from: time(),
        until: time().plus_millis(1000),
        limit: volume(),
        used: Volume::default(),
        windows: Windows::default(),
        denied: 2,
        mismatches: 1,
        level: Level::General2,
        conditions: Some(digest("conditions")),
        ended: None,
        reason: 0,
        height: 5,
    }
}

pub(crate) fn states() -> Vec<(&'static str, Vec<u8>)> {
    let demand = DemandState {
        status: DemandStatus::Met,
        organisation: receiver(),
        of: owner(),
        resource: Some(resource()),
        reason: 0,
        height: 5,
    };
    let calendar =
        CalendarState { authority: owner(), from_year: 2026, until_year: 2027, height: 5 };
    let request = RequestState {
        status: RequestStatus::AwaitingSecond,
        requester: receiver(),
        asked: request(),
        decision: Some(Decision::Grant(terms())),
        decided_by: Some(owner()),
        approvers: vec![digest("approver")],
        deadline: deadline(),
        reason: 0,
        height: 5,
        since: time(),
    };
    let delivery = DeliveryState {
        status: DeliveryStatus::Delivered,
        resource: resource(),
        server: owner(),
        content: digest("content"),
        fields: [0, 1].into_iter().collect(),
        purpose: text("credit"),
        volume: volume(),
        recipients: vec![recipient()],
        replaced_by: None,
        height: 5,
    };
    let access = AccessState {
        server: owner(),
        served: volume(),
        denied: 3,
        before: Windows { count: 7, served: volume(), denied: 4, last: 29_000_000 },
        root: digest("lines"),
        record: digest("r"),
        height: 5,
    };
    let reconciliation = ReconciliationState {
        status: ReconciliationStatus::Mismatched,
        served: Some(volume()),
        received: None,
        height: 5,
    };
    let provenance = ProvenanceState {
        origin: Origin::Derived,
        sources: sources(),
        record: digest("r"),
        height: 5,
    };
    let erasure = ErasureState { reason: 1, record: digest("r"), height: 5, since: time() };
    let serving = ServingState {
        turn: turn(),
        since: time(),
        until: Some(time().plus_millis(2000)),
        lines: 17,
        record: digest("r"),
        height: 5,
    };
    let over = TurnState {
        journal: digest("journal"),
        since: time(),
        until: Some(time().plus_millis(2000)),
        height: 5,
    };
    let vouched = DenialsState { count: 9, head: digest("head"), record: digest("r"), height: 5 };
    vec![
        ("state-resource", resource_state().to_der()),
        ("state-demand", demand.to_der()),
        ("state-calendar", calendar.to_der()),
        ("state-request", request.to_der()),
        ("state-grant", grant_state().to_der()),
        ("state-delivery", delivery.to_der()),
        ("state-access", access.to_der()),
        ("state-reconciliation", reconciliation.to_der()),
        ("state-provenance", provenance.to_der()),
        ("state-erasure", erasure.to_der()),
        ("state-serving", serving.to_der()),
        ("state-turn", over.to_der()),
        ("state-denials", vouched.to_der()),
    ]
}
