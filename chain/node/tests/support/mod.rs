//! A cluster on loopback and its application: signed-by-nobody puts of one value each.

#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use getrandom::SysRng;
use rand_core::UnwrapErr;
use yinxin_engine::{
    Admission, App, Applied, ApplyError, BlockContext, Outcome, Refusal, StateRead,
};
use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey};
use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::Wire;
use yinxin_node::{Config, Keys, Node, NodeError, NodeHandle, peer_id};
use yinxin_receipt::{
    Anchor, CommitCertificate, Genesis, GenesisOrganisation, GenesisValidator, Receipt,
};
use yinxin_verdict::UnixTime;
use zeroize::Zeroizing;

/// A record of the test's application: number and value.
pub struct Put {
    number: u32,
    value: String,
}

impl Put {
    pub fn new(number: u32, value: &str) -> Self {
        Self { number, value: value.into() }
    }

    pub fn key(number: u32) -> Vec<u8> {
        format!("put/{number}").into_bytes()
    }

    pub fn bytes(&self, _: &Cluster) -> Vec<u8> {
        [self.number.to_be_bytes().as_slice(), self.value.as_bytes()].concat()
    }

    fn parse(record: &[u8]) -> Result<(u32, &[u8]), Refusal> {
        let (number, value) = record.split_first_chunk::<4>().ok_or_else(|| refusal("short"))?;
        Ok((u32::from_be_bytes(*number), value))
    }
}

fn refusal(code: &str) -> Refusal {
    Refusal { code: code.into(), message: format!("the record is {code}") }
}

/// Each number can be put once.
#[derive(Debug, Default)]
pub struct Puts;

impl Puts {
    fn one(state: &dyn StateRead, record: &[u8]) -> Result<(u32, Vec<u8>), ApplyError> {
        let refuse = |refusal| ApplyError::Record { index: 0, refusal };
        let (number, value) = Put::parse(record).map_err(refuse)?;
        match state.get(&Put::key(number))? {
            Some(_) => Err(refuse(refusal("a duplicate"))),
            None => Ok((number, value.to_vec())),
        }
    }
}

impl App for Puts {
    fn genesis(&self, genesis: &Genesis) -> Result<Outcome, Refusal> {
        Ok(Outcome {
            applied: Vec::new(),
            writes: vec![(b"genesis".to_vec(), Some(genesis.name.clone().into_bytes()))],
            index: Vec::new(),
            next_validators: genesis.validator_set().unwrap(),
            peers: None,
        })
    }

    fn identify(&self, record: &[u8]) -> Result<Digest, Refusal> {
        Put::parse(record).map(|_| sm3::digest(record))
    }

    fn check(
        &self,
        state: &dyn StateRead,
        at: &BlockContext,
        record: &[u8],
    ) -> Result<Admission, ApplyError> {
        Self::one(state, record)?;
        Ok(Admission {
            id: sm3::digest(record),
            organisation: "org".into(),
            last_valid_height: at.height + 1000,
        })
    }

    fn apply(
        &self,
        state: &dyn StateRead,
        _: &BlockContext,
        records: &[Vec<u8>],
    ) -> Result<Outcome, ApplyError> {
        let mut writes = std::collections::BTreeMap::new();
        let mut applied = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let (number, value) = Self::one(state, record).map_err(|error| match error {
                ApplyError::Record { refusal, .. } => ApplyError::Record { index, refusal },
                error => error,
            })?;
            if writes.insert(Put::key(number), Some(value)).is_some() {
                return Err(ApplyError::Record { index, refusal: refusal("a duplicate") });
            }
            applied.push(Applied { id: sm3::digest(record) });
        }
        let validators = state.get(b"validators")?;
        assert!(validators.is_none());
        Ok(Outcome {
            applied,
            writes: writes.into_iter().collect(),
            index: Vec::new(),
            next_validators: VALIDATORS.with(|set| set.lock().unwrap().clone().unwrap()),
            peers: None,
        })
    }
}
