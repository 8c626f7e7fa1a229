//! What is asked of the ledger: states with their proofs, records where they stand.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_receipt::{Anchor, Receipt, StatusProof};
use yinxin_record::{Act, DataAct, Record, Wire};
use yinxin_sharing::provenance::Found;
use yinxin_verdict::{Lang, UnixTime};

use crate::{Ledger, LedgerError, Problem};

/// The most index entries of one query: what a ledger gives at a time.
pub(crate) const PAGE: usize = 1_000;

/// A ledger, and the language that its refusals are told in.
#[derive(Clone)]
pub(crate) struct Reading {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) lang: Lang,
}

/// A state with its proof.
pub(crate) struct Proven<T> {
    /// The state; `None` if the ledger has none under that key.
    pub(crate) value: Option<T>,
    /// The height as of which this is proven.
    pub(crate) height: u64,
    /// The time of that header.
    pub(crate) time: UnixTime,
    /// The status proof's DER, base64.
    pub(crate) proof: String,
}

/// Records under a prefix.
pub(crate) struct Page {
    /// Their ids and heights, oldest first.
    pub(crate) entries: Vec<(Digest, u64)>,
    /// The key to go on at, whether there are more now or later.
    pub(crate) next: Vec<u8>,
    /// Whether there may be more now.
    pub(crate) more: bool,
}

impl Reading {
    pub(crate) fn problem(&self, error: &LedgerError) -> Problem {
        Problem::from_ledger(error, self.lang)
    }

    pub(crate) fn garbled(&self, what: impl ToString) -> Problem {
        let title = self.lang.pick("unreadable answer", "账本答复无法解析");
        Problem::new(StatusCode::BAD_GATEWAY, "bad-answer", title, what.to_string())
    }

    pub(crate) async fn state<T: Wire>(&self, key: Vec<u8>) -> Result<Proven<T>, Problem> {
        let der = self.ledger.status(key).await.map_err(|e| self.problem(&e))?;
        let proof = StatusProof::from_der(&der).map_err(|e| self.garbled(e))?;
        let value = proof.value.as_deref().map(T::from_der).transpose();
        Ok(Proven {
            value: value.map_err(|e| self.garbled(e))?,
            height: proof.header.height,
            time: proof.header.time(),
            proof: STANDARD.encode(der),
        })
    }

    /// One page of the records under a prefix from a key on.
    pub(crate) async fn page(
        &self,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Page, Problem> {
        let found = self.ledger.query(prefix.to_vec(), from.to_vec(), limit).await;
        let found = found.map_err(|e| self.problem(&e))?;
        let mut page =
            Page { entries: Vec::new(), next: from.to_vec(), more: found.len() == limit };
        for (key, value) in &found {
            let Some((height, _)) = index_key::place(prefix, key) else {
                page.more = false;
                break;
            };
            // The least key above this one.
            page.next = [key.as_slice(), &[0]].concat();
            let id = value.first_chunk::<32>().map(|id| (Digest::from(*id), height));
            page.entries.extend(id.filter(|id| page.entries.last() != Some(id)));
        }
        Ok(page)
    }

    /// A record of shared data, without its place: what the catalogue and lists need.
    pub(crate) async fn act(&self, id: Digest) -> Result<Option<DataAct>, Problem> {
        let der = self.ledger.record(id).await.map_err(|e| self.problem(&e))?;
        let record = Record::from_der(&der).map_err(|e| self.garbled(e))?;
        Ok(match record.tbs.act {
            Act::Data(act) => Some(act),
            _ => None,
        })
    }

    /// A record where it stands; `None` if there is none.
    pub(crate) async fn found(&self, id: Digest) -> Result<Option<Found>, Problem> {
        let der = match self.ledger.receipt(id, None).await {
            Ok(der) => der,
            Err(LedgerError::NotFound) => return Ok(None),
            Err(error) => return Err(self.problem(&error)),
        };
        let receipt = Receipt::from_der(&der).map_err(|e| self.garbled(e))?;
        let (Some(record), Anchor::Committed { header, .. }) =
            (receipt.subject.record(), &receipt.anchor)
        else {
            return Ok(None);
        };
        let record = Record::from_der(record).map_err(|e| self.garbled(e))?;
        let (index, height, time) = (receipt.index, header.height, header.time());
        Ok(Some(Found { record, index, height, time }))
    }

    /// So many records under a prefix from a key on, oldest first, and the key to go on at if there may be more.
    pub(crate) async fn stretch(
        &self,
        prefix: &[u8],
        mut from: Vec<u8>,
        limit: usize,
    ) -> Result<(Vec<Found>, Option<Vec<u8>>), Problem> {
        let (mut found, mut left) = (Vec::new(), limit);
        while left > 0 {
            let most = left.min(PAGE);
            let page = self.page(prefix, &from, most).await?;
            for (id, _) in page.entries {
                found.extend(self.found(id).await?);
            }
            if !page.more {
                return Ok((found, None));
            }
            (from, left) = (page.next, left - most);
        }
        Ok((found, Some(from)))
    }

    /// The records under a prefix, oldest first, at most `limit`, and whether there are more.
    pub(crate) async fn records(
        &self,
        prefix: &[u8],
        limit: usize,
    ) -> Result<(Vec<Found>, bool), Problem> {
        let (mut found, mut from) = (Vec::new(), Vec::new());
        loop {
            let page = self.page(prefix, &from, PAGE).await?;
            for (id, _) in page.entries {
                if found.len() == limit {
                    return Ok((found, true));
                }
                found.extend(self.found(id).await?);
            }
            if !page.more {
                return Ok((found, false));
            }
            from = page.next;
        }
    }
}
