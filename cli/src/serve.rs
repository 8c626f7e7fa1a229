//! `serve`: the HTTP service and its portal page, over a remote ledger or none; and what `node run` shares with it.

use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
};

use tokio::net::TcpListener;
use yinxin_service::{App, Ledger, Limits, router};
use yinxin_verdict::Policy;
use yinxin_verify::Trust;

use crate::{
    config::Config,
    credit::serving::ServedStore,
    fail::{Class, Done, Failure},
    remote::Remote,
    trusting,
    ui::Ui,
};

/// `yinxin serve`
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// Where to listen
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder of what is trusted
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// A node to answer the ledger's questions; without one the service only verifies
    #[arg(long, value_name = "URL")]
    node: Option<String>,
    /// A source's store, kept by `credit import`: what it has of a company is shown too; may be repeated
    #[arg(long, value_name = "DIR", requires = "node")]
    credit_store: Vec<PathBuf>,
    /// Logs as JSON lines
    #[arg(long)]
    log_json: bool,
}

impl Serve {
    /// Serves until it is stopped.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        start_logs(self.log_json);
        let trust = match config.trust_folder(self.trust.as_deref()) {
            Some(folder) => trusting::load(&folder)?,
            None => {
                ui.say(
                    "no trust folder: nothing will be VALID",
                    "未指定信任文件夹：任何文件都不会判定为有效",
                );
                Trust::default()
            }
        };
        let ledger = match &self.node {
            Some(address) => Some(Arc::new(Remote::new(address)?) as Arc<dyn Ledger>),
            None => None,
        };
        let sources = self.credit_store.iter().map(|dir| {
            Ok(Arc::new(ServedStore::open(dir)?) as Arc<dyn yinxin_service::CreditSource>)
        });
        let sources = sources.collect::<Done<Vec<_>>>()?;
        let app = app(trust, Policy::default(), ledger);
        let app = app.with_credit_sources(sources).for_everybody();
        let address = self.listen;
        runtime()?.block_on(async {
            let listener =
                TcpListener::bind(address).await.map_err(|e| bind_failure(address, &e))?;
            ui.say(format!("http://{address}/"), format!("http://{address}/"));
            tokio::select! {
                served = http(listener, app) => served,
                _ = tokio::signal::ctrl_c() => Ok(()),
            }
        })
    }
}

/// What is served, within the limits of this process.
pub(crate) fn app(trust: Trust, policy: Policy, ledger: Option<Arc<dyn Ledger>>) -> App {
    App::new(trust, policy, ledger, limits())
}

fn limits() -> Limits {
    Limits { connections: connections(), ..Limits::default() }
}

/// Answers HTTP until it is dropped.
pub(crate) async fn http(listener: TcpListener, app: App) -> Done {
    match yinxin_service::serve(listener, router(app), limits()).await {}
}

/// As many connections as the service likes, but no more than half of the descriptors that this process may have: the
/// other half is for files, peers and the database.
pub(crate) fn connections() -> usize {
    let most = Limits::default().connections;
    let descriptors = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let half = descriptors.map_or(usize::MAX, |n| usize::try_from(n / 2).unwrap_or(usize::MAX));
    most.min(half)
}

/// A port that cannot be listened on.
pub(crate) fn bind_failure(address: SocketAddr, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::AddrInUse => Failure::new(
            Class::Node,
            format!("cannot listen on {address}: the port is in use"),
            format!("无法监听 {address}：端口已被占用"),
        )
        .todo(
            format!(
                "see who holds it (ss -ltnp 'sport = :{}'), or choose another port",
                address.port()
            ),
            format!("请查看占用者（ss -ltnp 'sport = :{}'），或更换端口", address.port()),
        ),
        io::ErrorKind::PermissionDenied => Failure::new(
            Class::Key,
            format!("cannot listen on {address}: permission denied"),
            format!("无法监听 {address}：没有权限"),
        )
        .todo("choose a port above 1023", "请选择 1023 以上的端口"),
        _ => Failure::new(
            Class::Node,
            format!("cannot listen on {address}: {error}"),
            format!("无法监听 {address}：{error}"),
        ),
    }
}

/// The runtime of a server.
pub(crate) fn runtime() -> Done<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::bug(format!("runtime: {e}")))
}

/// Structured logs on stderr; `RUST_LOG` says how much.
pub(crate) fn start_logs(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new(
            "info,arc_malachitebft=warn,arc_malachitebft_engine::util::ticker=off,libp2p=warn",
        )
    });
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second subscriber, in tests, changes nothing.
    let _ = if json {
        logs.json().try_init()
    } else {
        logs.with_ansi(io::stderr().is_terminal()).try_init()
    };
}
