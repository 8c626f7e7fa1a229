//! What the ledger's lists name of credit, read record by record, each believed by its receipt only, and by one of its own block.

use yinxin_credit::Classes;
use yinxin_gm::Digest;
use yinxin_receipt::{Header, Receipt};
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
    of_ids(client, ids(client, prefix, u64::MAX)?)
}

/// Those of these records that are about credit; of records in order each block is asked for once.
pub(super) fn of_ids(client: &Client, ids: Vec<Digest>) -> Done<Vec<Event>> {
    let mut blocks = Blocks::default();
    ids.into_iter().map(|id| blocks.event(client, id)).filter_map(Done::transpose).collect()
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
    Blocks::default().event(client, id)
}

/// The receipt of a record about credit; it need not lead to the record's own block.
pub(super) fn receipt(client: &Client, id: Digest) -> Done<Option<Receipt>> {
    Ok(read(client, id)?.map(|(event, _)| event.receipt))
}

/// A record, if it is about credit, by a receipt that holds, and the height that this leads to.
fn read(client: &Client, id: Digest) -> Done<Option<(Event, u64)>> {
    let der = client.remote.receipt_of(id, None).map_err(|e| remote::failure(&e))?;
    let Some(found) = placed(&der)? else { return Ok(None) };
    let yinxin_record::Act::Credit(act) = found.record.tbs.act.clone() else { return Ok(None) };
    let receipt =
        Receipt::from_der(&der).map_err(yinxin_receipt::Error::from).class(Class::Node)?;
    client.check(&found.record.to_der(), der)?;
    let event = Event { id, record: found.record, act, time: found.time, receipt };
    Ok(Some((event, found.height)))
}

/// Blocks that records are read from, in order.
#[derive(Default)]
struct Blocks {
    /// The header before the block that was read last.
    before: Option<Header>,
}

impl Blocks {
    fn event(&mut self, client: &Client, id: Digest) -> Done<Option<Event>> {
        let Some((event, height)) = read(client, id)? else { return Ok(None) };
        if !event.receipt.is_of_own_block(self.before(client, height)?) {
            return Err(later(&id));
        }
        Ok(Some(event))
    }

    /// The header before a height; what it says is worth what the header behind it says of it.
    fn before(&mut self, client: &Client, height: u64) -> Done<Option<&Header>> {
        let before = height.saturating_sub(1);
        if before == 0 {
            return Ok(None);
        }
        if self.before.as_ref().is_none_or(|known| known.height != before) {
            let der = client.remote.header_of(before).map_err(|e| remote::failure(&e))?;
            let header = Header::from_der(&der).map_err(yinxin_receipt::Error::from);
            self.before = Some(header.class(Class::Node)?);
        }
        Ok(self.before.as_ref())
    }
}

fn later(id: &Digest) -> Failure {
    Failure::new(
        Class::Invalid,
        format!("the receipt of {id} is under a later header than that of its own block: it does not say when the ledger took it"),
        format!("记录 {id} 的回执基于其所在区块之后的区块头，不能说明入账时间"),
    )
    .todo("ask another node", "请改用其他节点")
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
