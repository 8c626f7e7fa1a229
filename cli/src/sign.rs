//! `sign FILE`: a GB/T 35275 message over any file.

use std::path::PathBuf;

use yinxin_pki::signed_data::{self, Content, Options};

use crate::{
    fail::{Class, Classed, Done},
    files::{self, Access, Existing},
    keys::SignerArgs,
    rng,
    ui::{self, Ui},
};

/// `yinxin sign`
#[derive(Debug, clap::Args)]
pub(crate) struct SignFile {
    /// The file; `-` for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    signer: SignerArgs,
    /// Leave the file's content out of the message
    #[arg(long)]
    detached: bool,
    /// The message to write
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

impl SignFile {
    /// Signs, with the signing time inside.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let bytes = files::read(&self.file)?;
        let signer = self.signer.load(ui)?;
        let content =
            if self.detached { Content::Detached(&bytes) } else { Content::Embedded(&bytes) };
        let options = Options { signing_time: Some(ui::now().floor_to_second()) };
        let chain = [signer.certificate];
        let message = signed_data::make(content, &chain, &signer.key, options, &mut rng::os())
            .class(Class::Key)?;
        files::write(&self.out, &message, Access::Public, Existing::forced(self.force))
    }
}
