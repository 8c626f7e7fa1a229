//! What happens to a licence after it was issued.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::ValueEnum;
use yinxin_gm::Digest;
use yinxin_licence::{Columns, Rows, Sealed};
use yinxin_record::{
    Act, ChangeLicence, LicenceAct, LicenceIdentifier, LicenceMove, LicenceState, Wire, state_key,
};
use yinxin_service::LedgerError;

use super::{failure, file_of, identifier_of, issue::Materials, make, read_type, sealed};
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    keys::SignerArgs,
    ledger::CommittedView,
    remote,
    submit::{self, LedgerArgs, PATIENCE},
    ui::{self, Ui},
};

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// It is suspended.
    Suspend,
    /// Its suspension ends.
    Resume,
    /// It is cancelled.
    Cancel,
    /// It is revoked.
    Revoke,
}

/// Why, as a code on the ledger: no words, since words about a licence are about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Reason {
    /// Nothing to say
    Unspecified,
    /// The holder closed its business, or gave the licence back
    HolderClosed,
    /// It expired
    Expired,
    /// It was obtained by deceit
    Deceit,
    /// The holder broke the law
    Violation,
    /// It was issued by mistake
    Mistake,
    /// An inquiry is under way
    Inquiry,
    /// What it says has changed
    Changed,
    /// The key or seal was misused
    Compromise,
}

impl Reason {
    const fn code(self) -> u16 {
        match self {
            Self::Unspecified => 0,
            Self::HolderClosed => 1,
            Self::Expired => 2,
            Self::Deceit => 3,
            Self::Violation => 4,
            Self::Mistake => 5,
            Self::Inquiry => 6,
            Self::Changed => 7,
            Self::Compromise => 8,
        }
    }
}

/// A reason's word by its code on the ledger; a code that is none stays a number.
pub(crate) fn reason(code: u16) -> String {
    let known = Reason::value_variants().iter().find(|r| r.code() == code);
    let word = known.and_then(ValueEnum::to_possible_value);
    word.map_or_else(|| code.to_string(), |v| v.get_name().to_owned())
}

/// `yinxin licence suspend | resume | cancel | revoke`
#[derive(Debug, clap::Args)]
pub(crate) struct Move {
    /// The licence's document, or its identifier
    #[arg(value_name = "OFD|IDENTIFIER")]
    what: PathBuf,
    /// Why
    #[arg(long, value_enum, default_value_t = Reason::Unspecified)]
    reason: Reason,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Write the receipt to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Move {
    /// Signs the act, puts it into the ledger, and checks the receipt.
    pub(crate) fn run(self, verb: Verb, ui: &Ui, config: &Config) -> Done {
        let identifier = identifier_of(&self.what)?;
        let identifier = LicenceIdentifier::new(identifier.as_str()).class(Class::Usage)?;
        let client = self.ledger.open(config)?;
        let signer = self.signer.load(ui)?;
        // Several suspensions of one licence are several pieces of business: the height of its last change tells them apart,
        // and a command that is given twice in a row does nothing twice.
        let (proof, _) = client.status(&state_key::licence(&identifier))?;
        let state = proof.value.as_deref().map(LicenceState::from_der).transpose();
        let since =
            state.map_err(yinxin_record::Error::from).class(Class::Node)?.map_or(0, |s| s.height);
        let step = LicenceMove { identifier: identifier.clone(), reason: self.reason.code() };
        let (word, act) = match verb {
            Verb::Suspend => ("suspend", LicenceAct::Suspend(step)),
            Verb::Resume => ("resume", LicenceAct::Resume(step)),
            Verb::Cancel => ("cancel", LicenceAct::Cancel(step)),
            Verb::Revoke => ("revoke", LicenceAct::Revoke(step)),
        };
        let key = format!("licence/{word}/{identifier}/{since}");
        let committed = submit::act(&client, &signer, &key, Act::Licence(act), ui)?;
        if let Some(out) = &self.out {
            files::write(out, &committed.receipt, Access::Public, Existing::Replace)?;
        }
        ui.result(&CommittedView::new(&committed, self.out.as_deref()), |v| v.text(ui))
    }
}

/// `yinxin licence change`
#[derive(Debug, clap::Args)]
pub(crate) struct ChangeArgs {
    /// The licence so far
    #[arg(value_name = "OFD|IDENTIFIER")]
    what: PathBuf,
    /// The CSV with the row of the new version: the row with the same serial
    #[arg(long, value_name = "CSV")]
    csv: PathBuf,
    /// Why
    #[arg(long, value_enum, default_value_t = Reason::Changed)]
    reason: Reason,
    #[command(flatten)]
    materials: Materials,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// The folder that the new document goes into
    #[arg(long, value_name = "DIR", default_value = "licences")]
    out: PathBuf,
}

impl ChangeArgs {
    /// Makes, seals and anchors the next version.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        let previous = identifier_of(&self.what)?;
        let kind = Arc::new(read_type(&self.materials.kind)?);
        let columns = Columns::from_toml(&files::read_text(&self.materials.map)?)
            .map_err(|e| failure(&e).at(self.materials.map.display()))?;
        let file = File::open(&self.csv).map_err(|e| Failure::io(&self.csv, &e))?;
        let rows =
            Rows::open(file, columns, kind).map_err(|e| failure(&e).at(self.csv.display()))?;
        let draft = rows
            .filter_map(Result::ok)
            .find(|d| d.serial() == previous.serial())
            .ok_or_else(|| {
                Failure::new(
                    Class::Usage,
                    format!("no good row with serial {}", previous.serial()),
                    format!("没有流水号为 {} 的有效行", previous.serial()),
                )
                .at(self.csv.display())
            })?;
        let client = self.ledger.open(config)?;
        let shop = self.materials.workshop(ui, config)?;
        let now = ui::now().floor_to_second();
        let row = draft.digest();
        let issued = shop.issue(draft, Some(&previous), now).map_err(|e| make::refused(&e))?;
        let identifier = issued.identifier().clone();
        let name = format!("{}-{:03}", identifier.serial(), identifier.version());
        let path = file_of(&self.out, &name, "ofd");
        // Before the version is on the ledger: afterwards there would be no way back.
        files::must_be_free(&path, false)?;
        let pending = Pending::of(&self.out, &name, &row);
        let (sealed, record) = match pending.read()? {
            Some(found) => found,
            None => {
                let sealed = shop.seal(issued, now).map_err(|e| make::refused(&e))?;
                let next = make::act(&sealed)?;
                let old = LicenceIdentifier::new(previous.as_str()).class(Class::Usage)?;
                let act = ChangeLicence { previous: old, reason: self.reason.code(), next };
                let act = Act::Licence(LicenceAct::Change(act));
                let key = format!("licence/issue/{identifier}");
                let record = submit::record(&client, &shop.signer, &key, act)?.to_der();
                pending.keep(&sealed, &record)?;
                (sealed, record)
            }
        };
        let receipt = match client.remote.put_patiently(&record, PATIENCE) {
            Ok(receipt) => receipt,
            Err(error) => {
                // What the rules refuse never becomes a document; everything else may still be committed.
                if matches!(error, LedgerError::Refused { .. }) {
                    pending.forget();
                }
                return Err(remote::failure(&error));
            }
        };
        let committed = client.check(&record, receipt)?;
        let anchored = sealed.anchor(&committed.receipt).map_err(|e| failure(&e))?;
        files::write(&path, anchored.ofd(), Access::Public, Existing::Keep).at(&name)?;
        pending.forget();
        ui.result(&CommittedView::new(&committed, Some(&path)), |v| v.text(ui))
    }
}

/// A new version on its way to the ledger: kept first, so that a kill loses neither its document nor its record, and the same command
/// sends the same bytes again.
struct Pending {
    folder: PathBuf,
    document: PathBuf,
    record: PathBuf,
}

impl Pending {
    fn of(out: &Path, name: &str, row: &Digest) -> Self {
        let folder = out.join(".pending");
        let stem = format!("{name}-{row}");
        let (document, record) =
            (file_of(&folder, &stem, "ofd"), file_of(&folder, &stem, "record"));
        Self { folder, document, record }
    }

    /// The record is written last: where it is, the document is.
    fn read(&self) -> Done<Option<(Sealed, Vec<u8>)>> {
        if !self.record.exists() {
            return Ok(None);
        }
        let sealed = sealed(&files::read(&self.document)?, &self.document)?;
        Ok(Some((sealed, files::read(&self.record)?)))
    }

    fn keep(&self, sealed: &Sealed, record: &[u8]) -> Done {
        files::make_private_folder(&self.folder)?;
        files::write(&self.document, sealed.ofd(), Access::Owner, Existing::Replace)?;
        files::write(&self.record, record, Access::Owner, Existing::Replace)
    }

    /// What stays behind is found again by the next command, so a failure here loses nothing.
    fn forget(&self) {
        let _ = fs::remove_file(&self.record);
        let _ = fs::remove_file(&self.document);
        // Only when nothing else is on its way.
        let _ = fs::remove_dir(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_the_word_that_it_was_given_with() {
        let words = ["unspecified", "holder-closed", "expired", "deceit", "violation", "mistake"];
        for (code, word) in (0..).zip(words) {
            assert_eq!(reason(code), word);
        }
        assert_eq!(reason(999), "999");
    }
}
