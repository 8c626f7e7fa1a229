//! What can go wrong when reading, making, drawing and stamping.

use core::fmt;

use yinxin_ofd::OfdError;
use yinxin_verdict::{Explain, Explanation, Lang};

/// Why a seal or signature could not be read, made or stamped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealError {
    /// A draft's field does not fit the standard or these limits.
    Draft {
        /// The field's name.
        field: &'static str,
        /// What the field has to be.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// The font file cannot be read.
    Font,
    /// The font has no glyph for a character of the seal's text.
    Glyph {
        /// The character.
        character: char,
    },
    /// The bytes are not what the standard's structure says.
    Malformed {
        /// Where, in the standard's names.
        at: &'static str,
        /// What came instead.
        found: String,
    },
    /// More than the limits allow.
    OverLimit {
        /// What there is too much of.
        what: &'static str,
        /// How much came.
        got: usize,
        /// How much is allowed.
        limit: usize,
    },
    /// The package cannot be read or written.
    Package(Box<OfdError>),
    /// The signer's certificate holds another key than the one given.
    SignerKey,
    /// The signer is not in the seal's list, so no one would accept the stamp.
    SignerNotInSeal,
    /// Signing failed; secret-dependent, so no more is said.
    Signing,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explain(Lang::En).what)
    }
}

impl std::error::Error for SealError {}

impl Explain for SealError {
    fn explain(&self, lang: Lang) -> Explanation {
        let (what, todo) = match self {
            Self::Draft { field, expected, found } => (
                lang.pick("the seal's", "印章的").to_owned()
                    + &format!(" {field}: ")
                    + lang.pick("expected", "应为")
                    + &format!(" {expected}; ")
                    + lang.pick("found", "实为")
                    + &format!(" {found}"),
                lang.pick("correct the field", "请更正该项"),
            ),
            Self::Font => (
                lang.pick("the font file cannot be read", "字体文件无法读取").to_owned(),
                lang.pick(
                    "give a TrueType or OpenType file, such as Noto Serif CJK",
                    "请提供 TrueType 或 OpenType 字体，如 Noto Serif CJK",
                ),
            ),
            Self::Glyph { character } => (
                lang.pick("the font has no glyph for", "字体中没有该字").to_owned()
                    + &format!(" “{character}” (U+{:04X})", u32::from(*character)),
                lang.pick("use a font that has it", "请换用含有该字的字体"),
            ),
            Self::Malformed { at, found } => (
                lang.pick("expected", "应为").to_owned()
                    + &format!(" {at}; ")
                    + lang.pick("found", "实为")
                    + &format!(" {found}"),
                lang.pick("obtain the file again from where it came", "请向提供方重新获取该文件"),
            ),
            Self::OverLimit { what, got, limit } => (
                format!("{what}: {got} > {limit}"),
                lang.pick("this exceeds what a real seal needs", "超出真实印章所需"),
            ),
            Self::Package(error) => return error.explain(lang),
            Self::SignerKey => (
                lang.pick(
                    "the private key does not belong to the signer's certificate",
                    "私钥与签章人证书不匹配",
                )
                .to_owned(),
                lang.pick("give the key of this certificate", "请提供该证书对应的私钥"),
            ),
            Self::SignerNotInSeal => (
                lang.pick(
                    "the signer's certificate is not in the seal's list",
                    "签章人证书不在印章的证书列表中",
                )
                .to_owned(),
                lang.pick(
                    "have the seal re-made with the renewed certificate",
                    "证书更新后须重新制章",
                ),
            ),
            Self::Signing => (
                lang.pick("signing failed", "签名失败").to_owned(),
                lang.pick("check the key", "请检查密钥"),
            ),
        };
        Explanation { what, todo: todo.to_owned() }
    }
}
