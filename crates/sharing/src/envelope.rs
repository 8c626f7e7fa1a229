//! Streamed envelopes: content of many gigabytes for many recipients, in constant memory.
//!
//! A *body* of chunks is written once and never again. A small signed *header* says how long it is, what its root is, and under
//! whose keys its secret lies: to add a recipient, or to take one out, a new header is signed and no content is touched.
//!
//! ```text
//! body   = chunk 0 ‖ chunk 1 ‖ …            each: session (16) ‖ SM4-GCM ciphertext ‖ tag (16)
//! secret = 32 random octets                 content id = HMAC-SM3(secret, "yinxin/envelope/content-id/1")
//! key    = first 16 octets of HMAC-SM3(secret, "yinxin/envelope/chunk-key/1" ‖ chunk size (4) ‖ session)
//! nonce  = 00 00 00 ‖ chunk number (8) ‖ 01 for the last chunk, else 00
//! root   = RFC 6962 tree with SM3 over the chunks as they stand in the body
//! ```
//!
//! Number and last flag in the nonce are the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): chunks cannot be cut
//! off, reordered, repeated or carried into another body. Each writing session has a key of its own, so that a writer which resumes
//! after a crash never uses a nonce twice, even when its source changed meanwhile.
//!
//! ```
//! use std::io::{Read, Write};
//! use yinxin_sharing::envelope::{ChunkSize, ContentSecret, Reader, Writer};
//!
//! let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
//! let secret = ContentSecret::generate(rng);
//! let mut writer = Writer::new(Vec::new(), &secret, ChunkSize::default(), rng);
//! writer.write_all(b"many rows")?;
//! let (body, content) = writer.finish()?;
//!
//! let mut rows = String::new();
//! Reader::new(&body[..], content, &secret)?.read_to_string(&mut rows)?;
//! assert_eq!(rows, "many rows");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chunks;
mod content;
mod header;
mod progress;
mod reader;
mod secret;
mod writer;

#[cfg(test)]
mod hostile;

pub use chunks::{ChunkIndex, open_chunk};
pub(crate) use content::OVERHEAD;
pub use content::{ChunkSize, Content, MAX_LENGTH};
pub use header::{Changes, Header, Owner, VerifiedHeader};
pub use progress::{Progress, scan};
pub use reader::Reader;
pub use secret::ContentSecret;
pub use writer::Writer;
