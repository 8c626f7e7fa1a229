//! Combs (Lim and Lee) with signed digits, none of them zero: a multiple of a fixed point by few additions and a few
//! doublings.
//!
//! An odd k below 2²⁵⁶ is Σ ±2ⁱ, i = 0 … 255, where the sign at i is + if bit i of (k >> 1) + 2²⁵⁵ is set. For an even k,
//! n − k is odd, and the result is negated. A tooth is a position i; teeth a fixed distance (the *spacing*) apart make a
//! block, a block's signs make an index. Each block has a table of its multiples with + at the highest tooth; − there is
//! the negative of the complementary index.

use zeroize::Zeroize;

use super::{
    arithmetic::Arithmetic,
    limbs::Limbs,
    scalar::Scalar,
    tables::{self, Row},
    xyzz::{Affine, Xyzz},
};

/// The signs of k or n − k, and which.
#[derive(Clone, Zeroize)]
pub(crate) struct Signs {
    pub(crate) bits: Limbs,
    /// Ones if the result is to be negated.
    pub(crate) negate: u64,
}

impl Signs {
    /// For k = 0, those of n.
    pub(crate) fn new(k: &Scalar) -> Self {
        let ([a, b, c, d], negate) = k.odd();
        let bits = [a >> 1 | b << 63, b >> 1 | c << 63, c >> 1 | d << 63, d >> 1 | 1 << 63];
        Self { bits, negate }
    }

    /// The index in a table of 2^(teeth − 1) rows, and ones if the row is to be negated.
    #[inline(always)]
    fn digit(teeth: u32, signs: u64) -> (u64, u64) {
        let top = signs >> (teeth - 1);
        let negative = top.wrapping_sub(1);
        ((signs ^ negative) & ((1 << (teeth - 1)) - 1), negative)
    }
}

/// Blocks of the comb for secrets. Its 20 KiB stay in the first-level cache, although every addition reads a block whole.
pub(crate) mod secret {
    pub(crate) const TEETH: u32 = 6;
    pub(crate) const SPACING: u32 = 4;
    /// The last block has four teeth only: 10·24 + 16 = 256.
    pub(crate) const BLOCKS: usize = 11;
    pub(crate) const LAST_TEETH: u32 = 4;
    pub(crate) const ROWS: usize = 32;
    pub(crate) const LAST_ROWS: usize = 8;
}

/// Blocks of the comb for public numbers: the positions of a limb are those of a block.
pub(crate) mod public {
    pub(crate) const TEETH: u32 = 8;
    pub(crate) const SPACING: u32 = 8;
    pub(crate) const BLOCKS: usize = 4;
    pub(crate) const ROWS: usize = 128;
}

/// ±k·G in constant time, and ones if it is −k·G; infinity for k = 0.
///
/// Why [`Xyzz::add_distinct`] is enough: before block b is added with multiplier e, the sum is M·G. M ± e is odd (block 0
/// comes first, is odd and counts once; all else is even), so it is not zero, and can only be ±n modulo the order. In
/// the rounds above the last, |M ± e| < 2²⁵⁵ < n. In the last round k = M + e + X, X being the blocks not yet added. k > 0,
/// and M ± e = n needs k = n + X or n + X + 2e. For b < 10 that is at least n − 2²⁵²·17/16 − …, so the four highest
/// signs are all +, while a negative X needs − at 252, its highest. For b = 10, M + e = k is not n unless k was 0, and
/// M − e = n is M = e: one k, n − 2·(2²⁵² + 2²⁴⁸ + 2²⁴⁴ + 2²⁴⁰), for which the last addition is a doubling;
/// [`Xyzz::add_finite`] has it, and a test takes this k.
pub(super) fn mul_base<A: Arithmetic>(k: &Scalar) -> (Xyzz<A>, u64) {
    use secret::{BLOCKS, LAST_ROWS, LAST_TEETH, ROWS, SPACING, TEETH};
    let mut signs = Signs::new(k);
    let point = |block: usize, offset: u32| {
        let from = 24 * block + offset as usize;
        let window = signs.bits[from / 64] >> (from % 64)
            | signs.bits.get(from / 64 + 1).map_or(0, |next| next << 1 << (63 - from % 64));
        // Bits 0, 4, … 20 to bits 0 … 5.
        let bits = window & 0x11_1111;
        let bits = (bits | bits >> 3) & 0x03_0303;
        let bits = (bits | bits >> 6 | bits >> 12) & 0x3f;
        let rows = &tables::SECRET.0[ROWS * block..];
        let (row, negative) = if block == BLOCKS - 1 {
            let (index, negative) = Signs::digit(LAST_TEETH, bits & 0xf);
            (A::lookup(&rows[..LAST_ROWS], index), negative)
        } else {
            let (index, negative) = Signs::digit(TEETH, bits);
            (A::lookup(&rows[..ROWS], index), negative)
        };
        Affine::<A>::from_row(&row).negate_if(negative)
    };
    let mut sum = Xyzz::from_affine(&point(0, SPACING - 1));
    for block in 1..BLOCKS {
        sum.add_distinct(&point(block, SPACING - 1));
    }
    for offset in (0..SPACING - 1).rev() {
        sum.double();
        for block in 0..BLOCKS - 1 {
            sum.add_distinct(&point(block, offset));
        }
        let last = point(BLOCKS - 1, offset);
        if offset == 0 {
            sum.add_finite(&last);
        } else {
            sum.add_distinct(&last);
        }
    }
    let negate = signs.negate;
    signs.zeroize();
    (sum, negate)
}

/// One factor of a sum that is public, and the table of its point.
pub(super) struct Term<'a> {
    signs: Signs,
    table: &'a Table,
}

/// The multiples of a point that [`Term`] takes.
pub(crate) type Table = [Row; public::ROWS * public::BLOCKS];

impl<'a> Term<'a> {
    pub(super) fn new(k: &Scalar, table: &'a Table) -> Self {
        Self { signs: Signs::new(k), table }
    }

    /// Adds what this term has at `offset`. Variable time.
    #[inline(always)]
    pub(super) fn add_to<A: Arithmetic>(&self, sum: &mut Xyzz<A>, offset: u32) {
        for (limb, rows) in self.signs.bits.iter().zip(self.table.as_chunks::<{ public::ROWS }>().0)
        {
            // Bits 0, 8, … 56 to bits 0 … 7.
            let bits = limb >> offset & 0x0101_0101_0101_0101;
            let bits = bits.wrapping_mul(0x0102_0408_1020_4080) >> 56;
            let (index, negative) = Signs::digit(public::TEETH, bits);
            let index = usize::try_from(index).expect("seven bits");
            let mut point = Affine::from_row(&rows[index % public::ROWS]);
            if negative != self.signs.negate {
                point.y = point.y.neg();
            }
            sum.add_vartime(&point);
        }
    }
}

/// Σ k·P over `terms`. Variable time.
pub(super) fn sum_vartime<A: Arithmetic, const N: usize>(terms: &[Term<'_>; N]) -> Xyzz<A> {
    let mut sum = Xyzz::INFINITY;
    for offset in (0..public::SPACING).rev() {
        if offset + 1 < public::SPACING {
            sum.double();
        }
        terms.iter().for_each(|term| term.add_to(&mut sum, offset));
    }
    sum
}
