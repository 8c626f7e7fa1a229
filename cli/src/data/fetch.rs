//! `data fetch`: a signed call to whoever serves, and its answer – whole, or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufReader, BufWriter, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use yinxin_gm::Digest;
use yinxin_record::{FieldSet, GrantState, OrganisationCode, Purpose, Volume, Wire, state_key};
use yinxin_sharing::{
    access::{Line, Notebook, Outcome},
    envelope::Reader,
    serving::{Ask, Frame, Received, Receiving, SignedCall, Whole, count_rows},
};
use zeroize::Zeroizing;

use super::{
    people,
    request::{named, version},
    send::{self, beside, remove},
    words::{self, failure},
};
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files,
    keys::{Signer, SignerArgs},
    rng,
    submit::{Client, LedgerArgs},
    ui::{self, Ui},
};

/// As long as a server lets an answer take.
const ANSWER: Duration = Duration::from_secs(6 * 3600);
/// The longest refusal.
const MAX_PROBLEM: u64 = 64 << 10;

/// `yinxin data fetch`
#[derive(Debug, clap::Args)]
pub(crate) struct Fetch {
    /// The grant's id
    #[arg(value_name = "GRANT")]
    grant: Digest,
    /// Where the data are served, such as `http://10.0.0.4:7300`
    #[arg(long, value_name = "URL")]
    server: String,
    /// Who serves them [default: their owner]
    #[arg(long, value_name = "CODE", value_parser = words::organisation)]
    by: Option<OrganisationCode>,
    /// A field, by its name [default: all that are granted]
    #[arg(long = "field", value_name = "NAME")]
    fields: Vec<String>,
    /// For which purpose [default: as granted]
    #[arg(long, value_name = "CODE", value_parser = words::purpose)]
    purpose: Option<Purpose>,
    /// A pseudonym of a subject; only rows of those that are named are sent
    #[arg(long = "subject", value_name = "DIGEST")]
    subjects: Vec<Digest>,
    /// How many rows are passed over first
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: u64,
    /// At most how many rows [default: all there are; refused if the grant does not allow them any more]
    #[arg(long, value_name = "N")]
    rows: Option<u64>,
    /// The file to write, CSV with the fields' names in the first line
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// This side's journal: what arrived, for `data reconcile`; begun if it is not there
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    file: String,
    call: String,
    grant: String,
    server: String,
    rows: u64,
    bytes: u64,
}

/// A refusal as the service words it.
#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    todo: String,
    line: Option<String>,
}

impl Fetch {
    /// Calls, receives, checks, and only then gives the file its name.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        files::must_be_free(&self.out, self.force)?;
        if !self.server.starts_with("http://") {
            return Err(Failure::new(
                Class::Usage,
                format!("expected an address such as http://127.0.0.1:7300, got {:?}", self.server),
                format!("地址应形如 http://127.0.0.1:7300，实为 {:?}", self.server),
            ));
        }
        let client = self.ledger.open(config)?;
        let signer = self.signer.load(ui)?;
        let receiver = OrganisationCode::new(&signer.code()?).class(Class::Usage)?;
        let mut notes = notebook(&self.journal, &receiver)?;
        let (ask, left) = self.ask(&client)?;
        let (certificate, key) = (&signer.certificate, &signer.key);
        let call = SignedCall::sign(ask, certificate, key, ui::now(), &mut rng::os());
        let call = call.map_err(|e| failure(&e))?;
        let spinner = ui.spinner("calling", "正在调用");
        let part = beside(&self.out, "part");
        let received = self.receive(&call, left, &part, &mut notes, ui);
        spinner.finish_and_clear();
        let done = received.and_then(|whole| {
            let server = is_served_by(&client, &whole, &call.ask().server)?;
            self.open(&whole, &part, &signer).map(|bytes| (whole, server, bytes))
        });
        // Without its key it is of no use, and with it the file is there.
        if part.exists() {
            remove(&part)?;
        }
        let (whole, server, bytes) = done?;
        let view = View {
            schema: "yinxin.data-fetched/1",
            file: self.out.display().to_string(),
            call: call.id().to_string(),
            grant: self.grant.to_string(),
            server: server.to_string(),
            rows: whole.rows,
            bytes,
        };
        ui.result(&view, |v| {
            let (rows, bytes) = (ui.pick("rows", "行"), ui.pick("bytes", "字节"));
            format!("{}: {} {rows}, {} {bytes}\n  {}\n", v.file, v.rows, v.bytes, v.call)
        })
    }

    /// What is asked, by the grant as it stands, and what is left of that.
    fn ask(&self, client: &Client) -> Done<(Ask, Volume)> {
        let grant: GrantState = send::known(client, &state_key::grant(&self.grant))?;
        let fields: FieldSet = if self.fields.is_empty() {
            grant.fields.clone()
        } else {
            named(&version(client, &grant.resource, grant.version)?, &self.fields)?
        };
        let mut subjects = self.subjects.clone();
        subjects.sort_unstable();
        subjects.dedup();
        let left = grant.limit.minus(grant.used);
        let ask = Ask {
            chain_id: client.chain_id,
            server: self.by.clone().unwrap_or_else(|| grant.resource.owner()),
            grant: self.grant,
            resource: grant.resource.clone(),
            purpose: self.purpose.clone().unwrap_or_else(|| grant.purpose.clone()),
            fields,
            subjects,
            skip: self.skip,
            rows: self.rows.unwrap_or(0),
        };
        Ok((ask, left))
    }

    /// Sends the call and takes the answer in, encrypted, noting each part.
    fn receive(
        &self,
        call: &SignedCall,
        left: Volume,
        part: &Path,
        notes: &mut Notebook<File>,
        ui: &Ui,
    ) -> Done<Whole> {
        let unreachable = |e: &dyn std::fmt::Display| {
            Failure::new(
                Class::Node,
                format!("{}: {e}", self.server),
                format!("{}：{e}", self.server),
            )
            .todo(
                "call again: this is then another call, and what came in is counted",
                "请重新调用：届时为另一次调用，已收到的部分仍计入用量",
            )
        };
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_recv_response(Some(Duration::from_secs(70)))
            .timeout_recv_body(Some(ANSWER))
            .http_status_as_error(false)
            .build()
            .into();
        let url = format!("{}/v1/calls", self.server.trim_end_matches('/'));
        let sent = agent
            .post(&url)
            .header("content-type", "application/octet-stream")
            .header("accept-language", ui.pick("en", "zh"))
            .send(&call.to_der()[..]);
        let mut response = sent.map_err(|e| unreachable(&e))?;
        if response.status().as_u16() != 200 {
            let body = response.body_mut().with_config().limit(MAX_PROBLEM).read_to_vec();
            return Err(refused(&body.map_err(|e| unreachable(&e))?, call, notes));
        }
        let body = BufWriter::new(files::begin_anew(part)?);
        let mut receiving = Receiving::new(call, body).at_most(left);
        let mut input = BufReader::new(response.into_body().into_reader());
        loop {
            let frame = Frame::read(&mut input).map_err(|e| unreachable(&e))?;
            let Some(frame) = frame else {
                return Err(unreachable(&"the answer ended early"));
            };
            match receiving.take(frame, notes).map_err(|e| failure(&e)).at(&self.server)? {
                Received::More => {}
                Received::Whole(whole) => return Ok(*whole),
                Received::Denied(line) => return Err(denied(&line)),
                Received::Failed(code) => {
                    return Err(unreachable(&format!("the server could not go on: {code}")));
                }
            }
        }
    }

    /// Decrypts the answer beside its place, then gives it its name.
    fn open(&self, whole: &Whole, part: &Path, signer: &Signer) -> Done<u64> {
        let secret = whole.open(&signer.certificate, &signer.key).map_err(|e| failure(&e))?;
        let body = File::open(part).map_err(|e| Failure::io(part, &e))?;
        let mut reader =
            Reader::new(BufReader::new(body), whole.content, &secret).map_err(|e| failure(&e))?;
        let clear = beside(&self.out, "opening");
        let io = |e: std::io::Error| Failure::io(&clear, &e);
        let mut file = files::begin_anew(&clear)?;
        let copied = copy(&mut reader, &mut file, &clear).and_then(|()| {
            file.sync_all().map_err(io)?;
            has_rows(File::open(&clear).map_err(io)?, whole.rows).at(self.out.display())?;
            let name = |e: std::io::Error| Failure::io(&self.out, &e);
            if self.force {
                fs::rename(&clear, &self.out).map_err(name)
            } else {
                fs::hard_link(&clear, &self.out).map_err(name)
            }
        });
        if clear.exists() {
            remove(&clear)?;
        }
        copied.map(|()| whole.content.length())
    }
}

fn copy(reader: &mut impl Read, file: &mut File, path: &Path) -> Done {
    let mut buffer = Zeroizing::new(vec![0; 1 << 18]);
    loop {
        let wrong = |e: std::io::Error| failure(&yinxin_sharing::Error::io(&e));
        let count = reader.read(&mut buffer).map_err(wrong)?;
        if count == 0 {
            return Ok(());
        }
        file.write_all(&buffer[..count]).map_err(|e| Failure::io(path, &e))?;
    }
}

/// That the rows of a table are as many as its lines said, which the journal now has: what is counted is counted here.
fn has_rows(table: impl Read, said: u64) -> Done {
    let found = count_rows(table).map_err(|e| {
        Failure::new(
            Class::Invalid,
            format!("the answer is no table: {e}"),
            format!("应答不是表格：{e}"),
        )
    })?;
    if found == said {
        return Ok(());
    }
    Err(Failure::new(
        Class::Invalid,
        format!("the server counted {said} rows, the answer has {found}; the file is not written"),
        format!("服务方计为 {said} 行，应答实有 {found} 行；未写入文件"),
    )
    .todo("tell the server's operator, and show both journals", "请告知服务方，并出示双方日志"))
}

/// The journal, held by this process alone.
fn notebook(path: &Path, receiver: &OrganisationCode) -> Done<Notebook<File>> {
    let io = |e: std::io::Error| Failure::io(path, &e);
    let file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path);
    let file = file.map_err(io)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        Failure::new(Class::Usage, "another call writes this journal", "另一调用正在写入该日志")
            .todo("wait for it, or give another --journal", "请等待其结束，或改用其他 --journal")
            .at(path.display())
    })?;
    let mut existing = BufReader::new(File::open(path).map_err(io)?);
    Notebook::open(&mut existing, file, receiver).map_err(|e| failure(&e)).at(path.display())
}

/// Who signed the answer is who was asked, holds by what is trusted, and has the key that the ledger knows.
fn is_served_by(
    client: &Client,
    whole: &Whole,
    expected: &OrganisationCode,
) -> Done<OrganisationCode> {
    let found = people::member(client, &whole.server)?;
    if found != *expected {
        return Err(Failure::new(
            Class::Invalid,
            format!("the answer is signed by {found}, and {expected} was asked"),
            format!("应答由 {found} 签名，而被调用方为 {expected}"),
        ));
    }
    Ok(found)
}

/// A refusal before anything was sent; its line is noted.
fn refused(body: &[u8], call: &SignedCall, notes: &mut Notebook<File>) -> Failure {
    let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
        return Failure::new(Class::Node, "an unreadable refusal", "无法识别的拒绝应答");
    };
    let line = problem.line.and_then(|text| STANDARD.decode(text).ok());
    let line = line.and_then(|der| Line::from_der(&der).ok());
    if let Some(line) = line
        && let Err(error) = Receiving::refused(call, line, notes)
    {
        return failure(&error);
    }
    let word = problem.kind.strip_prefix("urn:yinxin:problem:").unwrap_or_default();
    let class = match word.split(':').next().unwrap_or_default() {
        "denied" if word != "denied:stale-ledger" => Class::Key,
        "bad-request" | "not-found" | "too-large" => Class::Usage,
        _ => Class::Node,
    };
    let what = format!("{} ({word})", problem.detail);
    Failure::new(class, what.clone(), what).todo(problem.todo.clone(), problem.todo)
}

/// A denial in the middle.
fn denied(line: &Line) -> Failure {
    let reason = match line.outcome {
        Outcome::Denied(reason) => reason.name(),
        Outcome::Served(_) => "",
    };
    Failure::new(
        Class::Key,
        format!("the answer was cut short: {reason}; what came in cannot be read"),
        format!("应答中途终止：{reason}；已收到的部分无法解密"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_not_believed() {
        let table = "name,code\n\"a,\nb\",1\nc,2\n";
        assert!(has_rows(table.as_bytes(), 2).is_ok());
        for said in [0, 1, 3, 1_000_000_000_000] {
            assert_eq!(has_rows(table.as_bytes(), said).unwrap_err().class, Class::Invalid);
        }
        assert!(has_rows("name\n".as_bytes(), 0).is_ok());
        let secret = has_rows("name\nSECRET,SECRET\n".as_bytes(), 1).unwrap_err();
        assert!(!secret.explain(yinxin_verdict::Lang::En).what.contains("SECRET"));
        // A row without an end is not held in memory until it has one.
        let endless = "name\nx".as_bytes().chain(std::io::repeat(b'y').take(1 << 40));
        let said = has_rows(endless, 1).unwrap_err();
        assert!(said.explain(yinxin_verdict::Lang::En).what.contains("octets of a row"));
    }
}
