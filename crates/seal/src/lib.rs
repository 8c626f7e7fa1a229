//! E-seals v1, v4, v5 (GM/T 0031, GB/T 38540): make, stamp, verify.

#![forbid(unsafe_code)]

mod version;

mod model;

mod asn;
mod parse;
mod time;

mod error;

pub use error::SealError;
pub use model::{CertDigest, CertList, Extension, Picture, Seal, SealSignature};
pub use parse::MAX_SEAL_BYTES;
pub use version::{MakerScope, Version};
