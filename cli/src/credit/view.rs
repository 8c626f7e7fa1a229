//! `credit view`: what a reader may see of a subject, proven to be all of it, and on record before it is shown.

mod gather;
mod show;

use std::path::PathBuf;

use yinxin_credit::view::{
    CreditView, OnRecord, Seen, ViewPackage, ViewQuestion, check_taken, check_view,
};
use yinxin_receipt::{Receipt, Trust};
use yinxin_record::{
    ClassCode, CourtCase, CreditAct, EventChain, Law, OrganisationCode, Purpose, Subject, Text,
    ViewGround, Wire,
};
use yinxin_verdict::{Facts, Policy, UnixTime};

use gather::Gathering;

use super::{failure, permission, words};
use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    papers::Paper,
    send::Sending,
    trusting,
    ui::{self, Ui},
};

pub(super) use show::SeenView;

/// `yinxin credit view …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ViewCommand {
    /// Take a view: gather and check it, record that it was taken, write the package, show it
    #[command(group = clap::ArgGroup::new("ground").required(true))]
    Take(Box<Take>),
    /// Check a package and show it; needs no node
    Check(CheckView),
}

impl ViewCommand {
    /// Does what is asked.
    pub(super) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Take(c) => c.run(ui, config),
            Self::Check(c) => c.run(ui, config),
        }
    }
}

/// `yinxin credit view take`
#[derive(Debug, clap::Args)]
pub(crate) struct Take {
    /// Whose credit: a credit code, or CUSTODIAN:PSEUDONYM
    #[arg(value_name = "SUBJECT", value_parser = words::subject)]
    subject: Subject,
    /// For which purpose, by code
    #[arg(long, value_name = "CODE", value_parser = permission::purpose)]
    purpose: Purpose,
    /// The subject's authorisation, by its id
    #[arg(long, value_name = "ID", group = "ground")]
    grant: Option<yinxin_gm::Digest>,
    /// A law, for an authority
    #[arg(long, value_name = "TEXT", value_parser = words::law, group = "ground")]
    law: Option<Law>,
    /// The subject asked for its own: its request, a file or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse, group = "ground")]
    own: Option<Paper>,
    /// Who sees it, if the signer serves it to somebody else [default: the signer]
    #[arg(long, value_name = "CODE", value_parser = OrganisationCode::new)]
    reader: Option<OrganisationCode>,
    /// Of which class; may be repeated [default: all]
    #[arg(long = "class", value_name = "CODE", value_parser = ClassCode::new)]
    classes: Vec<ClassCode>,
    /// As of when: a day's beginning, or an instant [default: now]
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    as_of: Option<UnixTime>,
    /// A court's case, by its number: what has ended is shown too, each with its records; the reader needs the power `credit-court`
    #[arg(long, value_name = "NUMBER", value_parser = case, group = "ground", requires = "inquiry")]
    court: Option<Text<128>>,
    /// The court's paper that asks: a file, or a salted digest
    #[arg(long, value_name = "FILE", value_parser = Paper::parse, requires = "court")]
    inquiry: Option<Paper>,
    /// A folder of contents to show, kept by `credit record`; may be repeated
    #[arg(long, value_name = "DIR")]
    contents: Vec<PathBuf>,
    /// A source's store, kept by `credit import`, for each source that published batches; may be repeated
    #[arg(long, value_name = "DIR")]
    store: Vec<PathBuf>,
    /// Write the package that is checked offline to this file
    #[arg(long, value_name = "FILE")]
    package: PathBuf,
    #[command(flatten)]
    sending: Sending,
}

fn case(number: &str) -> Result<Text<128>, String> {
    Text::new(number).map_err(|e| e.to_string())
}

impl Take {
    fn run(mut self, ui: &Ui, config: &Config) -> Done {
        let desk = self.sending.open(ui, config)?;
        files::must_be_free(&self.package, false)?;
        self.classes.sort_unstable();
        let own = OrganisationCode::new(&desk.signer.code()?).class(Class::Usage)?;
        let question = ViewQuestion {
            subject: self.subject.clone(),
            reader: self.reader.clone().unwrap_or(own),
            purpose: self.purpose.clone(),
            ground: self.ground()?,
            classes: self.classes.clone(),
            as_of: self.as_of.unwrap_or_else(ui::now),
        };
        let spinner = ui.spinner("gathering records", "收集记录");
        let gathered = Gathering::open(&desk.client, &self.contents, &self.store)
            .and_then(|from| from.view(question, self.as_of));
        spinner.finish_and_clear();
        let (view, seen) = gathered?;
        let act = view.taking()?;
        // On record first: nobody has seen what the ledger does not say was seen.
        let done = desk.send(&words::key("view", &act), CreditAct::View(act))?;
        let taken = Receipt::from_der(&done.receipt).map_err(Failure::bug)?;
        let package = ViewPackage { view, taken: Some(taken) };
        files::write(&self.package, &package.to_der(), Access::Owner, Existing::Keep)?;
        let on_record = taken_by(&package, desk.client.trust.ledgers(), ui::now())?;
        let path = self.package.display().to_string();
        let shown = SeenView::new(&package.view, &seen, on_record, Some(path));
        ui.result(&shown, |v| v.text(ui))
    }

    fn ground(&self) -> Done<ViewGround> {
        if let (Some(number), Some(paper)) = (&self.court, &self.inquiry) {
            let paper = paper.digest()?;
            return Ok(ViewGround::Court(CourtCase { number: number.clone(), paper }));
        }
        // A `requires` is let pass by clap where another ground is in its way.
        if self.inquiry.is_some() {
            return Err(Failure::new(
                Class::Usage,
                "a court's paper asks with its case's number, --court, and with no other ground",
                "法院函件须与案号 --court 一并给出，且不得另有依据",
            ));
        }
        match (&self.grant, &self.law, &self.own) {
            (Some(id), _, _) => Ok(ViewGround::Authorisation(*id)),
            (_, Some(law), _) => Ok(ViewGround::Law(law.clone())),
            (_, _, Some(paper)) => Ok(ViewGround::Own(paper.digest()?)),
            (None, None, None) => Err(Failure::bug("a view without a ground")),
        }
    }
}

/// The subject's chain that a view replays to.
pub(super) fn chain(view: &CreditView) -> Done<EventChain> {
    let chain = view.chain.value.as_deref().map(EventChain::from_der).transpose();
    let chain = chain.map_err(yinxin_record::Error::from).class(Class::Node)?;
    Ok(chain.unwrap_or_else(|| EventChain::start(&view.question.subject)))
}

/// A package, and what it is judged by.
#[derive(Debug, clap::Args)]
pub(super) struct PackageArgs {
    /// The package that `credit view take` wrote
    #[arg(value_name = "PACKAGE")]
    package: PathBuf,
    /// The folder of what is trusted, the ledger's genesis among it
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Judge as of this time instead of now; a package's proofs grow old
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    at: Option<UnixTime>,
}

/// `yinxin credit view check`
#[derive(Debug, clap::Args)]
pub(crate) struct CheckView {
    #[command(flatten)]
    package: PackageArgs,
}

impl PackageArgs {
    /// A package that is judged now.
    pub(super) const fn of(package: PathBuf, trust: Option<PathBuf>) -> Self {
        Self { package, trust, at: None }
    }

    /// The trust folder, if one is named.
    pub(super) fn trust(&self) -> Option<PathBuf> {
        self.trust.clone()
    }

    /// Reads the package and checks all of it; a package of another view's receipt is refused.
    pub(super) fn check(&self, config: &Config) -> Done<Checked> {
        let folder = config.trust_folder(self.trust.as_deref()).ok_or_else(|| {
            Failure::new(Class::Usage, "no trust folder is named", "未指定信任文件夹")
                .todo("give --trust DIR", "请使用 --trust 目录")
        })?;
        let trust = trusting::load(&folder)?;
        let place = self.package.display();
        let package = ViewPackage::from_der(&files::read(&self.package)?)
            .map_err(|e| failure(&e.into()))
            .at(&place)?;
        let now = self.at.unwrap_or_else(ui::now);
        let seen = check_view(&package.view, trust.ledgers(), &Policy::default(), now);
        let seen = seen.map_err(|e| failure(&e)).at(&place)?;
        let on_record = taken_by(&package, trust.ledgers(), now).at(&place)?;
        Ok(Checked { view: package.view, seen, on_record })
    }
}

/// A package that holds.
pub(super) struct Checked {
    pub(super) view: CreditView,
    pub(super) seen: Seen,
    /// That it was taken, as the ledger has it; `None`: the package does not say.
    pub(super) on_record: Option<OnRecord>,
}

fn taken_by(package: &ViewPackage, trust: &Trust, now: UnixTime) -> Done<Option<OnRecord>> {
    let found = check_taken(package, trust, &Policy::default(), now, &mut Facts::new());
    found.map_err(|e| failure(&e))
}

impl CheckView {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let Checked { view, seen, on_record } = self.package.check(config)?;
        let shown = SeenView::new(&view, &seen, on_record, None);
        ui.result(&shown, |v| v.text(ui))
    }
}
