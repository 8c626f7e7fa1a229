//! `data deliver`: what an envelope is, and under which grants it goes out.

use std::{collections::BTreeSet, path::PathBuf};

use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    DataAct, Deliver as DeliverAct, DeliveryState, FieldSet, GrantState, OrganisationCode,
    Recipient, Volume, key_id, state_key,
};

use super::{
    aside::{self, ServerArgs},
    envelope::read_header,
    people,
    request::{named, version},
    send::{self, Desk, Sending, Sent},
    words::failure,
};
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    keys,
    ui::Ui,
};

/// `yinxin data deliver`
#[derive(Debug, clap::Args)]
pub(crate) struct Deliver {
    /// The envelope's header
    #[arg(value_name = "ENVELOPE")]
    header: PathBuf,
    /// A grant, and the certificate of its receiver that the envelope is sealed to
    #[arg(long = "to", value_name = "GRANT=CERT", value_parser = receiver, required = true)]
    to: Vec<(Digest, PathBuf)>,
    /// How many rows are in it
    #[arg(long, value_name = "N")]
    rows: u64,
    /// A field that is in it, by its name [default: all that every grant has]
    #[arg(long = "field", value_name = "NAME")]
    fields: Vec<String>,
    /// A pseudonym of a subject, where they are few
    #[arg(long = "subject", value_name = "DIGEST")]
    subjects: Vec<Digest>,
    /// The envelope that this one replaces, of the same content
    #[arg(long, value_name = "DIGEST")]
    replaces: Option<Digest>,
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    sending: Sending,
}

/// Reads a grant and a certificate's file, for clap.
pub(super) fn receiver(text: &str) -> Result<(Digest, PathBuf), String> {
    let (grant, file) = text.split_once('=').ok_or("expected GRANT=CERT")?;
    let grant = grant.parse().map_err(|_| format!("{grant:?} is no grant's id"))?;
    Ok((grant, PathBuf::from(file)))
}

impl Deliver {
    /// Records the delivery; only then is the envelope handed out.
    pub(super) fn run(mut self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let header = read_header(&self.header)?;
        let verified = header.verify(&desk.signer.certificate).map_err(|e| failure(&e));
        let verified = verified.at(self.header.display())?;
        let mut left: BTreeSet<Digest> = verified.recipients().collect();
        left.remove(&sm3::digest(desk.signer.certificate.raw()));
        let mut recipients = Vec::new();
        let mut grants: Vec<GrantState> = Vec::new();
        for (id, path) in &self.to {
            let certificate = keys::certificate(path)?;
            if !left.remove(&sm3::digest(certificate.raw())) {
                return Err(Failure::new(
                    Class::Usage,
                    "the envelope is not sealed to this certificate",
                    "该信封并非加密给此证书",
                )
                .at(path.display()));
            }
            let organisation = people::member(&desk.client, &certificate).at(path.display())?;
            let key = certificate.sm2_key().map(key_id);
            let key = key.ok_or_else(|| Failure::bug("a recipient without SM2 key"))?;
            grants.push(send::known(&desk.client, &state_key::grant(id))?);
            recipients.push(Recipient { grant: *id, organisation, key });
        }
        if let Some(other) = left.first() {
            return Err(Failure::new(
                Class::Usage,
                format!("the envelope also opens for the certificate {other}, and no grant is named for it"),
                format!("该信封还可由证书 {other} 打开，但未指定其授权"),
            )
            .todo("name its grant, or seal anew without it", "请指定其授权，或重新加密时不含该证书"));
        }
        recipients.sort_by_key(|r| r.grant);
        self.subjects.sort_unstable();
        let (envelope, content) = (header.digest(), verified.content());
        let first = &grants[0];
        let act = DeliverAct {
            resource: first.resource.clone(),
            envelope,
            content: content.digest(),
            fields: self.fields(&desk, &grants)?,
            purpose: first.purpose.clone(),
            volume: Volume { calls: 1, rows: self.rows, bytes: content.length() },
            recipients,
            subjects: self.subjects.clone(),
            replaces: self.replaces,
        };
        let server = OrganisationCode::new(&desk.signer.code()?).class(Class::Usage)?;
        aside::serves(&desk.client, &server, &act.resource)?;
        let done = self.send(&desk, &server, act, ui)?;
        let key = state_key::delivery(&server, &envelope);
        let state: DeliveryState = send::known(&desk.client, &key)?;
        desk.told("deliver", &done, envelope, state.status.name())
    }

    /// Sends the record, once as much is set aside as it needs.
    fn send(
        &self,
        desk: &Desk<'_>,
        own: &OrganisationCode,
        act: DeliverAct,
        ui: &Ui,
    ) -> Done<Sent> {
        let (envelope, volume) = (act.envelope, act.volume);
        let grants: Vec<Digest> = act.recipients.iter().map(|r| r.grant).collect();
        let shelf = aside::before(&self.server, &desk.client, own, &grants, ui)?;
        if let Some(shelf) = &shelf {
            shelf.reserve(&desk.client, own, envelope, &grants, volume)?;
        }
        let done = desk.try_send(&format!("data/deliver/{envelope}"), DataAct::Deliver(act));
        aside::after(shelf.as_ref(), &desk.client, own, envelope, done.as_ref().err())?;
        done.map_err(|unsent| unsent.failure)
    }

    fn fields(&self, desk: &Desk<'_>, grants: &[GrantState]) -> Done<FieldSet> {
        let first = &grants[0];
        if self.fields.is_empty() {
            let all = grants.iter().map(|g| g.fields.clone());
            return Ok(all.reduce(|a, b| a.common(&b)).unwrap_or_default());
        }
        named(&version(&desk.client, &first.resource, first.version)?, &self.fields)
    }
}
