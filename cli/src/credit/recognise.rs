//! `credit recognise | region | ended`: another region's item, proven to be one, to fit, and to stand; whose ledgers are recognised; and its end at home.

mod check;

use std::path::{Path, PathBuf};

use yinxin_credit::{Class as ItemClass, Filled};
use yinxin_gm::{Digest, sm3};
use yinxin_receipt::{Receipt, StatusProof};
use yinxin_record::{
    Act, Basis, ClassCode, ClassReference, CreditAct, EndRecognised, ForeignBasis, HomeEnd,
    ItemState, ItemStatus, RecordItem, RecordReference, Subject, Text, TrustLedger,
    TrustedLedgerState, Wire, state_key,
};
use yinxin_verdict::{Policy, UnixTime};
use yinxin_verify::Trust;

use super::{
    record::{ItemArgs, told},
    words,
};
pub(super) use check::Check;

use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files,
    send::{self, Sending},
    trusting,
    ui::{self, Ui},
};

/// `yinxin credit recognise`
#[derive(Debug, clap::Args)]
pub(crate) struct Recognise {
    /// The receipt of the other region's record
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// The other ledger's status proof of that item, not older than a day: `credit status ID --out FILE` there
    #[arg(long, value_name = "FILE")]
    status: PathBuf,
    /// The folder of what is trusted of the other region: its ledger's genesis
    #[arg(long, value_name = "DIR")]
    of: PathBuf,
    #[command(flatten)]
    item: ItemArgs,
}

/// Another ledger's item by its receipt.
struct Theirs {
    of: RecordReference,
    item: Box<RecordItem>,
    /// SM3 of the receipt.
    receipt: Digest,
}

impl Theirs {
    /// Reads a receipt that holds by what is trusted of the other region.
    fn read(path: &Path, trust: &Trust) -> Done<Self> {
        let bytes = holding(path, trust, ui::now())?;
        let receipt = Receipt::from_der(&bytes).map_err(yinxin_receipt::Error::from);
        let receipt = receipt.class(Class::Malformed).at(path.display())?;
        let record = receipt.subject.record().ok_or_else(|| {
            Failure::new(
                Class::Usage,
                "the receipt holds a digest only, not its record",
                "该回执只含摘要，不含记录",
            )
            .at(path.display())
        })?;
        let record = yinxin_record::Record::from_der(record).map_err(yinxin_record::Error::from);
        let record = record.class(Class::Malformed).at(path.display())?;
        let of = RecordReference { chain_id: record.tbs.chain_id, record: record.id() };
        let verb = record.tbs.act.verb();
        let Act::Credit(CreditAct::Record(item)) = record.tbs.act else {
            return Err(Failure::new(
                Class::Usage,
                format!("the other region's record is no item of credit but {verb}"),
                format!("异地记录不是信用记录，而是 {verb}"),
            )
            .at(path.display())
            .todo("give the receipt of the record of the item", "请提供信用记录本身的回执"));
        };
        Ok(Self { of, item: Box::new(item), receipt: sm3::digest(&bytes) })
    }
}

impl Recognise {
    /// Checks the other ledger's receipt, and records what it proves.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let trust = trusting::load(&self.of)?;
        let Theirs { of, item: theirs, receipt } = Theirs::read(&self.receipt, &trust)?;
        let (state, status) = self.must_stand(&of, &trust)?;
        let basis = ForeignBasis { of, receipt, status, until: state.until };
        self.item.record("recognise", Basis::Foreign(basis), Some(&theirs), ui, config)
    }

    /// By a fresh proof of its own ledger the item is in force; with the proof's digest.
    fn must_stand(&self, of: &RecordReference, trust: &Trust) -> Done<(ItemState, Digest)> {
        let (state, digest) = home(&self.status, of, trust, ui::now())?;
        match state {
            Some(state) if state.is_in_force(ui::now()) => Ok((state, digest)),
            state => {
                let status = state.map_or("none", |state| state.status.name());
                Err(Failure::new(
                    Class::Invalid,
                    format!(
                        "the other region's item is not in force: {status}, or its term is over"
                    ),
                    format!("异地信用记录已不在有效状态：{status}，或已期满"),
                )
                .at(self.status.display())
                .todo(
                    "what has ended there is not recognised here",
                    "异地已结束的记录不再予以认定",
                ))
            }
        }
    }
}

/// How an item stands by a status proof of its own ledger that was fresh then, and the proof's digest.
fn home(
    path: &Path,
    of: &RecordReference,
    trust: &Trust,
    at: UnixTime,
) -> Done<(Option<ItemState>, Digest)> {
    let bytes = holding(path, trust, at)?;
    let place = path.display();
    let proof = StatusProof::from_der(&bytes).map_err(yinxin_receipt::Error::from);
    let proof = proof.class(Class::Malformed).at(&place)?;
    let todo = (
        "`credit status ID --out FILE` at the other ledger writes it",
        "请在异地账本执行 `credit status 编号 --out 文件`",
    );
    if proof.header.chain_id != of.chain_id || proof.key != state_key::credit_item(&of.record) {
        let key = String::from_utf8_lossy(&proof.key).into_owned();
        return Err(Failure::new(
            Class::Usage,
            format!("the status proof is of {key}, not of the item {}", of.record),
            format!("状态证明对应 {key}，而非信用记录 {}", of.record),
        )
        .at(&place)
        .todo(todo.0, todo.1));
    }
    let state = proof.value.as_deref().map(ItemState::from_der).transpose();
    let state = state.map_err(yinxin_record::Error::from).class(Class::Malformed).at(&place)?;
    Ok((state, sm3::digest(&bytes)))
}

/// What the other ledger's own trust folder says held then.
fn holding(path: &Path, trust: &Trust, at: UnixTime) -> Done<Vec<u8>> {
    let bytes = files::read(path)?;
    let report = yinxin_verify::verify(&bytes, trust, &Policy::default(), at);
    let Some(class) = Class::of(report.verdict) else { return Ok(bytes) };
    let reasons = report.reasons.join(", ");
    Err(Failure::new(
        class,
        format!("the other region's proof does not hold: {reasons}"),
        format!("异地证明不成立：{reasons}"),
    )
    .at(path.display())
    .todo(
        "give with --of the genesis of the ledger that it is of, and a status proof of today",
        "请用 --of 指定其所属账本的创世文件，并提供当日的状态证明",
    ))
}

/// What is recognised is about the same subject, and of a class that the own class asks for.
pub(super) fn must_fit(class: &ItemClass, filled: &Filled, theirs: &RecordItem) -> Done {
    fits(&class.reference, &class.rests_on, &filled.subject, theirs)
}

fn fits(own: &ClassReference, asked: &[ClassCode], subject: &Subject, theirs: &RecordItem) -> Done {
    if *subject != theirs.subject {
        return Err(Failure::new(
            Class::Usage,
            format!(
                "the other region's record is about {}, this one about {subject}",
                theirs.subject
            ),
            format!("异地记录的主体为 {}，本记录为 {subject}", theirs.subject),
        )
        .todo("fill in the form for the subject of the record", "请按该记录的主体填写表单"));
    }
    if asked.is_empty() || asked.contains(&theirs.class.code) {
        return Ok(());
    }
    let asked = asked.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let other = &theirs.class;
    Err(Failure::new(
        Class::Usage,
        format!("{own} rests on {asked}, the other region's record is of {other}"),
        format!("{own} 须依据 {asked}，异地记录的类别为 {other}"),
    )
    .todo("record by a class that rests on it", "请按可依据该记录的类别记录"))
}

/// `yinxin credit region`
#[derive(Debug, clap::Args)]
pub(crate) struct Region {
    /// The folder of what is trusted of the other region: its ledger's genesis
    #[arg(long, value_name = "DIR")]
    of: PathBuf,
    /// Which region, as people say
    #[arg(value_name = "NAME", value_parser = region)]
    region: Text<64>,
    /// A checkpoint of that ledger that was checked
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Its records are no longer recognised from now on
    #[arg(long)]
    close: bool,
    #[command(flatten)]
    sending: Sending,
}

fn region(name: &str) -> Result<Text<64>, String> {
    Text::new(name).map_err(|e| e.to_string())
}

impl Region {
    /// Publishes that the ledger is recognised, or no longer is.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let path = self.of.join("ledger.genesis");
        let bytes = files::read(&path)?;
        let genesis = yinxin_receipt::Genesis::from_der(&bytes);
        let genesis = genesis.map_err(yinxin_receipt::Error::from);
        let chain_id = genesis.class(Class::Malformed).at(path.display())?.chain_id();
        let checkpoint = self.checkpoint.as_deref().map(files::read).transpose()?;
        let act = TrustLedger {
            chain_id,
            genesis: sm3::digest(&bytes),
            region: self.region,
            checkpoint: checkpoint.map(|bytes| sm3::digest(&bytes)),
            serves: !self.close,
        };
        let desk = self.sending.open(ui, config)?;
        let done = desk.send(&words::key("region", &act), CreditAct::TrustLedger(act))?;
        let state: TrustedLedgerState =
            send::known(&desk.client, &state_key::credit_ledger(&chain_id))?;
        desk.told("region", &done, chain_id, if state.serves { "recognised" } else { "closed" })
    }
}

/// `yinxin credit ended`
#[derive(Debug, clap::Args)]
pub(crate) struct Ended {
    /// The item's id on this ledger
    #[arg(value_name = "ITEM")]
    item: Digest,
    /// The other ledger's status proof of its item, not older than a day: `credit status ID --out FILE` there
    #[arg(long, value_name = "FILE")]
    status: PathBuf,
    /// The folder of what is trusted of the other region: its ledger's genesis
    #[arg(long, value_name = "DIR")]
    of: PathBuf,
    #[command(flatten)]
    sending: Sending,
}

impl Ended {
    /// Ends what was recognised, because it has ended at home.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let trust = trusting::load(&self.of)?;
        let desk = self.sending.open(ui, config)?;
        let own = words::item(&desk, &self.item)?;
        let basis = foreign(&own).map_err(|failure| {
            failure.todo("withdraw it instead: credit withdraw", "请改用 credit withdraw")
        })?;
        let (state, status) = home(&self.status, &basis.of, &trust, ui::now())?;
        let Some(how) = how_ended(state.as_ref(), ui::now()) else {
            let name = state.map_or("none", |state| state.status.name());
            return Err(Failure::new(
                Class::Invalid,
                format!("the other region's item has not ended: {name}"),
                format!("异地信用记录尚未结束：{name}"),
            )
            .at(self.status.display())
            .todo("it stands here as long as there", "异地有效期间，本地记录继续有效"));
        };
        let act = EndRecognised { item: self.item, status, how };
        let done = desk.send(&words::key("ended", &act), CreditAct::EndRecognised(act))?;
        told(&desk, "ended", &done, self.item)
    }
}

/// The record of another ledger that an item rests on.
fn foreign(own: &ItemState) -> Done<&ForeignBasis> {
    match &own.basis {
        Basis::Foreign(basis) => Ok(basis),
        _ => Err(Failure::new(
            Class::Usage,
            "the item rests on no record of another ledger",
            "该记录并非依据异地记录",
        )),
    }
}

/// How an item has ended at home by then, if it has.
fn how_ended(state: Option<&ItemState>, at: UnixTime) -> Option<HomeEnd> {
    state.and_then(|state| match state.status {
        ItemStatus::Withdrawn => Some(HomeEnd::Withdrawn),
        ItemStatus::Repaired => Some(HomeEnd::Repaired),
        ItemStatus::Delisted => Some(HomeEnd::Delisted),
        _ if state.is_expired(at) => Some(HomeEnd::Expired),
        _ => None,
    })
}
