//! A package that was read: one table of entries and one resolver, for reader and verifier alike.

mod deviation;

use std::collections::{BTreeMap, BTreeSet};

use yinxin_gm::{Digest, sm3};
use yinxin_verdict::{Check, Fact, Facts, Reason};

use crate::archive::{Archive, Entry};
use crate::document::{self, DocBody, Document};
use crate::xml::{self, Element};
use crate::{Content, Limits, OfdError, PackageWriter, Signatures, name, signature};

pub use deviation::{Deviation, DeviationKind};

/// A package whose archive is sound and whose OFD.xml can be read.
///
/// Invariant: every entry was inflated and its checksum compared; no two names meet when case is ignored.
#[derive(Debug)]
pub struct Package {
    bytes: Vec<u8>,
    archive: Archive,
    limits: Limits,
    bodies: Vec<DocBody>,
    deviations: Vec<Deviation>,
}

/// A file that a reference led to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Located<'p> {
    /// Its name in the archive.
    pub path: &'p str,
    /// Its bytes.
    pub bytes: &'p [u8],
    /// How the reference differed from the standard's form.
    pub deviation: Option<DeviationKind>,
}

impl Package {
    /// Reads a package and checks the documents in it: what a reader, a stamper or an issuer calls.
    ///
    /// # Errors
    /// Whatever [`Package::open_container`] refuses, and the first file of a document that is missing or breaks
    /// the rules for XML.
    pub fn open(bytes: impl Into<Vec<u8>>, limits: &Limits) -> Result<Self, OfdError> {
        let mut package = Self::open_container(bytes, limits)?;
        let (deviations, errors) = package.inspect();
        match errors.into_iter().next() {
            Some(error) => Err(error),
            None => {
                package.deviations.extend(deviations);
                Ok(package)
            }
        }
    }

    /// Reads archive and OFD.xml only: what a verifier calls, to go on and say everything that is wrong
    /// ([`Package::check_documents`] and the signatures).
    ///
    /// # Errors
    /// Any archive that two readers could understand differently, any limit, an OFD.xml that is missing or bad.
    pub fn open_container(bytes: impl Into<Vec<u8>>, limits: &Limits) -> Result<Self, OfdError> {
        let bytes = bytes.into();
        let archive = Archive::read(&bytes, limits)?;
        let mut package = Self {
            bytes,
            archive,
            limits: limits.clone(),
            bodies: Vec::new(),
            deviations: Vec::new(),
        };
        let (root, deviations) = package.tree(document::ROOT, "OFD")?;
        package.bodies = document::bodies(&root, limits)?;
        package.deviations.extend(std::mem::take(&mut package.archive.deviations));
        package.deviations.extend(deviations);
        Ok(package)
    }

    /// The limits it was read under.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The bytes it was read from.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The names of all files, in the order of the archive.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.archive.entries.iter().map(|e| e.name.as_str())
    }

    fn entry(&self, path: &str) -> Option<&Entry> {
        let at = self.archive.index.get(&name::fold(path))?;
        Some(&self.archive.entries[*at]).filter(|entry| entry.name == path)
    }

    /// The bytes of a file, by its exact name in the archive.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.entry(path).map(|entry| entry.data.as_slice())
    }

    /// SM3 of a file, by its exact name in the archive; computed once.
    #[must_use]
    pub fn digest(&self, path: &str) -> Option<Digest> {
        self.entry(path).map(|entry| *entry.digest.get_or_init(|| sm3::digest(&entry.data)))
    }

    /// What OFD.xml says of each document.
    #[must_use]
    pub fn bodies(&self) -> &[DocBody] {
        &self.bodies
    }

    /// What differs from the standard's form, harmlessly, as far as the package was read.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// Follows a reference that stands in the file `from`.
    ///
    /// A relative one is read from its own file's folder, else from the root. Case may differ, which is
    /// unambiguous because no two names meet when case is ignored.
    ///
    /// # Errors
    /// [`OfdError::NameUnsafe`] when it would leave the package, [`OfdError::MissingPart`] when nothing is there.
    pub fn locate(&self, from: &str, reference: &str) -> Result<Located<'_>, OfdError> {
        let target = name::resolve(from, reference, &self.limits)?;
        if let Some(found) = self.find(&target.path, reference, target.odd, false) {
            return Ok(found);
        }
        if !target.absolute {
            let from_root = name::resolve("", reference, &self.limits);
            let found = from_root.ok().and_then(|t| self.find(&t.path, reference, t.odd, true));
            if let Some(found) = found {
                return Ok(found);
            }
        }
        Err(OfdError::MissingPart { from: from.to_owned(), path: target.path })
    }

    fn find(&self, path: &str, written: &str, odd: bool, root: bool) -> Option<Located<'_>> {
        let at = self.archive.index.get(&name::fold(path))?;
        let entry = &self.archive.entries[*at];
        let written = || name::shorten(written.trim());
        let deviation = if entry.name != path {
            Some(DeviationKind::ReferenceCase(written()))
        } else if root {
            Some(DeviationKind::ReferenceFromRoot(written()))
        } else {
            odd.then(|| DeviationKind::ReferenceForm(written()))
        };
        Some(Located { path: &entry.name, bytes: &entry.data, deviation })
    }

    /// Reads an XML file of the document's structure as a tree: its outermost element must be this one, in OFD's namespace.
    ///
    /// # Errors
    /// [`OfdError::MissingPart`], [`OfdError::Xml`], [`OfdError::WrongNamespace`], [`OfdError::WrongRoot`], [`OfdError::OverLimit`].
    pub fn xml(&self, path: &str, root: &'static str) -> Result<Element, OfdError> {
        self.tree(path, root).map(|(element, _)| element)
    }

    pub(crate) fn tree(
        &self,
        path: &str,
        root: &'static str,
    ) -> Result<(Element, Option<Deviation>), OfdError> {
        let missing =
            || OfdError::MissingPart { from: "the package".to_owned(), path: path.to_owned() };
        let bytes = self.file(path).ok_or_else(missing)?;
        let element = Element::parse(path, bytes, &self.limits)?;
        let uri = match &element.namespace {
            xml::Namespace::Ofd => xml::NAMESPACE,
            xml::Namespace::Draft => xml::NAMESPACE_DRAFT,
            xml::Namespace::Other(uri) => uri,
        };
        let deviation = check_root(path, (uri, &element.name), root)?;
        Ok((element, deviation))
    }

    /// Applies the rules for XML to a file of any size, and checks its outermost element.
    fn scan(&self, path: &str, root: &'static str) -> Result<Option<Deviation>, OfdError> {
        let bytes = self.file(path).unwrap_or_default();
        let mut seen = xml::RootOnly::default();
        xml::scan(path, bytes, &self.limits, &mut seen)?;
        let (uri, found) = seen.root.unwrap_or_default();
        check_root(path, (&uri, &found), root)
    }

    /// Reads the document of a body, counted from 0.
    ///
    /// # Errors
    /// [`OfdError::NoSuchPage`] past the last body; whatever is wrong with Document.xml.
    pub fn document(&self, body: usize) -> Result<Document, OfdError> {
        let found = self.bodies.get(body);
        let found = found.ok_or(OfdError::NoSuchPage { asked: body, count: self.bodies.len() })?;
        document::read(self, found)
    }

    /// The signatures that OFD.xml leads to.
    #[must_use]
    pub fn signatures(&self) -> Signatures<'_> {
        signature::read_all(self)
    }

    /// Reads every document with its pages, templates, resources and annotations under the rules, and records
    /// as [`Check::OfdPackage`] what is wrong and what deviates.
    pub fn check_documents(&self, facts: &mut Facts) {
        let (deviations, errors) = self.inspect();
        if errors.is_empty() {
            facts.push(Fact::pass(Check::OfdPackage, SUBJECT));
        }
        let fail = |reason| Fact::fail(Check::OfdPackage, SUBJECT, reason);
        for error in errors.iter().take(TOLD) {
            facts.push(fail(error.reason()).found(error.to_string()));
        }
        if errors.len() > TOLD {
            let more = format!("{} more files", errors.len() - TOLD);
            facts.push(fail(errors[TOLD].reason()).found(more));
        }
        // One fact for each kind: a producer's habit shows in every file that it wrote.
        let mut kinds: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for Deviation { path, kind } in self.deviations.iter().chain(&deviations) {
            kinds.entry(kind).or_default().insert(path.as_str());
        }
        for (kind, paths) in kinds.iter().take(TOLD) {
            let first = paths.first().copied().unwrap_or_default();
            let found = match (first, paths.len()) {
                ("", 1) => kind.to_string(),
                (path, 1) => format!("{path}: {kind}"),
                (path, n) => format!("{path} and {} more: {kind}", n - 1),
            };
            facts.push(fail(Reason::Deviation).found(found));
        }
    }

    /// Walks every document; each file once, however often it is referred to.
    fn inspect(&self) -> (BTreeSet<Deviation>, Vec<OfdError>) {
        let (mut deviations, mut errors) = (BTreeSet::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for body in 0..self.bodies.len() {
            let document = match self.document(body) {
                Ok(document) => document,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            };
            for (path, root) in document.structure() {
                if !seen.insert(path.to_owned()) {
                    continue;
                }
                match self.scan(path, root) {
                    Ok(deviation) => deviations.extend(deviation),
                    Err(error) => errors.push(error),
                }
            }
            deviations.extend(document.deviations);
        }
        (deviations, errors)
    }

    /// The same package with one more file: the way in which a receipt is added after signing.
    ///
    /// All other files keep their bytes.
    ///
    /// # Errors
    /// [`OfdError::PathTaken`], [`OfdError::NameUnsafe`], [`OfdError::OverLimit`].
    pub fn with_file_added(
        &self,
        path: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<Vec<u8>, OfdError> {
        let mut writer = PackageWriter::from_package(self);
        writer.add(path, bytes)?;
        Ok(writer.finish())
    }

    /// Every file with its compressed bytes.
    pub(crate) fn packed(&self) -> impl Iterator<Item = (String, Content)> {
        self.archive.entries.iter().map(|e| {
            let (start, length) = e.stored;
            let packed = &self.bytes[start..start + length];
            (e.name.clone(), Content::from_parts(e.method, e.crc, &e.data, packed))
        })
    }
}

/// What facts about the package as a whole are about.
const SUBJECT: &str = "package";

/// Facts of one kind told one by one; beyond that their number says enough. 50: a screen.
const TOLD: usize = 50;

fn check_root(
    path: &str,
    (uri, found): (&str, &str),
    expected: &'static str,
) -> Result<Option<Deviation>, OfdError> {
    if uri != xml::NAMESPACE && uri != xml::NAMESPACE_DRAFT {
        return Err(OfdError::WrongNamespace { path: path.to_owned(), found: name::shorten(uri) });
    }
    if found != expected {
        let found = name::shorten(found);
        return Err(OfdError::WrongRoot { path: path.to_owned(), expected, found });
    }
    let draft = uri == xml::NAMESPACE_DRAFT;
    Ok(draft.then(|| Deviation { path: path.to_owned(), kind: DeviationKind::DraftNamespace }))
}
