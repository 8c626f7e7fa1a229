//! The append-only log and the key/value state tree over SM3, their proofs and verifiers.

#![forbid(unsafe_code)]
