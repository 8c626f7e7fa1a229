//! The register of sixteen 31-bit numbers and the function F.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::sbox::substitute;

/// The constants D of GB/T 33133.1 5.5, which sit between key and initial value.
const NARROW: [u32; 16] = [
    0x44d7, 0x26bc, 0x626b, 0x135e, 0x5789, 0x35e2, 0x7135, 0x09af, 0x4d78, 0x2f13, 0x6bc4, 0x1af1,
    0x5e26, 0x3c4d, 0x789a, 0x47ac,
];

/// What the constants of ZUC-256 (2018) depend on: the first and the third, and the rest.
pub(super) mod wide {
    pub(in crate::zuc) const KEY_STREAM: [u8; 2] = [0x22, 0x24];
    pub(in crate::zuc) const MAC_32: [u8; 2] = [0x22, 0x25];
    pub(in crate::zuc) const MAC_64: [u8; 2] = [0x23, 0x24];
    pub(in crate::zuc) const MAC_128: [u8; 2] = [0x23, 0x25];

    /// With the first and the third left out.
    pub(super) const REST: [u8; 16] =
        [0, 0x2f, 0, 0x2a, 0x6d, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x52, 0x10, 0x30];
}

/// The constants of ePrint 2021/1439.
const ADDENDUM: [u8; 16] = [
    0x64, 0x43, 0x7b, 0x2a, 0x11, 0x05, 0x51, 0x42, 0x1a, 0x31, 0x18, 0x66, 0x14, 0x2e, 0x01, 0x5c,
];

const MODULUS: u64 = (1 << 31) - 1;

/// ZUC between two words.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct State {
    /// Invariant: each in [0, 2³¹ − 1]; s_i is at (`at` + i) modulo 16.
    lfsr: [u32; 16],
    at: usize,
    r1: u32,
    r2: u32,
}

impl State {
    pub(super) fn new_128(key: &[u8; 16], iv: &[u8; 16]) -> Self {
        // s_i = k_i ‖ d_i ‖ iv_i: 8, 15 and 8 bits
        let lfsr =
            core::array::from_fn(|i| u32::from(key[i]) << 23 | NARROW[i] << 8 | u32::from(iv[i]));
        Self::warmed_up(lfsr, 32)
    }

    /// ZUC-256 of 2018; `constants` are the two that tell its uses apart.
    pub(super) fn new_256(k: &[u8; 32], iv: &[u8; 23], constants: [u8; 2]) -> Self {
        let mut d = wide::REST;
        [d[0], d[2]] = constants;
        // iv_17 to iv_24: six bits each
        let [.., a, b, c, e, f, g] = *iv;
        let bits = u64::from_be_bytes([0, 0, a, b, c, e, f, g]);
        let six = |i: u32| (bits >> (42 - 6 * i)).to_le_bytes()[0] & 0x3f;
        // k_31 in two halves
        let halves = [k[31] >> 4, k[31] & 0xf];
        let parts = [
            [k[0], d[0], k[21], k[16]],
            [k[1], d[1], k[22], k[17]],
            [k[2], d[2], k[23], k[18]],
            [k[3], d[3], k[24], k[19]],
            [k[4], d[4], k[25], k[20]],
            [iv[0], d[5] | six(0), k[5], k[26]],
            [iv[1], d[6] | six(1), k[6], k[27]],
            [iv[10], d[7] | six(2), k[7], iv[2]],
            [k[8], d[8] | six(3), iv[3], iv[11]],
            [k[9], d[9] | six(4), iv[12], iv[4]],
            [iv[5], d[10] | six(5), k[10], k[28]],
            [k[11], d[11] | six(6), iv[6], iv[13]],
            [k[12], d[12] | six(7), iv[7], iv[14]],
            [k[13], d[13], iv[15], iv[8]],
            [k[14], d[14] | halves[0], iv[16], iv[9]],
            [k[15], d[15] | halves[1], k[30], k[29]],
        ];
        Self::warmed_up(parts.map(join), 32)
    }

    /// ZUC-256 of the addendum of 2021: another order, an initial value of 128 bits, half as many rounds again.
    pub(super) fn new_256_addendum(k: &[u8; 32], iv: &[u8; 16]) -> Self {
        let parts = core::array::from_fn(|i| {
            let (third, fourth) = match i {
                0..7 => (k[16 + i], k[24 + i]),
                7..15 => (iv[i - 7], iv[i + 1]),
                _ => (k[23], k[31]),
            };
            join([k[i], ADDENDUM[i], third, fourth])
        });
        Self::warmed_up(parts, 48)
    }

    /// The next word of the key stream.
    #[inline]
    pub(super) fn next_word(&mut self) -> u32 {
        let word = self.f() ^ self.reorganised(2, 0);
        self.advance(0);
        word
    }

    fn warmed_up(lfsr: [u32; 16], rounds: usize) -> Self {
        let mut state = Self { lfsr, at: 0, r1: 0, r2: 0 };
        for _ in 0..rounds {
            let w = state.f();
            state.advance(w >> 1);
        }
        // The first word of the working stage is thrown away.
        state.f();
        state.advance(0);
        state
    }

    #[inline(always)]
    fn s(&self, i: usize) -> u32 {
        self.lfsr[(self.at + i) & 15]
    }

    /// The lower half of one number, then the upper half of another.
    #[inline(always)]
    fn reorganised(&self, low: usize, high: usize) -> u32 {
        self.s(low) << 16 | self.s(high) >> 15
    }

    /// F(X0, X1, X2), and R1 and R2 after it.
    #[inline(always)]
    fn f(&mut self) -> u32 {
        let x0 = (self.s(15) & 0x7fff_8000) << 1 | self.s(14) & 0xffff;
        let (x1, x2) = (self.reorganised(11, 9), self.reorganised(7, 5));
        let w = (x0 ^ self.r1).wrapping_add(self.r2);
        let w1 = self.r1.wrapping_add(x1);
        let w2 = self.r2 ^ x2;
        let u = l1(w1 << 16 | w2 >> 16);
        let v = l2(w2 << 16 | w1 >> 16);
        [self.r1, self.r2] = substitute([u, v]);
        w
    }

    /// The register moves by one; `u` is added in the initialisation stage.
    #[inline(always)]
    fn advance(&mut self, u: u32) {
        let term = |i: usize, shift: u32| u64::from(self.s(i)) << shift;
        let sum =
            term(15, 15) + term(13, 17) + term(10, 21) + term(4, 20) + term(0, 8) + term(0, 0);
        // Below 2^54, so that two folds leave a number below 2^31; it is zero only if everything was.
        let sum = fold(fold(sum + u64::from(u)));
        #[expect(clippy::cast_possible_truncation, reason = "folded to 31 bits")]
        let next = sum as u32;
        self.lfsr[self.at & 15] = next;
        self.at = (self.at + 1) & 15;
    }
}

/// The same number modulo 2³¹ − 1, smaller.
#[inline(always)]
const fn fold(x: u64) -> u64 {
    (x & MODULUS) + (x >> 31)
}

/// 8, 7, 8 and 8 bits.
fn join([a, b, c, d]: [u8; 4]) -> u32 {
    u32::from(a) << 23 | u32::from(b) << 16 | u32::from(c) << 8 | u32::from(d)
}

#[inline(always)]
const fn l1(x: u32) -> u32 {
    x ^ x.rotate_left(2) ^ x.rotate_left(10) ^ x.rotate_left(18) ^ x.rotate_left(24)
}

#[inline(always)]
const fn l2(x: u32) -> u32 {
    x ^ x.rotate_left(8) ^ x.rotate_left(14) ^ x.rotate_left(22) ^ x.rotate_left(30)
}
