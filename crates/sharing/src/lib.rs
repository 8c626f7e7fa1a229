//! Data catalogue, request, grant, delivery, envelopes, masked views, the provenance graph.

#![forbid(unsafe_code)]

pub mod access;
pub mod calendar;
pub mod envelope;
pub mod masked;

mod error;

#[cfg(test)]
mod sample;

pub use error::Error;
