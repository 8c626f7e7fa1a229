//! A later point of the ledger that its organisations vouch for: what replaces genesis in an old trust folder.

use yinxin_gm::{Digest, sm2::PublicKey, sm3};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer, rising};

use crate::{
    Error, Header, ValidatorSet,
    genesis::{MAX_ORGANISATIONS, check_organisation_signature, read_signatures, write_signatures},
    validator::{read_code, read_key},
};

/// What a checkpoint's sign-bytes begin with.
pub const CHECKPOINT_DOMAIN: &str = "yinxin/checkpoint/1";

/// A header with the set that signs the next block and the organisations of that time, signed by more than two thirds of these.
///
/// ```asn1
/// Checkpoint ::= SEQUENCE { body CheckpointBody, signatures SEQUENCE (SIZE(0..100)) OF OrganisationSignature }
/// CheckpointBody ::= SEQUENCE {
///     domain        UTF8String ("yinxin/checkpoint/1"),
///     header        Header,
///     next          ValidatorSet,
///     organisations SEQUENCE (SIZE(1..100)) OF SEQUENCE {           -- rising by code
///         code UTF8String (SIZE(18)), key OCTET STRING (SIZE(65)) } }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The header.
    pub header: Header,
    /// The set that signs the next block.
    pub next: ValidatorSet,
    /// Code and key of every organisation, rising by code.
    pub organisations: Vec<(String, PublicKey)>,
    /// r ‖ s over [`Checkpoint::body`], rising by code.
    pub signatures: Vec<(String, [u8; 64])>,
}

impl Checkpoint {
    /// The bytes that organisations sign.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write_body(&mut out);
        out.into_vec()
    }

    /// What a re-based receipt names it by: SM3 of the unsigned body.
    #[must_use]
    pub fn id(&self) -> Digest {
        sm3::digest(&self.body())
    }

    /// Checks that more than two thirds of the `known` organisations, and of its own, signed it.
    ///
    /// # Errors
    /// [`Error`] says what is wrong.
    pub fn verify(&self, chain_id: &Digest, known: &[(String, PublicKey)]) -> Result<(), Error> {
        if self.header.chain_id != *chain_id {
            return Err(Error::Chain { expected: *chain_id, found: self.header.chain_id });
        }
        let found = self.next.hash();
        if self.header.next_validators != found {
            return Err(Error::SetHash { expected: self.header.next_validators, found });
        }
        let body = self.body();
        self.signed_by_most(known, &body)?;
        self.signed_by_most(&self.organisations, &body)
    }

    /// A signature under a key that is not in `list` does not count; one key may have been rotated meanwhile.
    fn signed_by_most(&self, list: &[(String, PublicKey)], body: &[u8]) -> Result<(), Error> {
        let signed = |(code, key): &&(String, PublicKey)| {
            let signature = self.signatures.iter().find(|(c, _)| c == code);
            signature
                .is_some_and(|(_, raw)| check_organisation_signature(code, key, body, raw).is_ok())
        };
        let found = list.iter().filter(signed).count();
        if found * 3 > list.len() * 2 {
            Ok(())
        } else {
            Err(Error::OrganisationQuorum { found, total: list.len() })
        }
    }

    fn write_body(&self, out: &mut Writer) {
        let Self { header, next, organisations, signatures: _ } = self;
        out.sequence(|out| {
            out.text(CHECKPOINT_DOMAIN);
            header.write(out);
            next.write(out);
            out.list(organisations, |out, (code, key)| {
                out.sequence(|out| {
                    out.text(code);
                    out.octets(&key.to_sec1());
                });
            });
        });
    }
}

impl Wire for Checkpoint {
    const NAME: &'static str = "checkpoint";
    /// 100 organisations with keys and signatures, 100 validators, a header.
    const MAX_LEN: usize = 64 << 10;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            self.write_body(out);
            write_signatures(&self.signatures, out);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let mut checkpoint = input.sequence("checkpoint body", |input| {
                if input.text("domain", 0, 32)? != CHECKPOINT_DOMAIN {
                    return Err(WireError::Value("domain"));
                }
                let header = Header::read(input)?;
                let next = ValidatorSet::read(input)?;
                let organisations = input.list("organisations", 1, MAX_ORGANISATIONS, |input| {
                    input
                        .sequence("organisation", |input| Ok((read_code(input)?, read_key(input)?)))
                })?;
                rising("organisations", &organisations, |(code, _)| code.clone())?;
                Ok(Self { header, next, organisations, signatures: Vec::new() })
            })?;
            checkpoint.signatures = read_signatures(input)?;
            Ok(checkpoint)
        })
    }
}
