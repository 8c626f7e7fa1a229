//! `credit recognised`: whether what somebody recognised is what another region's ledger says; for whoever did not recognise it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_gm::{Digest, sm3};
use yinxin_ledger::index_key;
use yinxin_record::{CreditAct, Date, EndRecognised, ForeignBasis, ItemState, state_key};
use yinxin_verdict::{Lang, UnixTime};
use yinxin_verify::Trust;

use super::{Theirs, fits, foreign, home, how_ended};
use crate::{
    config::Config,
    credit::{events, words},
    fail::{Class, Done, Failure},
    files, send,
    submit::{Client, LedgerArgs},
    trusting,
    ui::Ui,
};

/// `yinxin credit recognised`
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The item's id on this ledger
    #[arg(value_name = "ITEM")]
    item: Digest,
    /// The receipt of the other region's record, as its recorder holds it
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// The other ledger's status proof by which it stood when it was recognised
    #[arg(long, value_name = "FILE")]
    status: PathBuf,
    /// The other ledger's status proof by which it was ended here, if it was
    #[arg(long, value_name = "FILE")]
    end: Option<PathBuf>,
    /// The folder of what is trusted of the other region: its ledger's genesis
    #[arg(long, value_name = "DIR")]
    of: PathBuf,
    #[command(flatten)]
    ledger: LedgerArgs,
}

/// What holds.
#[derive(Serialize)]
struct Checked {
    schema: &'static str,
    item: String,
    authority: String,
    recognised: String,
    /// The other ledger, and its record.
    ledger: String,
    record: String,
    class: String,
    /// The first day on which it is no longer shown at home.
    until: Option<String>,
    /// How it was ended, and whether that was checked.
    ended: Option<&'static str>,
    end_checked: bool,
}

impl Check {
    /// Holds the files against what the ledger says of the item, and against the other ledger.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        let trust = trusting::load(&self.of)?;
        let client = self.ledger.open(config)?;
        let own: ItemState = send::known(&client, &state_key::credit_item(&self.item))?;
        let basis = foreign(&own)?;
        must_be(&self.receipt, &basis.receipt, &own)?;
        must_be(&self.status, &basis.status, &own)?;
        let theirs = Theirs::read(&self.receipt, &trust)?;
        if theirs.of != basis.of {
            return Err(invented(
                format!(
                    "the item says that it rests on record {}, the receipt is of {}",
                    basis.of.record, theirs.of.record
                ),
                format!("该记录称依据异地记录 {}，回执对应 {}", basis.of.record, theirs.of.record),
                &own,
            )
            .at(self.receipt.display()));
        }
        let class = words::class(&client, &own.class)?;
        let lie = |why: Failure| {
            let [en, zh] = [Lang::En, Lang::Zh].map(|lang| why.explain(lang).what);
            invented(en, zh, &own)
        };
        fits(&own.class, &class.rests_on, &own.subject, &theirs.item).map_err(lie)?;
        self.must_have_stood(basis, &own, &trust)?;
        let end = self.ended(&client, basis, &own, &trust)?;
        let view = Checked {
            schema: "yinxin.credit-recognised/1",
            item: self.item.to_string(),
            authority: own.authority.to_string(),
            recognised: own.recorded.to_string(),
            ledger: basis.of.chain_id.to_string(),
            record: basis.of.record.to_string(),
            class: theirs.item.class.to_string(),
            until: basis.until.map(|until| until.to_string()),
            ended: end.as_ref().map(|act| act.how.name()),
            end_checked: end.is_some() && self.end.is_some(),
        };
        ui.result(&view, |view| view.text(ui))
    }

    /// When it was recognised it was in force at home, until the day that the item says.
    fn must_have_stood(&self, basis: &ForeignBasis, own: &ItemState, trust: &Trust) -> Done {
        let at = own.recorded;
        let (state, _) = home(&self.status, &basis.of, trust, at)?;
        let stood = state.as_ref().is_some_and(|state| state.is_in_force(at));
        if stood && state.as_ref().is_some_and(|state| state.until == basis.until) {
            return Ok(());
        }
        let day = |until: Option<Date>| until.map_or_else(|| "-".to_owned(), |day| day.to_string());
        let found = |word: &str, none: &str| match &state {
            Some(state) => format!("{}{word}{}", state.status.name(), day(state.until)),
            None => none.to_owned(),
        };
        let (said, en, zh) = (day(basis.until), found(", until ", "none"), found("，至 ", "无"));
        Err(invented(
            format!("recognised as in force until {said}, at home it was: {en}"),
            format!("认定时称有效至 {said}，异地当时为：{zh}"),
            own,
        )
        .at(self.status.display()))
    }

    /// The act that ended it because it has ended at home, if there is one; held against its proof, if that is given.
    fn ended(
        &self,
        client: &Client,
        basis: &ForeignBasis,
        own: &ItemState,
        trust: &Trust,
    ) -> Done<Option<EndRecognised>> {
        let events = events::events(client, &index_key::credit_item(&self.item))?;
        let end = events.into_iter().find_map(|event| match event.act {
            CreditAct::EndRecognised(act) if act.item == self.item => Some((act, event.time)),
            _ => None,
        });
        match (end, &self.end) {
            (Some((act, time)), Some(path)) => {
                must_have_ended(path, &act, time, basis, own, trust)?;
                Ok(Some(act))
            }
            (None, Some(path)) => Err(Failure::new(
                Class::Usage,
                "nobody has ended the item because of its end at home",
                "该记录并未因异地终止而终止",
            )
            .at(path.display())
            .todo("leave --end out", "请去掉 --end")),
            (end, None) => Ok(end.map(|(act, _)| act)),
        }
    }
}

fn must_have_ended(
    path: &Path,
    act: &EndRecognised,
    at: UnixTime,
    basis: &ForeignBasis,
    own: &ItemState,
    trust: &Trust,
) -> Done {
    must_be(path, &act.status, own)?;
    let (state, _) = home(path, &basis.of, trust, at)?;
    if how_ended(state.as_ref(), at) == Some(act.how) {
        return Ok(());
    }
    let (said, found) = (act.how.name(), state.map_or("none", |state| state.status.name()));
    Err(invented(
        format!("ended here as {said}, at home it was: {found}"),
        format!("本地以“{said}”终止，异地当时为：{found}"),
        own,
    )
    .at(path.display()))
}

/// The file is the one whose digest stands on the ledger.
fn must_be(path: &Path, expected: &Digest, own: &ItemState) -> Done {
    let found = sm3::digest(&files::read(path)?);
    if found == *expected {
        return Ok(());
    }
    Err(invented(
        format!("the ledger names a file with SM3 {expected}, this one has {found}"),
        format!("账本所记文件的 SM3 为 {expected}，此文件为 {found}"),
        own,
    )
    .at(path.display()))
}

/// What the item says is not what the other ledger says.
fn invented(en: String, zh: String, own: &ItemState) -> Failure {
    let authority = &own.authority;
    Failure::new(Class::Invalid, en, zh).todo(
        format!("ask {authority}, who recognised it, for its files; has it none that fit, object: credit dispute"),
        format!("请向认定机构 {authority} 索取其所存文件；若无相符文件，请提出异议：credit dispute"),
    )
}

impl Checked {
    fn text(&self, ui: &Ui) -> String {
        let Self { item, authority, recognised, ledger, record, class, .. } = self;
        let until = self.until.as_deref().unwrap_or("-");
        let mut en = format!(
            "{item}: recognised {recognised} by {authority}\n  rests on {record} ({class}) of ledger {ledger}: holds\n  stood there then, until {until}: holds\n"
        );
        let mut zh = format!(
            "{item}：{authority} 于 {recognised} 认定\n  依据账本 {ledger} 的记录 {record}（{class}）：成立\n  认定时在异地有效，至 {until}：成立\n"
        );
        match (self.ended, self.end_checked) {
            (Some(how), true) => {
                en += &format!("  ended here because it was {how} there: holds\n");
                zh += &format!("  因异地终止（{how}）而终止：成立\n");
            }
            (Some(how), false) => {
                en += &format!("  ended here as {how} there: not checked, give --end FILE\n");
                zh += &format!("  以异地终止（{how}）而终止：未核对，请用 --end 指定文件\n");
            }
            (None, _) => {}
        }
        ui.pick(&en, &zh).to_owned()
    }
}
