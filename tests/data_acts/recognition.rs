//! Another department's call: answered, told to the ledger in its window, and relied on by its receipt.

use std::sync::Arc;

use yinxin_gm::{Digest, sm3};
use yinxin_ledger::index_key;
use yinxin_merkle::wire::Writer;
use yinxin_record::{
    Act, DataAct, GrantState, OpenServing, OrganisationCode, Purpose, ResourceCode, ResourceState,
    Subjects, TakesOver, Turn, Wire, state_key,
};
use yinxin_sharing::access::{Answer, Call, ClosedAct, Decision, Guard, Head, Known, Line};
use yinxin_store::MemoryDisk;
use yinxin_tests::{
    acts::{Ledger, Plan, fill},
    liar::hiding,
};
use yinxin_verdict::UnixTime;

use super::{Town, ask, resource};

/// A call that was answered, with its window and a guard's proof; sent later, since its minute must be over.
pub(super) struct Answered {
    guard: Guard<Vec<u8>>,
    line: Line,
    grant: String,
}

pub(super) fn call(town: &Town, grant: &str) -> Answered {
    let id: Digest = grant.parse().unwrap();
    let _ = town.look();
    let state: GrantState = town.state(&state_key::grant(&id));
    let code = ResourceCode::new(&resource(2)).unwrap();
    let of: ResourceState = town.state(&state_key::resource(&code));
    let server = OrganisationCode::new(super::code(1)).unwrap();
    let (mut guard, _) = Guard::open(&mut std::io::empty(), Vec::new(), server).unwrap();
    let turn = Turn { journal: sm3::digest(b"journal"), epoch: 1 };
    guard.begin(turn, Digest::ZERO).unwrap();
    let resources = vec![code.clone()];
    let opening = OpenServing { resources, turn, lines: 0, takes_over: TakesOver::No };
    let opening = Act::Data(DataAct::OpenServing(opening));
    let opening = town.cluster.signer(1).act("serving", opening, 100_000);
    town.cluster.post(1, &opening.to_der()).unwrap();
    let now = UnixTime::system_now().max(state.from);
    let (head, subjects) = (Head { height: state.height, time: now }, Subjects::default());
    let known = Known { head, resource: &of, grant: Some(&state), subjects: &subjects };
    let call = Call {
        id: sm3::digest(b"call"),
        signed_at: now,
        caller: state.receiver.clone(),
        grant: id,
        resource: code,
        purpose: Purpose::new("credit").unwrap(),
        fields: state.fields.clone(),
        subjects: Vec::new(),
    };
    let Decision::Allowed(mut admitted) = guard.admit(call, &known, now).unwrap() else {
        unreachable!("the grant serves")
    };
    let answer = Answer { rows: 1, bytes: 20, commitment: sm3::digest(b"answer") };
    let released = guard.release(&mut admitted, answer, &known, now).unwrap();
    let Decision::Allowed(line) = released else { unreachable!("the grant serves") };
    Answered { guard, line, grant: grant.to_owned() }
}

pub(super) fn another_departments_call_is_recognised(town: &Town, answered: Answered) {
    let place = town.place();
    let Answered { mut guard, line, grant } = answered;
    // The ledger takes a window once its minute is over by the clocks of its nodes.
    let over = i64::try_from((line.minute() + 1) * 60_000 + 1_000).unwrap();
    let left = over - UnixTime::system_now().as_millis();
    std::thread::sleep(std::time::Duration::from_millis(u64::try_from(left).unwrap_or(0)));
    let [window] = &guard.close_due(UnixTime::system_now())[..] else { unreachable!("one window") };
    let ClosedAct::Access(act) = window.act() else { unreachable!("it was served") };
    let record =
        town.cluster.signer(1).act("window", Act::Data(DataAct::Access(act.clone())), 100_000);
    place.write("window.receipt", town.cluster.post(1, &record.to_der()).unwrap());
    place.write("call.proof", window.prove(&[line.leaf()], &line, 0).unwrap().to_der());

    let (own, _) = ask(town, 2, 2, "to-recognise", 10);
    let recognise = |grant: &str| {
        format!("data recognise {grant} --window window.receipt --call call.proof {}", town.by(2))
    };
    town.ends(&recognise(&grant), 1, &["NOT_AUTHORITY"]);
    let done = town.ends(&recognise(&own), 0, &["recognised"]);
    assert_eq!(done["subject"], line.leaf().to_string());
    let mut forged = place.read("call.proof");
    let last = forged.len() - 10;
    forged[last] ^= 1;
    place.write("forged.proof", forged);
    let line = recognise(&own).replace("call.proof", "forged.proof");
    assert_ne!(place.run(&line).code, Some(0));
    let line = recognise(&own).replace("window.receipt", "a.receipt");
    place.ends(&line, 4, &["window of access"]);
    of_another_ledger(town);
    // What was served is counted under the other department's grant.
    let view = town.ends(
        &format!("data statistics --grant {grant} --group month {}", town.look()),
        0,
        &[],
    );
    assert_eq!((&view["total"]["rows"], &view["groups"][0]["records"]), (&1.into(), &1.into()));
    windows_that_a_node_hides_are_missed(town, &grant);
}

/// In whatever time is asked for: the totals that the ledger proves are without them.
fn windows_that_a_node_hides_are_missed(town: &Town, grant: &str) {
    let honest = town.look();
    let id: Digest = grant.parse().unwrap();
    let liar = hiding(town.cluster.http(1), &index_key::access(&id));
    let liar = format!("--node {liar} --trust trust");
    let day = |days: i64| UnixTime::system_now().plus_millis(days * 86_400_000).china_date();
    let around = format!("--from {} --until {}", day(-1), day(2));
    let (since, past) = (format!("--from {}", day(-1)), format!("--until {}", day(-30)));
    for (time, rows, later) in [("", 1, 0), (&around, 1, 0), (&since, 1, 0), (&past, 0, 1)] {
        let line = |at: &str| format!("data statistics --grant {grant} --group month {time} {at}");
        let view = town.ends(&line(&honest), 0, &[]);
        assert_eq!((&view["total"]["rows"], &view["later_windows"]), (&rows.into(), &later.into()));
        town.ends(&line(&liar), 1, &["do not add up"]);
    }
}

/// A call of another region: its window's receipt is believed by that region's genesis, never by the own ledger's.
fn of_another_ledger(town: &Town) {
    let place = town.place();
    let far = fill(Arc::new(MemoryDisk::default()), Plan::new(1, Some(8)), |_| {});
    let call = far.call.as_ref().unwrap();
    let mut proof = Writer::new();
    proof.sequence(|out| {
        call.line.write(out);
        out.uint(0_u64);
        out.uint(1_u64);
        out.digests(&[]);
    });
    place.write("far.receipt", far.receipt(&call.window).to_der());
    place.write("far.proof", proof.into_vec());
    place.write("far/ledger.genesis", Ledger::genesis().to_der());
    let (own, _) = ask(town, 2, 2, "to-recognise-far", 10);
    let line = |more: &str| {
        format!("data recognise {own} --window far.receipt --call far.proof {more} {}", town.by(2))
    };
    place.ends(&line(""), 3, &["LEDGER_UNKNOWN", "--their-trust"]);
    place.ends(&line("--their-trust trust"), 3, &["LEDGER_UNKNOWN"]);
    // The proof of another line; a receipt with one octet changed.
    let mixed = line("--their-trust far").replace("far.proof", "call.proof");
    place.ends(&mixed, 4, &["proof does not lead to the root"]);
    let mut forged = place.read("far.receipt");
    let last = forged.len() - 5;
    forged[last] ^= 1;
    place.write("forged.receipt", forged);
    place.ends(&line("--their-trust far").replace("far.receipt", "forged.receipt"), 1, &[]);
    let done = town.ends(&line("--their-trust far --out recognised.receipt"), 0, &["recognised"]);
    assert_eq!(done["subject"], call.line.leaf().to_string());
    place.ok("verify --brief --trust trust recognised.receipt");
    // The picture names the other ledger and the record there.
    let picture = format!("trace d:{} --backward --verify {}", call.line.leaf(), town.look());
    let name = format!("x:{}:{}", Ledger::genesis().chain_id(), call.window);
    let traced = place.ends(&format!("--json {picture}"), 0, &[]);
    assert!(traced.out.contains(&name), "{name} in {}", traced.out);
}
