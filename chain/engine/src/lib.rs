//! Our `Context` for Malachite's core, codecs, and a pure `Host`: what the engine asks goes in, effects come out.

#![forbid(unsafe_code)]
