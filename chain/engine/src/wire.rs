//! The compact encoding of what nodes of one chain tell each other and what the write-ahead log keeps.
//!
//! Big-endian, one form per value, limits on everything, no trailing bytes. None of it is signed:
//! signatures are over the DER of `sign_bytes` and of `yinxin_receipt`.

mod messages;
mod reader;

pub use messages::*;
pub use reader::{Reader, WireError, whole};

/// Most validators of one chain: the design is for 4 to 100 departments; the rest is headroom.
pub const MAX_VALIDATORS: usize = 256;

/// Most bytes of a header: 7 hashes and 6 numbers in DER take under 400.
pub const MAX_HEADER: usize = 1024;

/// Most bytes of one record: an X.509 certificate or a batch root with room to spare.
pub const MAX_RECORD: usize = 64 * 1024;

/// Most bytes of a block's body: about 100 ms of four nodes on one machine, far under the 4 MiB that
/// gossip carries and, five at a time, under the 10 MiB of a sync answer.
pub const MAX_BODY: usize = 1024 * 1024;

/// Most records in a block: a body full of the smallest records there are (about 250 bytes).
pub const MAX_RECORDS: usize = 4096;

/// Bytes of a proposal part; gossip forwards parts while later ones are still being made.
pub const CHUNK: usize = 64 * 1024;
