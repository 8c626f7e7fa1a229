//! `completions` and `man`: the command line's own description of itself.

use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{
    args::Cli,
    fail::{Done, Failure},
    files,
    ui::{self, Ui},
};

/// `yinxin completions SHELL`
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub(crate) fn run(self) -> Done {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "yinxin", &mut script);
        ui::write_raw_stdout(&script)
    }
}

/// `yinxin man`
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Write a page for every command into this folder instead of printing yinxin(1)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    /// Prints or writes the pages.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        let Some(folder) = self.out else {
            return ui::write_raw_stdout(&page(Cli::command())?);
        };
        files::make_folder(&folder)?;
        clap_mangen::generate_to(Cli::command(), &folder).map_err(|e| Failure::io(&folder, &e))?;
        ui.say(
            format!("manual pages in {}", folder.display()),
            format!("手册页已写入 {}", folder.display()),
        );
        Ok(())
    }
}

fn page(command: clap::Command) -> Done<Vec<u8>> {
    let mut bytes = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut bytes)
        .map_err(|e| Failure::bug(format!("manual page: {e}")))?;
    Ok(bytes)
}
