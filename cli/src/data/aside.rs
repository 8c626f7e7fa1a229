//! Volume set aside for a delivery before it is sent: whoever answers calls under a grant must not let out what an envelope carries.
//!
//! The organisation's data server does it while it runs, over a socket in its folder; else this command does, in the server's journal.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use yinxin_gm::Digest;
use yinxin_ledger::index_key;
use yinxin_record::{
    DataAct, DeliveryState, GrantState, OrganisationCode, ResourceCode, ResourceState, Volume,
    Wire, state_key,
};
use yinxin_sharing::{
    access::{Guard, Head},
    serving::is_server,
};
use yinxin_verdict::UnixTime;

use super::{
    reading, send,
    serve::{lock, moved, must_answer, open_journal, place_of},
    words::failure,
};
use crate::{
    fail::{Class, Classed, Done, Failure},
    remote,
    send::Unsent,
    submit::{AGAIN, Client, LIFETIME},
    trace::each_listed,
    ui::{self, Ui},
};

/// The socket in a server's folder.
pub(super) const SOCKET: &str = "aside.socket";
/// The longest line on it: an envelope has at most 64 grants, of 64 digits each.
pub(super) const MAX_LINE: u64 = 16 << 10;
/// How long a server may take: a few proofs from its node.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a block may take after which what a rule refused is free: a heartbeat, and a few seconds.
const FREED: Duration = Duration::from_secs(45);
/// A record is signed after its volume was set aside, perhaps some blocks later.
const LATER: u64 = 1_000;

/// Whether calls are answered under the grants of a delivery, and by which server here.
#[derive(Debug, clap::Args)]
pub(crate) struct ServerArgs {
    /// The folder of this organisation's data server: what is delivered is set aside there first, so that calls and deliveries
    /// together stay within the grant
    #[arg(long, value_name = "DIR", conflicts_with = "no_server")]
    work: Option<PathBuf>,
    /// No data server answers calls under these grants
    #[arg(long)]
    no_server: bool,
}

/// What a command asks of the server.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Request {
    /// Set aside under these grants.
    Reserve { envelope: String, grants: Vec<String>, volume: Parts, until: u64 },
    /// The rules refused the delivery.
    Release { envelope: String },
    /// A delivery came onto the ledger.
    Settle,
}

/// A volume, in numbers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Parts {
    calls: u64,
    rows: u64,
    bytes: u64,
}

/// What the server says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answer {
    /// It is set aside, or delivered already, or free again.
    Done,
    /// That much is not left.
    Denied(String),
    /// No later block is known yet.
    Later,
    /// It could not be decided.
    Failed(String),
}

/// Where volume is set aside.
pub(super) enum Shelf {
    /// A server that runs.
    Server(PathBuf),
    /// Its journal, while none runs; the lock is held so long.
    Journal { guard: Box<Mutex<Guard<File>>>, _held: File },
}

impl Shelf {
    /// The shelf of this server's folder.
    pub(super) fn open(folder: &Path, own: &OrganisationCode, ui: &Ui) -> Done<Self> {
        let socket = folder.join(SOCKET);
        if UnixStream::connect(&socket).is_ok() {
            return Ok(Self::Server(socket));
        }
        if !folder.join("journal").is_file() {
            return Err(Failure::new(
                Class::Usage,
                "no data server has ever worked in this folder",
                "该目录不是数据服务的工作目录",
            )
            .at(folder.display())
            .todo(
                "name the folder that data serve was given as --work",
                "请指定 data serve 的 --work 目录",
            ));
        }
        let held = lock(folder)?;
        let guard = open_journal(folder, own.clone(), ui)?;
        // What the original let out or set aside since is not in a copy.
        let place = place_of(&folder.join("journal"))?;
        if guard.opening().is_some_and(|(_, before)| before != place) {
            return Err(moved(folder));
        }
        let guard = Box::new(Mutex::new(guard));
        Ok(Self::Journal { guard, _held: held })
    }

    /// Sets a volume aside for an envelope under these grants; a failure when so much is not left.
    pub(super) fn reserve(
        &self,
        client: &Client,
        own: &OrganisationCode,
        envelope: Digest,
        grants: &[Digest],
        volume: Volume,
    ) -> Done {
        let head = client.remote.newest().map_err(|e| remote::failure(&e))?;
        let until = head.height.saturating_add(LIFETIME + LATER);
        let answer = match self {
            Self::Server(socket) => {
                let Volume { calls, rows, bytes } = volume;
                let grants = grants.iter().map(Digest::to_string).collect();
                let (envelope, volume) = (envelope.to_string(), Parts { calls, rows, bytes });
                ask(socket, &Request::Reserve { envelope, grants, volume, until })?
            }
            Self::Journal { guard, .. } => {
                reserve(guard, client, own, envelope, grants, volume, until, ui::now())?
            }
        };
        match answer {
            Answer::Done => Ok(()),
            Answer::Denied(reason) => Err(Failure::new(
                Class::Invalid,
                format!("not delivered: {reason}: calls that were answered have used what this delivery needs"),
                format!("未交付：{reason}：已应答的调用占用了本次交付所需的数量"),
            )
            .todo("deliver less, or ask for a further grant", "请减少交付数量或另行申请授权")),
            Answer::Later => Err(Failure::new(Class::Node, "not yet", "尚未")),
            Answer::Failed(why) => Err(Failure::new(Class::Node, why.clone(), why)),
        }
    }

    /// What was set aside for an envelope is free again: the rules refused its delivery. That it is not there counts only by a block
    /// after the one that it was set aside by; if none comes in time, it is free once the delivery can come no more.
    pub(super) fn release(
        &self,
        client: &Client,
        own: &OrganisationCode,
        envelope: Digest,
    ) -> Done {
        let start = Instant::now();
        loop {
            let answer = match self {
                Self::Server(socket) => {
                    ask(socket, &Request::Release { envelope: envelope.to_string() })?
                }
                Self::Journal { guard, .. } => release(guard, client, own, envelope)?,
            };
            if answer != Answer::Later || start.elapsed() > FREED {
                return Ok(());
            }
            std::thread::sleep(AGAIN);
        }
    }

    /// Notes what came onto the ledger; a server that runs would do so by itself, and some calls be denied meanwhile.
    pub(super) fn settle(&self, client: &Client, own: &OrganisationCode) -> Done {
        match self {
            Self::Server(socket) => ask(socket, &Request::Settle).map(drop),
            Self::Journal { guard, .. } => settle(guard, client, own),
        }
    }
}

/// The shelf to set volume aside on: of the folder that was named, or none where somebody says that no server needs it and the ledger
/// has no window that says otherwise.
pub(super) fn before(
    server: &ServerArgs,
    client: &Client,
    own: &OrganisationCode,
    grants: &[Digest],
    ui: &Ui,
) -> Done<Option<Shelf>> {
    if let Some(folder) = &server.work {
        return Shelf::open(folder, own, ui).map(Some);
    }
    if !server.no_server {
        return Err(Failure::new(
            Class::Usage,
            "calls and deliveries share a grant's volume: say where it is kept count of",
            "调用与交付共用授权数量：请指明由何处计数",
        )
        .todo(
            "give --work, the folder of data serve, or --no-server if none answers calls under these grants",
            "请用 --work 指定 data serve 的工作目录；若无数据服务应答这些授权的调用，请用 --no-server",
        ));
    }
    for grant in grants {
        let mut answered = false;
        each_listed(client, &index_key::access(grant), u64::MAX, |id| {
            let record = reading::record(client, id)?;
            answered = record.is_some_and(|t| matches!(t.act, DataAct::Access(_)));
            Ok(!answered)
        })?;
        if answered {
            return Err(Failure::new(
                Class::Usage,
                "calls are answered under this grant: what is left of it, only the data server knows",
                "该授权已有调用应答：剩余数量只有数据服务知道",
            )
            .at(grant)
            .todo("give --work, the folder of data serve", "请用 --work 指定 data serve 的工作目录"));
        }
    }
    Ok(None)
}

/// Clears the shelf after the delivery, however it went.
pub(super) fn after(
    shelf: Option<&Shelf>,
    client: &Client,
    own: &OrganisationCode,
    envelope: Digest,
    failed: Option<&Unsent>,
) -> Done {
    let Some(shelf) = shelf else { return Ok(()) };
    match failed {
        None => shelf.settle(client, own),
        // A rule refused it: it is not in, and what was signed is gone.
        Some(unsent) if unsent.code.is_some() => shelf.release(client, own, envelope),
        // It may be in: the volume waits until it is known.
        Some(_) => Ok(()),
    }
}

impl Request {
    /// Does what a command asks, in the server's name.
    pub(super) fn answer(
        self,
        guard: &Mutex<Guard<File>>,
        client: &Client,
        own: &OrganisationCode,
        now: UnixTime,
    ) -> Answer {
        let done = match self {
            Self::Reserve { envelope, grants, volume: Parts { calls, rows, bytes }, until } => {
                let volume = Volume { calls, rows, bytes };
                let grants = grants.iter().map(|g| digest(g)).collect::<Done<Vec<_>>>();
                digest(&envelope).and_then(|envelope| {
                    reserve(guard, client, own, envelope, &grants?, volume, until, now)
                })
            }
            Self::Release { envelope } => {
                digest(&envelope).and_then(|envelope| release(guard, client, own, envelope))
            }
            Self::Settle => settle(guard, client, own).map(|()| Answer::Done),
        };
        done.unwrap_or_else(|f| Answer::Failed(f.explain(yinxin_verdict::Lang::En).what))
    }
}

fn digest(text: &str) -> Done<Digest> {
    text.parse().map_err(|_| Failure::new(Class::Malformed, "no digest", "不是摘要").at(text))
}

fn ask(socket: &Path, request: &Request) -> Done<Answer> {
    let io = |e: std::io::Error| Failure::io(socket, &e);
    let mut stream = UnixStream::connect(socket).map_err(io)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(io)?;
    let mut line = serde_json::to_vec(request).expect("texts and numbers");
    line.push(b'\n');
    stream.write_all(&line).map_err(io)?;
    let mut answer = String::new();
    BufReader::new(stream.take(MAX_LINE)).read_line(&mut answer).map_err(io)?;
    serde_json::from_str(&answer).map_err(|e| {
        let what = format!("the server's answer: {e}");
        Failure::new(Class::Node, what.clone(), what).at(socket.display())
    })
}

#[allow(clippy::too_many_arguments, reason = "what is asked for, and by what it is judged")]
fn reserve(
    guard: &Mutex<Guard<File>>,
    client: &Client,
    own: &OrganisationCode,
    envelope: Digest,
    grants: &[Digest],
    volume: Volume,
    until: u64,
    now: UnixTime,
) -> Done<Answer> {
    if delivery(client, own, envelope)?.1.is_some() {
        return Ok(Answer::Done);
    }
    let (mut head, mut states) = (None::<Head>, Vec::new());
    for id in grants {
        let (proof, _) = client.status(&state_key::grant(id))?;
        let state = proof.value.as_deref().map(GrantState::from_der).transpose();
        let state = state.map_err(yinxin_record::Error::from).class(Class::Node)?;
        let state = state.ok_or_else(|| {
            Failure::new(Class::Usage, "unknown to the ledger", "账本中无此授权").at(id)
        })?;
        let time = i64::try_from(proof.header.time_ms).unwrap_or(i64::MAX);
        let time = UnixTime::EPOCH.plus_millis(time);
        let seen = Head { height: proof.header.height, time };
        head = Some(head.filter(|h| h.height < seen.height).unwrap_or(seen));
        let from = serves(client, own, &state.resource)?.serves_from;
        let from = must_answer(client, own, &state.resource, guard)?.map_or(from, |f| from.max(f));
        if from > time {
            return Err(Failure::new(
                Class::Usage,
                format!("what whoever served before has let out is not all told yet: known from {from} on"),
                format!("此前服务方已应答的内容尚未全部入账：自 {from} 起方可知晓剩余数量"),
            )
            .at(&state.resource)
            .todo("set it aside then", "请在该时刻之后再预留"));
        }
        states.push((*id, state));
    }
    let Some(head) = head else { return Ok(Answer::Done) };
    let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
    let done = guard.reserve(&envelope, &states, volume, until, &head, now);
    Ok(match done.map_err(|e| failure(&e))? {
        Ok(()) => Answer::Done,
        Err(reason) => Answer::Denied(reason.name().to_owned()),
    })
}

/// Nothing is set aside any more, unless the delivery stands on the ledger after all.
fn release(
    guard: &Mutex<Guard<File>>,
    client: &Client,
    own: &OrganisationCode,
    envelope: Digest,
) -> Done<Answer> {
    let waiting = guard.lock().unwrap_or_else(PoisonError::into_inner).undelivered();
    // Of what was delivered before nothing was set aside again.
    let Some((_, until)) = waiting.into_iter().find(|(waiting, _)| *waiting == envelope) else {
        return Ok(Answer::Done);
    };
    let (proof, height) = delivery(client, own, envelope)?;
    if height.is_none() && proof <= until.saturating_sub(LIFETIME + LATER) {
        return Ok(Answer::Later);
    }
    let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
    guard.settle(&envelope, height).map_err(|e| failure(&e))?;
    Ok(Answer::Done)
}

/// Looks for the deliveries that volume is set aside for; what can come no more is free.
pub(super) fn settle(guard: &Mutex<Guard<File>>, client: &Client, own: &OrganisationCode) -> Done {
    let waiting = guard.lock().unwrap_or_else(PoisonError::into_inner).undelivered();
    for (envelope, until) in waiting {
        let (proof, height) = delivery(client, own, envelope)?;
        if height.is_some() || proof > until {
            let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
            guard.settle(&envelope, height).map_err(|e| failure(&e))?;
        }
    }
    Ok(())
}

/// The height that a proof is of, and that at which the delivery stands, if it does.
fn delivery(client: &Client, own: &OrganisationCode, envelope: Digest) -> Done<(u64, Option<u64>)> {
    let (proof, _) = client.status(&state_key::delivery(own, &envelope))?;
    let state = proof.value.as_deref().map(DeliveryState::from_der).transpose();
    let state = state.map_err(yinxin_record::Error::from).class(Class::Node)?;
    Ok((proof.header.height, state.map(|state| state.height)))
}

/// One organisation knows what is left of a resource's grants: its server.
pub(super) fn serves(
    client: &Client,
    own: &OrganisationCode,
    code: &ResourceCode,
) -> Done<ResourceState> {
    let state: ResourceState = send::known(client, &state_key::resource(code))?;
    if is_server(own, code, &state) {
        return Ok(state);
    }
    let owner = code.owner();
    let is = state.servers.first().unwrap_or(&owner);
    Err(Failure::new(
        Class::Key,
        format!("data of this resource are delivered by its server {is}, which knows what its calls left of a grant"),
        format!("该资源由其服务方 {is} 交付：只有它掌握授权的剩余数量"),
    )
    .at(code))
}
