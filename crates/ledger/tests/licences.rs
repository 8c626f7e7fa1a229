//! Licences: rules 40 to 47, and the whole life of many of them against a small model.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/world.rs"]
mod world;

use std::collections::BTreeMap;

use proptest::prelude::*;
use world::{World, identifier, licence, licence_type, start, type_code};
use yinxin_gm::sm3;
use yinxin_record::{
    Act, ChangeLicence, IssueLicence, LicenceAct, LicenceEvent, LicenceMove, LicenceState,
    LicenceStatus, LicenceUse, Text, next_licence_status, state_key,
};

fn issue(licence: IssueLicence) -> Act {
    Act::Licence(LicenceAct::Issue(licence))
}

fn moved(n: u8, serial: u16, version: u8, event: LicenceEvent) -> Act {
    let identifier = identifier(n, serial, version);
    let act = LicenceMove { identifier: identifier.clone(), reason: 2 };
    Act::Licence(match event {
        LicenceEvent::Suspend => LicenceAct::Suspend(act),
        LicenceEvent::Resume => LicenceAct::Resume(act),
        LicenceEvent::Cancel => LicenceAct::Cancel(act),
        LicenceEvent::Revoke => LicenceAct::Revoke(act),
        LicenceEvent::Archive => LicenceAct::Archive(act),
        LicenceEvent::Issue => LicenceAct::Issue(licence(n, serial, version)),
        LicenceEvent::Replace => LicenceAct::Change(ChangeLicence {
            previous: identifier,
            reason: 2,
            next: licence(n, serial, version + 1),
        }),
        _ => LicenceAct::Use(LicenceUse {
            identifier,
            copy: sm3::digest(b"copy"),
            purpose: Text::new("bid").unwrap(),
            until: None,
        }),
    })
}

#[test]
fn a_type_is_published_by_its_authority_in_rising_versions() {
    let mut world = World::new();
    assert_eq!(world.act(2, licence_type(1, 1, &[2])).unwrap_err().code(), "NOT_AUTHORITY");
    world.act(1, licence_type(1, 2, &[1])).unwrap();
    assert_eq!(world.act(1, licence_type(1, 2, &[1, 2])).unwrap_err().code(), "TYPE_VERSION");
    assert_eq!(world.act(2, issue(licence(2, 1, 1))).unwrap_err().code(), "NOT_AUTHORITY");
    world.act(1, licence_type(1, 3, &[1, 2])).unwrap();
    world.act(2, issue(licence(2, 1, 1))).unwrap();
}

#[test]
fn a_licence_is_issued_under_its_type_by_its_issuer_once() {
    let mut world = World::new();
    assert_eq!(world.act(1, issue(licence(1, 1, 1))).unwrap_err().code(), "TYPE_UNKNOWN");
    world.act(1, licence_type(1, 1, &[1])).unwrap();
    let foreign = licence(2, 1, 1);
    assert_eq!(world.act(1, issue(foreign)).unwrap_err().code(), "IDENTIFIER_FOREIGN");
    let other_type = IssueLicence { type_code: type_code(2), ..licence(1, 1, 1) };
    assert_eq!(world.act(1, issue(other_type)).unwrap_err().code(), "TYPE_UNKNOWN");
    let never = IssueLicence { valid_until: Some(start()), ..licence(1, 1, 1) };
    assert_eq!(world.act(1, issue(never)).unwrap_err().code(), "NEVER_VALID");
    let outcome = world.act(1, issue(licence(1, 1, 1))).unwrap();
    let state: LicenceState = world.load(&state_key::licence(&identifier(1, 1, 1))).unwrap();
    assert_eq!((state.status, state.height), (LicenceStatus::Active, 2));
    assert_eq!(outcome.index.len(), 4, "by organisation, licence, file and content");
    assert_eq!(world.act(1, issue(licence(1, 1, 1))).unwrap_err().code(), "ILLEGAL_MOVE");
}

#[test]
fn a_change_names_the_next_version_of_the_same_licence() {
    let mut world = World::new();
    world.act(1, licence_type(1, 1, &[1])).unwrap();
    world.act(1, issue(licence(1, 1, 2))).unwrap();
    let change = |next| {
        let previous = identifier(1, 1, 2);
        Act::Licence(LicenceAct::Change(ChangeLicence { previous, reason: 5, next }))
    };
    for (next, reason) in [
        (licence(1, 1, 2), "NOT_NEXT_VERSION"),
        (licence(1, 1, 1), "NOT_NEXT_VERSION"),
        (licence(1, 2, 3), "NOT_NEXT_VERSION"),
        (licence(2, 1, 3), "NOT_NEXT_VERSION"),
    ] {
        assert_eq!(world.act(1, change(next)).unwrap_err().code(), reason);
    }
    world.act(1, change(licence(1, 1, 3))).unwrap();
    let load =
        |v| -> LicenceState { world.load(&state_key::licence(&identifier(1, 1, v))).unwrap() };
    let (old, new) = (load(2), load(3));
    assert_eq!(
        (old.status, old.next, old.reason),
        (LicenceStatus::Replaced, Some(identifier(1, 1, 3)), 5)
    );
    assert_eq!((new.status, new.previous), (LicenceStatus::Active, Some(identifier(1, 1, 2))));
}

#[test]
fn no_copy_is_made_of_an_expired_licence() {
    let mut world = World::new();
    world.act(1, licence_type(1, 1, &[1])).unwrap();
    let until = start().plus_millis(3_600_000);
    world.act(1, issue(IssueLicence { valid_until: Some(until), ..licence(1, 1, 1) })).unwrap();
    world.act(1, moved(1, 1, 1, LicenceEvent::Use)).unwrap();
    world.time = until;
    assert_eq!(
        world.act(1, moved(1, 1, 1, LicenceEvent::Use)).unwrap_err().code(),
        "LICENCE_EXPIRED"
    );
    world.act(1, moved(1, 1, 1, LicenceEvent::Cancel)).unwrap();
}

#[test]
fn only_the_issuer_moves_a_licence() {
    let mut world = World::new();
    world.act(1, licence_type(1, 1, &[1, 2])).unwrap();
    world.act(1, issue(licence(1, 1, 1))).unwrap();
    for event in LicenceEvent::ALL.iter().filter(|e| **e != LicenceEvent::Issue) {
        let error = world.act(2, moved(1, 1, 1, *event)).unwrap_err();
        assert_eq!(error.code(), "NOT_ISSUER", "{event:?}");
    }
}

fn event() -> impl Strategy<Value = LicenceEvent> {
    prop::sample::select(LicenceEvent::ALL)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The model: each identifier has an owner and a status; whoever is not the owner is refused, and so is what has no row.
    #[test]
    fn the_ledger_and_a_small_model_agree(
        steps in prop::collection::vec((1..=3_u8, 0..3_u16, 1..=3_u8, event(), any::<bool>()), 1..60),
    ) {
        let mut world = World::new();
        world.act(1, licence_type(1, 1, &[1, 2])).unwrap();
        let mut model: BTreeMap<(u8, u16, u8), LicenceStatus> = BTreeMap::new();
        for (sender, serial, version, event, own) in steps {
            // Licences are those of organisations 1 and 2; the third may do nothing.
            let owner = if own && sender < 3 { sender } else { 1 + (sender + 1) % 2 };
            let place = (owner, serial, version);
            let next_place = (owner, serial, version + 1);
            let to = next_licence_status(model.get(&place).copied(), event);
            let free = event != LicenceEvent::Replace || !model.contains_key(&next_place);
            let expected = sender == owner && to.is_ok() && free;
            let outcome = world.act(sender, moved(owner, serial, version, event));
            prop_assert_eq!(outcome.is_ok(), expected, "{:?} {:?} {:?}", place, event, outcome.err());
            if expected {
                model.insert(place, to.unwrap());
                if event == LicenceEvent::Replace {
                    model.insert(next_place, LicenceStatus::Active);
                }
            }
            for (place, status) in &model {
                let key = state_key::licence(&identifier(place.0, place.1, place.2));
                prop_assert_eq!(world.load::<LicenceState>(&key).map(|s| s.status), Some(*status));
            }
        }
    }
}
