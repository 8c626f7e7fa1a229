//! Acts and states of shared data: one encoding each, frozen; strict against damage and beyond limits.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
#[allow(clippy::wildcard_imports, reason = "this file names nearly all of them")]
use yinxin_record::*;
use yinxin_verdict::UnixTime;

fn key(n: u8) -> PrivateKey {
    PrivateKey::from_bytes(&[n; 32]).unwrap()
}

fn owner() -> OrganisationCode {
    OrganisationCode::new("11430000006122244L").unwrap()
}

fn receiver() -> OrganisationCode {
    OrganisationCode::new("91350100M000100Y43").unwrap()
}

fn time() -> UnixTime {
    UnixTime::parse("2026-11-22T00:00:00Z").unwrap()
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn digest(what: &str) -> Digest {
    sm3::digest(what.as_bytes())
}

fn resource() -> ResourceCode {
    ResourceCode::of(&owner(), "306001/000123").unwrap()
}

fn fields() -> FieldSet {
    [0, 9].into_iter().collect()
}

fn volume() -> Volume {
    Volume { calls: 1, rows: 200, bytes: 1 << 40 }
}

fn deadline() -> Deadline {
    Deadline { at: time(), calendar: digest("2026") }
}

fn field(name: &str) -> ResourceField {
    ResourceField {
        name: text(name),
        kind: FieldKind::Code,
        level: Level::General2,
        masking: Masking::Partial,
        rule: Some(digest("rule")),
    }
}

fn publish() -> PublishResource {
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

fn request() -> RequestData {
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

fn terms() -> Terms {
    let conditions = Some(digest("conditions"));
    Terms { fields: fields(), until: time(), limit: volume(), conditions }
}

fn approval() -> Approval {
    Approval { approver: key_id(key(2).public_key()), signature: [9; 64] }
}

fn recipient() -> Recipient {
    Recipient { grant: digest("g"), organisation: receiver(), key: digest("key") }
}

fn deliver() -> Deliver {
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

fn window() -> AccessWindow {
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

fn turn() -> Turn {
    Turn { journal: digest("journal"), epoch: 3 }
}

fn open() -> OpenServing {
    OpenServing { resources: vec![resource()], turn: turn(), lines: 17, takes_over: TakesOver::Yes }
}

fn denials() -> Vec<Denial> {
    let denial = |reason, count| Denial { reason, count };
    vec![denial(DenialReason::Volume, 2), denial(DenialReason::Purpose, 1)]
}

fn sources() -> Vec<Source> {
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

fn derive() -> Derive {
    Derive {
        target: digest("target"),
        method: DeriveMethod::Joined,
        sources: sources(),
        rule: digest("rule"),
        purpose: text("credit"),
        subjects: vec![],
    }
}

fn recognise(of: CallReference) -> DataAct {
    let (grant, call, purpose) = (digest("g"), digest("call"), text("credit"));
    DataAct::Recognise(Recognise { grant, of, call, fields: fields(), purpose })
}

fn acts() -> Vec<(&'static str, DataAct)> {
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

fn record(act: DataAct) -> Record {
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

fn resource_state() -> ResourceState {
    let PublishResource { class, level, dual_control, negative, automatic, .. } = publish();
    ResourceState {
        status: ResourceStatus::Withdrawn,
        version: 1,
        class,
        level,
        dual_control,
        servers: vec![receiver()],
        negative: NegativeList { fields: [4].into_iter().collect(), ..negative },
        listed_since: time(),
        automatic,
        grants_until: Some(time().plus_millis(2000)),
        reason: 3,
        height: 5,
        since: time(),
    }
}

fn grant_state() -> GrantState {
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

fn states() -> Vec<(&'static str, Vec<u8>)> {
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
    let serving =
        ServingState { turn: turn(), since: time(), lines: 17, record: digest("r"), height: 5 };
    let over = TurnState {
        journal: digest("journal"),
        since: time(),
        until: Some(time().plus_millis(2000)),
        height: 5,
    };
    let vouched = DenialsState { count: 9, head: digest("head"), record: digest("r"), height: 5 };
    let server = ServerState { since: time(), until: Some(time().plus_millis(2000)), height: 5 };
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
        ("state-server", server.to_der()),
        ("state-serving", serving.to_der()),
        ("state-turn", over.to_der()),
        ("state-denials", vouched.to_der()),
    ]
}

#[test]
fn encodings_are_frozen() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/record/data.sm3");
    let records = acts().into_iter().map(|(name, act)| (name, record(act).to_der()));
    let approval = approval_bytes(&Digest::ZERO, &digest("q"), &Decision::Grant(terms()));
    let found: String = records
        .chain(states())
        .chain([("approval-bytes", approval)])
        .map(|(name, der)| format!("{name} {}\n", sm3::digest(&der)))
        .collect();
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), found, "{path}\n{found}");
}

#[test]
fn every_act_reads_back_and_damage_means_one_thing_or_nothing() {
    for (name, act) in acts() {
        let record = record(act);
        let bytes = record.to_der();
        assert_eq!(Record::from_der(&bytes), Ok(record), "{name}");
        for at in 0..bytes.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                if let Ok(read) = Record::from_der(&changed) {
                    assert_eq!(read.to_der(), changed, "{name} byte {at}");
                }
            }
            assert!(Record::from_der(&bytes[..at]).is_err(), "{name} cut at {at}");
        }
    }
}

#[test]
fn each_act_beyond_its_form_is_refused() {
    let many = |n: usize| {
        let mut list: Vec<_> = (0..n).map(|i| sm3::digest(&i.to_be_bytes())).collect();
        list.sort();
        list
    };
    let publish = |change: fn(&mut PublishResource)| {
        let mut act = publish();
        change(&mut act);
        DataAct::Publish(act)
    };
    let access = |change: fn(&mut AccessWindow)| {
        let mut act = window();
        change(&mut act);
        DataAct::Access(act)
    };
    let deliver = |change: fn(&mut Deliver)| {
        let mut act = deliver();
        change(&mut act);
        DataAct::Deliver(act)
    };
    let period = |from, until| {
        let (grant, counted) = (digest("g"), volume());
        DataAct::Reconcile(Reconcile { grant, from, until, counted, root: None })
    };
    let subjects = Subjects { pseudonyms: many(65), scope: None };
    let mut twice = sources();
    twice.push(Source::Document(digest("own")));
    let cases = [
        ("version 0", publish(|p| p.version = 0)),
        ("no field", publish(|p| p.fields.clear())),
        ("257 fields", publish(|p| p.fields = (0..257).map(|i| field(&i.to_string())).collect())),
        ("a field twice", publish(|p| p.fields[1].name = text("名称"))),
        ("a field above its resource", publish(|p| p.level = Level::General1)),
        ("core data with one approver", publish(|p| p.dual_control = Level::Core)),
        ("a rule for what is never shared", publish(|p| p.class = SharingClass::Never)),
        ("a list out of order", publish(|p| p.negative.purposes.reverse())),
        ("a rule for ever", publish(|p| p.automatic.as_mut().unwrap().days = 1831)),
        ("a rule for nothing", publish(|p| p.automatic.as_mut().unwrap().purposes.clear())),
        (
            "a request for nothing",
            DataAct::Request(RequestData { fields: FieldSet::default(), ..request() }),
        ),
        ("65 subjects", DataAct::Request(RequestData { subjects, ..request() })),
        ("a window without calls", access(|w| w.served.calls = 0)),
        ("a window without fields", access(|w| w.fields = FieldSet::default())),
        ("a minute beyond time", access(|w| w.minute = u64::MAX)),
        ("denials out of order", access(|w| w.denials.reverse())),
        ("no denial denied", access(|w| w.denials[0].count = 0)),
        ("a window of no turn", access(|w| w.turn.epoch = 0)),
        ("serving nothing", DataAct::OpenServing(OpenServing { resources: vec![], ..open() })),
        (
            "a resource twice",
            DataAct::OpenServing(OpenServing { resources: vec![resource(), resource()], ..open() }),
        ),
        (
            "an empty journal",
            DataAct::AnchorDenials(AnchorDenials {
                journal: digest("journal"),
                count: 0,
                head: Digest::ZERO,
            }),
        ),
        ("a delivery to nobody", deliver(|d| d.recipients.clear())),
        ("a delivery of two calls", deliver(|d| d.volume.calls = 2)),
        ("content in the clear", deliver(|d| d.envelope = d.content)),
        ("an empty period", period(5, 5)),
        ("a period backwards", period(6, 5)),
        ("a period of two years", period(0, 2 * 366 * 1440)),
        ("a source twice", DataAct::Derive(Derive { sources: twice, ..derive() })),
        ("no source", DataAct::Derive(Derive { sources: vec![], ..derive() })),
        (
            "its own source",
            DataAct::Derive(Derive { sources: vec![Source::Own(digest("target"))], ..derive() }),
        ),
    ];
    for (why, act) in cases {
        assert!(Record::from_der(&record(act).to_der()).is_err(), "{why}");
    }
}

#[test]
fn the_largest_publication_fits_a_record() {
    let mut act = publish();
    act.fields = (0..256).map(|i| field(&format!("{i:0>96}"))).collect();
    assert!(Record::from_der(&record(DataAct::Publish(act)).to_der()).is_ok());
}

#[test]
fn an_approval_is_for_one_decision_on_one_request_of_one_ledger() {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let (chain, id, decision) = (digest("chain"), digest("q"), Decision::Grant(terms()));
    let approval = Approval::sign(&chain, &id, &decision, &key(2), rng).unwrap();
    let key_2 = *key(2).public_key();
    assert_eq!(approval.verify(&chain, &id, &decision, &key_2), Ok(()));
    let no = Err(Error::Signature);
    assert_eq!(approval.verify(&digest("other"), &id, &decision, &key_2), no);
    assert_eq!(approval.verify(&chain, &digest("other"), &decision, &key_2), no);
    assert_eq!(approval.verify(&chain, &id, &Decision::Refuse(1), &key_2), no);
    assert_eq!(approval.verify(&chain, &id, &decision, key(3).public_key()), no);
}

#[test]
fn a_grant_permits_what_it_says_while_it_serves() {
    let (grant, resource) = (grant_state(), resource_state());
    let at = |ms| time().plus_millis(ms);
    let one: FieldSet = [0].into_iter().collect();
    let ask = |grant: &GrantState, resource: &ResourceState, fields: &FieldSet, purpose, ms| {
        grant.permits(resource, fields, &text(purpose), at(ms))
    };
    assert_eq!(ask(&grant, &resource, &one, "credit", 0), Ok(()));
    assert_eq!(ask(&grant, &resource, &one, "credit", 999), Ok(()));
    for (fields, purpose, ms, reason) in [
        (&one, "credit", -1, DenialReason::NotYet),
        (&one, "credit", 1000, DenialReason::Expired),
        (&one, "tax", 0, DenialReason::Purpose),
        (&one, "a", 0, DenialReason::NegativeList),
        (&FieldSet::default(), "credit", 0, DenialReason::Fields),
        (&[1].into_iter().collect(), "credit", 0, DenialReason::Fields),
        (&[0, 4].into_iter().collect(), "credit", 0, DenialReason::NegativeList),
    ] {
        assert_eq!(ask(&grant, &resource, fields, purpose, ms), Err(reason), "{purpose} {ms}");
    }
    let ended = GrantState { ended: Some(at(10)), ..grant.clone() };
    assert_eq!(ask(&ended, &resource, &one, "credit", 9), Ok(()));
    assert_eq!(ask(&ended, &resource, &one, "credit", 10), Err(DenialReason::Revoked));
    let withdrawn = ResourceState { grants_until: Some(at(5)), ..resource.clone() };
    assert_eq!(ask(&grant, &withdrawn, &one, "credit", 5), Err(DenialReason::Withdrawn));
    let listed = ResourceState { listed_since: at(7), class: SharingClass::Never, ..resource };
    assert_eq!(ask(&grant, &listed, &one, "credit", 6), Ok(()));
    assert_eq!(ask(&grant, &listed, &one, "credit", 7), Err(DenialReason::NegativeList));
    assert_eq!(grant.has_room(volume()), Ok(()));
    let more = Volume { rows: 201, ..volume() };
    assert_eq!(grant.has_room(more), Err(DenialReason::Volume));
    let used = |used| GrantState { used, ..grant.clone() };
    assert!(!used(volume()).is_exceeded() && used(more).is_exceeded());
}

#[test]
fn who_served_a_minute_is_known_after_it_serves_no_more() {
    let at = |ms| time().plus_millis(ms);
    let now = ServerState { since: at(100), until: None, height: 5 };
    let then = ServerState { until: Some(at(200)), ..now.clone() };
    let turn = TurnState { journal: digest("j"), since: at(100), until: None, height: 5 };
    let turned = TurnState { until: Some(at(200)), ..turn.clone() };
    for (from, until, unknown, serving, served) in [
        (0, 100, 0, false, false),
        (0, 101, 0, true, true),
        (199, 259, 0, true, true),
        (200, 260, 0, true, false),
        (234, 294, 35, true, true),
        (235, 295, 35, true, false),
    ] {
        assert_eq!(now.served(at(from), at(until), unknown), serving, "{from}");
        assert_eq!(then.served(at(from), at(until), unknown), served, "{from}");
        assert_eq!(turn.answered(at(from), at(until), unknown), serving, "{from}");
        assert_eq!(turned.answered(at(from), at(until), unknown), served, "{from}");
    }
}

#[test]
fn keys_of_states_are_found_by_their_text() {
    let (d, code) = (digest("a"), owner());
    for (kind, id, key) in [
        ("resource", resource().to_string(), state_key::resource(&resource())),
        (
            "resource-version",
            format!("{}@7", resource()),
            state_key::resource_version(&resource(), 7),
        ),
        ("request", d.to_string(), state_key::request(&d)),
        ("grant", d.to_string(), state_key::grant(&d)),
        ("access", format!("{d}@29000000"), state_key::access(&d, 29_000_000)),
        ("reconciliation", format!("{d}@5-9"), state_key::reconciliation(&d, 5, 9)),
        ("delivery", format!("{code}/{d}"), state_key::delivery(&code, &d)),
        ("delivered", format!("{d}/{code}/{d}"), state_key::delivered(&d, &code, &d)),
        ("server", format!("{}/{code}", resource()), state_key::server(&resource(), &code)),
        ("serving", format!("{}/{code}", resource()), state_key::serving(&resource(), &code)),
        (
            "serving-turn",
            format!("{}/{code}@7", resource()),
            state_key::serving_turn(&resource(), &code, 7),
        ),
        ("denials", format!("{code}/{d}"), state_key::denials(&code, &d)),
        ("provenance", format!("{code}/{d}"), state_key::provenance(&code, &d)),
        ("erasure", format!("{code}/{d}"), state_key::erasure(&code, &d)),
        ("demand", d.to_string(), state_key::demand(&d)),
        ("calendar", d.to_string(), state_key::calendar(&d)),
        ("approvers", code.to_string(), state_key::approvers(&code)),
    ] {
        assert!(state_key::KINDS.contains(&kind));
        assert_eq!(state_key::parse(kind, &id), Some(key.clone()), "{kind}");
        assert_eq!(key, format!("{kind}/{id}").into_bytes());
        assert_eq!(state_key::parse(kind, "?"), None, "{kind}");
    }
    assert_eq!(state_key::parse("access", &format!("{d}@05")), None, "one number, one text");
}
