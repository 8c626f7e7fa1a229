//! A folder in which the program is run as people run it: a line of words, an exit code, and what it said.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::{absent::absent, bin_dir};

/// A folder, and perhaps another user, to run `yinxin` in.
#[derive(Clone, Debug)]
pub struct Place {
    folder: PathBuf,
    program: PathBuf,
    user: Option<u32>,
    /// What the system's clock is made to say: a library, and how far off it is.
    clock: Option<(PathBuf, String)>,
}

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Said {
    /// The command line, for messages.
    pub line: String,
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// What stood on stdout.
    pub out: String,
    /// What stood on stderr.
    pub err: String,
}

impl Place {
    /// A folder that exists.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            program: bin_dir().join("yinxin"),
            user: None,
            clock: None,
        }
    }

    /// The same program as another user, in a folder of theirs.
    #[must_use]
    pub fn as_user(&self, user: u32, folder: &Path) -> Self {
        let program = self.program.clone();
        Self { folder: folder.to_owned(), program, user: Some(user), clock: None }
    }

    /// With another copy of the program: other users cannot enter the folder where cargo puts it.
    #[must_use]
    pub fn with_program(self, program: &Path) -> Self {
        Self { program: program.to_owned(), ..self }
    }

    /// The same folder at another time, such as `+5d` or `-15s`: the clock that only goes forward stays right. None, with a line
    /// that says so, without libfaketime.
    #[must_use]
    pub fn at_clock(&self, skew: &str) -> Option<Self> {
        let Some(library) = faketime() else {
            absent("no libfaketime, which gives a program a wrong clock (Debian package faketime)");
            return None;
        };
        Some(Self { clock: Some((library, skew.to_owned())), ..self.clone() })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The bytes of a file in it.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn read(&self, name: &str) -> Vec<u8> {
        let path = self.file(name);
        std::fs::read(&path).unwrap_or_else(|e| unreachable!("{}: {e}", path.display()))
    }

    /// Writes a file in it, and the folders above it.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder"))
            .and_then(|()| std::fs::write(&path, bytes))
            .unwrap_or_else(|e| unreachable!("{}: {e}", path.display()));
    }

    /// Copies a file in it.
    ///
    /// # Panics
    /// If it cannot be copied.
    pub fn copy(&self, from: &str, to: &str) {
        self.write(to, self.read(from));
    }

    /// The program with these words, not started yet; English, no configuration of whoever runs the tests.
    #[must_use]
    pub fn command<S: AsRef<std::ffi::OsStr>>(&self, words: &[S]) -> Command {
        let mut command = self.shell(&self.program);
        command.args(words);
        command
    }

    /// Any program in this folder as this user.
    #[must_use]
    pub fn shell(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = match self.user {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                let ids = [format!("--reuid={user}"), format!("--regid={user}")];
                command.args(ids).arg("--clear-groups").arg(program.as_ref());
                command
            }
        };
        command
            .current_dir(&self.folder)
            .env_remove("LC_ALL")
            .env("LANG", "C")
            .env("XDG_CONFIG_HOME", self.folder.join("config"))
            .stdin(Stdio::null());
        if let Some((library, skew)) = &self.clock {
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME", skew)
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command
    }

    /// Runs `yinxin` with the words of a line.
    ///
    /// # Panics
    /// If the program was not built.
    #[must_use]
    pub fn run(&self, line: &str) -> Said {
        let words: Vec<_> = line.split_whitespace().collect();
        let output = self
            .command(&words)
            .output()
            .expect("the program was built: cargo build -p yinxin-cli");
        Said::new(line, &output)
    }

    /// Runs it and insists that it went well; what stood on stdout.
    ///
    /// # Panics
    /// If it did not go well.
    pub fn ok(&self, line: &str) -> String {
        self.ends(line, 0, &[]).out
    }

    /// Runs it and insists on an exit code, and on words in what it says.
    ///
    /// # Panics
    /// If it ended otherwise or said other things.
    pub fn ends(&self, line: &str, code: i32, words: &[&str]) -> Said {
        let said = self.run(line);
        said.must(code, words);
        said
    }
}

/// That of Debian's package faketime, wherever this architecture keeps it.
fn faketime() -> Option<PathBuf> {
    let mut folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    folders.find_map(|f| Some(f.path().join("faketime/libfaketimeMT.so.1")).filter(|p| p.exists()))
}

impl Said {
    /// How a process ended.
    #[must_use]
    pub fn new(line: &str, output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            line: line.to_owned(),
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// Insists on an exit code and words.
    ///
    /// # Panics
    /// If it ended otherwise or said other things.
    pub fn must(&self, code: i32, words: &[&str]) {
        let Self { line, out, err, .. } = self;
        assert_eq!(self.code, Some(code), "yinxin {line}\n{out}{err}");
        for word in words {
            assert!(
                out.contains(word) || err.contains(word),
                "yinxin {line}: no {word:?} in\n{out}{err}"
            );
        }
        assert!(!err.contains("panicked"), "yinxin {line} panicked:\n{err}");
    }

    /// The result of `--json`.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| unreachable!("yinxin {}: {e}\n{}", self.line, self.out))
    }
}
