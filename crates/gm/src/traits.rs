//! The traits of RustCrypto, so that generic code takes this crate's algorithms.
//!
//! | type | traits |
//! |---|---|
//! | [`Sm3`] | `digest` 0.11: all that `Digest` asks for |
//! | [`Sm4`] | `cipher` 0.5: `BlockCipherEncrypt`, `BlockCipherDecrypt`, `KeyInit`; blocks go to the backend 64 at a time |
//! | [`Gcm`] | `aead` 0.6: `AeadInOut`, nonces of 12 bytes |
//! | [`PrivateKey`], [`PublicKey`] | `signature` 3: `RandomizedSigner`, `Verifier` with the default identifier |
//!
//! ```
//! use digest::Digest;
//! use yinxin_gm::sm3::Sm3;
//!
//! let text = hex::encode(<Sm3 as Digest>::digest(b"abc"));
//! assert_eq!(text, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
//! ```

use core::{convert::Infallible, fmt};

use aead::{AeadCore, AeadInOut, TagPosition, inout::InOutBuf};
use cipher::{
    AlgorithmName, Block, BlockCipherDecBackend, BlockCipherDecClosure, BlockCipherDecrypt,
    BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, InOut, Key, KeyInit,
    KeySizeUser, ParBlocks, ParBlocksSizeUser,
    common::BlockSizeUser,
    consts::{U12, U16, U32, U64},
};
use digest::{FixedOutput, FixedOutputReset, HashMarker, Output, OutputSizeUser, Reset, Update};
use rand_core::{TryCryptoRng, TryRng};
use signature::{RandomizedSigner, SignatureEncoding, Verifier};

use crate::{
    Error,
    sm2::{DEFAULT_ID, PrivateKey, PublicKey, Signature},
    sm3::Sm3,
    sm4::{Sm4, gcm::Gcm},
};

impl HashMarker for Sm3 {}

impl OutputSizeUser for Sm3 {
    type OutputSize = U32;
}

impl BlockSizeUser for Sm3 {
    type BlockSize = U64;
}

impl Update for Sm3 {
    fn update(&mut self, data: &[u8]) {
        Self::update(self, data);
    }
}

impl Reset for Sm3 {
    fn reset(&mut self) {
        *self = Self::new();
    }
}

impl FixedOutput for Sm3 {
    fn finalize_into(self, out: &mut Output<Self>) {
        out.copy_from_slice(self.finalize().as_bytes());
    }
}

impl FixedOutputReset for Sm3 {
    fn finalize_into_reset(&mut self, out: &mut Output<Self>) {
        out.copy_from_slice(core::mem::take(self).finalize().as_bytes());
    }
}

impl AlgorithmName for Sm3 {
    fn write_alg_name(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm3")
    }
}

impl KeySizeUser for Sm4 {
    type KeySize = U16;
}

impl KeyInit for Sm4 {
    fn new(key: &Key<Self>) -> Self {
        Self::new(&key.0)
    }
}

impl BlockSizeUser for Sm4 {
    type BlockSize = U16;
}

impl ParBlocksSizeUser for Sm4 {
    type ParBlocksSize = U64;
}

impl BlockCipherEncrypt for Sm4 {
    fn encrypt_with_backend(&self, f: impl BlockCipherEncClosure<BlockSize = U16>) {
        f.call(self);
    }
}

impl BlockCipherEncBackend for Sm4 {
    fn encrypt_block(&self, mut block: InOut<'_, '_, Block<Self>>) {
        let mut bytes = block.get_in().0;
        Self::encrypt_block(self, &mut bytes);
        block.get_out().0 = bytes;
    }

    fn encrypt_par_blocks(&self, mut blocks: InOut<'_, '_, ParBlocks<Self>>) {
        let mut bytes = core::array::from_fn::<_, 64, _>(|i| blocks.get_in()[i].0);
        self.encrypt_blocks(&mut bytes);
        for (out, bytes) in blocks.get_out().iter_mut().zip(bytes) {
            out.0 = bytes;
        }
    }
}

impl BlockCipherDecrypt for Sm4 {
    fn decrypt_with_backend(&self, f: impl BlockCipherDecClosure<BlockSize = U16>) {
        f.call(self);
    }
}

impl BlockCipherDecBackend for Sm4 {
    fn decrypt_block(&self, mut block: InOut<'_, '_, Block<Self>>) {
        let mut bytes = block.get_in().0;
        Self::decrypt_block(self, &mut bytes);
        block.get_out().0 = bytes;
    }

    fn decrypt_par_blocks(&self, mut blocks: InOut<'_, '_, ParBlocks<Self>>) {
        let mut bytes = core::array::from_fn::<_, 64, _>(|i| blocks.get_in()[i].0);
        self.decrypt_blocks(&mut bytes);
        for (out, bytes) in blocks.get_out().iter_mut().zip(bytes) {
            out.0 = bytes;
        }
    }
}

impl AlgorithmName for Sm4 {
    fn write_alg_name(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm4")
    }
}

impl KeySizeUser for Gcm {
    type KeySize = U16;
}

impl KeyInit for Gcm {
    fn new(key: &Key<Self>) -> Self {
        Self::new(&key.0)
    }
}

impl AeadCore for Gcm {
    type NonceSize = U12;
    type TagSize = U16;
    const TAG_POSITION: TagPosition = TagPosition::Postfix;
}

impl AeadInOut for Gcm {
    fn encrypt_inout_detached(
        &self,
        nonce: &aead::Nonce<Self>,
        aad: &[u8],
        buffer: InOutBuf<'_, '_, u8>,
    ) -> aead::Result<aead::Tag<Self>> {
        let data = buffer.into_out_with_copied_in();
        self.seal_in_place(nonce, aad, data).map(Into::into).map_err(|_| aead::Error)
    }

    fn decrypt_inout_detached(
        &self,
        nonce: &aead::Nonce<Self>,
        aad: &[u8],
        buffer: InOutBuf<'_, '_, u8>,
        tag: &aead::Tag<Self>,
    ) -> aead::Result<()> {
        let data = buffer.into_out_with_copied_in();
        self.open_in_place(nonce, aad, data, &tag.0).map_err(|_| aead::Error)
    }
}

impl TryFrom<&[u8]> for Signature {
    type Error = Error;

    /// r ‖ s; the DER form has its own constructor.
    fn try_from(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = Error::Length { expected: 64, got: bytes.len() };
        Self::from_raw(bytes.try_into().map_err(|_| wrong)?)
    }
}

impl From<Signature> for [u8; 64] {
    fn from(signature: Signature) -> Self {
        signature.to_raw()
    }
}

impl SignatureEncoding for Signature {
    type Repr = [u8; 64];
}

impl RandomizedSigner<Signature> for PrivateKey {
    /// With the default identifier.
    fn try_sign_with_rng<R: TryCryptoRng + ?Sized>(
        &self,
        rng: &mut R,
        message: &[u8],
    ) -> Result<Signature, signature::Error> {
        // Asked here for what signing asks, so that a generator that fails is an error and no panic.
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        rng.try_fill_bytes(&mut seed[..]).map_err(|_| signature::Error::new())?;
        self.sign(DEFAULT_ID, message, &mut Drawn(seed)).map_err(|_| signature::Error::new())
    }
}

impl Verifier<Signature> for PublicKey {
    /// With the default identifier.
    fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), signature::Error> {
        Self::verify(self, DEFAULT_ID, message, signature).map_err(|_| signature::Error::new())
    }
}

/// Randomness drawn before.
struct Drawn(zeroize::Zeroizing<[u8; 32]>);

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    /// Signing asks once, for 32 bytes; the nonce is hedged besides.
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.iter_mut().zip(self.0.iter().cycle()).for_each(|(out, byte)| *out = *byte);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}
