//! What no honest program makes: archives that lie, signatures over the wrong things, DER by hand.

use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey},
    sm3,
};
use yinxin_ofd::{
    Draft, Limits, Mode, Package, PackageWriter, Provider, SignatureKind, append_signature,
};
use yinxin_pki::{
    Certificate,
    signed_data::{self, Content, Options},
};
use yinxin_seal::place;
use yinxin_verdict::UnixTime;

use crate::office::{Office, repeating};

/// SM2 with SM3, as an OBJECT IDENTIFIER in DER.
pub const SM2_WITH_SM3: &[u8] = &[6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75];
/// RSA with SHA-256, as an OBJECT IDENTIFIER in DER.
pub const RSA_WITH_SHA256: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b];

/// Changes bytes on their way.
pub type Change = fn(Vec<u8>) -> Vec<u8>;

/// How to stamp; everything that a stamping program would check is free.
pub struct Forger<'a> {
    /// The seal inside the signature.
    pub seal: Vec<u8>,
    /// The seal in the package, when another one.
    pub esl: Option<Vec<u8>>,
    /// Who signs.
    pub certificate: &'a Certificate,
    /// With which key.
    pub key: &'a PrivateKey,
    /// The stated time.
    pub time: UnixTime,
    /// `TBS_Sign.version`.
    pub version: u8,
    /// `signatureAlgID`.
    pub algorithm: &'static [u8],
    /// `propertyInfo`, when another one than Signature.xml's path.
    pub path: Option<&'static str>,
    /// What happens to Signature.xml before it is signed.
    pub xml: Change,
    /// What happens to the value before it is put in.
    pub value: Change,
    /// Whether this is the last signature.
    pub mode: Mode,
    /// Paths that the signature leaves out.
    pub exempt: Vec<String>,
}

fn same(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

impl<'a> Forger<'a> {
    /// Stamps as an honest program does, until fields are changed.
    #[must_use]
    pub fn honest(office: &'a Office) -> Self {
        Self {
            seal: office.seal.as_bytes().to_vec(),
            esl: None,
            certificate: &office.signer.certificate,
            key: &office.signer.key,
            time: Office::signing(),
            version: 4,
            algorithm: SM2_WITH_SM3,
            path: None,
            xml: same,
            value: same,
            mode: Mode::Append,
            exempt: Vec::new(),
        }
    }

    fn draft(&self, kind: SignatureKind) -> Draft {
        // A version of its own, so that a release of ours changes no vector.
        let mut draft = Draft::new(kind, Provider::new("vector", "vector", "1"), self.time);
        draft.mode = self.mode;
        draft.exempt.clone_from(&self.exempt);
        draft
    }

    /// Stamps a package.
    ///
    /// # Panics
    /// If the package cannot be signed at all.
    #[must_use]
    pub fn stamp(&self, office: &Office, package: &Package) -> Vec<u8> {
        let mut draft = self.draft(SignatureKind::Seal);
        draft.stamps = vec![place(&office.seal, 0, 140.0, 220.0)];
        draft.seal = Some(self.esl.clone().unwrap_or_else(|| self.seal.clone()));
        let prepared = append_signature(package, &draft).expect("it can be signed");
        let path = prepared.property_info();
        let xml = (self.xml)(prepared.signature_xml().to_vec());
        let value = self.value_over(&xml, self.path.unwrap_or(&path));
        let ofd = prepared.finish((self.value)(value)).expect("there is room");
        with_file(&ofd, path.trim_start_matches('/'), &xml)
    }

    /// An `SES_Signature` over this Signature.xml.
    ///
    /// # Panics
    /// If the key cannot sign.
    #[must_use]
    pub fn value_over(&self, xml: &[u8], path: &str) -> Vec<u8> {
        let hash = sm3::digest(xml);
        let tbs = der(
            0x30,
            &[
                &der(0x02, &[&[self.version]]),
                &self.seal,
                &der(0x18, &[self.time.to_generalized().as_bytes()]),
                &der(0x03, &[&[0], hash.as_bytes()]),
                &der(0x16, &[path.as_bytes()]),
            ],
        );
        let signature = self.key.sign(DEFAULT_ID, &tbs, &mut repeating("stamp"));
        let signature = signature.expect("a key signs").to_der();
        der(
            0x30,
            &[
                &tbs,
                &der(0x04, &[self.certificate.raw()]),
                self.algorithm,
                &der(0x03, &[&[0], &signature]),
            ],
        )
    }

    /// Signs a package without a seal: a GB/T 35275 message.
    ///
    /// # Panics
    /// If the package cannot be signed at all.
    #[must_use]
    pub fn sign(&self, package: &Package) -> Vec<u8> {
        let draft = self.draft(SignatureKind::Sign);
        let prepared = append_signature(package, &draft).expect("it can be signed");
        let path = prepared.property_info();
        let xml = (self.xml)(prepared.signature_xml().to_vec());
        let value = signed_data::make(
            Content::Detached(&xml),
            std::slice::from_ref(self.certificate),
            self.key,
            Options { signing_time: Some(self.time) },
            &mut repeating("sign"),
        );
        let value = (self.value)(value.expect("a key signs"));
        let ofd = prepared.finish(value).expect("there is room");
        with_file(&ofd, path.trim_start_matches('/'), &xml)
    }
}

/// One DER element.
///
/// # Panics
/// Beyond 16 MiB.
#[must_use]
pub fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let len = u32::try_from(body.len()).expect("small").to_be_bytes();
    let mut out = vec![tag];
    match body.len() {
        0..=0x7f => out.push(len[3]),
        0x80..=0xff => out.extend([0x81, len[3]]),
        0x100..=0xffff => out.extend([0x82, len[2], len[3]]),
        _ => out.extend([0x83, len[1], len[2], len[3]]),
    }
    out.extend(body);
    out
}

/// The package in these bytes.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn open(ofd: &[u8]) -> Package {
    Package::open_container(ofd, &Limits::default()).expect("a package of our own")
}

/// The bytes of a file in a package.
///
/// # Panics
/// If it is not there.
#[must_use]
pub fn file(ofd: &[u8], path: &str) -> Vec<u8> {
    open(ofd).file(path).unwrap_or_else(|| panic!("no {path}")).to_vec()
}

/// The package with a file added or replaced.
///
/// # Panics
/// If there is no room.
#[must_use]
pub fn with_file(ofd: &[u8], path: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = PackageWriter::from_package(&open(ofd));
    writer.replace(path, bytes).expect("there is room");
    writer.finish()
}

/// The package with words in a text file changed; they must be there.
///
/// # Panics
/// If they are not.
#[must_use]
pub fn edited(ofd: &[u8], path: &str, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(file(ofd, path)).expect("text");
    assert!(text.contains(from), "{path} lacks {from}:\n{text}");
    with_file(ofd, path, text.replacen(from, to, 1).as_bytes())
}

/// SM3 of the first signature's value: what a ledger anchors.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn anchored_digest(ofd: &[u8]) -> Digest {
    sm3::digest(&file(ofd, "Doc_0/Signs/Sign_0/SignedValue.dat"))
}

/// An entry of an archive, stored; its headers may lie.
#[derive(Clone, Default)]
pub struct Entry {
    /// The name in the central directory.
    pub name: Vec<u8>,
    /// The name in the local header, when another one.
    pub local: Option<Vec<u8>>,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The checksum, when another one.
    pub crc: Option<u32>,
    /// The size, when another one.
    pub size: Option<u32>,
    /// General purpose flags.
    pub flags: u16,
}

/// The entries of a package.
#[must_use]
pub fn entries(ofd: &[u8]) -> Vec<Entry> {
    let package = open(ofd);
    let entry = |path: &str| Entry {
        name: path.as_bytes().to_vec(),
        bytes: package.file(path).unwrap_or_default().to_vec(),
        ..Entry::default()
    };
    package.paths().map(entry).collect()
}

/// An archive of these entries.
///
/// # Panics
/// Beyond 4 GiB.
#[must_use]
pub fn zip(entries: &[Entry]) -> Vec<u8> {
    let len = |bytes: &[u8]| u32::try_from(bytes.len()).expect("small");
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for Entry { name, local, bytes, crc, size, flags } in entries {
        let local = local.as_ref().unwrap_or(name);
        let size = size.unwrap_or(len(bytes)).to_le_bytes();
        let crc = crc.unwrap_or_else(|| crc32(bytes)).to_le_bytes();
        let packed = len(bytes).to_le_bytes();
        let mut common = [20, 0].to_vec();
        common.extend(flags.to_le_bytes());
        // Stored; 1980-01-01.
        common.extend([0, 0, 0, 0, 0x21, 0]);
        common.extend([crc, packed, size].concat());
        let name_len = |name: &[u8]| [len(name).to_le_bytes()[0], len(name).to_le_bytes()[1], 0, 0];
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend(name_len(name));
        directory.extend([0; 10]);
        directory.extend(len(&out).to_le_bytes());
        directory.extend(name);
        out.extend(b"PK\x03\x04");
        out.extend(common);
        out.extend(name_len(local));
        out.extend(local);
        out.extend(bytes);
    }
    let count = u16::try_from(entries.len()).expect("small").to_le_bytes();
    let start = len(&out).to_le_bytes();
    let size = len(&directory).to_le_bytes();
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend([size, start].concat());
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| c >> 1 ^ (0xedb8_8320 & (c & 1).wrapping_neg()))
    })
}
