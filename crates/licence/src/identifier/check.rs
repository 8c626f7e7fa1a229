//! The check character: ISO 7064 MOD 37,36 and the second dialect seen in the wild.

const CHARACTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The check character of ISO 7064 MOD 37,36 over the parts in order; other characters than `0-9A-Z` count as 0.
#[must_use]
pub fn check_character<'a>(parts: impl IntoIterator<Item = &'a str>) -> char {
    let mut p = 36;
    for b in parts.into_iter().flat_map(str::bytes) {
        p = (p + value(b)) % 36;
        p = if p == 0 { 36 } else { p };
        p = p * 2 % 37;
    }
    char::from(CHARACTERS[(37 - p) % 36])
}

/// The check character of the second dialect: letters one too high, and reductions that differ.
#[must_use]
pub fn dialect_character<'a>(parts: impl IntoIterator<Item = &'a str>) -> char {
    let mut p = 36;
    for b in parts.into_iter().flat_map(str::bytes) {
        let a = value(b) + usize::from(b.is_ascii_uppercase());
        let mut r = p + a;
        if a > 10 && r > 37 {
            r %= 37;
        } else if a < 10 && r > 36 {
            r %= 36;
        }
        r %= 36;
        r = if r == 0 { 36 } else { r };
        p = r * 2 % 37;
    }
    // X = 37 - P, brought into 1..=36; the character is the X-th.
    char::from(CHARACTERS[(37 - p + 35) % 36])
}

fn value(b: u8) -> usize {
    match b {
        b'0'..=b'9' => usize::from(b - b'0'),
        b'A'..=b'Z' => usize::from(b - b'A') + 10,
        _ => 0,
    }
}
