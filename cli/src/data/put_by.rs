//! Journals that were put by when they were compacted: they lie beside the one that goes on, and are named after it.

use std::path::{Path, PathBuf};

use crate::{fail::Done, files};

/// Which of them it is: `JOURNAL.LINES` by how many lines there were, and where one of as many was put by before, `JOURNAL.LINES.2` and so
/// on. They rise with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PutBy {
    /// The number of the line after its last.
    pub(super) lines: u64,
    nth: u32,
}

impl PutBy {
    fn name(self, journal: &str) -> String {
        match self {
            Self { lines, nth: 1 } => format!("{journal}.{lines}"),
            Self { lines, nth } => format!("{journal}.{lines}.{nth}"),
        }
    }

    fn read(journal: &str, name: &str) -> Option<Self> {
        let ending = name.strip_prefix(journal)?.strip_prefix('.')?;
        let (lines, nth) = ending.split_once('.').unwrap_or((ending, "1"));
        let put_by = Self { lines: lines.parse().ok()?, nth: nth.parse().ok()? };
        (put_by.name(journal) == name).then_some(put_by)
    }
}

/// The names that a journal of so many lines may be put by under, in their order.
pub(super) fn names(journal: &Path, lines: u64) -> impl Iterator<Item = PathBuf> {
    let name = file_name(journal).to_owned();
    let folder = files::folder_of(journal);
    (1..).map(move |nth| folder.join(PutBy { lines, nth }.name(&name)))
}

/// The journals that were put by before this one, the oldest first.
pub(super) fn before(journal: &Path) -> Done<Vec<(PutBy, PathBuf)>> {
    let mut all = Vec::new();
    for file in files::list(&files::folder_of(journal))? {
        let put_by = PutBy::read(file_name(journal), file_name(&file));
        all.extend(put_by.map(|put_by| (put_by, file)));
    }
    all.sort();
    Ok(all)
}

/// The name of the journal that goes on beside this one, if this one was put by.
pub(super) fn goes_on_in(path: &Path) -> Option<&str> {
    let (name, folder) = (file_name(path), files::folder_of(path));
    let mut journals = name.match_indices('.').map(|(at, _)| &name[..at]);
    journals.find(|of| PutBy::read(of, name).is_some() && folder.join(of).exists())
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_by_is_found_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal");
        let first: Vec<_> = names(&journal, 10).take(3).collect();
        for path in first.iter().chain(&names(&journal, 9).take(1).collect::<Vec<_>>()) {
            std::fs::write(path, "").unwrap();
        }
        for other in [
            "journal",
            "journal.next",
            "journal.010",
            "journal.10.1",
            "journal.10.2.3",
            "journal.10.unsent",
            "journal.-1",
            "other.10",
        ] {
            std::fs::write(folder.path().join(other), "").unwrap();
        }
        for other in ["journal", "journal.next", "journal.010", "journal.-1", "other.10"] {
            assert_eq!(goes_on_in(&folder.path().join(other)), None, "{other}");
        }
        let found: Vec<_> = before(&journal).unwrap().into_iter().map(|(_, path)| path).collect();
        let names = ["journal.9", "journal.10", "journal.10.2", "journal.10.3"];
        assert_eq!(found, names.map(|name| folder.path().join(name)));
        assert!(found.iter().all(|path| goes_on_in(path) == Some("journal")));
        std::fs::remove_file(&journal).unwrap();
        assert_eq!(goes_on_in(&found[0]), None, "it is the last");
    }
}
