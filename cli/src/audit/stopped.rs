//! A stopped node's own store: its blocks executed again, its index read and mended.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use yinxin_engine::{body_root, wire::decode_body};
use yinxin_gm::Digest;
use yinxin_receipt::{CommitCertificate, Genesis, Header, ValidatorSet, verify_commit};
use yinxin_store::{Batch, Disk, Options, RocksDisk, Store, StoreError, Table, View};
use yinxin_verdict::UnixTime;

use super::{
    Entry,
    entries::{Difference, Entries, PAGE, compare},
    replay::Replay,
    scratch::Scratch,
};
use crate::{
    app::Rules,
    fail::{Class, Done, Failure},
    files,
    ledger::read_genesis,
    ui::Ui,
};

/// Changes of the index that are written together.
const MENDED_AT_ONCE: usize = 1_000;

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

/// A store that no node uses.
pub(crate) struct Stopped {
    disk: Arc<RocksDisk>,
    view: View,
    genesis: Genesis,
}

/// Who signed the newest block that was executed, by the set that genesis and the blocks before it lead to.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Signed {
    /// Its height; 0 if there is no block yet, and so no signature.
    pub(crate) height: u64,
    /// How many validators signed it.
    pub(crate) signers: usize,
    /// Of how many.
    pub(crate) validators: usize,
}

impl Stopped {
    /// Opens the store of a node's directory.
    pub(crate) fn open(folder: &Path) -> Done<Self> {
        let path = folder.join("node.toml");
        let settings: Settings = toml::from_str(&files::read_text(&path)?).map_err(|e| {
            let e = e.to_string();
            Failure::new(Class::Usage, e.trim_end(), e.trim_end()).at(path.display())
        })?;
        let genesis: Genesis = read_genesis(&folder.join(settings.genesis))?;
        let data = folder.join(settings.node.data_dir);
        let ledger = data.join("ledger");
        if !ledger.is_dir() {
            return Err(Failure::io(&ledger, &std::io::Error::from(std::io::ErrorKind::NotFound)));
        }
        let disk = Arc::new(RocksDisk::open(&ledger).map_err(stored)?);
        let store = Store::open(disk.clone(), Options::default(), &genesis, &Rules);
        let view = store.map_err(stored)?.view();
        Ok(Self { disk, view, genesis })
    }

    /// The ledger, by the genesis in the node's directory: whether that is the right one, a trust folder says.
    pub(crate) fn chain_id(&self) -> Digest {
        self.genesis.chain_id()
    }

    /// Executes all blocks, each the child of the one before and with the body that its header names, up to the head that the
    /// store was opened with; each set of validators has signed its last block. `each` hears the records of each.
    pub(crate) fn replay(
        &self,
        scratch: Option<&Path>,
        ui: &Ui,
        mut each: impl FnMut(UnixTime, &[Vec<u8>]) -> Done,
    ) -> Done<(Replay, Signed)> {
        let mut replay = Replay::new(&self.genesis, Scratch::within(scratch)?)?;
        let head = self.view.head_ref().height;
        let bar = ui.progress(head, "executing blocks again", "正在重新执行区块");
        let done = self.blocks(&mut replay, head, &bar, &mut each);
        bar.finish_and_clear();
        done.map(|signed| (replay, signed))
    }

    fn blocks(
        &self,
        replay: &mut Replay,
        head: u64,
        bar: &ProgressBar,
        each: &mut dyn FnMut(UnixTime, &[Vec<u8>]) -> Done,
    ) -> Done<Signed> {
        let (mut parent, mut signed) = (self.chain_id(), Signed::default());
        for height in 1..=head {
            let missing = || broken(height, "is not there", "缺失");
            let (header, certificate) =
                self.view.header(height).map_err(stored)?.ok_or_else(missing)?;
            let body = self.view.body(height).map_err(stored)?.ok_or_else(missing)?;
            let records = decode_body(&body)
                .map_err(|e| Failure::new(Class::Node, e.to_string(), e.to_string()))?;
            if header.height != height || header.parent != parent {
                return Err(broken(
                    height,
                    "is not the child of the one before",
                    "与前一区块不相接",
                ));
            }
            if header.body_root != body_root(&records) {
                return Err(broken(
                    height,
                    "has other records than its header names",
                    "的记录与其区块头不符",
                ));
            }
            parent = header.id();
            each(header.time(), &records)?;
            let set = replay.validators().clone();
            replay.block(height, header.time(), &records)?;
            if header.next_validators != replay.validators().hash() {
                return Err(broken(
                    height,
                    "names other validators than its records make",
                    "所载验证者与其记录不符",
                ));
            }
            // What a set signed stands for all before it: each header names its parent.
            if height == head || set != *replay.validators() {
                signed = self.committed(&header, &certificate, &set)?;
            }
            bar.inc(1);
        }
        if parent == self.view.head_ref().id {
            return Ok(signed);
        }
        Err(broken(head, "is not the head", "不是链首"))
    }

    /// Insists that the validators in office committed a block.
    fn committed(
        &self,
        header: &Header,
        certificate: &CommitCertificate,
        set: &ValidatorSet,
    ) -> Done<Signed> {
        verify_commit(header, certificate, &self.chain_id(), set).map_err(|e| {
            let height = header.height;
            Failure::new(
                Class::Invalid,
                format!("block {height} fits the one before, and its validators did not sign it: {e}"),
                format!("区块 {height} 与前一区块相接，但未经其验证者签署：{e}"),
            )
            .todo(
                "this is no ledger that the validators wrote: keep the data directory as evidence, and let the node fetch the chain again",
                "该账本并非验证者所写：请保留数据目录作为证据，并让节点重新同步",
            )
        })?;
        let (signers, validators) = (certificate.signatures.len(), set.len());
        Ok(Signed { height: header.height, signers, validators })
    }

    /// The index as it stands.
    pub(crate) fn index(&self) -> impl Iterator<Item = Done<Entry>> {
        Entries::new(|from| self.view.index(&[], from, PAGE).map_err(stored))
    }

    /// Makes the index what the blocks say; how many entries were put and how many removed. Each write brings it nearer: whoever is
    /// stopped in between begins again.
    pub(crate) fn mend(&self, replay: &Replay) -> Done<(u64, u64)> {
        mend(&*self.disk, replay.index(), self.index())
    }
}

fn mend(
    disk: &dyn Disk,
    expected: impl Iterator<Item = Done<Entry>>,
    found: impl Iterator<Item = Done<Entry>>,
) -> Done<(u64, u64)> {
    let (mut put, mut removed, mut batch) = (0, 0, Batch::default());
    compare(expected, found, |Difference { key, expected, .. }| {
        match expected {
            Some(value) => {
                put += 1;
                batch.put(Table::Index, key, value);
            }
            None => {
                removed += 1;
                batch.delete(Table::Index, key);
            }
        }
        if batch.changes().len() < MENDED_AT_ONCE {
            return Ok(());
        }
        disk.write(std::mem::take(&mut batch), true).map_err(stored)
    })?;
    disk.write(batch, true).map_err(stored)?;
    Ok((put, removed))
}

fn stored(e: StoreError) -> Failure {
    let failure = Failure::new(Class::Node, e.to_string(), e.to_string());
    match e {
        StoreError::Locked(_) => failure.todo(
            "stop the node first, or ask it: audit check --node URL",
            "请先停止节点，或改为在线检查：audit check --node URL",
        ),
        _ => failure,
    }
}

fn broken(height: u64, en: &str, zh: &str) -> Failure {
    Failure::new(Class::Invalid, format!("block {height} {en}"), format!("区块 {height} {zh}")).todo(
        "the blocks themselves are damaged: move the data directory away and let the node fetch the chain again, keeping its keys",
        "区块本身已损坏：请移走数据目录，保留密钥，让节点重新同步",
    )
}

#[cfg(test)]
mod tests {
    use yinxin_store::MemoryDisk;

    use super::*;

    fn entries(disk: &MemoryDisk) -> Vec<Entry> {
        disk.scan(Table::Index, &[], &[], usize::MAX).unwrap()
    }

    fn filled(entries: &[Entry]) -> MemoryDisk {
        let (disk, mut batch) = (MemoryDisk::default(), Batch::default());
        for (key, value) in entries {
            batch.put(Table::Index, key.clone(), value.clone());
        }
        disk.write(batch, true).unwrap();
        disk
    }

    /// The power goes at any write; what is there then is never further from the truth, and the next run ends there.
    #[test]
    fn an_index_is_mended_wherever_the_power_goes() {
        let entry = |n: u32, value: u8| (n.to_be_bytes().to_vec(), vec![value]);
        let truth: Vec<Entry> = (0..4_000).map(|n| entry(n, 1)).collect();
        // A third is missing, a third changed, and others are planted between and behind.
        let lies: Vec<Entry> = (0..6_000)
            .filter(|n| n % 3 != 0 || *n >= 4_000)
            .map(|n| entry(n, if n % 3 == 1 { 2 } else { 1 }))
            .collect();
        let wrong = |now: &[Entry]| {
            let mut count = 0;
            compare(truth.iter().cloned().map(Ok), now.iter().cloned().map(Ok), |_| {
                count += 1;
                Ok(())
            })
            .unwrap();
            count
        };
        let all = wrong(&lies);
        for cut in 0..=all / MENDED_AT_ONCE {
            let disk = filled(&lies);
            disk.cut_after(u32::try_from(cut).unwrap());
            let run = |disk: &MemoryDisk| {
                let page = |from: &[u8]| disk.scan(Table::Index, &[], from, PAGE).map_err(stored);
                mend(disk, truth.iter().cloned().map(Ok), Entries::new(page))
            };
            assert!(run(&disk).is_err(), "the power goes at write {cut}");
            disk.restart();
            let left = wrong(&entries(&disk));
            assert_eq!(left, all - cut * MENDED_AT_ONCE);
            let (put, removed) = run(&disk).unwrap();
            assert_eq!(put + removed, left as u64);
            assert_eq!(entries(&disk), truth);
            assert_eq!(run(&disk).unwrap(), (0, 0), "nothing is left to do");
        }
    }
}
