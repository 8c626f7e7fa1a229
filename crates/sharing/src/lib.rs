//! Data catalogue, request, grant, delivery, envelopes, masked views, the provenance graph.
//!
//! The acts that stand on the ledger, and their table of states, are `yinxin_record`'s; this crate is what departments do beside it,
//! each with its own data: say what there is, decide, deliver, mask, and let nobody in unrecorded. It opens no socket and no
//! database: times, random numbers and files are arguments. `specs/sharing.md` has the formats.
//!
//! ```
//! use yinxin_sharing::calendar::Calendar;
//! use yinxin_verdict::UnixTime;
//!
//! let asked = UnixTime::parse("2026-09-30")?;
//! assert_eq!(Calendar::china()?.working_days_after(asked, 5)?, "2026-10-13");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod catalogue;

pub use yinxin_calendar as calendar;
pub mod rule;

pub mod envelope;
pub mod masked;

pub mod access;
pub mod reconcile;
pub mod serving;

pub mod provenance;

mod error;

#[cfg(test)]
mod sample;

pub use error::Error;
