//! Signatures: h and S.

use alloc::vec::Vec;

use super::{
    encoding::{self, PointBytes},
    hash,
};
use crate::{
    Error,
    backend::sm9::{G1, Gt, Scalar},
    sm2::der,
    sm3::Sm3,
};

/// An SM9 signature: h in [1, n − 1], S a finite point of G1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    pub(super) h: Scalar,
    pub(super) s: G1,
}

const H_EXPECTED: &str = "a DER SM9Signature: h (32 bytes), S (04, X, Y)";

impl Signature {
    /// Reads h ‖ X ‖ Y.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] for h, [`Error::NotInGroup`] for S.
    pub fn from_raw(bytes: &[u8; 96]) -> Result<Self, Error> {
        let (mut h, mut s) = ([0; 32], [0; 64]);
        h.copy_from_slice(&bytes[..32]);
        s.copy_from_slice(&bytes[32..]);
        Self::new(&h, encoding::g1(&s)?)
    }

    /// h ‖ X ‖ Y.
    #[must_use]
    pub fn to_raw(&self) -> [u8; 96] {
        let mut bytes = [0; 96];
        bytes[..32].copy_from_slice(&self.h.to_bytes());
        bytes[32..].copy_from_slice(&self.s.to_bytes());
        bytes
    }

    /// Reads the GM/T 0080 form, strict DER:
    ///
    /// ```text
    /// SM9Signature ::= SEQUENCE {
    ///     h OCTET STRING,  -- 32 bytes
    ///     s BIT STRING     -- 04, X, Y
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::OutOfRange`] for h, [`Error::NotInGroup`] for S.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = der::Reader::only(bytes, der::SEQUENCE, H_EXPECTED)?;
        let h = reader.read(der::OCTET_STRING, H_EXPECTED)?;
        let h = h.try_into().map_err(|_| Error::Encoding { expected: H_EXPECTED })?;
        let s = G1::read_der(&mut reader)?;
        reader.end(H_EXPECTED)?;
        Self::new(h, s)
    }

    /// The GM/T 0080 form, DER.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(102);
        der::write(&mut body, der::OCTET_STRING, &self.h.to_bytes());
        self.s.write_der(&mut body);
        let mut out = Vec::with_capacity(104);
        der::write(&mut out, der::SEQUENCE, &body);
        out
    }

    fn new(h: &[u8; 32], s: G1) -> Result<Self, Error> {
        let h = Scalar::from_bytes(h).ok_or(Error::OutOfRange { what: "h of an SM9 signature" })?;
        Ok(Self { h, s })
    }
}

impl core::fmt::Debug for Signature {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Signature(")?;
        self.to_raw().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// H2(M ‖ w, n), given the state after M.
pub(super) fn challenge(message: &Sm3, w: &Gt) -> Scalar {
    let mut hash = message.clone();
    hash.update(&w.to_bytes());
    hash::finish(hash)
}

/// The state of H2 after M.
pub(super) fn begun(message: &[u8]) -> Sm3 {
    let mut hash = hash::begin(hash::H2);
    hash.update(message);
    hash
}
