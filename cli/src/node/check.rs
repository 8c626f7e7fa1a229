//! `node check`: would this node start, and if not, why.

use std::{net::TcpListener, path::PathBuf};

use serde::Serialize;
use yinxin_node::peer_id;

use super::settings::{Home, must_be_founder};
use crate::{
    fail::{Class, Done, Failure},
    serve,
    ui::Ui,
};

/// `yinxin node check`
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The node's directory
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The node is running: do not ask for its ports
    #[arg(long)]
    running: bool,
    /// The node was not among the founders
    #[arg(long)]
    follow: bool,
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
    what: String,
    todo: String,
}

impl Check {
    /// Makes every check, also after one has failed.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        let home = Home::open(&self.folder)?;
        let mut checks = Vec::new();
        let mut classes = Vec::new();
        let mut add = |name, result: Done<String>| {
            let (ok, what, todo) = match result {
                Ok(found) => (true, found, String::new()),
                Err(failure) => {
                    let words = failure.explain(ui.lang);
                    classes.push(failure.class);
                    (false, words.what, words.todo)
                }
            };
            checks.push(Line { check: name, ok, what, todo });
        };
        let (key, network, genesis) = (home.key(ui), home.network_key(), home.genesis());
        add("genesis", genesis.as_ref().map(|g| g.name.clone()).map_err(Clone::clone));
        add(
            "key",
            key.as_ref().map(|k| crate::key::public_hex(k.public_key())).map_err(Clone::clone),
        );
        add("network", network.as_ref().map(|n| peer_id(n)).map_err(Clone::clone));
        if let (false, Ok(key), Ok(network), Ok(genesis)) = (self.follow, &key, &network, &genesis)
        {
            let peer = peer_id(network);
            add(
                "founder",
                must_be_founder(genesis, key, &peer).map(|()| genesis.chain_id().to_string()),
            );
        }
        if !self.running {
            let config = home.node_config()?;
            for address in [home.settings.http, config.listen, config.pool_listen()] {
                let free = TcpListener::bind(address).map_err(|e| serve::bind_failure(address, &e));
                add("port", free.map(|_| address.to_string()));
            }
        }
        let ok = classes.is_empty();
        let view = View { schema: "yinxin.node-check/1", ok, checks };
        ui.result(&view, |v| v.checks.iter().map(text).collect())?;
        classes.into_iter().max().map_or(Ok(()), |class: Class| Err(Failure::told(class)))
    }
}

fn text(line: &Line) -> String {
    let mut out = format!("{} {:<8} {}\n", if line.ok { "✓" } else { "✗" }, line.check, line.what);
    if !line.todo.is_empty() {
        out.push_str(&format!("  → {}\n", line.todo));
    }
    out
}
