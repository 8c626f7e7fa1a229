//! A source's records in memory, imported by the rules, for a service that shows them.

use std::io::Cursor;

use yinxin_calendar::Calendar;
use yinxin_credit::{
    ClassTable, Error, Forms,
    source::{
        Importer, Job, Lookup, MemoryStore, Rows, SourceChain, SourceRecord, SourceRules,
        SourceStore, locate,
    },
};
use yinxin_gm::Digest;
use yinxin_record::{ClassCode, CreditAct, InBatch, OrganisationCode, Subject};
use yinxin_service::CreditSource;
use zeroize::Zeroizing;

use crate::{
    credit::{TAX, company},
    town::Town,
    world::code,
};

pub(crate) struct Held {
    code: OrganisationCode,
    store: MemoryStore,
}

impl Held {
    /// The tax office imports an inspection of company `n`, and its first batch goes on the ledger; with the record and its way to the root.
    pub(crate) fn inspection(town: &mut Town, n: u8) -> (Self, InBatch) {
        let (source, who, forms) = (code(TAX), company(n), Forms::standard().unwrap());
        let (table, calendar) = (ClassTable::national().unwrap(), Calendar::china().unwrap());
        let rules = SourceRules::new(source.clone(), table, calendar);
        let text = format!(
            "event,day,published,LB,SHXYM,MC,BH,NR,RQ,JG,JGDM\n\
             record,,2026-03-05,02,{who},某公司,1,检查合格,2026-03-02,某局,{source}\n"
        );
        let job = Job {
            class: Some(ClassCode::new("inspection").unwrap()),
            today: town.world.today(),
            input: Digest::ZERO,
            batch: 100,
            threads: 1,
        };
        let (seed, store) = (Zeroizing::new([7; 32]), MemoryStore::default());
        let mut importer = Importer::open(&rules, &forms, seed, store, job).unwrap();
        let mut rows = Rows::csv(Cursor::new(text.into_bytes())).unwrap();
        let mut rejects = Vec::new();
        let batch = importer.next_batch(&mut rows, &mut rejects, &mut |_| {}).unwrap().unwrap();
        assert_eq!(rejects, []);
        let store = importer.into_store();
        let records = store.records(0, 1).unwrap().into_iter().map(|stored| stored.record);
        let records: Vec<_> = records.collect();
        let id = SourceRecord::id(&records[0]);
        let item = locate([Ok(records)], batch.batch.sequence, &id).unwrap().unwrap();
        town.done(TAX, CreditAct::Batch(batch.batch));
        (Self { code: source, store }, item)
    }
}

impl CreditSource for Held {
    fn code(&self) -> &OrganisationCode {
        &self.code
    }

    fn subject(&self, subject: &Subject, sequence: u64) -> Result<SourceChain, Error> {
        Lookup::open(&self.store, sequence)?.subject(subject)
    }
}
