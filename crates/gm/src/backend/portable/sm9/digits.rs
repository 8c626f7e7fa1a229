//! Secret multipliers as digits that are odd, of either sign and never zero.
//!
//! Let k be odd and b_j the bits from w·j of (k >> 1) + 2^(w·J − 1), w·J ≥ 256. Then k = Σ (2·b_j + 1 − 2ʷ)·2^(w·j): the sum
//! over 2·b_j is k − 1 + 2^(w·J), over 1 − 2ʷ it is 1 − 2^(w·J). For an even k, n − k is odd and the result is negated.

use zeroize::Zeroize;

use super::scalar::Scalar;
use crate::backend::portable::limbs::Limbs;

/// The digits of k or n − k, W bits each.
#[derive(Zeroize)]
pub(super) struct Digits<const W: usize> {
    bits: Limbs,
    /// Ones if the result is to be negated.
    pub(super) negate: u64,
}

/// ±(2·index + 1).
pub(super) struct Digit {
    pub(super) index: u64,
    /// Ones if negative.
    pub(super) negative: u64,
}

impl<const W: usize> Digits<W> {
    /// Digits within the limbs. With W = 5 there is one more, which is always 1.
    pub(super) const COUNT: usize = 256 / W;
    /// Odd numbers below 2ʷ.
    pub(super) const ODD: usize = 1 << (W - 1);

    /// For k = 0, those of n.
    pub(super) fn new(k: &Scalar) -> Self {
        let ([a, b, c, d], negate) = k.odd();
        let bits = [a >> 1 | b << 63, b >> 1 | c << 63, c >> 1 | d << 63, d >> 1];
        // The summand's one bit is within the limbs only if W divides 256.
        let top = if 256 % W == 0 { 1 << 63 } else { 0 };
        Self { bits: [bits[0], bits[1], bits[2], bits[3] | top], negate }
    }

    /// The j-th digit; its place in the limbs is public.
    #[inline(always)]
    pub(super) fn digit(&self, j: usize) -> Digit {
        let (limb, shift) = (W * j / 64, W * j % 64);
        let mut bits = self.bits[limb] >> shift;
        if shift + W > 64 && limb < 3 {
            bits |= self.bits[limb + 1] << (64 - shift);
        }
        let negative = (bits >> (W - 1) & 1).wrapping_sub(1);
        Digit { index: (bits ^ negative) & (Self::ODD as u64 - 1), negative }
    }
}

impl<const W: usize> Drop for Digits<W> {
    fn drop(&mut self) {
        self.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ digit·2^(W·j), from the highest on, modulo n.
    fn value<const W: usize>(digits: &Digits<W>, top: &Scalar) -> Scalar {
        let small = |x: u64| {
            let mut bytes = [0; 32];
            bytes[24..].copy_from_slice(&x.to_be_bytes());
            Scalar::from_bytes(&bytes).expect("odd")
        };
        let sum = (0..Digits::<W>::COUNT).rev().fold(*top, |mut sum, j| {
            (0..W).for_each(|_| sum = sum.add(&sum));
            let Digit { index, negative } = digits.digit(j);
            let odd = small(2 * index + 1);
            if negative == 0 { sum.add(&odd) } else { sum.sub(&odd) }
        });
        if digits.negate == 0 { sum } else { sum.sub(&sum).sub(&sum) }
    }

    #[test]
    fn the_digits_make_the_number() {
        let one = Scalar::from_bytes(&core::array::from_fn(|i| u8::from(i == 31))).expect("one");
        let zero = one.sub(&one);
        let mut k = Scalar::from_wide(&[0x5a; 40]);
        for special in [one, one.add(&one), zero.sub(&one), zero.sub(&one).sub(&one)] {
            assert!(value(&Digits::<4>::new(&special), &zero) == special);
            assert!(value(&Digits::<5>::new(&special), &one) == special);
        }
        for _ in 0..300 {
            assert!(value(&Digits::<4>::new(&k), &zero) == k);
            assert!(value(&Digits::<5>::new(&k), &one) == k);
            k = k.mul(&k).add(&one);
        }
    }
}
