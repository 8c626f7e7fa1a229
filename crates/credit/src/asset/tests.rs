use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn number(kind: AssetKind, text: &str) -> Result<String, Error> {
    AssetNumber::new(kind, text).map(|n| n.as_str().to_owned())
}

#[test]
fn many_spellings_meet_in_one_number() {
    for (kind, one, spellings) in [
        (
            AssetKind::Invoice,
            "25332000000012345678",
            &[
                "25332000000012345678",
                " 2533 2000 0000 1234 5678 ",
                "２５３３２０００００００１２３４５６７８",
                "No.25332000000012345678",
                "NO：25332000000012345678",
                "№25332000000012345678",
                "发票号码: 25332000000012345678",
                "发票号 2533-2000-0000-1234-5678",
                "\u{3000}25332000000012345678\t",
                "\u{feff}25332000000012345678\u{200b}",
            ][..],
        ),
        (AssetKind::Invoice, "033001900204012345", &["0330019002 04012345", "033001900204012345"]),
        (
            AssetKind::Customs,
            "223120261000012345",
            &["2231 2026 1 000012345", "报关单号：223120261000012345"],
        ),
        (
            AssetKind::Receivable,
            "HT2026乙001",
            &["ht-2026-乙-001", "合同编号：ＨＴ２０２６（乙）００１", "HT2026乙001"],
        ),
        (AssetKind::Goods, "SHA0012345", &["sha 0012345", "提单号 SHA-0012345"]),
    ] {
        for spelling in spellings {
            assert_eq!(number(kind, spelling).as_deref(), Ok(one), "{spelling:?}");
        }
    }
}

#[test]
fn what_is_no_number_of_its_kind_is_refused() {
    for (kind, text) in [
        (AssetKind::Invoice, ""),
        (AssetKind::Invoice, "2533200000001234567"),
        (AssetKind::Invoice, "253320000000123456789"),
        (AssetKind::Invoice, "2533200000001234567O"),
        (AssetKind::Invoice, "٢٥٣٣٢٠٠٠٠٠٠٠١٢٣٤٥٦٧٨"),
        (AssetKind::Customs, "223120262000012345"),
        (AssetKind::Customs, "223119261000012345"),
        (AssetKind::Customs, "22312026100001234"),
        (AssetKind::Receivable, "---"),
        (AssetKind::Receivable, "25332000000012345678"),
        (AssetKind::Goods, "033001900204012345"),
        (AssetKind::Data, "No. 25332000000012345678"),
        (AssetKind::Other, "发票号码：2533 2000 0000 1234 5678"),
        (AssetKind::Other, "电子发票25332000000012345678号"),
        (AssetKind::Other, "发票代码033001900204，号码12345678"),
        (AssetKind::Receivable, "223120261000012345"),
        (AssetKind::Receivable, &"1".repeat(65)),
        (AssetKind::Receivable, &" ".repeat(513)),
    ] {
        assert!(AssetNumber::new(kind, text).is_err(), "{text:?}");
    }
}

#[test]
fn what_only_looks_like_a_letter_or_a_digit_is_refused() {
    for text in [
        "НТ2026",
        "HТ2026",
        "H①2026",
        "HT二〇二六",
        "HT２０２Ⅵ",
        "HT2O2б",
        "HT2026²",
        "ΗΤ2026",
        "HT\u{2f00}2026",
        "HT\u{f900}2026",
        "HTー2026",
        "HTé",
        "HTe\u{301}",
        "ıT2026",
        "\u{212a}1",
        "HT🄰1",
        "ＨＴ𝟐𝟎𝟐𝟔",
        "HTß",
    ] {
        assert!(number(AssetKind::Receivable, text).is_err(), "{text:?}");
    }
    for (text, plain) in [("ht二零二六", "HT二零二六"), ("ＨＴ𠀀・1", "HT𠀀1"), ("㐀—９−1", "㐀91")]
    {
        assert_eq!(number(AssetKind::Receivable, text).as_deref(), Ok(plain), "{text:?}");
    }
    let longest = format!("{}1", "合".repeat(63));
    assert_eq!(number(AssetKind::Other, &longest), Ok(longest));
    // Contracts have such numbers.
    assert!(number(AssetKind::Receivable, "2026公借字第35010120260001号").is_ok());
}

#[test]
fn leading_zeros_and_kinds_are_told_apart() {
    let secret = CustodianSecret::new(Zeroizing::new([7; 32]));
    let key = |kind, text| {
        AssetNumber::new(kind, text).unwrap().key(kind, &parties(kind), &secret).unwrap()
    };
    let keys = [
        key(AssetKind::Invoice, "00332000000012345678"),
        key(AssetKind::Invoice, "03320000000123456780"),
        key(AssetKind::Invoice, "033001900204012345"),
        key(AssetKind::Customs, "033020201204012345"),
        key(AssetKind::Receivable, "1"),
        key(AssetKind::Receivable, "01"),
        key(AssetKind::Goods, "1"),
    ];
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    let other = CustodianSecret::new(Zeroizing::new([8; 32]));
    let one = AssetNumber::new(AssetKind::Goods, "1").unwrap();
    let goods = parties(AssetKind::Goods);
    let of = |secret| one.key(AssetKind::Goods, &goods, secret).unwrap();
    assert_ne!(of(&other), of(&secret));
}

fn code(n: u8) -> OrganisationCode {
    let fits = |check: char| OrganisationCode::new(&format!("91350100M00010{n:03}{check}"));
    "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find_map(|c| fits(c).ok()).unwrap()
}

/// Those that a kind has.
fn parties(kind: AssetKind) -> AssetParties {
    let seller = has_seller(kind).then(|| code(1));
    AssetParties { seller, buyer: (kind == AssetKind::Receivable).then(|| code(2)) }
}

#[test]
fn a_contract_is_numbered_by_its_parties() {
    let secret = CustodianSecret::new(Zeroizing::new([7; 32]));
    let key = |kind, seller: Option<u8>, buyer: Option<u8>| {
        let number = AssetNumber::new(kind, "HT-2026-001").unwrap();
        let parties = AssetParties { seller: seller.map(code), buyer: buyer.map(code) };
        number.key(kind, &parties, &secret)
    };
    let receivable = |seller, buyer| key(AssetKind::Receivable, Some(seller), Some(buyer)).unwrap();
    let one = receivable(1, 2);
    assert_eq!(receivable(1, 2), one);
    assert_ne!(receivable(3, 2), one, "another seller's contract of that number");
    assert_ne!(receivable(1, 3), one, "another buyer's");
    assert_ne!(receivable(2, 1), one, "the parties the other way round");
    let goods = |seller| key(AssetKind::Goods, Some(seller), None).unwrap();
    assert_ne!(goods(1), goods(2), "another warehouse's receipt of that number");
    for (kind, seller, buyer) in [
        (AssetKind::Receivable, Some(1), None),
        (AssetKind::Receivable, None, Some(2)),
        (AssetKind::Goods, None, None),
        (AssetKind::Goods, Some(1), Some(2)),
        (AssetKind::Other, Some(1), None),
        (AssetKind::Data, None, Some(2)),
    ] {
        assert!(key(kind, seller, buyer).is_err(), "{kind:?} {seller:?} {buyer:?}");
    }
}

/// What stands on ledgers is found again by these values: any other HMAC-SM3 makes them of the secret, the label and the parts with a zero
/// byte before each.
#[test]
fn keys_and_checks_stay_what_they_are() {
    let secret = CustodianSecret::new(Zeroizing::new([7; 32]));
    let check = "31abd50ed92396c8ab7fa8b5d3703065a4b09d1362e6b0d323d9cf37df047b3b";
    assert_eq!(secret.check().to_string(), check);
    for (kind, text, key) in [
        (
            AssetKind::Invoice,
            "25332000000012345678",
            "487a44fb8e08d5f7ade979c5dcc72823153a0b3e6e5d050bb491a5fc05abe4c6",
        ),
        (
            AssetKind::Receivable,
            "HT-2026-001",
            "4086c638179583e828760243f9565b53ec57b52a6f3da6fc298e7e0a3999bb0d",
        ),
    ] {
        let number = AssetNumber::new(kind, text).unwrap();
        let found = number.key(kind, &parties(kind), &secret).unwrap();
        assert_eq!(found.value.to_string(), key, "{text}");
    }
    let parties = parties(AssetKind::Receivable);
    let [seller, buyer] = [parties.seller, parties.buyer].map(|code| code.unwrap().to_string());
    assert_eq!([seller, buyer], ["91350100M00010001T", "91350100M00010002X"]);
}

proptest! {
    #[test]
    fn the_one_spelling_is_its_own(
        text in prop_oneof!["\\PC{0,80}", "[0-9A-Za-z合同号码编NO．.\\-／０-９ 　]{0,80}"],
        kind in 0..AssetKind::ALL.len(),
    ) {
        let kind = AssetKind::ALL[kind];
        if let Ok(once) = AssetNumber::new(kind, &text) {
            let twice = AssetNumber::new(kind, once.as_str());
            prop_assert_eq!(twice, Ok(once), "{:?}", text);
        }
    }

    #[test]
    fn an_invoice_is_an_invoice_only(
        digits in prop_oneof!["[0-9]{20}", "[0-9]{8}[2-9][0-9]{9}"],
        before in "(数电发票|发票号码|NO|No[.] |№|发票代码：|号码 )?",
        cut in 0_usize..18,
        between in "[ \\-./　]{0,2}",
    ) {
        let (head, tail) = digits.split_at(cut);
        let text = format!("{before}{head}{between}{tail}");
        for kind in AssetKind::ALL.iter().filter(|kind| **kind != AssetKind::Invoice) {
            prop_assert!(AssetNumber::new(*kind, &text).is_err(), "{:?} {:?}", kind, text);
        }
    }

    #[test]
    fn different_numbers_stay_different(a in "[0-9]{20}", b in "[0-9]{20}") {
        let [x, y] = [&a, &b].map(|n| AssetNumber::new(AssetKind::Invoice, n).unwrap());
        prop_assert_eq!(a == b, x == y);
    }

    #[test]
    fn any_separators_and_widths_come_to_the_same(
        digits in "[0-9]{20}", cuts in prop::collection::vec((0_usize..20, "[ \\-_./　]"), 0..6), wide in any::<u32>(),
    ) {
        let mut text = String::new();
        for (i, c) in digits.chars().enumerate() {
            cuts.iter().filter(|(at, _)| *at == i).for_each(|(_, sign)| text.push_str(sign));
            let full = char::from_u32(u32::from(c) + 0xfee0).unwrap();
            text.push(if wide >> i & 1 == 1 { full } else { c });
        }
        prop_assert_eq!(number(AssetKind::Invoice, &text), Ok(digits));
    }
}
