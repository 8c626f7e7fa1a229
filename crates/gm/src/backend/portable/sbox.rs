//! The SM4 S-box as a Boolean circuit: no table, so no secret address.
//!
//! S(x) = A·I(A·x ⊕ 0xD3) ⊕ 0xD3, A the circulant matrix of 0xA7 and I the inversion of GF(2⁸) modulo 0x1F5. That
//! field is mapped into the AES field by the isomorphism and scaling (of 8 · 255) with the cheapest linear layers,
//! so that the non-linear middle of Boyar and Peralta's AES circuit (34 ANDs) applies. 119 gates.

use core::ops::{BitAnd, BitXor};

/// What the circuit does not include on its input: S(x) = [`circuit`](x ⊕ IN) ⊕ OUT.
pub(crate) const IN: u8 = 0x75;
/// What it does not include on its output.
pub(crate) const OUT: u8 = 0xd3;

/// Plane i holds bit i of every byte in flight, one byte per bit position of `W`.
#[inline(always)]
pub(crate) fn circuit<W>(x: [W; 8]) -> [W; 8]
where
    W: Copy + BitAnd<Output = W> + BitXor<Output = W>,
{
    let a0 = x[2] ^ x[6];
    let a1 = x[1] ^ a0;
    let a2 = x[0] ^ x[4];
    let a3 = x[0] ^ x[5];
    let a4 = x[4] ^ x[5];
    let a5 = x[3] ^ x[7];
    let a6 = a2 ^ a5;
    let a7 = x[3] ^ a3;
    let a8 = x[1] ^ a4;
    let a9 = x[6] ^ x[7];
    let a10 = x[1] ^ x[4];
    let a11 = x[1] ^ a9;
    let a12 = a1 ^ a3;
    let a13 = x[0] ^ a1;
    let a14 = a0 ^ a7;
    let a15 = x[7] ^ a4;
    let a16 = a1 ^ a6;
    let a17 = x[6] ^ a2;
    let a18 = x[2] ^ x[5];
    let a19 = x[2] ^ a8;
    let a20 = x[5] ^ a1;
    let a21 = a3 ^ a11;
    let a22 = x[3] ^ a4;
    let a23 = x[7] ^ a8;
    let a24 = a0 ^ a2;
    let a25 = x[0] ^ x[1];
    let t2 = a18 & a6;
    let t3 = a19 & a15;
    let t4 = t3 ^ t2;
    let t5 = a10 & a7;
    let t6 = t5 ^ t2;
    let t7 = x[5] & a1;
    let t8 = a12 & x[1];
    let t9 = t8 ^ t7;
    let t10 = a13 & a0;
    let t11 = t10 ^ t7;
    let t12 = a24 & a14;
    let t13 = x[2] & a16;
    let t14 = t13 ^ t12;
    let t15 = a17 & a23;
    let t16 = t15 ^ t12;
    let t17 = t4 ^ t14;
    let t18 = t6 ^ t16;
    let t19 = t9 ^ t14;
    let t20 = t11 ^ t16;
    let t21 = t17 ^ a22;
    let t22 = t18 ^ a21;
    let t23 = t19 ^ a20;
    let t24 = t20 ^ a25;
    let t25 = t21 ^ t22;
    let t26 = t21 & t23;
    let t27 = t24 ^ t26;
    let t28 = t25 & t27;
    let t29 = t28 ^ t22;
    let t30 = t23 ^ t24;
    let t31 = t22 ^ t26;
    let t32 = t31 & t30;
    let t33 = t32 ^ t24;
    let t34 = t23 ^ t33;
    let t35 = t27 ^ t33;
    let t36 = t24 & t35;
    let t37 = t36 ^ t34;
    let t38 = t27 ^ t36;
    let t39 = t29 & t38;
    let t40 = t25 ^ t39;
    let t41 = t40 ^ t37;
    let t42 = t29 ^ t33;
    let t43 = t29 ^ t40;
    let t44 = t33 ^ t37;
    let t45 = t42 ^ t41;
    let z0 = t44 & a6;
    let z1 = t37 & a15;
    let z2 = t33 & a7;
    let z3 = t43 & a1;
    let z4 = t40 & x[1];
    let z5 = t29 & a0;
    let z6 = t42 & a14;
    let z7 = t45 & a16;
    let z8 = t41 & a23;
    let z9 = t44 & a18;
    let z10 = t37 & a19;
    let z11 = t33 & a10;
    let z12 = t43 & x[5];
    let z13 = t40 & a12;
    let z14 = t29 & a13;
    let z15 = t42 & a24;
    let z16 = t45 & x[2];
    let z17 = t41 & a17;
    let b0 = z2 ^ z3;
    let b1 = z12 ^ z14;
    let b2 = z4 ^ z8;
    let b3 = z7 ^ z9;
    let b4 = z11 ^ b3;
    let b5 = z0 ^ b0;
    let b6 = z15 ^ z16;
    let b7 = z1 ^ z6;
    let b8 = z5 ^ b5;
    let b9 = b2 ^ b6;
    let b10 = z13 ^ b9;
    let b11 = b1 ^ b4;
    let b12 = b4 ^ b10;
    let b13 = z1 ^ z2;
    let b14 = z11 ^ z16;
    let b15 = z17 ^ b8;
    let b16 = b7 ^ b11;
    let b17 = b0 ^ b7;
    let b18 = b14 ^ b15;
    let b19 = z14 ^ b12;
    let b20 = b2 ^ b17;
    let b21 = z0 ^ b16;
    let b22 = z17 ^ b1;
    let b23 = z8 ^ b11;
    let b24 = z12 ^ b10;
    let b25 = z5 ^ b19;
    let b26 = b5 ^ b24;
    let b27 = z10 ^ b18;
    let b28 = z7 ^ b26;
    let b29 = z15 ^ b22;
    let b30 = b13 ^ b23;
    [b28, b30, b25, b20, b21, b27, b29, b8]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Multiplication in GF(2⁸) modulo 0x1F5.
    fn product(mut a: u16, mut b: u16) -> u16 {
        let mut sum = 0;
        while b > 0 {
            sum ^= a * (b & 1);
            a <<= 1;
            a ^= 0x1f5 * (a >> 8);
            b >>= 1;
        }
        sum
    }

    fn affine(x: u16) -> u16 {
        let x = u8::try_from(x).expect("a byte");
        (0..8).fold(0, |sum, i| {
            let row = 0xa7_u8.rotate_left(i);
            sum | u16::from((row & x).count_ones() % 2 == 1) << i
        }) ^ 0xd3
    }

    #[test]
    fn the_circuit_is_the_inversion_between_affine_maps() {
        for x in 0..=255_u8 {
            let y = affine(u16::from(x));
            let inverse = (0..254).fold(1, |power, _| product(power, y));
            let input = x ^ IN;
            let planes = core::array::from_fn(|bit| input >> bit & 1);
            let output =
                circuit(planes).into_iter().rev().fold(0, |byte, bit| byte << 1 | (bit & 1));
            assert_eq!(u16::from(output ^ OUT), affine(inverse), "S({x:#04x})");
        }
    }
}
