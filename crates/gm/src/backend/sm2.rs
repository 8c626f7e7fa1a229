//! SM2's arithmetic, by backend.

pub(crate) use super::portable::{
    point::{AffinePoint, mul, mul_base, verify_sum},
    scalar::Scalar,
};
