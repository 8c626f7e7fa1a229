//! A file's end on the disk, in steps that a crash may come between: set aside, emptied, and only when all is recorded forgotten.
//!
//! What is erased first takes the name FILE.erasing. That name, emptied, is the mark that the bytes went by this command; a file that
//! is merely not there has no mark, and nothing is said of it.

use std::{
    fs::{self, File},
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use yinxin_gm::{Digest, sm3::Sm3};
use yinxin_record::Wire;
use yinxin_sharing::envelope::Header;

use crate::{
    data::{envelope::body_of, send::beside},
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
};

/// Where an entry's file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It lies at its path.
    Kept,
    /// It was set aside, and its bytes may still be there.
    SetAside,
    /// Its bytes are gone by this command.
    Emptied,
}

/// A file to erase.
#[derive(Debug)]
pub(super) struct Doomed {
    path: PathBuf,
    mark: PathBuf,
    /// SM3 of the file's bytes, from when it was put on the list.
    sm3: Digest,
}

impl Doomed {
    pub(super) fn new(folder: &Path, file: &str, sm3: Digest) -> Self {
        let path = folder.join(file);
        Self { mark: beside(&path, "erasing"), path, sm3 }
    }

    /// Where it stands; that it is the very file of the list, and lies below the list's folder. Nothing is changed.
    ///
    /// `told`: a signed record says already that it is gone.
    pub(super) fn stage(&self, folder: &Path, told: bool) -> Done<Stage> {
        self.inside(folder)?;
        if let Some(length) = plain(&self.mark)? {
            if length == 0 {
                return Ok(Stage::Emptied);
            }
            self.same(&self.mark)?;
            return Ok(Stage::SetAside);
        }
        if plain(&self.path)?.is_some() {
            self.same(&self.path)?;
            return Ok(Stage::Kept);
        }
        if told {
            return Ok(Stage::Emptied);
        }
        Err(Failure::new(
            Class::Usage,
            "the file is not there, and this command did not remove it; nothing was recorded",
            "文件不存在，且并非由本命令删除；未作任何记录",
        )
        .todo(
            "correct its path in the list, or put it back; if it is gone for good, take the entry out",
            "请更正清单中的路径或放回该文件；若已不复存在，请从清单中删去该条",
        ))
    }

    /// From any stage to the last. Of an envelope the body goes too, before the header that says what it is.
    pub(super) fn erase(&self, stage: Stage) -> Done {
        if stage == Stage::Kept {
            fs::rename(&self.path, &self.mark).map_err(|e| Failure::io(&self.path, &e))?;
            sync_folder(&self.mark)?;
        }
        if stage != Stage::Emptied {
            let body = body_of(&self.path);
            if is_header(&self.mark)? && plain(&body)?.is_some() {
                fs::remove_file(&body).map_err(|e| Failure::io(&body, &e))?;
                sync_folder(&body)?;
            }
            // An empty file takes its place whole, and the folder is synced.
            files::write(&self.mark, b"", Access::Owner, Existing::Replace)?;
        }
        Ok(())
    }

    /// The mark goes once the list no longer has the entry.
    pub(super) fn forget(&self) -> Done {
        match fs::remove_file(&self.mark) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Failure::io(&self.mark, &e)),
            _ => Ok(()),
        }
    }

    /// A link on the way could lead out of the list's folder.
    fn inside(&self, folder: &Path) -> Done {
        let real = |path: &Path| fs::canonicalize(path).map_err(|e| Failure::io(path, &e));
        let parent = self.path.parent().unwrap_or(folder);
        if real(parent)?.starts_with(real(folder)?) {
            return Ok(());
        }
        Err(Failure::new(
            Class::Malformed,
            "a link leads out of the list's folder; nothing was removed",
            "路径中的链接指向清单所在文件夹之外；未删除任何文件",
        ))
    }

    fn same(&self, path: &Path) -> Done {
        let (expected, found) = (self.sm3, sm3_of(path)?);
        if expected == found {
            return Ok(());
        }
        Err(Failure::new(
            Class::Malformed,
            format!("another file than was put on the list: expected SM3 {expected}, found {found}; nothing was removed"),
            format!("并非列入清单时的文件：SM3 应为 {expected}，实为 {found}；未删除任何文件"),
        )
        .todo(
            "put the file that was listed back, or take the entry out of the list",
            "请放回列入清单时的文件，或从清单中删去该条",
        ))
    }
}

/// SM3 of a file of any length.
pub(super) fn sm3_of(path: &Path) -> Done<Digest> {
    let io = |e: std::io::Error| Failure::io(path, &e);
    let mut file = File::open(path).map_err(io)?;
    let (mut hash, mut buffer) = (Sm3::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer).map_err(io)? {
            0 => return Ok(hash.finalize()),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// The length of a plain file; `None` if there is nothing. A link, a pipe, a folder, or a file with a second name is refused: removing
/// this name would leave its bytes.
pub(super) fn plain(path: &Path) -> Done<Option<u64>> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Failure::io(path, &e)),
    };
    if found.is_file() && found.nlink() == 1 {
        return Ok(Some(found.len()));
    }
    let path = path.display();
    Err(Failure::new(
        Class::Malformed,
        format!(
            "{path}: expected a plain file with one name, found a link or something else; nothing was removed"
        ),
        format!("{path}：应为仅有一个名称的普通文件，实为链接或其他类型；未删除任何文件"),
    ))
}

fn is_header(path: &Path) -> Done<bool> {
    let io = |e: std::io::Error| Failure::io(path, &e);
    let mut bytes = Vec::new();
    let limit = Header::MAX_LEN as u64 + 1;
    File::open(path).map_err(io)?.take(limit).read_to_end(&mut bytes).map_err(io)?;
    Ok(Header::from_der(&bytes).is_ok())
}

fn sync_folder(path: &Path) -> Done {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| Failure::io(folder, &e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use yinxin_gm::sm3;

    fn doomed(folder: &Path) -> Doomed {
        fs::write(folder.join("rows"), "rows").unwrap();
        Doomed::new(folder, "rows", sm3::digest(b"rows"))
    }

    #[test]
    fn a_file_is_erased_from_wherever_an_earlier_run_stopped() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path();
        let file = doomed(folder);
        // What lies beside a file that is no envelope is not its body.
        fs::write(folder.join("rows.body"), "another").unwrap();
        assert_eq!(file.stage(folder, false).unwrap(), Stage::Kept);
        fs::rename(&file.path, &file.mark).unwrap();
        assert_eq!(file.stage(folder, false).unwrap(), Stage::SetAside);
        file.erase(Stage::SetAside).unwrap();
        assert_eq!(file.stage(folder, false).unwrap(), Stage::Emptied);
        assert_eq!(fs::metadata(&file.mark).unwrap().len(), 0);
        // A new file at the path is another matter.
        fs::write(&file.path, "new").unwrap();
        assert_eq!(file.stage(folder, false).unwrap(), Stage::Emptied);
        file.erase(Stage::Emptied).unwrap();
        file.forget().unwrap();
        assert_eq!(fs::read(&file.path).unwrap(), b"new");
        assert_eq!(fs::read(folder.join("rows.body")).unwrap(), b"another");
        assert!(file.stage(folder, true).is_err(), "the new file is not the listed one");
    }

    #[test]
    fn what_is_not_the_listed_file_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path();
        let file = doomed(folder);
        fs::hard_link(&file.path, folder.join("again")).unwrap();
        assert!(file.stage(folder, false).is_err(), "its bytes have another name");
        fs::remove_file(folder.join("again")).unwrap();
        fs::write(&file.path, "rowz").unwrap();
        assert!(file.stage(folder, false).is_err(), "other bytes");
        fs::rename(&file.path, &file.mark).unwrap();
        assert!(file.stage(folder, false).is_err(), "a mark with other bytes");
        fs::remove_file(&file.mark).unwrap();
        assert!(file.stage(folder, false).is_err(), "nobody removed it");
        assert_eq!(file.stage(folder, true).unwrap(), Stage::Emptied);
        fs::write(folder.join("real"), "rows").unwrap();
        std::os::unix::fs::symlink("real", &file.path).unwrap();
        assert!(file.stage(folder, false).is_err(), "a link");
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("rows"), "rows").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), folder.join("out")).unwrap();
        let out = Doomed::new(folder, "out/rows", file.sm3);
        assert!(out.stage(folder, false).is_err(), "out of the folder");
    }
}
