//! Keys and values of the tables.
//!
//! ```text
//! meta        "chain" → "YXS2" ‖ chain id      "head" → height u64      "peers" → list of (id, address)
//!             "left" → list of (id, address, height u64, time u64)
//!             "oldest" → height u64, of the oldest state that is whole; without it, 0
//!             "set" ‖ height u64 → nothing: that block's next validators are others than its own
//! headers     height u64 → (header DER, certificate DER), each behind its length u32
//! bodies      height u64 ‖ position u32 → the record
//! records     record id → log index u64 ‖ height u64 ‖ position u32
//! log-nodes   level u8 ‖ index u64 → hash
//! stale       height u64 → keys of tree-nodes, count u32 and each behind its length; keys of tree-values
//! sets        hash of a validator set → its DER
//! tree-nodes  as `jmt` names them          tree-values  key hash ‖ !version u64 → 0, or 1 ‖ value
//! undecided   height u64 ‖ block id → round u32 ‖ proposer ‖ block behind its length
//! ```
//!
//! Blocks that a `YXS1` store holds stay as they were: bodies under their height alone, whole as proposed; places without position.

use yinxin_engine::wire::{
    MAX_BODY, MAX_HEADER, Reader, WireError, get_address, get_digest, put_bytes, whole,
};
use yinxin_engine::{Peer, Undecided};
use yinxin_gm::Digest;
use yinxin_merkle::log::NodeId;
use yinxin_merkle::wire::Wire;
use yinxin_receipt::{CommitCertificate, Header};

use crate::StoreError;
use crate::query::Left;

pub(crate) const CHAIN: &[u8] = b"chain";
pub(crate) const HEAD: &[u8] = b"head";
pub(crate) const PEERS: &[u8] = b"peers";
pub(crate) const LEFT: &[u8] = b"left";
pub(crate) const OLDEST: &[u8] = b"oldest";
pub(crate) const SET_CHANGE: &[u8] = b"set";
pub(crate) const FORMAT: &[u8; 4] = b"YXS2";
/// What came before: read, and written on as [`FORMAT`].
pub(crate) const OLD_FORMAT: &[u8; 4] = b"YXS1";

/// Most bytes of a certificate: 100 signatures.
const MAX_CERTIFICATE: usize = CommitCertificate::MAX_LEN;

pub(crate) fn height_key(height: u64) -> [u8; 8] {
    height.to_be_bytes()
}

/// A record of a block.
pub(crate) fn body_key(height: u64, position: u32) -> Vec<u8> {
    [height.to_be_bytes().as_slice(), &position.to_be_bytes()].concat()
}

pub(crate) fn node_key(id: NodeId) -> [u8; 9] {
    let mut key = [0; 9];
    key[0] = id.level;
    key[1..].copy_from_slice(&id.index.to_be_bytes());
    key
}

/// Newest version first, so that one seek finds the value at or before a version.
pub(crate) fn value_key(key: &Digest, version: u64) -> Vec<u8> {
    [key.as_bytes().as_slice(), &(!version).to_be_bytes()].concat()
}

pub(crate) fn undecided_key(height: u64, value: &Digest) -> Vec<u8> {
    [height.to_be_bytes().as_slice(), value.as_bytes()].concat()
}

pub(crate) fn put_header(header: &Header, certificate: &CommitCertificate) -> Vec<u8> {
    let mut out = Vec::new();
    put_bytes(&mut out, &header.to_der());
    put_bytes(&mut out, &certificate.to_der());
    out
}

pub(crate) fn get_header(bytes: &[u8]) -> Result<(Header, CommitCertificate), StoreError> {
    let (header, certificate) = whole(bytes, |reader| {
        Ok((reader.bytes("header", MAX_HEADER)?, reader.bytes("certificate", MAX_CERTIFICATE)?))
    })
    .map_err(|error| StoreError::damaged("header", error))?;
    let header = Header::from_der(header).map_err(|error| StoreError::damaged("header", error))?;
    let certificate = CommitCertificate::from_der(certificate)
        .map_err(|error| StoreError::damaged("certificate", error))?;
    Ok((header, certificate))
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// In the log.
    pub(crate) index: u64,
    /// Its block.
    pub(crate) height: u64,
    /// In its block; `None` in a block whose body lies in one piece.
    pub(crate) position: Option<u32>,
}

pub(crate) fn put_place(index: u64, height: u64, position: u32) -> Vec<u8> {
    [index.to_be_bytes().as_slice(), &height.to_be_bytes(), &position.to_be_bytes()].concat()
}

pub(crate) fn get_place(bytes: &[u8]) -> Result<Place, StoreError> {
    whole(bytes, |reader| {
        let (index, height) = (reader.u64()?, reader.u64()?);
        let position = if reader.is_empty() { None } else { Some(reader.u32()?) };
        Ok(Place { index, height, position })
    })
    .map_err(|error| StoreError::damaged("record's place", error))
}

/// The header alone: its certificate is not looked at.
pub(crate) fn get_header_alone(bytes: &[u8]) -> Result<Header, StoreError> {
    let damaged = |error| StoreError::damaged("header", error);
    let header = Reader::new(bytes).bytes("header", MAX_HEADER).map_err(damaged)?;
    Header::from_der(header).map_err(|error| StoreError::damaged("header", error))
}

pub(crate) fn get_u64(what: &'static str, bytes: &[u8]) -> Result<u64, StoreError> {
    whole(bytes, Reader::u64).map_err(|error| StoreError::damaged(what, error))
}

pub(crate) fn get_hash(what: &'static str, bytes: &[u8]) -> Result<Digest, StoreError> {
    whole(bytes, get_digest).map_err(|error| StoreError::damaged(what, error))
}

pub(crate) fn put_undecided(undecided: &Undecided) -> Vec<u8> {
    let mut out = Vec::with_capacity(undecided.block.len() + 64);
    out.extend(undecided.round.to_be_bytes());
    out.extend(undecided.proposer.0.as_bytes());
    put_bytes(&mut out, &undecided.block);
    out
}

pub(crate) fn get_undecided(key: &[u8], bytes: &[u8]) -> Result<Undecided, StoreError> {
    let (height, value) = whole(key, |reader| Ok((reader.u64()?, get_digest(reader)?)))
        .map_err(|error| StoreError::damaged("undecided block", error))?;
    whole(bytes, |reader| {
        let round = reader.u32()?;
        let proposer = get_address(reader)?;
        let block = reader.bytes("block", MAX_HEADER + MAX_BODY + 8)?.to_vec();
        Ok(Undecided { height, round, proposer, value, block })
    })
    .map_err(|error| StoreError::damaged("undecided block", error))
}

pub(crate) fn put_peers(peers: &[Peer]) -> Vec<u8> {
    let mut out = Vec::new();
    for Peer { id, address } in peers {
        put_bytes(&mut out, id.as_bytes());
        put_bytes(&mut out, address.as_bytes());
    }
    out
}

/// Longer than any multiaddr of an IP, a port and a peer id.
const MAX_PEER: usize = 512;

fn get_peer(reader: &mut Reader<'_>) -> Result<Peer, WireError> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let id = text(reader.bytes("peer", MAX_PEER)?);
    Ok(Peer { id, address: text(reader.bytes("peer", MAX_PEER)?) })
}

pub(crate) fn get_peers(bytes: &[u8]) -> Result<Vec<Peer>, StoreError> {
    let mut reader = Reader::new(bytes);
    let mut peers = Vec::new();
    while !reader.is_empty() {
        peers.push(get_peer(&mut reader).map_err(|error| StoreError::damaged("peers", error))?);
    }
    Ok(peers)
}

pub(crate) fn put_left(left: &[Left]) -> Vec<u8> {
    let mut out = Vec::new();
    for Left { peer: Peer { id, address }, height, time_ms } in left {
        put_bytes(&mut out, id.as_bytes());
        put_bytes(&mut out, address.as_bytes());
        out.extend(height.to_be_bytes());
        out.extend(time_ms.to_be_bytes());
    }
    out
}

pub(crate) fn get_left(bytes: &[u8]) -> Result<Vec<Left>, StoreError> {
    let mut reader = Reader::new(bytes);
    let mut left = Vec::new();
    let next = |reader: &mut Reader<'_>| {
        Ok(Left { peer: get_peer(reader)?, height: reader.u64()?, time_ms: reader.u64()? })
    };
    while !reader.is_empty() {
        let one: Result<_, WireError> = next(&mut reader);
        left.push(one.map_err(|error| StoreError::damaged("peers that left", error))?);
    }
    Ok(left)
}
