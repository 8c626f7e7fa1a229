//! Reading a body.

use core::fmt;
use std::io::{self, Read};

use yinxin_gm::sm4::gcm::{Gcm, TAG};
use yinxin_merkle::log::leaf_hash;
use zeroize::Zeroizing;

use super::{
    Content, ContentSecret, Progress, content::OVERHEAD, progress::fill, secret::SESSION,
    writer::nonce,
};
use crate::Error;

/// Decrypts a body, chunk by chunk, and hands out nothing that was not authenticated.
///
/// Only the end of input (`Ok(0)`) says that the content is whole, of the announced length and root: whoever acts on parts before
/// must be able to take it back.
pub struct Reader<R> {
    body: R,
    content: Content,
    secret: ContentSecret,
    /// The key of the last chunk's session.
    session: Option<([u8; SESSION], Gcm)>,
    buffer: Zeroizing<Vec<u8>>,
    /// What of the buffer was opened and not yet read.
    ready: core::ops::Range<usize>,
    progress: Progress,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Chunks,
    Done,
    /// What failed once is not tried again: a reader of a bad body never comes to its end.
    Failed,
}

impl<R: Read> Reader<R> {
    /// From the first chunk on.
    ///
    /// # Errors
    /// [`Error::KeyWrong`] for the secret of another content.
    pub fn new(body: R, content: Content, secret: &ContentSecret) -> Result<Self, Error> {
        let start = Progress::start(content.id(), content.chunk_size());
        Self::resume(body, content, secret, &start)
    }

    /// From where another reader stopped; `body` stands at [`Progress::body_length`].
    ///
    /// # Errors
    /// [`Error::KeyWrong`] for the secret of another content, [`Error::Mismatch`] for the progress of another one.
    pub fn resume(
        body: R,
        content: Content,
        secret: &ContentSecret,
        progress: &Progress,
    ) -> Result<Self, Error> {
        secret.check(&content.id())?;
        let fits = progress.id == content.id()
            && progress.chunk_size == content.chunk_size()
            && progress.chunks() < content.chunks();
        if !fits {
            return Err(Error::Mismatch {
                what: "progress",
                expected: content.id().to_string(),
                found: format!("{} at chunk {}", progress.id, progress.chunks()),
            });
        }
        Ok(Self {
            body,
            content,
            secret: secret.clone(),
            session: None,
            buffer: Zeroizing::new(vec![0; content.chunk_size().len() + OVERHEAD]),
            ready: 0..0,
            progress: progress.clone(),
            state: State::Chunks,
        })
    }

    /// The chunks that were opened. What was read of them is the caller's to keep before it keeps this.
    #[must_use]
    pub const fn progress(&self) -> &Progress {
        &self.progress
    }

    fn advance(&mut self) -> Result<(), Error> {
        let chunk = self.progress.chunks();
        if chunk == self.content.chunks() {
            return self.end();
        }
        let length = self.content.chunk_length(chunk);
        let octets = &mut self.buffer[..length];
        if fill(&mut self.body, octets).map_err(|e| Error::io(&e))? < length {
            return Err(Error::Truncated { what: "body" });
        }
        let leaf = leaf_hash(octets);
        let (session, rest) = octets.split_at_mut(SESSION);
        let (data, tag) = rest.split_at_mut(length - OVERHEAD);
        let session: [u8; SESSION] = session.try_into().expect("split there");
        let tag: [u8; TAG] = (&*tag).try_into().expect("what OVERHEAD leaves");
        let cipher = match self.session.take() {
            Some((known, cipher)) if known == session => cipher,
            _ => self.secret.cipher(self.content.chunk_size(), &session),
        };
        let nonce = nonce(chunk, chunk + 1 == self.content.chunks());
        cipher.open_in_place(&nonce, &[], data, &tag).map_err(|_| Error::ChunkBad { chunk })?;
        self.progress.append(leaf);
        self.session = Some((session, cipher));
        self.ready = SESSION..length - TAG;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        if fill(&mut self.body, &mut [0]).map_err(|e| Error::io(&e))? > 0 {
            return Err(Error::Trailing { what: "body" });
        }
        let (expected, found) = (self.content.root(), self.progress.frontier.root());
        if expected != found {
            return Err(Error::DigestMismatch { what: "body", expected, found });
        }
        self.state = State::Done;
        Ok(())
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while self.ready.is_empty() {
            match self.state {
                State::Done => return Ok(0),
                State::Failed => return Err(Error::Truncated { what: "body" }.into()),
                State::Chunks => {}
            }
            if let Err(error) = self.advance() {
                self.state = State::Failed;
                self.buffer.fill(0);
                return Err(error.into());
            }
        }
        let taken = out.len().min(self.ready.len());
        let start = self.ready.start;
        out[..taken].copy_from_slice(&self.buffer[start..start + taken]);
        self.ready.start += taken;
        Ok(taken)
    }
}

impl<R> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("progress", &self.progress).finish_non_exhaustive()
    }
}
