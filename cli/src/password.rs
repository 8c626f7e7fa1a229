//! Passwords: from a file, a file descriptor, or a terminal; never from argv or the environment, where others can see them.

use std::{
    io::{self, BufRead, BufReader, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::{
    fail::{Class, Done, Failure},
    ui::Ui,
};

/// A password, wiped after use.
pub(crate) type Password = Zeroizing<Vec<u8>>;

/// The longest password; more is a file given by mistake.
const MAX_PASSWORD: u64 = 1024;

/// Where the key's password comes from.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct PasswordArgs {
    /// Read the key's password from the first line of this file
    #[arg(long, value_name = "FILE", conflicts_with = "password_fd")]
    pub(crate) password_file: Option<PathBuf>,
    /// Read the key's password from this open file descriptor
    #[arg(long, value_name = "N")]
    pub(crate) password_fd: Option<u32>,
}

impl PasswordArgs {
    /// From a file only.
    pub(crate) fn file(path: Option<PathBuf>) -> Self {
        Self { password_file: path, password_fd: None }
    }

    /// The password that opens an existing key.
    pub(crate) fn read(&self, ui: &Ui, whose: &Path) -> Done<Password> {
        match self.given()? {
            Some(password) => Ok(password),
            None => prompt(&format!("{} {}", ui.pick("Password of", "密码："), whose.display())),
        }
    }

    /// A new key's password: asked twice when typed, since a slip would lose the key.
    pub(crate) fn choose(&self, ui: &Ui, whose: &Path) -> Done<Password> {
        if let Some(password) = self.given()? {
            return Ok(password);
        }
        let first =
            prompt(&format!("{} {}", ui.pick("New password for", "设置密码："), whose.display()))?;
        let second = prompt(ui.pick("Again", "再次输入"))?;
        if first != second {
            return Err(Failure::new(
                Class::Key,
                "the two passwords differ",
                "两次输入的密码不一致",
            ));
        }
        Ok(first)
    }

    fn given(&self) -> Done<Option<Password>> {
        let path = match (&self.password_file, self.password_fd) {
            (Some(path), _) => path.clone(),
            (None, Some(n)) => PathBuf::from(format!("/dev/fd/{n}")),
            (None, None) => return Ok(None),
        };
        let file = std::fs::File::open(&path).map_err(|e| Failure::io(&path, &e))?;
        first_line(file)
            .map_err(|e| Failure::io(&path, &e))
            .and_then(|p| not_empty(p, &path))
            .map(Some)
    }
}

fn first_line(source: impl Read) -> io::Result<Password> {
    // Wiped as a whole; a growing Vec would leave copies behind.
    let mut line =
        Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_PASSWORD).unwrap_or(1024) + 1));
    BufReader::new(source.take(MAX_PASSWORD)).read_until(b'\n', &mut line)?;
    while line.last().is_some_and(|b| *b == b'\n' || *b == b'\r') {
        line.pop();
    }
    Ok(line)
}

fn not_empty(password: Password, path: &Path) -> Done<Password> {
    if password.is_empty() {
        return Err(Failure::new(
            Class::Key,
            format!("{}: the first line, the password, is empty", path.display()),
            format!("{}：首行密码为空", path.display()),
        ));
    }
    Ok(password)
}

fn prompt(question: &str) -> Done<Password> {
    let stdin = io::stdin();
    if !stdin.is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::new(
            Class::Key,
            "a password is needed and there is no terminal to ask at",
            "需要密码，但当前没有可供输入的终端",
        )
        .todo(
            "give --password-file FILE or --password-fd N",
            "请使用 --password-file 文件 或 --password-fd N",
        ));
    }
    eprint!("{question}: ");
    let _ = io::stderr().flush();
    let shown = tcgetattr(&stdin).map_err(|e| tty(&e.into()))?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden).map_err(|e| tty(&e.into()))?;
    let line = first_line(stdin.lock());
    let restored = tcsetattr(&stdin, OptionalActions::Now, &shown);
    eprintln!();
    restored.map_err(|e| tty(&e.into()))?;
    let password = line.map_err(|e| tty(&e))?;
    not_empty(password, Path::new("tty"))
}

fn tty(error: &io::Error) -> Failure {
    Failure::io(Path::new("tty"), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_counts() {
        for (text, password) in
            [("abc\n", "abc"), ("abc", "abc"), ("abc\r\ndef\n", "abc"), ("a b \n", "a b ")]
        {
            assert_eq!(*first_line(text.as_bytes()).unwrap(), password.as_bytes());
        }
    }

    #[test]
    fn an_empty_password_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        std::fs::write(&path, "\n").unwrap();
        assert_eq!(PasswordArgs::file(Some(path)).given().unwrap_err().class, Class::Key);
    }
}
