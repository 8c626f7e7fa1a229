//! A record of a batch: what a source's log and state tree are made of. The ledger reads one where somebody answers to it.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};

use super::{class::ClassReference, subject::Subject, table::ItemEvent};
use crate::{Date, OrganisationCode, asn::Field, is_unseen};

/// What a record of a batch begins with.
pub const SOURCE_RECORD_DOMAIN: &str = "yinxin/credit-source-record/1";
/// What an item's key begins with.
const ITEM_DOMAIN: &str = "yinxin/credit-source-item/1";

/// A record of a batch. Its id is SM3 of its DER; the leaf of the batch's log is over the id, the subject's chain too.
///
/// ```asn1
/// SourceRecord ::= SEQUENCE {
///     domain    UTF8String ("yinxin/credit-source-record/1"),
///     source    UTF8String (SIZE(18)),
///     subject   Subject,
///     item      OCTET STRING (SIZE(16)),           -- which item of the subject: SM3 of { domain, class, number in one spelling }, first half
///     event     CHOICE { record [0] SourceItem, follow [1] SourceFollow } }
/// SourceItem ::= SEQUENCE { class ClassReference, authority UTF8String (SIZE(18)), content OCTET STRING (SIZE(32)),
///     decided Day, published Day, until [0] Day OPTIONAL }          -- until: the first day on which it is no longer shown
/// SourceFollow ::= SEQUENCE { event INTEGER, authority UTF8String (SIZE(18)), day Day, content [0] OCTET STRING (SIZE(32)) OPTIONAL,
///     decision [1] OCTET STRING (SIZE(32)) OPTIONAL }           -- id of the case on the ledger that it carries out
/// Day ::= INTEGER                                  -- days since 1970-01-01 in China
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct SourceRecord {
    /// Whose batch it is in.
    pub source: OrganisationCode,
    /// About whom.
    pub subject: Subject,
    /// Which item of the subject.
    pub item: ItemKey,
    /// What happens.
    pub event: SourceEvent,
}

/// An item among those of its subject and source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemKey(pub [u8; 16]);

/// What a record of a batch tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a record is an item, or follows one")]
pub enum SourceEvent {
    /// An item is recorded.
    Record(SourceItem),
    /// Something happens to an item.
    Follow(SourceFollow),
}

/// An item that a source records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct SourceItem {
    /// By which version of its class it is judged.
    pub class: ClassReference,
    /// Who decided.
    pub authority: OrganisationCode,
    /// Salted digest of the content.
    pub content: Digest,
    /// The day of the decision.
    pub decided: Date,
    /// The day on which the source published it.
    pub published: Date,
    /// The first day on which it is no longer shown; `None`: what the class says.
    pub until: Option<Date>,
}

/// What happens to an item later.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct SourceFollow {
    /// Correct, fulfil, break, repair, reinstate, delist or withdraw.
    pub event: ItemEvent,
    /// Who decided so.
    pub authority: OrganisationCode,
    /// The day of that decision.
    pub day: Date,
    /// Of a correction: the salted digest of the content as it should be.
    pub content: Option<Digest>,
    /// Of a correction, a repair or a withdrawal: the case on the ledger that it carries out ([`SourceCaseState`](crate::SourceCaseState)).
    pub decision: Option<Digest>,
}

impl ItemKey {
    /// Of what an authority calls an item of a class, in one spelling: half-width, capitals, one kind of bracket and of hyphen, no blanks but one between
    /// letters or digits. Brackets and hyphens stay: `1-23` is not `12-3`.
    ///
    /// ```
    /// use yinxin_record::ItemKey;
    ///
    /// let printed = ItemKey::of("penalty.minor", "某监罚〔2026〕B－1号");
    /// assert_eq!(ItemKey::of("penalty.minor", " 某监罚 [2026] b-1 号"), printed);
    /// assert_ne!(ItemKey::of("penalty.minor", "某监罚〔2026〕B1号"), printed);
    /// ```
    #[must_use]
    pub fn of(class: &str, number: &str) -> Self {
        let number = one_spelling(number);
        let mut out = Writer::new();
        out.sequence(|out| {
            out.text(ITEM_DOMAIN);
            out.text(class);
            out.text(&number);
        });
        let digest = sm3::digest(&out.into_vec());
        let mut half = [0; 16];
        half.copy_from_slice(&digest.as_bytes()[..16]);
        Self(half)
    }
}

/// A number as it is compared: the same however it was typed.
fn one_spelling(number: &str) -> String {
    let mut out = String::with_capacity(number.len());
    let mut blank = false;
    for c in number.chars().filter(|c| !is_unseen(*c)) {
        let c = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        };
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        let joins = |c: char| c.is_ascii_alphanumeric();
        if core::mem::take(&mut blank) && joins(c) && out.chars().next_back().is_some_and(joins) {
            out.push(' ');
        }
        match c {
            '[' | '{' | '〔' | '【' | '〈' | '《' | '﹝' => out.push('('),
            ']' | '}' | '〕' | '】' | '〉' | '》' | '﹞' => out.push(')'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            c => out.extend(c.to_uppercase()),
        }
    }
    out
}

impl SourceRecord {
    /// The day of which it tells: that of a publication, or that on which something happened.
    #[must_use]
    pub const fn day(&self) -> Date {
        match &self.event {
            SourceEvent::Record(item) => item.published,
            SourceEvent::Follow(follow) => follow.day,
        }
    }

    /// Its id, from its bytes.
    #[must_use]
    pub fn id(bytes: &[u8]) -> Digest {
        sm3::digest(bytes)
    }

    /// The ids of many, hashed side by side.
    pub fn ids<'a>(records: impl IntoIterator<Item = &'a [u8]>) -> Vec<Digest> {
        let records: Vec<&[u8]> = records.into_iter().collect();
        let mut ids = vec![Digest::ZERO; records.len()];
        sm3::many(&records, &mut ids);
        ids
    }
}

/// The events that a batch can carry, with their numbers.
const FOLLOWS: [(u64, ItemEvent); 7] = [
    (1, ItemEvent::Correct),
    (2, ItemEvent::Fulfil),
    (3, ItemEvent::Break),
    (4, ItemEvent::Repair),
    (5, ItemEvent::Reinstate),
    (6, ItemEvent::Delist),
    (7, ItemEvent::Withdraw),
];

impl SourceFollow {
    /// Whether it is an event that carries out a decision, so that it may name one.
    #[must_use]
    pub const fn carries(&self) -> bool {
        matches!(self.event, ItemEvent::Correct | ItemEvent::Repair | ItemEvent::Withdraw)
    }

    /// The event of this name, if a batch can carry it.
    #[must_use]
    pub fn event_of(name: &str) -> Option<ItemEvent> {
        FOLLOWS.iter().map(|(_, event)| *event).find(|event| event.name() == name)
    }
}

impl Field for SourceRecord {
    fn put(&self, out: &mut Writer) {
        self.write(out);
    }

    fn take(input: &mut Reader<'_>, _what: &'static str) -> Result<Self, WireError> {
        Self::read(input)
    }
}

impl Field for ItemKey {
    fn put(&self, out: &mut Writer) {
        out.octets(&self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Ok(Self(input.array(what)?))
    }
}

impl Wire for SourceRecord {
    const NAME: &'static str = "record of a batch";
    /// Codes, three digests and days are some 300 bytes.
    const MAX_LEN: usize = 1024;

    fn write(&self, out: &mut Writer) {
        let Self { source, subject, item, event } = self;
        out.sequence(|out| {
            out.text(SOURCE_RECORD_DOMAIN);
            out.text(source.as_str());
            subject.write(out);
            out.octets(&item.0);
            match event {
                SourceEvent::Record(item) => out.tagged(0, |out| write_item(item, out)),
                SourceEvent::Follow(follow) => out.tagged(1, |out| write_follow(follow, out)),
            }
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            if input.text("domain", 0, 32)? != SOURCE_RECORD_DOMAIN {
                return Err(WireError::Value("domain"));
            }
            let source = organisation("source", input)?;
            let subject = Subject::read(input)?;
            let item = ItemKey(input.array("item")?);
            let event = match input.next_tag() {
                Some(0) => SourceEvent::Record(input.tagged("record", 0, read_item)?),
                _ => SourceEvent::Follow(input.tagged("follow", 1, read_follow)?),
            };
            Ok(Self { source, subject, item, event })
        })
    }
}

fn write_item(item: &SourceItem, out: &mut Writer) {
    let SourceItem { class, authority, content, decided, published, until } = item;
    out.sequence(|out| {
        class.write(out);
        out.text(authority.as_str());
        out.digest(content);
        out.int(decided.days());
        out.int(published.days());
        if let Some(until) = until {
            out.tagged(0, |out| out.int(until.days()));
        }
    });
}

fn read_item(input: &mut Reader<'_>) -> Result<SourceItem, WireError> {
    input.sequence("item", |input| {
        Ok(SourceItem {
            class: ClassReference::read(input)?,
            authority: organisation("authority", input)?,
            content: input.digest("content")?,
            decided: day("decided", input)?,
            published: day("published", input)?,
            until: input.optional("until", 0, |input| day("until", input))?,
        })
    })
}

fn write_follow(follow: &SourceFollow, out: &mut Writer) {
    let SourceFollow { event, authority, day, content, decision } = follow;
    let number = FOLLOWS.iter().find(|(_, e)| e == event).map_or(0, |(number, _)| *number);
    out.sequence(|out| {
        out.uint(number);
        out.text(authority.as_str());
        out.int(day.days());
        if let Some(content) = content {
            out.tagged(0, |out| out.digest(content));
        }
        if let Some(decision) = decision {
            out.tagged(1, |out| out.digest(decision));
        }
    });
}

fn read_follow(input: &mut Reader<'_>) -> Result<SourceFollow, WireError> {
    input.sequence("follow", |input| {
        let number = input.uint("event")?;
        let event = FOLLOWS.iter().find(|(n, _)| *n == number).map(|(_, event)| *event);
        let event = event.ok_or(WireError::Value("event"))?;
        let authority = organisation("authority", input)?;
        let day = day("day", input)?;
        let content = input.optional("content", 0, |input| input.digest("content"))?;
        if content.is_some() != (event == ItemEvent::Correct) {
            return Err(WireError::Value("content"));
        }
        let decision = input.optional("decision", 1, |input| input.digest("decision"))?;
        let follow = SourceFollow { event, authority, day, content, decision };
        if follow.decision.is_some() && !follow.carries() {
            return Err(WireError::Value("decision"));
        }
        Ok(follow)
    })
}

fn organisation(what: &'static str, input: &mut Reader<'_>) -> Result<OrganisationCode, WireError> {
    OrganisationCode::new(input.text(what, 18, 18)?).map_err(|_| WireError::Value(what))
}

fn day(what: &'static str, input: &mut Reader<'_>) -> Result<Date, WireError> {
    Date::from_days(input.int(what)?).ok_or(WireError::Value(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::ClassCode;

    proptest! {
        /// The one spelling is its own, and blanks at the ends, width and case make no other item.
        #[test]
        fn a_number_has_one_spelling(number in "[a-z0-9 〔〕（）()\\-—－号\u{3000}]{1,24}") {
            let one = one_spelling(&number);
            prop_assert_eq!(one_spelling(&one), one.clone());
            let wide: String = number.to_uppercase().chars().map(|c| match c {
                '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
                c => c,
            }).collect();
            prop_assert_eq!(one_spelling(&format!("\u{3000}{wide} ")), one);
        }
    }

    #[test]
    fn numbers_that_differ_in_more_than_their_spelling_are_two() {
        for (one, other) in
            [("1-23", "12-3"), ("1 23", "12 3"), ("B1", "B-1"), ("1号", "1"), ("01", "1")]
        {
            assert_ne!(ItemKey::of("a", one), ItemKey::of("a", other), "{one} {other}");
        }
    }

    #[test]
    fn one_record_has_one_encoding() {
        let code = OrganisationCode::new("11430000006122244L").unwrap();
        let date = Date::parse("2026-05-06").unwrap();
        let item = SourceItem {
            class: ClassReference { code: ClassCode::new("penalty.minor").unwrap(), version: 2 },
            authority: code.clone(),
            content: Digest([1; 32]),
            decided: date,
            published: date.plus_days(3),
            until: Some(date.plus_months(3)),
        };
        let follow = SourceFollow {
            event: ItemEvent::Correct,
            authority: code.clone(),
            day: date,
            content: Some(Digest([2; 32])),
            decision: None,
        };
        let subject = Subject::parse("91350100M000100Y43").unwrap();
        let wrong = SourceFollow { content: None, ..follow.clone() };
        let named = SourceFollow { decision: Some(Digest([3; 32])), ..follow.clone() };
        let kept = SourceFollow { event: ItemEvent::Fulfil, content: None, ..named.clone() };
        for (event, good) in [
            (SourceEvent::Record(item), true),
            (SourceEvent::Follow(follow), true),
            (SourceEvent::Follow(wrong), false),
            (SourceEvent::Follow(named), true),
            (SourceEvent::Follow(kept), false),
        ] {
            let item = ItemKey::of("penalty.minor", "1");
            let record =
                SourceRecord { source: code.clone(), subject: subject.clone(), item, event };
            let der = record.to_der();
            assert_eq!(SourceRecord::from_der(&der).is_ok(), good);
            assert!(SourceRecord::from_der(&der[..der.len() - 1]).is_err());
        }
        assert_ne!(ItemKey::of("a", "1"), ItemKey::of("a", "2"));
    }
}
