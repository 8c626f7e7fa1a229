//! Names and the namespaces that their prefixes stand for.

use crate::XmlFlaw;

struct Binding {
    depth: usize,
    prefix: String,
    uri: String,
}

/// The namespaces bound at one place of a file, innermost last.
#[derive(Default)]
pub(super) struct Names(Vec<Binding>);

impl Names {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Binds a prefix, or the default namespace under the empty one, for an element at this depth.
    pub(super) fn bind(&mut self, depth: usize, prefix: &str, uri: &str) -> Result<(), XmlFlaw> {
        let mut here = self.0.iter().rev().take_while(|b| b.depth == depth);
        if here.any(|b| b.prefix == prefix) {
            return Err(XmlFlaw::DuplicateAttribute);
        }
        let reserved = matches!(prefix, "xml" | "xmlns");
        if !prefix.is_empty() && (uri.is_empty() || reserved || !is_name(prefix)) {
            return Err(XmlFlaw::Prefix);
        }
        self.0.push(Binding { depth, prefix: prefix.to_owned(), uri: uri.to_owned() });
        Ok(())
    }

    /// The namespace of a prefix; the default one applies to elements only.
    pub(super) fn uri(&self, prefix: &str, element: bool) -> Option<&str> {
        if prefix.is_empty() && !element {
            return Some("");
        }
        if prefix == "xml" {
            return Some("http://www.w3.org/XML/1998/namespace");
        }
        match self.0.iter().rev().find(|b| b.prefix == prefix) {
            Some(binding) => Some(&binding.uri),
            None if prefix.is_empty() => Some(""),
            None => None,
        }
    }

    /// Forgets what an element at this depth bound.
    pub(super) fn close(&mut self, depth: usize) {
        while self.0.last().is_some_and(|b| b.depth == depth) {
            self.0.pop();
        }
    }
}

/// Prefix (or nothing) and local name.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    match name.split_once(':') {
        None => is_name(name).then_some(("", name)),
        Some((prefix, local)) => (is_name(prefix) && is_name(local)).then_some((prefix, local)),
    }
}

/// A name without colon, a little stricter than XML 1.0's production 5 outside ASCII.
fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}'))
}
