//! What a status proof says, in words.

use serde::Serialize;
use yinxin_receipt::StatusProof;
use yinxin_record::{
    CertificateState, CredentialStatus, DocumentState, LicenceState, OrganisationCode,
    OrganisationState, ProposalState, Revoke, SealState, Wire,
};
use yinxin_verdict::UnixTime;

use crate::ui::Ui;

/// The state of a thing as of a height.
#[derive(Serialize)]
pub(crate) struct StateView {
    schema: &'static str,
    /// The state key as text.
    pub(crate) key: String,
    /// Whether the ledger knows it.
    pub(crate) known: bool,
    /// Its state's name, such as `active` or `revoked`; empty when unknown.
    pub(crate) state: String,
    height: u64,
    time: String,
    details: Vec<(&'static str, String)>,
}

/// The view of a proof.
pub(crate) fn view(proof: &StatusProof) -> StateView {
    let key = String::from_utf8_lossy(&proof.key).into_owned();
    let (state, details) = match &proof.value {
        Some(value) => words(&key, value),
        None => (String::new(), Vec::new()),
    };
    let time = i64::try_from(proof.header.time_ms).unwrap_or(i64::MAX);
    StateView {
        schema: "yinxin.state/1",
        known: proof.value.is_some(),
        key,
        state,
        height: proof.header.height,
        time: UnixTime::EPOCH.plus_millis(time).to_string(),
        details,
    }
}

type Words = (String, Vec<(&'static str, String)>);

fn words(key: &str, value: &[u8]) -> Words {
    let kind = key.split('/').next().unwrap_or_default();
    let known = match kind {
        "licence" => LicenceState::from_der(value).ok().map(licence),
        "seal" => SealState::from_der(value).ok().map(seal),
        "certificate" => CertificateState::from_der(value).ok().map(certificate),
        "document" => DocumentState::from_der(value).ok().map(document),
        "organisation" => OrganisationState::from_der(value).ok().map(organisation),
        "proposal" => ProposalState::from_der(value).ok().map(proposal),
        _ => None,
    };
    known.unwrap_or_else(|| (String::from("present"), vec![("value", hex::encode(value))]))
}

fn licence(s: LicenceState) -> Words {
    let mut details = vec![
        ("issuer", s.issuer.to_string()),
        ("since", s.since.to_string()),
        ("valid-from", s.valid_from.to_string()),
    ];
    details.extend(s.valid_until.map(|t| ("valid-until", t.to_string())));
    details.extend(s.next.map(|n| ("replaced-by", n.to_string())));
    if s.reason != 0 {
        details.push(("reason", crate::licence::reason(s.reason)));
    }
    (s.status.name().to_owned(), details)
}

fn seal(s: SealState) -> Words {
    let mut details = vec![("maker", s.maker.to_string()), ("owner", s.owner.to_string())];
    details.extend(s.revocation.iter().flat_map(revocation));
    (credential(s.status), details)
}

fn certificate(s: CertificateState) -> Words {
    let mut details: Vec<_> = s.issuer.iter().map(|i| ("issuer", i.to_string())).collect();
    details.extend(s.revocation.iter().flat_map(revocation));
    (credential(s.status), details)
}

fn revocation(r: &Revoke) -> [(&'static str, String); 2] {
    [("revoked-since", r.since.to_string()), ("reason", format!("{:?}", r.reason))]
}

fn credential(status: CredentialStatus) -> String {
    match status {
        CredentialStatus::Active => "active",
        CredentialStatus::Revoked => "revoked",
        _ => "unknown",
    }
    .to_owned()
}

fn document(s: DocumentState) -> Words {
    let details = vec![
        ("organisation", s.organisation.to_string()),
        ("kind", s.kind.to_string()),
        ("record", s.record.to_string()),
        ("at-height", s.height.to_string()),
    ];
    (String::from("anchored"), details)
}

fn organisation(s: OrganisationState) -> Words {
    let powers: Vec<_> = s.powers.iter().map(|p| p.name()).collect();
    let details = vec![("name", s.name.to_string()), ("powers", powers.join(", "))];
    (format!("{:?}", s.status).to_lowercase(), details)
}

fn proposal(s: ProposalState) -> Words {
    let approvals: Vec<_> = s.approvals.iter().map(OrganisationCode::as_str).collect();
    let details =
        vec![("approved-by", approvals.join(", ")), ("holds-from", s.effective_height.to_string())];
    (format!("{:?}", s.status).to_lowercase(), details)
}

/// The view as text.
pub(crate) fn text(ui: &Ui, v: &StateView) -> String {
    let state = if v.known {
        v.state.as_str()
    } else {
        ui.pick("unknown to the ledger", "账本中无此项")
    };
    let mut out = format!(
        "{}: {state}\n  {} {} ({})\n",
        v.key,
        ui.pick("as of height", "截至高度"),
        v.height,
        v.time
    );
    for (name, value) in &v.details {
        out.push_str(&format!("  {name:<14} {value}\n"));
    }
    out
}
