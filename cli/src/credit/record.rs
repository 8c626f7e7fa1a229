//! `credit record | recognise | correct`: items and their contents.

use std::path::PathBuf;

use yinxin_credit::{Class as ItemClass, ClassTable, Filled, Forms};
use yinxin_gm::Digest;
use yinxin_record::{
    Basis, ClassCode, CorrectItem, Correction, CreditAct, Date, ItemState, Law, RecordItem,
    Subject, state_key,
};

use super::{
    contents::{self, Contents, Tables},
    recognise,
    words::{self, NO_DEADLINE},
};
use crate::{
    calendar::CalendarArgs,
    config::Config,
    fail::{Class, Done, Failure},
    papers::Paper,
    send::{self, Desk, Sending},
    ui::{self, Ui},
};

/// What every record of an item says.
#[derive(Debug, clap::Args)]
pub(super) struct ItemArgs {
    /// The class, by code; the day of the decision says which version judges it
    #[arg(value_name = "CLASS", value_parser = ClassCode::new)]
    class: ClassCode,
    /// The form's values: TOML `CODE = "VALUE"`, or a JSON object (`.json`), fields by code or name
    #[arg(value_name = "FORM")]
    form: PathBuf,
    /// On which law [default: the class's, if it has one only]
    #[arg(long, value_name = "TEXT", value_parser = words::law)]
    law: Option<Law>,
    /// The folder that the content is kept in with its salt; the ledger sees a digest
    #[arg(long, value_name = "DIR")]
    contents: PathBuf,
    /// The subject, if it is a person: CUSTODIAN:PSEUDONYM
    #[arg(long, value_name = "SUBJECT", value_parser = words::subject)]
    pseudonym: Option<Subject>,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    calendar: CalendarArgs,
    #[command(flatten)]
    sending: Sending,
}

/// `yinxin credit record`
#[derive(Debug, clap::Args)]
pub(crate) struct Record {
    #[command(flatten)]
    item: ItemArgs,
    /// The paper that decided it: a file, whose salt is kept beside it, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse, required_unless_present = "basis")]
    paper: Option<Paper>,
    /// What else it rests on: document:DIGEST, licence:ID or item:ID; what rests on another ledger: `credit recognise`
    #[arg(long, value_name = "BASIS", value_parser = words::basis, conflicts_with = "paper")]
    basis: Option<Basis>,
}

impl Record {
    /// Records the item.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let basis = match (&self.paper, self.basis) {
            (_, Some(basis)) => basis,
            (Some(paper), None) => Basis::Decision(paper.digest()?),
            (None, None) => return Err(Failure::bug("neither paper nor basis")),
        };
        self.item.record("record", basis, None, ui, config)
    }
}

impl ItemArgs {
    /// `theirs`: the other region's item that is recognised.
    pub(super) fn record(
        self,
        verb: &'static str,
        basis: Basis,
        theirs: Option<&RecordItem>,
        ui: &Ui,
        config: &Config,
    ) -> Done {
        let (table, forms) = (self.tables.classes()?, self.tables.forms()?);
        let (class, filled) = self.fill(&table, &forms)?;
        theirs.map_or(Ok(()), |theirs| recognise::must_fit(class, &filled, theirs))?;
        let law = self.law(class)?;
        let desk = self.sending.open(ui, config)?;
        must_be_own(&desk, &filled)?;
        contents::must_be_published(&desk.client, class, &forms)?;
        let content = Contents::new(&self.contents).keep(&filled.content)?;
        let days = class.limits.publish_days;
        let mut act = RecordItem {
            subject: filled.subject,
            class: class.reference.clone(),
            law,
            content,
            basis,
            decided: filled.decided,
            // The form has the last day on which it is shown, the ledger the first on which it is not.
            until: filled.until.map(|last| last.plus_days(1)),
            publish_by: days.map(|_| NO_DEADLINE),
        };
        let key = words::key("record", &act);
        act.publish_by =
            days.map(|days| self.calendar.deadline_from(act.decided, days)).transpose()?;
        let done = desk.send(&key, CreditAct::Record(act))?;
        let state: ItemState = send::known(&desk.client, &state_key::credit_item(&done.id))?;
        let mut status = words::standing(&state, ui::now());
        if state.is_late() {
            status.push_str(ui.pick(", published late", "，公示逾期"));
        }
        desk.told(verb, &done, done.id, status)
    }

    /// The form filled in, and the version of the class that judges it.
    fn fill<'a>(&self, table: &'a ClassTable, forms: &Forms) -> Done<(&'a ItemClass, Filled)> {
        if table.newest(&self.class).is_none() {
            return Err(super::classes::unknown(&self.class));
        }
        contents::fill_judged(table, forms, &self.class, &self.form, self.pseudonym.as_ref())
    }

    fn law(&self, class: &ItemClass) -> Done<Law> {
        match (&self.law, class.laws.as_slice()) {
            (Some(law), _) => Ok(law.clone()),
            (None, [law]) => Ok(law.clone()),
            (None, laws) => {
                let laws = laws.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                Err(Failure::new(
                    Class::Usage,
                    format!("the class rests on several laws: {laws}"),
                    format!("该类别依据多部法律：{laws}"),
                )
                .todo("say which with --law", "请用 --law 指明"))
            }
        }
    }
}

/// What the form calls the authority is who signs: the ledger knows the signer alone.
fn must_be_own(desk: &Desk<'_>, filled: &Filled) -> Done {
    let own = desk.signer.code()?;
    if filled.authority.as_str() == own {
        return Ok(());
    }
    let named = &filled.authority;
    Err(Failure::new(
        Class::Usage,
        format!("the form's authority is {named}, the certificate is {own}'s"),
        format!("表单中的机关为 {named}，证书属于 {own}"),
    )
    .todo("sign with the key of the authority that decided", "请用作出决定的机关的密钥签名"))
}

/// `yinxin credit correct`
#[derive(Debug, clap::Args)]
pub(crate) struct Correct {
    /// The item's id
    #[arg(value_name = "ITEM")]
    item: Digest,
    #[command(flatten)]
    corrected: CorrectionArgs,
    #[command(flatten)]
    tables: Tables,
    /// Why, by code
    #[arg(long, value_name = "N", default_value_t = 0)]
    reason: u16,
    #[command(flatten)]
    sending: Sending,
}

/// The content as it should be.
#[derive(Debug, clap::Args)]
pub(super) struct CorrectionArgs {
    /// The form's values as they should be; what they were stays on the ledger
    #[arg(long, value_name = "FORM")]
    form: PathBuf,
    /// The folder that the content is kept in with its salt
    #[arg(long, value_name = "DIR")]
    contents: PathBuf,
    /// An earlier day, the first on which it is no longer shown
    #[arg(long, value_name = "DAY", value_parser = Date::parse)]
    until: Option<Date>,
    /// The subject, if it is a person: CUSTODIAN:PSEUDONYM
    #[arg(long, value_name = "SUBJECT", value_parser = words::subject)]
    pseudonym: Option<Subject>,
}

/// The same where it may be left out.
#[derive(Debug, clap::Args)]
pub(super) struct CorrectionOption {
    /// The form's values as they should be; what they were stays on the ledger
    #[arg(long, value_name = "FORM", requires = "contents")]
    form: Option<PathBuf>,
    /// The folder that the content is kept in with its salt
    #[arg(long, value_name = "DIR", requires = "form")]
    contents: Option<PathBuf>,
    /// An earlier day, the first on which it is no longer shown
    #[arg(long, value_name = "DAY", value_parser = Date::parse, requires = "form")]
    until: Option<Date>,
    /// The subject, if it is a person: CUSTODIAN:PSEUDONYM
    #[arg(long, value_name = "SUBJECT", value_parser = words::subject, requires = "form")]
    pseudonym: Option<Subject>,
}

impl CorrectionOption {
    /// The correction, if one is given.
    pub(super) fn given(&self) -> Option<CorrectionArgs> {
        let (form, contents) = (self.form.clone()?, self.contents.clone()?);
        let Self { until, pseudonym, .. } = self;
        Some(CorrectionArgs { form, contents, until: *until, pseudonym: pseudonym.clone() })
    }
}

impl CorrectionArgs {
    /// The correction of an item, its content kept.
    pub(super) fn correction(
        &self,
        desk: &Desk<'_>,
        tables: &Tables,
        state: &ItemState,
        reason: u16,
    ) -> Done<Correction> {
        let table = tables.classes()?;
        let class = table.version(&state.class).ok_or_else(|| {
            let class = &state.class;
            Failure::new(
                Class::Usage,
                format!("the table of classes has no {class}"),
                format!("分类表中没有 {class}"),
            )
            .todo(
                "give the table that the item was recorded by: --classes",
                "请用 --classes 指定记录时所依据的分类表",
            )
        })?;
        let forms = tables.forms()?;
        contents::must_be_published(&desk.client, class, &forms)?;
        let form = forms.form(&class.form)?;
        let filled = contents::fill(form, &self.form, self.pseudonym.as_ref())?;
        if filled.subject != state.subject {
            return Err(Failure::new(
                Class::Usage,
                format!("the item is about {}, the form about {}", state.subject, filled.subject),
                format!("该记录的主体为 {}，表单中为 {}", state.subject, filled.subject),
            )
            .todo("withdraw the item and record another one", "请撤回该记录后另行记录"));
        }
        let content = Contents::new(&self.contents).keep(&filled.content)?;
        Ok(Correction { content, until: self.until, reason })
    }
}

impl Correct {
    /// Corrects the item.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        let state = words::item(&desk, &self.item)?;
        let act = CorrectItem {
            item: self.item,
            correction: self.corrected.correction(&desk, &self.tables, &state, self.reason)?,
        };
        let done = desk.send(&words::key("correct", &act), CreditAct::Correct(act))?;
        told(&desk, "correct", &done, self.item)
    }
}

/// Tells an act on an item, and how the item stands after it.
pub(super) fn told(desk: &Desk<'_>, act: &'static str, done: &send::Sent, item: Digest) -> Done {
    let status = words::standing(&words::item(desk, &item)?, ui::now());
    desk.told(act, done, item, status)
}
