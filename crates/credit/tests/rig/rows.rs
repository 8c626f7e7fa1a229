//! Rows of a source, and their import.

use std::io::Cursor;

use yinxin_calendar::Calendar;
use yinxin_credit::{
    ClassTable, Error, Forms,
    source::{Importer, Job, Manifest, Reject, Rows, SourceRules, SourceStore},
};
use yinxin_gm::sm3;
use yinxin_record::{ClassCode, Date, OrganisationCode};
use zeroize::Zeroizing;

pub(crate) const AUTHORITY: &str = "11430000006122244L";
pub(crate) const HEADER: &str =
    "event,day,class,published,pseudonym,LB,SHXYM,MC,BH,NR,RQ,JZQ,JG,JGDM";

/// A list of a town whose entries come in batches, stay a year at least and rest on nothing.
pub(crate) const LIST: &str = "list.town";
/// That list, and facts that [`AUTHORITY`] alone records.
const TOWN: &str = r#"
[[class]]
code = "list.town"
version = 1
name = "某市名单"
group = "serious-list"
kind = "black-list"
degree = "serious"
disclosure = "public"
valid_from = "2021-12-16"
laws = ["某市条例"]
form = "general"
term = { base = "decision", min_months = 12, max_months = 36 }
limits = { age_days = 1095, objection_days = 5, withdraw_days = 3 }
repair = { evidence = [], days = 10, extension_days = 10, forward_days = 1, sync_days = 3 }
list = { lift_days = 3 }
batch = 1000
source = "test"

[[class]]
code = "fact.ours"
version = 1
name = "只由一个单位记录"
group = "registration"
kind = "basic"
degree = "none"
disclosure = "public"
valid_from = "2021-12-16"
laws = ["某市条例"]
recorders = ["11430000006122244L"]
form = "general"
term = { base = "decision", min_months = 0 }
limits = { age_days = 1095, objection_days = 5, withdraw_days = 3 }
batch = 1000
source = "test"
"#;

/// The national classes and a town's.
pub(crate) fn table() -> ClassTable {
    let national = include_str!("../../data/classes.toml");
    ClassTable::from_toml(&[national, TOWN].concat()).unwrap()
}

pub(crate) fn rules() -> SourceRules {
    let source = OrganisationCode::new(AUTHORITY).unwrap();
    SourceRules::new(source, table(), Calendar::china().unwrap())
}

pub(crate) fn job(batch: usize, threads: usize) -> Job {
    Job {
        class: Some(ClassCode::new("inspection").unwrap()),
        today: Date::parse("2026-11-22").unwrap(),
        input: sm3::digest(b"input"),
        batch,
        threads,
    }
}

pub(crate) fn seed() -> Zeroizing<[u8; 32]> {
    Zeroizing::new([9; 32])
}

/// Credit codes with check characters, as many as are asked for.
pub(crate) fn company(n: u32) -> String {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91330100{n:09}");
    let value = |b: u8| ALPHABET.iter().position(|a| *a == b).unwrap();
    let (sum, _) = body.bytes().fold((0, 1), |(sum, w), b| (sum + value(b) * w, w * 3 % 31));
    format!("{body}{}", char::from(ALPHABET[(31 - sum % 31) % 31]))
}

pub(crate) fn row(company: &str, number: &str) -> String {
    format!(",,,2026-03-05,,02,{company},某公司,{number},检查合格,2026-03-02,,某局,{AUTHORITY}\n")
}

/// What happens to an item of a class of the general form.
pub(crate) fn follow(event: &str, day: &str, class: &str, company: &str, number: &str) -> String {
    format!("{event},{day},{class},,,02,{company},,{number},,,,,{AUTHORITY}\n")
}

/// What is imported, and what is not; with the store.
pub(crate) fn import_into<S: SourceStore>(
    store: S,
    text: &str,
    job: Job,
) -> Result<(S, Vec<Manifest>, Vec<Reject>), Error> {
    let (rules, forms) = (rules(), Forms::standard()?);
    let mut importer = Importer::open(&rules, &forms, seed(), store, job)?;
    let mut rows = Rows::csv(Cursor::new(text.as_bytes().to_vec()))?;
    rows.seek(&importer.place())?;
    let (mut rejects, mut manifests) = (Vec::new(), Vec::new());
    while let Some(manifest) = importer.next_batch(&mut rows, &mut rejects, &mut |_| {})? {
        manifests.push(manifest);
    }
    Ok((importer.into_store(), manifests, rejects))
}
