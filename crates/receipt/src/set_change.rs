//! A block after which other validators sign.

use yinxin_gm::Digest;
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};

use crate::{CommitCertificate, Error, Header, ValidatorSet};

/// A committed header that names another set for the next height, with that set.
///
/// ```asn1
/// SetChange ::= SEQUENCE { header Header, certificate CommitCertificate, next ValidatorSet }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetChange {
    /// The last header that the old set signs.
    pub header: Header,
    /// The old set's votes.
    pub certificate: CommitCertificate,
    /// The set from the next height on.
    pub next: ValidatorSet,
}

impl SetChange {
    /// Checks that `current` committed the header, and that the header names `next` as another set.
    ///
    /// # Errors
    /// [`Error`] says what is wrong.
    pub fn verify(&self, chain_id: &Digest, current: &ValidatorSet) -> Result<(), Error> {
        let Self { header, certificate, next } = self;
        verify_commit(header, certificate, chain_id, current)?;
        let found = next.hash();
        if header.next_validators != found {
            return Err(Error::SetHash { expected: header.next_validators, found });
        }
        if header.validators == found {
            return Err(Error::NoChange { height: header.height });
        }
        Ok(())
    }
}

/// Checks that a header is of this ledger and that the set which it names committed it.
///
/// # Errors
/// [`Error`] says what is wrong.
pub fn verify_commit(
    header: &Header,
    certificate: &CommitCertificate,
    chain_id: &Digest,
    set: &ValidatorSet,
) -> Result<(), Error> {
    if header.chain_id != *chain_id {
        return Err(Error::Chain { expected: *chain_id, found: header.chain_id });
    }
    let found = set.hash();
    if header.validators != found {
        return Err(Error::SetHash { expected: header.validators, found });
    }
    if certificate.height != header.height || certificate.value_id != header.id() {
        let (header, certificate) = (header.height, certificate.height);
        return Err(Error::CertificateOfOther { header, certificate });
    }
    certificate.verify(chain_id, set)
}

impl Wire for SetChange {
    const NAME: &'static str = "set change";
    const MAX_LEN: usize = Header::MAX_LEN + CommitCertificate::MAX_LEN + ValidatorSet::MAX_LEN + 8;

    fn write(&self, out: &mut Writer) {
        let Self { header, certificate, next } = self;
        out.sequence(|out| {
            header.write(out);
            certificate.write(out);
            next.write(out);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            Ok(Self {
                header: Header::read(input)?,
                certificate: CommitCertificate::read(input)?,
                next: ValidatorSet::read(input)?,
            })
        })
    }
}
