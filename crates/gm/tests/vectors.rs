//! Every vector file for SM2, SM3 and HMAC-SM3 gets its verdict from the public interface.
//!
//! The files are read from `$YINXIN_SHARED/vectors` (or `../shared/vectors` beside the workspace); what is absent is
//! skipped with one line.

#[path = "vectors/support.rs"]
mod support;

#[path = "vectors/derivation.rs"]
mod derivation;
#[path = "vectors/hash_and_mac.rs"]
mod hash_and_mac;
#[path = "vectors/sm2_decrypt.rs"]
mod sm2_decrypt;
#[path = "vectors/sm2_keys.rs"]
mod sm2_keys;
#[path = "vectors/sm2_sign.rs"]
mod sm2_sign;
#[path = "vectors/zuc.rs"]
mod zuc;
