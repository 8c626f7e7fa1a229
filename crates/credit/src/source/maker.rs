//! Drafts of records from rows: the form of the version that judges a row says how it is read.

use yinxin_gm::{Digest, hmac::HmacSm3, sm3};
use yinxin_merkle::wire::Wire;
use yinxin_record::{ClassCode, Date, ItemEvent, OrganisationCode, Pseudonym, Subject, state_key};

use super::{
    ItemKey, SourceEvent, SourceFollow, SourceItem, SourceRecord,
    apply::Draft,
    import::Job,
    rows::{ReadRow, Reject, Row},
    rules::SourceRules,
    store::Stored,
};
use crate::{Class, Error, Form, Forms, form::Filled};

/// What a salt is made of.
const SALT_DOMAIN: &[u8] = b"yinxin/credit-salt/1";

/// What makes salts under a seed.
fn salts(seed: &[u8; 32]) -> HmacSm3 {
    let mut mac = HmacSm3::new(seed);
    mac.update(SALT_DOMAIN);
    mac
}

/// The salt of a content: from the source's seed, so that it need not be kept.
pub(super) fn salt(mac: &HmacSm3, key: &Digest, content: &[u8]) -> Digest {
    let mut mac = mac.clone();
    mac.update(key.as_bytes());
    mac.update(content);
    mac.finalize()
}

/// The salt of a content under a seed.
pub(super) fn salt_of(seed: &[u8; 32], key: &Digest, content: &[u8]) -> Digest {
    salt(&salts(seed), key, content)
}

/// Columns that no form has.
pub(super) const OWN: [&str; 6] = ["class", "day", "decision", "event", "published", "pseudonym"];

/// Whether a form has a field of that code.
pub(super) fn has(form: &Form, column: &str) -> bool {
    form.fields.iter().any(|field| field.code == column)
}

/// What makes a draft of a row.
pub(super) struct Maker<'a> {
    rules: &'a SourceRules,
    forms: &'a Forms,
    job: &'a Job,
    mac: HmacSm3,
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        rules: &'a SourceRules,
        forms: &'a Forms,
        job: &'a Job,
        seed: &[u8; 32],
    ) -> Self {
        Self { rules, forms, job, mac: salts(seed) }
    }

    pub(super) fn make(&self, rows: Vec<ReadRow>) -> Vec<Result<Draft, Reject>> {
        let mut made: Vec<_> = rows
            .into_iter()
            .map(|row| match row {
                Ok(row) => self.draft(&row).map_err(|error| Reject::new(row.line, row.last, error)),
                Err(reject) => Err(reject),
            })
            .collect();
        let mut good: Vec<&mut Draft> = made.iter_mut().filter_map(|d| d.as_mut().ok()).collect();
        let ids = SourceRecord::ids(good.iter().map(|draft| draft.stored.record.as_slice()));
        for (draft, id) in good.iter_mut().zip(ids) {
            draft.id = id;
        }
        made
    }

    fn draft(&self, row: &Row) -> Result<Draft, Error> {
        let cell = |name: &str| row.get(name).map(str::trim).filter(|text| !text.is_empty());
        let event = match cell("event") {
            None | Some("record") => None,
            Some(name) => Some(SourceFollow::event_of(name).ok_or_else(|| {
                Error::value(
                    "event",
                    name,
                    "record, correct, fulfil, break, repair, reinstate, delist or withdraw",
                )
            })?),
        };
        let class = match cell("class") {
            Some(code) => ClassCode::new(code)?,
            None => {
                let missing = || Error::value("class", "", "a class");
                self.job.class.clone().ok_or_else(missing)?
            }
        };
        let pseudonym = cell("pseudonym").map(pseudonym).transpose()?;
        let date = |name| cell(name).map(Date::parse).transpose();
        let published = date("published")?.unwrap_or(self.job.today);
        let value = |code: &str| row.get(code);
        let decision = || {
            let case = cell("decision").map(|text| text.parse().ok().ok_or(text)).transpose();
            case.map_err(|text| Error::value("decision", text, "the id of a case on the ledger"))
        };
        let table = self.rules.table();
        match event {
            None => {
                let (judged, form) = table.reading(&class, self.forms, value)?;
                all_known(row, &[form])?;
                let filled = form.fill(value, pseudonym.as_ref())?;
                self.item(row, judged, published, filled)
            }
            Some(ItemEvent::Correct) => {
                let (_, form) = table.reading(&class, self.forms, value)?;
                all_known(row, &[form])?;
                let filled = form.fill(value, pseudonym.as_ref())?;
                let day = date("day")?.ok_or_else(|| Error::value("day", "", "a day"))?;
                self.follow(row, &class, (ItemEvent::Correct, day, decision()?), filled)
            }
            Some(event) => {
                let versions = table.versions(&class)?.iter().rev();
                let forms: Result<Vec<_>, Error> =
                    versions.map(|version| self.forms.form(&version.form)).collect();
                let forms = forms?;
                all_known(row, &forms)?;
                let filled = name_item(&class, &forms, value, pseudonym.as_ref())?;
                let day = date("day")?.ok_or_else(|| Error::value("day", "", "a day"))?;
                self.follow(row, &class, (event, day, decision()?), filled)
            }
        }
    }

    fn item(
        &self,
        row: &Row,
        class: &Class,
        published: Date,
        filled: Filled,
    ) -> Result<Draft, Error> {
        let key = key_of(&filled.subject);
        let content = filled.content.to_der();
        // The last day shown is printed; the ledger keeps the first day on which it no longer is.
        let until = filled.until.map(|last| last.plus_days(1));
        let event = SourceEvent::Record(SourceItem {
            class: class.reference.clone(),
            authority: filled.authority.clone(),
            content: filled.content.digest(&salt(&self.mac, &key, &content)),
            decided: filled.decided,
            published,
            until,
        });
        self.rules.judge(&event, Some(self.job.today))?;
        Ok(self.finish(row, key, class.reference.code.as_str(), event, content, filled))
    }

    fn follow(
        &self,
        row: &Row,
        class: &ClassCode,
        (event, day, decision): (ItemEvent, Date, Option<Digest>),
        filled: Filled,
    ) -> Result<Draft, Error> {
        let key = key_of(&filled.subject);
        let corrected = event == ItemEvent::Correct;
        let content = if corrected { filled.content.to_der() } else { Vec::new() };
        let digest = || filled.content.digest(&salt(&self.mac, &key, &content));
        let authority: OrganisationCode = filled.authority.clone();
        let content_digest = corrected.then(digest);
        let follow = SourceFollow { event, authority, day, content: content_digest, decision };
        let event = SourceEvent::Follow(follow);
        self.rules.judge(&event, Some(self.job.today))?;
        Ok(self.finish(row, key, class.as_str(), event, content, filled))
    }

    fn finish(
        &self,
        row: &Row,
        key: Digest,
        class: &str,
        event: SourceEvent,
        content: Vec<u8>,
        filled: Filled,
    ) -> Draft {
        let Filled { subject, number, .. } = filled;
        let item = ItemKey::of(class, &number);
        let record = SourceRecord { source: self.rules.source().clone(), subject, item, event };
        let stored = Stored { record: record.to_der(), content };
        Draft { line: row.line, last: row.last, key, id: Digest::ZERO, number, record, stored }
    }
}

/// A value that no form takes would be lost, and nobody would be told: a misspelt `published` is today, a last day in a column of
/// another form is none.
fn all_known(row: &Row, forms: &[&Form]) -> Result<(), Error> {
    let known = |column: &str| OWN.contains(&column) || forms.iter().any(|form| has(form, column));
    let Some((column, text)) = row.unknown(known) else { return Ok(()) };
    let form = forms.first().map_or("", |form| &form.id);
    Err(Error::value(column, text, format!("no value: the form {form} has no such field")))
}

/// Which item a row is about that says no more than that: by the form of the newest version that can read it.
fn name_item<'r>(
    class: &ClassCode,
    forms: &[&Form],
    value: impl Fn(&str) -> Option<&'r str>,
    pseudonym: Option<&Pseudonym>,
) -> Result<Filled, Error> {
    let mut first = None;
    for form in forms {
        match form.name_item(&value, pseudonym) {
            Ok(filled) => return Ok(filled),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| Error::NotFound { what: "class", name: class.to_string() }))
}

pub(super) fn key_of(subject: &Subject) -> Digest {
    sm3::digest(&state_key::credit_subject(subject))
}

fn pseudonym(text: &str) -> Result<Pseudonym, Error> {
    match Subject::parse(text) {
        Ok(Subject::Person(pseudonym)) => Ok(pseudonym),
        _ => Err(Error::value("pseudonym", text, "custodian's code, `:` and 64 digits")),
    }
}
