//! Writing to the ledger: a record is signed, sent until it is in, and believed only once its receipt has been verified here.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use yinxin_gm::Digest;
use yinxin_receipt::{Receipt, StatusProof};
use yinxin_record::{Act, BusinessKey, OrganisationCode, Record, Tbs, Wire, key_id};
use yinxin_service::LedgerError;
use yinxin_verdict::{Check, Policy, Report, Verdict};
use yinxin_verify::Trust;

use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    keys::Signer,
    remote::{self, Remote},
    rng, trusting,
    ui::{self, Ui},
};

/// How long one record is tried: a killed proposer costs seconds, a restarting node some ten.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How long a node is given to reach the blocks that a record builds on, which may have been written through another one: they are
/// a second apart at most while there is work.
pub(crate) const BEHIND: Duration = Duration::from_secs(4);
/// How often it is asked meanwhile.
pub(crate) const AGAIN: Duration = Duration::from_millis(250);

/// What a node says whose state lacks what a record builds on; also what it says when there is no such thing at all.
const BUILDS_ON: [&str; 13] = [
    "APPROVER_UNKNOWN",
    "BASIS_UNKNOWN",
    "CALENDAR_UNKNOWN",
    "CLASS_UNKNOWN",
    "CUSTODIAN_UNKNOWN",
    "GRANT_UNKNOWN",
    "ILLEGAL_MOVE",
    "ORGANISATION_UNKNOWN",
    "OTHER_VERSION",
    "RESOURCE_UNKNOWN",
    "SOURCE_UNKNOWN",
    "SUBJECT_KEY_UNKNOWN",
    "VERSION_OTHER",
];

/// For how many blocks from now a record may be committed; well within the rules' longest, and days at one block a second.
pub(crate) const LIFETIME: u64 = 100_000;

/// Where the ledger is, and what is trusted of it.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct LedgerArgs {
    /// A node's address, such as `http://127.0.0.1:8080`
    #[arg(long, value_name = "URL")]
    pub(crate) node: Option<String>,
    /// The folder of what is trusted, the ledger's genesis among it
    #[arg(long, value_name = "DIR")]
    pub(crate) trust: Option<PathBuf>,
}

/// A ledger that is asked from afar and checked from here.
pub(crate) struct Client {
    /// The node.
    pub(crate) remote: Remote,
    /// What its answers are checked against.
    pub(crate) trust: Trust,
    /// The ledger's id, by the trust folder, never by the node.
    pub(crate) chain_id: Digest,
}

impl LedgerArgs {
    /// Whether a node was named.
    pub(crate) fn is_given(&self, config: &Config) -> bool {
        self.node.is_some() || config.node.is_some()
    }

    /// Reads the trust folder and names the node.
    pub(crate) fn open(&self, config: &Config) -> Done<Client> {
        let folder = config.trust_folder(self.trust.as_deref()).ok_or_else(|| {
            Failure::new(Class::Usage, "no trust folder is named", "未指定信任文件夹").todo(
                "give --trust DIR: receipts are checked with it before anything is called done",
                "请使用 --trust 目录：回执须经其验证后方可视为完成",
            )
        })?;
        let trust = trusting::load(&folder)?;
        let chain_id = trusting::only_chain(&trust)?;
        Ok(Client { remote: Remote::new(&config.node(self.node.as_deref())?)?, trust, chain_id })
    }
}

/// A record in the ledger.
pub(crate) struct Committed {
    /// The record's id.
    pub(crate) id: Digest,
    /// The receipt, verified.
    pub(crate) receipt: Vec<u8>,
    /// The height of its block, or of the later header or checkpoint that its receipt is based on.
    pub(crate) height: u64,
}

/// Signs an act under a business key and puts it into the ledger.
pub(crate) fn act(
    client: &Client,
    signer: &Signer,
    key: &str,
    act: Act,
    ui: &Ui,
) -> Done<Committed> {
    let record = record(client, signer, key, act)?;
    let spinner = ui.spinner("waiting for the ledger", "等待账本确认");
    let done = client.put(&record.to_der());
    spinner.finish_and_clear();
    done
}

/// A signed record, valid from now on for some time.
pub(crate) fn record(client: &Client, signer: &Signer, key: &str, act: Act) -> Done<Record> {
    sign(client.chain_id, signer, key, act, last_valid(client)?)
}

/// Up to which height a record that is signed now may be committed.
pub(crate) fn last_valid(client: &Client) -> Done<u64> {
    let head = client.remote.newest().map_err(|e| remote::failure(&e))?;
    Ok(head.height.saturating_add(LIFETIME))
}

/// Signs a record under [`business_key`].
pub(crate) fn sign(
    chain_id: Digest,
    signer: &Signer,
    key: &str,
    act: Act,
    last_valid_height: u64,
) -> Done<Record> {
    let tbs = Tbs {
        chain_id,
        organisation: OrganisationCode::new(&signer.code()?).class(Class::Usage)?,
        signer: key_id(signer.key.public_key()),
        business_key: business_key(key)?,
        last_valid_height,
        act,
    };
    tbs.sign(&signer.key, &mut rng::os()).class(Class::Key)
}

/// The key under which the ledger has a business: a long one goes in as its digest, for the ledger takes 64 octets.
pub(crate) fn business_key(key: &str) -> Done<BusinessKey> {
    if key.len() <= BusinessKey::MAX {
        return BusinessKey::new(key).class(Class::Usage);
    }
    BusinessKey::new(yinxin_gm::sm3::digest(key.as_bytes()).as_bytes().to_vec())
        .class(Class::Internal)
}

impl Client {
    /// Sends a record until it is in, and verifies its receipt.
    pub(crate) fn put(&self, record: &[u8]) -> Done<Committed> {
        let receipt = self.put_once_known(record).map_err(|e| remote::failure(&e))?;
        self.check(record, receipt)
    }

    /// Sends a record. What the node refuses because it does not know what the record builds on is sent again for a while: the
    /// node may be a few blocks behind the one that the other record was written through.
    pub(crate) fn put_once_known(&self, record: &[u8]) -> Result<Vec<u8>, LedgerError> {
        let start = Instant::now();
        loop {
            match self.remote.put_patiently(record, PATIENCE) {
                Err(LedgerError::Refused { code, .. })
                    if BUILDS_ON.contains(&&*code) && start.elapsed() < BEHIND =>
                {
                    std::thread::sleep(AGAIN);
                }
                other => return other,
            }
        }
    }

    /// Believes a receipt only if it is of this record and holds by the trust folder.
    pub(crate) fn check(&self, record: &[u8], receipt: Vec<u8>) -> Done<Committed> {
        let parsed =
            Receipt::from_der(&receipt).map_err(yinxin_receipt::Error::from).class(Class::Node)?;
        let expected = yinxin_gm::sm3::digest(record);
        if parsed.subject.record_hash() != expected {
            return Err(Failure::new(
                Class::Invalid,
                format!("the node answered with the receipt of another record: expected {expected}, got {}", parsed.subject.record_hash()),
                format!("节点返回了另一记录的回执：应为 {expected}，实为 {}", parsed.subject.record_hash()),
            )
            .todo("ask another node", "请改用其他节点"));
        }
        let report = yinxin_verify::verify(&receipt, &self.trust, &Policy::default(), ui::now());
        must_hold(&report, "receipt", "回执")?;
        let id = Record::from_der(record)
            .map_err(yinxin_record::Error::from)
            .class(Class::Malformed)?
            .id();
        let height = match &parsed.anchor {
            yinxin_receipt::Anchor::Committed { header, .. } => header.height,
            yinxin_receipt::Anchor::Checkpoint(id) => {
                self.trust.ledgers().checkpoint(id).map_or(0, |(_, header)| header.height)
            }
        };
        Ok(Committed { id, receipt, height })
    }

    /// A status proof, verified.
    pub(crate) fn status(&self, key: &[u8]) -> Done<(StatusProof, Vec<u8>)> {
        let bytes = self.remote.status_of(key).map_err(|e| remote::failure(&e))?;
        let proof = StatusProof::from_der(&bytes)
            .map_err(yinxin_receipt::Error::from)
            .class(Class::Node)?;
        if proof.key != key {
            return Err(Failure::new(
                Class::Invalid,
                "the node answered with the proof of another key",
                "节点返回了其他键的证明",
            ));
        }
        let report = yinxin_verify::verify(&bytes, &self.trust, &Policy::default(), ui::now());
        // What the proof says, a revocation say, is its content; only the proof itself must hold.
        if report.holds(Check::StatusProof) && report.holds(Check::ReceiptCertificate) {
            return Ok((proof, bytes));
        }
        must_hold(&report, "status proof", "状态证明").map(|()| (proof, bytes))
    }
}

fn must_hold(report: &Report, en: &str, zh: &str) -> Done {
    if report.verdict == Verdict::Valid {
        return Ok(());
    }
    let reasons = report.reasons.join(", ");
    Err(Failure::new(
        Class::of(report.verdict).unwrap_or(Class::Invalid),
        format!("the node's {en} does not hold by this trust folder: {reasons}"),
        format!("依据该信任文件夹，节点返回的{zh}不成立：{reasons}"),
    )
    .todo(
        "check that --trust has this ledger's genesis; ask another node",
        "请确认 --trust 中有该账本的创世文件，或改用其他节点",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_of_any_length_has_a_key() {
        let digest = "a".repeat(64);
        for (key, octets) in [
            (format!("data/window/{digest}@29000000"), 32),
            (digest.clone(), 64),
            ("data/window/11430000006122244L.307~1@29000000".to_owned(), 45),
        ] {
            assert_eq!(business_key(&key).unwrap().as_bytes().len(), octets, "{key}");
        }
    }
}
