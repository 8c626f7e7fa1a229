//! Calls that nobody proved to have signed, told together: how many they were, and one root over them.

use yinxin_gm::Digest;
use yinxin_merkle::{
    log::{Frontier, leaf_hash},
    wire::{Reader, Wire, WireError, Writer},
};
use yinxin_record::{DenialReason, ResourceCode};
use yinxin_verdict::UnixTime;

use super::{journal::MAX_CALLS, line};

const DOMAIN: &str = "yinxin/access-crowd/1";

/// Calls that were turned away for their signature and have no lines of their own.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    log: Frontier,
    /// None once there are more than an entry holds.
    ids: Option<Vec<Digest>>,
}

impl Gathering {
    /// One more, by its id.
    pub fn add(&mut self, call: &Digest) {
        self.log.append(leaf_hash(call.as_bytes()), &mut |_, _| {});
        match &mut self.ids {
            Some(ids) if ids.len() < MAX_CALLS => ids.push(*call),
            None if self.log.size() == 1 => self.ids = Some(vec![*call]),
            _ => self.ids = None,
        }
    }

    /// Their ids, where there are not more than an entry of the journal holds.
    pub(super) fn ids(&self) -> Option<&Vec<Digest>> {
        self.ids.as_ref()
    }

    /// How many there are.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.log.size()
    }

    /// RFC 6962 root over their ids, in the order in which they came.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.log.root()
    }
}

/// What the journal says of them: one entry for as many as came together.
///
/// ```asn1
/// AccessCrowd ::= SEQUENCE {
///   domain UTF8String ("yinxin/access-crowd/1"), time INTEGER, resource UTF8String, head INTEGER,    -- ms since 1970
///   reason INTEGER, calls INTEGER (1..MAX), root OCTET STRING (SIZE (32)) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Crowd {
    /// When they were turned away.
    pub time: UnixTime,
    /// For data of which resource they asked.
    pub resource: ResourceCode,
    /// Height of the ledger that was known.
    pub head: u64,
    /// Why: their signature, or a ledger too old to judge it by.
    pub reason: DenialReason,
    /// How many.
    pub calls: u64,
    /// RFC 6962 root over their ids.
    pub root: Digest,
}

impl Crowd {
    /// Its leaf in the window's tree, beside those of lines.
    pub(super) fn leaf(&self) -> Digest {
        leaf_hash(&self.to_der())
    }
}

impl Wire for Crowd {
    const NAME: &'static str = "access crowd";
    const MAX_LEN: usize = 512;

    fn write(&self, out: &mut Writer) {
        let Self { time, resource, head, reason, calls, root } = self;
        out.sequence(|out| {
            out.text(DOMAIN);
            out.int(time.as_millis());
            out.text(resource.as_str());
            out.uint(*head);
            out.uint(reason.number());
            out.uint(*calls);
            out.digest(root);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            if input.text("domain", 1, 64)? != DOMAIN {
                return Err(WireError::Value("domain"));
            }
            let (time, resource) = (line::time(input, "time")?, line::resource(input)?);
            let (head, number) = (input.uint("head")?, input.uint32("reason")?);
            let reason = [DenialReason::Signature, DenialReason::StaleLedger];
            let reason = reason.into_iter().find(|reason| reason.number() == number);
            let reason = reason.ok_or(WireError::Value("reason"))?;
            let calls = input.uint("calls")?;
            if calls == 0 {
                return Err(WireError::Value("calls"));
            }
            Ok(Self { time, resource, head, reason, calls, root: input.digest("root")? })
        })
    }
}
