//! What a command ends with when it does not end well: what went wrong, what to do, and the exit code of its class.

use std::{fmt, io, path::Path};

use yinxin_verdict::{Explain, Explanation, Lang, Verdict};

/// The class of a failure; its number is the process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::exhaustive_enums, reason = "the exit codes are a published table")]
pub(crate) enum Class {
    /// A check failed.
    Invalid = 1,
    /// The command line, or a file that it names, is not usable.
    Usage = 2,
    /// A check could not be decided.
    Indeterminate = 3,
    /// The input is not what it claims to be.
    Malformed = 4,
    /// The network, a node, or the machine (port, disk) did not do its part.
    Node = 5,
    /// A key, a password or a permission.
    Key = 6,
    /// The members took this node off the ledger's list: starting it again is no use.
    Removed = 7,
    /// A bug of ours.
    Internal = 70,
}

impl Class {
    /// The exit code.
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    /// A stable word for `--json`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Usage => "usage",
            Self::Indeterminate => "indeterminate",
            Self::Malformed => "malformed",
            Self::Node => "node",
            Self::Key => "key",
            Self::Removed => "removed",
            Self::Internal => "internal",
        }
    }

    /// The class of a verdict that is not VALID.
    pub(crate) const fn of(verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::Valid => None,
            Verdict::Indeterminate => Some(Self::Indeterminate),
            Verdict::Invalid => Some(Self::Invalid),
        }
    }
}

/// A command's failure, in both languages, since only the edge knows the reader's.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// Decides the exit code.
    pub(crate) class: Class,
    /// The result was already printed (a report, say): only the exit code is left to give.
    pub(crate) told: bool,
    en: Explanation,
    zh: Explanation,
    /// Files and lines that it happened at, outermost first.
    places: Vec<String>,
}

/// What every command returns.
pub(crate) type Done<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure in our own words.
    pub(crate) fn new(class: Class, en: impl Into<String>, zh: impl Into<String>) -> Self {
        let plain = |what: String| Explanation { what, todo: String::new() };
        Self { class, told: false, en: plain(en.into()), zh: plain(zh.into()), places: Vec::new() }
    }

    /// A failure that a library explains.
    pub(crate) fn of(class: Class, error: &impl Explain) -> Self {
        Self {
            class,
            told: false,
            en: error.explain(Lang::En),
            zh: error.explain(Lang::Zh),
            places: Vec::new(),
        }
    }

    /// The exit code of a result that is already on stdout.
    pub(crate) fn told(class: Class) -> Self {
        Self { told: true, ..Self::new(class, "", "") }
    }

    /// A bug: a state that our own code should have excluded.
    pub(crate) fn bug(what: impl fmt::Display) -> Self {
        Self::new(Class::Internal, format!("internal error: {what}"), format!("内部错误：{what}"))
            .todo("please report this with the command line", "请附上命令行报告此问题")
    }

    /// With what the reader can do.
    pub(crate) fn todo(mut self, en: impl Into<String>, zh: impl Into<String>) -> Self {
        self.en.todo = en.into();
        self.zh.todo = zh.into();
        self
    }

    /// With where it happened.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.places.insert(0, place.to_string());
        self
    }

    /// The failure in words, with its places in front.
    pub(crate) fn explain(&self, lang: Lang) -> Explanation {
        let Explanation { what, todo } = match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        };
        let mut full = String::new();
        for place in &self.places {
            full.push_str(place);
            full.push_str(lang.pick(": ", "："));
        }
        full.push_str(what);
        Explanation { what: full, todo: todo.clone() }
    }

    /// An operating system's refusal about a file, told with what to do.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        match error.kind() {
            io::ErrorKind::NotFound => Self::new(
                Class::Usage,
                format!("{path}: no such file or folder"),
                format!("{path}：文件或文件夹不存在"),
            )
            .todo("check the path", "请检查路径"),
            io::ErrorKind::PermissionDenied => Self::new(
                Class::Key,
                format!("{path}: permission denied"),
                format!("{path}：没有权限"),
            )
            .todo(
                "run as the user that owns the file, or correct its permissions",
                "请以文件所有者的身份运行，或更正文件权限",
            ),
            io::ErrorKind::AlreadyExists => Self::new(
                Class::Usage,
                format!("{path} exists already and is left as it is"),
                format!("{path} 已存在，未作改动"),
            )
            .todo("give another name, or --force to replace it", "请换一个名称，或用 --force 覆盖"),
            io::ErrorKind::IsADirectory => Self::new(
                Class::Usage,
                format!("{path} is a folder, expected a file"),
                format!("{path} 是文件夹，应为文件"),
            )
            .todo(format!("name the files in it: {path}/*"), format!("请指定其中的文件：{path}/*")),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::new(
                Class::Node,
                format!("{path}: the disk is full; nothing was changed"),
                format!("{path}：磁盘已满，未作改动"),
            )
            .todo(
                "free some space and run the same command again",
                "请释放磁盘空间后重新执行同一命令",
            ),
            io::ErrorKind::AddrInUse => Self::new(
                Class::Node,
                format!("{path}: port in use"),
                format!("{path}：端口已被占用"),
            ),
            _ => Self::new(Class::Node, format!("{path}: {error}"), format!("{path}：{error}")),
        }
    }
}

/// Adds where it happened to any result of ours.
pub(crate) trait At<T> {
    /// `place: what went wrong`.
    fn at(self, place: impl fmt::Display) -> Done<T>;
}

impl<T> At<T> for Done<T> {
    fn at(self, place: impl fmt::Display) -> Self {
        self.map_err(|f| f.at(place))
    }
}

/// Turns a library's error into a failure of a class.
pub(crate) trait Classed<T> {
    /// The error is of this class.
    fn class(self, class: Class) -> Done<T>;
}

impl<T, E: Explain> Classed<T> for Result<T, E> {
    fn class(self, class: Class) -> Done<T> {
        self.map_err(|e| Failure::of(class, &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_io_error_names_its_file_and_class() {
        for (kind, class) in [
            (io::ErrorKind::NotFound, Class::Usage),
            (io::ErrorKind::IsADirectory, Class::Usage),
            (io::ErrorKind::PermissionDenied, Class::Key),
            (io::ErrorKind::StorageFull, Class::Node),
            (io::ErrorKind::AddrInUse, Class::Node),
            (io::ErrorKind::Other, Class::Node),
        ] {
            let failure = Failure::io(Path::new("a.ofd"), &io::Error::from(kind));
            assert_eq!(failure.class, class, "{kind}");
            for lang in [Lang::En, Lang::Zh] {
                assert!(failure.explain(lang).what.contains("a.ofd"));
            }
        }
    }

    #[test]
    fn places_stand_outermost_first() {
        let f = Failure::new(Class::Malformed, "bad", "坏").at("line 3").at("rows.csv");
        assert_eq!(f.explain(Lang::En).what, "rows.csv: line 3: bad");
        assert_eq!(f.explain(Lang::Zh).what, "rows.csv：line 3：坏");
    }
}
