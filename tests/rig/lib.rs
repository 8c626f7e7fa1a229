//! What flows across processes share: where the binary is, folders, ports.

#![forbid(unsafe_code)]
