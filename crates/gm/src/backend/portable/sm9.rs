//! The curve of SM9 (GB/T 38635.1 annex A), its pairing, and powers and multiples, portable.
//!
//! t = 0x6000_0000_0058_f98a, p = 36t⁴ + 36t³ + 24t² + 6t + 1, n = 36t⁴ + 36t³ + 18t² + 6t + 1; G1 on y² = x³ + 5 over F_p, G2
//! on y² = x³ + 5u over F_p², u² = −2, GT in F_p¹² = F_p²[w]/(w⁶ − u).

pub(crate) mod arithmetic;
pub(crate) mod scalar;

mod fe;
mod fe12;
mod fe2;
mod fe6;

mod comb;
mod digits;
mod endomorphism;
pub(crate) mod groups;
mod point;

mod cyclotomic;
pub(crate) mod lines;
pub(crate) mod operations;
mod pairing;
mod tables;
mod torus;

pub(crate) use comb::Comb;
pub(crate) use fe12::Gt;
pub(crate) use groups::{G1, G2};
pub(crate) use lines::Lines;
pub(crate) use scalar::Scalar;
pub(crate) use torus::Powers;
