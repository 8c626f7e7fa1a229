//! Random lives of invoices against a small model: whoever comes first holds, and nobody else until it is released.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/credit.rs"]
mod credit;
#[path = "rig/world.rs"]
mod world;

use std::collections::BTreeMap;

use credit::*;
use proptest::prelude::*;
use world::{World, code};
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

#[derive(Clone, Debug)]
enum Step {
    Register,
    /// With the owner's signature for this turn or an earlier one.
    Pledge {
        stale: bool,
        signed: bool,
    },
    Release,
    Transfer {
        signed: bool,
    },
    Retire,
    Impair,
}

fn step() -> impl Strategy<Value = Step> {
    let mostly = || prop::bool::weighted(0.85);
    prop_oneof![
        3 => Just(Step::Register),
        8 => (prop::bool::weighted(0.2), mostly())
            .prop_map(|(stale, signed)| Step::Pledge { stale, signed }),
        5 => Just(Step::Release),
        2 => mostly().prop_map(|signed| Step::Transfer { signed }),
        1 => Just(Step::Retire),
        1 => Just(Step::Impair),
    ]
}

/// An invoice as the model sees it.
#[derive(Clone, Debug, PartialEq)]
struct Invoice {
    stands: &'static str,
    /// Company 1 or 2; both sign with keys that the centre registered.
    owner: u8,
    holder: Option<u8>,
    moves: u64,
}

const BANKS: [u8; 2] = [BANK, SECOND_BANK];
const ASSETS: [u8; 3] = [BANK, SECOND_BANK, REGISTER];

fn signer(owner: u8) -> u8 {
    if owner == 1 { COMPANY_KEY } else { 213 }
}

fn end(asset: AssetKey) -> EndAsset {
    EndAsset { asset, reason: 2, paper: digest("paper") }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_invoice_has_one_holder_at_a_time(
        steps in prop::collection::vec((1..=7_u8, prop::bool::weighted(0.8), 1..=2_u8, step()), 1..50),
    ) {
        let mut world = World::credit();
        world.credit_act(CENTRE, subject_key(2, 213)).unwrap();
        world.registered(9);
        let mut invoices: BTreeMap<u8, Invoice> = BTreeMap::new();
        for (n, by_book, which, step) in steps {
            let asset = invoice(which);
            let old = invoices.get(&which).cloned();
            let n = match (&step, by_book) {
                (_, false) => n,
                (Step::Pledge { .. }, _) => BANKS[usize::from(n) % 2],
                (Step::Release | Step::Retire, _) => {
                    old.as_ref().and_then(|o| o.holder).unwrap_or(REGISTER)
                }
                _ => REGISTER,
            };
            let mut next = old.clone();
            let moves = old.as_ref().map_or(0, |o| o.moves);
            let (stands, owner) = old.as_ref().map_or(("none", 1), |o| (o.stands, o.owner));
            let holder = old.as_ref().and_then(|o| o.holder);
            let live = ["free", "pledged", "impaired"].contains(&stands);
            let (holds, act) = match &step {
                Step::Register => {
                    let new = Invoice { stands: "free", owner: 1, holder: None, moves: 0 };
                    next = Some(new);
                    (n == REGISTER && stands == "none", AssetAct::Register(registration(which)))
                }
                Step::Pledge { stale, signed } => {
                    let turn = if *stale { moves.wrapping_sub(1) } else { moves };
                    let terms = PledgeTerms { asset, turn, pledgee: code(n), contract: digest("c") };
                    let key = if *signed { signer(owner) } else { FALSE_KEY };
                    let holds = stands == "free" && ASSETS.contains(&n) && !stale && *signed;
                    next.iter_mut().for_each(|i| (i.stands, i.holder) = ("pledged", Some(n)));
                    (holds, AssetAct::Pledge(world.pledge_as(terms, key)))
                }
                Step::Release => {
                    let held = stands == "pledged" || stands == "impaired";
                    let after = if stands == "pledged" { "free" } else { "retired" };
                    next.iter_mut().for_each(|i| (i.stands, i.holder) = (after, None));
                    let act = AssetAct::Release(EndPledge { asset, reason: 1 });
                    (held && (holder == Some(n) || n == CENTRE), act)
                }
                Step::Transfer { signed } => {
                    let to = 3 - owner;
                    let contract = digest("sale");
                    let terms = TransferTerms { asset, turn: moves, to: company(to), contract };
                    let key = if *signed { signer(owner) } else { FALSE_KEY };
                    let signature = world.deal(&Deal::Transfer(terms.clone()), key);
                    next.iter_mut().for_each(|i| i.owner = to);
                    let act = AssetAct::Transfer(TransferAsset { terms, signature });
                    (n == REGISTER && stands == "free" && *signed, act)
                }
                Step::Retire => {
                    let may = holder.map_or(n == REGISTER, |holder| holder == n);
                    next.iter_mut().for_each(|i| i.stands = "retired");
                    (live && may, AssetAct::Retire(end(asset)))
                }
                Step::Impair => {
                    let after = if stands == "pledged" { "impaired" } else { "retired" };
                    next.iter_mut().for_each(|i| i.stands = after);
                    let holds = n == REGISTER && ["free", "pledged"].contains(&stands);
                    (holds, AssetAct::Impair(end(asset)))
                }
            };
            let pledge = matches!(step, Step::Pledge { .. });
            let outcome = world.asset_act(n, act);
            prop_assert_eq!(outcome.is_ok(), holds, "{} {:?}: {:?}", n, step, outcome.err());
            if let (true, Err(error), Some(holder)) = (pledge && live && ASSETS.contains(&n), &outcome, holder) {
                prop_assert_eq!(error.code(), "ASSET_PLEDGED");
                prop_assert!(error.to_string().contains(code(holder).as_str()), "it says who holds");
            }
            if holds {
                let mut next = next.expect("what moved is there");
                next.moves = if matches!(step, Step::Register) { 0 } else { moves + 1 };
                invoices.insert(which, next);
            }
            for (which, model) in &invoices {
                let state = world.asset(&invoice(*which)).expect("nothing is erased");
                prop_assert_eq!(state.status.name(), model.stands);
                prop_assert_eq!(&state.owner, &company(model.owner));
                prop_assert_eq!(state.turn, model.moves);
                prop_assert_eq!(state.pledgee, model.holder.map(code));
            }
        }
    }
}
