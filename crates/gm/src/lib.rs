//! SM2, SM3 and SM4 on byte slices: constant-time where secrets are touched, `no_std`, one portable definition and room for faster backends beside it.

#![no_std]
extern crate alloc;
