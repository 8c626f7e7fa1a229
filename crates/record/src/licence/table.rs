//! The table of a licence's states.

use crate::{Error, asn::numbered};

/// Where a licence stands. That it is past its last day is a matter of its dates, not of this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LicenceStatus {
    /// In force.
    Active,
    /// Not in force for the time being.
    Suspended,
    /// Replaced by a later version.
    Replaced,
    /// Ended in the ordinary way.
    Cancelled,
    /// Withdrawn.
    Revoked,
    /// Filed.
    Archived,
}

numbered!(LicenceStatus {
    1 => Active,
    2 => Suspended,
    3 => Replaced,
    4 => Cancelled,
    5 => Revoked,
    6 => Archived,
});

impl LicenceStatus {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Replaced => "replaced",
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
            Self::Archived => "archived",
        }
    }
}

/// What happens to a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LicenceEvent {
    /// It is issued, anew or as a later version.
    Issue,
    /// A later version replaces it.
    Replace,
    /// It is suspended.
    Suspend,
    /// Its suspension ends.
    Resume,
    /// It is cancelled.
    Cancel,
    /// It is revoked.
    Revoke,
    /// It is filed.
    Archive,
    /// A copy is made for one use.
    Use,
}

impl LicenceEvent {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Issue,
        Self::Replace,
        Self::Suspend,
        Self::Resume,
        Self::Cancel,
        Self::Revoke,
        Self::Archive,
        Self::Use,
    ];

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Replace => "change",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Revoke => "revoke",
            Self::Archive => "archive",
            Self::Use => "use",
        }
    }
}

/// The table of states; `None` is "not on the ledger". No row, no move.
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_licence_status(
    state: Option<LicenceStatus>,
    event: LicenceEvent,
) -> Result<LicenceStatus, Error> {
    use {LicenceEvent as E, LicenceStatus as S};
    match (state, event) {
        (None, E::Issue) => Ok(S::Active),                 // row 1
        (Some(S::Active), E::Use) => Ok(S::Active),        // row 2
        (Some(S::Active), E::Replace) => Ok(S::Replaced),  // row 3
        (Some(S::Active), E::Suspend) => Ok(S::Suspended), // row 4
        (Some(S::Suspended), E::Resume) => Ok(S::Active),  // row 5
        (Some(S::Active | S::Suspended), E::Cancel) => Ok(S::Cancelled), // row 6
        (Some(S::Active | S::Suspended), E::Revoke) => Ok(S::Revoked), // row 7
        (Some(S::Replaced | S::Cancelled | S::Revoked), E::Archive) => Ok(S::Archived), // row 8
        (state, event) => Err(Error::Illegal {
            state: state.map_or("not on the ledger", LicenceStatus::name),
            event: event.name(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_has_these_rows_and_no_other() {
        use {LicenceEvent as E, LicenceStatus as S};
        let rows = [
            (None, E::Issue, S::Active),
            (Some(S::Active), E::Use, S::Active),
            (Some(S::Active), E::Replace, S::Replaced),
            (Some(S::Active), E::Suspend, S::Suspended),
            (Some(S::Suspended), E::Resume, S::Active),
            (Some(S::Active), E::Cancel, S::Cancelled),
            (Some(S::Suspended), E::Cancel, S::Cancelled),
            (Some(S::Active), E::Revoke, S::Revoked),
            (Some(S::Suspended), E::Revoke, S::Revoked),
            (Some(S::Replaced), E::Archive, S::Archived),
            (Some(S::Cancelled), E::Archive, S::Archived),
            (Some(S::Revoked), E::Archive, S::Archived),
        ];
        let states = std::iter::once(None).chain(S::ALL.iter().copied().map(Some));
        for state in states {
            for event in E::ALL {
                let row = rows.iter().find(|(s, e, _)| (*s, *e) == (state, *event));
                assert_eq!(
                    next_licence_status(state, *event).ok(),
                    row.map(|(_, _, to)| *to),
                    "{state:?} {event:?}"
                );
            }
        }
    }

    #[test]
    fn the_dead_stay_dead() {
        use LicenceStatus as S;
        for dead in [S::Replaced, S::Cancelled, S::Revoked, S::Archived] {
            for event in LicenceEvent::ALL {
                let next = next_licence_status(Some(dead), *event);
                assert!(next.is_err() || next == Ok(S::Archived), "{dead:?} {event:?}");
            }
        }
    }
}
