//! Leaves of the ledger's state, each proven, told one below the other.

use std::path::Path;

use serde::Serialize;
use yinxin_receipt::StatusProof;
use yinxin_record::Wire;
use yinxin_verdict::{Check, Policy};

use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files,
    submit::LedgerArgs,
    trusting,
    ui::{self, Ui},
};

#[derive(Serialize)]
struct View {
    schema: &'static str,
    things: Vec<Thing>,
}

/// A leaf of the ledger's state.
#[derive(Serialize)]
pub(crate) struct Thing {
    key: String,
    /// Whether the ledger has it.
    pub(crate) known: bool,
    status: String,
    height: u64,
    time: String,
    /// What else is to be told of it.
    pub(crate) details: Vec<(&'static str, String)>,
}

/// How something stands, and details.
pub(crate) type Said = (String, Vec<(&'static str, String)>);

impl Thing {
    /// A leaf, and what it says; `None`: the ledger has no such thing.
    pub(crate) fn of(proof: &StatusProof, said: Option<Said>) -> Self {
        let key = String::from_utf8_lossy(&proof.key).into_owned();
        let known = said.is_some();
        let (status, details) = said.unwrap_or_default();
        let (height, time) = (proof.header.height, proof.header.time().to_string());
        Self { key, known, status, height, time, details }
    }

    fn text(&self, ui: &Ui) -> String {
        let status = if self.known {
            self.status.as_str()
        } else {
            ui.pick("unknown to the ledger", "账本中无此项")
        };
        let at = ui.pick("as of height", "截至高度");
        let mut out = format!("{}: {status}\n  {at} {} ({})\n", self.key, self.height, self.time);
        for (name, value) in &self.details {
            out.push_str(&format!("  {name:<15} {value}\n"));
        }
        out
    }
}

/// Tells things; that the ledger knows none of them is a failure of the question.
pub(crate) fn tell(schema: &'static str, things: Vec<Thing>, ui: &Ui) -> Done {
    let known = things.iter().any(|t| t.known);
    let view = View { schema, things };
    ui.result(&view, |v| v.things.iter().map(|t| t.text(ui)).collect())?;
    if known { Ok(()) } else { Err(Failure::told(Class::Usage)) }
}

/// The value of a proof, if it is one of this kind.
pub(crate) fn decoded<T: Wire>(proof: &StatusProof) -> Option<T> {
    proof.value.as_deref().and_then(|value| T::from_der(value).ok())
}

/// A value that nobody here has words for.
pub(crate) fn raw(proof: &StatusProof) -> Option<Said> {
    proof.value.as_ref().map(|v| (String::from("present"), vec![("value", hex::encode(v))]))
}

/// The status proof in a file, if it holds by the trust folder.
pub(crate) fn offline(file: &Path, ledger: &LedgerArgs, config: &Config) -> Done<StatusProof> {
    let folder = config.trust_folder(ledger.trust.as_deref()).ok_or_else(|| {
        Failure::new(Class::Usage, "no trust folder is named", "未指定信任文件夹")
            .todo("give --trust DIR", "请使用 --trust 目录")
    })?;
    let trust = trusting::load(&folder)?;
    let bytes = files::read(file)?;
    let proof = StatusProof::from_der(&bytes)
        .map_err(yinxin_receipt::Error::from)
        .class(Class::Malformed)
        .at(file.display())?;
    let report = yinxin_verify::verify(&bytes, &trust, &Policy::default(), ui::now());
    if report.holds(Check::StatusProof) && report.holds(Check::ReceiptCertificate) {
        return Ok(proof);
    }
    let reasons = report.reasons.join(", ");
    Err(Failure::new(
        Class::Invalid,
        format!("the status proof does not hold by this trust folder: {reasons}"),
        format!("依据该信任文件夹，该状态证明不成立：{reasons}"),
    )
    .at(file.display()))
}
