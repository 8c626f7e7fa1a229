//! What reads bytes from strangers, each as one function that must return: no panic, no endless work.
//!
//! Where a format is our own, what is read must be written back as the same bytes. Fuzzers and the replay of their corpus
//! share these functions, so that a crash found by one is a test of the other.

#[path = "parsers/backends.rs"]
mod backends;

use std::io::Cursor;

use yinxin_credit::{AssetNumber, ClassTable, Content, Forms, Formula, source, view::ViewPackage};
use yinxin_gm::sm2;
use yinxin_licence::{CatalogueType, Columns, Identifier};
use yinxin_ofd::{Limits, Package, PackageWriter, xml};
use yinxin_pki::{
    Certificate, Crl, EnvelopedData, Question, TrustStore, Usage, csr::Csr, keyfile, pem,
    signed_data::SignedData, tlv, validate,
};
use yinxin_receipt::{
    Checkpoint, CommitCertificate, Genesis, Header, Receipt, SetChange, StatusProof, ValidatorSet,
    Wire,
};
use yinxin_record::{Record, check_record};
use yinxin_seal::{Seal, SealSignature, check_seal};
use yinxin_sharing::{
    access::{AnchoredLine, Guard, Line, LineProof, Notebook, read_lines},
    calendar::{Calendar, Terms},
    catalogue,
    envelope::{self, ChunkIndex, ChunkSize},
    masked,
    rule::Rules,
    serving::{CsvRows, Frame, Range, Receiving, Rows, SignedCall},
};
use yinxin_verdict::{Facts, Lang, Policy, UnixTime};
use yinxin_verify::{Evidence, EvidenceSignature, Trust, verify};

/// The server that journals are opened as.
const SERVER: &str = "11330105002500287C";

/// Reads any bytes, and must not break.
pub type Parser = fn(&[u8]);

/// Every parser by name; the name is also its folder under `fuzz/corpus/`.
pub const TARGETS: &[(&str, Parser)] = &[
    ("any", any),
    ("backends", backends::agree),
    ("calls", calls),
    ("certificate", certificate),
    ("credit", credit),
    ("crl", crl),
    ("csr", csr),
    ("envelope", envelope),
    ("evidence", evidence),
    ("genesis", genesis),
    ("header", header),
    ("keyfile", key_file),
    ("receipt", receipt),
    ("record", record),
    ("seal", seal),
    ("seal_signature", seal_signature),
    ("sharing", sharing),
    ("signed_message", signed_message),
    ("sm2", curve),
    ("sm9", identities),
    ("status_proof", status_proof),
    ("text", text),
    ("xml", xml_file),
    ("zip", zip),
];

/// The function of a name.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn target(name: &str) -> Parser {
    let found = TARGETS.iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("no target {name}")).1
}

fn now() -> UnixTime {
    UnixTime::EPOCH.plus_millis(1_795_000_000_000)
}

/// A format of ours: one value, one encoding.
fn strict<T: Wire>(bytes: &[u8]) -> Option<T> {
    let value = T::from_der(bytes).ok()?;
    assert!(value.to_der() == bytes, "{} has two encodings", T::NAME);
    Some(value)
}

/// The verifier's only door: whatever comes, a report goes out, and without trust never VALID.
fn any(bytes: &[u8]) {
    let report = verify(bytes, &Trust::default(), &Policy::default(), now());
    assert_ne!(report.verdict, yinxin_verdict::Verdict::Valid, "nobody is trusted");
    for lang in [Lang::En, Lang::Zh] {
        assert!(!report.to_text(lang).is_empty());
    }
    serde_json::to_string(&report).expect("a report is JSON");
}

fn certificate(bytes: &[u8]) {
    let Ok(certificate) = Certificate::parse(bytes) else { return };
    let again = Certificate::parse(certificate.raw()).expect("its own bytes");
    assert_eq!(again.raw(), certificate.raw());
    let read = Certificate::parse(certificate.to_pem().as_bytes()).expect("its own PEM");
    assert_eq!(read.raw(), certificate.raw());
    let _ = (certificate.title(), certificate.serial_hex(), certificate.subject().to_string());
    let _ = (certificate.key_usage(), certificate.organisation_code(), certificate.is_ca());
    let mut trust = TrustStore::default();
    let _ = trust.add(bytes);
    let mut facts = Facts::new();
    let question = Question { usage: Usage::Sign, as_of: now(), now: now(), subject: "fuzz" };
    let pool = yinxin_pki::Pool::default();
    let _ = validate(&certificate, &pool, &trust, &question, &mut facts);
}

fn crl(bytes: &[u8]) {
    let Ok(crl) = Crl::parse(bytes) else { return };
    assert_eq!(Crl::parse(crl.raw()).expect("its own bytes").raw(), crl.raw());
    assert_eq!(crl.entries().count(), crl.len());
    for (serial, _) in crl.entries().take(100) {
        assert!(crl.find(serial).is_some());
    }
    let _ = (crl.issuer().to_string(), crl.number(), crl.next_update(), crl.to_pem());
}

/// Credit: views, records of batches, rows, and what people write.
fn credit(bytes: &[u8]) {
    if let Some(package) = strict::<ViewPackage>(bytes) {
        let trust = yinxin_receipt::Trust::default();
        let (policy, facts) = (Policy::default(), &mut Facts::new());
        let seen = yinxin_credit::view::check_view(&package.view, &trust, &policy, now());
        assert!(seen.is_err(), "nobody is trusted");
        let taken = yinxin_credit::view::check_taken(&package, &trust, &policy, now(), facts);
        assert!(taken.is_err() || package.taken.is_none(), "nobody is trusted");
    }
    let _ = strict::<source::SourceRecord>(bytes);
    let _ = strict::<source::SourceProof>(bytes);
    let _ = strict::<source::Manifest>(bytes);
    let _ = strict::<Content>(bytes).map(|c| c.digest(&yinxin_gm::Digest::ZERO));
    let published = source::Published::new(bytes).map_while(Result::ok);
    let length: usize = published.flatten().map(|record| record.len()).sum();
    assert!(length <= bytes.len(), "each byte is read once");
    let json = source::Rows::json_lines(Cursor::new(bytes));
    for rows in [source::Rows::csv(Cursor::new(bytes)), Ok(json)] {
        let Ok(mut rows) = rows else { continue };
        while let Ok(Some(row)) = rows.next_row() {
            let _ = row.map(|row| row.get("BH").map(str::len));
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = (ClassTable::from_toml(text), Forms::from_toml(text), Formula::from_toml(text));
    for kind in yinxin_record::AssetKind::ALL {
        if let Ok(number) = AssetNumber::new(*kind, text) {
            assert_eq!(AssetNumber::new(*kind, number.as_str()), Ok(number), "its own spelling");
        }
    }
}

fn csr(bytes: &[u8]) {
    let Ok(csr) = Csr::parse(bytes) else { return };
    let _ = (csr.verify(), csr.subject().to_string(), csr.to_pem());
}

/// Envelopes, both kinds; behind a header that reads, the rest is a body.
fn envelope(bytes: &[u8]) {
    if let Ok(message) = EnvelopedData::parse(bytes) {
        for recipient in message.recipients() {
            let _ = (recipient.issuer().to_string(), recipient.serial());
            let _ = sm2::Ciphertext::from_der(recipient.encrypted_key());
        }
    }
    let _ = strict::<envelope::Progress>(bytes).map(|p| p.body_length());
    let header = strict::<envelope::Header>(bytes);
    let _ = header.map(|h| (h.digest(), h.owner()));
    if let Some(content) = strict::<envelope::Content>(bytes) {
        let end = content.offset(content.chunks());
        assert_eq!(end, content.body_length());
    }
    let mut input = bytes;
    if let Ok(header) = envelope::Header::read_before_body(&mut input) {
        let _ = ChunkIndex::of_body(input, &header.claimed());
        let size = ChunkSize::new(4096).expect("the smallest size");
        let _ = envelope::scan(input, header.owner(), size);
    }
}

/// What departments exchange beside envelopes: views, lines and their proofs, journals, and what people write.
fn sharing(bytes: &[u8]) {
    let _ = strict::<masked::Schema>(bytes).map(|s| s.digest());
    let _ = strict::<masked::Statement>(bytes).map(|s| s.digest());
    let _ = strict::<masked::View>(bytes).map(|v| v.statement().rows());
    if let Some(ask) = strict::<masked::TokenAsk>(bytes) {
        let _ = (ask.groups().count(), ask.digest());
    }
    let _ = strict::<masked::TokenAnswer>(bytes);
    let _ = strict::<Line>(bytes).map(|l| l.leaf());
    if let Some(proof) = strict::<LineProof>(bytes) {
        let _ = proof.verify(&yinxin_gm::Digest::ZERO);
    }
    let server = yinxin_record::OrganisationCode::new(SERVER).expect("a code");
    if let Ok((mut guard, _)) = Guard::open(&mut &*bytes, bytes.to_vec(), server) {
        let _ = guard.close_due(now()).len();
    }
    let columns = catalogue::Columns::standard().expect("a test reads it");
    let _ = catalogue::read_csv(bytes, &columns);
    let _ = catalogue::from_dcat(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = (Calendar::from_toml(text), Terms::from_toml(text), Rules::from_toml(text));
    let _ = catalogue::Columns::from_toml(text);
    let _ = text.parse::<masked::Form>();
}

/// Packages of evidence: as one file, and as a folder, here files behind lines with their names; whatever stands in the list.
fn evidence(bytes: &[u8]) {
    let _ = strict::<EvidenceSignature>(bytes).map(|s| (s.manifest(), s.time()));
    if let Some(package) = strict::<Evidence>(bytes) {
        let _ = package.records().len();
    }
    any(bytes);
    let mut files = std::collections::BTreeMap::new();
    for part in bytes.split(|b| *b == 0x1c) {
        let end = part.iter().position(|b| *b == b'\n').unwrap_or(part.len());
        let name = String::from_utf8_lossy(&part[..end]).into_owned();
        files.insert(name, part.get(end + 1..).unwrap_or_default().to_vec());
    }
    let folder = Evidence::of_files(files);
    let _ = folder.records().len();
    any(&folder.to_der());
}

/// Calls for shared data, answers, a receiver's journal, and tables that rows are taken from.
fn calls(bytes: &[u8]) {
    if let Some(call) = strict::<SignedCall>(bytes) {
        let _ = (call.verify().is_ok(), call.id());
        let mut kept = Vec::new();
        let receiver = call.caller().clone();
        let notes = Notebook::open(&mut std::io::empty(), &mut kept, &receiver);
        let mut notes = notes.expect("in memory");
        let _ = Receiving::new(&call, std::io::sink()).take(Frame::Chunk(vec![0]), &mut notes);
    }
    let _ = strict::<AnchoredLine>(bytes).map(|a| a.proof.verify(&yinxin_gm::Digest::ZERO).is_ok());
    let mut input = bytes;
    while let Ok(Some(_)) = Frame::read(&mut input) {}
    let receiver = yinxin_record::OrganisationCode::new(SERVER).expect("a code");
    let _ = Notebook::open(&mut &*bytes, bytes.to_vec(), &receiver);
    let _ = read_lines(&mut &*bytes, |line| assert_eq!(line.leaf(), line.leaf()));
    let range = Range { skip: 1, rows: 100 };
    if let Ok(mut rows) = CsvRows::open(bytes, &[], None, range) {
        let mut values = Vec::new();
        while let Ok(true) = rows.next(&mut values) {}
    }
}

fn genesis(bytes: &[u8]) {
    if let Some(genesis) = strict::<Genesis>(bytes) {
        let _ = (genesis.check(), genesis.chain_id(), genesis.validator_set());
    }
    if let Some(checkpoint) = strict::<Checkpoint>(bytes) {
        let _ = checkpoint.verify(&checkpoint.header.chain_id, &checkpoint.organisations);
    }
    if let Some(change) = strict::<SetChange>(bytes) {
        let _ = change.next.hash();
    }
}

fn header(bytes: &[u8]) {
    if let Some(header) = strict::<Header>(bytes) {
        let _ = (header.id(), header.time());
    }
    let _ = strict::<CommitCertificate>(bytes);
    let _ = strict::<ValidatorSet>(bytes).map(|s| s.hash());
}

fn key_file(bytes: &[u8]) {
    // Plain and encrypted; what a password is stretched by is bounded by the reader.
    for password in [None, Some(b"password".as_slice())] {
        if let Ok(key) = keyfile::read(bytes, password) {
            assert_eq!(key.public_key().to_sec1().len(), 65);
        }
    }
}

fn receipt(bytes: &[u8]) {
    let Some(receipt) = strict::<Receipt>(bytes) else { return };
    let _ = receipt.leaf();
    let short = receipt.without_record();
    assert_eq!(Receipt::from_der(&short.to_der()), Ok(short));
}

fn record(bytes: &[u8]) {
    let _ = strict::<yinxin_record::Refusal>(bytes).map(|r| r.chain(&yinxin_gm::Digest::ZERO));
    if let Some(record) = strict::<Record>(bytes) {
        let _ = (record.id(), record.hash(), record.tbs.act.family(), record.tbs.act.verb());
    }
    let mut facts = Facts::new();
    let _ = check_record(bytes, |_| Vec::new(), "fuzz", &mut facts);
}

fn seal(bytes: &[u8]) {
    let Ok(seal) = Seal::parse(bytes) else { return };
    let again = Seal::parse(seal.as_bytes()).expect("its own bytes");
    assert_eq!(again.as_bytes(), seal.as_bytes());
    let mut facts = Facts::new();
    check_seal(&seal, now(), now(), &TrustStore::default(), "fuzz", &mut facts);
}

fn seal_signature(bytes: &[u8]) {
    let Ok(signature) = SealSignature::parse(bytes) else { return };
    let again = SealSignature::parse(signature.as_bytes()).expect("its own bytes");
    assert_eq!(again.as_bytes(), signature.as_bytes());
}

fn signed_message(bytes: &[u8]) {
    let Ok(message) = SignedData::parse(bytes) else { return };
    for signer in message.signers() {
        let _ = (message.certificate_of(signer), signer.signing_time());
    }
    let question = Question { usage: Usage::Sign, as_of: now(), now: now(), subject: "fuzz" };
    let _ = message.verify(Some(b"x"), &TrustStore::default(), &question, &mut Facts::new());
}

fn curve(bytes: &[u8]) {
    if let Ok(key) = sm2::PublicKey::from_sec1(bytes) {
        assert_eq!(key.to_sec1().as_slice(), bytes, "one point, one encoding");
    }
    if let Ok(signature) = sm2::Signature::from_der(bytes) {
        assert_eq!(signature.to_der(), bytes, "one signature, one encoding");
    }
    for (read, write) in [
        (
            sm2::PrivateKey::from_pkcs8_der as fn(&[u8]) -> _,
            sm2::PrivateKey::to_pkcs8_der as fn(&_) -> _,
        ),
        (sm2::PrivateKey::from_sec1_der, sm2::PrivateKey::to_sec1_der),
    ] {
        // The public key in it may be missing: what is written has it.
        if let Ok(key) = read(bytes) {
            let written = write(&key);
            assert_eq!(read(&written).map(|key| key.to_bytes()), Ok(key.to_bytes()));
        }
    }
    if let Ok(raw) = bytes.try_into() {
        let _ = sm2::Signature::from_raw(raw).map(|signature| assert_eq!(signature.to_raw(), *raw));
        let _ = sm2::PublicKey::from_coordinates(raw);
    }
    if let Ok(d) = bytes.try_into() {
        let _ = sm2::PrivateKey::from_bytes(d).map(|key| assert_eq!(key.to_bytes()[..], *d));
    }
    for read in
        [sm2::Ciphertext::from_der, sm2::Ciphertext::from_c1c3c2, sm2::Ciphertext::from_c1c2c3]
    {
        if let Ok(ciphertext) = read(bytes) {
            let der = ciphertext.to_der();
            assert_eq!(sm2::Ciphertext::from_der(&der).map(|c| c.to_der()), Ok(der));
        }
    }
}

/// SM9: keys, signatures and ciphertexts; what is read is written back as the same bytes.
fn identities(bytes: &[u8]) {
    use yinxin_gm::sm9;

    /// One value, one encoding.
    fn same<T>(bytes: &[u8], read: Result<T, sm9::Error>, write: impl Fn(&T) -> Vec<u8>) {
        if let Ok(value) = read {
            assert_eq!(write(&value), bytes, "two encodings");
        }
    }
    same(bytes, sm9::Signature::from_der(bytes), sm9::Signature::to_der);
    same(bytes, sm9::Encapsulation::from_der(bytes), sm9::Encapsulation::to_der);
    same(bytes, sm9::Ciphertext::from_der(bytes), sm9::Ciphertext::to_der);
    for mode in [sm9::Mode::Xor, sm9::Mode::Ecb, sm9::Mode::Cbc, sm9::Mode::Ofb, sm9::Mode::Cfb] {
        let read = sm9::Ciphertext::from_c1c3c2(bytes, mode);
        same(bytes, read, sm9::Ciphertext::to_c1c3c2);
    }
    let signing = sm9::SigningMasterPublicKey::from_der(bytes);
    same(bytes, signing.clone(), sm9::SigningMasterPublicKey::to_der);
    let encryption = sm9::EncryptionMasterPublicKey::from_der(bytes);
    same(bytes, encryption.clone(), sm9::EncryptionMasterPublicKey::to_der);
    same(bytes, sm9::SigningMasterKey::from_der(bytes), |key| key.to_der().to_vec());
    same(bytes, sm9::EncryptionMasterKey::from_der(bytes), |key| key.to_der().to_vec());
    // Nobody has a point as the key of its own multiple; but it is checked.
    let user = sm9::User::signer(b"Alice");
    if let Ok(master) = signing {
        assert!(sm9::SigningKey::from_der(bytes, &master, &user).is_err());
    }
    if let Ok(master) = encryption {
        assert!(sm9::DecryptionKey::from_der(bytes, &master, &user).is_err());
    }
}

fn status_proof(bytes: &[u8]) {
    if let Some(proof) = strict::<StatusProof>(bytes) {
        let _ = (proof.verify_path(), proof.certificate());
    }
    let _ = strict::<yinxin_merkle::state::StateProof>(bytes);
}

fn text(bytes: &[u8]) {
    let _ = tlv::quirks(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(digest) = text.parse::<yinxin_gm::Digest>() {
        assert_eq!(digest.to_string(), text.to_lowercase());
    }
    let _ = pem::blocks(text);
    if let Ok(identifier) = Identifier::parse(text) {
        assert!(Identifier::parse(&identifier.to_string()).is_ok(), "{identifier} reads back");
    }
    let _ = UnixTime::parse(text);
    let columns = Columns::from_toml(text);
    let kind = CatalogueType::from_toml(text);
    if let (Ok(columns), Ok(kind)) = (columns, kind) {
        let rows = yinxin_licence::Rows::open(Cursor::new(bytes.to_vec()), columns, kind.into());
        let _ = rows.map(Iterator::count);
    }
}

fn xml_file(bytes: &[u8]) {
    let limits = Limits::default();
    let _ = xml::Element::parse("fuzz.xml", bytes, &limits);
    // The same bytes where OFD has its root, which names everything else.
    let mut writer = PackageWriter::new();
    if writer.add("OFD.xml", bytes).is_ok() {
        zip(&writer.finish());
    }
}

fn zip(bytes: &[u8]) {
    let Ok(package) = Package::open_container(bytes, &Limits::default()) else { return };
    let mut facts = Facts::new();
    package.check_documents(&mut facts);
    let signatures = package.signatures();
    signatures.check(&mut facts);
    for file in signatures.files() {
        file.check_references(&package, "fuzz", &mut facts);
        file.check_coverage(&package, &signatures, &[], "fuzz", &mut facts);
    }
    let _ = yinxin_licence::document::inspect(&package, now(), "fuzz", &mut facts);
    // What is written again is read again, with the same files.
    let again = PackageWriter::from_package(&package).finish();
    let again =
        Package::open_container(again, &Limits::default()).expect("what is written is read");
    assert!(again.paths().eq(package.paths()));
    for path in package.paths() {
        assert!(again.file(path) == package.file(path), "{path}");
    }
}
