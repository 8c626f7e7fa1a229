//! Single chunks: opened by who has the secret, proven to who has not.

use std::io::Read;

use yinxin_gm::Digest;
use yinxin_merkle::log::{Frontier, MemoryNodes, leaf_hash, prove_inclusion};
use zeroize::Zeroizing;

use super::{
    Content, ContentSecret, content::OVERHEAD, progress::fill, secret::SESSION, writer::nonce,
};
use crate::Error;

/// Opens one chunk of a body, from its octets alone.
///
/// # Errors
/// [`Error::KeyWrong`] for the secret of another content, [`Error::ChunkBad`] for any other octets.
pub fn open_chunk(
    content: &Content,
    secret: &ContentSecret,
    chunk: u64,
    octets: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    secret.check(&content.id())?;
    let bad = Error::ChunkBad { chunk };
    if chunk >= content.chunks() || octets.len() != content.chunk_length(chunk) {
        return Err(bad);
    }
    let (session, rest) = octets.split_first_chunk::<SESSION>().ok_or(bad.clone())?;
    let (data, tag) = rest.split_last_chunk().ok_or(bad.clone())?;
    let mut data = Zeroizing::new(data.to_vec());
    let nonce = nonce(chunk, chunk + 1 == content.chunks());
    let cipher = secret.cipher(content.chunk_size(), session);
    cipher.open_in_place(&nonce, &[], &mut data, tag).map_err(|_| bad)?;
    Ok(data)
}

/// The tree over the chunks of a body: made without any key, and only when paths are asked for. 64 octets for each chunk.
#[derive(Clone, Debug)]
pub struct ChunkIndex {
    nodes: MemoryNodes,
    size: u64,
}

impl ChunkIndex {
    /// Reads a whole body and compares it with what it is said to be: what a storage node, which has no key, checks too.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::Trailing`], [`Error::DigestMismatch`], [`Error::Io`].
    pub fn of_body(mut body: impl Read, content: &Content) -> Result<Self, Error> {
        let mut nodes = MemoryNodes::default();
        let mut frontier = Frontier::new();
        let mut buffer = vec![0; content.chunk_size().len() + OVERHEAD];
        let io = |e| Error::io(&e);
        for chunk in 0..content.chunks() {
            let octets = &mut buffer[..content.chunk_length(chunk)];
            if fill(&mut body, octets).map_err(io)? < octets.len() {
                return Err(Error::Truncated { what: "body" });
            }
            frontier.append(leaf_hash(octets), &mut |id, hash| nodes.insert(id, hash));
        }
        if fill(&mut body, &mut [0]).map_err(io)? > 0 {
            return Err(Error::Trailing { what: "body" });
        }
        let (expected, found) = (content.root(), frontier.root());
        if expected != found {
            return Err(Error::DigestMismatch { what: "body", expected, found });
        }
        Ok(Self { nodes, size: frontier.size() })
    }

    /// The path of a chunk, for [`Content::verify_chunk`].
    ///
    /// # Errors
    /// [`Error::NotFound`] beyond the last chunk.
    pub fn prove(&self, chunk: u64) -> Result<Vec<Digest>, Error> {
        prove_inclusion(&self.nodes, chunk, self.size)
            .map_err(|_| Error::NotFound { what: "chunk", name: chunk.to_string() })
    }
}
