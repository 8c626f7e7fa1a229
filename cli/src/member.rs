//! `member propose | approve`: changes that the members decide together: who is a member, who validates, who may do what.

use std::path::PathBuf;

use yinxin_gm::{Digest, sm2::PublicKey};
use yinxin_pki::Certificate;
use yinxin_receipt::{Genesis, Wire};
use yinxin_record::{
    Act, Approve as ApproveAct, Change, MemberAct, NewOrganisation, NewValidator, OrganisationCode,
    Power, Powers, PowersChange, ProposalState, Propose as ProposeAct, RotateKey, Text,
    ValidatorPower, state_key,
};

use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    keys::{self, SignerArgs},
    ledger::{CommittedView, read_genesis},
    powers, remote,
    send::known,
    submit::{self, Client, LedgerArgs},
    trusting,
    ui::{self, Ui},
};

/// `yinxin member …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum MemberCommand {
    /// Propose a change, and thereby approve it; the record's id is the proposal's
    Propose(Propose),
    /// Approve a proposal: more than two thirds of the members make it hold from its height on
    Approve(Approve),
}

/// `yinxin member propose`
#[derive(Debug, clap::Args)]
pub(crate) struct Propose {
    #[command(subcommand)]
    what: What,
}

/// Who proposes, where, and from when on.
#[derive(Debug, clap::Args)]
struct How {
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// From how many blocks after now on it shall hold: time enough for the others to approve
    #[arg(long, value_name = "BLOCKS", default_value_t = 20)]
    after: u64,
}

/// What shall change. An entry is what `node init` made.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// An organisation joins
    AddOrganisation {
        /// Its entry
        #[arg(value_name = "ENTRY")]
        entry: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// A node joins the validators
    AddValidator {
        /// Its entry
        #[arg(value_name = "ENTRY")]
        entry: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// A node leaves the validators
    RemoveValidator {
        /// Its entry
        #[arg(value_name = "ENTRY")]
        entry: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// A validator weighs more or less
    Weigh {
        /// Its entry
        #[arg(value_name = "ENTRY")]
        entry: PathBuf,
        /// Its weight from then on
        #[arg(value_name = "WEIGHT")]
        weight: u64,
        #[command(flatten)]
        how: How,
    },
    /// An organisation may do these things from then on, and no others
    SetPowers {
        /// Its code
        #[arg(value_name = "CODE")]
        code: String,
        /// anchor, certificates, seals, licence-types, licences, data, data-use,
        /// data-authority, credit, credit-use, credit-authority, assets
        #[arg(value_name = "POWER", value_delimiter = ',', value_parser = powers::parse)]
        powers: Vec<Power>,
        #[command(flatten)]
        how: How,
    },
    /// An organisation signs with another key from then on; what the old one signs is refused
    RotateKey {
        /// Its new certificate, which names its code
        #[arg(value_name = "CERT")]
        next: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// An organisation's records are refused until it is resumed
    Suspend {
        /// Its code
        #[arg(value_name = "CODE")]
        code: String,
        #[command(flatten)]
        how: How,
    },
    /// A suspension ends
    Resume {
        /// Its code
        #[arg(value_name = "CODE")]
        code: String,
        #[command(flatten)]
        how: How,
    },
}

/// `yinxin member approve`
#[derive(Debug, clap::Args)]
pub(crate) struct Approve {
    /// The proposal's id
    #[arg(value_name = "PROPOSAL")]
    proposal: Digest,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
}

impl MemberCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Propose(c) => c.run(ui, config),
            Self::Approve(c) => c.run(ui, config),
        }
    }
}

impl Propose {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let (change, how) = self.what.change()?;
        let client = how.ledger.open(config)?;
        certified(&client, &change)?;
        let signer = how.signer.load(ui)?;
        let head = client.remote.newest().map_err(|e| remote::failure(&e))?;
        let effective_height = head.height.saturating_add(how.after);
        let act = Act::Member(MemberAct::Propose(ProposeAct { change, effective_height }));
        // Each proposal is a piece of business of its own, however often the same change is proposed.
        let key =
            format!("member/propose/{effective_height}/{}", yinxin_gm::sm3::digest(&act.to_der()));
        let committed = submit::act(&client, &signer, &key, act, ui)?;
        ui.say(
            format!("holds from height {effective_height} on, if others approve: yinxin member approve {}", committed.id),
            format!("经其他成员批准后自高度 {effective_height} 起生效：yinxin member approve {}", committed.id),
        );
        ui.result(&CommittedView::new(&committed, None), |v| v.text(ui))
    }
}

impl Approve {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let client = self.ledger.open(config)?;
        let proposed: ProposalState = known(&client, &state_key::proposal(&self.proposal))?;
        certified(&client, &proposed.change)?;
        let act = Act::Member(MemberAct::Approve(ApproveAct { proposal: self.proposal }));
        let key = format!("member/approve/{}", self.proposal);
        let committed = submit::act(&client, &self.signer.load(ui)?, &key, act, ui)?;
        ui.result(&CommittedView::new(&committed, None), |v| v.text(ui))
    }
}

impl What {
    fn change(self) -> Done<(Change, How)> {
        let code = |code: &str| OrganisationCode::new(code).class(Class::Usage);
        Ok(match self {
            Self::AddOrganisation { entry, how } => {
                (Change::AddOrganisation(organisation(&entry)?), how)
            }
            Self::AddValidator { entry, how } => (Change::AddValidator(validator(&entry)?), how),
            Self::RemoveValidator { entry, how } => (Change::RemoveValidator(key(&entry)?), how),
            Self::Weigh { entry, weight, how } => {
                (Change::ReweighValidator(ValidatorPower { key: key(&entry)?, power: weight }), how)
            }
            Self::SetPowers { code: c, powers, how } => {
                let powers: Powers = powers.into_iter().collect();
                (Change::SetPowers(PowersChange { code: code(&c)?, powers }), how)
            }
            Self::RotateKey { next, how } => (Change::RotateKey(rotation(&next)?), how),
            Self::Suspend { code: c, how } => (Change::SuspendOrganisation(code(&c)?), how),
            Self::Resume { code: c, how } => (Change::ResumeOrganisation(code(&c)?), how),
        })
    }
}

fn rotation(path: &std::path::Path) -> Done<RotateKey> {
    let certificate = keys::certificate(path)?;
    let no_member = || {
        Failure::new(
            Class::Usage,
            "expected an SM2 certificate that names a unified social credit code",
            "应为载有统一社会信用代码的 SM2 证书",
        )
        .at(path.display())
    };
    let code = certificate.organisation_code().ok_or_else(no_member)?;
    let code = OrganisationCode::new(code).class(Class::Usage).at(path.display())?;
    let key = *certificate.sm2_key().ok_or_else(no_member)?;
    Ok(RotateKey { code, certificate: certificate.raw().to_vec(), key })
}

/// To the ledger a certificate is octets: that it holds, and is of this organisation and this key, is for those who decide.
fn certified(client: &Client, change: &Change) -> Done {
    let (code, octets, key) = match change {
        Change::AddOrganisation(new) => (&new.code, &new.certificate, &new.key),
        Change::RotateKey(c) => (&c.code, &c.certificate, &c.key),
        _ => return Ok(()),
    };
    let certificate = Certificate::parse(octets).class(Class::Invalid).at(code)?;
    if certificate.organisation_code() != Some(code.as_str()) || certificate.sm2_key() != Some(key)
    {
        return Err(Failure::new(
            Class::Invalid,
            "the proposed certificate is not of this organisation and this key",
            "所提议的证书与该机构或该密钥不符",
        )
        .at(code)
        .todo("do not approve it", "请勿批准"));
    }
    trusting::must_chain(&client.trust, &certificate, ui::now()).at(code)
}

/// An entry that its own department signed, with one organisation and one validator.
fn entry(path: &std::path::Path) -> Done<Genesis> {
    let entry = read_genesis(path)?;
    entry.check().class(Class::Invalid).at(path.display())?;
    if entry.organisations.len() != 1 || entry.validators.len() != 1 {
        return Err(Failure::new(
            Class::Usage,
            format!("{}: expected one department's entry, as node init makes it", path.display()),
            format!("{}：应为 node init 生成的单个部门条目", path.display()),
        ));
    }
    Ok(entry)
}

fn organisation(path: &std::path::Path) -> Done<NewOrganisation> {
    let o = entry(path)?.organisations.swap_remove(0);
    Ok(NewOrganisation {
        code: OrganisationCode::new(&o.code).class(Class::Malformed)?,
        name: Text::new(o.name).class(Class::Malformed)?,
        certificate: o.certificate,
        key: o.key,
        powers: Powers::from_bits(o.powers).ok_or_else(|| {
            Failure::new(
                Class::Malformed,
                "the entry names powers that there are not",
                "条目中的权限未知",
            )
        })?,
    })
}

fn validator(path: &std::path::Path) -> Done<NewValidator> {
    let v = entry(path)?.validators.swap_remove(0);
    Ok(NewValidator {
        organisation: OrganisationCode::new(&v.organisation).class(Class::Malformed)?,
        key: v.key,
        power: v.power,
        peer_id: Text::new(v.peer_id).class(Class::Malformed)?,
        address: Text::new(v.address).class(Class::Malformed)?,
    })
}

fn key(path: &std::path::Path) -> Done<PublicKey> {
    Ok(entry(path)?.validators.swap_remove(0).key)
}
