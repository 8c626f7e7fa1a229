//! How punctual authorities are: who publishes, answers and corrects in time, counted by the ledger.

use core::cmp::Ordering;

use yinxin_record::{ConductState, OrganisationCode};

/// A place in the league table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// From 1; those who are equally late, and owe as many overdue answers, share a place.
    pub place: usize,
    /// Who.
    pub authority: OrganisationCode,
    /// What the ledger counted.
    pub conduct: ConductState,
    /// Answers that it owes and that are overdue, as far as they were counted ([`Recount::open_overdue`](crate::Recount::open_overdue)).
    pub open_overdue: u64,
    /// Hundredths of a per cent of what was published that were late, rounded down; `None`: nothing was to be published.
    pub late: Option<u32>,
}

/// The league table: the most punctual first, by the share of late publications, then by how many answers it owes that are overdue, which
/// the ledger counts only once they are given. Those who share a place stand by who published more, then by code. Who had nothing to
/// publish stands at the end.
///
/// ```
/// use yinxin_credit::league;
/// use yinxin_record::{ConductState, OrganisationCode};
///
/// let conduct = |published, published_late| ConductState { published, published_late, ..ConductState::default() };
/// let [a, b] = ["11430000006122244L", "91350100M000100Y43"].map(|c| OrganisationCode::new(c).unwrap());
/// let table = league([(a.clone(), conduct(300, 7), 0), (b.clone(), conduct(50, 0), 2)]);
/// assert_eq!((&table[0].authority, table[0].late), (&b, Some(0)));
/// assert_eq!((&table[1].authority, table[1].late), (&a, Some(233)));
/// ```
#[must_use]
pub fn league(
    conducts: impl IntoIterator<Item = (OrganisationCode, ConductState, u64)>,
) -> Vec<Place> {
    let mut rows: Vec<Place> = conducts
        .into_iter()
        .map(|(authority, conduct, open_overdue)| {
            let late = share(conduct.published_late, conduct.published);
            Place { place: 0, authority, conduct, open_overdue, late }
        })
        .collect();
    rows.sort_by(|a, b| {
        rank(a, b)
            .then_with(|| b.conduct.published.cmp(&a.conduct.published))
            .then_with(|| a.authority.cmp(&b.authority))
    });
    for i in 0..rows.len() {
        let tied = i > 0 && rank(&rows[i], &rows[i - 1]).is_eq();
        rows[i].place = if tied { rows[i - 1].place } else { i + 1 };
    }
    rows
}

fn share(late: u64, all: u64) -> Option<u32> {
    let share = (u128::from(late) * 10_000).checked_div(all.into())?;
    u32::try_from(share).ok()
}

/// Shares are compared as they are, not as they are rounded.
fn rank(a: &Place, b: &Place) -> Ordering {
    let product = |x: u64, y: u64| u128::from(x) * u128::from(y);
    let (of, than) = (&a.conduct, &b.conduct);
    let share =
        product(of.published_late, than.published).cmp(&product(than.published_late, of.published));
    (a.late.is_none().cmp(&b.late.is_none())).then(share).then(a.open_overdue.cmp(&b.open_overdue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_compared_exactly_and_ties_share_a_place() {
        let codes = [
            "11100000000013338W",
            "11430000006122244L",
            "11330105002500287C",
            "11990100MB0A00042U",
            "91350100M000100Y43",
        ];
        let counts = [(3, 1), (u64::MAX, u64::MAX / 3 + 1), (6, 2), (0, 0), (10, 0)];
        let rows = codes.iter().zip(counts).filter_map(|(code, (published, published_late))| {
            let code = OrganisationCode::new(code).ok()?;
            Some((code, ConductState { published, published_late, ..ConductState::default() }, 0))
        });
        let rows: Vec<_> = rows.collect();
        let table = league(rows.clone());
        let order: Vec<_> = table.iter().map(|p| (p.place, p.conduct.published)).collect();
        assert_eq!(order, [(1, 10), (2, 6), (2, 3), (4, u64::MAX), (5, 0)]);
        assert_eq!(table[1].late, Some(3333));
        assert_eq!(table[4].late, None);
        let mut ignoring = rows.clone();
        ignoring[2].2 = 1;
        ignoring[4].2 = 7;
        let order: Vec<_> =
            league(ignoring).iter().map(|p| (p.place, p.conduct.published)).collect();
        let apart = [(1, 10), (2, 3), (3, 6), (4, u64::MAX), (5, 0)];
        assert_eq!(order, apart, "an answer that is overdue parts those who publish alike");
        let mut other = rows;
        other.reverse();
        assert_eq!(league(other), table, "the order of the input does not matter");
    }
}
