//! `data publish | withdraw`: an owner's resources, a record for each.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use serde::Serialize;
use yinxin_gm::sm3;
use yinxin_receipt::Receipt;
use yinxin_record::{
    Act, DataAct, PublishResource, Record, ResourceCode, ResourceState, Wire, WithdrawResource,
    state_key,
};
use yinxin_sharing::catalogue::{Resource, write_dcat};
use yinxin_verdict::UnixTime;

use super::{
    catalogue::{self, Source},
    policy::Policy,
    send::{self, Sending, Unsent},
    words::{self, failure},
};
use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::{Signer, SignerArgs},
    submit::{self, Client, LedgerArgs},
    ui::Ui,
};

/// What the rules say of the resource alone: the others may fare better.
const OF_THE_RESOURCE: [&str; 5] =
    ["BUSINESS_KEY_USED", "FIELD_MOVED", "ILLEGAL_MOVE", "RECORD", "TYPE_VERSION"];

/// `yinxin data publish`
#[derive(Debug, clap::Args)]
pub(crate) struct Publish {
    #[command(flatten)]
    source: Source,
    /// Dual control, negative lists and automatic rules, TOML
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Where signed records and receipts are kept: a run that was cut off goes on from it
    #[arg(long, value_name = "DIR")]
    work: PathBuf,
    /// How many records are on their way at a time, 1 to 256: each waits for its block
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: u16,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
}

/// What became of a resource.
enum Outcome {
    /// It was published by this run.
    Now,
    /// Its receipt was there.
    Before,
    /// It was refused, others go on.
    Rejected(Failure),
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    published: usize,
    before: usize,
    rejected: usize,
    others: usize,
}

impl Publish {
    /// Publishes all resources of the signer's organisation.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let policy = Policy::read(self.policy.as_deref())?;
        let loaded = self.source.load()?;
        catalogue::tell(&loaded.rejects, ui);
        let client = self.ledger.open(config)?;
        let signer = self.signer.load(ui)?;
        let code = signer.code()?;
        let all = loaded.catalogue.resources().count();
        let own = loaded.catalogue.resources().filter(|r| r.owner().as_str() == code);
        let own: Vec<&Resource> = own.collect();
        let acts = own.iter().map(|r| policy.publication(r).map_err(|f| f.at(r.code())));
        let acts = acts.collect::<Done<Vec<_>>>()?;
        files::make_private_folder(&self.work)?;
        // Once for all of them: it holds for a day of blocks, and what was kept by an earlier run is signed anew if it is too old.
        let last_valid = submit::last_valid(&client)?;
        let work = &self.work;
        let batch = Batch { client: &client, signer: &signer, work, own: &own, last_valid };
        let done = batch.run(&acts, usize::from(self.parallel), ui)?;
        let mut view = View {
            schema: "yinxin.data-publish/1",
            published: 0,
            before: 0,
            rejected: loaded.rejects.len(),
            others: all - acts.len(),
        };
        for (act, done) in acts.iter().zip(done) {
            match done {
                Outcome::Now => view.published += 1,
                Outcome::Before => view.before += 1,
                Outcome::Rejected(failure) => {
                    view.rejected += 1;
                    let said = failure.at(&act.resource).explain(ui.lang).what;
                    ui.say(&said, &said);
                }
            }
        }
        ui.result(&view, |v| {
            let View { published, before, rejected, others, .. } = v;
            format!(
                "{}: {published}, {}: {before}, {}: {rejected}, {}: {others}\n",
                ui.pick("published", "已发布"),
                ui.pick("before", "先前已发布"),
                ui.pick("rejected", "被拒"),
                ui.pick("of other owners", "属其他部门"),
            )
        })?;
        if view.rejected > 0 { Err(Failure::told(Class::Malformed)) } else { Ok(()) }
    }
}

struct Batch<'a> {
    client: &'a Client,
    signer: &'a Signer,
    work: &'a Path,
    /// The entries, in the order of the acts.
    own: &'a [&'a Resource],
    last_valid: u64,
}

impl Batch<'_> {
    /// What became of each, in their order. What would befall all of them ends the batch.
    fn run(&self, acts: &[PublishResource], threads: usize, ui: &Ui) -> Done<Vec<Outcome>> {
        let bar = ui.progress(acts.len() as u64, "publishing", "正在发布");
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let results: Vec<Mutex<Option<Done<Outcome>>>> =
            acts.iter().map(|_| Mutex::new(None)).collect();
        std::thread::scope(|scope| {
            for _ in 0..threads.min(acts.len()) {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(act) = acts.get(i) else { return };
                        let result = self.one(act, self.own[i]).map_err(|f| f.at(&act.resource));
                        stop.fetch_or(result.is_err(), Ordering::Relaxed);
                        *results[i].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                        bar.inc(1);
                    }
                });
            }
        });
        bar.finish_and_clear();
        let results = results.into_iter();
        let taken = results.filter_map(|r| r.into_inner().unwrap_or_else(PoisonError::into_inner));
        // After a failure the list is shorter, but then it is not given back.
        taken.collect()
    }

    fn one(&self, act: &PublishResource, entry: &Resource) -> Done<Outcome> {
        let name = format!("{}@{}", act.resource, act.version);
        let receipt = self.work.join(format!("{name}.receipt"));
        let wanted = DataAct::Publish(act.clone());
        let kept = self.work.join(format!("{name}.unsent"));
        let entries = Entries::of(self.work, &name);
        if !receipt.exists() && kept.exists() && !self.holds(&kept, &wanted)? {
            // Of an earlier run, with other contents: whether it is on the ledger is found out first.
            match send::again(self.client, &kept) {
                Ok(committed) => {
                    entries.told()?;
                    files::write(&receipt, &committed.receipt, Access::Public, Existing::Replace)?;
                }
                Err(Unsent { code: Some(_), .. }) => entries.refused()?,
                Err(unsent) => return Err(unsent.failure),
            }
            send::remove(&kept)?;
        }
        if receipt.exists() {
            return self.before(&receipt, &wanted);
        }
        entries.keep(entry)?;
        let key = format!("data/publish/{name}/{}", sm3::digest(&act.to_der()));
        let (client, signer) = (self.client, self.signer);
        match send::put_until(client, signer, &key, wanted, self.last_valid, Some(&kept)) {
            Ok(committed) => {
                entries.told()?;
                files::write(&receipt, &committed.receipt, Access::Public, Existing::Replace)?;
                send::remove(&kept)?;
                Ok(Outcome::Now)
            }
            Err(unsent) => match unsent.code {
                Some(code) if OF_THE_RESOURCE.contains(&&*code) => {
                    entries.refused()?;
                    Ok(Outcome::Rejected(unsent.failure))
                }
                _ => Err(unsent.failure),
            },
        }
    }

    /// Whether a signed record that was kept is of this very act.
    fn holds(&self, path: &Path, wanted: &DataAct) -> Done<bool> {
        self.is_of(&files::read(path)?, wanted).map_err(|f| f.at(path.display()))
    }

    /// A receipt of an earlier run: of this very publication, or the catalogue changed and its version did not.
    fn before(&self, path: &Path, wanted: &DataAct) -> Done<Outcome> {
        let bytes = files::read(path)?;
        let receipt =
            Receipt::from_der(&bytes).map_err(yinxin_receipt::Error::from).class(Class::Malformed);
        let receipt = receipt.map_err(|f| f.at(path.display()))?;
        let same = receipt.subject.record().map(|record| self.is_of(record, wanted)).transpose();
        if same.map_err(|f| f.at(path.display()))? == Some(true) {
            return Ok(Outcome::Before);
        }
        Ok(Outcome::Rejected(
            Failure::new(
                Class::Invalid,
                "this version was published with other contents",
                "该版本已以其他内容发布",
            )
            .todo("raise the version in the catalogue", "请在目录中提高版本号"),
        ))
    }

    /// Whether a record is of this very act. What another ledger has, or may have, is not this one's, and stays as it is.
    fn is_of(&self, record: &[u8], wanted: &DataAct) -> Done<bool> {
        let record = Record::from_der(record);
        let record = record.map_err(yinxin_record::Error::from).class(Class::Malformed)?;
        if record.tbs.chain_id != self.client.chain_id {
            return Err(Failure::new(Class::Usage, "kept for another ledger", "为另一账本所保存")
                .todo(
                    "give each ledger a --work folder of its own",
                    "请为每个账本使用各自的 --work 目录",
                ));
        }
        Ok(matches!(&record.tbs.act, Act::Data(act) if act == wanted))
    }
}

/// Where an entry is kept that no table has whole: what the ledger has the digest of, to be shown later and served by. Until the ledger
/// has it, it lies beside the signed record.
struct Entries {
    told: PathBuf,
    unsent: PathBuf,
}

impl Entries {
    fn of(work: &Path, name: &str) -> Self {
        let file = |ending: &str| work.join(format!("{name}.jsonld{ending}"));
        Self { told: file(""), unsent: file(".unsent") }
    }

    fn keep(&self, resource: &Resource) -> Done {
        // A run before this one may have kept it as it was with its entries.
        if resource.duties().is_empty() {
            return self.refused();
        }
        let mut entry = Vec::new();
        write_dcat(resource.name(), [resource], &mut entry).map_err(|e| failure(&e))?;
        files::write(&self.unsent, &entry, Access::Public, Existing::Replace)
    }

    fn told(&self) -> Done {
        if !self.unsent.exists() {
            return Ok(());
        }
        std::fs::rename(&self.unsent, &self.told)
            .and_then(|()| files::sync_folder_of(&self.told))
            .map_err(|e| Failure::io(&self.told, &e))
    }

    fn refused(&self) -> Done {
        if self.unsent.exists() { send::remove(&self.unsent) } else { Ok(()) }
    }
}

/// `yinxin data withdraw`
#[derive(Debug, clap::Args)]
pub(crate) struct Withdraw {
    /// The resource's code
    #[arg(value_name = "RESOURCE", value_parser = words::resource)]
    resource: ResourceCode,
    /// Why, by a code of your own
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    /// Until when its grants still serve [default: they end at once]
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    grants_until: Option<UnixTime>,
    #[command(flatten)]
    sending: Sending,
}

impl Withdraw {
    /// Withdraws the resource.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let Self { resource, reason, grants_until, sending } = self;
        let desk = sending.open(ui, config)?;
        let act = WithdrawResource { resource: resource.clone(), reason, grants_until };
        let key = format!("data/withdraw/{resource}");
        let done = desk.send(&key, DataAct::Withdraw(act))?;
        let state: Option<ResourceState> = desk.state(&state_key::resource(&resource))?;
        let status = state.map_or("", |s| s.status.name());
        desk.told("withdraw", &done, resource, status)
    }
}
