//! `node reindex`: a stopped node's index made again from its blocks.

use std::path::PathBuf;

use serde::Serialize;

use crate::{audit::Stopped, fail::Done, ui::Ui};

/// `yinxin node reindex`
#[derive(Debug, clap::Args)]
pub(crate) struct Reindex {
    /// The stopped node's directory
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Where state and index are derived again, and removed afterwards [default: the system's temporary files]
    #[arg(long, value_name = "FOLDER")]
    scratch: Option<PathBuf>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    records: u64,
    put: u64,
    removed: u64,
}

impl Reindex {
    /// Executes all blocks, then mends what differs.
    pub(super) fn run(self, ui: &Ui) -> Done {
        let stopped = Stopped::open(&self.folder)?;
        let (replay, signed) = stopped.replay(self.scratch.as_deref(), ui, |_, _| Ok(()))?;
        if signed.height == 0 {
            ui.say("there is no block yet, and so no signature", "尚无区块，故无签名");
        }
        let spinner = ui.spinner("comparing and mending the index", "正在比对并修复索引");
        let mended = stopped.mend(&replay);
        spinner.finish_and_clear();
        let (put, removed) = mended?;
        let view = View { schema: "yinxin.node-reindex/1", records: replay.records, put, removed };
        ui.result(&view, |v| match ui.lang {
            yinxin_verdict::Lang::En => format!(
                "✓ {} records executed again; index entries put: {}, removed: {}\n",
                v.records, v.put, v.removed
            ),
            yinxin_verdict::Lang::Zh => format!(
                "✓ 重新执行记录 {} 条；索引写入 {} 项，删除 {} 项\n",
                v.records, v.put, v.removed
            ),
        })
    }
}
