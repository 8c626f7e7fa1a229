//! A city's credit: 1 and 2 are authorities, 3 is the credit centre, 4 and 5 are banks, 6 takes no part; 7 keeps registers, 8 is a court.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a rig that fails has failed its test")]

use yinxin_gm::{Digest, sm3};
use yinxin_ledger::{Error, Outcome};
use yinxin_receipt::Genesis;
#[allow(clippy::wildcard_imports, reason = "this file names many of them")]
use yinxin_record::*;

use crate::world::{World, code, founded, key};

pub(crate) const MARKET: u8 = 1;
pub(crate) const TAX: u8 = 2;
pub(crate) const CENTRE: u8 = 3;
pub(crate) const BANK: u8 = 4;
pub(crate) const SECOND_BANK: u8 = 5;
pub(crate) const STRANGER: u8 = 6;
pub(crate) const REGISTER: u8 = 7;
pub(crate) const COURT: u8 = 8;
/// What these may do.
pub(crate) const POWERS: [u32; 8] = [0x100, 0x100, 0x400, 0xa00, 0xa00, 1, 0x800, 0x1000];
pub(crate) const DAY_MS: i64 = 24 * 3_600_000;

/// The company's key, and one that is not.
pub(crate) const COMPANY_KEY: u8 = 211;
pub(crate) const FALSE_KEY: u8 = 212;

pub(crate) fn digest(what: &str) -> Digest {
    sm3::digest(what.as_bytes())
}

pub(crate) fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

pub(crate) fn class_code(code: &str) -> ClassCode {
    ClassCode::new(code).unwrap()
}

pub(crate) fn class_of(code: &str, version: u32) -> ClassReference {
    ClassReference { code: class_code(code), version }
}

/// Company `n`, which is no member.
pub(crate) fn company(n: u8) -> Subject {
    Subject::Company(code(100 + n))
}

pub(crate) fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub(crate) const LAW: &str = "行政处罚法 第四十八条";

/// A class that anyone with the power records, with no duty to publish in time.
pub(crate) fn plain(code: &str, kind: ClassKind, term: (u16, Option<u16>)) -> PublishClass {
    PublishClass {
        code: class_code(code),
        version: 1,
        name: text("类目"),
        definition: digest(code),
        form: digest("form"),
        kind,
        degree: Degree::None,
        disclosure: Disclosure::Public,
        valid_from: day("2025-01-01"),
        valid_until: None,
        laws: vec![text(LAW)],
        recorders: vec![],
        rests_on: vec![],
        footing: Footing::Own,
        term: Term { base: TermBase::Decision, min_months: term.0, max_months: term.1 },
        limits: TimeLimits {
            publish_days: None,
            age_days: 365,
            objection_days: 5,
            withdraw_days: 3,
        },
        repair: None,
        list: None,
        batch: 0,
    }
}

/// Ordinary penalties: by 1 alone, published within 7 working days, shown for 3 to 12 months, repaired with a letter and proof.
pub(crate) fn penalty() -> PublishClass {
    let class = plain("penalty", ClassKind::Penalty, (3, Some(12)));
    let limits = TimeLimits { publish_days: Some(7), ..class.limits };
    let repair = Some(RepairRule { evidence: vec![text("duty"), text("letter")], days: 10 });
    let recorders = vec![code(MARKET)];
    PublishClass { degree: Degree::Ordinary, recorders, limits, repair, batch: 1000, ..class }
}

/// A measure of a list, on [`LAW`].
pub(crate) fn measure(code: &str) -> ListMeasure {
    ListMeasure { code: text(code), laws: vec![text(LAW)] }
}

/// A black list that rests on penalties, for 12 to 36 months, and allows two measures.
pub(crate) fn black_list() -> PublishClass {
    let class = plain("black", ClassKind::BlackList, (12, Some(36)));
    let list = ListRule {
        exit: vec![text("duty")],
        excludes: vec![],
        measures: vec![measure("market-entry"), measure("tender")],
        lift_days: 3,
    };
    let repair = Some(RepairRule { evidence: vec![], days: 10 });
    let rests_on = vec![class_code("penalty")];
    PublishClass { degree: Degree::Serious, rests_on, repair, list: Some(list), ..class }
}

/// A red list that a penalty costs the place on.
pub(crate) fn red_list() -> PublishClass {
    let list = ListRule {
        exit: vec![],
        excludes: vec![class_code("penalty")],
        measures: vec![measure("green-lane")],
        lift_days: 3,
    };
    PublishClass { list: Some(list), ..plain("red", ClassKind::RedList, (0, Some(24))) }
}

/// Commitments, which once broken are shown for 3 to 12 months from the finding.
pub(crate) fn commitment() -> PublishClass {
    let repair = Some(RepairRule { evidence: vec![], days: 10 });
    let class = plain("commitment", ClassKind::Commitment, (3, Some(12)));
    PublishClass { degree: Degree::Ordinary, repair, ..class }
}

impl World {
    /// With working days, five classes, a formula, and company 1's key.
    pub(crate) fn credit() -> Self {
        Self::credit_of(&founded(&POWERS))
    }

    /// The same on a ledger that these eight founded, and maybe others.
    pub(crate) fn credit_of(founded: &Genesis) -> Self {
        let mut world = Self::of(founded);
        let calendar =
            PublishCalendar { digest: digest("2026"), from_year: 2026, until_year: 2026 };
        world.act(CENTRE, Act::Data(DataAct::PublishCalendar(calendar))).unwrap();
        let basic = plain("basic", ClassKind::Basic, (0, None));
        for class in [penalty(), black_list(), red_list(), commitment(), basic] {
            world.credit_act(CENTRE, CreditAct::PublishClass(class)).unwrap();
        }
        world.credit_act(CENTRE, CreditAct::PublishFormula(formula(1))).unwrap();
        world.credit_act(CENTRE, subject_key(1, COMPANY_KEY)).unwrap();
        world
    }

    pub(crate) fn credit_act(&mut self, n: u8, act: CreditAct) -> Result<Outcome, Error> {
        self.act(n, Act::Credit(act))
    }

    /// The id of the record, if it was committed.
    pub(crate) fn done(&mut self, n: u8, act: CreditAct) -> Digest {
        self.credit_act(n, act).unwrap().results[0].id
    }

    /// The code of the refusal, or "" if there was none.
    pub(crate) fn refusal(&mut self, n: u8, act: CreditAct) -> &'static str {
        self.credit_act(n, act).err().map_or("", |e| e.code())
    }

    pub(crate) fn asset_act(&mut self, n: u8, act: AssetAct) -> Result<Outcome, Error> {
        self.act(n, Act::Asset(act))
    }

    pub(crate) fn asset_refusal(&mut self, n: u8, act: AssetAct) -> &'static str {
        self.asset_act(n, act).err().map_or("", |e| e.code())
    }

    pub(crate) fn today(&self) -> Date {
        Date::of(self.time)
    }

    /// On to the first instant of a day.
    pub(crate) fn until_day(&mut self, day: Date) {
        assert!(day.start() >= self.time, "time goes on");
        self.time = day.start();
    }

    /// So many working days from a day, as if all were.
    pub(crate) fn by(&self, from: Date, days: u16) -> Deadline {
        let at = from.plus_days(u32::from(days) + 1).start();
        Deadline { at, calendar: digest("2026") }
    }

    /// A penalty of company `n`, decided today.
    pub(crate) fn penalty_of(&self, n: u8) -> RecordItem {
        let decided = self.today();
        RecordItem { publish_by: Some(self.by(decided, 7)), ..self.item_of(n, "penalty") }
    }

    /// An item of company `n`, of version 1 of a class, decided today; a commitment is to be kept within three years.
    pub(crate) fn item_of(&self, n: u8, class: &str) -> RecordItem {
        RecordItem {
            subject: company(n),
            class: class_of(class, 1),
            law: text(LAW),
            content: digest(&format!("content {}", self.counter)),
            basis: Basis::Decision(digest(&format!("paper {}", self.counter))),
            decided: self.today(),
            until: (class == "commitment").then(|| self.today().plus_months(36)),
            publish_by: None,
        }
    }

    pub(crate) fn punished(&mut self, n: u8) -> Digest {
        let act = self.penalty_of(n);
        self.done(MARKET, CreditAct::Record(act))
    }

    /// An entry on the black list, which rests on a penalty.
    pub(crate) fn entry_of(&self, n: u8, penalty: Digest) -> RecordItem {
        RecordItem { basis: Basis::Item(penalty), ..self.item_of(n, "black") }
    }

    pub(crate) fn item(&self, id: &Digest) -> ItemState {
        self.load(&state_key::credit_item(id)).unwrap()
    }

    pub(crate) fn objection(&self, item: Digest) -> CreditAct {
        let deadline = self.by(self.today(), 5);
        let statement = digest("wrong");
        CreditAct::Object(RaiseObjection { item, reason: 1, statement, deadline, signature: None })
    }

    pub(crate) fn repair(&self, item: Digest) -> ApplyRepair {
        let evidence = |kind: &str| Evidence { kind: text(kind), digest: digest(kind) };
        ApplyRepair {
            item,
            evidence: vec![evidence("duty"), evidence("letter")],
            commitment: digest("commitment"),
            deadline: self.by(self.today(), 10),
        }
    }

    pub(crate) fn withdrawal(&self, item: Digest) -> CreditAct {
        CreditAct::Withdraw(WithdrawItem {
            item,
            reason: 1,
            paper: digest("annulled"),
            decided: self.today(),
            withdraw_by: self.by(self.today(), 3),
        })
    }

    pub(crate) fn chain_of(&self, n: u8) -> EventChain {
        let subject = company(n);
        let leaf = self.load(&state_key::credit_subject(&subject));
        leaf.unwrap_or_else(|| EventChain::start(&subject))
    }

    /// What company 1 lets bank 4 see of penalties for a loan, for a year.
    pub(crate) fn terms(&self) -> Authorisation {
        Authorisation {
            subject: company(1),
            reader: code(BANK),
            purpose: text("loan"),
            classes: vec![class_code("penalty")],
            from: self.time,
            until: self.time.plus_millis(365 * DAY_MS),
            nonce: digest(&self.counter.to_string()),
        }
    }

    pub(crate) fn authorise(&self, terms: Authorisation, signer: u8) -> CreditAct {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        CreditAct::Authorise(terms.sign(&self.chain_id, &key(signer), rng).unwrap())
    }

    pub(crate) fn authorised(&mut self) -> Digest {
        let terms = self.terms();
        let id = terms.id(&self.chain_id);
        let act = self.authorise(terms, COMPANY_KEY);
        self.credit_act(BANK, act).unwrap();
        id
    }

    /// Bank 4 looks at company 1's penalties for a loan.
    pub(crate) fn look(&self, ground: ViewGround) -> TakeView {
        TakeView {
            subject: company(1),
            reader: code(BANK),
            purpose: text("loan"),
            ground,
            classes: vec![class_code("penalty")],
            as_of: self.time,
            seen: self.chain_of(1),
            answer: digest("answer"),
        }
    }

    /// Invoice `n` of company 1, with a custodian for invoices.
    pub(crate) fn registered(&mut self, n: u8) -> AssetKey {
        let (kind, check) = (AssetKind::Invoice, digest("check"));
        let appoint = AppointCustodian { kind, custodian: code(REGISTER), check };
        if self.load::<CustodianState>(&state_key::asset_custodian(AssetKind::Invoice)).is_none() {
            self.asset_act(CENTRE, AssetAct::AppointCustodian(appoint)).unwrap();
        }
        let act = registration(n);
        self.asset_act(REGISTER, AssetAct::Register(act)).unwrap();
        invoice(n)
    }

    /// Bank `n` takes an asset at its present turn, with company 1's signature.
    pub(crate) fn pledge(&self, n: u8, asset: AssetKey) -> PledgeAsset {
        let turn = self.asset(&asset).map_or(0, |a| a.turn);
        let contract = digest("contract");
        self.pledge_as(PledgeTerms { asset, turn, pledgee: code(n), contract }, COMPANY_KEY)
    }

    pub(crate) fn pledge_as(&self, terms: PledgeTerms, signer: u8) -> PledgeAsset {
        let signature = self.deal(&Deal::Pledge(terms.clone()), signer);
        PledgeAsset { terms, signature }
    }

    pub(crate) fn deal(&self, deal: &Deal, signer: u8) -> [u8; 64] {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        deal.sign(&self.chain_id, &key(signer), rng).unwrap()
    }

    pub(crate) fn asset(&self, key: &AssetKey) -> Option<AssetState> {
        self.load(&state_key::asset(key))
    }
}

pub(crate) fn formula(version: u32) -> PublishFormula {
    PublishFormula {
        code: class_code("composite"),
        version,
        name: text("公共信用综合评价"),
        definition: digest("formula"),
        valid_from: day("2026-01-01").plus_days(version),
    }
}

pub(crate) fn subject_key(n: u8, signer: u8) -> CreditAct {
    CreditAct::SetSubjectKey(SetSubjectKey {
        subject: company(n),
        key: *key(signer).public_key(),
        issuer: code(CENTRE),
        certificate: digest(&format!("certificate {signer}")),
    })
}

pub(crate) fn invoice(n: u8) -> AssetKey {
    AssetKey { kind: AssetKind::Invoice, value: sm3::digest(&[n]) }
}

pub(crate) fn registration(n: u8) -> RegisterAsset {
    RegisterAsset {
        asset: invoice(n),
        owner: company(1),
        content: digest("invoice"),
        due: Some(day("2027-06-30")),
        confirmation: Some(digest("debtor")),
        invoices: vec![],
    }
}

pub(crate) fn accept(application: Digest) -> CreditAct {
    let decision = RepairDecision::Accept(digest("decision"));
    CreditAct::DecideRepair(DecideRepair { application, decision })
}

pub(crate) fn reject(application: Digest) -> CreditAct {
    let decision = RepairDecision::Reject(2);
    CreditAct::DecideRepair(DecideRepair { application, decision })
}

pub(crate) fn reinstate(application: Digest) -> CreditAct {
    CreditAct::Reinstate(Reinstate { application, evidence: digest("false"), reason: 9 })
}

pub(crate) fn resolve(objection: Digest, resolution: Resolution) -> CreditAct {
    CreditAct::Resolve(ResolveObjection { objection, resolution })
}

/// Another region's ledger, as the centre publishes it.
pub(crate) fn trusted(chain_id: Digest) -> TrustLedger {
    TrustLedger {
        chain_id,
        genesis: digest("genesis"),
        region: text("邻市"),
        checkpoint: None,
        serves: true,
    }
}

/// Their record, with no end at home.
pub(crate) fn foreign(chain_id: Digest) -> ForeignBasis {
    ForeignBasis {
        of: RecordReference { chain_id, record: digest("theirs") },
        receipt: digest("receipt"),
        status: digest("status"),
        until: None,
    }
}

pub(crate) fn record(act: RecordItem) -> CreditAct {
    CreditAct::Record(act)
}

pub(crate) fn delist(item: Digest, ground: ExitGround) -> CreditAct {
    CreditAct::Delist(Delist { item, ground, reason: 3 })
}

pub(crate) fn conditions(kinds: &[&str]) -> ExitGround {
    let evidence = kinds.iter().map(|k| Evidence { kind: text(k), digest: digest(k) }).collect();
    ExitGround::Conditions(Conditions { evidence })
}
