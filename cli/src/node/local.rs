//! The ledger of this very process, as the service asks it.

use yinxin_gm::Digest;
use yinxin_node::{NodeHandle, SubmitError};
use yinxin_service::{Answer, Head, Ledger, LedgerError, RefusalPage};

use super::desk::Desk;

/// A running node behind the service's questions.
pub(super) struct Local(pub(super) NodeHandle, pub(super) Desk);

fn unavailable(error: impl std::fmt::Display) -> LedgerError {
    LedgerError::Unavailable { what: error.to_string() }
}

impl Local {
    /// Asks the store off the runtime's threads: a disk may take its time.
    fn ask<T: Send + 'static, E: std::fmt::Display>(
        &self,
        question: impl FnOnce(&NodeHandle) -> Result<Option<T>, E> + Send + 'static,
    ) -> Answer<'_, T> {
        let node = self.0.clone();
        Box::pin(async move {
            let answer = tokio::task::spawn_blocking(move || question(&node).map_err(unavailable));
            answer.await.map_err(unavailable)??.ok_or(LedgerError::NotFound)
        })
    }
}

impl Ledger for Local {
    fn submit(&self, record: Vec<u8>) -> Answer<'_, Vec<u8>> {
        Box::pin(async move {
            match self.0.submit(record.clone()).await {
                Err(SubmitError::Refused(r)) => {
                    self.1.note(record, &r.code).await;
                    Err(LedgerError::Refused { code: r.code, what: r.message })
                }
                Err(SubmitError::Pending { waited_ms }) => {
                    Err(LedgerError::Pending { waited_secs: waited_ms / 1000 })
                }
                outcome => outcome.map_err(unavailable),
            }
        })
    }

    fn receipt(&self, id: Digest, log_size: Option<u64>) -> Answer<'_, Vec<u8>> {
        self.ask(move |node| node.receipt(&id, log_size))
    }

    fn status(&self, key: Vec<u8>) -> Answer<'_, Vec<u8>> {
        let proof = self.ask(move |node| node.status_proof(&key));
        Box::pin(async move {
            match proof.await {
                // Where there is a block, what is not there is proven too.
                Err(LedgerError::NotFound) => {
                    Err(unavailable("no block has reached this node yet"))
                }
                other => other,
            }
        })
    }

    fn head(&self) -> Answer<'_, Head> {
        let peers = self.0.status().peers;
        self.ask(move |node| {
            node.head().map(|h| {
                Some(Head { height: h.height, header: h.header, certificate: h.certificate, peers })
            })
        })
    }

    fn header(&self, height: u64) -> Answer<'_, Vec<u8>> {
        self.ask(move |node| node.header(height).map(|found| found.map(|(header, _)| header)))
    }

    fn query(
        &self,
        prefix: Vec<u8>,
        from: Vec<u8>,
        limit: usize,
    ) -> Answer<'_, Vec<(Vec<u8>, Vec<u8>)>> {
        let from = from.max(prefix.clone());
        self.ask(move |node| node.query_index(&prefix, &from, limit).map(Some))
    }

    fn record(&self, id: Digest) -> Answer<'_, Vec<u8>> {
        self.ask(move |node| node.record(&id))
    }

    fn genesis(&self) -> Answer<'_, Vec<u8>> {
        let genesis = self.0.genesis();
        Box::pin(async move { Ok(genesis) })
    }

    fn set_changes(&self) -> Answer<'_, Vec<Vec<u8>>> {
        self.ask(|node| node.set_changes().map(Some))
    }

    fn refusals(&self, from: u64, limit: usize) -> Answer<'_, RefusalPage> {
        let desk = self.1.clone();
        Box::pin(async move {
            let page = tokio::task::spawn_blocking(move || desk.page(from, limit));
            page.await.map_err(unavailable)?.map_err(unavailable)
        })
    }

    fn metrics(&self) -> String {
        self.0.metrics_text()
    }
}
