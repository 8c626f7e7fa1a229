//! `trace`: where data came from and where they went, from any end, each edge with its record and, if wanted, its receipt checked.

mod folded;
mod sources;
mod subject;

use std::{
    collections::BTreeSet,
    io::IsTerminal,
    path::{Path, PathBuf},
};

use serde::Serialize;
use yinxin_gm::Digest;
use yinxin_record::OrganisationCode;
use yinxin_sharing::provenance::{
    AsOf, Direction, Filter, Found, Graph, Limits, to_dot, to_mermaid, to_prov_json, to_svg,
    to_tree, trace,
};
use yinxin_verdict::{Lang, Policy, Report, UnixTime, Verdict};
use yinxin_verify::Trust;

use crate::{
    config::Config,
    fail::{Class, Done, Failure},
    files::{self, Access, Existing},
    submit::LedgerArgs,
    trusting,
    ui::{self, Ui},
};

pub(crate) use sources::{Named, Source, each_listed, listed, placed};

/// `yinxin trace`
#[derive(Debug, clap::Args)]
pub(crate) struct Trace {
    #[command(flatten)]
    walk: WalkArgs,
    /// Only towards what was made of it
    #[arg(long, conflicts_with = "backward")]
    forward: bool,
    /// Only towards what it was made from
    #[arg(long)]
    backward: bool,
    /// Only acts of this kind, such as derive, deliver, access, licence-issue; may be repeated
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Only acts of this organisation, by its code; may be repeated
    #[arg(long, value_name = "CODE", value_parser = organisation)]
    by: Vec<OrganisationCode>,
    /// Only acts from this time on
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    since: Option<UnixTime>,
    /// Only acts before this time
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    until: Option<UnixTime>,
    /// How it is shown
    #[arg(long, value_enum, default_value = "tree")]
    graph: Form,
    /// Write it to this file
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
    /// Check the receipt of every edge against the trust folder, here
    #[arg(long)]
    verify: bool,
}

/// Where a walk begins, over what, and how far it goes.
#[derive(Debug, clap::Args)]
pub(crate) struct WalkArgs {
    /// A file, digest, licence's identifier, resource (CODE or CODE@VERSION), organisation, pseudonym, request or grant, or record;
    /// where one number could be several things: d:DIGEST, s:PSEUDONYM, q:REQUEST, g:GRANT, x:RECORD
    #[arg(value_name = "SUBJECT", required = true)]
    subject: String,
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Walk a package of evidence, file or folder, instead of a ledger
    #[arg(long, value_name = "PATH", conflicts_with = "node")]
    evidence: Option<PathBuf>,
    /// How many acts in a row
    #[arg(long, value_name = "N", default_value_t = Limits::default().depth)]
    depth: usize,
    /// How many records in all; ten times as many are read
    #[arg(long, value_name = "N", default_value_t = Limits::default().records)]
    limit: usize,
    /// How many records of one list, the oldest first; a longer list is told as cut short
    #[arg(long, value_name = "N", default_value_t = Limits::default().list)]
    list: usize,
    /// Windows of access one by one; else those of a grant are told as one, with their sum by the ledger's state
    #[arg(long)]
    windows: bool,
    /// As the ledger was at this height or instant, or at the end of this day (in China)
    #[arg(long, value_name = "TIME|HEIGHT", value_parser = AsOf::parse)]
    as_of: Option<AsOf>,
}

/// How many edges that do not hold are told one by one; `--json` has them all.
const TOLD: usize = 50;

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For a terminal
    Tree,
    /// A picture
    Svg,
    /// Graphviz
    Dot,
    /// For wikis
    Mermaid,
    /// W3C PROV-JSON
    ProvJson,
}

fn organisation(text: &str) -> Result<OrganisationCode, yinxin_record::Error> {
    OrganisationCode::new(text)
}

/// What a walk gave.
pub(crate) struct Walked {
    /// The picture.
    pub(crate) graph: Graph,
    /// The records, those among them that windows told as one stand for.
    pub(crate) found: Vec<Found>,
    /// Whom its receipts are checked against.
    pub(crate) trust: Trust,
    /// Where it came from, with the receipts that were read on the way.
    pub(crate) source: Source,
    /// Who names its organisations.
    pub(crate) genesis: Named,
}

impl WalkArgs {
    /// Walks.
    pub(crate) fn walk(
        &self,
        direction: Direction,
        filter: &Filter,
        ui: &Ui,
        config: &Config,
    ) -> Done<Walked> {
        let (source, trust) = self.open(config)?;
        let start = subject::read(&self.subject, &source)?;
        let windows = if self.windows { usize::MAX } else { Limits::default().windows };
        let limits = Limits { depth: self.depth, records: self.limit, list: self.list, windows };
        let spinner = ui.spinner("walking", "正在溯源");
        let walked =
            trace(&source, &start, direction, self.as_of.unwrap_or_default(), limits, filter);
        spinner.finish_and_clear();
        let (mut graph, found) = walked?;
        if found.is_empty() {
            return Err(Failure::new(
                Class::Usage,
                format!("nothing is known of {} as of then", self.subject),
                format!("截至该时点没有关于 {} 的记录", self.subject),
            )
            .todo(
                "check the subject, --as-of, and which ledger the node carries",
                "请核对查询对象、--as-of 以及节点所在账本",
            ));
        }
        let named = source.genesis(&trust)?;
        match &named {
            Named::Absent => {}
            Named::Known { genesis, .. } => {
                let names = genesis.organisations.iter();
                graph.name_organisations(names.map(|o| (o.code.as_str(), o.name.as_str())));
            }
            Named::Foreign => ui.say(
                "the genesis that came with it is not that of a ledger in the trust folder: organisations are not named",
                "随附的创世文件不属于信任文件夹中的账本，故不显示机构名称",
            ),
        }
        Ok(Walked { graph, found, trust, source, genesis: named })
    }

    /// Receipts prove what is there, and say nothing of what is not.
    fn say_what_is_not_shown(&self, ui: &Ui) {
        if self.evidence.is_some() {
            ui.say(
                "whether the package's maker left something out is not shown by this: trace a node's ledger",
                "以上不能表明证据包制作者没有遗漏：请对节点账本溯源",
            );
        } else {
            ui.say(
                "whether the node left something out is not shown by this: audit check shows it",
                "以上不能表明节点没有遗漏：请用 audit check 核对",
            );
        }
    }

    fn open(&self, config: &Config) -> Done<(Source, Trust)> {
        if let Some(path) = &self.evidence {
            let trust = match config.trust_folder(self.ledger.trust.as_deref()) {
                Some(folder) => trusting::load(&folder)?,
                None => Trust::default(),
            };
            return Ok((Source::evidence(path)?, trust));
        }
        let client = self.ledger.open(config)?;
        let trust = client.trust.clone();
        Ok((Source::remote(client), trust))
    }
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    acts: usize,
    edges: usize,
    truncated: bool,
    /// `None` if receipts were not asked for.
    verified: Option<bool>,
    /// Whether something was left out, which receipts cannot show: `audit check` does.
    completeness: &'static str,
    failed: Vec<Failed>,
    /// Windows that are told as one.
    folded: Vec<folded::Sum>,
    out: Option<String>,
    prov: Option<serde_json::Value>,
}

/// An edge whose receipt does not hold.
#[derive(Clone, Serialize)]
struct Failed {
    record: String,
    edge: String,
    reasons: String,
}

impl Trace {
    /// Walks, shows, and checks.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let direction = match (self.forward, self.backward) {
            (true, _) => Direction::Forward,
            (_, true) => Direction::Backward,
            _ => Direction::Both,
        };
        let filter = Filter {
            kinds: self.kind.clone(),
            organisations: self.by.clone(),
            from: self.since,
            until: self.until,
        };
        let walked = self.walk.walk(direction, &filter, ui, config)?;
        let failed = if self.verify { walked.failed()? } else { Vec::new() };
        let sums = walked.sums()?;
        self.show(&walked.graph, &failed, &sums, ui)?;
        for Failed { edge, reasons, .. } in failed.iter().take(TOLD) {
            ui.say(format!("✗ {edge}: {reasons}"), format!("✗ {edge}：{reasons}"));
        }
        match failed.first() {
            None => Ok(()),
            Some(Failed { record, edge, reasons }) => Err(Failure::new(
                Class::Invalid,
                format!("the receipt of record {record} does not hold ({reasons}), and so not the edge {edge}; {} edges in all", failed.len()),
                format!("记录 {record} 的回执不成立（{reasons}），因此边 {edge} 不成立；共 {} 条边", failed.len()),
            )
            .todo("ask another node; check that --trust has this ledger's genesis", "请改用其他节点，并确认 --trust 中有该账本的创世文件")),
        }
    }

    fn show(&self, graph: &Graph, failed: &[Failed], sums: &[folded::Sum], ui: &Ui) -> Done {
        let stdout = self.out == Path::new("-");
        let colour =
            stdout && std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let drawn = drawn(self.graph, graph, ui.lang, colour);
        if ui.json {
            let view = View {
                schema: "yinxin.trace/1",
                acts: graph.activities.len(),
                edges: graph.edges.len(),
                truncated: graph.truncated,
                verified: self.verify.then_some(failed.is_empty()),
                completeness: "not-shown",
                failed: failed.to_vec(),
                folded: sums.to_vec(),
                out: (!stdout).then(|| self.out.display().to_string()),
                prov: serde_json::from_str(&to_prov_json(graph)).ok(),
            };
            if !stdout {
                self.write(&drawn)?;
            }
            return ui.result(&view, |_| String::new());
        }
        if stdout {
            // Every text in it has gone through the filter of control characters already; colours are ours.
            ui::write_stdout(drawn.as_bytes())?;
        } else {
            self.write(&drawn)?;
        }
        if self.verify && failed.is_empty() {
            let (edges, receipts) = (graph.edges.len(), graph.activities.len());
            ui.say(
                format!("{edges} edges, {receipts} receipts: all hold"),
                format!("{edges} 条边、{receipts} 份回执：全部成立"),
            );
            folded::say(sums, ui);
            self.walk.say_what_is_not_shown(ui);
        }
        Ok(())
    }

    fn write(&self, drawn: &str) -> Done {
        files::write(&self.out, drawn.as_bytes(), Access::Public, Existing::forced(self.force))
    }
}

fn drawn(form: Form, graph: &Graph, lang: Lang, colour: bool) -> String {
    match form {
        Form::Tree => to_tree(graph, lang, colour),
        Form::Svg => to_svg(graph, lang),
        Form::Dot => to_dot(graph, lang),
        Form::Mermaid => to_mermaid(graph, lang),
        Form::ProvJson => to_prov_json(graph),
    }
}

impl Walked {
    /// The edges whose receipts do not hold, all of them checked.
    fn failed(&self) -> Done<Vec<Failed>> {
        let mut failed = Vec::new();
        for activity in &self.graph.activities {
            let doubt = match (self.doubt(&activity.id)?, &activity.folded) {
                (None, Some(folded)) => self.doubt_sum(&activity.id, folded)?,
                (doubt, _) => doubt,
            };
            let Some(reasons) = doubt else { continue };
            for edge in self.graph.edges.iter().filter(|e| e.record == activity.id) {
                failed.push(Failed {
                    record: activity.id.to_string(),
                    edge: format!("{} {} {}", edge.subject, edge.relation.name(), edge.object),
                    reasons: reasons.clone(),
                });
            }
        }
        Ok(failed)
    }

    /// Who signed the records of the graph: organisation and id of the key.
    pub(crate) fn signers(&self) -> BTreeSet<(OrganisationCode, Digest)> {
        let mut signers = BTreeSet::new();
        for found in &self.found {
            let tbs = &found.record.tbs;
            signers.insert((tbs.organisation.clone(), tbs.signer));
        }
        signers
    }

    /// Why a record is not to be believed; `None` if its receipt holds.
    pub(crate) fn doubt(&self, id: &Digest) -> Done<Option<String>> {
        let receipt = self.source.receipt(id)?;
        let report: Report =
            yinxin_verify::verify(&receipt, &self.trust, &Policy::default(), ui::now());
        Ok((report.verdict != Verdict::Valid).then(|| report.reasons.join(", ")))
    }
}
