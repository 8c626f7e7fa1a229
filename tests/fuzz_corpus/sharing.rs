//! Small inputs of what departments exchange: envelopes, views, lines, journals, tables.

use std::io::{self, Write};

use yinxin_gm::{Digest, sm3};
use yinxin_pki::enveloped_data::{self, Cipher};
use yinxin_receipt::Wire;
use yinxin_record::{
    FieldSet, Level, NegativeList, OrganisationCode, Purpose, ResourceCode, ResourceState,
    ResourceStatus, SharingClass, Subjects, Turn,
};
use yinxin_sharing::{
    access::{Call, Decision, Guard, Head, Known, Line},
    catalogue::{Columns, read_csv, to_dcat},
    envelope::{ChunkSize, ContentSecret, Header, Owner, Writer},
    masked::{Choice, Custodian, DataSet, Field, Schema, Seed, TokenAsk},
};
use yinxin_tests::office::{CODE, Office, repeating};

use super::Plain;

pub(super) const TABLE: &str = "\
提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则
11330105002500287C,某局,307/1,1,企业登记信息,名称与代码,有条件共享,用于信贷审批,,每日,企业名称,字符型,一般1级,
11330105002500287C,某局,307/1,1,企业登记信息,名称与代码,有条件共享,用于信贷审批,,每日,法定代表人,字符型,一般3级,keep/1/0
";
const RULES: &str = "dual_control = \"general-4\"\n[[rule]]\nid = \"a\"\npurposes = [\"credit\"]\ndecide = \"grant\"\nreason = \"r\"\nbasis = \"b\"\n";
const YEAR: &str = "region = \"CN\"\n[[year]]\nyear = 2026\nsource = \"an example\"\noff = [\"2026-10-01..2026-10-07\"]\nwork = [\"2026-10-10\"]\n";

pub(super) fn seeds(o: &Office) -> Vec<Plain> {
    [envelopes(o), views(o), lines(), texts()].concat()
}

fn owner(o: &Office) -> Owner<'_> {
    Owner { certificate: &o.signer.certificate, key: &o.signer.key }
}

fn envelopes(o: &Office) -> Vec<Plain> {
    let rng = &mut repeating("envelope");
    let to = [o.signer.certificate.clone(), o.other.certificate.clone()];
    let mut message =
        |cipher| enveloped_data::make(b"content", &to, cipher, rng).expect("it is encrypted");
    let (gcm, cbc) = (message(Cipher::Gcm), message(Cipher::Cbc));
    let secret = ContentSecret::generate(rng);
    let size = ChunkSize::new(4096).expect("the smallest size");
    let mut writer = Writer::new(Vec::new(), &secret, size, rng);
    writer.write_all(&[7; 5000]).expect("into memory");
    let progress = writer.progress().to_der();
    let (body, content) = writer.finish().expect("into memory");
    let header = Header::new(content, &secret, &to, owner(o), rng).expect("the owner signs");
    let mut whole = Vec::new();
    header.write_before_body(&mut whole).expect("into memory");
    whole.extend_from_slice(&body);
    vec![
        ("envelope", "message", gcm),
        ("envelope", "message-cbc", cbc),
        ("envelope", "header", header.to_der()),
        ("envelope", "content", content.to_der()),
        ("envelope", "progress", progress),
        ("envelope", "whole", whole),
    ]
}

fn views(o: &Office) -> Vec<Plain> {
    let rng = &mut repeating("view");
    let field = |name, kind| Field::new(name, kind).expect("a short name");
    let fields = vec![
        field("姓名", "text").form("keep/1/0".parse().expect("a form")),
        field("年龄", "integer").form("range/10".parse().expect("a form")).quasi_identifier(),
    ];
    let schema = Schema::new(fields).expect("two fields");
    let rows = [["张三", "34"], ["李四", "31"], ["王五", "38"]];
    let mut set = DataSet::new(schema.clone(), Digest([5; 32]), Seed::generate(rng));
    rows.iter().for_each(|row| set.push(row, None).expect("two values"));
    let set = set.publish(owner(o), Office::signing(), rng).expect("the owner signs");
    let choice = Choice::new(&[("姓名", "keep/1/0"), ("年龄", "range/10")], 2).expect("two forms");
    let chosen = [(0, &rows[0][..]), (2, &rows[2][..])];
    let view = set.view(&chosen, &choice, None).expect("two alike");
    let id = field("证号", "id").form("token/loan".parse().expect("a form"));
    let with_tokens = Schema::new(vec![id]).expect("one field");
    let ask = TokenAsk::of(&with_tokens, &[["330106199001011234"], ["330106199101011235"]]);
    let ask = ask.expect("two values");
    let answer = ask.answer(&Custodian::new(zeroize::Zeroizing::new([7; 32])));
    vec![
        ("sharing", "schema", schema.to_der()),
        ("sharing", "statement", set.statement().to_der()),
        ("sharing", "view", view.to_der()),
        ("sharing", "token-ask", ask.to_der()),
        ("sharing", "token-answer", answer.to_der()),
    ]
}

fn lines() -> Vec<Plain> {
    let server = OrganisationCode::new(CODE).expect("a code");
    let now = Office::signing();
    let resource = ResourceState {
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
    };
    let subjects = Subjects::default();
    let head = Head { height: 3, time: now };
    let known = Known { head, resource: &resource, grant: None, subjects: &subjects };
    let call = |n: u8| Call {
        id: sm3::digest(&[n]),
        signed_at: now,
        caller: server.clone(),
        grant: Digest([n; 32]),
        resource: ResourceCode::of(&server, "307/1").expect("a code"),
        purpose: Purpose::new("credit").expect("a purpose"),
        fields: [0, 1].into_iter().collect::<FieldSet>(),
        subjects: vec![Digest([1; 32])],
    };
    let mut journal = Vec::new();
    let (mut guard, _) =
        Guard::open(&mut io::empty(), &mut journal, server.clone()).expect("in memory");
    let turn = Turn { journal: Digest([0x4a; 32]), epoch: 1 };
    guard.begin(turn, Digest::ZERO).expect("in memory");
    let mut denied = Vec::new();
    for n in 0..3 {
        if let Decision::Denied(d) = guard.admit(call(n), &known, now).expect("in memory") {
            denied.push(d.line);
        }
    }
    let window = guard.close_due(now.plus_millis(60_000)).remove(0);
    let leaves: Vec<_> = denied.iter().map(Line::leaf).collect();
    let proof = window.prove(&leaves, &denied[1], 1).expect("it is the second");
    drop(guard);
    vec![
        ("sharing", "line", denied[1].to_der()),
        ("sharing", "line-proof", proof.to_der()),
        ("sharing", "journal", journal),
    ]
}

fn texts() -> Vec<Plain> {
    let columns = Columns::standard().expect("a test reads it");
    let table = read_csv(TABLE.as_bytes(), &columns).expect("a table");
    let document = to_dcat("目录", &table.resources);
    vec![
        ("sharing", "table.csv", TABLE.as_bytes().to_vec()),
        ("sharing", "catalogue.json", document.to_string().into_bytes()),
        ("sharing", "rules.toml", RULES.as_bytes().to_vec()),
        ("sharing", "year.toml", YEAR.as_bytes().to_vec()),
    ]
}
