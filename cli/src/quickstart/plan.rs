//! What quickstart does, as data: chapters of steps, each one a public command or a plain file operation.

use std::path::Path;

use yinxin_verdict::Lang;

use super::{Ports, chapters};

/// One thing to do. Paths are relative to the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Run `yinxin ARGS` and expect this exit code.
    Run { args: Vec<String>, expect: u8 },
    /// Start `yinxin node run` in the background, by this number.
    Start(usize),
    /// Kill that node without a warning, as a power cut would.
    Kill(usize),
    /// Make a random password file.
    Password(String),
    /// Write a file that ships with the program.
    Write { path: String, content: String },
    /// Copy a file.
    Copy { from: String, to: String },
    /// Verify every licence in `licences/`.
    VerifyAll,
}

/// Steps with a headline.
#[derive(Clone, Debug)]
pub(super) struct Chapter {
    pub(super) en: &'static str,
    pub(super) zh: &'static str,
    pub(super) steps: Vec<Step>,
}

/// The whole.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) folder: String,
    pub(super) licences: usize,
    /// The nodes' HTTP addresses.
    pub(super) http: Vec<String>,
    pub(super) chapters: Vec<Chapter>,
}

/// A department of the sample: name, unified social credit code, what it may do.
pub(super) struct Department {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    pub(super) powers: &'static str,
}

/// Invented departments; the codes have right check characters and belong to nobody.
pub(super) const DEPARTMENTS: [Department; 4] = [
    Department {
        name: "示范市市场监督管理局",
        code: "11990100MB0A00018B",
        powers: "licence-types,licences,anchor",
    },
    Department { name: "示范市公安局", code: "11990100MB0A000266", powers: "seals,anchor" },
    Department {
        name: "示范市大数据管理局",
        code: "11990100MB0A000341",
        powers: "certificates,anchor",
    },
    Department { name: "示范市税务局", code: "11990100MB0A00042U", powers: "anchor" },
];

pub(super) fn run(command: &str) -> Step {
    Step::Run { args: command.split_whitespace().map(str::to_owned).collect(), expect: 0 }
}

/// A command one of whose words holds spaces: given apart.
pub(super) fn run_words(words: &[&str]) -> Step {
    Step::Run { args: words.iter().map(|w| (*w).to_owned()).collect(), expect: 0 }
}

impl Step {
    /// A file that ships with the program.
    pub(super) fn write(path: &str, content: &str) -> Self {
        Self::Write { path: path.to_owned(), content: content.to_owned() }
    }

    /// A copy.
    pub(super) fn copy(from: &str, to: &str) -> Self {
        Self::Copy { from: from.to_owned(), to: to.to_owned() }
    }

    /// The same command, expected to end with this code.
    pub(super) fn expecting(self, code: u8) -> Self {
        match self {
            Self::Run { args, .. } => Self::Run { args, expect: code },
            other => other,
        }
    }
}

impl Plan {
    /// The plan for a folder and free ports.
    pub(super) fn new(folder: &Path, ports: &Ports, licences: usize) -> Self {
        let http: Vec<String> =
            ports.http.iter().map(|p| format!("http://127.0.0.1:{p}")).collect();
        let chapters = vec![
            chapters::authorities(),
            chapters::departments(ports),
            chapters::genesis(),
            chapters::start(&http),
            chapters::seals(&http[0]),
            chapters::issue(&http[0], licences),
            chapters::verify(),
            chapters::revoke(&http[0]),
            chapters::outage(&http),
            chapters::finish(&http),
        ];
        Self { folder: folder.display().to_string(), licences, http, chapters }
    }

    /// The plan as a shell script.
    pub(super) fn to_shell(&self, lang: Lang) -> String {
        let mut out = String::from("#!/bin/sh\n# yinxin quickstart --show\nset -eu\n");
        out.push_str(&format!("mkdir -p {0}\ncd {0}\n", quoted(&self.folder)));
        out.push_str("trap 'kill $(cat nodes/*/pid 2>/dev/null) 2>/dev/null || true' EXIT\n");
        for Chapter { en, zh, steps } in &self.chapters {
            out.push_str(&format!("\n# {}\n", lang.pick(en, zh)));
            for step in steps {
                out.push_str(&step.to_shell());
                out.push('\n');
            }
        }
        out
    }
}

impl Step {
    /// The step as a line of shell.
    pub(super) fn to_shell(&self) -> String {
        match self {
            Self::Run { args, expect: 0 } => command_line(args),
            Self::Run { args, expect } => {
                format!("code=0; {} || code=$?; test $code -eq {expect}", command_line(args))
            }
            Self::Start(n) => {
                format!("yinxin node run nodes/{n} 2>> nodes/{n}/log & echo $! > nodes/{n}/pid")
            }
            Self::Kill(n) => format!("kill -9 $(cat nodes/{n}/pid)"),
            Self::Password(path) => format!(
                "mkdir -p $(dirname {0}); (umask 077; head -c 24 /dev/urandom | base64 > {0})",
                quoted(path)
            ),
            Self::Write { path, content } => {
                format!("cat > {} <<'END_OF_FILE'\n{content}END_OF_FILE", quoted(path))
            }
            Self::Copy { from, to } => {
                format!("mkdir -p $(dirname {1}); cp {0} {1}", quoted(from), quoted(to))
            }
            Self::VerifyAll => String::from("yinxin verify --brief --trust trust licences/*.ofd"),
        }
    }
}

/// `yinxin ARGS`, quoted for the shell.
pub(super) fn command_line(args: &[String]) -> String {
    let mut line = String::from("yinxin");
    for arg in args {
        line.push(' ');
        line.push_str(&quoted(arg));
    }
    line
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=@+*".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
