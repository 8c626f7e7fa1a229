//! What can be drawn.

use std::fmt::Write as _;

use super::{FontId, ImageId, number};
use crate::Rect;

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a colour has three parts")]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Black.
    pub const BLACK: Self = Self(0, 0, 0);
    /// The red of seals and titles.
    pub const RED: Self = Self(208, 16, 24);
    /// A grey for rules and captions.
    pub const GREY: Self = Self(112, 112, 112);

    pub(super) fn value(self) -> String {
        format!("{} {} {}", self.0, self.1, self.2)
    }
}

/// Anything that can be drawn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Object {
    /// A run of text.
    Text(Text),
    /// A line, a shape, an outline.
    Shape(Shape),
    /// A picture.
    Image(Image),
}

impl From<Text> for Object {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<Shape> for Object {
    fn from(shape: Shape) -> Self {
        Self::Shape(shape)
    }
}

impl From<Image> for Object {
    fn from(image: Image) -> Self {
        Self::Image(image)
    }
}

/// A run of text in one font and size on one base line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Text {
    /// The font.
    pub font: FontId,
    /// The size of its em, in millimetres.
    pub size: f64,
    /// Where the run starts.
    pub x: f64,
    /// Where its base line is.
    pub y: f64,
    /// The characters.
    pub text: String,
    /// From each character to the next, in millimetres; one fewer than characters.
    pub advances: Vec<f64>,
    /// Glyph numbers of an embedded font whose characters do not lead to them.
    pub glyphs: Option<Vec<u16>>,
    /// The colour.
    pub colour: Colour,
    /// Whether to draw it bold.
    pub bold: bool,
}

impl Text {
    /// Black text. Advances are a full em for wide characters and half of one for ASCII, until others are given.
    #[must_use]
    pub fn new(font: FontId, size: f64, x: f64, y: f64, text: &str) -> Self {
        let em = |c: char| if c.is_ascii() { size / 2.0 } else { size };
        let mut advances: Vec<f64> = text.chars().map(em).collect();
        advances.pop();
        Self {
            font,
            size,
            x,
            y,
            text: text.to_owned(),
            advances,
            glyphs: None,
            colour: Colour::BLACK,
            bold: false,
        }
    }

    /// With these advances.
    #[must_use]
    pub fn advances(mut self, advances: Vec<f64>) -> Self {
        self.advances = advances;
        self
    }

    /// In this colour.
    #[must_use]
    pub fn colour(mut self, colour: Colour) -> Self {
        self.colour = colour;
        self
    }

    /// In bold.
    #[must_use]
    pub fn bold(mut self) -> Self {
        self.bold = true;
        self
    }

    /// The box around it: an em above the base line, three tenths below.
    pub(super) fn boundary(&self) -> Rect {
        let width = self.advances.iter().sum::<f64>() + self.size;
        Rect::new(self.x, self.y - self.size, width, self.size * 1.3)
    }
}

/// A path in page coordinates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline(String);

impl Outline {
    fn op(mut self, op: char, numbers: &[f64]) -> Self {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push(op);
        for n in numbers {
            let _ = write!(self.0, " {}", number(*n));
        }
        self
    }

    /// Starts at a point.
    #[must_use]
    pub fn start(x: f64, y: f64) -> Self {
        Self::default().op('M', &[x, y])
    }

    /// Moves to a point.
    #[must_use]
    pub fn move_to(self, x: f64, y: f64) -> Self {
        self.op('M', &[x, y])
    }

    /// A straight line.
    #[must_use]
    pub fn line_to(self, x: f64, y: f64) -> Self {
        self.op('L', &[x, y])
    }

    /// A quadratic curve.
    #[must_use]
    pub fn quad_to(self, x1: f64, y1: f64, x: f64, y: f64) -> Self {
        self.op('Q', &[x1, y1, x, y])
    }

    /// A cubic curve.
    #[must_use]
    pub fn cubic_to(self, x1: f64, y1: f64, x2: f64, y2: f64, x: f64, y: f64) -> Self {
        self.op('B', &[x1, y1, x2, y2, x, y])
    }

    /// Back to the start.
    #[must_use]
    pub fn close(self) -> Self {
        self.op('C', &[])
    }

    pub(super) fn data(&self) -> &str {
        &self.0
    }
}

/// A path with what to draw along and inside it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Shape {
    /// The path.
    pub outline: Outline,
    /// Width and colour of the stroke.
    pub stroke: Option<(f64, Colour)>,
    /// The colour inside.
    pub fill: Option<Colour>,
}

impl Shape {
    /// Any outline, not yet drawn in any colour.
    #[must_use]
    pub fn new(outline: Outline) -> Self {
        Self { outline, stroke: None, fill: None }
    }

    /// A line.
    #[must_use]
    pub fn line(from: (f64, f64), to: (f64, f64)) -> Self {
        Self::new(Outline::start(from.0, from.1).line_to(to.0, to.1))
    }

    /// A rectangle.
    #[must_use]
    pub fn rect(rect: Rect) -> Self {
        let Rect { x, y, width, height } = rect;
        let outline = Outline::start(x, y).line_to(x + width, y).line_to(x + width, y + height);
        Self::new(outline.line_to(x, y + height).close())
    }

    /// With a stroke.
    #[must_use]
    pub fn stroked(mut self, width: f64, colour: Colour) -> Self {
        self.stroke = Some((width, colour));
        self
    }

    /// Filled.
    #[must_use]
    pub fn filled(mut self, colour: Colour) -> Self {
        self.fill = Some(colour);
        self
    }
}

/// A picture in a box.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Image {
    /// The picture.
    pub image: ImageId,
    /// The box that it fills.
    pub boundary: Rect,
}

impl Image {
    /// A picture in a box.
    #[must_use]
    pub const fn new(image: ImageId, boundary: Rect) -> Self {
        Self { image, boundary }
    }
}
