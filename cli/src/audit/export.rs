//! `audit export`: a package that proves itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::Serialize;
use yinxin_record::{Node, state_key};
use yinxin_sharing::provenance::{Direction, Filter, Graph, Item};
use yinxin_verify::Evidence;

use super::{package, signers::Certificates};
use crate::{
    config::Config,
    fail::{Class, Classed, Done, Failure},
    files,
    keys::{KeyArgs, SignerArgs},
    password::PasswordArgs,
    rng,
    trace::{Named, WalkArgs, Walked},
    ui::{self, Ui},
};

/// `yinxin audit export`
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    #[command(flatten)]
    walk: WalkArgs,
    /// A document to put in, one that a record names; may be repeated
    #[arg(long, value_name = "FILE")]
    document: Vec<PathBuf>,
    /// A certificate to put in beside those that genesis and trust folder have: of whoever joined later, of a person who decided;
    /// may be repeated
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    /// Sign the package with this key: who made it is then told, and that nothing was taken out of it
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
    /// The key's certificate
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Where to: a new folder, or one file if the name ends in .evidence
    #[arg(long, value_name = "DIR|FILE")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    out: String,
    records: usize,
    documents: usize,
    status_proofs: usize,
    certificates: usize,
    /// Who signed the package; none if nobody did.
    maker: Option<String>,
    truncated: bool,
}

impl Export {
    /// Walks both ways, checks every receipt, and writes.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let as_file = self.out.extension().is_some_and(|e| e == "evidence");
        if as_file {
            files::must_be_free(&self.out, self.force)?;
        }
        let signer = self.signer().map(|signer| signer.load(ui)).transpose()?;
        let walked = self.walk.walk(Direction::Both, &Filter::default(), ui, config)?;
        let mut content = BTreeMap::new();
        for id in walked.found.iter().map(|f| f.record.id()) {
            if let Some(reasons) = walked.doubt(&id)? {
                return Err(Failure::new(
                    Class::Invalid,
                    format!("the receipt of record {id} does not hold: {reasons}"),
                    format!("记录 {id} 的回执不成立：{reasons}"),
                )
                .todo("ask another node", "请改用其他节点"));
            }
            let receipt = walked.source.receipt(&id)?;
            content.insert(format!("receipts/{id}.receipt"), receipt);
        }
        for path in &self.document {
            let (place, bytes) = (place(path)?, files::read(path)?);
            let named = Evidence::names_of(&bytes).into_iter().map(Item::content);
            if !named.into_iter().any(|item| walked.graph.items.contains(&item)) {
                return Err(unnamed(path));
            }
            if content.insert(place, bytes).is_some() {
                return Err(twice(path));
            }
        }
        if let Named::Known { der, .. } = &walked.genesis {
            content.insert("trust/ledger.genesis".to_owned(), der.clone());
        }
        let certificates = Certificates::gather(&walked, &self.certificate)?;
        for organisation in &certificates.absent {
            ui.say(
                format!("no certificate of {organisation} is at hand: give it with --certificate"),
                format!("没有 {organisation} 的证书，可用 --certificate 提供"),
            );
        }
        let status_proofs = statuses(&walked, &certificates, &mut content)?;
        let certificates = certificates.into_files();
        let count = certificates.len();
        content.extend(certificates);
        let mut package = Evidence::seal(content, &walked.graph, ui.lang);
        if let Some(signer) = &signer {
            let (key, certificate) = (&signer.key, &signer.certificate);
            package =
                package.signed(key, certificate, ui::now(), &mut rng::os()).class(Class::Key)?;
        }
        package::write(&self.out, &package, as_file, self.force)?;
        let view = View {
            schema: "yinxin.evidence-export/1",
            out: self.out.display().to_string(),
            records: walked.found.len(),
            documents: self.document.len(),
            status_proofs,
            certificates: count,
            maker: signer.map(|s| s.certificate.title()),
            truncated: walked.graph.truncated,
        };
        ui.result(&view, |v| {
            let maker = match &v.maker {
                Some(maker) => format!("{} {maker}", ui.pick("signed by", "签名：")),
                None => ui.pick("unsigned", "未签名").to_owned(),
            };
            format!(
                "{}: {} {}, {} {}, {} {}, {} {}, {maker}\n",
                v.out,
                v.records,
                ui.pick("records", "条记录"),
                v.documents,
                ui.pick("documents", "份文件"),
                v.status_proofs,
                ui.pick("status proofs", "份状态证明"),
                v.certificates,
                ui.pick("certificates and revocation lists", "份证书和吊销列表")
            )
        })
    }
}

impl Export {
    fn signer(&self) -> Option<SignerArgs> {
        let key = KeyArgs { key: self.key.clone()?, password: self.password.clone() };
        Some(SignerArgs { key, cert: self.cert.clone()? })
    }
}

/// Where a document stands in the package.
fn place(path: &Path) -> Done<String> {
    let name = path.file_name().and_then(|n| n.to_str());
    let place = name.map(|name| format!("documents/{name}"));
    place.filter(|place| Evidence::has_place(place)).ok_or_else(|| {
        Failure::new(
            Class::Usage,
            format!("{}: the name is no UTF-8, too long, or has a backslash or a character that is not shown", path.display()),
            format!("{}：文件名不是 UTF-8、过长，或含有反斜杠或不可见字符", path.display()),
        )
        .todo("give the file another name", "请更改文件名")
    })
}

fn unnamed(path: &Path) -> Failure {
    Failure::new(
        Class::Usage,
        format!("{}: no record of the package names this document", path.display()),
        format!("{}：证据包中没有记录提及该文件", path.display()),
    )
    .todo(
        "give the file as it was when it was recorded, or begin the walk at something that leads to it",
        "请提供记录时的原文件，或改从与其相关的对象起溯源",
    )
}

fn twice(path: &Path) -> Failure {
    Failure::new(
        Class::Usage,
        format!("{}: another document has the same name", path.display()),
        format!("{}：与另一文件同名", path.display()),
    )
    .todo("give one of them another name", "请更改其中一个文件名")
}

/// How grants, resources and licences of the picture, and the organisations that signed, stand now, each with proof; of a package, as far
/// as it has them.
fn statuses(
    walked: &Walked,
    certificates: &Certificates,
    content: &mut BTreeMap<String, Vec<u8>>,
) -> Done<usize> {
    let mut keys = keys(&walked.graph);
    keys.extend(certificates.state_keys());
    let mut count = 0;
    for key in keys {
        let Some(proof) = walked.status(&key)? else { continue };
        content.insert(format!("status/{count:04}.status"), proof);
        count += 1;
    }
    Ok(count)
}

fn keys(graph: &Graph) -> BTreeSet<Vec<u8>> {
    let key = |item: &Item| match item {
        Item::Thing(Node::Grant(id)) => Some(state_key::grant(id)),
        Item::Thing(Node::Resource(of)) => Some(state_key::resource(&of.resource)),
        Item::Thing(Node::Licence(id)) => Some(state_key::licence(id)),
        Item::Organisation(code) => Some(state_key::organisation(code)),
        _ => None,
    };
    let folded = graph.activities.iter().filter_map(|a| a.folded.as_ref());
    let folded = folded.map(|f| state_key::access(&f.grant, f.minute));
    graph.items.iter().filter_map(key).chain(folded).collect()
}
