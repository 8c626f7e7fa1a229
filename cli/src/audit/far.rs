//! A node over HTTP: its records are believed by their receipts, and counted by the log's size in a proven header.

use yinxin_gm::Digest;
use yinxin_receipt::{Genesis, Header, ValidatorSet, Wire};
use yinxin_record::state_key;
use yinxin_service::LedgerError;
use yinxin_store::Batch;
use yinxin_verdict::UnixTime;

use super::{
    Entry,
    entries::{Entries, PAGE},
    replay::Replay,
    scratch::{LOG, Scratch},
    stopped::Signed,
};
use crate::{
    fail::{At, Class, Classed, Done, Failure},
    remote,
    submit::Client,
    trace::placed,
    ui::Ui,
};

/// A ledger that a node tells of, as of one header.
pub(crate) struct Far<'a> {
    client: &'a Client,
    genesis: Genesis,
    head: Header,
    signed: Signed,
}

impl<'a> Far<'a> {
    /// The node's ledger up to its newest header, whose certificate holds.
    pub(super) fn open(client: &'a Client) -> Done<Self> {
        let genesis = client.remote.first().map_err(|e| remote::failure(&e))?;
        let genesis =
            Genesis::from_der(&genesis).map_err(yinxin_receipt::Error::from).class(Class::Node)?;
        if genesis.chain_id() != client.chain_id {
            let (en, zh) = (
                "the node carries another ledger than the trust folder",
                "节点账本与信任文件夹中的账本不同",
            );
            return Err(Failure::new(Class::Invalid, en, zh));
        }
        let (proof, _) = client.status(&state_key::validators())?;
        let (height, signers) = (proof.header.height, proof.certificate().signatures.len());
        let ledger = client.trust.ledgers().ledger(&client.chain_id);
        let validators = ledger.and_then(|l| l.set_at(height)).map_or(0, ValidatorSet::len);
        let signed = Signed { height, signers, validators };
        Ok(Self { client, genesis, head: proof.header, signed })
    }

    /// Who signed the header that all is counted by.
    pub(super) const fn signed(&self) -> Signed {
        self.signed
    }

    /// Fetches every record that the organisations' lists name, and executes them.
    pub(super) fn replay(&self, scratch: Scratch, ui: &Ui) -> Done<Replay> {
        let bar = ui.progress(self.head.log_size, "fetching records", "正在读取记录");
        for entry in self.list(b'o') {
            let (_, value) = entry?;
            let Some(id) = value.first_chunk::<32>() else { continue };
            self.fetch(Digest::from(*id), &scratch)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let mut replay = Replay::new(&self.genesis, scratch)?;
        let bar = ui.progress(self.head.log_size, "executing records again", "正在重新执行记录");
        let mut block: Option<(u64, UnixTime)> = None;
        let (mut records, mut from, mut next) = (Vec::new(), Vec::new(), 0_u64);
        loop {
            let page = replay.scratch().page(LOG, &from, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            from = [last.as_slice(), &[0]].concat();
            for (index, value) in page {
                if index != next.to_be_bytes() {
                    return Err(self.gap(next));
                }
                next += 1;
                let (at, record) = read(&value)?;
                if let Some((height, time)) = block.replace(at)
                    && height != at.0
                {
                    replay.block(height, time, &std::mem::take(&mut records))?;
                }
                records.push(record);
                bar.inc(1);
            }
        }
        bar.finish_and_clear();
        if let Some((height, time)) = block {
            replay.block(height, time, &records)?;
        }
        if next == self.head.log_size { Ok(replay) } else { Err(self.gap(next)) }
    }

    /// The node's index; what came after the header is left for the next time.
    pub(super) fn index(&self) -> impl Iterator<Item = Done<Entry>> {
        let entries = (b'a'..=b'z').flat_map(|letter| self.list(letter));
        entries.filter(|entry| {
            let key = entry.as_ref().ok().map(|(key, _)| key);
            key.and_then(|key| super::height_of(key)).is_none_or(|at| at <= self.head.height)
        })
    }

    fn list(&self, letter: u8) -> impl Iterator<Item = Done<Entry>> {
        Entries::new(move |from| {
            self.client.remote.entries(&[letter], from, PAGE).map_err(|e| remote::failure(&e))
        })
    }

    /// Keeps a record under its number in the log. One that the node does not have was planted: its entry is told with the others.
    fn fetch(&self, id: Digest, scratch: &Scratch) -> Done {
        let receipt = match self.client.remote.receipt_of(id, None) {
            Ok(receipt) => receipt,
            Err(LedgerError::NotFound) => return Ok(()),
            Err(e) => return Err(remote::failure(&e).at(id)),
        };
        let Some(place) = placed(&receipt)? else { return Ok(()) };
        let record: Vec<u8> = Wire::to_der(&place.record);
        self.client.check(&record, receipt).at(id)?;
        if place.height > self.head.height {
            return Ok(());
        }
        let time = place.time.as_millis();
        let value = [&place.height.to_be_bytes()[..], &time.to_be_bytes(), &record].concat();
        let mut batch = Batch::default();
        batch.put(LOG, place.index.to_be_bytes(), value);
        scratch.write(batch)
    }

    fn gap(&self, number: u64) -> Failure {
        let size = self.head.log_size;
        Failure::new(
            Class::Invalid,
            format!(
                "the log has {size} records; number {number} is in no organisation's list that the node shows"
            ),
            format!("日志共有 {size} 条记录；节点给出的机构列表中缺少第 {number} 条"),
        )
        .todo(
            "the node's index is damaged or it lies: ask another; on this one, yinxin node reindex",
            "该节点索引已损坏或作假：请改用其他节点；本机可用 yinxin node reindex 修复",
        )
    }
}

/// Height, time and record, as they were kept.
fn read(value: &[u8]) -> Done<((u64, UnixTime), Vec<u8>)> {
    let read = || {
        let (height, rest) = value.split_first_chunk()?;
        let (time, record) = rest.split_first_chunk()?;
        let time = UnixTime::from_millis(i64::from_be_bytes(*time)).ok()?;
        Some(((u64::from_be_bytes(*height), time), record.to_vec()))
    };
    read().ok_or_else(|| Failure::bug("the check's own files do not read back".to_owned()))
}
