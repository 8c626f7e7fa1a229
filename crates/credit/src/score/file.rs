//! A formula as people write it.

use serde::Deserialize;
use toml::Spanned;
use yinxin_gm::sm3;
use yinxin_record::{ClassCode, Date, ItemStatus};

use super::{Formula, Indicator};
use crate::{
    Error,
    config::{codes, line_of, say, stated, text},
};

/// Largest file, bytes.
const FILE_MAX: usize = 256 * 1024;
/// Most indicators, and most steps of a decay.
const MAX_ROWS: usize = 256;
/// Points beyond this mean nothing, and sums of a hundred thousand items stay far from where numbers end.
const MAX_POINTS: i64 = 1_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    code: String,
    version: u32,
    name: String,
    valid_from: String,
    start: i64,
    least: i64,
    most: i64,
    source: String,
    indicator: Vec<Spanned<FileIndicator>>,
    grade: Vec<Spanned<FileGrade>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileIndicator {
    id: String,
    name: String,
    classes: Vec<String>,
    status: Option<String>,
    points: i64,
    #[serde(default)]
    decay: Vec<FileStep>,
    least: Option<i64>,
    most: Option<i64>,
    cap: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileStep {
    after: u16,
    thousandths: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGrade {
    name: String,
    from: i64,
}

pub(super) fn read(text_of: &str) -> Result<Formula, Error> {
    let bad = |line, why| Error::ConfigBad { what: "formula", line, why };
    if text_of.len() > FILE_MAX {
        return Err(bad(1, format!("{} bytes, at most {FILE_MAX} are read", text_of.len())));
    }
    let file: File = toml::from_str(text_of).map_err(|e| {
        bad(line_of(text_of, e.span().map_or(0, |span| span.start)), e.message().to_owned())
    })?;
    let mut indicators: Vec<Indicator> = Vec::new();
    for row in file.indicator {
        let line = line_of(text_of, row.span().start);
        let read = indicator(row.into_inner()).map_err(|why| bad(line, why))?;
        if indicators.iter().any(|i| i.id == read.id) || indicators.len() == MAX_ROWS {
            return Err(bad(
                line,
                format!("indicator {} stands twice, or there are too many", read.id),
            ));
        }
        indicators.push(read);
    }
    let mut grades: Vec<(i64, String)> = Vec::new();
    for row in file.grade {
        let line = line_of(text_of, row.span().start);
        let FileGrade { name, from } = row.into_inner();
        if grades.last().is_some_and(|(last, _)| *last <= from) {
            return Err(bad(line, format!("grade {name}: grades fall by points")));
        }
        grades.push((from, name));
    }
    let whole = || {
        stated("source", file.source.clone())?;
        let fits = |n: &i64| (-MAX_POINTS..=MAX_POINTS).contains(n);
        let ordered = file.least <= file.start && file.start <= file.most;
        if !ordered || ![file.least, file.start, file.most].iter().all(fits) || grades.is_empty() {
            return Err("least, start and most rise, within a million; there is a grade".to_owned());
        }
        if file.version == 0 {
            return Err("versions begin with 1".to_owned());
        }
        Ok(Formula {
            code: ClassCode::new(&file.code).map_err(say)?,
            version: file.version,
            name: text("name", file.name.clone())?,
            valid_from: Date::parse(&file.valid_from).map_err(say)?,
            start: file.start,
            least: file.least,
            most: file.most,
            indicators: indicators.clone(),
            grades: grades.clone(),
            digest: sm3::digest(text_of.as_bytes()),
        })
    };
    whole().map_err(|why| bad(1, why))
}

fn indicator(row: FileIndicator) -> Result<Indicator, String> {
    let FileIndicator { id, name, classes, status, points, decay, least, most, cap } = row;
    let status = match status {
        None => None,
        Some(word) => {
            let found = ItemStatus::ALL.iter().copied().find(|s| s.name() == word);
            Some(
                found
                    .filter(|s| s.is_in_force())
                    .ok_or_else(|| format!("{id}: status {word:?}"))?,
            )
        }
    };
    let numbers = [Some(points), least, most, cap];
    if numbers.iter().flatten().any(|n| !(-MAX_POINTS..=MAX_POINTS).contains(n)) {
        return Err(format!("{id}: points within a million"));
    }
    if least.zip(most).is_some_and(|(least, most)| least > most) {
        return Err(format!("{id}: least is above most"));
    }
    let steps: Vec<(u16, u16)> = decay.iter().map(|s| (s.after, s.thousandths)).collect();
    let fades = steps.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 >= w[1].1);
    if !fades || steps.iter().any(|(_, left)| *left > 1000) || steps.len() > MAX_ROWS {
        return Err(format!("{id}: months rise, thousandths fall from 1000 on"));
    }
    let classes = codes("classes", &classes, ClassCode::new)?;
    if classes.is_empty() || id.is_empty() || name.is_empty() {
        return Err("an id, a name and a class".to_owned());
    }
    Ok(Indicator { id, name, classes, status, points, decay: steps, least, most, cap })
}
