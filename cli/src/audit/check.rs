//! `audit check`: every index entry derived again from the records, and compared.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use yinxin_engine::wire::decode_body;
use yinxin_gm::Digest;
use yinxin_receipt::{Genesis, Header, Wire};
use yinxin_store::{Options, RocksDisk, Store};

use super::{
    batches::BatchArgs,
    replay::{Index, Replay},
};
use crate::{
    app::Rules,
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files,
    ledger::read_genesis,
    remote,
    submit::{Client, LedgerArgs},
    trace::placed,
    ui::Ui,
};

/// A page of index entries.
const PAGE: usize = 1_000;
/// Most entries that are compared in memory. 20 million of some 150 bytes: 6 GB with both sides; a larger ledger is checked on
/// its own machine in parts, which this command does not do yet.
const MAX_ENTRIES: usize = 20_000_000;
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
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    ok: bool,
    records: usize,
    entries: usize,
    lies: usize,
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

/// The parts of a node's settings that are needed here.
#[derive(Deserialize)]
struct Settings {
    genesis: PathBuf,
    node: NodeSettings,
}

#[derive(Deserialize)]
struct NodeSettings {
    data_dir: PathBuf,
}

impl Check {
    /// Replays, compares, tells.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        if let Some(published) = &self.batches.batches {
            let node = self.folder.as_deref();
            return self.batches.run(published, node, &self.ledger, ui, config);
        }
        let spinner = ui.spinner("deriving the index again", "正在由记录重建索引");
        let checked = match &self.folder {
            Some(folder) => replayed(folder, &mut |_| Ok(())),
            None => self.ledger.open(config).and_then(|client| far(&client)),
        };
        spinner.finish_and_clear();
        let (replay, found, records) = checked?;
        let (lies, told) = compare(&replay.index, &found);
        let ok = lies == 0;
        let entries = found.len();
        let view = View { schema: "yinxin.audit-check/1", ok, records, entries, lies, told };
        ui.result(&view, |v| text(v, ui))?;
        if ok { Ok(()) } else { Err(Failure::told(Class::Invalid)) }
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

pub(super) type Checked = (Replay, Index, usize);

/// A stopped node's own store; `each` hears the records of each block.
pub(super) fn replayed(folder: &Path, each: &mut dyn FnMut(&[Vec<u8>]) -> Done) -> Done<Checked> {
    let path = folder.join("node.toml");
    let settings: Settings = toml::from_str(&files::read_text(&path)?).map_err(|e| {
        let e = e.to_string();
        Failure::new(Class::Usage, e.trim_end(), e.trim_end()).at(path.display())
    })?;
    let genesis: Genesis = read_genesis(&folder.join(settings.genesis))?;
    let ledger = folder.join(settings.node.data_dir).join("ledger");
    if !ledger.is_dir() {
        return Err(Failure::io(&ledger, &std::io::Error::from(std::io::ErrorKind::NotFound)));
    }
    let stored = |e: yinxin_store::StoreError| {
        Failure::new(Class::Node, e.to_string(), e.to_string()).todo(
            "stop the node first, or ask it: audit check --node URL",
            "请先停止节点，或改为在线检查：audit check --node URL",
        )
    };
    let disk = Arc::new(RocksDisk::open(&ledger).map_err(stored)?);
    let view = Store::open(disk, Options::default(), &genesis, &Rules).map_err(stored)?.view();
    let mut replay = Replay::new(&genesis)?;
    let mut records = 0;
    for height in 1..=view.head_ref().height {
        let missing = || {
            let (en, zh) = (format!("block {height} is not there"), format!("缺少区块 {height}"));
            Failure::new(Class::Node, en, zh)
        };
        let (header, _) = view.header(height).map_err(stored)?.ok_or_else(missing)?;
        let body = view.body(height).map_err(stored)?.ok_or_else(missing)?;
        let body = decode_body(&body)
            .map_err(|e| Failure::new(Class::Node, e.to_string(), e.to_string()))?;
        records += body.len();
        each(&body)?;
        replay.block(height, header.time(), &body)?;
    }
    let found = whole(|from| view.index(&[], from, PAGE).map_err(stored))?;
    Ok((replay, found, records))
}

/// A node over HTTP: its records are believed by their receipts, and counted by the log's size.
fn far(client: &Client) -> Done<Checked> {
    let remote = &client.remote;
    let genesis = remote.first().map_err(|e| remote::failure(&e))?;
    let genesis =
        Genesis::from_der(&genesis).map_err(yinxin_receipt::Error::from).class(Class::Node)?;
    if genesis.chain_id() != client.chain_id {
        let (en, zh) = (
            "the node carries another ledger than the trust folder",
            "节点账本与信任文件夹中的账本不同",
        );
        return Err(Failure::new(Class::Invalid, en, zh));
    }
    let head = remote.newest().map_err(|e| remote::failure(&e))?;
    let head =
        Header::from_der(&head.header).map_err(yinxin_receipt::Error::from).class(Class::Node)?;
    let mut found = Index::new();
    for letter in b'a'..=b'z' {
        let prefix = [letter];
        found.extend(whole(|from| {
            remote.entries(&prefix, from, PAGE).map_err(|e| remote::failure(&e))
        })?);
    }
    // Each record stands in its organisation's list.
    let listed = found.iter().filter(|(key, _)| key.starts_with(b"o/"));
    let ids: BTreeSet<Digest> =
        listed.filter_map(|(_, id)| Some(Digest::from(*id.first_chunk::<32>()?))).collect();
    let mut log = Vec::new();
    for id in &ids {
        let receipt = remote.receipt_of(*id, None).map_err(|e| remote::failure(&e)).at(id)?;
        let Some(place) = placed(&receipt)? else { continue };
        let record: Vec<u8> = Wire::to_der(&place.record);
        client.check(&record, receipt).at(id)?;
        // What came into the ledger while this runs is left for the next time.
        if place.height <= head.height {
            log.push((place.index, place.height, place.time, record));
        }
    }
    log.sort();
    let whole_log = log.iter().map(|(index, ..)| *index).eq(0..head.log_size);
    if !whole_log {
        return Err(Failure::new(
            Class::Invalid,
            format!(
                "the log has {} records, the lists of organisations lead to {}",
                head.log_size,
                log.len()
            ),
            format!("日志共有 {} 条记录，机构列表只能找到 {} 条", head.log_size, log.len()),
        ));
    }
    let mut replay = Replay::new(&genesis)?;
    let count = log.len();
    let mut rest = log.into_iter().peekable();
    while let Some((_, height, time, record)) = rest.next() {
        let mut records = vec![record];
        while let Some((.., record)) = rest.next_if(|(_, at, ..)| *at == height) {
            records.push(record);
        }
        replay.block(height, time, &records)?;
    }
    found.retain(|key, _| height_of(key).is_none_or(|height| height <= head.height));
    Ok((replay, found, count))
}

/// The height in a key: the 12 or 14 bytes after its last slash that leave a whole key.
fn height_of(key: &[u8]) -> Option<u64> {
    let places = [12, 14].into_iter().filter_map(|tail| key.len().checked_sub(tail));
    let at = places.into_iter().find(|at| *at > 0 && key[*at - 1] == b'/')?;
    key[at..].first_chunk::<8>().map(|height| u64::from_be_bytes(*height))
}

fn whole(mut page: impl FnMut(&[u8]) -> Done<Vec<(Vec<u8>, Vec<u8>)>>) -> Done<Index> {
    let mut found = Index::new();
    let mut from = Vec::new();
    loop {
        let list = page(&from)?;
        let last = list.last().map(|(key, _)| [key.as_slice(), &[0]].concat());
        let full = list.len() == PAGE;
        found.extend(list);
        if found.len() > MAX_ENTRIES {
            return Err(Failure::new(
                Class::Node,
                format!("more than {MAX_ENTRIES} index entries"),
                format!("索引超过 {MAX_ENTRIES} 项"),
            ));
        }
        match last {
            Some(next) if full && next > from => from = next,
            _ => return Ok(found),
        }
    }
}

/// How many entries differ, and the first of them.
fn compare(expected: &Index, found: &Index) -> (usize, Vec<Lie>) {
    let keys: BTreeSet<&Vec<u8>> = expected.keys().chain(found.keys()).collect();
    let differ = keys.into_iter().filter_map(|key| match (expected.get(key), found.get(key)) {
        (a, b) if a == b => None,
        (Some(a), Some(b)) => Some(lie("changed", key, Some(a), Some(b))),
        (Some(a), None) => Some(lie("missing", key, Some(a), None)),
        (_, b) => Some(lie("planted", key, None, b)),
    });
    let mut told = Vec::new();
    let mut count = 0;
    for lie in differ {
        count += 1;
        if told.len() < TOLD {
            told.push(lie);
        }
    }
    (count, told)
}

fn lie(what: &'static str, key: &[u8], expected: Option<&Vec<u8>>, found: Option<&Vec<u8>>) -> Lie {
    let value = |value: Option<&Vec<u8>>| value.map_or_else(|| "–".to_owned(), hex::encode);
    Lie { what, key: shown(key), expected: value(expected), found: value(found) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_lie_is_told() {
        let index = |pairs: &[(&str, &str)]| -> Index {
            pairs.iter().map(|(k, v)| (k.as_bytes().to_vec(), v.as_bytes().to_vec())).collect()
        };
        let (count, told) = compare(
            &index(&[("a", "1"), ("b", "1"), ("c", "1")]),
            &index(&[("a", "1"), ("b", "2"), ("d", "1")]),
        );
        let kinds: Vec<_> = told.iter().map(|l| l.what).collect();
        assert_eq!((count, kinds), (3, vec!["changed", "missing", "planted"]));
    }

    #[test]
    fn a_page_after_a_page_gives_the_whole() {
        let all: Vec<_> = (0..2_500_u32).map(|n| (n.to_be_bytes().to_vec(), vec![1])).collect();
        let page = |from: &[u8]| {
            let rest = all.iter().filter(|(key, _)| key.as_slice() >= from);
            Ok(rest.take(PAGE).cloned().collect())
        };
        assert_eq!(whole(page).unwrap().len(), 2_500);
    }
}
