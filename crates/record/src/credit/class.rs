//! Classes of credit records: what the law says of each, as data that the ledger judges by.

use core::fmt;

use yinxin_gm::Digest;
use yinxin_merkle::wire::{Reader, WireError, Writer, rising};

use crate::{
    Date, Error, OrganisationCode, Text,
    asn::{Field, numbered, sequence},
    data::parts::{MAX_DATA_LIST, size},
};

/// What a class of records or a formula is called by: 1 to 64 of letters, digits and `-._~`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassCode(String);

impl ClassCode {
    /// Longest, bytes: codes of GB/T 39441 have some twenty digits.
    pub const MAX: usize = 64;

    /// Checks the form.
    ///
    /// # Errors
    /// [`Error::ClassCode`].
    pub fn new(code: &str) -> Result<Self, Error> {
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if (1..=Self::MAX).contains(&code.len()) && code.bytes().all(unreserved) {
            Ok(Self(code.to_owned()))
        } else {
            Err(Error::ClassCode { found: code.chars().take(64).collect() })
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClassCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field for ClassCode {
    fn put(&self, out: &mut Writer) {
        out.text(&self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::new(input.text(what, 1, Self::MAX)?).map_err(|_| WireError::Value(what))
    }
}

/// A version of a class: what a record is judged by, whatever is published later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassReference {
    /// The class.
    pub code: ClassCode,
    /// Which version.
    pub version: u32,
}

sequence!(ClassReference { code, version });

impl fmt::Display for ClassReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.code, self.version)
    }
}

/// An article of a law, as it is cited.
pub type Law = Text<128>;

/// A kind of evidence, or a measure, by code.
pub type EvidenceKind = Text<32>;

/// A measure or an incentive, by code of the list of measures.
pub type MeasureCode = Text<64>;

/// A class, or its next version. It stands in the state as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishClass {
    /// Its code.
    pub code: ClassCode,
    /// 1, then one more each time.
    pub version: u32,
    /// Its name.
    pub name: Text<256>,
    /// SM3 of the class file, which says all of this and its sources.
    pub definition: Digest,
    /// Digest of the form that its records' contents are written by: of that form alone, in one encoding.
    pub form: Digest,
    /// What its records tell of.
    pub kind: ClassKind,
    /// How grave, by the rules of repair.
    pub degree: Degree,
    /// Whom its records are shown to.
    pub disclosure: Disclosure,
    /// The first day whose decisions it judges.
    pub valid_from: Date,
    /// The first day whose decisions it no longer judges; the next version ends it too.
    pub valid_until: Option<Date>,
    /// The laws that a record may rest on, 1 to 64, rising.
    pub laws: Vec<Law>,
    /// Who may record, rising; empty: whoever has the power.
    pub recorders: Vec<OrganisationCode>,
    /// Classes of which an item in force must be a record's basis, rising; empty: none is needed.
    pub rests_on: Vec<ClassCode>,
    /// What the end of the item that a record rests on means for it.
    pub footing: Footing,
    /// How long a record is shown.
    pub term: Term,
    /// How soon things must be done.
    pub limits: TimeLimits,
    /// How its records are repaired; `None`: they are not.
    pub repair: Option<RepairRule>,
    /// What holds for a list.
    pub list: Option<ListRule>,
    /// Most records of the class in one batch; 0: none, as of a class that rests on others, for a batch does not say on what.
    pub batch: u64,
}

sequence!(PublishClass {
    code,
    version,
    name,
    definition,
    form,
    kind,
    degree,
    disclosure,
    valid_from,
    valid_until,
    laws,
    recorders,
    rests_on,
    footing,
    term,
    limits,
    repair,
    list,
    batch,
} check |c: &PublishClass| {
    if c.version == 0 {
        return Err(WireError::Value("version"));
    }
    if c.valid_until.is_some_and(|until| until <= c.valid_from) {
        return Err(WireError::Value("valid_until"));
    }
    set("laws", &c.laws, 1)?;
    set("recorders", &c.recorders, 0)?;
    set("rests_on", &c.rests_on, 0)?;
    // A record of a batch does not say what it rests on: nobody could hold it to that.
    if c.batch > 0 && !c.rests_on.is_empty() {
        return Err(WireError::Value("batch"));
    }
    // What is not adverse needs no repair, and a list without rules has no exit.
    if c.repair.is_some() && c.degree == Degree::None {
        return Err(WireError::Value("repair"));
    }
    if c.list.is_some() == c.kind.is_list() { Ok(()) } else { Err(WireError::Value("list")) }
});

/// A list that stands for a set: `min` to 64, rising.
pub(super) fn set<T: Ord>(what: &'static str, list: &[T], min: usize) -> Result<(), WireError> {
    size(what, list, min, MAX_DATA_LIST)?;
    if list.windows(2).all(|w| w[0] < w[1]) { Ok(()) } else { Err(WireError::Order(what)) }
}

/// What a class's records tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClassKind {
    /// An administrative licence, published within days of its decision.
    Licence,
    /// An administrative penalty, published within days of its decision.
    Penalty,
    /// Another administrative act: confirmation, ruling, levy, reward, inspection.
    Administrative,
    /// A judgement or its enforcement.
    Judicial,
    /// A commitment, which is kept or broken.
    Commitment,
    /// A place on a list of trustworthiness.
    RedList,
    /// A place on a list of dishonesty.
    BlackList,
    /// How a contract is performed.
    Contract,
    /// The result of an evaluation.
    Evaluation,
    /// Registration, qualification, other facts.
    Basic,
}

numbered!(ClassKind {
    1 => Licence,
    2 => Penalty,
    3 => Administrative,
    4 => Judicial,
    5 => Commitment,
    6 => RedList,
    7 => BlackList,
    8 => Contract,
    9 => Evaluation,
    10 => Basic,
});

impl ClassKind {
    /// Whether it is a list.
    #[must_use]
    pub const fn is_list(self) -> bool {
        matches!(self, Self::RedList | Self::BlackList)
    }

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Licence => "licence",
            Self::Penalty => "penalty",
            Self::Administrative => "administrative",
            Self::Judicial => "judicial",
            Self::Commitment => "commitment",
            Self::RedList => "red-list",
            Self::BlackList => "black-list",
            Self::Contract => "contract",
            Self::Evaluation => "evaluation",
            Self::Basic => "basic",
        }
    }
}

/// How grave an item is, by the degrees of the rules of repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Degree {
    /// Not adverse.
    None,
    /// Minor.
    Minor,
    /// Ordinary.
    Ordinary,
    /// Serious.
    Serious,
}

numbered!(Degree { 0 => None, 1 => Minor, 2 => Ordinary, 3 => Serious });

/// Whom records are shown to while they are in force. To a court, all are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disclosure {
    /// Everybody.
    Public,
    /// Whom the subject authorised, and who may see it by law.
    Authorised,
    /// Who may see it by law.
    Internal,
}

numbered!(Disclosure { 1 => Public, 2 => Authorised, 3 => Internal });

/// What it means for an item that the one that it rests on has ended. That it was withdrawn is always a ground to end this one too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Footing {
    /// The item stands by itself: it has a term and a repair of its own.
    Own,
    /// It may be ended also because the one that it rests on was repaired, struck off, or ended by a correction.
    Basis,
}

numbered!(Footing { 0 => Own, 1 => Basis });

/// How long a record is shown. A month ends on the day of the same number, or on the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// From which day on it counts.
    pub base: TermBase,
    /// Months before which it is neither repaired nor struck off a list.
    pub min_months: u16,
    /// Months after which it is no longer shown; `None`: it does not expire by the class.
    pub max_months: Option<u16>,
}

sequence!(Term { base, min_months, max_months } check |t: &Term| {
    // A hundred years: what is longer does not expire.
    let most = 1200;
    let max = t.max_months.unwrap_or(most);
    if t.min_months <= max && max <= most { Ok(()) } else { Err(WireError::Value("max_months")) }
});

/// From which day a term counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TermBase {
    /// The day of the decision, or of the breach.
    Decision,
    /// The day of the block that published it.
    Publication,
}

numbered!(TermBase { 1 => Decision, 2 => Publication });

/// How soon things must be done. Working days are counted off the ledger with a published calendar; the ledger checks that the
/// result can be right, and anyone with the calendar whether it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    /// Working days from a decision to its publication; `None`: no such duty.
    pub publish_days: Option<u16>,
    /// Days after which a decision can no longer be recorded.
    pub age_days: u32,
    /// Working days to resolve an objection.
    pub objection_days: u16,
    /// Working days from the end of a decision to its record's withdrawal.
    pub withdraw_days: u16,
}

sequence!(TimeLimits { publish_days, age_days, objection_days, withdraw_days } check |l: &TimeLimits| {
    let days = [l.publish_days.unwrap_or(1), l.objection_days, l.withdraw_days];
    // A year of working days: no law gives longer for an act of a day.
    if days.iter().all(|d| (1..=250).contains(d)) { Ok(()) } else { Err(WireError::Value("days")) }
});

/// How records of a class are repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairRule {
    /// Kinds of evidence that an application must have, rising.
    pub evidence: Vec<EvidenceKind>,
    /// Working days to decide.
    pub days: u16,
}

sequence!(RepairRule { evidence, days } check |r: &RepairRule| {
    set("evidence", &r.evidence, 0)?;
    if (1..=250).contains(&r.days) { Ok(()) } else { Err(WireError::Value("days")) }
});

/// What holds for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRule {
    /// Kinds of evidence that an exit by its conditions must have, rising.
    pub exit: Vec<EvidenceKind>,
    /// Classes whose items cost a subject its place at once, rising.
    pub excludes: Vec<ClassCode>,
    /// Measures, or incentives, that an entry allows, rising by code.
    pub measures: Vec<ListMeasure>,
    /// Working days to lift a measure once the entry has ended.
    pub lift_days: u16,
}

sequence!(ListRule { exit, excludes, measures, lift_days } check |l: &ListRule| {
    set("exit", &l.exit, 0)?;
    set("excludes", &l.excludes, 0)?;
    size("measures", &l.measures, 0, MAX_DATA_LIST)?;
    rising("measures", &l.measures, |m| m.code.clone())?;
    if (1..=250).contains(&l.lift_days) { Ok(()) } else { Err(WireError::Value("days")) }
});

impl ListRule {
    /// What the list says of a measure; `None`: it does not allow it.
    #[must_use]
    pub fn measure(&self, code: &MeasureCode) -> Option<&ListMeasure> {
        self.measures.iter().find(|measure| measure.code == *code)
    }
}

/// A measure, or an incentive, that a list allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListMeasure {
    /// Its code.
    pub code: MeasureCode,
    /// The laws on which it may be applied, rising.
    pub laws: Vec<Law>,
}

/// Most laws of a measure: with as many for each of 64 measures, the largest class still fits a record.
pub const MAX_MEASURE_LAWS: usize = 4;

sequence!(ListMeasure { code, laws } check |m: &ListMeasure| {
    set("laws", &m.laws, 1)?;
    size("laws", &m.laws, 1, MAX_MEASURE_LAWS)
});

/// Which version of a class or a formula is the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassState {
    /// The newest version.
    pub version: u32,
    /// Who published it.
    pub authority: OrganisationCode,
    /// Height of the record.
    pub height: u64,
}

sequence!(ClassState { version, authority, height });

/// Evidence by kind: a salted digest of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Of which kind.
    pub kind: EvidenceKind,
    /// Salted digest.
    pub digest: Digest,
}

sequence!(Evidence { kind, digest });

/// Each kind once, rising.
pub(super) fn evidence(list: &[Evidence]) -> Result<(), WireError> {
    size("evidence", list, 0, MAX_DATA_LIST)?;
    rising("evidence", list, |e| e.kind.clone())
}
