//! SM4, by backend.

use zeroize::{Zeroize, ZeroizeOnDrop};

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
use super::aarch64::{sm4_aes, sm4_rounds};
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use super::x86_64;
use super::{
    Backend, current,
    portable::{self, blockwise},
};

pub(crate) use super::portable::blockwise::Tweaks;

#[cfg(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_feature = "neon")
))]
pub(super) mod aes_rounds;
mod chains;
#[cfg(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    all(target_arch = "aarch64", target_feature = "neon")
))]
pub(super) mod maps;

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
pub(crate) use chains::Blocks;
pub(crate) use chains::{Chain, advance as advance_chains};

/// The round keys for encryption; decryption uses them backwards. Wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct RoundKeys {
    plain: [u32; 32],
    /// All zeros where the processor has no use for them.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    mapped: x86_64::sm4::Mapped,
}

/// The call as the highest level does it that is in use; `_` is the portable definition.
macro_rules! by_level {
    ($($level:ident => $call:expr,)* $(; $arm:ident => $arm_call:expr,)* _ => $portable:expr $(,)?) => {
        match current() {
            $(
                // SAFETY: `current` names a level only on a processor that has its instructions.
                #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
                #[allow(unsafe_code)]
                Backend::$level => unsafe { $call },
            )*
            $(
                // SAFETY: as above.
                #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
                #[allow(unsafe_code)]
                Backend::$arm => unsafe { $arm_call },
            )*
            _ => $portable,
        }
    };
}

impl RoundKeys {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        let mut keys = Self {
            plain: [0; 32],
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            mapped: [[0; 32]; 2],
        };
        by_level! {
            Avx512 => x86_64::sm4::expand_key(key, &mut keys.plain, &mut keys.mapped),
            ; ArmSm => sm4_rounds::expand_key(key, &mut keys.plain),
            _ => portable::sm4::expand_key(key, &mut keys.plain),
        }
        // The level may be raised while the key is in use.
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        if current() != Backend::Avx512 && Backend::AesNi.is_available() {
            x86_64::sm4::map_keys(&keys.plain, &mut keys.mapped);
        }
        keys
    }

    pub(crate) fn encrypt_block(&self, block: &mut [u8; 16]) {
        by_level! {
            Avx512 => x86_64::sm4::crypt_block(&self.mapped[0], block),
            _ => self.encrypt_blocks(core::slice::from_mut(block)),
        }
    }

    pub(crate) fn decrypt_block(&self, block: &mut [u8; 16]) {
        by_level! {
            Avx512 => x86_64::sm4::crypt_block(&self.mapped[1], block),
            _ => self.decrypt_blocks(core::slice::from_mut(block)),
        }
    }

    pub(crate) fn encrypt_blocks(&self, blocks: &mut [[u8; 16]]) {
        by_level! {
            Avx512 => x86_64::sm4::crypt_blocks(&self.mapped[0], blocks),
            Avx2 => x86_64::sm4::aes::crypt_blocks_avx2(&self.mapped[0], blocks),
            AesNi => x86_64::sm4::aes::crypt_blocks(&self.mapped[0], blocks),
            ; ArmSm => sm4_rounds::crypt_blocks(&self.plain, false, blocks),
            ; Neon => sm4_aes::crypt_blocks(&self.plain, false, blocks),
            _ => portable::sm4::crypt_blocks(&self.plain, false, blocks),
        }
    }

    pub(crate) fn decrypt_blocks(&self, blocks: &mut [[u8; 16]]) {
        by_level! {
            Avx512 => x86_64::sm4::crypt_blocks(&self.mapped[1], blocks),
            Avx2 => x86_64::sm4::aes::crypt_blocks_avx2(&self.mapped[1], blocks),
            AesNi => x86_64::sm4::aes::crypt_blocks(&self.mapped[1], blocks),
            ; ArmSm => sm4_rounds::crypt_blocks(&self.plain, true, blocks),
            ; Neon => sm4_aes::crypt_blocks(&self.plain, true, blocks),
            _ => portable::sm4::crypt_blocks(&self.plain, true, blocks),
        }
    }

    /// XORs the encryptions of `counter`, `counter` + 1, … onto `data`; only the last 32 bits count.
    pub(crate) fn ctr32(&self, counter: &[u8; 16], data: &mut [u8]) {
        by_level! {
            Avx512 => x86_64::sm4::ctr32(&self.mapped[0], counter, data),
            _ => blockwise::ctr32(|blocks| self.encrypt_blocks(blocks), counter, data),
        }
    }

    /// Each of `blocks` becomes the encryption of itself ⊕ the one before; `chain` becomes the last.
    pub(crate) fn cbc_encrypt(&self, chain: &mut [u8; 16], blocks: &mut [[u8; 16]]) {
        by_level! {
            Avx512 => x86_64::sm4::cbc_encrypt(&self.mapped[0], chain, blocks),
            _ => blockwise::cbc_encrypt(|blocks| self.encrypt_blocks(blocks), chain, blocks),
        }
    }

    /// As [`Self::cbc_encrypt`], of which only the last block is kept.
    pub(crate) fn cbc_mac(&self, chain: &mut [u8; 16], blocks: &[[u8; 16]]) {
        by_level! {
            Avx512 => x86_64::sm4::cbc_mac(&self.mapped[0], chain, blocks),
            _ => blockwise::cbc_mac(|blocks| self.encrypt_blocks(blocks), chain, blocks),
        }
    }

    /// The way back from [`Self::cbc_encrypt`]; `previous` becomes the last ciphertext block.
    pub(crate) fn cbc_decrypt(&self, previous: &mut [u8; 16], blocks: &mut [[u8; 16]]) {
        by_level! {
            Avx512 => x86_64::sm4::cbc_decrypt(&self.mapped[1], previous, blocks),
            _ => blockwise::cbc_decrypt(|blocks| self.decrypt_blocks(blocks), previous, blocks),
        }
    }

    /// XTS: masks each block with its tweak, before and behind the cipher; `tweak` becomes that of the next block.
    pub(crate) fn xts_encrypt(&self, order: Tweaks, tweak: &mut [u8; 16], blocks: &mut [[u8; 16]]) {
        by_level! {
            Avx512 => x86_64::sm4::xts(&self.mapped[0], order, tweak, blocks),
            _ => blockwise::xts(|blocks| self.encrypt_blocks(blocks), order, tweak, blocks),
        }
    }

    /// As [`Self::xts_encrypt`], with the cipher backwards.
    pub(crate) fn xts_decrypt(&self, order: Tweaks, tweak: &mut [u8; 16], blocks: &mut [[u8; 16]]) {
        by_level! {
            Avx512 => x86_64::sm4::xts(&self.mapped[1], order, tweak, blocks),
            _ => blockwise::xts(|blocks| self.decrypt_blocks(blocks), order, tweak, blocks),
        }
    }
}
