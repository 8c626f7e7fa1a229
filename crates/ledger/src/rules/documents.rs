//! Documents: rule 50.

use yinxin_gm::Digest;
use yinxin_record::{
    AnchorBatch, AnchorDocuments, DocumentAct, DocumentState, Power, Text, state_key,
};

use super::needs;
use crate::{
    Error,
    block::{Block, Entry},
};

pub(super) fn act(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &DocumentAct,
) -> Result<(), Error> {
    needs(entry, Power::Anchor)?; // rule 50
    match act {
        DocumentAct::Anchor(AnchorDocuments { kind, digests }) => {
            digests.iter().try_for_each(|digest| anchor(block, entry, kind, None, digest))
        }
        DocumentAct::Batch(AnchorBatch { kind, count, root }) => {
            anchor(block, entry, kind, Some(*count), root)
        }
        _ => Err(Error::ActUnknown),
    }
}

/// The first anchoring stays in the state; each one stands in the log and in the index.
fn anchor(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    kind: &Text<32>,
    count: Option<u64>,
    digest: &Digest,
) -> Result<(), Error> {
    let key = state_key::document(digest);
    if block.load::<DocumentState>(&key)?.is_none() {
        let first = DocumentState {
            organisation: entry.organisation.clone(),
            kind: kind.clone(),
            count,
            record: entry.id,
            height: block.at.height,
        };
        block.store(key, &first);
    }
    entry.index_digest(block, digest);
    Ok(())
}
