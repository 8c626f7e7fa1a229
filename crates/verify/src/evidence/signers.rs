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

/// Certificates of one key that are looked at: a maker may put thousands into a package.
const MAX_RENEWED: usize = 8;

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
    let mut by_key: BTreeMap<Digest, Vec<&Certificate>> = BTreeMap::new();
    for certificate in &pool.certificates {
        if let Some(key) = certificate.sm2_key() {
            by_key.entry(key_id(key)).or_default().push(certificate);
        }
    }
    for (signer, times) in signers(found, graph) {
        let subject = signer.subject();
        match by_key.get(&signer.key) {
            Some(of_key) => signer.judge(of_key, times, &pool, trust, context, facts),
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

    /// Each time by the certificate of the key that says most for it then: one may have been renewed under the same key in between.
    fn judge(
        &self,
        of_key: &[&Certificate],
        (first, last): (UnixTime, UnixTime),
        pool: &Pool,
        trust: &TrustStore,
        context: &Context<'_>,
        facts: &mut Facts,
    ) {
        let code = |certificate: &Certificate| certificate.organisation_code().map(str::to_owned);
        let own = |certificate: &&&Certificate| {
            self.person || code(certificate).as_deref() == Some(self.organisation.as_str())
        };
        let own: Vec<_> = of_key.iter().filter(own).take(MAX_RENEWED).collect();
        if own.is_empty() {
            let fact =
                Fact::fail(Check::EvidenceCertificates, self.subject(), Reason::CertUsageWrong);
            let found = of_key.first().and_then(|certificate| code(certificate));
            let expected = self.organisation.to_string();
            return facts.push(fact.expected(expected).found(found.unwrap_or_default()));
        }
        let times = if first == last { vec![last] } else { vec![first, last] };
        for as_of in times {
            let judged = own.iter().map(|certificate| {
                let (anchored, own) = self.held(certificate, as_of, pool, trust, context);
                let reasons = own.facts().iter().filter_map(Fact::reason);
                let gravest = reasons.map(|reason| context.policy.gravity(reason)).max();
                // One under an issuer whom nobody knows says nothing, and so nothing against one that is known.
                ((!anchored, gravest), own)
            });
            if let Some((_, best)) = judged.min_by_key(|(rank, _)| *rank) {
                facts.extend(best);
            }
        }
    }

    /// Whether a certificate's issuer is known, and what there is to say of it at a time.
    fn held(
        &self,
        certificate: &Certificate,
        as_of: UnixTime,
        pool: &Pool,
        trust: &TrustStore,
        context: &Context<'_>,
    ) -> (bool, Facts) {
        let check = Check::EvidenceCertificates;
        let subject = format!("{} as of {as_of}", self.subject());
        let question = Question { usage: Usage::Sign, as_of, now: context.at, subject: &subject };
        let mut own = Facts::new();
        if validate(certificate, pool, trust, &question, &mut own).is_anchored() {
            own.push(Fact::pass(check, subject));
            return (true, own);
        }
        // What an issuer says whom the reader does not trust is worth nothing, either way; the ledger knew the key.
        let mut own = Facts::new();
        own.push(
            Fact::fail(check, subject, Reason::NoRevocationData)
                .expected("an issuer that the trust folder knows")
                .found(certificate.issuer().to_string()),
        );
        (false, own)
    }
}
