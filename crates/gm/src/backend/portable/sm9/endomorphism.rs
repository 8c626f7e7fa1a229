//! Multiples of arbitrary points of G1 by public numbers: (x, y) ↦ (β·x, y), β³ = 1, is multiplication by λ, and every number
//! below n is k1 + k2·λ with halves of about 127 bits (Gallant, Lambert and Vanstone, 2001).

use super::{arithmetic::PairingArithmetic, fe::Fe, point::Point, scalar::Scalar};

/// β·2²⁵⁶ mod p.
const BETA: [u64; 4] =
    [0x2f49_81aa_150a_0eb3, 0x19c9_2815_c28d_ed55, 0x3993_4d9c_f7fd_761b, 0x99ca_c18b_7ca1_dd5f];

/// Short (x, y) with x + y·λ = 0 mod n are (2t + 1, 6t² + 4t + 1) and (6t² + 2t, −2t − 1).
const SMALL: u64 = 0xc000_0000_00b1_f315;
const LARGE: u128 = 0xd800_0000_0190_62ee_8000_b98b_0e16_5c81;
const LARGE_2: u128 = 0xd800_0000_0190_62ed_c000_b98b_0d64_696c;

/// ⌊2³²⁰·(2t + 1)/n⌋ and ⌊2³²⁰·(6t² + 4t + 1)/n⌋.
const SMALL_SHARE: [u64; 3] = [0x4b85_9af4_19e1_930f, 0x0db2_0a88_f17b_78d1, 0x0000_0000_0000_0001];
const LARGE_SHARE: [u64; 4] =
    [0x0cd1_6320_3cb2_bc92, 0x83b2_fd05_7ce9_7d7a, 0x2f68_4bda_10c4_1c31, 0x0000_0000_0000_0001];

/// Width of the digits: odd, below 2⁴ and above −2⁴.
const WIDTH: u32 = 5;
const ODD: usize = 1 << (WIDTH - 2);

/// k·P for a public k.
pub(super) fn mul<A: PairingArithmetic>(k: &Scalar, p: &Point<Fe<A>>) -> Point<Fe<A>> {
    let halves = halves(k);
    let table: [Point<Fe<A>>; ODD] = p.odd_multiples();
    let beta = Fe::from_montgomery(BETA);
    let turned = table.map(|point| Point { x: point.x.mul(&beta), ..point });
    let digits = halves.map(|(negative, half)| (negative, naf(half)));
    let mut sum = Point::INFINITY;
    for at in (0..=128).rev() {
        sum = sum.double();
        for ((negative, digits), table) in digits.iter().zip([&table, &turned]) {
            let digit = digits[at];
            if digit != 0 {
                let point = &table[usize::from(digit.unsigned_abs() / 2)];
                let mask = if (digit < 0) ^ negative { u64::MAX } else { 0 };
                sum = sum.add(&point.neg_if(mask));
            }
        }
    }
    sum
}

/// k1 and k2: whether negative, and how large.
fn halves(k: &Scalar) -> [(bool, u128); 2] {
    let share = |factor: &[u64]| {
        // Limbs 5 and 6 of the product: it over 2³²⁰.
        let mut product = [0_u64; 8];
        for (i, &a) in k.limbs().iter().enumerate() {
            let mut carry = 0;
            for (j, &b) in factor.iter().enumerate() {
                (product[i + j], carry) = a.carrying_mul_add(b, carry, product[i + j]);
            }
            product[i + factor.len()] = carry;
        }
        u128::from(product[6]) << 64 | u128::from(product[5])
    };
    let (c1, c2) = (share(&SMALL_SHARE), share(&LARGE_SHARE));
    // k1 = k − c1·(2t + 1) − c2·(6t² + 2t), k2 = c2·(2t + 1) − c1·(6t² + 4t + 1), modulo 2²⁵⁶ and small.
    let [k0, k1, k2, k3] = *k.limbs();
    let k = [u128::from(k1) << 64 | u128::from(k0), u128::from(k3) << 64 | u128::from(k2)];
    let small = u128::from(SMALL);
    [
        signed(minus(&minus(&k, &wide(c1, small)), &wide(c2, LARGE_2))),
        signed(minus(&wide(c2, small), &wide(c1, LARGE))),
    ]
}

fn wide(a: u128, b: u128) -> [u128; 2] {
    let (low, high) = a.carrying_mul(b, 0);
    [low, high]
}

fn minus(a: &[u128; 2], b: &[u128; 2]) -> [u128; 2] {
    let (low, borrow) = a[0].borrowing_sub(b[0], false);
    [low, a[1].borrowing_sub(b[1], borrow).0]
}

/// The number's sign and size, below 2¹²⁸.
fn signed([low, high]: [u128; 2]) -> (bool, u128) {
    let negative = high >> 127 == 1;
    (negative, if negative { low.wrapping_neg() } else { low })
}

/// Odd digits in (−2⁴, 2⁴), or zero; at least four zeros behind each other one. `k` is below 2¹²⁸ − 2⁴.
fn naf(mut k: u128) -> [i8; 129] {
    let mut digits = [0; 129];
    for digit in &mut digits {
        if k & 1 == 1 {
            let low = (k & 0x1f) as i8;
            *digit = if low > 16 { low - 32 } else { low };
            k = k.wrapping_sub(i128::from(*digit).cast_unsigned());
        }
        k >>= 1;
    }
    digits
}
