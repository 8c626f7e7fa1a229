//! What can go wrong.

mod words;

use core::fmt;

use der::asn1::ObjectIdentifier;
use yinxin_verdict::{Explain, Explanation, Lang, Reason, UnixTime};

pub use words::{Counted, Kind, Rule};

use crate::tlv::TlvError;

/// What this crate refuses, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PkiError {
    /// Two places that must name the same algorithm do not.
    AlgorithmMismatch {
        /// In the signed part.
        signed: ObjectIdentifier,
        /// Beside the signature.
        outer: ObjectIdentifier,
    },
    /// Content under another cipher than was agreed on.
    CipherRefused,
    /// A critical extension cannot be read.
    CriticalExtension {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// Key and content do not fit each other; which step failed is not told.
    DecryptionFailed,
    /// Something of ours departs from the strict form.
    Deviates {
        /// How.
        how: String,
    },
    /// An extension stands twice.
    DuplicateExtension {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// Encryption failed: the random numbers are unfit.
    EncryptionFailed,
    /// A validity period that ends before it begins, or beyond its issuer's.
    ImpossiblePeriod {
        /// The first instant.
        not_before: UnixTime,
        /// The last.
        not_after: UnixTime,
    },
    /// More derivation rounds than are read: the file would stall its reader.
    IterationsOverLimit {
        /// The limit.
        limit: u64,
        /// The file's number.
        found: u64,
    },
    /// The key and the certificate do not belong together.
    KeyMismatch,
    /// Cannot be read.
    Malformed {
        /// What it was taken for.
        kind: Kind,
        /// Why not.
        cause: TlvError,
    },
    /// A value that the profile asks for is missing or impossible.
    NameInvalid {
        /// The value.
        value: String,
        /// What it should be.
        should: Rule,
    },
    /// A chain that must hold does not.
    NotAccepted {
        /// The gravest reason.
        reason: Reason,
    },
    /// No recipient is named, or not this one.
    NotAddressed,
    /// This certificate may not issue.
    NotAnIssuer,
    /// The file holds nothing of this kind.
    NotFound {
        /// What was looked for.
        kind: Kind,
    },
    /// The key file is encrypted, and no password was given.
    PasswordNeeded,
    /// A public key that is none: not on the curve, or with parameters of its own.
    PublicKeyInvalid,
    /// A signature does not verify.
    SignatureBad {
        /// Of what.
        kind: Kind,
    },
    /// Making a signature failed: the key or the random numbers are unfit.
    SigningFailed,
    /// More than is read.
    TooMany {
        /// Of what.
        what: Counted,
        /// The limit.
        limit: usize,
    },
    /// An algorithm that this build does not know.
    Unsupported {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// The password is wrong, or the key file is damaged: the two cannot be told apart.
    WrongPassword,
}

impl PkiError {
    pub(crate) fn malformed(kind: Kind) -> impl Fn(TlvError) -> Self {
        move |cause| Self::Malformed { kind, cause }
    }
}

impl fmt::Display for PkiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explain(Lang::En).what)
    }
}

impl std::error::Error for PkiError {}

impl Explain for PkiError {
    fn explain(&self, lang: Lang) -> Explanation {
        let (what, todo) = match self {
            Self::AlgorithmMismatch { signed, outer } => (
                lang_format(
                    lang,
                    format!("the signed part names algorithm {signed}, the signature {outer}"),
                    format!("签名部分的算法为 {signed}，签名值的算法为 {outer}"),
                ),
                lang.pick("ask its issuer for a correct one", "请向颁发者索取正确的文件"),
            ),
            Self::CipherRefused => (
                lang.pick(
                    "the content is under another cipher than was agreed on",
                    "内容所用加密方式与约定不符",
                )
                .to_owned(),
                lang.pick("ask for a message under the agreed cipher", "请要求对方按约定方式加密"),
            ),
            Self::CriticalExtension { oid } => (
                lang_format(
                    lang,
                    format!("critical extension {oid} cannot be read"),
                    format!("关键扩展 {oid} 无法解析"),
                ),
                lang.pick("ask its issuer for a correct one", "请向颁发者索取正确的文件"),
            ),
            Self::DecryptionFailed => (
                lang.pick("decryption failed", "解密失败").to_owned(),
                lang.pick(
                    "give the recipient's key, or fetch the message again",
                    "请使用接收者的密钥，或重新获取消息",
                ),
            ),
            Self::Deviates { how } => (
                lang_format(
                    lang,
                    format!("not in the strict form: {how}"),
                    format!("不符合严格形式：{how}"),
                ),
                lang.pick(
                    "have it issued anew by a conforming program",
                    "请用符合标准的程序重新签发",
                ),
            ),
            Self::DuplicateExtension { oid } => (
                lang_format(
                    lang,
                    format!("extension {oid} stands twice"),
                    format!("扩展 {oid} 重复出现"),
                ),
                lang.pick("ask its issuer for a correct one", "请向颁发者索取正确的文件"),
            ),
            Self::EncryptionFailed => (
                lang.pick("encryption failed", "加密失败").to_owned(),
                lang.pick("check the random number generator", "请检查随机数发生器"),
            ),
            Self::ImpossiblePeriod { not_before, not_after } => (
                lang_format(
                    lang,
                    format!("impossible period from {not_before} to {not_after}"),
                    format!("有效期不可能：{not_before} 至 {not_after}"),
                ),
                lang.pick(
                    "give an end after the beginning and within the issuer's own period",
                    "结束时间应晚于开始时间，且在颁发者证书有效期内",
                ),
            ),
            Self::IterationsOverLimit { limit, found } => (
                lang_format(
                    lang,
                    format!("{found} derivation rounds, at most {limit} are read"),
                    format!("派生轮数 {found} 超出上限 {limit}"),
                ),
                lang.pick("encrypt the key anew with fewer rounds", "请用较少的轮数重新加密密钥"),
            ),
            Self::KeyMismatch => (
                lang.pick("the key does not belong to the certificate", "密钥与证书不匹配")
                    .to_owned(),
                lang.pick(
                    "use the key that the certificate was issued for",
                    "请使用与证书对应的密钥",
                ),
            ),
            Self::Malformed { kind, cause } => (
                lang_format(
                    lang,
                    format!("not a readable {}: {cause}", kind.say(lang)),
                    format!("无法解析{}：{cause}", kind.say(lang)),
                ),
                lang.pick(
                    "check that the file is complete and of this kind",
                    "请检查文件是否完整、类型是否正确",
                ),
            ),
            Self::NameInvalid { value, should } => (
                lang_format(
                    lang,
                    format!("{value:?} is not {}", should.say(lang)),
                    format!("{value:?} 不是{}", should.say(lang)),
                ),
                lang.pick("correct the value", "请更正该值"),
            ),
            Self::NotAccepted { reason } => (
                lang_format(
                    lang,
                    format!("not accepted: {}", reason.say(lang)),
                    format!("不予接受：{}", reason.say(lang)),
                ),
                lang.pick("see the report for every check", "详见报告中的各项检查"),
            ),
            Self::NotAddressed => (
                lang.pick(
                    "the message is not addressed to this certificate",
                    "消息的接收者中没有该证书",
                )
                .to_owned(),
                lang.pick("give the certificate it is addressed to", "请提供消息所指的接收者证书"),
            ),
            Self::NotAnIssuer => (
                lang.pick("this certificate may not issue others", "该证书无权签发证书").to_owned(),
                lang.pick("use the certificate of a CA", "请使用 CA 证书"),
            ),
            Self::NotFound { kind } => (
                lang_format(
                    lang,
                    format!("no {} in the file", kind.say(lang)),
                    format!("文件中没有{}", kind.say(lang)),
                ),
                lang.pick("give the right file", "请提供正确的文件"),
            ),
            Self::PasswordNeeded => (
                lang.pick("the key file is encrypted", "密钥文件已加密").to_owned(),
                lang.pick("give its password", "请提供密码"),
            ),
            Self::PublicKeyInvalid => (
                lang.pick("not a usable public key", "公钥不可用").to_owned(),
                lang.pick("use a key on the named SM2 curve", "请使用 SM2 命名曲线上的公钥"),
            ),
            Self::SignatureBad { kind } => (
                lang_format(
                    lang,
                    format!("the signature of the {} is wrong", kind.say(lang)),
                    format!("{}签名错误", kind.say(lang)),
                ),
                lang.pick("ask whoever made it for the original", "请向制作者索取原件"),
            ),
            Self::SigningFailed => (
                lang.pick("no signature could be made", "签名失败").to_owned(),
                lang.pick(
                    "check the key and the random number generator",
                    "请检查密钥与随机数发生器",
                ),
            ),
            Self::TooMany { what, limit } => (
                lang_format(
                    lang,
                    format!("more than {limit} {}", what.say(lang)),
                    format!("{}超过 {limit} 个", what.say(lang)),
                ),
                lang.pick("split the input", "请拆分输入"),
            ),
            Self::Unsupported { oid } => (
                lang_format(
                    lang,
                    format!("algorithm {oid} is not known to this build"),
                    format!("本程序不支持算法 {oid}"),
                ),
                lang.pick(
                    "use a build with the feature that brings it, or another algorithm",
                    "请启用相应功能或改用其他算法",
                ),
            ),
            Self::WrongPassword => (
                lang.pick(
                    "wrong password, or the key file is damaged",
                    "密码错误，或密钥文件已损坏",
                )
                .to_owned(),
                lang.pick(
                    "give the right password, or a backup of the file",
                    "请提供正确的密码，或使用备份文件",
                ),
            ),
        };
        Explanation { what, todo: todo.to_owned() }
    }
}

fn lang_format(lang: Lang, en: String, zh: String) -> String {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_says_what_is_wrong_and_what_to_do_in_both_languages() {
        let (oid, at) = (crate::oid::SM3, UnixTime::EPOCH);
        for error in [
            PkiError::AlgorithmMismatch { signed: oid, outer: oid },
            PkiError::CipherRefused,
            PkiError::CriticalExtension { oid },
            PkiError::DecryptionFailed,
            PkiError::EncryptionFailed,
            PkiError::NotAddressed,
            PkiError::Deviates { how: "long length".into() },
            PkiError::DuplicateExtension { oid },
            PkiError::ImpossiblePeriod { not_before: at, not_after: at },
            PkiError::IterationsOverLimit { limit: 1, found: 2 },
            PkiError::KeyMismatch,
            PkiError::Malformed { kind: Kind::Crl, cause: TlvError::Truncated },
            PkiError::NameInvalid { value: "x".into(), should: Rule::Short },
            PkiError::NotAccepted { reason: Reason::CertExpired },
            PkiError::NotAnIssuer,
            PkiError::NotFound { kind: Kind::Certificate },
            PkiError::PasswordNeeded,
            PkiError::PublicKeyInvalid,
            PkiError::SignatureBad { kind: Kind::Csr },
            PkiError::SigningFailed,
            PkiError::TooMany { what: Counted::Signers, limit: 16 },
            PkiError::Unsupported { oid },
            PkiError::WrongPassword,
        ] {
            let (en, zh) = (error.explain(Lang::En), error.explain(Lang::Zh));
            assert_eq!(error.to_string(), en.what);
            assert!(en.what.is_ascii() && !en.todo.is_empty() && !zh.todo.is_ascii(), "{error:?}");
            assert!(!zh.what.is_ascii(), "{error:?}");
        }
    }
}
