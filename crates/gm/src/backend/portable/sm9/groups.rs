//! G1 and G2 as others see them: finite points of order n.

use zeroize::Zeroize;

use super::{
    arithmetic::PairingArithmetic,
    fe::Fe,
    fe2::Fe2,
    point::{Affine, Point},
};

/// A finite point of y² = x³ + 5 over F_p, whose group has order n.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct G1 {
    pub(super) x: Fe,
    pub(super) y: Fe,
}

/// A finite point of order n of y² = x³ + 5u over F_p².
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct G2 {
    pub(super) x: Fe2,
    pub(super) y: Fe2,
}

impl Zeroize for G1 {
    fn zeroize(&mut self) {
        self.x.zeroize();
        self.y.zeroize();
    }
}

impl Zeroize for G2 {
    fn zeroize(&mut self) {
        self.x.zeroize();
        self.y.zeroize();
    }
}

impl G1 {
    /// P1 of GB/T 38635.1 annex A.
    pub(super) const GENERATOR: Self = Self {
        x: Fe::from_montgomery([
            0x22e9_35e2_9860_501b,
            0xa946_fd5e_0073_282c,
            0xefd0_cec8_17a6_49be,
            0x5129_787c_8691_40b5,
        ]),
        y: Fe::from_montgomery([
            0xee77_9649_eb87_f7c7,
            0x1556_3cbd_ec30_a576,
            0x3263_5391_2824_efbf,
            0x7215_7177_63c3_9828,
        ]),
    };

    /// X ‖ Y; `None` unless both are below p and the point is on the curve.
    pub(crate) fn from_bytes(bytes: &[u8; 64]) -> Option<Self> {
        let (parts, _) = bytes.as_chunks();
        let point = Self { x: Fe::from_bytes(&parts[0])?, y: Fe::from_bytes(&parts[1])? };
        point
            .affine::<crate::backend::portable::arithmetic::Portable>()
            .is_on_curve()
            .then_some(point)
    }

    pub(crate) fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.x.to_bytes());
        bytes[32..].copy_from_slice(&self.y.to_bytes());
        bytes
    }

    pub(super) const fn affine<A: PairingArithmetic>(&self) -> Affine<Fe<A>> {
        Affine { x: self.x.to(), y: self.y.to() }
    }

    pub(super) fn from_point<A: PairingArithmetic>(point: Point<Fe<A>>) -> Option<Self> {
        point.to_affine().map(|Affine { x, y }| Self { x: x.to(), y: y.to() })
    }
}

/// w²⁻²ᵖ and w³⁻³ᵖ, numbers of F_p: what the p-th power does to a point of G2, seen from its own curve.
const TWISTED_FROBENIUS: [[u64; 4]; 2] = [
    [0x646a_4b5a_4e67_83b9, 0xd5e4_017f_8d98_0f9d, 0x8d8b_f6fd_0cdf_e790, 0x2d4a_c18b_775a_8f7b],
    [0xabba_ac18_a46a_2054, 0x46ee_5756_1222_c759, 0x1dae_609f_a0e2_3561, 0x1df7_113d_ae0a_dc3c],
];

impl<A: PairingArithmetic> Affine<Fe2<A>> {
    /// p·Q, for Q of order n.
    pub(super) fn frobenius(&self) -> Self {
        let [x, y] = TWISTED_FROBENIUS.map(Fe::from_montgomery);
        Self { x: self.x.conjugate().scale(&x), y: self.y.conjugate().scale(&y) }
    }

    /// Whether a point of the curve is of order n. The map of [`Self::frobenius`] is a root of X² − (6t² + 1)·X + p; where
    /// it is 6t², that is n = 0.
    fn is_of_order_n(&self) -> bool {
        /// 6t².
        const TRACE_LESS_ONE: [u64; 4] = [0x0000_b98b_0cb2_7658, 0xd800_0000_0190_62ed, 0, 0];
        let multiple = Point::from_affine(self).mul_public(&TRACE_LESS_ONE);
        multiple.is(&Point::from_affine(&self.frobenius()))
    }
}

impl G2 {
    /// P2 of GB/T 38635.1 annex A.
    pub(super) const GENERATOR: Self = Self {
        x: Fe2::from_montgomery([
            [
                0x2602_26a6_8ce2_da8f,
                0x7ee5_645e_dbf6_c06b,
                0xf8f5_7c82_b149_5444,
                0x61fc_f018_bc47_c4d1,
            ],
            [
                0xdb6d_b482_2750_a8a6,
                0x84c6_135a_5121_f134,
                0x1874_032f_8879_1d41,
                0x9051_12f2_b85f_3a37,
            ],
        ]),
        y: Fe2::from_montgomery([
            [
                0xc03f_138f_9171_c24a,
                0x92fb_ab45_a15a_3ca7,
                0x2445_561e_2ff7_7cdb,
                0x1084_95e0_c0f6_2ece,
            ],
            [
                0xf7b8_2dac_4c89_bfbb,
                0x3706_f3f6_a49d_c12f,
                0x1e29_de93_d3ee_f769,
                0x81e4_48c3_c76a_5d53,
            ],
        ]),
    };

    /// X ‖ Y, of each the factor of u first; `None` unless all are below p and the point is on the curve and of order n.
    pub(crate) fn from_bytes<A: PairingArithmetic>(bytes: &[u8; 128]) -> Option<Self> {
        let (parts, _) = bytes.as_chunks();
        let point = Self { x: Fe2::from_bytes(&parts[0])?, y: Fe2::from_bytes(&parts[1])? };
        let affine = point.affine::<A>();
        (affine.is_on_curve() && affine.is_of_order_n()).then_some(point)
    }

    pub(crate) fn to_bytes(self) -> [u8; 128] {
        let mut bytes = [0; 128];
        bytes[..64].copy_from_slice(&self.x.to_bytes());
        bytes[64..].copy_from_slice(&self.y.to_bytes());
        bytes
    }

    pub(super) const fn affine<A: PairingArithmetic>(&self) -> Affine<Fe2<A>> {
        Affine { x: self.x.to(), y: self.y.to() }
    }

    pub(super) fn from_point<A: PairingArithmetic>(point: Point<Fe2<A>>) -> Option<Self> {
        point.to_affine().map(|Affine { x, y }| Self { x: x.to(), y: y.to() })
    }
}
