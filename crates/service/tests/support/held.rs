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
    credit::{TAX, company, digest},
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
        let mut held = Self { code: code(TAX), store: MemoryStore::default() };
        let row = format!(
            "record,,2026-03-05,02,{},某公司,1,检查合格,2026-03-02,某局,{},\n",
            company(n),
            held.code
        );
        let batch = held.import(town, &row);
        let records = held.store.records(0, 1).unwrap().into_iter().map(|stored| stored.record);
        let records: Vec<_> = records.collect();
        let id = SourceRecord::id(&records[0]);
        let item = locate([Ok(records)], batch, &id).unwrap().unwrap();
        (held, item)
    }

    /// It corrects that inspection today, by a decision on the ledger or by its own, in its next batch.
    pub(crate) fn corrects(&mut self, town: &mut Town, n: u8, decision: Option<Digest>) {
        let (day, who, source) = (town.world.today(), company(n), self.code.clone());
        let decision = decision.map(|id| id.to_string()).unwrap_or_default();
        let row = format!(
            "correct,{day},,02,{who},某公司,1,检查不合格,2026-03-02,某局,{source},{decision}\n"
        );
        self.import(town, &row);
    }

    /// Imports a row, anchors the batch, and returns its number.
    fn import(&mut self, town: &mut Town, row: &str) -> u64 {
        let forms = Forms::standard().unwrap();
        let (table, calendar) = (ClassTable::national().unwrap(), Calendar::china().unwrap());
        let rules = SourceRules::new(self.code.clone(), table, calendar);
        let header = "event,day,published,LB,SHXYM,MC,BH,NR,RQ,JG,JGDM,decision";
        let text = format!("{header}\n{row}");
        let job = Job {
            class: Some(ClassCode::new("inspection").unwrap()),
            today: town.world.today(),
            input: digest(row),
            batch: 100,
            threads: 1,
        };
        let (seed, store) = (Zeroizing::new([7; 32]), core::mem::take(&mut self.store));
        let mut importer = Importer::open(&rules, &forms, seed, store, job).unwrap();
        let mut rows = Rows::csv(Cursor::new(text.into_bytes())).unwrap();
        let mut rejects = Vec::new();
        let batch = importer.next_batch(&mut rows, &mut rejects, &mut |_| {}).unwrap();
        assert_eq!(rejects, []);
        self.store = importer.into_store();
        let batch = batch.unwrap().batch;
        let sequence = batch.sequence;
        town.done(TAX, CreditAct::Batch(batch));
        sequence
    }
}

impl CreditSource for Held {
    fn code(&self) -> &OrganisationCode {
        &self.code
    }

    fn subject(&self, subject: &Subject, sequence: u64) -> Result<SourceChain, Error> {
        Lookup::open(&self.store, sequence)?.subject(subject)
    }

    fn batches(&self, positions: &[u64], sequence: u64) -> Result<Vec<(u64, u64)>, Error> {
        Lookup::open(&self.store, sequence)?.batches_of(positions)
    }
}
