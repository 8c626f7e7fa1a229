//! The printed code: what a paper licence carries so that a phone finds it and a verifier knows who said so.
//!
//! ```text
//! <address>/<identifier>?v=1&m=<SM3 of the metadata file>&s=<issuer's signature>
//! ```
//! Digest and signature (64 bytes, r then s) are base64url without padding. The signature is SM2 over
//! [`DOMAIN`] and all that stands before `&s=`. A phone opens it as a link; `specs/licence.md` has the grammar.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use fast_qr::{ECL, QRBuilder};
use yinxin_gm::Digest;

use crate::layout::Place;
use crate::{Error, Identifier};

/// What the signed bytes begin with, so that the signature means nothing elsewhere.
pub const DOMAIN: &[u8] = b"yinxin/licence-qr/1\0";

/// Longest text, bytes: what a symbol of version 20 holds at level M, the finest that prints well at 30 mm.
pub const TEXT_MAX: usize = 664;

/// A printed code's content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Printed {
    /// Where its status can be asked, such as `https://licence.example.gov.cn/l`.
    pub address: String,
    /// The licence.
    pub identifier: Identifier,
    /// SM3 of the metadata file in the OFD.
    pub metadata: Digest,
    /// The issuer's signature over [`message`](Self::message), r then s.
    pub signature: [u8; 64],
}

impl Printed {
    /// Has the issuer sign a licence's code.
    ///
    /// # Errors
    /// [`Error::QrBad`] for an address that is no plain http or https address; whatever `sign` says.
    pub fn sign<E: From<Error>>(
        address: &str,
        identifier: &Identifier,
        metadata: Digest,
        sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>,
    ) -> Result<Self, E> {
        check_address(address)?;
        let signature = sign(&message(&signed_text(address, identifier, metadata)))?;
        Ok(Self {
            address: address.to_owned(),
            identifier: identifier.clone(),
            metadata,
            signature,
        })
    }

    /// The bytes that the issuer signs.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        message(&signed_text(&self.address, &self.identifier, self.metadata))
    }

    /// The text of the symbol.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { address, identifier, metadata, signature } = self;
        format!("{}&s={}", signed_text(address, identifier, *metadata), BASE64.encode(signature))
    }

    /// Reads the text of a symbol; the signature is not checked.
    ///
    /// # Errors
    /// [`Error::QrBad`] says what does not fit; an identifier that is none has its own error.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |why| Error::QrBad { why };
        if text.len() > TEXT_MAX {
            return Err(bad("longer than any that is printed"));
        }
        let (path, query) = text.split_once('?').ok_or(bad("no query"))?;
        let (address, identifier) = path.rsplit_once('/').ok_or(bad("no path"))?;
        check_address(address)?;
        let identifier = Identifier::parse(identifier)?;
        let query = query.strip_prefix("v=1&m=").ok_or(bad("another version"))?;
        let (metadata, signature) = query.split_once("&s=").ok_or(bad("no signature"))?;
        // The engine is strict: no padding, no stray bits, so that one value has one text.
        let metadata: [u8; 32] = decode(metadata).ok_or(bad("the digest is not 32 bytes"))?;
        let signature = decode(signature).ok_or(bad("the signature is not 64 bytes"))?;
        Ok(Self { address: address.to_owned(), identifier, metadata: Digest(metadata), signature })
    }
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

fn signed_text(address: &str, identifier: &Identifier, metadata: Digest) -> String {
    format!("{address}/{identifier}?v=1&m={}", BASE64.encode(metadata.as_bytes()))
}

fn message(signed_text: &str) -> Vec<u8> {
    [DOMAIN, signed_text.as_bytes()].concat()
}

fn check_address(address: &str) -> Result<(), Error> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:[]".contains(&b);
    // 300: leaves room for identifier, digest and signature within TEXT_MAX.
    match rest {
        Some(r)
            if !r.is_empty()
                && !r.ends_with('/')
                && address.len() <= 300
                && r.bytes().all(plain) =>
        {
            Ok(())
        }
        _ => Err(Error::QrBad {
            why: "expected an http or https address without query or final slash",
        }),
    }
}

/// A symbol's dark modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    size: usize,
    dark: Vec<bool>,
}

impl Symbol {
    /// The symbol of a text, at error correction level M.
    ///
    /// # Errors
    /// [`Error::QrBad`] for a text that no symbol holds.
    pub fn new(text: &str) -> Result<Self, Error> {
        let bad = Error::QrBad { why: "longer than a symbol holds" };
        if text.len() > TEXT_MAX {
            return Err(bad);
        }
        let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| bad)?;
        let dark =
            (0..code.size).flat_map(|y| code[y][..code.size].iter().map(|m| m.value())).collect();
        Ok(Self { size: code.size, dark })
    }

    /// Modules on a side.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The dark modules as horizontal lines in a box, and how wide they are: half the numbers of rectangles.
    #[must_use]
    pub fn lines(&self, at: Place) -> (Vec<Vec<[f64; 2]>>, f64) {
        // Whole hundredths of a millimetre: shorter paths, and every module is as wide as the next.
        let module = (at.w.min(at.h) / self.size as f64 * 100.0).floor() / 100.0;
        let inset = |side: f64| ((side - module * self.size as f64) * 50.0).floor() / 100.0;
        let (left, top) = (at.x + inset(at.w), at.y + inset(at.h));
        let mut lines = Vec::new();
        for (y, row) in self.dark.chunks(self.size).enumerate() {
            let y = top + (y as f64 + 0.5) * module;
            for (from, to) in runs(row) {
                lines.push(vec![[left + from as f64 * module, y], [left + to as f64 * module, y]]);
            }
        }
        (lines, module)
    }
}

fn runs(row: &[bool]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for (x, dark) in row.iter().copied().chain([false]).enumerate() {
        match (dark, start) {
            (true, None) => start = Some(x),
            (false, Some(from)) => {
                runs.push((from, x));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed() -> Printed {
        let id = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
            .parse()
            .unwrap();
        Printed::sign("https://licence.example.gov.cn/l", &id, Digest([7; 32]), |m| {
            assert!(m.starts_with(DOMAIN));
            Ok::<_, Error>([9; 64])
        })
        .unwrap()
    }

    #[test]
    fn printed_codes_read_back() {
        let code = printed();
        let text = code.to_text();
        assert!(text.len() < 300, "{text}");
        assert_eq!(Printed::parse(&text).unwrap(), code);
    }

    #[test]
    fn other_texts_are_refused() {
        let good = printed().to_text();
        for (from, to) in [
            ("https://", "ftp://"),
            ("v=1", "v=2"),
            ("&s=", "&t="),
            ("?", "#"),
            (".001.U", ".001.V"),
            ("&s=", "==&s="),
            ("/l/", "/l/ /"),
        ] {
            let text = good.replacen(from, to, 1);
            assert!(Printed::parse(&text).is_err(), "{text}");
        }
        for cut in 0..good.len() {
            assert!(Printed::parse(&good[..cut]).is_err(), "{cut}");
        }
        assert!(Printed::parse(&good.repeat(9)).is_err());
    }

    #[test]
    fn lines_cover_the_dark_modules() {
        let symbol = Symbol::new(&printed().to_text()).unwrap();
        let side = 0.5 * symbol.size as f64;
        let (lines, width) = symbol.lines(Place { x: 10.0, y: 20.0, w: side, h: side });
        let dark = symbol.dark.iter().filter(|d| **d).count();
        let length: f64 = lines.iter().map(|l| l[1][0] - l[0][0]).sum();
        assert!((length - dark as f64 * 0.5).abs() < 1e-6 && width == 0.5, "{length} {width}");
        assert_eq!(lines[0], [[10.0, 20.25], [13.5, 20.25]], "the first finder is seven wide");
        assert!(symbol.size <= 69, "{}", symbol.size);
    }
}
