//! Both S-boxes of ZUC on eight bytes at once, as Boolean circuits over bit planes: no table, so no secret address.
//!
//! S0 is a Feistel network of three maps of four bits. S1 is M·x⁻¹ ⊕ 0x55 in GF(2⁸) modulo 0x18B; through an
//! isomorphism of fields it becomes the circuit of SM4's S-box between two linear layers: S1(x) = [`AFTER`]·C([`BEFORE`]·x) ⊕ 0x55.
//! Of the 8 · 255 isomorphisms and scalings, this one has the fewest ones.

use crate::backend::sm4_sbox_circuit;

/// The maps of S0, as algebraic normal forms: bit k of form i says whether the monomial of the inputs in k is in output i.
const P1: [u16; 4] = forms([9, 15, 0, 14, 15, 15, 2, 10, 0, 4, 0, 12, 7, 5, 3, 9]);
const P2: [u16; 4] = forms([8, 13, 6, 5, 7, 0, 12, 4, 11, 1, 14, 10, 15, 3, 9, 2]);
const P3: [u16; 4] = forms([2, 6, 10, 6, 0, 13, 10, 15, 3, 3, 13, 5, 0, 9, 12, 13]);

/// Row i says which input bits make output bit i.
const BEFORE: [u8; 8] = [0x19, 0x62, 0x40, 0x36, 0x0f, 0x91, 0x01, 0x10];
const AFTER: [u8; 8] = [0x08, 0x19, 0x48, 0x66, 0xa4, 0x32, 0x20, 0x8b];

/// S0 on bytes 3 and 1 of each word and S1 on bytes 2 and 0.
#[inline(always)]
pub(super) fn substitute(words: [u32; 2]) -> [u32; 2] {
    let planes = transpose(u64::from(words[0]) << 32 | u64::from(words[1]));
    let planes: [u32; 8] = planes.to_le_bytes().map(u32::from);
    let (zero, one) = (s0(planes), s1(planes));
    let mut out = [0; 8];
    for (i, byte) in out.iter_mut().enumerate() {
        let [low, ..] = (zero[i] & 0xaa | one[i] & 0x55).to_le_bytes();
        *byte = low;
    }
    let out = transpose(u64::from_le_bytes(out)) ^ 0x0055_0055_0055_0055;
    let [a, b, c, d, e, f, g, h] = out.to_be_bytes();
    [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])]
}

/// Bit j of byte i changes places with bit i of byte j.
#[inline(always)]
const fn transpose(mut x: u64) -> u64 {
    let mut swap = (x ^ (x >> 7)) & 0x00aa_00aa_00aa_00aa;
    x ^= swap ^ (swap << 7);
    swap = (x ^ (x >> 14)) & 0x0000_cccc_0000_cccc;
    x ^= swap ^ (swap << 14);
    swap = (x ^ (x >> 28)) & 0x0000_0000_f0f0_f0f0;
    x ^ swap ^ (swap << 28)
}

#[inline(always)]
fn s0(x: [u32; 8]) -> [u32; 8] {
    let [a, b, c, d, e, f, g, h] = x;
    let (low, high) = ([a, b, c, d], [e, f, g, h]);
    let q = xor(high, map(&P1, low));
    let r = xor(low, map(&P2, q));
    let s = xor(q, map(&P3, r));
    // (s ‖ r) <<< 5
    [r[3], s[0], s[1], s[2], s[3], r[0], r[1], r[2]]
}

#[inline(always)]
fn s1(x: [u32; 8]) -> [u32; 8] {
    linear(&AFTER, sm4_sbox_circuit(linear(&BEFORE, x)))
}

#[inline(always)]
fn linear(rows: &[u8; 8], x: [u32; 8]) -> [u32; 8] {
    rows.map(|row| (0..8).filter(|j| row >> j & 1 == 1).fold(0, |sum, j| sum ^ x[j]))
}

#[inline(always)]
fn map(forms: &[u16; 4], x: [u32; 4]) -> [u32; 4] {
    let mut monomials = [u32::MAX; 16];
    for k in 1..16_usize {
        monomials[k] = monomials[k & (k - 1)] & x[k.trailing_zeros() as usize];
    }
    forms.map(|form| (0..16).filter(|k| form >> k & 1 == 1).fold(0, |sum, k| sum ^ monomials[k]))
}

#[inline(always)]
fn xor(a: [u32; 4], b: [u32; 4]) -> [u32; 4] {
    core::array::from_fn(|i| a[i] ^ b[i])
}

/// The Möbius transform of each output bit.
const fn forms(table: [u8; 16]) -> [u16; 4] {
    let mut forms = [0; 4];
    let mut output = 0;
    while output < 4 {
        let mut monomial = 0;
        while monomial < 16 {
            let mut input = 0;
            while input < 16 {
                if input & monomial == input {
                    forms[output] ^= ((table[input] >> output & 1) as u16) << monomial;
                }
                input += 1;
            }
            monomial += 1;
        }
        output += 1;
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(mut a: u16, mut b: u16) -> u16 {
        let mut sum = 0;
        while b > 0 {
            sum ^= a * (b & 1);
            a <<= 1;
            a ^= 0x18b * (a >> 8);
            b >>= 1;
        }
        sum
    }

    /// GB/T 33133.1 table A.2 (S1), its first and last lines.
    const S1_ENDS: [[u8; 16]; 2] = [
        [
            0x55, 0xc2, 0x63, 0x71, 0x3b, 0xc8, 0x47, 0x86, 0x9f, 0x3c, 0xda, 0x5b, 0x29, 0xaa,
            0xfd, 0x77,
        ],
        [
            0x64, 0xbe, 0x85, 0x9b, 0x2f, 0x59, 0x8a, 0xd7, 0xb0, 0x25, 0xac, 0xaf, 0x12, 0x03,
            0xe2, 0xf2,
        ],
    ];

    /// Table A.1 (S0), the same lines.
    const S0_ENDS: [[u8; 16]; 2] = [
        [
            0x3e, 0x72, 0x5b, 0x47, 0xca, 0xe0, 0x00, 0x33, 0x04, 0xd1, 0x54, 0x98, 0x09, 0xb9,
            0x6d, 0xcb,
        ],
        [
            0x8d, 0x27, 0x1a, 0xdb, 0x81, 0xb3, 0xa0, 0xf4, 0x45, 0x7a, 0x19, 0xdf, 0xee, 0x78,
            0x34, 0x60,
        ],
    ];

    #[test]
    fn the_circuits_are_the_standards_tables() {
        for x in 0..=255_u8 {
            let other = x.wrapping_mul(37);
            let [out, others] =
                substitute([u32::from_be_bytes([x; 4]), u32::from_be_bytes([other, x, x, other])]);
            let [s0, s1, again0, again1] = out.to_be_bytes();
            assert_eq!((s0, s1), (again0, again1));
            assert_eq!(others.to_be_bytes()[1..3], [s1, s0], "no byte minds its neighbours");
            if let Some(line) = [0, 15].iter().position(|&line| line == x >> 4) {
                let column = usize::from(x & 15);
                assert_eq!((s0, s1), (S0_ENDS[line][column], S1_ENDS[line][column]));
            }
        }
    }

    #[test]
    fn s1_is_linear_over_the_inverse_and_both_are_permutations() {
        let both = |x: u8| {
            let [s0, s1, ..] = substitute([u32::from_be_bytes([x; 4]), 0])[0].to_be_bytes();
            (s0, s1 ^ 0x55)
        };
        let inverse = |x: u16| (0..254).fold(1, |power, _| product(power, x));
        let linear = |y: u16| both(u8::try_from(inverse(y)).expect("a byte")).1;
        let (mut seen0, mut seen1) = ([false; 256], [false; 256]);
        for x in 0..=255_u8 {
            seen0[usize::from(both(x).0)] = true;
            seen1[usize::from(both(x).1)] = true;
            for bit in 0..8 {
                let y = u16::from(x);
                assert_eq!(linear(y ^ 1 << bit), linear(y) ^ linear(1 << bit));
            }
        }
        assert_eq!((seen0, seen1), ([true; 256], [true; 256]));
    }
}
