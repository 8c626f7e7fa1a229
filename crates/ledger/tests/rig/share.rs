//! Departments that share data: 1 owns, 2 and 5 receive, 3 serves in the owner's place, 4 is the authority.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a rig that fails has failed its test")]

use yinxin_gm::{Digest, sm3};
use yinxin_ledger::{Error, Outcome};
use yinxin_record::{
    AccessWindow, Act, Approval, Approver, AutomaticRule, DataAct, Deadline, Decide, Decision,
    Deliver, Derive, DeriveMethod, Duty, FieldKind, FieldSet, GrantState, GrantedData, Level,
    Masking, NegativeList, OpenServing, Otherwise, PublishCalendar, PublishResource, Purpose,
    Recipient, RequestData, RequestState, ResourceCode, ResourceField, Responsibility,
    SetApprovers, SharingClass, Source, Subjects, TakesOver, Terms, Text, Turn, UpdateCycle,
    Volume, key_id, state_key,
};
use yinxin_verdict::UnixTime;

use crate::world::{World, code, key};

pub(crate) const OWNER: u8 = 1;
pub(crate) const RECEIVER: u8 = 2;
pub(crate) const SERVER: u8 = 3;
pub(crate) const AUTHORITY: u8 = 4;
pub(crate) const OTHER: u8 = 5;
pub(crate) const DAY_MS: i64 = 24 * 3_600_000;

/// Keys of persons: two of the owner's, the second one for general data only, and one of the authority's.
pub(crate) const FIRST: u8 = 201;
pub(crate) const SECOND: u8 = 202;
pub(crate) const CLERK: u8 = 203;
pub(crate) const JUDGE: u8 = 204;

pub(crate) fn digest(what: &str) -> Digest {
    sm3::digest(what.as_bytes())
}

pub(crate) fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

pub(crate) fn resource_code(n: u8) -> ResourceCode {
    ResourceCode::of(&code(OWNER), &format!("306001/{n:06}")).unwrap()
}

pub(crate) fn fields(numbers: &[u8]) -> FieldSet {
    numbers.iter().copied().collect()
}

pub(crate) fn volume(calls: u64, rows: u64, bytes: u64) -> Volume {
    Volume { calls, rows, bytes }
}

pub(crate) fn field(name: &str, level: Level) -> ResourceField {
    let (kind, masking) = (FieldKind::Text, Masking::Partial);
    ResourceField { name: text(name), kind, level, masking, rule: Some(digest(name)) }
}

/// Four fields, one of each level up to important; the last is never shared, nor is anything for advertising or to nobody.
pub(crate) fn publication(n: u8, version: u32) -> PublishResource {
    PublishResource {
        resource: resource_code(n),
        version,
        name: text("法人登记信息"),
        definition: digest("entry"),
        fields: vec![
            field("name", Level::General1),
            field("code", Level::General2),
            field("address", Level::General4),
            field("account", Level::Important),
            field("secret", Level::General1),
        ],
        class: SharingClass::Conditional,
        level: Level::Important,
        dual_control: Level::General4,
        cycle: UpdateCycle::Daily,
        responsibilities: vec![
            Responsibility { duty: Duty::Provide, organisation: code(OWNER) },
            Responsibility { duty: Duty::Serve, organisation: code(SERVER) },
        ],
        negative: NegativeList {
            fields: fields(&[4]),
            purposes: vec![text("advertising")],
            organisations: Vec::new(),
        },
        automatic: None,
    }
}

pub(crate) fn rule(otherwise: Otherwise) -> AutomaticRule {
    AutomaticRule {
        purposes: vec![text("credit")],
        organisations: vec![code(RECEIVER)],
        level: Level::General2,
        limit: volume(100, 1000, 100_000),
        days: 30,
        otherwise,
    }
}

/// A turn of one of the journals that an organisation may have.
pub(crate) fn turn(journal: u8, epoch: u64) -> Turn {
    Turn { journal: Digest([journal; 32]), epoch }
}

/// A server opens it for resource 1; of earlier turns its journal has a line that may have been told of.
pub(crate) fn open(journal: u8, epoch: u64) -> DataAct {
    let (resources, turn, lines) =
        (vec![resource_code(1)], turn(journal, epoch), u64::from(epoch > 1));
    DataAct::OpenServing(OpenServing { resources, turn, lines, takes_over: TakesOver::No })
}

pub(crate) fn credit() -> Purpose {
    text("credit")
}

impl World {
    /// With a calendar, approvers, and resource 1 published.
    pub(crate) fn sharing() -> Self {
        let mut world = Self::with_powers(&[32, 64, 32, 128, 96]);
        let calendar =
            PublishCalendar { digest: digest("2026"), from_year: 2026, until_year: 2026 };
        world.data(AUTHORITY, DataAct::PublishCalendar(calendar)).unwrap();
        world.data(OWNER, approvers(&[(FIRST, 6), (SECOND, 6), (CLERK, 2)])).unwrap();
        world.data(AUTHORITY, approvers(&[(JUDGE, 6)])).unwrap();
        world.data(OWNER, DataAct::Publish(publication(1, 1))).unwrap();
        world.data(SERVER, open(1, 1)).unwrap();
        world
    }

    pub(crate) fn data(&mut self, n: u8, act: DataAct) -> Result<Outcome, Error> {
        self.act(n, Act::Data(act))
    }

    /// The code of the refusal, or "" if there was none.
    pub(crate) fn refused(&mut self, n: u8, act: DataAct) -> &'static str {
        self.data(n, act).err().map_or("", |e| e.code())
    }

    pub(crate) fn later(&mut self, ms: i64) {
        self.time = self.time.plus_millis(ms);
    }

    pub(crate) fn minute(&self) -> u64 {
        u64::try_from(self.time.as_millis() / 60_000).unwrap()
    }

    pub(crate) fn deadline(&self) -> Deadline {
        Deadline { at: self.time.plus_millis(10 * DAY_MS), calendar: digest("2026") }
    }

    /// Fields 0 and 1 of resource 1 for credit, 90 days, 10 calls, 100 rows, 10,000 bytes.
    pub(crate) fn asked(&self) -> RequestData {
        RequestData {
            resource: resource_code(1),
            version: 1,
            fields: fields(&[0, 1]),
            subjects: Subjects { pseudonyms: vec![digest("somebody")], scope: None },
            purpose: credit(),
            item: text("11430000006122244L1430123456789"),
            basis: text("中小企业促进法 第十六条"),
            case: Some(digest("case")),
            until: self.time.plus_millis(90 * DAY_MS),
            limit: volume(10, 100, 10_000),
            level: Level::General2,
            deadline: self.deadline(),
        }
    }

    pub(crate) fn request(&mut self, n: u8, asked: RequestData) -> Result<Digest, Error> {
        self.data(n, DataAct::Request(asked)).map(|outcome| outcome.results[0].id)
    }

    pub(crate) fn terms(&self, request: &Digest) -> Terms {
        let RequestData { fields, until, limit, .. } = self.request_state(request).asked;
        Terms { fields, until, limit, conditions: None }
    }

    pub(crate) fn decide(
        &mut self,
        n: u8,
        request: Digest,
        decision: Decision,
        person: u8,
    ) -> Result<Outcome, Error> {
        let approval = self.approval(&request, &decision, person);
        self.data(n, DataAct::Decide(Decide { request, decision, approval }))
    }

    pub(crate) fn approval(&self, request: &Digest, decision: &Decision, person: u8) -> Approval {
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        Approval::sign(&self.chain_id, request, decision, &key(person), rng).unwrap()
    }

    /// A live grant to a receiver of what [`World::asked`] asks.
    pub(crate) fn granted(&mut self, n: u8) -> Digest {
        let id = self.request(n, self.asked()).unwrap();
        let decision = Decision::Grant(self.terms(&id));
        self.decide(OWNER, id, decision, CLERK).unwrap();
        id
    }

    pub(crate) fn request_state(&self, id: &Digest) -> RequestState {
        self.load(&state_key::request(id)).unwrap()
    }

    pub(crate) fn grant_state(&self, id: &Digest) -> GrantState {
        self.load(&state_key::grant(id)).unwrap()
    }

    /// One call with one row in this minute.
    pub(crate) fn window(&self, grant: Digest, minute: u64) -> AccessWindow {
        AccessWindow {
            grant,
            minute,
            turn: turn(1, 1),
            lines: 1,
            purpose: credit(),
            fields: fields(&[0]),
            served: volume(1, 1, 10),
            root: digest("calls"),
            subjects: Vec::new(),
            denials: Vec::new(),
        }
    }

    pub(crate) fn delivery(&self, grants: &[(Digest, u8)], envelope: &str) -> Deliver {
        let recipient = |(grant, n): &(Digest, u8)| Recipient {
            grant: *grant,
            organisation: code(*n),
            key: key_id(key(*n).public_key()),
        };
        let mut recipients: Vec<_> = grants.iter().map(recipient).collect();
        recipients.sort_by_key(|r| r.grant);
        Deliver {
            resource: resource_code(1),
            envelope: digest(envelope),
            content: digest("content"),
            fields: fields(&[0, 1]),
            purpose: credit(),
            volume: volume(1, 20, 2000),
            recipients,
            subjects: vec![digest("somebody")],
            replaces: None,
        }
    }
}

pub(crate) fn approvers(persons: &[(u8, u32)]) -> DataAct {
    let level = |number| *Level::ALL.iter().find(|l| l.number() == number).unwrap();
    let approver = |(n, up_to): &(u8, u32)| Approver {
        key: *key(*n).public_key(),
        issuer: code(AUTHORITY),
        certificate: sm3::digest(&[*n]),
        level: level(*up_to),
    };
    let mut approvers: Vec<_> = persons.iter().map(approver).collect();
    approvers.sort_by_key(|a| a.key.to_sec1());
    DataAct::SetApprovers(SetApprovers { approvers })
}

pub(crate) fn derive(target: &str, sources: Vec<Source>) -> Derive {
    Derive {
        target: digest(target),
        method: DeriveMethod::Masked,
        sources,
        rule: digest("rule"),
        purpose: credit(),
        subjects: Vec::new(),
    }
}

pub(crate) fn from_grant(grant: Digest, numbers: &[u8]) -> Source {
    Source::Grant(GrantedData { grant, fields: fields(numbers), content: None })
}

/// The first instant of a minute.
pub(crate) fn minute_time(minute: u64) -> UnixTime {
    yinxin_record::minute_start(minute).unwrap()
}
