//! PEM: labelled base64, several blocks to a file, text between them ignored.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    error::{Counted, Kind, PkiError},
    tlv::TlvError,
};

/// Label of a certificate.
pub const CERTIFICATE: &str = "CERTIFICATE";
/// Label of a revocation list.
pub const CRL: &str = "X509 CRL";
/// Label of a certificate request.
pub const CSR: &str = "CERTIFICATE REQUEST";
/// Label of a private key in PKCS #8.
pub const PRIVATE_KEY: &str = "PRIVATE KEY";
/// Label of an encrypted private key in PKCS #8.
pub const ENCRYPTED_PRIVATE_KEY: &str = "ENCRYPTED PRIVATE KEY";
/// Label of a private key in SEC 1.
pub const EC_PRIVATE_KEY: &str = "EC PRIVATE KEY";
/// Label of a GB/T 35275 message.
pub const PKCS7: &str = "PKCS7";

/// The most blocks that are read from one file: ten times the roots that a browser carries.
const MAX_BLOCKS: usize = 2000;

/// One block of a PEM file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Block {
    /// What stands after `BEGIN`.
    pub label: String,
    /// The decoded bytes.
    pub der: Vec<u8>,
}

/// The text of a file that looks like PEM; `None` for anything else. DER begins with a byte that PEM has not.
pub(crate) fn sniff(bytes: &[u8]) -> Option<&str> {
    if bytes.first() == Some(&0x30) {
        // "0…" may open a text too, but then BEGIN follows on a line of its own.
        let text = core::str::from_utf8(bytes).ok()?;
        return text.contains("\n-----BEGIN ").then_some(text);
    }
    core::str::from_utf8(bytes).ok().filter(|t| t.contains("-----BEGIN "))
}

/// All blocks of a PEM file.
///
/// # Errors
/// [`PkiError::Malformed`] for a block without end or with bytes that are no base64, [`PkiError::TooMany`].
pub fn blocks(text: &str) -> Result<Vec<Block>, PkiError> {
    let bad = || PkiError::Malformed { kind: Kind::Pem, cause: TlvError::Truncated };
    let mut out = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|l| l.strip_suffix("-----"))
        else {
            continue;
        };
        if out.len() == MAX_BLOCKS {
            return Err(PkiError::TooMany { what: Counted::PemBlocks, limit: MAX_BLOCKS });
        }
        let end = format!("-----END {label}-----");
        let mut body = String::new();
        loop {
            match lines.next() {
                None => return Err(bad()),
                Some(line) if line == end => break,
                // Headers of the old encrypted form ("Proc-Type: …"); its body then fails to parse as what it is asked for.
                Some(line) if line.contains(':') => {}
                Some(line) => body.push_str(line),
            }
        }
        let der = STANDARD.decode(body).map_err(|_| bad())?;
        out.push(Block { label: label.to_owned(), der });
    }
    Ok(out)
}

/// The first block with this label.
pub(crate) fn first(bytes: &[u8], label: &str) -> Result<Option<Vec<u8>>, PkiError> {
    let Some(text) = sniff(bytes) else { return Ok(None) };
    Ok(blocks(text)?.into_iter().find(|b| b.label == label).map(|b| b.der))
}

/// A PEM block.
#[must_use]
pub fn encode(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        // RFC 7468: 64 characters a line.
        let (line, after) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_read_back_between_other_text() {
        let text = format!("subject=x\r\n{}\n# note\n{}", encode("A", &[7; 100]), encode("B", &[]))
            .replace('\n', "\r\n");
        let found = blocks(&text).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].label.as_str(), found[0].der.as_slice()), ("A", &[7; 100][..]));
        assert_eq!((found[1].label.as_str(), found[1].der.len()), ("B", 0));
    }

    #[test]
    fn broken_blocks_are_refused() {
        for text in [
            "-----BEGIN A-----\nAAAA\n",
            "-----BEGIN A-----\n*\n-----END A-----\n",
            "-----BEGIN A-----\nAAAA\n-----END B-----\n",
        ] {
            assert!(blocks(text).is_err(), "{text}");
        }
    }
}
