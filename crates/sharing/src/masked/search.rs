//! What a view proves, what it refuses, and what a full search of the identity numbers finds in it.

use std::collections::HashSet;

use yinxin_gm::Digest;
use yinxin_merkle::wire::Wire;
use zeroize::Zeroizing;

use super::*;
use crate::Error;
use crate::sample::{Party, at, rng};

fn schema() -> Schema {
    let form = |name: &str| name.parse().unwrap();
    Schema::new(vec![
        Field::new("姓名", "text").unwrap().form(form("keep/1/0")),
        Field::new("证件号", "id").unwrap().form(form("keep/4/4")).form(form("token/loan")),
        Field::new("年龄", "integer").unwrap().form(form("range/10")).quasi_identifier(),
        Field::new("区划", "code").unwrap().form(form("prefix/4")).quasi_identifier(),
    ])
    .unwrap()
}

const ROWS: [[&str; 4]; 5] = [
    ["张三", "330106199001011234", "34", "330106"],
    ["李四", "330106199202022345", "31", "330102"],
    ["王五", "330106199303033456", "38", "330106"],
    ["赵六", "340106198504044567", "41", "340106"],
    ["钱七", "340106198305055678", "47", "340102"],
];

fn custodian() -> Custodian {
    Custodian::new(Zeroizing::new([7; 32]))
}

fn published(owner: &Party) -> Published {
    let mut set = DataSet::new(schema(), Digest([9; 32]), Seed::generate(&mut rng()));
    for row in &ROWS {
        set.push(row, Some(&custodian())).unwrap();
    }
    set.publish(owner.owner(), at("2026-11-22"), &mut rng()).unwrap()
}

fn rows(numbers: &[u64]) -> Vec<(u64, &'static [&'static str])> {
    numbers.iter().map(|n| (*n, &ROWS[usize::try_from(*n).unwrap()][..])).collect()
}

const MASKED: [(&str, &str); 4] =
    [("姓名", "keep/1/0"), ("证件号", "token/loan"), ("年龄", "range/10"), ("区划", "prefix/4")];

#[test]
fn a_third_party_checks_a_view_without_the_rest() {
    let owner = Party::new("局");
    let set = published(&owner);
    let choice = Choice::new(&MASKED, 2).unwrap();
    let view = set.view(&rows(&[0, 1, 2, 3, 4]), &choice, Some(&custodian())).unwrap();
    let der = view.to_der();
    for row in &ROWS {
        let seen = der.windows(18).any(|w| w == row[1].as_bytes());
        assert!(!seen && !der.windows(6).any(|w| w == row[0].as_bytes()), "{row:?} is not in it");
    }
    let shown = View::from_der(&der).unwrap().verify(&owner.certificate).unwrap();
    assert_eq!(shown.k(), 2);
    assert_eq!(shown.columns()[2], ("年龄".to_owned(), Form::Range { width: 10 }));
    let first = shown.rows()[0].texts();
    assert_eq!([&first[0], &first[2], &first[3]], ["张*", "30..39", "3301"]);
    assert_eq!(first[1], custodian().token("loan", "id", ROWS[0][1]));
    let other = Party::new("别局");
    assert!(matches!(view.verify(&other.certificate), Err(Error::Mismatch { .. })));
}

#[test]
fn a_data_set_is_taken_up_again_with_its_seed_and_rows() {
    let owner = Party::new("局");
    let seed = Seed::generate(&mut rng());
    let make = |rows: &[[&str; 4]], seed: Seed| {
        let mut set = DataSet::new(schema(), Digest([9; 32]), seed);
        rows.iter().for_each(|row| set.push(row, Some(&custodian())).unwrap());
        set
    };
    let first = make(&ROWS, seed.clone()).publish(owner.owner(), at("2026-11-22"), &mut rng());
    let statement = first.unwrap().statement().clone();
    let kept = Seed::from_bytes(seed.to_bytes());
    let again = make(&ROWS, kept).published(statement.clone()).unwrap();
    let choice = Choice::new(&MASKED, 2).unwrap();
    let view = again.view(&rows(&[0, 1, 2]), &choice, Some(&custodian())).unwrap();
    assert!(view.verify(&owner.certificate).is_ok());
    for (rows, seed) in [(&ROWS[1..], seed), (&ROWS[..], Seed::generate(&mut rng()))] {
        let other = make(rows, seed).published(statement.clone());
        assert!(matches!(other, Err(Error::DigestMismatch { .. })));
    }
}

#[test]
fn too_few_alike_are_refused() {
    let owner = Party::new("局");
    let set = published(&owner);
    for (numbers, fields, k, found) in [
        (&[0, 1, 2, 3, 4][..], &MASKED[..], 3, Some(2)),
        (&[0, 1, 2], &MASKED, 3, None),
        (&[0, 1, 2], &[("年龄", "value")], 2, Some(1)),
        (&[0, 1, 2], &[("区划", "value")], 2, Some(1)),
        // Hidden quasi-identifiers tell nobody apart.
        (&[0, 1, 2, 3, 4], &[("姓名", "keep/1/0")], 5, None),
        (&[0, 3], &MASKED, 1, None),
    ] {
        let choice = Choice::new(fields, k).unwrap();
        let view = set.view(&rows(numbers), &choice, Some(&custodian()));
        let expected = found.map(|found| Error::KAnonymity { k, found });
        assert_eq!(view.err(), expected, "{numbers:?} {fields:?}");
    }
    assert!(Choice::new(&MASKED, 0).is_err());
    let twice = set.view(&rows(&[0, 0]), &Choice::new(&MASKED, 2).unwrap(), Some(&custodian()));
    assert!(twice.is_err(), "one row twice is no crowd");
}

#[test]
fn only_what_was_published_can_be_shown() {
    let owner = Party::new("局");
    let set = published(&owner);
    let choice = |fields: &[(&str, &str)]| Choice::new(fields, 1).unwrap();
    let view = |rows: &[(u64, &[&str])], fields: &[(&str, &str)]| {
        set.view(rows, &choice(fields), Some(&custodian())).unwrap_err()
    };
    let coarse = view(&rows(&[0]), &[("姓名", "keep/0/1")]);
    assert!(matches!(coarse, Error::FormUnknown { .. }), "{coarse}");
    let mut changed = ROWS[0];
    changed[2] = "35";
    let changed = view(&[(0, &changed)], &MASKED);
    assert!(matches!(changed, Error::DigestMismatch { .. }), "{changed}");
    let moved = view(&[(1, &ROWS[0])], &MASKED);
    assert!(matches!(moved, Error::DigestMismatch { .. }), "{moved}");
    assert!(matches!(view(&[(5, &ROWS[0])], &MASKED), Error::NotFound { .. }));
    assert!(matches!(view(&[(0, &ROWS[0][..3])], &MASKED), Error::Mismatch { .. }));
}

#[test]
fn a_changed_view_does_not_verify() {
    let owner = Party::new("局");
    let set = published(&owner);
    let choice = Choice::new(&[("姓名", "keep/1/0"), ("年龄", "range/10")], 1).unwrap();
    let der = set.view(&rows(&[0, 3]), &choice, Some(&custodian())).unwrap().to_der();
    let good = View::from_der(&der).unwrap().verify(&owner.certificate).unwrap();
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 1;
        let read = View::from_der(&changed).ok().and_then(|v| v.verify(&owner.certificate).ok());
        assert_ne!(read.as_ref(), Some(&good), "octet {place}");
        assert_eq!(read, None, "octet {place} shows something else");
    }
}

#[test]
fn an_owner_that_signed_a_wrong_mask_is_found_out_by_opening_both() {
    // The owner commits to a row whose mask says 李*, by a custodian of its own making in the field's place: here the row itself is
    // put together with a schema whose form is applied to another value.
    let owner = Party::new("局");
    let set = published(&owner);
    let both = Choice::new(&[("姓名", "value"), ("姓名", "keep/1/0")], 1).unwrap();
    let view = set.view(&rows(&[0]), &both, Some(&custodian())).unwrap();
    assert!(view.verify(&owner.certificate).is_ok());
    let lying = super::data_set::tests::lying(&owner, schema(), ROWS[0]);
    let error = lying.verify(&owner.certificate).unwrap_err();
    let (expected, found) = ("张*".to_owned(), "李*".to_owned());
    assert_eq!(error, Error::DerivationWrong { field: "姓名".into(), expected, found });
}

/// All candidates of a reduced space: region, year and serial known, one million left.
fn candidates() -> impl Iterator<Item = String> {
    (0..1_000_000).map(|n| format!("330106{n:06}001234"))
}

#[test]
fn a_full_search_of_the_identity_numbers_finds_nothing() {
    let owner = Party::new("局");
    let secret = "330106199001001234";
    assert!(candidates().any(|c| c == secret), "the number is in the space that is searched");
    let mut row = ROWS[0];
    row[1] = secret;
    let mut set = DataSet::new(schema(), Digest([9; 32]), Seed::generate(&mut rng()));
    set.push(&row, Some(&custodian())).unwrap();
    let set = set.publish(owner.owner(), at("2026-11-22"), &mut rng()).unwrap();
    let choice = Choice::new(&[("证件号", "keep/4/4")], 1).unwrap();
    let view = set.view(&[(0, &row[..])], &choice, Some(&custodian())).unwrap();
    let hidden: HashSet<Digest> = view.hidden().collect();
    let schema = schema();
    let leaf = schema.leaf("证件号", &Form::Value).unwrap();
    // Whoever holds the view knows one salt of this row; no other guess is better than none or zeros.
    let salts: Vec<Vec<u8>> = view.salts().chain([vec![0; 32]]).collect();
    assert_eq!(salts.len(), 2);
    // The control: a commitment without salt, searched in the same pass.
    let unsalted = leaf.commit(&[], secret);
    let mut given_away = Vec::new();
    for candidate in candidates() {
        let plain = leaf.commit(&[], &candidate);
        if plain == unsalted {
            given_away.push(candidate.clone());
        }
        let found = salts.iter().any(|salt| hidden.contains(&leaf.commit(salt, &candidate)));
        assert!(!found && !hidden.contains(&plain), "{candidate} was found");
    }
    assert_eq!(given_away, [secret], "without salt the number is found at once");
}
