//! SM9 (GB/T 38635.1 and .2, GM/T 0044): signatures, key encapsulation, encryption and key exchange under identities.
//!
//! A key generation centre has two master keys, for signing and for encryption. It makes each user's private key from the
//! user's identity; everybody else needs the identity and the master public key.
//!
//! ```
//! # use rand_core::UnwrapErr;
//! use yinxin_gm::sm9::{Signature, SigningMasterKey, User};
//!
//! # let rng = &mut UnwrapErr(getrandom::SysRng);
//! let centre = SigningMasterKey::generate(rng);
//! let alice = User::signer(b"Alice");
//! let key = centre.extract(&alice)?;
//! let sent = key.sign(b"a licence", rng)?.to_der();
//!
//! let received = Signature::from_der(&sent)?;
//! centre.public_key().verify(&alice, b"a licence", &received)?;
//! assert!(centre.public_key().verify(&User::signer(b"Bob"), b"a licence", &received).is_err());
//! # Ok::<(), yinxin_gm::Error>(())
//! ```
//!
//! ```
//! # use rand_core::UnwrapErr;
//! use yinxin_gm::sm9::{Ciphertext, EncryptionMasterKey, Mode, User};
//!
//! # let rng = &mut UnwrapErr(getrandom::SysRng);
//! let centre = EncryptionMasterKey::generate(rng);
//! let bob = User::recipient(b"Bob");
//! let sent = centre.public_key().encrypt(&bob, b"secret", Mode::Xor, rng)?.to_der();
//!
//! let key = centre.extract(&bob)?;
//! assert_eq!(key.decrypt(&Ciphertext::from_der(&sent)?)?.as_slice(), b"secret");
//! # Ok::<(), yinxin_gm::Error>(())
//! ```

mod encoding;
mod hash;
mod nonce;

mod user;

mod signature;
mod signing_key;
mod signing_master;

mod ciphertext;
mod decryption_key;
mod encapsulation;
mod encryption_master;
mod mode;

pub mod exchange;

#[cfg(test)]
mod known_answers;

pub use ciphertext::Ciphertext;
pub use decryption_key::DecryptionKey;
pub use encapsulation::Encapsulation;
pub use encryption_master::{EncryptionMasterKey, EncryptionMasterPublicKey};
pub use mode::Mode;
pub use signature::Signature;
pub use signing_key::SigningKey;
pub use signing_master::{SigningMasterKey, SigningMasterPublicKey};
pub use user::User;

pub use crate::Error;
