//! `data calendar | approvers`: the days that deadlines are counted with, and the persons who decide; whose certificate one is.

use std::path::PathBuf;

use yinxin_gm::sm3;
use yinxin_pki::Certificate;
use yinxin_record::{
    Approver, CalendarState, DataAct, Level, OrganisationCode, OrganisationState, PublishCalendar,
    SetApprovers, Wire, state_key,
};

use super::{fresh::Fresh, send::Sending, words};
use crate::{
    calendar::CalendarArgs,
    config::Config,
    fail::{Class, Classed, Done, Failure},
    keys, remote,
    submit::Client,
    trusting,
    ui::{self, Ui},
};

/// Whose certificate this is: one that holds by what is trusted, of the key that the ledger knows now for its organisation.
pub(super) fn member(client: &Client, certificate: &Certificate) -> Done<OrganisationCode> {
    trusting::must_chain(&client.trust, certificate, ui::now())?;
    let code = certificate.organisation_code().unwrap_or_default();
    let code = OrganisationCode::new(code).class(Class::Usage)?;
    let member: OrganisationState = Fresh::new(client).known(&state_key::organisation(&code))?;
    if Some(&member.key) == certificate.sm2_key() {
        return Ok(code);
    }
    Err(Failure::new(
        Class::Invalid,
        format!("the certificate names {code}, and its key is not the one that the ledger knows for {code}"),
        format!("证书载明 {code}，但其密钥并非账本所载 {code} 的密钥"),
    )
    .todo("ask the organisation for its certificate on this ledger", "请向该机构索取其在本账本上的证书"))
}

/// `yinxin data calendar`
#[derive(Debug, clap::Args)]
pub(crate) struct PublishDays {
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

impl PublishDays {
    /// Publishes the calendar by its digest.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let calendar = self.calendar.load()?;
        let years: Vec<u16> =
            calendar.sources().filter_map(|(year, _)| u16::try_from(year).ok()).collect();
        let (Some(from_year), Some(until_year)) = (years.first().copied(), years.last().copied())
        else {
            return Err(Failure::new(
                Class::Malformed,
                "the calendar has no year",
                "日历中没有年份",
            ));
        };
        let desk = self.sending.open(ui, config)?;
        let digest = calendar.digest();
        let act = DataAct::PublishCalendar(PublishCalendar { digest, from_year, until_year });
        let done = desk.send(&format!("data/calendar/{digest}"), act)?;
        let state: Option<CalendarState> = desk.state(&state_key::calendar(&digest))?;
        let status = state.map(|s| format!("{}–{}", s.from_year, s.until_year));
        desk.told("calendar", &done, digest, status.unwrap_or_default())
    }
}

/// `yinxin data approvers`
#[derive(Debug, clap::Args)]
pub(crate) struct Approvers {
    /// A person's certificate, and up to which level the person decides; replaces the whole list
    #[arg(long = "approver", value_name = "LEVEL=CERT", value_parser = person)]
    approvers: Vec<(Level, PathBuf)>,
    /// Code of the organisation that issued the persons' certificates [default: the signer's]
    #[arg(long, value_name = "CODE", value_parser = words::organisation)]
    issuer: Option<OrganisationCode>,
    #[command(flatten)]
    sending: Sending,
}

fn person(text: &str) -> Result<(Level, PathBuf), String> {
    let (level, file) = text.split_once('=').ok_or("expected LEVEL=CERT")?;
    Ok((words::level(level)?, PathBuf::from(file)))
}

impl Approvers {
    /// Names the persons by their keys.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let organisation = OrganisationCode::new(&desk.signer.code()?).class(Class::Usage)?;
        let issuer = self.issuer.clone().unwrap_or_else(|| organisation.clone());
        let mut approvers = Vec::new();
        for (level, path) in &self.approvers {
            let certificate = keys::certificate(path)?;
            let key = certificate.sm2_key().copied().ok_or_else(|| {
                Failure::new(Class::Usage, "no SM2 certificate", "不是 SM2 证书").at(path.display())
            })?;
            let certificate = sm3::digest(certificate.raw());
            approvers.push(Approver { key, issuer: issuer.clone(), certificate, level: *level });
        }
        approvers.sort_by_key(|a| a.key.to_sec1());
        let act = SetApprovers { approvers };
        // A list may come back later: the height keeps that apart from this time.
        let height = desk.client.remote.newest().map_err(|e| remote::failure(&e))?.height;
        let key = format!("data/approvers/{height}/{}", sm3::digest(&act.to_der()));
        let count = act.approvers.len();
        let done = desk.send(&key, DataAct::SetApprovers(act))?;
        desk.told("approvers", &done, organisation, count.to_string())
    }
}
