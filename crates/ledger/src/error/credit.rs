//! Why a record about credit or assets is refused.

use yinxin_gm::Digest;
use yinxin_record::{
    AssetKey, AssetKind, ClassCode, ClassReference, Date, EventChain, EvidenceKind, Law,
    MeasureCode, OrganisationCode, Subject,
};
use yinxin_verdict::{Lang, UnixTime};

use super::phrases::chinese as phrase;

/// Why a record about credit or assets may not be committed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreditError {
    /// The record of the other ledger is recognised.
    AlreadyRecognised {
        /// Id of the item that recognises it.
        item: Digest,
    },
    /// An item of the class stands on this ground: nothing is recorded twice, nor again after its end.
    AlreadyRecorded {
        /// Its id.
        item: Digest,
    },
    /// The item is repaired: it is not repaired twice.
    AlreadyRepaired {
        /// Id of the application that was accepted.
        application: Digest,
    },
    /// The asset is somebody's pledge.
    AssetPledged {
        /// Whom to ask.
        holder: OrganisationCode,
        /// Since when.
        since: UnixTime,
    },
    /// The decision is too old to be recorded.
    BackDated {
        /// The oldest day that is possible.
        oldest: Date,
        /// The record's.
        found: Date,
    },
    /// What the record rests on does not carry it.
    BasisOther {
        /// What could.
        expected: String,
        /// What it names.
        found: String,
    },
    /// The ledger does not know what the record rests on.
    BasisUnknown {
        /// What it names.
        basis: String,
    },
    /// More records of the class than one batch may have.
    BatchVolume {
        /// Of which class.
        class: ClassReference,
        /// The most; 0 if the class does not come in batches.
        max: u64,
        /// The batch's.
        found: u64,
    },
    /// The minimum term is not over.
    BeforeMinimum {
        /// The first day after it.
        earliest: Date,
        /// The block's.
        today: Date,
    },
    /// Not the subject's chain of events: something was left out, added or moved.
    ChainOther {
        /// The ledger's.
        expected: EventChain,
        /// The record's.
        found: EventChain,
    },
    /// What was seen leaves out what was there at the time as of which it was looked at.
    ChainShort {
        /// How many records were seen.
        seen: u64,
        /// Time of the block of the next one.
        since: UnixTime,
        /// As of when.
        as_of: UnixTime,
    },
    /// The version of the class does not judge decisions of that day.
    ClassNotInForce {
        /// Which version.
        class: ClassReference,
        /// The first day that it judges.
        from: Date,
        /// The first day that it no longer judges.
        until: Option<Date>,
        /// The record's.
        found: Date,
    },
    /// No such version of a class, or of a formula, is published.
    ClassUnknown {
        /// Which.
        class: ClassReference,
    },
    /// Nobody keeps the register of this kind of assets.
    CustodianUnknown {
        /// Of which kind.
        kind: AssetKind,
    },
    /// A day out of range.
    DateRange {
        /// Of what.
        what: &'static str,
        /// The first that is possible.
        min: Date,
        /// The last.
        max: Date,
        /// The record's.
        found: Date,
    },
    /// The class sets a time to publish and the record names none, or the other way round.
    DeadlineOther {
        /// Working days that the class sets.
        expected: Option<u16>,
    },
    /// The class asks for evidence of a kind that there is none of.
    EvidenceMissing {
        /// Of which kind.
        kind: EvidenceKind,
    },
    /// The record is not in that batch: its way does not lead to the batch's log root.
    InclusionBad {
        /// Whose batch.
        source: OrganisationCode,
        /// Which.
        sequence: u64,
    },
    /// The debt is registered as another asset that is not over.
    DebtRegistered {
        /// As which.
        asset: AssetKey,
    },
    /// The class does not rest on this law.
    LawOther {
        /// Which class.
        class: ClassReference,
        /// The record's.
        found: Law,
    },
    /// The list does not allow this measure.
    MeasureOther {
        /// Which list.
        class: ClassReference,
        /// The record's.
        found: MeasureCode,
    },
    /// Not an item of a list.
    NotListed {
        /// Its class.
        class: ClassCode,
    },
    /// Items of the class are not repaired.
    NotRepairable {
        /// Which class.
        class: ClassReference,
    },
    /// The item has an open objection.
    ObjectionOpen {
        /// Its id.
        objection: Digest,
    },
    /// The item's term is over.
    PeriodPast {
        /// The first day after it.
        until: Date,
        /// The block's.
        today: Date,
    },
    /// The item has an open application for repair.
    RepairOpen {
        /// Its id.
        application: Digest,
    },
    /// The batch does not go on from where the source's last one ended.
    RootOther {
        /// The root after the last one.
        expected: Digest,
        /// The record's.
        found: Digest,
    },
    /// The custodian has said already which secret it makes pseudonyms with.
    SecretKnown {
        /// Who.
        custodian: String,
    },
    /// Not the source's next batch.
    SequenceOther {
        /// The next.
        expected: u64,
        /// The record's.
        found: u64,
    },
    /// No key of the subject is known.
    SubjectKeyUnknown {
        /// Whose.
        subject: Subject,
    },
    /// The owner signed for another turn of the asset.
    TurnOther {
        /// The asset's.
        expected: u64,
        /// The record's.
        found: u64,
    },
    /// A commitment does not say by when it is to be kept.
    UntilMissing {
        /// Its class.
        class: ClassReference,
    },
    /// Not the next version.
    VersionOther {
        /// The next.
        expected: u32,
        /// The record's.
        found: u32,
    },
    /// What the subject signed is on the ledger: a word counts once.
    WordKnown {
        /// The record that brought it.
        record: Digest,
    },
}

impl CreditError {
    /// A short stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyRecognised { .. } => "ALREADY_RECOGNISED",
            Self::AlreadyRecorded { .. } => "ALREADY_RECORDED",
            Self::AlreadyRepaired { .. } => "ALREADY_REPAIRED",
            Self::AssetPledged { .. } => "ASSET_PLEDGED",
            Self::BackDated { .. } => "BACK_DATED",
            Self::BasisOther { .. } => "BASIS_OTHER",
            Self::BasisUnknown { .. } => "BASIS_UNKNOWN",
            Self::BatchVolume { .. } => "BATCH_VOLUME",
            Self::BeforeMinimum { .. } => "BEFORE_MINIMUM",
            Self::ChainOther { .. } => "CHAIN_OTHER",
            Self::ChainShort { .. } => "CHAIN_SHORT",
            Self::ClassNotInForce { .. } => "CLASS_NOT_IN_FORCE",
            Self::ClassUnknown { .. } => "CLASS_UNKNOWN",
            Self::CustodianUnknown { .. } => "CUSTODIAN_UNKNOWN",
            Self::DateRange { .. } => "DATE_RANGE",
            Self::DebtRegistered { .. } => "DEBT_REGISTERED",
            Self::DeadlineOther { .. } => "DEADLINE_OTHER",
            Self::EvidenceMissing { .. } => "EVIDENCE_MISSING",
            Self::InclusionBad { .. } => "INCLUSION_BAD",
            Self::LawOther { .. } => "LAW_OTHER",
            Self::MeasureOther { .. } => "MEASURE_OTHER",
            Self::NotListed { .. } => "NOT_LISTED",
            Self::NotRepairable { .. } => "NOT_REPAIRABLE",
            Self::ObjectionOpen { .. } => "OBJECTION_OPEN",
            Self::PeriodPast { .. } => "PERIOD_PAST",
            Self::RepairOpen { .. } => "REPAIR_OPEN",
            Self::RootOther { .. } => "ROOT_OTHER",
            Self::SecretKnown { .. } => "SECRET_KNOWN",
            Self::SequenceOther { .. } => "SEQUENCE_OTHER",
            Self::SubjectKeyUnknown { .. } => "SUBJECT_KEY_UNKNOWN",
            Self::TurnOther { .. } => "TURN_OTHER",
            Self::UntilMissing { .. } => "UNTIL_MISSING",
            Self::VersionOther { .. } => "VERSION_OTHER",
            Self::WordKnown { .. } => "WORD_KNOWN",
        }
    }

    /// The refusal in words.
    #[must_use]
    pub(super) fn words(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.english(),
            Lang::Zh => self.chinese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::AlreadyRecognised { item } => format!("item {item} recognises it already"),
            Self::AlreadyRecorded { item } => format!("item {item} stands on this ground already"),
            Self::AlreadyRepaired { application } => {
                format!("the item is repaired, by application {application}")
            }
            Self::AssetPledged { holder, since } => {
                format!("the asset is pledged to {holder} since {since}")
            }
            Self::BackDated { oldest, found } => {
                format!("expected a decision of {oldest} or later, got one of {found}")
            }
            Self::BasisOther { expected, found } => {
                format!("it must rest on {expected}, and rests on {found}")
            }
            Self::BasisUnknown { basis } => format!("the ledger knows no {basis} to rest on"),
            Self::BatchVolume { class, max, found } => {
                format!("expected at most {max} records of {class} in a batch, got {found}")
            }
            Self::BeforeMinimum { earliest, today } => {
                format!("not before {earliest}, today is {today}")
            }
            Self::ChainOther { expected, found } => format!(
                "the subject's chain is {} records to {}, not {} to {}",
                expected.count, expected.head, found.count, found.head
            ),
            Self::ChainShort { seen, since, as_of } => format!(
                "{seen} records were seen as of {as_of}, and the next one is of {since}: it was left out"
            ),
            Self::ClassNotInForce { class, from, until: Some(until), found } => {
                format!("{class} judges decisions from {from} until {until}, not of {found}")
            }
            Self::ClassNotInForce { class, from, until: None, found } => {
                format!("{class} judges decisions from {from} on, not of {found}")
            }
            Self::ClassUnknown { class } => format!("{class} is not published"),
            Self::CustodianUnknown { kind } => {
                format!("nobody keeps the register of assets of kind {}", kind.name())
            }
            Self::DateRange { what, min, max, found } => {
                format!("{what}: expected a day from {min} to {max}, got {found}")
            }
            Self::DeadlineOther { expected: Some(days) } => {
                format!("expected a time to publish by, {days} working days after the decision")
            }
            Self::DeadlineOther { expected: None } => {
                "the class sets no time to publish by".to_owned()
            }
            Self::EvidenceMissing { kind } => format!("there is no evidence of kind {kind}"),
            Self::DebtRegistered { asset } => format!("the debt is registered as {asset}"),
            Self::InclusionBad { source, sequence } => {
                format!("the record is not proven to be in batch {sequence} of {source}")
            }
            Self::LawOther { class, found } => format!("{class} does not rest on {found}"),
            Self::MeasureOther { class, found } => format!("{class} does not allow {found}"),
            Self::NotListed { class } => {
                format!("{class} is no list: this needs an item of a list")
            }
            Self::NotRepairable { class } => format!("items of {class} are not repaired"),
            Self::ObjectionOpen { objection } => format!("objection {objection} is open"),
            Self::PeriodPast { until, today } => {
                format!("the item's term ended on {until}, today is {today}")
            }
            Self::RepairOpen { application } => {
                format!("application {application} for its repair is open")
            }
            Self::RootOther { expected, found } => {
                format!("expected a batch that goes on from root {expected}, got one from {found}")
            }
            Self::SecretKnown { custodian } => {
                format!("{custodian} has said already which secret it makes pseudonyms with")
            }
            Self::SequenceOther { expected, found } => {
                format!("expected batch {expected} of this source, got {found}")
            }
            Self::SubjectKeyUnknown { subject } => format!("no key of {subject} is known"),
            Self::TurnOther { expected, found } => {
                format!("the asset is at turn {expected}, its owner signed for {found}")
            }
            Self::UntilMissing { class } => {
                format!("a commitment of {class} says by when it is to be kept")
            }
            Self::VersionOther { expected, found } => {
                format!("expected version {expected}, got {found}")
            }
            Self::WordKnown { record } => {
                format!("what the subject signed came with record {record}, and counts once")
            }
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::AlreadyRecognised { item } => format!("该记录已由信用记录 {item} 互认"),
            Self::AlreadyRecorded { item } => format!("同一依据已有信用记录 {item}"),
            Self::AlreadyRepaired { application } => {
                format!("该信用记录已修复（申请 {application}）")
            }
            Self::AssetPledged { holder, since } => {
                format!("该资产自 {since} 起已质押给 {holder}")
            }
            Self::BackDated { oldest, found } => {
                format!("决定日期应不早于 {oldest}，实为 {found}")
            }
            Self::BasisOther { expected, found } => {
                format!("依据应为{}，实为{}", phrase(expected), phrase(found))
            }
            Self::BasisUnknown { basis } => format!("账本上没有所依据的{}", phrase(basis)),
            Self::BatchVolume { class, max, found } => {
                format!("每批 {class} 至多 {max} 条，实为 {found}")
            }
            Self::BeforeMinimum { earliest, today } => {
                format!("最早 {earliest} 方可办理，今日 {today}")
            }
            Self::ChainOther { expected, found } => format!(
                "该主体事件链为 {} 条至 {}，而非 {} 条至 {}",
                expected.count, expected.head, found.count, found.head
            ),
            Self::ChainShort { seen, since, as_of } => {
                format!("截至 {as_of} 只见 {seen} 条，而下一条为 {since}：有遗漏")
            }
            Self::ClassNotInForce { class, from, until: Some(until), found } => {
                format!("{class} 适用于 {from} 至 {until} 前的决定，不适用于 {found}")
            }
            Self::ClassNotInForce { class, from, until: None, found } => {
                format!("{class} 适用于 {from} 起的决定，不适用于 {found}")
            }
            Self::ClassUnknown { class } => format!("{class} 尚未发布"),
            Self::CustodianUnknown { kind } => {
                format!("{} 类资产尚无登记机构", kind.name())
            }
            Self::DateRange { what, min, max, found } => {
                format!("{}：日期应在 {min} 至 {max} 之间，实为 {found}", phrase(what))
            }
            Self::DeadlineOther { expected: Some(days) } => {
                format!("应载明公示期限：自决定之日起 {days} 个工作日")
            }
            Self::DeadlineOther { expected: None } => "该类目未规定公示期限".to_owned(),
            Self::EvidenceMissing { kind } => format!("缺少证明材料 {kind}"),
            Self::DebtRegistered { asset } => format!("同一债权已登记为 {asset}"),
            Self::InclusionBad { source, sequence } => {
                format!("未能证明该记录在 {source} 第 {sequence} 批次之中")
            }
            Self::LawOther { class, found } => format!("{class} 不以 {found} 为依据"),
            Self::MeasureOther { class, found } => format!("{class} 不允许采取 {found}"),
            Self::NotListed { class } => format!("{class} 不是名单，须以名单记录为依据"),
            Self::NotRepairable { class } => format!("{class} 的记录不予修复"),
            Self::ObjectionOpen { objection } => format!("异议 {objection} 尚未办结"),
            Self::PeriodPast { until, today } => {
                format!("该记录公示期已于 {until} 届满，今日 {today}")
            }
            Self::RepairOpen { application } => format!("修复申请 {application} 尚未办结"),
            Self::RootOther { expected, found } => {
                format!("批次应自状态根 {expected} 续接，实为 {found}")
            }
            Self::SecretKnown { custodian } => format!("{custodian} 已登记其假名所用的密钥"),
            Self::SequenceOther { expected, found } => {
                format!("该来源的下一批次应为 {expected}，实为 {found}")
            }
            Self::SubjectKeyUnknown { subject } => format!("未登记主体 {subject} 的密钥"),
            Self::TurnOther { expected, found } => {
                format!("该资产当前序次为 {expected}，所有人所签为 {found}")
            }
            Self::UntilMissing { class } => format!("{class} 的承诺须写明履行期限"),
            Self::VersionOther { expected, found } => {
                format!("版本应为 {expected}，实为 {found}")
            }
            Self::WordKnown { record } => format!("主体所签内容已由记录 {record} 提交，仅计一次"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use yinxin_record::{Pseudonym, Text};

    use super::*;
    use crate::advice;

    fn all() -> Vec<CreditError> {
        use CreditError as E;
        let digest = Digest::ZERO;
        let code = OrganisationCode::new("11430000006122244L").unwrap();
        let date = Date::parse("2026-11-22").unwrap();
        let class = ClassReference { code: ClassCode::new("penalty").unwrap(), version: 1 };
        let chain = EventChain { count: 1, head: digest };
        let pseudonym = Pseudonym { custodian: code.clone(), value: digest };
        let text = || "a".to_owned();
        vec![
            E::AlreadyRecognised { item: digest },
            E::AlreadyRecorded { item: digest },
            E::AlreadyRepaired { application: digest },
            E::AssetPledged { holder: code, since: UnixTime::EPOCH },
            E::BackDated { oldest: date, found: date },
            E::BasisOther { expected: text(), found: text() },
            E::BasisUnknown { basis: text() },
            E::BatchVolume { class: class.clone(), max: 1, found: 2 },
            E::BeforeMinimum { earliest: date, today: date },
            E::ChainOther { expected: chain, found: chain },
            E::ChainShort { seen: 1, since: UnixTime::EPOCH, as_of: UnixTime::EPOCH },
            E::ClassNotInForce { class: class.clone(), from: date, until: None, found: date },
            E::ClassUnknown { class: class.clone() },
            E::CustodianUnknown { kind: AssetKind::Invoice },
            E::DateRange { what: "until", min: date, max: date, found: date },
            E::DeadlineOther { expected: Some(7) },
            E::EvidenceMissing { kind: Text::new("duty").unwrap() },
            E::InclusionBad { source: pseudonym.custodian.clone(), sequence: 1 },
            E::DebtRegistered { asset: AssetKey { kind: AssetKind::Invoice, value: digest } },
            E::LawOther { class: class.clone(), found: Text::new("law").unwrap() },
            E::MeasureOther { class: class.clone(), found: Text::new("tender").unwrap() },
            E::NotListed { class: class.code.clone() },
            E::NotRepairable { class: class.clone() },
            E::UntilMissing { class },
            E::ObjectionOpen { objection: digest },
            E::PeriodPast { until: date, today: date },
            E::RepairOpen { application: digest },
            E::RootOther { expected: digest, found: digest },
            E::SecretKnown { custodian: text() },
            E::SequenceOther { expected: 1, found: 2 },
            E::SubjectKeyUnknown { subject: Subject::Person(pseudonym) },
            E::TurnOther { expected: 1, found: 2 },
            E::VersionOther { expected: 1, found: 2 },
            E::WordKnown { record: digest },
        ]
    }

    #[test]
    fn each_refusal_has_a_code_words_and_advice_in_both_languages() {
        let all = all();
        let codes: BTreeSet<_> = all.iter().map(CreditError::code).collect();
        assert_eq!(codes.len(), all.len(), "one code each");
        for error in all {
            let (code, chinese) = (error.code(), error.words(Lang::Zh));
            assert!(error.words(Lang::En).is_ascii(), "{code}");
            assert!(!chinese.is_ascii(), "{code}: {chinese}");
            for lang in [Lang::En, Lang::Zh] {
                assert!(!advice(code, lang).is_empty(), "{code} has no advice");
            }
        }
    }
}
