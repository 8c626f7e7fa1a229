//! The header of a block: everything that a vote stands for.

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};
use yinxin_verdict::UnixTime;

/// The version of the header format.
pub const HEADER_VERSION: u32 = 1;

/// Last millisecond of the year 9999: where [`UnixTime`] ends.
const MAX_TIME_MS: u64 = 253_402_207_200_000;

/// Which algorithms a ledger's hashes and signatures use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithms {
    /// SM3 hashes, SM2 signatures with the default identity, both as of GB/T 32905 and 32918.
    Sm2Sm3,
}

impl Algorithms {
    /// The number that stands for them.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Sm2Sm3 => 1,
        }
    }
}

/// The header of a block. Its id is what validators vote on.
///
/// ```asn1
/// Header ::= SEQUENCE {
///     version        INTEGER (1),
///     algorithms     INTEGER (1),                  -- 1: SM2 and SM3
///     chainId        OCTET STRING (SIZE(32)),
///     height         INTEGER (1..MAX),
///     timeMs         INTEGER,                      -- since 1970-01-01T00:00:00Z
///     parent         OCTET STRING (SIZE(32)),      -- id of the header before; the chain id at height 1
///     bodyRoot       OCTET STRING (SIZE(32)),      -- log root over the hashes of this block's records
///     logRoot        OCTET STRING (SIZE(32)),      -- over all records up to and with this block
///     logSize        INTEGER,
///     stateRoot      OCTET STRING (SIZE(32)),      -- after this block
///     validators     OCTET STRING (SIZE(32)),      -- hash of the set that signs this block
///     nextValidators OCTET STRING (SIZE(32)) }     -- hash of the set that signs the next
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The algorithms in use.
    pub algorithms: Algorithms,
    /// SM3 of the genesis without its signatures.
    pub chain_id: Digest,
    /// 1 for the first block.
    pub height: u64,
    /// The proposer's clock, later than the parent's, milliseconds since 1970.
    pub time_ms: u64,
    /// Id of the header before; the chain id at height 1.
    pub parent: Digest,
    /// Log root over the hashes of this block's records.
    pub body_root: Digest,
    /// Root of the log with this block's records.
    pub log_root: Digest,
    /// Number of records in the log with this block's.
    pub log_size: u64,
    /// Root of the state after this block.
    pub state_root: Digest,
    /// Hash of the validator set that signs this block.
    pub validators: Digest,
    /// Hash of the validator set that signs the next block.
    pub next_validators: Digest,
}

impl Header {
    /// SM3 of the DER: the value id of the consensus.
    #[must_use]
    pub fn id(&self) -> Digest {
        sm3::digest(&self.to_der())
    }

    /// The time as such.
    #[must_use]
    pub fn time(&self) -> UnixTime {
        i64::try_from(self.time_ms)
            .ok()
            .and_then(|ms| UnixTime::from_millis(ms).ok())
            .unwrap_or_else(|| UnixTime::EPOCH.plus_millis(i64::MAX))
    }
}

impl Wire for Header {
    const NAME: &'static str = "header";
    /// Seven digests, five integers of nine bytes, and the DER around them: 300 at most.
    const MAX_LEN: usize = 320;

    fn write(&self, out: &mut Writer) {
        let Self {
            algorithms,
            chain_id,
            height,
            time_ms,
            parent,
            body_root,
            log_root,
            log_size,
            state_root,
            validators,
            next_validators,
        } = self;
        out.sequence(|out| {
            out.uint(HEADER_VERSION);
            out.uint(algorithms.number());
            out.digest(chain_id);
            out.uint(*height);
            out.uint(*time_ms);
            out.digest(parent);
            out.digest(body_root);
            out.digest(log_root);
            out.uint(*log_size);
            out.digest(state_root);
            out.digest(validators);
            out.digest(next_validators);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            if input.uint32("version")? != HEADER_VERSION {
                return Err(WireError::Value("version"));
            }
            let algorithms = match input.uint32("algorithms")? {
                1 => Algorithms::Sm2Sm3,
                _ => return Err(WireError::Value("algorithms")),
            };
            let header = Self {
                algorithms,
                chain_id: input.digest("chainId")?,
                height: input.uint("height")?,
                time_ms: input.uint("timeMs")?,
                parent: input.digest("parent")?,
                body_root: input.digest("bodyRoot")?,
                log_root: input.digest("logRoot")?,
                log_size: input.uint("logSize")?,
                state_root: input.digest("stateRoot")?,
                validators: input.digest("validators")?,
                next_validators: input.digest("nextValidators")?,
            };
            if header.height == 0 {
                return Err(WireError::Value("height"));
            }
            if header.time_ms > MAX_TIME_MS {
                return Err(WireError::Value("timeMs"));
            }
            Ok(header)
        })
    }
}
