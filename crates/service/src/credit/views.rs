//! Items and classes for people, with what a subject can do about an item, as its class says.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Serialize;
use utoipa::ToSchema;
use yinxin_calendar::Calendar;
use yinxin_credit::{ClassTable, CreditItem, ItemDates};
use yinxin_gm::Digest;
use yinxin_record::{
    Basis, ClassKind, Date, Degree, Disclosure, ItemEvent, ItemState, MeasureCode, MeasureState,
    PublishClass, TermBase, next_item_status,
};
use yinxin_verdict::UnixTime;

use crate::{
    Problem,
    data::life::{Parties, Party},
};

/// China's working days, for the deadlines of what is not done yet; what was done carries its own.
static CALENDAR: LazyLock<Option<Calendar>> = LazyLock::new(|| Calendar::china().ok());

/// What measures and incentives are called, by the national list; a region's own have only their codes.
static MEASURES: LazyLock<BTreeMap<MeasureCode, String>> = LazyLock::new(|| {
    let table = ClassTable::national().ok();
    let named = table.iter().flat_map(ClassTable::measures);
    named.map(|measure| (measure.code.clone(), measure.name.to_string())).collect()
});

/// What a measure or incentive is called.
pub(super) fn measure_name(code: &MeasureCode) -> Option<String> {
    MEASURES.get(code).cloned()
}

/// A version of a class as published.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClassView {
    version: u32,
    name: String,
    /// Such as `penalty` or `black-list`.
    kind: &'static str,
    /// `none`, `minor`, `ordinary` or `serious`.
    degree: &'static str,
    /// Whom its records are shown to: `public`, `authorised` or `internal`.
    disclosure: &'static str,
    valid_from: String,
    valid_until: Option<String>,
    laws: Vec<String>,
    /// Who may record; empty: whoever has the power.
    recorders: Vec<String>,
    rests_on: Vec<String>,
    /// From which day its term counts: `decision` or `publication`.
    term_from: &'static str,
    min_months: u16,
    max_months: Option<u16>,
    ways: WaysView,
    /// Working days from a decision to its publication.
    publish_days: Option<u16>,
    age_days: u32,
    /// Measures or incentives that a place on the list allows.
    measures: Vec<String>,
    /// Classes whose items cost a place on the list.
    excludes: Vec<String>,
    /// Most records in one batch.
    batch: u64,
    /// SM3 of the class file.
    definition: String,
}

/// What can be done about an item, by its class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaysView {
    /// Working days in which an objection is resolved.
    objection_days: u16,
    /// Working days in which an item is withdrawn once its decision fell.
    withdraw_days: u16,
    /// `None`: its items cannot be repaired.
    repair: Option<RepairWay>,
    /// Evidence that an exit from the list must have; `None`: it is no list.
    exit: Option<Vec<String>>,
}

/// How an item is repaired.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RepairWay {
    /// Kinds of evidence that an application must have.
    evidence: Vec<String>,
    /// Working days to decide.
    days: u16,
}

/// An item as it stands or stood.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemView {
    pub(super) id: String,
    /// Code and version.
    class: String,
    class_name: String,
    kind: &'static str,
    degree: &'static str,
    status: &'static str,
    /// Whether it is shown: in force, and its term not over.
    shown: bool,
    /// Somebody objects to it, and that is not resolved.
    disputed: bool,
    /// An application for its repair is not decided.
    repair_open: bool,
    corrections: u32,
    /// It was published later than it had to be.
    late: bool,
    authority: Party,
    /// The day of the decision.
    decided: String,
    /// When it was recorded.
    recorded: String,
    /// The first day on which it may be repaired or struck off.
    minimum: String,
    /// The first day on which it is no longer shown.
    until: Option<String>,
    ways: WaysView,
    can: CanView,
    days: DaysView,
}

/// What may be asked for as an item stands, by the ledger's table of states and its class; whether its time has come, `days` says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CanView {
    /// An objection can be raised on the ledger: of an item of a batch, as a case (`credit case object`).
    object: bool,
    /// Its repair can be applied for: an unbroken commitment has nothing to repair.
    repair: bool,
    /// A place on a black list can be left by its conditions.
    leave: bool,
}

/// A measure or incentive that rests on a place on a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeasureView {
    id: String,
    /// Its code.
    measure: String,
    /// Its name, if the national list has it.
    name: Option<String>,
    /// `applied` or `lifted`.
    status: &'static str,
    by: Party,
    /// How often its department told what came of it.
    feedbacks: u32,
    /// What it told last, by code; none before it told anything.
    result: Option<u16>,
    /// Why it was lifted, by code; 0: no reason was given.
    reason: u16,
    /// When it last changed.
    since: String,
    /// Its place has ended, and its department has not lifted it.
    due: bool,
}

/// What an item rests on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BasisView {
    /// `decision`, `document`, `licence`, `item` or `foreign`.
    kind: &'static str,
    id: String,
}

/// Days that count for an item, by China's working days.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct DaysView {
    /// The last day on which its publication was in time.
    publish_by: Option<String>,
    /// The first day on which an application for repair is accepted.
    repairable: Option<String>,
    /// The last day to decide an application that is made on the day asked for.
    repair_by: Option<String>,
    /// The last day to resolve an objection that is raised on the day asked for.
    objection_by: Option<String>,
}

impl ClassView {
    pub(super) fn of(class: &PublishClass) -> Self {
        let list = class.list.as_ref();
        Self {
            version: class.version,
            name: class.name.to_string(),
            kind: class.kind.name(),
            degree: degree(class.degree),
            disclosure: match class.disclosure {
                Disclosure::Public => "public",
                Disclosure::Authorised => "authorised",
                _ => "internal",
            },
            valid_from: class.valid_from.to_string(),
            valid_until: class.valid_until.map(|day| day.to_string()),
            laws: texts(&class.laws),
            recorders: texts(&class.recorders),
            rests_on: texts(&class.rests_on),
            term_from: match class.term.base {
                TermBase::Publication => "publication",
                _ => "decision",
            },
            min_months: class.term.min_months,
            max_months: class.term.max_months,
            ways: WaysView::of(class),
            publish_days: class.limits.publish_days,
            age_days: class.limits.age_days,
            measures: list
                .map(|list| list.measures.iter().map(|m| m.code.to_string()).collect())
                .unwrap_or_default(),
            excludes: list.map(|list| texts(&list.excludes)).unwrap_or_default(),
            batch: class.batch,
            definition: class.definition.to_string(),
        }
    }
}

impl WaysView {
    fn of(class: &PublishClass) -> Self {
        Self {
            objection_days: class.limits.objection_days,
            withdraw_days: class.limits.withdraw_days,
            repair: class
                .repair
                .as_ref()
                .map(|rule| RepairWay { evidence: texts(&rule.evidence), days: rule.days }),
            exit: class.list.as_ref().map(|list| texts(&list.exit)),
        }
    }
}

impl ItemView {
    pub(super) async fn of(
        item: &CreditItem,
        class: &PublishClass,
        at: UnixTime,
        parties: &mut Parties<'_>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            id: item.id.to_string(),
            class: item.class.to_string(),
            class_name: class.name.to_string(),
            kind: class.kind.name(),
            degree: degree(class.degree),
            status: item.status.name(),
            shown: item.is_shown(at),
            disputed: item.disputed,
            repair_open: item.repair_open,
            corrections: item.corrections,
            late: item.late,
            authority: parties.of(&item.authority).await?,
            decided: item.decided.to_string(),
            recorded: item.recorded.to_string(),
            minimum: item.minimum.to_string(),
            until: item.until.map(|day| day.to_string()),
            ways: WaysView::of(class),
            can: CanView::of(item, class),
            days: DaysView::of(item, class, at),
        })
    }
}

impl CanView {
    fn of(item: &CreditItem, class: &PublishClass) -> Self {
        let moves = |event| next_item_status(Some(item.status), event).is_ok();
        Self {
            object: moves(ItemEvent::Object),
            repair: class.repair.is_some() && moves(ItemEvent::Apply),
            leave: class.kind == ClassKind::BlackList
                && class.list.is_some()
                && moves(ItemEvent::Delist),
        }
    }
}

impl MeasureView {
    pub(super) async fn of(
        id: Digest,
        state: &MeasureState,
        item: &ItemState,
        now: UnixTime,
        parties: &mut Parties<'_>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            id: id.to_string(),
            measure: state.measure.to_string(),
            name: measure_name(&state.measure),
            status: state.status.name(),
            by: parties.of(&state.by).await?,
            feedbacks: state.feedbacks,
            result: (state.feedbacks > 0).then_some(state.result),
            reason: state.reason,
            since: state.since.to_string(),
            due: state.is_due(item, now),
        })
    }
}

impl BasisView {
    pub(super) fn of(basis: &Basis) -> Self {
        let (kind, id) = match basis {
            Basis::Decision(paper) => ("decision", paper.to_string()),
            Basis::Document(digest) => ("document", digest.to_string()),
            Basis::Licence(licence) => ("licence", licence.to_string()),
            Basis::Item(item) => ("item", item.to_string()),
            Basis::Foreign(basis) => {
                ("foreign", format!("{}:{}", basis.of.chain_id, basis.of.record))
            }
            _ => ("other", String::new()),
        };
        Self { kind, id }
    }
}

impl DaysView {
    /// Days that no calendar at hand counts are left out.
    fn of(item: &CreditItem, class: &PublishClass, at: UnixTime) -> Self {
        let dates = CALENDAR.as_ref().and_then(|c| ItemDates::of(item, class, c, at).ok());
        let repairable = class.repair.as_ref().map(|_| item.minimum.to_string());
        let Some(dates) = dates else { return Self { repairable, ..Self::default() } };
        let text = |day: Option<Date>| day.map(|day| day.to_string());
        Self {
            publish_by: text(dates.publish_by),
            repairable: text(dates.repairable),
            repair_by: text(dates.repair_by),
            objection_by: text(Some(dates.objection_by)),
        }
    }
}

pub(super) const fn degree(degree: Degree) -> &'static str {
    match degree {
        Degree::None => "none",
        Degree::Minor => "minor",
        Degree::Ordinary => "ordinary",
        _ => "serious",
    }
}

/// China's working days; `None` if the file that comes with this program cannot be read.
pub(super) fn calendar() -> Option<&'static Calendar> {
    CALENDAR.as_ref()
}

/// The first instant that is late for what was due so many working days after a day, by China's calendar; `None` if it lacks the year.
pub(super) fn counted(from: Date, working_days: Option<u16>) -> Option<UnixTime> {
    let last = yinxin_credit::deadline(CALENDAR.as_ref()?, from, working_days?).ok()?;
    Some(last.plus_days(1).start())
}

/// Whether everybody may see a class's records.
pub(super) fn is_public(class: &PublishClass) -> bool {
    class.disclosure == Disclosure::Public
}

fn texts<T: ToString>(list: &[T]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}
