//! A source's batches on their way to the ledger.

use yinxin_credit::source::{Manifest, SourceStore};
use yinxin_record::{Act, CreditAct, OrganisationCode, SourceState, Wire, state_key};

use super::{failure, store::RocksSource};
use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    keys::{Signer, SignerArgs},
    submit::{self, Client, LedgerArgs},
    ui::Ui,
};

/// The ledger that batches go to, and who signs them.
pub(super) struct Anchoring {
    client: Client,
    signer: Signer,
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

    /// Sends every batch that the ledger does not have yet, in order; returns how many the ledger has.
    pub(super) fn send(&self, store: &RocksSource, ui: &Ui) -> Done<u64> {
        let Some(last) = store.last().map_err(|e| failure(&e))? else { return Ok(0) };
        let anchored = self.anchored(&last.source)?.map_or(0, |state| state.sequence);
        for sequence in anchored + 1..=last.batch.sequence {
            let manifest = store.manifest(sequence).map_err(|e| failure(&e))?;
            let Manifest { batch, .. } = manifest.ok_or_else(|| {
                Failure::new(
                    Class::Node,
                    format!("the store has no batch {sequence}"),
                    format!("存储中没有批次 {sequence}"),
                )
            })?;
            let key = format!("credit/batch/{sequence}");
            submit::act(
                &self.client,
                &self.signer,
                &key,
                Act::Credit(CreditAct::Batch(batch)),
                ui,
            )?;
        }
        Ok(last.batch.sequence)
    }

    fn anchored(&self, source: &OrganisationCode) -> Done<Option<SourceState>> {
        let (proof, _) = self.client.status(&state_key::credit_source(source))?;
        let state = proof.value.as_deref().map(SourceState::from_der).transpose();
        state.map_err(yinxin_record::Error::from).class(Class::Node)
    }
}
