//! The retention list: a file that people read, and that says for each file what it is, until when it is kept, and why.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use yinxin_gm::Digest;
use yinxin_verdict::UnixTime;

use crate::{
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
};

/// Most entries: at a delivery a working hour for years.
const MAX_ENTRIES: usize = 100_000;

/// ```toml
/// [[keep]]
/// file = "received/rows.csv"       # below the list's folder
/// sm3 = "…"                        # of its bytes: no other file is erased
/// digest = "…"                     # what the ledger knows it by
/// grant = "…"                      # left out for what is the own organisation's
/// days_after_end = 30              # or: until = "2031-12-31T16:00:00Z"
/// basis = "…"
/// ```
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    keep: Vec<Line>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    file: String,
    sm3: String,
    digest: String,
    grant: Option<String>,
    until: Option<String>,
    days_after_end: Option<u16>,
    basis: String,
}

/// Until when something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// This instant.
    Time(UnixTime),
    /// So many days after its grant's end.
    AfterGrant(u16),
}

/// A file that is kept for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Path below the list's folder, `/` between its parts.
    pub(super) file: String,
    /// SM3 of its bytes.
    pub(super) sm3: Digest,
    /// What the ledger knows it by.
    pub(super) digest: Digest,
    /// The grant under which it was received.
    pub(super) grant: Option<Digest>,
    /// How long.
    pub(super) until: Until,
    /// On what basis.
    pub(super) basis: String,
}

/// The list, read whole.
#[derive(Debug)]
pub(super) struct List {
    path: PathBuf,
    /// Where its files lie.
    pub(super) folder: PathBuf,
    /// In the order of the file. Invariant: each file once, every path below the folder.
    pub(super) entries: Vec<Entry>,
}

impl List {
    pub(super) fn read(path: &Path) -> Done<Self> {
        let text = files::read_text(path)?;
        let entries = parse(&text).at(path.display())?;
        Ok(Self { entries, ..Self::empty(path) })
    }

    pub(super) fn read_or_begin(path: &Path) -> Done<Self> {
        if path.exists() { Self::read(path) } else { Ok(Self::empty(path)) }
    }

    fn empty(path: &Path) -> Self {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self { path: path.to_owned(), folder: folder.to_owned(), entries: Vec::new() }
    }

    /// The path of a file as the list has it: below the list's folder, and nowhere else, since what is due is removed.
    pub(super) fn below(&self, file: &Path) -> Done<String> {
        let here = self.folder == Path::new(".");
        let path = if here { Some(file) } else { file.strip_prefix(&self.folder).ok() };
        let text = path.and_then(Path::to_str).and_then(checked);
        text.map(str::to_owned).ok_or_else(|| outside(&file.display().to_string()))
    }

    pub(super) fn entry(&self, file: &str) -> Done<&Entry> {
        self.entries.iter().find(|e| e.file == file).ok_or_else(|| {
            Failure::new(
                Class::Usage,
                format!("{file} is not in the list"),
                format!("{file} 不在清单中"),
            )
        })
    }

    pub(super) fn add(&mut self, entry: Entry) -> Done {
        if self.entries.iter().any(|e| e.file == entry.file) {
            let file = &entry.file;
            return Err(Failure::new(
                Class::Usage,
                format!("{file} is in the list already"),
                format!("{file} 已在清单中"),
            ));
        }
        self.entries.push(entry);
        Ok(())
    }

    pub(super) fn write(&self) -> Done {
        let keep = self.entries.iter().map(Line::of).collect();
        let text =
            toml::to_string(&File { keep }).map_err(|e| Failure::bug(format!("TOML: {e}")))?;
        files::write(&self.path, text.as_bytes(), Access::Owner, Existing::Replace)
    }
}

/// A relative path of plain names.
fn checked(text: &str) -> Option<&str> {
    let path = Path::new(text);
    let plain = path.components().all(|c| matches!(c, Component::Normal(_)));
    (plain && !text.is_empty() && !text.ends_with('/')).then_some(text)
}

fn outside(file: &str) -> Failure {
    Failure::new(
        Class::Usage,
        format!("{file} does not lie below the list's folder"),
        format!("{file} 不在清单所在文件夹之下"),
    )
}

fn parse(text: &str) -> Done<Vec<Entry>> {
    let bad = |why: &str| Failure::new(Class::Malformed, why.trim_end(), why.trim_end());
    let file: File = toml::from_str(text).map_err(|e| bad(&e.to_string()))?;
    if file.keep.len() > MAX_ENTRIES {
        return Err(bad(&format!("{} entries, at most {MAX_ENTRIES}", file.keep.len())));
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut entries = Vec::new();
    for line in file.keep {
        let name = line.file.clone();
        let entry = line.read().ok_or_else(|| {
            bad("an entry needs file, sm3, digest, basis, and until or days_after_end with a grant")
        });
        let entry = entry.at(&name)?;
        if !seen.insert(entry.file.clone()) {
            return Err(bad("the file stands twice in the list").at(name));
        }
        entries.push(entry);
    }
    Ok(entries)
}

impl Line {
    fn of(entry: &Entry) -> Self {
        let Entry { file, sm3, digest, grant, until, basis } = entry;
        let (until, days_after_end) = match until {
            Until::Time(at) => (Some(at.to_string()), None),
            Until::AfterGrant(days) => (None, Some(*days)),
        };
        Self {
            file: file.clone(),
            sm3: sm3.to_string(),
            digest: digest.to_string(),
            grant: grant.map(|g| g.to_string()),
            until,
            days_after_end,
            basis: basis.clone(),
        }
    }

    fn read(self) -> Option<Entry> {
        let grant = self.grant.as_ref().map(|g| g.parse()).transpose().ok()?;
        let until = match (&self.until, self.days_after_end, grant) {
            (Some(at), None, _) => Until::Time(UnixTime::parse(at).ok()?),
            (None, Some(days), Some(_)) => Until::AfterGrant(days),
            _ => return None,
        };
        let file = checked(&self.file)?.to_owned();
        let basis = Some(self.basis).filter(|b| !b.trim().is_empty())?;
        let (sm3, digest) = (self.sm3.parse().ok()?, self.digest.parse().ok()?);
        Some(Entry { file, sm3, digest, grant, until, basis })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(file: &str, rest: &str) -> String {
        let digest = "a".repeat(64);
        format!(
            "[[keep]]\nfile = \"{file}\"\nsm3 = \"{digest}\"\ndigest = \"{digest}\"\nbasis = \"某条例\"\n{rest}\n"
        )
    }

    #[test]
    fn a_list_is_read_or_refused_whole() {
        let grant = format!("grant = \"{}\"\ndays_after_end = 30", "b".repeat(64));
        let good = line("in/rows.csv", &grant) + &line("own", "until = \"2031-12-31\"");
        let read = parse(&good).unwrap();
        assert_eq!((read.len(), read[0].until), (2, Until::AfterGrant(30)));
        for bad in [
            line("a", ""),
            line("a", "days_after_end = 3"),
            line("a", &format!("{grant}\nuntil = \"2031-12-31\"")),
            line("../a", &grant),
            line("/etc/passwd", &grant),
            line("", &grant),
            line("a/", &grant),
            line("a", "until = \"soon\""),
            line("a", &grant.replace('b', "x")),
            line("a", &grant).replace("某条例", " "),
            line("a", &grant) + &line("a", &grant),
            line("a", "colour = 1"),
            line("a", &grant).replace("sm3", "sm4"),
            line("a", &grant).replacen("aaaa", "a", 1),
        ] {
            assert!(parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.toml");
        let mut list = List::read_or_begin(&path).unwrap();
        let (digest, grant) = (Digest([7; 32]), Some(Digest([8; 32])));
        for (file, until) in [("a", Until::AfterGrant(0)), ("b", Until::Time(UnixTime::EPOCH))] {
            let (file, basis) = (file.to_owned(), "basis".to_owned());
            list.add(Entry { file, sm3: digest, digest, grant, until, basis }).unwrap();
        }
        list.write().unwrap();
        let read = List::read(&path).unwrap();
        assert_eq!(read.entries, list.entries);
        assert_eq!(read.below(&folder.path().join("c/d")).unwrap(), "c/d");
        for elsewhere in ["../d", "d", "/d", ""] {
            assert!(read.below(Path::new(elsewhere)).is_err(), "{elsewhere}");
        }
        let here = List::empty(Path::new("list.toml"));
        assert_eq!(here.below(Path::new("c/d")).unwrap(), "c/d");
        assert!(here.below(&path).is_err(), "an absolute path elsewhere");
        assert!(list.add(read.entries[0].clone()).is_err(), "each file once");
    }
}
