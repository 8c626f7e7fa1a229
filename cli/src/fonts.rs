//! Which font files pages and seals are made with: the user's, else Debian's Noto CJK.

use std::path::{Path, PathBuf};

use yinxin_licence::{Face, Fonts};

use crate::{
    config::Config,
    fail::{At, Class, Classed, Done, Failure},
    files,
};

/// Where Debian (package fonts-noto-cjk), Fedora and Arch put Noto Serif CJK; then the sans face, which Debian has first.
const REGULAR: [&str; 5] = [
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-serif-cjk-fonts/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
];

/// `--font`
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FontArgs {
    /// The font file (TrueType or OpenType, with Chinese) [default: Noto CJK where the system has it]
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
}

impl FontArgs {
    /// The font file's path.
    pub(crate) fn path(&self, config: &Config) -> Done<PathBuf> {
        let chosen = self.font.clone().or_else(|| config.font.clone());
        chosen.or_else(installed).ok_or_else(|| {
            Failure::new(Class::Usage, "no Chinese font found", "未找到中文字体").todo(
                "apt-get install fonts-noto-cjk, or give --font FILE",
                "请执行 apt-get install fonts-noto-cjk，或用 --font 指定字体文件",
            )
        })
    }

    /// The faces of a licence's page.
    pub(crate) fn faces(&self, config: &Config) -> Done<Fonts> {
        let path = self.path(config)?;
        let regular = face(&path)?;
        let name = path.to_string_lossy().replace("-Regular.", "-Bold.");
        let bold = Path::new(&name);
        let bold = if bold != path && bold.exists() { Some(face(bold)?) } else { None };
        Ok(Fonts::new(regular, bold))
    }
}

/// The Noto font that this system has, if any.
pub(crate) fn installed() -> Option<PathBuf> {
    REGULAR.iter().map(PathBuf::from).find(|p| p.exists())
}

fn face(path: &Path) -> Done<Face> {
    let bytes = files::read(path)?;
    let families = ["Noto Serif CJK SC", "Noto Sans CJK SC"];
    let mut last = None;
    for family in families {
        match Face::from_bytes(bytes.clone(), family) {
            Ok(face) => return Ok(face),
            Err(e) => last = Some(e),
        }
    }
    // A font of the user's own: its only family, which the refusal above names.
    match last {
        Some(error) => Err(error).class(Class::Malformed).at(path.display()),
        None => Err(Failure::bug("no font family was tried")),
    }
}
