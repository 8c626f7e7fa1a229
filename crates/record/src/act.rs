//! What a record does.

use crate::{CertificateAct, DataAct, DocumentAct, LicenceAct, MemberAct, SealAct, asn::choice};

/// An act of one of the families. Tags 6 to 9 are kept for credit, trace, asset and archive.
///
/// ```asn1
/// Act ::= CHOICE {
///     member [0] MemberAct, certificate [1] CertificateAct, seal [2] SealAct, licence [3] LicenceAct, document [4] DocumentAct,
///     data [5] DataAct }
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
}

choice!(Act { 0 => Member, 1 => Certificate, 2 => Seal, 3 => Licence, 4 => Document, 5 => Data });

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
        }
    }
}
