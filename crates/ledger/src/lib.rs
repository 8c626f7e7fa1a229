//! Applies records in order: who may, from which state to which; pure and deterministic.

#![forbid(unsafe_code)]
