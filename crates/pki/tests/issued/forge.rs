//! Certificates with one thing wrong, properly signed.

use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey};
use yinxin_pki::spki_der;

use super::{Party, rng};

/// Tag, length in shortest form, contents.
pub(crate) fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let mut out = vec![tag];
    match value.len() {
        n @ 0..=0x7f => out.push(n as u8),
        n @ 0x80..=0xff => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend(value);
    out
}

/// `SM2_WITH_SM3` without parameters.
pub(crate) const SM2_SM3: [u8; 12] = [0x30, 10, 6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75];
/// `ecdsa-with-SHA256`.
pub(crate) const ECDSA: [u8; 12] = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// An extension: the last octets of its OID under 2.5.29, critical or not, its value.
pub(crate) fn extension(id: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let flag: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    der(0x30, &[&[6, 3, 0x55, 0x1d, id], flag, &der(4, &[value])])
}

/// keyUsage with these bits in its first octet.
pub(crate) fn key_usage(bits: u8) -> Vec<u8> {
    let unused = bits.trailing_zeros().min(7) as u8;
    extension(15, true, &[3, 2, unused, bits])
}

pub(crate) fn utf8_name(common_name: &str) -> Vec<u8> {
    let pair = der(0x30, &[&[6, 3, 0x55, 4, 3], &der(0x0c, &[common_name.as_bytes()])]);
    der(0x30, &[&der(0x31, &[&pair])])
}

/// Every part of a certificate, encoded; good unless changed.
pub(crate) struct Forge {
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) inner: Vec<u8>,
    pub(crate) outer: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) spki: Vec<u8>,
    pub(crate) extensions: Option<Vec<Vec<u8>>>,
    pub(crate) after_tbs: Vec<u8>,
}

impl Forge {
    /// A good signer under an issuer.
    pub(crate) fn under(issuer: &Party, key: &PrivateKey) -> Self {
        Self {
            version: vec![0xa0, 3, 2, 1, 2],
            serial: vec![2, 1, 0x11],
            inner: SM2_SM3.to_vec(),
            outer: SM2_SM3.to_vec(),
            issuer: issuer.certificate.subject().raw().to_vec(),
            not_before: der(0x17, &[b"220101000000Z"]),
            not_after: der(0x17, &[b"290101000000Z"]),
            subject: utf8_name("forged"),
            spki: spki_der(key.public_key()),
            extensions: Some(vec![key_usage(0xc0)]),
            after_tbs: Vec::new(),
        }
    }

    pub(crate) fn sign(&self, key: &PrivateKey) -> Vec<u8> {
        let period = der(0x30, &[&self.not_before, &self.not_after]);
        let extensions = match &self.extensions {
            Some(list) => der(0xa3, &[&der(0x30, &[&list.concat()])]),
            None => Vec::new(),
        };
        let tbs = der(
            0x30,
            &[
                &self.version,
                &self.serial,
                &self.inner,
                &self.issuer,
                &period,
                &self.subject,
                &self.spki,
                &extensions,
                &self.after_tbs,
            ],
        );
        let signature = key.sign(DEFAULT_ID, &tbs, &mut rng()).unwrap().to_der();
        der(0x30, &[&tbs, &self.outer, &der(3, &[&[0], &signature])])
    }
}

/// Every part of a revocation list, encoded; good and empty unless changed.
pub(crate) struct ForgeCrl {
    pub(crate) inner: Vec<u8>,
    pub(crate) outer: Vec<u8>,
    pub(crate) next_update: Vec<u8>,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) after_tbs: Vec<u8>,
    pub(crate) signature: Option<Vec<u8>>,
}

impl ForgeCrl {
    pub(crate) fn new() -> Self {
        Self {
            inner: SM2_SM3.to_vec(),
            outer: SM2_SM3.to_vec(),
            next_update: der(0x17, &[b"330101000000Z"]),
            entries: Vec::new(),
            extensions: Vec::new(),
            after_tbs: Vec::new(),
            signature: None,
        }
    }

    pub(crate) fn sign(&self, issuer: &Party) -> Vec<u8> {
        let entries = match self.entries.as_slice() {
            [] => Vec::new(),
            list => der(0x30, &[&list.concat()]),
        };
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            list => der(0xa0, &[&der(0x30, &[&list.concat()])]),
        };
        let name = issuer.certificate.subject().raw();
        let this_update = der(0x17, &[b"230101000000Z"]);
        let parts: [&[u8]; 8] = [
            &[2, 1, 1],
            &self.inner,
            name,
            &this_update,
            &self.next_update,
            &entries,
            &extensions,
            &self.after_tbs,
        ];
        let tbs = der(0x30, &parts);
        let value = issuer.key.sign(DEFAULT_ID, &tbs, &mut rng()).unwrap().to_der();
        let value = self.signature.clone().unwrap_or_else(|| [&[0], &value[..]].concat());
        der(0x30, &[&tbs, &self.outer, &der(3, &[&value])])
    }
}
