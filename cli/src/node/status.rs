//! `node status`: how a running node is.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use serde::Serialize;
use yinxin_receipt::{Header, Wire};
use yinxin_service::{Head, LedgerError};

use super::settings::Home;
use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    remote::{self, Remote},
    ui::Ui,
};

/// `yinxin node status`
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// The node's directory
    #[arg(value_name = "DIR", conflicts_with = "node")]
    folder: Option<PathBuf>,
    /// The node's address
    #[arg(long, value_name = "URL")]
    node: Option<String>,
    /// Wait up to this many seconds until it answers
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// Wait until it is as far as this other node
    #[arg(long, value_name = "URL")]
    caught_up_with: Option<String>,
    /// Wait until it has this many peers
    #[arg(long, value_name = "N", default_value_t = 0)]
    peers: usize,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    node: String,
    height: u64,
    peers: usize,
    log_size: u64,
    chain_id: String,
    time: String,
}

impl Status {
    /// Asks until it answers as wished or time is over.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        let address = match &self.folder {
            Some(folder) => format!("http://{}", Home::open(folder)?.settings.http),
            None => config.node(self.node.as_deref())?,
        };
        let remote = Remote::new(&address)?;
        let other = self.caught_up_with.as_deref().map(Remote::new).transpose()?;
        let deadline = Instant::now() + Duration::from_secs(self.wait);
        let spinner = ui.spinner("waiting for the node", "等待节点");
        let head = loop {
            match self.ask(&remote, other.as_ref()) {
                Ok(head) => break Ok(head),
                Err(failure) if Instant::now() >= deadline => break Err(failure),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        };
        spinner.finish_and_clear();
        ui.result(&view(remote.address(), &head?), |v| {
            format!(
                "{}\n  {} {} ({})\n  {} {}\n  {} {}\n",
                v.node,
                ui.pick("height", "高度"),
                v.height,
                v.time,
                ui.pick("records", "记录数"),
                v.log_size,
                ui.pick("peers", "已连接节点"),
                v.peers
            )
        })
    }

    fn ask(&self, remote: &Remote, other: Option<&Remote>) -> Done<Head> {
        let said = |e: LedgerError| remote::failure(&e);
        let head = remote.newest().map_err(said)?;
        if head.peers < self.peers {
            return Err(Failure::new(
                Class::Node,
                format!(
                    "{}: expected {} peers, found {}",
                    remote.address(),
                    self.peers,
                    head.peers
                ),
                format!("{}：应连接 {} 个节点，实为 {}", remote.address(), self.peers, head.peers),
            ));
        }
        if let Some(other) = other {
            let theirs = other.newest().map_err(said)?.height;
            if head.height < theirs {
                return Err(Failure::new(
                    Class::Node,
                    format!(
                        "{} is at height {}, {} at {theirs}",
                        remote.address(),
                        head.height,
                        other.address()
                    ),
                    format!(
                        "{} 高度 {}，{} 高度 {theirs}",
                        remote.address(),
                        head.height,
                        other.address()
                    ),
                ));
            }
        }
        Ok(head)
    }
}

fn view(node: &str, head: &Head) -> View {
    let header = Header::from_der(&head.header).ok();
    View {
        schema: "yinxin.node/1",
        node: node.to_owned(),
        height: head.height,
        peers: head.peers,
        log_size: header.as_ref().map_or(0, |h| h.log_size),
        chain_id: header.as_ref().map(|h| h.chain_id.to_string()).unwrap_or_default(),
        time: header.map(|h| h.time().to_string()).unwrap_or_default(),
    }
}
