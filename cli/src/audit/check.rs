//! `audit check`: every index entry derived again from the records, and compared.

use std::path::PathBuf;

use serde::Serialize;
use yinxin_gm::Digest;

use super::{
    batches::BatchArgs,
    entries::{Difference, compare},
    far::Far,
    height_of,
    scratch::Scratch,
    stopped::{Signed, Stopped},
};
use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    submit::LedgerArgs,
    trusting,
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
    /// Where state and index are derived again, and removed afterwards [default: the system's temporary files]
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
    chain_id: String,
    /// Whether a trust folder vouches for the ledger, or only the node's own genesis.
    trusted: bool,
    signed: Signed,
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
    chain_id: String,
    trusted: bool,
    signed: Signed,
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
                checked.chain_id = stopped.chain_id().to_string();
                checked.trusted = self.trusts(stopped.chain_id(), config)?;
                let (replay, signed) =
                    stopped.replay(self.scratch.as_deref(), ui, |_, _| Ok(()))?;
                checked.signed = signed;
                checked.records = replay.records;
                checked.entries = compare(replay.index(), stopped.index(), |d| checked.note(&d))?;
            }
            None => {
                let client = self.ledger.open(config)?;
                let far = Far::open(&client)?;
                (checked.chain_id, checked.trusted) = (client.chain_id.to_string(), true);
                checked.signed = far.signed();
                let replay = far.replay(Scratch::within(self.scratch.as_deref())?, ui)?;
                checked.records = replay.records;
                checked.entries = compare(replay.index(), far.index(), |d| checked.note(&d))?;
            }
        }
        let Checked { records, entries, lies, told, chain_id, trusted, signed } = checked;
        let ok = lies == 0;
        let schema = "yinxin.audit-check/1";
        let view = View { schema, ok, records, entries, lies, told, chain_id, trusted, signed };
        ui.result(&view, |v| text(v, ui))?;
        if ok { Ok(()) } else { Err(Failure::told(Class::Invalid)) }
    }
}

impl Check {
    /// Whether the trust folder, if one is named, has the ledger; another one is refused.
    fn trusts(&self, chain_id: Digest, config: &Config) -> Done<bool> {
        let Some(folder) = config.trust_folder(self.ledger.trust.as_deref()) else {
            return Ok(false);
        };
        if trusting::load(&folder)?.ledgers().ledger(&chain_id).is_some() {
            return Ok(true);
        }
        Err(Failure::new(
            Class::Invalid,
            format!(
                "the node's genesis is of ledger {chain_id}, which the trust folder does not know"
            ),
            format!("节点的创世文件属于账本 {chain_id}，信任文件夹中没有该账本"),
        )
        .at(folder.display()))
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
    out.push_str(&signatures(view, ui));
    out
}

/// What the blocks stand on: signatures of validators, and a genesis that somebody vouches for.
fn signatures(view: &View, ui: &Ui) -> String {
    let View { chain_id, trusted, signed: Signed { height, signers, validators }, .. } = view;
    let signed = match (ui.lang, height) {
        (yinxin_verdict::Lang::En, 0) => "there is no block yet, and so no signature".to_owned(),
        (yinxin_verdict::Lang::Zh, 0) => "尚无区块，故无签名".to_owned(),
        (yinxin_verdict::Lang::En, _) => {
            format!(
                "block {height} is signed by {signers} of the {validators} validators in office"
            )
        }
        (yinxin_verdict::Lang::Zh, _) => {
            format!("区块 {height} 由在任 {validators} 个验证者中的 {signers} 个签署")
        }
    };
    let whose = if *trusted {
        ui.pick("which the trust folder knows", "信任文件夹中有此账本")
    } else {
        ui.pick(
            "by the node's own genesis only: --trust DIR says whether it is the right one",
            "仅依据节点自带的创世文件：可用 --trust 目录 核对",
        )
    };
    format!("  {signed}\n  {} {chain_id}, {whose}\n", ui.pick("ledger", "账本"))
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
