//! What `yinxin-seal` makes of real seals, of forged ones, and of its own.

mod shared;

mod attacks;
mod blobs;
#[cfg(feature = "draw")]
mod draw;
mod mutated;
mod real;
mod stamped;
