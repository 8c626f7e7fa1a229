//! Index entries in order of their keys, and how two lists of them differ, with one page of each in memory.

use std::{cmp::Ordering, iter::Peekable};

use crate::fail::{Class, Done, Failure};

/// A page of index entries.
pub(crate) const PAGE: usize = 1_000;

/// An index entry.
pub(crate) type Entry = (Vec<u8>, Vec<u8>);

/// A list that is read page by page. Whoever gives the pages is not trusted to keep their order.
pub(crate) struct Entries<P> {
    page: P,
    /// How many entries a full page has.
    size: usize,
    /// Where the next page begins; `None` after the last.
    next: Option<Vec<u8>>,
    read: std::vec::IntoIter<Entry>,
}

impl<P: FnMut(&[u8]) -> Done<Vec<Entry>>> Entries<P> {
    /// `page` gives up to [`PAGE`] entries from a key on.
    pub(crate) fn new(page: P) -> Self {
        Self::from(Vec::new(), PAGE, page)
    }

    /// The same from a key on, with `page` giving up to `size` entries.
    pub(crate) fn from(from: Vec<u8>, size: usize, page: P) -> Self {
        Self { page, size, next: Some(from), read: Vec::new().into_iter() }
    }

    fn turn(&mut self, from: &[u8]) -> Done {
        let list = (self.page)(from)?;
        let first = list.first().is_none_or(|(key, _)| key.as_slice() >= from);
        if !first || !list.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(Failure::new(
                Class::Invalid,
                "the index does not come in order of its keys",
                "索引未按键的顺序返回",
            )
            .todo("ask another node", "请改用其他节点"));
        }
        if list.len() >= self.size {
            self.next = list.last().map(|(key, _)| [key.as_slice(), &[0]].concat());
        }
        self.read = list.into_iter();
        Ok(())
    }
}

impl<P: FnMut(&[u8]) -> Done<Vec<Entry>>> Iterator for Entries<P> {
    type Item = Done<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.read.next() {
                return Some(Ok(entry));
            }
            let from = self.next.take()?;
            if let Err(failure) = self.turn(&from) {
                return Some(Err(failure));
            }
        }
    }
}

/// A key under which an index and its records disagree.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The key.
    pub(crate) key: Vec<u8>,
    /// What the records say.
    pub(crate) expected: Option<Vec<u8>>,
    /// What the index says.
    pub(crate) found: Option<Vec<u8>>,
}

impl Difference {
    /// In a word.
    pub(crate) const fn what(&self) -> &'static str {
        match (&self.expected, &self.found) {
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "missing",
            (None, _) => "planted",
        }
    }
}

/// Tells each difference in order, and gives the number of entries found.
pub(crate) fn compare(
    expected: impl Iterator<Item = Done<Entry>>,
    found: impl Iterator<Item = Done<Entry>>,
    mut tell: impl FnMut(Difference) -> Done,
) -> Done<u64> {
    let (mut expected, mut found) = (expected.peekable(), found.peekable());
    let mut count = 0;
    loop {
        let order = match (peek(&mut expected)?, peek(&mut found)?) {
            (None, None) => return Ok(count),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.cmp(b),
        };
        let a = if order.is_le() { expected.next().transpose()? } else { None };
        let b = if order.is_ge() { found.next().transpose()? } else { None };
        count += u64::from(b.is_some());
        if a == b {
            continue;
        }
        let key = a.as_ref().or(b.as_ref()).map(|(key, _)| key.clone()).unwrap_or_default();
        let (expected, found) = (a.map(|(_, value)| value), b.map(|(_, value)| value));
        tell(Difference { key, expected, found })?;
    }
}

/// The next key; a failure to read it is the caller's.
fn peek<I: Iterator<Item = Done<Entry>>>(entries: &mut Peekable<I>) -> Done<Option<&Vec<u8>>> {
    match entries.peek() {
        None => Ok(None),
        Some(Ok((key, _))) => Ok(Some(key)),
        Some(Err(failure)) => Err(failure.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(pairs: &[(&str, &str)]) -> Vec<Entry> {
        pairs.iter().map(|(k, v)| (k.as_bytes().to_vec(), v.as_bytes().to_vec())).collect()
    }

    fn whats(
        expected: &[(&str, &str)],
        found: &[(&str, &str)],
    ) -> (u64, Vec<(String, &'static str)>) {
        let mut told = Vec::new();
        let count = compare(
            list(expected).into_iter().map(Ok),
            list(found).into_iter().map(Ok),
            |difference| {
                let key = String::from_utf8(difference.key.clone()).unwrap();
                told.push((key, difference.what()));
                Ok(())
            },
        );
        (count.unwrap(), told)
    }

    #[test]
    fn each_kind_of_difference_is_told_in_order() {
        let told = |list: &[(&str, &'static str)]| -> Vec<_> {
            list.iter().map(|(key, what)| ((*key).to_owned(), *what)).collect()
        };
        assert_eq!(
            whats(&[("a", "1"), ("b", "1"), ("c", "1")], &[("a", "1"), ("b", "2"), ("d", "1")]),
            (3, told(&[("b", "changed"), ("c", "missing"), ("d", "planted")]))
        );
        assert_eq!(whats(&[], &[("a", "1")]), (1, told(&[("a", "planted")])));
        assert_eq!(whats(&[("a", "1")], &[]), (0, told(&[("a", "missing")])));
        assert_eq!(whats(&[("a", "1")], &[("a", "1")]), (1, Vec::new()));
    }

    #[test]
    fn a_page_after_a_page_gives_the_whole() {
        for count in [0, 1, 999, 1_000, 1_001, 2_500_u32] {
            let all: Vec<Entry> = (0..count).map(|n| (n.to_be_bytes().to_vec(), vec![1])).collect();
            let page = |from: &[u8]| {
                let rest = all.iter().filter(|(key, _)| key.as_slice() >= from);
                Ok(rest.take(PAGE).cloned().collect())
            };
            let read: Done<Vec<Entry>> = Entries::new(page).collect();
            assert_eq!(read.unwrap(), all);
            let few = |from: &[u8]| {
                let rest = all.iter().filter(|(key, _)| key.as_slice() >= from);
                Ok(rest.take(7).cloned().collect())
            };
            let from = 5_u32.to_be_bytes().to_vec();
            let read: Done<Vec<Entry>> = Entries::from(from, 7, few).collect();
            assert_eq!(read.unwrap(), all.get(5..).unwrap_or_default());
        }
    }

    #[test]
    fn pages_out_of_order_are_refused() {
        let full: Vec<Entry> = (0..1_000_u32).map(|n| (n.to_be_bytes().to_vec(), vec![])).collect();
        for lying in [list(&[("b", "1"), ("a", "1")]), list(&[("a", "1"), ("a", "1")]), full] {
            // The same page again and again, whatever is asked for.
            let size = lying.len();
            let read: Done<Vec<Entry>> =
                Entries::from(Vec::new(), size, |_: &[u8]| Ok(lying.clone())).collect();
            assert!(read.unwrap_err().explain(yinxin_verdict::Lang::En).what.contains("order"));
        }
    }
}
