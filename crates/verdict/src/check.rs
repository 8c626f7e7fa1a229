//! The checks that a verifier makes.

use crate::Lang;

macro_rules! checks {
    ($($variant:ident $code:literal $en:literal $zh:literal)*) => {
        /// A check that a verifier makes; its code is stable and part of the report's schema.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Check { $(#[doc = $en] $variant,)* }

        impl Check {
            /// Every check there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code, `part.check`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The check in words.
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

// Sorted by code. A check is the question; a reason (reason.rs) is why its answer was not yes.
checks! {
    CertChain          "cert.chain"           "certificate chain to a trusted anchor"        "证书链到信任锚"
    CertFormat         "cert.format"          "certificate can be read"                      "证书格式"
    CertRevocation     "cert.revocation"      "certificate not revoked"                      "证书未被吊销"
    CertUsage          "cert.usage"           "certificate may be used for this"             "证书用途"
    CertValidity       "cert.validity"        "certificate within its validity period"       "证书有效期"
    CreditComplete     "credit.complete"      "view leaves nothing out and is what the ledger says" "信用视图完整且与账本一致"
    CreditFormat       "credit.format"        "credit view can be read"                      "信用视图格式"
    CreditGround       "credit.ground"        "the view's ground permits it"                 "信用视图的依据允许查看"
    CreditRecorded     "credit.recorded"      "that the view was taken is on the ledger"      "账本已记录本次查看"
    CrlFormat          "crl.format"           "revocation list can be read"                  "吊销列表格式"
    CrlSignature       "crl.signature"        "revocation list signed by its issuer"         "吊销列表签名"
    EvidenceCertificates "evidence.certificates" "signers' certificates are in the package and held" "签名者证书齐备且当时有效"
    EvidenceDocuments  "evidence.documents"   "documents are named by proven records"        "文件与已证明的记录对应"
    EvidenceFiles      "evidence.files"       "package is whole and unchanged"               "证据包完整且未被改动"
    EvidenceGraph      "evidence.graph"       "picture and report follow from the records"   "溯源图与报告由记录得出"
    EvidenceMaker      "evidence.maker"       "package signed by whoever made it"          "证据包由制作者签名"
    InputFormat        "input.format"         "input is of a known kind"                     "输入格式"
    LicenceDates       "licence.dates"        "licence within its validity period"           "证照有效期"
    LicenceIdentifier  "licence.identifier"   "licence identifier and its check character"   "电子证照标识及校验位"
    LicenceIssuer      "licence.issuer"       "licence signed by its issuer"                 "证照由其颁发机构签署"
    LicenceMetadata    "licence.metadata"     "licence metadata complete and consistent"     "证照元数据"
    LicenceStatus      "licence.status"       "licence in force on the ledger"               "证照状态"
    MessageDigest      "message.digest"       "signed content has the signed digest"         "消息摘要"
    MessageFormat      "message.format"       "signed message can be read"                   "签名消息格式"
    MessageSignature   "message.signature"    "message signature value"                      "消息签名值"
    OfdCoverage        "ofd.coverage"         "every file in the package is signed"          "签名覆盖全部文件"
    OfdDigests         "ofd.digests"          "signed files have their signed digests"       "文件摘要"
    OfdPackage         "ofd.package"          "package can be read safely"                   "文件包结构"
    OfdSigned          "ofd.signed"           "document carries a signature"                 "文件含签名"
    ReceiptCertificate "receipt.certificate"  "quorum of departments committed the header"   "共识提交证书"
    ReceiptDocument    "receipt.document"     "receipt speaks of this document"              "回执与文件一致"
    ReceiptFormat      "receipt.format"       "receipt can be read"                          "回执格式"
    ReceiptFreshness   "receipt.freshness"    "receipt reachable from a trusted checkpoint"  "检查点可信期"
    ReceiptInclusion   "receipt.inclusion"    "record is in the ledger's log"                "记录已入账"
    ReceiptLedger      "receipt.ledger"       "receipt is of a trusted ledger"               "账本可信"
    ReceiptRecord      "receipt.record"       "record is signed by its department"           "记录签名"
    SealFormat         "seal.format"          "seal can be read"                             "印章格式"
    SealMaker          "seal.maker"           "seal made by a trusted maker"                 "制章人证书"
    SealMatch          "seal.match"           "seal file is the one in the signature"        "印章文件一致"
    SealSignature      "seal.signature"       "seal signed by its maker"                     "制章人签名"
    SealSigner         "seal.signer"          "signer is named in the seal"                  "签章人在印章证书列表中"
    SealValidity       "seal.validity"        "seal within its validity period"              "印章有效期"
    SignatureDigest    "signature.digest"     "signature file has the signed digest"         "签名文件摘要"
    SignatureFormat    "signature.format"     "signature can be read"                        "签章格式"
    SignatureScope     "signature.scope"      "signature names the file that it protects"    "签名保护范围"
    SignatureTime      "signature.time"       "signing time is believable"                   "签章时间"
    SignatureValue     "signature.value"      "signature value"                              "签名值"
    StatusProof        "status.proof"         "status proof holds"                           "状态证明"
    TimestampToken     "timestamp.token"      "time-stamp token holds"                       "时间戳"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        let codes: Vec<_> = Check::ALL.iter().map(|c| c.code()).collect();
        assert!(codes.windows(2).all(|w| w[0] < w[1]), "{codes:?}");
    }
}
