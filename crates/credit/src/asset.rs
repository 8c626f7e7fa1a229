//! Asset numbers in one spelling, and the keys that a custodian makes of them.

use yinxin_gm::hmac::HmacSm3;
use yinxin_record::{AssetKey, AssetKind};
use zeroize::Zeroizing;

use crate::Error;

/// What an asset's key is made of, before the number.
const KEY_DOMAIN: &[u8] = b"yinxin/asset-key/1";
/// Longest number as people write it, bytes.
const MAX_INPUT: usize = 512;
/// Longest number in its one spelling, characters.
const MAX_NUMBER: usize = 64;

/// An asset's number in its one spelling: whoever writes the same number, however, comes to the same one.
///
/// Half-width, capitals, without spaces and separators, without what announces a number (`No.`, `号码：`). Leading zeros stay: numbers of
/// a fixed length begin with them. What is a number, each kind says:
///
/// | kind | number |
/// |---|---|
/// | invoice | 20 digits: digital, or code of 12 digits and number of 8; 18: code of 10 and number of 8 |
/// | customs declaration | 18 digits: 4 customs, 4 year, 1 direction, 9 serial |
/// | receivable, goods, data, other | 1 to 64 letters, digits and Chinese characters |
///
/// ```
/// use yinxin_credit::AssetNumber;
/// use yinxin_record::AssetKind;
///
/// let plain = AssetNumber::new(AssetKind::Invoice, "25332000000012345678")?;
/// let other = AssetNumber::new(AssetKind::Invoice, "发票号码：２５３３ 2000-0000 1234 5678")?;
/// assert_eq!(plain, other);
/// assert!(AssetNumber::new(AssetKind::Invoice, "2533200000001234567").is_err());
/// # Ok::<(), yinxin_credit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetNumber {
    kind_number: u32,
    text: String,
}

impl AssetNumber {
    /// Reads a number of a kind.
    ///
    /// # Errors
    /// [`Error::ValueBad`] says what the kind's numbers are.
    pub fn new(kind: AssetKind, text: &str) -> Result<Self, Error> {
        let bad = |expected: &str| Err(Error::value("asset number", text, expected));
        if text.len() > MAX_INPUT {
            return bad("at most 512 bytes");
        }
        let plain = plain(text);
        let mut number = plain.as_str();
        // Again and again, so that what comes out is its own spelling.
        while let Some(rest) = announcements(kind)
            .iter()
            .find_map(|word| number.strip_prefix(word).filter(|rest| !rest.is_empty()))
        {
            number = rest;
        }
        let digits = number.bytes().all(|b| b.is_ascii_digit());
        let fits = match kind {
            AssetKind::Invoice => digits && [18, 20].contains(&number.len()),
            AssetKind::Customs => digits && number.len() == 18 && direction(number),
            _ => (1..=MAX_NUMBER).contains(&number.chars().count()),
        };
        if !fits {
            return bad(match kind {
                AssetKind::Invoice => "20 digits, or a code of 10 or 12 digits and a number of 8",
                AssetKind::Customs => "18 digits, the ninth 0 (export) or 1 (import)",
                _ => "1 to 64 letters, digits or Chinese characters",
            });
        }
        Ok(Self { kind_number: kind.number(), text: number.to_owned() })
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key under which the ledger knows the asset: only the custodian, which has the secret, can make it, so nobody can try numbers
    /// out.
    #[must_use]
    pub fn key(&self, kind: AssetKind, secret: &CustodianSecret) -> AssetKey {
        let mut mac = HmacSm3::new(secret.bytes());
        mac.update(KEY_DOMAIN);
        mac.update(kind.name().as_bytes());
        mac.update(&[0]);
        mac.update(self.text.as_bytes());
        AssetKey { kind, value: mac.finalize() }
    }
}

/// The secret that a custodian makes keys with. Whoever has it can try out numbers; losing it loses the register.
#[derive(Clone)]
pub struct CustodianSecret(Zeroizing<[u8; 32]>);

impl CustodianSecret {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0[..]
    }
}

impl core::fmt::Debug for CustodianSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CustodianSecret")
    }
}

/// The ninth digit of a customs declaration.
fn direction(number: &str) -> bool {
    matches!(number.as_bytes().get(8), Some(b'0' | b'1'))
}

/// Half-width, capitals, letters and digits only.
fn plain(text: &str) -> String {
    text.chars().map(half).flat_map(char::to_uppercase).filter(|c| c.is_alphanumeric()).collect()
}

/// The half-width form of a full-width letter, digit or sign.
fn half(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)
            .expect("full-width forms stand 0xfee0 above ASCII"),
        c => c,
    }
}

/// What announces a number, longest first, as [`plain`] leaves it. A bare number never begins with one: those of digits have no letters, and a
/// contract called NO1 is called so by everyone who copies it from the paper.
fn announcements(kind: AssetKind) -> &'static [&'static str] {
    match kind {
        AssetKind::Invoice => &["数电发票号码", "电子发票号码", "发票号码", "发票号", "号码", "NO"],
        AssetKind::Customs => &["报关单编号", "报关单号码", "报关单号", "海关编号", "编号", "NO"],
        AssetKind::Receivable => &["应收账款编号", "合同编号", "合同号码", "合同号", "编号"],
        AssetKind::Goods => &["仓单编号", "仓单号", "提单号码", "提单号", "编号"],
        _ => &["编号"],
    }
}

#[cfg(test)]
mod tests {
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
            (
                AssetKind::Invoice,
                "033001900204012345",
                &["0330019002 04012345", "033001900204012345"],
            ),
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
            (AssetKind::Customs, "22312026100001234"),
            (AssetKind::Receivable, "---"),
            (AssetKind::Receivable, &"1".repeat(65)),
            (AssetKind::Receivable, &" ".repeat(513)),
        ] {
            assert!(AssetNumber::new(kind, text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn leading_zeros_and_kinds_are_told_apart() {
        let secret = CustodianSecret::new(Zeroizing::new([7; 32]));
        let key = |kind, text| AssetNumber::new(kind, text).unwrap().key(kind, &secret);
        let keys = [
            key(AssetKind::Invoice, "00332000000012345678"),
            key(AssetKind::Invoice, "03320000000123456780"),
            key(AssetKind::Invoice, "033001900204012345"),
            key(AssetKind::Customs, "033001901204012345"),
            key(AssetKind::Receivable, "1"),
            key(AssetKind::Receivable, "01"),
            key(AssetKind::Goods, "1"),
        ];
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        let other = CustodianSecret::new(Zeroizing::new([8; 32]));
        let one = AssetNumber::new(AssetKind::Goods, "1").unwrap();
        assert_ne!(one.key(AssetKind::Goods, &other), one.key(AssetKind::Goods, &secret));
    }

    proptest! {
        #[test]
        fn the_one_spelling_is_its_own(text in "\\PC{0,80}", kind in 0..AssetKind::ALL.len()) {
            let kind = AssetKind::ALL[kind];
            if let Ok(once) = AssetNumber::new(kind, &text) {
                let twice = AssetNumber::new(kind, once.as_str());
                prop_assert_eq!(twice, Ok(once), "{:?}", text);
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
}
