//! Who may see a subject's credit, what withholding shows, scores, batches, and the keys of subjects.

#![allow(clippy::unwrap_used, reason = "a helper that fails has failed its test")]

#[path = "rig/credit.rs"]
mod credit;
#[path = "rig/world.rs"]
mod world;

use credit::*;
use world::{World, code, key};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_merkle::state::EMPTY;
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

fn view(look: TakeView) -> CreditAct {
    CreditAct::View(look)
}

#[test]
fn a_subjects_key_stands_under_the_word_of_a_registrar() {
    let mut world = World::credit();
    assert_eq!(world.refusal(BANK, subject_key(2, 213)), "POWER_MISSING");
    assert_eq!(world.refusal(CENTRE, subject_key(2, BANK)), "KEY_TAKEN");
    assert_eq!(world.refusal(CENTRE, subject_key(2, 213)), "");
    let state: SubjectKeyState = world.load(&state_key::credit_key(&company(2))).unwrap();
    let SubjectKeyState { key: known, registrar, .. } = state;
    assert_eq!((known, registrar), (*key(213).public_key(), code(CENTRE)));
}

#[test]
fn an_authorisation_is_the_subjects_own_word_and_given_once() {
    let mut world = World::credit();
    let terms = world.terms();
    let id = terms.id(&world.chain_id);
    let forged = world.authorise(terms.clone(), FALSE_KEY);
    assert_eq!(world.refusal(BANK, forged), "SIGNATURE", "a bank's own key is not the company's");
    let keyless = Authorisation { subject: company(2), ..terms.clone() };
    let act = world.authorise(keyless, FALSE_KEY);
    assert_eq!(world.refusal(BANK, act), "SUBJECT_KEY_UNKNOWN");
    let CreditAct::Authorise(signed) = world.authorise(terms.clone(), COMPANY_KEY) else {
        unreachable!()
    };
    let wider = Authorisation { classes: vec![], ..terms.clone() };
    let act = CreditAct::Authorise(Authorise { terms: wider, ..signed.clone() });
    assert_eq!(world.refusal(BANK, act), "SIGNATURE", "terms are signed as they stand");
    let stranger = Authorisation { reader: code(STRANGER), ..terms.clone() };
    let act = world.authorise(stranger, COMPANY_KEY);
    assert_eq!(world.refusal(BANK, act), "POWER_MISSING");
    let past =
        Authorisation { from: world.time.plus_millis(-2), until: world.time, ..terms.clone() };
    let act = world.authorise(past, COMPANY_KEY);
    assert_eq!(world.refusal(BANK, act), "TIME_RANGE");
    let ever = Authorisation { until: world.time.plus_millis(1831 * DAY_MS), ..terms };
    let act = world.authorise(ever, COMPANY_KEY);
    assert_eq!(world.refusal(BANK, act), "TIME_RANGE");
    let act = CreditAct::Authorise(signed);
    assert_eq!(world.refusal(STRANGER, act.clone()), "POWER_MISSING");
    assert_eq!(world.refusal(BANK, act.clone()), "");
    assert_eq!(world.refusal(BANK, act.clone()), "ILLEGAL_MOVE");
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let chain = world.chain_id;
    let by = |signer, rng: &mut _| {
        let act = RevokeAuthorisation::signed(id, 1, &chain, &key(signer), rng).unwrap();
        CreditAct::RevokeAuthorisation(act)
    };
    let (forged, own) = (by(FALSE_KEY, rng), by(COMPANY_KEY, rng));
    let nobody = RevokeAuthorisation { authorisation: id, signature: None, reason: 1 };
    assert_eq!(world.refusal(SECOND_BANK, forged), "SIGNATURE");
    let act = CreditAct::RevokeAuthorisation(nobody.clone());
    assert_eq!(world.refusal(SECOND_BANK, act), "POWER_MISSING");
    assert_eq!(world.refusal(SECOND_BANK, own), "", "whoever brings the company's word");
    assert_eq!(world.refusal(BANK, CreditAct::RevokeAuthorisation(nobody)), "ILLEGAL_MOVE");
    assert_eq!(world.refusal(BANK, act_again(&act_of(&world, id))), "ILLEGAL_MOVE");
}

/// The very bytes that were authorised, brought again after they were revoked.
fn act_again(state: &AuthorisationState) -> CreditAct {
    CreditAct::Authorise(Authorise { terms: state.terms.clone(), signature: [9; 64] })
}

fn act_of(world: &World, id: Digest) -> AuthorisationState {
    world.load(&state_key::credit_authorisation(&id)).unwrap()
}

#[test]
fn a_reader_gives_back_and_an_authority_revokes() {
    let mut world = World::credit();
    let (first, second) = (world.authorised(), world.authorised());
    let end = |authorisation| {
        let (signature, reason) = (None, 7);
        CreditAct::RevokeAuthorisation(RevokeAuthorisation { authorisation, signature, reason })
    };
    assert_eq!(world.refusal(BANK, end(first)), "");
    assert_eq!(act_of(&world, first).status, AuthorisationStatus::Closed);
    assert_eq!(world.refusal(CENTRE, end(second)), "");
    assert_eq!(act_of(&world, second).status, AuthorisationStatus::Revoked);
    assert_eq!(world.refusal(CENTRE, end(digest("none"))), "ILLEGAL_MOVE");
}

#[test]
fn a_certificate_that_is_revoked_signs_no_more() {
    let mut world = World::with_powers(&[0x100, 0x100, 0x402, 0xa00]);
    world.credit_act(CENTRE, subject_key(1, COMPANY_KEY)).unwrap();
    let certificate = digest(&format!("certificate {COMPANY_KEY}"));
    let issue = IssueCertificate { digest: certificate, not_after: world.time };
    world.act(CENTRE, Act::Certificate(CertificateAct::Issue(issue))).unwrap();
    world.authorised();
    let (reason, since) = (RevocationReason::KeyCompromise, world.time);
    let revoke = Revoke { digest: certificate, reason, since };
    world.act(CENTRE, Act::Certificate(CertificateAct::Revoke(revoke))).unwrap();
    let act = world.authorise(world.terms(), COMPANY_KEY);
    assert_eq!(world.refusal(BANK, act), "CERTIFICATE_REVOKED_BEFORE");
    assert_eq!(world.refusal(CENTRE, subject_key(1, COMPANY_KEY)), "CERTIFICATE_REVOKED_BEFORE");
}

#[test]
fn a_court_sees_for_its_case_with_its_own_power_and_the_subject_learns_of_it() {
    let mut world = World::credit();
    world.punished(1);
    let case = CourtCase { number: text("（2026）某01民初1号"), paper: digest("inquiry") };
    let look = TakeView { reader: code(COURT), ..world.look(ViewGround::Court(case)) };
    for (n, who) in [(BANK, "a bank"), (MARKET, "a department"), (CENTRE, "the credit centre")] {
        let theirs = TakeView { reader: code(n), ..look.clone() };
        assert_eq!(world.refusal(n, view(theirs)), "POWER_MISSING", "{who} is no court");
    }
    let by_law = TakeView { ground: ViewGround::Law(text("a law")), ..look.clone() };
    assert_eq!(world.refusal(COURT, view(by_law)), "GRANT_UNKNOWN", "a court names its case");
    let uses = |world: &World| {
        let uses: Option<EventChain> = world.load(&state_key::credit_uses(&company(1)));
        uses.map_or(0, |uses| uses.count)
    };
    let before = uses(&world);
    assert_eq!(world.refusal(COURT, view(look.clone())), "");
    assert_eq!(world.refusal(CENTRE, view(look)), "", "whoever serves it tells of it too");
    assert_eq!(uses(&world), before + 2);
}

#[test]
fn a_view_without_a_grant_is_refused() {
    let mut world = World::credit();
    world.punished(1);
    let id = world.authorised();
    let on = ViewGround::Authorisation;
    for (why, look, refusal) in [
        ("no grant", world.look(on(digest("none"))), "GRANT_UNKNOWN"),
        ("a law", world.look(ViewGround::Law(text("a law"))), "GRANT_UNKNOWN"),
        ("own word", world.look(ViewGround::Own(digest("request"))), "GRANT_UNKNOWN"),
        (
            "another subject",
            TakeView { subject: company(2), seen: world.chain_of(2), ..world.look(on(id)) },
            "WRONG_SUBJECT",
        ),
        (
            "another purpose",
            TakeView { purpose: text("tender"), ..world.look(on(id)) },
            "WRONG_PURPOSE",
        ),
        (
            "other classes",
            TakeView { classes: vec![class_code("basic")], ..world.look(on(id)) },
            "WRONG_FIELDS",
        ),
        ("all classes", TakeView { classes: vec![], ..world.look(on(id)) }, "WRONG_FIELDS"),
        (
            "a look ahead",
            TakeView { as_of: world.time.plus_millis(1), ..world.look(on(id)) },
            "TIME_RANGE",
        ),
    ] {
        assert_eq!(world.refusal(BANK, view(look)), refusal, "{why}");
    }
    let look = world.look(on(id));
    assert_eq!(world.refusal(SECOND_BANK, view(look.clone())), "POWER_MISSING");
    let theirs = TakeView { reader: code(SECOND_BANK), ..look.clone() };
    assert_eq!(world.refusal(SECOND_BANK, view(theirs.clone())), "WRONG_READER");
    assert_eq!(world.refusal(CENTRE, view(theirs)), "WRONG_READER");
    assert_eq!(world.refusal(CENTRE, view(look.clone())), "", "whoever serves tells of it too");
    assert_eq!(world.refusal(BANK, view(look)), "");
    assert_eq!(act_of(&world, id).views, 2);
    let by_law = TakeView { reader: code(TAX), ..world.look(ViewGround::Law(text("a law"))) };
    assert_eq!(world.refusal(TAX, view(by_law)), "");
    world.time = world.time.plus_millis(366 * DAY_MS);
    let look = world.look(on(id));
    assert_eq!(world.refusal(BANK, view(look)), "GRANT_EXPIRED");
}

#[test]
fn a_view_after_its_end_is_refused_and_one_before_its_beginning() {
    let mut world = World::credit();
    let terms = Authorisation { from: world.time.plus_millis(DAY_MS), ..world.terms() };
    let id = terms.id(&world.chain_id);
    let act = world.authorise(terms, COMPANY_KEY);
    world.credit_act(BANK, act).unwrap();
    let look = world.look(ViewGround::Authorisation(id));
    assert_eq!(world.refusal(BANK, view(look)), "GRANT_NOT_YET");
    let end = RevokeAuthorisation { authorisation: id, signature: None, reason: 1 };
    world.credit_act(CENTRE, CreditAct::RevokeAuthorisation(end)).unwrap();
    world.time = world.time.plus_millis(DAY_MS);
    let look = world.look(ViewGround::Authorisation(id));
    assert_eq!(world.refusal(BANK, view(look)), "GRANT_REVOKED");
}

/// What an outsider does with a view: replay its records to the leaf that a quorum's header proves.
#[test]
fn a_withheld_record_is_exposed() {
    let mut world = World::credit();
    let first = world.punished(1);
    let second = world.punished(1);
    let act = world.objection(second);
    let third = world.done(BANK, act);
    let leaf = world.chain_of(1);
    let replay = |ids: &[&Digest]| EventChain::replay(&company(1), ids.iter().copied());
    assert_eq!(replay(&[&first, &second, &third]), leaf);
    let id = world.authorised();
    let with =
        |world: &World, seen| view(TakeView { seen, ..world.look(ViewGround::Authorisation(id)) });
    for (why, ids, refusal) in [
        ("the first left out", vec![&second, &third], "CHAIN_OTHER"),
        ("one left out", vec![&first, &third], "CHAIN_OTHER"),
        ("the last left out", vec![&first, &second], "CHAIN_SHORT"),
        ("all left out", vec![], "CHAIN_SHORT"),
        ("one added", vec![&first, &second, &third, &third], "CHAIN_OTHER"),
        ("another order", vec![&second, &first, &third], "CHAIN_OTHER"),
        ("one exchanged", vec![&first, &second, &id], "CHAIN_OTHER"),
    ] {
        let seen = replay(&ids);
        assert_ne!(seen, leaf, "{why}: it does not come to the leaf");
        let act = with(&world, seen);
        assert_eq!(world.refusal(BANK, act), refusal, "{why}");
    }
    for count in [0, 1, 2] {
        let invented = EventChain { count, head: digest("invented") };
        let act = with(&world, invented);
        assert_eq!(world.refusal(BANK, act), "CHAIN_OTHER", "{count}");
    }
    // As of a time before the last ones, what there was then is enough; a moment later it is not.
    let last: EventState = world.load(&state_key::credit_event(&company(1), 3)).unwrap();
    assert_eq!((last.head, last.record), (leaf.head, third));
    world.until_day(world.today().plus_days(1));
    let third_comes = world.time;
    let fourth = world.punished(1);
    let as_of = |world: &World, as_of| {
        let ground = ViewGround::Authorisation(id);
        view(TakeView { seen: leaf, as_of, ..world.look(ground) })
    };
    let (before, at) = (as_of(&world, third_comes.plus_millis(-1)), as_of(&world, third_comes));
    assert_eq!(world.refusal(BANK, at), "CHAIN_SHORT");
    assert_eq!(world.refusal(BANK, before), "");
    let leaf = world.chain_of(1);
    assert_eq!(replay(&[&first, &second, &third, &fourth]), leaf);
    let subject = index_key::credit_subject(&company(1));
    let act = with(&world, leaf);
    let outcome = world.credit_act(BANK, act).unwrap();
    let uses = index_key::credit_uses(&company(1));
    assert!(outcome.index.iter().any(|(key, _)| key.starts_with(&uses)));
    let said = outcome.index.iter().any(|(key, _)| key.starts_with(&subject));
    assert!(!said, "nor does it make the list of what is said longer");
    assert_eq!(world.chain_of(1), leaf, "a look changes nothing of what is said");
    let uses: EventChain = world.load(&state_key::credit_uses(&company(1))).unwrap();
    assert_eq!(uses.count, 4, "a key, an authorisation, and two views");
}

#[test]
fn a_score_names_a_published_formula_and_the_chain_it_comes_from() {
    let mut world = World::credit();
    world.punished(1);
    let score = PublishScore {
        subject: company(1),
        formula: class_code("composite"),
        version: 1,
        as_of: world.time,
        seen: world.chain_of(1),
        inputs: digest("inputs"),
        result: digest("good"),
    };
    let act = |score: &PublishScore| CreditAct::Score(score.clone());
    assert_eq!(world.refusal(BANK, act(&score)), "POWER_MISSING");
    let unknown = PublishScore { version: 2, ..score.clone() };
    assert_eq!(world.refusal(CENTRE, act(&unknown)), "CLASS_UNKNOWN");
    let early = PublishScore { as_of: day("2026-01-01").start(), ..score.clone() };
    assert_eq!(world.refusal(CENTRE, act(&early)), "DATE_RANGE");
    let ahead = PublishScore { as_of: world.time.plus_millis(1), ..score.clone() };
    assert_eq!(world.refusal(CENTRE, act(&ahead)), "TIME_RANGE");
    let head = digest("another");
    let false_chain = PublishScore { seen: EventChain { count: 1, head }, ..score.clone() };
    assert_eq!(world.refusal(CENTRE, act(&false_chain)), "CHAIN_OTHER");
    let id = world.done(CENTRE, act(&score));
    // A score is no item: nothing can ever rest on it.
    let entry = world.entry_of(1, id);
    assert_eq!(world.refusal(TAX, CreditAct::Record(entry)), "BASIS_UNKNOWN");
}

fn batch(sequence: u64, count: u64, before: Digest, after: &str) -> CreditBatch {
    CreditBatch {
        sequence,
        counts: vec![ClassCount { class: class_of("penalty", 1), count, due: count, late: 1 }],
        records: digest("records"),
        before,
        after: digest(after),
    }
}

#[test]
fn batches_go_on_from_each_other() {
    let mut world = World::credit();
    let act = |batch: &CreditBatch| CreditAct::Batch(batch.clone());
    let first = batch(1, 1000, EMPTY, "one");
    assert_eq!(world.refusal(BANK, act(&first)), "POWER_MISSING");
    assert_eq!(world.refusal(TAX, act(&first)), "NOT_AUTHORITY");
    assert_eq!(world.refusal(MARKET, act(&batch(2, 1, EMPTY, "one"))), "SEQUENCE_OTHER");
    assert_eq!(world.refusal(MARKET, act(&batch(1, 1, digest("x"), "one"))), "ROOT_OTHER");
    assert_eq!(world.refusal(MARKET, act(&batch(1, 1001, EMPTY, "one"))), "BATCH_VOLUME");
    let class = |code, version| {
        let mut batch = first.clone();
        batch.counts[0].class = class_of(code, version);
        CreditAct::Batch(batch)
    };
    assert_eq!(world.refusal(MARKET, class("penalty", 2)), "CLASS_UNKNOWN");
    assert_eq!(world.refusal(MARKET, class("basic", 1)), "BATCH_VOLUME", "not in batches at all");
    assert_eq!(world.refusal(MARKET, act(&first)), "");
    assert_eq!(world.refusal(MARKET, act(&first)), "SEQUENCE_OTHER");
    assert_eq!(world.refusal(MARKET, act(&batch(2, 5, EMPTY, "two"))), "ROOT_OTHER");
    assert_eq!(world.refusal(MARKET, act(&batch(2, 5, digest("one"), "two"))), "");
    let source: SourceState = world.load(&state_key::credit_source(&code(MARKET))).unwrap();
    assert_eq!((source.sequence, source.records, source.root), (2, 1005, digest("two")));
    let told: BatchState = world.load(&state_key::credit_batch(&code(MARKET), 1)).unwrap();
    assert_eq!((told.before, told.after, told.count), (EMPTY, digest("one"), 1000));
    let sources: CreditSources = world.load(&state_key::credit_sources()).unwrap();
    assert_eq!(sources.codes, vec![code(MARKET)], "whom a complete view asks");
    let conduct: ConductState = world.load(&state_key::credit_conduct(&code(MARKET))).unwrap();
    assert_eq!((conduct.published, conduct.published_late), (1005, 2));
}

#[test]
fn a_batch_is_of_versions_that_have_begun() {
    let mut world = World::credit();
    let today = world.today();
    let next = PublishClass { version: 2, valid_from: today.plus_days(1), ..penalty() };
    world.credit_act(CENTRE, CreditAct::PublishClass(next)).unwrap();
    let of = |version, sequence, before, after| {
        let mut batch = batch(sequence, 1, before, after);
        batch.counts[0].class = class_of("penalty", version);
        CreditAct::Batch(batch)
    };
    assert_eq!(world.refusal(MARKET, of(2, 1, EMPTY, "one")), "CLASS_NOT_IN_FORCE");
    world.until_day(today.plus_days(1));
    assert_eq!(world.refusal(MARKET, of(2, 1, EMPTY, "one")), "");
    // What becomes of an item of the old version is counted under that version.
    assert_eq!(world.refusal(MARKET, of(1, 2, digest("one"), "two")), "");
}

/// A source once could send a thousand records without a duty, or corrections of old ones, beside ten late ones, and lead the table.
#[test]
fn what_has_no_time_to_be_published_in_does_not_thin_the_late_ones_out() {
    let mut world = World::credit();
    let facts = PublishClass { batch: 1000, ..plain("facts", ClassKind::Basic, (0, None)) };
    world.credit_act(CENTRE, CreditAct::PublishClass(facts)).unwrap();
    let mixed = |late| {
        // Ten penalties, and what became of 800 others.
        let mut batch = batch(1, 810, EMPTY, "one");
        (batch.counts[0].due, batch.counts[0].late) = (10, 5);
        let class = class_of("facts", 1);
        batch.counts.insert(0, ClassCount { class, count: 990, due: late, late });
        CreditAct::Batch(batch)
    };
    assert_eq!(world.refusal(MARKET, mixed(1)), "DEADLINE_OTHER", "late without a duty");
    assert_eq!(world.refusal(MARKET, mixed(0)), "");
    let conduct: ConductState = world.load(&state_key::credit_conduct(&code(MARKET))).unwrap();
    assert_eq!((conduct.published, conduct.published_late), (10, 5), "half of them");
    let source: SourceState = world.load(&state_key::credit_source(&code(MARKET))).unwrap();
    assert_eq!(source.records, 1800);
}

/// Acts about different subjects, by different authorities, may come in any order: the state is the same.
#[test]
fn what_concerns_different_subjects_has_no_order() {
    let mut world = World::credit();
    let (a, b) = (world.punished(1), world.punished(2));
    world.until_day(day("2027-02-22"));
    let repair = CreditAct::ApplyRepair(world.repair(a));
    let object = world.objection(b);
    let third = CreditAct::Record(world.item_of(3, "basic"));
    let records: Vec<_> = [(BANK, repair), (SECOND_BANK, object), (TAX, third)]
        .into_iter()
        .map(|(n, act)| world.record(n, Act::Credit(act)))
        .collect();
    let order = |order: [usize; 3]| {
        let mut world = world.clone();
        let block: Vec<_> = order.iter().map(|at| records[*at].clone()).collect();
        world.block(&block).unwrap();
        world.state.map
    };
    let first = order([0, 1, 2]);
    for other in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(order(other), first, "{other:?}");
    }
}

/// Others' objections fill their places; the company's own word has one that nobody else can take, or give up.
#[test]
fn a_subject_objects_for_itself() {
    let mut world = World::credit();
    let item = world.punished(1);
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let CreditAct::Object(plain) = world.objection(item) else { panic!("an objection") };
    let word = |world: &World, what: &str, signer: u8| {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let deadline = world.by(world.today(), 5);
        let act = RaiseObjection { statement: digest(what), deadline, ..plain.clone() };
        act.signed(&world.chain_id, &key(signer), rng).unwrap()
    };
    let object = CreditAct::Object;
    assert_eq!(world.refusal(BANK, object(plain.clone())), "");
    assert_eq!(world.refusal(BANK, object(plain.clone())), "OBJECTION_OPEN", "its own place");
    let act = word(&world, "mine", FALSE_KEY);
    assert_eq!(world.refusal(BANK, object(act)), "SIGNATURE");
    let own = word(&world, "mine", COMPANY_KEY);
    let other = RaiseObjection { reason: 2, ..own.clone() };
    assert_eq!(world.refusal(BANK, object(other)), "SIGNATURE", "another reason than was signed");
    assert_eq!(world.refusal(STRANGER, object(own.clone())), "POWER_MISSING");
    let id = world.done(BANK, object(own.clone()));
    let state: ObjectionState = world.load(&state_key::credit_objection(&id)).unwrap();
    let bytes = objection_bytes(&world.chain_id, &item, 1, &digest("mine"));
    assert_eq!(state.signed, Some(yinxin_gm::sm3::digest(&bytes)));
    let second = word(&world, "more", COMPANY_KEY);
    assert_eq!(world.refusal(TAX, object(second.clone())), "OBJECTION_OPEN");
    // Who carried the word does not take it back, nor does anyone without the subject's signature.
    let resolve = |resolution| CreditAct::Resolve(ResolveObjection { objection: id, resolution });
    assert_eq!(world.refusal(BANK, resolve(Resolution::Dropped(1))), "SIGNATURE");
    let mut sign = |signer: u8, chain: &Digest| {
        let word = Retraction::signed(&id, 1, chain, &key(signer), rng).unwrap();
        resolve(Resolution::Retracted(word))
    };
    let (chain, elsewhere) = (world.chain_id, digest("another ledger"));
    assert_eq!(world.refusal(BANK, sign(FALSE_KEY, &chain)), "SIGNATURE");
    assert_eq!(world.refusal(BANK, sign(COMPANY_KEY, &elsewhere)), "SIGNATURE");
    let conduct = |world: &World| -> Option<ConductState> {
        world.load(&state_key::credit_conduct(&code(MARKET)))
    };
    let before = conduct(&world);
    assert_eq!(world.refusal(TAX, sign(COMPANY_KEY, &chain)), "", "whoever carries it");
    assert_eq!(conduct(&world), before, "nobody answered");
    assert!(world.item(&item).objection.is_some(), "the bank's is open");
    assert_eq!(world.refusal(TAX, object(own)), "WORD_KNOWN", "a word counts once");
    assert_eq!(world.refusal(TAX, object(second.clone())), "NOT_OVERDUE", "not yet another");
    world.until_day(world.today().plus_days(6));
    let deadline = world.by(world.today(), 5);
    assert_eq!(world.refusal(TAX, object(RaiseObjection { deadline, ..second })), "");
    let unknown = world.punished(2);
    let CreditAct::Object(act) = world.objection(unknown) else { panic!("an objection") };
    let act = RaiseObjection { signature: Some([1; 64]), ..act };
    assert_eq!(world.refusal(BANK, object(act)), "SUBJECT_KEY_UNKNOWN");
}

#[test]
fn a_custodian_of_pseudonyms_has_one_secret() {
    let mut world = World::credit();
    let keep = |what| CreditAct::KeepPseudonyms(KeepPseudonyms { check: digest(what) });
    assert_eq!(world.refusal(STRANGER, keep("a")), "POWER_MISSING");
    assert_eq!(world.refusal(TAX, keep("a")), "");
    assert_eq!(world.refusal(TAX, keep("b")), "SECRET_KNOWN");
    assert_eq!(world.refusal(MARKET, keep("b")), "", "another custodian's");
    let state: PseudonymState = world.load(&state_key::credit_pseudonyms(&code(TAX))).unwrap();
    assert_eq!(state.check, digest("a"));
}

/// So many members that are none of this world.
fn others(count: usize) -> Vec<OrganisationCode> {
    let one = |n| {
        let fits = |check| OrganisationCode::new(&format!("114400000{n:08}{check}")).ok();
        "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find_map(fits).unwrap()
    };
    (0..count).map(one).collect()
}

/// A list in the state that nobody could read again would stop every node: the last place is taken, and there is none after it.
#[test]
fn the_lists_of_sources_and_of_what_is_open_have_an_end() {
    const MOST: usize = yinxin_receipt::MAX_ORGANISATIONS;
    let mut world = World::credit();
    let item = world.punished(1);
    for (there, refusal) in [(MOST - 1, ""), (MOST, "TOO_MANY")] {
        let mut world = world.clone();
        let sources = CreditSources { codes: others(there) };
        world.state.map.insert(state_key::credit_sources(), sources.to_der());
        let first = CreditAct::Batch(batch(1, 1, EMPTY, "one"));
        assert_eq!(world.refusal(MARKET, first), refusal, "{there} sources");
        let stands: CreditSources = world.load(&state_key::credit_sources()).unwrap();
        assert_eq!(stands.codes.len(), MOST);
    }
    world.until_day(day("2027-02-22"));
    let open = |count| -> Vec<OpenCase> {
        let case = |by: OrganisationCode| OpenCase { id: digest(by.as_str()), by, signed: None };
        others(count).into_iter().map(case).collect()
    };
    for (there, refusal) in [(MOST - 2, ""), (MOST - 1, "TOO_MANY")] {
        let mut world = world.clone();
        let cases = OpenCases { objections: open(there), applications: open(there) };
        world.state.map.insert(state_key::credit_open(&item), cases.to_der());
        let object = world.objection(item);
        assert_eq!(world.refusal(BANK, object), refusal, "{there} objections");
        let apply = CreditAct::ApplyRepair(world.repair(item));
        assert_eq!(world.refusal(BANK, apply), refusal, "{there} applications");
        let CreditAct::Object(own) = world.objection(item) else { panic!("an objection") };
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let own = own.signed(&world.chain_id, &key(COMPANY_KEY), rng).unwrap();
        assert_eq!(world.refusal(BANK, CreditAct::Object(own)), "", "the subject's own place");
        let stands: OpenCases = world.load(&state_key::credit_open(&item)).unwrap();
        assert_eq!((stands.objections.len(), stands.applications.len()), (MOST, MOST - 1));
    }
}
