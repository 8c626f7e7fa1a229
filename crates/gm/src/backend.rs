//! The arithmetic, behind one seam.
//!
//! `portable` is the definition: plain Rust, no `unsafe`, no secret-dependent branch or address. A faster backend
//! offers the same items, is picked here once, and is tested against the definition on random and edge input.
//! Callers outside this module see only what is re-exported here.

mod features;
mod portable;

pub use features::{Backend, Unavailable, current, force};

pub(crate) use portable::{
    ghash::Ghash,
    point::{AffinePoint, mul, mul_base, verify_sum},
    scalar::Scalar,
    sm3::compress as sm3_compress,
    sm4::{crypt_blocks as sm4_crypt_blocks, expand_key as sm4_expand_key},
};
