//! OFD.xml and Document.xml (GB/T 33190, clauses 7.4 and 7.5): enough to find every file that a reader would draw.

use std::collections::BTreeSet;

use crate::package::{Deviation, DeviationKind};
use crate::xml::Element;
use crate::{Limit, Limits, OfdError, Package, archive};

/// Where the standard puts the root.
pub(crate) const ROOT: &str = "OFD.xml";

/// A `DocBody` of OFD.xml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocBody {
    /// `DocID`: a UUID, mostly without hyphens.
    pub id: Option<String>,
    /// `Title`.
    pub title: Option<String>,
    /// `Author`.
    pub author: Option<String>,
    /// `Creator`: the program.
    pub creator: Option<String>,
    /// `CreationDate`, as written.
    pub creation_date: Option<String>,
    /// `CustomDatas`: name and value, in order.
    pub custom_data: Vec<(String, String)>,
    /// `DocRoot`, as written.
    pub doc_root: String,
    /// `Signatures`, as written.
    pub signatures: Option<String>,
    /// Prefix of the element and where its end tag starts in OFD.xml: where a signature list is put in.
    pub(crate) insert_at: (String, usize),
}

/// Position and size in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "a rectangle has no fifth number")]
pub struct Rect {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Rect {
    /// A rectangle.
    #[must_use]
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    /// Reads `x y w h`: four finite numbers, neither size negative.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split_ascii_whitespace().map(str::parse::<f64>);
        let mut next = || numbers.next()?.ok().filter(|n| n.is_finite());
        let rect = Self { x: next()?, y: next()?, width: next()?, height: next()? };
        let end = numbers.next().is_none();
        (end && rect.width >= 0.0 && rect.height >= 0.0).then_some(rect)
    }
}

impl core::fmt::Display for Rect {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { x, y, width, height } = *self;
        let [x, y, width, height] = [x, y, width, height].map(crate::page::number);
        write!(f, "{x} {y} {width} {height}")
    }
}

/// A page or a template in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageEntry {
    /// Its `ID`, as written.
    pub id: String,
    /// Its file.
    pub path: String,
}

/// An attachment that Attachments.xml lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// Its name for people.
    pub name: String,
    /// Its file.
    pub path: String,
}

/// A document: its Document.xml with every reference followed.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// Document.xml.
    pub path: String,
    /// `MaxUnitID`: the greatest object number in use.
    pub max_unit_id: u64,
    /// `PageArea/PhysicalBox`.
    pub page_area: Option<Rect>,
    /// The pages, in order.
    pub pages: Vec<PageEntry>,
    /// The template pages.
    pub templates: Vec<PageEntry>,
    /// Resource files, public and of the document.
    pub resources: Vec<String>,
    /// What the resource files name: fonts and images.
    pub media: Vec<String>,
    /// Annotations.xml and the files it names.
    pub annotations: Vec<String>,
    /// The attachments.
    pub attachments: Vec<Attachment>,
    /// Attachments.xml.
    pub attachment_list: Option<String>,
    /// CustomTags.xml.
    pub custom_tags: Option<String>,
    /// References that deviate, parts that are missing and not drawn.
    pub deviations: Vec<Deviation>,
}

impl Document {
    /// The XML files of its structure, each with its outermost element.
    pub(crate) fn structure(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let pages = self.pages.iter().chain(&self.templates).map(|p| (p.path.as_str(), "Page"));
        let resources = self.resources.iter().map(|p| (p.as_str(), "Res"));
        let annotations = self.annotations.iter().skip(1).map(|p| (p.as_str(), "PageAnnot"));
        pages.chain(resources).chain(annotations)
    }
}

/// Reads the bodies of OFD.xml.
pub(crate) fn bodies(root: &Element, limits: &Limits) -> Result<Vec<DocBody>, OfdError> {
    let count = root.all("DocBody").count();
    if count > limits.doc_bodies {
        return Err(archive::over(Limit::DocBodies, count, limits.doc_bodies, ROOT));
    }
    if count == 0 {
        return Err(OfdError::MissingElement { path: ROOT.to_owned(), element: "DocBody" });
    }
    root.all("DocBody").map(body).collect()
}

fn body(element: &Element) -> Result<DocBody, OfdError> {
    let info = element.one(ROOT, "DocInfo")?;
    let text = |name| -> Result<Option<String>, OfdError> {
        Ok(match info {
            Some(info) => info.text_of(ROOT, name)?.map(str::to_owned),
            None => None,
        })
    };
    let custom = match info {
        Some(info) => info.one(ROOT, "CustomDatas")?,
        None => None,
    };
    let custom_data = custom.into_iter().flat_map(|c| c.all("CustomData"));
    let signatures = element.text_of(ROOT, "Signatures")?.map(str::to_owned);
    Ok(DocBody {
        id: text("DocID")?,
        title: text("Title")?,
        author: text("Author")?,
        creator: text("Creator")?,
        creation_date: text("CreationDate")?,
        custom_data: custom_data
            .map(|d| (d.attribute("Name").unwrap_or_default().to_owned(), d.text.clone()))
            .collect(),
        doc_root: element.need(ROOT, "DocRoot")?.trimmed().to_owned(),
        signatures: signatures.filter(|s| !s.is_empty()),
        insert_at: (element.prefix.clone(), element.end),
    })
}

/// Reads the document of a body.
pub(crate) fn read(package: &Package, body: &DocBody) -> Result<Document, OfdError> {
    let mut out = Document::default();
    out.path = follow(package, ROOT, &body.doc_root, &mut out.deviations)?;
    let path = out.path.clone();
    let (root, deviation) = package.tree(&path, "Document")?;
    out.deviations.extend(deviation);
    let common = root.need(&path, "CommonData")?;
    out.max_unit_id = common.text_of(&path, "MaxUnitID")?.and_then(|t| t.parse().ok()).unwrap_or(0);
    if let Some(area) = common.one(&path, "PageArea")? {
        out.page_area = area.text_of(&path, "PhysicalBox")?.and_then(Rect::parse);
    }
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for element in common.all("PublicRes").chain(common.all("DocumentRes")) {
        if named.insert(element.trimmed()) {
            resource(package, &path, element.trimmed(), &mut out)?;
        }
    }
    out.templates = page_list(package, &path, common.all("TemplatePage"), &mut out.deviations)?;
    let pages = root.need(&path, "Pages")?;
    out.pages = page_list(package, &path, pages.all("Page"), &mut out.deviations)?;
    annotations(package, &path, &root, &mut out)?;
    attachments(package, &path, &root, &mut out)?;
    if let Some(reference) = root.text_of(&path, "CustomTags")? {
        out.custom_tags = optional(package, &path, reference, &mut out.deviations)?;
    }
    Ok(out)
}

/// Follows a reference to a part that must be there.
fn follow(
    package: &Package,
    from: &str,
    reference: &str,
    deviations: &mut Vec<Deviation>,
) -> Result<String, OfdError> {
    let found = package.locate(from, reference)?;
    let path = from.to_owned();
    deviations.extend(found.deviation.map(|kind| Deviation { path, kind }));
    Ok(found.path.to_owned())
}

/// Follows a reference to a part whose absence changes nothing that was drawn on purpose.
fn optional(
    package: &Package,
    from: &str,
    reference: &str,
    deviations: &mut Vec<Deviation>,
) -> Result<Option<String>, OfdError> {
    match follow(package, from, reference, deviations) {
        Ok(path) => Ok(Some(path)),
        Err(OfdError::MissingPart { path, .. }) => {
            let kind = DeviationKind::PartMissing(path);
            deviations.push(Deviation { path: from.to_owned(), kind });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn page_list<'a>(
    package: &Package,
    from: &str,
    elements: impl Iterator<Item = &'a Element>,
    deviations: &mut Vec<Deviation>,
) -> Result<Vec<PageEntry>, OfdError> {
    let entry = |element: &Element| {
        let need = |attribute: &'static str| {
            element
                .attribute(attribute)
                .ok_or(OfdError::MissingElement { path: from.to_owned(), element: attribute })
        };
        let path = follow(package, from, need("BaseLoc")?, deviations)?;
        Ok(PageEntry { id: need("ID")?.trim().to_owned(), path })
    };
    elements.map(entry).collect()
}

/// A resource file and what it names, relative to its `BaseLoc`.
fn resource(
    package: &Package,
    from: &str,
    reference: &str,
    out: &mut Document,
) -> Result<(), OfdError> {
    let Some(path) = optional(package, from, reference, &mut out.deviations)? else {
        return Ok(());
    };
    if out.resources.contains(&path) {
        return Ok(());
    }
    let (root, deviation) = package.tree(&path, "Res")?;
    out.deviations.extend(deviation);
    let base = root.attribute("BaseLoc").unwrap_or_default();
    let fonts = root
        .all("Fonts")
        .flat_map(|f| f.all("Font"))
        .filter_map(|f| f.one(&path, "FontFile").transpose());
    let medias = root.all("MultiMedias").flat_map(|m| m.all("MultiMedia"));
    let medias = medias.filter_map(|m| m.one(&path, "MediaFile").transpose());
    for file in fonts.chain(medias) {
        let file = file?.trimmed();
        let joined = match file.starts_with(['/', '\\']) || base.is_empty() {
            true => file.to_owned(),
            false => format!("{base}/{file}"),
        };
        let found = optional(package, &path, &joined, &mut out.deviations)?;
        out.media.extend(found);
    }
    out.resources.push(path);
    Ok(())
}

fn annotations(
    package: &Package,
    from: &str,
    root: &Element,
    out: &mut Document,
) -> Result<(), OfdError> {
    let Some(reference) = root.text_of(from, "Annotations")? else { return Ok(()) };
    let Some(list) = optional(package, from, reference, &mut out.deviations)? else {
        return Ok(());
    };
    let (root, deviation) = package.tree(&list, "Annotations")?;
    out.deviations.extend(deviation);
    out.annotations.push(list.clone());
    for page in root.all("Page") {
        if let Some(reference) = page.text_of(&list, "FileLoc")? {
            let found = optional(package, &list, reference, &mut out.deviations)?;
            out.annotations.extend(found);
        }
    }
    Ok(())
}

fn attachments(
    package: &Package,
    from: &str,
    root: &Element,
    out: &mut Document,
) -> Result<(), OfdError> {
    let Some(reference) = root.text_of(from, "Attachments")? else { return Ok(()) };
    let Some(list) = optional(package, from, reference, &mut out.deviations)? else {
        return Ok(());
    };
    let (root, deviation) = package.tree(&list, "Attachments")?;
    out.deviations.extend(deviation);
    for element in root.all("Attachment") {
        let name = element.attribute("Name").unwrap_or_default().to_owned();
        if let Some(reference) = element.text_of(&list, "FileLoc")? {
            let found = optional(package, &list, reference, &mut out.deviations)?;
            out.attachments.extend(found.map(|path| Attachment { name, path }));
        }
    }
    out.attachment_list = Some(list);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_is_four_finite_numbers() {
        let good = Rect::parse(" 1 2.5\t3 4 ").unwrap();
        assert_eq!(good, Rect::new(1.0, 2.5, 3.0, 4.0));
        assert_eq!(good.to_string(), "1 2.5 3 4");
        for text in ["", "1 2 3", "1 2 3 4 5", "1 2 3 x", "1 2 inf 4", "1 2 NaN 4", "1 2 -3 4"] {
            assert_eq!(Rect::parse(text), None, "{text}");
        }
    }
}
