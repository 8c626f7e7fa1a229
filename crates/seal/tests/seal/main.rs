//! What `yinxin-seal` makes of real seals, of forged ones, and of its own.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod shared;

mod attacks;
mod blobs;
#[cfg(feature = "draw")]
mod draw;
mod frozen;
mod mutated;
mod real;
mod stamped;
