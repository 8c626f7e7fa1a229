//! The rows of a batch that were not issued: what was wrong with them here, and what the ledger's rules refused.

use std::io::Write as _;

use yinxin_licence::{Reject, write_rejects};
use yinxin_verdict::Lang;

use super::failure;
use crate::fail::{Done, Failure};

/// Rejected rows, in the order in which they were found.
#[derive(Default)]
pub(super) struct Rejects {
    rows: Vec<Reject>,
    refused: Vec<(u64, Failure)>,
}

impl Rejects {
    /// A row that cannot be issued.
    pub(super) fn row(&mut self, reject: Reject) {
        self.rows.push(reject);
    }

    /// A row whose record the ledger refuses.
    pub(super) fn refused(&mut self, line: u64, why: Failure) {
        self.refused.push((line, why));
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len() + self.refused.len()
    }

    /// Whether every row went well.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each in a line of words.
    pub(super) fn lines(&self, lang: Lang) -> impl Iterator<Item = String> {
        let rows = self.rows.iter().map(ToString::to_string);
        let refused = self.refused.iter();
        rows.chain(
            refused.map(move |(line, why)| format!("line {line}: {}", why.explain(lang).what)),
        )
    }

    /// As CSV: line, field, the reason in English and Chinese, what to do.
    pub(super) fn to_csv(&self, lang: Lang) -> Done<Vec<u8>> {
        let mut out = Vec::new();
        write_rejects(&mut out, &self.rows, lang).map_err(|e| failure(&e))?;
        for (line, why) in &self.refused {
            let (en, zh, todo) =
                (why.explain(Lang::En).what, why.explain(Lang::Zh).what, why.explain(lang).todo);
            let cells = [&en, &zh, &todo].map(|text| quoted(text)).join(",");
            writeln!(out, "{line},,{cells}").map_err(Failure::bug)?;
        }
        Ok(out)
    }
}

/// A cell of a CSV that may hold anything (RFC 4180).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fail::Class;

    #[test]
    fn what_the_ledger_refused_stands_below_what_we_refused() {
        let mut rejects = Rejects::default();
        assert!(rejects.is_empty());
        rejects.refused(
            7,
            Failure::new(Class::Invalid, "no \"such\", thing", "无").todo("look", "看"),
        );
        let text = String::from_utf8(rejects.to_csv(Lang::En).unwrap()).unwrap();
        assert_eq!(text.lines().nth(1).unwrap(), r#"7,,"no ""such"", thing","无","look""#);
        assert_eq!(rejects.lines(Lang::En).next().unwrap(), "line 7: no \"such\", thing");
    }
}
