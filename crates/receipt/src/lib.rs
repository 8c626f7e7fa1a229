//! What an outsider needs to check an anchoring: header, votes, commit certificate, validator-set changes, checkpoints, inclusion and status proofs.

#![forbid(unsafe_code)]

mod header;
mod validator;
mod vote;

mod checkpoint;
mod genesis;
mod set_change;

mod receipt;
mod status;

mod trust;
mod verify;

mod error;

pub use checkpoint::{CHECKPOINT_DOMAIN, Checkpoint};
pub use error::Error;
pub use genesis::{
    GENESIS_DOMAIN, Genesis, GenesisOrganisation, GenesisValidator, MAX_CERTIFICATE,
    MAX_ORGANISATIONS,
};
pub use header::{Algorithms, HEADER_VERSION, Header};
pub use receipt::{Anchor, MAX_RECORD, RECEIPT_VERSION, Receipt, Subject};
pub use set_change::{SetChange, verify_commit};
pub use status::{MAX_KEY, MAX_VALUE, StatusProof};
pub use trust::{Ledger, Trust};
pub use validator::{MAX_POWER, MAX_VALIDATORS, Validator, ValidatorSet};
pub use verify::{Anchored, check_receipt, check_status};
pub use vote::{CommitCertificate, VOTE_DOMAIN, VoteKind, vote_sign_bytes};
pub use yinxin_merkle::wire::{Wire, WireError};
