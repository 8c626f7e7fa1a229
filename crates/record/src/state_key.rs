//! Where each thing stands in the ledger's state. Keys are text but for the last part of `business/`.

use yinxin_gm::Digest;

use crate::{
    AssetKey, AssetKind, BusinessKey, ClassCode, LicenceIdentifier, LicenceTypeCode,
    OrganisationCode, RecordReference, ResourceCode, Subject,
};

/// The kinds of things whose state is of interest to outsiders, as they stand before the `/`.
pub const KINDS: &[&str] = &[
    "absence",
    "access",
    "approvers",
    "asset",
    "asset-custodian",
    "asset-debt",
    "calendar",
    "certificate",
    "credit-authorisation",
    "credit-basis",
    "credit-batch",
    "credit-class",
    "credit-class-version",
    "credit-conduct",
    "credit-dropped",
    "credit-event",
    "credit-formula",
    "credit-formula-version",
    "credit-item",
    "credit-key",
    "credit-ledger",
    "credit-measure",
    "credit-objection",
    "credit-open",
    "credit-pseudonyms",
    "credit-recognition",
    "credit-repair",
    "credit-source",
    "credit-source-case",
    "credit-source-item",
    "credit-source-marks",
    "credit-sources",
    "credit-subject",
    "credit-uses",
    "credit-word",
    "delivered",
    "delivery",
    "demand",
    "denials",
    "document",
    "erasure",
    "grant",
    "licence",
    "licence-type",
    "organisation",
    "proposal",
    "provenance",
    "reconciliation",
    "request",
    "resource",
    "resource-version",
    "seal",
    "server",
    "serving",
    "serving-turn",
];

/// An [`OrganisationState`](crate::OrganisationState).
#[must_use]
pub fn organisation(code: &OrganisationCode) -> Vec<u8> {
    text("organisation", code.as_str())
}

/// The [`Organisations`](crate::Organisations).
#[must_use]
pub fn organisations() -> Vec<u8> {
    b"organisations".to_vec()
}

/// The [`Validators`](crate::Validators).
#[must_use]
pub fn validators() -> Vec<u8> {
    b"validators".to_vec()
}

/// The [`Rules`](crate::Rules).
#[must_use]
pub fn rules() -> Vec<u8> {
    b"rules".to_vec()
}

/// A [`ProposalState`](crate::ProposalState).
#[must_use]
pub fn proposal(id: &Digest) -> Vec<u8> {
    text("proposal", &id.to_string())
}

/// The [`Pending`](crate::Pending) proposals.
#[must_use]
pub fn pending() -> Vec<u8> {
    b"pending".to_vec()
}

/// A [`Suspension`](crate::Suspension).
#[must_use]
pub fn suspension(code: &OrganisationCode) -> Vec<u8> {
    text("suspension", code.as_str())
}

/// An [`AbsenceState`](crate::AbsenceState): when an organisation was suspended last.
#[must_use]
pub fn absence(code: &OrganisationCode) -> Vec<u8> {
    text("absence", code.as_str())
}

/// A [`CertificateState`](crate::CertificateState), by who registered it and SM3 of the certificate's DER. A member's own
/// stands under its own code.
///
/// The ledger sees a digest, not the certificate: were that alone the key, whoever registered it first would bar its issuer.
#[must_use]
pub fn certificate(issuer: &OrganisationCode, digest: &Digest) -> Vec<u8> {
    text("certificate", &format!("{}/{digest}", issuer.as_str()))
}

/// A [`SealState`](crate::SealState), by its maker and SM3 of the SESeal's DER.
#[must_use]
pub fn seal(maker: &OrganisationCode, digest: &Digest) -> Vec<u8> {
    text("seal", &format!("{}/{digest}", maker.as_str()))
}

/// A [`LicenceType`](crate::LicenceType).
#[must_use]
pub fn licence_type(code: &LicenceTypeCode) -> Vec<u8> {
    text("licence-type", code.as_str())
}

/// A [`LicenceState`](crate::LicenceState).
#[must_use]
pub fn licence(identifier: &LicenceIdentifier) -> Vec<u8> {
    text("licence", identifier.as_str())
}

/// A [`DocumentState`](crate::DocumentState), by what was anchored.
#[must_use]
pub fn document(digest: &Digest) -> Vec<u8> {
    text("document", &digest.to_string())
}

/// A [`ResourceState`](crate::ResourceState).
#[must_use]
pub fn resource(code: &ResourceCode) -> Vec<u8> {
    text("resource", code.as_str())
}

/// A version of a resource: the [`PublishResource`](crate::PublishResource) that published it.
#[must_use]
pub fn resource_version(code: &ResourceCode, version: u32) -> Vec<u8> {
    text("resource-version", &format!("{code}@{version}"))
}

/// A [`ServingState`](crate::ServingState): which journal of an organisation answers calls for a resource.
#[must_use]
pub fn serving(code: &ResourceCode, organisation: &OrganisationCode) -> Vec<u8> {
    text("serving", &format!("{code}/{organisation}"))
}

/// A [`TurnState`](crate::TurnState), by its epoch.
#[must_use]
pub fn serving_turn(code: &ResourceCode, organisation: &OrganisationCode, epoch: u64) -> Vec<u8> {
    text("serving-turn", &format!("{code}/{organisation}@{epoch}"))
}

/// A [`DenialsState`](crate::DenialsState): how far an organisation vouches for a journal of refusals.
#[must_use]
pub fn denials(organisation: &OrganisationCode, journal: &Digest) -> Vec<u8> {
    text("denials", &format!("{organisation}/{journal}"))
}

/// A [`DemandState`](crate::DemandState), by the id of the record that raised it.
#[must_use]
pub fn demand(id: &Digest) -> Vec<u8> {
    text("demand", &id.to_string())
}

/// A [`CalendarState`](crate::CalendarState), by SM3 of the calendar's file.
#[must_use]
pub fn calendar(digest: &Digest) -> Vec<u8> {
    text("calendar", &digest.to_string())
}

/// The [`SetApprovers`](crate::SetApprovers) of an organisation.
#[must_use]
pub fn approvers(code: &OrganisationCode) -> Vec<u8> {
    text("approvers", code.as_str())
}

/// A [`RequestState`](crate::RequestState), by the id of the record that made it.
#[must_use]
pub fn request(id: &Digest) -> Vec<u8> {
    text("request", &id.to_string())
}

/// A [`GrantState`](crate::GrantState), by the id of its request.
#[must_use]
pub fn grant(id: &Digest) -> Vec<u8> {
    text("grant", &id.to_string())
}

/// A [`DeliveryState`](crate::DeliveryState), by who delivered and SM3 of the envelope.
#[must_use]
pub fn delivery(server: &OrganisationCode, envelope: &Digest) -> Vec<u8> {
    text("delivery", &format!("{server}/{envelope}"))
}

/// The first record that delivered content to a grant, as a [`BusinessState`](crate::BusinessState): that the grant's receiver was
/// given it, in whichever envelope.
#[must_use]
pub fn delivered(grant: &Digest, server: &OrganisationCode, content: &Digest) -> Vec<u8> {
    text("delivered", &format!("{grant}/{server}/{content}"))
}

/// An [`AccessState`](crate::AccessState): what was accessed under a grant in a minute.
#[must_use]
pub fn access(grant: &Digest, minute: u64) -> Vec<u8> {
    text("access", &format!("{grant}@{minute}"))
}

/// A [`ReconciliationState`](crate::ReconciliationState) of a grant's minutes, the last one not among them.
#[must_use]
pub fn reconciliation(grant: &Digest, from: u64, until: u64) -> Vec<u8> {
    text("reconciliation", &format!("{grant}@{from}-{until}"))
}

/// A [`ProvenanceState`](crate::ProvenanceState): what an organisation says of where a digest comes from.
///
/// The ledger sees digests only: were that alone the key, whoever spoke first would bar the one who made it.
#[must_use]
pub fn provenance(by: &OrganisationCode, digest: &Digest) -> Vec<u8> {
    text("provenance", &format!("{by}/{digest}"))
}

/// An [`ErasureState`](crate::ErasureState): whether an organisation erased content.
#[must_use]
pub fn erasure(by: &OrganisationCode, digest: &Digest) -> Vec<u8> {
    text("erasure", &format!("{by}/{digest}"))
}

/// The [`ClassState`](crate::ClassState) of a class of credit records.
#[must_use]
pub fn credit_class(code: &ClassCode) -> Vec<u8> {
    text("credit-class", code.as_str())
}

/// A version of a class: the [`PublishClass`](crate::PublishClass) that published it.
#[must_use]
pub fn credit_class_version(code: &ClassCode, version: u32) -> Vec<u8> {
    text("credit-class-version", &format!("{code}@{version}"))
}

/// The [`ClassState`](crate::ClassState) of a formula for scores.
#[must_use]
pub fn credit_formula(code: &ClassCode) -> Vec<u8> {
    text("credit-formula", code.as_str())
}

/// A version of a formula: the [`PublishFormula`](crate::PublishFormula) that published it.
#[must_use]
pub fn credit_formula_version(code: &ClassCode, version: u32) -> Vec<u8> {
    text("credit-formula-version", &format!("{code}@{version}"))
}

/// The [`EventChain`](crate::EventChain) of all records that say something of a subject's credit.
#[must_use]
pub fn credit_subject(subject: &Subject) -> Vec<u8> {
    text("credit-subject", &subject.to_string())
}

/// The [`EventState`](crate::EventState) after so many records, from 1.
#[must_use]
pub fn credit_event(subject: &Subject, count: u64) -> Vec<u8> {
    text("credit-event", &format!("{subject}@{count}"))
}

/// The [`EventChain`](crate::EventChain) of all records that tell who may see a subject's credit, who saw it, and its scores.
#[must_use]
pub fn credit_uses(subject: &Subject) -> Vec<u8> {
    text("credit-uses", &subject.to_string())
}

/// The [`SubjectKeyState`](crate::SubjectKeyState) of a subject.
#[must_use]
pub fn credit_key(subject: &Subject) -> Vec<u8> {
    text("credit-key", &subject.to_string())
}

/// An [`ItemState`](crate::ItemState), by the id of the record that recorded it.
#[must_use]
pub fn credit_item(id: &Digest) -> Vec<u8> {
    text("credit-item", &id.to_string())
}

/// An [`ObjectionState`](crate::ObjectionState), by the id of the record that raised it.
#[must_use]
pub fn credit_objection(id: &Digest) -> Vec<u8> {
    text("credit-objection", &id.to_string())
}

/// The record that brought what a subject signed, as a [`BusinessState`](crate::BusinessState), by SM3 of what it signed.
#[must_use]
pub fn credit_word(signed: &Digest) -> Vec<u8> {
    text("credit-word", &signed.to_string())
}

/// The [`PseudonymState`](crate::PseudonymState) of a custodian.
#[must_use]
pub fn credit_pseudonyms(custodian: &OrganisationCode) -> Vec<u8> {
    text("credit-pseudonyms", custodian.as_str())
}

/// The [`OpenCases`](crate::OpenCases) about an item.
#[must_use]
pub fn credit_open(item: &Digest) -> Vec<u8> {
    text("credit-open", &item.to_string())
}

/// A [`RepairState`](crate::RepairState), by the id of the record that applied.
#[must_use]
pub fn credit_repair(id: &Digest) -> Vec<u8> {
    text("credit-repair", &id.to_string())
}

/// The id of the objection or case about an item, on the ledger or of a batch, that a member dropped last, as a
/// [`BusinessState`](crate::BusinessState); of no member: the subject's own word.
#[must_use]
pub fn credit_dropped(item: &Digest, by: Option<&OrganisationCode>) -> Vec<u8> {
    text("credit-dropped", &format!("{item}@{}", by.map_or("subject", |by| by.as_str())))
}

/// A [`MeasureState`](crate::MeasureState), by the id of the record that applied it.
#[must_use]
pub fn credit_measure(id: &Digest) -> Vec<u8> {
    text("credit-measure", &id.to_string())
}

/// An [`AuthorisationState`](crate::AuthorisationState), by [`Authorisation::id`](crate::Authorisation::id).
#[must_use]
pub fn credit_authorisation(id: &Digest) -> Vec<u8> {
    text("credit-authorisation", &id.to_string())
}

/// The id of the item that was recorded on a ground, as a [`BusinessState`](crate::BusinessState), by
/// [`RecordItem::basis_id`](crate::RecordItem::basis_id); of one that was withdrawn, and that rested on an item, by
/// [`RecordItem::own_basis_id`](crate::RecordItem::own_basis_id).
#[must_use]
pub fn credit_basis(id: &Digest) -> Vec<u8> {
    text("credit-basis", &id.to_string())
}

/// The id of the item that recognises a record of another ledger, as a [`BusinessState`](crate::BusinessState).
#[must_use]
pub fn credit_recognition(of: &RecordReference) -> Vec<u8> {
    text("credit-recognition", &format!("{}:{}", of.chain_id, of.record))
}

/// A [`SourceState`](crate::SourceState).
#[must_use]
pub fn credit_source(code: &OrganisationCode) -> Vec<u8> {
    text("credit-source", code.as_str())
}

/// The [`CreditSources`](crate::CreditSources).
#[must_use]
pub fn credit_sources() -> Vec<u8> {
    text("credit-sources", "all")
}

/// A [`BatchState`](crate::BatchState).
#[must_use]
pub fn credit_batch(source: &OrganisationCode, sequence: u64) -> Vec<u8> {
    text("credit-batch", &format!("{source}@{sequence}"))
}

/// A [`SourceCaseState`](crate::SourceCaseState), by the id of the record that raised it.
#[must_use]
pub fn credit_source_case(id: &Digest) -> Vec<u8> {
    text("credit-source-case", &id.to_string())
}

/// A [`SourceItemState`](crate::SourceItemState), by the id of the record of the batch that recorded it.
#[must_use]
pub fn credit_source_item(id: &Digest) -> Vec<u8> {
    text("credit-source-item", &id.to_string())
}

/// The [`SourceMarks`](crate::SourceMarks) of a subject.
#[must_use]
pub fn credit_source_marks(subject: &Subject) -> Vec<u8> {
    text("credit-source-marks", &subject.to_string())
}

/// The [`TrustedLedgerState`](crate::TrustedLedgerState) of another ledger, by its chain id.
#[must_use]
pub fn credit_ledger(chain_id: &Digest) -> Vec<u8> {
    text("credit-ledger", &chain_id.to_string())
}

/// A [`ConductState`](crate::ConductState).
#[must_use]
pub fn credit_conduct(code: &OrganisationCode) -> Vec<u8> {
    text("credit-conduct", code.as_str())
}

/// An [`AssetState`](crate::AssetState).
#[must_use]
pub fn asset(key: &AssetKey) -> Vec<u8> {
    text("asset", &key.to_string())
}

/// The key of the receivable that stands for the debt of an invoice, as an [`AssetKey`].
#[must_use]
pub fn asset_debt(invoice: &AssetKey) -> Vec<u8> {
    text("asset-debt", &invoice.to_string())
}

/// A [`CustodianState`](crate::CustodianState).
#[must_use]
pub fn asset_custodian(kind: AssetKind) -> Vec<u8> {
    text("asset-custodian", kind.name())
}

/// A [`BusinessState`](crate::BusinessState).
#[must_use]
pub fn business(organisation: &OrganisationCode, key: &BusinessKey) -> Vec<u8> {
    [b"business/", organisation.as_str().as_bytes(), b"/", key.as_bytes()].concat()
}

/// The key of a thing of this kind by its text form, as a person or a URL gives it: a licence's identifier, a digest in
/// hexadecimal, an organisation's code; for certificates and seals code and digest, with a `/` between. `None` if the kind is unknown or the text is none of its kind.
#[must_use]
pub fn parse(kind: &str, id: &str) -> Option<Vec<u8>> {
    let digest = || id.parse::<Digest>().ok();
    let registered = || {
        let (code, digest) = id.split_once('/')?;
        Some((OrganisationCode::new(code).ok()?, digest.parse::<Digest>().ok()?))
    };
    match kind {
        "absence" => OrganisationCode::new(id).ok().map(|c| absence(&c)),
        "access" => {
            let (grant, minute) = id.split_once('@')?;
            Some(access(&grant.parse().ok()?, number(minute)?))
        }
        "approvers" => OrganisationCode::new(id).ok().map(|c| approvers(&c)),
        "asset" => AssetKey::parse(id).map(|k| asset(&k)),
        "asset-debt" => AssetKey::parse(id).map(|k| asset_debt(&k)),
        "asset-custodian" => AssetKind::from_name(id).map(asset_custodian),
        kind if kind.starts_with("credit-") => parse_credit(kind, id),
        "calendar" => digest().map(|d| calendar(&d)),
        "delivered" => {
            let (grant, rest) = id.split_once('/')?;
            let (server, content) = rest.split_once('/')?;
            let (grant, content) = (grant.parse().ok()?, content.parse().ok()?);
            Some(delivered(&grant, &OrganisationCode::new(server).ok()?, &content))
        }
        "delivery" => registered().map(|(by, d)| delivery(&by, &d)),
        "demand" => digest().map(|d| demand(&d)),
        "denials" => registered().map(|(by, d)| denials(&by, &d)),
        "erasure" => registered().map(|(by, d)| erasure(&by, &d)),
        "grant" => digest().map(|d| grant(&d)),
        "provenance" => registered().map(|(by, d)| provenance(&by, &d)),
        "reconciliation" => {
            let (grant, period) = id.split_once('@')?;
            let (from, until) = period.split_once('-')?;
            Some(reconciliation(&grant.parse().ok()?, number(from)?, number(until)?))
        }
        "request" => digest().map(|d| request(&d)),
        "resource" => ResourceCode::new(id).ok().map(|c| resource(&c)),
        "resource-version" => {
            let (code, version) = id.split_once('@')?;
            let version: u32 = number(version)?;
            Some(resource_version(&ResourceCode::new(code).ok()?, version))
        }
        "certificate" => registered().map(|(by, d)| certificate(&by, &d)),
        "document" => digest().map(|d| document(&d)),
        "licence" => LicenceIdentifier::new(id).ok().map(|i| licence(&i)),
        "licence-type" => LicenceTypeCode::new(id).ok().map(|c| licence_type(&c)),
        "organisation" => OrganisationCode::new(id).ok().map(|c| organisation(&c)),
        "proposal" => digest().map(|d| proposal(&d)),
        "seal" => registered().map(|(by, d)| seal(&by, &d)),
        "serving" => {
            let (code, by) = id.rsplit_once('/')?;
            Some(serving(&ResourceCode::new(code).ok()?, &OrganisationCode::new(by).ok()?))
        }
        "serving-turn" => {
            let (server, epoch) = id.rsplit_once('@')?;
            let (code, by) = server.rsplit_once('/')?;
            let (code, by) = (ResourceCode::new(code).ok()?, OrganisationCode::new(by).ok()?);
            Some(serving_turn(&code, &by, number(epoch)?))
        }
        _ => None,
    }
}

fn parse_credit(kind: &str, id: &str) -> Option<Vec<u8>> {
    let digest = || id.parse::<Digest>().ok();
    let subject = || Subject::parse(id).ok();
    let organisation = || OrganisationCode::new(id).ok();
    let version = || {
        let (code, version) = id.split_once('@')?;
        Some((ClassCode::new(code).ok()?, number::<u32>(version)?))
    };
    match kind {
        "credit-authorisation" => digest().map(|d| credit_authorisation(&d)),
        "credit-basis" => digest().map(|d| credit_basis(&d)),
        "credit-batch" => {
            let (source, sequence) = id.split_once('@')?;
            Some(credit_batch(&OrganisationCode::new(source).ok()?, number(sequence)?))
        }
        "credit-class" => ClassCode::new(id).ok().map(|c| credit_class(&c)),
        "credit-class-version" => version().map(|(c, v)| credit_class_version(&c, v)),
        "credit-conduct" => organisation().map(|c| credit_conduct(&c)),
        "credit-dropped" => {
            let (item, by) = id.split_once('@')?;
            let item = item.parse().ok()?;
            match by {
                "subject" => Some(credit_dropped(&item, None)),
                by => Some(credit_dropped(&item, Some(&OrganisationCode::new(by).ok()?))),
            }
        }
        "credit-event" => {
            let (subject, count) = id.rsplit_once('@')?;
            Some(credit_event(&Subject::parse(subject).ok()?, number(count)?))
        }
        "credit-formula" => ClassCode::new(id).ok().map(|c| credit_formula(&c)),
        "credit-formula-version" => version().map(|(c, v)| credit_formula_version(&c, v)),
        "credit-item" => digest().map(|d| credit_item(&d)),
        "credit-ledger" => digest().map(|d| credit_ledger(&d)),
        "credit-key" => subject().map(|s| credit_key(&s)),
        "credit-measure" => digest().map(|d| credit_measure(&d)),
        "credit-objection" => digest().map(|d| credit_objection(&d)),
        "credit-open" => digest().map(|d| credit_open(&d)),
        "credit-pseudonyms" => organisation().map(|c| credit_pseudonyms(&c)),
        "credit-recognition" => {
            let (chain_id, record) = id.split_once(':')?;
            let (chain_id, record) = (chain_id.parse().ok()?, record.parse().ok()?);
            Some(credit_recognition(&RecordReference { chain_id, record }))
        }
        "credit-repair" => digest().map(|d| credit_repair(&d)),
        "credit-source" => organisation().map(|c| credit_source(&c)),
        "credit-source-case" => digest().map(|d| credit_source_case(&d)),
        "credit-source-item" => digest().map(|d| credit_source_item(&d)),
        "credit-source-marks" => subject().map(|s| credit_source_marks(&s)),
        "credit-sources" => (id == "all").then(credit_sources),
        "credit-subject" => subject().map(|s| credit_subject(&s)),
        "credit-uses" => subject().map(|s| credit_uses(&s)),
        "credit-word" => digest().map(|d| credit_word(&d)),
        _ => None,
    }
}

/// A number in its one form: without sign or leading zeros.
fn number<T: core::str::FromStr + ToString>(digits: &str) -> Option<T> {
    digits.parse().ok().filter(|n: &T| n.to_string() == digits)
}

fn text(kind: &str, id: &str) -> Vec<u8> {
    format!("{kind}/{id}").into_bytes()
}
