//! What is done in each block: windows of standing grants above all, some new shares, and the planted stories.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    AccessWindow, Act, Approval, Approver, AutomaticRule, DataAct, Deadline, Decide, Decision,
    Deliver, DeliveredContent, Denial, DenialReason, DenyAccess, Derive, DeriveMethod, FieldKind,
    FieldSet, GrantedData, Level, Masking, NegativeList, OpenServing, Otherwise, PublishCalendar,
    PublishResource, Recipient, RequestData, ResourceCode, ResourceField, SetApprovers,
    SharingClass, Source, Subjects, TakesOver, Terms, Text, Turn, UpdateCycle, Volume, Wire,
};
use yinxin_sharing::access::{self, Answer, Line};
use yinxin_verdict::UnixTime;

use super::ledger::{Ledger, code, person};
use crate::lines::served;

/// Standing resources, a third of each owner's.
const RESOURCES: usize = 60;
/// New in each block of 2,000: requests that the owner's rule grants, deliveries, derivations, denials.
const NEW: usize = 20;
/// Deliveries of a story, each from a resource of its own.
const WIDE: usize = 40;
/// Deliveries that are joined into one.
const JOINED: usize = 8;
/// Grants of a story that are used every minute from then on, as its deliveries go on being looked at.
const BUSY: usize = 4;
/// Most stories.
const STORIES: u64 = 400;
const PURPOSE: &str = "信贷审批";
const AUTHORITY: usize = 6;
const DAY_MS: i64 = 24 * 3_600_000;
const LIMIT: Volume = Volume { calls: 1 << 40, rows: 1 << 40, bytes: 1 << 50 };

/// A planted story.
#[derive(Clone, Debug)]
pub struct Story {
    /// The digest that it ends with.
    pub end: Digest,
    /// Ids of all its records but windows.
    pub records: BTreeSet<Digest>,
    /// How many windows each of its grants has.
    pub windows: BTreeMap<Digest, u64>,
    /// Its requests, by the number of the delivery.
    requests: HashMap<usize, Digest>,
    told: bool,
}

/// A step of a story: publish, ask, decide, deliver, tell of a minute, join, end.
#[derive(Clone, Copy, Debug)]
struct Step {
    story: usize,
    phase: u64,
    number: usize,
}

/// Acts to come.
pub struct Plan {
    blocks: u64,
    block: u64,
    size: usize,
    gap: u64,
    state: Option<u64>,
    stories: Vec<Story>,
    due: BTreeMap<u64, Vec<Step>>,
    grants: Vec<(Digest, usize)>,
    delivered: Vec<(Digest, usize, Digest, usize)>,
    masked: Vec<(Digest, usize)>,
    /// Story, number of the delivery.
    busy: VecDeque<(usize, usize)>,
    call: Option<Call>,
}

/// A call that can be proven to stand in its window.
#[derive(Clone, Debug)]
pub struct Call {
    /// The record of the window, which has this line alone.
    pub window: Digest,
    /// The line.
    pub line: Line,
}

impl Story {
    /// How many acts it has beside windows: publish, ask, decide, deliver for each delivery; join; end.
    pub const ACTS: usize = 4 * WIDE + WIDE / JOINED + 1;
    /// How many grants: each has a window, some have one for each minute.
    pub const GRANTS: usize = WIDE;

    /// What each story ends with, whether it was told or not: the same in every run.
    pub fn ends() -> impl Iterator<Item = Digest> {
        (0..STORIES).map(end)
    }
}

fn end(story: u64) -> Digest {
    digest(&["story", "end"], &[story])
}

fn digest(parts: &[&str], numbers: &[u64]) -> Digest {
    let text = format!("{parts:?}{numbers:?}");
    sm3::digest(text.as_bytes())
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).expect("short")
}

fn fields() -> FieldSet {
    [0, 1, 2].into_iter().collect()
}

/// Receivers are the departments 3 to 5.
fn receiver(n: usize) -> usize {
    3 + n % 3
}

impl Plan {
    /// That many acts, or the next whole block. With a `state` window the state tree is written too, and kept that long.
    #[must_use]
    pub fn new(acts: u64, state: Option<u64>) -> Self {
        // Blocks as full as they are on a busy ledger, but at least a hundred: stories need time.
        let size = (acts / 100).clamp(250, 2_000);
        let blocks = acts.div_ceil(size);
        let gap = if blocks >= 1_000 { 8 } else { 1 };
        let mut plan = Self {
            blocks,
            block: 0,
            size: usize::try_from(size).expect("2,000 at most"),
            gap,
            state,
            stories: Vec::new(),
            due: BTreeMap::new(),
            grants: Vec::new(),
            delivered: Vec::new(),
            masked: Vec::new(),
            busy: VecDeque::new(),
            call: None,
        };
        let last = blocks.saturating_sub(7 * gap + 1);
        let stories = (last / 4).clamp(1, STORIES);
        for n in 0..stories {
            plan.schedule(n * last / stories);
        }
        plan
    }

    pub(super) fn state(&self) -> Option<u64> {
        self.state
    }

    pub(super) fn is_done(&self) -> bool {
        self.block >= self.blocks
    }

    pub(super) fn into_told(self) -> (Vec<Story>, Option<Call>) {
        (self.stories.into_iter().filter(|s| s.told).collect(), self.call)
    }

    /// Puts a story's steps into the blocks from one on, scattered as a case's acts are over days.
    fn schedule(&mut self, start: u64) {
        let story = self.stories.len();
        self.stories.push(Story {
            end: Digest::ZERO,
            records: BTreeSet::new(),
            windows: BTreeMap::new(),
            requests: HashMap::new(),
            told: false,
        });
        let counts = [WIDE, WIDE, WIDE, WIDE, WIDE, WIDE / JOINED, 1];
        for (phase, count) in (0..).zip(counts) {
            for number in 0..count {
                let at = start + phase * self.gap + number as u64 % self.gap;
                self.due.entry(at).or_default().push(Step { story, phase, number });
            }
        }
    }

    /// Calendar, approvers, resources and standing grants.
    pub(super) fn begin(&mut self, ledger: &mut Ledger) {
        let year = PublishCalendar { digest: calendar(), from_year: 2026, until_year: 2027 };
        let mut acts = vec![(AUTHORITY, DataAct::PublishCalendar(year))];
        acts.extend((0..3).map(|owner| (owner, approvers(owner))));
        acts.extend((0..RESOURCES).map(|n| {
            (n % 3, DataAct::Publish(publication(n % 3, &standing(n), "法人登记信息", true)))
        }));
        ledger.commit(signed(ledger, acts));
        let of = |owner| (0..RESOURCES).filter(move |n| n % 3 == owner).map(resource).collect();
        let acts = (0..3).map(|owner| (owner, open(of(owner)))).collect();
        ledger.commit(signed(ledger, acts));
        // One for each window that a block can tell of.
        for some in (0..self.size).collect::<Vec<_>>().chunks(500) {
            let mut records = Vec::new();
            for n in some {
                let asked = request(&resource(*n), ledger.time());
                let record = ledger.record(receiver(*n), Act::Data(asked));
                self.grants.push((record.id(), *n));
                records.push(record.to_der());
            }
            ledger.commit(records);
        }
    }

    /// The records of the next block.
    pub(super) fn block(&mut self, ledger: &Ledger) -> Vec<Vec<u8>> {
        let mut out = Vec::with_capacity(self.size);
        for step in self.due.remove(&self.block).unwrap_or_default() {
            let (department, act) = self.tell(step, ledger);
            let record = ledger.record(department, Act::Data(act));
            let story = &mut self.stories[step.story];
            if step.phase == 4 {
                story.windows.insert(story.requests[&step.number], 1);
            } else {
                story.records.insert(record.id());
            }
            if step.phase == 1 {
                story.requests.insert(step.number, record.id());
                // That it is served is no act of the story.
                let open = open(vec![story_resource(step.story, step.number)]);
                out.push(ledger.record(step.number % 3, Act::Data(open)).to_der());
            }
            if step.phase == 6 {
                self.busy.extend((0..BUSY).map(|n| (step.story, n)));
            }
            out.push(record.to_der());
        }
        let fresh = self.fresh(ledger);
        out.extend(self.looked(ledger));
        let windows = self.size.saturating_sub(out.len() + fresh.len());
        for (grant, number) in &self.grants[..windows] {
            let mut act = window(*grant, minute(ledger));
            let line = self.call.is_none().then(|| line(ledger, *grant, *number));
            if let Some(line) = &line {
                (act.served.calls, act.root) = (1, line.leaf());
            }
            let record = ledger.record(number % 3, Act::Data(DataAct::Access(act)));
            out.push(record.to_der());
            let window = record.id();
            self.call = line.map(|line| Call { window, line }).or(self.call.take());
        }
        out.extend(fresh);
        self.block += 1;
        out
    }

    /// Windows of the stories' busy grants: half a block of them, each in its turn.
    fn looked(&mut self, ledger: &Ledger) -> Vec<Vec<u8>> {
        let told = self.busy.len().min(self.size / 2);
        let mut out = Vec::with_capacity(told);
        for _ in 0..told {
            let (at, number) = self.busy.pop_front().expect("no more than there are");
            let story = &mut self.stories[at];
            let grant = story.requests[&number];
            *story.windows.entry(grant).or_default() += 1;
            let act = DataAct::Access(window(grant, minute(ledger)));
            out.push(ledger.record(number % 3, Act::Data(act)).to_der());
            self.busy.push_back((at, number));
        }
        out
    }

    /// New requests, deliveries, derived data, documents and denials.
    fn fresh(&mut self, ledger: &Ledger) -> Vec<Vec<u8>> {
        let scale = (NEW * self.size / 2_000).max(1);
        let mut acts: Vec<(usize, DataAct)> = Vec::new();
        let (delivered, masked) =
            (std::mem::take(&mut self.delivered), std::mem::take(&mut self.masked));
        for (grant, receiver, content, owner) in delivered {
            let target = digest(&["masked"], &[self.block, acts.len() as u64]);
            acts.push((
                receiver,
                derive(target, DeriveMethod::Masked, vec![from(grant, owner, content)]),
            ));
            self.masked.push((target, receiver));
        }
        for (source, receiver) in masked {
            let target = digest(&["document"], &[self.block, acts.len() as u64]);
            acts.push((
                receiver,
                derive(target, DeriveMethod::Document, vec![Source::Own(source)]),
            ));
        }
        for n in 0..scale {
            let (grant, number) =
                self.grants[(usize::try_from(self.block).expect("few blocks") * scale + n)
                    % self.grants.len()];
            let content = digest(&["content"], &[self.block, n as u64]);
            acts.push((
                number % 3,
                deliver(ledger, &resource(number), grant, receiver(number), content),
            ));
            self.delivered.push((grant, receiver(number), content, number % 3));
            if n % 4 == 0 {
                acts.push((
                    number % 3,
                    deny(&resource(number), grant, receiver(number), minute(ledger)),
                ));
            }
            acts.push((receiver(n), request(&resource(n), ledger.time())));
        }
        signed(ledger, acts)
    }

    fn tell(&mut self, step: Step, ledger: &Ledger) -> (usize, DataAct) {
        let Step { story: at, phase, number } = step;
        let story = &mut self.stories[at];
        let (owner, receiver, n) = (number % 3, receiver(at), number as u64);
        let resource = story_resource(at, number);
        let content = |n: usize| digest(&["story", "content"], &[at as u64, n as u64]);
        let joined = |n: usize| digest(&["story", "joined"], &[at as u64, n as u64]);
        let asked = |story: &Story, n: usize| story.requests[&n];
        match phase {
            0 => (
                owner,
                DataAct::Publish(publication(
                    owner,
                    &format!("4{at:05}/{n:06}"),
                    "企业用电信息",
                    false,
                )),
            ),
            1 => (receiver, request(&resource, ledger.time())),
            2 => (owner, decide(ledger, owner, asked(story, number), until(ledger.time()))),
            3 => {
                (owner, deliver(ledger, &resource, asked(story, number), receiver, content(number)))
            }
            4 => (owner, DataAct::Access(window(asked(story, number), minute(ledger)))),
            5 => {
                let sources = (number * JOINED..(number + 1) * JOINED)
                    .map(|n| from(asked(story, n), n % 3, content(n)))
                    .collect();
                (receiver, derive(joined(number), DeriveMethod::Joined, sources))
            }
            _ => {
                story.end = end(at as u64);
                story.told = true;
                let sources = (0..WIDE / JOINED).map(|n| Source::Own(joined(n))).collect();
                (receiver, derive(story.end, DeriveMethod::Document, sources))
            }
        }
    }
}

fn signed(ledger: &Ledger, acts: Vec<(usize, DataAct)>) -> Vec<Vec<u8>> {
    acts.into_iter().map(|(n, act)| ledger.record(n, Act::Data(act)).to_der()).collect()
}

pub(super) fn calendar() -> Digest {
    digest(&["calendar"], &[2026])
}

fn standing(n: usize) -> String {
    format!("306001/{:06}", n % RESOURCES)
}

fn resource(n: usize) -> ResourceCode {
    ResourceCode::of(&code(n % 3), &standing(n)).expect("a code")
}

fn story_resource(story: usize, n: usize) -> ResourceCode {
    ResourceCode::of(&code(n % 3), &format!("4{story:05}/{n:06}")).expect("a code")
}

/// The last minute that is over.
fn minute(ledger: &Ledger) -> u64 {
    u64::try_from(ledger.time().as_millis() / 60_000).expect("a time of this century") - 1
}

fn until(time: UnixTime) -> UnixTime {
    time.floor_to_second().plus_millis(90 * DAY_MS)
}

fn approvers(owner: usize) -> DataAct {
    let approver = Approver {
        key: *person(owner).public_key(),
        issuer: code(AUTHORITY),
        certificate: digest(&["person"], &[owner as u64]),
        level: Level::General2,
    };
    DataAct::SetApprovers(SetApprovers { approvers: vec![approver] })
}

fn publication(owner: usize, number: &str, name: &str, automatic: bool) -> PublishResource {
    let field = |name: &str, masking| ResourceField {
        name: text(name),
        kind: FieldKind::Text,
        level: Level::General2,
        masking,
        rule: None,
    };
    let rule = AutomaticRule {
        purposes: vec![text(PURPOSE)],
        organisations: Vec::new(),
        level: Level::General2,
        limit: LIMIT,
        days: 100,
        otherwise: Otherwise::Person,
    };
    PublishResource {
        resource: ResourceCode::of(&code(owner), number).expect("a code"),
        version: 1,
        name: text(name),
        definition: digest(&["entry", number], &[owner as u64]),
        fields: vec![
            field("统一社会信用代码", Masking::None),
            field("企业名称", Masking::None),
            field("法定代表人", Masking::Partial),
            field("注册资本", Masking::None),
            field("经营状态", Masking::None),
        ],
        class: SharingClass::Conditional,
        level: Level::General2,
        dual_control: Level::General4,
        cycle: UpdateCycle::Daily,
        responsibilities: Vec::new(),
        negative: NegativeList {
            fields: FieldSet::default(),
            purposes: Vec::new(),
            organisations: Vec::new(),
        },
        automatic: automatic.then_some(rule),
    }
}

fn request(resource: &ResourceCode, time: UnixTime) -> DataAct {
    DataAct::Request(RequestData {
        resource: resource.clone(),
        version: 1,
        fields: fields(),
        subjects: Subjects::default(),
        purpose: text(PURPOSE),
        item: text("11430000006122244L1430123456789"),
        basis: text("中小企业促进法 第十六条"),
        case: None,
        until: until(time),
        limit: LIMIT,
        level: Level::General2,
        deadline: Deadline {
            at: time.floor_to_second().plus_millis(10 * DAY_MS),
            calendar: calendar(),
        },
    })
}

fn decide(ledger: &Ledger, owner: usize, request: Digest, latest: UnixTime) -> DataAct {
    // A little before what was asked for: the request is some minutes old.
    let until = latest.plus_millis(-DAY_MS);
    let terms = Terms { fields: fields(), until, limit: LIMIT, conditions: None };
    let decision = Decision::Grant(terms);
    let approval = ledger.with_rng(|rng| {
        Approval::sign(&ledger.chain_id(), &request, &decision, &person(owner), rng)
    });
    let approval = approval.expect("a key signs");
    DataAct::Decide(Decide { request, decision, approval })
}

fn deliver(
    ledger: &Ledger,
    resource: &ResourceCode,
    grant: Digest,
    to: usize,
    content: Digest,
) -> DataAct {
    let recipient = Recipient { grant, organisation: code(to), key: ledger.key_id(to) };
    DataAct::Deliver(Deliver {
        resource: resource.clone(),
        envelope: digest(&["envelope", &content.to_string()], &[]),
        content,
        fields: fields(),
        purpose: text(PURPOSE),
        volume: Volume { calls: 1, rows: 500, bytes: 120_000 },
        recipients: vec![recipient],
        subjects: Vec::new(),
        replaces: None,
    })
}

fn turn() -> Turn {
    Turn { journal: digest(&["journal"], &[]), epoch: 1 }
}

fn open(mut resources: Vec<ResourceCode>) -> DataAct {
    resources.sort();
    let takes_over = TakesOver::No;
    DataAct::OpenServing(OpenServing { resources, turn: turn(), lines: 0, takes_over })
}

fn window(grant: Digest, minute: u64) -> AccessWindow {
    AccessWindow {
        grant,
        minute,
        turn: turn(),
        lines: 0,
        purpose: text(PURPOSE),
        fields: fields(),
        served: Volume { calls: 12, rows: 40, bytes: 9_600 },
        root: digest(&["calls"], &[minute]),
        subjects: Vec::new(),
        denials: Vec::new(),
    }
}

/// The line of a call that was answered in that minute.
fn line(ledger: &Ledger, grant: Digest, number: usize) -> Line {
    let begins = i64::try_from(minute(ledger) * 60_000).expect("a time of this century");
    let time = UnixTime::from_millis(begins).expect("a time of this century");
    let Volume { rows, bytes, .. } = window(grant, 0).served;
    let call = access::Call {
        id: digest(&["call"], &[]),
        signed_at: time,
        caller: code(receiver(number)),
        grant,
        resource: resource(number),
        purpose: text(PURPOSE),
        fields: fields(),
        subjects: Vec::new(),
    };
    served(&call, 0, Answer { rows, bytes, commitment: digest(&["answer"], &[]) })
}

fn deny(resource: &ResourceCode, grant: Digest, who: usize, minute: u64) -> DataAct {
    DataAct::Deny(DenyAccess {
        resource: resource.clone(),
        minute,
        turn: turn(),
        lines: 0,
        grant: Some(grant),
        organisation: Some(code(who)),
        denials: vec![Denial { reason: DenialReason::Volume, count: 1 }],
        root: digest(&["denied"], &[minute]),
    })
}

fn from(grant: Digest, owner: usize, content: Digest) -> Source {
    let content = Some(DeliveredContent { server: code(owner), content });
    Source::Grant(GrantedData { grant, fields: fields(), content })
}

fn derive(target: Digest, method: DeriveMethod, sources: Vec<Source>) -> DataAct {
    DataAct::Derive(Derive {
        target,
        method,
        sources,
        rule: digest(&["rule"], &[1]),
        purpose: text(PURPOSE),
        subjects: Vec::new(),
    })
}
