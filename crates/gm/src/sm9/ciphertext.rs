//! Public-key encryption (GM/T 0044.4 7): C1 (an encapsulation), C2 (the encrypted message) and C3 (its MAC).

use alloc::vec::Vec;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    DecryptionKey, Encapsulation, EncryptionMasterPublicKey, Mode, User,
    encoding::{self, PointBytes},
    nonce::NonceKey,
};
use crate::{
    Error,
    backend::{
        self,
        sm9::{G1, Scalar},
    },
    sm2::der,
    sm3, sm4,
};

/// K2, the key of the MAC.
const MAC_KEY: usize = 32;

/// An SM9 ciphertext whose C1 is a point of G1 and whose C2 has a length that its mode can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ciphertext {
    mode: Mode,
    c1: Encapsulation,
    c3: [u8; 32],
    /// Invariant: `mode.fits`.
    c2: Vec<u8>,
}

impl Ciphertext {
    /// Reads C1 ‖ C3 ‖ C2 of GM/T 0044.4, C1 being X ‖ Y. The mode does not stand there.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`].
    pub fn from_c1c3c2(bytes: &[u8], mode: Mode) -> Result<Self, Error> {
        const EXPECTED: &str = "C1 (X, Y), C3 (32 bytes) and C2 of a length that the mode can have";
        let refused = Error::Encoding { expected: EXPECTED };
        let (c1, rest) = bytes.split_first_chunk().ok_or(refused)?;
        let (c3, c2) = rest.split_first_chunk().ok_or(refused)?;
        Self::from_parts(mode, encoding::g1(c1)?, c3, c2, EXPECTED)
    }

    /// C1 ‖ C3 ‖ C2, C1 being X ‖ Y.
    #[must_use]
    pub fn to_c1c3c2(&self) -> Vec<u8> {
        [&self.c1.to_bytes()[1..], &self.c3, &self.c2].concat()
    }

    /// Reads the GM/T 0080 form, strict DER:
    ///
    /// ```text
    /// SM9Cipher ::= SEQUENCE {
    ///     enType     INTEGER,       -- 0 XOR, 1 ECB, 2 CBC, 4 OFB, 8 CFB
    ///     c1         BIT STRING,    -- 04, X, Y
    ///     c3         OCTET STRING,  -- 32 bytes
    ///     cipherText OCTET STRING   -- C2
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::NotInGroup`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        const EXPECTED: &str =
            "a DER SM9Cipher: 0, 1, 2, 4 or 8; C1 (04, X, Y), 32 bytes of C3, C2";
        let refused = Error::Encoding { expected: EXPECTED };
        let mut reader = der::Reader::only(bytes, der::SEQUENCE, EXPECTED)?;
        let [leading @ .., number] = reader.read_uint256(EXPECTED)?;
        let mode = Mode::from_number(number).filter(|_| leading == [0; 31]).ok_or(refused)?;
        let c1 = G1::read_der(&mut reader)?;
        let c3 = reader.read(der::OCTET_STRING, EXPECTED)?.try_into().map_err(|_| refused)?;
        let c2 = reader.read(der::OCTET_STRING, EXPECTED)?;
        reader.end(EXPECTED)?;
        Self::from_parts(mode, c1, c3, c2, EXPECTED)
    }

    /// The GM/T 0080 form, DER.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.c2.len() + 120);
        let mut number = [0; 32];
        number[31] = self.mode.number();
        der::write_uint256(&mut body, &number);
        self.c1.0.write_der(&mut body);
        der::write(&mut body, der::OCTET_STRING, &self.c3);
        der::write(&mut body, der::OCTET_STRING, &self.c2);
        let mut out = Vec::with_capacity(body.len() + 6);
        der::write(&mut out, der::SEQUENCE, &body);
        out
    }

    /// How the message is encrypted.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    fn from_parts(
        mode: Mode,
        c1: G1,
        c3: &[u8; 32],
        c2: &[u8],
        expected: &'static str,
    ) -> Result<Self, Error> {
        if mode.fits(c2.len()) {
            Ok(Self { mode, c1: Encapsulation(c1), c3: *c3, c2: c2.to_vec() })
        } else {
            Err(Error::Encoding { expected })
        }
    }

    pub(super) fn encrypt(
        master: &EncryptionMasterPublicKey,
        user: &User<'_>,
        message: &[u8],
        mode: Mode,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        if message.is_empty() {
            return Err(Error::EmptyMessage);
        }
        let mut iv = [0; sm4::BLOCK];
        if mode.has_iv() {
            rng.fill_bytes(&mut iv);
        }
        // Hedged: r depends on user and message too.
        let len = (user.id().len() as u64).to_be_bytes();
        let digest = sm3::digest_all(&[&len, user.id(), &[user.hid(), mode.number()], message]);
        for r in NonceKey::drawn(rng).nonces(&digest, rng) {
            if let Some(ciphertext) = Self::encrypt_with(master, user, message, (mode, &iv), &r)? {
                return Ok(ciphertext);
            }
        }
        Err(Error::NonceExhausted)
    }

    /// A1 to A8 with the nonce `r`; `None` asks for another one.
    pub(super) fn encrypt_with(
        master: &EncryptionMasterPublicKey,
        user: &User<'_>,
        message: &[u8],
        (mode, iv): (Mode, &[u8; sm4::BLOCK]),
        r: &Scalar,
    ) -> Result<Option<Self>, Error> {
        let key_len = mode.key_len(message.len());
        let made =
            Encapsulation::make_with(master, user, key_len.saturating_add(MAC_KEY), key_len, r)?;
        let Some((keys, c1)) = made else { return Ok(None) };
        let (k1, k2) = keys.split_at(key_len);
        let c2 = mode.seal(k1, iv, message)?;
        // A7: C3 = MAC(K2, C2)
        Ok(Some(Self { mode, c1, c3: mac(k2, &c2), c2 }))
    }

    /// B1 to B5.
    pub(super) fn decrypt(&self, key: &DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        let key_len = self.mode.key_len(self.c2.len());
        let keys = self.c1.open_checked(key, key_len.saturating_add(MAC_KEY), key_len)?;
        let (k1, k2) = keys.split_at(key_len);
        // B4 before B3: u = MAC(K2', C2) must be C3
        let u = Zeroizing::new(mac(k2, &self.c2));
        if !backend::reveal(bool::from(u.ct_eq(&self.c3))) {
            return Err(Error::Decryption);
        }
        self.mode.open(k1, &self.c2)
    }
}

/// SM3(C2 ‖ K2).
fn mac(k2: &[u8], c2: &[u8]) -> [u8; 32] {
    sm3::digest_all(&[c2, k2]).0
}
