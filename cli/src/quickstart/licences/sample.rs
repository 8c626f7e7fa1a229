//! The sample that ships with the program: a licence type, a mapping of columns, rows of invented enterprises.

use super::DEPARTMENTS;

/// Rows of the sample.
pub(in crate::quickstart) const ROWS: usize = 200;

/// The serial of the first row.
pub(in crate::quickstart) const FIRST: &str = "3301002026000001";

/// The mapping of columns.
pub(in crate::quickstart) const COLUMNS: &str = include_str!("../../../sample/columns.toml");

const TYPE: &str = include_str!("../../../sample/business-licence.toml");
/// Every row, with the header.
pub(in crate::quickstart) const ALL_ROWS: &str = include_str!("../../../sample/companies.csv");

/// The national type's code in the sample; on a ledger of invented departments nobody may publish it.
const NATIONAL_CODE: &str = "11100000MB0143028R001";

/// The licence type, as the first department's own.
pub(in crate::quickstart) fn kind() -> String {
    TYPE.replace(NATIONAL_CODE, &format!("{}001", DEPARTMENTS[0].code))
}

/// The header and this many rows.
pub(in crate::quickstart) fn rows(count: usize) -> String {
    ALL_ROWS.split_inclusive('\n').take(count + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_as_the_plan_needs_it() {
        assert_eq!(ALL_ROWS.lines().count(), ROWS + 1);
        assert!(rows(1).lines().nth(1).unwrap().starts_with(FIRST));
        assert!(kind().contains(DEPARTMENTS[0].code) && !kind().contains(NATIONAL_CODE));
    }
}
