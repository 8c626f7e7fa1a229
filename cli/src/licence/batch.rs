//! The stages of a batch, a chunk of rows at a time: issue, seal and keep; journal; sync; submit; check; anchor and publish.

use std::{
    fs::File,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use indicatif::ProgressBar;
use yinxin_gm::Digest;
use yinxin_licence::{Draft, Identifier, Journal, Refusal, Reject, Sealed, batch::Stage};
use yinxin_record::{Act, LicenceAct, Wire};
use yinxin_service::LedgerError;
use yinxin_verdict::UnixTime;

use super::{
    failure,
    folders::{Folders, Found},
    make,
    make::Workshop,
    rejects::Rejects,
};
use crate::{
    fail::{At, Class, Done, Failure},
    remote,
    submit::{self, Client, PATIENCE},
    ui,
};

/// For how many blocks a batch's records may be committed: weeks of heartbeats, so that a batch resumed after a holiday still fits.
const LIFETIME: u64 = 100_000;

/// The rules' code for a record that is past its last valid height.
const TOO_LATE: &str = "EXPIRED";
/// What the rules say of the signer or the type: no row of the batch would fare better.
const OF_THE_BATCH: [&str; 9] = [
    "CERTIFICATE_REVOKED",
    "NOT_AUTHORITY",
    "NOT_ISSUER",
    "ORGANISATION_SUSPENDED",
    "ORGANISATION_UNKNOWN",
    "OTHER_KEY",
    "OTHER_LEDGER",
    "POWER_MISSING",
    "TYPE_UNKNOWN",
];

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// Rows anchored by this run.
    pub(super) issued: u64,
    /// Rows that were anchored before.
    pub(super) before: u64,
    /// Of these, rows whose files were missing and were restored from the work folder.
    pub(super) restored: u64,
}

/// A row on its way through a chunk.
struct Item {
    serial: String,
    line: u64,
    sealed: Sealed,
    record: Vec<u8>,
}

/// Works through chunks of rows.
pub(super) struct Worker<'a> {
    client: &'a Client,
    shop: &'a Workshop,
    journal: Journal<File>,
    folders: Folders,
    parallel: usize,
    tally: Tally,
    /// One step a row.
    pub(super) bar: ProgressBar,
}

impl<'a> Worker<'a> {
    /// A worker over a journal.
    pub(super) fn new(
        client: &'a Client,
        shop: &'a Workshop,
        journal: Journal<File>,
        folders: Folders,
        parallel: usize,
        bar: ProgressBar,
    ) -> Self {
        Self { client, shop, journal, folders, parallel, tally: Tally::default(), bar }
    }

    /// Syncs the journal and tells what was done.
    pub(super) fn finish(mut self) -> Done<Tally> {
        self.bar.finish_and_clear();
        self.journal.sync().map_err(|e| failure(&e))?;
        Ok(self.tally)
    }

    /// Takes rows through all stages that they have not passed yet.
    pub(super) fn chunk(&mut self, drafts: Vec<Draft>, rejects: &mut Rejects) -> Done {
        let mut waiting = Vec::new();
        let mut new = Vec::new();
        for draft in drafts {
            match self.journal.resume(draft.serial(), draft.digest()) {
                Err(e) => self.reject(rejects, draft.line(), Refusal::new("", e)),
                Ok(Some(row)) if row.stage == Stage::Anchored => {
                    match self.folders.restore(draft.serial(), row.signed_value) {
                        Ok(found) => {
                            self.tally.before += 1;
                            self.tally.restored += u64::from(found == Found::Restored);
                        }
                        Err(failure) => rejects.refused(draft.line(), failure),
                    }
                    self.bar.inc(1);
                }
                Ok(Some(row)) if row.stage >= Stage::Sealed => {
                    let (signed_value, record) = (row.signed_value, row.record.clone());
                    match self.read_back(&draft, signed_value, record) {
                        Ok(item) => waiting.push(item),
                        Err(failure) => self.refuse(rejects, draft.line(), failure),
                    }
                }
                Ok(row) => {
                    let at = row.map(|r| r.issued_at);
                    // Before its identifier is on the ledger: afterwards there would be no way back.
                    match self.folders.must_be_free(draft.serial()) {
                        Ok(()) => new.push((draft, at)),
                        Err(failure) => self.refuse(rejects, draft.line(), failure),
                    }
                }
            }
        }
        waiting.extend(self.make(new, rejects)?);
        self.sign(&mut waiting)?;
        // Nothing is submitted before its record would survive a crash.
        self.journal.sync().map_err(|e| failure(&e))?;
        self.submit(waiting, rejects)
    }

    fn reject(&self, rejects: &mut Rejects, line: u64, refusal: Refusal) {
        self.bar.inc(1);
        rejects.row(Reject::new(line, refusal));
    }

    fn refuse(&self, rejects: &mut Rejects, line: u64, why: Failure) {
        self.bar.inc(1);
        rejects.refused(line, why);
    }

    /// A row that was sealed before: its document is on disk.
    fn read_back(&self, draft: &Draft, signed_value: Digest, record: Vec<u8>) -> Done<Item> {
        let sealed = self.folders.read(draft.serial(), signed_value)?;
        self.folders.must_be_ours(draft.serial(), signed_value, &record)?;
        Ok(Item { serial: draft.serial().to_owned(), line: draft.line(), sealed, record })
    }

    /// Issues, lays out, seals and keeps new rows on all processors, then notes them.
    fn make(
        &mut self,
        drafts: Vec<(Draft, Option<UnixTime>)>,
        rejects: &mut Rejects,
    ) -> Done<Vec<Item>> {
        let now = ui::now().floor_to_second();
        let mut issued = Vec::new();
        for (draft, before) in drafts {
            let at = before.unwrap_or(now);
            let (line, digest) = (draft.line(), draft.digest());
            match self.shop.issue(draft, None, at) {
                Ok(licence) => {
                    if before.is_none() {
                        self.journal
                            .issued(licence.identifier(), digest, at)
                            .map_err(|e| failure(&e))?;
                    }
                    issued.push((line, at, licence));
                }
                Err(refusal) => self.reject(rejects, line, refusal),
            }
        }
        // Identifiers are given for good before any document carries one.
        self.journal.sync().map_err(|e| failure(&e))?;
        let shop = self.shop;
        let folders = &self.folders;
        let made = parallel(issued, ui_processors(), |(line, at, licence)| {
            let identifier: Identifier = licence.identifier().clone();
            let sealed = match shop.seal(licence, at) {
                Ok(sealed) => sealed,
                Err(refusal) => return Ok(Err((line, refusal))),
            };
            folders.keep(identifier.serial(), sealed.ofd())?;
            let serial = identifier.serial().to_owned();
            Ok(Ok(Item { serial, line, sealed, record: Vec::new() }))
        });
        let mut items = Vec::new();
        for result in made {
            match result? {
                Ok(item) => {
                    let name = format!("{}.ofd", item.serial);
                    self.journal
                        .sealed(&item.serial, &name, item.sealed.signed_value())
                        .map_err(|e| failure(&e))?;
                    items.push(item);
                }
                Err((line, refusal)) => self.reject(rejects, line, refusal),
            }
        }
        Ok(items)
    }

    /// Signs records for rows that have none, and notes them.
    fn sign(&mut self, items: &mut [Item]) -> Done {
        if items.iter().all(|i| !i.record.is_empty()) {
            return Ok(());
        }
        let head = self.client.remote.newest().map_err(|e| remote::failure(&e))?;
        for item in items.iter_mut().filter(|i| i.record.is_empty()) {
            item.record = self.record(&item.sealed, head.height)?;
            self.journal.submitted(&item.serial, &item.record).map_err(|e| failure(&e))?;
        }
        Ok(())
    }

    fn record(&self, sealed: &Sealed, height: u64) -> Done<Vec<u8>> {
        let act = Act::Licence(LicenceAct::Issue(make::act(sealed)?));
        let key = format!("licence/issue/{}", sealed.metadata().identifier);
        let until = height.saturating_add(LIFETIME);
        submit::sign(self.client.chain_id, &self.shop.signer, &key, act, until).map(|r| r.to_der())
    }

    /// Submits; a record that was prepared so long ago that the ledger takes it no more is signed anew, under the same business key:
    /// it is refused as too late only if it is not in already.
    fn submit(&mut self, items: Vec<Item>, rejects: &mut Rejects) -> Done {
        let mut late = self.round(items, rejects)?;
        if !late.is_empty() {
            let height = self.client.remote.newest().map_err(|e| remote::failure(&e))?.height;
            for item in &mut late {
                item.record = self.record(&item.sealed, height)?;
                self.journal.resubmitted(&item.serial, &item.record).map_err(|e| failure(&e))?;
            }
            self.journal.sync().map_err(|e| failure(&e))?;
            for item in self.round(late, rejects)? {
                rejects.refused(item.line, Failure::bug("a new record came too late"));
            }
        }
        self.journal.sync().map_err(|e| failure(&e))
    }

    /// Submits in parallel; each receipt is verified and put into its document, and both published, before the row counts as done.
    /// A row that the rules refuse is rejected, the others go on; those that came too late are given back.
    fn round(&mut self, items: Vec<Item>, rejects: &mut Rejects) -> Done<Vec<Item>> {
        let (client, folders) = (self.client, &self.folders);
        let done = parallel(items, self.parallel, |item| {
            let receipt = match client.remote.put_patiently(&item.record, PATIENCE) {
                Ok(receipt) => receipt,
                Err(refusal) => return Ok((item, Err(refusal))),
            };
            let place = format!("{} (line {})", item.serial, item.line);
            let committed = client.check(&item.record, receipt).at(&place)?;
            let put =
                folders.put(item.sealed.clone(), &committed.receipt, &item.record, &item.serial);
            Ok((item, Ok(put.map(|()| committed.height))))
        });
        let (mut late, mut first) = (Vec::new(), Ok(()));
        for result in done {
            match result {
                Ok((item, Ok(Ok(height)))) => {
                    self.journal.anchored(&item.serial, height).map_err(|e| failure(&e))?;
                    self.tally.issued += 1;
                    self.bar.inc(1);
                }
                // Its place was taken meanwhile: on the ledger it is, and goes out with the next run once there is one.
                Ok((item, Ok(Err(failure)))) if failure.class == Class::Usage => {
                    self.refuse(rejects, item.line, failure);
                }
                Ok((item, Ok(Err(failure)))) => {
                    if first.is_ok() {
                        first = Err(failure.at(format!("{} (line {})", item.serial, item.line)));
                    }
                }
                Ok((item, Err(LedgerError::Refused { code, .. }))) if code == TOO_LATE => {
                    late.push(item);
                }
                Ok((item, Err(error))) => {
                    let failure = remote::failure(&error);
                    match error {
                        LedgerError::Refused { code, .. } if !OF_THE_BATCH.contains(&&*code) => {
                            self.bar.inc(1);
                            rejects.refused(item.line, failure);
                        }
                        _ if first.is_ok() => {
                            first =
                                Err(failure.at(format!("{} (line {})", item.serial, item.line)));
                        }
                        _ => {}
                    }
                }
                Err(failure) if first.is_ok() => first = Err(failure),
                Err(_) => {}
            }
        }
        first.map(|()| late)
    }
}

fn ui_processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Does a piece of work for every item on some threads; results in the order of the items.
fn parallel<I: Send, O: Send>(
    items: Vec<I>,
    threads: usize,
    work: impl Fn(I) -> Done<O> + Sync,
) -> Vec<Done<O>> {
    let slots: Vec<Mutex<Option<I>>> = items.into_iter().map(|i| Mutex::new(Some(i))).collect();
    let results: Vec<Mutex<Option<Done<O>>>> = slots.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(slots.len()) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(slot) = slots.get(i) else { return };
                    let item = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let result =
                        item.map_or_else(|| Err(Failure::bug("an item was taken twice")), &work);
                    *results[i].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
    });
    results
        .into_iter()
        .map(|r| r.into_inner().unwrap_or_else(PoisonError::into_inner))
        .map(|r| r.unwrap_or_else(|| Err(Failure::bug("an item was skipped"))))
        .collect()
}
