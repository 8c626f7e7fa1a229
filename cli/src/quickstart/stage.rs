//! Plays the plan: runs this very program with the planned words, keeps the nodes, and stops them whatever happens.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustix::process::{Pid, Signal, kill_process};

use super::plan::{Chapter, End, Step, command_line, resolved};
use crate::{
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
    ui::{self, Ui},
};

/// How long a node may take to stop before it is killed; a block is written in well under a second.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// What runs in the background, by its folder.
type Nodes = Arc<Mutex<BTreeMap<String, Child>>>;

/// How long a step is tried that waits for something.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the plan is played.
pub(super) struct Stage<'a> {
    ui: &'a Ui,
    folder: PathBuf,
    program: PathBuf,
    nodes: Nodes,
}

impl<'a> Stage<'a> {
    /// A stage in an empty folder. Ctrl-C takes the nodes down too.
    pub(super) fn new(ui: &'a Ui, folder: &Path) -> Done<Self> {
        let program = std::env::current_exe().map_err(|e| Failure::io(Path::new("yinxin"), &e))?;
        let nodes = Nodes::default();
        stop_on_signal(Arc::clone(&nodes))?;
        Ok(Self { ui, folder: folder.to_path_buf(), program, nodes })
    }

    /// The chapter's headline.
    pub(super) fn tell(&self, chapter: &Chapter) {
        self.ui.say(format!("\n● {}", chapter.en), format!("\n● {}", chapter.zh));
    }

    /// One step.
    pub(super) fn play(&mut self, step: &Step) -> Done {
        match step {
            Step::Run { args, expect, id } => {
                let said = self.run(args, *expect)?;
                id.as_ref().map_or(Ok(()), |file| self.keep_id(&said, file))
            }
            Step::VerifyAll => self.run(&self.verify_all()?, End::Well).map(drop),
            Step::Until(args) => self.until(args),
            Step::Start { home, args } => self.start(home, args),
            Step::Kill(home) => self.kill(home),
            Step::Stop(home) => self.end(home),
            Step::Minute(path) => {
                let now = ui::now().floor_to_second();
                let minute = now.plus_millis(-(now.as_millis() % 60_000));
                let text = format!("{minute}\n");
                files::write(
                    &self.folder.join(path),
                    text.as_bytes(),
                    Access::Public,
                    Existing::Keep,
                )
            }
            Step::Password(path) => self.password(path),
            Step::Write { path, content } => files::write(
                &self.folder.join(path),
                content.as_bytes(),
                Access::Public,
                Existing::Keep,
            ),
            Step::Copy { from, to } => {
                let bytes = files::read(&self.folder.join(from))?;
                files::write(&self.folder.join(to), &bytes, Access::Public, Existing::Replace)
            }
        }
    }

    /// Waits for Ctrl-C; the handler stops the nodes and ends the process.
    pub(super) fn keep(&self, http: &[String]) -> Done {
        self.ui.say(
            format!("The nodes keep running; the portal: {}/  (Ctrl-C stops them)", http[0]),
            format!("节点保持运行；验证门户：{}/  （按 Ctrl-C 停止）", http[0]),
        );
        loop {
            std::thread::sleep(Duration::from_secs(1));
            self.watch()?;
        }
    }

    /// Asks every node to stop and waits for it.
    pub(super) fn stop(&mut self) -> Done {
        stop_all(&self.nodes);
        Ok(())
    }

    fn run(&self, args: &[String], expect: End) -> Done<String> {
        let line = command_line(args);
        self.ui.say(format!("  $ {line}"), format!("  $ {line}"));
        let errors = match expect {
            End::Well => Stdio::inherit(),
            End::Refused { .. } => Stdio::piped(),
        };
        let (code, text) = self.call(args, errors)?;
        if code == Some(expect.code()) {
            return match expect {
                End::Refused { reason, .. }
                    if !reason.split('|').any(|word| text.contains(word)) =>
                {
                    Err(otherwise(args, reason, &text))
                }
                _ => Ok(text),
            };
        }
        self.watch()?;
        Err(unexpected(args, expect.code(), code))
    }

    /// Runs a command; its exit code, none after a signal, and what it said.
    fn call(&self, args: &[String], errors: Stdio) -> Done<(Option<u8>, String)> {
        let lang = self.ui.lang.pick("en", "zh");
        let read = |file: &str| files::read_text(&self.folder.join(file));
        let args: Vec<String> = args.iter().map(|a| resolved(a, read)).collect::<Done<_>>()?;
        let mut command = Command::new(&self.program);
        command.args(args).args(["--lang", lang]).current_dir(&self.folder).stdin(Stdio::null());
        // The children's results are talk here: this command's own result is the folder.
        command.stdout(Stdio::piped());
        if self.ui.quiet || self.ui.json {
            command.arg("--quiet");
        }
        let output = command.stderr(errors).output().map_err(|e| Failure::io(&self.program, &e))?;
        // Errors are among it where they were not shown at once.
        let said = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&said).into_owned();
        for line in gist(&text) {
            self.ui.say(format!("    {line}"), format!("    {line}"));
        }
        Ok((output.status.code().and_then(|c| u8::try_from(c).ok()), text))
    }

    /// Once a second until it ends well.
    fn until(&self, args: &[String]) -> Done {
        let line = command_line(args);
        self.ui.say(format!("  $ until {line}"), format!("  $ until {line}"));
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Why it does not end well yet is not told each time.
            let (code, _) = self.call(args, Stdio::null())?;
            match code {
                Some(0) => return Ok(()),
                _ if Instant::now() > deadline => return Err(unexpected(args, 0, code)),
                _ => std::thread::sleep(Duration::from_secs(1)),
            }
            self.watch()?;
        }
    }

    /// What stands before the colon of the first line.
    fn keep_id(&self, said: &str, file: &str) -> Done {
        let first = said.lines().next().and_then(|line| line.split_once(": "));
        let Some((id, _)) = first else {
            return Err(Failure::bug(format!("no number in {said:?}")));
        };
        let path = self.folder.join(file);
        files::write(&path, format!("{id}\n").as_bytes(), Access::Public, Existing::Keep)
    }

    fn verify_all(&self) -> Done<Vec<String>> {
        let mut args: Vec<String> =
            ["verify", "--brief", "--trust", "trust"].iter().map(|w| (*w).to_owned()).collect();
        for path in files::list(&self.folder.join("licences"))? {
            if let Some(name) = path.file_name() {
                args.push(format!("licences/{}", name.to_string_lossy()));
            }
        }
        Ok(args)
    }

    fn start(&self, home: &str, args: &[String]) -> Done {
        let line = command_line(args);
        self.ui.say(format!("  $ {line} &"), format!("  $ {line} &"));
        let read = |file: &str| files::read_text(&self.folder.join(file));
        let args: Vec<String> = args.iter().map(|a| resolved(a, read)).collect::<Done<_>>()?;
        files::make_folder(&self.folder.join(home))?;
        let log = self.folder.join(home).join("log");
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(|e| Failure::io(&log, &e))?;
        let child = Command::new(&self.program)
            .args(args)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|e| Failure::io(&self.program, &e))?;
        let pid = format!("{}\n", child.id());
        files::write(
            &self.folder.join(home).join("pid"),
            pid.as_bytes(),
            Access::Public,
            Existing::Replace,
        )?;
        lock(&self.nodes).insert(home.to_owned(), child);
        Ok(())
    }

    fn kill(&self, home: &str) -> Done {
        let line = format!("  $ kill -9 $(cat {home}/pid)");
        self.ui.say(line.clone(), line);
        if let Some(mut child) = lock(&self.nodes).remove(home) {
            child
                .kill()
                .and_then(|()| child.wait())
                .map_err(|e| Failure::io(Path::new("kill"), &e))?;
        }
        Ok(())
    }

    fn end(&self, home: &str) -> Done {
        let line = format!("  $ kill $(cat {home}/pid)");
        self.ui.say(line.clone(), line);
        let ended = lock(&self.nodes).remove(home);
        stop_all(&Arc::new(Mutex::new(ended.map(|c| (home.to_owned(), c)).into_iter().collect())));
        Ok(())
    }

    fn password(&self, path: &str) -> Done {
        let mut random = [0_u8; 24];
        getrandom::fill(&mut random).map_err(|e| Failure::bug(format!("randomness: {e}")))?;
        let line = format!("{}\n", STANDARD.encode(random));
        files::write(&self.folder.join(path), line.as_bytes(), Access::Owner, Existing::Keep)
    }

    /// A node that ended on its own is the reason of what fails next: say so, with the end of its log.
    fn watch(&self) -> Done {
        for (n, child) in lock(&self.nodes).iter_mut() {
            if let Ok(Some(status)) = child.try_wait() {
                let log = self.folder.join(n).join("log");
                let tail = last_lines(&log, 5);
                return Err(Failure::new(
                    Class::Node,
                    format!("{n} ended ({status}):\n{tail}"),
                    format!("{n} 已退出（{status}）：\n{tail}"),
                )
                .todo(format!("read {}", log.display()), format!("请查看 {}", log.display())));
            }
        }
        Ok(())
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        stop_all(&self.nodes);
    }
}

/// The first lines and the last: the whole is in the files.
fn gist(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    if let Some(end) = lines.len().checked_sub(1).filter(|end| *end > 5) {
        drop(lines.splice(4..end, ["…"]));
    }
    lines
}

fn unexpected(args: &[String], expect: u8, code: Option<u8>) -> Failure {
    let line = command_line(args);
    let code = code.map_or_else(|| String::from("a signal"), |c| c.to_string());
    Failure::new(
        Class::Internal,
        format!("{line}: expected exit code {expect}, got {code}"),
        format!("{line}：退出码应为 {expect}，实为 {code}"),
    )
}

fn otherwise(args: &[String], reason: &str, said: &str) -> Failure {
    let line = command_line(args);
    Failure::new(
        Class::Internal,
        format!("{line}: expected to be refused for {reason}, got: {said}"),
        format!("{line}：应以 {reason} 为由被拒绝，实为：{said}"),
    )
}

fn lock(nodes: &Nodes) -> std::sync::MutexGuard<'_, BTreeMap<String, Child>> {
    // A panic elsewhere must not keep the nodes from being stopped.
    nodes.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stop_all(nodes: &Nodes) {
    let mut children = std::mem::take(&mut *lock(nodes));
    for child in children.values() {
        let _ = kill_process(Pid::from_child(child), Signal::TERM);
    }
    let deadline = Instant::now() + STOP_PATIENCE;
    for child in children.values_mut() {
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// A thread that waits for SIGINT or SIGTERM, stops the nodes, and ends the process as a shell would.
fn stop_on_signal(nodes: Nodes) -> Done {
    let failed = |e: std::io::Error| Failure::bug(format!("signals: {e}"));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    std::thread::spawn(move || {
        let code = runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut int), Ok(mut term)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return 70;
            };
            tokio::select! { _ = int.recv() => 0, _ = term.recv() => 143 }
        });
        stop_all(&nodes);
        std::process::exit(code);
    });
    Ok(())
}

fn last_lines(path: &Path, count: usize) -> String {
    use std::io::{Read, Seek, SeekFrom};
    let mut text = Vec::new();
    if let Ok(mut file) = File::open(path) {
        // The end is enough: a log may be long.
        let _ = file.seek(SeekFrom::End(-4096)).or_else(|_| file.seek(SeekFrom::Start(0)));
        let _ = file.take(4096).read_to_end(&mut text);
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
