//! A line of the journal: one call, or one part of its answer, or its denial.

use yinxin_gm::Digest;
use yinxin_merkle::{
    log::leaf_hash,
    wire::{Reader, Wire, WireError, Writer, rising},
};
use yinxin_record::{
    DataAct, Denial, DenialReason, FieldSet, MAX_DATA_LIST, OrganisationCode, Purpose,
    ResourceCode, Volume, minute_of,
};
use yinxin_verdict::UnixTime;

use super::Answer;

const DOMAIN: &str = "yinxin/access-line/1";

/// What was decided, and all that it was decided on.
///
/// ```asn1
/// AccessLine ::= SEQUENCE {
///   domain UTF8String ("yinxin/access-line/1"), number INTEGER, time INTEGER,           -- ms since 1970
///   call OCTET STRING (SIZE (32)), signedAt INTEGER, part INTEGER (0..4294967295),
///   caller UTF8String, grant OCTET STRING (SIZE (32)), resource UTF8String, purpose UTF8String,
///   fields OCTET STRING (SIZE (0..256)),                                               -- numbers, rising
///   subjects SEQUENCE SIZE (0..64) OF OCTET STRING (SIZE (32)), head INTEGER,
///   outcome CHOICE { served [0] SEQUENCE { rows INTEGER, bytes INTEGER, commitment OCTET STRING (SIZE (32)) },
///                    denied [1] INTEGER } }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// Its number among all lines of the journal.
    pub number: u64,
    /// When it was decided, never before the line before it.
    pub time: UnixTime,
    /// SM3 of the signed call.
    pub call: Digest,
    /// When the caller signed it.
    pub signed_at: UnixTime,
    /// Which part of the answer.
    pub part: u32,
    /// Who called.
    pub caller: OrganisationCode,
    /// The grant that the call named.
    pub grant: Digest,
    /// The resource.
    pub resource: ResourceCode,
    /// The purpose.
    pub purpose: Purpose,
    /// The fields.
    pub fields: FieldSet,
    /// Whose data, if the call named them and they are few.
    pub subjects: Vec<Digest>,
    /// Height of the ledger that it was decided on.
    pub head: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "one or the other")]
pub enum Outcome {
    /// This left.
    Served(Answer),
    /// Nothing left.
    Denied(DenialReason),
}

impl Line {
    /// What it adds to a volume: a call counts with its first part.
    #[must_use]
    pub fn volume(&self) -> Volume {
        match self.outcome {
            Outcome::Served(Answer { rows, bytes, .. }) => {
                Volume { calls: u64::from(self.part == 0), rows, bytes }
            }
            Outcome::Denied(_) => Volume::default(),
        }
    }

    /// The minute that it stands in.
    #[must_use]
    pub fn minute(&self) -> u64 {
        minute_of(self.time)
    }

    /// Whether the caller's signature was found to be the caller's. Where it was not, or could not be by an old ledger, the caller is
    /// whoever the call says.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        use DenialReason as R;
        !matches!(self.outcome, Outcome::Denied(R::Signature | R::StaleLedger))
    }

    /// Whether this act is one that tells of the line: of its minute and number, and saying of purpose, fields, subjects, volume, reason and
    /// caller nothing that the line does not. That the line stands under the act's root is another question.
    #[must_use]
    pub fn is_told_by(&self, act: &DataAct) -> bool {
        let denied = |denials: &[Denial], reason| denials.iter().any(|d| d.reason == reason);
        match (act, self.outcome) {
            (DataAct::Access(act), _)
                if (act.grant, act.minute) != (self.grant, self.minute())
                    || self.number >= act.lines =>
            {
                false
            }
            (DataAct::Access(act), Outcome::Served(_)) => {
                let named = |subject| act.subjects.binary_search(subject).is_ok();
                self.purpose == act.purpose
                    && self.fields.is_within(&act.fields)
                    && (act.subjects.is_empty() || self.subjects.iter().all(named))
                    && self.volume().is_within(act.served)
            }
            (DataAct::Access(act), Outcome::Denied(reason)) => denied(&act.denials, reason),
            // All of its lines are denials.
            (DataAct::Deny(act), Outcome::Denied(reason)) => {
                (&act.resource, act.minute) == (&self.resource, self.minute())
                    && self.number < act.lines
                    && act.grant.is_none_or(|grant| grant == self.grant)
                    && act.organisation.as_ref().is_none_or(|caller| *caller == self.caller)
                    && denied(&act.denials, reason)
            }
            _ => false,
        }
    }

    /// Its leaf in the window's tree.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        leaf_hash(&self.to_der())
    }
}

impl Wire for Line {
    const NAME: &'static str = "access line";
    /// All lists full: 64 pseudonyms and 256 fields.
    const MAX_LEN: usize = 4096;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            out.text(DOMAIN);
            out.uint(self.number);
            out.int(self.time.as_millis());
            out.digest(&self.call);
            out.int(self.signed_at.as_millis());
            out.uint(self.part);
            out.text(self.caller.as_str());
            out.digest(&self.grant);
            out.text(self.resource.as_str());
            out.text(self.purpose.as_str());
            out.octets(&self.fields.iter().collect::<Vec<u8>>());
            out.list(&self.subjects, |out, subject| out.digest(subject));
            out.uint(self.head);
            match &self.outcome {
                Outcome::Served(Answer { rows, bytes, commitment }) => out.tagged(0, |out| {
                    out.sequence(|out| {
                        out.uint(*rows);
                        out.uint(*bytes);
                        out.digest(commitment);
                    });
                }),
                Outcome::Denied(reason) => out.tagged(1, |out| out.uint(reason.number())),
            }
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            if input.text("domain", 1, 64)? != DOMAIN {
                return Err(WireError::Value("domain"));
            }
            Ok(Self {
                number: input.uint("number")?,
                time: time(input, "time")?,
                call: input.digest("call")?,
                signed_at: time(input, "signed at")?,
                part: input.uint32("part")?,
                caller: OrganisationCode::new(input.text("caller", 18, 18)?)
                    .map_err(|_| WireError::Value("caller"))?,
                grant: input.digest("grant")?,
                resource: resource(input)?,
                purpose: Purpose::new(input.text("purpose", 1, 64)?)
                    .map_err(|_| WireError::Value("purpose"))?,
                fields: fields(input)?,
                subjects: subjects(input)?,
                head: input.uint("head")?,
                outcome: outcome(input)?,
            })
        })
    }
}

pub(crate) fn time(input: &mut Reader<'_>, what: &'static str) -> Result<UnixTime, WireError> {
    UnixTime::from_millis(input.int(what)?).map_err(|_| WireError::Value(what))
}

pub(crate) fn resource(input: &mut Reader<'_>) -> Result<ResourceCode, WireError> {
    let text = input.text("resource", 20, 19 + ResourceCode::MAX_OWN)?;
    ResourceCode::new(text).map_err(|_| WireError::Value("resource"))
}

pub(crate) fn fields(input: &mut Reader<'_>) -> Result<FieldSet, WireError> {
    let numbers = input.octets("fields", 0, FieldSet::MAX_FIELDS)?;
    rising("fields", numbers, |n| *n)?;
    Ok(numbers.iter().copied().collect())
}

pub(crate) fn subjects(input: &mut Reader<'_>) -> Result<Vec<Digest>, WireError> {
    let subjects = input.list("subjects", 0, MAX_DATA_LIST, |input| input.digest("subject"))?;
    rising("subjects", &subjects, |s| *s)?;
    Ok(subjects)
}

fn outcome(input: &mut Reader<'_>) -> Result<Outcome, WireError> {
    let served = input.optional("served", 0, |input| {
        input.sequence("served", |input| {
            let (rows, bytes) = (input.uint("rows")?, input.uint("bytes")?);
            Ok(Answer { rows, bytes, commitment: input.digest("commitment")? })
        })
    })?;
    if let Some(answer) = served {
        return Ok(Outcome::Served(answer));
    }
    let number = input.tagged("denied", 1, |input| input.uint32("reason"))?;
    let reason = DenialReason::ALL.iter().find(|reason| reason.number() == number);
    reason.map(|reason| Outcome::Denied(*reason)).ok_or(WireError::Value("reason"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use yinxin_gm::sm3;
    use yinxin_record::{AccessWindow, DenyAccess};

    const OWNER: &str = "11990100MB0A00018B";
    const BANK: &str = "11990100MB0A000266";
    const MINUTE: u64 = 29_000_000;

    /// What an act says otherwise, and how.
    type Case<T> = (&'static str, fn(&mut T));

    fn digest(what: &str) -> Digest {
        sm3::digest(what.as_bytes())
    }

    fn line(outcome: Outcome) -> Line {
        let time = UnixTime::from_millis(29_000_000 * 60_000 + 7_000).unwrap();
        let owner = OrganisationCode::new(OWNER).unwrap();
        Line {
            number: 3,
            time,
            call: digest("call"),
            signed_at: time,
            part: 0,
            caller: OrganisationCode::new(BANK).unwrap(),
            grant: digest("grant"),
            resource: ResourceCode::of(&owner, "306001/000001").unwrap(),
            purpose: Purpose::new("credit").unwrap(),
            fields: [0, 1].into_iter().collect(),
            subjects: vec![digest("somebody")],
            head: 9,
            outcome,
        }
    }

    fn served() -> Line {
        line(Outcome::Served(Answer { rows: 5, bytes: 50, commitment: digest("answer") }))
    }

    fn window() -> AccessWindow {
        AccessWindow {
            grant: digest("grant"),
            minute: MINUTE,
            turn: crate::sample::TURN,
            lines: 4,
            purpose: Purpose::new("credit").unwrap(),
            fields: [0, 1, 2].into_iter().collect(),
            served: Volume { calls: 1, rows: 5, bytes: 50 },
            root: digest("root"),
            subjects: vec![digest("somebody")],
            denials: vec![Denial { reason: DenialReason::Purpose, count: 1 }],
        }
    }

    fn apart() -> DenyAccess {
        DenyAccess {
            resource: served().resource,
            minute: MINUTE,
            turn: crate::sample::TURN,
            lines: 4,
            grant: Some(digest("grant")),
            organisation: Some(OrganisationCode::new(BANK).unwrap()),
            denials: vec![Denial { reason: DenialReason::Revoked, count: 2 }],
            root: digest("root"),
        }
    }

    #[test]
    fn a_served_line_is_told_by_a_window_that_says_no_less() {
        assert!(served().is_told_by(&DataAct::Access(window())));
        let everybody = AccessWindow { subjects: Vec::new(), ..window() };
        assert!(served().is_told_by(&DataAct::Access(everybody)));
        let cases: [Case<AccessWindow>; 8] = [
            ("lines", |w| w.lines = 3),
            ("grant", |w| w.grant = digest("another")),
            ("minute", |w| w.minute += 1),
            ("purpose", |w| w.purpose = Purpose::new("tax").unwrap()),
            ("fields", |w| w.fields = [0, 2].into_iter().collect()),
            ("subjects", |w| w.subjects = vec![digest("somebody else")]),
            ("rows", |w| w.served.rows = 4),
            ("calls", |w| w.served.calls = 0),
        ];
        for (what, change) in cases {
            let mut window = window();
            change(&mut window);
            assert!(!served().is_told_by(&DataAct::Access(window)), "{what}");
        }
        assert!(!served().is_told_by(&DataAct::Deny(apart())), "denials tell of nothing served");
    }

    #[test]
    fn a_denied_line_is_told_where_its_reason_is_counted() {
        let denied = |reason| line(Outcome::Denied(reason));
        // The call was denied for its purpose, so the window's may be another.
        let mut asked = denied(DenialReason::Purpose);
        asked.purpose = Purpose::new("tax").unwrap();
        assert!(asked.is_told_by(&DataAct::Access(window())));
        assert!(!denied(DenialReason::Fields).is_told_by(&DataAct::Access(window())));
        let revoked = denied(DenialReason::Revoked);
        assert!(revoked.is_told_by(&DataAct::Deny(apart())));
        let nobodys = DenyAccess { grant: None, organisation: None, ..apart() };
        assert!(revoked.is_told_by(&DataAct::Deny(nobodys)));
        let cases: [Case<DenyAccess>; 6] = [
            ("lines", |d| d.lines = 3),
            ("resource", |d| {
                let owner = OrganisationCode::new(OWNER).unwrap();
                d.resource = ResourceCode::of(&owner, "306001/000002").unwrap();
            }),
            ("minute", |d| d.minute -= 1),
            ("grant", |d| d.grant = Some(digest("another"))),
            ("caller", |d| d.organisation = Some(OrganisationCode::new(OWNER).unwrap())),
            ("reason", |d| d.denials[0].reason = DenialReason::Expired),
        ];
        for (what, change) in cases {
            let mut act = apart();
            change(&mut act);
            assert!(!revoked.is_told_by(&DataAct::Deny(act)), "{what}");
        }
    }
}
