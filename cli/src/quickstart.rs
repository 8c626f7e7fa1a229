//! `quickstart`: a whole consortium on this machine, for real, through the public commands only.

mod credit;
mod founding;
mod licences;
mod plan;
mod sharing;
mod stage;

use std::{net::TcpListener, path::PathBuf, time::Instant};

use serde::Serialize;

use crate::{
    fail::{Class, Done, Failure},
    files,
    ui::{self, Ui},
};
use plan::Plan;
use stage::Stage;

/// `yinxin quickstart [DIR]`
#[derive(Debug, clap::Args)]
pub(crate) struct Quickstart {
    /// The folder to make; it must not exist, or be empty
    #[arg(value_name = "DIR", default_value = "yinxin-quickstart")]
    folder: PathBuf,
    /// Print the commands as a shell script instead of running them
    #[arg(long)]
    show: bool,
    /// Leave the nodes and the portal running until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// What is played
    #[arg(long, value_enum, default_value = "licences")]
    scenario: Scenario,
    /// Issue only this many of the sample's rows
    #[arg(long, value_name = "N", default_value_t = 200)]
    licences: usize,
}

/// A story; each has a file of its own below `quickstart/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Scenario {
    /// Four departments, a seal, 200 licences from a CSV, a revocation, a killed node
    Licences,
    /// Three departments' data to a bank and back, masked, from requests to the auditor's picture
    Sharing,
    /// A small company's loan: penalties published, disputed, repaired; a list and its measure, an authorised view, a score, an invoice pledged
    /// once, a batch audited again
    Credit,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    scenario: String,
    folder: String,
    /// How many were issued, by the scenario that issues them.
    licences: Option<usize>,
    seconds: f64,
    nodes: Vec<String>,
}

impl Quickstart {
    /// Plans, then prints or plays the plan.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        let folder =
            std::path::absolute(&self.folder).map_err(|e| Failure::io(&self.folder, &e))?;
        let licences = self.licences.clamp(2, licences::sample::ROWS);
        let plan = self.scenario.plan(&folder, licences)?;
        if self.show {
            return ui::write_stdout(plan.to_shell(ui.lang).as_bytes());
        }
        must_be_empty(&folder)?;
        let start = Instant::now();
        let mut stage = Stage::new(ui, &folder)?;
        for chapter in &plan.chapters {
            stage.tell(chapter);
            for step in &chapter.steps {
                stage.play(step)?;
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        ui.say(
            format!("\nDone in {seconds:.0} s. The folder to play with: {}", folder.display()),
            format!("\n完成，用时 {seconds:.0} 秒。可供试用的文件夹：{}", folder.display()),
        );
        if self.keep {
            stage.keep(&plan.http)?;
        }
        stage.stop()?;
        let view = View {
            schema: "yinxin.quickstart/1",
            scenario: self.scenario.name(),
            folder: folder.display().to_string(),
            licences: (self.scenario == Scenario::Licences).then_some(licences),
            seconds,
            nodes: plan.http.clone(),
        };
        ui.result(&view, |v| v.folder.clone())
    }
}

impl Scenario {
    fn plan(self, folder: &std::path::Path, licences: usize) -> Done<Plan> {
        Ok(match self {
            Self::Licences => licences::plan(folder, &free_ports(licences::NODES, 0)?, licences),
            Self::Credit => credit::plan(folder, &free_ports(credit::NODES, 0)?, ui::now()),
            Self::Sharing => {
                sharing::plan(folder, &free_ports(sharing::NODES, sharing::SERVERS)?, ui::now())
            }
        })
    }

    fn name(self) -> String {
        clap::ValueEnum::to_possible_value(&self).map_or_else(String::new, |v| v.get_name().into())
    }
}

fn must_be_empty(folder: &std::path::Path) -> Done {
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Err(_) => files::make_folder(folder),
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(
            Class::Usage,
            format!("{} is not empty and is left as it is", folder.display()),
            format!("{} 不是空文件夹，未作改动", folder.display()),
        )
        .todo(
            "name another folder: yinxin quickstart DIR",
            "请另指定文件夹：yinxin quickstart 目录",
        )),
    }
}

/// Where ports are looked for: below those that the system gives to outgoing connections (32768 to 60999 on Linux), which could
/// take a node's port while it restarts.
const PORTS: std::ops::Range<u16> = 20_000..29_000;

/// Ports that nobody listens on: a pair for each node (its records travel on the port after its consensus'), one for its HTTP, and
/// one for each server beside them.
fn free_ports(nodes: usize, servers: usize) -> Done<Ports> {
    // Tours that run side by side begin at different places.
    let begin = u16::try_from(std::process::id() % 450).expect("below 450") * 20;
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let len = PORTS.end - PORTS.start;
    let mut pairs: Vec<u16> = (0..len)
        .step_by(2)
        .map(|n| PORTS.start + (begin + n) % len)
        .filter(|port| free(*port) && free(port + 1))
        .take(nodes + (nodes + servers).div_ceil(2))
        .collect();
    if pairs.len() < nodes + (nodes + servers).div_ceil(2) {
        return Err(Failure::new(
            Class::Node,
            format!("no free ports on 127.0.0.1 from {} to {}", PORTS.start, PORTS.end - 1),
            format!("127.0.0.1 上 {} 至 {} 之间没有空闲端口", PORTS.start, PORTS.end - 1),
        )
        .todo("end what listens there", "请结束占用这些端口的程序"));
    }
    let single: Vec<u16> = pairs.split_off(nodes).iter().flat_map(|p| [*p, p + 1]).collect();
    let (http, servers) = (single[..nodes].to_vec(), single[nodes..nodes + servers].to_vec());
    Ok(Ports { pairs, http, servers })
}

/// The ports of nodes and servers.
#[derive(Clone, Debug)]
struct Ports {
    pairs: Vec<u16>,
    http: Vec<u16>,
    servers: Vec<u16>,
}

impl Ports {
    /// The nodes' HTTP addresses.
    fn addresses(&self) -> Vec<String> {
        self.http.iter().map(|port| format!("http://127.0.0.1:{port}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ports_are_free_and_never_those_of_outgoing_connections() {
        let first = free_ports(5, 1).unwrap();
        let held: Vec<_> = first
            .http
            .iter()
            .map(|port| TcpListener::bind(("127.0.0.1", *port)).unwrap())
            .collect();
        let ports = free_ports(5, 1).unwrap();
        let all = ports.pairs.iter().flat_map(|p| [*p, p + 1]).chain(ports.http.clone());
        let all: BTreeSet<u16> = all.chain(ports.servers.clone()).collect();
        assert_eq!(all.len(), 16, "{ports:?}");
        assert!(all.iter().all(|port| PORTS.contains(port)), "{ports:?}");
        assert!(held.iter().all(|l| !all.contains(&l.local_addr().unwrap().port())), "{ports:?}");
    }
}
