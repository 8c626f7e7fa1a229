//! Signatures: (r, s).

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::fmt;

use super::{MessageDigest, der};
use crate::{
    Error,
    backend::{self, Scalar},
};

/// A pair (r, s) with r, s in [1, n − 1] and r + s ≠ 0 modulo n. Only verifying says whose it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    r: Scalar,
    s: Scalar,
}

impl Signature {
    /// Reads the GB/T 35276 form, strict DER:
    ///
    /// ```asn1
    /// SM2Signature ::= SEQUENCE { R INTEGER, S INTEGER }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`] or [`Error::SignatureRange`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        const EXPECTED: &str = "a DER SEQUENCE of the INTEGERs r and s";
        let mut reader = der::Reader::only(bytes, der::SEQUENCE, EXPECTED)?;
        let r = reader.read_uint256(EXPECTED)?;
        let s = reader.read_uint256(EXPECTED)?;
        reader.end(EXPECTED)?;
        Self::from_parts(&r, &s)
    }

    /// The GB/T 35276 form, DER.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut integers = Vec::with_capacity(70);
        der::write_uint256(&mut integers, &self.r.to_bytes());
        der::write_uint256(&mut integers, &self.s.to_bytes());
        let mut out = Vec::with_capacity(72);
        der::write(&mut out, der::SEQUENCE, &integers);
        out
    }

    /// Reads r ‖ s, each 32 bytes big-endian.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureRange`].
    pub fn from_raw(bytes: &[u8; 64]) -> Result<Self, Error> {
        let mut halves = [[0; 32]; 2];
        halves.as_flattened_mut().copy_from_slice(bytes);
        let [r, s] = &halves;
        Self::from_parts(r, s)
    }

    /// r ‖ s, each 32 bytes big-endian.
    #[must_use]
    pub fn to_raw(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[..32].copy_from_slice(&self.r.to_bytes());
        out[32..].copy_from_slice(&self.s.to_bytes());
        out
    }

    fn from_parts(r: &[u8; 32], s: &[u8; 32]) -> Result<Self, Error> {
        let (Some(r), Some(s)) = (Scalar::from_bytes(r), Scalar::from_bytes(s)) else {
            return Err(Error::SignatureRange);
        };
        Self::new(r, s).ok_or(Error::SignatureRange)
    }

    /// B1, B2 and the check of B5 (GB/T 32918.2 7.1), which need no message.
    pub(super) fn new(r: Scalar, s: Scalar) -> Option<Self> {
        let (r, s) = backend::reveal((r, s));
        let valid = !r.is_zero() && !s.is_zero() && !r.add(&s).is_zero();
        valid.then_some(Self { r, s })
    }

    #[cfg(test)]
    pub(super) const fn parts(&self) -> (Scalar, Scalar) {
        (self.r, self.s)
    }

    /// s, t and x for which B5 to B7 of GB/T 32918.2 7.1 ask whether x is that of s·G + t·P.
    pub(super) fn equation(&self, digest: &MessageDigest) -> (Scalar, Scalar, Scalar) {
        // B5: t = (r + s) mod n. B6, B7: (x1, y1) = s·G + t·P; R = (e + x1) mod n must be r, so x1 must be r − e.
        (self.s, self.r.add(&self.s), self.r.sub(&digest.scalar()))
    }

    /// B5 to B7 of GB/T 32918.2 7.1.
    pub(super) fn check(&self, digest: &MessageDigest) -> Result<(), Error> {
        let (s, t, x) = self.equation(digest);
        let good = backend::verify_sum(&s, &t, digest.public_key().point(), &x);
        if good { Ok(()) } else { Err(Error::Signature) }
    }

    /// As [`Signature::check`], with the table of the digest's key.
    #[cfg(feature = "alloc")]
    pub(super) fn check_prepared(
        &self,
        digest: &MessageDigest,
        table: &backend::Table,
    ) -> Result<(), Error> {
        let (s, t, x) = self.equation(digest);
        let good = backend::verify_sum_prepared(&s, &t, table, &x);
        if good { Ok(()) } else { Err(Error::Signature) }
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(")?;
        self.to_raw().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}
