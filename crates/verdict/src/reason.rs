//! Why a check did not hold.

use crate::{Lang, Verdict};

macro_rules! reasons {
    ($($variant:ident $code:literal $gravity:ident $en:literal $zh:literal)*) => {
        /// Why a check did not hold; its code is stable and part of the report's schema.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason { $(#[doc = $en] $variant,)* }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The reason with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|r| r.code() == code)
            }

            /// How grave it is unless a policy says otherwise. `Valid` marks what is reported and harmless: a deviation.
            #[must_use]
            pub const fn gravity(self) -> Verdict {
                match self { $(Self::$variant => Verdict::$gravity,)* }
            }

            /// The reason in words.
            #[must_use]
            pub const fn say(self, lang: Lang) -> &'static str {
                match lang {
                    Lang::En => match self { $(Self::$variant => $en,)* },
                    Lang::Zh => match self { $(Self::$variant => $zh,)* },
                }
            }
        }
    };
}

// Sorted by code, one line each. Where a new check is written, its reasons are added here.
reasons! {
    AlgorithmUnknown      "ALGORITHM_UNKNOWN"       Indeterminate "an algorithm that this build does not know"                   "未知算法"
    AlgorithmWeak         "ALGORITHM_WEAK"          Invalid       "an algorithm that is no longer safe (MD5, SHA-1)"             "使用了不安全的算法（MD5、SHA-1）"
    CertAbsent            "CERT_ABSENT"             Valid         "the signer's certificate is not in the package"                "证据包中没有签名者的证书"
    CertExpired           "CERT_EXPIRED"            Invalid       "the certificate had expired at that time"                     "证书在该时刻已过期"
    CertMalformed         "CERT_MALFORMED"          Invalid       "the certificate cannot be read"                               "证书无法解析"
    CertNotYetValid       "CERT_NOT_YET_VALID"      Invalid       "the certificate was not yet valid at that time"               "证书在该时刻尚未生效"
    CertPurposeOther      "CERT_PURPOSE_OTHER"      Indeterminate "the certificate is set apart for another purpose"               "证书专用于其他用途"
    CertRevoked           "CERT_REVOKED"            Invalid       "the certificate was revoked before that time"                 "证书在该时刻之前已被吊销"
    CertSignatureBad      "CERT_SIGNATURE_BAD"      Invalid       "the certificate is not signed by the issuer it names"         "证书签名错误"
    CertUsageWrong        "CERT_USAGE_WRONG"        Invalid       "the certificate may not be used for this"                     "证书用途不符"
    ChainConstraint       "CHAIN_CONSTRAINT"        Invalid       "a certificate in the chain may not issue the one below it"    "证书链中的上级证书无权签发下级证书"
    ChainTooCostly        "CHAIN_TOO_COSTLY"        Indeterminate "building the chain took more steps than allowed"              "构造证书链超出步数限制"
    CrlStale              "CRL_STALE"               Valid         "the revocation list is older than its next update"            "吊销列表已过更新时间"
    CrlUnusable           "CRL_UNUSABLE"            Valid         "a revocation list could not be used"                          "吊销列表无法使用"
    Deviation             "DEVIATION"               Valid         "differs from the standard's form, harmlessly"                 "与标准形式有无害的偏差"
    ContentAbsent         "CONTENT_ABSENT"          Indeterminate "the signed content is not at hand"                              "未提供被签名的内容"
    DigestMismatch        "DIGEST_MISMATCH"         Invalid       "the content is not what was signed"                           "内容与签名时不一致"
    DigestMissing         "DIGEST_MISSING"          Invalid       "a signed file is missing"                                     "被签名的文件缺失"
    DocumentMismatch      "DOCUMENT_MISMATCH"       Invalid       "the receipt speaks of another document"                       "回执对应另一文件"
    DuplicateName         "DUPLICATE_NAME"          Invalid       "two entries of the package share a name"                      "文件包中有重名条目"
    EvidenceUnsigned      "EVIDENCE_UNSIGNED"       Valid         "nobody signed the package: nothing tells whether something was taken out of it" "证据包未经签名：无从得知是否有内容被移除"
    ExtensionUnknown      "EXTENSION_UNKNOWN"       Invalid       "a critical extension that this build does not know"           "未知的关键扩展"
    FileUnlisted          "FILE_UNLISTED"           Invalid       "a file is in the package that its list does not name"         "证据包中有清单未列的文件"
    IdentifierBad         "IDENTIFIER_BAD"          Invalid       "the identifier or its check character is wrong"               "标识或其校验位错误"
    IdentifierDialect     "IDENTIFIER_DIALECT"      Valid         "the check character follows a regional dialect"               "校验位采用地方算法"
    InclusionBad          "INCLUSION_BAD"           Invalid       "the proof does not lead to the ledger's root"                 "证明与账本根不符"
    LedgerUnknown         "LEDGER_UNKNOWN"          Indeterminate "the ledger is not in the trust folder"                        "信任目录中没有该账本"
    LedgersMixed          "LEDGERS_MIXED"           Invalid       "it is of another ledger than the rest of the package"         "与证据包其余内容不属于同一账本"
    LicenceExpired        "LICENCE_EXPIRED"         Invalid       "the licence is past its last day"                             "证照已过有效期"
    LicenceIssuerOther    "LICENCE_ISSUER_OTHER"    Invalid       "another organisation than the issuer signed the licence"      "签署证照的机构不是其颁发机构"
    LicenceIssuerUnproven "LICENCE_ISSUER_UNPROVEN" Indeterminate "no signer's certificate tells the issuer of the licence"      "签署人证书均未表明其为证照颁发机构"
    LicenceNotInForce     "LICENCE_NOT_IN_FORCE"    Invalid       "the ledger says that the licence is not in force"             "账本显示证照已不在有效状态"
    LicenceNotYetValid    "LICENCE_NOT_YET_VALID"   Invalid       "the licence is before its first day"                          "证照尚未生效"
    Malformed             "MALFORMED"               Invalid       "cannot be read as what it claims to be"                       "无法按其声称的格式解析"
    MetadataBad           "METADATA_BAD"            Invalid       "a required metadata field is missing or wrong"                "必填元数据缺失或错误"
    NoRevocationData      "NO_REVOCATION_DATA"      Valid         "no revocation list of this issuer at hand"                    "没有该颁发者的吊销列表"
    NoStatusProof         "NO_STATUS_PROOF"         Valid         "no fresh proof of status at hand"                             "没有最新状态证明"
    NotAnchored           "NOT_ANCHORED"            Indeterminate "no receipt shows that the ledger took it"                       "没有回执证明账本已接受"
    NotSigned             "NOT_SIGNED"              Invalid       "the document carries no signature"                            "文件没有签名"
    OverLimit             "OVER_LIMIT"              Invalid       "larger or deeper than the limits allow"                       "超出大小或深度限制"
    PathUnsafe            "PATH_UNSAFE"             Invalid       "a name would lead outside the package or is ambiguous"        "条目名称越界或有歧义"
    QuorumMissing         "QUORUM_MISSING"          Invalid       "fewer than the quorum signed"                                 "签名未达法定数量"
    ReceiptLater          "RECEIPT_LATER"           Valid         "the ledger took it after the time that is asked about"        "账本在所问时间之后才接受"
    RecordSignatureBad    "RECORD_SIGNATURE_BAD"    Invalid       "the record is not signed by its department"                   "记录签名错误"
    RevokedUnproven       "REVOKED_UNPROVEN"        Indeterminate "revoked since, and nothing proves that the signature is older" "证书其后被吊销，且无法证明签名早于吊销"
    SealExpired           "SEAL_EXPIRED"            Invalid       "the seal was not valid at the signing time"                   "签章时印章不在有效期内"
    SealMakerExpired      "SEAL_MAKER_EXPIRED"      Valid         "the maker's certificate expired after the seal was made"      "制章人证书在制章之后过期"
    SealMakerUnlisted     "SEAL_MAKER_UNLISTED"     Invalid       "the maker is none of those that policy lets make seals"       "制章人不在策略允许之列"
    SealMakerUnnamed      "SEAL_MAKER_UNNAMED"      Indeterminate "the trusted ledger names others to make seals"                  "可信账本授权的制章人中没有该制章人"
    SealMakerUnrestricted "SEAL_MAKER_UNRESTRICTED" Valid         "neither policy nor a ledger says who may make seals"            "策略和账本均未限定制章人"
    SealMismatch          "SEAL_MISMATCH"           Invalid       "the seal file differs from the seal in the signature"         "印章文件与签章中的印章不同"
    SealRevoked           "SEAL_REVOKED"            Invalid       "the seal was revoked before it was used"                      "印章在使用之前已被撤销"
    SealSignatureBad      "SEAL_SIGNATURE_BAD"      Invalid       "the seal is not signed by the maker it names"                 "制章人签名错误"
    SignatureBad          "SIGNATURE_BAD"           Invalid       "the signature value is wrong"                                 "签名值错误"
    SignatureMissing      "SIGNATURE_MISSING"       Invalid       "a listed signature is missing"                                "所列签名缺失"
    SignatureUnlisted     "SIGNATURE_UNLISTED"      Indeterminate "a signature file is in no list of signatures"                 "签名文件未列入签名列表"
    SignerNotInSeal       "SIGNER_NOT_IN_SEAL"      Invalid       "the signer is not named in the seal"                          "签章人不在印章证书列表中"
    SigningTimeFuture     "SIGNING_TIME_FUTURE"     Invalid       "the signing time is in the future"                            "签章时间在未来"
    SigningTimeMismatch   "SIGNING_TIME_MISMATCH"   Valid         "two statements of the signing time differ"                    "两处签章时间不一致"
    SigningTimeUnproven   "SIGNING_TIME_UNPROVEN"   Valid         "the signing time is the signer's own word"                    "签章时间仅为签章人自述"
    ScopeWrong            "SCOPE_WRONG"             Invalid       "the signature names another file than the one it stands by"   "签名所指文件与其所在不符"
    StatusStale           "STATUS_STALE"            Indeterminate "the status proof is older than policy allows"                 "状态证明过旧"
    TimestampBad          "TIMESTAMP_BAD"           Invalid       "the time-stamp does not hold"                                 "时间戳错误"
    TimestampUnchecked    "TIMESTAMP_UNCHECKED"     Valid         "a time-stamp is there that this build cannot verify; it is not relied on" "含有本版本无法验证的时间戳，未予采信"
    TrustPeriodOver       "TRUST_PERIOD_OVER"       Indeterminate "the newest checkpoint is too old to vouch for this receipt"   "最新检查点已超出可信期"
    UnknownAnchor         "UNKNOWN_ANCHOR"          Indeterminate "the chain ends at no trusted anchor"                          "证书链未到达信任锚"
    UnsignedContent       "UNSIGNED_CONTENT"        Indeterminate "the package holds files that no signature covers"             "文件包含未被签名覆盖的内容"
    ValidatorsUnknown     "VALIDATORS_UNKNOWN"      Indeterminate "the trust folder lacks a change of validators: yinxin trust update fetches it" "信任目录缺少验证者变更，可用 yinxin trust update 获取"
    VersionWrong          "VERSION_WRONG"           Invalid       "version numbers disagree or are unknown"                      "版本号不一致或未知"
    ViewIncomplete        "VIEW_INCOMPLETE"         Invalid       "something was left out of the view, added to it or altered"     "信用视图有遗漏、添加或改动"
    ViewNotPermitted      "VIEW_NOT_PERMITTED"      Invalid       "what the view rests on does not permit it"                    "信用视图所依据的授权不允许查看"
    ViewRecordOther       "VIEW_RECORD_OTHER"       Invalid       "the receipt is of another record than that this view was taken" "回执所证明的并非本次查看的记录"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        for r in Reason::ALL {
            assert_eq!(Reason::from_code(r.code()), Some(*r));
            assert!(!r.say(Lang::Zh).is_empty() && !r.say(Lang::En).is_empty());
        }
    }
}
