//! What the ledger's lists name of credit, read record by record, each believed by its receipt only.

use yinxin_credit::Classes;
use yinxin_gm::Digest;
use yinxin_receipt::Receipt;
use yinxin_record::{ClassReference, CreditAct, Record, Wire, state_key};
use yinxin_verdict::UnixTime;

use crate::{
    fail::{Class, Classed, Done, Failure},
    remote, send,
    submit::Client,
    trace::{listed, placed},
};

/// Most records of one list that a command reads.
const MAX_RECORDS: usize = 100_000;

/// A record about credit, where it stands.
pub(super) struct Event {
    /// Its id.
    pub(super) id: Digest,
    /// The record.
    pub(super) record: Record,
    /// What it says.
    pub(super) act: CreditAct,
    /// Time of its block.
    pub(super) time: UnixTime,
    /// What proves it.
    pub(super) receipt: Receipt,
}

/// The records about credit under a prefix, oldest first.
pub(super) fn events(client: &Client, prefix: &[u8]) -> Done<Vec<Event>> {
    let ids = ids(client, prefix, u64::MAX)?;
    ids.into_iter().map(|id| event(client, id)).filter_map(Done::transpose).collect()
}

/// The ids of the records under a prefix, up to a height, oldest first. More than are read is an error, never half an answer.
pub(super) fn ids(client: &Client, prefix: &[u8], height: u64) -> Done<Vec<Digest>> {
    let ids = listed(client, prefix, height, MAX_RECORDS + 1)?;
    if ids.len() > MAX_RECORDS {
        return Err(Failure::new(
            Class::Usage,
            format!("more than {MAX_RECORDS} records: ask for less"),
            format!("超过 {MAX_RECORDS} 条记录，请缩小范围"),
        ));
    }
    Ok(ids)
}

/// One record, if it is about credit.
pub(super) fn event(client: &Client, id: Digest) -> Done<Option<Event>> {
    let der = client.remote.receipt_of(id, None).map_err(|e| remote::failure(&e))?;
    let Some(found) = placed(&der)? else { return Ok(None) };
    let yinxin_record::Act::Credit(act) = found.record.tbs.act.clone() else { return Ok(None) };
    let receipt =
        Receipt::from_der(&der).map_err(yinxin_receipt::Error::from).class(Class::Node)?;
    client.check(&found.record.to_der(), der)?;
    Ok(Some(Event { id, record: found.record, act, time: found.time, receipt }))
}

/// Versions of classes as published, each asked for once.
#[derive(Default)]
pub(super) struct Published(Classes);

impl Published {
    /// Learns a version.
    pub(super) fn learn(&mut self, client: &Client, class: &ClassReference) -> Done {
        if !self.0.contains_key(class) {
            let key = state_key::credit_class_version(&class.code, class.version);
            self.0.insert(class.clone(), send::known(client, &key)?);
        }
        Ok(())
    }

    /// What was learnt.
    pub(super) const fn classes(&self) -> &Classes {
        &self.0
    }
}
