//! `data rewrap`: envelopes get a new header, their content stays: keys were rotated, recipients come or go. The ledger learns it
//! before the new header takes the old one's place.

mod plan;

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_gm::{Digest, sm3};
use yinxin_pki::Certificate;
use yinxin_record::{BusinessState, DataAct, Deliver, OrganisationCode, Wire, state_key};
use yinxin_sharing::envelope::{Changes, Header, Owner};

use self::plan::Plan;
use super::{
    aside::{self, ServerArgs, Shelf},
    deliver::receiver,
    envelope::{delivered, read_header},
    send::{self, beside, remove},
    words::failure,
};
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::{self, Signer, SignerArgs},
    password::PasswordArgs,
    rng,
    submit::{Client, Committed, LedgerArgs},
    ui::Ui,
};

/// `yinxin data rewrap`
#[derive(Debug, clap::Args)]
pub(crate) struct Rewrap {
    /// Headers of envelopes, or folders of them; files that are no headers are passed over in a folder
    #[arg(value_name = "ENVELOPE|FOLDER", required = true)]
    envelopes: Vec<PathBuf>,
    /// A certificate and the one that follows it; envelopes that are not addressed to the first stay as they are
    #[arg(long = "rotate", value_name = "OLD=NEW", value_parser = pair)]
    rotate: Vec<(PathBuf, PathBuf)>,
    /// A new recipient: its grant and certificate
    #[arg(long = "add", value_name = "GRANT=CERT", value_parser = receiver)]
    add: Vec<(Digest, PathBuf)>,
    /// The certificate of a recipient that goes
    #[arg(long = "remove", value_name = "CERT")]
    remove: Vec<PathBuf>,
    /// The certificate that the envelopes are signed under so far, if the signer's own was rotated
    #[arg(long, value_name = "CERT", requires = "was_key")]
    was_cert: Option<PathBuf>,
    /// The key of that certificate
    #[arg(long, value_name = "FILE", requires = "was_cert")]
    was_key: Option<PathBuf>,
    /// Read that key's password from the first line of this file
    #[arg(long, value_name = "FILE", requires = "was_key")]
    was_password_file: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
}

fn pair(text: &str) -> Result<(PathBuf, PathBuf), String> {
    let (old, new) = text.split_once('=').ok_or("expected OLD=NEW")?;
    Ok((PathBuf::from(old), PathBuf::from(new)))
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    envelopes: Vec<Shown>,
    unchanged: usize,
}

#[derive(Serialize)]
struct Shown {
    header: String,
    before: String,
    envelope: String,
    revision: u32,
    /// The record that tells the ledger; none for what was never delivered.
    record: Option<String>,
}

impl Rewrap {
    /// Wraps each envelope anew; a run that was cut off goes on where it stopped.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let signer = self.signer.load(ui)?;
        let was = self.was(ui)?;
        let followed = was.as_ref().zip(Some(&signer));
        let plan = Plan::read(&client, &self.rotate, &self.add, &self.remove, followed)?;
        let paths = self.paths()?;
        let own = OrganisationCode::new(&signer.code()?).class(Class::Usage)?;
        let grants: Vec<Digest> = self.add.iter().map(|(grant, _)| *grant).collect();
        let shelf = match &grants[..] {
            [] => None,
            grants => aside::before(&self.server, &client, &own, grants, ui)?,
        };
        let was = was.as_ref();
        let wrapper = Wrapper { client: &client, signer: &signer, was, own, plan, shelf };
        let bar = ui.progress(paths.len() as u64, "wrapping anew", "正在重新封装");
        let (mut envelopes, mut unchanged) = (Vec::new(), 0);
        for path in &paths {
            match wrapper.one(path).at(path.display())? {
                Some(shown) => envelopes.push(shown),
                None => unchanged += 1,
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        let view = View { schema: "yinxin.data-rewrap/1", envelopes, unchanged };
        ui.result(&view, |v| {
            let told = |s: &Shown| {
                let known = match &s.record {
                    Some(record) => format!("{} {record}", ui.pick("record", "记录")),
                    None => ui.pick("never delivered", "未曾交付").to_owned(),
                };
                format!("{}: {} → {}\n  {known}\n", s.header, s.before, s.envelope)
            };
            let rest = format!("{}: {}\n", ui.pick("unchanged", "未变"), v.unchanged);
            v.envelopes.iter().map(told).chain([rest]).collect()
        })
    }

    fn was(&self, ui: &Ui) -> Done<Option<Signer>> {
        let (Some(cert), Some(key)) = (&self.was_cert, &self.was_key) else { return Ok(None) };
        let password = PasswordArgs::file(self.was_password_file.clone());
        let args =
            SignerArgs { key: keys::KeyArgs { key: key.clone(), password }, cert: cert.clone() };
        args.load(ui).map(Some)
    }

    /// All headers, in order; what is named itself must be one.
    fn paths(&self) -> Done<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for path in &self.envelopes {
            if !path.is_dir() {
                paths.push(path.clone());
                continue;
            }
            let mut inside = files::list(path)?;
            inside.sort();
            paths.extend(inside.into_iter().filter(|p| is_header(p)));
        }
        Ok(paths)
    }
}

/// Bodies of many gigabytes lie beside their headers: only what could be a header is read.
fn is_header(path: &Path) -> bool {
    let small = path.metadata().is_ok_and(|m| m.is_file() && m.len() <= Header::MAX_LEN as u64);
    let next = path.extension().is_some_and(|e| e == "next");
    small && !next && read_header(path).is_ok()
}

struct Wrapper<'a> {
    client: &'a Client,
    signer: &'a Signer,
    /// The identity before the signer's own rotation.
    was: Option<&'a Signer>,
    own: OrganisationCode,
    plan: Plan,
    /// Where a new recipient's volume is set aside.
    shelf: Option<Shelf>,
}

impl Wrapper<'_> {
    fn one(&self, path: &Path) -> Done<Option<Shown>> {
        let header = read_header(path)?;
        let (next_path, kept) = (beside(path, "next"), beside(path, "unsent"));
        let next = match self.begun(&next_path, &header)? {
            Some(next) => next,
            None => match self.next(&header)? {
                Some(next) => {
                    files::write(&next_path, &next.to_der(), Access::Public, Existing::Replace)?;
                    next
                }
                None => return Ok(None),
            },
        };
        let verified = next.verify(&self.signer.certificate).map_err(|e| failure(&e))?;
        let revision = verified.revision();
        let record = match self.delivery(&header)? {
            None => None,
            Some(before) => {
                let (old, replaces) = (self.verified(&header)?, header.digest());
                let signer = &self.signer.certificate;
                let act = self.plan.delivery(before, &old, replaces, &next, signer)?;
                let done = self.send(act, &kept)?;
                let receipt = beside(path, &format!("{revision}.receipt"));
                files::write(&receipt, &done.receipt, Access::Public, Existing::Replace)?;
                Some(done.id.to_string())
            }
        };
        std::fs::rename(&next_path, path).map_err(|e| Failure::io(path, &e))?;
        if kept.exists() {
            remove(&kept)?;
        }
        Ok(Some(Shown {
            header: path.display().to_string(),
            before: header.digest().to_string(),
            envelope: next.digest().to_string(),
            revision,
            record,
        }))
    }

    /// Sends the delivery; what it carries to grants that did not have it is set aside before.
    fn send(&self, act: Deliver, kept: &Path) -> Done<Committed> {
        let Self { client, signer, own, shelf, .. } = self;
        let (envelope, volume) = (act.envelope, act.volume);
        let mut grants: Vec<Digest> = Vec::new();
        for recipient in &act.recipients {
            let key = state_key::delivered(&recipient.grant, own, &act.content);
            if send::state::<BusinessState>(client, &key)?.is_none() {
                grants.push(recipient.grant);
            }
        }
        let shelf = shelf.as_ref().filter(|_| !grants.is_empty());
        if let Some(shelf) = shelf {
            shelf.reserve(client, own, envelope, &grants, volume)?;
        }
        let key = format!("data/deliver/{envelope}");
        let sent = send::put(client, signer, &key, DataAct::Deliver(act), Some(kept));
        aside::after(shelf, client, own, envelope, sent.as_ref().err())?;
        sent.map_err(|unsent| unsent.failure)
    }

    /// A new header that an earlier run left: of this very envelope, and still what is asked for.
    fn begun(&self, path: &Path, header: &Header) -> Done<Option<Header>> {
        if !path.exists() {
            return Ok(None);
        }
        let next = read_header(path)?;
        let Ok(verified) = next.verify(&self.signer.certificate) else { return Ok(None) };
        let same = verified.previous() == Some(header.digest());
        let wanted = self.plan.recipients(&self.verified(header)?);
        Ok((same && verified.recipients().collect::<Vec<_>>() == wanted).then_some(next))
    }

    fn verified<'h>(
        &self,
        header: &'h Header,
    ) -> Done<yinxin_sharing::envelope::VerifiedHeader<'h>> {
        let was = self.was.map(|was| header.verify(&was.certificate));
        match was {
            Some(Ok(verified)) => Ok(verified),
            _ => header.verify(&self.signer.certificate).map_err(|e| failure(&e)),
        }
    }

    /// The next header; `None` if nothing changes.
    fn next(&self, header: &Header) -> Done<Option<Header>> {
        let verified = self.verified(header)?;
        let (add, remove) = self.plan.changes(&verified);
        if add.is_empty() && remove.is_empty() {
            return Ok(None);
        }
        let secret = match self.was {
            Some(was) if header.owner() == sm3::digest(was.certificate.raw()) => {
                verified.open(&was.certificate, &was.key)
            }
            _ => verified.open(&self.signer.certificate, &self.signer.key),
        };
        let secret = secret.map_err(|e| failure(&e))?;
        let owner = Owner { certificate: &self.signer.certificate, key: &self.signer.key };
        let changes = Changes { add: &add, remove: &remove };
        verified.change(&secret, changes, owner, &mut rng::os()).map(Some).map_err(|e| failure(&e))
    }

    /// The delivery of this envelope as its server recorded it; `None` if it never was.
    fn delivery(&self, header: &Header) -> Done<Option<Deliver>> {
        let envelope = header.digest();
        let key = state_key::delivery(&self.own, &envelope);
        if send::state::<yinxin_record::DeliveryState>(self.client, &key)?.is_none() {
            return Ok(None);
        }
        delivered(self.client, &envelope, &self.own).map(Some)
    }
}

/// SM3 of a certificate, by which headers name it.
fn named(certificate: &Certificate) -> Digest {
    sm3::digest(certificate.raw())
}
