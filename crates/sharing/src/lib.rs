//! Data catalogue, request, grant, delivery, envelopes, masked views, the provenance graph.

#![forbid(unsafe_code)]

pub mod envelope;

mod error;

#[cfg(test)]
mod sample;

pub use error::Error;
