//! A class table as people write it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use yinxin_gm::Digest;
use yinxin_record::{
    ClassCode, ClassKind, ClassReference, Date, Degree, Disclosure, Footing, ListMeasure, ListRule,
    MeasureCode, OrganisationCode, PublishClass, RepairRule, Term, TermBase, TimeLimits, Wire,
};

use super::{Class, Measure, Repair, bad, publication};
use crate::{
    Error,
    config::{codes, line_of, pick, say, stated, text, texts},
};

/// What a file says, each row with its line.
pub(super) struct Read {
    pub(super) name: String,
    pub(super) classes: Vec<(usize, Class)>,
    pub(super) measures: Measures,
}

type Measures = BTreeMap<MeasureCode, Measure>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    table: String,
    #[serde(default)]
    measure: Vec<Spanned<FileMeasure>>,
    class: Vec<Spanned<FileClass>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileMeasure {
    code: String,
    group: u8,
    name: String,
    laws: Vec<String>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileClass {
    code: String,
    version: u32,
    name: String,
    group: String,
    kind: String,
    degree: String,
    disclosure: String,
    valid_from: String,
    valid_until: Option<String>,
    laws: Vec<String>,
    #[serde(default)]
    recorders: Vec<String>,
    #[serde(default)]
    rests_on: Vec<String>,
    footing: Option<String>,
    form: String,
    term: FileTerm,
    limits: FileLimits,
    repair: Option<FileRepair>,
    list: Option<FileList>,
    #[serde(default)]
    batch: u64,
    source: String,
    #[serde(default)]
    unsure: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTerm {
    base: String,
    min_months: u16,
    max_months: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLimits {
    publish_days: Option<u16>,
    age_days: u32,
    objection_days: u16,
    withdraw_days: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRepair {
    evidence: Vec<String>,
    days: u16,
    extension_days: u16,
    forward_days: u16,
    sync_days: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileList {
    #[serde(default)]
    exit: Vec<String>,
    #[serde(default)]
    excludes: Vec<String>,
    #[serde(default)]
    measures: Vec<String>,
    lift_days: u16,
}

pub(super) fn read(text: &str) -> Result<Read, Error> {
    let file: File = toml::from_str(text).map_err(|e| {
        bad(line_of(text, e.span().map_or(0, |span| span.start)), e.message().to_owned())
    })?;
    let mut measures = Measures::new();
    for row in file.measure {
        let line = line_of(text, row.span().start);
        let read = measure(row.into_inner()).map_err(|why| bad(line, why))?;
        if let Some(twice) = measures.insert(read.code.clone(), read) {
            return Err(bad(line, format!("measure {} stands twice", twice.code)));
        }
    }
    let mut classes = Vec::with_capacity(file.class.len());
    for row in file.class {
        let line = line_of(text, row.span().start);
        classes.push((line, class(row.into_inner(), &measures).map_err(|why| bad(line, why))?));
    }
    Ok(Read { name: file.table, classes, measures })
}

fn measure(row: FileMeasure) -> Result<Measure, String> {
    let FileMeasure { code, group, name, laws, source } = row;
    if !(1..=3).contains(&group) {
        return Err(format!("measure {code}: group {group}, expected 1, 2 or 3"));
    }
    Ok(Measure {
        code: text("code", code)?,
        group,
        name: text("name", name)?,
        laws: texts("laws", laws)?,
        source: stated("source", source)?,
    })
}

fn class(row: FileClass, measures: &Measures) -> Result<Class, String> {
    let kind = ClassKind::ALL.iter().copied().find(|kind| kind.name() == row.kind);
    let term = Term {
        base: pick("term.base", &row.term.base, &BASES)?,
        min_months: row.term.min_months,
        max_months: row.term.max_months,
    };
    let FileLimits { publish_days, age_days, objection_days, withdraw_days } = row.limits;
    let code = ClassCode::new(&row.code).map_err(say)?;
    let class = Class {
        reference: ClassReference { code, version: row.version },
        name: text("name", row.name)?,
        group: stated("group", row.group)?,
        kind: kind.ok_or_else(|| format!("kind {:?} is unknown", row.kind))?,
        degree: pick("degree", &row.degree, &DEGREES)?,
        disclosure: pick("disclosure", &row.disclosure, &DISCLOSURES)?,
        valid_from: Date::parse(&row.valid_from).map_err(say)?,
        valid_until: row.valid_until.as_deref().map(Date::parse).transpose().map_err(say)?,
        laws: texts("laws", row.laws)?,
        recorders: codes("recorders", &row.recorders, OrganisationCode::new)?,
        rests_on: codes("rests_on", &row.rests_on, ClassCode::new)?,
        footing: row.footing.map_or(Ok(Footing::Own), |word| pick("footing", &word, &FOOTINGS))?,
        form: stated("form", row.form)?,
        term,
        limits: TimeLimits { publish_days, age_days, objection_days, withdraw_days },
        repair: row.repair.map(repair).transpose()?,
        list: row.list.map(|row| list(row, measures)).transpose()?,
        batch: row.batch,
        source: stated("source", row.source)?,
        unsure: row.unsure,
    };
    // The reader below refuses this too, and can only say that `batch` has a value that it cannot have.
    if class.batch > 0 && !class.rests_on.is_empty() {
        let (name, batch) = (&class.reference, class.batch);
        return Err(format!(
            "{name}: it rests on items, which no record of a batch names: expected batch = 0, got {batch}"
        ));
    }
    // The ledger's own reader judges what the ledger would refuse: one rule in one place.
    let act = publication(&class, Digest::ZERO, Digest::ZERO);
    match PublishClass::from_der(&act.to_der()) {
        Ok(_) => Ok(class),
        Err(error) => Err(format!("{}: {error}", class.reference)),
    }
}

fn repair(row: FileRepair) -> Result<Repair, String> {
    let FileRepair { evidence, days, extension_days, forward_days, sync_days } = row;
    let rule = RepairRule { evidence: texts("evidence", evidence)?, days };
    Ok(Repair { rule, extension_days, forward_days, sync_days })
}

/// A list names its measures by code; the laws are those of the table's row for each.
fn list(row: FileList, measures: &Measures) -> Result<ListRule, String> {
    let FileList { exit, excludes, measures: named, lift_days } = row;
    let named: Vec<MeasureCode> = texts("measures", named)?;
    let known = |code: MeasureCode| {
        let measure = measures.get(&code).ok_or_else(|| format!("list: no measure {code}"))?;
        Ok(ListMeasure { code, laws: measure.laws.clone() })
    };
    Ok(ListRule {
        exit: texts("exit", exit)?,
        excludes: codes("excludes", &excludes, ClassCode::new)?,
        measures: named.into_iter().map(known).collect::<Result<_, String>>()?,
        lift_days,
    })
}

const FOOTINGS: [(&str, Footing); 2] = [("own", Footing::Own), ("basis", Footing::Basis)];

const DEGREES: [(&str, Degree); 4] = [
    ("none", Degree::None),
    ("minor", Degree::Minor),
    ("ordinary", Degree::Ordinary),
    ("serious", Degree::Serious),
];

const DISCLOSURES: [(&str, Disclosure); 3] = [
    ("public", Disclosure::Public),
    ("authorised", Disclosure::Authorised),
    ("internal", Disclosure::Internal),
];

const BASES: [(&str, TermBase); 2] =
    [("decision", TermBase::Decision), ("publication", TermBase::Publication)];
