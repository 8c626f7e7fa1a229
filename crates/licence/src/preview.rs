//! A page of a document as SVG, for portals and for people who have no OFD reader.
//!
//! It draws text, paths, PNG and JPEG pictures, embedded fonts and seals; patterns, shadings, clips and drawing
//! parameters it leaves out. It is a picture to look at, never what a verdict rests on.

mod path;
mod resources;

use core::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use yinxin_ofd::xml::Element;
use yinxin_ofd::{Package, Rect, SignatureFile};

use crate::Error;
use resources::Resources;

/// Largest picture that is made, bytes: fonts and pictures of a licence have 200 KB as base64.
const SVG_MAX: usize = 32 * 1024 * 1024;

/// Draws a page of the first document, counted from 0, with the seals on it.
///
/// `picture` gives the picture of a signature's seal, which only whoever reads seals can know.
///
/// # Errors
/// [`Error::Ofd`] when there is no such page, it cannot be read, or it would be too large to show.
pub fn svg(
    package: &Package,
    page: usize,
    picture: impl Fn(&SignatureFile<'_>) -> Option<Vec<u8>>,
) -> Result<String, Error> {
    let too_large = || Error::Ofd { why: "the page is too large to show".to_owned() };
    let document = package.document(0)?;
    let missing = || Error::Ofd { why: format!("there is no page {}", page + 1) };
    let entry = document.pages.get(page).ok_or_else(missing)?;
    let root = package.xml(&entry.path, "Page")?;
    let own = root.all("Area").next().and_then(|a| a.all("PhysicalBox").next());
    let area = own
        .and_then(|b| Rect::parse(b.trimmed()))
        .or(document.page_area)
        .unwrap_or(Rect::new(0.0, 0.0, 210.0, 297.0));
    let resources = Resources::read(package, &document.resources);
    let mut out = String::new();
    let Rect { x, y, width, height } = area;
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" viewBox=\"{x} {y} {width} {height}\">\
         <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>"
    );
    resources.font_faces(&mut out);
    for template in root.all("Template") {
        let id = template.attribute("TemplateID");
        let entry = document.templates.iter().find(|t| Some(t.id.as_str()) == id);
        if let Some(template) = entry {
            content(&package.xml(&template.path, "Page")?, &resources, &mut out);
        }
    }
    content(&root, &resources, &mut out);
    for file in package.signatures().files() {
        for stamp in file.stamps.iter().filter(|s| s.page_ref == entry.id && s.clip.is_none()) {
            if let Some(picture) = picture(file).as_deref().and_then(data_uri) {
                image(&mut out, &stamp.boundary, &picture);
            }
        }
    }
    out.push_str("</svg>\n");
    if out.len() > SVG_MAX { Err(too_large()) } else { Ok(out) }
}

/// The objects of a page, in order, those inside blocks included.
fn content(page: &Element, resources: &Resources<'_>, out: &mut String) {
    let layers = page.all("Content").flat_map(|c| c.all("Layer"));
    // A stack instead of recursion; children are pushed last first, so that they come out in order.
    let mut open: Vec<&Element> = layers.collect();
    open.reverse();
    while let Some(element) = open.pop() {
        if out.len() > SVG_MAX {
            return;
        }
        match element.name.as_str() {
            "Layer" | "PageBlock" => open.extend(element.children.iter().rev()),
            "TextObject" => text(element, resources, out),
            "PathObject" => shape(element, out),
            "ImageObject" => {
                let id = element.attribute("ResourceID").unwrap_or_default();
                if let (Some(uri), Some(at)) = (resources.picture(id), boundary(element)) {
                    image(out, &at, &uri);
                }
            }
            _ => {}
        }
    }
}

fn boundary(element: &Element) -> Option<Rect> {
    Rect::parse(element.attribute("Boundary")?)
}

/// Opens a group that moves to the object's box and applies its matrix.
fn group(element: &Element, out: &mut String) -> Option<()> {
    let Rect { x, y, .. } = boundary(element)?;
    let _ = write!(out, "<g transform=\"translate({x} {y})");
    let matrix = element.attribute("CTM").map(numbers).filter(|m| m.len() == 6);
    if let Some(matrix) = matrix {
        let matrix: Vec<String> = matrix.iter().map(f64::to_string).collect();
        let _ = write!(out, " matrix({})", matrix.join(" "));
    }
    out.push_str("\">");
    Some(())
}

fn text(element: &Element, resources: &Resources<'_>, out: &mut String) {
    let number = |name| element.attribute(name).and_then(|v| numbers(v).first().copied());
    let size = number("Size").filter(|s| (0.01..1000.0).contains(s)).unwrap_or(3.5);
    let bold = number("Weight").is_some_and(|w| w >= 600.0);
    let family = resources.family(element.attribute("Font").unwrap_or_default());
    if group(element, out).is_none() {
        return;
    }
    let (mut x, mut y) = (0.0, 0.0);
    for code in element.all("TextCode") {
        let at = |name, before| code.attribute(name).map_or(before, |v| first(v, before));
        (x, y) = (at("X", x), at("Y", y));
        // Blanks count: each has its step.
        let chars: Vec<char> = code.text.trim_matches(['\r', '\n', '\t']).chars().collect();
        let steps = |name| deltas(code.attribute(name).unwrap_or_default(), chars.len());
        let _ = write!(
            out,
            "<text xml:space=\"preserve\" font-family=\"{family}\" font-size=\"{size}\"{} fill=\"{}\" x=\"{}\" y=\"{}\">",
            if bold { " font-weight=\"bold\"" } else { "" },
            colour(element, "FillColor"),
            run(x, &steps("DeltaX")),
            run(y, &steps("DeltaY")),
        );
        out.push_str(&yinxin_ofd::xml::escape(&chars.into_iter().collect::<String>()));
        out.push_str("</text>");
    }
    out.push_str("</g>");
}

/// A start and the steps from it, as a list of positions.
fn run(start: f64, steps: &[f64]) -> String {
    let mut at = start;
    let mut out = format!("{at:.3}");
    for step in steps {
        at += step;
        let _ = write!(out, " {at:.3}");
    }
    out
}

/// `1 2 g 3 4` is 1, 2, and three times 4; no more than a text can use.
fn deltas(text: &str, most: usize) -> Vec<f64> {
    let mut out = Vec::new();
    let mut tokens = text.split_ascii_whitespace();
    while let Some(token) = tokens.next() {
        if token == "g" {
            let count = tokens.next().and_then(|c| c.parse().ok()).unwrap_or(0);
            let value = tokens.next().map_or(0.0, |v| first(v, 0.0));
            out.extend(std::iter::repeat_n(value, most.min(count)));
        } else {
            out.push(first(token, 0.0));
        }
        if out.len() >= most {
            out.truncate(most.saturating_sub(1));
            return out;
        }
    }
    out
}

fn shape(element: &Element, out: &mut String) {
    let is = |name: &str, default: bool| match element.attribute(name) {
        Some(value) => value == "true" || value == "1",
        None => default,
    };
    let Some(data) = element.all("AbbreviatedData").next().and_then(|d| path::svg(d.trimmed()))
    else {
        return;
    };
    let width = element.attribute("LineWidth").map_or(0.353, |v| first(v, 0.353));
    if group(element, out).is_none() {
        return;
    }
    let fill = if is("Fill", false) { colour(element, "FillColor") } else { "none".to_owned() };
    let stroke =
        if is("Stroke", true) { colour(element, "StrokeColor") } else { "none".to_owned() };
    let rule = if element.attribute("Rule") == Some("Even-Odd") { "evenodd" } else { "nonzero" };
    let _ = write!(
        out,
        "<path fill=\"{fill}\" fill-rule=\"{rule}\" stroke=\"{stroke}\" stroke-width=\"{width}\" d=\"{data}\"/></g>"
    );
}

fn image(out: &mut String, at: &Rect, uri: &str) {
    let Rect { x, y, width, height } = at;
    let _ = write!(
        out,
        "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" href=\"{uri}\"/>"
    );
}

/// A picture as a data URI, by its first bytes; `None` for kinds that no browser shows.
fn data_uri(bytes: &[u8]) -> Option<String> {
    let kind = match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xFF, 0xD8, 0xFF, ..] => "jpeg",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [b'B', b'M', ..] => "bmp",
        _ => return None,
    };
    (bytes.len() <= SVG_MAX / 2)
        .then(|| format!("data:image/{kind};base64,{}", BASE64.encode(bytes)))
}

/// The colour of a child element: three channels; black for anything else.
fn colour(element: &Element, name: &str) -> String {
    let value = element.all(name).next().and_then(|c| c.attribute("Value")).map(numbers);
    let channel = |v: &f64| v.clamp(0.0, 255.0).round();
    match value.as_deref() {
        Some([r, g, b]) => format!("rgb({},{},{})", channel(r), channel(g), channel(b)),
        _ => "#000".to_owned(),
    }
}

/// Finite numbers between spaces; everything else is left out, so that nothing but numbers reaches the picture.
fn numbers(text: &str) -> Vec<f64> {
    let parse = |t: &str| t.parse::<f64>().ok().filter(|n| n.is_finite());
    text.split_ascii_whitespace().filter_map(parse).collect()
}

fn first(text: &str, default: f64) -> f64 {
    numbers(text).first().copied().unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use yinxin_ofd::Limits;

    use super::*;
    use crate::sample;

    #[test]
    fn a_licence_is_drawn_with_its_fonts() {
        let Some((issued, ofd)) = sample::document() else { return };
        let package = Package::open(ofd, &Limits::default()).unwrap();
        let svg = svg(&package, 0, |_| None).unwrap();
        assert!(svg.contains("@font-face") && svg.contains(&issued.metadata().holder_name));
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(super::svg(&package, 1, |_| None).is_err());
    }

    #[test]
    fn deltas_repeat() {
        assert_eq!(deltas("1 g 3 2 5", 9), [1.0, 2.0, 2.0, 2.0, 5.0]);
        assert_eq!(deltas("g 4000000000 1", 3), [1.0, 1.0]);
        assert_eq!(deltas("g", 3), [0.0; 0]);
        assert_eq!(deltas("", 0), [0.0; 0]);
    }

    #[test]
    fn nothing_but_numbers_reaches_the_picture() {
        assert_eq!(numbers("1 \"/><script> NaN inf -2.5e1"), [1.0, -25.0]);
        assert_eq!(data_uri(b"<svg onload="), None);
    }
}
