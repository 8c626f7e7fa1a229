//! SM4 and GHASH, by backend.

pub(crate) use super::portable::{
    ghash::Ghash,
    sm4::{crypt_blocks, expand_key},
};
