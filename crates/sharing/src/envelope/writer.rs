//! Writing a body.

use core::fmt;
use std::io::{self, Write};

use rand_core::CryptoRng;
use yinxin_gm::sm4::gcm::Gcm;
use yinxin_merkle::log::leaf_hash;
use zeroize::Zeroizing;

use super::{
    ChunkSize, Content, ContentSecret, MAX_LENGTH, Progress, content::OVERHEAD, secret::SESSION,
};
use crate::Error;

/// Encrypts what is written to it, chunk by chunk, into a body.
///
/// To be able to resume, the caller makes the output durable, then keeps [`Writer::progress`].
pub struct Writer<W> {
    out: W,
    cipher: Gcm,
    session: [u8; SESSION],
    /// Room for one chunk: session, content so far, tag.
    buffer: Zeroizing<Vec<u8>>,
    filled: usize,
    progress: Progress,
    /// Set while a chunk is being written, and for ever once that failed: encrypting the same buffer again would undo it.
    broken: bool,
}

impl<W: Write> Writer<W> {
    /// A new body.
    pub fn new(
        out: W,
        secret: &ContentSecret,
        chunk_size: ChunkSize,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Self {
        Self::at(out, secret, Progress::start(secret.id(), chunk_size), rng)
    }

    /// Goes on with an unfinished body. `out` was cut to [`Progress::body_length`] and stands at its end; what is written next is
    /// the source from [`Progress::length`] on.
    ///
    /// # Errors
    /// [`Error::KeyWrong`] when the progress is of another content.
    pub fn resume(
        out: W,
        secret: &ContentSecret,
        progress: &Progress,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        secret.check(&progress.id)?;
        Ok(Self::at(out, secret, progress.clone(), rng))
    }

    fn at(
        out: W,
        secret: &ContentSecret,
        progress: Progress,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Self {
        let mut session = [0; SESSION];
        rng.fill_bytes(&mut session);
        let cipher = secret.cipher(progress.chunk_size, &session);
        let buffer = Zeroizing::new(vec![0; progress.chunk_size.len() + OVERHEAD]);
        Self { out, cipher, session, buffer, filled: 0, progress, broken: false }
    }

    /// The chunks that were handed to the output.
    #[must_use]
    pub const fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The output, to take from it what was handed out so far.
    pub const fn output(&mut self) -> &mut W {
        &mut self.out
    }

    /// Writes the last chunk; the output, and what the body is.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::TooMany`].
    pub fn finish(mut self) -> Result<(W, Content), Error> {
        let length = self.progress.length().saturating_add(self.filled as u64);
        self.emit(true).map_err(|e| Error::io(&e))?;
        self.out.flush().map_err(|e| Error::io(&e))?;
        let Progress { id, chunk_size, frontier } = &self.progress;
        let content = Content::new(*id, *chunk_size, length, frontier.root())?;
        Ok((self.out, content))
    }

    fn emit(&mut self, last: bool) -> io::Result<()> {
        if core::mem::replace(&mut self.broken, true) {
            return Err(
                Error::Io { why: "an earlier chunk could not be written".to_owned() }.into()
            );
        }
        let nonce = nonce(self.progress.chunks(), last);
        let end = SESSION + self.filled;
        self.buffer[..SESSION].copy_from_slice(&self.session);
        let tag = self
            .cipher
            .seal_in_place(&nonce, &[], &mut self.buffer[SESSION..end])
            .expect("a chunk is far below what GCM takes");
        self.buffer[end..end + tag.len()].copy_from_slice(&tag);
        let chunk = &self.buffer[..end + tag.len()];
        self.out.write_all(chunk)?;
        self.progress.append(leaf_hash(chunk));
        self.filled = 0;
        self.broken = false;
        Ok(())
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let room = self.progress.chunk_size.len();
        if self.filled == room && !data.is_empty() {
            // Only now is it known that this chunk is not the last one.
            if self.progress.length().saturating_add(room as u64) >= MAX_LENGTH {
                let found = MAX_LENGTH + 1;
                return Err(Error::TooMany { what: "octets", max: MAX_LENGTH, found }.into());
            }
            self.emit(false)?;
        }
        let taken = data.len().min(room - self.filled);
        let start = SESSION + self.filled;
        self.buffer[start..start + taken].copy_from_slice(&data[..taken]);
        self.filled += taken;
        Ok(taken)
    }

    /// Hands finished chunks on; an unfinished one stays until it is full or the last.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("progress", &self.progress).finish_non_exhaustive()
    }
}

/// Number and last flag of a chunk: no two chunks of a session have the same.
pub(super) fn nonce(chunk: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&chunk.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}
