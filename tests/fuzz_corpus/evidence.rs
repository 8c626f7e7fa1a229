//! Packages of evidence: signed, unsigned, as a folder, and their signature alone.

use std::collections::BTreeMap;

use yinxin_gm::sm3;
use yinxin_receipt::Wire;
use yinxin_sharing::provenance::{Filter, Found, Graph, Item};
use yinxin_tests::office::{Office, repeating};
use yinxin_verdict::Lang;
use yinxin_verify::Evidence;

use super::Plain;

const DOCUMENT: &[u8] = b"a document";

pub(super) fn seeds(o: &Office) -> Vec<Plain> {
    let digest = sm3::digest(DOCUMENT);
    let record = o.record(&[digest]);
    let id = record.id();
    let receipt = o.receipt(&[digest], 3);
    let found = [Found { record, index: receipt.index, height: 1, time: Office::signing() }];
    let mut graph = Graph::of(&found, &Filter::default());
    graph.starts = vec![Item::content(digest)];
    let certificate = o.signer.certificate.raw().to_vec();
    let files = BTreeMap::from([
        ("documents/a.txt".to_owned(), DOCUMENT.to_vec()),
        (format!("receipts/{id}.receipt"), receipt.to_der()),
        (format!("certificates/{}.cer", sm3::digest(&certificate)), certificate),
    ]);
    let unsigned = Evidence::seal(files, &graph, Lang::En);
    let signer = &o.signer;
    let rng = &mut repeating("evidence");
    let signed = unsigned.clone().signed(&signer.key, &signer.certificate, Office::signing(), rng);
    let signed = signed.expect("the key is the certificate's");
    let signature = signed.files["manifest.signature"].clone();
    let folder = signed
        .files
        .iter()
        .map(|(name, bytes)| [name.as_bytes(), b"\n", bytes.as_slice()].concat())
        .collect::<Vec<_>>()
        .join(&0x1c);
    vec![
        ("evidence", "signed", signed.to_der()),
        ("evidence", "unsigned", unsigned.to_der()),
        ("evidence", "signature", signature),
        ("evidence", "folder", folder),
    ]
}
