//! The ledger's rules with headers over them, as a chain would make them, and a source beside it.

use std::{collections::BTreeMap, io::Cursor};

use yinxin_calendar::Calendar;
use yinxin_credit::{
    ClassTable, Content, CreditItem, Error, Forms,
    source::{
        Importer, Job, Lookup, MemoryStore, Rows, SourceProof, SourceRecord, SourceRules,
        SourceStore, locate,
    },
    view::{ShownContent, ViewSource},
};
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    log::{self, Frontier, MemoryNodes},
    pages::{Top, Tops, page_of},
    state::Leaf,
};
use yinxin_receipt::{
    Algorithms, Anchor, CommitCertificate, Genesis, Header, Receipt, StatusProof, Trust,
    ValidatorSet, VoteKind, Wire, vote_sign_bytes,
};
use yinxin_record::{
    Act, ClassCode, CreditAct, CreditBatch, Date, InBatch, OrganisationCode, PublishClass, Record,
    RecordItem, SourceState, Subject,
};
use yinxin_verdict::UnixTime;
use zeroize::Zeroizing;

use crate::{
    credit::{CENTRE, TAX, company},
    world::{World, code, founded, key},
};

const POWERS: [u32; 8] = [0x100, 0x100, 0x400, 0xa00, 0xa00, 1, 0x800, 0x1000];

pub(crate) struct Town {
    pub(crate) world: World,
    genesis: Genesis,
    set: ValidatorSet,
    frontier: Frontier,
    nodes: MemoryNodes,
    /// Records with their ids and the headers of their blocks, in the order of the log.
    records: Vec<(Digest, Vec<u8>, Header)>,
    head: Header,
    source: MemoryStore,
    contents: BTreeMap<Digest, (Digest, Content)>,
    /// The chain of each record that is in one, with the heights of their blocks.
    chains: BTreeMap<Subject, Vec<(u64, Digest)>>,
}

impl Town {
    pub(crate) fn new() -> Self {
        let genesis = founded(&POWERS);
        let world = World::credit();
        let set = genesis.validator_set().unwrap();
        let head = Header {
            algorithms: Algorithms::Sm2Sm3,
            chain_id: genesis.chain_id(),
            height: 1,
            time_ms: 0,
            parent: genesis.chain_id(),
            body_root: log::empty_root(),
            log_root: log::empty_root(),
            log_size: 0,
            state_root: Digest::ZERO,
            validators: set.hash(),
            next_validators: set.hash(),
        };
        let mut town = Self {
            world,
            genesis,
            set,
            frontier: Frontier::new(),
            nodes: MemoryNodes::default(),
            records: Vec::new(),
            head,
            source: MemoryStore::default(),
            contents: BTreeMap::new(),
            chains: BTreeMap::new(),
        };
        town.head = town.header();
        town
    }

    pub(crate) fn trust(&self) -> Trust {
        let mut trust = Trust::default();
        trust.add_genesis(self.genesis.clone()).unwrap();
        trust
    }

    /// All records, each with the time of its block.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&[u8], UnixTime)> {
        self.records.iter().map(|(_, bytes, header)| (bytes.as_slice(), header.time()))
    }

    /// The time of the newest header.
    pub(crate) fn now(&self) -> UnixTime {
        self.head.time()
    }

    pub(crate) fn until_day(&mut self, day: Date) {
        self.world.until_day(day);
        self.world.idle();
        self.head = self.header();
    }

    /// Commits an act in a block of its own; returns the record's id.
    pub(crate) fn done(&mut self, n: u8, act: CreditAct) -> Digest {
        let bytes = self.world.record(n, Act::Credit(act.clone()));
        let before: Vec<_> = (1..=2).map(|n| self.world.chain_of(n)).collect();
        self.world.commit(&bytes).unwrap();
        let record = Record::from_der(&bytes).unwrap();
        let leaf = log::leaf_hash(sm3::digest(&bytes).as_bytes());
        self.frontier.append(leaf, &mut |id, hash| self.nodes.insert(id, hash));
        self.head = self.header();
        for (n, before) in (1..=2).zip(before) {
            if self.world.chain_of(n) != before {
                let chain = self.chains.entry(company(n)).or_default();
                chain.push((self.head.height, record.id()));
            }
        }
        if let CreditAct::Record(item) = &act
            && let Some(content) = self.contents.remove(&item.content)
        {
            self.contents.insert(record.id(), content);
        }
        self.records.push((record.id(), bytes, self.head.clone()));
        record.id()
    }

    /// The item with a content, which is kept for views.
    pub(crate) fn with_content(&mut self, item: RecordItem, what: &str) -> RecordItem {
        let number = self.world.counter.to_string();
        let content = content(&number, what);
        let salt = sm3::digest(number.as_bytes());
        let digest = content.digest(&salt);
        self.contents.insert(digest, (salt, content));
        RecordItem { content: digest, ..item }
    }

    /// The header over what the world is now: that of the block before the next.
    fn header(&self) -> Header {
        Header {
            height: self.world.height - 1,
            time_ms: u64::try_from(self.world.time.as_millis() - 1000).unwrap(),
            log_root: self.frontier.root(),
            log_size: self.frontier.size(),
            state_root: self.tops().root(),
            ..self.head.clone()
        }
    }

    fn leaves(&self, page: u16) -> Vec<Leaf> {
        let leaf = |(key, value): (&Vec<u8>, &Vec<u8>)| Leaf {
            key: sm3::digest(key),
            value: sm3::digest(value),
        };
        let mut leaves: Vec<Leaf> = self.world.state.map.iter().map(leaf).collect();
        leaves.retain(|leaf| page_of(&leaf.key) == page);
        leaves.sort_by_key(|leaf| leaf.key);
        leaves
    }

    fn tops(&self) -> Tops {
        let mut pages: Vec<u16> =
            self.world.state.map.keys().map(|k| page_of(&sm3::digest(k))).collect();
        pages.sort_unstable();
        pages.dedup();
        let mut tops = Tops::new();
        tops.set(pages.into_iter().map(|page| (page, Top::of(&self.leaves(page)))));
        tops
    }

    fn certificate(&self, header: &Header) -> CommitCertificate {
        let id = Some(header.id());
        let bytes = vote_sign_bytes(&header.chain_id, VoteKind::Precommit, header.height, 0, id);
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let mut signatures: Vec<_> = (101..=106)
            .map(|n| {
                let raw = key(n).sign(yinxin_gm::sm2::DEFAULT_ID, &bytes, rng).unwrap().to_raw();
                (self.set.index_of(key(n).public_key()).unwrap(), raw)
            })
            .collect();
        signatures.sort_by_key(|(index, _)| *index);
        CommitCertificate { height: header.height, round: 0, value_id: header.id(), signatures }
    }

    /// A record of company `n` in the source's batch, with its way to the log root.
    pub(crate) fn in_batch(&self, n: u8) -> InBatch {
        self.all_in_batch(n).remove(0)
    }

    /// All of them.
    pub(crate) fn all_in_batch(&self, n: u8) -> Vec<InBatch> {
        let last = self.source.last().unwrap().unwrap();
        let records = self.source.records(last.first, last.batch.count()).unwrap();
        let records: Vec<Vec<u8>> = records.into_iter().map(|stored| stored.record).collect();
        let of = |bytes: &&Vec<u8>| SourceRecord::from_der(bytes).unwrap().subject == company(n);
        let ids = records.iter().filter(of).map(|bytes| SourceRecord::id(bytes));
        let located =
            ids.map(|id| locate([Ok(records.clone())], last.batch.sequence, &id).unwrap().unwrap());
        located.collect()
    }

    /// The tax office imports five records of company `n` and others; the first batch goes on the ledger.
    pub(crate) fn import(&mut self, n: u8) {
        let source = code(TAX);
        let mut rows = String::new();
        for (i, who) in [company(n), company(n), company(7), company(8)].iter().enumerate() {
            rows += &format!(
                "record,,2026-03-05,02,{who},某公司,{i},检查合格,2026-03-02,某局,{source}\n"
            );
        }
        self.import_rows(&rows);
    }

    /// The tax office imports rows; its first batch goes on the ledger.
    pub(crate) fn import_rows(&mut self, rows: &str) {
        let (table, source) = (ClassTable::national().unwrap(), code(TAX));
        let class = ClassCode::new("inspection").unwrap();
        let version = table.newest(&class).unwrap();
        let published = PublishClass {
            laws: version.laws.clone(),
            ..table.publish(version, &Forms::standard().unwrap()).unwrap()
        };
        self.done(CENTRE, CreditAct::PublishClass(published));
        let rules = SourceRules::new(source.clone(), table, Calendar::china().unwrap());
        let forms = Forms::standard().unwrap();
        let text = format!("event,day,published,LB,SHXYM,MC,BH,NR,RQ,JG,JGDM\n{rows}");
        let job = Job {
            class: Some(class),
            today: Date::parse("2027-03-01").unwrap(),
            input: Digest::ZERO,
            batch: 100,
            threads: 1,
        };
        let store = self.source.clone();
        let mut importer =
            Importer::open(&rules, &forms, Zeroizing::new([7; 32]), store, job).unwrap();
        let mut rows = Rows::csv(Cursor::new(text.into_bytes())).unwrap();
        let mut rejects = Vec::new();
        let manifest = importer.next_batch(&mut rows, &mut rejects, &mut |_| {}).unwrap().unwrap();
        assert_eq!(rejects, []);
        self.source = importer.store().clone();
        let batch: CreditBatch = manifest.batch;
        self.done(TAX, CreditAct::Batch(batch));
    }
}

fn content(number: &str, what: &str) -> Content {
    let code = "11430000006122244L";
    let row = BTreeMap::from([
        ("MC", "某公司"),
        ("LB", "02"),
        ("SHXYM", "91350100M000100Y43"),
        ("BH", number),
        ("NR", what),
        ("RQ", "2026-11-22"),
        ("JG", "某局"),
        ("JGDM", code),
    ]);
    let forms = Forms::standard().unwrap();
    forms.form("general").unwrap().fill(|code| row.get(code).copied(), None).unwrap().content
}

impl ViewSource for Town {
    type Error = Error;

    fn state(&mut self, key: &[u8]) -> Result<StatusProof, Error> {
        let value = self.world.state.map.get(key).cloned();
        let read = |page| Ok::<_, Error>(self.leaves(page));
        let (_, path) = self.tops().prove(&sm3::digest(key), read)?;
        let certificate = self.certificate(&self.head);
        Ok(StatusProof::new(key.to_vec(), value, path, self.head.clone(), certificate))
    }

    fn ids(&mut self, subject: &Subject, height: u64) -> Result<Vec<Digest>, Error> {
        let chain = self.chains.get(subject).into_iter().flatten();
        Ok(chain.filter(|(at, _)| *at <= height).map(|(_, id)| *id).collect())
    }

    fn receipt(&mut self, id: &Digest) -> Result<Receipt, Error> {
        let index = self.records.iter().position(|(known, ..)| known == id).unwrap();
        let (_, bytes, header) = &self.records[index];
        let index = index as u64;
        Ok(Receipt {
            subject: yinxin_receipt::Subject::Record(bytes.clone()),
            index,
            path: log::prove_inclusion(&self.nodes, index, header.log_size).unwrap(),
            anchor: Anchor::committed(header.clone(), self.certificate(header)),
        })
    }

    fn source(
        &mut self,
        _: &OrganisationCode,
        newest: &SourceState,
        subject: &Subject,
    ) -> Result<(SourceProof, Vec<Vec<u8>>), Error> {
        let last = self.source.last()?.unwrap();
        assert_eq!(last.batch.after, newest.root);
        let found = Lookup::open(&self.source, last.batch.sequence)?.subject(subject)?;
        let records = found.records.into_iter().map(|stored| stored.record).collect();
        Ok((found.proof, records))
    }

    fn content(&mut self, item: &CreditItem) -> Result<Option<ShownContent>, Error> {
        let found = self.contents.get(&item.id);
        Ok(found.map(|(salt, content)| ShownContent {
            item: item.id,
            salt: *salt,
            content: content.clone(),
        }))
    }
}
