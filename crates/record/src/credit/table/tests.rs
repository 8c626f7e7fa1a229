use super::*;
use crate::states::check;

#[test]
fn what_happened_to_an_item_is_never_undone() {
    use {ItemEvent as E, ItemStatus as S};
    let mut rows = vec![
        (None, E::Record, S::InForce),
        (None, E::Commit, S::Committed),
        (Some(S::Committed), E::Fulfil, S::Fulfilled),
        (Some(S::Committed), E::Break, S::Broken),
        (Some(S::Repaired), E::Reinstate, S::Reinstated),
        (Some(S::InForce), E::Delist, S::Delisted),
        (Some(S::Reinstated), E::Delist, S::Delisted),
    ];
    for adverse in [S::InForce, S::Broken, S::Reinstated] {
        rows.push((Some(adverse), E::Apply, adverse));
        rows.push((Some(adverse), E::Repair, S::Repaired));
    }
    for shown in [S::InForce, S::Committed, S::Fulfilled, S::Broken, S::Reinstated] {
        rows.push((Some(shown), E::Support, shown));
    }
    for stays in S::ALL.iter().copied().filter(|s| *s != S::Withdrawn) {
        rows.push((Some(stays), E::Object, stays));
        rows.push((Some(stays), E::Correct, stays));
        rows.push((Some(stays), E::Withdraw, S::Withdrawn));
    }
    check((S::ALL, E::ALL), next_item_status, &rows);
}

#[test]
fn an_objection_is_resolved_once() {
    use {ObjectionEvent as E, ObjectionStatus as S};
    let rows = [
        (None, E::Raise, S::Open),
        (Some(S::Open), E::Uphold, S::Upheld),
        (Some(S::Open), E::Correct, S::Corrected),
        (Some(S::Open), E::Withdraw, S::Withdrawn),
        (Some(S::Open), E::Drop, S::Dropped),
    ];
    check((S::ALL, E::ALL), next_objection_status, &rows);
}

#[test]
fn an_application_is_decided_once_and_void_only_when_accepted() {
    use {RepairEvent as E, RepairStatus as S};
    let rows = [
        (None, E::Apply, S::Applied),
        (Some(S::Applied), E::Accept, S::Accepted),
        (Some(S::Applied), E::Reject, S::Rejected),
        (Some(S::Accepted), E::Void, S::Void),
    ];
    check((S::ALL, E::ALL), next_repair_status, &rows);
}

#[test]
fn a_measure_is_lifted_once() {
    use {MeasureEvent as E, MeasureStatus as S};
    let rows = [
        (None, E::Apply, S::Applied),
        (Some(S::Applied), E::Tell, S::Applied),
        (Some(S::Lifted), E::Tell, S::Lifted),
        (Some(S::Applied), E::Lift, S::Lifted),
    ];
    check((S::ALL, E::ALL), next_measure_status, &rows);
}

#[test]
fn an_authorisation_that_ended_serves_no_more() {
    use {AuthorisationEvent as E, AuthorisationStatus as S};
    let rows = [
        (None, E::Give, S::Live),
        (Some(S::Live), E::Use, S::Live),
        (Some(S::Live), E::Revoke, S::Revoked),
        (Some(S::Live), E::Close, S::Closed),
    ];
    check((S::ALL, E::ALL), next_authorisation_status, &rows);
}

#[test]
fn an_order_is_carried_out_once_however_late() {
    use {SourceCaseEvent as E, SourceCaseStatus as S};
    let rows = [
        (None, E::Raise, S::Open),
        (Some(S::Open), E::Refuse, S::Refused),
        (Some(S::Open), E::Drop, S::Dropped),
        (Some(S::Open), E::Order, S::Ordered),
        (Some(S::Ordered), E::Neglect, S::Neglected),
        (Some(S::Ordered), E::CarryOut, S::CarriedOut),
        (Some(S::Neglected), E::CarryOut, S::CarriedOut),
    ];
    check((S::ALL, E::ALL), next_source_case_status, &rows);
}
