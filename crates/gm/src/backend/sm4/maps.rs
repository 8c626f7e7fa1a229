//! The linear maps of SM4 on bytes, as operands of the GF2P8AFFINE instructions.
//!
//! S(x) = B·(A·x ⊕ a)⁻¹ ⊕ b in the field of the instruction (Saarinen's sm4ni has such matrices); a test runs all 256
//! inputs. The rounds work on y = A·x instead of x, so that no map stands before the inversion. L takes byte s of a
//! word to [`SAME`]·s in its own place, [`ACROSS`]·s in the next two and the sum of both in the third, so a whole round
//! is three inversions with different matrices, three rotations by bytes, and sums.

/// A and a: before the inversion.
pub(in crate::backend) const IN: u64 = 0x4c28_7db9_1a22_505d;
pub(in crate::backend) const IN_SUM: u8 = 0x3e;
/// B and b: behind it.
const OUT: u64 = 0xf3ab_34a9_74a6_b589;
const OUT_SUM: u8 = 0xd3;

/// A⁻¹: back to SM4's own bytes.
pub(in crate::backend) const BACK: u64 = inverse(IN);

/// What a byte of s gives to its own place under L: s ⊕ (s ≪ 2).
const SAME: u64 = sum(IDENTITY, shift_up(2));
/// What it gives to the next two places: s ⋘ 2. To the third it gives the sum of both.
const ACROSS: u64 = sum(shift_up(2), shift_down(6));

/// The round on y: A·`SAME`·B and A·`ACROSS`·B, and what b gives in all (it meets three of the latter).
pub(in crate::backend) const ROUND_SAME: u64 = product(IN, product(SAME, OUT));
pub(in crate::backend) const ROUND_ACROSS: u64 = product(IN, product(ACROSS, OUT));
pub(in crate::backend) const ROUND_LAST: u64 = sum(ROUND_SAME, ROUND_ACROSS);
pub(in crate::backend) const ROUND_SUM: i32 = apply(IN, OUT_SUM.rotate_left(2)) as i32;

/// A·`x` ⊕ a, bytes in the order of memory: what a round key or a constant of the key expansion becomes.
pub(in crate::backend) const fn mapped(x: u32) -> u32 {
    let [b0, b1, b2, b3] = x.to_be_bytes();
    u32::from_le_bytes([
        apply(IN, b0) ^ IN_SUM,
        apply(IN, b1) ^ IN_SUM,
        apply(IN, b2) ^ IN_SUM,
        apply(IN, b3) ^ IN_SUM,
    ])
}

/// The same behind the S-box of AES, E·x⁻¹ ⊕ 0x63: B·x⁻¹ ⊕ b is B·E⁻¹ of it ⊕ a constant.
const FROM_AES: u64 = product(OUT, inverse(AES));
pub(in crate::backend) const AES_SAME: u64 = product(IN, product(SAME, FROM_AES));
pub(in crate::backend) const AES_ACROSS: u64 = product(IN, product(ACROSS, FROM_AES));
pub(in crate::backend) const AES_SUM: u8 =
    apply(IN, (OUT_SUM ^ apply(FROM_AES, 0x63)).rotate_left(2));
/// E, the affine matrix of FIPS 197 5.1.1.
const AES: u64 = 0xf1e3_c78f_1f3e_7cf8;

/// The key expansion's L′ = s ⊕ s ⋘ 13 ⊕ s ⋘ 23, by places: own, next, second, third.
pub(in crate::backend) const EXPAND: [u64; 4] = [
    product(IN, OUT),
    product(IN, product(shift_up(5), OUT)),
    product(IN, product(sum(shift_down(3), shift_up(7)), OUT)),
    product(IN, product(shift_down(1), OUT)),
];
/// What b gives to it: b ⊕ b ⋘ 5 ⊕ b ⋘ 7 on each byte.
pub(in crate::backend) const EXPAND_SUM: i32 =
    apply(IN, OUT_SUM ^ OUT_SUM.rotate_left(5) ^ OUT_SUM.rotate_left(7)) as i32;

/// Reverses the bits of a byte.
pub(in crate::backend) const REVERSE: u64 = 0x8040_2010_0804_0201;
const IDENTITY: u64 = 0x0102_0408_1020_4080;

/// The row that makes output bit `bit`: the operand holds that of bit 7 in its lowest byte.
const fn row(matrix: u64, bit: u32) -> u8 {
    matrix.to_be_bytes()[bit as usize]
}

const fn from_rows(rows: [u8; 8]) -> u64 {
    u64::from_be_bytes(rows)
}

pub(in crate::backend) const fn apply(matrix: u64, x: u8) -> u8 {
    let mut out = 0;
    let mut bit = 0;
    while bit < 8 {
        if (row(matrix, bit) & x).count_ones() % 2 == 1 {
            out |= 1 << bit;
        }
        bit += 1;
    }
    out
}

const fn sum(left: u64, right: u64) -> u64 {
    left ^ right
}

/// First `right`, then `left`.
const fn product(left: u64, right: u64) -> u64 {
    let mut rows = [0; 8];
    let mut i = 0;
    while i < 8 {
        let mut j = 0;
        while j < 8 {
            if row(left, i) >> j & 1 == 1 {
                rows[i as usize] ^= row(right, j);
            }
            j += 1;
        }
        i += 1;
    }
    from_rows(rows)
}

/// x ↦ x ≪ `by`.
const fn shift_up(by: u32) -> u64 {
    let mut rows = [0; 8];
    let mut i = by;
    while i < 8 {
        rows[i as usize] = 1 << (i - by);
        i += 1;
    }
    from_rows(rows)
}

/// x ↦ x ≫ `by`.
const fn shift_down(by: u32) -> u64 {
    let mut rows = [0; 8];
    let mut i = by;
    while i < 8 {
        rows[(i - by) as usize] = 1 << i;
        i += 1;
    }
    from_rows(rows)
}

/// By Gauss and Jordan. A matrix without an inverse does not compile.
const fn inverse(matrix: u64) -> u64 {
    let mut left = matrix.to_be_bytes();
    let mut right = IDENTITY.to_be_bytes();
    let mut column = 0;
    while column < 8 {
        let mut pivot = column;
        while left[pivot] >> column & 1 == 0 {
            pivot += 1;
        }
        (left[column], left[pivot]) = (left[pivot], left[column]);
        (right[column], right[pivot]) = (right[pivot], right[column]);
        let mut i = 0;
        while i < 8 {
            if i != column && left[i] >> column & 1 == 1 {
                left[i] ^= left[column];
                right[i] ^= right[column];
            }
            i += 1;
        }
        column += 1;
    }
    from_rows(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::portable::sbox;

    /// Multiplication in the field of the instruction, modulo 0x11B.
    fn multiply(mut a: u8, mut b: u8) -> u8 {
        let mut sum = 0;
        while b > 0 {
            sum ^= a * (b & 1);
            a = (a << 1) ^ (0x1b * (a >> 7));
            b >>= 1;
        }
        sum
    }

    fn standard(x: u8) -> u8 {
        let planes = core::array::from_fn(|bit| (x ^ sbox::IN) >> bit & 1);
        let output = sbox::circuit(planes);
        output.into_iter().rev().fold(0, |byte, bit| byte << 1 | (bit & 1)) ^ sbox::OUT
    }

    #[test]
    fn the_maps_around_the_inversion_are_the_s_box() {
        for x in 0..=255 {
            let y = apply(IN, x) ^ IN_SUM;
            let inverse = (0..254).fold(1, |power, _| multiply(power, y));
            assert_eq!(apply(OUT, inverse) ^ OUT_SUM, standard(x), "{x:#04x}");
            let aes = apply(AES, inverse) ^ 0x63;
            assert_eq!(apply(FROM_AES, aes ^ 0x63) ^ OUT_SUM, standard(x), "{x:#04x}");
            assert_eq!(apply(BACK, apply(IN, x)), x);
        }
    }
}
