//! The arithmetic, behind one seam.
//!
//! `portable` is the definition: plain Rust, no `unsafe`, no secret-dependent branch or address. A faster backend
//! offers the same items, is picked in the file of its primitive (`sm2`, `sm3`, `sm4`) by [`current`], and is tested
//! against the definition on random and edge input.
//! Callers outside this module see only what is re-exported here.

mod features;
pub use features::{Backend, Unavailable, current, force};

mod reveal;
pub(crate) use reveal::reveal;

mod portable;

mod batch;
mod ghash;
mod sm2;
pub(crate) mod sm3;
mod sm4;
#[cfg(feature = "sm9")]
pub(crate) mod sm9;
#[cfg(target_arch = "x86_64")]
mod x86_64;

pub(crate) use batch::{Question, mul_base_xs, verify_sums, verify_sums_prepared};
pub(crate) use ghash::Ghash;
#[cfg(feature = "zuc")]
pub(crate) use portable::sbox::circuit as sm4_sbox_circuit;
pub(crate) use sm2::{
    AffinePoint, Scalar, Table, invert, mul, mul_base, mul_base_and, mul_base_x, multiple_plus,
    prepare, verify_sum, verify_sum_prepared,
};
pub(crate) use sm4::{Chain, RoundKeys as Sm4RoundKeys, Tweaks, advance_chains};
