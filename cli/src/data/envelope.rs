//! `data seal | open`: a file of any length into an envelope and out of it, in constant memory, resumable on both sides.

mod message;
mod open;
mod seal;

pub(crate) use open::Open;
pub(super) use open::delivered;
pub(crate) use seal::Seal;

use std::{
    fs::{File, OpenOptions, Permissions},
    io::{Seek, SeekFrom},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use yinxin_record::Wire;
use yinxin_sharing::envelope::Header;

use super::words::failure;
use crate::{
    fail::{At, Class, Done, Failure},
    files,
};

/// How much is done between two syncs: half a minute of a slow disk's work at most is done again after a crash.
const SYNC_EVERY: u64 = 64 << 20;

/// Where an envelope's body lies by default: beside its header.
pub(super) fn body_of(header: &Path) -> PathBuf {
    super::send::beside(header, "body")
}

/// Reads a header; nothing in it is believed yet.
pub(super) fn read_header(path: &Path) -> Done<Header> {
    header_of(&files::read(path)?, path)
}

fn header_of(bytes: &[u8], path: &Path) -> Done<Header> {
    let header = Header::from_der(bytes).map_err(|e| failure(&e.into()));
    header.at(path.display())
}

/// Opens a file that only its owner may read, cut to a length and standing at its end.
fn part(path: &Path, length: u64) -> Done<File> {
    let io = |e: std::io::Error| Failure::io(path, &e);
    if length == 0 {
        return files::begin_anew(path);
    }
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let mut file = OpenOptions::new().write(true).custom_flags(no_link).open(path).map_err(io)?;
    file.set_permissions(Permissions::from_mode(0o600)).map_err(io)?;
    if file.metadata().map_err(io)?.len() < length {
        let path = path.display();
        return Err(Failure::new(
            Class::Malformed,
            format!("{path} is shorter than what was noted of it"),
            format!("{path} 比进度记录所示更短"),
        )
        .todo("remove it and its progress file and begin anew", "请删除该文件及其进度文件后重试"));
    }
    file.set_len(length).map_err(io)?;
    file.seek(SeekFrom::Start(length)).map_err(io)?;
    Ok(file)
}

/// Steps of a progress bar.
const fn mebibytes(bytes: u64) -> u64 {
    bytes >> 20
}
