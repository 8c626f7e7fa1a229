//! Calls and answers over a wire that somebody else holds: never more than granted, never unrecorded, nothing believed that was
//! changed, nothing read that was cut short.

mod ends;

use std::{
    io::{self, Read},
    sync::{Arc, Mutex},
};

use yinxin_gm::Digest;
use yinxin_merkle::wire::Wire;
use yinxin_pki::{
    Certificate, Subject,
    ca::{Period, self_signed},
};
use yinxin_record::{
    DenialReason, FieldSet, GrantState, GrantStatus, Level, NegativeList, OrganisationCode,
    Purpose, ResourceCode, ResourceState, ResourceStatus, SharingClass, Volume, Windows,
};
use yinxin_verdict::UnixTime;

use super::*;
use crate::{
    Error,
    access::{Admitted, ClosedAct, Counted, Decision, Guard, Head, Line, Notebook, count, prove},
    catalogue::{Columns, Resource, read_csv},
    envelope::{ChunkSize, Owner, Reader},
    sample::{Party, TURN, at, rng, serving},
};

const OWNER: &str = "11430000006122244L";
const BANK: &str = "91350100M000100Y43";
const CATALOGUE: &str = "\
提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则
11430000006122244L,某局,307/1,1,企业,x,有条件共享,y,,每日,企业名称,字符型,一般1级,
11430000006122244L,某局,307/1,1,企业,x,有条件共享,y,,每日,法定代表人,字符型,一般3级,keep/1/0
11430000006122244L,某局,307/1,1,企业,x,有条件共享,y,,每日,证号,字符型,一般3级,drop
11430000006122244L,某局,307/1,1,企业,x,有条件共享,y,,每日,年龄,数值型,一般2级,range/10
";

fn code(text: &str) -> OrganisationCode {
    OrganisationCode::new(text).unwrap()
}

fn start() -> UnixTime {
    at("2026-11-22T08:00:00+08:00")
}

fn party(code: &str) -> Party {
    let key = yinxin_gm::sm2::PrivateKey::generate(&mut rng());
    let name = Subject::new(code).country("CN").organisation_code(code).to_name().unwrap();
    let period = Period::days(at("2026-01-01"), 3650);
    let certificate = self_signed(name, &key, period, None, &mut rng()).unwrap();
    Party { certificate, key }
}

fn catalogue() -> Resource {
    read_csv(CATALOGUE.as_bytes(), &Columns::standard().unwrap()).unwrap().resources.remove(0)
}

/// Rows that name their number, with words that must not be seen on the wire.
struct Numbered {
    left: u64,
    fails_at: Option<u64>,
}

impl Rows for Numbered {
    fn next(&mut self, values: &mut Vec<String>) -> Result<bool, Error> {
        if self.fails_at == Some(self.left) {
            return Err(Error::Io { why: "the source went away".to_owned() });
        }
        let Some(left) = self.left.checked_sub(1) else { return Ok(false) };
        *values = vec![format!("PLAIN-企业-{left:06}"), "欧阳测试".to_owned(), "34".to_owned()];
        self.left = left;
        Ok(true)
    }
}

/// Everything around one server: what it knows, its time, and what it sent. After so many sent frames something happens.
struct World {
    guard: Mutex<Guard<Vec<u8>>>,
    server: Party,
    caller: Party,
    offer: Offer,
    standing: Standing,
    now: UnixTime,
    wire: Vec<u8>,
    sends: usize,
    then: Option<(usize, Then)>,
    dies_at: Option<usize>,
}

type Then = fn(&mut World);

/// The server's way out, apart from the guard.
struct Room<'a>(&'a mut World);

impl Desk for Room<'_> {
    fn now(&mut self) -> Result<UnixTime, Error> {
        Ok(self.0.now)
    }

    fn standing(&mut self) -> Arc<Standing> {
        Arc::new(self.0.standing.clone())
    }

    fn send(&mut self, frames: &[Frame]) -> Result<(), Error> {
        frames.iter().for_each(|f| f.write(&mut self.0.wire));
        self.0.sends += 1;
        match self.0.then {
            Some((after, then)) if after == self.0.sends => then(self.0),
            _ => {}
        }
        match self.0.dies_at {
            Some(after) if after == self.0.sends => Err(Error::Io { why: "killed".to_owned() }),
            _ => Ok(()),
        }
    }
}

impl World {
    fn new() -> Self {
        let (server, caller) = (party(OWNER), party(BANK));
        let resource = ResourceState {
            status: ResourceStatus::Published,
            version: 1,
            class: SharingClass::Conditional,
            level: Level::General3,
            dual_control: Level::Important,
            servers: vec![],
            negative: NegativeList::default(),
            serves_from: at("2026-01-01"),
            listed_since: at("2026-01-01"),
            closed_at: None,
            automatic: None,
            grants_until: None,
            reason: 0,
            height: 5,
            since: at("2026-01-01"),
        };
        let grant = GrantState {
            status: GrantStatus::Live,
            resource: resource_code(),
            version: 1,
            receiver: code(BANK),
            fields: (0..4).collect(),
            purpose: Purpose::new("loan").unwrap(),
            item: Purpose::new("item").unwrap(),
            from: at("2026-01-01"),
            until: at("2027-01-01"),
            limit: Volume { calls: 100, rows: 10_000, bytes: 1_000_000 },
            used: Volume::default(),
            windows: Windows::default(),
            denied: 0,
            mismatches: 0,
            level: Level::General2,
            conditions: None,
            ended: None,
            reason: 0,
            height: 6,
        };
        let key = *caller.key.public_key();
        let standing = Standing {
            head: Head { height: 10, time: start() },
            resource,
            grant: Some(grant),
            subjects: yinxin_record::Subjects::default(),
            caller: Some(Member { key, suspended: false }),
            server: Some(Member { key: *server.key.public_key(), suspended: false }),
            serving: Some(serving(at("2026-01-01"))),
        };
        let chain_id = Digest([9; 32]);
        let key = *server.key.public_key();
        let (server_code, turn) = (code(OWNER), TURN);
        let offer =
            Offer { server: server_code, key, chain_id, turn, by_subject: false, scope: None };
        let mut guard = Guard::open(&mut io::empty(), Vec::new(), code(OWNER)).unwrap().0;
        guard.begin(TURN, Digest::ZERO).unwrap();
        Self {
            guard: Mutex::new(guard),
            server,
            caller,
            offer,
            standing,
            now: start(),
            wire: Vec::new(),
            sends: 0,
            then: None,
            dies_at: None,
        }
    }

    fn grant(&mut self) -> &mut GrantState {
        self.standing.grant.as_mut().unwrap()
    }

    fn journal(&self) -> Vec<u8> {
        self.guard.lock().unwrap().journal().clone()
    }

    fn ask(&self, rows: u64) -> Ask {
        Ask {
            chain_id: self.offer.chain_id,
            server: code(OWNER),
            grant: Digest([3; 32]),
            resource: resource_code(),
            purpose: Purpose::new("loan").unwrap(),
            fields: (0..4).collect(),
            subjects: vec![],
            skip: 0,
            rows,
        }
    }

    fn sign(&self, ask: Ask) -> SignedCall {
        let Party { certificate, key } = &self.caller;
        SignedCall::sign(ask, certificate, key, self.now, &mut rng()).unwrap()
    }

    fn admit(&self, call: &SignedCall) -> Decision<Admitted> {
        let caller = call.verify().ok();
        admit(&self.guard, call, caller.as_ref(), &self.offer, &self.standing, self.now).unwrap()
    }

    fn refused(&self, call: &SignedCall) -> DenialReason {
        match self.admit(call) {
            Decision::Denied(denied) => denied.reason,
            Decision::Allowed(_) => panic!("it was admitted"),
        }
    }

    /// Answers a call; what became of it.
    fn answer(&mut self, call: &SignedCall, rows: &mut dyn Rows) -> Result<Delivered, Error> {
        let Decision::Allowed(admitted) = self.admit(call) else { panic!("denied") };
        let guard = Mutex::new(Guard::open(&mut io::empty(), Vec::new(), code(OWNER)).unwrap().0);
        let guard = std::mem::replace(&mut self.guard, guard);
        let (server, caller) = (party_copy(&self.server), self.caller.certificate.clone());
        let layout = Layout::new(&catalogue(), &call.ask().fields)?;
        let offer = self.offer.clone();
        let delivery = Delivery {
            server: Owner { certificate: &server.certificate, key: &server.key },
            offer: &offer,
            version: 1,
            recipient: &caller,
            layout: &layout,
            part: ChunkSize::new(4096).unwrap(),
        };
        let done = deliver(&guard, admitted, rows, &delivery, &mut Room(self), &mut rng());
        self.guard = guard;
        done
    }
}

fn party_copy(party: &Party) -> Party {
    Party { certificate: party.certificate.clone(), key: party.key.clone() }
}

fn resource_code() -> ResourceCode {
    ResourceCode::of(&code(OWNER), "307/1").unwrap()
}

fn rows(left: u64) -> Numbered {
    Numbered { left, fails_at: None }
}

/// What the receiver makes of octets: what it noted, its body, and how it ended.
fn receive(call: &SignedCall, wire: &[u8]) -> (Vec<u8>, Vec<u8>, Result<Option<Received>, Error>) {
    let mut journal = Vec::new();
    let mut notes = Notebook::open(&mut io::empty(), &mut journal, &code(BANK)).unwrap();
    let mut receiving = Receiving::new(call, Vec::new());
    let mut input = wire;
    let ended = loop {
        match Frame::read(&mut input)
            .and_then(|f| f.map(|f| receiving.take(f, &mut notes)).transpose())
        {
            Ok(Some(Received::More)) => {}
            other => break other,
        }
    };
    (journal, receiving.into_body(), ended)
}

fn counted(journal: &[u8]) -> Counted {
    let minutes = u64::MIN..u64::MAX;
    count([journal], &Digest([3; 32]), &minutes).unwrap()
}

fn holds(octets: &[u8], text: &str) -> bool {
    octets.windows(text.len()).any(|w| w == text.as_bytes())
}

#[test]
fn an_answer_arrives_whole_masked_and_counted_alike_on_both_sides() {
    let mut world = World::new();
    let call = world.sign(world.ask(1000));
    let call = SignedCall::from_der(&call.to_der()).unwrap();
    assert_eq!(world.answer(&call, &mut rows(500)), Ok(Delivered::Whole { rows: 500 }));
    for word in ["PLAIN", "欧阳", "企业", "证号"] {
        assert!(!holds(&world.wire, word), "{word} is on the wire");
    }
    let (notes, body, ended) = receive(&call, &world.wire);
    let Ok(Some(Received::Whole(whole))) = ended else { panic!("{ended:?}") };
    assert_eq!(whole.server, world.server.certificate);
    let secret = whole.open(&world.caller.certificate, &world.caller.key).unwrap();
    let mut text = String::new();
    Reader::new(&body[..], whole.content, &secret).unwrap().read_to_string(&mut text).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        (lines.len(), lines[0], lines[1]),
        (501, "企业名称,法定代表人,年龄", "PLAIN-企业-000499,欧***,30..39")
    );
    let thief = party(BANK);
    assert!(whole.open(&thief.certificate, &thief.key).is_err());
    // Both sides count the same, and each line stands in the window that the ledger gets.
    let journal = world.journal();
    let (served, received) = (counted(&journal), counted(&notes));
    assert_eq!((served.volume, served.root), (received.volume, received.root));
    assert_eq!(served.volume, Volume { calls: 1, rows: 500, bytes: text.len() as u64 });
    assert!(served.lines > 3, "in several parts");
    let windows = world.guard.lock().unwrap().close_due(world.now.plus_millis(60_000));
    for number in 0..served.lines {
        let (window, proof) = prove(|| Ok(&journal[..]), number).unwrap();
        assert_eq!(window.act(), windows[0].act());
        assert_eq!(proof.verify(&windows[0].root()).unwrap().number, number);
    }
    assert!(matches!(prove(|| Ok(&journal[..]), served.lines), Err(Error::NotFound { .. })));
}

#[test]
fn whatever_is_wrong_with_a_call_is_denied_and_recorded() {
    use DenialReason as R;
    type Change = fn(&mut World, &mut Ask);
    let cases: [(Change, R); 12] = [
        (|_, ask| ask.server = code(BANK), R::Signature),
        (|_, ask| ask.chain_id = Digest::ZERO, R::Signature),
        (|w, _| w.standing.caller = None, R::Signature),
        (
            |w, _| w.standing.caller.as_mut().unwrap().key = *party(BANK).key.public_key(),
            R::Signature,
        ),
        (|w, _| w.standing.caller.as_mut().unwrap().suspended = true, R::Suspended),
        (|w, _| w.standing.head.time = w.now.plus_millis(-35_001), R::StaleLedger),
        (|_, ask| ask.rows = 10_001, R::Volume),
        (|_, ask| ask.purpose = Purpose::new("advertising").unwrap(), R::Purpose),
        (|_, ask| ask.fields = [4].into_iter().collect::<FieldSet>(), R::Fields),
        (|_, ask| ask.subjects = vec![Digest([1; 32])], R::Subjects),
        (|w, _| w.standing.subjects.scope = Some(Digest([1; 32])), R::Subjects),
        (|w, _| w.grant().until = w.now, R::Expired),
    ];
    for (n, (change, expected)) in cases.into_iter().enumerate() {
        let mut world = World::new();
        let mut ask = world.ask(10);
        change(&mut world, &mut ask);
        let call = world.sign(ask);
        assert_eq!(world.refused(&call), expected, "case {n}");
        let [window] = &world.guard.lock().unwrap().close_due(world.now.plus_millis(60_000))[..]
        else {
            panic!("recorded")
        };
        let ClosedAct::Denied(act) = window.act() else { panic!("nothing was served") };
        assert_eq!((act.denials[0].reason, act.denials[0].count), (expected, 1), "case {n}");
        // A name that no signature proves, or none could, is not written to the ledger.
        let unproven = matches!(expected, R::Signature | R::StaleLedger);
        assert_eq!(act.organisation.is_some(), !unproven, "case {n}");
    }
}

#[test]
fn a_denial_stands_under_a_grant_only_of_its_resource() {
    let mut world = World::new();
    world.standing.caller.as_mut().unwrap().suspended = true;
    world.grant().resource = ResourceCode::of(&code(OWNER), "307/2").unwrap();
    let call = world.sign(world.ask(10));
    assert_eq!(world.refused(&call), DenialReason::NoGrant);
    let [window] = &world.guard.lock().unwrap().close_due(world.now.plus_millis(60_000))[..] else {
        panic!("recorded")
    };
    let ClosedAct::Denied(act) = window.act() else { panic!("nothing was served") };
    assert_eq!(act.grant, None, "the ledger would look for this resource under it");
}

#[test]
fn a_stranger_burns_no_call_while_the_ledger_is_old() {
    let mut world = World::new();
    let call = world.sign(world.ask(10));
    world.standing.head.time = world.now.plus_millis(-35_001);
    let Decision::Denied(denied) =
        admit(&world.guard, &call, None, &world.offer, &world.standing, world.now).unwrap()
    else {
        panic!("admitted")
    };
    assert_eq!(denied.reason, DenialReason::StaleLedger);
    world.standing.head.time = world.now;
    assert_eq!(world.answer(&call, &mut rows(3)), Ok(Delivered::Whole { rows: 3 }));
}

#[test]
fn a_forged_call_is_denied_at_each_octet() {
    let world = World::new();
    let call = world.sign(world.ask(10)).to_der();
    for place in 0..call.len() {
        let mut changed = call.clone();
        changed[place] ^= 1;
        if let Ok(changed) = SignedCall::from_der(&changed) {
            assert!(changed.verify().is_err(), "octet {place}");
        }
        assert!(SignedCall::from_der(&call[..place]).is_err(), "cut at {place}");
    }
    // Another's certificate of the same organisation, and another organisation's.
    let (other, stranger) = (party(BANK), party(OWNER));
    for Party { certificate, key } in [&other, &stranger] {
        let call = SignedCall::sign(world.ask(1), certificate, key, world.now, &mut rng()).unwrap();
        assert_eq!(world.refused(&call), DenialReason::Signature);
    }
    let [window] = &world.guard.lock().unwrap().close_due(world.now.plus_millis(60_000))[..] else {
        panic!("recorded")
    };
    let ClosedAct::Denied(act) = window.act() else { panic!("nothing was served") };
    assert_eq!(act.denials[0].count, 2);
}

#[test]
fn a_call_is_answered_once_whoever_sends_it_again() {
    let mut world = World::new();
    let call = world.sign(world.ask(10));
    world.answer(&call, &mut rows(3)).unwrap();
    assert_eq!(world.refused(&call), DenialReason::Replayed);
    world.now = start().plus_millis(700_000);
    world.standing.head.time = world.now;
    assert_eq!(world.refused(&call), DenialReason::Replayed, "nor when its id is forgotten");
}

/// How a stream that is cut short must look from both sides.
fn cut_short(then: Then, expected: DenialReason) {
    let mut world = World::new();
    world.then = Some((2, then));
    let call = world.sign(world.ask(1000));
    assert_eq!(world.answer(&call, &mut rows(1000)), Ok(Delivered::Denied(expected)));
    let (notes, _, ended) = receive(&call, &world.wire);
    let Ok(Some(Received::Denied(line))) = ended else { panic!("{ended:?}") };
    assert_eq!(line.outcome, crate::access::Outcome::Denied(expected));
    let (served, received) = (counted(&world.journal()), counted(&notes));
    assert_eq!((served.volume, served.root), (received.volume, received.root));
    assert_eq!(served.volume.bytes, 2 * 4096, "what had left is counted, and nothing after it");
}

#[test]
fn a_stream_ends_with_its_grant() {
    cut_short(|w| w.grant().ended = Some(w.now), DenialReason::Revoked);
    cut_short(|w| w.now = w.now.plus_millis(36_000), DenialReason::StaleLedger);
    cut_short(|w| w.standing.caller.as_mut().unwrap().suspended = true, DenialReason::Suspended);
    cut_short(|w| w.standing.caller = None, DenialReason::Signature);
    cut_short(
        |w| w.standing.caller.as_mut().unwrap().key = *party(BANK).key.public_key(),
        DenialReason::Signature,
    );
    cut_short(|w| w.standing.resource.closed_at = Some(w.now), DenialReason::NegativeList);
    cut_short(
        |w| w.standing.resource.negative.fields = [1].into_iter().collect(),
        DenialReason::NegativeList,
    );
    cut_short(|w| w.grant().limit.bytes = 3 * 4096 - 1, DenialReason::Volume);
}

#[test]
fn who_is_not_the_server_now_answers_nothing_and_records_what_left() {
    let cases: [Then; 10] = [
        |w| w.standing.server = None,
        |w| w.standing.server.as_mut().unwrap().suspended = true,
        |w| w.standing.server.as_mut().unwrap().key = *party(OWNER).key.public_key(),
        |w| w.standing.resource.servers = vec![code(BANK)],
        |w| w.standing.resource.servers = vec![code(BANK), code(OWNER)],
        |w| w.standing.resource.version = 2,
        // Another organisation was named in between, and what it let out is not known; another folder took over, the same one was started elsewhere, or this turn begins later.
        |w| w.standing.serving.as_mut().unwrap().until = Some(UnixTime::EPOCH),
        |w| w.standing.serving.as_mut().unwrap().turn.journal = Digest([1; 32]),
        |w| w.standing.serving.as_mut().unwrap().turn.epoch = 2,
        |w| w.standing.serving.as_mut().unwrap().since = w.standing.head.time.plus_millis(1),
    ];
    for (n, then) in cases.into_iter().enumerate() {
        let mut world = World::new();
        world.then = Some((2, then));
        let call = world.sign(world.ask(1000));
        let ended = world.answer(&call, &mut rows(1000));
        let (notes, _, told) = receive(&call, &world.wire);
        if n == 5 {
            // It is still the server, with other rules: that it broke off, it may tell.
            assert!(matches!(ended, Ok(Delivered::BrokenOff(Error::Mismatch { .. }))), "{ended:?}");
            assert!(matches!(told, Ok(Some(Received::Denied(_)))), "{told:?}");
        } else {
            assert!(matches!(ended, Err(Error::NotServer { .. })), "{n}: {ended:?}");
            assert!(matches!(told, Ok(None)), "{n}: without a key");
        }
        assert_eq!(counted(&world.journal()).volume, counted(&notes).volume);
        // A new call: nothing is decided by a server that is none, and a window that nobody takes is not begun.
        let before = world.journal().len();
        let call = world.sign(world.ask(10));
        let caller = call.verify().unwrap();
        let offer = &world.offer;
        let decided = admit(&world.guard, &call, Some(&caller), offer, &world.standing, world.now);
        assert_eq!(matches!(decided, Err(Error::NotServer { .. })), n != 5, "{n}");
        assert_eq!(world.journal().len(), before, "{n}");
    }
}

#[test]
fn a_server_killed_in_the_middle_has_recorded_whatever_left() {
    for after in 1..=4 {
        let mut world = World::new();
        world.dies_at = Some(after);
        let call = world.sign(world.ask(1000));
        assert!(world.answer(&call, &mut rows(1000)).is_err());
        let (notes, body, ended) = receive(&call, &world.wire);
        assert!(matches!(ended, Ok(None)), "{ended:?}");
        assert_eq!(body.len(), after * (4096 + 32), "without a key");
        // As the next process finds it.
        let journal = world.journal();
        let (guard, recovered) =
            Guard::open(&mut &journal[..], journal.clone(), code(OWNER)).unwrap();
        assert_eq!((recovered.lines, recovered.cut), (after as u64, 0));
        assert_eq!(counted(&journal).volume, counted(&notes).volume);
        world.guard = Mutex::new(guard);
        assert_eq!(
            world.refused(&call),
            DenialReason::Replayed,
            "it is called anew, by a new call"
        );
        let again = world.sign(world.ask(10));
        (world.dies_at, world.wire) = (None, Vec::new());
        assert_eq!(world.answer(&again, &mut rows(10)), Ok(Delivered::Whole { rows: 10 }));
    }
}

#[test]
fn no_octet_of_an_answer_can_be_changed_and_no_frame_left_out() {
    let mut world = World::new();
    let call = world.sign(world.ask(1000));
    world.answer(&call, &mut rows(200)).unwrap();
    let wire = world.wire.clone();
    let whole = |wire: &[u8]| matches!(receive(&call, wire).2, Ok(Some(Received::Whole(_))));
    assert!(whole(&wire));
    for place in (0..wire.len()).step_by(7) {
        let mut changed = wire.clone();
        changed[place] ^= 0x20;
        assert!(!whole(&changed), "octet {place}");
        assert!(!whole(&wire[..place]), "cut at {place}");
    }
    let mut frames = Vec::new();
    let mut input = &wire[..];
    while let Some(frame) = Frame::read(&mut input).unwrap() {
        frames.push(frame);
    }
    for left_out in 0..frames.len() {
        let mut octets = Vec::new();
        let some = frames.iter().enumerate().filter(|(n, _)| *n != left_out);
        some.for_each(|(_, f)| f.write(&mut octets));
        assert!(!whole(&octets), "without frame {left_out}");
    }
    // The answer of yesterday to the same question.
    let again = world.sign(world.ask(1000));
    assert!(receive(&again, &wire).2.is_err());
}

#[test]
fn a_notebook_is_no_servers_journal_and_survives_a_torn_end() {
    let mut world = World::new();
    let call = world.sign(world.ask(1000));
    world.answer(&call, &mut rows(100)).unwrap();
    let (notes, _, _) = receive(&call, &world.wire);
    let server = Guard::open(&mut &notes[..], notes.clone(), code(BANK));
    assert!(matches!(server, Err(Error::JournalDamaged { .. })));
    let journal = world.journal();
    let book = Notebook::open(&mut &journal[..], journal.clone(), &code(OWNER));
    assert!(matches!(book, Err(Error::JournalDamaged { .. })));
    assert!(Notebook::open(&mut &notes[..], notes.clone(), &code(OWNER)).is_err(), "of another");
    let torn = &notes[..notes.len() - 5];
    let mut kept = torn.to_vec();
    let mut book = Notebook::open(&mut &torn[..], &mut kept, &code(BANK)).unwrap();
    let (_, proof) = prove(|| Ok(&journal[..]), 0).unwrap();
    let windows = world.guard.lock().unwrap().close_due(world.now.plus_millis(60_000));
    let line = proof.verify(&windows[0].root()).unwrap();
    book.note(line).unwrap();
    // Of several servers, each with numbers of its own, and of one that lies: all count.
    for number in [500, 3, u64::MAX, 4] {
        book.note(&Line { number, ..line.clone() }).unwrap();
    }
    assert_eq!(counted(&kept).lines, counted(&notes).lines + 4, "one lost, five noted");
}
