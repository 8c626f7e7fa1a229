//! What x86-64's extensions make faster. Each file names the level of [`Backend`](super::Backend) it needs; nothing here is
//! called at a lower one.
pub(super) mod sm3_avx2;
pub(super) mod sm3_avx512;
mod sm3_expand;
pub(super) mod sm3_sse;
pub(super) mod sm3_stream;
pub(super) mod sm4;

pub(super) mod arithmetic;
mod divsteps;
mod field;
mod lookup;

#[cfg(feature = "sm9")]
mod sm9;

pub(super) mod ghash;
pub(super) mod ifma;
