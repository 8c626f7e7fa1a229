//! Adding a signature, in two steps around the signer: prepare Signature.xml, then put in the value.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use yinxin_gm::{Digest, sm3};
use yinxin_verdict::UnixTime;

use super::{Provider, SignatureFile, SignatureKind};
use crate::document::ROOT;
use crate::xml::Writer;
use crate::{OfdError, Package, PackageWriter, Rect};

/// Whether further signatures may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the standard's two modes")]
pub enum Mode {
    /// The list of signatures is left out, so that others can sign after.
    Append,
    /// The list of signatures is protected: this is the last signature.
    Whole,
}

/// Where to draw the seal.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "callers write it out")]
pub struct StampPlace {
    /// The page, from 0.
    pub page: usize,
    /// The seal's box on the page, in millimetres.
    pub boundary: Rect,
    /// The part of the seal that is drawn on this page, if not all.
    pub clip: Option<Rect>,
}

/// What a signature shall say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Draft {
    /// With a seal or without.
    pub kind: SignatureKind,
    /// Whether it is the last.
    pub mode: Mode,
    /// The signing program.
    pub provider: Provider,
    /// The signing time, written as China's local time like the rest of the country does.
    pub time: UnixTime,
    /// Where the seal is drawn.
    pub stamps: Vec<StampPlace>,
    /// The seal's bytes, put into the package as Seal.esl and protected.
    pub seal: Option<Vec<u8>>,
    /// Paths to leave out of the references.
    pub exempt: Vec<String>,
}

impl Draft {
    /// A draft in append mode.
    #[must_use]
    pub fn new(kind: SignatureKind, provider: Provider, time: UnixTime) -> Self {
        Self {
            kind,
            mode: Mode::Append,
            provider,
            time,
            stamps: Vec::new(),
            seal: None,
            exempt: Vec::new(),
        }
    }
}

/// A package that lacks nothing but the signature's value.
#[derive(Clone, Debug)]
pub struct Prepared {
    writer: PackageWriter,
    xml: Vec<u8>,
    path: String,
    value_path: String,
    id: String,
}

impl Prepared {
    /// Signature.xml: what is to be signed.
    #[must_use]
    pub fn signature_xml(&self) -> &[u8] {
        &self.xml
    }

    /// SM3 of Signature.xml: `dataHash` of a stamp, content of a signature.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sm3::digest(&self.xml)
    }

    /// The absolute path of Signature.xml: `propertyInfo` of a stamp.
    #[must_use]
    pub fn property_info(&self) -> String {
        format!("/{}", self.path)
    }

    /// The signature's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Puts in the value and gives the signed package.
    ///
    /// # Errors
    /// [`OfdError::OverLimit`] when there is no room for one more file.
    pub fn finish(mut self, signed_value: impl Into<Vec<u8>>) -> Result<Vec<u8>, OfdError> {
        self.writer.add(&self.value_path, signed_value)?;
        Ok(self.writer.finish())
    }
}

/// Prepares a signature over all files of a package, in its first document.
///
/// # Errors
/// [`OfdError::WholeProtected`] when an earlier signature is the last by its own word, [`OfdError::NoSuchPage`] for
/// a stamp on a page that is not there, and whatever is wrong with signatures that are there already.
pub fn append_signature(package: &Package, draft: &Draft) -> Result<Prepared, OfdError> {
    let existing = package.signatures();
    if let Some(problem) = existing.problems.first() {
        return Err(problem.clone());
    }
    if let Some(last) = existing.files().find(|f| f.is_whole()) {
        return Err(OfdError::WholeProtected { signature: last.id.clone() });
    }
    let document = package.document(0)?;
    let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let signs = if folder.is_empty() { "Signs".to_owned() } else { format!("{folder}/Signs") };
    let mut writer = PackageWriter::from_package(package);
    let number = free_folder(package, &signs);
    let base = format!("{signs}/Sign_{number}");
    let path = format!("{base}/Signature.xml");

    let stamps = stamps(draft, &document)?;
    let list = List::of(package, &signs, draft, &path, stamps.len())?;
    if list.is_new {
        // Signatures of another document may protect OFD.xml, which has to name the new list.
        let protects =
            |f: &&SignatureFile<'_>| f.references.iter().any(|r| r.path.as_deref() == Some(ROOT));
        if let Some(earlier) = existing.files().find(protects) {
            return Err(OfdError::WholeProtected { signature: earlier.id.clone() });
        }
        writer.replace(ROOT, with_list(package, &list.path)?)?;
    }
    writer.replace(&list.path, list.xml.clone())?;
    let seal_path = format!("{base}/Seal.esl");
    if let Some(seal) = &draft.seal {
        writer.add(&seal_path, seal.clone())?;
    }
    let value_path = format!("{base}/SignedValue.dat");
    let left_out = |path: &str| {
        let list = draft.mode == Mode::Append && path == list.path;
        list || draft.exempt.iter().any(|e| e == path)
    };
    let files: Vec<&str> = writer.paths().filter(|p| !left_out(p)).collect();
    let xml =
        signature_xml(draft, &writer, &files, &stamps, &list.stamp_ids, &seal_path, &value_path);
    writer.add(&path, xml.clone())?;
    Ok(Prepared { writer, xml, path, value_path, id: list.id })
}

/// The first `Sign_N` in which the package has nothing yet.
fn free_folder(package: &Package, signs: &str) -> usize {
    let above = crate::name::fold(&format!("{signs}/Sign_"));
    let taken: BTreeSet<usize> = package
        .paths()
        .filter_map(|p| {
            let folded = crate::name::fold(p);
            folded.strip_prefix(&above)?.split('/').next()?.parse().ok()
        })
        .collect();
    (0..).find(|n| !taken.contains(n)).expect("a package has finitely many files")
}

/// Each stamp with the id of its page.
fn stamps<'a>(
    draft: &'a Draft,
    document: &crate::Document,
) -> Result<Vec<(&'a StampPlace, String)>, OfdError> {
    let page = |place: &'a StampPlace| match document.pages.get(place.page) {
        Some(page) => Ok((place, page.id.clone())),
        None => Err(OfdError::NoSuchPage { asked: place.page, count: document.pages.len() }),
    };
    draft.stamps.iter().map(page).collect()
}

/// OFD.xml with the list of signatures named in its first body; all other bytes stay.
fn with_list(package: &Package, list: &str) -> Result<Vec<u8>, OfdError> {
    let missing = OfdError::MissingElement { path: ROOT.to_owned(), element: "DocBody" };
    let body = package.bodies().first().ok_or(missing)?;
    let (prefix, at) = &body.insert_at;
    let colon = if prefix.is_empty() { "" } else { ":" };
    let element = format!("<{prefix}{colon}Signatures>/{list}</{prefix}{colon}Signatures>");
    let mut root = package.file(ROOT).unwrap_or_default().to_vec();
    root.splice(*at..*at, element.into_bytes());
    Ok(root)
}

/// The list of signatures, with one more.
struct List {
    path: String,
    xml: Vec<u8>,
    id: String,
    stamp_ids: Vec<String>,
    is_new: bool,
}

impl List {
    fn of(
        package: &Package,
        signs: &str,
        draft: &Draft,
        signature: &str,
        stamps: usize,
    ) -> Result<Self, OfdError> {
        let existing = package.signatures();
        let first = package.bodies().first().and_then(|b| b.signatures.as_ref());
        let path = match first {
            Some(reference) => package.locate(ROOT, reference)?.path.to_owned(),
            None => format!("{signs}/Signatures.xml"),
        };
        let mut greatest = 0;
        let mut entries = Vec::new();
        if first.is_some() {
            let root = package.xml(&path, "Signatures")?;
            for max in root.all("MaxSignId") {
                greatest = greatest.max(id_number(max.trimmed()));
            }
            for element in root.all("Signature") {
                greatest = greatest.max(element.attribute("ID").map_or(0, id_number));
                entries.push(element.attributes.clone());
            }
        }
        for stamp in existing.files().flat_map(|f| &f.stamps) {
            greatest = greatest.max(id_number(&stamp.id));
        }
        let id = (greatest + 1).to_string();
        let stamp_ids: Vec<String> =
            (0..stamps as u64).map(|n| (greatest + 2 + n).to_string()).collect();
        let max = (greatest + 1 + stamps as u64).to_string();

        let mut xml = Writer::new("Signatures", &[]);
        xml.text("MaxSignId", &[], &max);
        for attributes in &entries {
            let pairs: Vec<_> = attributes.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            xml.empty("Signature", &pairs);
        }
        let base = format!("/{signature}");
        xml.empty("Signature", &[("ID", &id), ("Type", draft.kind.name()), ("BaseLoc", &base)]);
        let is_new = first.is_none();
        Ok(Self { path, xml: xml.finish(), id, stamp_ids, is_new })
    }
}

/// The number in an id such as `s001`; ids are counted on together with those of stamps.
fn id_number(id: &str) -> u64 {
    let digits = id.trim_start_matches(|c: char| !c.is_ascii_digit());
    // 2⁵³: room enough to count on from any number that is believable.
    digits.parse().ok().filter(|n| *n < 1 << 53).unwrap_or(0)
}

fn signature_xml(
    draft: &Draft,
    writer: &PackageWriter,
    files: &[&str],
    stamps: &[(&StampPlace, String)],
    stamp_ids: &[String],
    seal_path: &str,
    value_path: &str,
) -> Vec<u8> {
    let Provider { name, company, version } = &draft.provider;
    let mut xml = Writer::new("Signature", &[]);
    xml.open("SignedInfo", &[]);
    xml.empty("Provider", &[("ProviderName", name), ("Company", company), ("Version", version)]);
    xml.text("SignatureMethod", &[], "1.2.156.10197.1.501");
    xml.text("SignatureDateTime", &[], &local_time(draft.time));
    xml.open("References", &[("CheckMethod", "1.2.156.10197.1.401")]);
    for path in files {
        let digest = sm3::digest(writer.file(path).unwrap_or_default());
        xml.open("Reference", &[("FileRef", &format!("/{path}"))]);
        xml.text("CheckValue", &[], &STANDARD.encode(digest.as_bytes()));
        xml.close();
    }
    xml.close();
    for ((place, page), id) in stamps.iter().zip(stamp_ids) {
        let boundary = place.boundary.to_string();
        let clip = place.clip.map(|c| c.to_string());
        let mut attributes = vec![("ID", id.as_str()), ("PageRef", page), ("Boundary", &boundary)];
        attributes.extend(clip.as_deref().map(|c| ("Clip", c)));
        xml.empty("StampAnnot", &attributes);
    }
    if draft.seal.is_some() {
        xml.open("Seal", &[]);
        xml.text("BaseLoc", &[], &format!("/{seal_path}"));
        xml.close();
    }
    xml.close();
    xml.text("SignedValue", &[], &format!("/{value_path}"));
    xml.finish()
}

/// `YYYY-MM-DD hh:mm:ss` in China.
fn local_time(time: UnixTime) -> String {
    const EIGHT_HOURS_MS: i64 = 8 * 3_600_000;
    let text = time.floor_to_second().plus_millis(EIGHT_HOURS_MS).to_generalized();
    let t = text.as_str();
    let (year, rest) = t.split_at(t.len() - 11);
    format!(
        "{year}-{}-{} {}:{}:{}",
        &rest[..2],
        &rest[2..4],
        &rest[4..6],
        &rest[6..8],
        &rest[8..10]
    )
}
