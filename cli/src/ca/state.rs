//! What a CA remembers: `state.json` in its directory, replaced whole under a lock.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use yinxin_pki::{Certificate, CrlReason, ca};
use yinxin_verdict::UnixTime;

use crate::{
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
    keys,
};

/// The record of a CA.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// The number of the last revocation list.
    pub(super) crl_number: u64,
    /// Every certificate issued.
    pub(super) issued: Vec<Issued>,
    /// Every certificate revoked.
    pub(super) revoked: Vec<Revoked>,
}

/// A certificate that was issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Issued {
    serial: String,
    subject: String,
    not_after: UnixTime,
}

/// A certificate that was revoked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Revoked {
    /// Its serial number, hexadecimal.
    pub(super) serial: String,
    /// When.
    pub(super) at: UnixTime,
    /// Since when it is not to be trusted; not later.
    pub(super) since: UnixTime,
    /// The reason's word.
    pub(super) reason: String,
}

impl Issued {
    /// What is remembered of a certificate; the certificate itself lies in `issued/`.
    pub(super) fn of(certificate: &Certificate) -> Self {
        Self {
            serial: certificate.serial_hex(),
            subject: certificate.subject().to_string(),
            not_after: certificate.not_after(),
        }
    }
}

impl Revoked {
    /// As a list has it. The certificate is the copy that the CA keeps in `issued/`.
    pub(super) fn listed(&self, folder: &Path) -> Done<ca::Revoked> {
        let path = folder.join("issued").join(format!("{}.cer", self.serial));
        let certificate = keys::certificate(&path)?;
        let reason = CrlReason::from_word(&self.reason).unwrap_or(CrlReason::Unspecified);
        let mut revoked = ca::Revoked::new(&certificate, self.at, reason);
        revoked.since = self.since;
        Ok(revoked)
    }
}

impl State {
    /// Reads the record.
    pub(super) fn load(folder: &Path) -> Done<Self> {
        let path = path(folder);
        serde_json::from_str(&files::read_text(&path)?).map_err(|e| {
            Failure::new(Class::Malformed, format!("{e}"), format!("{e}")).at(path.display())
        })
    }

    /// Writes the record.
    pub(super) fn save(&self, folder: &Path) -> Done {
        let text = serde_json::to_vec_pretty(self).map_err(|e| Failure::bug(e.to_string()))?;
        files::write(&path(folder), &text, Access::Owner, Existing::Replace)
    }
}

/// Changes the record while no other process does.
pub(super) fn update<T>(folder: &Path, change: impl FnOnce(&mut State) -> T) -> Done<T> {
    let _lock = lock(folder)?;
    let mut state = State::load(folder)?;
    let result = change(&mut state);
    state.save(folder)?;
    Ok(result)
}

fn path(folder: &Path) -> PathBuf {
    folder.join("state.json")
}

/// Held until dropped; the system frees it when the process ends, however it ends.
fn lock(folder: &Path) -> Done<File> {
    let path = folder.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| Failure::io(&path, &e))?;
    file.lock().map_err(|e| Failure::io(&path, &e))?;
    Ok(file)
}
