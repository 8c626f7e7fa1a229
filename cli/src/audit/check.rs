//! `audit check`: every index entry derived again from the records, and compared.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    batches::BatchArgs,
    entries::{Difference, compare},
    far::Far,
    height_of,
    scratch::Scratch,
    stopped::Stopped,
};
use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    submit::LedgerArgs,
    ui::Ui,
};

/// How many differences are told one by one.
const TOLD: usize = 20;

/// `yinxin audit check`
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// A stopped node's directory; without it, the node that --node names is asked
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArgs,
    #[command(flatten)]
    batches: BatchArgs,
    /// Where state and index are derived again, and removed afterwards: the node's data directory, or the system's temporary files
    #[arg(long, value_name = "FOLDER")]
    scratch: Option<PathBuf>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    ok: bool,
    records: u64,
    entries: u64,
    lies: u64,
    told: Vec<Lie>,
}

/// Where an index and its records disagree.
#[derive(Serialize)]
struct Lie {
    what: &'static str,
    key: String,
    expected: String,
    found: String,
}

/// How many records and index entries there are, how many differ, and the first of them.
#[derive(Default)]
struct Checked {
    records: u64,
    entries: u64,
    lies: u64,
    told: Vec<Lie>,
}

impl Check {
    /// Replays, compares, tells.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        if let Some(published) = &self.batches.batches {
            let node = self.folder.as_deref();
            return self.batches.run(published, node, &self.ledger, ui, config);
        }
        let mut checked = Checked::default();
        match &self.folder {
            Some(folder) => {
                let stopped = Stopped::open(folder)?;
                let replay = stopped.replay(self.scratch.as_deref(), ui, |_, _| Ok(()))?;
                checked.records = replay.records;
                checked.entries = compare(replay.index(), stopped.index(), |d| checked.note(&d))?;
            }
            None => {
                let client = self.ledger.open(config)?;
                let far = Far::open(&client)?;
                let temporary = std::env::temp_dir();
                let folder = self.scratch.as_deref().unwrap_or(&temporary);
                let folder = folder.join(format!("yinxin-audit-{}", std::process::id()));
                let replay = far.replay(Scratch::new(folder)?, ui)?;
                checked.records = replay.records;
                checked.entries = compare(replay.index(), far.index(), |d| checked.note(&d))?;
            }
        }
        let Checked { records, entries, lies, told } = checked;
        let ok = lies == 0;
        let view = View { schema: "yinxin.audit-check/1", ok, records, entries, lies, told };
        ui.result(&view, |v| text(v, ui))?;
        if ok { Ok(()) } else { Err(Failure::told(Class::Invalid)) }
    }
}

impl Checked {
    fn note(&mut self, difference: &Difference) -> Done {
        self.lies += 1;
        if self.told.len() < TOLD {
            self.told.push(lie(difference));
        }
        Ok(())
    }
}

fn text(view: &View, ui: &Ui) -> String {
    let mut out: String = view
        .told
        .iter()
        .map(|lie| {
            let Lie { what, key, expected, found } = lie;
            format!(
                "✗ {what} {key}\n    {} {expected}\n    {} {found}\n",
                ui.pick("records say", "依据记录："),
                ui.pick("the index says", "索引内容：")
            )
        })
        .collect();
    let sign = if view.ok { "✓" } else { "✗" };
    out.push_str(&match ui.lang {
        yinxin_verdict::Lang::En => format!(
            "{sign} {} records, {} index entries, {} differ\n",
            view.records, view.entries, view.lies
        ),
        yinxin_verdict::Lang::Zh => format!(
            "{sign} 记录 {} 条，索引 {} 项，不一致 {} 项\n",
            view.records, view.entries, view.lies
        ),
    });
    out
}

fn lie(difference: &Difference) -> Lie {
    let value =
        |value: &Option<Vec<u8>>| value.as_ref().map_or_else(|| "–".to_owned(), hex::encode);
    let Difference { key, expected, found } = difference;
    let (what, key) = (difference.what(), shown(key));
    Lie { what, key, expected: value(expected), found: value(found) }
}

/// A key for people: its prefix as text, height and position as numbers.
fn shown(key: &[u8]) -> String {
    match height_of(key) {
        Some(height) => {
            let cut = key.iter().rposition(|b| *b == b'/').unwrap_or_default();
            format!("{} #{height}", String::from_utf8_lossy(&key[..cut.min(key.len())]))
        }
        None => hex::encode(key),
    }
}
