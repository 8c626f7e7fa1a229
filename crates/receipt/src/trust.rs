//! What a verifier knows of ledgers: genesis, the changes of validators since, and checkpoints.

use std::collections::{BTreeMap, BTreeSet};

use yinxin_gm::{Digest, sm2::PublicKey};
use yinxin_verdict::UnixTime;

use crate::{
    Checkpoint, CommitCertificate, Error, Genesis, Header, SetChange, ValidatorSet, verify_commit,
};

/// Trusted ledgers by chain id. By default none.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    ledgers: BTreeMap<Digest, Ledger>,
}

/// What is trusted of one ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    name: String,
    /// The newest point that the trust folder itself vouches for, not the chain.
    anchor: (u64, UnixTime),
    /// Validator sets by the first height that they sign. Invariant: not empty.
    sets: BTreeMap<u64, ValidatorSet>,
    /// First heights of sets that only a checkpoint tells: changes since the set before may be missing here.
    gaps: BTreeSet<u64>,
    /// Code and key of the organisations, as of the anchor.
    organisations: Vec<(String, PublicKey)>,
    checkpoints: BTreeMap<Digest, Header>,
}

impl Trust {
    /// Trusts a ledger by its genesis, which every founder has signed. A second time changes nothing.
    ///
    /// # Errors
    /// [`Error`] when the genesis does not hold.
    pub fn add_genesis(&mut self, genesis: Genesis) -> Result<(), Error> {
        genesis.check()?;
        let set = genesis.validator_set()?;
        let organisations = genesis.organisations.iter().map(|o| (o.code.clone(), o.key)).collect();
        let ledger = Ledger {
            name: genesis.name.clone(),
            anchor: (0, genesis.time()),
            sets: BTreeMap::from([(1, set)]),
            gaps: BTreeSet::new(),
            organisations,
            checkpoints: BTreeMap::new(),
        };
        self.ledgers.entry(genesis.chain_id()).or_insert(ledger);
        Ok(())
    }

    /// Takes over a change of validators that the set before it committed.
    ///
    /// # Errors
    /// [`Error::Chain`] for an unknown ledger, [`Error::Conflict`], and whatever [`SetChange::verify`] finds.
    pub fn add_set_change(&mut self, change: SetChange) -> Result<(), Error> {
        let chain = change.header.chain_id;
        let ledger = self
            .ledgers
            .get_mut(&chain)
            .ok_or(Error::Chain { expected: Digest::ZERO, found: chain })?;
        let height = change.header.height;
        let current = ledger.set_at(height).ok_or(Error::ValidatorsUnknown { height })?;
        change.verify(&chain, current)?;
        let first = height.checked_add(1).ok_or(Error::ValidatorsUnknown { height })?;
        if ledger.sets.get(&first).is_some_and(|known| *known != change.next) {
            return Err(Error::Conflict { height });
        }
        ledger.sets.insert(first, change.next);
        ledger.gaps.remove(&first);
        ledger.close_gap_after(first);
        Ok(())
    }

    /// Takes over a checkpoint. Of a known ledger, more than two thirds of its known organisations must have signed it; a ledger
    /// not known otherwise becomes trusted by it, as the trust folder holds it.
    ///
    /// # Errors
    /// [`Error::Conflict`], and whatever [`Checkpoint::verify`] finds.
    pub fn add_checkpoint(&mut self, checkpoint: Checkpoint) -> Result<(), Error> {
        let chain = checkpoint.header.chain_id;
        let height = checkpoint.header.height;
        let first = height.checked_add(1).ok_or(Error::ValidatorsUnknown { height })?;
        let known =
            self.ledgers.get(&chain).map_or(&checkpoint.organisations, |l| &l.organisations);
        checkpoint.verify(&chain, known)?;
        let ledger = self.ledgers.entry(chain).or_insert_with(|| Ledger {
            name: String::new(),
            anchor: (height, checkpoint.header.time()),
            sets: BTreeMap::new(),
            gaps: BTreeSet::new(),
            organisations: checkpoint.organisations.clone(),
            checkpoints: BTreeMap::new(),
        });
        let conflict =
            ledger.checkpoints.values().any(|h| h.height == height && *h != checkpoint.header)
                || ledger.sets.get(&first).is_some_and(|set| *set != checkpoint.next);
        if conflict {
            return Err(Error::Conflict { height });
        }
        if ledger.set_at(first) != Some(&checkpoint.next) {
            ledger.sets.insert(first, checkpoint.next.clone());
            ledger.gaps.insert(first);
        }
        if ledger.anchor.0 <= height {
            ledger.anchor = (height, checkpoint.header.time());
            ledger.organisations.clone_from(&checkpoint.organisations);
        }
        ledger.checkpoints.insert(checkpoint.id(), checkpoint.header);
        Ok(())
    }

    /// The ledger of this chain id.
    #[must_use]
    pub fn ledger(&self, chain_id: &Digest) -> Option<&Ledger> {
        self.ledgers.get(chain_id)
    }

    /// Every ledger with its chain id.
    pub fn ledgers(&self) -> impl Iterator<Item = (&Digest, &Ledger)> {
        self.ledgers.iter()
    }

    /// The header of a trusted checkpoint, by the checkpoint's id.
    #[must_use]
    pub fn checkpoint(&self, id: &Digest) -> Option<(&Ledger, &Header)> {
        self.ledgers.values().find_map(|l| l.checkpoints.get(id).map(|header| (l, header)))
    }

    /// How many ledgers are trusted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ledgers.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ledgers.is_empty()
    }
}

impl Ledger {
    /// Its name, for people; empty when only a checkpoint vouches for it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Height and time of the newest point that the trust folder vouches for.
    #[must_use]
    pub const fn anchor(&self) -> (u64, UnixTime) {
        self.anchor
    }

    /// The organisations as of the anchor: code and key.
    #[must_use]
    pub fn organisations(&self) -> &[(String, PublicKey)] {
        &self.organisations
    }

    /// The set that signs this height, as far as is known.
    #[must_use]
    pub fn set_at(&self, height: u64) -> Option<&ValidatorSet> {
        self.sets.range(..=height).next_back().map(|(_, set)| set)
    }

    /// Checks that the set of its height committed a header; that set.
    ///
    /// # Errors
    /// [`Error::ValidatorsUnknown`] when the changes known here do not tell the set of that height;
    /// [`Error::SetHash`] when the header names a known set that was not in office then; otherwise whatever
    /// [`verify_commit`] finds.
    pub fn check_commit(
        &self,
        chain_id: &Digest,
        header: &Header,
        certificate: &CommitCertificate,
    ) -> Result<&ValidatorSet, Error> {
        let unknown = Error::ValidatorsUnknown { height: header.height };
        let set = self.set_at(header.height).ok_or(unknown.clone())?;
        if self.next_set_height(header.height).is_some_and(|next| self.gaps.contains(&next)) {
            return Err(unknown);
        }
        let expected = set.hash();
        if expected != header.validators {
            let found = header.validators;
            // A set that left office and signs on is no missing change: it is a fork, or its keys have leaked.
            let known = self.sets.values().any(|s| s.hash() == found);
            return Err(if known { Error::SetHash { expected, found } } else { unknown });
        }
        verify_commit(header, certificate, chain_id, set)?;
        Ok(set)
    }

    /// The first height, above this one, at which another set is known.
    fn next_set_height(&self, height: u64) -> Option<u64> {
        let above = height.checked_add(1)?;
        self.sets.range(above..).next().map(|(first, _)| *first)
    }

    /// A gap ends when the changes lead to the very set that the checkpoint told.
    fn close_gap_after(&mut self, height: u64) {
        let Some(next) = self.next_set_height(height) else { return };
        if self.gaps.contains(&next) && self.sets.get(&next) == self.set_at(height) {
            self.gaps.remove(&next);
            self.sets.remove(&next);
        }
    }
}
