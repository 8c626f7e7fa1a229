//! Volume that is set aside for deliveries: what an envelope will carry under a grant leaves by no call.

use std::collections::BTreeMap;

use yinxin_gm::Digest;
use yinxin_record::Volume;
use yinxin_verdict::UnixTime;

use super::rules;

/// What is set aside, by grant and envelope.
pub(super) type Shelf = BTreeMap<(Digest, Digest), Reserved>;

/// Volume under one grant for one envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reserved {
    pub(super) volume: Volume,
    /// The last height at which the delivery can come onto the ledger.
    pub(super) until: u64,
    /// Where it stands on the ledger.
    pub(super) height: Option<u64>,
    /// When that height was first known to be reached.
    known_at: Option<UnixTime>,
}

impl Reserved {
    pub(super) const fn new(volume: Volume, until: u64) -> Self {
        Self { volume, until, height: None, known_at: None }
    }

    /// Whether a head of this height does not have it in what the grant says was used.
    pub(super) fn is_unseen(&self, head: u64) -> bool {
        self.height.is_none_or(|height| height > head)
    }

    /// Whether every head that is fresh has it, now that `height` is known.
    pub(super) fn is_everywhere(&mut self, height: u64, now: UnixTime) -> bool {
        if self.height.is_some_and(|own| own <= height) {
            self.known_at.get_or_insert(now);
        }
        self.known_at.is_some_and(|at| now > at.plus_millis(rules::MAX_HEAD_AGE_MS))
    }
}
