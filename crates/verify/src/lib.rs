//! Any file in, one report out: what other systems link.

#![forbid(unsafe_code)]
