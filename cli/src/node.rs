//! `node init | run | status | check | reindex`: the process that a department runs.

mod check;
mod denials;
mod desk;
mod init;
mod local;
mod reindex;
mod run;
mod settings;
mod status;

use crate::{config::Config, fail::Done, ui::Ui};

/// `yinxin node …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum NodeCommand {
    /// Make a department's node in its own directory: keys, configuration, and its signed entry for the genesis
    Init(init::Init),
    /// Run the node and its HTTP interface until SIGTERM or Ctrl-C
    Run(run::Run),
    /// Ask a running node how it is
    Status(status::Status),
    /// Check a node's directory before it is started: files, keys, genesis, ports, disk
    Check(check::Check),
    /// Make a stopped node's index again from its blocks: what is missing, changed or planted is mended
    Reindex(reindex::Reindex),
}

impl NodeCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Init(c) => c.run(ui),
            Self::Run(c) => c.run(ui),
            Self::Status(c) => c.run(ui, config),
            Self::Check(c) => c.run(ui),
            Self::Reindex(c) => c.run(ui),
        }
    }
}
