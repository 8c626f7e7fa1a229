//! The places that files of a package have, by name.

use yinxin_gm::Digest;
use yinxin_verdict::shown;

use super::{GENESIS, MANIFEST, MAX_NAME, SIGNATURE};

/// What is drawn from the records.
pub(super) const DRAWN: [&str; 3] = ["graph/graph.svg", "graph/prov.json", "report.html"];

/// Whether a package has a place for a file of this name. What stands anywhere else neither proves itself nor follows from what does.
pub(super) fn place(name: &str) -> bool {
    if name.len() > MAX_NAME {
        return false;
    }
    if [MANIFEST, SIGNATURE, GENESIS].contains(&name) || DRAWN.contains(&name) {
        return true;
    }
    match name.split_once('/') {
        Some(("receipts", file)) => file.strip_suffix(".receipt").is_some_and(digest),
        Some(("certificates", file)) => {
            let ends = [".cer", ".crl"].into_iter().find_map(|end| file.strip_suffix(end));
            ends.is_some_and(digest)
        }
        Some(("status", file)) => file.strip_suffix(".status").is_some_and(number),
        Some(("documents", file)) => component(file),
        _ => false,
    }
}

fn digest(text: &str) -> bool {
    text.parse::<Digest>().is_ok_and(|digest| digest.to_string() == text)
}

/// Four digits, or more of a number that has more.
fn number(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| format!("{number:04}") == text)
}

/// One step of a path, on any system, and what people see is what it says.
fn component(name: &str) -> bool {
    !["", ".", ".."].contains(&name) && !name.contains(['/', '\\']) && shown(name) == name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_where_an_export_puts_it_or_nowhere() {
        let sm3 = "ab".repeat(32);
        for (folder, end) in [("receipts", "receipt"), ("certificates", "cer")] {
            assert!(place(&format!("{folder}/{sm3}.{end}")));
            for other in [
                format!("{folder}/{}.{end}", sm3.to_uppercase()),
                format!("{folder}/{}.{end}", &sm3[2..]),
                format!("{folder}/{sm3}.html"),
                format!("{folder}/more/{sm3}.{end}"),
                format!("/{folder}/{sm3}.{end}"),
                format!("./{folder}/{sm3}.{end}"),
            ] {
                assert!(!place(&other), "{other}");
            }
        }
        for name in [
            "manifest.json",
            "manifest.signature",
            "trust/ledger.genesis",
            "report.html",
            "graph/graph.svg",
            "graph/prov.json",
            "status/0000.status",
            "status/10000.status",
            "documents/授信意见 (1).ofd",
            "documents/..a",
        ] {
            assert!(place(name), "{name}");
        }
        for name in [
            "",
            "index.html",
            "report.zh.html",
            "graph/graph.html",
            "trust/other.genesis",
            "status/1.status",
            "status/00001.status",
            "status/+001.status",
            "documents/",
            "documents/.",
            "documents/..",
            "documents/../report.html",
            "documents/a/b",
            "documents/a\\b",
            "documents/a\nb",
            "documents/a\u{202e}b",
            "documents",
            "/report.html",
        ] {
            assert!(!place(name), "{name:?}");
        }
        assert!(!place(&format!("documents/{}", "a".repeat(MAX_NAME))));
    }
}
