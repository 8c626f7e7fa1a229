//! A small page writer: text, lines, shapes and pictures in millimetres, fonts and images as resources.
//!
//! It lays nothing out: the caller knows where each character stands. Coordinates run from the page's upper left corner.

mod objects;
mod render;

pub use objects::{Colour, Image, Object, Outline, Shape, Text};

use crate::{Content, OfdError, PackageWriter, Rect};

/// The size of a page in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "a page has two sides")]
pub struct Size {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Size {
    /// 210 × 297.
    pub const A4: Self = Self::new(210.0, 297.0);

    /// Any other.
    #[must_use]
    pub const fn new(width: f64, height: f64) -> Self {
        Self { width, height }
    }

    /// The page as a rectangle.
    #[must_use]
    pub const fn rect(self) -> Rect {
        Rect::new(0.0, 0.0, self.width, self.height)
    }
}

/// What OFD.xml says of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// `DocID`: a UUID as 32 hexadecimal digits.
    pub id: String,
    /// `Title`.
    pub title: String,
    /// `Author`.
    pub author: String,
    /// `CreationDate`, `YYYY-MM-DD`.
    pub creation_date: String,
    /// `Creator`: the program.
    pub creator: String,
    /// `CreatorVersion`.
    pub creator_version: String,
    /// `CustomDatas`: name and value, in order.
    pub custom_data: Vec<(String, String)>,
}

impl Info {
    /// Information with an id only.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), creator: "yinxin".to_owned(), ..Self::default() }
    }
}

/// A font: by its name only, or with its file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Font {
    /// `FontName`.
    pub name: String,
    /// `FamilyName`.
    pub family: String,
    /// The font file and its extension, `ttf` or `otf`.
    pub file: Option<(Content, &'static str)>,
}

impl Font {
    /// A font that the reader's system has to have.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), family: name.to_owned(), file: None }
    }

    /// A font with its file, so that every reader draws the same and a signature covers it.
    #[must_use]
    pub fn embedded(name: &str, content: Content, extension: &'static str) -> Self {
        Self { file: Some((content, extension)), ..Self::named(name) }
    }
}

/// A font of a document; its number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FontId(usize);

/// A picture of a document; its number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageId(usize);

/// In which order layers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the standard's three")]
pub enum Layer {
    /// Under the content.
    Background,
    /// The content.
    Body,
    /// Over the content.
    Foreground,
}

impl Layer {
    const fn name(self) -> &'static str {
        match self {
            Self::Background => "Background",
            Self::Body => "Body",
            Self::Foreground => "Foreground",
        }
    }
}

/// A page while it is being drawn.
#[derive(Clone, Debug)]
pub struct Page {
    size: Size,
    layers: Vec<(Layer, Vec<Object>)>,
}

impl Page {
    /// An empty page; what is drawn goes into its body until another layer is begun.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self { size, layers: Vec::new() }
    }

    /// Its size.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Begins a layer.
    pub fn layer(&mut self, layer: Layer) {
        self.layers.push((layer, Vec::new()));
    }

    /// Draws an object over those before it in its layer.
    pub fn draw(&mut self, object: impl Into<Object>) {
        if self.layers.is_empty() {
            self.layer(Layer::Body);
        }
        if let Some((_, objects)) = self.layers.last_mut() {
            objects.push(object.into());
        }
    }

    /// Draws a run of text.
    pub fn text(&mut self, text: Text) {
        self.draw(text);
    }

    /// Draws a line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, colour: Colour) {
        self.draw(Shape::line(from, to).stroked(width, colour));
    }

    /// Draws the edge of a rectangle.
    pub fn rect(&mut self, rect: Rect, width: f64, colour: Colour) {
        self.draw(Shape::rect(rect).stroked(width, colour));
    }

    /// Draws a picture into a box.
    pub fn image(&mut self, image: ImageId, boundary: Rect) {
        self.draw(Image::new(image, boundary));
    }
}

/// A document while it is being put together.
#[derive(Clone, Debug)]
pub struct Document {
    info: Info,
    fonts: Vec<Font>,
    images: Vec<Content>,
    pages: Vec<Page>,
    attachments: Vec<(String, String, Content)>,
    files: Vec<(String, Content)>,
}

impl Document {
    /// A document without pages.
    #[must_use]
    pub fn new(info: Info) -> Self {
        Self {
            info,
            fonts: Vec::new(),
            images: Vec::new(),
            pages: Vec::new(),
            attachments: Vec::new(),
            files: Vec::new(),
        }
    }

    /// What OFD.xml will say of it.
    pub fn info_mut(&mut self) -> &mut Info {
        &mut self.info
    }

    /// Adds a font.
    pub fn font(&mut self, font: Font) -> FontId {
        self.fonts.push(font);
        FontId(self.fonts.len() - 1)
    }

    /// Adds a picture in PNG.
    ///
    /// # Errors
    /// [`OfdError::BadValue`] when the bytes do not start like a PNG file.
    pub fn png(&mut self, content: Content) -> Result<ImageId, OfdError> {
        if !content.bytes().starts_with(b"\x89PNG\r\n\x1a\n") {
            return Err(OfdError::BadValue {
                path: "a picture".to_owned(),
                field: "PNG",
                value: format!("{:02x?}", &content.bytes()[..content.bytes().len().min(8)]),
            });
        }
        self.images.push(content);
        Ok(ImageId(self.images.len() - 1))
    }

    /// Adds a page at the end.
    pub fn page(&mut self, page: Page) {
        self.pages.push(page);
    }

    /// Attaches a file: its name for people, and its name in the package.
    pub fn attach(&mut self, name: &str, file_name: &str, content: Content) {
        self.attachments.push((name.to_owned(), file_name.to_owned(), content));
    }

    /// Adds a file that no part of the document refers to, at a path of the package.
    pub fn file(&mut self, path: &str, content: Content) {
        self.files.push((path.to_owned(), content));
    }

    /// The package, open for more.
    ///
    /// # Errors
    /// [`OfdError::MissingElement`] without a page; [`OfdError::PathTaken`], [`OfdError::NameUnsafe`] for names of attachments.
    pub fn to_package(&self) -> Result<PackageWriter, OfdError> {
        render::package(self)
    }
}

/// A number of millimetres as OFD writes it: three decimals at most, which is a micrometre.
#[must_use]
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact_to_a_micrometre() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0001, "0"),
            (210.0, "210"),
            (100.0, "100"),
            (1.2345, "1.234"),
            (-1.5, "-1.5"),
            (f64::NAN, "0"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
