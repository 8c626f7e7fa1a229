//! The sample data that ships with the quickstart.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use yinxin_licence::{CatalogueType, Columns, Draft, Rows};

#[path = "../examples/companies.rs"]
mod companies;

const COMPANIES: &str = include_str!("../../../cli/sample/companies.csv");
const COLUMNS: &str = include_str!("../../../cli/sample/columns.toml");
const TYPE: &str = include_str!("../../../cli/sample/business-licence.toml");

#[test]
fn the_sample_is_what_its_generator_makes() {
    assert!(companies::generate() == COMPANIES, "run the example `companies` again");
}

#[test]
fn every_row_of_the_sample_is_a_draft() {
    let kind = Arc::new(CatalogueType::from_toml(TYPE).unwrap());
    let columns = Columns::from_toml(COLUMNS).unwrap();
    let rows = Rows::open(Cursor::new(COMPANIES), columns, kind).unwrap();
    let drafts: Vec<Draft> = rows.map(|r| r.unwrap_or_else(|e| panic!("{e}"))).collect();
    assert_eq!(drafts.len(), 200);
    for key in ["holder_name", "holder_code"] {
        let distinct: BTreeSet<_> = drafts.iter().map(|d| d.value(key)).collect();
        assert_eq!(distinct.len(), 200, "{key}");
    }
}
