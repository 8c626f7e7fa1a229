//! Acts and states of shared data: one encoding each, frozen; strict against damage and beyond limits.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "data/samples.rs"]
mod samples;

use samples::*;
use yinxin_gm::{Digest, sm3};
#[allow(clippy::wildcard_imports, reason = "this file names nearly all of them")]
use yinxin_record::*;

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
    let closed = ResourceState { closed_at: Some(at(7)), ..resource };
    assert_eq!(ask(&grant, &closed, &one, "credit", 6), Ok(()));
    assert_eq!(ask(&grant, &closed, &one, "credit", 7), Err(DenialReason::NegativeList));
    let later = GrantState { from: at(8), ..grant.clone() };
    assert_eq!(ask(&later, &closed, &one, "credit", 8), Ok(()), "given after it was shared again");
    assert_eq!(grant.has_room(volume()), Ok(()));
    let more = Volume { rows: 201, ..volume() };
    assert_eq!(grant.has_room(more), Err(DenialReason::Volume));
    let used = |used| GrantState { used, ..grant.clone() };
    assert!(!used(volume()).is_exceeded() && used(more).is_exceeded());
}

#[test]
fn a_turn_is_known_after_it_is_over() {
    let at = |ms| time().plus_millis(ms);
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
