//! SM4-XTS: sectors of storage in place, by IEEE 1619 or by GB/T 17964-2021. It does not authenticate.
//!
//! The two standards differ in which way round a tweak is multiplied; data of more than one block comes out different.

use zeroize::Zeroizing;

use super::{BLOCK, Sm4};
use crate::{
    Error,
    backend::{Tweaks, reveal},
};

/// IEEE 1619 5.1: at most 2²⁰ blocks in one data unit.
const MAX_DATA: u64 = BLOCK as u64 * (1 << 20);

/// Whose multiplication of tweaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standard {
    /// GB/T 17964-2021.
    Gbt17964,
    /// IEEE 1619.
    Ieee1619,
}

/// SM4-XTS under one key; wiped when dropped.
///
/// ```
/// use yinxin_gm::sm4::xts::{Standard, Xts};
///
/// let key: [u8; 32] = core::array::from_fn(|i| i as u8);
/// let xts = Xts::new(&key, Standard::Gbt17964)?;
/// let sector = 7_u128.to_le_bytes();
/// let mut data = *b"twenty bytes of data";
/// xts.encrypt(&sector, &mut data)?;
/// xts.decrypt(&sector, &mut data)?;
/// assert_eq!(&data, b"twenty bytes of data");
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Xts {
    data: Sm4,
    tweak: Sm4,
    order: Tweaks,
}

impl Xts {
    /// Expands both halves of `key`: the first for the data, the second for the tweak.
    ///
    /// # Errors
    ///
    /// [`Error::KeyHalves`] when the halves are the same: then XTS falls to a chosen ciphertext (FIPS 140 IG C.I).
    pub fn new(key: &[u8; 32], standard: Standard) -> Result<Self, Error> {
        let (halves, _) = key.as_chunks::<16>();
        if reveal(bool::from(subtle::ConstantTimeEq::ct_eq(&halves[0][..], &halves[1][..]))) {
            return Err(Error::KeyHalves);
        }
        let order = match standard {
            Standard::Ieee1619 => Tweaks::Plain,
            Standard::Gbt17964 => Tweaks::Reflected,
        };
        Ok(Self { data: Sm4::new(&halves[0]), tweak: Sm4::new(&halves[1]), order })
    }

    /// Encrypts `data` in place. `tweak` is the number of the sector, little-endian; it may be anything once.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] when there is less than one block, [`Error::TooLong`] when there are over 2²⁰.
    pub fn encrypt(&self, tweak: &[u8; 16], data: &mut [u8]) -> Result<(), Error> {
        let (mut tweak, data, tail) = self.begin(tweak, data)?;
        self.data.keys.xts_encrypt(self.order, &mut tweak, data);
        if let (Some(last), false) = (data.last_mut(), tail.is_empty()) {
            steal(last, tail);
            self.data.keys.xts_encrypt(self.order, &mut tweak, core::slice::from_mut(last));
        }
        Ok(())
    }

    /// Decrypts `data` in place.
    ///
    /// # Errors
    ///
    /// As [`Self::encrypt`].
    pub fn decrypt(&self, tweak: &[u8; 16], data: &mut [u8]) -> Result<(), Error> {
        let (mut tweak, data, tail) = self.begin(tweak, data)?;
        let keys = &self.data.keys;
        match data.split_last_mut() {
            Some((last, data)) if !tail.is_empty() => {
                keys.xts_decrypt(self.order, &mut tweak, data);
                // The last whole block was encrypted under the tweak after its own.
                let mut after = Zeroizing::new(self.order.next(*tweak));
                keys.xts_decrypt(self.order, &mut after, core::slice::from_mut(last));
                steal(last, tail);
                keys.xts_decrypt(self.order, &mut tweak, core::slice::from_mut(last));
            }
            _ => keys.xts_decrypt(self.order, &mut tweak, data),
        }
        Ok(())
    }

    /// The first tweak, the whole blocks and what is behind them.
    #[expect(clippy::type_complexity, reason = "three parts of one thing")]
    fn begin<'a>(
        &self,
        tweak: &[u8; 16],
        data: &'a mut [u8],
    ) -> Result<(Zeroizing<[u8; 16]>, &'a mut [[u8; BLOCK]], &'a mut [u8]), Error> {
        let len = data.len() as u64;
        if len > MAX_DATA {
            return Err(Error::TooLong { len, max: MAX_DATA });
        }
        let (blocks, tail) = data.as_chunks_mut();
        if blocks.is_empty() {
            return Err(Error::Length { expected: BLOCK, got: tail.len() });
        }
        let mut tweak = Zeroizing::new(*tweak);
        self.tweak.encrypt_block(&mut tweak);
        Ok((tweak, blocks, tail))
    }
}

/// Ciphertext stealing: the tail and the head of the last whole block change places.
fn steal(last: &mut [u8; BLOCK], tail: &mut [u8]) {
    last[..tail.len()].swap_with_slice(tail);
}
