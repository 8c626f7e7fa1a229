//! Where data came from and where they went: a W3C PROV graph of what records say.
//!
//! An index finds records, and only records say anything: an edge that no record states cannot be put into the graph by a lie
//! in an index. [`trace`] walks from any end over a [`Source`]; [`Graph::of`] is a pure function of the records found, so that
//! whoever has the same records draws the same graph. `specs/provenance.md` has the mapping.

mod by_rule;
mod dot;
mod fold;
mod graph;
mod html;
mod layout;
mod mermaid;
mod prov_json;
mod start;
mod story;
mod svg;
mod tree;
mod walk;
mod windows;
mod words;

pub use dot::to_dot;
pub use fold::{Folded, Run};
pub use graph::{Activity, Edge, Filter, Found, Graph, Item, Relation, Title};
pub use html::to_html;
pub use mermaid::to_mermaid;
pub use prov_json::to_prov_json;
pub use story::Note;
pub use svg::to_svg;
pub use tree::to_tree;
pub use walk::{AsOf, Direction, Limits, Source, Start, prefixes, trace};

#[cfg(test)]
mod busy;
#[cfg(test)]
mod picture;
#[cfg(test)]
mod tests;
