//! SM2, SM3 and SM4 on byte slices, SM9 and ZUC by feature: constant-time where secrets are touched, `no_std`, one portable definition and faster backends beside it.
//!
//! ```
//! use rand_core::UnwrapErr;
//! use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey, Signature};
//!
//! let rng = &mut UnwrapErr(getrandom::SysRng);
//! let key = PrivateKey::generate(rng);
//! let signature = key.sign(DEFAULT_ID, b"a licence", rng)?;
//! let sent = signature.to_der();
//!
//! let received = Signature::from_der(&sent)?;
//! key.public_key().verify(DEFAULT_ID, b"a licence", &received)?;
//! assert!(key.public_key().verify(DEFAULT_ID, b"another", &received).is_err());
//! # Ok::<(), yinxin_gm::Error>(())
//! ```

#![no_std]
#![deny(unsafe_code)]
#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod digest;
mod error;

pub mod sm3;

pub mod hmac;
pub mod kdf;
pub mod pbkdf2;

pub mod sm4;

pub mod sm2;

#[cfg(feature = "sm9")]
pub mod sm9;

pub mod drbg;
#[cfg(feature = "alloc")]
pub mod self_test;

#[cfg(feature = "zuc")]
pub mod zuc;

pub mod backend;

#[cfg(feature = "traits")]
pub mod traits;

pub use digest::{Digest, ParseDigestError};
pub use error::Error;
