//! The status proof: what the ledger said about a key as of a height.

use yinxin_gm::Digest;
use yinxin_merkle::{
    state::StateProof,
    wire::{Reader, Wire, WireError, Writer},
};

use crate::{
    CommitCertificate, Header,
    receipt::{RECEIPT_VERSION, read_commit, read_version, write_commit},
};

/// Longest key of the state, bytes: a family, an identifier of at most 128 bytes, separators.
pub const MAX_KEY: usize = 256;

/// Longest value of the state, bytes: the list of validators is the longest.
pub const MAX_VALUE: usize = 128 << 10;

/// A key's value, or its absence, under the state root of a committed header.
///
/// ```asn1
/// StatusProof ::= SEQUENCE {
///     version    INTEGER (1),
///     key        OCTET STRING (SIZE(1..256)),
///     value      [0] OCTET STRING OPTIONAL,               -- absent: the ledger knows no such key
///     path       StateProof,
///     header     Header,
///     round      INTEGER,
///     signatures OCTET STRING }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusProof {
    /// The key in the ledger's state.
    pub key: Vec<u8>,
    /// Its value; `None` proves that there is none.
    pub value: Option<Vec<u8>>,
    /// The way to the state root.
    pub path: StateProof,
    /// The header.
    pub header: Header,
    /// The round in which it was committed.
    pub round: u32,
    /// Who signed, by position in the set, rising, with r ‖ s.
    pub signatures: Vec<(u16, [u8; 64])>,
}

impl StatusProof {
    /// From what a node holds.
    #[must_use]
    pub fn new(
        key: Vec<u8>,
        value: Option<Vec<u8>>,
        path: StateProof,
        header: Header,
        certificate: CommitCertificate,
    ) -> Self {
        let CommitCertificate { height: _, round, value_id: _, signatures } = certificate;
        Self { key, value, path, header, round, signatures }
    }

    /// The certificate that its header, round and signatures make.
    #[must_use]
    pub fn certificate(&self) -> CommitCertificate {
        certificate(&self.header, self.round, &self.signatures)
    }

    /// Checks the way to the header's state root.
    ///
    /// # Errors
    /// [`yinxin_merkle::Error`] says what is wrong.
    pub fn verify_path(&self) -> Result<(), yinxin_merkle::Error> {
        self.path.verify(&self.header.state_root, &self.key, self.value.as_deref())
    }
}

pub(crate) fn certificate(
    header: &Header,
    round: u32,
    signatures: &[(u16, [u8; 64])],
) -> CommitCertificate {
    let value_id: Digest = header.id();
    CommitCertificate { height: header.height, round, value_id, signatures: signatures.to_vec() }
}

impl Wire for StatusProof {
    const NAME: &'static str = "status proof";
    const MAX_LEN: usize =
        MAX_KEY + MAX_VALUE + StateProof::MAX_LEN + CommitCertificate::MAX_LEN + 1024;

    fn write(&self, out: &mut Writer) {
        let Self { key, value, path, header, round, signatures } = self;
        out.sequence(|out| {
            out.uint(RECEIPT_VERSION);
            out.octets(key);
            if let Some(value) = value {
                out.tagged(0, |out| out.octets(value));
            }
            path.write(out);
            write_commit(header, *round, signatures, out);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            read_version(input)?;
            let key = input.octets("key", 1, MAX_KEY)?.to_vec();
            let value = input.optional("value", 0, |input| input.octets("value", 0, MAX_VALUE))?;
            let path = StateProof::read(input)?;
            let (header, round, signatures) = read_commit(input)?;
            let value = value.map(<[u8]>::to_vec);
            Ok(Self { key, value, path, header, round, signatures })
        })
    }
}
