//! Packages of evidence: receipts, documents and status proofs, with a picture and a report that follow from them.
//!
//! Nothing in a package is believed for being in it. Receipts and status proofs prove themselves; a document must be named by
//! a proven record; graph, picture and report are drawn again from the records and compared. See `specs/provenance.md`, 5.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::{Reader, Writer};
use yinxin_ofd::{Limits, Package};
use yinxin_receipt::{Anchor, Genesis, Receipt, StatusProof, Wire, WireError};
use yinxin_sharing::provenance::{Filter, Found, Graph, Item, to_html, to_prov_json, to_svg};
use yinxin_verdict::{Check, Fact, Facts, Lang, Reason};

use crate::{Context, Kind, anchoring, sniff};

/// What a package begins with.
pub const EVIDENCE_DOMAIN: &str = "yinxin/evidence/1";

/// Most files. 20,000: the 5,000 records of the longest walk, with room for documents and status proofs.
const MAX_FILES: usize = 20_000;
/// The largest package, bytes. 192 MiB: a scanned case file with its receipts, and less than DER's lengths of ours can say.
const MAX_BYTES: usize = 192 << 20;
/// The longest name of a file, bytes.
const MAX_NAME: usize = 200;

/// The list of what is in the package.
const MANIFEST: &str = "manifest.json";
/// The genesis that names the departments: a reference, for what is trusted is the verifier's own folder.
const GENESIS: &str = "trust/ledger.genesis";

/// A package of evidence: files by name.
///
/// ```asn1
/// Evidence ::= SEQUENCE { head SEQUENCE { domain UTF8String ("yinxin/evidence/1") },
///     files SEQUENCE (SIZE(1..20000)) OF SEQUENCE { name UTF8String (SIZE(1..200)), content OCTET STRING } }  -- names rising
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evidence {
    /// Content by name; names are relative, with `/` between folders.
    pub files: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    schema: String,
    /// Of picture and report.
    lang: String,
    /// What was asked about.
    starts: Vec<String>,
    /// A limit was reached.
    truncated: bool,
    files: Vec<Listed>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    size: u64,
    sm3: String,
}

const SCHEMA: &str = "yinxin.evidence/1";

impl Evidence {
    /// A package of what a walk found: adds graph, picture, report and the list to receipts, documents and status proofs.
    ///
    /// # Panics
    /// Never: text and numbers are always JSON.
    #[must_use]
    pub fn seal(mut files: BTreeMap<String, Vec<u8>>, graph: &Graph, lang: Lang) -> Self {
        for (name, content) in drawn(graph, lang) {
            files.insert(name.to_owned(), content.into_bytes());
        }
        files.remove(MANIFEST);
        let listed = files.iter().map(|(name, content)| Listed {
            name: name.clone(),
            size: content.len() as u64,
            sm3: sm3::digest(content).to_string(),
        });
        let manifest = Manifest {
            schema: SCHEMA.to_owned(),
            lang: lang.pick("en", "zh").to_owned(),
            starts: graph.starts.iter().map(ToString::to_string).collect(),
            truncated: graph.truncated,
            files: listed.collect(),
        };
        let json = serde_json::to_vec_pretty(&manifest).expect("text and numbers are JSON");
        files.insert(MANIFEST.to_owned(), json);
        Self { files }
    }

    /// A package whose files were read from a folder, whatever they are.
    #[must_use]
    pub fn of_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self { files }
    }

    /// Records with their places by the package's receipts, as far as those can be read; nothing is checked.
    #[must_use]
    pub fn records(&self) -> Vec<(Found, &[u8])> {
        let receipts = self.files.iter().filter(|(name, _)| name.starts_with("receipts/"));
        let read = |der: &[u8]| {
            let receipt = Receipt::from_der(der).ok()?;
            let record = yinxin_record::Record::from_der(receipt.subject.record()?).ok()?;
            placed(record, &receipt)
        };
        receipts.filter_map(|(_, der)| Some((read(der)?, der.as_slice()))).collect()
    }
}

impl Wire for Evidence {
    const NAME: &'static str = "evidence package";
    const MAX_LEN: usize = MAX_BYTES;

    fn write(&self, out: &mut Writer) {
        let Self { files } = self;
        out.sequence(|out| {
            out.sequence(|out| out.text(EVIDENCE_DOMAIN));
            out.list(&files.iter().collect::<Vec<_>>(), |out, (name, content)| {
                out.sequence(|out| {
                    out.text(name);
                    out.octets(content);
                });
            });
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let domain = input.sequence("head", |input| input.text("domain", 0, 32))?;
            if domain != EVIDENCE_DOMAIN {
                return Err(WireError::Value("domain"));
            }
            let list = input.list("files", 1, MAX_FILES, |input| {
                input.sequence("file", |input| {
                    let name = input.text("name", 1, MAX_NAME)?.to_owned();
                    Ok((name, input.octets("content", 0, MAX_BYTES)?.to_vec()))
                })
            })?;
            yinxin_merkle::wire::rising("files", &list, |(name, _)| name.clone())?;
            Ok(Self { files: list.into_iter().collect() })
        })
    }
}

/// What is drawn from the records alone.
fn drawn(graph: &Graph, lang: Lang) -> [(&'static str, String); 3] {
    [
        ("graph/graph.svg", to_svg(graph, lang)),
        ("graph/prov.json", to_prov_json(graph)),
        ("report.html", to_html(graph, lang)),
    ]
}

/// A record at the place that its receipt says; a receipt that was re-based on a checkpoint says none.
fn placed(record: yinxin_record::Record, receipt: &Receipt) -> Option<Found> {
    let Anchor::Committed { header, .. } = &receipt.anchor else { return None };
    let (index, height, time) = (receipt.index, header.height, header.time());
    Some(Found { record, index, height, time })
}

/// Checks a package, every part of it, also after one has failed.
pub(crate) fn check(bytes: &[u8], context: &Context<'_>, facts: &mut Facts) {
    let subject = "evidence";
    let malformed =
        |found: String| Fact::fail(Check::EvidenceFiles, subject, Reason::Malformed).found(found);
    let package = match Evidence::from_der(bytes) {
        Ok(package) => package,
        Err(error) => return facts.push(malformed(error.to_string())),
    };
    let manifest = package.files.get(MANIFEST).map(|json| serde_json::from_slice::<Manifest>(json));
    let manifest = match manifest {
        Some(Ok(manifest)) if manifest.schema == SCHEMA => manifest,
        Some(Ok(other)) => return facts.push(malformed(other.schema)),
        Some(Err(error)) => return facts.push(malformed(format!("{MANIFEST}: {error}"))),
        None => return facts.push(malformed(format!("no {MANIFEST}"))),
    };
    listed(&package, &manifest, facts);
    let found = receipts(&package, context, facts);
    statuses(&package, context, facts);
    let genesis = package.files.get(GENESIS);
    if let Some(genesis) = genesis {
        anchoring::genesis(genesis, context, facts);
    }
    let graph = graph(&found, &manifest, genesis);
    documents(&package, &graph, facts);
    let lang = if manifest.lang == "zh" { Lang::Zh } else { Lang::En };
    for (name, content) in drawn(&graph, lang) {
        let same = package.files.get(name).is_some_and(|file| *file == content.as_bytes());
        let result = if same { Ok(()) } else { Err(Reason::DigestMismatch) };
        facts.check(Check::EvidenceGraph, name, result);
    }
    facts.detail(subject, "records", graph.activities.len().to_string());
    facts.detail(subject, "complete", (!graph.truncated).to_string());
}

/// Each file stands in the list once, each line of the list has its file, and the digests agree.
fn listed(package: &Evidence, manifest: &Manifest, facts: &mut Facts) {
    let check = Check::EvidenceFiles;
    let before = facts.facts().len();
    let mut names = BTreeSet::from([MANIFEST]);
    for Listed { name, size, sm3: digest } in &manifest.files {
        let twice = !names.insert(name);
        let fact = match package.files.get(name) {
            _ if twice => Fact::fail(check, name, Reason::DuplicateName),
            None => Fact::fail(check, name, Reason::DigestMissing),
            Some(file) => {
                let found = sm3::digest(file).to_string();
                if found == *digest && file.len() as u64 == *size {
                    continue;
                }
                Fact::fail(check, name, Reason::DigestMismatch).expected(digest).found(found)
            }
        };
        facts.push(fact);
    }
    for name in package.files.keys().filter(|name| !names.contains(name.as_str())) {
        facts.push(Fact::fail(check, name, Reason::FileUnlisted));
    }
    if facts.facts().len() == before {
        facts.push(Fact::pass(check, "evidence"));
    }
}

/// Checks every receipt; the records of those that name their place.
fn receipts(package: &Evidence, context: &Context<'_>, facts: &mut Facts) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, der) in package.files.iter().filter(|(name, _)| name.starts_with("receipts/")) {
        let (record, _) = anchoring::held(der, name, context, facts);
        let Some(record) = record else {
            facts.push(
                Fact::fail(Check::ReceiptFormat, name, Reason::Malformed)
                    .expected("a receipt with its record"),
            );
            continue;
        };
        let id = record.id().to_string();
        if *name != format!("receipts/{id}.receipt") {
            facts.push(
                Fact::fail(Check::EvidenceFiles, name, Reason::DocumentMismatch).expected(id),
            );
        }
        if let Some(placed) = Receipt::from_der(der).ok().and_then(|r| placed(record, &r)) {
            found.push(placed);
        }
    }
    if found.is_empty() {
        facts.push(Fact::fail(Check::ReceiptInclusion, "evidence", Reason::NotAnchored));
    }
    found
}

/// Status proofs hold as of their own time: evidence is read years later.
fn statuses(package: &Evidence, context: &Context<'_>, facts: &mut Facts) {
    for (name, der) in package.files.iter().filter(|(name, _)| name.starts_with("status/")) {
        let then =
            StatusProof::from_der(der).ok().map_or(context.at, |p| p.header.time().min(context.at));
        let mut own = Facts::new();
        anchoring::status(der, &Context { at: then, ..*context }, &mut own);
        let (list, details) = own.into_parts();
        for fact in list {
            facts.push(Fact { subject: name.clone(), ..fact });
        }
        for detail in details {
            facts.detail(name.clone(), detail.name, detail.value);
        }
    }
}

fn graph(found: &[Found], manifest: &Manifest, genesis: Option<&Vec<u8>>) -> Graph {
    let mut graph = Graph::of(found, &Filter::default());
    if let Some(genesis) = genesis.and_then(|der| Genesis::from_der(der).ok()) {
        let names = genesis.organisations.iter().map(|o| (o.code.as_str(), o.name.as_str()));
        graph.name_organisations(names);
    }
    graph.starts = manifest.starts.iter().filter_map(|text| Item::parse(text)).collect();
    graph.truncated = manifest.truncated;
    graph
}

/// Each document is one that a record speaks of.
fn documents(package: &Evidence, graph: &Graph, facts: &mut Facts) {
    for (name, bytes) in package.files.iter().filter(|(name, _)| name.starts_with("documents/")) {
        let named = anchored(bytes).iter().any(|d| graph.items.contains(&Item::content(*d)));
        let result = if named { Ok(()) } else { Err(Reason::DocumentMismatch) };
        facts.check(Check::EvidenceDocuments, name, result);
    }
}

/// The digests that records may name a file by: SM3 of the file, or of each SignedValue.dat of a sealed document.
fn anchored(bytes: &[u8]) -> Vec<Digest> {
    let mut digests = vec![sm3::digest(bytes)];
    if sniff(bytes) == Kind::Ofd
        && let Ok(package) = Package::open(bytes, &Limits::default())
    {
        let signatures = package.signatures();
        let values = signatures.files().filter_map(|f| f.signed_value.as_ref());
        digests.extend(values.map(|value| sm3::digest(value.bytes)));
    }
    digests
}

#[cfg(test)]
mod tests {
    use yinxin_verdict::{Policy, UnixTime, Verdict};

    use super::*;
    use crate::{Trust, verify};

    fn files(list: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
        list.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect()
    }

    fn sealed() -> Evidence {
        Evidence::seal(files(&[("documents/a.txt", b"a")]), &Graph::default(), Lang::Zh)
    }

    fn reasons(package: &Evidence) -> Vec<String> {
        let now = UnixTime::parse("2026-11-22").unwrap();
        let report = verify(&package.to_der(), &Trust::default(), &Policy::default(), now);
        assert_eq!(report.input.kind, "evidence");
        assert_ne!(report.verdict, Verdict::Valid);
        report.facts.iter().filter_map(|f| f.reason()).map(|r| r.code().to_owned()).collect()
    }

    #[test]
    fn each_thing_that_was_done_to_a_package_is_told() {
        assert_eq!(reasons(&sealed()), ["NOT_ANCHORED", "DOCUMENT_MISMATCH"]);
        type Deed = fn(&mut BTreeMap<String, Vec<u8>>);
        let deeds: [(&str, Deed); 7] = [
            ("DIGEST_MISMATCH", |f| f.get_mut("documents/a.txt").unwrap().push(0)),
            ("DIGEST_MISMATCH", |f| f.get_mut("report.html").unwrap().push(b' ')),
            ("DIGEST_MISSING", |f| drop(f.remove("graph/graph.svg"))),
            ("FILE_UNLISTED", |f| drop(f.insert("notes.txt".into(), Vec::new()))),
            ("MALFORMED", |f| drop(f.remove(MANIFEST))),
            ("MALFORMED", |f| drop(f.insert(MANIFEST.into(), b"{}".to_vec()))),
            ("MALFORMED", |f| drop(f.insert("receipts/x.receipt".into(), b"x".to_vec()))),
        ];
        for (reason, deed) in deeds {
            let mut package = sealed();
            deed(&mut package.files);
            assert!(reasons(&package).iter().any(|r| r == reason), "{reason}");
        }
    }

    #[test]
    fn a_list_that_was_made_to_fit_does_not_help_a_report_that_no_record_says() {
        let mut package = sealed();
        let lie = b"<p>nothing happened</p>".to_vec();
        let json = String::from_utf8(package.files[MANIFEST].clone()).unwrap();
        let mut manifest: Manifest = serde_json::from_str(&json).unwrap();
        for listed in manifest.files.iter_mut().filter(|l| l.name == "report.html") {
            (listed.size, listed.sm3) = (lie.len() as u64, sm3::digest(&lie).to_string());
        }
        package.files.insert("report.html".into(), lie);
        package.files.insert(MANIFEST.into(), serde_json::to_vec(&manifest).unwrap());
        let told = reasons(&package);
        assert_eq!(told, ["NOT_ANCHORED", "DOCUMENT_MISMATCH", "DIGEST_MISMATCH"]);
    }

    #[test]
    fn one_package_has_one_encoding_and_any_bytes_are_answered() {
        let der = Evidence::of_files(files(&[("a", b"1"), ("b", b"2")])).to_der();
        assert_eq!(Evidence::from_der(&der).map(|e| e.files.len()), Ok(2));
        let (a, b) = (
            der.iter().rposition(|c| *c == b'a').unwrap(),
            der.iter().rposition(|c| *c == b'b').unwrap(),
        );
        for name in [b"ba", b"aa"] {
            let mut other = der.clone();
            (other[a], other[b]) = (name[0], name[1]);
            assert!(Evidence::from_der(&other).is_err(), "names rise");
        }
        assert!(Evidence::from_der(&Evidence::default().to_der()).is_err(), "one file at least");
        let now = UnixTime::parse("2026-11-22").unwrap();
        for at in 0..der.len() {
            let mut changed = der.clone();
            changed[at] ^= 0x15;
            let report = verify(&changed, &Trust::default(), &Policy::default(), now);
            assert_eq!(report.verdict, Verdict::Invalid);
            let _ = verify(&der[..at], &Trust::default(), &Policy::default(), now);
        }
    }
}
