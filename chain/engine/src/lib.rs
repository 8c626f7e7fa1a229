//! Our `Context` for Malachite's core, codecs, and a pure `Host`: what the engine asks goes in, effects come out.
//!
//! Reading order: [`App`] is what the chain asks of an application; [`execute`](mod@execute) runs a block on the
//! committed chain and holds its header against the result; [`Host`] answers the engine with effects; [`Guard`]
//! keeps the key from ever signing against itself.

#![forbid(unsafe_code)]

pub mod app;
pub mod execute;

mod host;

pub mod context;
pub mod wire;

mod guard;
mod sign_bytes;
mod signer;

pub use app::{
    Admission, App, Applied, ApplyError, BlockContext, Outcome, Peer, Refusal, Seat, StateRead,
    StoreFailure, Writes,
};
pub use context::{
    Address, BlockId, Chain, Height, Key, KeyError, Member, Part, Proposal, Signature, Sm2,
    Validators, Vote,
};
pub use execute::{Base, Clock, Executed, Fault, Head, body_root, record_leaf};
pub use guard::{Guard, GuardError, GuardStore, Position, Step};
pub use host::{Decision, Effect, Host, HostError, Input, Seen, SyncAnswer, Undecided, split};
pub use sign_bytes::{part_sign_bytes, peer_sign_bytes, proposal_sign_bytes, wake_sign_bytes};
pub use signer::{Signer, Verifier, vote_bytes};
