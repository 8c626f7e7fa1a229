//! Packages of evidence as a file or a folder.

use std::{collections::BTreeMap, fs, path::Path};

use yinxin_receipt::Wire;
use yinxin_verify::Evidence;

use crate::{
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
};

/// Most files of a folder that is taken for a package; the verifier's own limit is the same.
const MAX_FILES: usize = 20_000;
/// Most folders within each other: ours has one level.
const MAX_DEPTH: usize = 4;

/// Reads a package, file or folder; nothing is checked.
pub(crate) fn read(path: &Path) -> Done<Evidence> {
    if path.is_dir() {
        let mut found = BTreeMap::new();
        gather(path, "", 0, &mut found)?;
        return Ok(Evidence::of_files(found));
    }
    Evidence::from_der(&files::read(path)?).map_err(|e| {
        Failure::new(
            Class::Malformed,
            format!("no package of evidence: {e}"),
            format!("不是证据包：{e}"),
        )
        .at(path.display())
    })
}

/// Every file of a folder, hidden ones too: one that was added must be seen.
fn gather(
    folder: &Path,
    prefix: &str,
    depth: usize,
    found: &mut BTreeMap<String, Vec<u8>>,
) -> Done {
    let entries = fs::read_dir(folder).map_err(|e| Failure::io(folder, &e))?;
    let mut size: u64 = found.values().map(|f| f.len() as u64).sum();
    for entry in entries {
        let path = entry.map_err(|e| Failure::io(folder, &e))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(Failure::new(
                Class::Malformed,
                format!("{}: the name is no UTF-8: it is no file of a package", path.display()),
                format!("{}：文件名不是 UTF-8，不是证据包中的文件", path.display()),
            )
            .todo("take it out of the folder", "请将其移出该文件夹"));
        };
        let name = format!("{prefix}{name}");
        let kind = fs::symlink_metadata(&path).map_err(|e| Failure::io(&path, &e))?.file_type();
        if kind.is_dir() && depth < MAX_DEPTH {
            gather(&path, &format!("{name}/"), depth + 1, found)?;
            continue;
        }
        // A link leads to what is no part of the package, and a pipe has no end.
        if !kind.is_file() {
            return Err(Failure::new(
                Class::Malformed,
                format!(
                    "{}: expected a plain file, found a link, a pipe, or a folder too deep",
                    path.display()
                ),
                format!("{}：应为普通文件，实为链接、管道或层次过深的文件夹", path.display()),
            )
            .todo("take it out of the folder", "请将其移出该文件夹"));
        }
        let bytes = files::read(&path)?;
        size = size.saturating_add(bytes.len() as u64);
        found.insert(name, bytes);
        if found.len() > MAX_FILES || size > files::MAX_INPUT {
            return Err(Failure::new(
                Class::Malformed,
                format!("{}: more or larger files than a package may have", folder.display()),
                format!("{}：文件过多或过大，不是证据包", folder.display()),
            ));
        }
    }
    Ok(())
}

/// Writes a package: a new folder, or one file.
pub(super) fn write(path: &Path, package: &Evidence, as_file: bool, force: bool) -> Done {
    if as_file {
        return files::write(path, &package.to_der(), Access::Public, Existing::forced(force));
    }
    // An old file that stays would not be in the list: a package is written into a folder of its own.
    if path.exists() && fs::read_dir(path).map_err(|e| Failure::io(path, &e))?.next().is_some() {
        return Err(Failure::io(path, &std::io::Error::from(std::io::ErrorKind::AlreadyExists)));
    }
    for (name, bytes) in &package.files {
        files::write(&path.join(name), bytes, Access::Public, Existing::Keep)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn a_folder_with_a_link_or_a_pipe_is_no_package() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path();
        fs::create_dir(folder.join("receipts")).unwrap();
        fs::write(folder.join("receipts/a"), "a").unwrap();
        assert_eq!(read(folder).unwrap().files.len(), 1);
        let odd = folder.join("receipts/b");
        for target in ["a", "/dev/zero", ".."] {
            std::os::unix::fs::symlink(target, &odd).unwrap();
            assert_eq!(read(folder).unwrap_err().class, Class::Malformed, "{target}");
            fs::remove_file(&odd).unwrap();
        }
        // Two names that are no text would look like one.
        let named = folder.join(std::ffi::OsStr::from_bytes(b"receipts/\xff"));
        fs::write(&named, "c").unwrap();
        assert_eq!(read(folder).unwrap_err().class, Class::Malformed);
        fs::remove_file(&named).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(&odd).unwrap();
        assert_eq!(read(folder).unwrap_err().class, Class::Malformed);
    }
}
