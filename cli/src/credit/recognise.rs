//! `credit recognise`: another region's item, proven to be one, to fit, and to stand.

use std::path::{Path, PathBuf};

use yinxin_credit::{Class as ItemClass, Filled};
use yinxin_receipt::{Receipt, StatusProof};
use yinxin_record::{
    Act, Basis, CreditAct, ItemState, RecordItem, RecordReference, Wire, state_key,
};
use yinxin_verdict::Policy;
use yinxin_verify::Trust;

use super::record::ItemArgs;
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files, trusting,
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

impl Recognise {
    /// Checks the other ledger's receipt, and records what it proves.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let trust = trusting::load(&self.of)?;
        let bytes = holding(&self.receipt, &trust)?;
        let receipt = Receipt::from_der(&bytes).map_err(yinxin_receipt::Error::from);
        let receipt = receipt.class(Class::Malformed).at(self.receipt.display())?;
        let record = receipt.subject.record().ok_or_else(|| {
            Failure::new(
                Class::Usage,
                "the receipt holds a digest only, not its record",
                "该回执只含摘要，不含记录",
            )
            .at(self.receipt.display())
        })?;
        let record = yinxin_record::Record::from_der(record).map_err(yinxin_record::Error::from);
        let record = record.class(Class::Malformed).at(self.receipt.display())?;
        let of = RecordReference { chain_id: record.tbs.chain_id, record: record.id() };
        let Act::Credit(CreditAct::Record(theirs)) = &record.tbs.act else {
            return Err(Failure::new(
                Class::Usage,
                format!(
                    "the other region's record is no item of credit but {}",
                    record.tbs.act.verb()
                ),
                format!("异地记录不是信用记录，而是 {}", record.tbs.act.verb()),
            )
            .at(self.receipt.display())
            .todo("give the receipt of the record of the item", "请提供信用记录本身的回执"));
        };
        self.must_stand(&of, &trust)?;
        self.item.record("recognise", Basis::Foreign(of), Some(theirs), ui, config)
    }

    /// By a fresh proof of its own ledger the item is in force.
    fn must_stand(&self, of: &RecordReference, trust: &Trust) -> Done {
        let bytes = holding(&self.status, trust)?;
        let place = self.status.display();
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
        if state.as_ref().is_some_and(|state| state.is_in_force(ui::now())) {
            return Ok(());
        }
        let status = state.map_or("none", |state| state.status.name());
        Err(Failure::new(
            Class::Invalid,
            format!("the other region's item is not in force: {status}, or its term is over"),
            format!("异地信用记录已不在有效状态：{status}，或已期满"),
        )
        .at(&place)
        .todo("what has ended there is not recognised here", "异地已结束的记录不再予以认定"))
    }
}

/// What the other ledger's own trust folder says holds.
fn holding(path: &Path, trust: &Trust) -> Done<Vec<u8>> {
    let bytes = files::read(path)?;
    let report = yinxin_verify::verify(&bytes, trust, &Policy::default(), ui::now());
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
    if filled.subject != theirs.subject {
        return Err(Failure::new(
            Class::Usage,
            format!(
                "the other region's record is about {}, the form about {}",
                theirs.subject, filled.subject
            ),
            format!("异地记录的主体为 {}，表单中为 {}", theirs.subject, filled.subject),
        )
        .todo("fill in the form for the subject of the record", "请按该记录的主体填写表单"));
    }
    let asked = &class.rests_on;
    if asked.is_empty() || asked.contains(&theirs.class.code) {
        return Ok(());
    }
    let asked = asked.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let (own, other) = (&class.reference, &theirs.class);
    Err(Failure::new(
        Class::Usage,
        format!("{own} rests on {asked}, the other region's record is of {other}"),
        format!("{own} 须依据 {asked}，异地记录的类别为 {other}"),
    )
    .todo("record by a class that rests on it", "请按可依据该记录的类别记录"))
}
