//! `asset status`: how an asset stands, each word of it proven.

use std::path::PathBuf;

use yinxin_receipt::StatusProof;
use yinxin_record::{AssetKey, AssetKind, AssetState, CustodianState, state_key};

use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
    submit::LedgerArgs,
    things::{self, Said, Thing, decoded},
    ui::Ui,
};

/// `yinxin asset status`
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// An asset's key, or a kind
    #[arg(value_name = "ASSET", required_unless_present = "proof")]
    id: Option<String>,
    /// Show what a status proof that was written before says, without a node
    #[arg(long, value_name = "FILE", conflicts_with_all = ["id", "out"])]
    proof: Option<PathBuf>,
    /// Write the status proof to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArgs,
}

impl Status {
    /// Asks, checks and shows.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let found = match (&self.proof, &self.id) {
            (Some(file), _) => thing(&things::offline(file, &self.ledger, config)?),
            (None, id) => {
                let key = key(id.as_deref().unwrap_or_default())?;
                let (proof, bytes) = self.ledger.open(config)?.status(&key)?;
                let found = thing(&proof);
                if let Some(out) = self.out.as_ref().filter(|_| found.known) {
                    files::write(out, &bytes, Access::Public, Existing::Replace)?;
                }
                found
            }
        };
        things::tell("yinxin.asset-status/1", vec![found], ui)
    }
}

fn key(id: &str) -> Done<Vec<u8>> {
    if let Some(asset) = AssetKey::parse(id) {
        return Ok(state_key::asset(&asset));
    }
    let kind = AssetKind::from_name(id).map(state_key::asset_custodian);
    kind.ok_or_else(|| {
        Failure::new(
            Class::Usage,
            format!("{id:?} is no asset's key and no kind"),
            format!("{id:?} 不是资产标识或资产种类"),
        )
        .todo(
            "the custodian makes a key of a number: yinxin asset key",
            "资产标识由保管方根据编号生成：yinxin asset key",
        )
    })
}

fn thing(proof: &StatusProof) -> Thing {
    let key = String::from_utf8_lossy(&proof.key).into_owned();
    let said = match key.split('/').next().unwrap_or_default() {
        "asset" => decoded(proof).map(asset),
        "asset-custodian" => decoded(proof).map(custodian),
        _ => things::raw(proof),
    };
    Thing::of(proof, said)
}

fn asset(s: AssetState) -> Said {
    let mut details = vec![
        ("owner", s.owner.to_string()),
        ("turn", s.turn.to_string()),
        ("content", s.content.to_string()),
        ("since", s.since.to_string()),
    ];
    details.extend(s.pledgee.map(|code| ("pledged-to", code.to_string())));
    details.extend(s.contract.map(|digest| ("contract", digest.to_string())));
    details.extend(s.due.map(|day| ("due", day.to_string())));
    if s.reason != 0 {
        details.push(("reason", s.reason.to_string()));
    }
    (s.status.name().to_owned(), details)
}

fn custodian(s: CustodianState) -> Said {
    (s.custodian.to_string(), vec![("authority", s.authority.to_string())])
}
