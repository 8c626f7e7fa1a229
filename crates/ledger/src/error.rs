//! Why a record is refused.

mod credit;
mod phrases;
mod words;

use core::fmt;

use yinxin_gm::Digest;
use yinxin_record::{
    DenialReason, Level, LicenceIdentifier, LicenceTypeCode, OrganisationCode, Power, ResourceCode,
};
use yinxin_verdict::{Explain, Explanation, Lang, UnixTime};

use crate::{StoreFailure, advice};

pub use credit::CreditError;

/// Why a record may not be committed, or a genesis not be begun from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// An act that this ledger does not know.
    ActUnknown,
    /// The organisation approved, or voted, before.
    AlreadyApproved {
        /// Which one.
        organisation: OrganisationCode,
    },
    /// This very record stands on the ledger: not a failure, its receipt is the answer.
    AlreadyCommitted {
        /// Its id.
        record: Digest,
        /// Its height.
        height: u64,
    },
    /// The organisation has said so before.
    AlreadyErased {
        /// Id of the record that says so.
        record: Digest,
        /// Its height.
        height: u64,
    },
    /// The calendar is published.
    AlreadyPublished {
        /// SM3 of it.
        digest: Digest,
    },
    /// The approver may not decide at this level.
    ApproverLevel {
        /// Up to which the approver may.
        max: Level,
        /// The request's.
        found: Level,
    },
    /// The second approver must be another person than the first.
    ApproverTwice {
        /// Id of the key.
        approver: Digest,
    },
    /// No approver of the organisation has this key, or its certificate is revoked.
    ApproverUnknown {
        /// Id of the key.
        approver: Digest,
    },
    /// The block is full; the record can go into the next.
    BlockFull {
        /// Most bytes of a block.
        max_bytes: u32,
    },
    /// The organisation used this business key for another record.
    BusinessKeyUsed {
        /// Id of that record.
        record: Digest,
        /// Its height.
        height: u64,
    },
    /// No such calendar is published.
    CalendarUnknown {
        /// SM3 of its file.
        calendar: Digest,
    },
    /// The sender's certificate is revoked on the ledger.
    CertificateRevoked {
        /// The sender.
        organisation: OrganisationCode,
    },
    /// A certificate that was revoked cannot become a member's.
    CertificateRevokedBefore {
        /// SM3 of it.
        digest: Digest,
    },
    /// An envelope is replaced by one of the same content only.
    ContentOther {
        /// The content of the envelope that is replaced.
        expected: Digest,
        /// The record's.
        found: Digest,
    },
    /// No more refusals than are vouched for already.
    CountOther {
        /// How many are.
        last: u64,
        /// How many the record says.
        found: u64,
    },
    /// A record about credit or assets breaks a rule of theirs.
    Credit(CreditError),
    /// A change must leave time, and not too much.
    EffectiveHeight {
        /// The first height that is possible.
        min: u64,
        /// The last.
        max: u64,
        /// What the proposal says.
        found: u64,
    },
    /// A turn that does not come after the last one: the journal is an older copy.
    EpochOther {
        /// The last turn's.
        last: u64,
        /// The record's.
        found: u64,
    },
    /// The record's last valid height is past.
    Expired {
        /// Its last valid height.
        last_valid_height: u64,
        /// The block's height.
        height: u64,
    },
    /// A field keeps its place and name in later versions.
    FieldMoved {
        /// Its place.
        field: usize,
    },
    /// The resource has no such field.
    FieldUnknown {
        /// Its number.
        field: u8,
        /// How many there are.
        fields: usize,
    },
    /// The genesis is not complete.
    Genesis(yinxin_receipt::Error),
    /// The genesis names powers that there are not.
    GenesisPowers {
        /// The bits.
        bits: u32,
    },
    /// The identifier names another type or issuer.
    IdentifierForeign {
        /// The identifier.
        identifier: LicenceIdentifier,
    },
    /// The journal lacks lines that windows have told of: it is an older copy.
    JournalBehind {
        /// How many lines were told of.
        told: u64,
        /// How many it has.
        found: u64,
    },
    /// Another journal of the organisation answers for the resource.
    JournalOther {
        /// Its id.
        journal: Digest,
    },
    /// Another organisation signs with this key.
    KeyTaken {
        /// Which one.
        organisation: OrganisationCode,
    },
    /// No one would be left to resume it.
    LastOrganisation {
        /// Which one.
        organisation: OrganisationCode,
    },
    /// A request names the highest level among its fields.
    LevelOther {
        /// The highest among the fields.
        expected: Level,
        /// The record's.
        found: Level,
    },
    /// The licence is past its last day.
    LicenceExpired {
        /// The first instant after its validity.
        until: UnixTime,
        /// The block's time.
        time: UnixTime,
    },
    /// The record would be valid for too long.
    LifetimeTooLong {
        /// The last height that it may name.
        max: u64,
        /// What it names.
        found: u64,
    },
    /// A minute that is not over, or past too long.
    MinuteRange {
        /// The first minute that is possible.
        min: u64,
        /// The last.
        max: u64,
        /// The record's.
        found: u64,
    },
    /// The licence would end before it begins.
    NeverValid {
        /// The identifier.
        identifier: LicenceIdentifier,
    },
    /// Those who validate now would hold no quorum of the new set.
    NoQuorumLeft {
        /// The power that they would hold.
        kept: u128,
        /// The whole.
        total: u128,
    },
    /// Only the authority may do this.
    NotAuthority {
        /// The authority, or the type whose issuers it is not among.
        authority: String,
    },
    /// Only its issuer may do this.
    NotIssuer {
        /// The issuer.
        issuer: OrganisationCode,
    },
    /// Not a later version of the same licence.
    NotNextVersion {
        /// The identifier so far.
        previous: LicenceIdentifier,
        /// The new one.
        next: LicenceIdentifier,
    },
    /// The deadline is not past.
    NotOverdue {
        /// The deadline.
        deadline: UnixTime,
        /// The block's time.
        time: UnixTime,
    },
    /// The data may not be had so.
    NotPermitted {
        /// Why.
        reason: DenialReason,
    },
    /// The resource is never shared.
    NotShared {
        /// Its code.
        resource: ResourceCode,
    },
    /// The sender is suspended.
    OrganisationSuspended {
        /// The sender, or whom the vote is about.
        organisation: OrganisationCode,
        /// Until when, in an emergency; otherwise until the members resume it.
        until: Option<UnixTime>,
    },
    /// Not a member.
    OrganisationUnknown {
        /// Which one.
        organisation: OrganisationCode,
    },
    /// The record is signed with another key than the organisation's.
    OtherKey {
        /// Id of the organisation's key.
        expected: Digest,
        /// Id of the record's.
        found: Digest,
    },
    /// The record is meant for another ledger.
    OtherLedger {
        /// This ledger.
        expected: Digest,
        /// The record's.
        found: Digest,
    },
    /// Not the version of the resource that is in force.
    OtherVersion {
        /// The one in force.
        expected: u32,
        /// The record's.
        found: u32,
    },
    /// Nobody asks for its own data.
    OwnResource {
        /// Its code.
        resource: ResourceCode,
    },
    /// No organisation suspends itself.
    OwnSuspension {
        /// Which one.
        organisation: OrganisationCode,
    },
    /// The sender has not the power.
    PowerMissing {
        /// The sender.
        organisation: OrganisationCode,
        /// The power.
        power: Power,
    },
    /// A validator's weight is out of range.
    PowerRange {
        /// The most.
        max: u64,
        /// What came.
        found: u64,
    },
    /// The grant is another organisation's.
    RecipientOther {
        /// The grant's receiver.
        expected: OrganisationCode,
        /// The record's.
        found: OrganisationCode,
    },
    /// Not a record, not signed, or no row in its table of states.
    Record(yinxin_record::Error),
    /// The resource is not published.
    ResourceUnknown {
        /// Its code.
        resource: ResourceCode,
    },
    /// With these rules no block could hold a record.
    RulesUnworkable,
    /// A revocation since a future time.
    SinceFuture {
        /// Since when.
        since: UnixTime,
        /// The block's time.
        time: UnixTime,
    },
    /// The ledger does not know this, or not as the organisation's.
    SourceUnknown {
        /// Its text.
        source: String,
    },
    /// The state cannot be read.
    Store(StoreFailure),
    /// The organisation has said before where this comes from, or made other things from it.
    TargetKnown {
        /// The digest.
        digest: Digest,
    },
    /// More than was asked for.
    TermsBeyond {
        /// What.
        what: &'static str,
    },
    /// A time out of range.
    TimeRange {
        /// Of what.
        what: &'static str,
        /// The first that is possible.
        min: UnixTime,
        /// The last.
        max: UnixTime,
        /// The record's.
        found: UnixTime,
    },
    /// There are enough of them.
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most.
        max: usize,
    },
    /// Too many accepted proposals wait for their height.
    TooManyPending {
        /// The most.
        max: usize,
    },
    /// No turn of the sender's journal answered in that minute by this name.
    TurnUnknown {
        /// The turn's.
        epoch: u64,
        /// Which minute.
        minute: u64,
    },
    /// The type is not published.
    TypeUnknown {
        /// Its code.
        code: LicenceTypeCode,
    },
    /// A type's version must rise.
    TypeVersion {
        /// The version on the ledger.
        published: u32,
        /// The record's.
        found: u32,
    },
    /// The validators make no set.
    ValidatorSet(yinxin_receipt::Error),
    /// A validator has this key or peer id already.
    ValidatorTwice,
    /// No validator has this key.
    ValidatorUnknown,
    /// The minute is recorded.
    WindowTwice {
        /// Which.
        minute: u64,
        /// Id of the record.
        record: Digest,
    },
}

impl From<StoreFailure> for Error {
    fn from(failure: StoreFailure) -> Self {
        Self::Store(failure)
    }
}

impl From<yinxin_record::Error> for Error {
    fn from(error: yinxin_record::Error) -> Self {
        Self::Record(error)
    }
}

impl From<CreditError> for Error {
    fn from(error: CreditError) -> Self {
        Self::Credit(error)
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
            Lang::En => words::english(self),
            Lang::Zh => words::chinese(self),
        };
        Explanation { what, todo: advice(self.code(), lang).to_owned() }
    }
}

impl Error {
    /// A short stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ActUnknown => "ACT_UNKNOWN",
            Self::AlreadyApproved { .. } => "ALREADY_APPROVED",
            Self::AlreadyCommitted { .. } => "ALREADY_COMMITTED",
            Self::AlreadyErased { .. } => "ALREADY_ERASED",
            Self::AlreadyPublished { .. } => "ALREADY_PUBLISHED",
            Self::ApproverLevel { .. } => "APPROVER_LEVEL",
            Self::ApproverTwice { .. } => "APPROVER_TWICE",
            Self::ApproverUnknown { .. } => "APPROVER_UNKNOWN",
            Self::BlockFull { .. } => "BLOCK_FULL",
            Self::BusinessKeyUsed { .. } => "BUSINESS_KEY_USED",
            Self::CalendarUnknown { .. } => "CALENDAR_UNKNOWN",
            Self::CertificateRevoked { .. } => "CERTIFICATE_REVOKED",
            Self::CertificateRevokedBefore { .. } => "CERTIFICATE_REVOKED_BEFORE",
            Self::ContentOther { .. } => "CONTENT_OTHER",
            Self::CountOther { .. } => "COUNT_OTHER",
            Self::Credit(error) => error.code(),
            Self::EffectiveHeight { .. } => "EFFECTIVE_HEIGHT",
            Self::EpochOther { .. } => "EPOCH_OTHER",
            Self::Expired { .. } => "EXPIRED",
            Self::FieldMoved { .. } => "FIELD_MOVED",
            Self::FieldUnknown { .. } => "FIELD_UNKNOWN",
            Self::Genesis(_) => "GENESIS",
            Self::GenesisPowers { .. } => "GENESIS_POWERS",
            Self::IdentifierForeign { .. } => "IDENTIFIER_FOREIGN",
            Self::JournalBehind { .. } => "JOURNAL_BEHIND",
            Self::JournalOther { .. } => "JOURNAL_OTHER",
            Self::KeyTaken { .. } => "KEY_TAKEN",
            Self::LastOrganisation { .. } => "LAST_ORGANISATION",
            Self::LevelOther { .. } => "LEVEL_OTHER",
            Self::LicenceExpired { .. } => "LICENCE_EXPIRED",
            Self::LifetimeTooLong { .. } => "LIFETIME_TOO_LONG",
            Self::MinuteRange { .. } => "MINUTE_RANGE",
            Self::NeverValid { .. } => "NEVER_VALID",
            Self::NoQuorumLeft { .. } => "NO_QUORUM_LEFT",
            Self::NotAuthority { .. } => "NOT_AUTHORITY",
            Self::NotIssuer { .. } => "NOT_ISSUER",
            Self::NotNextVersion { .. } => "NOT_NEXT_VERSION",
            Self::NotOverdue { .. } => "NOT_OVERDUE",
            Self::NotPermitted { reason } => denial_code(*reason),
            Self::NotShared { .. } => "NOT_SHARED",
            Self::OrganisationSuspended { .. } => "ORGANISATION_SUSPENDED",
            Self::OrganisationUnknown { .. } => "ORGANISATION_UNKNOWN",
            Self::OtherKey { .. } => "OTHER_KEY",
            Self::OtherLedger { .. } => "OTHER_LEDGER",
            Self::OtherVersion { .. } => "OTHER_VERSION",
            Self::OwnResource { .. } => "OWN_RESOURCE",
            Self::OwnSuspension { .. } => "OWN_SUSPENSION",
            Self::PowerMissing { .. } => "POWER_MISSING",
            Self::PowerRange { .. } => "POWER_RANGE",
            Self::RecipientOther { .. } => "RECIPIENT_OTHER",
            Self::Record(yinxin_record::Error::Illegal { .. }) => "ILLEGAL_MOVE",
            Self::Record(yinxin_record::Error::Signature) => "SIGNATURE",
            Self::Record(_) => "RECORD",
            Self::ResourceUnknown { .. } => "RESOURCE_UNKNOWN",
            Self::RulesUnworkable => "RULES_UNWORKABLE",
            Self::SinceFuture { .. } => "SINCE_FUTURE",
            Self::SourceUnknown { .. } => "SOURCE_UNKNOWN",
            Self::Store(_) => "STORE",
            Self::TargetKnown { .. } => "TARGET_KNOWN",
            Self::TermsBeyond { .. } => "TERMS_BEYOND",
            Self::TimeRange { .. } => "TIME_RANGE",
            Self::TooMany { .. } => "TOO_MANY",
            Self::TooManyPending { .. } => "TOO_MANY_PENDING",
            Self::TurnUnknown { .. } => "TURN_UNKNOWN",
            Self::TypeUnknown { .. } => "TYPE_UNKNOWN",
            Self::TypeVersion { .. } => "TYPE_VERSION",
            Self::ValidatorSet(_) => "VALIDATOR_SET",
            Self::ValidatorTwice => "VALIDATOR_TWICE",
            Self::ValidatorUnknown => "VALIDATOR_UNKNOWN",
            Self::WindowTwice { .. } => "WINDOW_TWICE",
        }
    }
}

/// A code for each reason that the ledger itself can find.
const fn denial_code(reason: DenialReason) -> &'static str {
    use DenialReason as R;
    match reason {
        R::NoGrant => "GRANT_UNKNOWN",
        R::NotYet => "GRANT_NOT_YET",
        R::Expired => "GRANT_EXPIRED",
        R::Revoked => "GRANT_REVOKED",
        R::Withdrawn => "RESOURCE_WITHDRAWN",
        R::Volume => "OVER_VOLUME",
        R::Purpose => "WRONG_PURPOSE",
        R::Subjects => "WRONG_SUBJECT",
        R::Caller => "WRONG_READER",
        R::Fields => "WRONG_FIELDS",
        R::NegativeList => "NEGATIVE_LIST",
        R::Suspended => "RECEIVER_SUSPENDED",
        _ => "NOT_PERMITTED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_say_both_values_in_both_languages() {
        let error = Error::Expired { last_valid_height: 5, height: 9 };
        assert_eq!(error.to_string(), "the record was valid up to height 5, this is 9");
        assert_eq!(error.explain(Lang::Zh).what, "记录有效至高度 5，当前高度 9");
        assert!(!error.explain(Lang::Zh).todo.is_empty());
        let inner = yinxin_record::Error::Illegal { state: "revoked", event: "resume" };
        let error = Error::Record(inner);
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            ("ILLEGAL_MOVE", "resume is not possible when revoked",)
        );
    }
}
