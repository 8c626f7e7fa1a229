//! Whether this node still belongs to the ledger's nodes, or not yet.

use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::Driver;
use crate::NodeError;
use crate::clock::now_ms;
use crate::gossip::Command;
use crate::members::{Members, Standing};

/// How often a node that nobody talks to says so.
const WAITING: Duration = Duration::from_secs(30);

impl Driver {
    /// A block changed the list of nodes.
    pub(super) fn members_changed(&mut self) -> Result<(), NodeError> {
        let view = self.shared.store.view();
        let (config, own) = (&self.settings.config, &self.place.identity);
        // While catching up the list is one of the past: our keys may have been somebody else's then.
        let members = match Members::read(config, &*self.shared.app, &view, own, now_ms()) {
            Err(NodeError::KeyMismatch { .. }) if !self.in_step() => {
                self.standing_due = true;
                return Ok(());
            }
            members => members?,
        };
        let before = std::mem::replace(&mut self.place.members, members);
        self.allow_due = true;
        // The engine learns its peers when it starts; an application may name the same ones again and again.
        self.restart_wanted |= before.admitted != self.place.members.admitted;
        Ok(())
    }

    /// Ends a node that left, once it is in step and nothing says that it came back; tells one that waits to be admitted what it
    /// waits for.
    pub(super) fn check_standing(&mut self) -> Result<(), NodeError> {
        if std::mem::take(&mut self.allow_due) {
            let command = Command::Allow(self.place.members.pool());
            // A full queue is not for ever: the next turn tries again.
            self.allow_due = self.shared.gossip.try_send(command).is_err();
        }
        if self.standing_due && self.in_step() {
            self.standing_due = false;
            self.members_changed()?;
        }
        let patience = Duration::from_millis(self.shared.tuning.peers_wait_ms);
        let heard = !self.hellos.is_empty();
        match self.place.members.standing {
            Standing::Left(height)
                if self.in_step() && (heard || self.started.elapsed() >= patience) =>
            {
                Err(NodeError::Removed { height })
            }
            Standing::Unlisted if !heard && self.last_waiting.elapsed() >= WAITING => {
                self.last_waiting = Instant::now();
                warn!(
                    height = self.head(),
                    peer = %self.place.identity.peer_id,
                    "no node of the ledger talks to this one: the members have not admitted it yet (member propose add-validator), \
                     or its genesis or its network key is wrong"
                );
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
