//! Reading back: blocks, records, proofs.

use yinxin_engine::{Peer, wire};
use yinxin_gm::Digest;
use yinxin_merkle::log::{NodeId, NodeReader, prove_inclusion};
use yinxin_receipt::{CommitCertificate, Header, ValidatorSet};

use crate::disk::{Disk, Pair, Table};
use crate::store::load_set;
use crate::view::View;
use crate::{StoreError, codec, codec::Place};

/// A committed record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Its bytes.
    pub record: Vec<u8>,
    /// Its place in the log.
    pub index: u64,
    /// The block it came with.
    pub height: u64,
}

/// A node that is no longer on the list of those that take part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Left {
    /// The node, as the list last named it.
    pub peer: Peer,
    /// The block that took it off the list.
    pub height: u64,
    /// That block's time.
    pub time_ms: u64,
}

/// The log's nodes, as proofs are made from them.
pub struct LogNodes<'a>(&'a dyn Disk);

impl core::fmt::Debug for LogNodes<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("LogNodes")
    }
}

impl NodeReader for LogNodes<'_> {
    fn node(&self, id: NodeId) -> Option<Digest> {
        let bytes = self.0.get(Table::LogNodes, &codec::node_key(id)).ok()??;
        codec::get_hash("log node", &bytes).ok()
    }
}

impl View {
    /// Header and certificate of a height, if it is there.
    ///
    /// # Errors
    /// If the store fails.
    pub fn header(&self, height: u64) -> Result<Option<(Header, CommitCertificate)>, StoreError> {
        if height > self.head_ref().height {
            return Ok(None);
        }
        let bytes = self.disk.get(Table::Headers, &codec::height_key(height))?;
        bytes.map(|bytes| codec::get_header(&bytes)).transpose()
    }

    /// The header of a height without its certificate, if it is there.
    ///
    /// # Errors
    /// If the store fails.
    pub fn header_alone(&self, height: u64) -> Result<Option<Header>, StoreError> {
        if height > self.head_ref().height {
            return Ok(None);
        }
        let bytes = self.disk.get(Table::Headers, &codec::height_key(height))?;
        bytes.map(|bytes| codec::get_header_alone(&bytes)).transpose()
    }

    /// The body of a block, as it was proposed.
    ///
    /// # Errors
    /// If the store fails.
    pub fn body(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let prefix = codec::height_key(height);
        let rows = self.disk.scan(Table::Bodies, &prefix, &prefix, wire::MAX_RECORDS)?;
        // A block of an older store lies in one piece, under its height alone.
        if let [(key, whole)] = &rows[..]
            && key.len() == prefix.len()
        {
            return Ok(Some(whole.clone()));
        }
        if rows.is_empty() && self.header_alone(height)?.is_none() {
            return Ok(None);
        }
        let records: Vec<Vec<u8>> = rows.into_iter().map(|(_, record)| record).collect();
        Ok(Some(wire::encode_body(&records)))
    }

    /// The validators that signed a block.
    ///
    /// # Errors
    /// If the store fails or has no such set.
    pub fn validators(&self, hash: &Digest) -> Result<ValidatorSet, StoreError> {
        load_set(&*self.disk, hash)
    }

    /// The committed record with this id.
    ///
    /// # Errors
    /// If the store fails.
    ///
    /// # Panics
    /// Where a `usize` has more than 64 bits.
    pub fn record(&self, id: &Digest) -> Result<Option<Stored>, StoreError> {
        let Some(place) = self.disk.get(Table::Records, id.as_bytes())? else { return Ok(None) };
        let Place { index, height, position } = codec::get_place(&place)?;
        if height > self.head_ref().height {
            return Ok(None);
        }
        let missing = || StoreError::damaged("record", "its block is missing");
        let record = match position {
            Some(position) => self.disk.get(Table::Bodies, &codec::body_key(height, position))?,
            None => self.record_of_whole(index, height)?,
        };
        Ok(Some(Stored { record: record.ok_or_else(missing)?, index, height }))
    }

    /// A record of a block whose body lies in one piece.
    fn record_of_whole(&self, index: u64, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let (Some(header), Some(body)) = (self.header_alone(height)?, self.body(height)?) else {
            return Ok(None);
        };
        let mut records =
            wire::decode_body(&body).map_err(|error| StoreError::damaged("body", error))?;
        let count = u64::try_from(records.len()).expect("a usize fits");
        let at = header.log_size.checked_sub(count).and_then(|first| index.checked_sub(first));
        let at = at.and_then(|at| usize::try_from(at).ok()).filter(|at| *at < records.len());
        Ok(at.map(|at| records.swap_remove(at)))
    }

    /// The path from a record to the log's root at `size`.
    ///
    /// # Errors
    /// If there is no such entry, or nodes are missing.
    pub fn log_path(&self, index: u64, size: u64) -> Result<Vec<Digest>, StoreError> {
        prove_inclusion(&self.log(), index, size)
            .map_err(|error| StoreError::damaged("log path", error))
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> LogNodes<'_> {
        LogNodes(&*self.disk)
    }

    /// The application's entries under a prefix, from `from` on, at most `limit`.
    ///
    /// # Errors
    /// If the store fails.
    pub fn index(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.disk.scan(Table::Index, prefix, from, limit)
    }

    /// The heights whose next validators are others than their own, oldest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn set_changes(&self) -> Result<Vec<u64>, StoreError> {
        /// One a day for a century is 36 500.
        const LIMIT: usize = 100_000;
        let prefix = codec::SET_CHANGE;
        let found = self.disk.scan(Table::Meta, prefix, prefix, LIMIT)?;
        found.iter().map(|(key, _)| codec::get_u64("set change", &key[prefix.len()..])).collect()
    }

    /// The nodes that may take part.
    ///
    /// # Errors
    /// If the store fails.
    pub fn peers(&self) -> Result<Vec<Peer>, StoreError> {
        let bytes = self.disk.get(Table::Meta, codec::PEERS)?;
        bytes.map_or(Ok(Vec::new()), |bytes| codec::get_peers(&bytes))
    }

    /// The nodes that were taken off the list and not put on it again, the last 100.
    ///
    /// # Errors
    /// If the store fails.
    pub fn left(&self) -> Result<Vec<Left>, StoreError> {
        let bytes = self.disk.get(Table::Meta, codec::LEFT)?;
        bytes.map_or(Ok(Vec::new()), |bytes| codec::get_left(&bytes))
    }
}
