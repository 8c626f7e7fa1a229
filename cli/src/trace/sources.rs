//! What a walk reads: a ledger over HTTP, or a package of evidence.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    path::Path,
};

use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_receipt::{Anchor, Genesis, Receipt, StatusProof, Wire};
use yinxin_record::{
    AccessState, Act, DataAct, GrantState, Node, Record, Wire as RecordWire, state_key,
};
use yinxin_service::LedgerError;
use yinxin_sharing::provenance::{self, Filter, Found, Graph, Item};
use yinxin_verify::Trust;

use crate::{
    audit::{self, Entries},
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
        /// Status proofs read so far, by key.
        statuses: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    },
    /// A package.
    Evidence {
        /// Records by id, with their receipts.
        records: BTreeMap<Digest, (Found, Vec<u8>)>,
        /// Ids by the lists of an index that they would stand in, oldest first.
        lists: BTreeMap<Vec<u8>, Vec<Digest>>,
        /// Status proofs by key.
        statuses: BTreeMap<Vec<u8>, Vec<u8>>,
        /// The genesis in it.
        genesis: Option<Vec<u8>>,
        /// The one ledger that all of them are of; none without records.
        chain_id: Option<Digest>,
    },
}

impl Source {
    /// A node.
    pub(crate) fn remote(client: Client) -> Self {
        let (receipts, statuses) = (RefCell::default(), RefCell::default());
        Self::Remote { client: Box::new(client), receipts, statuses }
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
        let proofs = package.files.iter().filter(|(name, _)| name.starts_with("status/"));
        let keyed = |der: &Vec<u8>| Some((StatusProof::from_der(der).ok()?.key, der.clone()));
        let statuses = proofs.filter_map(|(_, der)| keyed(der)).collect();
        let chain_id = chains.first().copied();
        let lists = lists(&records);
        Ok(Self::Evidence { records, lists, statuses, genesis, chain_id })
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

    /// The status proof of a state that was walked over.
    pub(crate) fn status(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Remote { statuses, .. } => statuses.borrow().get(key).cloned(),
            Self::Evidence { statuses, .. } => statuses.get(key).cloned(),
        }
    }

    /// A state, by its proof, which is kept and not checked here.
    fn state<T: RecordWire>(&self, key: &[u8]) -> Done<Option<T>> {
        let der = match (self, self.status(key)) {
            (_, Some(der)) => der,
            (Self::Remote { client, statuses, .. }, None) => {
                let der = client.remote.status_of(key).map_err(|e| remote::failure(&e))?;
                statuses.borrow_mut().insert(key.to_vec(), der.clone());
                der
            }
            (Self::Evidence { .. }, None) => return Ok(None),
        };
        let proof =
            StatusProof::from_der(&der).map_err(yinxin_receipt::Error::from).class(Class::Node)?;
        let value = proof.value.filter(|_| proof.key == key);
        let read = value.as_deref().map(T::from_der).transpose();
        read.map_err(yinxin_record::Error::from).class(Class::Node)
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

    fn list(&self, prefix: &[u8], heights: RangeInclusive<u64>, limit: usize) -> Done<Vec<Digest>> {
        match self {
            Self::Remote { client, .. } => listed_at(client, prefix, heights, limit),
            Self::Evidence { records, lists, .. } => {
                let listed = lists.get(prefix).map_or(&[][..], Vec::as_slice);
                let at = |id: &&Digest| {
                    records.get(*id).is_some_and(|(found, _)| heights.contains(&found.height))
                };
                Ok(listed.iter().filter(at).take(limit).copied().collect())
            }
        }
    }

    fn grant(&self, id: &Digest) -> Done<Option<GrantState>> {
        self.state(&state_key::grant(id))
    }

    fn window(&self, grant: &Digest, minute: u64) -> Done<Option<AccessState>> {
        self.state(&state_key::access(grant, minute))
    }

    fn record(&self, id: &Digest) -> Done<Option<Found>> {
        let (client, receipts) = match self {
            Self::Remote { client, receipts, .. } => (client, receipts),
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

/// A package has no index: its records say themselves what they are about. What was looked at under a grant has a list of its own.
fn lists(records: &BTreeMap<Digest, (Found, Vec<u8>)>) -> BTreeMap<Vec<u8>, Vec<Digest>> {
    let mut found: Vec<Found> = records.values().map(|(found, _)| found.clone()).collect();
    found.sort_by_key(|f| f.index);
    let asked = |f: &Found| match &f.record.tbs.act {
        Act::Data(DataAct::Request(asked)) => {
            Some((f.record.id(), (asked.resource.owner(), f.record.tbs.organisation.clone())))
        }
        _ => None,
    };
    // Who gives and who has what is shared, by request.
    let sides: BTreeMap<Digest, _> = found.iter().filter_map(asked).collect();
    let graph = Graph::of(&found, &Filter::default());
    let mut about: BTreeMap<Digest, BTreeSet<&Item>> = BTreeMap::new();
    for edge in &graph.edges {
        about.entry(edge.record).or_default().extend([&edge.subject, &edge.object]);
    }
    let mut lists: BTreeMap<Vec<u8>, Vec<Digest>> = BTreeMap::new();
    for Found { record, .. } in &found {
        let id = record.id();
        let mut keys: BTreeSet<Vec<u8>> = subjects(record).map(index_key::subject).collect();
        let looked = looked(record);
        keys.extend(looked.as_ref().map(index_key::access));
        for item in about.remove(&id).unwrap_or_default() {
            let aside = |prefix: &String| looked.is_some() && prefix.starts_with("q/");
            let prefixes = provenance::prefixes(item).into_iter().filter(|p| !aside(p));
            keys.extend(prefixes.map(String::into_bytes));
            match item {
                Item::Thing(Node::Resource(of)) => {
                    keys.insert(index_key::provider(&of.resource.owner()));
                }
                Item::Request(of) | Item::Thing(Node::Grant(of)) if looked.is_none() => {
                    if let Some((owner, receiver)) = sides.get(of) {
                        keys.extend([index_key::provider(owner), index_key::consumer(receiver)]);
                    }
                }
                _ => {}
            }
        }
        for key in keys {
            lists.entry(key).or_default().push(id);
        }
    }
    lists
}

/// Whom a record names, by pseudonym.
fn subjects(record: &Record) -> impl Iterator<Item = &Digest> {
    let subjects: &[Digest] = match &record.tbs.act {
        Act::Data(DataAct::Access(act)) => &act.subjects,
        Act::Data(DataAct::Deliver(act)) => &act.subjects,
        Act::Data(DataAct::Derive(act)) => &act.subjects,
        Act::Data(DataAct::Request(act)) => &act.subjects.pseudonyms,
        _ => &[],
    };
    subjects.iter()
}

/// The grant that a window or a denial is of.
const fn looked(record: &Record) -> Option<Digest> {
    match &record.tbs.act {
        Act::Data(DataAct::Access(window)) => Some(window.grant),
        Act::Data(DataAct::Deny(denied)) => denied.grant,
        _ => None,
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
    listed_at(client, prefix, 0..=height, limit)
}

/// The same at these heights.
fn listed_at(
    client: &Client,
    prefix: &[u8],
    heights: RangeInclusive<u64>,
    limit: usize,
) -> Done<Vec<Digest>> {
    let mut ids: Vec<Digest> = Vec::new();
    if limit > 0 {
        // One more than is wanted, for the list may go on above the last height.
        each_at(client, prefix, heights, limit.saturating_add(1), |id| {
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
    each: impl FnMut(Digest) -> Done<bool>,
) -> Done {
    each_at(client, prefix, 0..=height, PAGE, each)
}

/// The same at these heights, in pages of at most so many.
fn each_at(
    client: &Client,
    prefix: &[u8],
    heights: RangeInclusive<u64>,
    page: usize,
    mut each: impl FnMut(Digest) -> Done<bool>,
) -> Done {
    let size = page.min(PAGE);
    let mut last = None;
    let from = match heights.start() {
        0 => Vec::new(),
        start => index_key::from(prefix, *start),
    };
    // Whoever repeats a page is not asked again for ever.
    let entries = Entries::from(from, size, |from: &[u8]| {
        client.remote.entries(prefix, from, size).map_err(|e| remote::failure(&e))
    });
    for entry in entries {
        let (key, value) = entry?;
        // An entry that is none of this prefix, or above the height, ends the list.
        let Some((at, _)) = index_key::place(prefix, &key) else { return Ok(()) };
        if at > *heights.end() {
            return Ok(());
        }
        let id = value.first_chunk::<32>().map(|id| Digest::from(*id));
        let Some(id) = id.filter(|id| last != Some(*id)) else { continue };
        last = Some(id);
        if !each(id)? {
            return Ok(());
        }
    }
    Ok(())
}
