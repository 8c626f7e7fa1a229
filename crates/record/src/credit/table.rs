//! The tables of states of items, objections, applications for repair, measures and authorisations.

use crate::{
    Error,
    states::{events, illegal, states},
};

states! {
    /// Where an item stands. That its term is over is no state of it: see [`ItemState::is_expired`](crate::ItemState::is_expired).
    ItemStatus {
        /// In force.
        1 InForce "in-force",
        /// A commitment, neither kept nor broken yet.
        2 Committed "committed",
        /// A commitment that was kept.
        3 Fulfilled "fulfilled",
        /// A commitment that was broken.
        4 Broken "broken",
        /// Repaired: no longer shown, shared or used.
        5 Repaired "repaired",
        /// In force again, for its repair rested on what was false.
        6 Reinstated "reinstated",
        /// Off its list before its time, or ended with the item that it rested on.
        7 Delisted "delisted",
        /// Withdrawn, for its decision fell.
        8 Withdrawn "withdrawn",
    }
}

impl ItemStatus {
    /// Whether an item that stands so is shown and rested on, for as long as its term is not over.
    #[must_use]
    pub const fn is_in_force(self) -> bool {
        matches!(
            self,
            Self::InForce | Self::Committed | Self::Fulfilled | Self::Broken | Self::Reinstated
        )
    }
}

events! {
    /// What happens to an item.
    ItemEvent {
        /// It is recorded.
        Record "record",
        /// A commitment is recorded.
        Commit "commit",
        /// Something rests on it: another item, or a measure.
        Support "rest on",
        /// Somebody objects to it.
        Object "object",
        /// It is corrected.
        Correct "correct",
        /// The commitment is kept.
        Fulfil "fulfil",
        /// The commitment is broken.
        Break "break",
        /// Somebody applies for its repair.
        Apply "apply for repair",
        /// It is repaired.
        Repair "repair",
        /// Its repair rested on what was false.
        Reinstate "reinstate",
        /// It comes off its list before its time.
        Delist "delist",
        /// Its decision fell.
        Withdraw "withdraw",
    }
}

/// The table of an item's states; `None` is "not on the ledger". What was withdrawn stays so.
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_item_status(state: Option<ItemStatus>, event: ItemEvent) -> Result<ItemStatus, Error> {
    use {ItemEvent as E, ItemStatus as S};
    match (state, event) {
        (None, E::Record) => Ok(S::InForce),   // row 1
        (None, E::Commit) => Ok(S::Committed), // row 2
        (Some(state), E::Support) if state.is_in_force() => Ok(state), // row 3
        (Some(S::Withdrawn), _) => illegal!(state, event), // row 4
        (Some(state), E::Object | E::Correct) => Ok(state), // row 5
        (Some(S::Committed), E::Fulfil) => Ok(S::Fulfilled), // row 6
        (Some(S::Committed), E::Break) => Ok(S::Broken), // row 7
        (Some(state @ (S::InForce | S::Broken | S::Reinstated)), E::Apply) => Ok(state), // row 8
        (Some(S::InForce | S::Broken | S::Reinstated), E::Repair) => Ok(S::Repaired), // row 9
        (Some(S::Repaired), E::Reinstate) => Ok(S::Reinstated), // row 10
        (Some(S::InForce | S::Reinstated), E::Delist) => Ok(S::Delisted), // row 11
        (Some(_), E::Withdraw) => Ok(S::Withdrawn), // row 12
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where an objection stands.
    ObjectionStatus {
        /// Not resolved: the item is marked.
        1 Open "open",
        /// The item is upheld.
        2 Upheld "upheld",
        /// The item is corrected.
        3 Corrected "corrected",
        /// The item is withdrawn.
        4 Withdrawn "withdrawn",
        /// Whoever raised it no longer does.
        5 Dropped "dropped",
    }
}

events! {
    /// What happens to an objection.
    ObjectionEvent {
        /// It is raised.
        Raise "object",
        /// The item is upheld.
        Uphold "uphold",
        /// The item is corrected.
        Correct "correct",
        /// The item is withdrawn.
        Withdraw "withdraw",
        /// Whoever raised it no longer does.
        Drop "drop",
    }
}

/// The table of an objection's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_objection_status(
    state: Option<ObjectionStatus>,
    event: ObjectionEvent,
) -> Result<ObjectionStatus, Error> {
    use {ObjectionEvent as E, ObjectionStatus as S};
    match (state, event) {
        (None, E::Raise) => Ok(S::Open),                  // row 1
        (Some(S::Open), E::Uphold) => Ok(S::Upheld),      // row 2
        (Some(S::Open), E::Correct) => Ok(S::Corrected),  // row 3
        (Some(S::Open), E::Withdraw) => Ok(S::Withdrawn), // row 4
        (Some(S::Open), E::Drop) => Ok(S::Dropped),       // row 5
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where an application for repair stands.
    RepairStatus {
        /// Not decided.
        1 Applied "applied",
        /// Accepted: the item is repaired.
        2 Accepted "accepted",
        /// Rejected.
        3 Rejected "rejected",
        /// Accepted on what was false: the item is in force again.
        4 Void "void",
    }
}

events! {
    /// What happens to an application for repair.
    RepairEvent {
        /// It is made.
        Apply "apply for repair",
        /// It is accepted.
        Accept "accept",
        /// It is rejected.
        Reject "reject",
        /// What it said is found false.
        Void "void",
    }
}

/// The table of an application's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_repair_status(
    state: Option<RepairStatus>,
    event: RepairEvent,
) -> Result<RepairStatus, Error> {
    use {RepairEvent as E, RepairStatus as S};
    match (state, event) {
        (None, E::Apply) => Ok(S::Applied),               // row 1
        (Some(S::Applied), E::Accept) => Ok(S::Accepted), // row 2
        (Some(S::Applied), E::Reject) => Ok(S::Rejected), // row 3
        (Some(S::Accepted), E::Void) => Ok(S::Void),      // row 4
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where a measure stands. That its item has ended is no state of it: see
    /// [`MeasureState::serves`](crate::MeasureState::serves).
    MeasureStatus {
        /// Applied.
        1 Applied "applied",
        /// Lifted.
        2 Lifted "lifted",
    }
}

events! {
    /// What happens to a measure.
    MeasureEvent {
        /// It is applied.
        Apply "apply",
        /// Its department tells what came of it; possible after it was lifted, for it happened.
        Tell "tell",
        /// It is lifted.
        Lift "lift",
    }
}

/// The table of a measure's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_measure_status(
    state: Option<MeasureStatus>,
    event: MeasureEvent,
) -> Result<MeasureStatus, Error> {
    use {MeasureEvent as E, MeasureStatus as S};
    match (state, event) {
        (None, E::Apply) => Ok(S::Applied),           // row 1
        (Some(state), E::Tell) => Ok(state),          // row 2
        (Some(S::Applied), E::Lift) => Ok(S::Lifted), // row 3
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where a case about an item of a batch stands.
    SourceCaseStatus {
        /// Not decided: the item is marked.
        1 Open "open",
        /// The item is upheld, or not repaired.
        2 Refused "refused",
        /// Whoever raised it no longer does.
        3 Dropped "dropped",
        /// Decided, and not carried out by the source.
        4 Ordered "ordered",
        /// Not carried out in time: counted against the source.
        5 Neglected "neglected",
        /// Carried out by the source.
        6 CarriedOut "carried-out",
    }
}

events! {
    /// What happens to a case about an item of a batch.
    SourceCaseEvent {
        /// It is raised.
        Raise "raise",
        /// The item is upheld, or not repaired.
        Refuse "refuse",
        /// Whoever raised it no longer does.
        Drop "drop",
        /// The source is to correct, withdraw or repair.
        Order "order",
        /// The time to do so is over.
        Neglect "neglect",
        /// The source did so.
        CarryOut "carry out",
    }
}

/// The table of a case's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_source_case_status(
    state: Option<SourceCaseStatus>,
    event: SourceCaseEvent,
) -> Result<SourceCaseStatus, Error> {
    use {SourceCaseEvent as E, SourceCaseStatus as S};
    match (state, event) {
        (None, E::Raise) => Ok(S::Open),                    // row 1
        (Some(S::Open), E::Refuse) => Ok(S::Refused),       // row 2
        (Some(S::Open), E::Drop) => Ok(S::Dropped),         // row 3
        (Some(S::Open), E::Order) => Ok(S::Ordered),        // row 4
        (Some(S::Ordered), E::Neglect) => Ok(S::Neglected), // row 5
        (Some(S::Ordered | S::Neglected), E::CarryOut) => Ok(S::CarriedOut), // row 6
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where an authorisation stands. That it is past its last instant is no state of it.
    AuthorisationStatus {
        /// In force.
        1 Live "live",
        /// Revoked by the subject or an authority.
        2 Revoked "revoked",
        /// Given back by the reader.
        3 Closed "closed",
    }
}

events! {
    /// What happens to an authorisation.
    AuthorisationEvent {
        /// It is given.
        Give "authorise",
        /// A view is taken under it.
        Use "view",
        /// It is revoked.
        Revoke "revoke",
        /// The reader gives it back.
        Close "close",
    }
}

/// The table of an authorisation's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_authorisation_status(
    state: Option<AuthorisationStatus>,
    event: AuthorisationEvent,
) -> Result<AuthorisationStatus, Error> {
    use {AuthorisationEvent as E, AuthorisationStatus as S};
    match (state, event) {
        (None, E::Give) => Ok(S::Live),               // row 1
        (Some(S::Live), E::Use) => Ok(S::Live),       // row 2
        (Some(S::Live), E::Revoke) => Ok(S::Revoked), // row 3
        (Some(S::Live), E::Close) => Ok(S::Closed),   // row 4
        (state, event) => illegal!(state, event),
    }
}

#[cfg(test)]
mod tests;
