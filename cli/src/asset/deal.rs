//! `asset sign …`: what an owner agrees to, signed with its own key, far from any node.

use yinxin_gm::sm3;
use yinxin_record::{
    AssetKey, Deal, OrganisationCode, PledgeAsset, PledgeTerms, Subject, TransferAsset,
    TransferTerms, Wire,
};

use crate::{
    config::Config,
    credit::SubjectArgs,
    fail::{Class, Classed, Done},
    papers::Paper,
    rng,
    ui::Ui,
};

/// `yinxin asset sign …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum SignCommand {
    /// Agree to a pledge
    Pledge(SignPledge),
    /// Agree to a transfer
    Transfer(SignTransfer),
}

/// What every deal names.
#[derive(Debug, clap::Args)]
struct Terms {
    /// The asset's key
    #[arg(value_name = "ASSET", value_parser = super::key)]
    asset: AssetKey,
    /// The asset's turn, as `asset status` shows it: a signature serves for one turn
    #[arg(long, value_name = "N")]
    turn: u64,
    /// The contract: a file, whose salt is kept beside it, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse)]
    contract: Paper,
    #[command(flatten)]
    signing: SubjectArgs,
}

/// `yinxin asset sign pledge`
#[derive(Debug, clap::Args)]
pub(crate) struct SignPledge {
    #[command(flatten)]
    terms: Terms,
    /// Who takes it
    #[arg(long, value_name = "CODE", value_parser = OrganisationCode::new)]
    pledgee: OrganisationCode,
}

/// `yinxin asset sign transfer`
#[derive(Debug, clap::Args)]
pub(crate) struct SignTransfer {
    #[command(flatten)]
    terms: Terms,
    /// Whose it is from then on
    #[arg(long, value_name = "SUBJECT", value_parser = subject)]
    to: Subject,
}

pub(super) fn subject(text: &str) -> Result<Subject, String> {
    Subject::parse(text).map_err(|e| e.to_string())
}

impl SignCommand {
    /// Signs the deal.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Pledge(SignPledge { terms, pledgee }) => {
                let contract = terms.contract.digest()?;
                let Terms { asset, turn, signing, .. } = terms;
                let terms = PledgeTerms { asset, turn, pledgee, contract };
                let signature = sign(&Deal::Pledge(terms.clone()), &signing, ui, config)?;
                let der = PledgeAsset { terms, signature }.to_der();
                signing.write("pledge", sm3::digest(&der), &der, ui)
            }
            Self::Transfer(SignTransfer { terms, to }) => {
                let contract = terms.contract.digest()?;
                let Terms { asset, turn, signing, .. } = terms;
                let terms = TransferTerms { asset, turn, to, contract };
                let signature = sign(&Deal::Transfer(terms.clone()), &signing, ui, config)?;
                let der = TransferAsset { terms, signature }.to_der();
                signing.write("transfer", sm3::digest(&der), &der, ui)
            }
        }
    }
}

fn sign(deal: &Deal, signing: &SubjectArgs, ui: &Ui, config: &Config) -> Done<[u8; 64]> {
    let chain_id = signing.chain_id(config)?;
    deal.sign(&chain_id, &signing.key(ui)?, &mut rng::os()).class(Class::Key)
}
