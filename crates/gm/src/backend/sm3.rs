//! SM3's compression, by backend.

pub(crate) use super::portable::sm3::compress;
