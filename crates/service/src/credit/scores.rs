//! Scores that were published of a subject: by which formula, from what, by whom, and what came since. The points are not on the ledger.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::Serialize;
use utoipa::ToSchema;
use yinxin_record::{
    Act, ClassCode, ClassState, CreditAct, Date, EventChain, PublishFormula, PublishScore,
    state_key,
};
use yinxin_sharing::provenance::Found;

use super::{From, subject_of, uses::stretch};
use crate::{
    App, Problem,
    app::lang,
    data::{
        life::{Parties, Party},
        reading::Reading,
    },
};

/// The most versions of a formula whose first day is still to come that are looked past: each is a question to the ledger and a proof in the
/// answer. With more of them, no newer version is told.
const AHEAD: usize = 50;

/// Scores of a subject.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Scores {
    /// `yinxin.credit-scores/1`.
    schema: &'static str,
    subject: String,
    /// Oldest first.
    scores: Vec<ScoreView>,
    /// How many uses the subject's leaf counts; scores are among them.
    records: u64,
    /// The leaf's digest over their ids.
    head: String,
    /// Whether the uses told so far, from the first on, replay to the leaf: no score is withheld. None while `next` says that there are
    /// more.
    complete: Option<bool>,
    /// Where to go on; none when all were looked at.
    next: Option<String>,
    height: u64,
    /// Status proofs of that leaf, of the subject's chain and of the formulas, DER, base64.
    proofs: Vec<String>,
}

/// A score, as far as the ledger has it: whoever has its file and its view computes it again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScoreView {
    record: String,
    /// Who published it.
    by: Party,
    /// By which version of which formula.
    formula: FormulaView,
    /// The version of the formula that would be used today, if that is a later one.
    newer: Option<FormulaView>,
    /// As of when it was computed.
    as_of: String,
    /// The subject's chain that it was computed from.
    from: ChainView,
    /// How many records came to the subject's chain since. What sources of batches had, the score's file says.
    since: u64,
    /// SM3 of which items counted, how they stood, and when.
    inputs: String,
    /// Salted digest of the points and how they came about.
    result: String,
    time: String,
    /// Where its receipt is.
    receipt: String,
}

/// A subject's chain, at some time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChainView {
    records: u64,
    head: String,
}

/// A version of a formula, as published.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormulaView {
    code: String,
    version: u32,
    name: String,
    /// SM3 of its file.
    definition: String,
    /// The first day as of which it is used.
    valid_from: String,
}

/// Scores that were published of a subject's credit, and what came since. They are uses: a gateway lets only the subject see them.
#[utoipa::path(get, path = "/v1/credit/subjects/{subject}/uses/scores",
    params(("subject" = String, Path, description = "a company's credit code, or a custodian's code, `:` and a pseudonym"), From),
    responses((status = 200, body = Scores), (status = 400, body = Problem)))]
pub(crate) async fn scores(
    State(app): State<App>,
    Path(text): Path<String>,
    Query(from): Query<From>,
    headers: HeaderMap,
) -> Result<Json<Scores>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let subject = subject_of(&text, lang)?;
    let _turn = app.permits.acquire().await;
    let stretch = stretch(&reading, &subject, from.from.as_deref()).await?;
    // Asked for after the scores: it has at least what they were computed from.
    let chain = reading.state::<EventChain>(state_key::credit_subject(&subject)).await?;
    let now = chain.value.unwrap_or_else(|| EventChain::start(&subject));
    let mut formulas = Formulas::new(&reading, Date::of(chain.time));
    formulas.proofs.extend([stretch.proof, chain.proof]);
    let mut parties = Parties::new(&app, &reading);
    let mut scores = Vec::new();
    for found in &stretch.uses {
        if let Act::Credit(CreditAct::Score(act)) = &found.record.tbs.act {
            let view = ScoreView::of(found, act, &now, &mut formulas, &mut parties).await?;
            scores.push(view);
        }
    }
    Ok(Json(Scores {
        schema: "yinxin.credit-scores/1",
        subject: subject.to_string(),
        scores,
        records: stretch.leaf.count,
        head: stretch.leaf.head.to_string(),
        complete: stretch.complete,
        next: stretch.next,
        height: stretch.height,
        proofs: formulas.proofs,
    }))
}

impl ScoreView {
    async fn of(
        found: &Found,
        act: &PublishScore,
        now: &EventChain,
        formulas: &mut Formulas<'_>,
        parties: &mut Parties<'_>,
    ) -> Result<Self, Problem> {
        let record = found.record.id();
        let PublishScore { subject: _, formula, version, as_of, seen, inputs, result } = act;
        Ok(Self {
            record: record.to_string(),
            by: parties.of(&found.record.tbs.organisation).await?,
            formula: FormulaView::of(&formulas.version(formula, *version).await?),
            newer: formulas.newer(formula, *version).await?,
            as_of: as_of.to_string(),
            from: ChainView { records: seen.count, head: seen.head.to_string() },
            since: now.count.saturating_sub(seen.count),
            inputs: inputs.to_string(),
            result: result.to_string(),
            time: found.time.to_string(),
            receipt: format!("/v1/receipts/{record}"),
        })
    }
}

impl FormulaView {
    fn of(formula: &PublishFormula) -> Self {
        let PublishFormula { code, version, name, definition, valid_from } = formula;
        Self {
            code: code.to_string(),
            version: *version,
            name: name.to_string(),
            definition: definition.to_string(),
            valid_from: valid_from.to_string(),
        }
    }
}

/// Formulas, each asked for once, with their proofs.
struct Formulas<'a> {
    reading: &'a Reading,
    today: Date,
    newest: BTreeMap<ClassCode, u32>,
    versions: BTreeMap<(ClassCode, u32), PublishFormula>,
    proofs: Vec<String>,
}

impl<'a> Formulas<'a> {
    const fn new(reading: &'a Reading, today: Date) -> Self {
        Self {
            reading,
            today,
            newest: BTreeMap::new(),
            versions: BTreeMap::new(),
            proofs: Vec::new(),
        }
    }

    async fn version(&mut self, code: &ClassCode, version: u32) -> Result<PublishFormula, Problem> {
        let name = (code.clone(), version);
        if let Some(known) = self.versions.get(&name) {
            return Ok(known.clone());
        }
        let key = state_key::credit_formula_version(code, version);
        let proven = self.reading.state::<PublishFormula>(key).await?;
        let absent = || self.reading.garbled(format!("formula {code}@{version} is not there"));
        let formula = proven.value.ok_or_else(absent)?;
        self.proofs.push(proven.proof);
        self.versions.insert(name, formula.clone());
        Ok(formula)
    }

    /// The version that would be used today, if it is later than the one that was.
    async fn newer(&mut self, code: &ClassCode, used: u32) -> Result<Option<FormulaView>, Problem> {
        let newest = self.newest(code).await?;
        for version in (used.saturating_add(1)..=newest).rev().take(AHEAD) {
            let formula = self.version(code, version).await?;
            if formula.valid_from <= self.today {
                return Ok(Some(FormulaView::of(&formula)));
            }
        }
        Ok(None)
    }

    async fn newest(&mut self, code: &ClassCode) -> Result<u32, Problem> {
        if let Some(newest) = self.newest.get(code) {
            return Ok(*newest);
        }
        let proven = self.reading.state::<ClassState>(state_key::credit_formula(code)).await?;
        let newest = proven.value.map_or(0, |state| state.version);
        self.proofs.push(proven.proof);
        self.newest.insert(code.clone(), newest);
        Ok(newest)
    }
}
