//! The portable definition of every primitive.

pub(crate) mod limbs;

mod field;
pub(crate) mod scalar;

mod jacobian;
pub(crate) mod point;
mod projective;
mod tables;

pub(crate) mod sm3;

pub(crate) mod blockwise;
pub(crate) mod ghash;
pub(crate) mod sbox;
pub(crate) mod sm4;
