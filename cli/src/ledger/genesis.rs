//! `ledger genesis new | add | sign | check`: how departments found a ledger without anyone holding two keys.

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_pki::Certificate;
use yinxin_receipt::{Genesis, Wire};

use crate::{
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::{self, KeyArgs},
    powers, rng, trusting,
    ui::{self, Ui},
};

/// `yinxin ledger genesis …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum GenesisCommand {
    /// Begin a genesis: a name and rules, no departments yet
    New(New),
    /// Add a department's entry (made by `node init`), or the signatures of another signed copy
    Add(Add),
    /// Sign it with a founding department's key
    Sign(Sign),
    /// Show it, and check that every department has signed it
    Check(Check),
}

/// `yinxin ledger genesis new`
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The file to write
    #[arg(value_name = "GENESIS")]
    file: PathBuf,
    /// The ledger's name
    #[arg(long)]
    name: String,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin ledger genesis add`
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// The genesis
    #[arg(value_name = "GENESIS")]
    file: PathBuf,
    /// Departments' entries, or signed copies of the same genesis
    #[arg(value_name = "ENTRY", required = true)]
    entries: Vec<PathBuf>,
}

/// `yinxin ledger genesis sign`
#[derive(Debug, clap::Args)]
pub(crate) struct Sign {
    /// The genesis
    #[arg(value_name = "GENESIS")]
    file: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

/// `yinxin ledger genesis check`
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The genesis
    #[arg(value_name = "GENESIS")]
    file: PathBuf,
    /// Also check the departments' certificates against this folder
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
}

impl GenesisCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        match self {
            Self::New(c) => c.run(ui),
            Self::Add(c) => c.run(ui),
            Self::Sign(c) => c.run(ui),
            Self::Check(c) => c.run(ui),
        }
    }
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    name: String,
    chain_id: String,
    time: String,
    organisations: Vec<OrganisationView>,
    complete: bool,
}

#[derive(Serialize)]
struct OrganisationView {
    code: String,
    name: String,
    powers: Vec<String>,
    validators: Vec<ValidatorView>,
    signed: bool,
}

#[derive(Serialize)]
struct ValidatorView {
    power: u64,
    peer_id: String,
    address: String,
}

fn view(genesis: &Genesis) -> View {
    let organisations = genesis.organisations.iter().map(|o| OrganisationView {
        code: o.code.clone(),
        name: o.name.clone(),
        powers: powers::names(o.powers),
        validators: genesis
            .validators
            .iter()
            .filter(|v| v.organisation == o.code)
            .map(|v| ValidatorView {
                power: v.power,
                peer_id: v.peer_id.clone(),
                address: v.address.clone(),
            })
            .collect(),
        signed: genesis.signatures.iter().any(|(code, _)| *code == o.code),
    });
    View {
        schema: "yinxin.genesis-read/1",
        name: genesis.name.clone(),
        chain_id: genesis.chain_id().to_string(),
        time: genesis.time().to_string(),
        organisations: organisations.collect(),
        complete: genesis.check().is_ok(),
    }
}

fn text(ui: &Ui, v: &View) -> String {
    let mut out = format!("{}\n  {} {}\n", v.name, ui.pick("chain id", "账本标识"), v.chain_id);
    for o in &v.organisations {
        let signed = if o.signed {
            ui.pick("signed", "已签署")
        } else {
            ui.pick("not yet signed", "未签署")
        };
        out.push_str(&format!("  {} {} – {signed} – {}\n", o.code, o.name, o.powers.join(", ")));
        for n in &o.validators {
            out.push_str(&format!("      {} {} ({})\n", n.address, n.peer_id, n.power));
        }
    }
    out
}

/// Reads a genesis file.
pub(crate) fn read(path: &Path) -> Done<Genesis> {
    let bytes = files::read(path)?;
    Genesis::from_der(&bytes)
        .map_err(yinxin_receipt::Error::from)
        .class(Class::Malformed)
        .at(path.display())
}

fn write(path: &Path, genesis: &Genesis, existing: Existing) -> Done {
    files::write(path, &genesis.to_der(), Access::Public, existing)
}

impl New {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.file, self.force)?;
        let genesis = Genesis::new(self.name, ui::now(), powers::default_rules());
        write(&self.file, &genesis, Existing::forced(self.force))?;
        ui.result(&view(&genesis), |v| text(ui, v))
    }
}

impl Add {
    fn run(self, ui: &Ui) -> Done {
        let mut genesis = read(&self.file)?;
        for path in &self.entries {
            let other = read(path)?;
            if other.chain_id() == genesis.chain_id() {
                merge_signatures(&mut genesis, &other).at(path.display())?;
            } else {
                add_entry(&mut genesis, other).at(path.display())?;
            }
        }
        write(&self.file, &genesis, Existing::Replace)?;
        ui.result(&view(&genesis), |v| text(ui, v))
    }
}

fn merge_signatures(genesis: &mut Genesis, copy: &Genesis) -> Done {
    for (code, signature) in &copy.signatures {
        genesis.add_signature(code, *signature).class(Class::Invalid)?;
    }
    Ok(())
}

fn add_entry(genesis: &mut Genesis, entry: Genesis) -> Done {
    if !genesis.signatures.is_empty() {
        return Err(Failure::new(
            Class::Usage,
            "somebody has signed this genesis already, and an addition would void the signature",
            "该创世文件已有签名，增加条目会使签名失效",
        )
        .todo(
            "begin a new one (ledger genesis new), or add a signed copy of this very one",
            "请新建创世文件（ledger genesis new），或合并同一文件的签名副本",
        ));
    }
    if entry.organisations.len() != 1 {
        return Err(Failure::new(
            Class::Usage,
            format!(
                "an entry has one organisation, this file has {}; it is another genesis",
                entry.organisations.len()
            ),
            format!(
                "条目应只含一个组织，该文件含 {} 个，属于另一创世文件",
                entry.organisations.len()
            ),
        ));
    }
    entry.check().class(Class::Invalid)?;
    for organisation in &entry.organisations {
        if genesis.organisations.iter().any(|o| o.code == organisation.code) {
            return Err(Failure::new(
                Class::Usage,
                format!("{} is in the genesis already", organisation.code),
                format!("{} 已在创世文件中", organisation.code),
            ));
        }
        certificate_of_key(&organisation.certificate, &organisation.key)?;
    }
    for validator in &entry.validators {
        // Two nodes with one key would sign against each other; refuse it where it can still be mended.
        if genesis
            .validators
            .iter()
            .any(|v| v.key == validator.key || v.peer_id == validator.peer_id)
        {
            return Err(Failure::new(
                Class::Invalid,
                "two nodes with one key: another department's node already has this entry's key",
                "两个节点使用同一密钥：该条目的节点密钥已被其他部门使用",
            )
            .todo(
                "run `node init` anew in a fresh directory; never copy a node's keys",
                "请在新目录中重新执行 node init，切勿复制节点密钥",
            ));
        }
    }
    genesis.organisations.extend(entry.organisations);
    genesis.validators.extend(entry.validators);
    genesis.sort();
    genesis.check_body().class(Class::Invalid)
}

fn certificate_of_key(der: &[u8], key: &yinxin_gm::sm2::PublicKey) -> Done<Certificate> {
    let certificate = Certificate::parse(der).class(Class::Malformed)?;
    if certificate.sm2_key() != Some(key) {
        return Err(Failure::new(
            Class::Invalid,
            format!("the certificate of {} holds another key", certificate.title()),
            format!("{} 的证书中是另一把公钥", certificate.title()),
        ));
    }
    Ok(certificate)
}

impl Sign {
    fn run(self, ui: &Ui) -> Done {
        let mut genesis = read(&self.file)?;
        genesis.check_body().class(Class::Invalid)?;
        let key = self.key.load(ui)?;
        let public = *key.public_key();
        let Some(code) =
            genesis.organisations.iter().find(|o| o.key == public).map(|o| o.code.clone())
        else {
            return Err(Failure::new(
                Class::Key,
                "this key belongs to none of the genesis' departments",
                "该密钥不属于创世文件中的任何部门",
            )
            .todo(
                "sign with the key that `node init` was given",
                "请使用执行 node init 时的部门密钥签署",
            ));
        };
        let signature = keys::sign(&key, &genesis.body(), &mut rng::os())?;
        genesis.add_signature(&code, signature.to_raw()).class(Class::Internal)?;
        write(&self.file, &genesis, Existing::Replace)?;
        ui.result(&view(&genesis), |v| text(ui, v))
    }
}

impl Check {
    fn run(self, ui: &Ui) -> Done {
        let genesis = read(&self.file)?;
        ui.result(&view(&genesis), |v| text(ui, v))?;
        genesis.check().class(Class::Invalid)?;
        let store = match &self.trust {
            Some(folder) => Some(trusting::load(folder)?),
            None => None,
        };
        for organisation in &genesis.organisations {
            let certificate = certificate_of_key(&organisation.certificate, &organisation.key)
                .at(&organisation.name)?;
            if let Some(trust) = &store {
                trusting::must_chain(trust, &certificate, ui::now()).at(&organisation.name)?;
            }
        }
        ui.say("every department has signed", "所有部门均已签署");
        Ok(())
    }
}
