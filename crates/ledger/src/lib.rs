//! Applies records in order: who may, from which state to which; pure and deterministic.
//!
//! [`genesis`] gives the first state, [`check`] says whether a record could be committed now, [`apply`] executes a block.
//! The rules are told in `specs/ledger-rules.md`, one number each.

#![forbid(unsafe_code)]

mod apply;
mod genesis;

mod admission;
mod rules;

mod block;
pub mod index_key;

mod advice;
mod error;

pub use advice::advice;
pub use apply::{ApplyError, Outcome, apply, check};
pub use block::{Admission, BlockContext, StateRead, StoreFailure};
pub use error::{CreditError, Error};
pub use genesis::genesis;
