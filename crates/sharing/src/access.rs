//! Access to shared data: every call is checked against its grant, and none goes unrecorded.
//!
//! A [`Guard`] stands in front of the data. Before an answer leaves, its line is on disk; if it cannot be written, nothing leaves.
//!
//! ```text
//! call ─ admit ─┬─ denied: line, fsync ─ refusal
//!               └─ admitted ─ the data are read ─ release ─┬─ checks again, line, fsync ─ answer
//!                                                          └─ denied: line, fsync ─ refusal, the data are dropped
//! once a minute ─ close_due ─ one window for each grant and minute, for the ledger ─ anchored
//! ```
//!
//! An answer that leaves in parts is released part by part, each against the newest state: a grant that is revoked meanwhile ends
//! the stream. [`Journal`] entries are numbered and chained; after a crash [`Guard::open`] goes on where the disk stands.

mod anchored;
mod call;
mod clock;
mod crowd;
mod frames;
mod guard;
mod hold;
mod journal;
pub(crate) mod line;
mod lines;
mod notebook;
mod reserved;
mod rules;
mod state;
mod window;

#[cfg(test)]
mod misuse;

pub use anchored::AnchoredLine;
pub use call::{Admitted, Answer, Call, Decision, Denied, Head, Known};
pub use clock::Clock;
pub use crowd::{Crowd, Gathering};
pub use guard::{Guard, Recovered};
pub use journal::Journal;
pub use line::{Line, Outcome};
pub use lines::{Counted, count, prove, read_crowds, read_lines, server_of};
pub use notebook::Notebook;
pub use rules::is_fresh;
pub use window::{ClosedAct, ClosedWindow, LineProof};
