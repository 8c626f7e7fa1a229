//! Prefixes of the index entries that a block returns: for queries, outside of every tree.
//!
//! An entry's key is a prefix ‖ height (8 bytes) ‖ position in the block (4 bytes), big-endian; its value is the record's id.

use yinxin_gm::Digest;
use yinxin_record::{LicenceIdentifier, OrganisationCode};

/// Records of an organisation.
#[must_use]
pub fn organisation(code: &OrganisationCode) -> Vec<u8> {
    format!("o/{code}/").into_bytes()
}

/// Records about a licence.
#[must_use]
pub fn licence(identifier: &LicenceIdentifier) -> Vec<u8> {
    format!("l/{identifier}/").into_bytes()
}

/// Records that name a digest: of a document, a seal, a certificate, a licence's file or content.
#[must_use]
pub fn digest(digest: &Digest) -> Vec<u8> {
    format!("d/{digest}/").into_bytes()
}
