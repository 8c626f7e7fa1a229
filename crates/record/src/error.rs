//! What can be wrong with a record.

use core::fmt;

use yinxin_gm::Digest;
use yinxin_merkle::wire::WireError;
use yinxin_verdict::{Explain, Explanation, Lang};

/// Why something is no record, or no move.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A business key has 1 to 64 bytes.
    BusinessKey {
        /// How many it has.
        found: usize,
    },
    /// Not the code of a class or formula: 1 to 64 of letters, digits and `-._~`.
    ClassCode {
        /// What came, cut at 64 characters.
        found: String,
    },
    /// Not a date such as 2026-11-22, in the years 1949 to 2999.
    Date {
        /// What came, cut at 32 characters.
        found: String,
    },
    /// Not a licence identifier in form.
    Identifier {
        /// What came, cut at 64 characters.
        found: String,
    },
    /// The table of states has no such row.
    Illegal {
        /// The state it is in.
        state: &'static str,
        /// What should happen to it.
        event: &'static str,
    },
    /// The way does not lead from the record to the log root.
    Inclusion {
        /// The root.
        root: Digest,
    },
    /// The bytes are not in the format.
    Malformed(WireError),
    /// Not a unified social credit code, or its check digit is wrong.
    OrganisationCode {
        /// What came, cut at 32 characters.
        found: String,
    },
    /// Not a resource code: its owner's credit code, `.`, and 1 to 64 of letters, digits and `-._~`.
    ResourceCode {
        /// What came, cut at 64 characters.
        found: String,
    },
    /// The signature is not by the key.
    Signature,
    /// The key could not sign.
    Signing,
    /// Not a subject of credit: a credit code, or a custodian's code, `:` and 64 hexadecimal digits.
    Subject {
        /// What came, cut at 96 characters.
        found: String,
    },
    /// A text is empty, too long, or holds control characters.
    Text {
        /// The most bytes it may have.
        max: usize,
        /// How many it has.
        found: usize,
    },
    /// Not a licence type code: 18 characters of its authority and three digits.
    TypeCode {
        /// What came, cut at 32 characters.
        found: String,
    },
}

impl From<WireError> for Error {
    fn from(error: WireError) -> Self {
        Self::Malformed(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explain(Lang::En).what)
    }
}

impl core::error::Error for Error {}

impl Explain for Error {
    fn explain(&self, lang: Lang) -> Explanation {
        let (what, todo) = match lang {
            Lang::En => (self.english(), "correct it and sign again"),
            Lang::Zh => (self.chinese(), "更正后重新签名"),
        };
        Explanation { what, todo: todo.to_owned() }
    }
}

impl Error {
    fn english(&self) -> String {
        match self {
            Self::BusinessKey { found } => {
                format!("expected a business key of 1 to 64 bytes, got {found}")
            }
            Self::ClassCode { found } => {
                format!("expected a class code of letters, digits and -._~, got {found:?}")
            }
            Self::Date { found } => format!("expected a date such as 2026-11-22, got {found:?}"),
            Self::Identifier { found } => format!("expected a licence identifier, got {found:?}"),
            Self::Illegal { state, event } => format!("{event} is not possible when {state}"),
            Self::Inclusion { root } => {
                format!("the record is not proven to be under the log root {root}")
            }
            Self::Malformed(error) => format!("cannot be read: {error}"),
            Self::OrganisationCode { found } => {
                format!("expected a unified social credit code, got {found:?}")
            }
            Self::ResourceCode { found } => {
                format!("expected a resource code, an owner's code and its own part, got {found:?}")
            }
            Self::Signature => "the record is not signed by this key".to_owned(),
            Self::Signing => "the key could not sign".to_owned(),
            Self::Subject { found } => {
                format!(
                    "expected a credit code, or a custodian's code, \":\" and a pseudonym, got {found:?}"
                )
            }
            Self::Text { max, found } => format!(
                "expected a text of 1 to {max} bytes without control characters, got {found} bytes"
            ),
            Self::TypeCode { found } => {
                format!("expected a licence type code of 21 characters, got {found:?}")
            }
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::BusinessKey { found } => format!("业务键应为 1 至 64 字节，实为 {found}"),
            Self::ClassCode { found } => format!("不是信用信息类目代码：{found:?}"),
            Self::Date { found } => format!("不是日期（如 2026-11-22）：{found:?}"),
            Self::Identifier { found } => format!("不是电子证照标识：{found:?}"),
            Self::Illegal { state, event } => format!("状态 {state} 下不能执行 {event}"),
            Self::Inclusion { root } => format!("未能证明该记录在日志根 {root} 之下"),
            Self::Malformed(error) => format!("无法解析：{error}"),
            Self::OrganisationCode { found } => format!("不是统一社会信用代码：{found:?}"),
            Self::ResourceCode { found } => format!("不是数据资源代码：{found:?}"),
            Self::Signature => "记录不是由该密钥签名".to_owned(),
            Self::Signing => "密钥无法签名".to_owned(),
            Self::Subject { found } => format!("不是信用主体：{found:?}"),
            Self::Text { max, found } => {
                format!("文本应为 1 至 {max} 字节且不含控制字符，实为 {found} 字节")
            }
            Self::TypeCode { found } => format!("不是 21 位证照类型代码：{found:?}"),
        }
    }
}
