//! Assets: registered once, pledged to one at a time, moved by their owner's signature.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails has failed its test")]

#[path = "rig/credit.rs"]
mod credit;
#[path = "rig/world.rs"]
mod world;

use credit::*;
use world::{World, code};
use yinxin_ledger::{ApplyError, CreditError, Error, index_key};
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

fn release(asset: AssetKey) -> AssetAct {
    AssetAct::Release(EndPledge { asset, reason: 1 })
}

fn end(asset: AssetKey) -> EndAsset {
    EndAsset { asset, reason: 2, paper: digest("paper") }
}

#[test]
fn each_kind_has_one_custodian_for_good() {
    let mut world = World::credit();
    let appoint = |n| {
        let (kind, custodian) = (AssetKind::Invoice, code(n));
        AssetAct::AppointCustodian(AppointCustodian { kind, custodian, check: digest("check") })
    };
    let register = || AssetAct::Register(registration(1));
    assert_eq!(world.asset_refusal(REGISTER, register()), "CUSTODIAN_UNKNOWN");
    assert_eq!(world.asset_refusal(BANK, appoint(REGISTER)), "POWER_MISSING");
    assert_eq!(world.asset_refusal(CENTRE, appoint(77)), "ORGANISATION_UNKNOWN");
    assert_eq!(world.asset_refusal(CENTRE, appoint(REGISTER)), "");
    assert_eq!(world.asset_refusal(CENTRE, appoint(BANK)), "NOT_AUTHORITY");
    assert_eq!(world.asset_refusal(MARKET, register()), "POWER_MISSING");
    assert_eq!(world.asset_refusal(BANK, register()), "NOT_AUTHORITY");
    assert_eq!(world.asset_refusal(REGISTER, register()), "");
    assert_eq!(world.asset_refusal(REGISTER, register()), "ILLEGAL_MOVE");
}

#[test]
fn a_receivable_and_its_invoices_are_one_debt() {
    let receivable = |n: u8, invoices: &[u8]| {
        let asset = AssetKey { kind: AssetKind::Receivable, ..invoice(n) };
        let invoices = invoices.iter().map(|n| invoice(*n));
        let mut invoices: Vec<_> = invoices.collect();
        invoices.sort();
        AssetAct::Register(RegisterAsset { asset, invoices, ..registration(n) })
    };
    let key = |n: u8| AssetKey { kind: AssetKind::Receivable, ..invoice(n) };
    let mut world = World::credit();
    let first = world.registered(1);
    let appoint = AppointCustodian {
        kind: AssetKind::Receivable,
        custodian: code(REGISTER),
        check: digest("check"),
    };
    world.asset_act(CENTRE, AssetAct::AppointCustodian(appoint)).unwrap();
    // The invoice first: its receivable is refused, until the invoice is over.
    let refused = world.asset_act(REGISTER, receivable(9, &[1, 2])).unwrap_err();
    assert_eq!(refused, Error::Credit(CreditError::DebtRegistered { asset: first }));
    world.asset_act(REGISTER, AssetAct::Retire(end(first))).unwrap();
    assert_eq!(world.asset_refusal(REGISTER, receivable(9, &[1, 2])), "");
    // The receivable first: neither its invoice nor another receivable of it, until that is over.
    let refused = world.asset_act(REGISTER, AssetAct::Register(registration(2))).unwrap_err();
    assert_eq!(refused, Error::Credit(CreditError::DebtRegistered { asset: key(9) }));
    let other = world.asset_act(REGISTER, receivable(8, &[2, 3])).unwrap_err();
    assert_eq!(other.code(), "DEBT_REGISTERED");
    assert_eq!(world.asset_refusal(REGISTER, AssetAct::Register(registration(3))), "");
    world.asset_act(REGISTER, AssetAct::Retire(end(key(9)))).unwrap();
    assert_eq!(world.asset_refusal(REGISTER, AssetAct::Register(registration(2))), "");
}

#[test]
fn an_asset_is_pledged_to_one_and_the_refusal_says_to_whom() {
    let mut world = World::credit();
    let asset = world.registered(1);
    let act = AssetAct::Pledge(world.pledge(BANK, asset));
    let since = world.time;
    assert_eq!(world.asset_refusal(BANK, act), "");
    let act = AssetAct::Pledge(world.pledge(SECOND_BANK, asset));
    let refused = world.asset_act(SECOND_BANK, act).unwrap_err();
    let held = CreditError::AssetPledged { holder: code(BANK), since };
    assert_eq!(refused, Error::Credit(held));
    assert!(refused.to_string().contains(code(BANK).as_str()), "{refused}");
    // The same invoice under another spelling comes to the same key: it is not registered anew either.
    let again = AssetAct::Register(registration(1));
    let refused = world.asset_act(REGISTER, again).unwrap_err();
    assert_eq!(refused.code(), "ASSET_PLEDGED");
    assert_eq!(world.asset_refusal(SECOND_BANK, release(asset)), "NOT_AUTHORITY");
    let outcome = world.asset_act(BANK, release(asset)).unwrap();
    let held = index_key::pledgee(&code(BANK));
    assert!(
        outcome.index.iter().any(|(key, _)| key.starts_with(&held)),
        "the holder's index ends it"
    );
    assert_eq!(world.asset(&asset).unwrap().pledgee, None);
    let act = AssetAct::Pledge(world.pledge(SECOND_BANK, asset));
    assert_eq!(world.asset_refusal(SECOND_BANK, act), "");
}

/// Two banks hold the owner's signature for the same turn, and send at once: whichever comes first in the block wins.
#[test]
fn of_two_banks_at_once_exactly_one_wins() {
    for first in [BANK, SECOND_BANK] {
        let second = BANK + SECOND_BANK - first;
        let mut world = World::credit();
        let asset = world.registered(1);
        let pledges: Vec<_> = [first, second]
            .into_iter()
            .map(|n| {
                let act = Act::Asset(AssetAct::Pledge(world.pledge(n, asset)));
                world.record(n, act)
            })
            .collect();
        for pledge in &pledges {
            assert_eq!(world.check(pledge), Ok(()), "either could be committed alone");
        }
        let refused = world.block(&pledges).unwrap_err();
        let ApplyError::Record { index: 1, error: Error::Credit(error) } = refused else {
            panic!("{refused}")
        };
        let since = world.time;
        assert_eq!(error, CreditError::AssetPledged { holder: code(first), since });
        world.block(&pledges[..1]).unwrap();
        let refused = world.check(&pledges[1]).unwrap_err();
        assert_eq!(refused.code(), "ASSET_PLEDGED");
        assert_eq!(world.asset(&asset).unwrap().pledgee, Some(code(first)));
    }
}

#[test]
fn no_signature_of_an_owner_serves_twice() {
    let mut world = World::credit();
    let asset = world.registered(1);
    let good = world.pledge(BANK, asset);
    let forged = world.pledge_as(good.terms.clone(), FALSE_KEY);
    assert_eq!(world.asset_refusal(BANK, AssetAct::Pledge(forged)), "SIGNATURE");
    let taken = PledgeTerms { pledgee: code(SECOND_BANK), ..good.terms.clone() };
    let stolen = PledgeAsset { terms: taken, ..good.clone() };
    assert_eq!(world.asset_refusal(SECOND_BANK, AssetAct::Pledge(stolen)), "SIGNATURE");
    assert_eq!(world.asset_refusal(SECOND_BANK, AssetAct::Pledge(good.clone())), "NOT_AUTHORITY");
    assert_eq!(world.asset_refusal(BANK, AssetAct::Pledge(good.clone())), "");
    world.asset_act(BANK, release(asset)).unwrap();
    assert_eq!(world.asset_refusal(BANK, AssetAct::Pledge(good)), "TURN_OTHER");
    let nothing = world.pledge(BANK, invoice(9));
    assert_eq!(world.asset_refusal(BANK, AssetAct::Pledge(nothing)), "ILLEGAL_MOVE");
}

#[test]
fn an_asset_goes_to_another_owner_only_when_it_is_free() {
    let mut world = World::credit();
    let asset = world.registered(1);
    let transfer = |world: &World, turn, signer| {
        let to = company(2);
        let terms = TransferTerms { asset, turn, to, contract: digest("sale") };
        let signature = world.deal(&Deal::Transfer(terms.clone()), signer);
        AssetAct::Transfer(TransferAsset { terms, signature })
    };
    let act = AssetAct::Pledge(world.pledge(BANK, asset));
    world.asset_act(BANK, act).unwrap();
    let act = transfer(&world, 1, COMPANY_KEY);
    assert_eq!(world.asset_refusal(REGISTER, act), "ASSET_PLEDGED");
    world.asset_act(BANK, release(asset)).unwrap();
    let act = transfer(&world, 2, COMPANY_KEY);
    assert_eq!(world.asset_refusal(BANK, act.clone()), "NOT_AUTHORITY");
    let forged = transfer(&world, 2, FALSE_KEY);
    assert_eq!(world.asset_refusal(REGISTER, forged), "SIGNATURE");
    assert_eq!(world.asset_refusal(REGISTER, act), "");
    assert_eq!(world.asset(&asset).unwrap().owner, company(2));
    // The seller's signature pledges it no more.
    let act = AssetAct::Pledge(world.pledge(BANK, asset));
    assert_eq!(world.asset_refusal(BANK, act), "SUBJECT_KEY_UNKNOWN");
}

#[test]
fn what_is_retired_is_never_pledged_again() {
    let mut world = World::credit();
    let (free, held) = (world.registered(1), world.registered(2));
    let act = AssetAct::Pledge(world.pledge(BANK, held));
    world.asset_act(BANK, act).unwrap();
    let retire = |asset| AssetAct::Retire(end(asset));
    assert_eq!(world.asset_refusal(BANK, retire(free)), "NOT_AUTHORITY");
    assert_eq!(world.asset_refusal(REGISTER, retire(held)), "NOT_AUTHORITY");
    assert_eq!(world.asset_refusal(REGISTER, retire(free)), "");
    assert_eq!(world.asset_refusal(BANK, retire(held)), "");
    for asset in [free, held] {
        let act = AssetAct::Pledge(world.pledge(BANK, asset));
        assert_eq!(world.asset_refusal(BANK, act), "ILLEGAL_MOVE");
        let again = AssetAct::Register(RegisterAsset { asset, ..registration(1) });
        assert_eq!(world.asset_refusal(REGISTER, again), "ILLEGAL_MOVE");
    }
}

/// An invoice that was red-flushed after it was pledged: its pledgee finds it, and nobody takes it again.
#[test]
fn what_an_asset_stands_on_can_fall() {
    let mut world = World::credit();
    let (free, held) = (world.registered(1), world.registered(2));
    let act = AssetAct::Pledge(world.pledge(BANK, held));
    world.asset_act(BANK, act).unwrap();
    let impair = |asset| AssetAct::Impair(end(asset));
    assert_eq!(world.asset_refusal(BANK, impair(held)), "NOT_AUTHORITY");
    let outcome = world.asset_act(REGISTER, impair(held)).unwrap();
    let alert = index_key::pledgee(&code(BANK));
    assert!(outcome.index.iter().any(|(key, _)| key.starts_with(&alert)));
    assert_eq!(world.asset(&held).unwrap().status, AssetStatus::Impaired);
    let act = AssetAct::Pledge(world.pledge(SECOND_BANK, held));
    assert_eq!(world.asset_refusal(SECOND_BANK, act), "ASSET_PLEDGED");
    assert_eq!(world.asset_refusal(CENTRE, release(held)), "", "where a court says so");
    assert_eq!(world.asset(&held).unwrap().status, AssetStatus::Retired);
    assert_eq!(world.asset_refusal(REGISTER, impair(free)), "");
    assert_eq!(world.asset(&free).unwrap().status, AssetStatus::Retired);
}
