//! `trust show | check | update`: what a trust folder holds, and whether it can be relied on.

mod update;

use std::path::PathBuf;

use serde::Serialize;
use yinxin_verdict::{Verdict, shown};

use crate::{
    ca::CertificateView,
    config::Config,
    fail::{Class, Done, Failure},
    trusting,
    ui::{self, Ui},
};

/// `yinxin trust …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TrustCommand {
    /// Show what a trust folder holds: anchors, other certificates, revocation lists, ledgers
    Show(Folder),
    /// Check that nothing in it has expired or cannot be read
    Check(Folder),
    /// Take over the changes of validators that the ledger has committed
    Update(update::Update),
}

/// A trust folder.
#[derive(Debug, clap::Args)]
pub(crate) struct Folder {
    /// The folder [default: the configured one]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    folder: String,
    anchors: Vec<CertificateView>,
    others: Vec<CertificateView>,
    revocation_lists: Vec<ListView>,
    ledgers: Vec<String>,
    status_proofs: usize,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct ListView {
    issuer: String,
    revoked: usize,
    this_update: String,
    next_update: Option<String>,
}

impl TrustCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Show(f) => f.view(ui, config).and_then(|v| ui.result(&v, |v| text(ui, v))),
            Self::Update(u) => u.run(ui, config),
            Self::Check(f) => {
                let view = f.view(ui, config)?;
                ui.result(&view, |v| text(ui, v))?;
                let class = Class::of(Verdict::Indeterminate).unwrap_or(Class::Indeterminate);
                if view.problems.is_empty() { Ok(()) } else { Err(Failure::told(class)) }
            }
        }
    }
}

impl Folder {
    fn view(&self, ui: &Ui, config: &Config) -> Done<View> {
        let folder = config.trust_folder(self.folder.as_deref()).ok_or_else(|| {
            Failure::new(Class::Usage, "no trust folder is named", "未指定信任文件夹")
        })?;
        let trust = trusting::load(&folder)?;
        let now = ui::now();
        let store = trust.certificates();
        let mut problems = Vec::new();
        for c in store.certificates().filter(|c| c.not_after() < now) {
            problems.push(format!(
                "{}: {} {}",
                c.title(),
                ui.pick("expired", "已过期"),
                c.not_after()
            ));
        }
        for l in store.crls() {
            if let Some(due) = l.next_update().filter(|t| *t < now) {
                problems.push(format!(
                    "{}: {} {due}",
                    l.issuer(),
                    ui.pick("list due since", "吊销列表应于此前更新")
                ));
            }
        }
        if store.anchors().next().is_none() {
            problems.push(
                ui.pick("no anchor: no certificate can be trusted", "没有信任锚，任何证书均不可信")
                    .to_owned(),
            );
        }
        Ok(View {
            schema: "yinxin.trust/1",
            folder: folder.display().to_string(),
            anchors: store.anchors().map(CertificateView::new).collect(),
            others: store
                .certificates()
                .filter(|c| !store.is_anchor(c))
                .map(CertificateView::new)
                .collect(),
            revocation_lists: store
                .crls()
                .map(|l| ListView {
                    issuer: l.issuer().to_string(),
                    revoked: l.len(),
                    this_update: l.this_update().to_string(),
                    next_update: l.next_update().map(|t| t.to_string()),
                })
                .collect(),
            ledgers: trust
                .ledgers()
                .ledgers()
                .map(|(id, l)| format!("{} {id}", l.name()))
                .collect(),
            status_proofs: trust.status_proofs().len(),
            problems,
        })
    }
}

fn text(ui: &Ui, v: &View) -> String {
    let mut out = format!("{}\n", v.folder);
    for (title, list) in
        [(ui.pick("anchor", "信任锚"), &v.anchors), (ui.pick("certificate", "证书"), &v.others)]
    {
        for c in list {
            out.push_str(&format!("{title}: {}", c.text(ui)));
        }
    }
    for l in &v.revocation_lists {
        out.push_str(&format!(
            "{}: {} ({}) {} – {}\n",
            ui.pick("revocation list", "吊销列表"),
            shown(&l.issuer),
            l.revoked,
            l.this_update,
            l.next_update.as_deref().unwrap_or("…")
        ));
    }
    for id in &v.ledgers {
        out.push_str(&format!("{}: {}\n", ui.pick("ledger", "账本"), shown(id)));
    }
    for p in &v.problems {
        out.push_str(&format!("✗ {}\n", shown(p)));
    }
    out
}
