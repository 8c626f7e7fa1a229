//! `data token ask | make`: an owner's values to its custodian, the custodian's tokens back, by the batch.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use yinxin_record::{OrganisationCode, Wire};
use yinxin_sharing::masked::{Custodian, TokenAsk};

use super::table::{Table, secret};
use crate::{
    data::words::{self, failure},
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    ui::{self, Ui},
};

/// `yinxin data token …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TokenCommand {
    /// Write what a table needs tokens of: each value once, without its row. Seal it to the custodian, who alone should see it
    Ask(Ask),
    /// Make the tokens that an owner asked for, as its custodian; what was asked is counted and kept
    Make(Make),
}

impl TokenCommand {
    /// Does what is asked.
    pub(in crate::data) fn run(self, ui: &Ui) -> Done {
        match self {
            Self::Ask(c) => c.run(ui),
            Self::Make(c) => c.run(ui),
        }
    }
}

/// `yinxin data token ask`
#[derive(Debug, clap::Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    table: Table,
    /// The file to write, for its owner alone
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin data token make`
#[derive(Debug, clap::Args)]
pub(crate) struct Make {
    /// What was asked, by `data token ask`
    #[arg(value_name = "ASK")]
    ask: PathBuf,
    /// The custodian's secret, 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// Who asks, by its unified social credit code: whoever sealed what was asked
    #[arg(long = "for", value_name = "CODE", value_parser = words::organisation)]
    asker: OrganisationCode,
    /// A purpose that the asker may have tokens for; may be repeated
    #[arg(long = "purpose", value_name = "PURPOSE", required = true)]
    purposes: Vec<String>,
    /// How many values the asker may ask for a purpose in a day: whoever can ask can search
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    most: u64,
    /// What was asked, by whom and when; begun if it is not there
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    file: String,
    ask: String,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    purpose: String,
    kind: String,
    values: u64,
}

/// A line of a custodian's journal.
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

impl Ask {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let ask = self.table.read()?.ask().at(self.table.rows.display())?;
        let existing = Existing::forced(self.force);
        files::write(&self.out, &ask.to_der(), Access::Owner, existing)?;
        told("yinxin.token-ask/1", &self.out, &ask, ui)
    }
}

impl Make {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let ask = TokenAsk::from_der(&files::read_secret(&self.ask)?);
        let ask = ask.map_err(|e| failure(&e.into())).at(self.ask.display())?;
        let custodian = Custodian::new(secret(&self.secret)?);
        for (purpose, ..) in ask.groups() {
            if !self.purposes.iter().any(|allowed| allowed == purpose) {
                return Err(Failure::new(
                    Class::Key,
                    format!(
                        "tokens for {purpose:?} were asked for, and only {:?} may be had",
                        self.purposes
                    ),
                    format!("申请的用途为 {purpose:?}，而只允许 {:?}", self.purposes),
                )
                .at(self.ask.display()));
            }
        }
        // On disk before a token leaves.
        self.note(&ask).at(self.journal.display())?;
        let answer = ask.answer(&custodian).to_der();
        files::write(&self.out, &answer, Access::Owner, Existing::forced(self.force))?;
        told("yinxin.tokens/1", &self.out, &ask, ui)
    }

    /// Notes what is asked, if it is within what the asker may have today; the same once more is noted already.
    fn note(&self, ask: &TokenAsk) -> Done {
        let io = |e: std::io::Error| Failure::io(&self.journal, &e);
        let mut file = OpenOptions::new();
        let file = file.create(true).append(true).read(true).mode(0o600).open(&self.journal);
        let mut file = file.map_err(io)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            Failure::new(
                Class::Usage,
                "another process writes this journal",
                "另一进程正在写入该日志",
            )
        })?;
        let before = entries(&mut file)?;
        let (asker, digest) = (self.asker.to_string(), ask.digest().to_string());
        let noted = |group: &Group| {
            before.iter().any(|e| {
                e.ask == digest
                    && e.r#for == asker
                    && (&e.purpose, &e.kind) == (&group.purpose, &group.kind)
            })
        };
        let time = ui::now().to_string();
        // A time begins with its day.
        let today = |e: &&Entry| e.r#for == asker && e.time.get(..10) == time.get(..10);
        let mut asked: BTreeMap<&str, u64> = BTreeMap::new();
        for entry in before.iter().filter(today) {
            *asked.entry(&entry.purpose).or_default() += entry.values;
        }
        let mut lines = Vec::new();
        for Group { purpose, kind, values } in groups(ask).filter(|group| !noted(group)) {
            let key = self.purposes.iter().find(|p| **p == purpose).map_or("", String::as_str);
            let sum = asked.entry(key).or_default();
            *sum = sum.saturating_add(values);
            if *sum > self.most {
                return Err(Failure::new(
                    Class::Key,
                    format!(
                        "{asker} would have asked for {sum} values for {purpose:?} today, at most {} are allowed",
                        self.most
                    ),
                    format!(
                        "{asker} 今日就用途 {purpose:?} 申请的数量将达 {sum}，上限为 {}",
                        self.most
                    ),
                ));
            }
            let (r#for, ask, time) = (asker.clone(), digest.clone(), time.clone());
            let entry = Entry { time, r#for, ask, purpose, kind, values };
            serde_json::to_writer(&mut lines, &entry).map_err(|e| Failure::bug(e.to_string()))?;
            lines.push(b'\n');
        }
        file.write_all(&lines).and_then(|()| file.sync_all()).map_err(io)
    }
}

/// What a journal has; a last line that a crash cut short is cut off: its tokens never left.
fn entries(file: &mut File) -> Done<Vec<Entry>> {
    let bad = |line: usize| {
        Failure::new(
            Class::Malformed,
            format!("line {line} is no entry of such a journal"),
            format!("第 {line} 行不是日志条目"),
        )
    };
    let io = |e: std::io::Error| Failure::new(Class::Node, e.to_string(), e.to_string());
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

fn groups(ask: &TokenAsk) -> impl Iterator<Item = Group> {
    ask.groups().map(|(purpose, kind, values)| Group {
        purpose: purpose.to_owned(),
        kind: kind.to_owned(),
        values: values as u64,
    })
}

fn told(schema: &'static str, file: &Path, ask: &TokenAsk, ui: &Ui) -> Done {
    let (file, digest) = (file.display().to_string(), ask.digest().to_string());
    let view = View { schema, file, ask: digest, groups: groups(ask).collect() };
    ui.result(&view, |v| {
        let values = ui.pick("values", "个值");
        let mut text = format!("{}\n  {}\n", v.file, v.ask);
        for Group { purpose, kind, values: count } in &v.groups {
            text.push_str(&format!("  {purpose} {kind}: {count} {values}\n"));
        }
        text
    })
}
