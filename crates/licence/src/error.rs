//! What can be wrong with a licence, its type, its row or its batch.

use core::fmt;

use yinxin_verdict::{Explain, Explanation, Lang};

/// Why something is no licence, or cannot become one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// An amount that is no number, or has more than two decimals.
    AmountBad {
        /// What came.
        text: String,
    },
    /// A journal is damaged before its last entry.
    BatchDamaged {
        /// Where the damaged entry starts.
        offset: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A journal belongs to another batch.
    BatchForeign {
        /// The batch that was asked for.
        expected: String,
        /// The batch that the journal is of.
        found: String,
    },
    /// A step that a row's state does not allow.
    BatchOrder {
        /// The row.
        serial: String,
        /// Its state.
        state: &'static str,
        /// The step.
        step: &'static str,
    },
    /// A check character is wrong.
    CheckCharacter {
        /// Of what.
        what: &'static str,
        /// The whole code.
        text: String,
        /// The right character.
        expected: char,
        /// The character that came.
        found: char,
    },
    /// A word that is none of the choices.
    ChoiceUnknown {
        /// What came.
        found: String,
        /// The choices.
        known: Vec<String>,
    },
    /// A code of another length or alphabet.
    CodeShape {
        /// Which kind of code.
        what: &'static str,
        /// What came.
        text: String,
    },
    /// A mapped column that the file does not have.
    ColumnMissing {
        /// The column.
        column: String,
        /// The columns there are.
        found: Vec<String>,
    },
    /// A configuration file that does not fit.
    ConfigBad {
        /// Which file.
        what: &'static str,
        /// What does not fit, and where.
        why: String,
    },
    /// A row that is no row of the table.
    CsvShape {
        /// What is wrong.
        why: String,
    },
    /// No day of the calendar, or written in another form.
    DateImpossible {
        /// What came.
        text: String,
    },
    /// The last day lies before the first.
    DatesReversed {
        /// The first day.
        first: String,
        /// The last day.
        last: String,
    },
    /// A file that is not UTF-8.
    EncodingForeign {
        /// The line with the first foreign byte.
        line: u64,
        /// Whether it looks like GBK (GB 18030).
        gbk: bool,
    },
    /// The rows are in UTF-16, "Unicode text" in spreadsheets.
    EncodingUtf16,
    /// A value with a control character.
    FieldControl {
        /// The field's name.
        name: String,
    },
    /// A required value is missing.
    FieldMissing {
        /// The field's name.
        name: String,
    },
    /// A value is too long.
    FieldTooLong {
        /// The field's name.
        name: String,
        /// Its characters.
        chars: usize,
        /// The most it may have.
        max: usize,
    },
    /// A key that the licence type does not know.
    FieldUnknown {
        /// The key.
        key: String,
    },
    /// A file of rows without even a header.
    FileEmpty,
    /// A font file that cannot be used.
    FontBad {
        /// What is wrong.
        why: String,
    },
    /// Characters that the font has no glyphs for.
    GlyphsMissing {
        /// The characters.
        characters: String,
    },
    /// An identifier with a part out of its limits.
    IdentifierShape {
        /// Which part.
        part: &'static str,
        /// What came.
        found: String,
    },
    /// Reading or writing failed.
    Io {
        /// What the operating system says.
        why: String,
    },
    /// A value that does not have the shape asked for.
    MaskMismatch {
        /// The shape.
        mask: String,
        /// What came.
        found: String,
    },
    /// Metadata that cannot be read.
    MetadataBad {
        /// What is wrong.
        why: String,
    },
    /// The document carries no licence metadata.
    MetadataMissing,
    /// The OFD could not be made or read.
    Ofd {
        /// What is wrong.
        why: String,
    },
    /// A text does not fit its box on the page.
    PageOverflow {
        /// The field's key, or the text.
        what: String,
    },
    /// The printed code is not of the form of `specs/licence.md`.
    QrBad {
        /// What is wrong.
        why: &'static str,
    },
    /// A row that was edited after it was issued.
    RowChanged {
        /// The row's serial.
        serial: String,
        /// How far it is.
        stage: &'static str,
    },
    /// A serial that an earlier row of the file has.
    SerialRepeated {
        /// The serial.
        serial: String,
        /// The line of the earlier row.
        line: u64,
    },
    /// Sealing failed.
    StampFailed {
        /// What the sealer says.
        why: String,
    },
    /// A licence type that is not in the catalogue.
    TypeUnknown {
        /// What came.
        found: String,
        /// What is known.
        known: Vec<String>,
    },
    /// There is no version after 999.
    VersionsExhausted {
        /// The identifier of version 999.
        identifier: String,
    },
}

impl Error {
    /// From an error of reading or writing.
    #[must_use]
    pub fn io(error: &std::io::Error) -> Self {
        Self::Io { why: error.to_string() }
    }
}

impl Explain for Error {
    fn explain(&self, lang: Lang) -> Explanation {
        let (what, todo) = match lang {
            Lang::En => english(self),
            Lang::Zh => chinese(self),
        };
        Explanation { what, todo: todo.to_owned() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&english(self).0)
    }
}

impl std::error::Error for Error {}

fn english(error: &Error) -> (String, &'static str) {
    match error {
        Error::AmountBad { text } => (
            format!("expected an amount such as 500 or 1,234.50, got {text:?}"),
            "write digits, at most two decimals, and leave the unit out",
        ),
        Error::BatchDamaged { offset, why } => (
            format!("the batch journal is damaged at byte {offset}: {why}"),
            "restore the journal from a backup; do not delete it, or rows may be issued twice",
        ),
        Error::BatchForeign { expected, found } => (
            format!("the journal is of batch {found}, not of {expected}"),
            "give the file and type that the batch was started with, or another output folder",
        ),
        Error::BatchOrder { serial, state, step } => {
            (format!("row {serial} is {state} and cannot become {step}"), "")
        }
        Error::CheckCharacter { what, text, expected, found } => (
            format!("{what} {text}: the check character is {found}, expected {expected}"),
            "compare it with the original; one character or two neighbours are likely mistyped",
        ),
        Error::ChoiceUnknown { found, known } => {
            (format!("expected one of {}, got {found:?}", known.join(", ")), "")
        }
        Error::CodeShape { what, text } => (
            format!("{text:?} is no {what}: wrong length or characters"),
            "codes have 18 characters, digits and capitals",
        ),
        Error::ColumnMissing { column, found } => (
            format!("the file has no column {column:?}; it has {}", found.join(", ")),
            "correct the column's name in the mapping file",
        ),
        Error::ConfigBad { what, why } => (format!("{what}: {why}"), "correct the file"),
        Error::CsvShape { why } => (format!("not a row of the table: {why}"), ""),
        Error::DateImpossible { text } => (
            format!("expected a day such as 2026-11-22, got {text:?}"),
            "check the day, or add its form to `dates` in the mapping file",
        ),
        Error::DatesReversed { first, last } => {
            (format!("the last day {last} lies before the first day {first}"), "")
        }
        Error::EncodingForeign { line, gbk: true } => (
            format!("file is not UTF-8 (line {line}); looks like GBK"),
            "convert it: iconv -f GBK -t UTF-8 rows.csv > rows-utf8.csv",
        ),
        Error::EncodingForeign { line, gbk: false } => {
            (format!("file is not UTF-8 (line {line})"), "save it as UTF-8")
        }
        Error::EncodingUtf16 => (
            "file is UTF-16, expected UTF-8".to_owned(),
            "save it as \"CSV UTF-8\", or convert it: iconv -f UTF-16 -t UTF-8 rows.csv > rows-utf8.csv",
        ),
        Error::FieldControl { name } => {
            (format!("{name} holds a control character"), "remove line breaks and tabs")
        }
        Error::FieldMissing { name } => (format!("{name} is missing"), ""),
        Error::FieldTooLong { name, chars, max } => {
            (format!("{name} has {chars} characters, at most {max} are allowed"), "")
        }
        Error::FieldUnknown { key } => (
            format!("the licence type has no field {key:?}"),
            "correct the field's key in the mapping file",
        ),
        Error::FileEmpty => (
            "the file is empty: it has no header".to_owned(),
            "give a CSV whose first line names the columns",
        ),
        Error::FontBad { why } => (
            format!("the font cannot be used: {why}"),
            "give an OpenType font with Chinese glyphs, such as Debian's fonts-noto-cjk",
        ),
        Error::GlyphsMissing { characters } => (
            format!("the font has no glyphs for {characters}"),
            "give a font with wider coverage, or correct the characters",
        ),
        Error::IdentifierShape { part, found } => (
            format!("not a licence identifier: {part} {found:?}"),
            "expected 1.2.156.3005.2.<21>.<18 or 6>.<1 to 32>.<3 digits>.<check>",
        ),
        Error::Io { why } => (format!("reading or writing failed: {why}"), ""),
        Error::MaskMismatch { mask, found } => {
            (format!("expected the shape {mask}, got {found:?}"), "")
        }
        Error::MetadataBad { why } => (format!("licence metadata: {why}"), ""),
        Error::MetadataMissing => ("the document carries no licence metadata".to_owned(), ""),
        Error::Ofd { why } => (format!("OFD: {why}"), ""),
        Error::PageOverflow { what } => (
            format!("{what} does not fit its box on the page"),
            "shorten it, or enlarge the box in the type's layout",
        ),
        Error::QrBad { why } => (format!("not a licence's printed code: {why}"), ""),
        Error::RowChanged { serial, stage } => (
            format!("row {serial} is {stage} already, from other values"),
            "a licence that was issued is changed by a new version, not by editing its row",
        ),
        Error::SerialRepeated { serial, line } => {
            (format!("serial {serial} stands in line {line} already"), "")
        }
        Error::StampFailed { why } => (format!("sealing failed: {why}"), ""),
        Error::TypeUnknown { found, known } => (
            format!("unknown licence type {found:?}; known are {}", known.join(", ")),
            "publish the type first, or correct its code",
        ),
        Error::VersionsExhausted { identifier } => {
            (format!("{identifier} is the last version there can be"), "issue under a new serial")
        }
    }
}

fn chinese(error: &Error) -> (String, &'static str) {
    match error {
        Error::AmountBad { text } => (
            format!("金额应形如 500 或 1,234.50，实为“{text}”"),
            "请只填数字，最多两位小数，不带单位",
        ),
        Error::BatchDamaged { offset, why } => (
            format!("批次日志在第 {offset} 字节处损坏：{why}"),
            "请从备份恢复日志；不要删除，否则可能重复签发",
        ),
        Error::BatchForeign { expected, found } => (
            format!("日志属于批次 {found}，而非 {expected}"),
            "请使用启动该批次时的文件和类型，或另选输出目录",
        ),
        Error::BatchOrder { serial, state, step } => {
            (format!("行 {serial} 处于 {state} 状态，不能变为 {step}"), "")
        }
        Error::CheckCharacter { what, text, expected, found } => {
            let what = match *what {
                "citizen number" => "公民身份号码",
                "credit code" => "统一社会信用代码",
                _ => "电子证照标识",
            };
            (
                format!("{what} {text} 校验位错误：应为 {expected}，实为 {found}"),
                "请与原件核对，可能有一位输错或相邻两位颠倒",
            )
        }
        Error::ChoiceUnknown { found, known } => {
            (format!("应为 {} 之一，实为“{found}”", known.join("、")), "")
        }
        Error::CodeShape { what, text } => {
            let what = match *what {
                "citizen number" => "公民身份号码",
                _ => "统一社会信用代码",
            };
            (format!("“{text}”不是{what}：长度或字符不符"), "应为 18 位数字和大写字母")
        }
        Error::ColumnMissing { column, found } => (
            format!("文件中没有“{column}”列；已有列：{}", found.join("、")),
            "请更正映射文件中的列名",
        ),
        Error::ConfigBad { what, why } => (format!("{what}：{why}"), "请更正该文件"),
        Error::CsvShape { why } => (format!("不是有效的数据行：{why}"), ""),
        Error::DateImpossible { text } => (
            format!("日期应形如 2026-11-22，实为“{text}”"),
            "请核对日期，或在映射文件的 dates 中加入该格式",
        ),
        Error::DatesReversed { first, last } => {
            (format!("有效期止 {last} 早于有效期起 {first}"), "")
        }
        Error::EncodingForeign { line, gbk: true } => (
            format!("文件不是 UTF-8 编码（第 {line} 行），疑似 GBK"),
            "请转换：iconv -f GBK -t UTF-8 rows.csv > rows-utf8.csv",
        ),
        Error::EncodingForeign { line, gbk: false } => {
            (format!("文件不是 UTF-8 编码（第 {line} 行）"), "请另存为 UTF-8")
        }
        Error::EncodingUtf16 => (
            "文件编码为 UTF-16，应为 UTF-8".to_owned(),
            "请另存为“CSV UTF-8”，或转换：iconv -f UTF-16 -t UTF-8 rows.csv > rows-utf8.csv",
        ),
        Error::FieldControl { name } => (format!("{name}含有控制字符"), "请删除换行和制表符"),
        Error::FieldMissing { name } => (format!("缺少{name}"), ""),
        Error::FieldTooLong { name, chars, max } => {
            (format!("{name}有 {chars} 个字符，最多 {max} 个"), "")
        }
        Error::FieldUnknown { key } => {
            (format!("证照类型中没有字段“{key}”"), "请更正映射文件中的字段名")
        }
        Error::FileEmpty => ("文件为空，没有表头".to_owned(), "请提供首行为列名的 CSV 文件"),
        Error::FontBad { why } => (
            format!("字体无法使用：{why}"),
            "请提供含汉字的 OpenType 字体，如 Debian 的 fonts-noto-cjk",
        ),
        Error::GlyphsMissing { characters } => {
            (format!("字体中没有这些字符：{characters}"), "请换用字符更全的字体，或更正字符")
        }
        Error::IdentifierShape { part, found } => (
            format!("不是电子证照标识：{part}“{found}”"),
            "应为 1.2.156.3005.2.类型代码.颁发机构代码.流水号.版本号.校验位",
        ),
        Error::Io { why } => (format!("读写失败：{why}"), ""),
        Error::MaskMismatch { mask, found } => (format!("格式应为 {mask}，实为“{found}”"), ""),
        Error::MetadataBad { why } => (format!("证照元数据：{why}"), ""),
        Error::MetadataMissing => ("文件不含证照元数据".to_owned(), ""),
        Error::Ofd { why } => (format!("OFD：{why}"), ""),
        Error::PageOverflow { what } => {
            (format!("“{what}”超出版面框"), "请缩短内容，或在类型版式中放大该框")
        }
        Error::QrBad { why } => (format!("不是证照二维码：{why}"), ""),
        Error::RowChanged { serial, stage } => (
            format!("行 {serial} 已按原内容处理（{stage}），内容却已改动"),
            "已签发的证照应以新版本变更，而不是修改数据行",
        ),
        Error::SerialRepeated { serial, line } => {
            (format!("流水号 {serial} 与第 {line} 行重复"), "")
        }
        Error::StampFailed { why } => (format!("签章失败：{why}"), ""),
        Error::TypeUnknown { found, known } => (
            format!("未知证照类型“{found}”；已知：{}", known.join("、")),
            "请先发布该类型，或更正类型代码",
        ),
        Error::VersionsExhausted { identifier } => {
            (format!("{identifier} 已是最后一个版本"), "请使用新的流水号")
        }
    }
}

/// One value that does not fit, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The field's key; empty when the whole row is meant.
    pub field: String,
    /// Why.
    pub cause: Error,
}

impl Refusal {
    /// A refusal of a field.
    #[must_use]
    pub fn new(field: impl Into<String>, cause: Error) -> Self {
        Self { field: field.into(), cause }
    }
}

impl From<Error> for Refusal {
    fn from(cause: Error) -> Self {
        Self::new("", cause)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            return self.cause.fmt(f);
        }
        write!(f, "{}: {}", self.field, self.cause)
    }
}

impl std::error::Error for Refusal {}
