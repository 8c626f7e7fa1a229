//! The licence as an OFD document: written from a scene and metadata, and read back.
//!
//! The metadata stands twice: as an attachment that holds all of it, and in `CustomDatas` of OFD.xml without the type's
//! own fields, where readers of GB/T 33190 look. Which of the two the standard binds is not known to us; they must agree.

mod printed;

use yinxin_gm::{Digest, sm3};
use yinxin_ofd::page::{Colour, Document, Font, Info, Outline, Page, Shape, Size, Text};
use yinxin_ofd::{Content, Limits, OfdError, Package, PackageWriter, RECEIPT_PATH};
use yinxin_verdict::{Check, Fact, Facts, Reason, UnixTime};

use crate::Error;
use crate::font::Fonts;
use crate::layout::{Colour as Rgb, Item, Scene, Weight};
use crate::metadata::{self, ATTACHMENT, Items, Metadata};

pub use printed::printed_text;

/// The metadata file's name in the package.
const FILE: &str = "licence-metadata.xml";

impl From<OfdError> for Error {
    fn from(error: OfdError) -> Self {
        Self::Ofd { why: error.to_string() }
    }
}

/// The document of a scene.
pub(crate) fn write(
    scene: &Scene,
    metadata: &Metadata,
    xml: &str,
    fonts: &Fonts,
) -> Result<Vec<u8>, Error> {
    let id = sm3::digest(xml.as_bytes()).to_string();
    let mut info = Info::new(&id[..32]);
    info.title.clone_from(&metadata.name);
    info.author.clone_from(&metadata.issuer_name);
    info.creation_date = metadata.created.china_date();
    info.custom_data = custom_data(&metadata.to_items());
    let mut document = Document::new(info);
    let mut font = |weight: Weight| -> Result<_, Error> {
        let face = fonts.face(weight);
        let file = Content::new(face.subset(&scene.characters(weight))?)?;
        Ok(document.font(Font::embedded(face.family(), file, "otf")))
    };
    let regular = font(Weight::Regular)?;
    // Without a bold cut of its own, the one subset must hold what either weight sets.
    let bold = font(Weight::Bold)?;
    let [width, height] = scene.page;
    let mut page = Page::new(Size::new(width, height));
    for item in &scene.items {
        match item {
            Item::Lines { lines, stroke } => {
                let shape = Shape::new(outline(lines));
                page.draw(shape.stroked(stroke.width, colour(stroke.colour)));
            }
            Item::Text(text) => {
                let font = if text.weight == Weight::Bold { bold } else { regular };
                let x = text.xs.first().copied().unwrap_or_default();
                let advances = text.xs.windows(2).map(|w| w[1] - w[0]).collect();
                let run = Text::new(font, text.size, x, text.baseline, &text.text);
                page.text(run.advances(advances).colour(colour(text.colour)));
            }
        }
    }
    document.page(page);
    document.attach(ATTACHMENT, FILE, Content::new(xml.as_bytes())?);
    Ok(document.to_package()?.finish())
}

fn custom_data(items: &Items) -> Vec<(String, String)> {
    let own = items.iter().filter(|(name, _)| !name.starts_with(metadata::EXTENSION));
    own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn outline(lines: &[Vec<[f64; 2]>]) -> Outline {
    lines.iter().fold(Outline::default(), |path, line| {
        let Some(([x, y], rest)) = line.split_first() else { return path };
        rest.iter().fold(path.move_to(*x, *y), |p, [x, y]| p.line_to(*x, *y))
    })
}

fn colour(Rgb([r, g, b]): Rgb) -> Colour {
    Colour(r, g, b)
}

/// Metadata and SM3 of the signed value of a document that carries one seal or more; the first counts.
pub(crate) fn read_sealed(ofd: &[u8]) -> Result<(Metadata, Digest), Error> {
    let package = Package::open(ofd, &Limits::default())?;
    let metadata = read(&package)?;
    let signatures = package.signatures();
    let value = signatures.files().find_map(|f| f.signed_value.as_ref());
    let value = value.ok_or(Error::Ofd { why: "the document carries no signature".to_owned() })?;
    Ok((metadata, sm3::digest(value.bytes)))
}

/// The document with a receipt at its fixed path, in place of one that is there: a run killed right after it wrote the
/// document comes here again, and so does a receipt that was re-based.
pub(crate) fn add_receipt(ofd: &[u8], receipt: &[u8]) -> Result<Vec<u8>, Error> {
    let package = Package::open_container(ofd, &Limits::default())?;
    let mut writer = PackageWriter::from_package(&package);
    writer.replace(RECEIPT_PATH, receipt)?;
    Ok(writer.finish())
}

/// The metadata items of a package: its attachment's, else its `CustomDatas`; `None` when neither names an identifier.
///
/// # Errors
/// [`Error::MetadataBad`] or [`Error::Ofd`] for an attachment that is listed and cannot be read.
pub fn items(package: &Package) -> Result<Option<Items>, Error> {
    if let Some(xml) = attachment(package)? {
        return Items::from_xml(xml).map(Some);
    }
    Ok(Some(custom_items(package)).filter(|items| items.get("ZZBS").is_some()))
}

/// The metadata of a package.
///
/// # Errors
/// [`Error::MetadataMissing`], or [`Error::MetadataBad`] with the first item that cannot be read.
pub fn read(package: &Package) -> Result<Metadata, Error> {
    let items = items(package)?.ok_or(Error::MetadataMissing)?;
    Metadata::from_items(&items).map_err(|refusals| Error::MetadataBad {
        why: refusals.first().map(ToString::to_string).unwrap_or_default(),
    })
}

/// Checks the licence in a package as of a time and records every finding; does nothing when there is no licence in it.
///
/// Returns the metadata when it could be read as a whole.
pub fn inspect(
    package: &Package,
    at: UnixTime,
    subject: &str,
    facts: &mut Facts,
) -> Option<Metadata> {
    let bad = |found: String| {
        Fact::fail(Check::LicenceMetadata, subject, Reason::MetadataBad).found(found)
    };
    let items = match items(package) {
        Ok(items) => items?,
        Err(error) => {
            facts.push(bad(error.to_string()));
            return None;
        }
    };
    for (name, value) in custom_items(package).iter() {
        if let Some(other) = items.get(name)
            && other != value.trim()
        {
            let fact = bad(format!("{name} = {other}"));
            facts.push(fact.expected(format!("{name} = {value}, as in OFD.xml")));
        }
    }
    let printed = printed_text(package);
    metadata::inspect(&items, printed.as_deref(), at, subject, facts)
}

fn attachment(package: &Package) -> Result<Option<&[u8]>, Error> {
    if package.bodies().is_empty() {
        return Ok(None);
    }
    let document = package.document(0)?;
    let mut ours = document.attachments.iter().filter(|a| a.name == ATTACHMENT);
    let Some(first) = ours.next() else { return Ok(None) };
    if ours.next().is_some() {
        return Err(Error::MetadataBad { why: "two metadata files are attached".to_owned() });
    }
    let bytes = package.file(&first.path);
    bytes.map(Some).ok_or_else(|| Error::Ofd { why: format!("{} is missing", first.path) })
}

fn custom_items(package: &Package) -> Items {
    let mut items = Items::default();
    for (name, value) in package.bodies().first().map_or(&[][..], |b| &b.custom_data) {
        items.push(name, value);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_written_licence_reads_back() {
        let Some((issued, ofd)) = sample::document() else { return };
        let package = Package::open(ofd, &Limits::default()).unwrap();
        assert_eq!(read(&package).unwrap(), *issued.metadata());
        let text = printed_text(&package).unwrap();
        assert!(text.contains(&issued.metadata().holder_name), "{text}");
        let mut facts = Facts::new();
        let now = issued.metadata().created;
        assert!(inspect(&package, now, "licence", &mut facts).is_some());
        let failed: Vec<_> = facts.facts().iter().filter(|f| f.reason().is_some()).collect();
        assert_eq!(failed, Vec::<&Fact>::new());
    }

    #[test]
    fn a_page_or_list_that_disagrees_with_the_metadata_is_found() {
        let Some((issued, ofd)) = sample::document() else { return };
        let name = &issued.metadata().holder_name;
        for path in
            ["OFD.xml", "Doc_0/Pages/Page_0/Content.xml", "Doc_0/Attachs/licence-metadata.xml"]
        {
            let package = Package::open(ofd.clone(), &Limits::default()).unwrap();
            let mut writer = PackageWriter::from_package(&package);
            let text = String::from_utf8(package.file(path).unwrap().to_vec()).unwrap();
            assert!(text.contains(name.as_str()), "{path}");
            writer
                .replace(path, text.replace(name.as_str(), "另一家有限公司").into_bytes())
                .unwrap();
            let package = Package::open(writer.finish(), &Limits::default()).unwrap();
            let mut facts = Facts::new();
            inspect(&package, issued.metadata().created, "licence", &mut facts);
            assert!(facts.has(Reason::MetadataBad), "{path}");
        }
    }

    #[test]
    fn a_document_without_metadata_is_no_licence() {
        let mut document = Document::new(Info::new("0123456789abcdef0123456789abcdef"));
        document.page(Page::new(Size::A4));
        let ofd = document.to_package().unwrap().finish();
        let package = Package::open(ofd.clone(), &Limits::default()).unwrap();
        assert_eq!(read(&package), Err(Error::MetadataMissing));
        let mut facts = Facts::new();
        assert_eq!(inspect(&package, UnixTime::EPOCH, "licence", &mut facts), None);
        assert!(facts.facts().is_empty());
        assert!(matches!(read_sealed(&ofd), Err(Error::MetadataMissing)));
    }
}
