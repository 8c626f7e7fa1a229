//! Serving shared data over any wire: a signed call comes in, an encrypted answer goes out, and each part of it is recorded first.
//!
//! ```text
//! receiver                                           server
//! ask ─ sign ───────────── SignedCall ─────────────▶ admit: signature, ledger, grant, volume
//! note ◀── line 0 ‖ chunk 0 ────────────────────────  rows ─ mask ─ envelope ─ release: ledger again, line, fsync
//! note ◀── line 1 ‖ chunk 1 ────────────────────────  …
//! open ◀── end: header, signature ──────────────────  the key comes last
//! ```
//!
//! An answer is an envelope whose header follows its body: until the header is there nobody reads any of it. So a stream that is cut
//! short, by a revocation or a crash, was counted and is worth nothing (ADR 0180). Sockets, databases and clocks are arguments.

mod call;
mod deliver;
mod end;
mod frame;
mod layout;
mod receive;
mod rows;
mod standing;

#[cfg(test)]
mod misuse;

pub use call::{Ask, SignedCall};
pub use deliver::{Delivered, Delivery, Desk, Offer, admit, deliver, give_up, keep, turn_away};
pub use end::End;
pub use frame::Frame;
pub use layout::Layout;
pub use receive::{Received, Receiving, Whole};
pub use rows::{CsvRows, Range, Rows, Subjects, count_rows};
pub use standing::{Member, Standing, is_server};
