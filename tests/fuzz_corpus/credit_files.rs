//! Small inputs of credit: tables, forms, formulas, rows, views and records of batches.

use yinxin_credit::{
    source::{ItemKey, SOURCE_RECORD_DOMAIN, SourceProof},
    view::{CreditView, SourcePart, ViewPackage, ViewQuestion},
};
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{state::StateProof, wire::Writer};
use yinxin_receipt::StatusProof;
use yinxin_record::{
    ClassCode, EventChain, EventState, OrganisationCode, Purpose, Subject, ViewGround, Wire,
    state_key,
};
use yinxin_tests::office::{CODE, Office};
use yinxin_verdict::UnixTime;

use super::Plain;

const ROWS: &str = "published,LB,SHXYM,MC,BH,NR,RQ,JG,JGDM
2026-03-05,02,91350100M000100Y43,某公司,1,\"检查
合格\",2026-03-02,某局,11430000006122244L
";
const LINES: &str =
    "{\"class\":\"inspection\",\"BH\":\"1\",\"NR\":1.50,\"RQ\":null}\n\n{\"BH\":[]}\n";

pub(super) fn seeds(o: &Office) -> Vec<Plain> {
    let view = view(o);
    let [part] = &view.parts[..] else { unreachable!("one source") };
    let receipt = o.receipt(&[sm3::digest(b"item")], 3);
    let taken = ViewPackage { view: view.clone(), taken: Some(receipt) };
    let mut seeds = files();
    seeds.extend([
        ("credit", "view", view.to_der()),
        ("credit", "source-proof", part.proof.to_der()),
        ("credit", "source-record", part.records[0].clone()),
        ("any", "credit-view", view.to_der()),
        ("any", "credit-view-taken", taken.to_der()),
    ]);
    seeds
}

/// A bank's view of a company with one item, one source and a receipt; no proof of it leads anywhere.
fn view(o: &Office) -> CreditView {
    let code = || OrganisationCode::new(CODE).expect("its check digit holds");
    let subject = Subject::Company(code());
    let item = sm3::digest(b"item");
    let receipt = o.receipt(&[item], 3);
    let (header, certificate) = o.block(&[o.record(&[item]).to_der()], 3);
    let path = || StateProof::new(vec![None, Some(item)], None).expect("two siblings");
    let proof = |key: Vec<u8>, value: Option<Vec<u8>>| {
        StatusProof::new(key, value, path(), header.clone(), certificate.clone())
    };
    let chain = EventChain::replay(&subject, &[item]);
    let event = EventState { head: chain.head, record: item, since: UnixTime::EPOCH };
    let record = withdrawn(&subject);
    CreditView {
        question: ViewQuestion {
            subject: subject.clone(),
            reader: code(),
            purpose: Purpose::new("loan").expect("a word"),
            ground: ViewGround::Authorisation(Digest::ZERO),
            classes: vec![ClassCode::new("penalty").expect("letters")],
            as_of: UnixTime::EPOCH,
        },
        reader: proof(state_key::organisation(&code()), None),
        chain: proof(state_key::credit_subject(&subject), Some(chain.to_der())),
        ids: vec![item],
        states: vec![proof(state_key::credit_item(&item), None)],
        receipts: vec![receipt],
        events: vec![proof(state_key::credit_event(&subject, 1), Some(event.to_der()))],
        sources: proof(state_key::credit_sources(), None),
        marks: proof(state_key::credit_source_marks(&subject), None),
        marked: vec![],
        parts: vec![SourcePart {
            state: proof(state_key::credit_source(&code()), None),
            proof: SourceProof { chain: Some(chain), path: path() },
            records: vec![record],
        }],
        classes: vec![proof(b"class".to_vec(), None)],
        grant: Some(proof(state_key::credit_authorisation(&Digest::ZERO), None)),
        contents: Vec::new(),
    }
}

/// A record of a batch by hand: the library makes them of rows only.
fn withdrawn(subject: &Subject) -> Vec<u8> {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(SOURCE_RECORD_DOMAIN);
        out.text(CODE);
        subject.write(out);
        out.octets(&ItemKey::of("penalty", "1").0);
        out.tagged(1, |out| {
            out.sequence(|out| {
                out.uint(7_u32);
                out.text(CODE);
                out.int(20_000);
            });
        });
    });
    out.into_vec()
}

fn files() -> Vec<Plain> {
    let files: [(&str, &[u8]); 4] = [
        ("classes.toml", include_bytes!("../../crates/credit/data/classes.toml")),
        ("formula.toml", include_bytes!("../../crates/credit/data/formula.toml")),
        ("rows.csv", ROWS.as_bytes()),
        ("rows.jsonl", LINES.as_bytes()),
    ];
    files.map(|(name, bytes)| ("credit", name, bytes.to_vec())).to_vec()
}
