//! SM2: signatures (GB/T 32918.2), key exchange (GB/T 32918.3) and encryption (GB/T 32918.4) over the curve of GB/T 32918.5.
//!
//! A digest to sign or verify can only be made from an identifier, a public key and a message. There is no way to
//! hand in a raw digest, for which anyone can make a "signature" that verifies:
//!
//! ```compile_fail
//! # use yinxin_gm::sm2::MessageDigest;
//! let chosen = MessageDigest::from([0x40; 32]); // no such conversion
//! ```
//!
//! ```compile_fail
//! # use yinxin_gm::{Digest, sm2::{PublicKey, Signature}};
//! # fn forged(key: PublicKey, e: Digest, signature: Signature) {
//! key.verify_digest(&e, &signature); // a plain digest is not a message digest
//! # }
//! ```

pub(crate) mod der;
mod nonce;

#[cfg(feature = "alloc")]
mod ciphertext;
mod key_files;
mod message_digest;
#[cfg(feature = "alloc")]
mod prepared_key;
mod private_key;
mod public_key;
mod signature;

#[cfg(feature = "alloc")]
mod batch;
#[cfg(feature = "alloc")]
pub mod exchange;
#[cfg(feature = "std")]
mod key_cache;
#[cfg(feature = "std")]
mod prepared_signer;

#[cfg(test)]
mod known_answers;

#[cfg(feature = "alloc")]
pub use batch::{sign_many, verify_many, verify_many_prepared};
#[cfg(feature = "alloc")]
pub use ciphertext::Ciphertext;
#[cfg(feature = "std")]
pub use key_cache::KeyCache;
pub use message_digest::{DEFAULT_ID, MAX_ID, MessageDigest, MessageDigester};
#[cfg(feature = "alloc")]
pub use prepared_key::PreparedKey;
#[cfg(feature = "std")]
pub use prepared_signer::PreparedSigner;
pub use private_key::PrivateKey;
pub use public_key::PublicKey;
pub use signature::Signature;

pub use crate::Error;
