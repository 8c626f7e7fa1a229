//! Where shared data came from: what is derived, recognised and found again (rules 86, 87, the index), and each way to misuse that.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/share.rs"]
mod share;
#[path = "rig/world.rs"]
mod world;

use share::*;
use world::{World, anchor, code};
use yinxin_ledger::index_key::{self, Edge, Relation};
use yinxin_record::{
    CallReference, DataAct, Decision, DeliveredContent, DeriveMethod, EndGrant, Erase, GrantedData,
    Node, Origin, ProvenanceState, Recognise, RecordReference, RequestData, ResourceVersion,
    Source, Subjects, WindowReference, state_key,
};

#[test]
fn something_is_derived_from_what_is_known_and_ones_own() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    world.data(OWNER, DataAct::Deliver(world.delivery(&[(grant, RECEIVER)], "e"))).unwrap();
    let content = |server, content| {
        let content = Some(DeliveredContent { server, content });
        Source::Grant(GrantedData { grant, fields: fields(&[0]), content })
    };
    let version =
        |version| Source::Resource(ResourceVersion { resource: resource_code(1), version });
    let foreign = RecordReference { chain_id: digest("elsewhere"), record: digest("r") };
    for (n, sources, reason) in [
        (AUTHORITY, vec![Source::Document(digest("a"))], "POWER_MISSING"),
        (RECEIVER, vec![version(1)], "SOURCE_UNKNOWN"),
        (OWNER, vec![version(2)], "SOURCE_UNKNOWN"),
        (RECEIVER, vec![Source::Document(digest("a"))], "SOURCE_UNKNOWN"),
        (RECEIVER, vec![Source::Own(digest("content"))], "SOURCE_UNKNOWN"),
        (RECEIVER, vec![from_grant(grant, &[2])], "WRONG_FIELDS"),
        (OTHER, vec![from_grant(grant, &[0])], "NOT_AUTHORITY"),
        (RECEIVER, vec![content(code(SERVER), digest("content"))], "SOURCE_UNKNOWN"),
        (RECEIVER, vec![content(code(OWNER), digest("?"))], "SOURCE_UNKNOWN"),
    ] {
        let act = DataAct::Derive(derive("t", sources.clone()));
        assert_eq!(world.refused(n, act), reason, "{n} {sources:?}");
    }
    let mut wrong = derive("t", vec![from_grant(grant, &[0])]);
    wrong.purpose = text("tax");
    assert_eq!(world.refused(RECEIVER, DataAct::Derive(wrong)), "WRONG_PURPOSE");
    let good = vec![content(code(OWNER), digest("content")), Source::Record(foreign)];
    let outcome = world.data(RECEIVER, DataAct::Derive(derive("t", good))).unwrap();
    let again = derive("t", vec![from_grant(grant, &[0])]);
    assert_eq!(world.refused(RECEIVER, DataAct::Derive(again)), "TARGET_KNOWN");
    let state: ProvenanceState =
        world.load(&state_key::provenance(&code(RECEIVER), &digest("t"))).unwrap();
    assert_eq!((state.origin, state.sources.len()), (Origin::Derived, 2));
    // Every edge is found from either end.
    let target = Node::Content(digest("t"));
    let ends = |prefix: Vec<u8>| -> Vec<Edge> {
        let under = outcome.index.iter().filter(|(key, _)| key.starts_with(&prefix));
        under.map(|(_, value)| Edge::from_bytes(value).unwrap()).collect()
    };
    let back = ends(index_key::backward(&target));
    assert_eq!(back.len(), 3, "the grant, its content, and the record elsewhere");
    for edge in back {
        assert_eq!(edge.relation, Relation::Derived(DeriveMethod::Masked));
        let forth = ends(index_key::forward(&edge.node));
        assert!(forth.iter().any(|e| e.node == target && e.record == edge.record));
    }
    world.data(OWNER, DataAct::Derive(derive("m", vec![version(1)]))).unwrap();
    world.data(SERVER, DataAct::Derive(derive("m", vec![version(1)]))).unwrap();
}

/// A receiver names what it was given, by the grant under which it was given.
#[test]
fn content_is_a_source_only_under_the_grant_that_it_was_delivered_to() {
    let mut world = World::sharing();
    world.data(OWNER, DataAct::Publish(publication(2, 1))).unwrap();
    let (insurance, given) = (world.granted(RECEIVER), world.granted(OTHER));
    let asked = RequestData { resource: resource_code(2), ..world.asked() };
    let tax = world.request(RECEIVER, asked).unwrap();
    let decision = Decision::Grant(world.terms(&tax));
    world.decide(OWNER, tax, decision, CLERK).unwrap();
    let mut delivery = world.delivery(&[(tax, RECEIVER)], "tax");
    (delivery.resource, delivery.content) = (resource_code(2), digest("tax content"));
    world.data(OWNER, DataAct::Deliver(delivery)).unwrap();
    let first = world.delivery(&[(given, OTHER)], "first");
    world.data(SERVER, DataAct::Deliver(first.clone())).unwrap();
    let version = ResourceVersion { resource: resource_code(1), version: 1 };
    let made = derive("made, never delivered", vec![Source::Resource(version)]);
    world.data(OWNER, DataAct::Derive(made)).unwrap();
    let source = |grant, server, content| {
        let content = Some(DeliveredContent { server: code(server), content: digest(content) });
        Source::Grant(GrantedData { grant, fields: fields(&[0]), content })
    };
    let from = |target, source| DataAct::Derive(derive(target, vec![source]));
    for (grant, server, content, why) in [
        (insurance, OWNER, "tax content", "delivered under another grant, of another resource"),
        (insurance, SERVER, "content", "delivered to somebody else"),
        (insurance, OWNER, "made, never delivered", "nobody was given it"),
        (tax, SERVER, "tax content", "delivered by another server"),
    ] {
        let act = from("t", source(grant, server, content));
        assert_eq!(world.refused(RECEIVER, act), "SOURCE_UNKNOWN", "{why}");
    }
    let both = [source(insurance, OWNER, "tax content"), source(tax, OWNER, "tax content")];
    let both = DataAct::Derive(derive("t", both.to_vec()));
    assert_eq!(
        world.refused(RECEIVER, both),
        "SOURCE_UNKNOWN",
        "one grant does not speak for another"
    );
    world.data(RECEIVER, from("from tax", source(tax, OWNER, "tax content"))).unwrap();
    // Who is added to an envelope is given its content then, and who is taken out of the next one was given it.
    let mut added = world.delivery(&[(insurance, RECEIVER)], "added");
    added.replaces = Some(first.envelope);
    world.data(SERVER, DataAct::Deliver(added)).unwrap();
    world.data(RECEIVER, from("t", source(insurance, SERVER, "content"))).unwrap();
    world.data(OTHER, from("t", source(given, SERVER, "content"))).unwrap();
}

#[test]
fn what_one_organisation_says_has_no_circle() {
    let mut world = World::with_powers(&[33, 1, 1]);
    world.act(1, anchor("a")).unwrap();
    world.act(1, anchor("b")).unwrap();
    let from = |target, source| DataAct::Derive(derive(target, vec![source]));
    world.data(1, from("b", Source::Document(digest("a")))).unwrap();
    assert_eq!(world.refused(1, from("a", Source::Own(digest("b")))), "TARGET_KNOWN");
    assert_eq!(world.refused(1, from("a", Source::Document(digest("b")))), "TARGET_KNOWN");
    assert_eq!(world.refused(1, from("b", Source::Own(digest("a")))), "TARGET_KNOWN");
    world.data(1, from("c", Source::Own(digest("b")))).unwrap();
}

/// Nor has what it was given: the content of a delivery is a source like any other.
#[test]
fn content_that_was_a_source_is_no_target() {
    let mut world = World::sharing();
    let grant = world.granted(RECEIVER);
    world.data(OWNER, DataAct::Deliver(world.delivery(&[(grant, RECEIVER)], "e"))).unwrap();
    let delivered = DeliveredContent { server: code(OWNER), content: digest("content") };
    let given =
        Source::Grant(GrantedData { grant, fields: fields(&[0]), content: Some(delivered) });
    let from = |target, source| DataAct::Derive(derive(target, vec![source]));
    assert_eq!(world.refused(RECEIVER, from("content", given.clone())), "TARGET_KNOWN");
    world.data(RECEIVER, from("t", given)).unwrap();
    let back = from("content", Source::Own(digest("t")));
    assert_eq!(world.refused(RECEIVER, back), "TARGET_KNOWN");
    world.data(RECEIVER, from("u", Source::Own(digest("t")))).unwrap();
    let erase = Erase { digest: digest("content"), grant: None, reason: 1, minutes: None };
    let alone = DataAct::Erase(erase.clone());
    assert_eq!(world.refused(RECEIVER, alone), "SOURCE_UNKNOWN", "had under its grant only");
    world.data(RECEIVER, DataAct::Erase(Erase { grant: Some(grant), ..erase })).unwrap();
}

#[test]
fn a_call_is_recognised_under_a_grant_of_ones_own() {
    let mut world = World::sharing();
    let (theirs, own) = (world.granted(RECEIVER), world.granted(OTHER));
    let minute = world.minute();
    world.later(3 * 60_000);
    world.data(SERVER, DataAct::Access(world.window(theirs, minute + 1))).unwrap();
    let recognise = |grant, minute, numbers: &[u8]| {
        let of = CallReference::Window(WindowReference { grant: theirs, minute });
        let (call, fields, purpose) = (digest("call"), fields(numbers), credit());
        DataAct::Recognise(Recognise { grant, of, call, fields, purpose })
    };
    assert_eq!(world.refused(RECEIVER, recognise(own, minute + 1, &[0])), "NOT_AUTHORITY");
    assert_eq!(world.refused(OTHER, recognise(digest("?"), minute + 1, &[0])), "ILLEGAL_MOVE");
    assert_eq!(world.refused(OTHER, recognise(own, minute + 2, &[0])), "SOURCE_UNKNOWN");
    assert_eq!(world.refused(OTHER, recognise(own, minute + 1, &[2])), "WRONG_FIELDS");
    world.data(OTHER, recognise(own, minute + 1, &[0])).unwrap();
    world.data(OWNER, DataAct::Revoke(EndGrant { grant: own, reason: 1 })).unwrap();
    assert_eq!(world.refused(OTHER, recognise(own, minute + 1, &[0])), "ILLEGAL_MOVE");
}

#[test]
fn entries_are_found_from_every_end_as_of_any_height() {
    let mut world = World::sharing();
    let mut pseudonyms = vec![digest("p1"), digest("p2")];
    pseudonyms.sort();
    let subjects = Subjects { pseudonyms, scope: None };
    let asked = RequestData { subjects, ..world.asked() };
    let height = world.height;
    let outcome = world.data(RECEIVER, DataAct::Request(asked)).unwrap();
    let id = outcome.results[0].id;
    for prefix in [
        index_key::resource(&resource_code(1)),
        index_key::request(&id),
        index_key::provider(&code(OWNER)),
        index_key::consumer(&code(RECEIVER)),
        index_key::organisation(&code(RECEIVER)),
        index_key::subject(&digest("p1")),
        index_key::subject(&digest("p2")),
    ] {
        let under: Vec<_> = outcome.index.iter().filter(|(k, _)| k.starts_with(&prefix)).collect();
        assert_eq!(under.len(), 1, "{}", String::from_utf8_lossy(&prefix));
        let (key, value) = under[0];
        assert_eq!(index_key::place(&prefix, key), Some((height, 0)));
        assert_eq!(value.as_slice(), id.as_bytes());
        assert!(*key < index_key::after(&prefix, height));
        assert!(*key >= index_key::after(&prefix, height - 1));
    }
    let decision = Decision::Grant(world.terms(&id));
    let outcome = world.decide(OWNER, id, decision, CLERK).unwrap();
    let version = ResourceVersion { resource: resource_code(1), version: 1 };
    let prefix = index_key::forward(&Node::Resource(version));
    let (key, value) = outcome.index.iter().find(|(k, _)| k.starts_with(&prefix)).unwrap();
    assert_eq!(index_key::place(&prefix, key), Some((height + 1, 0)));
    let edge = Edge::from_bytes(value).unwrap();
    assert_eq!((edge.relation, edge.node), (Relation::Granted, Node::Grant(id)));
    let keys: std::collections::BTreeSet<_> = outcome.index.iter().map(|(k, _)| k).collect();
    assert_eq!(keys.len(), outcome.index.len(), "each key once");
}
