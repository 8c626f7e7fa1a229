//! `audit check --batches`: a source's batches executed again from the records that it publishes, against the acts on the ledger.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use serde::Serialize;
use yinxin_credit::{
    Error, Forms,
    source::{
        Audit, MemoryStore, Named, Published, Punctualities, Punctuality, SourceEvent,
        SourceRecord, SourceRules, SourceStore,
    },
};
use yinxin_gm::Digest;
use yinxin_record::{
    Act, BatchState, ClassCode, ClassReference, ClassState, CreditAct, CreditBatch, Date,
    OrganisationCode, PublishClass, Record, SourceCaseState, SourceItemState, SourceRuling,
    SourceState, Wire, state_key,
};

use super::{replay::Replay, stopped::Stopped};
use crate::{
    config::Config,
    credit::{
        contents::same_form,
        failure,
        publishing::Publishing,
        rules::{RulesArgs, organisation},
        store::RocksSource,
    },
    fail::{At, Class, Classed, Done, Failure},
    files, remote,
    submit::{Client, LedgerArgs},
    trace::placed,
    ui::Ui,
};

/// Records that are audited in memory: some 500 bytes each.
const IN_MEMORY: u64 = 2_000_000;

/// Which batches.
#[derive(Debug, clap::Args)]
pub(super) struct BatchArgs {
    /// Instead: execute a source's batches again, from the folder that it publishes them in (`N.records`)
    #[arg(long, value_name = "DIR", requires = "source")]
    pub(super) batches: Option<PathBuf>,
    /// The source's unified social credit code
    #[arg(long, value_name = "CODE", value_parser = organisation, requires = "batches")]
    source: Option<OrganisationCode>,
    #[command(flatten)]
    rules: RulesArgs,
    /// An empty folder to work in, for more than two million records; without it memory does
    #[arg(long, value_name = "DIR", requires = "batches")]
    work: Option<PathBuf>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    ok: bool,
    source: String,
    /// Batches and records that hold, and the root that they lead to.
    batches: u64,
    records: u64,
    root: String,
    /// Batches on the ledger.
    anchored: usize,
    /// Records that tell of a day before the batch before theirs was anchored: a view of that day, taken in between, did not have them. As all
    /// counts below it, also of a batch that follows from its records and names a decision which the ledger does not have so.
    backdated: u64,
    /// Repairs since the source's first batch that name no decision, though their class asks for evidence: nothing on the ledger says who decided.
    undecided: u64,
    /// Records that name a decision which the ledger has of that item.
    decided: usize,
    /// How punctual each authority was whose items the source tells of; the ledger counts all of them with the source.
    authorities: Vec<AuthorityView>,
    lie: Option<Lie>,
}

/// What an authority had to publish by a day, of the batches that follow from their records; who had nothing to is not among them.
#[derive(Serialize)]
struct AuthorityView {
    /// None: all beyond the first 65,536.
    authority: Option<String>,
    /// Had to be published by a day, and were late by the day that the source gives.
    due: u64,
    late: u64,
    /// Decided since the source's first batch was anchored, and late by the day of the block that anchored them.
    due_since: u64,
    anchored_late: u64,
}

/// The first batch that does not hold, or names a decision that the ledger does not have so; no later one is executed.
#[derive(Serialize)]
struct Lie {
    batch: u64,
    /// Place of the record that breaks a rule, from 0, and its subject; none if the batch as a whole does not fit its records.
    record: Option<u64>,
    subject: Option<String>,
    code: &'static str,
    what: String,
}

/// What the ledger says of a case, by its id.
type Cases = dyn Fn(&Digest) -> Done<Option<Decision>>;

/// What the ledger says of a source.
struct Anchored {
    /// In order, each with the day of its block in China.
    batches: Vec<(CreditBatch, Date)>,
    classes: BTreeMap<ClassReference, PublishClass>,
    /// A decision about an item of a batch, by its case.
    case: Box<Cases>,
}

/// How a case stands, and its item.
type Decision = (SourceCaseState, SourceItemState);

impl BatchArgs {
    /// Executes them again, in order, and tells the first that does not hold.
    pub(super) fn run(
        &self,
        published: &Path,
        node: Option<&Path>,
        ledger: &LedgerArgs,
        ui: &Ui,
        config: &Config,
    ) -> Done {
        let needed = || Failure::new(Class::Usage, "which source?", "缺少来源");
        let source = self.source.as_ref().ok_or_else(needed)?;
        let (rules, forms) = (self.rules.read(source)?, self.rules.forms()?);
        let anchored = match node {
            Some(folder) => Anchored::from_folder(folder, source, ui)?,
            None => {
                let spinner = ui.spinner("asking the ledger", "正在查询账本");
                let anchored = ledger.open(config).and_then(|c| Anchored::from_node(c, source));
                spinner.finish_and_clear();
                anchored?
            }
        };
        anchored.same_classes(&rules, &forms)?;
        let total = anchored.batches.iter().map(|(batch, _)| batch.count()).sum::<u64>();
        let view = match &self.work {
            Some(folder) => {
                files::make_private_folder(folder)?;
                let store = RocksSource::open(folder).map_err(|e| failure(&e))?;
                if store.last().map_err(|e| failure(&e))?.is_some() {
                    let (en, zh) = ("another audit worked here", "该文件夹已用于其他审计");
                    return Err(Failure::new(Class::Usage, en, zh)
                        .at(folder.display())
                        .todo("name an empty folder", "请指定空文件夹"));
                }
                audit(&rules, store, &anchored, published, ui)?
            }
            None if total > IN_MEMORY => return Err(too_many(total)),
            None => audit(&rules, MemoryStore::default(), &anchored, published, ui)?,
        };
        ui.result(&view, |v| text(v, ui))?;
        if view.ok { Ok(()) } else { Err(Failure::told(Class::Invalid)) }
    }
}

fn audit(
    rules: &SourceRules,
    store: impl SourceStore,
    anchored: &Anchored,
    folder: &Path,
    ui: &Ui,
) -> Done<View> {
    let total = anchored.batches.iter().map(|(batch, _)| batch.count()).sum();
    let bar = ui.progress(total, "executing again, records", "重新执行（记录）");
    let mut audit = Audit::new(rules, store);
    let mut view = View {
        schema: "yinxin.audit-batches/1",
        ok: true,
        source: rules.source().to_string(),
        batches: 0,
        records: 0,
        root: String::new(),
        anchored: anchored.batches.len(),
        backdated: 0,
        undecided: 0,
        decided: 0,
        authorities: Vec::new(),
        lie: None,
    };
    for (batch, day) in &anchored.batches {
        let path = Publishing::file(folder, batch.sequence);
        let file = match File::open(&path) {
            Ok(file) => BufReader::with_capacity(1 << 20, file),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let name = path.display().to_string();
                view.lie = Some(lie(batch.sequence, Error::NotFound { what: "file", name }, ui));
                break;
            }
            Err(e) => return Err(Failure::io(&path, &e)),
        };
        let told = Published::new(file).inspect(|stretch| {
            bar.inc(stretch.as_ref().map_or(0, |stretch| stretch.len() as u64));
        });
        match audit.batch_on(batch, *day, told) {
            Ok(()) => match decisions(&audit.take_decisions(), &anchored.case)? {
                Ok(decided) => {
                    view.batches += 1;
                    view.records += batch.count();
                    view.decided += decided;
                    view.root = batch.after.to_string();
                }
                Err(error) => {
                    view.lie = Some(lie(batch.sequence, error, ui));
                    break;
                }
            },
            Err(e @ (Error::Io { .. } | Error::StoreDamaged { .. })) => {
                return Err(failure(&e)).at(path.display());
            }
            Err(error) => {
                view.lie = Some(lie(batch.sequence, error, ui));
                break;
            }
        }
    }
    bar.finish_and_clear();
    (view.backdated, view.undecided) = (audit.backdated(), audit.undecided());
    view.authorities = authorities(audit.punctualities());
    view.ok = view.lie.is_none();
    Ok(view)
}

fn authorities(of: &Punctualities) -> Vec<AuthorityView> {
    let all = of.of.iter().map(|(code, counts)| (Some(code.to_string()), counts));
    let others = (of.others.due > 0).then_some((None, &of.others));
    let one = |(authority, counts): (Option<String>, &Punctuality)| AuthorityView {
        authority,
        due: counts.due,
        late: counts.late,
        due_since: counts.due_since,
        anchored_late: counts.anchored_late,
    };
    all.chain(others).map(one).collect()
}

/// How many decisions a batch's records name, or the first that the ledger does not have so.
fn decisions(named: &[Named], case: &Cases) -> Done<Result<usize, Error>> {
    for named in named {
        if let Err(error) = decided(named, case(&named.decision)?.as_ref()) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(named.len()))
}

/// The decision that a record names is one of that item, and orders what the record tells.
fn decided(named: &Named, found: Option<&Decision>) -> Result<(), Error> {
    let SourceRecord { source, subject, item, event } = &named.record;
    let holds = match (found, event) {
        (Some((case, of)), SourceEvent::Follow(follow)) => {
            (source, subject, item) == (&of.source, &of.subject, &of.key)
                && case.ruling.and_then(SourceRuling::follow) == Some(follow.event)
                && (case.content.is_none() || case.content == follow.content)
        }
        _ => false,
    };
    if holds {
        return Ok(());
    }
    let what = if found.is_some() { "decision of that item" } else { "decision" };
    let why = Box::new(Error::NotFound { what, name: named.decision.to_string() });
    Err(Error::RecordRefused { place: named.place, subject: subject.to_string(), why })
}

fn lie(batch: u64, error: Error, ui: &Ui) -> Lie {
    let what = yinxin_verdict::Explain::explain(&error, ui.lang).what;
    match error {
        Error::RecordRefused { place, subject, why } => {
            Lie { batch, record: Some(place), subject: Some(subject), code: why.code(), what }
        }
        error => Lie { batch, record: None, subject: None, code: error.code(), what },
    }
}

fn text(view: &View, ui: &Ui) -> String {
    let View { source, batches, records, root, anchored, backdated, lie, .. } = view;
    let mut out = lie.as_ref().map_or_else(String::new, |lie| {
        let Lie { batch, what, .. } = lie;
        let (en, zh) = (format!("✗ batch {batch}: {what}\n"), format!("✗ 批次 {batch}：{what}\n"));
        ui.pick(&en, &zh).to_owned()
    });
    let sign = if view.ok { "✓" } else { "✗" };
    let en = format!(
        "{sign} {source}: {batches} of {anchored} batches hold, {records} records; state root {root}\n"
    );
    let zh = format!(
        "{sign} {source}：{anchored} 个批次中 {batches} 个成立，共 {records} 条记录；状态根 {root}\n"
    );
    out.push_str(ui.pick(&en, &zh));
    if *backdated > 0 {
        let en = format!("{backdated} records tell of days before the batch before theirs\n");
        let zh = format!("{backdated} 条记录所述日期早于其前一批次\n");
        out.push_str(ui.pick(&en, &zh));
    }
    if view.undecided > 0 {
        let n = view.undecided;
        let en = format!(
            "{n} repairs since the first batch name no decision on the ledger, though their class asks for evidence\n"
        );
        let zh = format!("首批之后有 {n} 条修复未注明账本上的决定，而其类目要求证明材料\n");
        out.push_str(ui.pick(&en, &zh));
    }
    for of in &view.authorities {
        let AuthorityView { due, late, due_since, anchored_late, .. } = of;
        let name = of.authority.as_deref().unwrap_or(ui.pick("all others", "其余单位"));
        let en = format!(
            "  {name}: {late} of {due} published late by the source's own days; by the day of anchoring {anchored_late} of {due_since} decided since the first batch\n"
        );
        let zh = format!(
            "  {name}：应公示 {due} 条，按来源自报日期逾期 {late} 条；首批上链以来决定的 {due_since} 条中，按上链日期逾期 {anchored_late} 条\n"
        );
        out.push_str(ui.pick(&en, &zh));
    }
    out
}

impl Anchored {
    /// From a running node: each batch by the state's proof and its receipt.
    fn from_node(client: Client, source: &OrganisationCode) -> Done<Self> {
        let state: SourceState =
            proven(&client, &state_key::credit_source(source))?.ok_or_else(|| none(source))?;
        let mut batches = Vec::new();
        for sequence in 1..=state.sequence {
            let told: BatchState = proven(&client, &state_key::credit_batch(source, sequence))?
                .ok_or_else(|| other(sequence))?;
            let receipt =
                client.remote.receipt_of(told.record, None).map_err(|e| remote::failure(&e))?;
            // A later header would make the day of anchoring later, and what is dated ahead would pass.
            let found = placed(&receipt)?.filter(|found| found.height == told.height);
            let found = found.ok_or_else(|| other(sequence))?;
            let (record, day) = (found.record, Date::of(found.time));
            client.check(&record.to_der(), receipt)?;
            let batch = of_source(&record, source).filter(|b| b.sequence == sequence);
            let batch = batch.filter(|_| record.id() == told.record);
            batches.push((batch.ok_or_else(|| other(sequence))?, day));
        }
        let class = |class: &ClassReference| {
            proven(&client, &state_key::credit_class_version(&class.code, class.version))
        };
        let newest = |code: &ClassCode| proven(&client, &state_key::credit_class(code));
        let classes = classes(&batches, class, newest)?;
        let case = move |id: &Digest| {
            let state: Option<SourceCaseState> =
                proven(&client, &state_key::credit_source_case(id))?;
            let Some(state) = state else { return Ok(None) };
            let item = proven(&client, &state_key::credit_source_item(&state.item))?;
            Ok(item.map(|item| (state, item)))
        };
        Ok(Self { batches, classes, case: Box::new(case) })
    }

    /// From a stopped node's folder: all its blocks executed again by the ledger's rules.
    fn from_folder(folder: &Path, source: &OrganisationCode, ui: &Ui) -> Done<Self> {
        let (mut batches, mut raised) = (Vec::new(), Vec::new());
        let (replay, _) = Stopped::open(folder)?.replay(None, ui, |time, records| {
            for record in records {
                let record = Record::from_der(record).map_err(yinxin_record::Error::from);
                let record = record.class(Class::Node)?;
                if let Act::Credit(CreditAct::RaiseCase(act)) = &record.tbs.act
                    && act.item.record.source == *source
                {
                    raised.push(record.id());
                }
                let batch = of_source(&record, source);
                batches.extend(batch.map(|batch| (batch, Date::of(time))));
            }
            Ok(())
        })?;
        if batches.is_empty() {
            return Err(none(source));
        }
        let class = |class: &ClassReference| {
            stored(&replay, &state_key::credit_class_version(&class.code, class.version))
        };
        let newest =
            |code: &ClassCode| stored::<ClassState>(&replay, &state_key::credit_class(code));
        let classes = classes(&batches, class, newest)?;
        let mut cases: BTreeMap<Digest, Decision> = BTreeMap::new();
        for id in raised {
            let state: Option<SourceCaseState> =
                stored(&replay, &state_key::credit_source_case(&id))?;
            let Some(state) = state else { continue };
            let item = stored(&replay, &state_key::credit_source_item(&state.item))?;
            cases.extend(item.map(|item| (id, (state, item))));
        }
        let case = move |id: &Digest| Ok(cases.get(id).cloned());
        Ok(Self { batches, classes, case: Box::new(case) })
    }

    /// The table and the forms at hand say of each class what the ledger does: an audit by other rules proves nothing.
    fn same_classes(&self, rules: &SourceRules, forms: &Forms) -> Done {
        for (reference, published) in &self.classes {
            if !rules.table().says(published) {
                return Err(Failure::new(
                    Class::Usage,
                    format!(
                        "class {reference} is on the ledger as another than in the table at hand"
                    ),
                    format!("账本上的类目 {reference} 与所用类目表不同"),
                )
                .todo(
                    "give --classes with the table that was published",
                    "请用 --classes 指定已发布的类目表",
                ));
            }
            if let Some(class) = rules.table().version(reference) {
                same_form(forms, class, published)?;
            }
        }
        Ok(())
    }
}

/// The versions that batches name and all later ones: a later one says which decisions the ones before judge no more.
fn classes(
    batches: &[(CreditBatch, Date)],
    of: impl Fn(&ClassReference) -> Done<Option<PublishClass>>,
    newest: impl Fn(&ClassCode) -> Done<Option<ClassState>>,
) -> Done<BTreeMap<ClassReference, PublishClass>> {
    let mut first: BTreeMap<&ClassCode, u32> = BTreeMap::new();
    for ClassReference { code, version } in
        batches.iter().flat_map(|(batch, _)| &batch.counts).map(|count| &count.class)
    {
        first.entry(code).and_modify(|known| *known = (*known).min(*version)).or_insert(*version);
    }
    let mut classes = BTreeMap::new();
    for (code, first) in first {
        let last = newest(code)?.map_or(first, |state| state.version);
        for version in first..=last {
            let reference = ClassReference { code: code.clone(), version };
            if let Some(class) = of(&reference)? {
                classes.insert(reference, class);
            }
        }
    }
    Ok(classes)
}

/// A state of the ledger, proven to the trust folder.
fn proven<T: Wire>(client: &Client, key: &[u8]) -> Done<Option<T>> {
    let (proof, _) = client.status(key)?;
    let state = proof.value.as_deref().map(T::from_der).transpose();
    state.map_err(yinxin_record::Error::from).class(Class::Node)
}

/// A state of a stopped node's ledger, executed again.
fn stored<T: Wire>(replay: &Replay, key: &[u8]) -> Done<Option<T>> {
    let state = replay.state(key)?.as_deref().map(T::from_der).transpose();
    state.map_err(yinxin_record::Error::from).class(Class::Node)
}

/// The batch that a record of the source puts on the ledger.
fn of_source(record: &Record, source: &OrganisationCode) -> Option<CreditBatch> {
    match &record.tbs.act {
        Act::Credit(CreditAct::Batch(batch)) if record.tbs.organisation == *source => {
            Some(batch.clone())
        }
        _ => None,
    }
}

fn none(source: &OrganisationCode) -> Failure {
    let (en, zh) =
        (format!("the ledger has no batches of {source}"), format!("账本中没有 {source} 的批次"));
    Failure::new(Class::Usage, en, zh).todo("check --source", "请核对 --source")
}

fn other(sequence: u64) -> Failure {
    Failure::new(
        Class::Invalid,
        format!("the node's answers about batch {sequence} do not fit its proven state"),
        format!("节点关于批次 {sequence} 的答复与已证明的状态不符"),
    )
    .todo("ask another node", "请改用其他节点")
}

fn too_many(total: u64) -> Failure {
    Failure::new(
        Class::Usage,
        format!("{total} records are more than memory is used for ({IN_MEMORY})"),
        format!("共 {total} 条记录，超过内存处理上限（{IN_MEMORY}）"),
    )
    .todo(
        "give --work DIR, an empty folder on a disk with room",
        "请用 --work 指定空间充足的空文件夹",
    )
}
