//! Scores by a published formula: whole numbers only, so that everyone who computes again comes to the same.
//!
//! A formula is a table, not a program: it always ends, and a reader sees what counts how much. A score is derived: it is never an input of
//! anything that is recorded.

mod file;

use std::collections::BTreeMap;

use serde::Serialize;
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::Writer;
use yinxin_record::{
    ClassCode, Date, EventChain, ItemStatus, PublishFormula, PublishScore, Subject, Text,
};
use yinxin_verdict::UnixTime;

use crate::{
    CreditItem, Error,
    view::{Seen, SeenSource},
};

/// What the digest of a score's inputs begins with.
pub const INPUTS_DOMAIN: &str = "yinxin/credit-score-inputs/1";

/// A formula.
///
/// ```
/// use yinxin_credit::Formula;
///
/// let formula = Formula::example()?;
/// assert_eq!(formula.grade(800), "良");
/// assert_eq!(formula.publish().definition, formula.digest());
/// # Ok::<(), yinxin_credit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    code: ClassCode,
    version: u32,
    name: Text<256>,
    valid_from: Date,
    start: i64,
    least: i64,
    most: i64,
    indicators: Vec<Indicator>,
    /// Falling by points.
    grades: Vec<(i64, String)>,
    digest: Digest,
}

/// What counts, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Indicator {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Items of these classes count.
    pub classes: Vec<ClassCode>,
    /// Only those that stand so; `None`: all that are in force.
    pub status: Option<ItemStatus>,
    /// Points of an item, before it fades.
    pub points: i64,
    /// What is left of them after so many months, rising by months; before the first, all.
    pub decay: Vec<(u16, u16)>,
    /// The least that all items of the indicator come to.
    pub least: Option<i64>,
    /// The most.
    pub most: Option<i64>,
    /// With a single item the whole score is at most this.
    pub cap: Option<i64>,
}

/// A score, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Score {
    /// By which formula.
    pub formula: String,
    /// Which version of it.
    pub version: u32,
    /// SM3 of the formula's file.
    pub definition: String,
    /// As of when.
    pub as_of: UnixTime,
    /// SM3 of the inputs.
    pub inputs: String,
    /// What each source of batches had of the subject: with the ledger's own chain, which its record names, all that was to be seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<PinnedSource>,
    /// The points.
    pub points: i64,
    /// What they are called.
    pub grade: String,
    /// What the score began with.
    pub start: i64,
    /// What each indicator came to; those without items too.
    pub indicators: Vec<Explained>,
    /// The lowest cap that held the score down, if any did.
    pub capped_by: Option<String>,
}

/// The subject's chain in a source of batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PinnedSource {
    /// Its unified social credit code.
    pub source: String,
    /// Its newest batch on the ledger.
    pub batch: u64,
    /// How many records it had of the subject.
    pub count: u64,
    /// The head of their chain.
    pub head: String,
}

/// What an indicator came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explained {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Points, after its limits.
    pub points: i64,
    /// Each item: id, months since its decision, points of its own.
    pub items: Vec<Counted>,
}

/// What an item counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counted {
    /// The item's id.
    pub item: String,
    /// Whole months since its decision.
    pub months: u32,
    /// Its points.
    pub points: i64,
    /// What the score would be without it: what its repair, or its correction away, would change.
    pub without: i64,
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// [`Error::ConfigBad`] with the line.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        file::read(text)
    }

    /// The example that comes with this crate.
    ///
    /// # Errors
    /// None: the file is part of the crate, and a test reads it.
    pub fn example() -> Result<Self, Error> {
        Self::from_toml(include_str!("../data/formula.toml"))
    }

    /// SM3 of the file.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The indicators.
    #[must_use]
    pub fn indicators(&self) -> &[Indicator] {
        &self.indicators
    }

    /// What so many points are called.
    #[must_use]
    pub fn grade(&self, points: i64) -> &str {
        let found = self.grades.iter().find(|(from, _)| *from <= points);
        found.or(self.grades.last()).map_or("", |(_, name)| name)
    }

    /// The act that publishes the formula.
    #[must_use]
    pub fn publish(&self) -> PublishFormula {
        PublishFormula {
            code: self.code.clone(),
            version: self.version,
            name: self.name.clone(),
            definition: self.digest,
            valid_from: self.valid_from,
        }
    }

    /// The score of a subject, from the items that a view shows.
    ///
    /// # Errors
    /// [`Error::OutOfTime`] before the formula is valid.
    pub fn score(&self, seen: &Seen) -> Result<Score, Error> {
        let items: Vec<&CreditItem> = seen.items.iter().map(|item| &item.item).collect();
        let sources = seen.sources.iter().map(PinnedSource::of).collect();
        Ok(Score { sources, ..self.score_items(&items, seen.as_of)? })
    }

    /// The score of items, as of a time; those that are not shown then count nothing. It names no source.
    ///
    /// # Errors
    /// [`Error::OutOfTime`] before the formula is valid.
    pub fn score_items(&self, items: &[&CreditItem], as_of: UnixTime) -> Result<Score, Error> {
        let today = Date::of(as_of);
        if today < self.valid_from {
            let until = Date::parse("2999-12-31")?;
            return Err(Error::OutOfTime {
                what: "as of",
                found: today,
                from: self.valid_from,
                until,
            });
        }
        let shown: Vec<&CreditItem> = items.iter().copied().filter(|i| i.is_shown(as_of)).collect();
        let (points, capped_by) = self.points(&shown, today, None);
        let explained = |indicator: &Indicator| {
            let of = shown.iter().filter(|item| indicator.counts(item));
            let counted = |item: &&CreditItem| Counted {
                item: item.id.to_string(),
                months: months(item.decided, today),
                points: indicator.item_points(item, today),
                without: self.points(&shown, today, Some(item.id)).0,
            };
            Explained {
                id: indicator.id.clone(),
                name: indicator.name.clone(),
                points: indicator.sum(&shown, today, None),
                items: of.map(counted).collect(),
            }
        };
        Ok(Score {
            formula: self.code.to_string(),
            version: self.version,
            definition: self.digest.to_string(),
            as_of,
            inputs: inputs(&shown, as_of).to_string(),
            sources: Vec::new(),
            points,
            grade: self.grade(points).to_owned(),
            start: self.start,
            indicators: self.indicators.iter().map(explained).collect(),
            capped_by,
        })
    }

    /// What the points would be without some of the items that a view shows: if all of them were repaired, or had left their lists.
    #[must_use]
    pub fn points_without(&self, seen: &Seen, gone: &[Digest]) -> i64 {
        let items = seen.items.iter().map(|item| &item.item);
        let left = items.filter(|item| item.is_shown(seen.as_of) && !gone.contains(&item.id));
        self.points(&left.collect::<Vec<_>>(), Date::of(seen.as_of), None).0
    }

    /// The points without an item, if one is named, and the cap that holds them down.
    fn points(
        &self,
        items: &[&CreditItem],
        today: Date,
        without: Option<Digest>,
    ) -> (i64, Option<String>) {
        let sums = self.indicators.iter().map(|i| i.sum(items, today, without));
        let sum = sums.fold(self.start, i64::saturating_add).clamp(self.least, self.most);
        let caps = self.indicators.iter().filter_map(|i| Some((i.cap?, i)));
        let caps = caps
            .filter(|(_, i)| items.iter().any(|item| Some(item.id) != without && i.counts(item)));
        match caps.min_by_key(|(cap, _)| *cap).filter(|(cap, _)| *cap < sum) {
            Some((cap, indicator)) => (cap.max(self.least), Some(indicator.id.clone())),
            None => (sum, None),
        }
    }
}

impl PinnedSource {
    fn of(seen: &SeenSource) -> Self {
        Self {
            source: seen.source.to_string(),
            batch: seen.sequence,
            count: seen.chain.count,
            head: seen.chain.head.to_string(),
        }
    }
}

impl Indicator {
    fn counts(&self, item: &CreditItem) -> bool {
        self.classes.contains(&item.class.code) && self.status.is_none_or(|s| s == item.status)
    }

    fn item_points(&self, item: &CreditItem, today: Date) -> i64 {
        let age = months(item.decided, today);
        let left = self.decay.iter().rfind(|(after, _)| u32::from(*after) <= age);
        let thousandths = left.map_or(1000, |(_, thousandths)| i64::from(*thousandths));
        // Towards zero: whoever is judged by hand does not count in fractions.
        self.points * thousandths / 1000
    }

    fn sum(&self, items: &[&CreditItem], today: Date, without: Option<Digest>) -> i64 {
        let of = items.iter().filter(|item| Some(item.id) != without && self.counts(item));
        let sum = of.fold(0_i64, |sum, item| sum.saturating_add(self.item_points(item, today)));
        sum.max(self.least.unwrap_or(i64::MIN)).min(self.most.unwrap_or(i64::MAX))
    }
}

impl Score {
    /// The act that publishes the score, from the subject's chain that it was computed from.
    ///
    /// # Errors
    /// [`Error::Record`] if the formula's code is none.
    pub fn publish(
        &self,
        subject: Subject,
        seen: EventChain,
        salt: &Digest,
    ) -> Result<PublishScore, Error> {
        let inputs = self.inputs.parse();
        let inputs = inputs.map_err(|_| Error::value("inputs", &self.inputs, "a digest"))?;
        Ok(PublishScore {
            subject,
            formula: ClassCode::new(&self.formula)?,
            version: self.version,
            as_of: self.as_of,
            seen,
            inputs,
            result: self.digest(salt),
        })
    }

    /// What stands on the ledger for the result and its explanation.
    ///
    /// # Panics
    /// Never: text and numbers are always JSON.
    #[must_use]
    pub fn digest(&self, salt: &Digest) -> Digest {
        let json = serde_json::to_vec(self).expect("text and numbers are JSON");
        sm3::digest_all(&[salt.as_bytes(), &json])
    }
}

/// SM3 of what a score was computed from: which items, how they stood, when.
fn inputs(items: &[&CreditItem], as_of: UnixTime) -> Digest {
    let by_id: BTreeMap<Digest, &CreditItem> = items.iter().map(|item| (item.id, *item)).collect();
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(INPUTS_DOMAIN);
        out.int(as_of.as_millis());
        out.list(by_id.values(), |out, item| {
            out.sequence(|out| {
                out.digest(&item.id);
                out.text(&item.class.to_string());
                out.uint(item.status.number());
                out.int(item.decided.days());
            });
        });
    });
    sm3::digest(&out.into_vec())
}

/// Whole months from one day to another; 0 if it is not later.
fn months(from: Date, until: Date) -> u32 {
    let (mut low, mut high) = (0_u16, 1200);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if from.plus_months(middle) <= until { low = middle } else { high = middle - 1 }
    }
    low.into()
}

#[cfg(test)]
mod tests;
