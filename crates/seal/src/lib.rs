//! E-seals v1, v4, v5 (GM/T 0031, GB/T 38540): make, stamp, verify.
//!
//! Foreign bytes are read leniently, verified over their stored bytes, and every deviation is reported; what is made here
//! is strict DER of GB/T 38540-2020. `specs/seal.md` numbers the checks.

#![forbid(unsafe_code)]

mod version;

mod model;
mod signers;

mod asn;
mod parse;
mod time;

mod verify;

mod make;
mod stamp;

#[cfg(feature = "draw")]
pub mod draw;

mod error;

pub use error::SealError;
pub use make::SealDraft;
pub use model::{CertDigest, CertList, Extension, Picture, Seal, SealSignature};
pub use parse::MAX_SEAL_BYTES;
pub use stamp::{Signed, Signer, place, riding_seam, sign, stamp};
pub use verify::{Stamped, check_seal, check_signature};
pub use version::{MakerScope, Version};
