//! The table of an asset's states.

use crate::{
    Error,
    states::{events, illegal, states},
};

states! {
    /// Where an asset stands.
    AssetStatus {
        /// Registered, and nobody's pledge.
        1 Free "free",
        /// Pledged to one.
        2 Pledged "pledged",
        /// Pledged to one, and what it stands on fell: its pledgee has to look.
        3 Impaired "impaired",
        /// Paid, used up, withdrawn, or fallen.
        4 Retired "retired",
    }
}

events! {
    /// What happens to an asset.
    AssetEvent {
        /// It is registered.
        Register "register",
        /// It is pledged.
        Pledge "pledge",
        /// Its pledge ends.
        Release "release",
        /// It has another owner.
        Transfer "transfer",
        /// It ends.
        Retire "retire",
        /// What it stands on fell.
        Impair "impair",
    }
}

/// The table of an asset's states; `None` is "not on the ledger".
///
/// # Errors
/// [`Error::Illegal`] if there is no such row.
pub fn next_asset_status(
    state: Option<AssetStatus>,
    event: AssetEvent,
) -> Result<AssetStatus, Error> {
    use {AssetEvent as E, AssetStatus as S};
    match (state, event) {
        (None, E::Register) => Ok(S::Free),                // row 1
        (Some(S::Free), E::Pledge) => Ok(S::Pledged),      // row 2
        (Some(S::Pledged), E::Release) => Ok(S::Free),     // row 3
        (Some(S::Free), E::Transfer) => Ok(S::Free),       // row 4
        (Some(S::Pledged), E::Impair) => Ok(S::Impaired),  // row 5
        (Some(S::Free), E::Impair) => Ok(S::Retired),      // row 6
        (Some(S::Impaired), E::Release) => Ok(S::Retired), // row 7
        (Some(S::Free | S::Pledged | S::Impaired), E::Retire) => Ok(S::Retired), // row 8
        (state, event) => illegal!(state, event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::states::check;

    #[test]
    fn an_asset_is_pledged_to_one_at_a_time() {
        use {AssetEvent as E, AssetStatus as S};
        let rows = [
            (None, E::Register, S::Free),
            (Some(S::Free), E::Pledge, S::Pledged),
            (Some(S::Pledged), E::Release, S::Free),
            (Some(S::Free), E::Transfer, S::Free),
            (Some(S::Pledged), E::Impair, S::Impaired),
            (Some(S::Free), E::Impair, S::Retired),
            (Some(S::Impaired), E::Release, S::Retired),
            (Some(S::Free), E::Retire, S::Retired),
            (Some(S::Pledged), E::Retire, S::Retired),
            (Some(S::Impaired), E::Retire, S::Retired),
        ];
        check((S::ALL, E::ALL), next_asset_status, &rows);
    }
}
