//! `ledger checkpoint new | sign | add | check`: a later point of the ledger that its organisations vouch for, so that a trust folder
//! need not know how the ledger came there.

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PublicKey, Signature},
};
use yinxin_receipt::{Checkpoint, CommitCertificate, Header, Receipt, Wire};
use yinxin_verify::{Kind, sniff};

use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::{self, KeyArgs},
    remote, rng,
    submit::{Client, LedgerArgs},
    trusting,
    ui::Ui,
};

/// `yinxin ledger checkpoint …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CheckpointCommand {
    /// Begin a checkpoint at the ledger's newest header, nobody has signed it yet
    New(New),
    /// Sign it with an organisation's key, once you know the header from your own node
    Sign(Sign),
    /// Add the signatures of other copies
    Add(Add),
    /// Show it, and check it by a trust folder; in the folder it takes effect
    Check(Check),
}

/// `yinxin ledger checkpoint new`
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The file to write
    #[arg(value_name = "CHECKPOINT")]
    file: PathBuf,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin ledger checkpoint sign`
#[derive(Debug, clap::Args)]
pub(crate) struct Sign {
    /// The checkpoint
    #[arg(value_name = "CHECKPOINT")]
    file: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

/// `yinxin ledger checkpoint add`
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// The checkpoint
    #[arg(value_name = "CHECKPOINT")]
    file: PathBuf,
    /// Signed copies of it
    #[arg(value_name = "COPY", required = true)]
    copies: Vec<PathBuf>,
}

/// `yinxin ledger checkpoint check`
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The checkpoint
    #[arg(value_name = "CHECKPOINT")]
    file: PathBuf,
    /// The folder that knows the ledger
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
}

impl CheckpointCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::New(c) => c.run(ui, config),
            Self::Sign(c) => c.run(ui),
            Self::Add(c) => c.run(ui),
            Self::Check(c) => c.run(ui, config),
        }
    }
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    id: String,
    chain_id: String,
    height: u64,
    header: String,
    log_size: u64,
    signed: Vec<String>,
    missing: Vec<String>,
}

fn view(checkpoint: &Checkpoint) -> View {
    let signed = |code: &str| checkpoint.signatures.iter().any(|(c, _)| c == code);
    let codes = |wanted: bool| {
        let codes = checkpoint.organisations.iter().map(|(code, _)| code.clone());
        codes.filter(|code| signed(code) == wanted).collect()
    };
    View {
        schema: "yinxin.checkpoint/1",
        id: checkpoint.id().to_string(),
        chain_id: checkpoint.header.chain_id.to_string(),
        height: checkpoint.header.height,
        header: checkpoint.header.id().to_string(),
        log_size: checkpoint.header.log_size,
        signed: codes(true),
        missing: codes(false),
    }
}

fn text(ui: &Ui, v: &View) -> String {
    let mut out = format!(
        "{} {}\n  {} {}\n  {} {} ({})\n",
        ui.pick("checkpoint", "检查点"),
        v.id,
        ui.pick("ledger", "账本"),
        v.chain_id,
        ui.pick("height", "高度"),
        v.height,
        v.header
    );
    for (codes, word) in [
        (&v.signed, ui.pick("signed", "已签署")),
        (&v.missing, ui.pick("not yet signed", "未签署")),
    ] {
        for code in codes {
            out.push_str(&format!("  {code} – {word}\n"));
        }
    }
    out
}

fn read(path: &Path) -> Done<Checkpoint> {
    Checkpoint::from_der(&files::read(path)?)
        .map_err(yinxin_receipt::Error::from)
        .class(Class::Malformed)
        .at(path.display())
}

fn write(path: &Path, checkpoint: &Checkpoint, existing: Existing) -> Done {
    files::write(path, &checkpoint.to_der(), Access::Public, existing)
}

/// Adds a signature that holds; a second one of the same organisation changes nothing.
fn add(checkpoint: &mut Checkpoint, code: &str, raw: [u8; 64]) -> Done {
    let wrong = || {
        Failure::new(
            Class::Invalid,
            format!("the signature of {code} does not hold for this checkpoint"),
            format!("{code} 的签名对该检查点不成立"),
        )
    };
    let key = checkpoint.organisations.iter().find(|(c, _)| c == code).map(|(_, key)| key);
    let signature = Signature::from_raw(&raw).map_err(|_| wrong())?;
    key.ok_or_else(wrong)?
        .verify(DEFAULT_ID, &checkpoint.body(), &signature)
        .map_err(|_| wrong())?;
    if let Err(place) = checkpoint.signatures.binary_search_by(|(c, _)| c.as_str().cmp(code)) {
        checkpoint.signatures.insert(place, (code.to_owned(), raw));
    }
    Ok(())
}

impl New {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        files::must_be_free(&self.file, self.force)?;
        let client = self.ledger.open(config)?;
        let head = client.remote.newest().map_err(|e| remote::failure(&e))?;
        let header = Header::from_der(&head.header)
            .map_err(yinxin_receipt::Error::from)
            .class(Class::Node)?;
        let certificate = CommitCertificate::from_der(&head.certificate)
            .map_err(yinxin_receipt::Error::from)
            .class(Class::Node)?;
        let checkpoint = of(&client, header, &certificate)?;
        write(&self.file, &checkpoint, Existing::forced(self.force))?;
        ui.result(&view(&checkpoint), |v| text(ui, v))
    }
}

/// The unsigned checkpoint at a header that the known validators committed.
fn of(client: &Client, header: Header, certificate: &CommitCertificate) -> Done<Checkpoint> {
    let unknown = || {
        Failure::new(
            Class::Indeterminate,
            format!("the trust folder does not know the validators after height {}", header.height),
            format!("信任文件夹中没有高度 {} 之后的验证者信息", header.height),
        )
        .todo("run `yinxin trust update` first", "请先执行 yinxin trust update")
    };
    let ledger = client.trust.ledgers().ledger(&client.chain_id).ok_or_else(unknown)?;
    ledger.check_commit(&client.chain_id, &header, certificate).class(Class::Invalid)?;
    let next = header.height.checked_add(1).and_then(|height| ledger.set_at(height));
    let next = next.filter(|set| set.hash() == header.next_validators).ok_or_else(unknown)?.clone();
    let mut organisations: Vec<(String, PublicKey)> = ledger.organisations().to_vec();
    organisations.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Checkpoint { header, next, organisations, signatures: Vec::new() })
}

impl Sign {
    fn run(self, ui: &Ui) -> Done {
        let mut checkpoint = read(&self.file)?;
        let key = self.key.load(ui)?;
        let public = key.public_key();
        let code = checkpoint.organisations.iter().find(|(_, k)| k == public);
        let Some(code) = code.map(|(code, _)| code.clone()) else {
            return Err(Failure::new(
                Class::Key,
                "this key belongs to none of the checkpoint's organisations",
                "该密钥不属于检查点中的任何组织",
            )
            .todo("sign with the organisation's key", "请使用组织密钥签署"));
        };
        let signature = keys::sign(&key, &checkpoint.body(), &mut rng::os())?;
        add(&mut checkpoint, &code, signature.to_raw())?;
        write(&self.file, &checkpoint, Existing::Replace)?;
        ui.result(&view(&checkpoint), |v| text(ui, v))
    }
}

impl Add {
    fn run(self, ui: &Ui) -> Done {
        let mut checkpoint = read(&self.file)?;
        for path in &self.copies {
            for (code, raw) in read(path)?.signatures {
                add(&mut checkpoint, &code, raw).at(path.display())?;
            }
        }
        write(&self.file, &checkpoint, Existing::Replace)?;
        ui.result(&view(&checkpoint), |v| text(ui, v))
    }
}

impl Check {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let checkpoint = read(&self.file)?;
        ui.result(&view(&checkpoint), |v| text(ui, v))?;
        let Some(folder) = config.trust_folder(self.trust.as_deref()) else {
            let chain = checkpoint.header.chain_id;
            return checkpoint.verify(&chain, &checkpoint.organisations).class(Class::Invalid);
        };
        let mut known = trusting::load(&folder)?.ledgers().clone();
        known.add_checkpoint(checkpoint).class(Class::Invalid)
    }
}

/// A receipt based on the newest trusted checkpoint whose log has the record; where there is none, on the newest header.
pub(super) fn rebased(client: &Client, folder: &Path, id: Digest) -> Done<Vec<u8>> {
    let fetch =
        |log_size| client.remote.receipt_of(id, Some(log_size)).map_err(|e| remote::failure(&e));
    let parse = |bytes: &[u8]| {
        Receipt::from_der(bytes).map_err(yinxin_receipt::Error::from).class(Class::Node)
    };
    for (checkpoint, header) in trusted(client, folder)? {
        let receipt = parse(&fetch(header.log_size)?)?;
        if receipt.verify_path(header.log_size, &header.log_root).is_ok() {
            let anchor = yinxin_receipt::Anchor::Checkpoint(checkpoint);
            return Ok(Receipt { anchor, ..receipt }.to_der());
        }
    }
    let head = client.remote.newest().map_err(|e| remote::failure(&e))?;
    let header =
        Header::from_der(&head.header).map_err(yinxin_receipt::Error::from).class(Class::Node)?;
    fetch(header.log_size)
}

/// The ledger's trusted checkpoints, newest first.
fn trusted(client: &Client, folder: &Path) -> Done<Vec<(Digest, Header)>> {
    let mut found = Vec::new();
    for path in files::list(folder)? {
        let bytes = files::read(&path)?;
        if sniff(&bytes) != Kind::Checkpoint {
            continue;
        }
        let id = read(&path)?.id();
        if let Some((_, header)) = client.trust.ledgers().checkpoint(&id)
            && header.chain_id == client.chain_id
        {
            found.push((id, header.clone()));
        }
    }
    found.sort_by_key(|(_, header)| std::cmp::Reverse(header.height));
    Ok(found)
}
