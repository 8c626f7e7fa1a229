//! The page: a template of boxes in millimetres, filled with a licence's values, as a scene that OFD and SVG both draw.

mod frame;
mod lines;
mod scene;
mod svg;
mod template;

pub use frame::{fret, rosette};
pub use lines::{Fitted, fit};
pub use scene::{Item, Scene, Stroke, Text, compose};
pub use template::{Align, Colour, Place, Shape, Template, TemplateBox, Weight};
