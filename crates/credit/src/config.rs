//! Small help for files that people write.

use std::fmt::Display;

use yinxin_record::Text;

/// The line, from 1, of a byte of a text.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    let end = byte.min(text.len());
    text.as_bytes()[..end].iter().filter(|b| **b == b'\n').count() + 1
}

/// The value that a word stands for.
pub(crate) fn pick<T: Copy>(what: &str, word: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let known: Vec<_> = words.iter().map(|(name, _)| *name).collect();
        format!("{what}: got {word:?}, expected one of {}", known.join(", "))
    })
}

/// A text that must say something.
pub(crate) fn stated(what: &str, text: String) -> Result<String, String> {
    if text.trim().is_empty() { Err(format!("{what} is not stated")) } else { Ok(text) }
}

/// A short text.
pub(crate) fn text<const MAX: usize>(what: &str, value: String) -> Result<Text<MAX>, String> {
    Text::new(value).map_err(|e| format!("{what}: {e}"))
}

/// Short texts as a set.
pub(crate) fn texts<const MAX: usize>(
    what: &str,
    values: Vec<String>,
) -> Result<Vec<Text<MAX>>, String> {
    let values = values.into_iter().map(|v| text(what, v)).collect::<Result<Vec<_>, _>>()?;
    set(values).ok_or_else(|| format!("{what}: one stands twice"))
}

/// Codes as a set.
pub(crate) fn codes<T: Ord, E: Display>(
    what: &str,
    values: &[String],
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, String> {
    let values = values.iter().map(|v| read(v).map_err(|e| format!("{what}: {e}")));
    set(values.collect::<Result<Vec<_>, _>>()?).ok_or_else(|| format!("{what}: one stands twice"))
}

/// An error in its own words.
pub(crate) fn say(error: impl Display) -> String {
    error.to_string()
}

/// Items in rising order, as a list that stands for a set has them on the ledger; `None` if one stands twice.
fn set<T: Ord>(mut items: Vec<T>) -> Option<Vec<T>> {
    items.sort();
    items.windows(2).all(|w| w[0] < w[1]).then_some(items)
}
