//! One number in several places: what one source has ended, another may still tell.

use std::collections::{BTreeMap, BTreeSet};

use yinxin_gm::Digest;
use yinxin_receipt::MAX_ORGANISATIONS;
use yinxin_record::{ItemKey, PublishClass, SourceEvent, SourceRecord};

use super::{AlsoTold, ShownContent};
use crate::{
    CreditItem, Error,
    form::{Content, Forms, Role},
};

/// Longest text that is tried as a number, bytes: the forms that come with this crate have numbers of 200 characters.
const MAX_NUMBER: usize = 200 * 4;

/// What is told of each number of each class.
#[derive(Default)]
pub(super) struct Numbers {
    told: BTreeMap<ItemKey, Vec<AlsoTold>>,
    /// Under which numbers an item goes: one of a source under its key, one of the ledger under what of its content may be one.
    keys: BTreeMap<Digest, Vec<ItemKey>>,
    /// The forms that come with this crate, by their digests: id, and the code of the number's field.
    forms: BTreeMap<Digest, (String, String)>,
}

impl Numbers {
    /// Before anything is told.
    ///
    /// # Errors
    /// As [`Forms::standard`].
    pub(super) fn new() -> Result<Self, Error> {
        let standard = Forms::standard()?;
        let forms = standard.forms().filter_map(|form| {
            let number = form.fields.iter().find(|field| field.role == Some(Role::Number))?;
            Some((form.digest(), (form.id.clone(), number.code.clone())))
        });
        Ok(Self { forms: forms.collect(), ..Self::default() })
    }

    /// Takes the items of a source, with the records that they are from and these records' ids; and which of them stand.
    pub(super) fn source(
        &mut self,
        (records, ids): (&[SourceRecord], &[Digest]),
        items: &[CreditItem],
        stands: impl Fn(&CreditItem) -> bool,
    ) {
        let begun = ids.iter().zip(records);
        let begun = begun.filter(|(_, record)| matches!(record.event, SourceEvent::Record(_)));
        let keys: BTreeMap<&Digest, ItemKey> =
            begun.map(|(id, record)| (id, record.item)).collect();
        for item in items {
            if let Some(key) = keys.get(&item.id) {
                self.put(*key, item, stands(item));
            }
        }
    }

    /// Takes an item of the ledger, which knows no numbers: its content may have one that a source tells of.
    pub(super) fn ledger(
        &mut self,
        item: &CreditItem,
        class: &PublishClass,
        shown: &ShownContent,
        stands: bool,
    ) {
        let field = self.number_field(class, &shown.content);
        let values = shown.content.values().filter(|(code, value)| {
            value.len() <= MAX_NUMBER && field.is_none_or(|field| field == *code)
        });
        let keys = values.map(|(_, value)| ItemKey::of(item.class.code.as_str(), value));
        for key in keys.filter(|key| self.told.contains_key(key)).collect::<BTreeSet<_>>() {
            self.put(key, item, stands);
        }
    }

    /// Which field of a content is the number. `None`: its form is a city's own, whose fields only the city knows; any of them may be.
    fn number_field(&self, class: &PublishClass, content: &Content) -> Option<&str> {
        let (id, code) = self.forms.get(&class.form)?;
        (content.form() == id).then_some(code)
    }

    fn put(&mut self, key: ItemKey, item: &CreditItem, stands: bool) {
        let CreditItem { id, source, status, .. } = item;
        let told = AlsoTold { source: source.clone(), id: *id, status: *status, stands };
        self.told.entry(key).or_default().push(told);
        self.keys.entry(*id).or_default().push(key);
    }

    /// Who else tells of an item's numbers: of each the sources, which came first, and items of the ledger; a hundred at most.
    pub(super) fn of(&self, id: &Digest) -> Vec<AlsoTold> {
        let others = |key| {
            let told = self.told.get(key).into_iter().flatten();
            told.filter(|told| told.id != *id).take(MAX_ORGANISATIONS)
        };
        self.keys.get(id).into_iter().flatten().flat_map(others).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use yinxin_gm::sm3;
    use yinxin_record::{ItemStatus, OrganisationCode};

    use super::*;

    /// A company whose items on the ledger all have one number makes no view whose marks grow by the square of them.
    #[test]
    fn of_a_number_a_hundred_others_are_told_the_sources_first() {
        let (key, mut numbers) = (ItemKey::of("class", "1"), Numbers::default());
        let source = Some(OrganisationCode::new("11430000006122244L").unwrap());
        for n in 0..300_u32 {
            let (id, status) = (sm3::digest(&n.to_be_bytes()), ItemStatus::InForce);
            let source = source.clone().filter(|_| n < 2);
            numbers.told.entry(key).or_default().push(AlsoTold {
                source,
                id,
                status,
                stands: true,
            });
            numbers.keys.insert(id, vec![key]);
        }
        for (n, sources) in [(0, 1), (1, 1), (2, 2), (299, 2)] {
            let id = sm3::digest(&u32::to_be_bytes(n));
            let told = numbers.of(&id);
            assert_eq!(told.len(), MAX_ORGANISATIONS);
            assert!(told.iter().all(|told| told.id != id));
            assert_eq!(told.iter().position(|told| told.source.is_none()), Some(sources));
        }
    }
}
