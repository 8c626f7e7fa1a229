//! `ca init | issue | revoke | crl`: a small certificate authority in a directory, enough for a consortium.

mod state;

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_gm::sm2::PrivateKey;
use yinxin_pki::{
    Certificate, CrlReason, PkiError, Subject,
    ca::{self, Ca, CrlTemplate, Period, Profile, Template},
    csr::Csr,
};
use yinxin_verdict::{UnixTime, shown};

use crate::{
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    key, keys,
    password::PasswordArgs,
    rng,
    ui::{self, Ui},
};
use state::{Issued, Revoked, State};

/// `yinxin ca …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CaCommand {
    /// Make a CA: a directory with its key, its self-signed certificate, and a record of what it issues
    Init(Init),
    /// Issue a certificate for a request
    Issue(Issue),
    /// Revoke a certificate; takes effect for others with the next `ca crl`
    Revoke(Revoke),
    /// Write a fresh revocation list
    Crl(WriteCrl),
}

/// `yinxin ca init`
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// The CA's directory
    #[arg(value_name = "CA")]
    folder: PathBuf,
    /// The CA's name
    #[arg(long)]
    name: String,
    /// How long its certificate is valid
    #[arg(long, default_value_t = 7300, value_parser = clap::value_parser!(u32).range(1..=36500))]
    days: u32,
    #[command(flatten)]
    password: PasswordArgs,
}

/// `yinxin ca issue`
#[derive(Debug, clap::Args)]
pub(crate) struct Issue {
    /// The CA's directory
    #[arg(value_name = "CA")]
    folder: PathBuf,
    /// The request
    #[arg(value_name = "CSR")]
    request: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
    /// What the certificate is for: ca, encryption, maker, node, signing, time-stamp, tlcp-encryption, tlcp-signing
    #[arg(long, default_value = "signing", value_parser = profile)]
    usage: Profile,
    /// How long it is valid
    #[arg(long, default_value_t = 1095, value_parser = clap::value_parser!(u32).range(1..=7300))]
    days: u32,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin ca revoke`
#[derive(Debug, clap::Args)]
pub(crate) struct Revoke {
    /// The CA's directory
    #[arg(value_name = "CA")]
    folder: PathBuf,
    /// The certificate
    #[arg(value_name = "CERT")]
    certificate: PathBuf,
    /// Why
    #[arg(long, value_parser = reason)]
    reason: CrlReason,
    /// Since when it is not to be trusted [default: now]
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    since: Option<UnixTime>,
}

/// `yinxin ca crl`
#[derive(Debug, clap::Args)]
pub(crate) struct WriteCrl {
    /// The CA's directory
    #[arg(value_name = "CA")]
    folder: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
    /// Days until the next one
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// The file to write (replaced if it exists: a newer list supersedes)
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

fn profile(word: &str) -> Result<Profile, String> {
    Profile::from_word(word).ok_or_else(|| format!("expected one of {}", Profile::WORDS.join(", ")))
}

fn reason(word: &str) -> Result<CrlReason, String> {
    CrlReason::from_word(word).ok_or_else(|| {
        let words: Vec<_> = CrlReason::ALL.iter().map(|r| r.word()).collect();
        format!("expected one of {}", words.join(", "))
    })
}

impl CaCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        match self {
            Self::Init(c) => c.run(ui),
            Self::Issue(c) => c.run(ui),
            Self::Revoke(c) => c.run(ui),
            Self::Crl(c) => c.run(ui),
        }
    }
}

/// A certificate for people and programs.
#[derive(Serialize)]
pub(crate) struct CertificateView {
    schema: &'static str,
    subject: String,
    issuer: String,
    serial: String,
    not_before: String,
    not_after: String,
    organisation_code: Option<String>,
    sm3: String,
}

impl CertificateView {
    /// The view of a certificate.
    pub(crate) fn new(c: &Certificate) -> Self {
        Self {
            schema: "yinxin.certificate/1",
            subject: c.subject().to_string(),
            issuer: c.issuer().to_string(),
            serial: c.serial_hex(),
            not_before: c.not_before().to_string(),
            not_after: c.not_after().to_string(),
            organisation_code: c.organisation_code().map(str::to_owned),
            sm3: yinxin_gm::sm3::digest(c.raw()).to_string(),
        }
    }

    /// The view as text.
    pub(crate) fn text(&self, ui: &Ui) -> String {
        format!(
            "{}\n  {} {}\n  {} {}\n  {} {} – {}\n  SM3 {}\n",
            shown(&self.subject),
            ui.pick("issued by", "颁发者"),
            shown(&self.issuer),
            ui.pick("serial", "序列号"),
            self.serial,
            ui.pick("valid", "有效期"),
            self.not_before,
            self.not_after,
            self.sm3
        )
    }
}

struct Authority {
    key: PrivateKey,
    certificate: Certificate,
}

impl Authority {
    fn ca(&self) -> Done<Ca<'_>> {
        Ca::new(&self.certificate, &self.key).map_err(|e| refused(&e))
    }
}

fn refused(error: &PkiError) -> Failure {
    let class = match error {
        PkiError::KeyMismatch | PkiError::SigningFailed => Class::Key,
        _ => Class::Usage,
    };
    Failure::of(class, error)
}

fn certificate_path(folder: &Path) -> PathBuf {
    folder.join("ca.cer")
}

fn key_path(folder: &Path) -> PathBuf {
    folder.join("ca.key")
}

fn open(folder: &Path, password: &PasswordArgs, ui: &Ui) -> Done<Authority> {
    let certificate = keys::certificate(&certificate_path(folder))?;
    let key = keys::load(&key_path(folder), password, ui)?;
    Ok(Authority { key, certificate })
}

impl Init {
    fn run(self, ui: &Ui) -> Done {
        let (key_file, cert_file) = (key_path(&self.folder), certificate_path(&self.folder));
        files::must_be_free(&key_file, false)?;
        files::must_be_free(&cert_file, false)?;
        let ca_key = PrivateKey::generate(&mut rng::os());
        let subject = Subject::new(&self.name).country("CN").to_name().class(Class::Usage)?;
        let period = Period::days(ui::now(), self.days);
        let certificate = ca::self_signed(subject, &ca_key, period, Some(1), &mut rng::os())
            .class(Class::Usage)?;
        files::make_private_folder(&self.folder)?;
        key::write_key(&ca_key, &key_file, Some(&self.password), false, ui)?;
        State::default().save(&self.folder)?;
        files::write(&cert_file, certificate.to_pem().as_bytes(), Access::Public, Existing::Keep)?;
        ui.result(&CertificateView::new(&certificate), |v| v.text(ui))
    }
}

impl Issue {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let request = Csr::parse(&files::read(&self.request)?)
            .class(Class::Malformed)
            .at(self.request.display())?;
        let authority = open(&self.folder, &self.password, ui)?;
        let period = Period::days(ui::now(), self.days);
        let template = Template::from_csr(&request, self.usage, period)
            .class(Class::Malformed)
            .at(self.request.display())?;
        let certificate =
            authority.ca()?.issue(&template, &mut rng::os()).map_err(|e| refused(&e))?;
        // Recorded before it leaves: a certificate that the CA has no record of could not be revoked by name.
        state::update(&self.folder, |state| state.issued.push(Issued::of(&certificate)))?;
        let copy = self.folder.join("issued").join(format!("{}.cer", certificate.serial_hex()));
        let text = certificate.to_pem();
        files::write(&copy, text.as_bytes(), Access::Public, Existing::Keep)?;
        files::write(&self.out, text.as_bytes(), Access::Public, Existing::forced(self.force))?;
        if self.out == Path::new("-") {
            return Ok(());
        }
        ui.result(&CertificateView::new(&certificate), |v| v.text(ui))
    }
}

impl Revoke {
    fn run(self, ui: &Ui) -> Done {
        let certificate = keys::certificate(&self.certificate)?;
        let ca = keys::certificate(&certificate_path(&self.folder))?;
        if certificate.issuer() != ca.subject() {
            return Err(Failure::new(
                Class::Usage,
                format!(
                    "{} was issued by {}, not by this CA",
                    certificate.title(),
                    certificate.issuer()
                ),
                format!("{} 由 {} 颁发，不是本 CA", certificate.title(), certificate.issuer()),
            ));
        }
        let at = ui::now().floor_to_second();
        let revoked = Revoked {
            serial: certificate.serial_hex(),
            at,
            since: self.since.unwrap_or(at).min(at),
            reason: self.reason.word().to_owned(),
        };
        state::update(&self.folder, |state| {
            if !state.revoked.iter().any(|r| r.serial == revoked.serial) {
                state.revoked.push(revoked.clone());
            }
        })?;
        ui.say(
            "revoked; others learn of it from the next list: yinxin ca crl",
            "已吊销；他人将通过下一份吊销列表得知：yinxin ca crl",
        );
        ui.result(&CertificateView::new(&certificate), |v| v.text(ui))
    }
}

#[derive(Serialize)]
struct CrlView {
    schema: &'static str,
    issuer: String,
    number: u64,
    revoked: usize,
    this_update: String,
    next_update: String,
}

impl WriteCrl {
    fn run(self, ui: &Ui) -> Done {
        let authority = open(&self.folder, &self.password, ui)?;
        let now = ui::now();
        let Period { not_before, not_after } = Period::days(now, self.days);
        // The number is taken before the list is signed: two lists never share one.
        let state = state::update(&self.folder, |state| {
            state.crl_number += 1;
            state.clone()
        })?;
        let template = CrlTemplate {
            number: state.crl_number,
            this_update: not_before,
            next_update: not_after,
            revoked: state.revoked.iter().map(|r| r.listed(&self.folder)).collect::<Done<_>>()?,
        };
        let crl = authority.ca()?.crl(&template, &mut rng::os()).map_err(|e| refused(&e))?;
        files::write(&self.out, crl.to_pem().as_bytes(), Access::Public, Existing::Replace)?;
        if self.out == Path::new("-") {
            return Ok(());
        }
        let view = CrlView {
            schema: "yinxin.crl/1",
            issuer: crl.issuer().to_string(),
            number: state.crl_number,
            revoked: crl.len(),
            this_update: not_before.to_string(),
            next_update: not_after.to_string(),
        };
        ui.result(&view, |v| {
            format!(
                "{}\n  {} {}, {} {}, {} {}\n",
                v.issuer,
                ui.pick("list", "吊销列表"),
                v.number,
                v.revoked,
                ui.pick("revoked", "个已吊销"),
                ui.pick("next by", "下次更新"),
                v.next_update
            )
        })
    }
}
