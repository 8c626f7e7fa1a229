//! `credit status`: how a class, subject, item, objection, application, measure or authorisation stands, each word of it proven.

use std::path::PathBuf;

use yinxin_gm::Digest;
use yinxin_receipt::StatusProof;
use yinxin_record::{
    AuthorisationState, Basis, ClassCode, ClassState, EventChain, ItemState, MeasureState,
    ObjectionState, PublishClass, RepairState, SourceCaseState, SourceItemState, Subject,
    SubjectKeyState, TrustedLedgerState, state_key,
};
use yinxin_verdict::UnixTime;

use super::words;
use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
    send,
    submit::{Client, LedgerArgs},
    things::{self, Said, Thing, decoded},
    ui::{self, Ui},
};

/// `yinxin credit status`
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// A class (CODE or CODE@VERSION), a subject, or the id of an item, objection, application, measure, authorisation, case about an item of a batch or other ledger
    #[arg(value_name = "ID", required_unless_present = "proof")]
    id: Option<String>,
    /// Show what a status proof that was written before says, without a node
    #[arg(long, value_name = "FILE", conflicts_with_all = ["id", "out"])]
    proof: Option<PathBuf>,
    /// Write the status proof to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArgs,
}

impl Status {
    /// Asks, checks and shows.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let now = ui::now();
        let things = match (&self.proof, &self.id) {
            (Some(file), _) => vec![thing(&things::offline(file, &self.ledger, config)?, now)],
            (None, Some(id)) => self.ask(&keys(id)?, now, config)?,
            (None, None) => Vec::new(),
        };
        things::tell("yinxin.credit-status/1", things, ui)
    }

    /// An id is one of several things: what the ledger knows of is shown, or the first that it does not.
    fn ask(&self, keys: &[Vec<u8>], now: UnixTime, config: &Config) -> Done<Vec<Thing>> {
        let client = self.ledger.open(config)?;
        let mut things = Vec::new();
        for key in keys {
            let (proof, bytes) = client.status(key)?;
            let mut found = thing(&proof, now);
            if due(&client, &proof, now)? {
                found.details.push(("due", "yes".to_owned()));
            }
            if let Some(out) = self.out.as_ref().filter(|_| found.known) {
                files::write(out, &bytes, Access::Public, Existing::Replace)?;
            }
            things.push(found);
        }
        if things.iter().any(|t| t.known) {
            things.retain(|t| t.known);
        } else {
            things.truncate(1);
        }
        Ok(things)
    }
}

/// Whether the proof is of a measure whose item has ended, and which is not lifted.
fn due(client: &Client, proof: &StatusProof, now: UnixTime) -> Done<bool> {
    if !proof.key.starts_with(b"credit-measure/") {
        return Ok(false);
    }
    let Some(measure) = decoded::<MeasureState>(proof) else { return Ok(false) };
    let item: ItemState = send::known(client, &state_key::credit_item(&measure.item))?;
    Ok(measure.is_due(&item, now))
}

fn keys(id: &str) -> Done<Vec<Vec<u8>>> {
    if let Ok(digest) = id.parse::<Digest>() {
        return Ok(vec![
            state_key::credit_item(&digest),
            state_key::credit_objection(&digest),
            state_key::credit_repair(&digest),
            state_key::credit_measure(&digest),
            state_key::credit_authorisation(&digest),
            state_key::credit_source_case(&digest),
            state_key::credit_source_item(&digest),
            state_key::credit_ledger(&digest),
        ]);
    }
    if let Ok(subject) = Subject::parse(id) {
        return Ok(vec![
            state_key::credit_subject(&subject),
            state_key::credit_uses(&subject),
            state_key::credit_key(&subject),
        ]);
    }
    let (code, version): (ClassCode, _) = words::reference(id).map_err(|_| {
        Failure::new(
            Class::Usage,
            format!("{id:?} is no class, subject or id"),
            format!("{id:?} 不是类别、主体或编号"),
        )
    })?;
    Ok(match version {
        Some(version) => vec![state_key::credit_class_version(&code, version)],
        None => vec![state_key::credit_class(&code)],
    })
}

fn thing(proof: &StatusProof, now: UnixTime) -> Thing {
    let key = String::from_utf8_lossy(&proof.key).into_owned();
    let said = match key.split('/').next().unwrap_or_default() {
        "credit-item" => decoded(proof).map(|state| item(&state, now)),
        "credit-objection" => decoded(proof).map(objection),
        "credit-repair" => decoded(proof).map(repair),
        "credit-measure" => decoded(proof).map(measure),
        "credit-authorisation" => decoded(proof).map(authorisation),
        "credit-source-case" => decoded(proof).map(source_case),
        "credit-source-item" => decoded(proof).map(source_item),
        "credit-ledger" => decoded(proof).map(ledger),
        "credit-subject" | "credit-uses" => decoded(proof).map(chain),
        "credit-key" => decoded(proof).map(subject_key),
        "credit-class" | "credit-formula" => decoded(proof).map(newest),
        "credit-class-version" => decoded(proof).map(class),
        _ => things::raw(proof),
    };
    Thing::of(proof, said)
}

fn source_case(s: SourceCaseState) -> Said {
    let mut details = vec![
        ("ask", s.ask.name().to_owned()),
        ("item", s.item.to_string()),
        ("by", s.by.to_string()),
        ("deadline", s.deadline.at.to_string()),
    ];
    details.extend(s.ruling.map(|ruling| ("ruling", ruling.name().to_owned())));
    details.extend(s.decided_by.map(|by| ("decided-by", by.to_string())));
    details.extend(s.carry_by.map(|by| ("carry-by", by.at.to_string())));
    details.extend(s.carried.map(|record| ("carried-by", record.to_string())));
    if s.reason != 0 {
        details.push(("reason", s.reason.to_string()));
    }
    (s.status.name().to_owned(), details)
}

fn source_item(s: SourceItemState) -> Said {
    let details = vec![
        ("source", s.source.to_string()),
        ("batch", s.sequence.to_string()),
        ("subject", s.subject.to_string()),
        ("class", s.class.to_string()),
        ("authority", s.authority.to_string()),
        ("objections", s.objections.len().to_string()),
        ("applications", s.applications.len().to_string()),
        ("orders", s.orders.len().to_string()),
    ];
    let standing = match s.ended() {
        Some(order) => order.ruling.name(),
        None if s.is_marked() => "open",
        None => "settled",
    };
    (standing.to_owned(), details)
}

fn ledger(s: TrustedLedgerState) -> Said {
    let details = vec![
        ("region", s.region.to_string()),
        ("genesis", s.genesis.to_string()),
        ("authority", s.authority.to_string()),
    ];
    ((if s.serves { "recognised" } else { "closed" }).to_owned(), details)
}

fn item(s: &ItemState, now: UnixTime) -> Said {
    let basis = match &s.basis {
        Basis::Decision(paper) => format!("paper {paper}"),
        Basis::Document(digest) => format!("document {digest}"),
        Basis::Licence(licence) => format!("licence {licence}"),
        Basis::Item(item) => format!("item {item}"),
        Basis::Foreign(basis) => format!("foreign {}:{}", basis.of.chain_id, basis.of.record),
        _ => String::new(),
    };
    let mut details = vec![
        ("subject", s.subject.to_string()),
        ("class", s.class.to_string()),
        ("authority", s.authority.to_string()),
        ("basis", basis),
        ("decided", s.decided.to_string()),
        ("recorded", s.recorded.to_string()),
        ("minimum", s.minimum.to_string()),
    ];
    details.extend(s.until.map(|day| ("until", day.to_string())));
    details.extend(s.ended_at(now).map(|at| ("ended", at.to_string())));
    details.extend(s.is_late().then(|| ("late", "yes".to_owned())));
    details.extend(s.objection.map(|id| ("objection", id.to_string())));
    details.extend(s.repair.map(|id| ("repair", id.to_string())));
    if s.corrections > 0 {
        details.push(("corrections", s.corrections.to_string()));
    }
    details.extend(reason(s.reason));
    (words::standing(s, now), details)
}

fn reason(code: u16) -> Option<(&'static str, String)> {
    (code != 0).then(|| ("reason", code.to_string()))
}

fn objection(s: ObjectionState) -> Said {
    let mut details = vec![
        ("item", s.item.to_string()),
        ("by", s.by.to_string()),
        ("resolve-by", s.deadline.at.to_string()),
        ("since", s.since.to_string()),
    ];
    details.extend(s.signed.map(|word| ("signed-by-subject", word.to_string())));
    details.extend(reason(s.reason));
    (s.status.name().to_owned(), details)
}

fn repair(s: RepairState) -> Said {
    let kinds: Vec<_> = s.evidence.iter().map(|e| e.kind.to_string()).collect();
    let mut details = vec![
        ("item", s.item.to_string()),
        ("by", s.by.to_string()),
        ("evidence", kinds.join(", ")),
        ("decide-by", s.deadline.at.to_string()),
        ("since", s.since.to_string()),
    ];
    details.extend(s.decided_by.map(|by| ("decided-by", by.to_string())));
    details.extend(reason(s.reason));
    (s.status.name().to_owned(), details)
}

fn measure(s: MeasureState) -> Said {
    let mut details = vec![
        ("item", s.item.to_string()),
        ("subject", s.subject.to_string()),
        ("measure", s.measure.to_string()),
        ("by", s.by.to_string()),
        ("feedbacks", s.feedbacks.to_string()),
        ("since", s.since.to_string()),
    ];
    if s.feedbacks > 0 {
        details.push(("result", s.result.to_string()));
    }
    details.extend(reason(s.reason));
    (s.status.name().to_owned(), details)
}

fn authorisation(s: AuthorisationState) -> Said {
    let classes: Vec<_> = s.terms.classes.iter().map(ToString::to_string).collect();
    let mut details = vec![
        ("subject", s.terms.subject.to_string()),
        ("reader", s.terms.reader.to_string()),
        ("purpose", s.terms.purpose.to_string()),
        ("from", s.terms.from.to_string()),
        ("until", s.terms.until.to_string()),
        ("views", s.views.to_string()),
    ];
    if !classes.is_empty() {
        details.push(("classes", classes.join(", ")));
    }
    details.extend(s.ended.map(|at| ("ended", at.to_string())));
    details.extend(reason(s.reason));
    (s.status.name().to_owned(), details)
}

fn chain(s: EventChain) -> Said {
    (format!("{} records", s.count), vec![("head", s.head.to_string())])
}

fn subject_key(s: SubjectKeyState) -> Said {
    let details = vec![
        ("certificate", s.certificate.to_string()),
        ("issuer", s.issuer.to_string()),
        ("registrar", s.registrar.to_string()),
    ];
    (String::from("registered"), details)
}

fn newest(s: ClassState) -> Said {
    (format!("version {}", s.version), vec![("authority", s.authority.to_string())])
}

fn class(s: PublishClass) -> Said {
    let laws: Vec<_> = s.laws.iter().map(ToString::to_string).collect();
    let months = s.term.max_months.map_or_else(|| "…".to_owned(), |m| m.to_string());
    let mut details = vec![
        ("name", s.name.to_string()),
        ("kind", s.kind.name().to_owned()),
        ("valid-from", s.valid_from.to_string()),
        ("months", format!("{}–{months}", s.term.min_months)),
        ("laws", laws.join(", ")),
        ("definition", s.definition.to_string()),
        ("form", s.form.to_string()),
    ];
    details.extend(s.valid_until.map(|day| ("valid-until", day.to_string())));
    (String::from("published"), details)
}
