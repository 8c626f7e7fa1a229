//! `data …`: what departments share, from a catalogue's publication to the last account.

mod accounts;
mod advise;
mod aside;
mod catalogue;
mod compact;
mod decide;
mod deliver;
mod demand;
mod derive;
mod envelope;
mod fetch;
mod fresh;
mod line;
mod lists;
mod masked;
mod overdue;
mod people;
mod policy;
mod publish;
mod put_by;
mod reading;
mod recognise;
mod reconcile;
mod request;
mod retention;
mod rewrap;
mod serve;
mod statistics;
mod status;
mod words;

use crate::{config::Config, fail::Done, send, ui::Ui};

/// `yinxin data …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum DataCommand {
    /// Publish a catalogue's resources, a record for each; a run that was cut off goes on where it stopped
    Publish(publish::Publish),
    /// Withdraw a resource for good; its grants end
    Withdraw(publish::Withdraw),
    /// Show the resources of a catalogue file
    List(catalogue::List),
    /// Search a catalogue file by words, owner, item and class
    Search(catalogue::Search),
    /// Write a catalogue as CSV or as DCAT-AP in JSON-LD
    Export(catalogue::Export),
    /// Show the lists of responsibilities, demands and what is not shared
    Lists(lists::Lists),
    /// Demands: raise one, answer it, show them
    #[command(subcommand)]
    Demand(demand::DemandCommand),
    /// Publish the working days that deadlines are counted with (an authority does)
    Calendar(people::PublishDays),
    /// Name the persons who decide for the organisation, by their certificates
    Approvers(people::Approvers),
    /// Ask for data; the record's id is the request's, and the grant's that may come of it
    Request(request::Request),
    /// Appeal from the owner's rule to a person
    Appeal(request::Appeal),
    /// Escalate a request whose decision is overdue
    Escalate(request::Escalate),
    /// Show the requests whose decision is overdue, and escalate them
    Overdue(overdue::Overdue),
    /// Take a request back
    Cancel(request::Cancel),
    /// Tell what the owner's own rules say of a request; nothing is decided
    Advise(advise::Advise),
    /// Grant a request, as asked or less; from the dual-control level on a second person must approve
    Grant(decide::Grant),
    /// Refuse a request
    Refuse(decide::Refuse),
    /// Confirm, as a second person, what a first one granted
    Approve(decide::Approve),
    /// Revoke a grant, effective at once
    Revoke(decide::End),
    /// Give a grant back, as its receiver
    Close(decide::End),
    /// Show how a resource, request, grant or delivery stands, with proof
    Status(status::Status),
    /// Encrypt a file to departments' certificates; a run that was cut off goes on where it stopped
    Seal(envelope::Seal),
    /// Decrypt an envelope, if its delivery stands on the ledger and the grant serves
    Open(envelope::Open),
    /// Record an envelope's delivery under its recipients' grants
    Deliver(deliver::Deliver),
    /// Wrap envelopes to other certificates, content unchanged: keys were rotated, recipients come or go
    Rewrap(rewrap::Rewrap),
    /// Record what something was made from
    Derive(derive::Derive),
    /// Rely on another department's call, by its receipt
    Recognise(recognise::Recognise),
    /// Put a file on the retention list
    Keep(retention::Keep),
    /// Erase what is due by the retention list, and record that
    Erase(retention::Erase),
    /// Commit to every field of a table, so that parts of it can be shown and proven
    Mask(masked::Mask),
    /// Make a view of a masked table: some fields of some rows, in the forms that were committed to
    View(masked::MakeView),
    /// Check a view against its owner's certificate and show it
    VerifyView(masked::VerifyView),
    /// Tokens for a masked table: an owner asks its custodian, who makes them; neither sees what is the other's
    #[command(subcommand)]
    Token(masked::TokenCommand),
    /// Pseudonyms of the subjects that requests, calls and rows name, made by their custodian
    Pseudonym(masked::Pseudonym),
    /// Answer calls for shared data from files and PostgreSQL, each checked and recorded before anything leaves
    Serve(serve::Serve),
    /// Begin a server's journal anew with what still matters; the old one stays, as the proof of its lines
    Compact(compact::Compact),
    /// Call for data under a grant: the answer is checked, noted, and written whole or not at all
    Fetch(fetch::Fetch),
    /// Show the lines of a journal of calls
    Lines(line::Lines),
    /// Prove that a line of a server's journal stands in its window on the ledger
    Line(line::Prove),
    /// Check such a proof, offline
    VerifyLine(line::VerifyLine),
    /// State what this side counted under a grant; both sides must agree
    Reconcile(reconcile::Reconcile),
    /// Show the periods whose counts wait for a side or do not match, with both numbers
    Accounts(accounts::Accounts),
    /// Count what was delivered and accessed, by resource, receiver, purpose and time
    Statistics(statistics::Statistics),
}

impl DataCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Publish(c) => c.run(ui, config),
            Self::Withdraw(c) => c.run(ui, config),
            Self::List(c) => c.run(ui),
            Self::Search(c) => c.run(ui),
            Self::Export(c) => c.run(ui),
            Self::Lists(c) => c.run(ui, config),
            Self::Demand(c) => c.run(ui, config),
            Self::Calendar(c) => c.run(ui, config),
            Self::Approvers(c) => c.run(ui, config),
            Self::Request(c) => c.run(ui, config),
            Self::Appeal(c) => c.run(ui, config),
            Self::Escalate(c) => c.run(ui, config),
            Self::Overdue(c) => c.run(ui, config),
            Self::Cancel(c) => c.run(ui, config),
            Self::Advise(c) => c.run(ui, config),
            Self::Grant(c) => c.run(ui, config),
            Self::Refuse(c) => c.run(ui, config),
            Self::Approve(c) => c.run(ui, config),
            Self::Revoke(c) => c.run(decide::Ending::Revoke, ui, config),
            Self::Close(c) => c.run(decide::Ending::Close, ui, config),
            Self::Status(c) => c.run(ui, config),
            Self::Seal(c) => c.run(ui),
            Self::Open(c) => c.run(ui, config),
            Self::Deliver(c) => c.run(ui, config),
            Self::Rewrap(c) => c.run(ui, config),
            Self::Derive(c) => c.run(ui, config),
            Self::Recognise(c) => c.run(ui, config),
            Self::Keep(c) => c.run(ui),
            Self::Erase(c) => c.run(ui, config),
            Self::Mask(c) => c.run(ui),
            Self::View(c) => c.run(ui),
            Self::VerifyView(c) => c.run(ui, config),
            Self::Token(c) => c.run(ui),
            Self::Pseudonym(c) => c.run(ui),
            Self::Serve(c) => c.run(ui, config),
            Self::Compact(c) => c.run(ui),
            Self::Fetch(c) => c.run(ui, config),
            Self::Lines(c) => c.run(ui),
            Self::Line(c) => c.run(ui),
            Self::VerifyLine(c) => c.run(ui, config),
            Self::Reconcile(c) => c.run(ui, config),
            Self::Accounts(c) => c.run(ui, config),
            Self::Statistics(c) => c.run(ui, config),
        }
    }
}
