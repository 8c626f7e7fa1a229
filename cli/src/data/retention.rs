//! `data keep | erase`: what lies beside the ledger, until when it may, and its erasure, which leaves every proof standing.

mod gone;
mod list;

use std::path::PathBuf;

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_record::{
    DataAct, DeliveryState, DocumentState, Erase as EraseAct, ErasureState, GrantState,
    OrganisationCode, Origin, ProvenanceState, ResourceState, Wire, state_key,
};
use yinxin_sharing::envelope::Header;
use yinxin_verdict::UnixTime;

use self::{
    gone::{Doomed, plain, sm3_of},
    list::{Entry, List, Until},
};
use super::{
    derive::digest_of,
    send::{self, beside, remove},
    words,
};
use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    files,
    keys::{Signer, SignerArgs},
    ledger::anchored_digest,
    submit::{Client, LedgerArgs},
    ui::{self, Ui},
};

const DAY_MS: i64 = 24 * 3_600_000;

/// `yinxin data keep`
#[derive(Debug, clap::Args)]
pub(crate) struct Keep {
    /// The retention list; it is begun if it is not there
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// The file that is kept, below the list's folder; of an envelope the header, its body goes with it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the ledger knows it by: a digest, or the envelope that it came out of [default: the file's own digest]
    #[arg(long = "as", value_name = "FILE|DIGEST")]
    named: Option<String>,
    /// The grant under which it was received [default: it is the own organisation's]
    #[arg(long, value_name = "GRANT")]
    grant: Option<Digest>,
    /// Until when it is kept: a day or an instant
    #[arg(long, value_name = "TIME", value_parser = words::time, required_unless_present = "days_after_end")]
    until: Option<UnixTime>,
    /// How many days after its grant's end it is kept; 0: no longer than the grant serves
    #[arg(long, value_name = "N", requires = "grant", conflicts_with = "until")]
    days_after_end: Option<u16>,
    /// On which article of which law or rule
    #[arg(long, value_name = "TEXT")]
    basis: String,
}

#[derive(Serialize)]
struct Kept {
    schema: &'static str,
    list: String,
    file: String,
    digest: String,
    entries: usize,
}

impl Keep {
    /// Adds an entry to the list.
    pub(super) fn run(self, ui: &Ui) -> Done {
        let mut list = List::read_or_begin(&self.list)?;
        let path = list.below(&self.file)?;
        if plain(&self.file)?.is_none() {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(Failure::io(&self.file, &missing));
        }
        let sm3 = sm3_of(&self.file)?;
        let digest = match &self.named {
            Some(named) => digest_of(named)?,
            None => {
                let bytes = files::read(&self.file)?;
                match Header::from_der(&bytes) {
                    Ok(header) => header.digest(),
                    Err(_) => anchored_digest(&bytes)?,
                }
            }
        };
        let until = match (self.until, self.days_after_end) {
            (Some(at), _) => Until::Time(at),
            (None, Some(days)) => Until::AfterGrant(days),
            (None, None) => return Err(Failure::bug("clap asks for one of them")),
        };
        let entry = Entry { file: path, sm3, digest, grant: self.grant, until, basis: self.basis };
        let file = entry.file.clone();
        list.add(entry)?;
        list.write()?;
        let view = Kept {
            schema: "yinxin.data-kept/1",
            list: self.list.display().to_string(),
            file,
            digest: digest.to_string(),
            entries: list.entries.len(),
        };
        ui.result(&view, |v| format!("{}\n  {}  {}\n", v.list, v.file, v.digest))
    }
}

/// `yinxin data erase`
#[derive(Debug, clap::Args)]
pub(crate) struct Erase {
    /// The retention list; what is due by it is erased
    #[arg(value_name = "LIST")]
    list: PathBuf,
    /// Erase this file of the list, due or not
    #[arg(long, value_name = "FILE")]
    now: Vec<PathBuf>,
    /// Only show what is due
    #[arg(long)]
    dry_run: bool,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    /// Minutes of the erasure, a file or its digest
    #[arg(long, value_name = "FILE|DIGEST")]
    minutes: Option<String>,
    /// Folder for the receipts
    #[arg(long, value_name = "DIR")]
    receipts: PathBuf,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    entries: Vec<Shown>,
    erased: usize,
    failed: usize,
}

#[derive(Serialize)]
struct Shown {
    file: String,
    digest: String,
    due: Option<String>,
    /// `kept`, `due`, `erased`, `erased-before`, or `failed`.
    state: &'static str,
    record: Option<String>,
    /// Why it failed. What was removed by then has its mark, and a later run records it.
    error: Option<String>,
}

impl Erase {
    /// Removes the files that are due, durably, then says so on the ledger, and takes them off the list. What a run that was cut off
    /// removed is said by the next. An entry that cannot be erased is told, and the others are.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let list = List::read(&self.list)?;
        let now = self.now.iter().map(|file| list.below(file)).collect::<Done<Vec<_>>>()?;
        for file in &now {
            list.entry(file)?;
        }
        let client = self.ledger.open(config)?;
        let signer = self.signer.load(ui)?;
        let own = OrganisationCode::new(&signer.code()?).class(Class::Usage)?;
        let minutes = self.minutes.as_deref().map(digest_of).transpose()?;
        files::make_private_folder(&self.receipts)?;
        let eraser = Eraser { client: &client, signer: &signer, own, minutes, cmd: &self };
        let (mut entries, mut done, mut down) = (Vec::new(), Vec::new(), None);
        for entry in &list.entries {
            match eraser.one(&list, entry, now.contains(&entry.file)) {
                Ok(shown) => {
                    if shown.record.is_some() {
                        done.push(entry.clone());
                    }
                    entries.push(shown);
                }
                // Without a node none of the rest can be recorded either.
                Err(failure) if failure.class == Class::Node => {
                    down = Some(failure.at(&entry.file));
                    break;
                }
                Err(failure) => {
                    let said = failure.clone().at(&entry.file).explain(ui.lang);
                    ui.say(&said.what, &said.what);
                    entries.push(Shown::failed(entry, failure.explain(ui.lang).what));
                }
            }
        }
        self.settle(&done)?;
        if let Some(down) = down {
            return Err(down);
        }
        let erased = entries.iter().filter(|e| e.state == "erased").count();
        let failed = entries.iter().filter(|e| e.state == "failed").count();
        let view = View { schema: "yinxin.data-erase/1", entries, erased, failed };
        ui.result(&view, |v| {
            let line = |e: &Shown| {
                let due = e.due.as_deref().unwrap_or("–");
                format!("{:<13} {due:<20} {}\n", e.state, e.file)
            };
            v.entries.iter().map(line).collect()
        })?;
        if failed > 0 { Err(Failure::told(Class::Malformed)) } else { Ok(()) }
    }

    /// What is recorded leaves the list, as it stands now, and only then loses its mark.
    fn settle(&self, done: &[Entry]) -> Done {
        if done.is_empty() {
            return Ok(());
        }
        let mut list = List::read(&self.list)?;
        list.entries.retain(|entry| !done.contains(entry));
        list.write()?;
        for entry in done {
            Doomed::new(&list.folder, &entry.file, entry.sm3).forget()?;
        }
        Ok(())
    }
}

impl Shown {
    fn failed(entry: &Entry, why: String) -> Self {
        Self {
            file: entry.file.clone(),
            digest: entry.digest.to_string(),
            due: None,
            state: "failed",
            record: None,
            error: Some(why),
        }
    }
}

struct Eraser<'a> {
    client: &'a Client,
    signer: &'a Signer,
    own: OrganisationCode,
    minutes: Option<Digest>,
    cmd: &'a Erase,
}

impl Eraser<'_> {
    fn one(&self, list: &List, entry: &Entry, at_once: bool) -> Done<Shown> {
        let due = self.due(entry)?;
        let is_due = at_once || due.is_some_and(|due| due <= ui::now());
        let mut shown = Shown {
            file: entry.file.clone(),
            digest: entry.digest.to_string(),
            due: due.map(|due| due.to_string()),
            state: if is_due { "due" } else { "kept" },
            record: None,
            error: None,
        };
        if !is_due || self.cmd.dry_run {
            return Ok(shown);
        }
        let key = state_key::erasure(&self.own, &entry.digest);
        let before: Option<ErasureState> = send::state(self.client, &key)?;
        self.may_say(entry)?;
        let unsent = self.unsent(entry).exists();
        let file = Doomed::new(&list.folder, &entry.file, entry.sm3);
        file.erase(file.stage(&list.folder, unsent)?)?;
        // A signed record that is still here has no receipt yet: it is sent again.
        if let Some(before) = before
            && !unsent
        {
            let record = Some(before.record.to_string());
            return Ok(Shown { state: "erased-before", record, ..shown });
        }
        shown.record = Some(self.say(entry)?.to_string());
        shown.state = "erased";
        Ok(shown)
    }

    fn receipt(&self, entry: &Entry) -> PathBuf {
        self.cmd.receipts.join(format!("{}.receipt", entry.digest))
    }

    /// Where the signed record lies until it is on the ledger.
    fn unsent(&self, entry: &Entry) -> PathBuf {
        beside(&self.receipt(entry), "unsent")
    }

    /// What the ledger would refuse to hear is not removed: the entry names something else than what lies there.
    fn may_say(&self, entry: &Entry) -> Done {
        let Entry { digest, grant, .. } = entry;
        let had = match grant {
            Some(id) => {
                let grant: GrantState = send::known(self.client, &state_key::grant(id))?;
                grant.receiver == self.own
            }
            None => self.made(digest)?,
        };
        if had {
            return Ok(());
        }
        Err(Failure::new(
            Class::Usage,
            format!("the ledger knows nothing of {digest} that this organisation had; nothing was removed"),
            format!("账本中没有本机构持有 {digest} 的记录；未删除任何文件"),
        )
        .todo("correct digest or grant in the list", "请更正清单中的摘要或授权编号"))
    }

    /// Whether the organisation delivered, derived or anchored it.
    fn made(&self, digest: &Digest) -> Done<bool> {
        let (client, own) = (self.client, &self.own);
        let delivered: Option<DeliveryState> =
            send::state(client, &state_key::delivery(own, digest))?;
        let said: Option<ProvenanceState> =
            send::state(client, &state_key::provenance(own, digest))?;
        let anchored: Option<DocumentState> = send::state(client, &state_key::document(digest))?;
        Ok(delivered.is_some()
            || said.is_some_and(|s| s.origin != Origin::Root)
            || anchored.is_some_and(|d| d.organisation == *own))
    }

    /// When an entry is due; `None` while nobody knows, since its grant has no end yet that it could be counted from.
    fn due(&self, entry: &Entry) -> Done<Option<UnixTime>> {
        let days = match (&entry.until, &entry.grant) {
            (Until::Time(at), _) => return Ok(Some(*at)),
            (Until::AfterGrant(days), Some(_)) => *days,
            (Until::AfterGrant(_), None) => return Err(Failure::bug("the list was read")),
        };
        let grant = entry.grant.unwrap_or(Digest::ZERO);
        let state: GrantState = send::known(self.client, &state_key::grant(&grant))?;
        let of: ResourceState = send::known(self.client, &state_key::resource(&state.resource))?;
        let (end, _) = state.ends(&of);
        Ok(Some(end.plus_millis(i64::from(days) * DAY_MS)))
    }

    fn say(&self, entry: &Entry) -> Done<Digest> {
        let Entry { digest, grant, .. } = entry;
        let (reason, minutes) = (self.cmd.reason, self.minutes);
        let act = EraseAct { digest: *digest, grant: *grant, reason, minutes };
        let (receipt, kept) = (self.receipt(entry), self.unsent(entry));
        let sent = send::put(
            self.client,
            self.signer,
            &format!("data/erase/{digest}"),
            DataAct::Erase(act),
            Some(&kept),
        );
        let done = sent.map_err(|unsent| unsent.failure)?;
        files::write(&receipt, &done.receipt, files::Access::Public, files::Existing::Replace)?;
        remove(&kept)?;
        Ok(done.id)
    }
}
