//! An act's way to the ledger: signed, kept on disk, sent, its receipt verified, and only then called done.

use std::{
    fs,
    ops::Deref,
    path::{Path, PathBuf},
    time::Instant,
};

use serde::Serialize;
use yinxin_record::{Act, AssetAct, CreditAct, DataAct, Record, Wire};
use yinxin_service::LedgerError;

use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::{Signer, SignerArgs},
    remote,
    submit::{self, AGAIN, BEHIND, Client, Committed, LedgerArgs},
    ui::Ui,
};

/// An act of a family, and what a program reads of it.
pub(crate) trait Family {
    /// The schema of what `--json` prints of an act.
    const SCHEMA: &'static str;

    /// The act, among all families'.
    fn into_act(self) -> Act;
}

impl Family for DataAct {
    const SCHEMA: &'static str = "yinxin.data-act/1";

    fn into_act(self) -> Act {
        Act::Data(self)
    }
}

impl Family for CreditAct {
    const SCHEMA: &'static str = "yinxin.credit-act/1";

    fn into_act(self) -> Act {
        Act::Credit(self)
    }
}

impl Family for AssetAct {
    const SCHEMA: &'static str = "yinxin.asset-act/1";

    fn into_act(self) -> Act {
        Act::Asset(self)
    }
}

/// The rules' code for a record that is past its last valid height.
const TOO_LATE: &str = "EXPIRED";
/// A node's code for a record of another ledger: whether that one has it, it does not say.
const OTHER_LEDGER: &str = "OTHER_LEDGER";

/// Who signs, which ledger, and where the receipt goes.
#[derive(Debug, clap::Args)]
pub(crate) struct Sending {
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Write the receipt to this file; until then the signed record lies beside it, and the same command sends it again
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// All that sending takes, opened and checked.
pub(crate) struct Desk<'a> {
    pub(crate) client: Client,
    pub(crate) signer: Signer,
    out: Option<&'a Path>,
    force: bool,
    ui: &'a Ui,
}

/// An act that the ledger took, receipt and all.
pub(crate) struct Sent {
    schema: &'static str,
    committed: Committed,
}

impl Deref for Sent {
    type Target = Committed;

    fn deref(&self) -> &Committed {
        &self.committed
    }
}

/// An act that the ledger did not take.
pub(crate) struct Unsent {
    /// The rules' code, if they refused it.
    pub(crate) code: Option<String>,
    /// What to tell.
    pub(crate) failure: Failure,
}

impl From<Failure> for Unsent {
    fn from(failure: Failure) -> Self {
        Self { code: None, failure }
    }
}

/// A committed act for people and programs.
#[derive(Serialize)]
struct ActView {
    schema: &'static str,
    act: &'static str,
    record: String,
    height: u64,
    subject: String,
    status: String,
    receipt: Option<String>,
}

impl Sending {
    /// The trust folder, if one is named.
    pub(crate) fn trust(&self) -> Option<PathBuf> {
        self.ledger.trust.clone()
    }

    /// Opens key, certificate and trust folder; refuses early when the receipt's file is in the way.
    pub(crate) fn open<'a>(&'a self, ui: &'a Ui, config: &Config) -> Done<Desk<'a>> {
        if let Some(out) = &self.out {
            files::must_be_free(out, self.force)?;
        }
        let client = self.ledger.open(config)?;
        let signer = self.signer.load(ui)?;
        Ok(Desk { client, signer, out: self.out.as_deref(), force: self.force, ui })
    }
}

impl Desk<'_> {
    /// Puts an act into the ledger under a business key and writes its receipt.
    pub(crate) fn send<A: Family>(&self, key: &str, act: A) -> Done<Sent> {
        self.try_send(key, act).map_err(|unsent| unsent.failure)
    }

    /// As [`Desk::send`]; tells whether it was a rule that refused.
    pub(crate) fn try_send<A: Family>(&self, key: &str, act: A) -> Result<Sent, Unsent> {
        let kept = self.out.filter(|out| *out != Path::new("-")).map(|out| beside(out, "unsent"));
        let spinner = self.ui.spinner("waiting for the ledger", "等待账本确认");
        let done = put(&self.client, &self.signer, key, act, kept.as_deref());
        spinner.finish_and_clear();
        let committed = done?;
        if let Some(out) = self.out {
            let existing = Existing::forced(self.force);
            files::write(out, &committed.receipt, Access::Public, existing)?;
        }
        if let Some(kept) = kept {
            remove(&kept)?;
        }
        Ok(Sent { schema: A::SCHEMA, committed })
    }

    /// Tells what was done, and how its subject stands now.
    pub(crate) fn told(
        &self,
        act: &'static str,
        sent: &Sent,
        subject: impl ToString,
        status: impl Into<String>,
    ) -> Done {
        let view = ActView {
            schema: sent.schema,
            act,
            record: sent.id.to_string(),
            height: sent.height,
            subject: subject.to_string(),
            status: status.into(),
            receipt: self.out.map(|out| out.display().to_string()),
        };
        let ui = self.ui;
        ui.result(&view, |v| {
            let (record, at) = (ui.pick("record", "记录"), ui.pick("at height", "高度"));
            let mut text = format!("{}: {}\n", v.subject, v.status);
            text.push_str(&format!("  {} {record} {} {at} {}\n", v.act, v.record, v.height));
            if let Some(file) = &v.receipt {
                text.push_str(&format!("  {} {file}\n", ui.pick("receipt", "回执")));
            }
            text
        })
    }

    /// The state under a key, proven.
    pub(crate) fn state<T: Wire>(&self, key: &[u8]) -> Done<Option<T>> {
        state(&self.client, key)
    }
}

/// The state under a key, proven and decoded.
pub(crate) fn state<T: Wire>(client: &Client, key: &[u8]) -> Done<Option<T>> {
    let (proof, _) = client.status(key)?;
    let value = proof.value.as_deref().map(T::from_der).transpose();
    value.map_err(yinxin_record::Error::from).class(Class::Node)
}

/// The state of something that must be there. A node that may be a few blocks behind is given time to learn of it.
pub(crate) fn known<T: Wire>(client: &Client, key: &[u8]) -> Done<T> {
    let start = Instant::now();
    loop {
        if let Some(state) = state(client, key)? {
            return Ok(state);
        }
        if start.elapsed() >= BEHIND {
            return Err(unknown(&String::from_utf8_lossy(key)));
        }
        std::thread::sleep(AGAIN);
    }
}

/// What is told of something that the ledger does not have.
pub(crate) fn unknown(key: &str) -> Failure {
    let waited = BEHIND.as_secs();
    Failure::new(
        Class::Usage,
        format!("{key}: unknown to the ledger, {waited} s later too"),
        format!("{key}：账本中无此项，{waited} 秒后仍无"),
    )
    .todo(
        "check the id; if it was written a moment ago, ask the node that it was written through",
        "请核对编号；若刚刚写入，请改用写入时所用的节点",
    )
}

/// Signs an act and sends it. Where a file is named to keep it in, it is synced there first: after a crash the same bytes are sent
/// again, and only what the ledger calls too late, and so does not have, is signed anew under the same business key.
pub(crate) fn put(
    client: &Client,
    signer: &Signer,
    key: &str,
    act: impl Family,
    kept: Option<&Path>,
) -> Result<Committed, Unsent> {
    let last = submit::last_valid(client)?;
    put_until(client, signer, key, act, last, kept)
}

/// As [`put`], with a last valid height that the caller asked for once, for many acts.
pub(crate) fn put_until(
    client: &Client,
    signer: &Signer,
    key: &str,
    act: impl Family,
    last_valid: u64,
    kept: Option<&Path>,
) -> Result<Committed, Unsent> {
    let fresh = submit::sign(client.chain_id, signer, key, act.into_act(), last_valid)?;
    let bytes = fresh.to_der();
    Record::from_der(&bytes).map_err(yinxin_record::Error::from).class(Class::Usage)?;
    let Some(path) = kept else { return once(client, &bytes) };
    let before = unsent(path, &fresh)?;
    if before.is_none() {
        files::write(path, &bytes, Access::Owner, Existing::Keep)?;
    }
    let again = before.is_some();
    let mut sent = once(client, &before.unwrap_or_else(|| bytes.clone()));
    if again && matches!(&sent, Err(Unsent { code: Some(code), .. }) if code == TOO_LATE) {
        files::write(path, &bytes, Access::Owner, Existing::Replace)?;
        sent = once(client, &bytes);
    }
    // Refused by a rule it is not in and need not be kept; without an answer it may be in.
    if matches!(&sent, Err(Unsent { code: Some(_), .. })) {
        remove(path)?;
    }
    sent
}

/// A record of the same business that was signed before.
fn unsent(path: &Path, fresh: &Record) -> Done<Option<Vec<u8>>> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = files::read(path)?;
    let record =
        Record::from_der(&bytes).map_err(yinxin_record::Error::from).class(Class::Malformed);
    let record = record.map_err(|f| f.at(path.display()))?;
    let same = record.tbs.chain_id == fresh.tbs.chain_id
        && record.tbs.organisation == fresh.tbs.organisation
        && record.tbs.business_key == fresh.tbs.business_key;
    if same {
        return Ok(Some(bytes));
    }
    let path = path.display();
    Err(Failure::new(
        Class::Usage,
        format!("{path} holds the signed record of another act, which may not have been sent"),
        format!("{path} 中是另一操作的已签名记录，可能尚未提交"),
    )
    .todo(
        format!("send it: yinxin ledger put {path}; or give another --out"),
        format!("请先提交：yinxin ledger put {path}；或改用其他 --out"),
    ))
}

/// Sends a signed record that was kept, as it is.
pub(crate) fn again(client: &Client, kept: &Path) -> Result<Committed, Unsent> {
    once(client, &files::read(kept)?)
}

fn once(client: &Client, record: &[u8]) -> Result<Committed, Unsent> {
    match client.put_once_known(record) {
        Ok(receipt) => Ok(client.check(record, receipt)?),
        Err(error) => {
            let failure = remote::failure(&error);
            let code = match error {
                LedgerError::Refused { code, .. } if code != OTHER_LEDGER => Some(code),
                _ => None,
            };
            Err(Unsent { code, failure })
        }
    }
}

/// A file's name with one more ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Removes a file that has served.
pub(crate) fn remove(path: &Path) -> Done {
    fs::remove_file(path).map_err(|e| Failure::io(path, &e))
}
