//! Acts and states of credit and assets: one encoding each, frozen; strict against damage and beyond limits.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "credit/assets.rs"]
mod assets;
#[path = "credit/cases.rs"]
mod cases;
#[path = "credit/samples.rs"]
mod samples;

use assets::*;
use cases::*;
use samples::*;
use yinxin_gm::{Digest, sm3};
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

fn frozen(file: &str, lines: impl Iterator<Item = (&'static str, Vec<u8>)>) {
    let path = format!("{}/../../vectors/record/{file}", env!("CARGO_MANIFEST_DIR"));
    let found: String =
        lines.map(|(name, der)| format!("{name} {}\n", sm3::digest(&der))).collect();
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), found, "{path}\n{found}");
}

fn records(acts: Vec<(&'static str, Act)>) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    acts.into_iter().map(|(name, act)| (name, record(act).to_der()))
}

#[test]
fn encodings_of_credit_are_frozen() {
    let authorisation = authorisation().bytes(&Digest::ZERO);
    let signed = [
        ("authorisation-bytes", authorisation),
        ("revocation-bytes", revocation_bytes(&Digest::ZERO, &digest("a"))),
    ];
    let chain = EventChain::replay(&company(), [&digest("a"), &digest("b")]);
    let chains =
        [("chain", chain.to_der()), ("chain-start", EventChain::start(&person()).to_der())];
    frozen("credit.sm3", records(credit_acts()).chain(credit_states()).chain(signed).chain(chains));
}

#[test]
fn encodings_of_assets_are_frozen() {
    let signed = [("deal-bytes", deal_bytes(&Digest::ZERO, &Deal::Transfer(transfer_terms())))];
    frozen("asset.sm3", records(asset_acts()).chain(asset_states()).chain(signed));
}

#[test]
fn every_act_reads_back_and_damage_means_one_thing_or_nothing() {
    for (name, act) in credit_acts().into_iter().chain(asset_acts()) {
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
    let class = |change: fn(&mut PublishClass)| {
        let mut act = black_list();
        change(&mut act);
        CreditAct::PublishClass(act)
    };
    let batch = |change: fn(&mut CreditBatch)| {
        let mut act = batch();
        change(&mut act);
        CreditAct::Batch(act)
    };
    let authorise = |change: fn(&mut Authorisation)| {
        let mut terms = authorisation();
        change(&mut terms);
        CreditAct::Authorise(Authorise { terms, signature: [9; 64] })
    };
    let decide = |change: fn(&mut DecideSourceCase)| {
        let mut act = decide_case();
        change(&mut act);
        CreditAct::DecideCase(act)
    };
    let raised = || {
        let acts = credit_acts().into_iter();
        acts.filter_map(|(_, act)| match act {
            Act::Credit(act @ CreditAct::RaiseCase(_)) => Some(act),
            _ => None,
        })
        .next()
        .unwrap()
    };
    let apply = |evidence| CreditAct::ApplyRepair(ApplyRepair { evidence, ..apply_repair() });
    let twice = vec![evidence("a"), evidence("a")];
    let conditions = ExitGround::Conditions(Conditions { evidence: twice.clone() });
    let cases = [
        ("version 0", class(|c| c.version = 0)),
        ("ended before it began", class(|c| c.valid_until = Some(c.valid_from))),
        ("no law", class(|c| c.laws.clear())),
        ("laws out of order", class(|c| c.laws.reverse())),
        ("a law twice", class(|c| c.laws[1] = c.laws[0].clone())),
        ("65 recorders", class(|c| c.recorders = vec![authority(); 65])),
        ("a list without rules", class(|c| c.list = None)),
        ("rules of a list for what is none", class(|c| c.kind = ClassKind::Penalty)),
        ("repair of what is not adverse", class(|c| c.degree = Degree::None)),
        ("a minimum above the maximum", class(|c| c.term.min_months = 37)),
        ("101 years", class(|c| c.term.max_months = Some(1212))),
        ("no time to publish", class(|c| c.limits.publish_days = Some(0))),
        ("more than a year to answer", class(|c| c.limits.objection_days = 251)),
        ("no time to decide", class(|c| c.repair.as_mut().unwrap().days = 0)),
        ("measures out of order", class(|c| c.list.as_mut().unwrap().measures.reverse())),
        ("a measure without a law", class(|c| c.list.as_mut().unwrap().measures[0].laws.clear())),
        (
            "five laws of a measure",
            class(|c| {
                let laws = &mut c.list.as_mut().unwrap().measures[0].laws;
                *laws = (0..5).map(|law| text(&law.to_string())).collect();
            }),
        ),
        ("no time to lift", class(|c| c.list.as_mut().unwrap().lift_days = 0)),
        ("batches of what rests on another class", class(|c| c.batch = 1)),
        ("batch 0", batch(|b| b.sequence = 0)),
        ("an empty batch", batch(|b| b.counts.clear())),
        ("a class of no records", batch(|b| b.counts[0].count = 0)),
        ("more late than had to be in time", batch(|b| b.counts[0].late = b.counts[0].due + 1)),
        ("more with a day than there are", batch(|b| b.counts[0].due = b.counts[0].count + 1)),
        ("classes out of order", batch(|b| b.counts.reverse())),
        ("a batch that changes nothing", batch(|b| b.after = b.before)),
        ("too many records", batch(|b| b.counts[0].count = MAX_BATCH_RECORDS)),
        ("a sum that would wrap", batch(|b| b.counts[0].count = u64::MAX)),
        ("an authorisation for no time", authorise(|a| a.until = a.from)),
        ("classes twice", authorise(|a| a.classes.push(a.classes[0].clone()))),
        ("evidence twice", apply(twice)),
        ("a way too long", {
            let path = vec![Digest::ZERO; 65];
            let item = InBatch { path, ..in_batch(&source_item()) };
            let CreditAct::RaiseCase(act) = raised() else { unreachable!() };
            CreditAct::RaiseCase(RaiseSourceCase { item, ..act })
        }),
        ("a content that nobody ordered", decide(|d| d.ruling = SourceRuling::Withdraw)),
        ("an order without a day", decide(|d| d.carry_by = None)),
        (
            "a day for what is not ordered",
            decide(|d| {
                (d.ruling, d.content) = (SourceRuling::Uphold, None);
            }),
        ),
        ("conditions twice", CreditAct::Delist(Delist { ground: conditions, ..delist() })),
    ];
    for (why, act) in cases {
        assert!(Record::from_der(&record(Act::Credit(act)).to_der()).is_err(), "{why}");
    }
}

#[test]
fn a_receivable_alone_names_invoices_rising() {
    let acts = asset_acts();
    let Act::Asset(AssetAct::Register(receivable)) = &acts[2].1 else { unreachable!() };
    let key = |n: u8| AssetKey { kind: AssetKind::Invoice, value: Digest([n; 32]) };
    for (why, invoices, asset, good) in [
        ("rising", vec![key(1), key(2)], receivable.asset, true),
        ("falling", vec![key(2), key(1)], receivable.asset, false),
        ("twice", vec![key(1), key(1)], receivable.asset, false),
        ("not an invoice", vec![receivable.asset], receivable.asset, false),
        ("of an invoice", vec![key(1)], asset(), false),
    ] {
        let act = RegisterAsset { asset, invoices, ..receivable.clone() };
        let read = Record::from_der(&record(Act::Asset(AssetAct::Register(act))).to_der());
        assert_eq!(read.is_ok(), good, "{why}");
    }
}

#[test]
fn a_record_of_a_batch_is_proven_in_its_place_only() {
    let leaves = |n: usize| -> Vec<Digest> {
        (0..n).map(|i| yinxin_merkle::log::leaf_hash(&[u8::try_from(i).unwrap()])).collect()
    };
    let record = source_item();
    let id = SourceRecord::id(&record.to_der());
    let mut two = leaves(2);
    two[1] = yinxin_merkle::log::leaf_hash(id.as_bytes());
    let root = yinxin_merkle::log::subtree_root(&two);
    let good = InBatch { record, sequence: 1, index: 1, path: vec![two[0]] };
    assert_eq!(good.verify(2, &root), Ok(id));
    let no = Err(Error::Inclusion { root });
    assert_eq!(InBatch { index: 0, ..good.clone() }.verify(2, &root), no);
    assert_eq!(InBatch { path: vec![], ..good.clone() }.verify(2, &root), no);
    assert_eq!(InBatch { record: source_follow(), ..good.clone() }.verify(2, &root), no);
    assert_eq!(good.verify(1, &root), no);
}

#[test]
fn the_largest_class_fits_a_record() {
    let many = |n: usize| -> Vec<ClassCode> {
        (0..64).map(|i| ClassCode::new(&format!("{i:0>n$}")).unwrap()).collect()
    };
    let list = ListRule {
        exit: (0..64).map(|i| text(&format!("{i:0>32}"))).collect(),
        excludes: many(64),
        measures: (0..64)
            .map(|i| ListMeasure {
                code: text(&format!("{i:0>64}")),
                laws: (0..MAX_MEASURE_LAWS).map(|law| text(&format!("{law:0>128}"))).collect(),
            })
            .collect(),
        lift_days: 250,
    };
    let class = PublishClass {
        laws: (0..64).map(|i| text(&format!("{i:0>128}"))).collect(),
        rests_on: many(64),
        list: Some(list),
        ..black_list()
    };
    let act = Act::Credit(CreditAct::PublishClass(class));
    assert!(Record::from_der(&record(act).to_der()).is_ok());
}

/// A paper is one ground, whether it is anchored or not; anything else of the same digest is another.
#[test]
fn one_paper_is_one_ground() {
    let Act::Credit(CreditAct::Record(item)) = record_item(Basis::Decision(digest("paper"))) else {
        panic!("an item")
    };
    let of = |basis| RecordItem { basis, ..item.clone() }.basis_id(&authority());
    let own = of(Basis::Decision(digest("paper")));
    assert_eq!(of(Basis::Document(digest("paper"))), own);
    for other in [Basis::Item(digest("paper")), Basis::Decision(digest("other"))] {
        assert_ne!(of(other.clone()), own, "{other:?}");
    }
}

#[test]
fn a_subjects_signature_is_for_one_thing_on_one_ledger() {
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let (chain, other) = (digest("chain"), digest("other"));
    let (own, another) = (*key(2).public_key(), *key(3).public_key());
    let no = Err(Error::Signature);
    let given = authorisation().sign(&chain, &key(2), rng).unwrap();
    assert_eq!(given.verify(&chain, &own), Ok(()));
    assert_eq!(given.verify(&other, &own), no);
    assert_eq!(given.verify(&chain, &another), no);
    let mut longer = given.clone();
    longer.terms.until = longer.terms.until.plus_millis(1);
    assert_eq!(longer.verify(&chain, &own), no);
    let id = given.terms.id(&chain);
    assert_ne!(id, given.terms.id(&other));
    let revoked = RevokeAuthorisation::signed(id, 1, &chain, &key(2), rng).unwrap();
    assert_eq!(revoked.verify(&chain, &own), Ok(()));
    assert_eq!(revoked.verify(&other, &own), no);
    assert_eq!(RevokeAuthorisation { signature: None, ..revoked }.verify(&chain, &own), no);
    let deal = Deal::Pledge(pledge_terms());
    let signature = deal.sign(&chain, &key(2), rng).unwrap();
    assert_eq!(deal.verify(&chain, &signature, &own), Ok(()));
    let next = Deal::Pledge(PledgeTerms { turn: 1, ..pledge_terms() });
    assert_eq!(next.verify(&chain, &signature, &own), no);
    assert_eq!(Deal::Transfer(transfer_terms()).verify(&chain, &signature, &own), no);
    let word = RaiseObjection {
        item: digest("item"),
        reason: 1,
        statement: digest("statement"),
        deadline: Deadline { at: yinxin_verdict::UnixTime::EPOCH, calendar: digest("2026") },
        signature: None,
    };
    assert_eq!(word.verify(&chain, &own), Err(Error::Signature), "nobody signed");
    let word = word.signed(&chain, &key(2), rng).unwrap();
    let bytes = objection_bytes(&chain, &word.item, 1, &word.statement);
    assert_eq!(word.verify(&chain, &own), Ok(sm3::digest(&bytes)));
    assert_eq!(word.verify(&other, &own), Err(Error::Signature));
    for changed in [
        RaiseObjection { reason: 2, ..word.clone() },
        RaiseObjection { item: digest("other"), ..word.clone() },
        RaiseObjection { statement: digest("other"), ..word.clone() },
    ] {
        assert_eq!(changed.verify(&chain, &own), Err(Error::Signature));
    }
    let dropped = Retraction::signed(&digest("o"), 1, &chain, &key(2), rng).unwrap();
    assert_eq!(dropped.verify(&digest("o"), &chain, &own), Ok(()));
    assert_eq!(dropped.verify(&digest("p"), &chain, &own), no);
    assert_eq!(dropped.verify(&digest("o"), &other, &own), no);
    assert_eq!(dropped.verify(&digest("o"), &chain, &another), no);
}

#[test]
fn an_authorisation_permits_what_it_says_while_it_serves() {
    let state = authorisation_state();
    let terms = &state.terms;
    let at = |ms| terms.from.plus_millis(ms);
    let wanted = [ClassCode::new("penalty").unwrap()];
    let ask = |state: &AuthorisationState, purpose, classes: &[ClassCode], ms| {
        state.permits(&terms.subject, &terms.reader, &text(purpose), classes, at(ms))
    };
    assert_eq!(ask(&state, "loan", &wanted, 0), Ok(()));
    assert_eq!(ask(&state, "loan", &wanted, 999), Ok(()));
    let foreign = [ClassCode::new("tax").unwrap()];
    for (purpose, classes, ms, reason) in [
        ("loan", &wanted[..], -1, DenialReason::NotYet),
        ("loan", &wanted, 1000, DenialReason::Expired),
        ("tender", &wanted, 0, DenialReason::Purpose),
        ("loan", &foreign, 0, DenialReason::Fields),
        ("loan", &[], 0, DenialReason::Fields),
    ] {
        assert_eq!(ask(&state, purpose, classes, ms), Err(reason), "{purpose} {ms}");
    }
    let (purpose, reader) = (text("loan"), &terms.reader);
    let no = state.permits(&person(), reader, &purpose, &wanted, at(0));
    assert_eq!(no, Err(DenialReason::Subjects));
    let no = state.permits(&terms.subject, &authority(), &purpose, &wanted, at(0));
    assert_eq!(no, Err(DenialReason::Caller));
    let (status, ended) = (AuthorisationStatus::Revoked, Some(at(10)));
    let revoked = AuthorisationState { status, ended, ..state.clone() };
    assert_eq!(ask(&revoked, "loan", &wanted, 9), Ok(()));
    assert_eq!(ask(&revoked, "loan", &wanted, 10), Err(DenialReason::Revoked));
}

#[test]
fn a_ground_is_an_authoritys_own_but_an_item_is_everybodys() {
    let (Act::Credit(CreditAct::Record(paper)), Act::Credit(CreditAct::Record(on_item))) =
        (&credit_acts()[3].1, &credit_acts()[6].1)
    else {
        unreachable!()
    };
    let other = OrganisationCode::new("11100000000013338W").unwrap();
    assert_ne!(paper.basis_id(&authority()), paper.basis_id(&other));
    assert_eq!(on_item.basis_id(&authority()), on_item.basis_id(&other));
    assert_ne!(on_item.own_basis_id(&authority()), on_item.own_basis_id(&other));
    assert_ne!(on_item.own_basis_id(&authority()), on_item.basis_id(&authority()));
    assert_eq!(paper.own_basis_id(&authority()), paper.basis_id(&authority()));
    let id = paper.basis_id(&authority());
    let about = |subject| RecordItem { subject, ..paper.clone() }.basis_id(&authority());
    assert_eq!(about(company()), id);
    assert_ne!(about(person()), id);
    let later = RecordItem { content: digest("other"), until: None, ..paper.clone() };
    assert_eq!(later.basis_id(&authority()), id, "the same ground in other words");
}

#[test]
fn an_item_expires_by_its_dates_alone() {
    let item = item_state();
    let until = item.until.unwrap().start();
    assert!(item.is_in_force(until.plus_millis(-1)) && !item.is_expired(until.plus_millis(-1)));
    assert!(!item.is_in_force(until) && item.is_expired(until));
    for status in ItemStatus::ALL {
        let moved = ItemState { status: *status, ..item.clone() };
        assert!(!moved.is_in_force(until), "{} after its term", status.name());
    }
    assert!(item.is_late());
    assert!(!ItemState { publish_by: None, ..item.clone() }.is_late());
    let last = ItemState { publish_by: Some(item.recorded.plus_millis(1)), ..item };
    assert!(!last.is_late());
}

#[test]
fn keys_of_states_are_found_by_their_text() {
    let (d, code) = (digest("a"), authority());
    let class = ClassCode::new("penalty.fine").unwrap();
    let foreign = RecordReference { chain_id: Digest::ZERO, record: d };
    let asset = asset();
    for (kind, id, key) in [
        ("asset", asset.to_string(), state_key::asset(&asset)),
        ("asset-custodian", "invoice".into(), state_key::asset_custodian(AssetKind::Invoice)),
        ("credit-authorisation", d.to_string(), state_key::credit_authorisation(&d)),
        ("credit-basis", d.to_string(), state_key::credit_basis(&d)),
        ("credit-batch", format!("{code}@7"), state_key::credit_batch(&code, 7)),
        ("credit-class", class.to_string(), state_key::credit_class(&class)),
        ("credit-class-version", format!("{class}@7"), state_key::credit_class_version(&class, 7)),
        ("credit-conduct", code.to_string(), state_key::credit_conduct(&code)),
        ("credit-dropped", format!("{d}@{code}"), state_key::credit_dropped(&d, Some(&code))),
        ("credit-dropped", format!("{d}@subject"), state_key::credit_dropped(&d, None)),
        ("credit-formula", class.to_string(), state_key::credit_formula(&class)),
        (
            "credit-formula-version",
            format!("{class}@7"),
            state_key::credit_formula_version(&class, 7),
        ),
        ("credit-item", d.to_string(), state_key::credit_item(&d)),
        ("credit-ledger", d.to_string(), state_key::credit_ledger(&d)),
        ("credit-source-case", d.to_string(), state_key::credit_source_case(&d)),
        ("credit-source-item", d.to_string(), state_key::credit_source_item(&d)),
        ("credit-source-marks", company().to_string(), state_key::credit_source_marks(&company())),
        ("asset-debt", asset.to_string(), state_key::asset_debt(&asset)),
        ("credit-key", company().to_string(), state_key::credit_key(&company())),
        ("credit-measure", d.to_string(), state_key::credit_measure(&d)),
        ("credit-objection", d.to_string(), state_key::credit_objection(&d)),
        ("credit-open", d.to_string(), state_key::credit_open(&d)),
        (
            "credit-recognition",
            format!("{}:{d}", Digest::ZERO),
            state_key::credit_recognition(&foreign),
        ),
        ("credit-repair", d.to_string(), state_key::credit_repair(&d)),
        ("credit-source", code.to_string(), state_key::credit_source(&code)),
        ("credit-sources", "all".into(), state_key::credit_sources()),
        ("credit-subject", person().to_string(), state_key::credit_subject(&person())),
        ("credit-uses", company().to_string(), state_key::credit_uses(&company())),
    ] {
        assert!(state_key::KINDS.contains(&kind), "{kind}");
        assert_eq!(state_key::parse(kind, &id), Some(key.clone()), "{kind}");
        assert_eq!(key, format!("{kind}/{id}").into_bytes());
        assert_eq!(state_key::parse(kind, "?"), None, "{kind}");
        assert!(key.len() <= 256, "a status proof's key has at most 256 bytes");
    }
    assert!(state_key::KINDS.is_sorted());
    assert_eq!(state_key::parse("credit-batch", &format!("{code}@07")), None);
}
