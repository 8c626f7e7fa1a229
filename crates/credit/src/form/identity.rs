//! Citizen numbers (GB 11643), also where they are written so that a plain search does not find them.

use yinxin_record::is_unseen;

/// Characters of a citizen number.
const LENGTH: usize = 18;

/// Whether 18 characters in a row are a citizen number: a date of birth, and a check character that holds.
///
/// Full-width characters are as good as others, and what only separates – blanks, hyphens, what is not seen – does not count. Of a longer
/// number no part is meant.
pub(crate) fn has_identity_number(text: &str) -> bool {
    if text.len() < LENGTH {
        return false;
    }
    let mut run = Run::default();
    // What ends the text ends a number too.
    text.chars().map(plain).chain([None]).any(|c| run.next(c))
}

/// The last characters of a number, with nothing but separators between them.
#[derive(Default)]
struct Run {
    number: [u8; LENGTH],
    /// Of each, whether a digit stood directly before it: then it begins no number.
    within: [bool; LENGTH],
    length: usize,
    /// What stood directly before is one of them; is a digit.
    open: bool,
    digit: bool,
}

impl Run {
    /// Takes what comes next; whether a number ended before it.
    fn next(&mut self, c: Option<u8>) -> bool {
        let digit = c.is_some_and(|byte| byte.is_ascii_digit());
        let ends = self.open && self.length == LENGTH && !digit && !self.within[0];
        if ends && is_identity_number(&self.number) {
            return true;
        }
        self.open = false;
        match c {
            None => self.length = 0,
            Some(b' ') => {}
            Some(byte) => {
                self.push(byte);
                self.open = true;
            }
        }
        self.digit = digit;
        false
    }

    fn push(&mut self, byte: u8) {
        if self.length == LENGTH {
            self.number.copy_within(1.., 0);
            self.within.copy_within(1.., 0);
            self.length -= 1;
        }
        (self.number[self.length], self.within[self.length]) = (byte, self.digit);
        self.length += 1;
    }
}

/// What a character means in a number; a space where it only separates, `None` where it is no part of one.
fn plain(c: char) -> Option<u8> {
    let half = match c {
        // Nearly all that is written, and what is looked at most.
        '\u{3400}'..='\u{9fff}' => return None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
        // Digits of mathematical alphabets, ten of each.
        '\u{1d7ce}'..='\u{1d7ff}' => char::from_digit((u32::from(c) - 0x1d7ce) % 10, 10)?,
        '\u{2160}'..='\u{217f}' if matches!(c, '\u{2169}' | '\u{2179}') => 'X',
        c => c,
    };
    match half {
        '0'..='9' | 'X' | 'x' => u8::try_from(half).ok(),
        '-' | '.' | '_' | '·' | '\u{2010}'..='\u{2015}' | '\u{2212}' => Some(b' '),
        c if c.is_whitespace() || c.is_control() || is_unseen(c) => Some(b' '),
        _ => None,
    }
}

pub(crate) fn is_identity_number(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let Some((check, body)) = number.split_last() else { return false };
    if body.len() != LENGTH - 1 || !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    let expected = b"10X98765432"[usize::try_from(sum % 11).unwrap_or(0)];
    let two = |at: usize| u32::from(body[at] - b'0') * 10 + u32::from(body[at + 1] - b'0');
    let born =
        (18..=20).contains(&two(6)) && (1..=12).contains(&two(10)) && (1..=31).contains(&two(12));
    born && check.to_ascii_uppercase() == expected
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A number of no region that there is.
    const NUMBER: &str = "99010119900307004X";

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for text in [
            "９９０１０１１９９００３０７００４Ｘ",
            "990101 19900307 004X",
            "990101-19900307-004x",
            "身份证号：990101\u{3000}1990\u{200b}0307\u{ad}00 4Ⅹ。",
            "9 9 0 1 0 1 1 9 9 0 0 3 0 7 0 0 4 X",
            "电话 5 990101 19900307 004X 7",
            "𝟗𝟗𝟎𝟏𝟎𝟏𝟏𝟗𝟗𝟎𝟎𝟑𝟎𝟕𝟎𝟎𝟒X",
        ] {
            assert!(has_identity_number(text), "{text}");
        }
        for text in ["199010119900307004X", "990101年19900307号004X", "99010119901307004X", "", "Ⅹ"]
        {
            assert!(!has_identity_number(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn separators_and_widths_hide_no_number(
            gaps in prop::array::uniform17("[ \u{3000}\u{200b}_-]{0,3}"), wide in any::<[bool; 18]>(),
            before in "[a-z个-人]{0,4}", after in "[a-z个-人]{0,4}",
        ) {
            let gaps = gaps.iter().map(String::as_str).chain([""]);
            let number = NUMBER.chars().zip(wide).zip(gaps).map(|((c, wide), gap)| {
                let wide = char::from_u32(u32::from(c) + 0xfee0).filter(|_| wide);
                format!("{}{gap}", wide.unwrap_or(c))
            });
            let text = format!("{before}{}{after}", number.collect::<String>());
            prop_assert!(has_identity_number(&text), "{}", text);
        }
    }
}
