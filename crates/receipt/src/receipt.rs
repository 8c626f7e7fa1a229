//! The receipt: proof that the ledger holds a record.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::{
    log,
    wire::{Reader, Wire, WireError, Writer},
};

use crate::{CommitCertificate, Header};

/// The version of the receipt and status proof formats.
pub const RECEIPT_VERSION: u32 = 1;

/// Longest record, bytes. 64 KiB: a record carries digests and codes; the largest, a new organisation, carries one certificate.
pub const MAX_RECORD: usize = 64 << 10;

/// What a receipt is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a receipt carries its record or names it")]
pub enum Subject {
    /// The record itself, as it was signed.
    Record(Vec<u8>),
    /// SM3 of the whole record: for a QR code.
    Hash(Digest),
}

impl Subject {
    /// SM3 of the whole record.
    #[must_use]
    pub fn record_hash(&self) -> Digest {
        match self {
            Self::Record(bytes) => sm3::digest(bytes),
            Self::Hash(hash) => *hash,
        }
    }

    /// The record, if the receipt carries it.
    #[must_use]
    pub fn record(&self) -> Option<&[u8]> {
        match self {
            Self::Record(bytes) => Some(bytes),
            Self::Hash(_) => None,
        }
    }
}

/// What a receipt's path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a path ends in a header or in a checkpoint")]
#[allow(clippy::large_enum_variant, reason = "receipts are handled one at a time")]
pub enum Anchor {
    /// The log root of this committed header.
    Committed {
        /// The header.
        header: Header,
        /// The round in which it was committed.
        round: u32,
        /// Who signed, by position in the set, rising, with r ‖ s.
        signatures: Vec<(u16, [u8; 64])>,
    },
    /// The log root of a checkpoint in the trust folder.
    Checkpoint(Digest),
}

impl Anchor {
    /// From a header and its certificate, whose height and value id the header says again.
    #[must_use]
    pub fn committed(header: Header, certificate: CommitCertificate) -> Self {
        let CommitCertificate { height: _, round, value_id: _, signatures } = certificate;
        Self::Committed { header, round, signatures }
    }
}

/// Proof that the ledger holds a record.
///
/// ```asn1
/// Receipt ::= SEQUENCE {
///     version INTEGER (1),
///     subject CHOICE { hash OCTET STRING (SIZE(32)), record [0] OCTET STRING },
///     index   INTEGER,                                     -- of the record in the log
///     path    OCTET STRING,                                -- 32 bytes a level, deepest first
///     anchor  CHOICE { committed [0] Commit, checkpoint [1] OCTET STRING (SIZE(32)) } }
/// Commit is the three fields { header Header, round INTEGER, signatures OCTET STRING }, one after the other
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The record or its hash.
    pub subject: Subject,
    /// The record's place in the log.
    pub index: u64,
    /// The way to the log root, deepest sibling first.
    pub path: Vec<Digest>,
    /// Where the log root stands.
    pub anchor: Anchor,
}

impl Receipt {
    /// The same receipt without the record, for small spaces.
    #[must_use]
    pub fn without_record(self) -> Self {
        Self { subject: Subject::Hash(self.subject.record_hash()), ..self }
    }

    /// The leaf that the path begins at.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        log::leaf_hash(self.subject.record_hash().as_bytes())
    }

    /// Checks the path against a log's root.
    ///
    /// # Errors
    /// [`yinxin_merkle::Error`] says what is wrong.
    pub fn verify_path(
        &self,
        log_size: u64,
        log_root: &Digest,
    ) -> Result<(), yinxin_merkle::Error> {
        log::verify_inclusion(&self.leaf(), self.index, log_size, &self.path, log_root)
    }
}

impl Receipt {
    /// Whether the header that the receipt leads to is that of the record's own block, and so its time when the ledger took the record: a
    /// receipt holds under every later header too.
    ///
    /// `before` is the header before it. It needs no certificate, for the receipt's header names it; that one is to be checked
    /// ([`check_receipt`](crate::check_receipt)). The first block has none.
    #[must_use]
    pub fn is_of_own_block(&self, before: Option<&Header>) -> bool {
        let Anchor::Committed { header, .. } = &self.anchor else { return false };
        match before {
            Some(before) => before.id() == header.parent && before.log_size <= self.index,
            None => header.height == 1,
        }
    }
}

impl Wire for Receipt {
    const NAME: &'static str = "receipt";
    const MAX_LEN: usize = MAX_RECORD + log::MAX_PATH * 32 + CommitCertificate::MAX_LEN + 1024;

    fn write(&self, out: &mut Writer) {
        let Self { subject, index, path, anchor } = self;
        out.sequence(|out| {
            out.uint(RECEIPT_VERSION);
            match subject {
                Subject::Hash(hash) => out.digest(hash),
                Subject::Record(bytes) => out.tagged(0, |out| out.octets(bytes)),
            }
            out.uint(*index);
            out.digests(path);
            match anchor {
                Anchor::Committed { header, round, signatures } => {
                    out.tagged(0, |out| write_commit(header, *round, signatures, out));
                }
                Anchor::Checkpoint(id) => out.tagged(1, |out| out.digest(id)),
            }
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            read_version(input)?;
            let record =
                input.optional("record", 0, |input| input.octets("record", 1, MAX_RECORD))?;
            let subject = match record {
                Some(bytes) => Subject::Record(bytes.to_vec()),
                None => Subject::Hash(input.digest("subject")?),
            };
            let index = input.uint("index")?;
            let path = input.digests("path", log::MAX_PATH)?;
            let anchor = if input.next_tag() == Some(1) {
                Anchor::Checkpoint(input.tagged("checkpoint", 1, |input| input.digest("id"))?)
            } else {
                let (header, round, signatures) = input.tagged("committed", 0, read_commit)?;
                Anchor::Committed { header, round, signatures }
            };
            Ok(Self { subject, index, path, anchor })
        })
    }
}

pub(crate) fn read_version(input: &mut Reader<'_>) -> Result<(), WireError> {
    if input.uint32("version")? == RECEIPT_VERSION {
        Ok(())
    } else {
        Err(WireError::Value("version"))
    }
}

pub(crate) fn write_commit(
    header: &Header,
    round: u32,
    signatures: &[(u16, [u8; 64])],
    out: &mut Writer,
) {
    header.write(out);
    out.uint(round);
    CommitCertificate::write_signatures(signatures, out);
}

type Commit = (Header, u32, Vec<(u16, [u8; 64])>);

pub(crate) fn read_commit(input: &mut Reader<'_>) -> Result<Commit, WireError> {
    let header = Header::read(input)?;
    Ok((header, input.uint32("round")?, CommitCertificate::read_signatures(input)?))
}
