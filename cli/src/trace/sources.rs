//! What a walk reads: a ledger over HTTP, or a package of evidence.

use std::{cell::RefCell, collections::BTreeMap, path::Path};

use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_receipt::{Anchor, Genesis, Receipt, Wire};
use yinxin_record::Record;
use yinxin_service::LedgerError;
use yinxin_sharing::provenance::{self, Found};
use yinxin_verify::Trust;

use crate::{
    audit,
    fail::{Class, Classed, Done, Failure},
    remote,
    submit::Client,
};

/// A genesis that came with what is walked.
pub(crate) enum Named {
    /// There is none.
    Absent,
    /// It is of the ledger that the trust folder knows.
    Known {
        /// What it says.
        genesis: Box<Genesis>,
        /// Its encoding.
        der: Vec<u8>,
    },
    /// It is not, or unreadable: nothing is taken from it.
    Foreign,
}

/// A page of index entries: what the service gives at most.
const PAGE: usize = 1_000;

/// Something to walk, which keeps the receipts that it read.
pub(crate) enum Source {
    /// A node.
    Remote {
        /// The node, and what is trusted of its ledger.
        client: Box<Client>,
        /// Receipts read so far.
        receipts: RefCell<BTreeMap<Digest, Vec<u8>>>,
    },
    /// A package.
    Evidence {
        /// Records by id, with their receipts.
        records: BTreeMap<Digest, (Found, Vec<u8>)>,
        /// The genesis in it.
        genesis: Option<Vec<u8>>,
        /// The one ledger that all of them are of; none without records.
        chain_id: Option<Digest>,
    },
}

impl Source {
    /// A node.
    pub(crate) fn remote(client: Client) -> Self {
        Self::Remote { client: Box::new(client), receipts: RefCell::default() }
    }

    /// A package of evidence, file or folder.
    pub(crate) fn evidence(path: &Path) -> Done<Self> {
        let package = audit::read_package(path)?;
        let records = package.records().into_iter();
        let records = records.map(|(found, der)| (found.record.id(), (found, der.to_vec())));
        let records: BTreeMap<_, (Found, Vec<u8>)> = records.collect();
        let mut chains: Vec<_> = records.values().map(|(f, _)| f.record.tbs.chain_id).collect();
        chains.sort_unstable();
        chains.dedup();
        if let [one, other, ..] = chains[..] {
            return Err(Failure::new(
                Class::Invalid,
                format!("the package has records of several ledgers, {one} and {other}: they are no one story"),
                format!("证据包含有多个账本（{one}、{other}）的记录，不能构成同一溯源图"),
            )
            .at(path.display()));
        }
        let genesis = package.files.get("trust/ledger.genesis").cloned();
        Ok(Self::Evidence { records, genesis, chain_id: chains.first().copied() })
    }

    /// The node, if it is one.
    pub(crate) fn client(&self) -> Option<&Client> {
        match self {
            Self::Remote { client, .. } => Some(client),
            Self::Evidence { .. } => None,
        }
    }

    /// The genesis that names the organisations, if it is that of the records' ledger, and the trust folder knows that ledger: its id
    /// is the digest of all that stands in it, names too.
    pub(crate) fn genesis(&self, trust: &Trust) -> Done<Named> {
        let (der, chain_id) = match self {
            Self::Remote { client, .. } => {
                let der = client.remote.first().map_err(|e| remote::failure(&e))?;
                (Some(der), Some(client.chain_id))
            }
            Self::Evidence { genesis, chain_id, .. } => (genesis.clone(), *chain_id),
        };
        let Some(der) = der else { return Ok(Named::Absent) };
        let known = |genesis: &Genesis| {
            let id = genesis.chain_id();
            chain_id == Some(id) && trust.ledgers().ledger(&id).is_some()
        };
        Ok(match Genesis::from_der(&der).ok().filter(known) {
            Some(genesis) => Named::Known { genesis: Box::new(genesis), der },
            None => Named::Foreign,
        })
    }

    /// The receipt of a record that was walked over.
    pub(crate) fn receipt(&self, id: &Digest) -> Done<Vec<u8>> {
        let kept = match self {
            Self::Remote { receipts, .. } => receipts.borrow().get(id).cloned(),
            Self::Evidence { records, .. } => records.get(id).map(|(_, der)| der.clone()),
        };
        kept.ok_or_else(|| Failure::bug(format!("no receipt of {id} was read")))
    }

    /// Whether an index list has anything.
    pub(crate) fn lists(&self, prefix: &str) -> Done<bool> {
        let Self::Remote { client, .. } = self else { return Ok(false) };
        let found = client.remote.entries(prefix.as_bytes(), &[], 1);
        Ok(!found.map_err(|e| remote::failure(&e))?.is_empty())
    }
}

impl provenance::Source for Source {
    type Error = Failure;

    fn list(&self, prefix: &[u8], height: u64, limit: usize) -> Done<Vec<Digest>> {
        match self {
            Self::Remote { client, .. } => listed(client, prefix, height, limit),
            // A package has no index: every record is offered for everything, and says itself what it is about.
            Self::Evidence { records, .. } => {
                let mut all: Vec<_> =
                    records.values().filter(|(f, _)| f.height <= height).collect();
                all.sort_by_key(|(f, _)| f.index);
                Ok(all.iter().map(|(f, _)| f.record.id()).take(limit).collect())
            }
        }
    }

    fn record(&self, id: &Digest) -> Done<Option<Found>> {
        let (client, receipts) = match self {
            Self::Remote { client, receipts } => (client, receipts),
            Self::Evidence { records, .. } => return Ok(records.get(id).map(|(f, _)| f.clone())),
        };
        let der = match client.remote.receipt_of(*id, None) {
            Ok(der) => der,
            Err(LedgerError::NotFound) => return Ok(None),
            Err(error) => return Err(remote::failure(&error)),
        };
        let found = placed(&der)?;
        receipts.borrow_mut().insert(*id, der);
        Ok(found)
    }
}

/// The record in a receipt, and its place.
pub(crate) fn placed(der: &[u8]) -> Done<Option<Found>> {
    let receipt = Receipt::from_der(der).map_err(yinxin_receipt::Error::from).class(Class::Node)?;
    let (Some(record), Anchor::Committed { header, .. }) =
        (receipt.subject.record(), &receipt.anchor)
    else {
        return Ok(None);
    };
    let record = Record::from_der(record).map_err(yinxin_record::Error::from).class(Class::Node)?;
    let (index, height, time) = (receipt.index, header.height, header.time());
    Ok(Some(Found { record, index, height, time }))
}

/// Ids of the records that an index list names, up to a height, oldest first.
pub(crate) fn listed(
    client: &Client,
    prefix: &[u8],
    height: u64,
    limit: usize,
) -> Done<Vec<Digest>> {
    let mut ids: Vec<Digest> = Vec::new();
    if limit > 0 {
        each_listed(client, prefix, height, |id| {
            ids.push(id);
            Ok(ids.len() < limit)
        })?;
    }
    Ok(ids)
}

/// Hands out the ids of the records that an index list names, up to a height, oldest first, each once, until it is told to stop.
pub(crate) fn each_listed(
    client: &Client,
    prefix: &[u8],
    height: u64,
    mut each: impl FnMut(Digest) -> Done<bool>,
) -> Done {
    let (mut from, mut last) = (Vec::new(), None);
    loop {
        let page = client.remote.entries(prefix, &from, PAGE).map_err(|e| remote::failure(&e))?;
        for (key, value) in &page {
            // An entry that is none of this prefix, or above the height, ends the list.
            let Some((at, _)) = index_key::place(prefix, key) else { return Ok(()) };
            if at > height {
                return Ok(());
            }
            let id = value.first_chunk::<32>().map(|id| Digest::from(*id));
            let Some(id) = id.filter(|id| last != Some(*id)) else { continue };
            last = Some(id);
            if !each(id)? {
                return Ok(());
            }
        }
        match page.last() {
            // The least key above the last one.
            Some((key, _)) if page.len() == PAGE => from = [key.as_slice(), &[0]].concat(),
            _ => return Ok(()),
        }
    }
}
