//! `credit …`: records of credit, from the law as data to what a bank may see.

mod anchoring;
mod aside;
mod asks;
mod cases;
mod classes;
pub(crate) mod contents;
mod dispute;
mod ends;
mod events;
mod import;
mod lists;
mod measure;
mod measures;
mod objection;
mod permission;
mod pseudonym;
pub(crate) mod publishing;
mod recognise;
mod record;
mod rejects;
mod repair;
pub(crate) mod rules;
mod score;
pub(crate) mod serving;
mod status;
pub(crate) mod store;
mod uses;
mod view;
mod words;

use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    ui::Ui,
};

pub(crate) use permission::{SubjectArgs, signed};

/// `yinxin credit …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CreditCommand {
    /// Check a table of classes and show it
    Classes(classes::ClassesCommand),
    /// Publish versions of classes, and formulas for scores (an authority does)
    Publish(classes::Publish),
    /// Record an item from a filled form: the content stays with its salt, the ledger gets a digest
    Record(record::Record),
    /// Recognise another region's record by its receipt, and record it here
    Recognise(recognise::Recognise),
    /// Check what somebody recognised, and how it was ended, by the files that its recorder holds
    Recognised(recognise::Check),
    /// Say which other region's ledger is recognised (an authority does)
    Region(recognise::Region),
    /// End what was recognised, because it has ended at home
    Ended(recognise::Ended),
    /// Items of batches: object, apply for repair, decide, tell that it is carried out
    #[command(subcommand)]
    Case(cases::CaseCommand),
    /// Import records from CSV or JSON lines into a source's store, batch by batch, and put each batch into the ledger
    Import(import::Import),
    /// Object to an item; the record's id is the objection's
    Dispute(dispute::Dispute),
    /// Objections that the subject signs itself: sign one offline, put it into the ledger, drop it
    #[command(subcommand)]
    Objection(objection::ObjectionCommand),
    /// Resolve an objection
    Resolve(dispute::Resolve),
    /// Correct an item unasked: the correction adds, nothing is erased
    Correct(record::Correct),
    /// Withdraw an item whose decision was changed, annulled or voided
    Withdraw(ends::Withdraw),
    /// Commitments: kept or broken
    #[command(subcommand)]
    Commitment(ends::CommitmentCommand),
    /// Strike a subject off a list before the entry's time is over
    Delist(ends::Delist),
    /// Repair: apply, decide, reinstate
    #[command(subcommand)]
    Repair(repair::RepairCommand),
    /// Measures and incentives: apply, tell what came of them, lift, list with what is to be lifted and by when
    #[command(subcommand)]
    Measure(measure::MeasureCommand),
    /// Say, as a custodian, by which secret pseudonyms are made: once, so that another one is noticed
    Custodian(pseudonym::Custodian),
    /// Make pseudonyms of citizen numbers: people are recorded by them (their custodian does)
    Pseudonym(pseudonym::Pseudonym),
    /// Register which key a subject signs with (an authority does)
    Key(permission::SubjectKey),
    /// Authorisations of a subject: sign one offline, put it into the ledger
    #[command(subcommand)]
    Authorise(permission::AuthoriseCommand),
    /// Ends of authorisations: sign one offline, put it into the ledger, give back
    #[command(subcommand)]
    Revoke(permission::RevokeCommand),
    /// Views of a subject's credit: take one, check a package
    #[command(subcommand)]
    View(view::ViewCommand),
    /// Scores: compute and explain from a package, publish, compute again
    #[command(subcommand)]
    Score(score::ScoreCommand),
    /// Who stands on a red or black list, on any day
    List(lists::List),
    /// Who looked at a subject's credit, who may, and what was made of it
    Uses(uses::Uses),
    /// How punctual authorities are: the league table of late publications
    Lateness(lists::Lateness),
    /// Show how a class, subject, item, objection, application, measure or authorisation stands, with proof
    Status(status::Status),
}

impl CreditCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Classes(c) => c.run(ui),
            Self::Publish(c) => c.run(ui, config),
            Self::Record(c) => c.run(ui, config),
            Self::Recognise(c) => c.run(ui, config),
            Self::Recognised(c) => c.run(ui, config),
            Self::Region(c) => c.run(ui, config),
            Self::Ended(c) => c.run(ui, config),
            Self::Case(c) => c.run(ui, config),
            Self::Import(c) => c.run(ui, config),
            Self::Dispute(c) => c.run(ui, config),
            Self::Objection(c) => c.run(ui, config),
            Self::Resolve(c) => c.run(ui, config),
            Self::Correct(c) => c.run(ui, config),
            Self::Withdraw(c) => c.run(ui, config),
            Self::Commitment(c) => c.run(ui, config),
            Self::Delist(c) => c.run(ui, config),
            Self::Repair(c) => c.run(ui, config),
            Self::Measure(c) => c.run(ui, config),
            Self::Custodian(c) => c.run(ui, config),
            Self::Pseudonym(c) => c.run(ui, config),
            Self::Key(c) => c.run(ui, config),
            Self::Authorise(c) => c.run(ui, config),
            Self::Revoke(c) => c.run(ui, config),
            Self::View(c) => c.run(ui, config),
            Self::Score(c) => c.run(ui, config),
            Self::List(c) => c.run(ui, config),
            Self::Uses(c) => c.run(ui, config),
            Self::Lateness(c) => c.run(ui, config),
            Self::Status(c) => c.run(ui, config),
        }
    }
}

/// What the credit library says, by whose fault it is.
pub(crate) fn failure(error: &yinxin_credit::Error) -> Failure {
    use yinxin_credit::Error;
    let class = match error {
        Error::Io { .. } | Error::StoreDamaged { .. } => Class::Node,
        Error::NotFound { .. } | Error::InputChanged { .. } => Class::Usage,
        Error::DigestMismatch { .. }
        | Error::Mismatch { .. }
        | Error::Denied { .. }
        | Error::Unproven { .. } => Class::Invalid,
        _ => Class::Malformed,
    };
    Failure::of(class, error)
}

impl From<yinxin_credit::Error> for Failure {
    fn from(error: yinxin_credit::Error) -> Self {
        failure(&error)
    }
}
