//! The ledger's rules with headers over them, as a chain would make them, and a source beside it.

#![allow(dead_code, reason = "each test file uses its part")]

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
    Act, ClassCode, CreditAct, Date, InBatch, OrganisationCode, Record, RecordItem, SourceState,
    Subject, state_key,
};
use yinxin_verdict::UnixTime;
use zeroize::Zeroizing;

use crate::{
    credit::{CENTRE, POWERS, TAX, company},
    world::{World, code, founded_by, key},
};

pub(crate) struct Town {
    pub(crate) world: World,
    genesis: Genesis,
    set: ValidatorSet,
    frontier: Frontier,
    nodes: MemoryNodes,
    /// Records with their ids and the headers of their blocks, in the order of the log.
    records: Vec<(Digest, Vec<u8>, Header)>,
    head: Header,
    /// The state tree under the head, and the votes for it.
    tree: Tree,
    votes: CommitCertificate,
    /// Stores of sources that are at hand.
    pub(crate) sources: BTreeMap<OrganisationCode, MemoryStore>,
    contents: BTreeMap<Digest, (Digest, Content)>,
    /// The chain of each record that is in one, with the heights of their blocks.
    chains: BTreeMap<Subject, Vec<(u64, Digest)>>,
}

/// Leaves by page, and the tree above the pages.
struct Tree {
    leaves: BTreeMap<u16, Vec<Leaf>>,
    tops: Tops,
}

impl Tree {
    fn of(world: &World) -> Self {
        let mut leaves: BTreeMap<u16, Vec<Leaf>> = BTreeMap::new();
        for (key, value) in &world.state.map {
            let leaf = Leaf { key: sm3::digest(key), value: sm3::digest(value) };
            leaves.entry(page_of(&leaf.key)).or_default().push(leaf);
        }
        let mut tops = Tops::new();
        tops.set(leaves.iter_mut().map(|(page, leaves)| {
            leaves.sort_by_key(|leaf| leaf.key);
            (*page, Top::of(leaves))
        }));
        Self { leaves, tops }
    }
}

impl Town {
    pub(crate) fn new() -> Self {
        Self::with_more(0)
    }

    /// With so many departments more, from 9 on: each may publish batches.
    pub(crate) fn with_more(more: usize) -> Self {
        let powers = [&POWERS[..], &vec![0x100; more]].concat();
        let genesis = founded_by(&powers, POWERS.len());
        let world = World::credit_of(&genesis);
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
        let votes =
            CommitCertificate { height: 1, round: 0, value_id: head.id(), signatures: Vec::new() };
        let mut town = Self {
            tree: Tree::of(&world),
            votes,
            world,
            genesis,
            set,
            frontier: Frontier::new(),
            nodes: MemoryNodes::default(),
            records: Vec::new(),
            head,
            sources: BTreeMap::new(),
            contents: BTreeMap::new(),
            chains: BTreeMap::new(),
        };
        town.seal();
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
        self.seal();
    }

    /// Commits an act in a block of its own; returns the record's id.
    pub(crate) fn done(&mut self, n: u8, act: CreditAct) -> Digest {
        let bytes = self.world.record(n, Act::Credit(act.clone()));
        let before: Vec<_> = (1..=2).map(|n| self.world.chain_of(n)).collect();
        self.world.commit(&bytes).unwrap();
        let record = Record::from_der(&bytes).unwrap();
        let leaf = log::leaf_hash(sm3::digest(&bytes).as_bytes());
        self.frontier.append(leaf, &mut |id, hash| self.nodes.insert(id, hash));
        self.seal();
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

    /// The receipt of a record under the newest header, however old the record is.
    pub(crate) fn rebased(&mut self, id: &Digest) -> Receipt {
        let receipt = self.receipt(id).unwrap();
        Receipt {
            path: log::prove_inclusion(&self.nodes, receipt.index, self.head.log_size).unwrap(),
            anchor: Anchor::committed(self.head.clone(), self.votes.clone()),
            ..receipt
        }
    }

    /// The item with a content, which is kept for views.
    pub(crate) fn with_content(&mut self, item: RecordItem, what: &str) -> RecordItem {
        let number = self.world.counter.to_string();
        self.with_number(item, &number, what)
    }

    /// The same under a number.
    pub(crate) fn with_number(&mut self, item: RecordItem, number: &str, what: &str) -> RecordItem {
        let content = content(number, what);
        let salt = sm3::digest(self.world.counter.to_string().as_bytes());
        let digest = content.digest(&salt);
        self.contents.insert(digest, (salt, content));
        RecordItem { content: digest, ..item }
    }

    /// Makes the header over what the world is now, that of the block before the next.
    pub(crate) fn seal(&mut self) {
        self.tree = Tree::of(&self.world);
        self.head = Header {
            height: self.world.height - 1,
            time_ms: u64::try_from(self.world.time.as_millis() - 1000).unwrap(),
            log_root: self.frontier.root(),
            log_size: self.frontier.size(),
            state_root: self.tree.tops.root(),
            ..self.head.clone()
        };
        self.votes = self.certificate(&self.head);
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
        let source = &self.sources[&code(TAX)];
        let last = source.last().unwrap().unwrap();
        let records = source.records(last.first, last.batch.count()).unwrap();
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
        let text = format!("event,day,published,LB,SHXYM,MC,BH,NR,RQ,JG,JGDM\n{rows}");
        self.import_of(TAX, &ClassTable::national().unwrap(), "inspection", &text);
    }

    /// A department imports rows by a table, of a class if they name none; its first batch goes on the ledger.
    pub(crate) fn import_of(&mut self, n: u8, table: &ClassTable, class: &str, rows: &str) {
        let (forms, class) = (Forms::standard().unwrap(), ClassCode::new(class).unwrap());
        let version = table.newest(&class).unwrap();
        let published = table.publish(version, &forms).unwrap();
        if !self.world.state.map.contains_key(&state_key::credit_class_version(&class, 1)) {
            self.done(CENTRE, CreditAct::PublishClass(published));
        }
        let rules = SourceRules::new(code(n), table.clone(), Calendar::china().unwrap());
        let job = Job {
            class: Some(class),
            today: Date::parse("2027-03-01").unwrap(),
            input: sm3::digest(rows.as_bytes()),
            batch: 1000,
            threads: 1,
        };
        let store = self.sources.get(&code(n)).cloned().unwrap_or_default();
        let seed = Zeroizing::new([7; 32]);
        let mut importer = Importer::open(&rules, &forms, seed, store, job).unwrap();
        let mut rows = Rows::csv(Cursor::new(rows.as_bytes().to_vec())).unwrap();
        let mut rejects = Vec::new();
        let manifest = importer.next_batch(&mut rows, &mut rejects, &mut |_| {}).unwrap().unwrap();
        assert_eq!(rejects, []);
        self.sources.insert(code(n), importer.into_store());
        self.done(n, CreditAct::Batch(manifest.batch));
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
        let leaves = |page| self.tree.leaves.get(&page).cloned().unwrap_or_default();
        let read = |page| Ok::<_, Error>(leaves(page));
        let (_, path) = self.tree.tops.prove(&sm3::digest(key), read)?;
        Ok(StatusProof::new(key.to_vec(), value, path, self.head.clone(), self.votes.clone()))
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
        source: &OrganisationCode,
        newest: &SourceState,
        subject: &Subject,
    ) -> Result<(SourceProof, Vec<Vec<u8>>), Error> {
        let missing = || Error::NotFound { what: "store", name: source.to_string() };
        let store = self.sources.get(source).ok_or_else(missing)?;
        let last = store.last()?.unwrap();
        assert_eq!(last.batch.after, newest.root);
        let found = Lookup::open(store, last.batch.sequence)?.subject(subject)?;
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
