//! Asset numbers in one spelling, and the keys that a custodian makes of them.

use yinxin_gm::{Digest, hmac::HmacSm3};
use yinxin_record::{AssetKey, AssetKind, OrganisationCode};
use zeroize::Zeroizing;

use crate::Error;

/// What a secret's check value is made of: nothing else ever is.
const CHECK_DOMAIN: &[u8] = b"yinxin/custodian-check/1";
/// What an asset's key is made of, before the number.
const KEY_DOMAIN: &[u8] = b"yinxin/asset-key/2";
/// Longest number as people write it, bytes.
const MAX_INPUT: usize = 512;
/// Longest number in its one spelling, characters.
const MAX_NUMBER: usize = 64;

/// An asset's number in its one spelling: whoever writes the same number, however, comes to the same one.
///
/// Half-width, capitals, without spaces and separators, without what announces a number (`No.`, `号码：`). Leading zeros stay: numbers of
/// a fixed length begin with them. Of letters there are those of ASCII and Chinese characters only: what merely looks like one (`Н`, `①`,
/// `〇`) would make a second number of one paper, and is refused. What is a number, each kind says:
///
/// | kind | number |
/// |---|---|
/// | invoice | 20 digits: digital, or code of 12 digits and number of 8; 18: code of 10 and number of 8 |
/// | customs declaration | 18 digits: 4 customs, 4 year (20xx), 1 direction, 9 serial |
/// | receivable, goods, data, other | 1 to 64 letters, digits and Chinese characters, but no invoice's number |
///
/// ```
/// use yinxin_credit::AssetNumber;
/// use yinxin_record::AssetKind;
///
/// let plain = AssetNumber::new(AssetKind::Invoice, "25332000000012345678")?;
/// let other = AssetNumber::new(AssetKind::Invoice, "发票号码：２５３３ 2000-0000 1234 5678")?;
/// assert_eq!(plain, other);
/// assert!(AssetNumber::new(AssetKind::Invoice, "2533200000001234567").is_err());
/// assert!(AssetNumber::new(AssetKind::Receivable, "25332000000012345678").is_err());
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
        let Some(plain) = plain(text) else {
            return bad(
                "digits, letters A to Z and Chinese characters; not what only looks like them",
            );
        };
        let mut number = plain.as_str();
        // Again and again, so that what comes out is its own spelling.
        while let Some(rest) = announcements(kind)
            .iter()
            .find_map(|word| number.strip_prefix(word).filter(|rest| !rest.is_empty()))
        {
            number = rest;
        }
        let fits = match kind {
            AssetKind::Invoice => is_invoice(number),
            AssetKind::Customs => is_customs(number),
            _ if hides_an_invoice(number) => {
                return bad("another number: 18 or 20 digits are an invoice's, registered as one");
            }
            _ => (1..=MAX_NUMBER).contains(&number.chars().count()),
        };
        if !fits {
            return bad(match kind {
                AssetKind::Invoice => "20 digits, or a code of 10 or 12 digits and a number of 8",
                AssetKind::Customs => {
                    "18 digits, a year from the fifth on, the ninth 0 (export) or 1 (import)"
                }
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
    /// out. Where a number is its parties' own, they are in it: `HT-2026-001` of another seller is another contract.
    ///
    /// # Errors
    /// [`Error::ValueBad`] if a party is missing that the kind has, or given where it has none.
    pub fn key(
        &self,
        kind: AssetKind,
        parties: &AssetParties,
        secret: &CustodianSecret,
    ) -> Result<AssetKey, Error> {
        let mut mac = HmacSm3::new(secret.bytes());
        mac.update(KEY_DOMAIN);
        mac.update(kind.name().as_bytes());
        for (what, has, party) in [
            ("seller", has_seller(kind), &parties.seller),
            ("buyer", kind == AssetKind::Receivable, &parties.buyer),
        ] {
            mac.update(&[0]);
            match party {
                Some(code) if has => mac.update(code.as_str().as_bytes()),
                Some(code) => return Err(Error::value(what, code.as_str(), NO_PARTY)),
                None if has => return Err(Error::value(what, "", NEEDS_PARTY)),
                None => {}
            }
        }
        mac.update(&[0]);
        mac.update(self.text.as_bytes());
        Ok(AssetKey { kind, value: mac.finalize() })
    }
}

/// Whose number it is: of receivables the seller, to whom it is owed, and the buyer, who owes it; of goods the seller, who gave the receipt out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "an argument by names")]
pub struct AssetParties {
    /// Whose contract or receipt it is.
    pub seller: Option<OrganisationCode>,
    /// Who owes it.
    pub buyer: Option<OrganisationCode>,
}

const NEEDS_PARTY: &str =
    "a unified social credit code: a number of this kind is unique beside its parties only";
const NO_PARTY: &str = "none: a number of this kind is unique by itself";

/// Contracts and warehouse receipts are numbered by whoever issues them; invoices and declarations by the state.
const fn has_seller(kind: AssetKind) -> bool {
    matches!(kind, AssetKind::Receivable | AssetKind::Goods)
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

    /// What the secret is known by on the ledger: HMAC-SM3 of a label that nothing else is made of. It says which secret it is, whole so
    /// that no second one comes to it, and nothing about the secret or the keys made with it.
    #[must_use]
    pub fn check(&self) -> Digest {
        let mut mac = HmacSm3::new(self.bytes());
        mac.update(CHECK_DOMAIN);
        mac.finalize()
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

fn are_digits(number: &str) -> bool {
    number.bytes().all(|b| b.is_ascii_digit())
}

fn is_invoice(number: &str) -> bool {
    [18, 20].contains(&number.len()) && are_digits(number)
}

/// Year and direction stand where they must: hardly an invoice of 18 digits has them there.
fn is_customs(number: &str) -> bool {
    let direction = matches!(number.as_bytes().get(8), Some(b'0' | b'1'));
    number.len() == 18 && are_digits(number) && number[4..].starts_with("20") && direction
}

/// What people write around the numbers on an invoice.
const INVOICE_WORDS: &[&str] = &["数电", "电子", "发票", "代码", "号码", "编号", "号", "NO"];

/// Whether a number of another kind is an invoice's, with or without words: under a second key it could be pledged a second time.
fn hides_an_invoice(number: &str) -> bool {
    let bare = INVOICE_WORDS.iter().fold(number.to_owned(), |rest, word| rest.replace(word, ""));
    is_invoice(bare.trim_matches(is_chinese))
}

/// Half-width, capitals, letters and digits only; `None` if there is anything but these and separators.
fn plain(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().map(half) {
        if c.is_ascii_alphanumeric() || is_chinese(c) {
            plain.push(c.to_ascii_uppercase());
        } else if !is_separator(c) {
            return None;
        }
    }
    Some(plain)
}

/// A unified Chinese character: neither a radical nor a form kept for compatibility, which look the same.
const fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{2f7ff}' | '\u{30000}'..='\u{323af}')
}

/// Spaces, dashes, brackets, points: what people write between the parts of a number, and what no one sees.
const fn is_separator(c: char) -> bool {
    c.is_ascii()
        || matches!(c,
            '\u{a0}' | '\u{ad}' | '\u{b7}' | '\u{2000}'..='\u{206f}' | '№' | '−' | '\u{3000}'..='\u{3004}'
                | '\u{3008}'..='\u{3020}' | '・' | '\u{fe30}'..='\u{fe6f}' | '\u{ff5f}'..='\u{ff65}' | '\u{feff}')
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
mod tests;
