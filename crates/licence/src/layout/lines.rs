//! Breaking text into lines that fit a box.

use super::Place;

/// What may not begin a line.
const NOT_FIRST: &str = "，。、；：！？）》」』”’％,.;:!?)]}%";

/// How far below its size a text may be set to make it fit.
const SHRINK_MIN: f64 = 0.7;

/// From baseline to baseline, in sizes.
pub(super) const LEADING: f64 = 1.45;

/// A text set into lines.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fitted {
    /// The size that fits, mm.
    pub size: f64,
    /// The lines.
    pub lines: Vec<String>,
}

/// Sets a text into a box, at `size` or somewhat smaller; `None` when it does not fit.
///
/// `advance` is a character's width in sizes.
pub fn fit(text: &str, at: Place, size: f64, advance: impl Fn(char) -> f64) -> Option<Fitted> {
    let mut shrunk = size;
    while shrunk >= size * SHRINK_MIN {
        let lines = break_lines(text, at.w / shrunk, &advance);
        let height = shrunk * (1.0 + LEADING * (lines.len() as f64 - 1.0));
        // A hair of tolerance, so that a box exactly as high as its line holds it.
        if height <= at.h + 0.01 {
            return Some(Fitted { size: shrunk, lines });
        }
        shrunk *= 0.95;
    }
    None
}

/// Greedy lines no wider than `width` sizes; a Latin word or a number is kept whole where it can be.
fn break_lines(text: &str, width: f64, advance: &impl Fn(char) -> f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0.0;
    for c in text.chars() {
        let w = advance(c);
        // The small excess keeps rounding from breaking a line that fits exactly.
        if used + w > width + 1e-6 && !line.is_empty() {
            let carried = carry(&line, c);
            let rest = line.split_off(line.len() - carried);
            lines.push(std::mem::replace(&mut line, rest));
            used = line.chars().map(advance).sum();
        }
        line.push(c);
        used += w;
    }
    lines.push(line);
    lines
}

/// How many bytes at the line's end move down with the next character.
fn carry(line: &str, next: char) -> usize {
    let word = |c: char| c.is_ascii_alphanumeric();
    let keep = |moved: usize| if moved >= line.len() { 0 } else { moved };
    if NOT_FIRST.contains(next) {
        return keep(line.chars().next_back().map_or(0, char::len_utf8));
    }
    if word(next) {
        return keep(line.len() - line.trim_end_matches(word).len());
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(c: char) -> f64 {
        if c.is_ascii() { 0.5 } else { 1.0 }
    }

    #[test]
    fn lines_break_where_chinese_breaks() {
        for (text, width, lines) in [
            ("一二三四五", 5.0, vec!["一二三四五"]),
            ("一二三四五", 4.0, vec!["一二三四", "五"]),
            ("一二三，四", 3.0, vec!["一二", "三，四"]),
            ("一二ab12三", 3.0, vec!["一二", "ab12三"]),
            ("abcdefgh", 2.0, vec!["abcd", "efgh"]),
            ("，，，，", 2.0, vec!["，", "，", "，，"]),
            ("", 2.0, vec![""]),
        ] {
            assert_eq!(break_lines(text, width, &half), lines, "{text}");
        }
    }

    #[test]
    fn text_shrinks_before_it_overflows() {
        let at = Place { x: 0.0, y: 0.0, w: 40.0, h: 4.0 };
        assert_eq!(fit(&"字".repeat(10), at, 4.0, half).unwrap().size, 4.0);
        assert!(fit(&"字".repeat(12), at, 4.0, half).unwrap().size < 4.0);
        assert!(fit(&"字".repeat(20), at, 4.0, half).is_none());
    }
}
