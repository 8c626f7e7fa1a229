//! A custodian's journal: how much was asked of it, by whom and for what. Whoever can ask can search, so it has a bound for a day.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use yinxin_record::OrganisationCode;
use yinxin_sharing::masked::Custodian;

use crate::{
    fail::{At, Class, Done, Failure},
    files, ui,
};

/// The purpose for which a custodian names what was asked in its own journal: with a slash and a control character
/// no schema and no request can have it.
const JOURNAL: &str = "/\u{1}journal";

/// What is asked for one purpose and kind.
#[derive(Serialize)]
pub(super) struct Asked {
    pub(super) purpose: String,
    pub(super) kind: String,
    pub(super) values: u64,
}

/// Where it is noted, of whom, and how many values for a purpose a day.
pub(super) struct Journal<'a> {
    pub(super) path: &'a Path,
    pub(super) asker: &'a OrganisationCode,
    pub(super) most: u64,
}

/// A line of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    time: String,
    r#for: String,
    ask: String,
    purpose: String,
    kind: String,
    values: u64,
}

impl Journal<'_> {
    /// Notes what is asked, if it is within what the asker may have today; the same once more is noted already. It is named by its kind
    /// and text under the custodian's secret: a plain digest of what was asked could be searched for.
    pub(super) fn note(
        &self,
        custodian: &Custodian,
        (kind, text): (&str, &str),
        asked: impl Iterator<Item = Asked>,
    ) -> Done {
        let ask = custodian.pseudonym(JOURNAL, kind, text).to_string();
        let io = |e: std::io::Error| Failure::io(self.path, &e);
        let mut file = OpenOptions::new();
        let file = file.create(true).append(true).read(true).mode(0o600).open(self.path);
        let mut file = file.map_err(io)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            Failure::new(
                Class::Usage,
                "another process writes this journal",
                "另一进程正在写入该日志",
            )
            .at(self.path.display())
        })?;
        let before = self.entries(&mut file)?;
        let asker = self.asker.to_string();
        let noted = |one: &Asked| {
            before.iter().any(|e| {
                e.ask == ask
                    && e.r#for == asker
                    && (&e.purpose, &e.kind) == (&one.purpose, &one.kind)
            })
        };
        let time = ui::now().to_string();
        // A time begins with its day.
        let today = |e: &&Entry| e.r#for == asker && e.time.get(..10) == time.get(..10);
        let mut sums: BTreeMap<String, u64> = BTreeMap::new();
        for entry in before.iter().filter(today) {
            let sum = sums.entry(entry.purpose.clone()).or_default();
            *sum = sum.saturating_add(entry.values);
        }
        let mut lines = Vec::new();
        for Asked { purpose, kind, values } in asked.filter(|one| !noted(one)) {
            let sum = sums.entry(purpose.clone()).or_default();
            *sum = sum.saturating_add(values);
            if *sum > self.most {
                return Err(self.too_many(&purpose, *sum)).at(self.path.display());
            }
            let (r#for, ask, time) = (asker.clone(), ask.clone(), time.clone());
            let entry = Entry { time, r#for, ask, purpose, kind, values };
            serde_json::to_writer(&mut lines, &entry).map_err(|e| Failure::bug(e.to_string()))?;
            lines.push(b'\n');
        }
        // A journal that was just begun has its name on disk too.
        file.write_all(&lines)
            .and_then(|()| file.sync_all())
            .and_then(|()| files::sync_folder_of(self.path))
            .map_err(io)
    }

    fn too_many(&self, purpose: &str, sum: u64) -> Failure {
        let Self { asker, most, .. } = self;
        Failure::new(
            Class::Key,
            format!(
                "{asker} would have asked for {sum} values for {purpose:?} today, at most {most} are allowed"
            ),
            format!("{asker} 今日就用途 {purpose:?} 申请的数量将达 {sum}，上限为 {most}"),
        )
    }

    /// What it has; a last line that a crash cut short is cut off: its tokens never left.
    fn entries(&self, file: &mut File) -> Done<Vec<Entry>> {
        let io = |e: std::io::Error| Failure::io(self.path, &e);
        let bad = |line: usize| {
            Failure::new(
                Class::Malformed,
                format!("line {line} is no entry of such a journal"),
                format!("第 {line} 行不是日志条目"),
            )
            .at(self.path.display())
        };
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(io)?;
        let whole = text.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
        if whole < text.len() {
            file.set_len(whole as u64).map_err(io)?;
            text.truncate(whole);
        }
        let lines = (1..).zip(text.split_inclusive(|octet| *octet == b'\n'));
        lines.map(|(n, line)| serde_json::from_slice(line).map_err(|_| bad(n))).collect()
    }
}
