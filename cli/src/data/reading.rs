//! What the ledger's lists name, read record by record, each believed by its receipt only.

use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{DataAct, OrganisationCode, ResourceCode, Wire};
use yinxin_sharing::provenance::Found;

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
