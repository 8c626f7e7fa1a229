//! What members can change, more than two thirds of them together.

use yinxin_gm::sm2::PublicKey;
use yinxin_merkle::wire::{Reader, WireError, Writer};

use super::Powers;
use crate::{
    OrganisationCode, Text,
    asn::{Field, choice, sequence},
};

/// Longest certificate, bytes: those of departments are under 1 KiB.
const MAX_CERTIFICATE: usize = 4 << 10;

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// `[0]` An organisation joins.
    AddOrganisation(NewOrganisation),
    /// `[1]` An organisation has other powers from now on.
    SetPowers(PowersChange),
    /// `[2]` An organisation's records are refused until it is resumed.
    SuspendOrganisation(OrganisationCode),
    /// `[3]` A suspension ends.
    ResumeOrganisation(OrganisationCode),
    /// `[4]` An organisation signs with another key, certified anew.
    RotateKey(RotateKey),
    /// `[5]` A validator joins.
    AddValidator(NewValidator),
    /// `[6]` A validator leaves.
    RemoveValidator(PublicKey),
    /// `[7]` A validator weighs more or less.
    ReweighValidator(ValidatorPower),
    /// `[8]` Other rules.
    SetRules(Rules),
}

choice!(Change {
    0 => AddOrganisation,
    1 => SetPowers,
    2 => SuspendOrganisation,
    3 => ResumeOrganisation,
    4 => RotateKey,
    5 => AddValidator,
    6 => RemoveValidator,
    7 => ReweighValidator,
    8 => SetRules,
});

/// An organisation that joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrganisation {
    /// Its code.
    pub code: OrganisationCode,
    /// Its name.
    pub name: Text<256>,
    /// The DER of its certificate; opaque to the ledger. Whoever approves checks that `key` is its key.
    pub certificate: CertificateBytes,
    /// The key that signs its records.
    pub key: PublicKey,
    /// What it may do.
    pub powers: Powers,
}

sequence!(NewOrganisation { code, name, certificate, key, powers });

/// The DER of a certificate, opaque: at most 4 KiB.
pub(crate) type CertificateBytes = Vec<u8>;

impl Field for CertificateBytes {
    fn put(&self, out: &mut Writer) {
        out.octets(self);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Ok(input.octets(what, 0, MAX_CERTIFICATE)?.to_vec())
    }
}

/// Other powers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PowersChange {
    /// Whose.
    pub code: OrganisationCode,
    /// All that it may do from now on.
    pub powers: Powers,
}

sequence!(PowersChange { code, powers });

/// Another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotateKey {
    /// Whose.
    pub code: OrganisationCode,
    /// The DER of the new certificate.
    pub certificate: CertificateBytes,
    /// The new key.
    pub key: PublicKey,
}

sequence!(RotateKey { code, certificate, key });

/// A validator that joins, and how it stands in the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewValidator {
    /// The organisation that it votes for.
    pub organisation: OrganisationCode,
    /// The key that votes.
    pub key: PublicKey,
    /// Its weight.
    pub power: u64,
    /// Its libp2p peer id, as text.
    pub peer_id: Text<128>,
    /// Its multiaddress.
    pub address: Text<256>,
}

sequence!(NewValidator { organisation, key, power, peer_id, address });

/// Another weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorPower {
    /// Which validator.
    pub key: PublicKey,
    /// Its weight from now on.
    pub power: u64,
}

sequence!(ValidatorPower { key, power });

/// The rules that members can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Most records of a block.
    pub max_block_records: u32,
    /// Most bytes of all records of a block.
    pub max_block_bytes: u32,
    /// How far ahead of the block a record's last valid height may lie.
    pub max_lifetime: u64,
}

sequence!(Rules { max_block_records, max_block_bytes, max_lifetime });

impl Default for Rules {
    fn default() -> Self {
        Self {
            // 5,000 records take about two seconds to verify on one core at the measured 2,700 to 3,700 a second.
            max_block_records: 5_000,
            // 4 MiB: a block that crosses a 100 Mbit/s line in a third of a second.
            max_block_bytes: 4 << 20,
            // A batch that is resumed after a long weekend is still valid: 10^6 heights are 11 days at one a second.
            max_lifetime: 1_000_000,
        }
    }
}
