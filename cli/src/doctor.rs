//! `doctor`: does this machine have what yinxin needs, and if not, what to do.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Serialize;

use crate::{
    config::{self, Config},
    fail::{Class, Done, Failure},
    ui::{self, Ui},
};

/// Disk space below which a node should not be started: a day of full blocks.
const DISK_NEEDED: u64 = 2 << 30;
/// Open files below which RocksDB and libp2p get in each other's way.
const FILES_NEEDED: u64 = 1024;
/// This program's release; a clock before it is certainly wrong.
const RELEASED_SECS: i64 = 1_790_000_000;

/// `yinxin doctor`
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// The folder whose disk is looked at, such as a node's
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// A port that shall be free; may be repeated
    #[arg(long, value_name = "PORT")]
    port: Vec<u16>,
    /// The trust folder [default: the configured one]
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    ok: bool,
    checks: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    check: &'static str,
    ok: bool,
    /// A fault that does not keep the rest from working.
    warning: bool,
    found: String,
    todo: String,
}

impl Line {
    fn good(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, ok: true, warning: false, found: found.into(), todo: String::new() }
    }

    fn bad(check: &'static str, found: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { check, ok: false, warning: false, found: found.into(), todo: todo.into() }
    }

    fn warn(self) -> Self {
        Self { warning: !self.ok, ..self }
    }
}

impl Doctor {
    /// Looks, reports, and fails if something that matters is missing.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        let mut checks = vec![
            clock(ui),
            randomness(ui),
            fonts(ui).warn(),
            disk(ui, &self.folder),
            writable(ui, &self.folder),
            open_files(ui).warn(),
            processors(ui),
        ];
        checks.extend(self.port.iter().map(|port| free_port(ui, *port)));
        checks.push(trust(ui, config.trust_folder(self.trust.as_deref()).as_deref()).warn());
        let ok = checks.iter().all(|c| c.ok || c.warning);
        let view = View { schema: "yinxin.doctor/1", ok, checks };
        ui.result(&view, |v| v.checks.iter().map(|c| line(ui, c)).collect())?;
        if ok { Ok(()) } else { Err(Failure::told(Class::Node)) }
    }
}

fn line(ui: &Ui, line: &Line) -> String {
    let mark = match (line.ok, line.warning) {
        (true, _) => "✓",
        (false, true) => "!",
        (false, false) => "✗",
    };
    let mut text = format!("{mark} {:<12} {}\n", line.check, line.found);
    if !line.todo.is_empty() {
        text.push_str(&format!("  {} {}\n", ui.pick("→", "→"), line.todo));
    }
    text
}

fn clock(ui: &Ui) -> Line {
    let now = ui::now();
    if now.as_secs() < RELEASED_SECS {
        return Line::bad(
            "clock",
            now.to_string(),
            ui.pick(
                "the clock is behind this program's release; set it (timedatectl set-ntp true)",
                "系统时间早于本程序发布时间，请校时（timedatectl set-ntp true）",
            ),
        );
    }
    Line::good("clock", now.to_string())
}

fn randomness(ui: &Ui) -> Line {
    let mut bytes = [0_u8; 32];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Line::good("randomness", ui.pick("from the operating system", "由操作系统提供")),
        Err(e) => Line::bad(
            "randomness",
            e.to_string(),
            ui.pick("no keys can be made on this system", "此系统无法生成密钥"),
        ),
    }
}

fn fonts(ui: &Ui) -> Line {
    let todo = ui.pick(
        "only needed to view documents here (ours embed their font): apt-get install fonts-noto-cjk",
        "仅在本机查看文件时需要（本系统生成的文件内嵌字体）：apt-get install fonts-noto-cjk",
    );
    let listed = Command::new("fc-list").args([":lang=zh", "family"]).output();
    match listed {
        Ok(output) if !output.stdout.is_empty() => {
            let text = String::from_utf8_lossy(&output.stdout);
            Line::good("fonts", mainland_face(&text).to_owned())
        }
        _ => Line::bad("fonts", ui.pick("no Chinese font found", "未找到中文字体"), todo),
    }
}

/// The face for mainland China: a collection has one for each place, in no order of use, and their forms of a character differ.
fn mainland_face(listed: &str) -> &str {
    let faces = listed.lines().flat_map(|line| line.split(',')).map(str::trim);
    let wanted = |face: &&str| face.ends_with(" SC") || face.contains("GB");
    faces.clone().find(wanted).or_else(|| faces.clone().next()).unwrap_or_default()
}

fn disk(ui: &Ui, folder: &Path) -> Line {
    match rustix::fs::statvfs(folder) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let found = format!("{:.1} GiB {}", gib(free), ui.pick("free", "可用"));
            if free < DISK_NEEDED {
                let todo = format!(
                    "{} {:.0} GiB",
                    ui.pick("a node should have at least", "节点至少应有可用空间"),
                    gib(DISK_NEEDED)
                );
                Line::bad("disk", found, todo)
            } else {
                Line::good("disk", found)
            }
        }
        Err(e) => Line::bad("disk", format!("{}: {e}", folder.display()), ""),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a number for people")]
fn gib(bytes: u64) -> f64 {
    bytes as f64 / (1 << 30) as f64
}

fn writable(ui: &Ui, folder: &Path) -> Line {
    let probe = folder.join(format!(".yinxin-doctor-{}", std::process::id()));
    let result = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe));
    match result {
        Ok(()) => Line::good("folder", folder.display().to_string()),
        Err(e) => Line::bad(
            "folder",
            format!("{}: {e}", folder.display()),
            ui.pick("give a folder that this user may write to", "请指定当前用户可写的文件夹"),
        ),
    }
}

fn open_files(ui: &Ui) -> Line {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let files = limit.current.unwrap_or(u64::MAX);
    let found = format!("{files} {}", ui.pick("open files allowed", "个打开文件上限"));
    if files < FILES_NEEDED {
        Line::bad("files", found, "ulimit -n 4096")
    } else {
        Line::good("files", found)
    }
}

fn processors(ui: &Ui) -> Line {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    Line::good("processors", format!("{count} {}", ui.pick("usable", "个可用")))
}

fn free_port(ui: &Ui, port: u16) -> Line {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Line::good("port", format!("{port} {}", ui.pick("free", "空闲"))),
        Err(e) => Line::bad(
            "port",
            format!("{port}: {e}"),
            ui.pick(
                "see who holds it (ss -ltnp), or choose another",
                "请查看占用者（ss -ltnp），或更换端口",
            ),
        ),
    }
}

fn trust(ui: &Ui, folder: Option<&Path>) -> Line {
    let todo = match config::folder() {
        Some(base) => format!(
            "{} {}",
            ui.pick("put certificates and genesis files into", "请将证书与创世文件放入"),
            base.join("trust").display()
        ),
        None => String::new(),
    };
    match folder {
        None => Line::bad("trust", ui.pick("no trust folder", "没有信任文件夹"), todo),
        Some(folder) => match crate::files::list(folder) {
            Ok(files) if files.is_empty() => Line::bad(
                "trust",
                format!("{}: {}", folder.display(), ui.pick("empty", "空")),
                todo,
            ),
            Ok(files) => Line::good("trust", format!("{} ({})", folder.display(), files.len())),
            Err(_) => Line::bad("trust", folder.display().to_string(), todo),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_face_for_the_mainland_is_named() {
        for (listed, face) in [
            ("Noto Serif CJK JP\nNoto Serif CJK SC\n", "Noto Serif CJK SC"),
            ("Noto Sans CJK HK,Noto Sans CJK SC", "Noto Sans CJK SC"),
            ("WenQuanYi Zen Hei\n", "WenQuanYi Zen Hei"),
            ("", ""),
        ] {
            assert_eq!(mainland_face(listed), face);
        }
    }
}
