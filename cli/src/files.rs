//! Reading and writing files so that bad input, a full disk or a kill loses nothing.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::fail::{Class, Done, Failure};

/// The largest file that a command reads whole: 512 MiB, four times the largest OFD that the package limits let through.
pub(crate) const MAX_INPUT: u64 = 512 * 1024 * 1024;

/// Who may read a file that we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everyone (certificates, receipts, documents): 0644.
    Public,
    /// The owner (keys, passwords, node configuration): 0600.
    Owner,
}

/// What to do when the file is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Leave it and fail.
    Keep,
    /// Replace it, in one step.
    Replace,
}

impl Existing {
    /// `--force` replaces.
    pub(crate) const fn forced(force: bool) -> Self {
        if force { Self::Replace } else { Self::Keep }
    }
}

/// Reads a file, or stdin for `-`.
pub(crate) fn read(path: &Path) -> Done<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().take(MAX_INPUT + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|f| f.take(MAX_INPUT + 1).read_to_end(&mut bytes))
    }
    .map_err(|e| Failure::io(path, &e))?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(Failure::new(
            Class::Malformed,
            format!("{}: larger than {MAX_INPUT} bytes", path.display()),
            format!("{}：超过 {MAX_INPUT} 字节", path.display()),
        ));
    }
    Ok(bytes)
}

/// Reads a secret; the bytes are wiped after use.
pub(crate) fn read_secret(path: &Path) -> Done<Zeroizing<Vec<u8>>> {
    read(path).map(Zeroizing::new)
}

/// Reads UTF-8 text; GBK and UTF-16 are named in the refusal, since that is what spreadsheets write.
pub(crate) fn read_text(path: &Path) -> Done<String> {
    let bytes = read(path)?;
    text_of(&bytes).map_err(|f| f.at(path.display()))
}

/// The text in bytes, a byte-order mark dropped.
pub(crate) fn text_of(bytes: &[u8]) -> Done<String> {
    // Without its mark, every Latin letter of UTF-16 still brings a zero byte, which no text in UTF-8 holds.
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0) {
        return Err(Failure::new(
            Class::Malformed,
            "the text is UTF-16, expected UTF-8",
            "文本编码为 UTF-16，应为 UTF-8",
        )
        .todo(
            "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW (or save as \"CSV UTF-8\", not \"Unicode text\")",
            "请转换编码：iconv -f UTF-16 -t UTF-8 原文件 > 新文件（或另存为“CSV UTF-8”，不要选“Unicode 文本”）",
        ));
    }
    let body = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    match std::str::from_utf8(body) {
        Ok(text) => Ok(text.to_owned()),
        Err(e) => {
            let line = 1 + body[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count();
            Err(Failure::new(
                Class::Malformed,
                format!("line {line} is not UTF-8; a spreadsheet on Windows often writes GBK"),
                format!("第 {line} 行不是 UTF-8 编码；Windows 表格软件常保存为 GBK"),
            )
            .todo(
                "convert it: iconv -f GBK -t UTF-8 FILE > NEW (or save as \"CSV UTF-8\")",
                "请转换编码：iconv -f GBK -t UTF-8 原文件 > 新文件（或另存为“CSV UTF-8”）",
            ))
        }
    }
}

/// Writes a file whole or not at all: a temporary file beside it, fsync, rename, fsync of the folder. `-` is stdout.
pub(crate) fn write(path: &Path, bytes: &[u8], access: Access, existing: Existing) -> Done {
    if path == Path::new("-") {
        return crate::ui::write_raw_stdout(bytes);
    }
    write_atomic(path, bytes, access, existing).map_err(|e| Failure::io(path, &e))
}

fn write_atomic(path: &Path, bytes: &[u8], access: Access, existing: Existing) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(&folder)?;
    let temporary = temporary_beside(path);
    let result = write_synced(&temporary, bytes, access).and_then(|()| match existing {
        Existing::Replace => fs::rename(&temporary, path),
        // A hard link fails if the name is taken, also when another process took it this instant; rename would not.
        Existing::Keep => fs::hard_link(&temporary, path),
    });
    if result.is_err() || existing == Existing::Keep {
        // Nothing of a failed attempt stays; its failure to go away is not worth hiding the first one.
        let _ = fs::remove_file(&temporary);
    }
    result?;
    sync_folder_of(path)
}

fn write_synced(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let mode = match access {
        Access::Public => 0o644,
        Access::Owner => 0o600,
    };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn temporary_beside(path: &Path) -> PathBuf {
    let mut random = [0_u8; 8];
    // Without randomness the process id keeps two of us apart; create_new keeps out everyone else.
    let _ = getrandom::fill(&mut random);
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{}.tmp", std::process::id(), hex::encode(random)));
    folder_of(path).join(name)
}

/// A new name in its folder is durable.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Done {
    fs::create_dir_all(path).map_err(|e| Failure::io(path, &e))
}

/// Makes a folder that only its owner may enter.
pub(crate) fn make_private_folder(path: &Path) -> Done {
    use std::os::unix::fs::PermissionsExt;
    make_folder(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(|e| Failure::io(path, &e))
}

/// Everything that this process writes from now on is for its owner only, also what libraries write.
pub(crate) fn keep_private() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// A new file that only its owner may read, in the place of whatever has its name: what others laid there, a link or a file of their
/// own, is not written into.
pub(crate) fn begin_anew(path: &Path) -> Done<File> {
    let begin = || {
        match fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
    };
    begin().map_err(|e| Failure::io(path, &e))
}

/// The files of a folder, sorted by name, hidden ones left out.
pub(crate) fn list(folder: &Path) -> Done<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|e| Failure::io(folder, &e))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| Failure::io(folder, &e))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Refuses early when something is in the way, before any work is done.
pub(crate) fn must_be_free(path: &Path, force: bool) -> Done {
    if !force && path != Path::new("-") && path.exists() {
        return Err(Failure::io(path, &io::Error::from(io::ErrorKind::AlreadyExists)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use yinxin_verdict::Lang;

    #[test]
    fn a_key_is_for_its_owner_and_never_replaced_unasked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.key");
        write(&path, b"one", Access::Owner, Existing::Keep).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            write(&path, b"two", Access::Owner, Existing::Keep).unwrap_err().class,
            Class::Usage
        );
        assert_eq!(fs::read(&path).unwrap(), b"one");
        write(&path, b"two", Access::Owner, Existing::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no litter");
    }

    #[test]
    fn what_begins_anew_is_not_what_others_laid_there() {
        let dir = tempfile::tempdir().unwrap();
        let [path, other] = ["out.part", "other"].map(|name| dir.path().join(name));
        fs::write(&other, "theirs").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        begin_anew(&path).unwrap().write_all(b"ours").unwrap();
        assert_eq!(fs::read(&other).unwrap(), b"theirs");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        begin_anew(&path).unwrap();
        assert_eq!(fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn text_in_another_encoding_is_named() {
        let gbk = b"name,code\n\xb9\xab\xcb\xbe,1\n";
        let said = text_of(gbk).unwrap_err().explain(Lang::En);
        assert!(said.what.contains("line 2") && said.todo.contains("GBK"), "{said:?}");
        for utf16 in [&b"\xff\xfea\0"[..], b"\xfe\xff\0a", b"n\0,\0c\0\n\0"] {
            let said = text_of(utf16).unwrap_err().explain(Lang::En);
            assert!(said.what.contains("UTF-16") && said.todo.contains("iconv"), "{said:?}");
        }
        assert_eq!(text_of(b"\xef\xbb\xbfa").unwrap(), "a");
    }
}
