//! Packages of evidence: receipts, documents and status proofs, with a picture and a report that follow from them.
//!
//! Nothing in a package is believed for being in it. Receipts and status proofs prove themselves; a document must be named by
//! a proven record; graph, picture and report are drawn again from the records and compared. See `specs/provenance.md`, 5.

mod names;
mod parts;
mod signature;
mod signers;

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use yinxin_gm::{Digest, sm2::PrivateKey, sm3};
use yinxin_merkle::wire::{Reader, Writer};
use yinxin_pki::{Certificate, PkiError};
use yinxin_receipt::{Anchor, Genesis, Receipt, Wire, WireError};
use yinxin_sharing::provenance::{Filter, Found, Graph, Item, Run, to_html, to_prov_json, to_svg};
use yinxin_verdict::{Check, Fact, Facts, Lang, Reason, UnixTime};

use crate::{Context, anchoring};

pub use signature::EvidenceSignature;

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
/// The signature over the list.
const SIGNATURE: &str = "manifest.signature";
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
        files.remove(SIGNATURE);
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

    /// The package signed by whoever made it: the list of its files, and so every file.
    ///
    /// # Errors
    /// [`PkiError::KeyMismatch`] for the key of another certificate, [`PkiError::SigningFailed`].
    pub fn signed(
        mut self,
        key: &PrivateKey,
        certificate: &Certificate,
        now: UnixTime,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, PkiError> {
        let manifest = sm3::digest(self.files.get(MANIFEST).map_or(&[], Vec::as_slice));
        let signature = EvidenceSignature::make(manifest, key, certificate, now, rng)?;
        self.files.insert(SIGNATURE.to_owned(), signature.to_der());
        Ok(self)
    }

    /// Whether a package has a place for a file of this name (`specs/provenance.md`, 5); one with any other does not verify.
    #[must_use]
    pub fn has_place(name: &str) -> bool {
        names::place(name)
    }

    /// The digests that records may name a document by: SM3 of the file, or of each `SignedValue.dat` of a sealed document.
    #[must_use]
    pub fn names_of(document: &[u8]) -> Vec<Digest> {
        parts::anchored(document)
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
    let [svg, prov, report] = names::DRAWN;
    [(svg, to_svg(graph, lang)), (prov, to_prov_json(graph)), (report, to_html(graph, lang))]
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
    parts::listed(&package, &manifest, facts);
    let signed = signature::check(&package, context, facts);
    let found = parts::receipts(&package, context, facts);
    let windows = parts::statuses(&package, context, facts);
    let genesis = package.files.get(GENESIS);
    if let Some(genesis) = genesis {
        anchoring::genesis(genesis, context, facts);
    }
    let genesis = genesis.and_then(|der| Genesis::from_der(der).ok());
    // Names that another ledger gives are not taken, whoever trusts it.
    let named = parts::one_ledger(&package, &found, genesis.as_ref(), facts);
    let graph = graph(&found, &windows, &manifest, genesis.filter(|_| named));
    signers::check(&package, &found, &graph, context, facts);
    parts::documents(&package, &graph, facts);
    let lang = if manifest.lang == "zh" { Lang::Zh } else { Lang::En };
    for (name, content) in drawn(&graph, lang) {
        let same = package.files.get(name).is_some_and(|file| *file == content.as_bytes());
        let result = if same { Ok(()) } else { Err(Reason::DigestMismatch) };
        facts.check(Check::EvidenceGraph, name, result);
    }
    facts.detail(subject, "records", graph.activities.len().to_string());
    // Nothing in the package shows what a walk left out.
    if signed {
        facts.detail(subject, "complete-as-its-maker-says", (!graph.truncated).to_string());
    }
}

fn graph(found: &[Found], windows: &[Run], manifest: &Manifest, genesis: Option<Genesis>) -> Graph {
    let mut graph = Graph::of(found, &Filter::default());
    graph.fold(windows);
    if let Some(genesis) = genesis {
        let names = genesis.organisations.iter().map(|o| (o.code.as_str(), o.name.as_str()));
        graph.name_organisations(names);
    }
    graph.starts = manifest.starts.iter().filter_map(|text| Item::parse(text)).collect();
    graph.truncated = manifest.truncated;
    graph
}

#[cfg(test)]
mod tests;
