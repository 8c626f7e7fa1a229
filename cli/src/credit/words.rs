//! Subjects, grounds, evidence and terms in the words of the command line.

use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    Basis, ClassCode, ClassReference, Deadline, Evidence, EvidenceKind, ItemState, Law,
    LicenceIdentifier, PublishClass, Subject, ViewGround, Wire, state_key,
};
use yinxin_verdict::UnixTime;

use crate::{
    fail::Done,
    papers::Paper,
    send::{self, Desk},
    submit::Client,
};

/// The deadline of an act while its business key is made: on another day it is the same piece of business.
pub(super) const NO_DEADLINE: Deadline = Deadline { at: UnixTime::EPOCH, calendar: Digest::ZERO };

/// Reads a subject, for clap.
pub(super) fn subject(text: &str) -> Result<Subject, String> {
    Subject::parse(text).map_err(|e| e.to_string())
}

/// Reads a law, for clap.
pub(super) fn law(text: &str) -> Result<Law, String> {
    Law::new(text).map_err(|e| e.to_string())
}

/// Reads `CODE@VERSION`, or `CODE` alone.
pub(super) fn reference(text: &str) -> Result<(ClassCode, Option<u32>), String> {
    let (code, version) = match text.split_once('@') {
        Some((code, version)) => (code, Some(version)),
        None => (text, None),
    };
    let code = ClassCode::new(code).map_err(|e| e.to_string())?;
    let version = version.map(|v| v.parse().map_err(|_| format!("{v:?} is no version")));
    Ok((code, version.transpose()?))
}

/// Reads what a record rests on when that is no paper, for clap.
pub(super) fn basis(text: &str) -> Result<Basis, String> {
    let (kind, id) = text.split_once(':').unwrap_or_default();
    let digest = |id: &str| id.parse::<Digest>().map_err(|_| format!("{id:?} is no digest"));
    match kind {
        "document" => digest(id).map(Basis::Document),
        "item" => digest(id).map(Basis::Item),
        "licence" => LicenceIdentifier::new(id).map(Basis::Licence).map_err(|e| e.to_string()),
        // What rests on another ledger comes with its proofs: `credit recognise`.
        _ => Err("expected document:DIGEST, licence:ID or item:ID".to_owned()),
    }
}

/// Why somebody saw a subject's credit.
pub(super) fn ground(ground: &ViewGround) -> String {
    match ground {
        ViewGround::Authorisation(id) => format!("authorisation {id}"),
        ViewGround::Law(law) => law.to_string(),
        ViewGround::Own(digest) => format!("own request {digest}"),
        ViewGround::Court(case) => format!("court case {}", case.number),
        _ => String::new(),
    }
}

/// A paper as evidence of a kind.
#[derive(Clone, Debug)]
pub(super) struct EvidenceArg {
    kind: EvidenceKind,
    paper: Paper,
}

/// Reads `KIND=FILE` or `KIND=DIGEST`, for clap.
pub(super) fn evidence(text: &str) -> Result<EvidenceArg, String> {
    let (kind, paper) = text.split_once('=').ok_or("expected KIND=FILE or KIND=DIGEST")?;
    let kind = EvidenceKind::new(kind).map_err(|e| e.to_string())?;
    Ok(EvidenceArg { kind, paper: Paper::parse(paper)? })
}

/// Evidence in the order that the ledger wants.
pub(super) fn all(evidence: &[EvidenceArg]) -> Done<Vec<Evidence>> {
    let one =
        |arg: &EvidenceArg| Ok(Evidence { kind: arg.kind.clone(), digest: arg.paper.digest()? });
    let mut all = evidence.iter().map(one).collect::<Done<Vec<_>>>()?;
    all.sort_by(|a, b| a.kind.cmp(&b.kind));
    Ok(all)
}

/// A business key by what is done: the same act is the same business, whenever it is sent.
pub(super) fn key(verb: &str, act: &impl Wire) -> String {
    format!("credit/{verb}/{}", sm3::digest(&act.to_der()))
}

/// How an item stands.
pub(super) fn item(desk: &Desk<'_>, id: &Digest) -> Done<ItemState> {
    send::known(&desk.client, &state_key::credit_item(id))
}

/// The version of a class, as published.
pub(super) fn class(client: &Client, class: &ClassReference) -> Done<PublishClass> {
    send::known(client, &state_key::credit_class_version(&class.code, class.version))
}

/// How an item stands, in a word: that its term is over is no state of it.
pub(super) fn standing(state: &ItemState, now: UnixTime) -> String {
    let name = state.status.name();
    match (state.status.is_in_force() && state.is_expired(now), state.objection) {
        (true, _) => format!("{name}, expired"),
        (false, Some(_)) => format!("{name}, disputed"),
        (false, None) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grounds_are_read_by_kind() {
        let digest = sm3::digest(b"a");
        assert_eq!(basis(&format!("item:{digest}")), Ok(Basis::Item(digest)));
        assert_eq!(basis(&format!("document:{digest}")), Ok(Basis::Document(digest)));
        for wrong in ["", "item", "item:1", "paper:a", &format!("foreign:{digest}:{digest}")] {
            assert!(basis(wrong).is_err(), "{wrong}");
        }
        assert_eq!(reference("penalty@2").unwrap().1, Some(2));
        assert_eq!(reference("penalty").unwrap().1, None);
        assert!(reference("penalty@x").is_err() && reference("a b").is_err());
    }
}
