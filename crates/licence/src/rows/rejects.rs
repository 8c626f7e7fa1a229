//! The rejects file: which rows were not issued, and why.

use core::fmt;
use std::io::Write;

use yinxin_verdict::{Explain, Lang};

use crate::{Error, Refusal};

/// A row that cannot be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reject {
    /// The line in the file, from 1; the header is line 1.
    pub line: u64,
    /// Which field, and why.
    pub refusal: Refusal,
}

impl Reject {
    /// A reject of a line.
    #[must_use]
    pub fn new(line: u64, refusal: Refusal) -> Self {
        Self { line, refusal }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.refusal)
    }
}

/// Writes rejects as CSV: line, field, the reason in English and Chinese, what to do.
///
/// # Errors
/// [`Error::Io`].
pub fn write_rejects<'a>(
    to: impl Write,
    rejects: impl IntoIterator<Item = &'a Reject>,
    lang: Lang,
) -> Result<(), Error> {
    let io = |e: csv::Error| Error::Io { why: e.to_string() };
    let mut out = csv::Writer::from_writer(to);
    out.write_record(["line", "field", "reason", "原因", "todo"]).map_err(io)?;
    for Reject { line, refusal: Refusal { field, cause } } in rejects {
        let (en, zh) = (cause.explain(Lang::En), cause.explain(Lang::Zh));
        let todo = cause.explain(lang).todo;
        out.write_record([&line.to_string(), field, &en.what, &zh.what, &todo]).map_err(io)?;
    }
    out.flush().map_err(|e| Error::io(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_read_as_a_table() {
        let cause = Error::DateImpossible { text: "2024-02-30".into() };
        let rejects = [Reject::new(7, Refusal::new("established", cause))];
        let mut out = Vec::new();
        write_rejects(&mut out, &rejects, Lang::En).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("line,field,reason,原因,todo\n7,established,"), "{text}");
        assert!(text.contains("日期应形如"));
    }
}
