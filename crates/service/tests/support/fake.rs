//! A ledger in memory that answers as it is told.

use std::{future, time::Duration};

use yinxin_gm::Digest;
use yinxin_merkle::state::StateProof;
use yinxin_receipt::{Algorithms, CommitCertificate, Header, StatusProof, Wire};
use yinxin_service::{Answer, Head, Ledger, LedgerError};

/// An identifier of the right form.
pub(crate) const LICENCE: &str =
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";

pub(crate) struct Fake;

fn header() -> Header {
    Header {
        algorithms: Algorithms::Sm2Sm3,
        chain_id: Digest::ZERO,
        height: 7,
        time_ms: 1_770_000_000_000,
        parent: Digest::ZERO,
        body_root: Digest::ZERO,
        log_root: Digest::ZERO,
        log_size: 9,
        state_root: Digest::ZERO,
        validators: Digest::ZERO,
        next_validators: Digest::ZERO,
    }
}

fn certificate() -> CommitCertificate {
    CommitCertificate { height: 7, round: 0, value_id: header().id(), signatures: Vec::new() }
}

fn now<T: Send + 'static>(answer: Result<T, LedgerError>) -> Answer<'static, T> {
    Box::pin(future::ready(answer))
}

/// What is known under an id: one record, whose id ends in aa.
fn known(id: Digest, der: &[u8]) -> Answer<'static, Vec<u8>> {
    now(if id.as_bytes()[31] == 0xaa { Ok(der.to_vec()) } else { Err(LedgerError::NotFound) })
}

impl Ledger for Fake {
    fn submit(&self, record: Vec<u8>) -> Answer<'_, Vec<u8>> {
        match record.as_slice() {
            b"refuse" => now(Err(LedgerError::Refused { code: "R7".into(), what: "no".into() })),
            b"pending" => now(Err(LedgerError::Pending { waited_secs: 30 })),
            b"down" => now(Err(LedgerError::Unavailable { what: "connection refused".into() })),
            b"slow" => Box::pin(async {
                tokio::time::sleep(Duration::from_secs(30)).await;
                Ok(Vec::new())
            }),
            _ => now(Ok(b"receipt".to_vec())),
        }
    }

    fn receipt(&self, id: Digest, log_size: Option<u64>) -> Answer<'_, Vec<u8>> {
        known(id, if log_size == Some(7) { b"rebased" } else { b"receipt" })
    }

    fn status(&self, key: Vec<u8>) -> Answer<'_, Vec<u8>> {
        let path = StateProof::default();
        now(Ok(StatusProof::new(key, None, path, header(), certificate()).to_der()))
    }

    fn head(&self) -> Answer<'_, Head> {
        let head = Head {
            height: 7,
            header: header().to_der(),
            certificate: certificate().to_der(),
            peers: 3,
        };
        now(Ok(head))
    }

    fn header(&self, height: u64) -> Answer<'_, Vec<u8>> {
        now(if height == 7 { Ok(header().to_der()) } else { Err(LedgerError::NotFound) })
    }

    fn query(
        &self,
        prefix: Vec<u8>,
        from: Vec<u8>,
        limit: usize,
    ) -> Answer<'_, Vec<(Vec<u8>, Vec<u8>)>> {
        if from > prefix {
            return now(Ok(vec![(from, vec![2])]));
        }
        assert!((1..=1000).contains(&limit), "the route bounds it: {limit}");
        now(Ok(vec![(prefix, vec![1])]))
    }

    fn record(&self, id: Digest) -> Answer<'_, Vec<u8>> {
        known(id, b"record")
    }

    fn genesis(&self) -> Answer<'_, Vec<u8>> {
        now(Ok(b"genesis".to_vec()))
    }

    fn set_changes(&self) -> Answer<'_, Vec<Vec<u8>>> {
        now(Ok(vec![b"change".to_vec()]))
    }

    fn metrics(&self) -> String {
        "yinxin_height 7\n".to_owned()
    }
}
