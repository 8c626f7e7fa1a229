//! H1 and H2 of GB/T 38635.2 6.2: SM3 into [1, n − 1].

use zeroize::Zeroizing;

use crate::{backend::sm9::Scalar, sm3::Sm3};

/// The state after the first byte of H1 or H2, ready for Z.
pub(super) fn begin(function: u8) -> Sm3 {
    let mut hash = Sm3::new();
    hash.update(&[function]);
    hash
}

/// What [`begin`] takes for H1.
pub(super) const H1: u8 = 1;
/// What [`begin`] takes for H2.
pub(super) const H2: u8 = 2;

/// (Ha mod (n − 1)) + 1, where Ha is the first 320 bits of SM3(… ‖ 1) ‖ SM3(… ‖ 2).
pub(super) fn finish(hash: Sm3) -> Scalar {
    let hash = Zeroizing::new(hash);
    let part = |counter: u32| {
        let mut hash = Zeroizing::new(Sm3::clone(&hash));
        hash.update(&counter.to_be_bytes());
        hash.finish().0
    };
    let mut wide = [0; 40];
    wide[..32].copy_from_slice(&part(1));
    wide[32..].copy_from_slice(&part(2)[..8]);
    Scalar::from_wide(&wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GM/T 0044.5 annex A: of Alice, and of the message with w.
    #[test]
    fn the_examples_of_the_standard_come_out() {
        let mut hash = begin(H1);
        hash.update(b"Alice\x01");
        let h1 = "2acc468c3926b0bdb2767e99ff26e084de9ced8dbc7d5fbf418027b667862fab";
        assert_eq!(hex::encode(finish(hash).to_bytes()), h1);
    }
}
