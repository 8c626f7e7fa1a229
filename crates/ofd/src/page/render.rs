//! From objects to the files of a package.
//!
//! Numbers are given out in one order – fonts, pictures, then each page with its layers and objects – so that the
//! same document gives the same bytes.

use super::{Document, Image, Info, Object, Page, Shape, Size, Text, number};
use crate::xml::Writer;
use crate::{OfdError, PackageWriter};

const FOLDER: &str = "Doc_0";

/// Gives out object numbers.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> String {
        self.0 += 1;
        self.0.to_string()
    }
}

/// The numbers of the resources.
struct Resources {
    fonts: Vec<String>,
    images: Vec<String>,
}

pub(super) fn package(document: &Document) -> Result<PackageWriter, OfdError> {
    let Some(first) = document.pages.first() else {
        return Err(OfdError::MissingElement { path: "a document".to_owned(), element: "Page" });
    };
    let mut writer = PackageWriter::new();
    let mut numbers = Numbers(0);
    writer.add(crate::document::ROOT, root(&document.info))?;
    let resources = Resources {
        fonts: fonts(document, &mut numbers, &mut writer)?,
        images: images(document, &mut numbers, &mut writer)?,
    };
    let mut pages = Vec::new();
    for (at, page) in document.pages.iter().enumerate() {
        let id = numbers.next();
        let path = format!("Pages/Page_{at}/Content.xml");
        writer.add(&format!("{FOLDER}/{path}"), content(page, &resources, &mut numbers))?;
        pages.push((id, path));
    }
    let attached = attachments(document, &mut writer)?;
    let main = main(document, first.size, &pages, &numbers, attached);
    writer.add(&format!("{FOLDER}/Document.xml"), main)?;
    for (path, file) in &document.files {
        writer.add_content(path, file.clone())?;
    }
    Ok(writer)
}

fn root(info: &Info) -> Vec<u8> {
    let Info { id, title, author, creation_date, creator, creator_version, custom_data } = info;
    let mut xml = Writer::new("OFD", &[("Version", "1.0"), ("DocType", "OFD")]);
    xml.open("DocBody", &[]);
    xml.open("DocInfo", &[]);
    for (name, value) in [
        ("DocID", id),
        ("Title", title),
        ("Author", author),
        ("CreationDate", creation_date),
        ("Creator", creator),
        ("CreatorVersion", creator_version),
    ] {
        if !value.is_empty() {
            xml.text(name, &[], value);
        }
    }
    if !custom_data.is_empty() {
        xml.open("CustomDatas", &[]);
        for (name, value) in custom_data {
            xml.text("CustomData", &[("Name", name)], value);
        }
        xml.close();
    }
    xml.close();
    xml.text("DocRoot", &[], &format!("{FOLDER}/Document.xml"));
    xml.finish()
}

fn fonts(
    document: &Document,
    numbers: &mut Numbers,
    writer: &mut PackageWriter,
) -> Result<Vec<String>, OfdError> {
    let mut ids = Vec::new();
    let mut xml = Writer::new("Res", &[("BaseLoc", "Res")]);
    xml.open("Fonts", &[]);
    for font in &document.fonts {
        let id = numbers.next();
        let attributes =
            [("ID", id.as_str()), ("FontName", &font.name), ("FamilyName", &font.family)];
        match &font.file {
            None => xml.empty("Font", &attributes),
            Some((content, extension)) => {
                let file = format!("font_{id}.{extension}");
                writer.add_content(&format!("{FOLDER}/Res/{file}"), content.clone())?;
                xml.open("Font", &attributes);
                xml.text("FontFile", &[], &file);
                xml.close();
            }
        }
        ids.push(id);
    }
    if !ids.is_empty() {
        writer.add(&format!("{FOLDER}/PublicRes.xml"), xml.finish())?;
    }
    Ok(ids)
}

fn images(
    document: &Document,
    numbers: &mut Numbers,
    writer: &mut PackageWriter,
) -> Result<Vec<String>, OfdError> {
    let mut ids = Vec::new();
    let mut xml = Writer::new("Res", &[("BaseLoc", "Res")]);
    xml.open("MultiMedias", &[]);
    for content in &document.images {
        let id = numbers.next();
        let file = format!("image_{id}.png");
        writer.add_content(&format!("{FOLDER}/Res/{file}"), content.clone())?;
        xml.open("MultiMedia", &[("ID", &id), ("Type", "Image"), ("Format", "PNG")]);
        xml.text("MediaFile", &[], &file);
        xml.close();
        ids.push(id);
    }
    if !ids.is_empty() {
        writer.add(&format!("{FOLDER}/DocumentRes.xml"), xml.finish())?;
    }
    Ok(ids)
}

fn attachments(document: &Document, writer: &mut PackageWriter) -> Result<bool, OfdError> {
    if document.attachments.is_empty() {
        return Ok(false);
    }
    let mut xml = Writer::new("Attachments", &[]);
    for (at, (name, file, content)) in document.attachments.iter().enumerate() {
        let format = file.rsplit_once('.').map_or("", |(_, extension)| extension);
        // Size is in kilobytes.
        let size = number(content.bytes().len() as f64 / 1024.0);
        let id = format!("attachment_{}", at + 1);
        xml.open("Attachment", &[("ID", &id), ("Name", name), ("Format", format), ("Size", &size)]);
        xml.text("FileLoc", &[], file);
        xml.close();
        writer.add_content(&format!("{FOLDER}/Attachs/{file}"), content.clone())?;
    }
    writer.add(&format!("{FOLDER}/Attachs/Attachments.xml"), xml.finish())?;
    Ok(true)
}

fn main(
    document: &Document,
    size: Size,
    pages: &[(String, String)],
    numbers: &Numbers,
    attached: bool,
) -> Vec<u8> {
    let mut xml = Writer::new("Document", &[]);
    xml.open("CommonData", &[]);
    xml.text("MaxUnitID", &[], &numbers.0.to_string());
    area(&mut xml, "PageArea", size);
    if !document.fonts.is_empty() {
        xml.text("PublicRes", &[], "PublicRes.xml");
    }
    if !document.images.is_empty() {
        xml.text("DocumentRes", &[], "DocumentRes.xml");
    }
    xml.close();
    xml.open("Pages", &[]);
    for (id, path) in pages {
        xml.empty("Page", &[("ID", id), ("BaseLoc", path)]);
    }
    xml.close();
    if attached {
        xml.text("Attachments", &[], "Attachs/Attachments.xml");
    }
    xml.finish()
}

fn area(xml: &mut Writer, name: &'static str, size: Size) {
    xml.open(name, &[]);
    xml.text("PhysicalBox", &[], &size.rect().to_string());
    xml.close();
}

fn content(page: &Page, resources: &Resources, numbers: &mut Numbers) -> Vec<u8> {
    let mut xml = Writer::new("Page", &[]);
    area(&mut xml, "Area", page.size);
    xml.open("Content", &[]);
    for (layer, objects) in &page.layers {
        xml.open("Layer", &[("ID", &numbers.next()), ("Type", layer.name())]);
        for object in objects {
            let id = numbers.next();
            match object {
                Object::Text(t) => text(&mut xml, &id, t, resources),
                Object::Shape(s) => shape(&mut xml, &id, s, page.size),
                Object::Image(i) => image(&mut xml, &id, i, resources),
            }
        }
        xml.close();
    }
    xml.finish()
}

/// A resource's number; a handle of another document leads nowhere, which every reader draws as nothing.
fn resource(ids: &[String], at: usize) -> &str {
    ids.get(at).map_or("0", String::as_str)
}

fn text(xml: &mut Writer, id: &str, t: &Text, resources: &Resources) {
    let boundary = t.boundary().to_string();
    let size = number(t.size);
    let mut attributes = vec![
        ("ID", id),
        ("Boundary", &boundary),
        ("Font", resource(&resources.fonts, t.font.0)),
        ("Size", &size),
    ];
    if t.bold {
        attributes.push(("Weight", "700"));
    }
    xml.open("TextObject", &attributes);
    xml.empty("FillColor", &[("Value", &t.colour.value())]);
    if let Some(glyphs) = &t.glyphs {
        let count = t.text.chars().count().to_string();
        let glyph_count = glyphs.len().to_string();
        let glyphs: Vec<String> = glyphs.iter().map(u16::to_string).collect();
        let span = [("CodePosition", "0"), ("CodeCount", &count), ("GlyphCount", &glyph_count)];
        xml.open("CGTransform", &span);
        xml.text("Glyphs", &[], &glyphs.join(" "));
        xml.close();
    }
    let deltas: Vec<String> = t.advances.iter().map(|a| number(*a)).collect();
    let deltas = deltas.join(" ");
    let mut attributes = vec![("X", "0"), ("Y", size.as_str())];
    if !deltas.is_empty() {
        attributes.push(("DeltaX", &deltas));
    }
    xml.text("TextCode", &attributes, &t.text);
    xml.close();
}

fn shape(xml: &mut Writer, id: &str, s: &Shape, size: Size) {
    let boundary = size.rect().to_string();
    let width = s.stroke.map(|(width, _)| number(width));
    let mut attributes = vec![("ID", id), ("Boundary", boundary.as_str())];
    attributes.push(("Stroke", if s.stroke.is_some() { "true" } else { "false" }));
    attributes.push(("Fill", if s.fill.is_some() { "true" } else { "false" }));
    attributes.extend(width.as_deref().map(|w| ("LineWidth", w)));
    xml.open("PathObject", &attributes);
    if let Some((_, colour)) = s.stroke {
        xml.empty("StrokeColor", &[("Value", &colour.value())]);
    }
    if let Some(colour) = s.fill {
        xml.empty("FillColor", &[("Value", &colour.value())]);
    }
    xml.text("AbbreviatedData", &[], s.outline.data());
    xml.close();
}

fn image(xml: &mut Writer, id: &str, i: &Image, resources: &Resources) {
    let boundary = i.boundary.to_string();
    let matrix = format!("{} 0 0 {} 0 0", number(i.boundary.width), number(i.boundary.height));
    let resource = resource(&resources.images, i.image.0);
    let attributes =
        [("ID", id), ("Boundary", &boundary), ("CTM", &matrix), ("ResourceID", resource)];
    xml.empty("ImageObject", &attributes);
}
