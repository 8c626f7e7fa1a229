//! `data reconcile`: each side states what it counted, until both agree.

use std::{
    fs::File,
    io::BufReader,
    ops::Range,
    path::{Path, PathBuf},
};

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_record::{
    DataAct, Reconcile as ReconcileAct, ReconciliationState, ReconciliationStatus, Volume,
    minute_of, minute_start, state_key,
};
use yinxin_sharing::access::{count, server_of};
use yinxin_verdict::UnixTime;

use super::{
    put_by,
    send::{self, Sending},
    words::{self, Counted},
};
use crate::{
    config::Config,
    fail::{At, Class, Done, Failure},
    ui::Ui,
};

/// `yinxin data reconcile`
#[derive(Debug, clap::Args)]
pub(crate) struct Reconcile {
    /// The grant's id
    #[arg(value_name = "GRANT")]
    grant: Digest,
    /// From when on: a day or an instant, a whole minute
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    from: UnixTime,
    /// The first instant after, a whole minute that is over
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    until: UnixTime,
    #[command(flatten)]
    counted: CountedArgs,
    /// Log root over this side's own lines
    #[arg(long, value_name = "DIGEST")]
    root: Option<Digest>,
    #[command(flatten)]
    sending: Sending,
}

/// What this side counted: by its journal, or said.
#[derive(Debug, clap::Args)]
struct CountedArgs {
    /// Count this side's journal: a server's `WORK/journal` – of a compacted one `WORK/journal.N` beside it too – or the receiver's of `data fetch`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["calls", "rows", "bytes", "root"])]
    journal: Option<PathBuf>,
    /// Calls, or deliveries
    #[arg(long, value_name = "N", default_value_t = 1)]
    calls: u64,
    /// Rows
    #[arg(long, value_name = "N", required_unless_present = "journal")]
    rows: Option<u64>,
    /// Bytes of content
    #[arg(long, value_name = "N", required_unless_present = "journal")]
    bytes: Option<u64>,
}

impl CountedArgs {
    /// The amount, and the log root over the lines that it was counted from.
    fn counted(&self, grant: &Digest, minutes: Range<u64>) -> Done<(Volume, Option<Digest>)> {
        let Some(path) = &self.journal else {
            let (rows, bytes) = (self.rows.unwrap_or(0), self.bytes.unwrap_or(0));
            return Ok((Volume { calls: self.calls, rows, bytes }, None));
        };
        let journals = journals(path)?.into_iter().map(|path| {
            let file = File::open(&path).map_err(|e| Failure::io(&path, &e))?;
            Ok(BufReader::new(file))
        });
        let counted = count(journals.collect::<Done<Vec<_>>>()?, grant, &minutes);
        let counted = counted.map_err(|e| words::failure(&e)).at(path.display())?;
        Ok((counted.volume, counted.root))
    }
}

/// A journal after those that were put by when it was compacted, the oldest first. A receiver's has none.
fn journals(path: &Path) -> Done<Vec<PathBuf>> {
    let mut input = BufReader::new(File::open(path).map_err(|e| Failure::io(path, &e))?);
    if !matches!(server_of(&mut input), Ok(Some(_))) {
        return Ok(vec![path.to_owned()]);
    }
    if let Some(of) = put_by::goes_on_in(path) {
        let name = path.display();
        return Err(Failure::new(
            Class::Usage,
            format!("{name} was put by: it has not all lines"),
            format!("{name} 是存留的旧日志，不含全部各行"),
        )
        .todo(
            format!("name {of}: those beside it are counted too"),
            format!("请指定 {of}，其旁的旧日志会一并计入"),
        ));
    }
    let older = put_by::before(path)?.into_iter().map(|(_, file)| file);
    Ok(older.chain(std::iter::once(path.to_owned())).collect())
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    record: String,
    account: String,
    status: &'static str,
    served: Option<Counted>,
    received: Option<Counted>,
}

impl Reconcile {
    /// States the counts; a mismatch is told with both numbers, and by the exit code.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let (from, until) = (minute(self.from)?, minute(self.until)?);
        let desk = self.sending.open(ui, config)?;
        let grant = self.grant;
        let leaf = state_key::reconciliation(&grant, from, until);
        // Who corrects its count may come back to an earlier one: the last change tells them apart.
        let before: Option<ReconciliationState> = desk.state(&leaf)?;
        let height = before.map_or(0, |s| s.height);
        let (counted, root) = self.counted.counted(&grant, from..until)?;
        let act = ReconcileAct { grant, from, until, counted, root: self.root.or(root) };
        let key = format!("data/reconcile/{grant}@{from}-{until}/{height}");
        let done = desk.send(&key, DataAct::Reconcile(act))?;
        let state: ReconciliationState = send::known(&desk.client, &leaf)?;
        let view = View {
            schema: "yinxin.data-account/1",
            record: done.id.to_string(),
            account: format!("{grant}@{from}-{until}"),
            status: state.status.name(),
            served: state.served.map(Counted::from),
            received: state.received.map(Counted::from),
        };
        ui.result(&view, |v| {
            let side = |v: Option<Volume>| v.map_or_else(|| "–".to_owned(), words::volume);
            format!(
                "{}: {}\n  {} {}\n  {} {}\n",
                v.account,
                v.status,
                ui.pick("served  ", "提供方"),
                side(state.served),
                ui.pick("received", "接收方"),
                side(state.received),
            )
        })?;
        match state.status {
            ReconciliationStatus::Mismatched => Err(Failure::told(Class::Invalid)),
            _ => Ok(()),
        }
    }
}

fn minute(at: UnixTime) -> Done<u64> {
    let minute = minute_of(at);
    if minute_start(minute) == Some(at) {
        return Ok(minute);
    }
    Err(Failure::new(Class::Usage, format!("{at} is no whole minute"), format!("{at} 不是整分钟")))
}
