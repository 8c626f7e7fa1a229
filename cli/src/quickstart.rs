//! `quickstart`: a whole consortium on this machine, for real, in under a minute, through the public commands only.

mod chapters;
mod plan;
mod readme;
mod sample;
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
    /// Issue only this many of the sample's rows
    #[arg(long, value_name = "N", default_value_t = 200)]
    licences: usize,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    folder: String,
    licences: usize,
    seconds: f64,
    nodes: Vec<String>,
}

impl Quickstart {
    /// Plans, then prints or plays the plan.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        let folder =
            std::path::absolute(&self.folder).map_err(|e| Failure::io(&self.folder, &e))?;
        let plan = Plan::new(&folder, &free_ports()?, self.licences.clamp(2, sample::ROWS));
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
            folder: folder.display().to_string(),
            licences: plan.licences,
            seconds,
            nodes: plan.http.clone(),
        };
        ui.result(&view, |v| v.folder.clone())
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

/// Ports that nobody listens on: four pairs (a node's records travel on the port after its consensus') and four for HTTP.
/// Found by asking the system, and held until all are found so that they differ.
fn free_ports() -> Done<Ports> {
    let mut held = Vec::new();
    let mut pairs = Vec::new();
    let mut http = Vec::new();
    // Some tries end at a port whose neighbour is taken; a machine that fails a hundred times has none left.
    for _ in 0..100 {
        let Ok(first) = TcpListener::bind(("127.0.0.1", 0)) else { continue };
        let Ok(port) = first.local_addr().map(|a| a.port()) else { continue };
        if http.len() < 4 {
            http.push(port);
        } else if pairs.len() < 4 {
            let Some(next) = port.checked_add(1) else { continue };
            let Ok(second) = TcpListener::bind(("127.0.0.1", next)) else { continue };
            pairs.push(port);
            held.push(second);
        } else {
            return Ok(Ports { pairs, http });
        }
        held.push(first);
    }
    Err(Failure::new(Class::Node, "no free ports on 127.0.0.1", "127.0.0.1 上没有空闲端口"))
}

/// The ports of four nodes.
#[derive(Clone, Debug)]
struct Ports {
    pairs: Vec<u16>,
    http: Vec<u16>,
}
