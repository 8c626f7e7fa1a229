//! What can be wrong with a genesis, a certificate, a change of validators or a checkpoint.

use core::fmt;

use yinxin_gm::Digest;
use yinxin_merkle::wire::WireError;
use yinxin_verdict::{Explain, Explanation, Lang};

/// Why something is not to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// It belongs to another ledger.
    Chain {
        /// The ledger it was checked against.
        expected: Digest,
        /// The ledger it names.
        found: Digest,
    },
    /// The certificate and the header it comes with speak of different blocks.
    CertificateOfOther {
        /// Height of the header.
        header: u64,
        /// Height of the certificate.
        certificate: u64,
    },
    /// Two trusted statements about the same height contradict each other: more than a third of the voters lied.
    Conflict {
        /// The height.
        height: u64,
    },
    /// Something that must be unique occurs twice.
    Duplicate {
        /// What it is.
        what: &'static str,
        /// Which one.
        value: String,
    },
    /// A set change that changes nothing.
    NoChange {
        /// The height.
        height: u64,
    },
    /// The bytes are not in the format.
    Malformed(WireError),
    /// An organisation's signature does not hold.
    OrganisationSignature {
        /// Which organisation.
        organisation: String,
    },
    /// No such organisation is known.
    OrganisationUnknown {
        /// Which one.
        organisation: String,
    },
    /// Too few organisations signed.
    OrganisationQuorum {
        /// How many did.
        found: usize,
        /// How many there are; more than two thirds must sign.
        total: usize,
    },
    /// Too little power signed.
    Quorum {
        /// The power that signed.
        found: u64,
        /// The whole; more than two thirds must sign.
        total: u64,
    },
    /// Not a validator set.
    Set(&'static str),
    /// A header names another validator set than the one that came with it.
    SetHash {
        /// The hash in the header.
        expected: Digest,
        /// The hash of the set.
        found: Digest,
    },
    /// Signers are not named in rising order, each once.
    SignerOrder,
    /// A signer's position is beyond the set.
    SignerUnknown {
        /// The position.
        index: u16,
        /// How many validators there are.
        validators: usize,
    },
    /// An organisation has not signed the genesis.
    Unsigned {
        /// Which one.
        organisation: String,
    },
    /// The trust at hand does not say who the validators of a height were.
    ValidatorsUnknown {
        /// The height.
        height: u64,
    },
    /// A validator's signature does not hold.
    VoteBad {
        /// Its position in the set.
        index: u16,
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
        let what = match lang {
            Lang::En => self.english(),
            Lang::Zh => self.chinese(),
        };
        Explanation { what, todo: self.todo(lang).to_owned() }
    }
}

impl Error {
    fn english(&self) -> String {
        match self {
            Self::Chain { expected, found } => format!("expected ledger {expected}, got {found}"),
            Self::CertificateOfOther { header, certificate } => format!(
                "the certificate (height {certificate}) is not of this header (height {header})"
            ),
            Self::Conflict { height } => {
                format!("two trusted statements about height {height} contradict each other")
            }
            Self::Duplicate { what, value } => format!("{what} {value} occurs twice"),
            Self::NoChange { height } => {
                format!("the validators do not change at height {height}")
            }
            Self::Malformed(error) => format!("cannot be read: {error}"),
            Self::OrganisationSignature { organisation } => {
                format!("the signature of organisation {organisation} does not hold")
            }
            Self::OrganisationUnknown { organisation } => {
                format!("organisation {organisation} is not known here")
            }
            Self::OrganisationQuorum { found, total } => {
                format!("expected more than 2/3 of {total} organisations to sign, got {found}")
            }
            Self::Quorum { found, total } => {
                format!("expected more than 2/3 of power {total} to sign, got {found}")
            }
            Self::Set(why) => format!("not a validator set: {why}"),
            Self::SetHash { expected, found } => {
                format!("expected validator set {expected}, got {found}")
            }
            Self::SignerOrder => "signers are not in rising order, each once".to_owned(),
            Self::SignerUnknown { index, validators } => {
                format!("signer {index} does not exist among {validators} validators")
            }
            Self::Unsigned { organisation } => {
                format!("organisation {organisation} has not signed the genesis")
            }
            Self::ValidatorsUnknown { height } => {
                format!("the validators of height {height} are not known here")
            }
            Self::VoteBad { index } => format!("the signature of validator {index} does not hold"),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Chain { expected, found } => format!("应为账本 {expected}，实为 {found}"),
            Self::CertificateOfOther { header, certificate } => {
                format!("提交证书（高度 {certificate}）与区块头（高度 {header}）不符")
            }
            Self::Conflict { height } => format!("关于高度 {height} 的两份可信声明互相矛盾"),
            Self::Duplicate { what, value } => format!("{what} {value} 重复出现"),
            Self::NoChange { height } => format!("高度 {height} 处验证者没有变化"),
            Self::Malformed(error) => format!("无法解析：{error}"),
            Self::OrganisationSignature { organisation } => {
                format!("机构 {organisation} 的签名错误")
            }
            Self::OrganisationUnknown { organisation } => format!("未知机构 {organisation}"),
            Self::OrganisationQuorum { found, total } => {
                format!("需要 {total} 个机构中超过三分之二签名，实有 {found} 个")
            }
            Self::Quorum { found, total } => {
                format!("需要总权重 {total} 的三分之二以上签名，实有 {found}")
            }
            Self::Set(why) => format!("验证者集合无效：{why}"),
            Self::SetHash { expected, found } => {
                format!("应为验证者集合 {expected}，实为 {found}")
            }
            Self::SignerOrder => "签名者未按升序排列或有重复".to_owned(),
            Self::SignerUnknown { index, validators } => {
                format!("{validators} 个验证者中没有第 {index} 号")
            }
            Self::Unsigned { organisation } => format!("机构 {organisation} 尚未签署创世文件"),
            Self::ValidatorsUnknown { height } => format!("不知道高度 {height} 的验证者"),
            Self::VoteBad { index } => format!("第 {index} 号验证者的签名错误"),
        }
    }

    fn todo(&self, lang: Lang) -> &'static str {
        match self {
            Self::Unsigned { .. } => lang.pick(
                "let that organisation check and sign it: yinxin ledger genesis sign",
                "请该机构核对并签署：yinxin ledger genesis sign",
            ),
            Self::ValidatorsUnknown { .. } => lang.pick(
                "refresh the trust folder (yinxin trust update) or re-base the receipt (yinxin ledger prove --refresh)",
                "更新信任目录（yinxin trust update），或更新回执（yinxin ledger prove --refresh）",
            ),
            Self::Conflict { .. } => lang.pick(
                "keep both files and call the ledger's administrators",
                "保留两份文件并联系账本管理员",
            ),
            Self::Malformed(_) => lang.pick(
                "fetch the file again from where it came",
                "请从来源处重新获取该文件",
            ),
            _ => "",
        }
    }
}
