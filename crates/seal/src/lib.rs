//! E-seals v1, v4, v5 (GM/T 0031, GB/T 38540): make, stamp, verify.

#![forbid(unsafe_code)]
