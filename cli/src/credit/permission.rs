//! `credit key | authorise | revoke`: a company signs, far from any node, who may see its credit; a member puts that into the ledger.

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_gm::{Digest, sm3};
use yinxin_record::{
    Authorisation, AuthorisationState, Authorise, ClassCode, CreditAct, OrganisationCode, Purpose,
    RevokeAuthorisation, SetSubjectKey, Subject, SubjectKeyState, Wire, state_key,
};
use yinxin_verdict::UnixTime;

use super::words;
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::{self, KeyArgs},
    papers, rng,
    send::{self, Desk, Sending, Sent},
    trusting,
    ui::{self, Ui},
};

/// `yinxin credit key`
#[derive(Debug, clap::Args)]
pub(crate) struct SubjectKey {
    /// The subject: a credit code, or CUSTODIAN:PSEUDONYM
    #[arg(value_name = "SUBJECT", value_parser = words::subject)]
    subject: Subject,
    /// The subject's certificate
    #[arg(long, value_name = "FILE")]
    subject_cert: PathBuf,
    /// Code of the organisation that issued it, under which its revocation would stand [default: the signer's]
    #[arg(long, value_name = "CODE", value_parser = OrganisationCode::new)]
    issuer: Option<OrganisationCode>,
    #[command(flatten)]
    sending: Sending,
}

impl SubjectKey {
    /// Checks the certificate and registers its key.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let place = self.subject_cert.display();
        let certificate = keys::certificate(&self.subject_cert)?;
        let key = certificate.sm2_key().copied().ok_or_else(|| {
            Failure::new(Class::Usage, "no SM2 certificate", "不是 SM2 证书").at(&place)
        })?;
        let desk = self.sending.open(ui, config)?;
        trusting::must_chain(&desk.client.trust, &certificate, ui::now()).at(&place)?;
        let named = certificate.organisation_code();
        if let (Subject::Company(code), Some(named)) = (&self.subject, named)
            && code.as_str() != named
        {
            return Err(Failure::new(
                Class::Usage,
                format!("the certificate is {named}'s, the subject is {code}"),
                format!("证书属于 {named}，主体为 {code}"),
            )
            .at(&place));
        }
        let own = OrganisationCode::new(&desk.signer.code()?).class(Class::Usage)?;
        let act = SetSubjectKey {
            subject: self.subject.clone(),
            key,
            issuer: self.issuer.unwrap_or(own),
            certificate: sm3::digest(certificate.raw()),
        };
        let done = desk.send(&words::key("key", &act), CreditAct::SetSubjectKey(act))?;
        let state: SubjectKeyState =
            send::known(&desk.client, &state_key::credit_key(&self.subject))?;
        desk.told("key", &done, self.subject, format!("certificate {}", state.certificate))
    }
}

/// A subject's key, and the ledger that its signature is for.
#[derive(Debug, clap::Args)]
pub(crate) struct SubjectArgs {
    #[command(flatten)]
    key: KeyArgs,
    /// The folder of what is trusted, the ledger's genesis among it: a signature serves on one ledger
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Write what is signed to this file, for whoever puts it into the ledger
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

impl SubjectArgs {
    /// The ledger's id, by the trust folder.
    pub(crate) fn chain_id(&self, config: &Config) -> Done<Digest> {
        files::must_be_free(&self.out, self.force)?;
        let folder = config.trust_folder(self.trust.as_deref()).ok_or_else(|| {
            Failure::new(Class::Usage, "no trust folder is named", "未指定信任文件夹").todo(
                "give --trust DIR: a signature serves on one ledger",
                "请使用 --trust 目录：签名只对一个账本有效",
            )
        })?;
        trusting::only_chain(&trusting::load(&folder)?)
    }

    /// The subject's key.
    pub(crate) fn key(&self, ui: &Ui) -> Done<yinxin_gm::sm2::PrivateKey> {
        self.key.load(ui)
    }

    /// Writes what was signed and says what it is.
    pub(crate) fn write(&self, what: &'static str, id: Digest, der: &[u8], ui: &Ui) -> Done {
        files::write(&self.out, der, Access::Public, Existing::forced(self.force))?;
        let view = SignedView {
            schema: "yinxin.credit-signed/1",
            what,
            id: id.to_string(),
            file: self.out.display().to_string(),
        };
        ui.result(&view, |v| format!("{}: {}\n  {}\n", v.id, v.what, v.file))
    }
}

/// What a subject signed.
#[derive(Serialize)]
struct SignedView {
    schema: &'static str,
    what: &'static str,
    id: String,
    file: String,
}

/// `yinxin credit authorise …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum AuthoriseCommand {
    /// Sign, as the subject, who may see what for which purpose until when; needs no node
    Sign(SignAuthorisation),
    /// Put a signed authorisation into the ledger: its reader does, or whoever serves it
    Submit(SubmitAuthorisation),
}

/// `yinxin credit authorise sign`
#[derive(Debug, clap::Args)]
pub(crate) struct SignAuthorisation {
    /// Who permits it: a credit code, or CUSTODIAN:PSEUDONYM
    #[arg(value_name = "SUBJECT", value_parser = words::subject)]
    subject: Subject,
    /// Who may see
    #[arg(long, value_name = "CODE", value_parser = OrganisationCode::new)]
    reader: OrganisationCode,
    /// For which purpose, by code
    #[arg(long, value_name = "CODE", value_parser = purpose)]
    purpose: Purpose,
    /// Of which class; may be repeated [default: all]
    #[arg(long = "class", value_name = "CODE", value_parser = ClassCode::new)]
    classes: Vec<ClassCode>,
    /// From when on: a day or an instant [default: now]
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    from: Option<UnixTime>,
    /// Until when: a day or an instant
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    until: UnixTime,
    #[command(flatten)]
    signing: SubjectArgs,
}

/// Reads a purpose, for clap.
pub(super) fn purpose(text: &str) -> Result<Purpose, String> {
    Purpose::new(text).map_err(|e| e.to_string())
}

impl SignAuthorisation {
    fn run(mut self, ui: &Ui, config: &Config) -> Done {
        let chain_id = self.signing.chain_id(config)?;
        self.classes.sort_unstable();
        let terms = Authorisation {
            subject: self.subject,
            reader: self.reader,
            purpose: self.purpose,
            classes: self.classes,
            from: self.from.unwrap_or_else(ui::now),
            until: self.until,
            nonce: papers::fresh(),
        };
        let key = self.signing.key(ui)?;
        let signed = terms.sign(&chain_id, &key, &mut rng::os()).class(Class::Key)?;
        let der = signed.to_der();
        // What the ledger's own reader refuses is refused before anybody carries it there.
        Authorise::from_der(&der).map_err(yinxin_record::Error::from).class(Class::Usage)?;
        self.signing.write("authorisation", signed.terms.id(&chain_id), &der, ui)
    }
}

/// `yinxin credit authorise submit`
#[derive(Debug, clap::Args)]
pub(crate) struct SubmitAuthorisation {
    /// What the subject signed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    sending: Sending,
}

impl AuthoriseCommand {
    /// Does what is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Sign(c) => c.run(ui, config),
            Self::Submit(c) => c.run(ui, config),
        }
    }
}

impl SubmitAuthorisation {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let act: Authorise = signed(&self.file)?;
        let desk = self.sending.open(ui, config)?;
        let id = act.terms.id(&desk.client.chain_id);
        let done = desk.send(&words::key("authorise", &act), CreditAct::Authorise(act))?;
        told(&desk, "authorise", &done, id)
    }
}

/// `yinxin credit revoke …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum RevokeCommand {
    /// Sign, as the subject, that an authorisation ends; needs no node
    Sign(SignRevocation),
    /// Put a signed revocation into the ledger
    Submit(SubmitAuthorisation),
    /// End an authorisation without the subject's signature: its reader gives it back, or an authority revokes it
    End(EndAuthorisation),
}

/// `yinxin credit revoke sign`
#[derive(Debug, clap::Args)]
pub(crate) struct SignRevocation {
    /// The authorisation's id
    #[arg(value_name = "AUTHORISATION")]
    authorisation: Digest,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    signing: SubjectArgs,
}

/// `yinxin credit revoke end`
#[derive(Debug, clap::Args)]
pub(crate) struct EndAuthorisation {
    /// The authorisation's id
    #[arg(value_name = "AUTHORISATION")]
    authorisation: Digest,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

impl RevokeCommand {
    /// Does what is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let (act, desk_of) = match &self {
            Self::Sign(c) => return c.run(ui, config),
            Self::Submit(c) => (signed(&c.file)?, &c.sending),
            Self::End(c) => {
                let (authorisation, reason) = (c.authorisation, c.reason);
                (RevokeAuthorisation { authorisation, signature: None, reason }, &c.sending)
            }
        };
        let desk = desk_of.open(ui, config)?;
        let id = act.authorisation;
        let key = words::key("revoke", &act);
        let done = desk.send(&key, CreditAct::RevokeAuthorisation(act))?;
        told(&desk, "revoke", &done, id)
    }
}

impl SignRevocation {
    fn run(&self, ui: &Ui, config: &Config) -> Done {
        let chain_id = self.signing.chain_id(config)?;
        let key = self.signing.key(ui)?;
        let (id, reason) = (self.authorisation, self.reason);
        let signed = RevokeAuthorisation::signed(id, reason, &chain_id, &key, &mut rng::os());
        let signed = signed.class(Class::Key)?;
        self.signing.write("revocation", id, &signed.to_der(), ui)
    }
}

/// Reads what a subject signed.
pub(crate) fn signed<T: Wire>(file: &Path) -> Done<T> {
    let read = T::from_der(&files::read(file)?).map_err(yinxin_record::Error::from);
    read.class(Class::Malformed).at(file.display())
}

fn told(desk: &Desk<'_>, act: &'static str, done: &Sent, id: Digest) -> Done {
    let leaf = state_key::credit_authorisation(&id);
    let state: AuthorisationState = send::known(&desk.client, &leaf)?;
    desk.told(act, done, id, state.status.name())
}
