//! Certificates of those who signed what a package holds, with their issuers and revocation lists.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use yinxin_gm::{Digest, sm3};
use yinxin_pki::{Certificate, Pool, Question, Usage, validate};
use yinxin_record::{OrganisationCode, key_id, state_key};
use yinxin_sharing::provenance::{Item, Relation};
use yinxin_verdict::Facts;

use crate::{
    fail::Done,
    keys,
    trace::{Named, Walked},
    ui,
};

/// What a package needs to say whose keys they were.
pub(super) struct Certificates {
    files: BTreeMap<String, Vec<u8>>,
    /// Of organisations, by code.
    own: BTreeSet<(OrganisationCode, Digest)>,
    /// Organisations whose certificate was not found.
    pub(super) absent: BTreeSet<OrganisationCode>,
}

impl Certificates {
    /// Those of genesis, trust folder and command line whose keys signed something of the graph.
    pub(super) fn gather(walked: &Walked, given: &[PathBuf]) -> Done<Self> {
        let known = known(walked, given)?;
        let mut this =
            Self { files: BTreeMap::new(), own: BTreeSet::new(), absent: BTreeSet::new() };
        for (organisation, key) in walked.signers() {
            let of_key = known.get(&key).map_or(&[][..], Vec::as_slice);
            if of_key.is_empty() {
                this.absent.insert(organisation.clone());
            }
            for certificate in of_key {
                this.add(certificate, walked);
                this.own.insert((organisation.clone(), sm3::digest(certificate.raw())));
            }
        }
        let agents = walked.graph.edges.iter();
        for edge in agents.filter(|e| e.relation == Relation::WasAssociatedWith) {
            if let Item::Person(key) = &edge.object {
                for certificate in known.get(key).into_iter().flatten() {
                    this.add(certificate, walked);
                }
            }
        }
        Ok(this)
    }

    /// A certificate, the issuers above it, and their lists.
    fn add(&mut self, certificate: &Certificate, walked: &Walked) {
        let trust = walked.trust.certificates();
        let now = ui::now();
        let question = Question { usage: Usage::Any, as_of: now, now, subject: "signer" };
        let found = validate(certificate, &Pool::new(), trust, &question, &mut Facts::new());
        self.put("cer", certificate.raw());
        for issued in &found.chain {
            self.put("cer", issued.raw());
            let lists = trust.crls().filter(|crl| crl.issuer() == issued.issuer());
            if let Some(newest) = lists.max_by_key(|crl| crl.this_update()) {
                self.put("crl", newest.raw());
            }
        }
    }

    fn put(&mut self, ending: &str, der: &[u8]) {
        let name = format!("certificates/{}.{ending}", sm3::digest(der));
        self.files.insert(name, der.to_vec());
    }

    /// Where the ledger says whether they stand.
    pub(super) fn state_keys(&self) -> impl Iterator<Item = Vec<u8>> {
        self.own.iter().map(|(code, digest)| state_key::certificate(code, digest))
    }

    /// The files of the package.
    pub(super) fn into_files(self) -> BTreeMap<String, Vec<u8>> {
        self.files
    }
}

/// All certificates at hand by key: one may have been renewed under the same.
fn known(walked: &Walked, given: &[PathBuf]) -> Done<BTreeMap<Digest, Vec<Certificate>>> {
    let mut list = Vec::new();
    if let Named::Known { genesis, .. } = &walked.genesis {
        let founders = genesis.organisations.iter();
        list.extend(founders.filter_map(|o| Certificate::parse(&o.certificate).ok()));
    }
    list.extend(walked.trust.certificates().certificates().cloned());
    for path in given {
        list.push(keys::certificate(path)?);
    }
    let mut keyed: BTreeMap<Digest, Vec<Certificate>> = BTreeMap::new();
    for certificate in list {
        let Some(key) = certificate.sm2_key() else { continue };
        let of_key = keyed.entry(key_id(key)).or_default();
        if of_key.iter().all(|known| known.raw() != certificate.raw()) {
            of_key.push(certificate);
        }
    }
    Ok(keyed)
}
