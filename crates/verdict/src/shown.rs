//! Text from a file as a terminal may show it.

use std::borrow::Cow;

/// A text from outside, a name or a path say, as it may stand in a line for a person: what would draw lines, colours or an
/// order of its own, or not be seen at all, is written out as `\u{…}`.
///
/// ```
/// assert_eq!(yinxin_verdict::shown("市局\u{202e}\u{1b}[2J"), "市局\\u{202e}\\u{1b}[2J");
/// ```
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, harmful)
}

/// Lines for a person: like [`shown`], but lines stay lines. The last sieve before a terminal.
#[must_use]
pub fn shown_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && harmful(c))
}

fn escaped(text: &str, harmful: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if harmful(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Controls (C0, C1), what turns the order of writing (UAX #9), what breaks lines, and what takes no room: a name with it
/// looks like another.
fn harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{ad}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_or_hides_text_gets_through() {
        for c in [
            '\0',
            '\u{7}',
            '\u{8}',
            '\r',
            '\n',
            '\t',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{200f}',
            '\u{2028}',
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            let text = format!("a{c}b");
            assert_eq!(shown(&text), format!("a{}b", c.escape_unicode()), "{c:?}");
            assert_eq!(shown_lines(&text).contains(c), c == '\n', "{c:?}");
        }
    }

    #[test]
    fn names_as_people_write_them_stay() {
        for name in ["示范市市场监督管理局（印章）", "Müller & Söhne, €", "a b – ✓ × \\"]
        {
            assert_eq!(shown(name), name);
        }
    }
}
