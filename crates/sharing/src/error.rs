//! What can be wrong with what departments share.

use core::fmt;

use yinxin_gm::Digest;
use yinxin_merkle::wire::WireError;
use yinxin_verdict::{Explain, Explanation, Lang, UnixTime};

/// Why something is no catalogue, envelope, view, rule or journal, or cannot become one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The class "never" needs a law, regulation or decision to stand on.
    BasisMissing {
        /// The resource.
        code: String,
    },
    /// A chunk of an envelope does not open: another key, place or content.
    ChunkBad {
        /// Which one, from 0.
        chunk: u64,
    },
    /// The own clock is further ahead than the ledger's newest block and the time since allow.
    ClockWrong {
        /// The newest block's time.
        ledger: UnixTime,
        /// What the clock says.
        found: UnixTime,
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
        /// What does not fit.
        why: String,
    },
    /// A masked form that does not come from its value.
    DerivationWrong {
        /// The field.
        field: String,
        /// What the rule makes of the value.
        expected: String,
        /// What is shown.
        found: String,
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
    /// A file that is not UTF-8.
    EncodingForeign {
        /// The line with the first foreign byte.
        line: u64,
    },
    /// A form that the schema does not have.
    FormUnknown {
        /// The field.
        field: String,
        /// The form.
        form: String,
    },
    /// Reading or writing failed.
    Io {
        /// What the operating system says.
        why: String,
    },
    /// A journal is damaged before its last entry.
    JournalDamaged {
        /// Where the damaged entry starts.
        offset: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Too few share what identifies them.
    KAnonymity {
        /// The least that may share it.
        k: u32,
        /// How many do.
        found: u32,
    },
    /// The key does not fit: which step failed is not told.
    KeyWrong,
    /// Two places that must agree do not.
    Mismatch {
        /// Of what.
        what: &'static str,
        /// In one place.
        expected: String,
        /// In the other.
        found: String,
    },
    /// The envelope is not addressed to this certificate.
    NotAddressed {
        /// SM3 of the certificate.
        certificate: Digest,
    },
    /// By the ledger, this organisation is not the server of the resource, or may not serve now, or has another key.
    NotServer {
        /// The resource.
        resource: String,
        /// Who would serve it.
        server: String,
    },
    /// There is no such thing.
    NotFound {
        /// Of what kind.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A proof does not lead to its root.
    ProofWrong {
        /// Of what.
        what: &'static str,
    },
    /// A signature does not verify.
    SignatureBad {
        /// Of what.
        what: &'static str,
    },
    /// Signing or encrypting failed: key or random numbers are unfit.
    SigningFailed,
    /// More than is read.
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most.
        max: u64,
        /// What there is.
        found: u64,
    },
    /// Bytes follow the end.
    Trailing {
        /// Of what.
        what: &'static str,
    },
    /// The end comes too early.
    Truncated {
        /// Of what.
        what: &'static str,
    },
    /// A value that its place cannot have.
    ValueBad {
        /// Of what.
        what: &'static str,
        /// The value.
        found: String,
    },
    /// A version that does not follow the last one.
    VersionOrder {
        /// The resource.
        code: String,
        /// The next there can be.
        expected: u32,
        /// The one that came.
        found: u32,
    },
    /// Bytes that are not the one encoding of a format.
    Wire(WireError),
}

impl Error {
    /// From an error of reading or writing; one of ours that went through `std::io` comes back as itself.
    #[must_use]
    pub fn io(error: &std::io::Error) -> Self {
        let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        own.cloned().unwrap_or_else(|| Self::Io { why: error.to_string() })
    }
}

impl From<WireError> for Error {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        Self::new(std::io::ErrorKind::InvalidData, error)
    }
}

impl Explain for Error {
    fn explain(&self, lang: Lang) -> Explanation {
        let (en, zh, todo) = words(self);
        Explanation {
            what: match lang {
                Lang::En => en,
                Lang::Zh => zh,
            },
            todo: lang.pick(todo.0, todo.1).to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(self).0)
    }
}

impl std::error::Error for Error {}

/// What to do when bytes are not what was sent.
const FETCH: (&str, &str) = ("fetch it again from its owner", "请向提供方重新获取");
/// What to do about a file that a person wrote.
const CORRECT: (&str, &str) = ("correct the file", "请更正文件");
const NONE: (&str, &str) = ("", "");

type Words = (String, String, (&'static str, &'static str));

fn words(error: &Error) -> Words {
    match error {
        Error::BasisMissing { code } => (
            format!("resource {code} is never shared, yet no basis is named"),
            format!("资源 {code} 为不予共享，但未列明依据"),
            ("name the law, regulation or decision", "请填写法律、法规或国务院决定依据"),
        ),
        Error::ChunkBad { chunk } => (
            format!("chunk {chunk} does not open: another key, place or content"),
            format!("第 {chunk} 块无法解开：密钥、位置或内容不符"),
            FETCH,
        ),
        Error::ClockWrong { ledger, found } => (
            format!("the clock says {found}, but the ledger's newest block is of {ledger}"),
            format!("本机时钟为 {found}，而账本最新区块的时间为 {ledger}"),
            ("set the clock, or see why the ledger stands still", "请校准时钟，或检查账本为何停滞"),
        ),
        Error::ColumnMissing { column, found } => (
            format!("the file has no column {column:?}; it has {}", found.join(", ")),
            format!("文件中没有“{column}”列；现有：{}", found.join("、")),
            ("correct the column's name in the mapping file", "请更正列映射文件"),
        ),
        Error::ConfigBad { what, why } => {
            (format!("{what}: {why}"), format!("{what}：{why}"), CORRECT)
        }
        Error::DerivationWrong { field, expected, found } => (
            format!("{field}: the rule makes {expected:?}, the owner signed {found:?}"),
            format!("{field}：按规则应为“{expected}”，提供方签署的是“{found}”"),
            ("ask the owner to publish the data set again", "请要求提供方重新发布数据集"),
        ),
        Error::DigestMismatch { what, expected, found } => (
            format!("{what}: expected digest {expected}, got {found}"),
            format!("{what}：摘要应为 {expected}，实为 {found}"),
            FETCH,
        ),
        Error::EncodingForeign { line } => (
            format!("file is not UTF-8 (line {line})"),
            format!("文件不是 UTF-8 编码（第 {line} 行）"),
            ("save it as UTF-8", "请另存为 UTF-8 编码"),
        ),
        Error::FormUnknown { field, form } => (
            format!("field {field:?} was not published in the form {form:?}"),
            format!("字段“{field}”未以“{form}”形式发布"),
            ("ask for a form of the schema", "请选择目录中已有的形式"),
        ),
        Error::Io { why } => {
            (format!("reading or writing failed: {why}"), format!("读写失败：{why}"), NONE)
        }
        Error::JournalDamaged { offset, why } => (
            format!("the access journal is damaged at byte {offset}: {why}"),
            format!("访问日志在第 {offset} 字节处损坏：{why}"),
            (
                "restore it from a backup; do not delete it, accesses stand in it",
                "请从备份恢复；不要删除，其中有访问记录",
            ),
        ),
        Error::KAnonymity { k, found } => (
            format!("only {found} rows share what identifies them, at least {k} must"),
            format!("仅有 {found} 行的准标识相同，至少应为 {k} 行"),
            ("generalise further, or leave rows out", "请进一步泛化，或删去部分行"),
        ),
        Error::KeyWrong => (
            "the key does not open it".to_owned(),
            "该密钥无法解开".to_owned(),
            ("give the key of the recipient's certificate", "请使用接收者证书对应的密钥"),
        ),
        Error::Mismatch { what, expected, found } => (
            format!("{what}: expected {expected}, got {found}"),
            format!("{what}：应为 {expected}，实为 {found}"),
            NONE,
        ),
        Error::NotAddressed { certificate } => (
            format!("the envelope is not addressed to certificate {certificate}"),
            format!("信封的接收者中没有证书 {certificate}"),
            ("ask the owner to add it", "请提供方添加该接收者"),
        ),
        Error::NotServer { resource, server } => (
            format!("{server} does not serve {resource} now, is suspended, or has another key"),
            format!("{server} 现非 {resource} 的服务方，或已被暂停，或密钥已更换"),
            (
                "serve with the organisation's present key, once its owner has named it",
                "请由提供方列为服务方，并使用机构现用密钥",
            ),
        ),
        Error::NotFound { what, name } => {
            (format!("no {what} {name:?}"), format!("没有 {what}“{name}”"), NONE)
        }
        Error::ProofWrong { what } => (
            format!("{what}: the proof does not lead to the root"),
            format!("{what}：证明与根不符"),
            FETCH,
        ),
        Error::SignatureBad { what } => (
            format!("{what}: the signature does not verify"),
            format!("{what}：签名验证失败"),
            FETCH,
        ),
        Error::SigningFailed => (
            "signing or encrypting failed".to_owned(),
            "签名或加密失败".to_owned(),
            ("check the key and the random number generator", "请检查密钥与随机数发生器"),
        ),
        Error::TooMany { what, max, found } => (
            format!("{what}: at most {max}, got {found}"),
            format!("{what}：最多 {max}，实为 {found}"),
            ("split the input", "请拆分输入"),
        ),
        Error::Trailing { what } => {
            (format!("{what}: other bytes follow"), format!("{what}：末尾有多余内容"), FETCH)
        }
        Error::Truncated { what } => {
            (format!("{what}: cut short"), format!("{what}：内容不完整"), FETCH)
        }
        Error::ValueBad { what, found } => {
            (format!("{what}: got {found:?}"), format!("{what}：“{found}”不合要求"), CORRECT)
        }
        Error::VersionOrder { code, expected, found } => (
            format!("resource {code}: the next version is {expected}, not {found}"),
            format!("资源 {code}：下一版本应为 {expected}，而非 {found}"),
            NONE,
        ),
        Error::Wire(error) => (error.to_string(), format!("编码不合规：{error}"), FETCH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_speaks_both_languages() {
        let (s, d) = (String::new, Digest::ZERO);
        for error in [
            Error::BasisMissing { code: s() },
            Error::ChunkBad { chunk: 1 },
            Error::ClockWrong { ledger: UnixTime::EPOCH, found: UnixTime::EPOCH },
            Error::ColumnMissing { column: s(), found: vec![] },
            Error::ConfigBad { what: "rules", why: s() },
            Error::DerivationWrong { field: s(), expected: s(), found: s() },
            Error::DigestMismatch { what: "body", expected: d, found: d },
            Error::EncodingForeign { line: 2 },
            Error::FormUnknown { field: s(), form: s() },
            Error::Io { why: s() },
            Error::JournalDamaged { offset: 1, why: "x" },
            Error::KAnonymity { k: 5, found: 1 },
            Error::KeyWrong,
            Error::Mismatch { what: "rows", expected: s(), found: s() },
            Error::NotAddressed { certificate: d },
            Error::NotServer { resource: s(), server: s() },
            Error::NotFound { what: "grant", name: s() },
            Error::ProofWrong { what: "line" },
            Error::SignatureBad { what: "view" },
            Error::SigningFailed,
            Error::TooMany { what: "rows", max: 1, found: 2 },
            Error::Trailing { what: "body" },
            Error::Truncated { what: "body" },
            Error::ValueBad { what: "class", found: s() },
            Error::VersionOrder { code: s(), expected: 2, found: 4 },
            Error::Wire(WireError::Form("x")),
        ] {
            let (en, zh) = (error.explain(Lang::En), error.explain(Lang::Zh));
            assert_eq!(error.to_string(), en.what);
            assert!(en.what.is_ascii() && en.todo.is_ascii() && !zh.what.is_ascii(), "{error:?}");
            assert_eq!(en.todo.is_empty(), zh.todo.is_empty(), "{error:?}");
            assert_eq!(Error::io(&error.clone().into()), error, "survives std::io");
        }
    }
}
