//! k-anonymity: how many rows share what identifies them.

use std::collections::BTreeMap;

/// Rows that look the same in their quasi-identifiers, together (GB/T 37964, annex on k-anonymity).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classes {
    sizes: Vec<u32>,
}

impl Classes {
    /// Of rows of texts, by the columns that are quasi-identifiers. Without such columns all rows are one class.
    #[must_use]
    pub fn of(rows: &[Vec<&str>], quasi: &[usize]) -> Self {
        Self { sizes: classes(rows, quasi).values().map(|rows| size(rows)).collect() }
    }

    /// The k that holds: rows in the smallest class; 0 without rows.
    #[must_use]
    pub fn smallest(&self) -> u32 {
        self.sizes.iter().copied().min().unwrap_or(0)
    }

    /// How many classes there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sizes.len()
    }
}

/// The places of the rows that can be shown: those in classes of at least `k`. The others are left out, and their number is told.
#[must_use]
pub fn suppress(rows: &[Vec<&str>], quasi: &[usize], k: u32) -> Vec<usize> {
    let classes = classes(rows, quasi);
    let mut kept: Vec<usize> =
        classes.into_values().filter(|rows| size(rows) >= k).flatten().collect();
    kept.sort_unstable();
    kept
}

fn classes<'a>(rows: &[Vec<&'a str>], quasi: &[usize]) -> BTreeMap<Vec<&'a str>, Vec<usize>> {
    let mut classes: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let key = quasi.iter().filter_map(|column| row.get(*column).copied()).collect();
        classes.entry(key).or_default().push(at);
    }
    classes
}

fn size(rows: &[usize]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_class_counts() {
        let rows = [
            vec!["a", "30..39", "x"],
            vec!["b", "30..39", "x"],
            vec!["c", "40..49", "x"],
            vec!["d", "30..39", "y"],
        ];
        for (quasi, k, classes) in
            [(&[][..], 4, 1), (&[1][..], 1, 2), (&[2], 1, 2), (&[1, 2], 1, 3), (&[0], 1, 4)]
        {
            let found = Classes::of(&rows, quasi);
            assert_eq!((found.smallest(), found.count()), (k, classes), "{quasi:?}");
        }
        assert_eq!(suppress(&rows, &[1], 2), [0, 1, 3]);
        assert_eq!(suppress(&rows, &[1, 2], 2), [0, 1]);
        assert!(suppress(&rows, &[0], 2).is_empty());
        assert_eq!(Classes::of(&[], &[0]).smallest(), 0);
    }
}
