//! The versions of the structures: one code, and a table of what differs.

/// A version of the seal and signature structures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "a new version must be placed in every table")]
pub enum Version {
    /// GM/T 0031-2014: two fields in `SESeal` and in `SES_Signature`.
    V1,
    /// GB/T 38540-2020: four fields.
    V4,
    /// GM/T 0031-2025: as v4, and the seal may carry a time-stamp of its own.
    V5,
}

/// What the seal maker's signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the two readings that exist")]
pub enum MakerScope {
    /// `SES_SealInfo` alone: what every v4 and v5 seal that was met does.
    Info,
    /// `SEQUENCE { SES_SealInfo, cert, signatureAlgorithm }`: the text of GM/T 0031-2014.
    Sequence,
}

impl MakerScope {
    /// The scope in the standard's names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "SES_SealInfo",
            Self::Sequence => "SEQUENCE{SES_SealInfo, cert, signatureAlgorithm}",
        }
    }
}

/// What differs between versions; the columns are the questions that the reader and the verifier ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// `SES_Header.version` as files of this version write it.
    pub(crate) numbers: &'static [u64],
    /// Whether `TBS_Sign.version` has to repeat the header's.
    pub(crate) tbs_repeats_number: bool,
    /// Whether `certListType` stands before `certList`.
    pub(crate) has_list_type: bool,
    /// The tag of the three dates.
    pub(crate) date_tag: u8,
    /// What the maker signs.
    pub(crate) maker_scope: MakerScope,
    /// Whether certificate, algorithm and value stand in `TBS_Sign` and `SES_SignInfo` (v1) or beside what is signed.
    pub(crate) nested: bool,
}

impl Version {
    pub(crate) const fn shape(self) -> Shape {
        use yinxin_pki::tlv::tag::{GENERALIZED_TIME, UTC_TIME};
        match self {
            Self::V1 => Shape {
                numbers: &[1, 11],
                tbs_repeats_number: false,
                has_list_type: false,
                date_tag: UTC_TIME,
                maker_scope: MakerScope::Sequence,
                nested: true,
            },
            Self::V4 => Shape {
                numbers: &[4],
                tbs_repeats_number: true,
                has_list_type: true,
                date_tag: GENERALIZED_TIME,
                maker_scope: MakerScope::Info,
                nested: false,
            },
            Self::V5 => Shape { numbers: &[5], ..Self::V4.shape() },
        }
    }

    /// The standard that defines it.
    #[must_use]
    pub const fn standard(self) -> &'static str {
        match self {
            Self::V1 => "GM/T 0031-2014",
            Self::V4 => "GB/T 38540-2020",
            Self::V5 => "GM/T 0031-2025",
        }
    }

    /// The short name: `v1`, `v4`, `v5`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V4 => "v4",
            Self::V5 => "v5",
        }
    }
}
