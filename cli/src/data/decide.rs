//! `data grant | refuse | approve | revoke | close`: decisions, and the end of grants.

use std::path::PathBuf;

use yinxin_gm::{Digest, sm2::PrivateKey};
use yinxin_record::{
    Approval, Confirm, DataAct, Decide, Decision, EndGrant, GrantState, RequestState, Terms,
    state_key,
};
use yinxin_verdict::UnixTime;

use super::{
    request::{named, state, told, version},
    send::{self, Desk, Sending},
    words::{self, LessArgs},
};
use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    keys,
    password::PasswordArgs,
    rng,
    ui::Ui,
};

/// The person who decides.
#[derive(Debug, clap::Args)]
struct ApproverArgs {
    /// The deciding person's own private key; the organisation's signs the record around it
    #[arg(long = "approver", value_name = "FILE")]
    approver: PathBuf,
    /// Read that key's password from the first line of this file
    #[arg(long, value_name = "FILE")]
    approver_password_file: Option<PathBuf>,
}

impl ApproverArgs {
    fn load(&self, ui: &Ui) -> Done<PrivateKey> {
        let password = PasswordArgs::file(self.approver_password_file.clone());
        keys::load(&self.approver, &password, ui)
    }

    fn approval(
        &self,
        desk: &Desk<'_>,
        request: &Digest,
        decision: &Decision,
        ui: &Ui,
    ) -> Done<Approval> {
        let (key, chain) = (self.load(ui)?, &desk.client.chain_id);
        Approval::sign(chain, request, decision, &key, &mut rng::os()).class(Class::Key)
    }
}

/// `yinxin data grant`
#[derive(Debug, clap::Args)]
pub(crate) struct Grant {
    /// The request's id
    #[arg(value_name = "REQUEST")]
    request: Digest,
    /// A field that is granted, by its name [default: all that were asked for]
    #[arg(long = "field", value_name = "NAME")]
    fields: Vec<String>,
    /// Until when it serves [default: as asked]
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    until: Option<UnixTime>,
    #[command(flatten)]
    less: LessArgs,
    /// Salted digest of further conditions
    #[arg(long, value_name = "DIGEST")]
    conditions: Option<Digest>,
    #[command(flatten)]
    approver: ApproverArgs,
    #[command(flatten)]
    sending: Sending,
}

impl Grant {
    /// Grants the request, as asked or less.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let before = state(&desk, &self.request)?;
        let asked = &before.asked;
        let fields = if self.fields.is_empty() {
            asked.fields.clone()
        } else {
            named(&version(&desk.client, &asked.resource, asked.version)?, &self.fields)?
        };
        let decision = Decision::Grant(Terms {
            fields,
            until: self.until.unwrap_or(asked.until),
            limit: self.less.or(asked.limit),
            conditions: self.conditions,
        });
        decide(&desk, ("grant", self.request), &before, decision, &self.approver, ui)
    }
}

/// `yinxin data refuse`
#[derive(Debug, clap::Args)]
pub(crate) struct Refuse {
    /// The request's id
    #[arg(value_name = "REQUEST")]
    request: Digest,
    /// Why, by code
    #[arg(long, value_name = "N")]
    reason: u16,
    #[command(flatten)]
    approver: ApproverArgs,
    #[command(flatten)]
    sending: Sending,
}

impl Refuse {
    /// Refuses the request.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let before = state(&desk, &self.request)?;
        let decision = Decision::Refuse(self.reason);
        decide(&desk, ("refuse", self.request), &before, decision, &self.approver, ui)
    }
}

fn decide(
    desk: &Desk<'_>,
    (verb, request): (&'static str, Digest),
    before: &RequestState,
    decision: Decision,
    approver: &ApproverArgs,
    ui: &Ui,
) -> Done {
    let approval = approver.approval(desk, &request, &decision, ui)?;
    let act = DataAct::Decide(Decide { request, decision, approval });
    let done = desk.send(&format!("data/{verb}/{request}/{}", before.height), act)?;
    told(desk, verb, &done, request)
}

/// `yinxin data approve`
#[derive(Debug, clap::Args)]
pub(crate) struct Approve {
    /// The request's id
    #[arg(value_name = "REQUEST")]
    request: Digest,
    #[command(flatten)]
    approver: ApproverArgs,
    #[command(flatten)]
    sending: Sending,
}

impl Approve {
    /// Confirms what a first person granted, over the very same terms.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let before = state(&desk, &self.request)?;
        let Some(decision) = &before.decision else {
            return Err(Failure::new(
                Class::Usage,
                format!("{}: nobody has granted this request yet", self.request),
                format!("{}：该申请尚无人批准", self.request),
            )
            .todo("the first person uses data grant", "请由第一人先执行 data grant"));
        };
        let approval = self.approver.approval(&desk, &self.request, decision, ui)?;
        let act = DataAct::Confirm(Confirm { request: self.request, approval });
        let done = desk.send(&format!("data/approve/{}/{}", self.request, before.height), act)?;
        told(&desk, "approve", &done, self.request)
    }
}

/// Who ends a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The owner, or an authority.
    Revoke,
    /// The receiver.
    Close,
}

/// `yinxin data revoke | close`
#[derive(Debug, clap::Args)]
pub(crate) struct End {
    /// The grant's id
    #[arg(value_name = "GRANT")]
    grant: Digest,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

impl End {
    /// Ends the grant.
    pub(super) fn run(self, ending: Ending, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let Self { grant, reason, .. } = self;
        let act = EndGrant { grant, reason };
        let (verb, act) = match ending {
            Ending::Revoke => ("revoke", DataAct::Revoke(act)),
            Ending::Close => ("close", DataAct::Close(act)),
        };
        let done = desk.send(&format!("data/{verb}/{grant}"), act)?;
        let state: GrantState = send::known(&desk.client, &state_key::grant(&grant))?;
        desk.told(verb, &done, grant, state.status.name())
    }
}
