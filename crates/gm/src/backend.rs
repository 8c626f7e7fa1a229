//! The arithmetic, behind one seam.
//!
//! `portable` is the definition: plain Rust, no `unsafe`, no secret-dependent branch or address. A faster backend
//! offers the same items, is picked in the file of its primitive (`sm2`, `sm3`, `sm4`) by [`current`], and is tested
//! against the definition on random and edge input.
//! Callers outside this module see only what is re-exported here.

#![cfg_attr(
    not(all(feature = "alloc", target_arch = "x86_64", target_feature = "sse2")),
    allow(
        dead_code,
        unused_imports,
        reason = "some of it serves only vectors, or the lanes of AVX-512"
    )
)]

mod features;
pub use features::{Backend, Unavailable, current, force};

mod reveal;
pub(crate) use reveal::reveal;

mod portable;

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod aarch64;
mod batch;
#[cfg(feature = "std")]
mod fork;
mod ghash;
mod sm2;
pub(crate) mod sm3;
mod sm4;
#[cfg(feature = "sm9")]
pub(crate) mod sm9;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod x86_64;

pub(crate) use batch::Question;
#[cfg(feature = "alloc")]
pub(crate) use batch::{mul_base_xs, verify_sums, verify_sums_prepared};
#[cfg(feature = "std")]
pub(crate) use fork::generation;
pub(crate) use ghash::Ghash;
#[cfg(feature = "zuc")]
pub(crate) use portable::sbox::circuit as sm4_sbox_circuit;
#[cfg(feature = "alloc")]
pub(crate) use sm2::prepare;
pub(crate) use sm2::{
    AffinePoint, Scalar, Table, invert, mul, mul_base, mul_base_and, mul_base_x, multiple_plus,
    verify_sum, verify_sum_prepared,
};
pub(crate) use sm4::{Chain, RoundKeys as Sm4RoundKeys, Tweaks, advance_chains};
