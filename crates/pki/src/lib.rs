//! Certificates, CRLs, key files and signed messages (GB/T 20518, 35275, 35276): read, issue, and decide whether a chain held at a time.
//!
//! Files of others are read leniently, verified over their stored bytes, and every deviation is told; what we issue is strict DER.
//!
//! ```no_run
//! use yinxin_pki::{Certificate, Pool, Question, TrustStore, Usage, validate};
//! use yinxin_verdict::{Facts, UnixTime};
//!
//! let mut trust = TrustStore::new();
//! trust.add(&std::fs::read("trust/ca.pem")?)?;
//! let signer = Certificate::parse(&std::fs::read("signer.cer")?)?;
//! let now = UnixTime::system_now();
//! let question = Question { usage: Usage::Sign, as_of: now, now, subject: "signer" };
//! let mut facts = Facts::new();
//! let found = validate(&signer, &Pool::new(), &trust, &question, &mut facts);
//! assert!(found.is_anchored());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod oid;
pub mod tlv;

mod asn1;
mod deviation;
mod error;
pub mod pem;
mod time;

mod certificate;
mod crl;
mod key;
mod name;
mod signature;

mod store;
mod validate;

pub mod ca;
pub mod csr;
mod subject;

pub mod enveloped_data;
pub mod keyfile;
pub mod signed_data;

pub use certificate::{
    BasicConstraints, Certificate, Extension, GeneralName, KeyUsage, NameConstraints,
};
pub use crl::{Crl, CrlReason, Revocation};
pub use deviation::Deviation;
pub use enveloped_data::EnvelopedData;
pub use error::{Counted, Kind, PkiError, Rule};
pub use key::{ForeignKey, PublicKeyInfo, spki_der};
pub use name::{Attribute, Name, is_organisation_code};
pub use signature::{
    Algorithm, SignatureValue, read_sm2_signature, verify_signature, verify_signature_with_id,
};
pub use signed_data::SignedData;
pub use store::{Added, Pool, TrustStore, is_self_signed};
pub use subject::Subject;
pub use validate::{Question, Usage, Validation, VerifiedChain, accept, validate};
