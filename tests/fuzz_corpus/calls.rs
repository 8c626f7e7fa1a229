//! Calls for shared data, an answer, and what is kept of both.

use std::{
    io,
    sync::{Arc, Mutex},
};

use yinxin_gm::{
    Digest,
    sm2::{PrivateKey, PublicKey},
};
use yinxin_pki::{
    Subject,
    ca::{Period, self_signed},
};
use yinxin_receipt::Wire;
use yinxin_record::{
    GrantState, GrantStatus, Level, NegativeList, OrganisationCode, Purpose, ResourceCode,
    ResourceState, ResourceStatus, ServingState, SharingClass, Subjects, Turn, Volume, Windows,
};
use yinxin_sharing::{
    Error,
    access::{AnchoredLine, Decision, Guard, Head, Notebook, prove},
    catalogue::{Columns, read_csv},
    envelope::{ChunkSize, Owner},
    serving::{
        Ask, CsvRows, Delivery, Desk, Frame, Layout, Member, Offer, Range, Receiving, SignedCall,
        Standing, admit, deliver,
    },
};
use yinxin_tests::office::{CODE, Office, repeating};
use yinxin_verdict::UnixTime;

use super::{Plain, sharing::TABLE};

struct Counter(Vec<u8>, Arc<Standing>);

impl Desk for Counter {
    fn now(&mut self) -> Result<UnixTime, Error> {
        Ok(Office::signing())
    }

    fn standing(&mut self) -> Arc<Standing> {
        Arc::clone(&self.1)
    }

    fn send(&mut self, frames: &[Frame]) -> Result<(), Error> {
        frames.iter().for_each(|frame| frame.write(&mut self.0));
        Ok(())
    }
}

const TURN: Turn = Turn { journal: Digest([0x4a; 32]), epoch: 1 };

fn standing(key: PublicKey, code: &OrganisationCode, resource: &ResourceCode) -> Standing {
    let now = Office::signing();
    let far = now.plus_millis(86_400_000);
    let purpose = Purpose::new("credit").expect("a purpose");
    Standing {
        head: Head { height: 3, time: now },
        resource: ResourceState {
            status: ResourceStatus::Published,
            version: 1,
            class: SharingClass::Conditional,
            level: Level::General2,
            dual_control: Level::Important,
            servers: Vec::new(),
            negative: NegativeList::default(),
            serves_from: now,
            listed_since: now,
            closed_at: None,
            automatic: None,
            grants_until: None,
            reason: 0,
            height: 1,
            since: now,
        },
        grant: Some(GrantState {
            status: GrantStatus::Live,
            resource: resource.clone(),
            version: 1,
            receiver: code.clone(),
            fields: [0, 1].into_iter().collect(),
            purpose: purpose.clone(),
            item: purpose,
            from: now,
            until: far,
            limit: Volume { calls: 9, rows: 999, bytes: 99_999 },
            used: Volume::default(),
            windows: Windows::default(),
            denied: 0,
            mismatches: 0,
            level: Level::General2,
            conditions: None,
            ended: None,
            reason: 0,
            height: 2,
        }),
        subjects: Subjects::default(),
        caller: Some(Member { key, suspended: false }),
        server: Some(Member { key, suspended: false }),
        serving: Some(ServingState {
            turn: TURN,
            since: now,
            until: None,
            lines: 0,
            record: Digest::ZERO,
            height: 2,
        }),
    }
}

pub(super) fn seeds() -> Vec<Plain> {
    let rng = &mut repeating("calls");
    let code = OrganisationCode::new(CODE).expect("a code");
    let resource = ResourceCode::of(&code, "307/1").expect("a code");
    let key = &PrivateKey::generate(rng);
    let name = Subject::new("局").country("CN").organisation_code(CODE).to_name();
    let period = Period::days(Office::signing(), 365);
    let certificate = &self_signed(name.expect("a name"), key, period, None, rng).expect("signed");
    let standing = standing(*key.public_key(), &code, &resource);
    let chain_id = Digest([9; 32]);
    let ask = Ask {
        chain_id,
        server: code.clone(),
        grant: Digest([3; 32]),
        resource,
        purpose: Purpose::new("credit").expect("a purpose"),
        fields: [0, 1].into_iter().collect(),
        subjects: vec![],
        skip: 0,
        rows: 0,
    };
    let now = Office::signing();
    let call = SignedCall::sign(ask, certificate, key, now, rng).expect("the office signs");
    let mut journal = Vec::new();
    let (mut guard, _) =
        Guard::open(&mut io::empty(), &mut journal, code.clone()).expect("in memory");
    guard.begin(TURN, Digest::ZERO).expect("in memory");
    let guard = Mutex::new(guard);
    let offer = Offer {
        server: code.clone(),
        key: *key.public_key(),
        chain_id,
        turn: TURN,
        by_subject: false,
        scope: None,
    };
    let admitted = admit(&guard, &call, Some(certificate), &offer, &standing, now);
    let Ok(Decision::Allowed(admitted)) = admitted else { unreachable!("it is granted") };
    let columns = Columns::standard().expect("a test reads it");
    let entry = read_csv(TABLE.as_bytes(), &columns).expect("a table").resources.remove(0);
    let layout = Layout::new(&entry, &call.ask().fields).expect("two fields");
    let table = format!("企业名称,法定代表人\n{}", "甲公司,张三\n".repeat(300));
    let names: Vec<&str> = layout.names().collect();
    let range = Range { skip: 0, rows: 500 };
    let mut rows = CsvRows::open(table.as_bytes(), &names, None, range).expect("a table");
    let delivery = Delivery {
        offer: &offer,
        version: 1,
        server: Owner { certificate, key },
        recipient: certificate,
        layout: &layout,
        part: ChunkSize::new(4096).expect("the smallest size"),
    };
    let mut counter = Counter(Vec::new(), Arc::new(standing));
    deliver(&guard, admitted, &mut rows, &delivery, &mut counter, rng).expect("in memory");
    drop(guard);
    let mut notes = Vec::new();
    let mut book = Notebook::open(&mut io::empty(), &mut notes, &code).expect("in memory");
    let mut receiving = Receiving::new(&call, io::sink());
    let mut input = &counter.0[..];
    while let Some(frame) = Frame::read(&mut input).expect("as it was written") {
        receiving.take(frame, &mut book).expect("as it was sent");
    }
    let (_, proof) = prove(|| Ok(&journal[..]), 0).expect("the first line");
    let anchored = AnchoredLine { proof, receipt: b"a receipt".to_vec() };
    vec![
        ("calls", "call", call.to_der()),
        ("calls", "answer", counter.0),
        ("calls", "notebook", notes),
        ("calls", "anchored-line", anchored.to_der()),
    ]
}
