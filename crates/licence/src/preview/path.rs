//! OFD's abbreviated paths as SVG's.

use core::fmt::Write as _;

/// Most points of a path: a page of a map has fewer.
const TOKENS_MAX: usize = 2_000_000;

/// The path in SVG's words; `None` when it is not one.
pub(super) fn svg(data: &str) -> Option<String> {
    let mut out = String::with_capacity(data.len());
    let mut tokens =
        data.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|t| !t.is_empty());
    let mut count = 0;
    while let Some(op) = tokens.next() {
        // OFD: S starts, M moves, B is cubic, C closes.
        let (letter, arguments) = match op {
            "S" | "M" => ('M', 2),
            "L" => ('L', 2),
            "Q" => ('Q', 4),
            "B" => ('C', 6),
            "A" => ('A', 7),
            "C" => ('Z', 0),
            _ => return None,
        };
        out.push(letter);
        for i in 0..arguments {
            let number: f64 = tokens.next()?.parse().ok().filter(|n: &f64| n.is_finite())?;
            let _ = write!(out, "{}{number}", if i == 0 { "" } else { " " });
        }
        count += 1 + arguments;
        if count > TOKENS_MAX {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_translated() {
        for (data, path) in [
            ("M 0 0 L 1.5 2 B 1 2 3 4 5 6 C", Some("M0 0L1.5 2C1 2 3 4 5 6Z")),
            ("S 1 1 Q 1 2 3 4 A 1 1 0 0 1 5 5", Some("M1 1Q1 2 3 4A1 1 0 0 1 5 5")),
            ("", Some("")),
            ("M 0", None),
            ("M 0 x", None),
            ("M 0 NaN", None),
            ("\"/><script>", None),
        ] {
            assert_eq!(svg(data).as_deref(), path, "{data}");
        }
    }
}
