//! Whose keys the acts were signed with: certificates in the package, their chains and their revocation.
//!
//! A receipt proves that the ledger knew the key. The certificate says who stands behind it and whether its issuer took it back.

use std::collections::BTreeMap;

use yinxin_gm::{Digest, sm3};
use yinxin_pki::{Certificate, Pool, Question, TrustStore, Usage, validate};
use yinxin_record::{OrganisationCode, key_id};
use yinxin_sharing::provenance::{Found, Graph, Item, Relation};
use yinxin_verdict::{Check, Fact, Facts, Reason, UnixTime};

use super::Evidence;
use crate::Context;

/// Who signs: an organisation's key, or that of a person who decides for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Signer {
    organisation: OrganisationCode,
    key: Digest,
    person: bool,
}

/// First and last act of each.
type Signers = BTreeMap<Signer, (UnixTime, UnixTime)>;

/// Records for each signer whether its certificate is there and held at its first and at its last act.
pub(super) fn check(
    package: &Evidence,
    found: &[Found],
    graph: &Graph,
    context: &Context<'_>,
    facts: &mut Facts,
) {
    let pool = read(package, facts);
    let trust = context.trust.certificates();
    let by_key: BTreeMap<Digest, &Certificate> = pool
        .certificates
        .iter()
        .filter_map(|certificate| Some((key_id(certificate.sm2_key()?), certificate)))
        .collect();
    for (signer, times) in signers(found, graph) {
        let subject = signer.subject();
        match by_key.get(&signer.key) {
            Some(certificate) => signer.judge(certificate, times, &pool, trust, context, facts),
            None => facts.push(
                Fact::fail(Check::EvidenceCertificates, subject, Reason::CertAbsent)
                    .expected(format!("the certificate of key {}", signer.key)),
            ),
        }
    }
}

/// Certificates and revocation lists of the package, each under its own digest.
fn read(package: &Evidence, facts: &mut Facts) -> Pool {
    let mut pool = Pool::new();
    let own = package.files.iter().filter(|(name, _)| name.starts_with("certificates/"));
    for (name, bytes) in own {
        let digest = sm3::digest(bytes);
        let named =
            ["cer", "crl"].iter().any(|end| *name == format!("certificates/{digest}.{end}"));
        if !named {
            facts.push(
                Fact::fail(Check::EvidenceFiles, name, Reason::DocumentMismatch)
                    .expected(digest.to_string()),
            );
        }
        match Pool::read(bytes) {
            Ok(read) => {
                pool.certificates.extend(read.certificates);
                pool.crls.extend(read.crls);
            }
            Err(error) => facts.push(
                Fact::fail(Check::CertFormat, name, Reason::CertMalformed).found(error.to_string()),
            ),
        }
    }
    pool
}

fn signers(found: &[Found], graph: &Graph) -> Signers {
    let mut signers = Signers::new();
    let mut saw = |signer: Signer, time: UnixTime| {
        let (first, last) = signers.entry(signer).or_insert((time, time));
        (*first, *last) = ((*first).min(time), (*last).max(time));
    };
    let mut acts = BTreeMap::new();
    for Found { record, time, .. } in found {
        let (organisation, key) = (record.tbs.organisation.clone(), record.tbs.signer);
        acts.insert(record.id(), (organisation.clone(), *time));
        saw(Signer { organisation, key, person: false }, *time);
    }
    for edge in graph.edges.iter().filter(|e| e.relation == Relation::WasAssociatedWith) {
        if let (Item::Person(key), Some((organisation, time))) =
            (&edge.object, acts.get(&edge.record))
        {
            let organisation = organisation.clone();
            saw(Signer { organisation, key: *key, person: true }, *time);
        }
    }
    signers
}

impl Signer {
    fn subject(&self) -> String {
        let Self { organisation, key, person } = self;
        if *person {
            format!("approver {} of {organisation}", &key.to_string()[..12])
        } else {
            format!("signer {organisation}")
        }
    }

    fn judge(
        &self,
        certificate: &Certificate,
        (first, last): (UnixTime, UnixTime),
        pool: &Pool,
        trust: &TrustStore,
        context: &Context<'_>,
        facts: &mut Facts,
    ) {
        let check = Check::EvidenceCertificates;
        let subject = self.subject();
        let code = certificate.organisation_code();
        if !self.person && code != Some(self.organisation.as_str()) {
            let fact = Fact::fail(check, subject.as_str(), Reason::CertUsageWrong);
            let (expected, found) = (self.organisation.to_string(), code.unwrap_or_default());
            return facts.push(fact.expected(expected).found(found));
        }
        let times = if first == last { vec![last] } else { vec![first, last] };
        for as_of in times {
            let subject = format!("{subject} as of {as_of}");
            let question =
                Question { usage: Usage::Sign, as_of, now: context.at, subject: &subject };
            let mut own = Facts::new();
            if validate(certificate, pool, trust, &question, &mut own).is_anchored() {
                facts.extend(own);
                facts.push(Fact::pass(check, subject));
            } else {
                // What an issuer says whom the reader does not trust is worth nothing, either way; the ledger knew the key.
                facts.push(
                    Fact::fail(check, subject, Reason::NoRevocationData)
                        .expected("an issuer that the trust folder knows")
                        .found(certificate.issuer().to_string()),
                );
            }
        }
    }
}
