//! The rows of a batch that were not issued: what was wrong with them here, and what the ledger's rules refused.

use std::io::Write as _;

use yinxin_licence::{Reject, write_rejects};
use yinxin_verdict::{Explain as _, Lang};

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
        let rows = self.rows.iter().map(move |Reject { line, refusal, .. }| {
            let field = match refusal.field.as_str() {
                "" => String::new(),
                field => format!("{field}{}", lang.pick(": ", "：")),
            };
            (*line, format!("{field}{}", refusal.cause.explain(lang).what))
        });
        let refused = self.refused.iter().map(move |(line, why)| (*line, why.explain(lang).what));
        rows.chain(refused).map(move |(line, why)| match lang {
            Lang::En => format!("line {line}: {why}"),
            Lang::Zh => format!("第 {line} 行：{why}"),
        })
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

    #[test]
    fn every_reject_is_told_in_the_readers_language() {
        let mut rejects = Rejects::default();
        let cause = yinxin_licence::Error::DateImpossible { text: "2024-02-30".to_owned() };
        rejects.row(Reject::new(3, yinxin_licence::Refusal::new("established", cause)));
        rejects.refused(7, Failure::new(Class::Invalid, "no", "无"));
        let said = |lang| rejects.lines(lang).collect::<Vec<_>>();
        assert!(said(Lang::En)[0].starts_with("line 3: established: expected a day"));
        assert!(
            said(Lang::Zh)[0].starts_with("第 3 行：established：日期应形如"),
            "{:?}",
            said(Lang::Zh)
        );
        assert_eq!(said(Lang::Zh)[1], "第 7 行：无");
    }
}
