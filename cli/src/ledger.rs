//! `ledger genesis | checkpoint | put | get | prove | status`: writing to a ledger and asking it.

mod checkpoint;
mod genesis;

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_gm::{Digest, sm3};
use yinxin_ofd::{Limits, Package};
use yinxin_pki::Certificate;
use yinxin_receipt::{Receipt, Wire};
use yinxin_record::{Act, AnchorDocuments, DocumentAct, Record, Text, state_key};
use yinxin_seal::Seal;
use yinxin_verify::{Kind, sniff};

use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::SignerOption,
    remote, states,
    submit::{self, Committed, LedgerArgs},
    ui::Ui,
};

pub(crate) use genesis::read as read_genesis;

/// `yinxin ledger …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum LedgerCommand {
    /// Found a ledger: new, add, sign, check
    #[command(subcommand)]
    Genesis(genesis::GenesisCommand),
    /// A later point that the organisations vouch for: new, sign, add, check
    #[command(subcommand)]
    Checkpoint(checkpoint::CheckpointCommand),
    /// Anchor a document, or send a signed record; done only when its receipt has been verified
    Put(Put),
    /// Fetch a record and its receipt
    Get(Get),
    /// Fetch a fresh receipt, or a status proof, for checking elsewhere
    Prove(Prove),
    /// Ask where a thing stands, with proof: licence, seal, certificate, document, organisation
    Status(Status),
}

/// `yinxin ledger put`
#[derive(Debug, clap::Args)]
pub(crate) struct Put {
    /// The document to anchor by its digest (nothing of its content leaves this machine), or a signed record to send as it is
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    signer: SignerOption,
    /// What you call this piece of business: the same key is never committed twice [default: the digest]
    #[arg(long, value_name = "KEY")]
    business_key: Option<String>,
    /// What kind of document it is, a short code of your own
    #[arg(long, default_value = "document")]
    kind: String,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Write the receipt to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin ledger get`
#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    /// The record's id
    #[arg(value_name = "ID")]
    id: Digest,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Write the receipt, with the record in it, to this file
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin ledger prove`
#[derive(Debug, clap::Args)]
pub(crate) struct Prove {
    /// A receipt to fetch anew, or a record's id
    #[arg(value_name = "RECEIPT|ID")]
    what: PathBuf,
    /// Base it on the newest checkpoint in the trust folder, or on the newest header if none has it
    #[arg(long)]
    refresh: bool,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Write the receipt to this file
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin ledger status`
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// What it is: certificate, document, licence, licence-type, organisation, proposal, seal
    #[arg(value_name = "KIND")]
    kind: String,
    /// Its identifier, digest or code; for documents, seals and certificates also a file
    #[arg(value_name = "ID")]
    id: String,
    /// Code of who registered a certificate or seal; without it the seal's maker, or the certificate's own organisation
    #[arg(long, value_name = "CODE")]
    by: Option<String>,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Write the status proof to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A committed record for people and programs.
#[derive(Serialize)]
pub(crate) struct CommittedView {
    schema: &'static str,
    record: String,
    height: u64,
    receipt: Option<String>,
}

impl CommittedView {
    /// The view, with the file that the receipt went to.
    pub(crate) fn new(committed: &Committed, file: Option<&Path>) -> Self {
        Self {
            schema: "yinxin.committed/1",
            record: committed.id.to_string(),
            height: committed.height,
            receipt: file.map(|p| p.display().to_string()),
        }
    }

    /// The view as text.
    pub(crate) fn text(&self, ui: &Ui) -> String {
        let mut out = format!(
            "{} {} {} {}\n",
            ui.pick("record", "记录"),
            self.record,
            ui.pick("committed at height", "已提交，高度"),
            self.height
        );
        if let Some(file) = &self.receipt {
            out.push_str(&format!("{} {file}\n", ui.pick("receipt", "回执")));
        }
        out
    }
}

impl LedgerCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Genesis(c) => c.run(ui),
            Self::Checkpoint(c) => c.run(ui, config),
            Self::Put(c) => c.run(ui, config),
            Self::Get(c) => c.run(ui, config),
            Self::Prove(c) => c.run(ui, config),
            Self::Status(c) => c.run(ui, config),
        }
    }
}

impl Put {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        if let Some(out) = &self.out {
            files::must_be_free(out, self.force)?;
        }
        let bytes = files::read(&self.file)?;
        let client = self.ledger.open(config)?;
        let record = match (sniff(&bytes), self.signer.given()) {
            (Kind::Record, None) => bytes,
            (_, Some(signer)) => {
                let digest = anchored_digest(&bytes).at(self.file.display())?;
                let act = Act::Document(DocumentAct::Anchor(AnchorDocuments {
                    kind: Text::new(&self.kind).class(Class::Usage)?,
                    digests: vec![digest],
                }));
                let key = self.business_key.clone().unwrap_or_else(|| digest.to_string());
                submit::record(&client, &signer.load(ui)?, &key, act)?.to_der()
            }
            (_, None) => {
                return Err(Failure::new(
                    Class::Usage,
                    "this file is no signed record; to anchor it, somebody must sign",
                    "该文件不是已签名记录；锚定文件需要签名者",
                )
                .todo("give --key and --cert", "请提供 --key 与 --cert"));
            }
        };
        let spinner = ui.spinner("waiting for the ledger", "等待账本确认");
        let done = client.put(&record);
        spinner.finish_and_clear();
        let committed = done?;
        if let Some(out) = &self.out {
            files::write(out, &committed.receipt, Access::Public, Existing::forced(self.force))?;
        }
        ui.result(&CommittedView::new(&committed, self.out.as_deref()), |v| v.text(ui))
    }
}

/// What is anchored of a file: SM3 of SignedValue.dat if it is a sealed document, which binds the whole; else of the file.
pub(crate) fn anchored_digest(bytes: &[u8]) -> Done<Digest> {
    if sniff(bytes) == Kind::Ofd {
        let package = Package::open(bytes, &Limits::default()).class(Class::Malformed)?;
        let signatures = package.signatures();
        let last = signatures.files().filter_map(|f| f.signed_value.as_ref()).last();
        if let Some(value) = last {
            return Ok(sm3::digest(value.bytes));
        }
    }
    Ok(sm3::digest(bytes))
}

impl Get {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let client = self.ledger.open(config)?;
        let record = client.remote.record_of(self.id).map_err(|e| remote::failure(&e))?;
        let parsed =
            Record::from_der(&record).map_err(yinxin_record::Error::from).class(Class::Node)?;
        if parsed.id() != self.id {
            return Err(Failure::new(
                Class::Invalid,
                format!("the node answered with another record: {}", parsed.id()),
                format!("节点返回了另一条记录：{}", parsed.id()),
            ));
        }
        let receipt = client.remote.receipt_of(self.id, None).map_err(|e| remote::failure(&e))?;
        let committed = client.check(&record, receipt)?;
        ui.say(
            format!(
                "{} {} by {}",
                parsed.tbs.act.family(),
                parsed.tbs.act.verb(),
                parsed.tbs.organisation
            ),
            format!(
                "{} {}，组织 {}",
                parsed.tbs.act.family(),
                parsed.tbs.act.verb(),
                parsed.tbs.organisation
            ),
        );
        files::write(&self.out, &committed.receipt, Access::Public, Existing::forced(self.force))?;
        if self.out == Path::new("-") {
            return Ok(());
        }
        ui.result(&CommittedView::new(&committed, Some(&self.out)), |v| v.text(ui))
    }
}

impl Prove {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let client = self.ledger.open(config)?;
        let id = self.id()?;
        let record = client.remote.record_of(id).map_err(|e| remote::failure(&e))?;
        let folder = config.trust_folder(self.ledger.trust.as_deref());
        let receipt = match folder.filter(|_| self.refresh) {
            Some(folder) => checkpoint::rebased(&client, &folder, id)?,
            None => client.remote.receipt_of(id, None).map_err(|e| remote::failure(&e))?,
        };
        let committed = client.check(&record, receipt)?;
        files::write(&self.out, &committed.receipt, Access::Public, Existing::forced(self.force))?;
        if self.out == Path::new("-") {
            return Ok(());
        }
        ui.result(&CommittedView::new(&committed, Some(&self.out)), |v| v.text(ui))
    }

    fn id(&self) -> Done<Digest> {
        if let Some(id) = self.what.to_str().and_then(|t| t.parse().ok()) {
            return Ok(id);
        }
        let bytes = files::read(&self.what)?;
        let receipt = Receipt::from_der(&bytes)
            .map_err(yinxin_receipt::Error::from)
            .class(Class::Malformed)
            .at(self.what.display())?;
        let record = receipt.subject.record().ok_or_else(|| {
            Failure::new(
                Class::Usage,
                "this receipt does not carry its record; give the record's id",
                "该回执不含记录本身，请提供记录编号",
            )
        })?;
        Record::from_der(record)
            .map(|r| r.id())
            .map_err(yinxin_record::Error::from)
            .class(Class::Malformed)
    }
}

impl Status {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let key = self.key()?;
        let (proof, bytes) = client.status(&key)?;
        if let Some(out) = &self.out {
            files::write(out, &bytes, Access::Public, Existing::Replace)?;
        }
        let view = states::view(&proof);
        ui.result(&view, |v| states::text(ui, v))
    }

    fn key(&self) -> Done<Vec<u8>> {
        let path = Path::new(&self.id);
        let id =
            if path.is_file() { self.id_of_file(path)? } else { self.registered(&self.id, None) };
        if let Some(key) = state_key::parse(&self.kind, &id) {
            return Ok(key);
        }
        Err(Failure::new(
            Class::Usage,
            format!("{:?} is no {}, or there is no such kind", self.id, self.kind),
            format!("{:?} 不是 {}，或该类别不存在", self.id, self.kind),
        )
        .todo(
            format!(
                "kinds: {}; certificates and seals are asked for by file, or by digest and --by CODE",
                state_key::KINDS.join(", ")
            ),
            format!(
                "可用类别：{}；证书和印章请给出文件，或给出摘要和 --by 代码",
                state_key::KINDS.join("、")
            ),
        ))
    }

    fn id_of_file(&self, path: &Path) -> Done<String> {
        let bytes = files::read(path)?;
        Ok(match self.kind.as_str() {
            "certificate" => {
                let certificate = Certificate::parse(&bytes).class(Class::Malformed);
                let certificate = certificate.at(path.display())?;
                let digest = sm3::digest(certificate.raw()).to_string();
                self.registered(&digest, certificate.organisation_code())
            }
            "seal" => {
                let seal = Seal::parse(&bytes).class(Class::Malformed).at(path.display())?;
                let maker = Certificate::parse(&seal.maker_cert).class(Class::Malformed);
                let maker = maker.at(path.display())?;
                let digest = sm3::digest(seal.as_bytes()).to_string();
                self.registered(&digest, maker.organisation_code())
            }
            _ => anchored_digest(&bytes)?.to_string(),
        })
    }

    /// Certificates and seals stand under the code of who registered them.
    fn registered(&self, id: &str, owner: Option<&str>) -> String {
        match self.by.as_deref().or(owner) {
            Some(code) => format!("{code}/{id}"),
            None => id.to_owned(),
        }
    }
}
