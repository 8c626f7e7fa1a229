//! `data request | appeal | escalate | cancel`: the requester's side.

use serde::Serialize;
use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    Appeal as AppealAct, BusinessItem, DataAct, Deadline, Escalate as EscalateAct, FieldSet, Level,
    OrganisationCode, PublishResource, Purpose, RequestData, RequestState, ResourceCode,
    ResourceState, Subjects, Text, Wire, WithdrawRequest, state_key,
};
use yinxin_verdict::UnixTime;

use super::{
    overdue,
    send::{self, Desk, Sending, Sent},
    words::{self, VolumeArgs},
};
use crate::{
    calendar::{CalendarArgs, TermArgs, reply_term},
    config::Config,
    fail::{Class, Classed, Done, Failure},
    submit::Client,
    ui::{self, Ui},
};

/// `yinxin data request`
#[derive(Debug, clap::Args)]
pub(crate) struct Request {
    /// The resource's code
    #[arg(value_name = "RESOURCE", value_parser = words::resource)]
    resource: ResourceCode,
    /// A field that is needed, by its name
    #[arg(long = "field", value_name = "NAME", required = true)]
    fields: Vec<String>,
    /// For which purpose, by code
    #[arg(long, value_name = "CODE", value_parser = words::purpose)]
    purpose: Purpose,
    /// In which item of business, by code
    #[arg(long, value_name = "CODE")]
    item: String,
    /// On which article of which law
    #[arg(long, value_name = "TEXT")]
    basis: String,
    /// Salted digest of the case's number and papers
    #[arg(long, value_name = "DIGEST")]
    case: Option<Digest>,
    /// A pseudonym of a subject [default: all subjects]
    #[arg(long = "subject", value_name = "DIGEST")]
    subjects: Vec<Digest>,
    /// Commitment to the set of subjects
    #[arg(long, value_name = "DIGEST")]
    scope: Option<Digest>,
    /// Until when they are needed: a day or an instant
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    until: UnixTime,
    #[command(flatten)]
    volume: VolumeArgs,
    /// In how many working days it is to be decided [default: by the term]
    #[arg(long, value_name = "N", conflicts_with_all = ["term", "terms"])]
    working_days: Option<u32>,
    /// The term by which it is to be decided [default: reply-unconditional or reply-conditional, by the resource's class]
    #[arg(long, value_name = "ID")]
    term: Option<String>,
    #[command(flatten)]
    terms: TermArgs,
    #[command(flatten)]
    calendar: CalendarArgs,
    /// What you call this request: the same key is never committed twice [default: by what is asked]
    #[arg(long, value_name = "KEY")]
    business_key: Option<String>,
    #[command(flatten)]
    sending: Sending,
}

impl Request {
    /// Asks for data.
    pub(super) fn run(mut self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let state: ResourceState = send::known(&desk.client, &state_key::resource(&self.resource))?;
        let version = version(&desk.client, &self.resource, state.version)?;
        let fields = named(&version, &self.fields)?;
        self.subjects.sort_unstable();
        let mut act = RequestData {
            resource: self.resource.clone(),
            version: state.version,
            level: level(&version, &fields),
            fields,
            subjects: Subjects { pseudonyms: self.subjects.clone(), scope: self.scope },
            purpose: self.purpose.clone(),
            item: BusinessItem::new(&self.item).class(Class::Usage)?,
            basis: Text::new(&self.basis).class(Class::Usage)?,
            case: self.case,
            until: self.until,
            limit: self.volume.volume(),
            deadline: Deadline { at: UnixTime::EPOCH, calendar: Digest::ZERO },
        };
        // Asked again on another day it is the same piece of business: its deadline does not count.
        let same = format!("data/request/{}", sm3::digest(&act.to_der()));
        act.deadline = match self.working_days {
            Some(days) => self.calendar.deadline(days)?,
            None => {
                let term = self.term.as_deref().unwrap_or(reply_term(state.class));
                let counted = self.terms.deadline(term, ui::now(), &self.calendar.load()?)?;
                Deadline { at: counted.at(), calendar: counted.calendar() }
            }
        };
        let key = self.business_key.clone().unwrap_or(same);
        let done = desk.send(&key, DataAct::Request(act))?;
        told(&desk, "request", &done, done.id)
    }
}

/// A published version, whole.
pub(super) fn version(
    client: &Client,
    resource: &ResourceCode,
    version: u32,
) -> Done<PublishResource> {
    send::known(client, &state_key::resource_version(resource, version))
}

/// The numbers of named fields.
pub(super) fn named(version: &PublishResource, names: &[String]) -> Done<FieldSet> {
    let number = |name: &String| {
        let at = version.fields.iter().position(|f| f.name.as_str() == name);
        at.and_then(|at| u8::try_from(at).ok()).ok_or_else(|| {
            let known: Vec<_> = version.fields.iter().map(|f| f.name.as_str()).collect();
            let known = known.join(", ");
            Failure::new(
                Class::Usage,
                format!("the resource has no field {name:?}; it has {known}"),
                format!("该资源没有字段 {name:?}；现有：{known}"),
            )
        })
    };
    names.iter().map(number).collect()
}

/// The names of numbered fields.
pub(super) fn names(version: &PublishResource, fields: &FieldSet) -> Vec<String> {
    let name = |number: u8| version.fields.get(usize::from(number)).map(|f| f.name.to_string());
    fields.iter().filter_map(name).collect()
}

fn level(version: &PublishResource, fields: &FieldSet) -> Level {
    let fields = fields.iter().filter_map(|number| version.fields.get(usize::from(number)));
    fields.map(|field| field.level).max().unwrap_or(Level::General1)
}

/// How a request stands.
pub(super) fn state(desk: &Desk<'_>, request: &Digest) -> Done<RequestState> {
    send::known(&desk.client, &state_key::request(request))
}

/// Tells an act on a request, and how the request stands after it.
pub(super) fn told(desk: &Desk<'_>, act: &'static str, done: &Sent, request: Digest) -> Done {
    let status = state(desk, &request)?.status.name();
    desk.told(act, done, request, status)
}

/// `yinxin data appeal`
#[derive(Debug, clap::Args)]
pub(crate) struct Appeal {
    /// The request's id
    #[arg(value_name = "REQUEST")]
    request: Digest,
    /// Salted digest of what is said for it
    #[arg(long, value_name = "DIGEST")]
    statement: Digest,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    /// In how many working days it is to be decided
    #[arg(long, value_name = "N", default_value_t = 10)]
    working_days: u32,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

impl Appeal {
    /// Appeals.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let height = state(&desk, &self.request)?.height;
        let Self { request, statement, reason, .. } = self;
        let deadline = self.calendar.deadline(self.working_days)?;
        let act = DataAct::Appeal(AppealAct { request, reason, statement, deadline });
        let done = desk.send(&format!("data/appeal/{request}/{height}"), act)?;
        told(&desk, "appeal", &done, request)
    }
}

/// `yinxin data escalate`
#[derive(Debug, clap::Args)]
pub(crate) struct Escalate {
    /// The request's id
    #[arg(value_name = "REQUEST", required_unless_present = "overdue")]
    request: Option<Digest>,
    /// Every request that is overdue: of one's own, or with --of, as an authority, for that department's data
    #[arg(long, conflicts_with_all = ["request", "out"])]
    overdue: bool,
    /// Whose data, with --overdue
    #[arg(long, value_name = "CODE", value_parser = words::organisation, requires = "overdue")]
    of: Option<OrganisationCode>,
    /// In how many working days it is now to be decided
    #[arg(long, value_name = "N", default_value_t = 10)]
    working_days: u32,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

#[derive(Serialize)]
struct Escalated {
    schema: &'static str,
    requests: Vec<String>,
}

impl Escalate {
    /// Escalates one, or all that are overdue.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        if let Some(request) = self.request {
            let height = state(&desk, &request)?.height;
            let done = self.one(&desk, request, height)?;
            return told(&desk, "escalate", &done, request);
        }
        let own = OrganisationCode::new(&desk.signer.code()?).class(Class::Usage)?;
        let by = self.of.is_none().then_some(&own);
        let mut late = overdue::waiting(&desk.client, self.of.as_ref(), by)?;
        late.retain(|(_, state)| state.is_overdue(ui::now()));
        for (request, state) in &late {
            self.one(&desk, *request, state.height).map_err(|f| f.at(request))?;
        }
        let requests = late.iter().map(|(request, _)| request.to_string()).collect();
        let view = Escalated { schema: "yinxin.data-escalated/1", requests };
        ui.result(&view, |v| {
            let count = v.requests.len();
            let sum = format!("{}: {count}\n", ui.pick("escalated", "已升级督办"));
            v.requests.iter().map(|r| format!("{r}\n")).chain([sum]).collect()
        })
    }

    fn one(&self, desk: &Desk<'_>, request: Digest, height: u64) -> Done<Sent> {
        let deadline = self.calendar.deadline(self.working_days)?;
        let act = DataAct::Escalate(EscalateAct { request, deadline });
        desk.send(&format!("data/escalate/{request}/{height}"), act)
    }
}

/// `yinxin data cancel`
#[derive(Debug, clap::Args)]
pub(crate) struct Cancel {
    /// The request's id
    #[arg(value_name = "REQUEST")]
    request: Digest,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

impl Cancel {
    /// Takes the request back.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let Self { request, reason, .. } = self;
        let act = DataAct::WithdrawRequest(WithdrawRequest { request, reason });
        let done = desk.send(&format!("data/cancel/{request}"), act)?;
        told(&desk, "cancel", &done, request)
    }
}
