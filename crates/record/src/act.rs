//! What a record does.

use crate::{
    AssetAct, CertificateAct, CreditAct, DataAct, DocumentAct, LicenceAct, MemberAct, SealAct,
    asn::choice,
};

/// An act of one of the families. Tags 7 and 9 are kept for trace and archive.
///
/// ```asn1
/// Act ::= CHOICE {
///     member [0] MemberAct, certificate [1] CertificateAct, seal [2] SealAct, licence [3] LicenceAct, document [4] DocumentAct,
///     data [5] DataAct, credit [6] CreditAct, asset [8] AssetAct }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Act {
    /// `[0]` About the members.
    Member(MemberAct),
    /// `[1]` About certificates.
    Certificate(CertificateAct),
    /// `[2]` About seals.
    Seal(SealAct),
    /// `[3]` About licences.
    Licence(LicenceAct),
    /// `[4]` About documents.
    Document(DocumentAct),
    /// `[5]` About shared data.
    Data(DataAct),
    /// `[6]` About credit.
    Credit(CreditAct),
    /// `[8]` About assets.
    Asset(AssetAct),
}

choice!(Act {
    0 => Member,
    1 => Certificate,
    2 => Seal,
    3 => Licence,
    4 => Document,
    5 => Data,
    6 => Credit,
    8 => Asset,
});

impl Act {
    /// The family's name.
    #[must_use]
    pub const fn family(&self) -> &'static str {
        match self {
            Self::Member(_) => "member",
            Self::Certificate(_) => "certificate",
            Self::Seal(_) => "seal",
            Self::Licence(_) => "licence",
            Self::Document(_) => "document",
            Self::Data(_) => "data",
            Self::Credit(_) => "credit",
            Self::Asset(_) => "asset",
        }
    }

    /// The act's name within its family.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Member(MemberAct::Propose(_)) => "propose",
            Self::Member(MemberAct::Approve(_)) => "approve",
            Self::Member(MemberAct::Suspend(_)) => "suspend",
            Self::Certificate(CertificateAct::Issue(_))
            | Self::Seal(SealAct::Issue(_))
            | Self::Licence(LicenceAct::Issue(_)) => "issue",
            Self::Certificate(CertificateAct::Revoke(_))
            | Self::Seal(SealAct::Revoke(_))
            | Self::Licence(LicenceAct::Revoke(_)) => "revoke",
            Self::Licence(LicenceAct::PublishType(_)) => "publish type",
            Self::Licence(LicenceAct::Change(_)) => "change",
            Self::Licence(LicenceAct::Suspend(_)) => "suspend",
            Self::Licence(LicenceAct::Resume(_)) => "resume",
            Self::Licence(LicenceAct::Cancel(_)) => "cancel",
            Self::Licence(LicenceAct::Archive(_)) => "archive",
            Self::Licence(LicenceAct::Use(_)) => "use",
            Self::Document(DocumentAct::Anchor(_)) => "anchor",
            Self::Document(DocumentAct::Batch(_)) => "anchor batch",
            Self::Data(act) => act.verb(),
            Self::Credit(act) => act.verb(),
            Self::Asset(act) => act.verb(),
        }
    }
}
