//! What a view is made from: the node that a client asks, sources' stores, folders of contents. How it is made, the library says.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use yinxin_credit::{
    Content, CreditItem,
    source::{Lookup, SourceProof, SourceStore},
    view::{CreditView, Seen, ShownContent, ViewQuestion, ViewSource, check_view},
};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_receipt::{Receipt, StatusProof};
use yinxin_record::{OrganisationCode, SourceState, Subject, Wire};
use yinxin_verdict::{Policy, UnixTime};

use super::super::{contents::Contents, events, failure, store::RocksSource};
use crate::{
    fail::{At, Class, Done, Failure},
    submit::Client,
    ui,
};

/// What answers whoever puts a view together.
pub(super) struct Gathering<'c> {
    client: &'c Client,
    stores: Vec<RocksSource>,
    /// Contents with their salts, by what stands on the ledger for them.
    contents: BTreeMap<Digest, (Digest, Content)>,
}

impl<'c> Gathering<'c> {
    /// Opens the stores and reads the contents.
    pub(super) fn open(client: &'c Client, contents: &[PathBuf], stores: &[PathBuf]) -> Done<Self> {
        let stores = stores.iter().map(|path| open(path)).collect::<Done<_>>()?;
        let mut all = BTreeMap::new();
        for folder in contents {
            all.extend(Contents::new(folder).all()?);
        }
        Ok(Self { client, stores, contents: all })
    }

    /// The view that answers a question, with what it proves: checked as its reader will check it.
    pub(super) fn view(
        mut self,
        question: ViewQuestion,
        as_of: Option<UnixTime>,
    ) -> Done<(CreditView, Seen)> {
        let view = CreditView::collect(question, as_of, &mut self)?;
        // The limits of a package are those of its reader.
        CreditView::from_der(&view.to_der()).map_err(|e| failure(&e.into()))?;
        let seen = check_view(&view, self.client.trust.ledgers(), &Policy::default(), ui::now())?;
        Ok((view, seen))
    }
}

impl ViewSource for Gathering<'_> {
    type Error = Failure;

    fn state(&mut self, key: &[u8]) -> Done<StatusProof> {
        Ok(self.client.status(key)?.0)
    }

    fn ids(&mut self, subject: &Subject, height: u64) -> Done<Vec<Digest>> {
        events::ids(self.client, &index_key::credit_subject(subject), height)
    }

    fn receipt(&mut self, id: &Digest) -> Done<Receipt> {
        events::receipt(self.client, *id)?
            .ok_or_else(|| Failure::bug("the receipt of a record that is in no chain"))
    }

    fn source(
        &mut self,
        source: &OrganisationCode,
        newest: &SourceState,
        subject: &Subject,
    ) -> Done<(SourceProof, Vec<Vec<u8>>)> {
        for store in &self.stores {
            let manifest = store.manifest(newest.sequence)?;
            if manifest.is_some_and(|manifest| manifest.source == *source) {
                let chain = Lookup::open(store, newest.sequence)?.subject(subject)?;
                let records = chain.records.into_iter().map(|stored| stored.record);
                return Ok((chain.proof, records.collect()));
            }
        }
        Err(missing(source))
    }

    fn content(&mut self, item: &CreditItem) -> Done<Option<ShownContent>> {
        let found = self.contents.get(&item.content).cloned();
        Ok(found.map(|(salt, content)| ShownContent { item: item.id, salt, content }))
    }
}

fn open(store: &Path) -> Done<RocksSource> {
    let records = store.join("records");
    if !records.is_dir() {
        return Err(Failure::new(Class::Usage, "no store of a source", "不是来源库")
            .at(store.display())
            .todo(
                "give --store with a folder that `credit import` filled",
                "请用 --store 指定由 `credit import` 写入的文件夹",
            ));
    }
    RocksSource::open_to_read(&records).map_err(|e| failure(&e)).at(store.display())
}

fn missing(source: &OrganisationCode) -> Failure {
    Failure::new(
        Class::Usage,
        format!("source {source} published batches, and no store given has its newest one"),
        format!("来源 {source} 发布过批次，所给存储中没有其最新批次"),
    )
    .todo(
        "give its store, or a copy as of that batch, with --store DIR: a view without it would not be complete",
        "请用 --store 目录 给出其存储或截至该批次的副本：缺少它则视图不完整",
    )
}
