//! A list, red or black, as it is or was on a day, but for places that have been left since.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use yinxin_credit::{Classes, CreditItem};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{Act, ClassCode, ClassState, CreditAct, Record, Subject, Wire, state_key};
use yinxin_verdict::{Lang, UnixTime};

use super::{
    SCAN, as_of, class_code, cursor,
    events::{classes, events, named, replay},
    subject::standing_item,
    views::{ItemView, is_public},
};
use crate::{
    App, Problem,
    app::lang,
    data::{life::Parties, reading::Reading},
};

/// The most acts of one place on the list.
const ACTS: usize = 500;

/// As of when, and where to go on.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Which {
    /// A day: as of its end. Now, when not said.
    as_of: Option<String>,
    /// `next` of the answer before.
    from: Option<String>,
}

/// Who is on a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListView {
    /// `yinxin.credit-list/1`.
    schema: &'static str,
    code: String,
    as_of: String,
    /// In the order of their entry.
    entries: Vec<EntryView>,
    /// Where to go on; none when all were looked at.
    next: Option<String>,
    height: u64,
    /// The status proof of the list's class, DER, base64; an entry's is at its item's address.
    proof: String,
}

/// A place on a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryView {
    subject: String,
    item: ItemView,
}

/// Who is, or was on a day, on a red or black list.
#[utoipa::path(get, path = "/v1/credit/lists/{code}",
    params(("code" = String, Path, description = "the code of the list's class"), Which),
    responses((status = 200, body = ListView), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(code): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Json<ListView>, Problem> {
    let lang = lang(&headers);
    let reading = Reading { ledger: app.ledger(lang)?.clone(), lang };
    let code = class_code(&code, lang)?;
    let start = cursor(which.from.as_deref(), lang)?;
    let _turn = app.permits.acquire().await;
    let class = reading.state::<ClassState>(state_key::credit_class(&code)).await?;
    if class.value.is_none() {
        return Err(missing(&code, lang));
    }
    let at = as_of(which.as_of.as_deref(), class.time, lang)?;
    let page = reading.page(&index_key::credit_list(&code), &start, SCAN).await?;
    let mut walk = Walk { reading: &reading, known: Classes::new(), at, now: class.time };
    let mut parties = Parties::new(&app, &reading);
    let mut entries = Vec::new();
    for (id, height) in page.entries {
        let Some(subject) = walk.entered(id, &code).await? else { continue };
        if height > class.height {
            break;
        }
        let Some(item) = walk.item(id, class.height).await? else { continue };
        let public = walk.known.get(&item.class).filter(|c| is_public(c) && item.is_shown(at));
        if let Some(class) = public {
            let item = ItemView::of(&item, class, at, &mut parties).await?;
            entries.push(EntryView { subject: subject.to_string(), item });
        }
    }
    Ok(Json(ListView {
        schema: "yinxin.credit-list/1",
        code: code.to_string(),
        as_of: at.to_string(),
        entries,
        next: page.more.then(|| hex::encode(page.next)),
        height: class.height,
        proof: class.proof,
    }))
}

/// A walk along the list.
struct Walk<'a> {
    reading: &'a Reading,
    known: Classes,
    at: UnixTime,
    now: UnixTime,
}

impl Walk<'_> {
    /// Whose entry a record is; `None` for whatever else happened to the list.
    async fn entered(&self, id: Digest, code: &ClassCode) -> Result<Option<Subject>, Problem> {
        let der = self.reading.ledger.record(id).await;
        let der = der.map_err(|error| self.reading.problem(&error))?;
        let record = Record::from_der(&der).map_err(|error| self.reading.garbled(error))?;
        Ok(match record.tbs.act {
            Act::Credit(CreditAct::Record(item)) if item.class.code == *code => Some(item.subject),
            _ => None,
        })
    }

    /// The place as it is, or as its records say that it was; none that has been left since.
    async fn item(&mut self, id: Digest, height: u64) -> Result<Option<CreditItem>, Problem> {
        let standing = standing_item(self.reading, id).await?.filter(|i| i.is_shown(self.now));
        if standing.is_none() || self.at == self.now {
            let class = standing.as_ref().map(|item| item.class.clone());
            classes(self.reading, class, &mut self.known).await?;
            return Ok(standing);
        }
        let (mut own, _) = events(self.reading, &index_key::credit_item(&id), height, ACTS).await?;
        own.retain(|event| event.item == Some(id));
        classes(self.reading, named(&own), &mut self.known).await?;
        Ok(replay(self.reading, &own, &self.known, self.at)?.pop())
    }
}

fn missing(code: &ClassCode, lang: Lang) -> Problem {
    let what = lang.pick("the ledger has no such list", "账本中没有该名单");
    Problem::not_found(format!("{code}: {what}"), lang)
}
