//! What an outsider needs to check an anchoring: header, votes, commit certificate, validator-set changes, checkpoints, inclusion and status proofs.
//!
//! ```
//! use yinxin_gm::sm2::PrivateKey;
//! use yinxin_receipt::{Validator, ValidatorSet, Wire};
//!
//! let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
//! let mut validator = |organisation: &str| Validator {
//!     organisation: organisation.to_owned(),
//!     key: *PrivateKey::generate(rng).public_key(),
//!     power: 1,
//! };
//! let codes = ["11430000006122244L", "11100000000013338W", "11430000006122001A", "11430000006122002B"];
//! let set = ValidatorSet::new(codes.map(&mut validator).to_vec())?;
//! assert!(set.is_quorum(3) && !set.is_quorum(2));
//! assert_eq!(ValidatorSet::from_der(&set.to_der())?.hash(), set.hash());
//! # Ok::<(), yinxin_receipt::Error>(())
//! ```

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
