//! The command line: noun, then verb.

use clap::{Parser, Subcommand, ValueEnum};
use yinxin_verdict::Lang;

use crate::{
    asset, audit, ca, config::Config, credit, data, doctor, fail::Done, files, key, ledger,
    licence, manual, member, node, ofd, quickstart, seal, serve, sign, trace, trust, ui::Ui,
    verify,
};

/// Trust infrastructure of a digital government: e-seals, e-licences, ledger receipts, one verdict
///
/// The result goes to stdout, everything else to stderr. `-` reads from stdin or writes to stdout.
#[derive(Debug, Parser)]
#[command(name = "yinxin", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// Print the result as JSON; it says its kind in the field `schema`
    #[arg(long, global = true, display_order = 900)]
    pub(crate) json: bool,
    /// Language of messages [default: by LANG]
    #[arg(long, global = true, value_name = "LANG", display_order = 901)]
    pub(crate) lang: Option<LangArg>,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true, display_order = 902)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 valid or done · 1 verdict INVALID · 2 usage · 3 INDETERMINATE · 4 malformed input ·
5 network, node or machine · 6 key or permission · 7 node removed by the members · 70 internal error";

/// A language of messages.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LangArg {
    /// English
    En,
    /// Chinese
    Zh,
}

impl From<LangArg> for Lang {
    fn from(arg: LangArg) -> Self {
        match arg {
            LangArg::En => Self::En,
            LangArg::Zh => Self::Zh,
        }
    }
}

/// The nouns.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Keys: new, import, export, certificate requests
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// A certificate authority: init, issue, revoke, crl
    #[command(subcommand)]
    Ca(ca::CaCommand),
    /// E-seals: make, show
    #[command(subcommand)]
    Seal(seal::SealCommand),
    /// OFD documents: show, stamp, sign
    #[command(subcommand)]
    Ofd(ofd::OfdCommand),
    /// E-licences: type, issue, show, change, suspend, resume, cancel, revoke, status
    #[command(subcommand)]
    Licence(licence::LicenceCommand),
    /// Verify files: one verdict each, offline
    Verify(verify::Verify),
    /// Sign a file (GB/T 35275)
    Sign(sign::SignFile),
    /// The trust folder: show, check, update
    #[command(subcommand)]
    Trust(trust::TrustCommand),
    /// A department's node: init, run, status, check
    #[command(subcommand)]
    Node(node::NodeCommand),
    /// The members' own affairs: propose, approve
    #[command(subcommand)]
    Member(member::MemberCommand),
    /// A ledger: genesis, put, get, prove, status
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Shared data: publish, request, grant, seal, deliver, open, serve, fetch, compact, mask, status, reconcile
    #[command(subcommand)]
    Data(data::DataCommand),
    /// Credit: classes, records, imports, objections, cases, repair, lists, measures, authorised views, scores
    #[command(subcommand)]
    Credit(credit::CreditCommand),
    /// Receivables, invoices and other assets: registered once, pledged to one at a time
    #[command(subcommand)]
    Asset(asset::AssetCommand),
    /// Where data came from and where they went: a provenance graph from any end
    Trace(trace::Trace),
    /// Evidence to hand over, and checks of indexes, of a source's batches and of refusals: export, check, denials
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Serve HTTP and the portal page
    Serve(serve::Serve),
    /// A whole consortium on this machine, for real
    Quickstart(quickstart::Quickstart),
    /// Check that this machine has what yinxin needs
    Doctor(doctor::Doctor),
    /// Print a completion script for a shell
    Completions(manual::Completions),
    /// Print the manual page, or write one for every command
    Man(manual::Man),
}

impl Command {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Key(c) => c.run(ui),
            Self::Ca(c) => c.run(ui),
            Self::Seal(c) => c.run(ui, config),
            Self::Ofd(c) => c.run(ui, config),
            Self::Licence(c) => c.run(ui, config),
            Self::Verify(c) => c.run(ui, config),
            Self::Sign(c) => c.run(ui),
            Self::Trust(c) => c.run(ui, config),
            Self::Node(c) => {
                if matches!(c, node::NodeCommand::Run(_)) {
                    files::keep_private();
                }
                c.run(ui, config)
            }
            Self::Member(c) => c.run(ui, config),
            Self::Ledger(c) => c.run(ui, config),
            Self::Data(c) => c.run(ui, config),
            Self::Credit(c) => c.run(ui, config),
            Self::Asset(c) => c.run(ui, config),
            Self::Trace(c) => c.run(ui, config),
            Self::Audit(c) => c.run(ui, config),
            Self::Serve(c) => c.run(ui, config),
            Self::Quickstart(c) => c.run(ui),
            Self::Doctor(c) => c.run(ui, config),
            Self::Completions(c) => c.run(),
            Self::Man(c) => c.run(ui),
        }
    }
}
