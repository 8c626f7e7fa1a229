//! Axum routes over the library and over its own `Ledger` trait: submit, receipt, status, head, query.
//!
//! No rule of its own: what is genuine `verify` says, what may be written the ledger says. [`router`] is the whole of it;
//! [`serve`] puts it on a listener.

#![forbid(unsafe_code)]

mod ledger;
mod problem;

mod app;
mod calls;
mod credit;
mod data;
mod denials;
mod health;
mod ledger_routes;
mod portal;
mod refusals;
mod server;
mod verify_route;
mod views;

pub use app::{App, Limits, openapi, router};
pub use calls::{CallRefused, Called, Calls, Cut, Part, Parts, calls_openapi, calls_router};
pub use credit::sources::CreditSource;
pub use denials::DenialsView;
pub use ledger::{Answer, Head, Ledger, LedgerError, RefusalPage};
pub use ledger_routes::{HeadView, LicenceView, RecordView, StatusView};
pub use problem::Problem;
pub use server::serve;
