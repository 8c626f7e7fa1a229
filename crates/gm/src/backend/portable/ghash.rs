//! GHASH (NIST SP 800-38D 6.4) by integer multiplication with holes: constant-time wherever `u64` multiplication is.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// H, ready to multiply by; wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Ghash {
    h: [u64; 3],
    /// `h`, bits reversed: gives the upper halves of the products.
    h_reversed: [u64; 3],
}

impl Ghash {
    pub(crate) fn new(h: &[u8; 16]) -> Self {
        let [h0, h1] = load(h);
        Self {
            h: [h0, h1, h0 ^ h1],
            h_reversed: [
                h0.reverse_bits(),
                h1.reverse_bits(),
                h0.reverse_bits() ^ h1.reverse_bits(),
            ],
        }
    }

    /// Absorbs `data`, zero-padded to whole blocks, into `y`.
    pub(crate) fn absorb(&self, y: &mut [u8; 16], data: &[u8]) {
        let (blocks, tail) = data.as_chunks::<16>();
        let mut state = load(y);
        for block in blocks {
            state = self.step(state, block);
        }
        if !tail.is_empty() {
            let mut block = [0; 16];
            block[..tail.len()].copy_from_slice(tail);
            state = self.step(state, &block);
        }
        *y = (u128::from(state[1]) << 64 | u128::from(state[0])).to_be_bytes();
    }

    fn step(&self, [y0, y1]: [u64; 2], block: &[u8; 16]) -> [u64; 2] {
        let [b0, b1] = load(block);
        let (y0, y1) = (y0 ^ b0, y1 ^ b1);
        let (y0r, y1r) = (y0.reverse_bits(), y1.reverse_bits());

        // Karatsuba, lower halves and (reversed) upper halves apart.
        let z0 = clmul_low(y0, self.h[0]);
        let z1 = clmul_low(y1, self.h[1]);
        let z2 = clmul_low(y0 ^ y1, self.h[2]) ^ z0 ^ z1;
        let z0h = clmul_low(y0r, self.h_reversed[0]);
        let z1h = clmul_low(y1r, self.h_reversed[1]);
        let z2h = clmul_low(y0r ^ y1r, self.h_reversed[2]) ^ z0h ^ z1h;
        let upper = |z: u64| z.reverse_bits() >> 1;

        // 255 bits; one left shift makes up for GHASH's reflected order.
        let v = [z0, upper(z0h) ^ z2, z1 ^ upper(z2h), upper(z1h)];
        let mut v =
            [v[0] << 1, v[1] << 1 | v[0] >> 63, v[2] << 1 | v[1] >> 63, v[3] << 1 | v[2] >> 63];

        // Modulo x^128 + x^7 + x^2 + x + 1.
        v[2] ^= v[0] ^ v[0] >> 1 ^ v[0] >> 2 ^ v[0] >> 7;
        v[1] ^= v[0] << 63 ^ v[0] << 62 ^ v[0] << 57;
        v[3] ^= v[1] ^ v[1] >> 1 ^ v[1] >> 2 ^ v[1] >> 7;
        v[2] ^= v[1] << 63 ^ v[1] << 62 ^ v[1] << 57;
        [v[2], v[3]]
    }
}

fn load(block: &[u8; 16]) -> [u64; 2] {
    let (halves, _) = block.as_chunks::<8>();
    [u64::from_be_bytes(halves[1]), u64::from_be_bytes(halves[0])]
}

/// The lower 64 bits of the carry-less product: with one bit in four kept, sums never reach the next kept bit.
#[inline(always)]
const fn clmul_low(x: u64, y: u64) -> u64 {
    const M0: u64 = 0x1111_1111_1111_1111;
    const M1: u64 = M0 << 1;
    const M2: u64 = M0 << 2;
    const M3: u64 = M0 << 3;
    let (x0, x1, x2, x3) = (x & M0, x & M1, x & M2, x & M3);
    let (y0, y1, y2, y3) = (y & M0, y & M1, y & M2, y & M3);
    let z0 = x0.wrapping_mul(y0) ^ x1.wrapping_mul(y3) ^ x2.wrapping_mul(y2) ^ x3.wrapping_mul(y1);
    let z1 = x0.wrapping_mul(y1) ^ x1.wrapping_mul(y0) ^ x2.wrapping_mul(y3) ^ x3.wrapping_mul(y2);
    let z2 = x0.wrapping_mul(y2) ^ x1.wrapping_mul(y1) ^ x2.wrapping_mul(y0) ^ x3.wrapping_mul(y3);
    let z3 = x0.wrapping_mul(y3) ^ x1.wrapping_mul(y2) ^ x2.wrapping_mul(y1) ^ x3.wrapping_mul(y0);
    (z0 & M0) | (z1 & M1) | (z2 & M2) | (z3 & M3)
}
