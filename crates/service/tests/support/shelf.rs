//! A ledger in memory that has publications and withdrawals, in their order, under the catalogue's list.

use std::{
    collections::BTreeMap,
    future,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use yinxin_gm::{Digest, sm3};
use yinxin_ledger::index_key;
use yinxin_record::{
    Act, BusinessKey, DataAct, FieldKind, Level, Masking, NegativeList, OrganisationCode,
    PublishResource, Record, ResourceCode, ResourceField, SharingClass, Tbs, Text, UpdateCycle,
    Wire, WithdrawResource,
};
use yinxin_service::{Answer, Head, Ledger, LedgerError};

use crate::fake::Fake;

pub(crate) const OWNER: &str = "11430000006122244L";

#[derive(Default)]
pub(crate) struct Shelf {
    entries: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
    records: Mutex<BTreeMap<Digest, Vec<u8>>>,
    asked: AtomicUsize,
}

fn code(n: usize) -> ResourceCode {
    ResourceCode::new(&format!("{OWNER}.307~{n}")).unwrap()
}

impl Shelf {
    pub(crate) fn publish(&self, n: usize, version: u32, name: &str) {
        self.put(DataAct::Publish(PublishResource {
            resource: code(n),
            version,
            name: Text::new(name).unwrap(),
            definition: sm3::digest(name.as_bytes()),
            fields: vec![ResourceField {
                name: Text::new("字段").unwrap(),
                kind: FieldKind::Text,
                level: Level::General2,
                masking: Masking::None,
                rule: None,
            }],
            class: SharingClass::Conditional,
            level: Level::General2,
            dual_control: Level::Important,
            cycle: UpdateCycle::Daily,
            responsibilities: Vec::new(),
            negative: NegativeList::default(),
            automatic: None,
        }));
    }

    pub(crate) fn withdraw(&self, n: usize) {
        self.put(DataAct::Withdraw(WithdrawResource {
            resource: code(n),
            reason: 0,
            grants_until: None,
        }));
    }

    /// How often it was asked for a record.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Nobody checks the signature here: a service believes nothing and proves nothing by itself.
    fn put(&self, act: DataAct) {
        let mut entries = self.entries.lock().unwrap();
        let height = entries.len() as u64 + 1;
        let tbs = Tbs {
            chain_id: Digest::ZERO,
            organisation: OrganisationCode::new(OWNER).unwrap(),
            signer: Digest::ZERO,
            business_key: BusinessKey::new(height.to_string()).unwrap(),
            last_valid_height: 1_000_000,
            act: Act::Data(act),
        };
        let record = Record { tbs, signature: [1; 64] };
        let id = sm3::digest(&height.to_be_bytes());
        let mut at = index_key::catalogue();
        at.extend(height.to_be_bytes());
        at.extend(0_u32.to_be_bytes());
        entries.insert(at, id.as_bytes().to_vec());
        self.records.lock().unwrap().insert(id, record.to_der());
    }
}

impl Ledger for Shelf {
    fn submit(&self, record: Vec<u8>) -> Answer<'_, Vec<u8>> {
        Fake.submit(record)
    }

    fn receipt(&self, _: Digest, _: Option<u64>) -> Answer<'_, Vec<u8>> {
        Box::pin(future::ready(Err(LedgerError::NotFound)))
    }

    fn status(&self, key: Vec<u8>) -> Answer<'_, Vec<u8>> {
        Fake.status(key)
    }

    fn head(&self) -> Answer<'_, Head> {
        Fake.head()
    }

    fn query(
        &self,
        prefix: Vec<u8>,
        from: Vec<u8>,
        limit: usize,
    ) -> Answer<'_, Vec<(Vec<u8>, Vec<u8>)>> {
        let from = from.max(prefix.clone());
        let entries = self.entries.lock().unwrap();
        let found = entries.range(from..).take_while(|(key, _)| key.starts_with(&prefix));
        let found = found.take(limit).map(|(k, v)| (k.clone(), v.clone())).collect();
        Box::pin(future::ready(Ok(found)))
    }

    fn record(&self, id: Digest) -> Answer<'_, Vec<u8>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let found = self.records.lock().unwrap().get(&id).cloned();
        Box::pin(future::ready(found.ok_or(LedgerError::NotFound)))
    }

    fn genesis(&self) -> Answer<'_, Vec<u8>> {
        Fake.genesis()
    }

    fn set_changes(&self) -> Answer<'_, Vec<Vec<u8>>> {
        Fake.set_changes()
    }

    fn metrics(&self) -> String {
        String::new()
    }
}
