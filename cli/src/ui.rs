//! How the program speaks: results on stdout, talk on stderr, in the reader's language, as text or JSON.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use yinxin_verdict::{Lang, UnixTime, shown_lines};

use crate::fail::{Class, Done, Failure};

/// What the user asked about the way of speaking, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ui {
    /// The reader's language.
    pub(crate) lang: Lang,
    /// Results as JSON.
    pub(crate) json: bool,
    /// No talk on stderr but errors.
    pub(crate) quiet: bool,
}

impl Ui {
    /// The text in the reader's language.
    pub(crate) fn pick<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        self.lang.pick(en, zh)
    }

    /// Prints a command's result: the view as JSON with `--json`, else the text made of it.
    pub(crate) fn result<V: Serialize>(&self, view: &V, text: impl FnOnce(&V) -> String) -> Done {
        let mut line = if self.json {
            serde_json::to_string_pretty(view).map_err(|e| Failure::bug(format!("JSON: {e}")))?
        } else {
            shown_lines(&text(view)).into_owned()
        };
        if !line.is_empty() && !line.ends_with('\n') {
            line.push('\n');
        }
        write_stdout(line.as_bytes())
    }

    /// Talk, on stderr, unless `--quiet`.
    pub(crate) fn say(&self, en: impl AsRef<str>, zh: impl AsRef<str>) {
        if !self.quiet {
            anstream::eprintln!("{}", shown_lines(self.lang.pick(en.as_ref(), zh.as_ref())));
        }
    }

    /// How far long work is, a line at a time, where no bar is drawn because stderr is no terminal: in a log. Neither with `--json`.
    pub(crate) fn log(&self, en: impl AsRef<str>, zh: impl AsRef<str>) {
        if !self.json && !io::stderr().is_terminal() {
            self.say(en, zh);
        }
    }

    /// A failure, on stderr: JSON with `--json`.
    pub(crate) fn failure(&self, failure: &Failure) {
        if failure.told {
            return;
        }
        let words = failure.explain(self.lang);
        if self.json {
            let view = ErrorView {
                schema: "yinxin.error/1",
                class: failure.class.word(),
                code: failure.class.code(),
                what: &words.what,
                todo: &words.todo,
            };
            if let Ok(line) = serde_json::to_string(&view) {
                anstream::eprintln!("{line}");
            }
            return;
        }
        let (bold, dim, off) = ("\x1b[1;31m", "\x1b[2m", "\x1b[0m");
        let (what, todo) = (shown_lines(&words.what), shown_lines(&words.todo));
        anstream::eprintln!("{bold}{}{off}{what}", self.pick("error: ", "错误："));
        if !todo.is_empty() {
            anstream::eprintln!("{dim}  → {off}{todo}");
        }
    }

    /// A bar for work of `len` steps; shown on a terminal only, and only once a second has passed.
    pub(crate) fn progress(&self, len: u64, en: &str, zh: &str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(len), self.draw_target());
        if let Ok(style) =
            ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {per_sec} {eta}")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(self.lang.pick(en, zh).to_owned());
        bar
    }

    /// A line with a moving sign for work of unknown length.
    pub(crate) fn spinner(&self, en: &str, zh: &str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, self.draw_target());
        bar.set_message(self.lang.pick(en, zh).to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    fn draw_target(&self) -> ProgressDrawTarget {
        if self.quiet || self.json || !io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(8)
        }
    }
}

#[derive(Serialize)]
struct ErrorView<'a> {
    schema: &'static str,
    class: &'static str,
    code: u8,
    what: &'a str,
    todo: &'a str,
}

/// Writes to stdout; a reader that went away (`| head`) is no failure of ours.
pub(crate) fn write_stdout(bytes: &[u8]) -> Done {
    let mut out = anstream::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(e) => Err(Failure::new(Class::Node, format!("stdout: {e}"), format!("标准输出：{e}"))),
    }
}

/// Writes raw bytes (a certificate, a file) to stdout, past any colour stripping.
pub(crate) fn write_raw_stdout(bytes: &[u8]) -> Done {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Class::Node, format!("stdout: {e}"), format!("标准输出：{e}")))
        }
        _ => Ok(()),
    }
}

/// The language by `LC_ALL`, `LC_MESSAGES`, `LANG`, in POSIX's order.
pub(crate) fn lang_of_environment() -> Lang {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .map_or(Lang::En, |value| Lang::from_locale(&value))
}

/// The clock. Everything below the command line gets the time as an argument.
pub(crate) fn now() -> UnixTime {
    UnixTime::system_now()
}
