//! `data recognise`: another department's call is relied on, by its receipt, instead of calling again.

use std::path::PathBuf;

use yinxin_gm::Digest;
use yinxin_receipt::Receipt;
use yinxin_record::{
    AccessWindow, Act, CallReference, DataAct, FieldSet, GrantState, Recognise as RecogniseAct,
    Record, RecordReference, WindowReference, Wire, state_key,
};
use yinxin_sharing::access::{Line, LineProof, Outcome};
use yinxin_verdict::{Policy, Verdict};

use super::{
    request::{named, version},
    send::{self, Desk, Sending},
    words::failure,
};
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files, trusting,
    ui::{self, Ui},
};

/// `yinxin data recognise`
#[derive(Debug, clap::Args)]
pub(crate) struct Recognise {
    /// The own grant for the same data: recognition is no way around one
    #[arg(value_name = "GRANT")]
    grant: Digest,
    /// The receipt of the window in which the call stands
    #[arg(long, value_name = "RECEIPT")]
    window: PathBuf,
    /// The proof that the call's line stands in that window, as the other department has it from whoever served
    #[arg(long, value_name = "FILE")]
    call: PathBuf,
    /// The trust folder of the ledger on which the window stands, if it is another one
    #[arg(long, value_name = "DIR")]
    their_trust: Option<PathBuf>,
    /// A field that is relied on, by its name [default: all of the call that the own grant has]
    #[arg(long = "field", value_name = "NAME")]
    fields: Vec<String>,
    #[command(flatten)]
    sending: Sending,
}

impl Recognise {
    /// Checks receipt and line here, then records that the call is relied on.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let grant: GrantState = send::known(&desk.client, &state_key::grant(&self.grant))?;
        let record = self.record(&desk)?;
        let Act::Data(DataAct::Access(window)) = &record.tbs.act else {
            return Err(no_window().at(self.window.display()));
        };
        let line = self.line(window)?;
        let fields = self.relied_on(&desk, &grant, &line)?;
        let act = RecogniseAct {
            grant: self.grant,
            of: reference(&desk, &record, window),
            call: line.leaf(),
            fields,
            purpose: grant.purpose.clone(),
        };
        let call = act.call;
        let key = format!("data/recognise/{}/{call}", self.grant);
        let done = desk.send(&key, DataAct::Recognise(act))?;
        desk.told("recognise", &done, call, "recognised")
    }

    /// The window's record, believed by its receipt.
    fn record(&self, desk: &Desk<'_>) -> Done<Record> {
        let bytes = files::read(&self.window)?;
        let place = self.window.display();
        let their = self.their_trust.as_deref().map(trusting::load).transpose()?;
        let trust = their.as_ref().unwrap_or(&desk.client.trust);
        let report = yinxin_verify::verify(&bytes, trust, &Policy::default(), ui::now());
        if report.verdict != Verdict::Valid {
            let reasons = report.reasons.join(", ");
            return Err(Failure::new(
                Class::of(report.verdict).unwrap_or(Class::Invalid),
                format!("the window's receipt does not hold: {reasons}"),
                format!("该窗口的回执不成立：{reasons}"),
            )
            .todo(
                "give --their-trust for a window of another ledger",
                "其他账本的窗口请指定 --their-trust",
            )
            .at(place));
        }
        let receipt =
            Receipt::from_der(&bytes).map_err(yinxin_receipt::Error::from).class(Class::Malformed);
        let receipt = receipt.at(&place)?;
        let record = receipt.subject.record().and_then(|der| Record::from_der(der).ok());
        record.ok_or_else(|| no_window().at(place))
    }

    fn line(&self, window: &AccessWindow) -> Done<Line> {
        let bytes = files::read(&self.call)?;
        let proof = LineProof::from_der(&bytes).map_err(|e| failure(&e.into()));
        let proof = proof.at(self.call.display())?;
        let line = proof.verify(&window.root).map_err(|e| failure(&e));
        let line = line.at(self.call.display())?;
        if matches!(line.outcome, Outcome::Served(_)) && line.grant == window.grant {
            return Ok(line.clone());
        }
        Err(Failure::new(
            Class::Invalid,
            "the call was denied: there is nothing to rely on",
            "该调用已被拒绝，无可认之结果",
        )
        .at(self.call.display()))
    }

    fn relied_on(&self, desk: &Desk<'_>, grant: &GrantState, line: &Line) -> Done<FieldSet> {
        if self.fields.is_empty() {
            return Ok(line.fields.common(&grant.fields));
        }
        let fields = named(&version(&desk.client, &grant.resource, grant.version)?, &self.fields)?;
        if fields.is_within(&line.fields) {
            return Ok(fields);
        }
        Err(Failure::new(
            Class::Usage,
            "not all of these fields were in the call",
            "该调用并未包含全部所列字段",
        ))
    }
}

fn reference(desk: &Desk<'_>, record: &Record, window: &AccessWindow) -> CallReference {
    let chain_id = record.tbs.chain_id;
    if chain_id == desk.client.chain_id {
        CallReference::Window(WindowReference { grant: window.grant, minute: window.minute })
    } else {
        CallReference::Foreign(RecordReference { chain_id, record: record.id() })
    }
}

fn no_window() -> Failure {
    Failure::new(
        Class::Malformed,
        "expected the receipt of a window of access",
        "应为访问窗口的回执",
    )
}
