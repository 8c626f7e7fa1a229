//! What the ledger's lists name, read record by record, each believed by its receipt only.

use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{DataAct, OrganisationCode, ResourceCode, Wire};
use yinxin_sharing::provenance::Found;
use yinxin_verdict::UnixTime;

use crate::{
    fail::{Done, Failure},
    remote,
    submit::Client,
    trace::{listed, placed},
};

/// Most records of one list that a command reads: a year's windows of a grant that is used every minute.
pub(super) const MAX_RECORDS: usize = 600_000;

/// A record about data, where it stands.
pub(super) struct Told {
    /// Its id.
    pub(super) id: Digest,
    /// Who sent it.
    pub(super) by: OrganisationCode,
    /// What it says.
    pub(super) act: DataAct,
    /// Where and when.
    pub(super) found: Found,
}

/// The records about data under a prefix, oldest first. More than are read at a time is an error, never half an answer.
pub(super) fn records(client: &Client, prefix: &[u8]) -> Done<Vec<Told>> {
    let ids = listed(client, prefix, u64::MAX, MAX_RECORDS + 1)?;
    if ids.len() > MAX_RECORDS {
        return Err(Failure::new(
            crate::fail::Class::Usage,
            format!("more than {MAX_RECORDS} records: ask for less"),
            format!("超过 {MAX_RECORDS} 条记录，请缩小范围"),
        ));
    }
    let told = ids.into_iter().map(|id| record(client, id));
    told.filter_map(Done::transpose).collect()
}

/// A page of a list.
const PAGE: usize = 1_000;

/// The records about data under a prefix from a height on, oldest first, one after the other, until `take` has enough: however long
/// the list is, one page of it is held.
pub(super) fn each(
    client: &Client,
    prefix: &[u8],
    height: u64,
    mut take: impl FnMut(Told) -> Done<bool>,
) -> Done {
    let (mut from, mut before) = (index_key::from(prefix, height), None);
    loop {
        let page = client.remote.entries(prefix, &from, PAGE).map_err(|e| remote::failure(&e))?;
        for (key, value) in &page {
            if index_key::place(prefix, key).is_none() {
                return Ok(());
            }
            let id = value.first_chunk::<32>().map(|id| Digest::from(*id));
            let Some(id) = id.filter(|id| before != Some(*id)) else { continue };
            before = Some(id);
            if let Some(told) = record(client, id)?
                && !take(told)?
            {
                return Ok(());
            }
        }
        match page.last() {
            Some((key, _)) if page.len() == PAGE => from = [key.as_slice(), &[0]].concat(),
            _ => return Ok(()),
        }
    }
}

/// The height from which on the records under a prefix stand in blocks of a time or later. Lists are in the order of the log, so it
/// is searched for by halves.
pub(super) fn height_of(client: &Client, prefix: &[u8], time: UnixTime) -> Done<u64> {
    let head = client.remote.newest().map_err(|e| remote::failure(&e))?.height;
    let (mut low, mut high) = (0, head.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        let from = index_key::from(prefix, middle);
        let page = client.remote.entries(prefix, &from, 1).map_err(|e| remote::failure(&e))?;
        let first = page.first().and_then(|(key, value)| {
            let (at, _) = index_key::place(prefix, key)?;
            Some((at, Digest::from(*value.first_chunk::<32>()?)))
        });
        let Some((at, id)) = first else {
            high = middle;
            continue;
        };
        let der = client.remote.receipt_of(id, None).map_err(|e| remote::failure(&e))?;
        match placed(&der)? {
            // What lies below is too early, and so is this one.
            Some(found) if found.time < time => low = at.saturating_add(1),
            _ => high = middle,
        }
    }
    Ok(low)
}

/// One record, if it is about data.
pub(super) fn record(client: &Client, id: Digest) -> Done<Option<Told>> {
    let der = client.remote.receipt_of(id, None).map_err(|e| remote::failure(&e))?;
    let Some(found) = placed(&der)? else { return Ok(None) };
    client.check(&found.record.to_der(), der)?;
    let yinxin_record::Act::Data(act) = found.record.tbs.act.clone() else { return Ok(None) };
    Ok(Some(Told { id, by: found.record.tbs.organisation.clone(), act, found }))
}

/// The resources of an owner that the ledger has a list for, rising by code.
pub(super) fn resources(client: &Client, owner: &OrganisationCode) -> Done<Vec<ResourceCode>> {
    let prefix = format!("r/{owner}.").into_bytes();
    let (mut from, mut found) = (Vec::new(), Vec::new());
    loop {
        let page = client.remote.entries(&prefix, &from, 1).map_err(|e| remote::failure(&e))?;
        let Some((key, _)) = page.first() else { return Ok(found) };
        let Some(code) = code_in(key) else { return Ok(found) };
        // Every entry of this resource begins with `r/<code>/`; `0` is the character after `/`.
        from = index_key::resource(&code);
        from.pop();
        from.push(b'0');
        found.push(code);
    }
}

fn code_in(key: &[u8]) -> Option<ResourceCode> {
    let rest = key.strip_prefix(b"r/")?;
    let end = rest.iter().position(|b| *b == b'/')?;
    ResourceCode::new(core::str::from_utf8(&rest[..end]).ok()?).ok()
}
