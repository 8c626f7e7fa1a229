//! A ledger in memory that keeps the real rules: what acts did to it can be asked for, as of its newest block.
//!
//! Its proofs have no paths: whoever asks a service checks them elsewhere.

use std::{collections::BTreeMap, future};

use yinxin_credit::{ClassTable, Forms};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_merkle::state::StateProof;
use yinxin_receipt::{
    Algorithms, Anchor, CommitCertificate, Header, Receipt, StatusProof, Subject as Sealed, Wire,
};
use yinxin_record::{
    Act, ApplyMeasure, ApplyRepair, AssetAct, AssetKey, ClassCount, CreditAct, CreditBatch, Date,
    EventChain, EventState, Evidence, MeasureFeedback, OrganisationState, PublishScore, RecordItem,
    Resolution, Subject, TakeView, ViewGround, state_key,
};
use yinxin_service::{Answer, Head, Ledger, LedgerError};

use crate::{
    credit::{
        BANK, CENTRE, LAW, MARKET, TAX, accept, class_code, class_of, company, day, digest,
        formula, invoice, reject, resolve, text,
    },
    world::{World, code},
};

pub(crate) struct Town {
    pub(crate) world: World,
    index: BTreeMap<Vec<u8>, Vec<u8>>,
    records: BTreeMap<Digest, (Vec<u8>, Header, u64)>,
}

/// What the story of a company left behind.
pub(crate) struct Story {
    /// Company 1.
    pub(crate) company: Subject,
    /// A penalty that was repaired.
    pub(crate) repaired: Digest,
    /// One that was published late, and stays.
    pub(crate) late: Digest,
    /// One that somebody objects to; nobody answered in time.
    pub(crate) disputed: Digest,
    /// One whose repair was rejected once and is applied for again.
    pub(crate) applied: Digest,
    /// A place on the list of abnormal operation, with a measure.
    pub(crate) listed: Digest,
    /// An asset of the company that is pledged.
    pub(crate) asset: AssetKey,
}

impl Town {
    /// With the national classes published, and names that people know.
    pub(crate) fn new() -> Self {
        let mut town =
            Self { world: World::credit(), index: BTreeMap::new(), records: BTreeMap::new() };
        let (table, forms) = (ClassTable::national().unwrap(), Forms::standard().unwrap());
        for class in table.classes() {
            if class.reference.code != class_code("commitment") {
                town.done(CENTRE, CreditAct::PublishClass(table.publish(class, &forms).unwrap()));
            }
        }
        // The index has every use that the leaf counts.
        let company = company(1);
        for key in [state_key::credit_uses(&company), state_key::credit_key(&company)] {
            town.world.state.map.remove(&key);
        }
        town.done(CENTRE, crate::credit::subject_key(1, crate::credit::COMPANY_KEY));
        let names = ["市市场监督管理局", "市税务局", "市公共信用中心", "江南银行", "江北银行"];
        for (n, name) in (1..).zip(names) {
            let key = state_key::organisation(&code(n));
            let state: OrganisationState = town.world.load(&key).unwrap();
            let state = OrganisationState { name: text(name), ..state };
            town.world.state.map.insert(key, state.to_der());
        }
        town
    }

    pub(crate) fn done(&mut self, n: u8, act: CreditAct) -> Digest {
        self.act(n, Act::Credit(act))
    }

    /// Commits an act in a block of its own; returns the record's id.
    pub(crate) fn act(&mut self, n: u8, act: Act) -> Digest {
        let bytes = self.world.record(n, act);
        let outcome = self.world.commit(&bytes).unwrap();
        self.index.extend(outcome.index);
        let (id, index) = (outcome.results[0].id, self.records.len() as u64);
        self.records.insert(id, (bytes, self.header(), index));
        id
    }

    pub(crate) fn until_day(&mut self, text: &str) {
        self.world.until_day(day(text));
        self.world.idle();
    }

    /// An item of company `n`, decided on a day, to be published within seven working days.
    pub(crate) fn item(&self, n: u8, class: (&str, u32), decided: Date) -> RecordItem {
        let penalty = class.0.starts_with("penalty");
        RecordItem {
            class: class_of(class.0, class.1),
            law: text(if penalty { "行政处罚法" } else { LAW }),
            decided,
            publish_by: penalty.then(|| self.world.by(decided, 9)),
            ..self.world.item_of(n, "penalty")
        }
    }

    pub(crate) fn penalty(&mut self, decided: Date) -> Digest {
        let act = self.item(1, ("penalty.ordinary", 2), decided);
        self.done(MARKET, CreditAct::Record(act))
    }

    pub(crate) fn apply_for_repair(&mut self, item: Digest) -> Digest {
        let evidence = |kind: &str| Evidence { kind: text(kind), digest: digest(kind) };
        let act = ApplyRepair {
            evidence: vec![evidence("commitment-letter"), evidence("duty-done")],
            ..self.world.repair(item)
        };
        self.done(BANK, CreditAct::ApplyRepair(act))
    }

    /// Four penalties, a place on a list, an objection, three applications for repair, a pledge: until 25 March 2027.
    pub(crate) fn story(&mut self) -> Story {
        let today = self.world.today();
        let repaired = self.penalty(today);
        let first = self.world.objection(repaired);
        let first = self.done(BANK, first);
        self.done(MARKET, resolve(first, Resolution::Upheld(1)));
        let applied = self.penalty(today);
        self.until_day("2026-12-20");
        let late = self.penalty(today);
        let entry = RecordItem {
            law: text("市场主体登记管理条例"),
            ..self.item(1, ("abnormal", 1), self.world.today())
        };
        let listed = self.done(TAX, CreditAct::Record(entry));
        let measure = ApplyMeasure {
            item: listed,
            measure: text("focus-supervision"),
            law: text("优化营商环境条例"),
            case: digest("case"),
        };
        self.done(MARKET, CreditAct::ApplyMeasure(measure));
        self.until_day("2027-03-10");
        let disputed = self.penalty(self.world.today());
        let objection = self.world.objection(disputed);
        self.done(BANK, objection);
        let application = self.apply_for_repair(repaired);
        self.done(MARKET, accept(application));
        let application = self.apply_for_repair(applied);
        self.done(MARKET, reject(application));
        self.until_day("2027-03-25");
        self.apply_for_repair(applied);
        let asset = self.pledged();
        Story { company: company(1), repaired, late, disputed, applied, listed, asset }
    }

    fn pledged(&mut self) -> AssetKey {
        let appoint = yinxin_record::AppointCustodian {
            kind: yinxin_record::AssetKind::Invoice,
            custodian: code(crate::credit::REGISTER),
            check: yinxin_gm::Digest::ZERO,
        };
        self.act(CENTRE, Act::Asset(AssetAct::AppointCustodian(appoint)));
        let register = AssetAct::Register(crate::credit::registration(1));
        self.act(crate::credit::REGISTER, Act::Asset(register));
        let pledge = self.world.pledge(BANK, invoice(1));
        self.act(BANK, Act::Asset(AssetAct::Pledge(pledge)));
        invoice(1)
    }

    /// A department looked by law, a place on a list fell while a measure rested on it, and a source published a batch that was late in part.
    pub(crate) fn aftermath(&mut self) {
        let look = TakeView {
            reader: code(TAX),
            classes: Vec::new(),
            ..self.world.look(ViewGround::Law(text("征信业管理条例")))
        };
        self.done(TAX, CreditAct::View(look));
        let (law, today) = (text("市场主体登记管理条例"), self.world.today());
        let entry = RecordItem { law, ..self.item(2, ("abnormal", 1), today) };
        let item = self.done(TAX, CreditAct::Record(entry));
        let measure = ApplyMeasure {
            item,
            measure: text("no-simplified-procedure"),
            law: text("优化营商环境条例"),
            case: digest("case"),
        };
        let measure = self.done(MARKET, CreditAct::ApplyMeasure(measure));
        let tell = MeasureFeedback { measure, result: 3, report: digest("report") };
        self.done(MARKET, CreditAct::TellMeasure(tell));
        let withdrawal = self.world.withdrawal(item);
        self.done(TAX, withdrawal);
        let class = class_of("penalty.ordinary", 2);
        let batch = CreditBatch {
            sequence: 1,
            counts: vec![ClassCount { class, count: 10, due: 8, late: 3 }],
            records: digest("records"),
            before: yinxin_merkle::state::EMPTY,
            after: digest("after"),
        };
        self.done(MARKET, CreditAct::Batch(batch));
    }

    /// Two scores of company 1: as of before its chain's last record, by a formula that has a newer version since, and as of now by that one.
    pub(crate) fn scored(&mut self) -> [Digest; 2] {
        let count = self.world.chain_of(1).count;
        let event = |n| {
            let event: Option<EventState> =
                self.world.load(&state_key::credit_event(&company(1), n));
            event.unwrap()
        };
        let (head, last) = (event(count - 1).head, event(count).since);
        let score = PublishScore {
            subject: company(1),
            formula: class_code("composite"),
            version: 1,
            as_of: last.plus_millis(-1),
            seen: EventChain { count: count - 1, head },
            inputs: digest("inputs"),
            result: digest("760, good"),
        };
        let before = self.done(CENTRE, CreditAct::Score(score.clone()));
        self.done(CENTRE, CreditAct::PublishFormula(formula(2)));
        let (as_of, seen) = (self.world.time, self.world.chain_of(1));
        let score = PublishScore { version: 2, as_of, seen, ..score };
        [before, self.done(CENTRE, CreditAct::Score(score))]
    }

    /// A penalty that another authority published in time, for a table of more than one.
    pub(crate) fn others(&mut self) {
        let today = self.world.today();
        for n in 2..5 {
            let act = self.item(n, ("penalty.ordinary", 2), today);
            self.done(TAX, CreditAct::Record(act));
        }
    }

    /// The first record under a prefix of the index.
    pub(crate) fn first(&self, prefix: &[u8]) -> Digest {
        let mut found = self.index.range(prefix.to_vec()..);
        let (_, value) = found.find(|(key, _)| key.starts_with(prefix)).unwrap();
        Digest(*value.first_chunk().unwrap())
    }

    /// Takes a record out of a subject's lists, as a node that withholds would.
    pub(crate) fn withhold(&mut self, subject: &Subject, id: &Digest) {
        for prefix in [index_key::credit_subject(subject), index_key::credit_uses(subject)] {
            self.index.retain(|key, value| !(key.starts_with(&prefix) && value == id.as_bytes()));
        }
    }

    /// The header of the newest block.
    fn header(&self) -> Header {
        Header {
            algorithms: Algorithms::Sm2Sm3,
            chain_id: self.world.chain_id,
            height: self.world.height - 1,
            time_ms: u64::try_from(self.world.time.as_millis() - 1000).unwrap(),
            parent: Digest::ZERO,
            body_root: Digest::ZERO,
            log_root: Digest::ZERO,
            log_size: self.records.len() as u64 + 1,
            state_root: Digest::ZERO,
            validators: Digest::ZERO,
            next_validators: Digest::ZERO,
        }
    }
}

fn certificate(header: &Header) -> CommitCertificate {
    CommitCertificate {
        height: header.height,
        round: 0,
        value_id: header.id(),
        signatures: Vec::new(),
    }
}

fn now<T: Send + 'static>(answer: Result<T, LedgerError>) -> Answer<'static, T> {
    Box::pin(future::ready(answer))
}

impl Ledger for Town {
    fn submit(&self, _: Vec<u8>) -> Answer<'_, Vec<u8>> {
        now(Err(LedgerError::Unavailable { what: "read only".into() }))
    }

    fn receipt(&self, id: Digest, _: Option<u64>) -> Answer<'_, Vec<u8>> {
        let found = self.records.get(&id).map(|(bytes, header, index)| {
            let receipt = Receipt {
                subject: Sealed::Record(bytes.clone()),
                index: *index,
                path: Vec::new(),
                anchor: Anchor::committed(header.clone(), certificate(header)),
            };
            receipt.to_der()
        });
        now(found.ok_or(LedgerError::NotFound))
    }

    fn status(&self, key: Vec<u8>) -> Answer<'_, Vec<u8>> {
        let (value, header) = (self.world.state.map.get(&key).cloned(), self.header());
        let certificate = certificate(&header);
        let proof = StatusProof::new(key, value, StateProof::default(), header, certificate);
        now(Ok(proof.to_der()))
    }

    fn head(&self) -> Answer<'_, Head> {
        let header = self.header();
        let certificate = certificate(&header).to_der();
        now(Ok(Head { height: header.height, header: header.to_der(), certificate, peers: 0 }))
    }

    fn query(
        &self,
        prefix: Vec<u8>,
        from: Vec<u8>,
        limit: usize,
    ) -> Answer<'_, Vec<(Vec<u8>, Vec<u8>)>> {
        let from = from.max(prefix.clone());
        let found = self.index.range(from..).take_while(|(key, _)| key.starts_with(&prefix));
        now(Ok(found.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect()))
    }

    fn record(&self, id: Digest) -> Answer<'_, Vec<u8>> {
        let found = self.records.get(&id).map(|(bytes, ..)| bytes.clone());
        now(found.ok_or(LedgerError::NotFound))
    }

    fn genesis(&self) -> Answer<'_, Vec<u8>> {
        now(Err(LedgerError::NotFound))
    }

    fn set_changes(&self) -> Answer<'_, Vec<Vec<u8>>> {
        now(Ok(Vec::new()))
    }

    fn metrics(&self) -> String {
        String::new()
    }
}
