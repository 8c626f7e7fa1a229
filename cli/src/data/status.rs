//! `data status`: how a resource, request, grant or delivery stands, each word of it proven.

use std::path::PathBuf;

use yinxin_gm::Digest;
use yinxin_receipt::StatusProof;
use yinxin_record::{
    Decision, DeliveryState, GrantState, PublishResource, RequestState, ResourceCode,
    ResourceState, state_key,
};

use super::{
    request::names,
    words::{class_name, level_name, volume},
};
use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
    submit::{Client, LedgerArgs},
    things::{self, Said, Thing, decoded},
    ui::Ui,
};

/// `yinxin data status`
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// A resource's code, the id of a request or grant, or SERVER/ENVELOPE for a delivery
    #[arg(value_name = "ID", required_unless_present = "proof")]
    id: Option<String>,
    /// Show what a status proof that was written before says, without a node
    #[arg(long, value_name = "FILE", conflicts_with_all = ["id", "out"])]
    proof: Option<PathBuf>,
    /// Write the status proof to this file (of a grant: the grant's)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArgs,
}

impl Status {
    /// Asks, checks and shows.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let things = match (&self.proof, &self.id) {
            (Some(file), _) => vec![thing(&things::offline(file, &self.ledger, config)?)],
            (None, Some(id)) => self.ask(id, config)?,
            (None, None) => Vec::new(),
        };
        things::tell("yinxin.data-status/1", things, ui)
    }

    /// A request and the grant that came of it stand under one id: both are shown.
    fn ask(&self, id: &str, config: &Config) -> Done<Vec<Thing>> {
        let client = self.ledger.open(config)?;
        let mut things = Vec::new();
        if let Ok(code) = ResourceCode::new(id) {
            let (proof, mut found) = self.fetch(&client, &state_key::resource(&code))?;
            if let Some(state) = decoded::<ResourceState>(&proof) {
                let key = state_key::resource_version(&code, state.version);
                let version = client.status(&key)?.0;
                found.details.extend(decoded(&version).as_ref().map(published).unwrap_or_default());
            }
            things.push(found);
        } else if let Ok(id) = id.parse::<Digest>() {
            let (request, mut asked) = self.fetch(&client, &state_key::request(&id))?;
            if let Some(state) = decoded::<RequestState>(&request) {
                let key = state_key::resource_version(&state.asked.resource, state.asked.version);
                if let Some(version) = decoded::<PublishResource>(&client.status(&key)?.0) {
                    let fields = names(&version, &state.asked.fields).join(", ");
                    asked.details.push(("fields", fields));
                }
            }
            things.push(asked);
            let (_, grant) = self.fetch(&client, &state_key::grant(&id))?;
            things.extend(Some(grant).filter(|g| g.known));
        } else if let Some(key) = state_key::parse("delivery", id) {
            things.push(self.fetch(&client, &key)?.1);
        } else {
            return Err(Failure::new(
                Class::Usage,
                format!("{id:?} is no resource's code, id, or SERVER/ENVELOPE"),
                format!("{id:?} 不是资源代码、编号或 提供方/信封摘要"),
            ));
        }
        Ok(things)
    }

    fn fetch(&self, client: &Client, key: &[u8]) -> Done<(StatusProof, Thing)> {
        let (proof, bytes) = client.status(key)?;
        let found = thing(&proof);
        if let Some(out) = self.out.as_ref().filter(|_| found.known) {
            files::write(out, &bytes, Access::Public, Existing::Replace)?;
        }
        Ok((proof, found))
    }
}

fn thing(proof: &StatusProof) -> Thing {
    let key = String::from_utf8_lossy(&proof.key).into_owned();
    let said = match key.split('/').next().unwrap_or_default() {
        "resource" => decoded(proof).map(resource),
        "resource-version" => decoded(proof).map(|p| (String::from("published"), published(&p))),
        "request" => decoded(proof).map(request),
        "grant" => decoded(proof).map(grant),
        "delivery" => decoded(proof).map(delivery),
        _ => things::raw(proof),
    };
    Thing::of(proof, said)
}

fn resource(s: ResourceState) -> Said {
    let mut details = vec![
        ("version", s.version.to_string()),
        ("class", class_name(s.class).to_owned()),
        ("level", level_name(s.level).to_owned()),
        ("dual-control", level_name(s.dual_control).to_owned()),
        ("since", s.since.to_string()),
    ];
    details.extend(s.automatic.map(|a| ("automatic-up-to", level_name(a.level).to_owned())));
    details.extend(s.grants_until.map(|t| ("grants-until", t.to_string())));
    (s.status.name().to_owned(), details)
}

fn published(p: &PublishResource) -> Vec<(&'static str, String)> {
    let fields: Vec<_> = p.fields.iter().map(|f| f.name.to_string()).collect();
    vec![
        ("name", p.name.to_string()),
        ("fields", fields.join(", ")),
        ("definition", p.definition.to_string()),
    ]
}

fn request(s: RequestState) -> Said {
    let decision = match &s.decision {
        Some(Decision::Grant(_)) => "grant",
        Some(Decision::Refuse(_)) => "refuse",
        _ => "",
    };
    let by = s.decided_by.map_or_else(|| "rule".to_owned(), |by| by.to_string());
    let mut details = vec![
        ("resource", format!("{}@{}", s.asked.resource, s.asked.version)),
        ("requester", s.requester.to_string()),
        ("purpose", s.asked.purpose.to_string()),
        ("item", s.asked.item.to_string()),
        ("basis", s.asked.basis.to_string()),
        ("level", level_name(s.asked.level).to_owned()),
        ("until", s.asked.until.to_string()),
        ("limit", volume(s.asked.limit)),
        ("decide-by", s.deadline.at.to_string()),
        ("since", s.since.to_string()),
    ];
    if !decision.is_empty() {
        details.push(("decided", format!("{decision}, {by}, {} persons", s.approvers.len())));
    }
    if s.reason != 0 {
        details.push(("reason", s.reason.to_string()));
    }
    (s.status.name().to_owned(), details)
}

fn grant(s: GrantState) -> Said {
    let mut details = vec![
        ("resource", format!("{}@{}", s.resource, s.version)),
        ("receiver", s.receiver.to_string()),
        ("purpose", s.purpose.to_string()),
        ("from", s.from.to_string()),
        ("until", s.until.to_string()),
        ("limit", volume(s.limit)),
        ("used", volume(s.used)),
        ("denied", s.denied.to_string()),
        ("mismatches", s.mismatches.to_string()),
    ];
    details.extend(s.ended.map(|t| ("ended", t.to_string())));
    if s.reason != 0 {
        details.push(("reason", s.reason.to_string()));
    }
    (s.status.name().to_owned(), details)
}

fn delivery(s: DeliveryState) -> Said {
    let to: Vec<_> =
        s.recipients.iter().map(|r| format!("{} ({})", r.organisation, r.grant)).collect();
    let mut details = vec![
        ("resource", s.resource.to_string()),
        ("content", s.content.to_string()),
        ("volume", volume(s.volume)),
        ("to", to.join(", ")),
    ];
    details.extend(s.replaced_by.map(|d| ("replaced-by", d.to_string())));
    (s.status.name().to_owned(), details)
}
