//! Axum routes over the library and over its own `Ledger` trait: submit, receipt, status, head, query.

#![forbid(unsafe_code)]

mod ledger;

pub use ledger::{Answer, Head, Ledger, LedgerError};
