//! Records about shared data, one of each shape that a reader has a branch for.

use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    AccessWindow, Act, Approval, AutomaticRule, DataAct, Deadline, Decide, Decision, Deliver,
    Denial, DenialReason, Derive, DeriveMethod, Duty, FieldKind, FieldSet, GrantedData, Level,
    Masking, NegativeList, OpenServing, Otherwise, PublishResource, Recipient, Refusal, Refused,
    RefusedAct, RequestData, ResourceCode, ResourceField, ResourceVersion, Responsibility,
    SharingClass, Source, Subjects, TakesOver, Terms, Text, Turn, UpdateCycle, Volume, Wire,
};
use yinxin_tests::office::{CODE, Office};

use super::Plain;

pub(crate) fn all(o: &Office) -> Vec<Plain> {
    let record = |act| o.record_of(Act::Data(act)).to_der();
    vec![
        ("record", "data-publish", record(publish())),
        ("record", "data-request", record(DataAct::Request(request()))),
        ("record", "data-decide", record(decide())),
        ("record", "data-deliver", record(deliver())),
        ("record", "data-access", record(access())),
        ("record", "data-open-serving", record(open())),
        ("record", "refusal", refusal().to_der()),
        ("record", "data-derive", record(derive())),
    ]
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).expect("short")
}

fn digest(what: &str) -> Digest {
    sm3::digest(what.as_bytes())
}

fn resource() -> ResourceCode {
    ResourceCode::new(&format!("{CODE}.1")).expect("an owner and a number")
}

fn fields() -> FieldSet {
    [0, 1].into_iter().collect()
}

const VOLUME: Volume = Volume { calls: 1, rows: 2, bytes: 3 };

fn publish() -> DataAct {
    let field = |name: &str| ResourceField {
        name: text(name),
        kind: FieldKind::Text,
        level: Level::General2,
        masking: Masking::Partial,
        rule: Some(digest("rule")),
    };
    let organisation = yinxin_record::OrganisationCode::new(CODE).expect("its check digit holds");
    DataAct::Publish(PublishResource {
        resource: resource(),
        version: 1,
        name: text("resource"),
        definition: digest("entry"),
        fields: vec![field("a"), field("b")],
        class: SharingClass::Conditional,
        level: Level::General2,
        dual_control: Level::Important,
        cycle: UpdateCycle::Daily,
        responsibilities: vec![Responsibility { duty: Duty::Serve, organisation }],
        negative: NegativeList { fields: fields(), ..NegativeList::default() },
        automatic: Some(AutomaticRule {
            purposes: vec![text("p")],
            organisations: Vec::new(),
            level: Level::General2,
            limit: VOLUME,
            days: 30,
            otherwise: Otherwise::Person,
        }),
    })
}

fn request() -> RequestData {
    RequestData {
        resource: resource(),
        version: 1,
        fields: fields(),
        subjects: Subjects { pseudonyms: vec![digest("p")], scope: None },
        purpose: text("p"),
        item: text("i"),
        basis: text("b"),
        case: None,
        until: Office::signing(),
        limit: VOLUME,
        level: Level::General2,
        deadline: Deadline { at: Office::signing(), calendar: digest("2026") },
    }
}

fn decide() -> DataAct {
    let (until, limit) = (Office::signing(), VOLUME);
    let terms = Terms { fields: fields(), until, limit, conditions: None };
    let approval = Approval { approver: digest("key"), signature: [1; 64] };
    let request = digest("q");
    DataAct::Decide(Decide { request, decision: Decision::Grant(terms), approval })
}

fn deliver() -> DataAct {
    let organisation = yinxin_record::OrganisationCode::new(CODE).expect("its check digit holds");
    let recipient = Recipient { grant: digest("q"), organisation, key: digest("key") };
    DataAct::Deliver(Deliver {
        resource: resource(),
        envelope: digest("e"),
        content: digest("c"),
        fields: fields(),
        purpose: text("p"),
        volume: VOLUME,
        recipients: vec![recipient],
        subjects: Vec::new(),
        replaces: None,
    })
}

fn turn() -> Turn {
    Turn { journal: digest("j"), epoch: 2 }
}

fn open() -> DataAct {
    DataAct::OpenServing(OpenServing {
        resources: vec![resource()],
        turn: turn(),
        lines: 3,
        takes_over: TakesOver::Yes,
    })
}

fn refusal() -> Refusal {
    let organisation = yinxin_record::OrganisationCode::new(CODE).expect("its check digit holds");
    let (act, code) = (text("data request"), text("POWER_MISSING"));
    let refused = RefusedAct { record: digest("r"), organisation, act, code };
    Refusal { number: 3, time: Office::signing(), height: 9, refused: Refused::Act(refused) }
}

fn access() -> DataAct {
    DataAct::Access(AccessWindow {
        grant: digest("q"),
        minute: 29_000_000,
        turn: turn(),
        lines: 3,
        purpose: text("p"),
        fields: fields(),
        served: VOLUME,
        root: digest("r"),
        subjects: vec![digest("p")],
        denials: vec![Denial { reason: DenialReason::Volume, count: 1 }],
    })
}

fn derive() -> DataAct {
    let granted = GrantedData { grant: digest("q"), fields: fields(), content: None };
    DataAct::Derive(Derive {
        target: digest("t"),
        method: DeriveMethod::Joined,
        sources: vec![
            Source::Resource(ResourceVersion { resource: resource(), version: 1 }),
            Source::Grant(granted),
            Source::Own(digest("o")),
        ],
        rule: digest("rule"),
        purpose: text("p"),
        subjects: Vec::new(),
    })
}
