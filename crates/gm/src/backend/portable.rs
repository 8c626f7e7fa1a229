//! The portable definition of every primitive.

pub(crate) mod limbs;

pub(crate) mod arithmetic;
pub(crate) mod divsteps;
pub(crate) mod field;
pub(crate) mod scalar;

pub(crate) mod comb;
mod jacobian;
pub(crate) mod point;
#[cfg(test)]
pub(crate) mod projective;
pub(crate) mod tables;
pub(crate) mod xyzz;

pub(crate) mod sm3;

pub(crate) mod blockwise;
pub(crate) mod ghash;
pub(crate) mod sbox;
pub(crate) mod sm4;

#[cfg(feature = "sm9")]
pub(crate) mod sm9;
