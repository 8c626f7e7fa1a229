//! Ciphertexts of SM2 encryption: C1 (a point), C2 (the masked message) and C3 (its check value).

use alloc::vec::Vec;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    PublicKey, der,
    nonce::{ATTEMPTS, NonceKey},
};
use crate::{
    Error,
    backend::{self, AffinePoint, Scalar},
    kdf, sm3,
};

/// An SM2 ciphertext whose C1 is a point of the curve and whose C2 is not empty.
///
/// The three encodings are told apart by name, never guessed.
///
/// ```
/// # use rand_core::UnwrapErr;
/// use yinxin_gm::sm2::{Ciphertext, PrivateKey};
///
/// # let rng = &mut UnwrapErr(getrandom::SysRng);
/// let key = PrivateKey::generate(rng);
/// let sent = key.public_key().encrypt(b"secret", rng)?.to_der();
/// assert_eq!(key.decrypt(&Ciphertext::from_der(&sent)?)?.as_slice(), b"secret");
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ciphertext {
    c1: PublicKey,
    /// Invariant: not empty.
    c2: Vec<u8>,
    c3: [u8; 32],
}

impl Ciphertext {
    /// Reads C1 ‖ C3 ‖ C2, the order of GB/T 32918.4-2016; C1 is 04 ‖ X ‖ Y.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`] or [`Error::NotOnCurve`].
    pub fn from_c1c3c2(bytes: &[u8]) -> Result<Self, Error> {
        const EXPECTED: Error = Error::Encoding { expected: "C1 (04, X, Y), C3 (32 bytes) and C2" };
        let (c1, rest) = bytes.split_first_chunk::<65>().ok_or(EXPECTED)?;
        let (c3, c2) = rest.split_first_chunk().ok_or(EXPECTED)?;
        Self::from_parts(PublicKey::from_sec1(c1)?, c2, *c3, EXPECTED)
    }

    /// Reads C1 ‖ C2 ‖ C3, the order before 2016; C1 is 04 ‖ X ‖ Y.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`] or [`Error::NotOnCurve`].
    pub fn from_c1c2c3(bytes: &[u8]) -> Result<Self, Error> {
        const EXPECTED: Error = Error::Encoding { expected: "C1 (04, X, Y), C2 and C3 (32 bytes)" };
        let (c1, rest) = bytes.split_first_chunk::<65>().ok_or(EXPECTED)?;
        let (c2, c3) = rest.split_last_chunk().ok_or(EXPECTED)?;
        Self::from_parts(PublicKey::from_sec1(c1)?, c2, *c3, EXPECTED)
    }

    /// Reads the GB/T 35276 form, strict DER:
    ///
    /// ```asn1
    /// SM2Cipher ::= SEQUENCE {
    ///   XCoordinate INTEGER,
    ///   YCoordinate INTEGER,
    ///   HASH        OCTET STRING (SIZE(32)),   -- C3
    ///   CipherText  OCTET STRING }             -- C2
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`] or [`Error::NotOnCurve`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "a DER SM2Cipher: x, y, 32 bytes of C3, C2";
        const EXPECTED: Error = Error::Encoding { expected: WHAT };
        let mut reader = der::Reader::only(bytes, der::SEQUENCE, WHAT)?;
        let mut coordinates = [0; 64];
        coordinates[..32].copy_from_slice(&reader.read_uint256(WHAT)?);
        coordinates[32..].copy_from_slice(&reader.read_uint256(WHAT)?);
        let c3 = reader.read(der::OCTET_STRING, WHAT)?.try_into().map_err(|_| EXPECTED)?;
        let c2 = reader.read(der::OCTET_STRING, WHAT)?;
        reader.end(WHAT)?;
        Self::from_parts(PublicKey::from_coordinates(&coordinates)?, c2, c3, EXPECTED)
    }

    /// C1 ‖ C3 ‖ C2.
    #[must_use]
    pub fn to_c1c3c2(&self) -> Vec<u8> {
        [&self.c1.to_sec1()[..], &self.c3, &self.c2].concat()
    }

    /// C1 ‖ C2 ‖ C3.
    #[must_use]
    pub fn to_c1c2c3(&self) -> Vec<u8> {
        [&self.c1.to_sec1()[..], &self.c2, &self.c3].concat()
    }

    /// The GB/T 35276 form, DER.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let (coordinates, _) = self.c1.coordinates().as_chunks::<32>();
        let mut body = Vec::with_capacity(self.c2.len() + 110);
        coordinates.iter().for_each(|coordinate| der::write_uint256(&mut body, coordinate));
        der::write(&mut body, der::OCTET_STRING, &self.c3);
        der::write(&mut body, der::OCTET_STRING, &self.c2);
        let mut out = Vec::with_capacity(body.len() + 6);
        der::write(&mut out, der::SEQUENCE, &body);
        out
    }

    fn from_parts(c1: PublicKey, c2: &[u8], c3: [u8; 32], empty: Error) -> Result<Self, Error> {
        if c2.is_empty() { Err(empty) } else { Ok(Self { c1, c2: c2.to_vec(), c3 }) }
    }

    pub(super) fn encrypt(
        key: &PublicKey,
        message: &[u8],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        if message.is_empty() {
            return Err(Error::EmptyMessage);
        }
        // Hedged as for signatures: k depends on key and message too.
        let digest = sm3::digest_all(&[key.coordinates(), message]);
        let mut nonces = NonceKey::drawn(rng).nonces(&digest, rng);
        for _ in 0..ATTEMPTS {
            let k = Zeroizing::new(nonces.next().ok_or(Error::NonceExhausted)?);
            if let Some(ciphertext) = Self::encrypt_with(key, message, &k)? {
                return Ok(ciphertext);
            }
        }
        Err(Error::NonceExhausted)
    }

    /// A2 to A8 of GB/T 32918.4 6.1 with the nonce `k`; `None` asks for another nonce.
    pub(super) fn encrypt_with(
        key: &PublicKey,
        message: &[u8],
        k: &Scalar,
    ) -> Result<Option<Self>, Error> {
        // A2: C1 = k·G. A3 (h·P is not infinity) holds for every PublicKey. A4: (x2, y2) = k·P
        let Some((c1, shared)) = backend::mul_base_and(k, key.point()) else { return Ok(None) };
        let shared = Shared::new(&Zeroizing::new(shared));
        // A5, A6: C2 = M ⊕ KDF(x2 ‖ y2, klen), the mask not zero
        let Some(mut c2) = shared.mask(message)? else { return Ok(None) };
        // A7: C3 = SM3(x2 ‖ M ‖ y2)
        Ok(Some(Self {
            c1: PublicKey::from_point(c1),
            c2: core::mem::take(&mut c2),
            c3: shared.check_value(message),
        }))
    }

    /// B1 to B7 of GB/T 32918.4 7.1.
    pub(super) fn decrypt(&self, d: &Scalar) -> Result<Zeroizing<Vec<u8>>, Error> {
        // B1, B2: C1 is on the curve, by its type. B3: (x2, y2) = d·C1
        let shared = backend::mul(d, self.c1.point()).ok_or(Error::Decryption)?;
        let shared = Shared::new(&Zeroizing::new(shared));
        // B4, B5: M = C2 ⊕ KDF(x2 ‖ y2, klen), the mask not zero
        let message = shared.mask(&self.c2)?.ok_or(Error::Decryption)?;
        // B6: u = SM3(x2 ‖ M ‖ y2) must be C3
        let u = Zeroizing::new(shared.check_value(&message));
        if backend::reveal(u.ct_eq(&self.c3).into()) { Ok(message) } else { Err(Error::Decryption) }
    }
}

/// The shared point (x2, y2).
struct Shared(Zeroizing<[u8; 64]>);

impl Shared {
    fn new(point: &AffinePoint) -> Self {
        Self(Zeroizing::new(point.to_bytes()))
    }

    /// `data` ⊕ KDF(x2 ‖ y2, klen), or `None` when the KDF gave nothing but zeros.
    fn mask(&self, data: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let mut mask = Zeroizing::new(alloc::vec![0; data.len()]);
        kdf::derive(&[&self.0[..]], &mut mask)?;
        let any = mask.iter().fold(0, |any, byte| any | byte);
        mask.iter_mut().zip(data).for_each(|(mask, byte)| *mask ^= byte);
        Ok(backend::reveal(any != 0).then_some(mask))
    }

    /// SM3(x2 ‖ M ‖ y2).
    fn check_value(&self, message: &[u8]) -> [u8; 32] {
        let mut hash = Zeroizing::new(sm3::Sm3::new());
        hash.update(&self.0[..32]);
        hash.update(message);
        hash.update(&self.0[32..]);
        hash.finish().0
    }
}
