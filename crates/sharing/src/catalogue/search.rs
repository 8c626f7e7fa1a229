//! Search: by words, owner, item and class, over pairs of neighbouring characters, which need no dictionary of words.

use std::collections::HashMap;

use yinxin_record::{OrganisationCode, ResourceCode, SharingClass};

use super::Catalogue;

/// Octets of a query that are looked at: what a person types.
const QUERY_MAX: usize = 256;
/// Words of a query.
const WORDS_MAX: usize = 16;

/// An index over the resources in force; made anew when the catalogue has changed.
#[derive(Clone, Debug)]
pub struct Index {
    entries: Vec<Entry>,
    /// For each pair of neighbouring characters the entries that have it, rising.
    pairs: HashMap<(char, char), Vec<u32>>,
}

#[derive(Clone, Debug)]
struct Entry {
    code: ResourceCode,
    owner: OrganisationCode,
    class: SharingClass,
    /// Folded: name, then everything else, a line each.
    name: String,
    text: String,
    items: String,
}

/// What is looked for. Everything that is given must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "choices with defaults")]
pub struct Query {
    /// Words, separated by spaces; each is in the name, code, owner's name, abstract or an item's name.
    pub words: String,
    /// Whose.
    pub owner: Option<OrganisationCode>,
    /// Part of an item's name.
    pub item: String,
    /// Which class.
    pub class: Option<SharingClass>,
    /// How many hits to pass over.
    pub skip: usize,
    /// How many hits to give; 0 for 20.
    pub limit: usize,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hits {
    /// How many there are in all.
    pub total: usize,
    /// Some of them: those with all words in their name first, then by code.
    pub codes: Vec<ResourceCode>,
}

impl Index {
    /// Of a catalogue.
    #[must_use]
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut index = Self { entries: Vec::new(), pairs: HashMap::new() };
        for (number, resource) in (0_u32..).zip(catalogue.resources()) {
            let names: Vec<&str> = resource.items().iter().map(|i| i.name.as_str()).collect();
            let items = fold(&names.join("\n"));
            let name = fold(resource.name());
            let rest =
                [&resource.code().catalogue_code(), resource.owner_name(), resource.summary()];
            let text = format!("{name}\n{}\n{items}", fold(&rest.join("\n")));
            for pair in pairs(&text) {
                let list = index.pairs.entry(pair).or_default();
                if list.last() != Some(&number) {
                    list.push(number);
                }
            }
            let (code, owner) = (resource.code().clone(), resource.owner());
            index.entries.push(Entry { code, owner, class: resource.class(), name, text, items });
        }
        index
    }

    /// What fits a query.
    #[must_use]
    pub fn search(&self, query: &Query) -> Hits {
        let words = fold(query.words.get(..floor(&query.words)).unwrap_or_default());
        let words: Vec<&str> = words.split_whitespace().take(WORDS_MAX).collect();
        let item = fold(query.item.get(..floor(&query.item)).unwrap_or_default());
        let item = item.trim();
        let asked = words.iter().copied().chain((!item.is_empty()).then_some(item));
        let fits = |entry: &&Entry| {
            query.owner.as_ref().is_none_or(|owner| *owner == entry.owner)
                && query.class.is_none_or(|class| class == entry.class)
                && words.iter().all(|word| entry.text.contains(word))
                && entry.items.contains(item)
        };
        let mut found: Vec<&Entry> = match self.candidates(asked) {
            Some(numbers) => numbers
                .iter()
                .filter_map(|n| self.entries.get(usize::try_from(*n).ok()?))
                .filter(fits)
                .collect(),
            None => self.entries.iter().filter(fits).collect(),
        };
        // Entries stand by code already, and the sort is stable.
        found.sort_by_key(|entry| !words.iter().all(|word| entry.name.contains(word)));
        let limit = if query.limit == 0 { 20 } else { query.limit };
        let codes = found.iter().skip(query.skip).take(limit).map(|e| e.code.clone()).collect();
        Hits { total: found.len(), codes }
    }

    /// The shortest list of entries that all hits are in; `None` when no word has two characters.
    fn candidates<'q>(&self, words: impl Iterator<Item = &'q str>) -> Option<&[u32]> {
        let lists =
            words.flat_map(pairs).map(|pair| self.pairs.get(&pair).map_or(&[][..], Vec::as_slice));
        lists.min_by_key(|list| list.len())
    }
}

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> {
    let inner = |(a, b): &(char, char)| *a != '\n' && *b != '\n';
    text.chars().zip(text.chars().skip(1)).filter(inner)
}

/// Lower case, and the wide forms of Latin letters and digits as the usual ones.
fn fold(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    };
    text.chars().map(narrow).flat_map(char::to_lowercase).collect()
}

/// How much of a query is looked at, in whole characters.
fn floor(text: &str) -> usize {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.take_while(|end| *end <= QUERY_MAX).last().unwrap_or(0)
}
