//! What quickstart does, as data: chapters of steps, each one a public command or a plain file operation.

use yinxin_verdict::Lang;

/// One thing to do. Paths are relative to the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Run `yinxin ARGS` and expect it to end as said. `{FILE}` within a word stands for what the file says; with `id`, what stands
    /// before the colon of the first line goes into that file.
    Run { args: Vec<String>, expect: End, id: Option<String> },
    /// Run `yinxin ARGS` once a second until it ends well, two minutes at most.
    Until(Vec<String>),
    /// Start `yinxin ARGS` in the background; its log and number lie in this folder.
    Start { home: String, args: Vec<String> },
    /// Kill what was started there without a warning, as a power cut would.
    Kill(String),
    /// Ask what was started there to stop, and wait for it.
    Stop(String),
    /// Write the minute that has begun: all before it are over.
    Minute(String),
    /// Make a random password file.
    Password(String),
    /// Write a file that ships with the program.
    Write { path: String, content: String },
    /// Copy a file.
    Copy { from: String, to: String },
    /// Verify every licence in `licences/`.
    VerifyAll,
}

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Well,
    /// Refused: its exit code, and the reason's code, which stands in what it says in any language; where a reason has no code, the words
    /// of each language with `|` between them.
    Refused {
        code: u8,
        reason: &'static str,
    },
}

impl End {
    /// The exit code.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Refused { code, .. } => code,
        }
    }
}

/// Steps with a headline.
#[derive(Clone, Debug)]
pub(super) struct Chapter {
    pub(super) en: String,
    pub(super) zh: String,
    pub(super) steps: Vec<Step>,
}

/// The whole.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) folder: String,
    /// The nodes' HTTP addresses.
    pub(super) http: Vec<String>,
    pub(super) chapters: Vec<Chapter>,
}

/// Steps under a headline in both languages.
pub(super) fn chapter(en: &str, zh: &str, steps: Vec<Step>) -> Chapter {
    Chapter { en: en.to_owned(), zh: zh.to_owned(), steps }
}

pub(super) fn run(command: &str) -> Step {
    Step::Run { args: words(command), expect: End::Well, id: None }
}

/// A command one of whose words holds spaces: given apart.
pub(super) fn run_words(words: &[&str]) -> Step {
    Step::Run { args: words.iter().map(|w| (*w).to_owned()).collect(), expect: End::Well, id: None }
}

/// The words of a command none of which holds spaces.
pub(super) fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(str::to_owned).collect()
}

impl Step {
    /// A node of the consortium.
    pub(super) fn node(n: usize) -> Self {
        let home = format!("nodes/{n}");
        Self::Start { args: words(&format!("node run {home}")), home }
    }

    /// The same command, whose subject's number is kept in a file.
    pub(super) fn keeping(self, file: &str) -> Self {
        match self {
            Self::Run { args, expect, .. } => Self::Run { args, expect, id: Some(file.to_owned()) },
            other => other,
        }
    }

    /// A file that ships with the program.
    pub(super) fn write(path: &str, content: &str) -> Self {
        Self::Write { path: path.to_owned(), content: content.to_owned() }
    }

    /// A copy.
    pub(super) fn copy(from: &str, to: &str) -> Self {
        Self::Copy { from: from.to_owned(), to: to.to_owned() }
    }

    /// The same command, expected to be refused with this exit code, for this reason.
    pub(super) fn refused(self, code: u8, reason: &'static str) -> Self {
        match self {
            Self::Run { args, id, .. } => {
                Self::Run { args, expect: End::Refused { code, reason }, id }
            }
            other => other,
        }
    }
}

impl Plan {
    /// The plan as a shell script.
    pub(super) fn to_shell(&self, lang: Lang) -> String {
        let mut out = String::from("#!/bin/sh\n# yinxin quickstart --show\nset -eu\n");
        out.push_str(&format!("mkdir -p {0}\ncd {0}\n", quoted(&self.folder)));
        out.push_str("trap 'kill $(cat */pid nodes/*/pid 2>/dev/null) 2>/dev/null || true' EXIT\n");
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
            Self::Run { args, id: Some(file), .. } => format!(
                "{}said=$({}); printf '%s\\n' \"$said\" | sed -n '1s/: .*//p' > {}",
                made(file),
                command_line(args),
                quoted(file)
            ),
            Self::Run { args, expect: End::Well, id: None } => command_line(args),
            Self::Run { args, expect: End::Refused { code, reason }, id: None } => format!(
                "code=0; said=$({} 2>&1) || code=$?; printf '%s\\n' \"$said\"; test $code -eq {code}; printf '%s\\n' \"$said\" | grep -q -E {}",
                command_line(args),
                quoted(reason)
            ),
            Self::Until(args) => format!(
                "n=0; until {} 2> /dev/null; do n=$((n + 1)); test $n -lt 120; sleep 1; done",
                command_line(args)
            ),
            Self::Start { home, args } => {
                format!(
                    "mkdir -p {home}; {} 2>> {home}/log & echo $! > {home}/pid",
                    command_line(args)
                )
            }
            Self::Kill(home) => format!("kill -9 $(cat {home}/pid)"),
            Self::Stop(home) => {
                format!("kill $(cat {home}/pid); wait $(cat {home}/pid) || true; rm {home}/pid")
            }
            Self::Minute(path) => format!("date -u +%Y-%m-%dT%H:%M:00Z > {}", quoted(path)),
            Self::Password(path) => format!(
                "mkdir -p $(dirname {0}); (umask 077; head -c 24 /dev/urandom | base64 > {0})",
                quoted(path)
            ),
            Self::Write { path, content } => {
                format!(
                    "{}cat > {} <<'END_OF_FILE'\n{content}END_OF_FILE",
                    made(path),
                    quoted(path)
                )
            }
            Self::Copy { from, to } => {
                format!("mkdir -p $(dirname {1}); cp {0} {1}", quoted(from), quoted(to))
            }
            Self::VerifyAll => String::from("yinxin verify --brief --trust trust licences/*.ofd"),
        }
    }
}

/// The command that makes the folder of a file, if it has one.
fn made(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) => format!("mkdir -p {}; ", quoted(folder)),
        None => String::new(),
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
    if let Some((before, file, after)) = reference(word) {
        return format!("{}\"$(cat {file})\"{}", quoted_rest(before), quoted_rest(after));
    }
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=@+*".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn quoted_rest(part: &str) -> String {
    if part.is_empty() { String::new() } else { quoted(part) }
}

/// What stands before, within and after the braces of a word that refers to a file.
fn reference(word: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = word.split_once('{')?;
    let (file, after) = rest.split_once('}')?;
    Some((before, file, after))
}

/// A word with what its file says, by whoever can read files.
pub(super) fn resolved<E>(
    word: &str,
    read: impl Fn(&str) -> Result<String, E>,
) -> Result<String, E> {
    match reference(word) {
        Some((before, file, after)) => Ok(format!("{before}{}{after}", read(file)?.trim_end())),
        None => Ok(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_says_the_same_in_shell() {
        let asked = run("data request R --until 2027-01-01").keeping("ids/tax");
        assert_eq!(
            asked.to_shell(),
            r#"mkdir -p ids; said=$(yinxin data request R --until 2027-01-01); printf '%s\n' "$said" | sed -n '1s/: .*//p' > ids/tax"#
        );
        let granted = run("data deliver e --to {ids/tax}=bank.cer");
        assert_eq!(granted.to_shell(), r#"yinxin data deliver e --to "$(cat ids/tax)"=bank.cer"#);
        let refused = run("data fetch R").refused(6, "no-grant");
        assert_eq!(
            refused.to_shell(),
            r#"code=0; said=$(yinxin data fetch R 2>&1) || code=$?; printf '%s\n' "$said"; test $code -eq 6; printf '%s\n' "$said" | grep -q -E no-grant"#
        );
        let read = |file: &str| -> Result<String, ()> { Ok(format!("<{file}>\n")) };
        assert_eq!(resolved("{ids/tax}=bank.cer", read), Ok("<ids/tax>=bank.cer".to_owned()));
        assert_eq!(resolved("plain", read), Ok("plain".to_owned()));
    }
}
