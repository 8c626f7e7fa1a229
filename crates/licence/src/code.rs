//! Codes with check characters: the unified social credit code of GB 32100, the citizen number of GB 11643.

use crate::{Date, Error};

/// The 31 characters of a credit code: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The check character that the first 17 characters of a credit code ask for.
///
/// # Errors
/// [`Error::CodeShape`] when they are not 17 characters of the alphabet.
pub fn credit_check_character(body: &str) -> Result<char, Error> {
    let shape = || Error::CodeShape { what: CREDIT, text: body.chars().take(TEXT_MAX).collect() };
    if body.len() != 17 {
        return Err(shape());
    }
    // Weights are 3^(i-1) mod 31.
    let (mut sum, mut weight) = (0, 1);
    for b in body.bytes() {
        sum += ALPHABET.iter().position(|a| *a == b).ok_or_else(shape)? * weight;
        weight = weight * 3 % 31;
    }
    Ok(char::from(ALPHABET[(31 - sum % 31) % 31]))
}

/// Checks a unified social credit code: 18 characters of its alphabet, the last the check character.
///
/// # Errors
/// [`Error::CodeShape`] or [`Error::CheckCharacter`].
pub fn check_credit_code(text: &str) -> Result<(), Error> {
    let mut chars = text.chars();
    let Some(found) = chars.next_back().filter(|_| text.len() == 18 && text.is_ascii()) else {
        return Err(Error::CodeShape { what: CREDIT, text: text.chars().take(TEXT_MAX).collect() });
    };
    let expected = credit_check_character(chars.as_str())?;
    if found == expected {
        return Ok(());
    }
    Err(Error::CheckCharacter { what: CREDIT, text: text.to_owned(), expected, found })
}

const CREDIT: &str = "credit code";

/// How much of a refused text is shown.
const TEXT_MAX: usize = 32;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// Checks a citizen number: 17 digits, a birth date that exists, and the check character.
///
/// # Errors
/// [`Error::CodeShape`], [`Error::DateImpossible`] or [`Error::CheckCharacter`].
pub fn check_citizen_number(text: &str) -> Result<(), Error> {
    let what = "citizen number";
    let shape = || Error::CodeShape { what, text: text.chars().take(32).collect() };
    let bytes: &[u8; 18] = text.as_bytes().try_into().map_err(|_| shape())?;
    let (body, check) = bytes.split_at(17);
    if !body.iter().all(u8::is_ascii_digit) || !(check[0].is_ascii_digit() || check[0] == b'X') {
        return Err(shape());
    }
    Date::parse_with(&text[6..14], &["%Y%m%d"])?;
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    let expected = CHECKS[(sum % 11) as usize];
    if check[0] == expected {
        return Ok(());
    }
    Err(Error::CheckCharacter {
        what,
        text: text.to_owned(),
        expected: char::from(expected),
        found: char::from(check[0]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_codes_are_checked() {
        for text in
            ["11100000000013338W", "11430000006122244L", "11330105002500287C", "11370000MB2852565A"]
        {
            assert_eq!(check_credit_code(text), Ok(()), "{text}");
        }
        for text in [
            "11100000000013338X",
            "11100000000013339W",
            "1110000000001333IW",
            "11100000000013338",
            "",
            "一一一一一一",
            "11100000000013338w",
        ] {
            assert!(check_credit_code(text).is_err(), "{text}");
        }
    }

    #[test]
    fn citizen_numbers_are_checked() {
        assert_eq!(check_citizen_number("11010519491231002X"), Ok(()));
        for text in [
            "110105194912310021",
            "11010519491331002X",
            "11010519491231002x",
            "1101051949123100",
            "",
            "一一",
        ] {
            assert!(check_citizen_number(text).is_err(), "{text}");
        }
    }
}
