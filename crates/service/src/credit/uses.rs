//! Who looked at a subject's credit, who may, and what was made of it: the subject's to know.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_ledger::index_key;
use yinxin_record::{Act, ClassCode, CreditAct, EventChain, Subject, ViewGround, state_key};
use yinxin_sharing::provenance::Found;
use yinxin_verdict::Lang;

use super::{
    From,
    subject::{Cursor, RECORDS},
    subject_of,
};
use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::Reading,
        wrong,
    },
};

/// Who looked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Uses {
    /// `yinxin.credit-uses/1`.
    schema: &'static str,
    subject: String,
    /// Oldest first.
    uses: Vec<UseView>,
    /// How many the subject's leaf of uses counts.
    records: u64,
    head: String,
    /// Whether those told so far, from the first on, replay to the leaf: none is withheld. None while `next` says that there are more.
    complete: Option<bool>,
    /// Where to go on; none when all were looked at.
    next: Option<String>,
    height: u64,
    /// The status proof of that leaf, DER, base64.
    proof: String,
}

/// One use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UseView {
    record: String,
    /// `view`, `authorise`, `revoke`, `score` or `key`.
    kind: &'static str,
    /// Who put it on the ledger.
    by: Party,
    /// Who saw it, or may see it.
    reader: Option<Party>,
    /// For which purpose, by code.
    purpose: Option<String>,
    /// Of a view: `authorisation`, `law`, `court` or `own`, for the subject asked; of an end: `authorisation`.
    ground: Option<&'static str>,
    /// The law, the court's case, or the authorisation's id.
    cites: Option<String>,
    /// Of which classes; empty: of all.
    classes: Vec<String>,
    /// As of when it was seen, or counted.
    as_of: Option<String>,
    /// Until when it may be seen.
    until: Option<String>,
    /// By which formula it was counted: code and version.
    formula: Option<String>,
    time: String,
    /// Where its receipt is.
    receipt: String,
}

/// Who looked at a subject's credit, on what ground, and what was made of it. A gateway lets only the subject see it.
#[utoipa::path(get, path = "/v1/credit/subjects/{subject}/uses",
    params(("subject" = String, Path, description = "a company's credit code, or a custodian's code, `:` and a pseudonym"), From),
    responses((status = 200, body = Uses), (status = 400, body = Problem)))]
pub(crate) async fn uses(
    State(app): State<App>,
    Path(text): Path<String>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Json<Uses>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let subject = subject_of(&text, lang)?;
    let _turn = app.permits.acquire().await;
    let stretch = stretch(&reading, &subject, from.from.as_deref()).await?;
    let mut parties = Parties::new(&app, &reading);
    let mut uses = Vec::new();
    for found in &stretch.uses {
        if let Act::Credit(act) = &found.record.tbs.act {
            uses.push(UseView::of(found, act, &mut parties).await?);
        }
    }
    Ok(Json(Uses {
        schema: "yinxin.credit-uses/1",
        subject: subject.to_string(),
        uses,
        records: stretch.leaf.count,
        head: stretch.leaf.head.to_string(),
        complete: stretch.complete,
        next: stretch.next,
        height: stretch.height,
        proof: stretch.proof,
    }))
}

/// A stretch of what a subject's leaf of uses counts.
pub(super) struct Stretch {
    /// The records, oldest first.
    pub(super) uses: Vec<Found>,
    pub(super) leaf: EventChain,
    /// Whether those told so far, from the first on, replay to the leaf. None while there are more.
    pub(super) complete: Option<bool>,
    /// Where to go on.
    pub(super) next: Option<String>,
    pub(super) height: u64,
    /// The leaf's proof.
    pub(super) proof: String,
}

/// Reads a subject's uses from where the answer before ended.
pub(super) async fn stretch(
    reading: &Reading,
    subject: &Subject,
    from: Option<&str>,
) -> Result<Stretch, Problem> {
    let begin = start(from, subject, reading.lang)?;
    let leaf = reading.state::<EventChain>(state_key::credit_uses(subject)).await?;
    let (chain, height) = (leaf.value.unwrap_or_else(|| EventChain::start(subject)), leaf.height);
    let prefix = index_key::credit_uses(subject);
    let (mut uses, next) = reading.stretch(&prefix, begin.key, RECORDS).await?;
    uses.retain(|found| {
        let of_leaf = found.height <= height;
        of_leaf && matches!(&found.record.tbs.act, Act::Credit(act) if act.is_use())
    });
    let told = uses.iter().fold(begin.chain, |chain, found| chain.then(&found.record.id()));
    Ok(Stretch {
        uses,
        leaf: chain,
        complete: next.is_none().then_some(told == chain),
        next: next.map(|key| Cursor { chain: told, key }.to_string()),
        height,
        proof: leaf.proof,
    })
}

/// Where an answer begins: at the beginning, or where the one before ended.
pub(super) fn start(from: Option<&str>, subject: &Subject, lang: Lang) -> Result<Cursor, Problem> {
    match from.filter(|from| !from.is_empty()) {
        None => Ok(Cursor { chain: EventChain::start(subject), key: Vec::new() }),
        Some(from) => Cursor::parse(from)
            .ok_or_else(|| wrong("`next` of the answer before", "上一答复中的 next", from, lang)),
    }
}

impl UseView {
    async fn of(
        found: &Found,
        act: &CreditAct,
        parties: &mut Parties<'_>,
    ) -> Result<Self, Problem> {
        let record = found.record.id();
        let mut view = Self {
            record: record.to_string(),
            kind: "key",
            by: parties.of(&found.record.tbs.organisation).await?,
            reader: None,
            purpose: None,
            ground: None,
            cites: None,
            classes: Vec::new(),
            as_of: None,
            until: None,
            formula: None,
            time: found.time.to_string(),
            receipt: format!("/v1/receipts/{record}"),
        };
        match act {
            CreditAct::View(act) => {
                view.kind = "view";
                view.reader = Some(parties.of(&act.reader).await?);
                view.purpose = Some(act.purpose.to_string());
                (view.ground, view.cites) = ground(&act.ground);
                view.classes = texts(&act.classes);
                view.as_of = Some(act.as_of.to_string());
            }
            CreditAct::Authorise(act) => {
                view.kind = "authorise";
                view.reader = Some(parties.of(&act.terms.reader).await?);
                view.purpose = Some(act.terms.purpose.to_string());
                view.classes = texts(&act.terms.classes);
                view.until = Some(act.terms.until.to_string());
            }
            CreditAct::RevokeAuthorisation(act) => {
                view.kind = "revoke";
                view.ground = Some("authorisation");
                view.cites = Some(act.authorisation.to_string());
            }
            CreditAct::Score(act) => {
                view.kind = "score";
                view.formula = Some(format!("{}@{}", act.formula, act.version));
                view.as_of = Some(act.as_of.to_string());
            }
            _ => {}
        }
        Ok(view)
    }
}

fn ground(ground: &ViewGround) -> (Option<&'static str>, Option<String>) {
    match ground {
        ViewGround::Authorisation(id) => (Some("authorisation"), Some(id.to_string())),
        ViewGround::Law(law) => (Some("law"), Some(law.to_string())),
        // The request's digest is salted: it names nothing to anybody else.
        ViewGround::Own(_) => (Some("own"), None),
        ViewGround::Court(case) => (Some("court"), Some(case.number.to_string())),
        _ => (None, None),
    }
}

fn texts(classes: &[ClassCode]) -> Vec<String> {
    classes.iter().map(ToString::to_string).collect()
}
