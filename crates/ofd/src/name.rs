//! Names of entries, and references to them: the one resolver.
//!
//! Entry names are taken as they stand or refused. References inside XML are written in many ways by real
//! producers (`//Doc_0/…`, `\`, relative, absolute); they are normalised here, and never leave the package.

use crate::{Limit, Limits, NameFlaw, OfdError};

/// Checks the name of an entry; a folder's name comes without its last slash.
pub(crate) fn check(name: &str, limits: &Limits) -> Result<(), OfdError> {
    let over = |limit, found: usize, allowed: usize| OfdError::OverLimit {
        limit,
        found: found as u64,
        allowed: allowed as u64,
        path: shorten(name),
    };
    if name.len() > limits.name_bytes {
        return Err(over(Limit::NameBytes, name.len(), limits.name_bytes));
    }
    let depth = name.split('/').count();
    if depth > limits.name_depth {
        return Err(over(Limit::NameDepth, depth, limits.name_depth));
    }
    match flaw(name) {
        Some(flaw) => Err(OfdError::NameUnsafe { name: shorten(name), flaw }),
        None => Ok(()),
    }
}

/// What makes a name unsafe or ambiguous, if anything does.
fn flaw(name: &str) -> Option<NameFlaw> {
    if let Some(flaw) = name.chars().find_map(character_flaw) {
        return Some(flaw);
    }
    if name.starts_with('/') {
        return Some(NameFlaw::Absolute);
    }
    name.split('/').find_map(|segment| match segment {
        "" => Some(NameFlaw::EmptySegment),
        "." | ".." => Some(NameFlaw::Traversal),
        s if s.ends_with(['.', ' ']) || s.starts_with(' ') => Some(NameFlaw::TrailingDot),
        _ => None,
    })
}

fn character_flaw(c: char) -> Option<NameFlaw> {
    match c {
        '\\' => Some(NameFlaw::Backslash),
        ':' => Some(NameFlaw::Colon),
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => Some(NameFlaw::Control),
        c if c.is_control() => Some(NameFlaw::Control),
        // Combining marks, conjoining jamo, kana voicing marks, compatibility ideographs: exactly what
        // normalisation joins or replaces in the scripts that occur. Tables of the rest would cost a crate.
        '\u{300}'..='\u{36f}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{3099}'..='\u{309a}'
        | '\u{f900}'..='\u{faff}'
        | '\u{2f800}'..='\u{2fa1f}' => Some(NameFlaw::NotNormal),
        _ => None,
    }
}

/// The form in which two names must differ: case is not enough, because file systems disagree about it.
pub(crate) fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// A reference, normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The entry name meant, without a leading slash.
    pub(crate) path: String,
    /// Whether it started at the package's root.
    pub(crate) absolute: bool,
    /// Whether it was written in another form than the standard's.
    pub(crate) odd: bool,
}

/// Normalises a reference that stands in the file `from`.
pub(crate) fn resolve(from: &str, reference: &str, limits: &Limits) -> Result<Target, OfdError> {
    let trimmed = reference.trim_matches([' ', '\t', '\r', '\n']);
    let refuse = |flaw| OfdError::NameUnsafe { name: shorten(trimmed), flaw };
    if trimmed.is_empty() {
        return Err(refuse(NameFlaw::EmptySegment));
    }
    if trimmed.len() > limits.name_bytes.saturating_mul(2) {
        return Err(OfdError::OverLimit {
            limit: Limit::NameBytes,
            found: trimmed.len() as u64,
            allowed: limits.name_bytes as u64,
            path: from.to_owned(),
        });
    }
    let slashed = trimmed.replace('\\', "/");
    let absolute = slashed.starts_with('/');
    let mut segments: Vec<&str> = match (absolute, from.rsplit_once('/')) {
        (false, Some((folder, _))) => folder.split('/').collect(),
        _ => Vec::new(),
    };
    for segment in slashed.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop().ok_or_else(|| refuse(NameFlaw::Outside))?;
            }
            s => segments.push(s),
        }
    }
    let path = segments.join("/");
    if path.is_empty() {
        return Err(refuse(NameFlaw::EmptySegment));
    }
    check(&path, limits)?;
    let body = slashed.strip_prefix('/').unwrap_or(&slashed);
    let odd = trimmed.len() != reference.len()
        || trimmed.contains('\\')
        || body.split('/').any(|s| matches!(s, "" | "." | ".."));
    Ok(Target { path, absolute, odd })
}

/// A name for an error message: a hostile one may be 64 KiB long.
pub(crate) fn shorten(name: &str) -> String {
    match name.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_names_are_refused_each_for_its_reason() {
        for (name, want) in [
            ("../evil", NameFlaw::Traversal),
            ("a/../b", NameFlaw::Traversal),
            ("a/./b", NameFlaw::Traversal),
            ("/a", NameFlaw::Absolute),
            ("a//b", NameFlaw::EmptySegment),
            ("", NameFlaw::EmptySegment),
            ("a\\b", NameFlaw::Backslash),
            ("C:evil", NameFlaw::Colon),
            ("a\0b", NameFlaw::Control),
            ("a\u{202e}b", NameFlaw::Control),
            ("a./b", NameFlaw::TrailingDot),
            ("e\u{301}.xml", NameFlaw::NotNormal),
        ] {
            assert_eq!(flaw(name), Some(want), "{name:?}");
        }
        for name in ["OFD.xml", "Doc_0/附件/发票.xml", "Doc_0/Res/字体 1.ttf", "a%2e%2e/b"] {
            assert_eq!(flaw(name), None, "{name:?}");
        }
    }

    #[test]
    fn references_are_normalised_and_stay_inside() {
        let limits = Limits::default();
        let from = "Doc_0/Signs/Sign_0/Signature.xml";
        for (reference, path, odd) in [
            ("/Doc_0/Document.xml", "Doc_0/Document.xml", false),
            ("//Doc_0/Document.xml", "Doc_0/Document.xml", true),
            ("SignedValue.dat", "Doc_0/Signs/Sign_0/SignedValue.dat", false),
            ("..\\..\\Document.xml", "Doc_0/Document.xml", true),
            ("\\Doc_0\\Document.xml", "Doc_0/Document.xml", true),
            (" /OFD.xml\n", "OFD.xml", true),
            ("../../../OFD.xml", "OFD.xml", true),
            ("%2e%2e/x", "Doc_0/Signs/Sign_0/%2e%2e/x", false),
        ] {
            let got = resolve(from, reference, &limits).unwrap();
            assert_eq!((got.path.as_str(), got.odd), (path, odd), "{reference}");
        }
        for reference in ["../../../../OFD.xml", "/..", "/", "", "..", "file:///etc/passwd", "a\0b"]
        {
            assert!(
                matches!(resolve("OFD.xml", reference, &limits), Err(OfdError::NameUnsafe { .. })),
                "{reference}"
            );
        }
    }

    #[test]
    fn folding_joins_names_that_a_file_system_may_join() {
        for (a, b) in [("OFD.xml", "ofd.XML"), ("ſ", "S"), ("Ä", "ä"), ("\u{212a}", "k")] {
            assert_eq!(fold(a), fold(b));
        }
        assert_ne!(fold("a"), fold("b"));
    }
}
