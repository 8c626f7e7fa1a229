//! `data compact`: a server's journal begins anew with what still matters; the old one stays as the proof of its lines.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_sharing::access::{Guard, Journal, server_of};

use super::{
    put_by,
    serve::{lock, moved, open_journal, place_of},
    words::failure,
};
use crate::{
    fail::{At, Class, Done, Failure},
    files,
    ui::{self, Ui},
};

/// `yinxin data compact`
#[derive(Debug, clap::Args)]
pub(crate) struct Compact {
    /// The server's folder (`--work` of `data serve`), while no server works in it
    #[arg(value_name = "WORK")]
    work: PathBuf,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    /// Where the lines before stand.
    old: String,
    lines: u64,
    bytes_before: u64,
    bytes: u64,
    /// Windows that are still to come to the ledger.
    waiting: usize,
    /// Windows that never will.
    never_told: u64,
}

/// A file in the making: what is not put into its place is gone, and fills no disk.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Compact {
    /// Writes the new journal beside the old one, reads it back, and puts it in its place.
    pub(super) fn run(self, ui: &Ui) -> Done {
        files::keep_private();
        let journal = self.work.join("journal");
        let read =
            || File::open(&journal).map(BufReader::new).map_err(|e| Failure::io(&journal, &e));
        let nobodys = || {
            Failure::new(
                Class::Usage,
                "no data server has ever worked in this folder",
                "该目录不是数据服务的工作目录",
            )
            .at(self.work.display())
            .todo(
                "name the folder that data serve was given as --work",
                "请指定 data serve 的 --work 目录",
            )
        };
        if !journal.is_file() {
            return Err(nobodys());
        }
        let _held = lock(&self.work)?;
        let server = server_of(&mut read()?).map_err(|e| failure(&e)).at(journal.display())?;
        let server = server.ok_or_else(nobodys)?;
        let guard = open_journal(&self.work, server.clone(), ui)?;
        // A copy would come out as an original.
        let here = place_of(&journal)?;
        if guard.opening().is_some_and(|(_, place)| place != here) {
            return Err(moved(&self.work));
        }
        let next = Scratch(self.work.join("journal.next"));
        let next = &next.0;
        let (file, place) = begin(next)?;
        let mut compacted = guard
            .compact(&mut read()?, Beside(BufWriter::new(file)), place)
            .map_err(|e| failure(&e))
            .at(journal.display())?;
        compacted.journal_mut().sync().map_err(|e| Failure::io(next, &e))?;
        drop(compacted);
        let written = File::open(next).map_err(|e| Failure::io(next, &e))?;
        let again = Guard::open(&mut BufReader::new(&written), ReadOnly, server);
        let mut again = again.map_err(|e| failure(&e)).at(next.display())?.0;
        if !guard.goes_on_as(&again) || again.opening().is_some_and(|(_, p)| p != place) {
            return Err(Failure::bug("the compacted journal says another thing than the old one"));
        }
        let size =
            |path: &Path| fs::metadata(path).map(|m| m.len()).map_err(|e| Failure::io(path, &e));
        let (bytes_before, bytes) = (size(&journal)?, size(next)?);
        let old = keep(&journal, guard.lines())?;
        let swap = fs::rename(next, &journal).and_then(|()| files::sync_folder_of(&journal));
        swap.map_err(|e| Failure::io(&journal, &e))?;
        let view = View {
            schema: "yinxin.data-compact/1",
            old: old.display().to_string(),
            lines: again.lines(),
            bytes_before,
            bytes,
            waiting: again.close_due(ui::now()).len(),
            never_told: again.untold(),
        };
        ui.result(&view, |v| {
            let (before, kept) =
                (ui.pick("bytes, was", "字节，原为"), ui.pick("old lines", "原有各行"));
            let waiting = ui.pick("windows wait for the ledger", "个时窗待入账");
            format!(
                "{}: {} {before} {}; {} {waiting}\n{kept}: {}\n",
                journal.display(),
                v.bytes,
                v.bytes_before,
                v.waiting,
                v.old
            )
        })
    }
}

/// The old journal under a name of its own, by how many lines there were, which is durable before the new one has its place. A run that
/// was cut off left it so; where one of as many lines was put by before, and only windows were told since, this one is the second.
fn keep(journal: &Path, lines: u64) -> Done<PathBuf> {
    let inode = |path: &Path| fs::metadata(path).map(|m| (m.dev(), m.ino())).ok();
    for old in put_by::names(journal, lines) {
        match fs::hard_link(journal, &old) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                if inode(&old) == inode(journal) {
                    return Ok(old);
                }
            }
            linked => {
                linked
                    .and_then(|()| files::sync_folder_of(&old))
                    .map_err(|e| Failure::io(&old, &e))?;
                return Ok(old);
            }
        }
    }
    unreachable!("a folder has fewer files than there are names")
}

/// A new file for the journal; what a run that was cut off left of one goes.
fn begin(path: &Path) -> Done<(File, Digest)> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Failure::io(path, &e)),
        _ => {}
    }
    let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
    let file = file.map_err(|e| Failure::io(path, &e))?;
    Ok((file, place_of(path)?))
}

/// A journal in the making: nothing leaves on its account, so that it is durable at its end.
struct Beside(BufWriter<File>);

impl Beside {
    fn sync(&mut self) -> io::Result<()> {
        self.0.flush()?;
        self.0.get_ref().sync_all()
    }
}

impl Journal for Beside {
    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.0.write_all(octets)
    }

    fn truncate(&mut self, _: u64) -> io::Result<()> {
        Err(io::Error::other("a new journal is not cut"))
    }
}

/// A journal that is only looked at.
struct ReadOnly;

impl Journal for ReadOnly {
    fn append(&mut self, _: &[u8]) -> io::Result<()> {
        Err(io::Error::other("only looked at"))
    }

    fn truncate(&mut self, _: u64) -> io::Result<()> {
        Err(io::Error::other("only looked at"))
    }
}
