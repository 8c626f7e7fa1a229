//! A source's batches on their way to the ledger.

use std::time::Instant;

use yinxin_credit::{
    Forms,
    source::{SourceRules, SourceStore},
};
use yinxin_gm::Digest;
use yinxin_record::{
    Act, ClassCount, CreditAct, CreditBatch, OrganisationCode, PublishClass, SourceState, Wire,
    state_key,
};
use yinxin_service::LedgerError;

use super::{
    aside::Aside,
    contents::same_form,
    publishing::{Publishing, missing},
    store::RocksSource,
};
use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    keys::{Signer, SignerArgs},
    remote, send,
    submit::{self, AGAIN, BEHIND, Client, LedgerArgs},
    ui::Ui,
};

/// Refusals that are about a batch's classes: the same rows can make another batch once the table or the ledger is put right.
const OF_CLASSES: [&str; 3] = ["BATCH_VOLUME", "CLASS_UNKNOWN", "NOT_AUTHORITY"];

/// The ledger that batches go to, and who signs them.
pub(super) struct Anchoring {
    client: Client,
    signer: Signer,
}

/// How far batches came.
pub(super) enum Sent {
    /// The ledger has all of them, so many.
    All(u64),
    /// It refuses this one for its classes.
    Refused(u64, Failure),
}

impl Anchoring {
    /// Opens key and trust folder, if a key was named; without one batches stay in the store.
    pub(super) fn open(
        signer: Option<&SignerArgs>,
        ledger: &LedgerArgs,
        source: &OrganisationCode,
        ui: &Ui,
        config: &Config,
    ) -> Done<Option<Self>> {
        let Some(signer) = signer else { return Ok(None) };
        let (client, signer) = (ledger.open(config)?, signer.load(ui)?);
        let code = signer.code()?;
        if code != source.as_str() {
            return Err(Failure::new(
                Class::Usage,
                format!("the certificate is {code}'s, the source is {source}"),
                format!("证书属于 {code}，而来源为 {source}"),
            )
            .todo("sign with the source's own key", "请使用来源单位自己的密钥"));
        }
        Ok(Some(Self { client, signer }))
    }

    /// The store of which the ledger has the newest batch, if that is at hand or was kept.
    pub(super) fn store(
        &self,
        store: RocksSource,
        (aside, publishing): (&Aside<'_>, Option<&Publishing<'_>>),
        source: &OrganisationCode,
    ) -> Done<RocksSource> {
        match self.anchored(source)? {
            Some(state) => aside.of_ledger(store, (state.sequence, &state.root), publishing),
            None => Ok(store),
        }
    }

    /// Sends every batch that the ledger does not have yet, in order.
    pub(super) fn send(
        &self,
        store: &RocksSource,
        aside: &Aside<'_>,
        (rules, forms): (&SourceRules, &Forms),
        ui: &Ui,
    ) -> Done<Sent> {
        let source = rules.source();
        let last = store.last()?.map_or(0, |m| m.batch.sequence);
        let anchored = self.anchored(source)?;
        let from = anchored.as_ref().map_or(0, |state| state.sequence);
        if let Some(state) = anchored {
            same_source(store, &state, last)?;
            aside.forget(state.sequence)?;
        }
        for sequence in from + 1..=last {
            let manifest = store.manifest(sequence)?;
            let batch = manifest.ok_or_else(|| missing(sequence))?.batch;
            if let Err(other) = self.forms_fit(&batch, rules, forms)? {
                return Ok(Sent::Refused(sequence, other));
            }
            if let Some(refused) = self.put(batch, source, ui)? {
                return Ok(Sent::Refused(sequence, refused));
            }
        }
        Ok(Sent::All(last))
    }

    /// Whether the contents of a batch are written by the forms that its classes were published with. What the ledger does not have it
    /// refuses itself.
    fn forms_fit(
        &self,
        batch: &CreditBatch,
        rules: &SourceRules,
        forms: &Forms,
    ) -> Done<Result<(), Failure>> {
        for ClassCount { class, .. } in &batch.counts {
            let leaf = state_key::credit_class_version(&class.code, class.version);
            let published = send::state::<PublishClass>(&self.client, &leaf)?;
            let own = rules.table().version(class);
            let fits = own.zip(published).map(|(own, theirs)| same_form(forms, own, &theirs));
            if let Some(Err(other)) = fits {
                return Ok(Err(other));
            }
        }
        Ok(Ok(()))
    }

    /// Puts one batch on the ledger; why it is refused, if that is for its classes.
    fn put(&self, batch: CreditBatch, source: &OrganisationCode, ui: &Ui) -> Done<Option<Failure>> {
        let (sequence, after) = (batch.sequence, batch.after);
        let key = format!("credit/batch/{sequence}");
        let act = Act::Credit(CreditAct::Batch(batch));
        let record = submit::record(&self.client, &self.signer, &key, act)?.to_der();
        let spinner = ui.spinner("waiting for the ledger", "等待账本确认");
        let put = self.client.put_once_known(&record);
        spinner.finish_and_clear();
        match put {
            Ok(receipt) => self.client.check(&record, receipt).map(|_| None),
            Err(error) => {
                let refused = remote::failure(&error);
                match error {
                    // An earlier run put it, and was killed before it heard so, and the node asked was behind then; or the node passed it on,
                    // and says something else.
                    LedgerError::Refused { .. } if self.has(source, sequence, &after)? => Ok(None),
                    LedgerError::Refused { code, .. } if OF_CLASSES.contains(&&*code) => {
                        Ok(Some(refused))
                    }
                    _ => Err(refused),
                }
            }
        }
    }

    /// Whether the ledger has a batch, or has it once the node asked has caught up.
    fn has(&self, source: &OrganisationCode, sequence: u64, after: &Digest) -> Done<bool> {
        let start = Instant::now();
        loop {
            match self.anchored(source)? {
                Some(state) if state.sequence == sequence => return Ok(state.root == *after),
                Some(state) if state.sequence > sequence => return Ok(true),
                _ => {}
            }
            if start.elapsed() > BEHIND {
                return Ok(false);
            }
            std::thread::sleep(AGAIN);
        }
    }

    fn anchored(&self, source: &OrganisationCode) -> Done<Option<SourceState>> {
        let (proof, _) = self.client.status(&state_key::credit_source(source))?;
        let state = proof.value.as_deref().map(SourceState::from_der).transpose();
        state.map_err(yinxin_record::Error::from).class(Class::Node)
    }
}

/// The store is the one that the batches on the ledger came from.
fn same_source(store: &RocksSource, state: &SourceState, last: u64) -> Done {
    let SourceState { sequence, root, .. } = state;
    let own = store.manifest(*sequence)?;
    if own.is_some_and(|manifest| manifest.batch.after == *root) {
        return Ok(());
    }
    Err(Failure::new(
        Class::Invalid,
        format!("the ledger has {sequence} batches of this source, the last with root {root}; this store has {last}, and not that one"),
        format!("账本已有该来源的 {sequence} 个批次，末批状态根为 {root}；本存储有 {last} 个批次，且其中没有该批次"),
    )
    .todo(
        "name the --store that those batches came from, or restore it from a backup",
        "请用 --store 指定这些批次所在的存储，或从备份恢复",
    ))
}
