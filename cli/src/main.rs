//! The one binary, and the only place where everything is wired.

#![forbid(unsafe_code)]

fn main() {}
