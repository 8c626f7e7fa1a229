//! What an organisation may do.

use yinxin_merkle::wire::{Reader, WireError, Writer};

use crate::asn::Field;

/// One thing that an organisation may do. Every organisation may propose and approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Power {
    /// Anchor documents and batches.
    Anchor,
    /// Issue and revoke certificates.
    Certificates,
    /// Make and revoke seals.
    Seals,
    /// Publish types of licences.
    LicenceTypes,
    /// Issue licences of the types that name it as an issuer.
    Licences,
    /// Publish data, decide on requests for them, deliver them and account for access.
    Data,
    /// Ask for data of others, use and derive from them.
    DataUse,
    /// Watch over sharing: publish working days, decide what is overdue, revoke grants.
    DataAuthority,
    /// Record credit items of the classes that it may, and all that becomes of them; publish batches; apply measures.
    Credit,
    /// See the credit of others under their authorisation.
    CreditUse,
    /// Publish classes, formulas and working days, say which key a subject signs with, decide what is overdue.
    CreditAuthority,
    /// Keep the register of assets, and hold pledges in it.
    Assets,
    /// See for a court's case what has ended of anybody's credit.
    CreditCourt,
}

impl Power {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Anchor,
        Self::Certificates,
        Self::Seals,
        Self::LicenceTypes,
        Self::Licences,
        Self::Data,
        Self::DataUse,
        Self::DataAuthority,
        Self::Credit,
        Self::CreditUse,
        Self::CreditAuthority,
        Self::Assets,
        Self::CreditCourt,
    ];

    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anchor => "anchor",
            Self::Certificates => "certificates",
            Self::Seals => "seals",
            Self::LicenceTypes => "licence-types",
            Self::Licences => "licences",
            Self::Data => "data",
            Self::DataUse => "data-use",
            Self::DataAuthority => "data-authority",
            Self::Credit => "credit",
            Self::CreditUse => "credit-use",
            Self::CreditAuthority => "credit-authority",
            Self::Assets => "assets",
            Self::CreditCourt => "credit-court",
        }
    }

    /// The power of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.name() == name)
    }

    const fn bit(self) -> u32 {
        match self {
            Self::Anchor => 1,
            Self::Certificates => 2,
            Self::Seals => 4,
            Self::LicenceTypes => 8,
            Self::Licences => 16,
            Self::Data => 32,
            Self::DataUse => 64,
            Self::DataAuthority => 128,
            Self::Credit => 256,
            Self::CreditUse => 512,
            Self::CreditAuthority => 1024,
            Self::Assets => 2048,
            Self::CreditCourt => 4096,
        }
    }
}

/// A set of powers; an INTEGER with a bit for each: anchor 1, certificates 2, seals 4, licence types 8, licences 16,
/// data 32, data use 64, data authority 128, credit 256, credit use 512, credit authority 1024, assets 2048, credit court 4096.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Powers(u32);

impl Powers {
    /// From its bits; `None` if one of them is no power.
    #[must_use]
    pub fn from_bits(bits: u32) -> Option<Self> {
        let all = Power::ALL.iter().fold(0, |all, p| all | p.bit());
        (bits & !all == 0).then_some(Self(bits))
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether this power is among them.
    #[must_use]
    pub const fn has(self, power: Power) -> bool {
        self.0 & power.bit() != 0
    }

    /// The powers, one by one.
    pub fn iter(self) -> impl Iterator<Item = Power> {
        Power::ALL.iter().copied().filter(move |p| self.has(*p))
    }
}

impl FromIterator<Power> for Powers {
    fn from_iter<I: IntoIterator<Item = Power>>(powers: I) -> Self {
        Self(powers.into_iter().fold(0, |bits, p| bits | p.bit()))
    }
}

impl Field for Powers {
    fn put(&self, out: &mut Writer) {
        out.uint(self.0);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::from_bits(input.uint32(what)?).ok_or(WireError::Value(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_bits_are_no_powers() {
        for bits in 0..=8191 {
            let powers = Powers::from_bits(bits).unwrap();
            assert_eq!(powers.iter().collect::<Powers>(), powers);
        }
        assert_eq!(Powers::from_bits(8192), None);
        for power in Power::ALL {
            assert_eq!(Power::from_name(power.name()), Some(*power));
        }
    }
}
