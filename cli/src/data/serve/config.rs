//! What is served, and from where: the server's settings.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use yinxin_gm::Digest;
use yinxin_record::ResourceCode;
use yinxin_sharing::{
    catalogue::{Columns, Resource, from_dcat, read_csv},
    envelope::ChunkSize,
};

use super::{
    database::{Database, Table},
    source::{Source, Stored},
};
use crate::{
    data::{
        catalogue::{duties, with_duties},
        words::failure,
    },
    fail::{At, Class, Classed, Done, Failure},
    files,
};

/// ```toml
/// catalogue = "catalogue.csv"              # the owner's entries: each published version's masking rules come from here
/// lists = "lists.toml"                     # the responsibility list that they were published with, if any
/// part_kib = 256                           # how much leaves at a time: one line, one fsync, one look at the ledger
/// calls = 8                                # how many are answered at once
/// [database.registry]                      # a PostgreSQL server on this machine
/// host = "/var/run/postgresql"             # the folder of its socket, or 127.0.0.1
/// port = 5432
/// name = "registry"
/// user = "yinxin"
/// password_file = "registry.password"      # its first line; none for peer authentication
/// statement_seconds = 60
/// [[resource]]
/// code = "11430000006122244L.307~1"
/// database = "registry"                    # or file = "rows.csv"
/// table = "public.enterprise"              # a table or a view
/// order = ["id"]                           # what makes ranges of rows the same each time
/// subject = "pseudonym"                    # the column that has subjects' pseudonyms, hexadecimal
/// scope = "…"                              # the commitment to the scope that this table holds, and no more than it
/// columns = { "企业名称" = "name" }         # a field that is not named has a column of its own name
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    catalogue: PathBuf,
    lists: Option<PathBuf>,
    #[serde(default = "part_kib")]
    part_kib: u32,
    #[serde(default = "calls")]
    calls: usize,
    #[serde(default)]
    database: BTreeMap<String, DatabaseEntry>,
    resource: Vec<ResourceEntry>,
}

const fn part_kib() -> u32 {
    256
}

const fn calls() -> usize {
    8
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatabaseEntry {
    host: String,
    #[serde(default = "port")]
    port: u16,
    name: String,
    user: String,
    password_file: Option<PathBuf>,
    #[serde(default = "statement_seconds")]
    statement_seconds: u64,
}

const fn port() -> u16 {
    5432
}

const fn statement_seconds() -> u64 {
    60
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceEntry {
    code: String,
    file: Option<PathBuf>,
    database: Option<String>,
    table: Option<String>,
    #[serde(default)]
    order: Vec<String>,
    subject: Option<String>,
    scope: Option<String>,
    #[serde(default)]
    columns: BTreeMap<String, String>,
}

/// The settings, read and checked.
pub(super) struct Settings {
    pub(super) catalogue: PathBuf,
    lists: Option<PathBuf>,
    pub(super) part: ChunkSize,
    pub(super) calls: usize,
    pub(super) sources: BTreeMap<ResourceCode, Source>,
}

impl Settings {
    /// Reads the file; paths in it are relative to its folder. Sources are not opened yet.
    pub(super) fn read(path: &Path) -> Done<Self> {
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let file: File = toml::from_str(&files::read_text(path)?).map_err(|e| {
            let e = e.to_string();
            Failure::new(Class::Malformed, e.trim_end(), e.trim_end()).at(path.display())
        })?;
        let part = file.part_kib.saturating_mul(1024);
        let part = ChunkSize::new(part).map_err(|e| failure(&e)).at("part_kib")?;
        if !(1..=256).contains(&file.calls) {
            return Err(bad("calls: expected 1 to 256", "calls 应为 1 至 256").at(path.display()));
        }
        let mut databases = BTreeMap::new();
        for (name, entry) in file.database {
            databases.insert(name.clone(), database(entry, &folder).map_err(|f| f.at(name))?);
        }
        let mut sources = BTreeMap::new();
        for entry in file.resource {
            let code = ResourceCode::new(&entry.code).class(Class::Usage).at(path.display())?;
            let source = source(entry, &folder, &databases).at(&code).at(path.display())?;
            if sources.insert(code.clone(), source).is_some() {
                return Err(bad("stands twice", "重复出现").at(code).at(path.display()));
            }
        }
        let lists = file.lists.map(|lists| folder.join(lists));
        let catalogue = folder.join(file.catalogue);
        Ok(Self { catalogue, lists, part, calls: file.calls, sources })
    }

    /// The catalogue's entries, as they are in the file now; also as they are with their responsibilities.
    pub(super) fn entries(&self) -> Done<Vec<Resource>> {
        let mut entries = self.written()?;
        if let Some(path) = &self.lists {
            let list = duties(path)?;
            let with = entries.iter().map(|entry| with_duties(entry.clone(), Some(&list)));
            let with = with.collect::<Done<Vec<_>>>()?;
            entries.extend(with);
        }
        Ok(entries)
    }

    fn written(&self) -> Done<Vec<Resource>> {
        let path = &self.catalogue;
        let input = std::fs::File::open(path).map_err(|e| Failure::io(path, &e))?;
        let input = std::io::BufReader::new(input);
        if path.extension().is_some_and(|e| e == "json" || e == "jsonld") {
            return from_dcat(input).map_err(|e| failure(&e)).at(path.display());
        }
        let columns = Columns::standard().map_err(|e| failure(&e))?;
        let import = read_csv(input, &columns).map_err(|e| failure(&e)).at(path.display())?;
        Ok(import.resources)
    }
}

fn bad(en: &str, zh: &str) -> Failure {
    Failure::new(Class::Usage, en, zh).todo(
        "see specs/sharing.md, section 6, for the settings",
        "配置说明见 specs/sharing.md 第 6 节",
    )
}

fn database(entry: DatabaseEntry, folder: &Path) -> Done<Database> {
    let mut config = postgres::Config::new();
    if entry.host.starts_with('/') {
        config.host_path(&entry.host);
    } else if ["127.0.0.1", "::1", "localhost"].contains(&entry.host.as_str()) {
        config.host(&entry.host);
    } else {
        return Err(bad(
            "a database on another machine is not spoken to in the clear: expected a socket's folder, or 127.0.0.1",
            "不以明文连接其他主机上的数据库：host 应为套接字目录或 127.0.0.1",
        )
        .todo(
            "run this server beside the database, or a TLS proxy on this machine",
            "请在数据库所在主机运行本服务，或在本机运行 TLS 代理",
        ));
    }
    config.port(entry.port).dbname(&entry.name).user(&entry.user);
    config.application_name("yinxin data serve").connect_timeout(Duration::from_secs(5));
    if let Some(path) = entry.password_file {
        let path = folder.join(path);
        let secret = files::read_secret(&path)?;
        let first = secret.split(|b| *b == b'\n').next().unwrap_or_default();
        config.password(first.strip_suffix(b"\r").unwrap_or(first));
    }
    Ok(Database::new(config, Duration::from_secs(entry.statement_seconds.max(1))))
}

fn source(
    entry: ResourceEntry,
    folder: &Path,
    databases: &BTreeMap<String, Database>,
) -> Done<Source> {
    let ResourceEntry { file, database, table, order, subject, scope, columns, code: _ } = entry;
    let stored = match (file, database, table) {
        (Some(file), None, None) if order.is_empty() => Stored::File(folder.join(file)),
        (None, Some(name), Some(table)) => {
            let database = databases.get(&name).ok_or_else(|| {
                bad("names a database that is not there", "引用了未配置的数据库").at(name)
            })?;
            Stored::Table(Box::new(Table::new(database.clone(), &table, &order)?))
        }
        _ => {
            return Err(bad(
                "expected file, or database and table (order only with a table)",
                "应指定 file，或 database 与 table（order 仅用于 table）",
            ));
        }
    };
    let scope = scope.map(|text| text.parse()).transpose();
    let scope: Option<Digest> = scope
        .map_err(|_| bad("scope: expected 64 hexadecimal digits", "scope 应为 64 位十六进制数"))?;
    Ok(Source { stored, subject, scope, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "11430000006122244L.307~1";

    fn read(text: &str) -> Done<Settings> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("serve.toml");
        std::fs::write(&path, text).unwrap();
        Settings::read(&path)
    }

    #[test]
    fn settings_that_would_leak_or_mislead_are_refused() {
        let database = |host: &str| {
            format!(
                "catalogue = \"c.csv\"\n[database.d]\nhost = \"{host}\"\nname = \"n\"\nuser = \"u\"\n\
                 [[resource]]\ncode = \"{CODE}\"\ndatabase = \"d\"\ntable = \"a.b\"\n"
            )
        };
        for (host, good) in [
            ("/run/postgresql", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("10.0.0.4", false),
            ("db.example", false),
        ] {
            assert_eq!(read(&database(host)).is_ok(), good, "{host}");
        }
        let of = |lines: &str| {
            read(&format!("catalogue = \"c.csv\"\n[[resource]]\ncode = \"{CODE}\"\n{lines}"))
        };
        assert!(of("file = \"rows.csv\"").is_ok());
        for wrong in [
            "",
            "file = \"rows.csv\"\ntable = \"a\"",
            "file = \"rows.csv\"\norder = [\"id\"]",
            "database = \"none\"\ntable = \"a\"",
            "file = \"rows.csv\"\nsubjects = \"misspelt\"",
            "file = \"rows.csv\"\nscope = \"short\"",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        let twice = format!("file = \"a\"\n[[resource]]\ncode = \"{CODE}\"\nfile = \"b\"");
        assert!(of(&twice).is_err());
        assert!(read("catalogue = \"c\"\npart_kib = 3\nresource = []").is_err());
        assert!(read("catalogue = \"c\"\ncalls = 0\nresource = []").is_err());
    }
}
