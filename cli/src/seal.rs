//! `seal make | show`: electronic seals of GB/T 38540.

use std::path::{Path, PathBuf};

use serde::Serialize;
use yinxin_gm::sm3;
use yinxin_pki::Certificate;
use yinxin_record::{Act, IssueSeal, OrganisationCode, SealAct, Text};
use yinxin_seal::{
    CertList, Picture, Seal, SealDraft,
    draw::{Drawing, Font, RoundSeal},
};
use yinxin_verdict::{UnixTime, shown};

use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    fonts::FontArgs,
    keys::{self, Signer, SignerArgs},
    rng,
    submit::{self, LedgerArgs},
    ui::{self, Ui},
    verify::Judging,
};

/// Of a seal's PNG: about 300 dpi, what the pictures of real seals have.
const PIXELS_PER_MM: u8 = 12;

/// `yinxin seal …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum SealCommand {
    /// Draw a round seal for a department and sign it as its maker
    Make(Box<Make>),
    /// Show a seal, and check it
    Show(Show),
}

/// `yinxin seal make`
#[derive(Debug, clap::Args)]
pub(crate) struct Make {
    #[command(flatten)]
    maker: SignerArgs,
    /// The certificate of who may use the seal; may be repeated
    #[arg(long, value_name = "CERT", required = true)]
    signer: Vec<PathBuf>,
    /// The name on the ring
    #[arg(long)]
    name: String,
    /// The line below the star
    #[arg(long)]
    purpose: Option<String>,
    /// The seal's identifier, which also stands along its lower edge if it is 13 digits [default: random]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// The diameter in mm
    #[arg(long, value_name = "MM", default_value_t = 42)]
    diameter: u8,
    /// A PNG to use instead of drawing one
    #[arg(long, value_name = "PNG")]
    image: Option<PathBuf>,
    /// Until when the seal may be used [default: as long as the first signer's certificate]
    #[arg(long, value_name = "TIME", value_parser = UnixTime::parse)]
    until: Option<UnixTime>,
    #[command(flatten)]
    font: FontArgs,
    /// The seal file to write
    #[arg(long, value_name = "ESL")]
    out: PathBuf,
    /// Also write the picture: PNG or SVG by the file's ending
    #[arg(long, value_name = "FILE")]
    picture: Vec<PathBuf>,
    /// Register the seal on the ledger (needs the power `seal`)
    #[command(flatten)]
    ledger: LedgerArgs,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

/// `yinxin seal show`
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// The seal, or a document's signature with a seal inside; `-` for stdin
    #[arg(value_name = "ESL")]
    file: PathBuf,
    #[command(flatten)]
    how: Judging,
    /// Write the seal's picture to this file
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    id: String,
    name: String,
    version: String,
    vendor: String,
    maker: String,
    signers: Vec<String>,
    created: String,
    valid_from: String,
    valid_until: String,
    picture: String,
    sm3: String,
}

impl SealCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui, config: &Config) -> Done {
        match self {
            Self::Make(c) => c.run(ui, config),
            Self::Show(c) => c.run(ui, config),
        }
    }
}

impl Make {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        for path in self.picture.iter().chain([&self.out]) {
            files::must_be_free(path, self.force)?;
        }
        let signers = self.signer.iter().map(|p| keys::certificate(p)).collect::<Done<Vec<_>>>()?;
        let maker = self.maker.load(ui)?;
        let (picture, drawing) = self.look(config)?;
        let seal = self
            .draft(&signers, picture)?
            .sign(&maker.certificate, &maker.key, &mut rng::os())
            .class(Class::Usage)?;
        let existing = Existing::forced(self.force);
        // On the ledger first: a seal that is handed out but unknown there would be refused by whoever asks for its status.
        if self.ledger.is_given(config) {
            self.register(&seal, &signers, &maker, ui, config)?;
        }
        for path in &self.picture {
            files::write(
                path,
                &picture_file(path, &seal, drawing.as_ref()),
                Access::Public,
                existing,
            )?;
        }
        files::write(&self.out, seal.as_bytes(), Access::Public, existing)?;
        ui.result(&view(&seal), |v| text(ui, v))
    }

    fn look(&self, config: &Config) -> Done<(Picture, Option<Drawing>)> {
        if let Some(path) = &self.image {
            let data = files::read(path)?;
            let mm = u64::from(self.diameter);
            let picture = Picture { format: "PNG".into(), data, width_mm: mm, height_mm: mm };
            return Ok((picture, None));
        }
        let path = self.font.path(config)?;
        let bytes = files::read(&path)?;
        let font = Font::parse(&bytes).class(Class::Malformed).at(path.display())?;
        let mut round = RoundSeal::new(&self.name).diameter_mm(self.diameter);
        if let Some(purpose) = &self.purpose {
            round = round.purpose(purpose);
        }
        if let Some(code) = self.id.as_ref().filter(|id| id.len() == 13) {
            round = round.code(code);
        }
        let drawing = round.draw(&font).class(Class::Usage)?;
        let picture = drawing.to_picture(PIXELS_PER_MM).class(Class::Usage)?;
        Ok((picture, Some(drawing)))
    }

    fn draft(&self, signers: &[Certificate], picture: Picture) -> Done<SealDraft> {
        let now = ui::now().floor_to_second();
        let first = signers
            .first()
            .ok_or_else(|| Failure::bug("clap lets no seal without signer through"))?;
        Ok(SealDraft {
            id: self.id.clone().map_or_else(random_id, Ok)?,
            vendor: "yinxin".into(),
            kind: 1,
            name: self.name.clone(),
            signers: CertList::Certificates(signers.iter().map(|c| c.raw().to_vec()).collect()),
            created: now,
            valid_from: now,
            valid_until: self.until.unwrap_or_else(|| first.not_after()),
            picture,
        })
    }

    fn register(
        &self,
        seal: &Seal,
        signers: &[Certificate],
        maker: &Signer,
        ui: &Ui,
        config: &Config,
    ) -> Done {
        let owner = signers.iter().find_map(Certificate::organisation_code).ok_or_else(|| {
            Failure::new(
                Class::Usage,
                "no signer's certificate names a unified social credit code",
                "签章人证书中没有统一社会信用代码",
            )
        })?;
        let act = Act::Seal(SealAct::Issue(IssueSeal {
            digest: sm3::digest(seal.as_bytes()),
            seal_id: Text::new(&seal.id).class(Class::Usage)?,
            owner: OrganisationCode::new(owner).class(Class::Usage)?,
        }));
        let key = format!("seal/{}", seal.id);
        let client = self.ledger.open(config)?;
        submit::act(&client, maker, &key, act, ui).map(|_| ())
    }
}

/// 13 digits, as the police's registration codes have.
fn random_id() -> Done<String> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|e| Failure::bug(format!("randomness: {e}")))?;
    Ok(format!("{:013}", u64::from_be_bytes(bytes) % 10_000_000_000_000))
}

fn picture_file(path: &Path, seal: &Seal, drawing: Option<&Drawing>) -> Vec<u8> {
    let svg = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg"));
    match drawing.filter(|_| svg) {
        Some(drawing) => drawing.to_svg().into_bytes(),
        None => seal.picture.data.clone(),
    }
}

fn view(seal: &Seal) -> View {
    let title = |der: &[u8]| {
        Certificate::parse(der).map_or_else(|e| e.to_string(), |c| c.subject().to_string())
    };
    let signers = match &seal.signers {
        CertList::Certificates(list) => list.iter().map(|der| title(der)).collect(),
        CertList::Digests(list) => {
            list.iter().map(|d| format!("{} {}", d.kind, hex::encode(&d.value))).collect()
        }
    };
    View {
        schema: "yinxin.seal/1",
        id: seal.id.clone(),
        name: seal.name.clone(),
        version: format!("{:?}", seal.version),
        vendor: seal.vendor.clone(),
        maker: title(&seal.maker_cert),
        signers,
        created: seal.created.to_string(),
        valid_from: seal.valid_from.to_string(),
        valid_until: seal.valid_until.to_string(),
        picture: format!(
            "{} {}×{} mm",
            seal.picture.format, seal.picture.width_mm, seal.picture.height_mm
        ),
        sm3: sm3::digest(seal.as_bytes()).to_string(),
    }
}

fn text(ui: &Ui, v: &View) -> String {
    let line = |en, zh, value: &str| format!("  {:<10} {}\n", ui.pick(en, zh), shown(value));
    let mut out = format!("{} ({})\n", shown(&v.name), shown(&v.id));
    out += &line("maker", "制章人", &v.maker);
    for signer in &v.signers {
        out += &line("signer", "签章人", signer);
    }
    out += &line("valid", "有效期", &format!("{} – {}", v.valid_from, v.valid_until));
    out += &line("picture", "图像", &v.picture);
    out += &line("SM3", "SM3", &v.sm3);
    out
}

impl Show {
    fn run(self, ui: &Ui, config: &Config) -> Done {
        let bytes = files::read(&self.file)?;
        let seal = Seal::parse(&bytes).class(Class::Malformed).at(self.file.display())?;
        if let Some(path) = &self.picture {
            files::write(path, &seal.picture.data, Access::Public, Existing::Replace)?;
        }
        ui.result(&view(&seal), |v| text(ui, v))?;
        let report = self.how.judge(config)?.report(&bytes);
        if ui.json {
            return Class::of(report.verdict).map_or(Ok(()), |c| Err(Failure::told(c)));
        }
        ui::write_stdout(report.to_text(ui.lang).as_bytes())?;
        Class::of(report.verdict).map_or(Ok(()), |c| Err(Failure::told(c)))
    }
}
