//! What can be wrong with credit data.

mod chinese;

use core::fmt;

use chinese::chinese;
use yinxin_gm::Digest;
use yinxin_merkle::wire::WireError;
use yinxin_record::Date;
use yinxin_verdict::{Explain, Explanation, Lang};

/// Why something is no class, form, row, source, view, formula or asset number, or does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Working days cannot be counted.
    Calendar(yinxin_calendar::Error),
    /// A column that a row must have.
    ColumnMissing {
        /// The column.
        column: String,
        /// The columns there are.
        found: Vec<String>,
    },
    /// A column that no row can have.
    ColumnUnknown {
        /// The column.
        column: String,
        /// Those that there may be.
        known: Vec<String>,
    },
    /// A configuration file that does not fit.
    ConfigBad {
        /// Which file.
        what: &'static str,
        /// Where, from 1.
        line: usize,
        /// What does not fit.
        why: String,
    },
    /// What the ground of a view does not permit.
    Denied {
        /// Why not.
        why: &'static str,
    },
    /// A digest leads elsewhere.
    DigestMismatch {
        /// Of what.
        what: &'static str,
        /// The one that was announced.
        expected: Digest,
        /// The one that was found.
        found: Digest,
    },
    /// The input is not the one of which a part was imported already.
    InputChanged {
        /// The line on which it differs.
        line: u64,
    },
    /// Reading or writing failed.
    Io {
        /// What the operating system says.
        why: String,
    },
    /// Two places that must agree do not.
    Mismatch {
        /// Of what.
        what: &'static str,
        /// In one place.
        expected: String,
        /// In the other.
        found: String,
    },
    /// There is no such thing.
    NotFound {
        /// Of what kind.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A date that its place cannot have.
    OutOfTime {
        /// Of what.
        what: &'static str,
        /// The date.
        found: Date,
        /// The first day that it may have.
        from: Date,
        /// The last day that it may have.
        until: Date,
    },
    /// A state that an event does not fit.
    Record(yinxin_record::Error),
    /// A record of a batch breaks a rule.
    RecordRefused {
        /// Its place in the batch, from 0.
        place: u64,
        /// About whom; empty if that cannot be read.
        subject: String,
        /// Which rule.
        why: Box<Self>,
    },
    /// The source has this item already.
    Recorded {
        /// Its number.
        number: String,
    },
    /// What a store kept cannot be read.
    StoreDamaged {
        /// What.
        what: &'static str,
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
    /// What is trusted does not prove it.
    Unproven {
        /// What.
        what: String,
    },
    /// A value that its field cannot have.
    ValueBad {
        /// The field.
        field: String,
        /// The value.
        found: String,
        /// What is expected.
        expected: String,
    },
    /// Bytes that are not the one encoding of a format.
    Wire(WireError),
}

impl Error {
    /// A stable code of the cause, for files of rejects and for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Calendar(_) => "calendar",
            Self::ColumnMissing { .. } => "column-missing",
            Self::ColumnUnknown { .. } => "column-unknown",
            Self::ConfigBad { .. } => "config",
            Self::Denied { .. } => "denied",
            Self::DigestMismatch { .. } => "digest",
            Self::InputChanged { .. } => "input-changed",
            Self::Io { .. } => "io",
            Self::Mismatch { .. } => "mismatch",
            Self::NotFound { .. } => "not-found",
            Self::OutOfTime { .. } => "date",
            Self::Record(_) => "record",
            Self::RecordRefused { .. } => "record-refused",
            Self::Recorded { .. } => "recorded",
            Self::StoreDamaged { .. } => "store",
            Self::TooMany { .. } => "too-many",
            Self::Unproven { .. } => "unproven",
            Self::ValueBad { .. } => "value",
            Self::Wire(_) => "encoding",
        }
    }

    /// From an error of reading or writing.
    #[must_use]
    pub fn io(error: &std::io::Error) -> Self {
        Self::Io { why: error.to_string() }
    }

    /// A value that its field cannot have.
    pub(crate) fn value(field: &str, found: &str, expected: impl Into<String>) -> Self {
        // A hostile value is as long as a row may be: its beginning says enough. Messages go to files, and no file has a citizen number.
        let hidden = crate::form::has_identity_number(found);
        let found = if hidden { "…".to_owned() } else { found.chars().take(64).collect() };
        Self::ValueBad { field: field.to_owned(), found, expected: expected.into() }
    }

    /// The same with no citizen number in what it quotes.
    pub(crate) fn without_citizen_numbers(mut self) -> Self {
        use yinxin_record::Error as Record;
        let hide = |text: &mut String, hidden: bool| {
            if hidden || crate::form::has_identity_number(text) {
                "…".clone_into(text);
            }
        };
        match &mut self {
            Self::Mismatch { expected, found, .. } => {
                [expected, found].into_iter().for_each(|text| hide(text, false));
            }
            Self::NotFound { name: text, .. } | Self::Recorded { number: text } => {
                hide(text, false);
            }
            // A long one was cut off, perhaps within a number.
            Self::Record(
                Record::ClassCode { found: text }
                | Record::Date { found: text }
                | Record::OrganisationCode { found: text }
                | Record::Subject { found: text },
            ) => {
                let long = text.chars().nth(31).is_some();
                hide(text, long);
            }
            Self::ValueBad { field, found, expected } => {
                [field, found, expected].into_iter().for_each(|text| hide(text, false));
            }
            _ => {}
        }
        self
    }
}

impl From<WireError> for Error {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

impl From<yinxin_calendar::Error> for Error {
    fn from(error: yinxin_calendar::Error) -> Self {
        Self::Calendar(error)
    }
}

impl From<yinxin_record::Error> for Error {
    fn from(error: yinxin_record::Error) -> Self {
        Self::Record(error)
    }
}

impl Explain for Error {
    fn explain(&self, lang: Lang) -> Explanation {
        if let Self::Calendar(error) = self {
            return error.explain(lang);
        }
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

/// What to do when bytes are not what was sent.
const FETCH: (&str, &str) = ("fetch it again from its source", "请向来源重新获取");
/// What to do about a file that a person wrote.
const CORRECT: (&str, &str) = ("correct the file", "请更正文件");
const NONE: (&str, &str) = ("", "");

type Words = (String, String, (&'static str, &'static str));

fn words(error: &Error) -> Words {
    match error {
        Error::Calendar(error) => (error.to_string(), error.explain(Lang::Zh).what, NONE),
        Error::ColumnMissing { column, found } => (
            format!("no column {column:?}; there are {}", found.join(", ")),
            format!("没有“{column}”列；现有：{}", found.join("、")),
            CORRECT,
        ),
        Error::ColumnUnknown { column, known } => (
            format!("no form has a column {column:?}; known are {}", known.join(", ")),
            format!("格式中没有“{column}”列；可用的列：{}", known.join("、")),
            (
                "name it as the form does, or take it out: what it says would be lost",
                "请按格式命名该列，或将其删除：否则其内容会丢失",
            ),
        ),
        Error::ConfigBad { what, line, why } => {
            let zh = format!("{}，第 {line} 行：{}", chinese(what), chinese(why));
            (format!("{what}, line {line}: {why}"), zh, CORRECT)
        }
        Error::Denied { why } => (
            format!("the view is not permitted: {why}"),
            format!("不允许查询：{}", chinese(why)),
            (
                "ask the subject for an authorisation, or name the law",
                "请取得主体授权，或列明法律依据",
            ),
        ),
        Error::DigestMismatch { what, expected, found } => (
            format!("{what}: expected digest {expected}, got {found}"),
            format!("{}：摘要应为 {expected}，实为 {found}", chinese(what)),
            FETCH,
        ),
        Error::InputChanged { line } => (
            format!("the input differs from what was imported, at line {line}"),
            format!("输入文件与已导入部分不一致（第 {line} 行）"),
            (
                "give the file that the import began with: new rows go into a file of another name",
                "请使用开始导入时的文件；新的行请另存为其他文件名",
            ),
        ),
        Error::Io { why } => {
            (format!("reading or writing failed: {why}"), format!("读写失败：{why}"), NONE)
        }
        Error::Mismatch { what, expected, found } => (
            format!("{what}: expected {expected}, got {found}"),
            format!("{}：应为 {}，实为 {}", chinese(what), chinese(expected), chinese(found)),
            NONE,
        ),
        Error::NotFound { what, name } => {
            (format!("no {what} {name:?}"), format!("没有{}“{name}”", chinese(what)), NONE)
        }
        Error::OutOfTime { what, found, from, until } => (
            format!("{what}: {found} is not between {from} and {until}"),
            format!("{}：{found} 不在 {from} 至 {until} 之间", chinese(what)),
            CORRECT,
        ),
        Error::Record(error) => {
            let zh = error.explain(Lang::Zh).what;
            (error.to_string(), format!("记录不合规：{zh}"), NONE)
        }
        Error::RecordRefused { place, subject, why } => {
            let (en, zh, todo) = words(why);
            (
                format!("record {place} of the batch, of {subject:?}: {en}"),
                format!("批次中第 {place} 条记录（主体“{subject}”，自 0 起）：{zh}"),
                todo,
            )
        }
        Error::Recorded { number } => (
            format!("{number:?} is recorded already"),
            format!("“{number}”已记录"),
            ("correct the record there is, do not record it again", "请更正已有记录，不要重复记录"),
        ),
        Error::StoreDamaged { what } => (
            format!("what the store keeps of {what} cannot be read"),
            format!("存储中的{}无法读取", chinese(what)),
            ("restore it from a backup, or import again", "请从备份恢复，或重新导入"),
        ),
        Error::TooMany { what, max, found } => (
            format!("{what}: at most {max}, got {found}"),
            format!("{}：最多 {max}，实为 {found}", chinese(what)),
            ("split the input", "请拆分输入"),
        ),
        Error::Unproven { what } => (
            format!("{what}: not proven by what is trusted"),
            format!("{}：依据所信任的内容无法证明", chinese(what)),
            FETCH,
        ),
        Error::ValueBad { field, found, expected } => (
            format!("{field}: got {found:?}, expected {expected}"),
            format!("{}：“{found}”不合要求，应为{}", chinese(field), chinese(expected)),
            ("correct the value", "请更正该值"),
        ),
        Error::Wire(error) => {
            (error.to_string(), format!("编码不合规：{}", encoding(error)), FETCH)
        }
    }
}

/// What is wrong with an encoding; the ASN.1 types and fields keep their names.
fn encoding(error: &WireError) -> String {
    match error {
        WireError::Canonical(what) => format!("{what} 不是唯一规定的编码"),
        WireError::Form(what) => format!("{what} 不符合其 ASN.1 类型"),
        WireError::Length { what, min, max, found } => {
            format!("{what} 的长度应为 {min} 至 {max}，实为 {found}")
        }
        WireError::Order(what) => format!("{what} 的元素未按升序排列"),
        WireError::Trailing(what) => format!("{what} 之后有多余字节"),
        WireError::Value(what) => format!("{what} 的值不允许"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_speaks_both_languages() {
        let (s, d) = (String::new, Digest::ZERO);
        let date = Date::parse("2026-11-22").unwrap();
        for error in [
            Error::Calendar(yinxin_calendar::Error::CalendarMissing { year: 2031 }),
            Error::ColumnMissing { column: s(), found: vec![] },
            Error::ColumnUnknown { column: s(), known: vec![] },
            Error::ConfigBad { what: "class table", line: 1, why: s() },
            Error::Denied { why: "no grant" },
            Error::DigestMismatch { what: "content", expected: d, found: d },
            Error::InputChanged { line: 1 },
            Error::Io { why: s() },
            Error::Mismatch { what: "root", expected: s(), found: s() },
            Error::NotFound { what: "class", name: s() },
            Error::OutOfTime { what: "decided", found: date, from: date, until: date },
            Error::Record(yinxin_record::Error::Signature),
            Error::RecordRefused { place: 1, subject: s(), why: Box::new(Error::Io { why: s() }) },
            Error::Recorded { number: s() },
            Error::StoreDamaged { what: "page" },
            Error::TooMany { what: "rows", max: 1, found: 2 },
            Error::Unproven { what: s() },
            Error::ValueBad { field: s(), found: s(), expected: s() },
            Error::Wire(WireError::Form("x")),
        ] {
            let (en, zh) = (error.explain(Lang::En), error.explain(Lang::Zh));
            assert_eq!(error.to_string(), en.what);
            assert!(en.what.is_ascii() && en.todo.is_ascii() && !zh.what.is_ascii(), "{error:?}");
            assert_eq!(en.todo.is_empty(), zh.todo.is_empty(), "{error:?}");
            assert!(!error.code().is_empty());
        }
    }

    /// What people type wrong is told to them in one language: English stands in a Chinese message only as a code or as what they typed.
    #[test]
    fn a_chinese_message_has_no_english_words_but_codes() {
        use crate::{AssetNumber, CitizenNumber, ClassTable, Forms, Formula};
        use yinxin_record::AssetKind;
        let mut errors: Vec<Error> = Vec::new();
        for kind in [AssetKind::Invoice, AssetKind::Customs, AssetKind::Receivable] {
            for text in ["", "123", "Н1", "25992000000012345678", &"1".repeat(600)] {
                errors.extend(AssetNumber::new(kind, text).err());
            }
        }
        errors.extend(CitizenNumber::parse("1").err());
        let forms = Forms::standard().unwrap();
        errors.extend(forms.form("nothing").err());
        let form = forms.form("general").unwrap();
        let row = [
            ("MC", "某公司"),
            ("LB", "02"),
            ("SHXYM", "91350100M000100Y43"),
            ("BH", "1"),
            ("NR", "合格"),
            ("RQ", "2026-11-22"),
            ("JG", "某局"),
            ("JGDM", "11430000006122244L"),
        ];
        for (code, value) in [
            ("RQ", "soon"),
            ("SHXYM", "1"),
            ("LB", "99"),
            ("MC", "\u{1}"),
            ("JGDM", "x"),
            ("BH", ""),
            ("NR", "99010119900307004X"),
        ] {
            let of = |name: &str| {
                let (_, text) = row.iter().find(|(known, _)| *known == name)?;
                Some(if name == code { value } else { *text })
            };
            errors.push(form.fill(of, None).expect_err(code));
        }
        let classes = include_str!("../data/classes.toml");
        for (from, to) in [
            ("kind = \"basic\"", "kind = \"best\""),
            ("degree = \"serious\"", "degree = \"dire\""),
            ("version = 1", "version = 3"),
            ("group = 1", "group = 9"),
            ("measures = [\"focus-supervision\"", "measures = [\"fines\""),
        ] {
            let table = classes.replacen(from, to, 1);
            assert_ne!(table, classes, "{from}");
            errors.push(ClassTable::from_toml(&table).expect_err(from));
        }
        let formula = include_str!("../data/formula.toml");
        errors.push(
            Formula::from_toml(&formula.replacen("version = 1", "version = 0", 1)).unwrap_err(),
        );
        assert!(errors.len() > 20, "{}", errors.len());
        for error in errors {
            let Explanation { what, todo } = error.explain(Lang::Zh);
            assert!(!has_english_words(&what), "{what}");
            assert!(!has_english_words(&todo), "{todo}");
        }
    }

    /// Two lower-case words with a blank between them; a code is one word, or stands among signs.
    fn has_english_words(text: &str) -> bool {
        let words: Vec<&str> = text.split(' ').collect();
        let is_word = |w: &&str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase());
        words.windows(2).any(|pair| is_word(&pair[0]) && is_word(&pair[1]))
    }
}
