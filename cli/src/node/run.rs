//! `node run`: the node and its HTTP interface, until it is told to stop.

use std::{path::PathBuf, sync::Arc};

use rand_core::Rng;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing::info;
use yinxin_node::{Keys, Node, NodeError, NodeHandle, peer_id};
use yinxin_receipt::{Genesis, Wire};
use yinxin_verdict::Policy;
use yinxin_verify::Trust;

use super::{
    desk::Desk,
    local::Local,
    settings::{Home, must_be_founder},
};
use crate::{
    app::Rules,
    fail::{Class, Classed, Done, Failure},
    rng, serve, trusting,
    ui::Ui,
};

/// `yinxin node run`
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// The node's directory
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The node was not among the founders: wait until the members admit it, catch up, then vote
    #[arg(long)]
    follow: bool,
    /// Logs as JSON lines
    #[arg(long)]
    log_json: bool,
}

impl Run {
    /// Runs until SIGTERM or Ctrl-C.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        serve::start_logs(self.log_json);
        let home = Home::open(&self.folder)?;
        let genesis = home.genesis()?;
        let key = home.key(ui)?;
        let network = home.network_key()?;
        if !self.follow {
            must_be_founder(&genesis, &key, &peer_id(&network))?;
        }
        let keys = Keys { validator: Some(key), network };
        let trust = trust(&home, &genesis)?;
        serve::runtime()?.block_on(live(&home, keys, &genesis, trust, ui))
    }
}

/// What the node's own verifying page trusts: the ledger, and whatever the department added.
fn trust(home: &Home, genesis: &Genesis) -> Done<Trust> {
    match &home.settings.trust {
        Some(folder) => trusting::load(&home.path(folder)),
        None => {
            Trust::from_files([(String::from("genesis"), genesis.to_der())]).class(Class::Invalid)
        }
    }
}

async fn live(home: &Home, keys: Keys, genesis: &Genesis, trust: Trust, ui: &Ui) -> Done {
    // The HTTP port first: a node that nobody can ask should not begin to vote.
    let address = home.settings.http;
    let listener =
        TcpListener::bind(address).await.map_err(|e| serve::bind_failure(address, &e))?;
    let node = Node::start(home.node_config()?, keys, genesis, Arc::new(Rules))
        .await
        .map_err(|e| node_failure(&e))?;
    info!(http = %address, "serving");
    ui.say(
        format!("node of {} on http://{address}", home.settings.node.name),
        format!("节点 {} 运行于 http://{address}", home.settings.node.name),
    );
    let folder = home.node_config()?.data_dir.join("denials");
    let mut random = [0; 32];
    rng::os().fill_bytes(&mut random);
    let desk = Desk::open(&folder, node.clone(), random).map_err(|e| Failure::io(&folder, &e))?;
    let ledger = Arc::new(Local(node.clone(), desk));
    let http = serve::http(listener, serve::app(trust, Policy::default(), Some(ledger)));
    let result = tokio::select! {
        served = http => served,
        ended = ended(&node) => ended,
        () = told_to_stop() => Ok(()),
    };
    node.shutdown().await;
    result
}

/// The node ended by itself: why.
async fn ended(node: &NodeHandle) -> Done {
    match node.wait().await {
        Ok(()) => Ok(()),
        Err(end) => match end.as_ref() {
            Ok(()) => Ok(()),
            Err(error) => Err(node_failure(error)),
        },
    }
}

fn node_failure(error: &NodeError) -> Failure {
    let class = match error {
        NodeError::Config(_) => Class::Usage,
        NodeError::Genesis(_) => Class::Invalid,
        NodeError::KeyMismatch { .. } | NodeError::Guard(_) => Class::Key,
        NodeError::Removed { .. } => Class::Removed,
        _ => Class::Node,
    };
    Failure::of(class, error)
}

async fn told_to_stop() {
    let (Ok(mut int), Ok(mut term)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without signal handlers the system's default ends the process.
        return std::future::pending().await;
    };
    tokio::select! { _ = int.recv() => {}, _ = term.recv() => {} }
}
