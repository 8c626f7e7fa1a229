//! What can be wrong with calendars and terms.

use core::fmt;

use yinxin_verdict::{Explain, Explanation, Lang};

/// Why something is no calendar or table of terms, or does not say what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No days are known of this year.
    CalendarMissing {
        /// The year.
        year: i16,
    },
    /// A configuration file that does not fit.
    ConfigBad {
        /// Which file.
        what: &'static str,
        /// What does not fit.
        why: String,
    },
    /// There is no such thing.
    NotFound {
        /// Of what kind.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// More than is read.
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most.
        max: u64,
        /// What there is.
        found: u64,
    },
    /// A value that its place cannot have.
    ValueBad {
        /// Of what.
        what: &'static str,
        /// The value.
        found: String,
    },
}

impl Explain for Error {
    fn explain(&self, lang: Lang) -> Explanation {
        let (en, zh, todo) = words(self);
        let what = match lang {
            Lang::En => en,
            Lang::Zh => zh,
        };
        Explanation { what, todo: lang.pick(todo.0, todo.1).to_owned() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(self).0)
    }
}

impl std::error::Error for Error {}

/// What to do about a file that a person wrote.
const CORRECT: (&str, &str) = ("correct the file", "请更正文件");
const NONE: (&str, &str) = ("", "");

fn words(error: &Error) -> (String, String, (&'static str, &'static str)) {
    match error {
        Error::CalendarMissing { year } => (
            format!("the calendar has no year {year}"),
            format!("工作日历缺少 {year} 年"),
            ("load the year's holidays", "请载入该年度放假安排"),
        ),
        Error::ConfigBad { what, why } => {
            (format!("{what}: {why}"), format!("{what}：{why}"), CORRECT)
        }
        Error::NotFound { what, name } => {
            (format!("no {what} {name:?}"), format!("没有 {what}“{name}”"), NONE)
        }
        Error::TooMany { what, max, found } => (
            format!("{what}: at most {max}, got {found}"),
            format!("{what}：最多 {max}，实为 {found}"),
            ("split the input", "请拆分输入"),
        ),
        Error::ValueBad { what, found } => {
            (format!("{what}: got {found:?}"), format!("{what}：“{found}”不合要求"), CORRECT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_speaks_both_languages() {
        for error in [
            Error::CalendarMissing { year: 2031 },
            Error::ConfigBad { what: "calendar", why: String::new() },
            Error::NotFound { what: "term", name: String::new() },
            Error::TooMany { what: "days of a term", max: 1, found: 2 },
            Error::ValueBad { what: "pauses in order", found: String::new() },
        ] {
            let (en, zh) = (error.explain(Lang::En), error.explain(Lang::Zh));
            assert_eq!(error.to_string(), en.what);
            assert!(en.what.is_ascii() && en.todo.is_ascii() && !zh.what.is_ascii(), "{error:?}");
            assert_eq!(en.todo.is_empty(), zh.todo.is_empty(), "{error:?}");
        }
    }
}
