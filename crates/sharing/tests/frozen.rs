//! What we write stays as it is: SM3 of every format, for fixed secrets, times and random numbers.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};

use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
use yinxin_merkle::wire::Wire;
use yinxin_pki::{
    Subject,
    ca::{Period, self_signed},
};
use yinxin_record::{
    FieldSet, GrantState, GrantStatus, Level, NegativeList, OrganisationCode, Purpose,
    ResourceCode, ResourceState, ResourceStatus, ServingState, SharingClass, Subjects, Turn,
    Volume, Windows,
};
use yinxin_sharing::access::{Call, Decision, Gathering, Guard, Head, Known, Notebook};
use yinxin_sharing::catalogue::{Columns, read_csv};
use yinxin_sharing::envelope::{ChunkSize, ContentSecret, Owner, Reader, Writer};
use yinxin_sharing::masked::{Custodian, Field, Schema};
use yinxin_sharing::serving::{
    Ask, CsvRows, Delivery, Desk, Frame, Layout, Member, Offer, Range, Receiving, SignedCall,
    Standing, admit, deliver,
};
use yinxin_verdict::UnixTime;

/// Octets that count up: the same every time.
struct Counting(u8);

impl rand_core::TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets).map(|()| u32::from_be_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets).map(|()| u64::from_be_bytes(octets))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for octet in out {
            self.0 = self.0.wrapping_add(1);
            *octet = self.0;
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counting {}

const TABLE: &str = "\
提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则
11330105002500287C,某局,307/1,1,企业登记信息,名称与代码,有条件共享,用于信贷审批,,每日,企业名称,字符型,一般1级,
11330105002500287C,某局,307/1,1,企业登记信息,名称与代码,有条件共享,用于信贷审批,,每日,法定代表人,字符型,一般3级,keep/1/0
";

fn written() -> BTreeMap<&'static str, Vec<u8>> {
    let mut out = BTreeMap::new();
    let secret = ContentSecret::generate(&mut Counting(0));
    let size = ChunkSize::new(4096).unwrap();
    let mut writer = Writer::new(Vec::new(), &secret, size, &mut Counting(100));
    writer.write_all(&[7; 5000]).unwrap();
    out.insert("envelope progress", writer.progress().to_der());
    let (body, content) = writer.finish().unwrap();
    let mut read = Vec::new();
    Reader::new(&body[..], content, &secret).unwrap().read_to_end(&mut read).unwrap();
    assert_eq!(read, [7; 5000]);
    out.insert("envelope body", body);
    out.insert("envelope content", content.to_der());
    out.insert("envelope content, anchored digest", content.digest().0.to_vec());

    let field = |name, kind| Field::new(name, kind).unwrap();
    let fields = vec![
        field("姓名", "text").form("keep/1/0".parse().unwrap()),
        field("年龄", "integer").form("range/10".parse().unwrap()).quasi_identifier(),
    ];
    out.insert("masked schema", Schema::new(fields).unwrap().to_der());
    let custodian = Custodian::new(zeroize::Zeroizing::new([7; 32]));
    out.insert("pseudonym", custodian.pseudonym("loan", "id", "330106").0.to_vec());

    let table = read_csv(TABLE.as_bytes(), &Columns::standard().unwrap()).unwrap();
    out.insert("resource definition", table.resources[0].definition().0.to_vec());

    let (call, answer, notes) = answer();
    out.insert("access call", call);
    out.insert("access answer", answer);
    out.insert("access notebook", notes);

    let (journal, line, proof) = journal();
    out.insert("access journal", journal);
    out.insert("access line", line);
    out.insert("access line proof", proof);
    out
}

/// A way out into memory, at a time that stands still.
struct Out(Vec<u8>, Arc<Standing>);

impl Desk for Out {
    fn now(&mut self) -> Result<UnixTime, yinxin_sharing::Error> {
        Ok(self.1.head.time)
    }

    fn standing(&mut self) -> Arc<Standing> {
        Arc::clone(&self.1)
    }

    fn send(&mut self, frames: &[Frame]) -> Result<(), yinxin_sharing::Error> {
        frames.iter().for_each(|frame| frame.write(&mut self.0));
        Ok(())
    }
}

fn answer() -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    const CODE: &str = "11330105002500287C";
    let rng = &mut Counting(50);
    let code = OrganisationCode::new(CODE).unwrap();
    let now = UnixTime::parse("2026-11-22T08:00:00Z").unwrap();
    let key = PrivateKey::generate(rng);
    let name = Subject::new("局").country("CN").organisation_code(CODE).to_name().unwrap();
    let period = Period::days(UnixTime::parse("2026-01-01").unwrap(), 3650);
    let certificate = self_signed(name, &key, period, None, rng).unwrap();
    let resource = ResourceCode::of(&code, "307/1").unwrap();
    let purpose = Purpose::new("credit").unwrap();
    let (chain_id, fields) = (Digest([9; 32]), [0, 1].into_iter().collect::<FieldSet>());
    let ask = Ask {
        chain_id,
        server: code.clone(),
        grant: Digest([3; 32]),
        resource: resource.clone(),
        purpose: purpose.clone(),
        fields: fields.clone(),
        subjects: vec![],
        skip: 0,
        rows: 5,
    };
    let call = SignedCall::sign(ask, &certificate, &key, now, rng).unwrap();
    let grant = GrantState {
        status: GrantStatus::Live,
        resource,
        version: 1,
        receiver: code.clone(),
        fields,
        purpose: purpose.clone(),
        item: purpose,
        from: now,
        until: now.plus_millis(1000),
        limit: Volume { calls: 1, rows: 5, bytes: 1000 },
        used: Volume::default(),
        windows: Windows::default(),
        denied: 0,
        mismatches: 0,
        level: Level::General2,
        conditions: None,
        ended: None,
        reason: 0,
        height: 2,
    };
    let standing = Standing {
        head: Head { height: 3, time: now },
        resource: published(now),
        grant: Some(grant),
        subjects: Subjects::default(),
        caller: Some(Member { key: *key.public_key(), suspended: false }),
        server: Some(Member { key: *key.public_key(), suspended: false }),
        serving: Some(ServingState {
            turn: TURN,
            since: now,
            until: None,
            lines: 0,
            record: Digest::ZERO,
            height: 2,
        }),
    };
    let mut guard = Guard::open(&mut io::empty(), Vec::new(), code.clone()).unwrap().0;
    guard.begin(TURN, Digest::ZERO).unwrap();
    let guard = Mutex::new(guard);
    let offer = Offer {
        server: code.clone(),
        key: *key.public_key(),
        chain_id,
        turn: TURN,
        by_subject: false,
        scope: None,
    };
    let decision = admit(&guard, &call, Some(&certificate), &offer, &standing, now).unwrap();
    let Decision::Allowed(admitted) = decision else { panic!("it is granted") };
    let entry = read_csv(TABLE.as_bytes(), &Columns::standard().unwrap()).unwrap();
    let layout = Layout::new(&entry.resources[0], &call.ask().fields).unwrap();
    let table = "企业名称,法定代表人\n甲公司,张三\n";
    let names: Vec<&str> = layout.names().collect();
    let range = Range { skip: 0, rows: 5 };
    let mut rows = CsvRows::open(table.as_bytes(), &names, None, range).unwrap();
    let delivery = Delivery {
        offer: &offer,
        version: 1,
        server: Owner { certificate: &certificate, key: &key },
        recipient: &certificate,
        layout: &layout,
        part: ChunkSize::new(4096).unwrap(),
    };
    let mut out = Out(Vec::new(), Arc::new(standing));
    deliver(&guard, admitted, &mut rows, &delivery, &mut out, rng).unwrap();
    let mut notes = Vec::new();
    let mut book = Notebook::open(&mut io::empty(), &mut notes, &code).unwrap();
    let mut receiving = Receiving::new(&call, io::sink());
    let mut input = &out.0[..];
    while let Some(frame) = Frame::read(&mut input).unwrap() {
        receiving.take(frame, &mut book).unwrap();
    }
    (call.to_der(), out.0, notes)
}

const TURN: Turn = Turn { journal: Digest([0x4a; 32]), epoch: 1 };

fn published(now: UnixTime) -> ResourceState {
    ResourceState {
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
    }
}

fn journal() -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let server = OrganisationCode::new("11330105002500287C").unwrap();
    let now = UnixTime::parse("2026-11-22T08:00:00Z").unwrap();
    let resource = published(now);
    let subjects = Subjects::default();
    let head = Head { height: 3, time: now };
    let known = Known { head, resource: &resource, grant: None, subjects: &subjects };
    let call = Call {
        id: sm3::digest(b"call"),
        signed_at: now,
        caller: server.clone(),
        grant: Digest([3; 32]),
        resource: ResourceCode::of(&server, "307/1").unwrap(),
        purpose: Purpose::new("credit").unwrap(),
        fields: [0, 1].into_iter().collect::<FieldSet>(),
        subjects: vec![Digest([1; 32])],
    };
    let mut journal = Vec::new();
    let (mut guard, _) = Guard::open(&mut io::empty(), &mut journal, server).unwrap();
    guard.begin(TURN, Digest([5; 32])).unwrap();
    let resource_code = call.resource.clone();
    let Decision::Denied(denied) = guard.admit(call, &known, now).unwrap() else {
        panic!("there is no grant")
    };
    let window = guard.close_due(now.plus_millis(60_000)).remove(0);
    let proof = window.prove(&[denied.line.leaf()], &denied.line, 0).unwrap().to_der();
    let mut calls = Gathering::default();
    (0..3_u8).for_each(|n| calls.add(&Digest([n; 32])));
    guard.turn_away(&resource_code, &calls, &head, now.plus_millis(60_000)).unwrap();
    drop(guard);
    (journal, denied.line.to_der(), proof)
}

#[test]
fn every_format_is_what_it_was() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/sharing/written.sm3");
    let mut now = String::new();
    for (name, bytes) in written() {
        writeln!(now, "{}  {name}", sm3::digest(&bytes)).unwrap();
    }
    if std::env::var_os("YINXIN_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap();
    assert_eq!(now, known, "an encoding has changed: that is a decision with an ADR");
}
