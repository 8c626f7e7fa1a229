//! The tables of states of resources, demands, requests, grants, deliveries and reconciliations.

use crate::{
    Error,
    states::{events, illegal, states},
};

states! {
    /// Where a resource stands.
    ResourceStatus {
        /// In the catalogue.
        1 Published "published",
        /// Out of it, for good.
        2 Withdrawn "withdrawn",
    }
}

events! {
    /// What happens to a resource.
    ResourceEvent {
        /// It is published, or a newer version of it.
        Publish "publish",
        /// Someone asks for it.
        Ask "request",
        /// It is withdrawn.
        Withdraw "withdraw",
    }
}

/// The table of a resource's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_resource_status(
    state: Option<ResourceStatus>,
    event: ResourceEvent,
) -> Result<ResourceStatus, Error> {
    use {ResourceEvent as E, ResourceStatus as S};
    match (state, event) {
        (None | Some(S::Published), E::Publish) => Ok(S::Published), // row 1
        (Some(S::Published), E::Ask) => Ok(S::Published),            // row 2
        (Some(S::Published), E::Withdraw) => Ok(S::Withdrawn),       // row 3
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where a demand stands.
    DemandStatus {
        /// Not answered.
        1 Open "open",
        /// A resource meets it.
        2 Met "met",
        /// Declined.
        3 Declined "declined",
        /// No longer needed.
        4 Withdrawn "withdrawn",
    }
}

events! {
    /// What happens to a demand.
    DemandEvent {
        /// It is raised.
        Raise "demand",
        /// A resource meets it.
        Meet "meet",
        /// It is declined.
        Decline "decline",
        /// It is no longer needed.
        Withdraw "withdraw",
    }
}

/// The table of a demand's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_demand_status(
    state: Option<DemandStatus>,
    event: DemandEvent,
) -> Result<DemandStatus, Error> {
    use {DemandEvent as E, DemandStatus as S};
    match (state, event) {
        (None, E::Raise) => Ok(S::Open),                      // row 1
        (Some(S::Open | S::Declined), E::Meet) => Ok(S::Met), // row 2
        (Some(S::Open), E::Decline) => Ok(S::Declined),       // row 3
        (Some(S::Open), E::Withdraw) => Ok(S::Withdrawn),     // row 4
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where a request stands.
    RequestStatus {
        /// A person of the owner has to decide.
        1 Open "open",
        /// One approver has granted it, another has to confirm.
        2 AwaitingSecond "awaiting-second",
        /// Granted.
        3 Granted "granted",
        /// Refused by a person.
        4 Refused "refused",
        /// Refused by the owner's rule; the requester may appeal.
        5 RefusedByRule "refused-by-rule",
        /// Appealed: a person of the owner has to decide.
        6 Appealed "appealed",
        /// Overdue: an authority may decide too.
        7 Escalated "escalated",
        /// The requester no longer wants it.
        8 Withdrawn "withdrawn",
    }
}

events! {
    /// What happens to a request.
    RequestEvent {
        /// It is made, and a person decides.
        Ask "request",
        /// It is made, and the owner's rule grants it.
        GrantByRule "grant by rule",
        /// It is made, and the owner's rule refuses it.
        RefuseByRule "refuse by rule",
        /// The first of two approvers grants it.
        Approve "approve",
        /// The second of two approvers grants it.
        Confirm "confirm",
        /// One approver grants it, where one is enough.
        Grant "grant",
        /// An approver refuses it.
        Refuse "refuse",
        /// The requester appeals to a person.
        Appeal "appeal",
        /// The decision is overdue.
        Escalate "escalate",
        /// The requester no longer wants it.
        Withdraw "withdraw",
    }
}

/// The table of a request's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_request_status(
    state: Option<RequestStatus>,
    event: RequestEvent,
) -> Result<RequestStatus, Error> {
    use {RequestEvent as E, RequestStatus as S};
    match (state, event) {
        (None, E::Ask) => Ok(S::Open),                   // row 1
        (None, E::GrantByRule) => Ok(S::Granted),        // row 2
        (None, E::RefuseByRule) => Ok(S::RefusedByRule), // row 3
        (Some(S::Open | S::Appealed | S::Escalated), E::Approve) => Ok(S::AwaitingSecond), // row 4
        (Some(S::AwaitingSecond), E::Confirm) => Ok(S::Granted), // row 5
        (Some(S::Open | S::Appealed | S::Escalated), E::Grant) => Ok(S::Granted), // row 6
        (Some(S::Open | S::AwaitingSecond | S::Appealed | S::Escalated), E::Refuse) => {
            Ok(S::Refused) // row 7
        }
        (Some(S::RefusedByRule), E::Appeal) => Ok(S::Appealed), // row 8
        (Some(S::Open | S::AwaitingSecond | S::Appealed), E::Escalate) => Ok(S::Escalated), // row 9
        (Some(S::Open | S::AwaitingSecond | S::Appealed | S::Escalated), E::Withdraw) => {
            Ok(S::Withdrawn) // row 10
        }
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where a grant stands. That it is past its last instant, or its resource withdrawn, is no state of it: see
    /// [`GrantState::ends`](crate::GrantState::ends).
    GrantStatus {
        /// In force.
        1 Live "live",
        /// Revoked by the owner or an authority.
        2 Revoked "revoked",
        /// Given back by the receiver.
        3 Closed "closed",
    }
}

events! {
    /// What happens to a grant.
    GrantEvent {
        /// It is given.
        Give "grant",
        /// Data are delivered, derived or recognised under it.
        Use "use",
        /// What was accessed or denied before is recorded; possible after its end, for it happened.
        Account "account",
        /// It is revoked.
        Revoke "revoke",
        /// The receiver gives it back.
        Close "close",
    }
}

/// The table of a grant's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_grant_status(
    state: Option<GrantStatus>,
    event: GrantEvent,
) -> Result<GrantStatus, Error> {
    use {GrantEvent as E, GrantStatus as S};
    match (state, event) {
        (None, E::Give) => Ok(S::Live),               // row 1
        (Some(S::Live), E::Use) => Ok(S::Live),       // row 2
        (Some(state), E::Account) => Ok(state),       // row 3
        (Some(S::Live), E::Revoke) => Ok(S::Revoked), // row 4
        (Some(S::Live), E::Close) => Ok(S::Closed),   // row 5
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where a delivery stands.
    DeliveryStatus {
        /// Delivered.
        1 Delivered "delivered",
        /// Wrapped anew, to other keys or receivers: another envelope carries the content.
        2 Rewrapped "rewrapped",
    }
}

events! {
    /// What happens to a delivery.
    DeliveryEvent {
        /// The envelope is made.
        Deliver "deliver",
        /// Its content is wrapped anew.
        Rewrap "rewrap",
    }
}

/// The table of a delivery's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_delivery_status(
    state: Option<DeliveryStatus>,
    event: DeliveryEvent,
) -> Result<DeliveryStatus, Error> {
    use {DeliveryEvent as E, DeliveryStatus as S};
    match (state, event) {
        (None, E::Deliver) => Ok(S::Delivered),              // row 1
        (Some(S::Delivered), E::Rewrap) => Ok(S::Rewrapped), // row 2
        (state, event) => illegal!(state, event),
    }
}

states! {
    /// Where a reconciliation stands.
    ReconciliationStatus {
        /// One side has stated its counts.
        1 Waiting "waiting",
        /// Both sides' counts are the same.
        2 Matched "matched",
        /// They are not: someone has to look.
        3 Mismatched "mismatched",
    }
}

events! {
    /// What happens to a reconciliation.
    ReconciliationEvent {
        /// A side states its counts, and the other has not.
        State "state",
        /// A side states its counts, and they are the other's.
        Match "match",
        /// A side states its counts, and they are not the other's.
        Differ "differ",
    }
}

/// The table of a reconciliation's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_reconciliation_status(
    state: Option<ReconciliationStatus>,
    event: ReconciliationEvent,
) -> Result<ReconciliationStatus, Error> {
    use {ReconciliationEvent as E, ReconciliationStatus as S};
    match (state, event) {
        (None | Some(S::Waiting), E::State) => Ok(S::Waiting), // row 1
        (Some(S::Waiting | S::Mismatched), E::Match) => Ok(S::Matched), // row 2
        (Some(S::Waiting | S::Mismatched), E::Differ) => Ok(S::Mismatched), // row 3
        (state, event) => illegal!(state, event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::states::check;

    #[test]
    fn a_withdrawn_resource_stays_withdrawn() {
        use {ResourceEvent as E, ResourceStatus as S};
        let rows = [
            (None, E::Publish, S::Published),
            (Some(S::Published), E::Publish, S::Published),
            (Some(S::Published), E::Ask, S::Published),
            (Some(S::Published), E::Withdraw, S::Withdrawn),
        ];
        check((S::ALL, E::ALL), next_resource_status, &rows);
    }

    #[test]
    fn a_declined_demand_can_still_be_met() {
        use {DemandEvent as E, DemandStatus as S};
        let rows = [
            (None, E::Raise, S::Open),
            (Some(S::Open), E::Meet, S::Met),
            (Some(S::Declined), E::Meet, S::Met),
            (Some(S::Open), E::Decline, S::Declined),
            (Some(S::Open), E::Withdraw, S::Withdrawn),
        ];
        check((S::ALL, E::ALL), next_demand_status, &rows);
    }

    #[test]
    fn a_request_is_decided_once() {
        use {RequestEvent as E, RequestStatus as S};
        let mut rows = vec![
            (None, E::Ask, S::Open),
            (None, E::GrantByRule, S::Granted),
            (None, E::RefuseByRule, S::RefusedByRule),
            (Some(S::AwaitingSecond), E::Confirm, S::Granted),
            (Some(S::AwaitingSecond), E::Refuse, S::Refused),
            (Some(S::AwaitingSecond), E::Escalate, S::Escalated),
            (Some(S::AwaitingSecond), E::Withdraw, S::Withdrawn),
            (Some(S::RefusedByRule), E::Appeal, S::Appealed),
            (Some(S::Open), E::Escalate, S::Escalated),
            (Some(S::Appealed), E::Escalate, S::Escalated),
        ];
        for undecided in [S::Open, S::Appealed, S::Escalated] {
            rows.extend([
                (Some(undecided), E::Approve, S::AwaitingSecond),
                (Some(undecided), E::Grant, S::Granted),
                (Some(undecided), E::Refuse, S::Refused),
                (Some(undecided), E::Withdraw, S::Withdrawn),
            ]);
        }
        check((S::ALL, E::ALL), next_request_status, &rows);
    }

    #[test]
    fn a_grant_that_ended_is_accounted_for_and_never_used() {
        use {GrantEvent as E, GrantStatus as S};
        let rows = [
            (None, E::Give, S::Live),
            (Some(S::Live), E::Use, S::Live),
            (Some(S::Live), E::Account, S::Live),
            (Some(S::Revoked), E::Account, S::Revoked),
            (Some(S::Closed), E::Account, S::Closed),
            (Some(S::Live), E::Revoke, S::Revoked),
            (Some(S::Live), E::Close, S::Closed),
        ];
        check((S::ALL, E::ALL), next_grant_status, &rows);
    }

    #[test]
    fn a_delivery_is_wrapped_anew_once() {
        use {DeliveryEvent as E, DeliveryStatus as S};
        let rows =
            [(None, E::Deliver, S::Delivered), (Some(S::Delivered), E::Rewrap, S::Rewrapped)];
        check((S::ALL, E::ALL), next_delivery_status, &rows);
    }

    #[test]
    fn what_matched_is_settled() {
        use {ReconciliationEvent as E, ReconciliationStatus as S};
        let rows = [
            (None, E::State, S::Waiting),
            (Some(S::Waiting), E::State, S::Waiting),
            (Some(S::Waiting), E::Match, S::Matched),
            (Some(S::Waiting), E::Differ, S::Mismatched),
            (Some(S::Mismatched), E::Match, S::Matched),
            (Some(S::Mismatched), E::Differ, S::Mismatched),
        ];
        check((S::ALL, E::ALL), next_reconciliation_status, &rows);
    }
}
