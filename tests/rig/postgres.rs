//! A PostgreSQL server of our own, on loopback and a socket, with a password; it ends with the test.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{
    absent::absent,
    cluster::{free_ports, wait_for},
};

/// The password of its user `owner`.
pub const PASSWORD: &str = "a password of the database";

/// A running server.
pub struct Postgres {
    programs: PathBuf,
    port: u16,
    process: Child,
    user: Option<String>,
    // Dropped last.
    folder: tempfile::TempDir,
}

impl Postgres {
    /// Starts one; a line that says what is absent when there is none to start.
    ///
    /// # Panics
    /// If it is there and does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            absent("no PostgreSQL server at /usr/lib/postgresql (Debian package postgresql)");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let user = foreign_user(folder.path());
        let port = free_ports();
        let this = |program: &str| run_as(user.as_deref(), &programs.join(program));
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD).expect("a new file");
        own(user.as_deref(), folder.path());
        let data = folder.path().join("data");
        let made = this("initdb")
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=owner", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"])
            .args(["--no-sync", "--pwfile"])
            .arg(&password)
            .output()
            .expect("initdb is there");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let log = std::fs::File::create(folder.path().join("log")).expect("a log");
        let process = this("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-p", &port.to_string()])
            .arg("-k")
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("postgres is there");
        let server = Self { programs, port, process, user, folder };
        let up = wait_for(Duration::from_secs(60), || server.psql("SELECT 1").ok());
        assert!(up.is_some(), "PostgreSQL does not start:\n{}", server.log());
        Some(server)
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// Runs statements as the owner.
    ///
    /// # Errors
    /// What `psql` says.
    pub fn psql(&self, sql: &str) -> Result<String, String> {
        let out = Command::new(self.programs.join("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-U",
                "owner",
            ])
            .args(["-p", &self.port.to_string(), "-d", "postgres", "-c", sql])
            .env("PGPASSWORD", PASSWORD)
            .output()
            .map_err(|e| e.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if out.status.success() { Ok(text(&out.stdout)) } else { Err(text(&out.stderr)) }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT: open transactions are ended. The child is setpriv or the server itself, which setpriv becomes.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        let ended = wait_for(Duration::from_secs(10), || self.process.try_wait().ok().flatten());
        if ended.is_none() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
        own(self.user.as_ref().map(|_| "0"), self.folder.path());
    }
}

/// The newest version's programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<_> = versions.flatten().map(|v| v.path().join("bin")).collect();
    found.sort();
    found.into_iter().rev().find(|bin| bin.join("initdb").exists())
}

/// PostgreSQL refuses to run as root: then another user does, whoever owns the package, or nobody.
fn foreign_user(folder: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata(folder).expect("it was made").uid() != 0 {
        return None;
    }
    let out = Command::new("id").args(["-u", "postgres"]).output().ok();
    let id = out
        .filter(|o| o.status.success())
        .map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    Some(id.unwrap_or_else(|| "65534".to_owned()))
}

fn run_as(user: Option<&str>, program: &Path) -> Command {
    let Some(user) = user else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={user}")).arg("--clear-groups").arg(program);
    command
}

fn own(user: Option<&str>, folder: &Path) {
    if let Some(user) = user {
        let _ = Command::new("chown").arg("-R").arg(user).arg(folder).status();
    }
}
