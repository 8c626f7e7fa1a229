//! Days in China, working days and terms, from calendars that are data.
//!
//! ```
//! use yinxin_calendar::{Calendar, Day, Terms};
//! use yinxin_verdict::UnixTime;
//!
//! let calendar = Calendar::china()?;
//! let terms = Terms::example()?;
//! let asked = UnixTime::parse("2026-09-24T15:00:00+08:00")?;
//! let deadline = terms.at("reply-conditional", asked)?.deadline(asked, &calendar)?;
//! assert_eq!(deadline.last_day(), "2026-10-15");
//!
//! let decided: Day = "2026-11-30".parse()?;
//! assert_eq!(decided.plus_months(3)?.to_string(), "2027-02-28");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod day;
mod days;
mod terms;

mod error;

pub use day::Day;
pub use days::Calendar;
pub use error::Error;
pub use terms::{Deadline, Step, Term, Terms, Unit};
