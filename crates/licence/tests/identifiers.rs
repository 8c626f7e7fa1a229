//! Identifiers of `vectors/licence`, and those that nobody wrote down.

use proptest::prelude::*;
use yinxin_licence::{Dialect, Identifier};

const VECTORS: &str = include_str!("../../../vectors/licence/identifiers.json");

#[derive(serde::Deserialize)]
struct Case {
    identifier: String,
    expect: String,
    why: String,
}

#[test]
fn every_vector_gets_its_answer() {
    let cases: Vec<Case> = serde_json::from_str(VECTORS).unwrap();
    assert!(cases.len() > 20);
    for Case { identifier, expect, why } in cases {
        let found = match Identifier::parse(&identifier).map(|id| id.dialect()) {
            Ok(Dialect::Standard) => "standard",
            Ok(Dialect::Shifted) => "shifted",
            Err(_) => "reject",
        };
        assert_eq!(found, expect, "{identifier}: {why}");
    }
}

proptest! {
    #[test]
    fn generated_identifiers_parse(
        kind in "[0-9A-Z]{18}[0-9]{3}",
        issuer in "[0-9A-Z]{18}|[0-9]{6}",
        serial in "[0-9A-Z]{1,32}",
        version in 1u16..=999,
    ) {
        let id = Identifier::new(&kind, &issuer, &serial, version).unwrap();
        let read = Identifier::parse(id.as_str()).unwrap();
        prop_assert_eq!(&read, &id);
        prop_assert_eq!(read.dialect(), Dialect::Standard);
        prop_assert_eq!((read.type_code(), read.issuer(), read.serial(), read.version()), (&*kind, &*issuer, &*serial, version));
    }

    #[test]
    fn one_wrong_character_is_found(
        serial in "[0-9]{10}",
        at in 0usize..10,
        digit in 0u8..10,
    ) {
        let id = Identifier::new("11100000000013338W011", "11430000006122244L", &serial, 1).unwrap();
        let offset = id.as_str().find(&format!(".{serial}.")).unwrap() + 1 + at;
        let mut bytes = id.as_str().as_bytes().to_vec();
        prop_assume!(bytes[offset] != b'0' + digit);
        bytes[offset] = b'0' + digit;
        let read = Identifier::parse(&String::from_utf8(bytes).unwrap());
        // The standard's algorithm finds every one; the second dialect may take the character for its own.
        let taken = read.is_ok_and(|id| id.dialect() == Dialect::Standard);
        prop_assert!(!taken);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,120}", tail in "[0-9A-Z.]{0,120}") {
        let _ = Identifier::parse(&text);
        let _ = Identifier::parse(&format!("1.2.156.3005.2.{tail}"));
    }
}
