//! What aarch64's extensions make faster. Each file names the level of [`Backend`](super::Backend) it needs; nothing here is
//! called at a lower one.

pub(super) mod ghash;
pub(super) mod sm3_neon;
pub(super) mod sm3_stream;
pub(super) mod sm4_aes;
pub(super) mod sm4_rounds;
