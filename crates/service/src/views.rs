//! Views for people of what the ledger says; the proof beside them is what counts.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use yinxin_receipt::StatusProof;
use yinxin_record::{LicenceState, Wire, state_key};
use yinxin_verdict::Lang;

use crate::{LicenceView, Problem};

/// The state key of a thing by kind and identifier.
pub(crate) fn status_key(kind: &str, id: &str, lang: Lang) -> Result<Vec<u8>, Problem> {
    state_key::parse(kind, id).ok_or_else(|| {
        let kinds = state_key::KINDS.join(", ");
        Problem::bad_request(
            match lang {
                Lang::En => format!("expected one of {kinds} and an identifier of that kind, got {kind:?} and {id:?}"),
                Lang::Zh => format!("类别应为 {kinds} 之一，标识应与类别相符，实为 {kind:?} 与 {id:?}"),
            },
            lang,
        )
    })
}

/// What a status proof says of a licence.
pub(crate) fn licence(identifier: String, der: Vec<u8>) -> Result<LicenceView, String> {
    let proof = StatusProof::from_der(&der).map_err(|e| e.to_string())?;
    let state = proof
        .value
        .as_deref()
        .map(LicenceState::from_der)
        .transpose()
        .map_err(|e| e.to_string())?;
    Ok(LicenceView {
        schema: "yinxin.licence/1",
        identifier,
        known: state.is_some(),
        state: state.as_ref().map(|s| s.status.name().to_owned()).unwrap_or_default(),
        since: state.as_ref().map(|s| s.since.to_string()).unwrap_or_default(),
        issuer: state.as_ref().map(|s| s.issuer.as_str().to_owned()).unwrap_or_default(),
        previous: state.as_ref().and_then(|s| s.previous.as_ref()).map(|i| i.as_str().to_owned()),
        next: state.as_ref().and_then(|s| s.next.as_ref()).map(|i| i.as_str().to_owned()),
        height: proof.header.height,
        proof: STANDARD.encode(der),
    })
}
