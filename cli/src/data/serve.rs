//! `data serve`: answers calls for shared data, and lets nobody in unrecorded.

mod answer;
mod aside;
mod config;
mod crowd;
mod database;
mod door;
mod follow;
mod front;
mod shop;
mod source;
mod turn;
mod windows;

use std::{
    fs::{File, OpenOptions},
    io::BufReader,
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::fs::{FlockOperation, flock};
use tokio::net::TcpListener;
use yinxin_gm::Digest;
use yinxin_record::{OrganisationCode, OrganisationState, ResourceState, Turn, state_key};
use yinxin_service::{Limits, calls_router};
use yinxin_sharing::{
    access::Guard,
    serving::{Offer, is_server},
};

use self::{config::Settings, follow::Follower, front::Front, shop::Shop};
use super::words::failure;
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files,
    keys::{Signer, SignerArgs},
    serve::{bind_failure, connections, runtime, start_logs},
    submit::LedgerArgs,
    ui::Ui,
};

pub(super) use turn::{moved, must_answer, place_of};
pub(super) use windows::receipt;

/// How long an answer may take: hours of a slow line for the largest tables; after that it is asked for in ranges.
const ANSWER_SECS: u64 = 6 * 3600;

/// `yinxin data serve`
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// What is served, and from where (TOML)
    #[arg(value_name = "SETTINGS")]
    settings: PathBuf,
    /// The folder of this server's journal and windows; one server for each resource, in one folder
    #[arg(long, value_name = "DIR")]
    work: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:7300")]
    listen: SocketAddr,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Answer from this folder although another one answered last, or this one is a copy: the other stops with the next block, and what it
    /// served and has not told by then is unknown here. Takes up to two minutes
    #[arg(long)]
    take_over: bool,
    /// Logs as JSON lines
    #[arg(long)]
    log_json: bool,
}

impl Serve {
    /// Serves until it is stopped.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        start_logs(self.log_json);
        files::keep_private();
        let settings = Settings::read(&self.settings)?;
        let signer = self.signer.load(ui)?;
        let server = OrganisationCode::new(&signer.code()?).class(Class::Usage)?;
        let follower = Follower::new(self.ledger.clone(), config.clone(), server.clone())?;
        let follower = Arc::new(follower);
        self.may_serve(&settings, &follower, &signer, &server)?;
        files::make_private_folder(&self.work)?;
        files::make_private_folder(&self.work.join("windows"))?;
        // Until the process ends: threads that answer or tell of windows may outlive what waits for them.
        core::mem::forget(lock(&self.work)?);
        let mut guard = open_journal(&self.work, server.clone(), ui)?;
        let (stands, place) = (turn::stands(&settings, &follower)?, turn::place(&self.work)?);
        let doubt = turn::doubt(&stands, &guard, place);
        // A copy tells of nothing: the journal that it was made of may have more lines of the same minute.
        let is_original = guard.opening().is_some_and(|(_, before)| before == place)
            && !matches!(doubt, Some(turn::Doubt::Behind(_)));
        let refused =
            doubt.as_ref().filter(|_| !self.take_over).map(|d| d.failure(self.work.display()));
        let turn = match &refused {
            None => turn::open(&mut guard, &stands, doubt, place, &signer, &follower, ui)?,
            // Its windows name the turns in which they were served.
            Some(_) => guard.opening().map_or(NO_TURN, |(turn, _)| turn),
        };
        let chain_id = follower.client().chain_id;
        let key = *signer.key.public_key();
        let offer = Offer { server, key, chain_id, turn, by_subject: false, scope: None };
        let folder = self.work.clone();
        let shop = Arc::new(Shop::new(settings, signer, follower, guard, folder, offer));
        if let Some(refused) = refused {
            if is_original {
                windows::tell_the_rest(&shop, ui);
            }
            return Err(refused);
        }
        self.listen(shop, ui)
    }

    /// Refuses what the ledger would refuse at each window: data of others, a key that is not the organisation's.
    fn may_serve(
        &self,
        settings: &Settings,
        follower: &Follower,
        signer: &Signer,
        server: &OrganisationCode,
    ) -> Done {
        let member: Option<OrganisationState> = follower.value(&state_key::organisation(server))?;
        if member.is_none_or(|m| m.key != *signer.key.public_key()) {
            return Err(Failure::new(
                Class::Key,
                "the ledger knows another key for this organisation, or none",
                "账本所载该机构的密钥与此不同，或没有该机构",
            )
            .at(self.signer.cert.display()));
        }
        follower.keep_server();
        for code in settings.sources.keys() {
            let state: Option<ResourceState> = follower.value(&state_key::resource(code))?;
            let state = state
                .ok_or_else(|| Failure::new(Class::Usage, "not published", "尚未发布").at(code))?;
            if !is_server(server, code, &state) {
                let owner = code.owner();
                let is = state.servers.first().unwrap_or(&owner);
                return Err(Failure::new(
                    Class::Key,
                    format!("its owner names no such server in the published version, but {is}"),
                    format!("提供方发布的版本所列服务方为 {is}，并非本机构"),
                )
                .at(code));
            }
            follower.keep(code);
        }
        Ok(())
    }

    fn listen(&self, shop: Arc<Shop>, ui: &Ui) -> Done {
        let address = self.listen;
        let follower = Arc::clone(&shop.follower);
        std::thread::spawn(move || follower.run());
        let writer = Arc::clone(&shop);
        std::thread::spawn(move || windows::run(&writer));
        let gathering = Arc::clone(&shop);
        std::thread::spawn(move || crowd::run(&gathering));
        if let Some(socket) = aside::listen(&shop.folder) {
            let shelf = Arc::clone(&shop);
            std::thread::spawn(move || aside::run(&socket, &shelf));
        }
        let limits = Limits {
            connections: connections(),
            connection_secs: ANSWER_SECS,
            ..Limits::default()
        };
        let runtime = runtime()?;
        let done = runtime.block_on(async {
            let listener =
                TcpListener::bind(address).await.map_err(|e| bind_failure(address, &e))?;
            ui.say(format!("http://{address}/"), format!("http://{address}/"));
            let routes = calls_router(Arc::new(Front(shop)), limits);
            tokio::select! {
                never = yinxin_service::serve(listener, routes, limits) => match never {},
                _ = tokio::signal::ctrl_c() => Ok(()),
                () = terminated() => Ok(()),
            }
        });
        // Threads that answer or wait for the ledger hold nothing that is not on disk.
        runtime.shutdown_background();
        done
    }
}

/// Of a journal that never served: no window names it.
const NO_TURN: Turn = Turn { journal: Digest::ZERO, epoch: 0 };

async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// One server for each journal: two would not see what the other serves.
pub(super) fn lock(folder: &Path) -> Done<File> {
    let path = folder.join("lock");
    let file = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|e| Failure::io(&path, &e))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        Failure::new(
            Class::Usage,
            "another server works in this folder",
            "该目录已有另一服务在运行",
        )
        .at(folder.display())
    })?;
    Ok(file)
}

/// Goes on with a folder's journal; whoever asks holds its lock.
pub(super) fn open_journal(folder: &Path, server: OrganisationCode, ui: &Ui) -> Done<Guard<File>> {
    let path = folder.join("journal");
    let io = |e: std::io::Error| Failure::io(&path, &e);
    let file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(&path);
    let file = file.map_err(io)?;
    // The name of a new file is durable only once its folder is.
    File::open(folder).and_then(|f| f.sync_all()).map_err(io)?;
    let mut existing = BufReader::new(File::open(&path).map_err(io)?);
    let (guard, recovered) =
        Guard::open(&mut existing, file, server).map_err(|e| failure(&e)).at(path.display())?;
    if recovered.cut > 0 {
        ui.say(
            format!(
                "the last entry was torn by a crash: {} bytes cut off, nothing left on its account",
                recovered.cut
            ),
            format!("最后一条记录因崩溃不完整：已截去 {} 字节，未据此送出任何数据", recovered.cut),
        );
    }
    Ok(guard)
}
