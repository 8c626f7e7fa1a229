//! Small inputs of every kind that is read, whole and spoilt.

#[path = "calls.rs"]
mod calls;
#[path = "credit.rs"]
mod credit;
#[path = "credit_files.rs"]
mod credit_files;
#[path = "evidence.rs"]
mod evidence;
#[path = "shares.rs"]
mod shares;
#[path = "sharing.rs"]
mod sharing;

use yinxin_gm::{Digest, sm2::DEFAULT_ID, sm3, sm9};
use yinxin_merkle::state::StateProof;
use yinxin_pki::{
    Subject,
    csr::Csr,
    keyfile::{self, Prf},
    signed_data::{self, Content, Options},
};
use yinxin_receipt::{Checkpoint, SetChange, StatusProof, Wire};
use yinxin_tests::{
    forge::{Entry, Forger, der, entries, file, zip},
    office::{CODE, Office, document, repeating},
};

pub(crate) type Seed = (&'static str, String, Vec<u8>);

/// All of them: target, file name, bytes.
pub(crate) fn all() -> Vec<Seed> {
    let office = Office::new();
    let mut seeds = Vec::new();
    let kinds = [
        certificates(&office),
        ledgers(&office),
        shares::all(&office),
        credit::all(&office),
        documents(&office),
        texts(),
        numbers(&office),
        identities(),
        computations(),
        sharing::seeds(&office),
        credit_files::seeds(&office),
        evidence::seeds(&office),
        calls::seeds(),
    ];
    for (target, name, bytes) in kinds.into_iter().flatten() {
        // Spoilt: cut in half, the outer length wrong, bytes behind.
        let mut wrong = bytes.clone();
        wrong.iter_mut().skip(1).take(1).for_each(|b| *b = b.wrapping_add(1));
        let more = [bytes.as_slice(), b"\0"].concat();
        seeds.push((target, format!("{name}-cut"), bytes[..bytes.len() / 2].to_vec()));
        seeds.push((target, format!("{name}-length"), wrong));
        seeds.push((target, format!("{name}-more"), more));
        seeds.push((target, name.to_owned(), bytes));
    }
    // What stands for nothing, for every target.
    for (target, _) in yinxin_tests::parsers::TARGETS {
        seeds.push((target, "empty".to_owned(), Vec::new()));
        seeds.push((target, "deep".to_owned(), nested(200)));
        seeds.push((target, "endless".to_owned(), vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]));
        seeds.push((target, "indefinite".to_owned(), [0x30, 0x80].repeat(100)));
    }
    seeds
}

type Plain = (&'static str, &'static str, Vec<u8>);

fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(Vec::new(), |inner, _| der(0x30, &[&inner]))
}

fn certificates(o: &Office) -> Vec<Plain> {
    let signer = &o.signer;
    let name = Subject::new("申请人").country("CN");
    let csr = Csr::make(&name, &signer.key, &mut repeating("csr")).expect("a key signs");
    let message = |content| {
        let options = Options { signing_time: Some(Office::signing()) };
        let chain = std::slice::from_ref(&signer.certificate);
        signed_data::make(content, chain, &signer.key, options, &mut repeating("message"))
            .expect("a key signs")
    };
    let encrypted = |prf| {
        keyfile::encrypt_pem(
            &signer.key,
            b"password",
            prf,
            std::num::NonZeroU32::new(10).expect("ten"),
            &mut repeating("file"),
        )
        .expect("it is encrypted")
    };
    vec![
        ("certificate", "root", o.root.certificate.raw().to_vec()),
        ("certificate", "signer", signer.certificate.raw().to_vec()),
        ("certificate", "maker.pem", o.maker.certificate.to_pem().into_bytes()),
        ("crl", "list", o.crl.raw().to_vec()),
        ("crl", "list.pem", o.crl.to_pem().into_bytes()),
        ("csr", "request", csr.raw().to_vec()),
        ("csr", "request.pem", csr.to_pem().into_bytes()),
        ("keyfile", "plain", signer.key.to_pkcs8_der().to_vec()),
        ("keyfile", "sm3", encrypted(Prf::HmacSm3).as_bytes().to_vec()),
        ("signed_message", "attached", message(Content::Embedded(b"content"))),
        ("signed_message", "detached", message(Content::Detached(b"content"))),
    ]
}

fn ledgers(o: &Office) -> Vec<Plain> {
    let document = sm3::digest(b"a document");
    let receipt = o.receipt(&[document], 3);
    let record = o.record(&[document]);
    let (header, certificate) = o.block(&[record.to_der()], 3);
    let set = o.genesis.validator_set().expect("four validators");
    let path = StateProof::new(vec![Some(document), None, Some(Digest::ZERO)], None);
    let status = StatusProof::new(
        b"licence/1".to_vec(),
        Some(b"state".to_vec()),
        path.expect("three siblings"),
        header.clone(),
        certificate.clone(),
    );
    let mut checkpoint = Checkpoint {
        header: header.clone(),
        next: set.clone(),
        organisations: vec![(CODE.to_owned(), *o.signer.key.public_key())],
        signatures: Vec::new(),
    };
    let signature = o.signer.key.sign(DEFAULT_ID, &checkpoint.body(), &mut repeating("checkpoint"));
    checkpoint.signatures.push((CODE.to_owned(), signature.expect("a key signs").to_raw()));
    let change =
        SetChange { header: header.clone(), certificate: certificate.clone(), next: set.clone() };
    vec![
        ("genesis", "genesis", o.genesis.to_der()),
        ("genesis", "checkpoint", checkpoint.to_der()),
        ("genesis", "set-change", change.to_der()),
        ("header", "header", header.to_der()),
        ("header", "certificate", certificate.to_der()),
        ("header", "validators", set.to_der()),
        ("receipt", "whole", receipt.to_der()),
        ("receipt", "short", receipt.clone().without_record().to_der()),
        ("record", "anchor", record.to_der()),
        ("status_proof", "present", status.to_der()),
        ("status_proof", "absent", StatusProof { value: None, ..status.clone() }.to_der()),
        ("status_proof", "path", status.path.to_der()),
        ("any", "receipt", receipt.to_der()),
        ("any", "record", record.to_der()),
        ("any", "status", status.to_der()),
        ("any", "checkpoint", checkpoint.to_der()),
    ]
}

fn documents(o: &Office) -> Vec<Plain> {
    let plain = document(&["证"]);
    let stamped = Forger::honest(o).stamp(o, &plain);
    let signed = Forger::honest(o).sign(&plain);
    let value = file(&stamped, "Doc_0/Signs/Sign_0/SignedValue.dat");
    let xml = |path: &str| file(&stamped, path);
    let small = zip(&[
        Entry { name: b"OFD.xml".to_vec(), bytes: xml("OFD.xml"), ..Entry::default() },
        Entry { name: b"x".to_vec(), crc: Some(0), ..Entry::default() },
    ]);
    vec![
        ("any", "stamped", stamped.clone()),
        ("any", "signed", signed.clone()),
        ("any", "value", value.clone()),
        ("seal", "v4", o.seal.as_bytes().to_vec()),
        ("seal_signature", "v4", value),
        ("xml", "ofd", xml("OFD.xml")),
        ("xml", "document", xml("Doc_0/Document.xml")),
        ("xml", "page", xml("Doc_0/Pages/Page_0/Content.xml")),
        ("xml", "signature", xml("Doc_0/Signs/Sign_0/Signature.xml")),
        ("xml", "doctype", b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>".to_vec()),
        ("xml", "nested", "<a>".repeat(100).into_bytes()),
        ("zip", "stamped", stamped.clone()),
        ("zip", "signed", signed),
        ("zip", "stored", zip(&entries(&stamped))),
        ("zip", "small", small),
    ]
}

fn texts() -> Vec<Plain> {
    vec![
        (
            "text",
            "identifier",
            b"1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U".to_vec(),
        ),
        ("text", "time", b"2026-11-22T08:00:00+08:00".to_vec()),
        ("text", "type", include_bytes!("../../cli/sample/business-licence.toml").to_vec()),
        ("text", "columns", include_bytes!("../../cli/sample/columns.toml").to_vec()),
        ("text", "pem", b"-----BEGIN X-----\nMAA=\n-----END X-----\n".to_vec()),
    ]
}

/// Of SM9; whatever has a DER form.
fn identities() -> Vec<Plain> {
    let signing = sm9::SigningMasterKey::from_bytes(&[7; 32]).expect("in range");
    let encryption = sm9::EncryptionMasterKey::from_bytes(&[8; 32]).expect("in range");
    let (alice, bob) = (sm9::User::signer(b"Alice"), sm9::User::recipient(b"Bob"));
    let (key, public) = (signing.extract(&alice).expect("usable"), encryption.public_key());
    let signature = key.sign(b"message", &mut repeating("sm9")).expect("usable");
    let encrypted = |mode| public.encrypt(&bob, b"message", mode, &mut repeating("sm9"));
    let (xor, cbc) = (encrypted(sm9::Mode::Xor), encrypted(sm9::Mode::Cbc));
    let (_, sent) = public.encapsulate(&bob, 16, &mut repeating("sm9")).expect("short");
    vec![
        ("sm9", "signature", signature.to_der()),
        ("sm9", "master", signing.to_der().to_vec()),
        ("sm9", "signing_master", signing.public_key().to_der()),
        ("sm9", "encryption_master", public.to_der()),
        ("sm9", "decryption_key", encryption.extract(&bob).expect("usable").to_der().to_vec()),
        ("sm9", "encapsulation", sent.to_der()),
        ("sm9", "xor", xor.expect("not empty").to_der()),
        ("sm9", "cbc", cbc.expect("not empty").to_der()),
    ]
}

/// One for each thing that backends compute: its number, keys that are good ones, and data.
fn computations() -> Vec<Plain> {
    let names = [
        "hashes",
        "derivations",
        "modes",
        "authenticated",
        "sectors",
        "signatures",
        "encryption",
        "streams",
    ];
    let named = (0_u8..).zip(names).map(|(number, name)| {
        let mut rng = repeating(name);
        let mut bytes = vec![0; 1500];
        rand_core::Rng::fill_bytes(&mut rng, &mut bytes);
        bytes[0] = number;
        // Below n, on whichever end.
        (bytes[1], bytes[33]) = (0x17, 0x17);
        ("backends", name, bytes)
    });
    named.collect()
}

fn numbers(o: &Office) -> Vec<Plain> {
    let key = o.signer.key.public_key();
    let signature = o.signer.key.sign(DEFAULT_ID, b"message", &mut repeating("sm2"));
    let signature = signature.expect("a key signs");
    let ciphertext = key.encrypt(b"message", &mut repeating("sm2")).expect("it is encrypted");
    vec![
        ("sm2", "point", key.to_sec1().to_vec()),
        ("sm2", "signature", signature.to_der()),
        ("sm2", "ciphertext", ciphertext.to_der()),
        ("sm2", "c1c3c2", ciphertext.to_c1c3c2()),
        ("sm2", "pkcs8", o.signer.key.to_pkcs8_der().to_vec()),
        ("sm2", "sec1", o.signer.key.to_sec1_der().to_vec()),
        ("sm2", "number", o.signer.key.to_bytes().to_vec()),
        ("sm2", "raw", signature.to_raw().to_vec()),
    ]
}
