//! Signatures.xml: which signatures there are.

use std::collections::BTreeSet;

use yinxin_verdict::{Check, Fact, Facts, Reason};

use super::{SignatureFile, SignatureKind, parse};
use crate::document::ROOT;
use crate::xml::Element;
use crate::{Limit, OfdError, Package, archive};

/// All signatures of a package, in the order of their lists.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Signatures<'p> {
    /// Those listed.
    pub listed: Vec<ListedSignature<'p>>,
    /// Lists that are missing or cannot be read.
    pub problems: Vec<OfdError>,
    /// The lists' names in the archive.
    pub lists: Vec<&'p str>,
    /// Signature.xml files in the package that no list names: a list that no signature protects may have lost an entry.
    pub unlisted: Vec<&'p str>,
}

/// A signature in a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ListedSignature<'p> {
    /// Its `ID`, made unique by its number in the list when two share one.
    pub id: String,
    /// Its `Type`.
    pub kind: SignatureKind,
    /// Its `BaseLoc`, as written.
    pub base_loc: String,
    /// Its `Relative`: the signature that it builds on (OFD 2.0).
    pub relative: Option<String>,
    /// Which document body it belongs to, from 0.
    pub body: usize,
    /// The list that it is in.
    pub list_path: &'p str,
    /// Its Signature.xml.
    pub file: Result<SignatureFile<'p>, OfdError>,
}

impl ListedSignature<'_> {
    /// Whether it means this file though the file cannot be read, which is told as such.
    fn leads_to(&self, package: &Package, path: &str) -> bool {
        self.file.is_err()
            && package.locate(self.list_path, &self.base_loc).is_ok_and(|f| f.path == path)
    }
}

impl<'p> Signatures<'p> {
    /// The signature files that can be read.
    pub fn files(&self) -> impl Iterator<Item = &SignatureFile<'p>> {
        self.listed.iter().filter_map(|l| l.file.as_ref().ok())
    }

    /// Records whether the document is signed, and every signature that is listed and missing or unreadable.
    pub fn check(&self, facts: &mut Facts) {
        for problem in &self.problems {
            let reason = missing_or(problem);
            facts.push(Fact::fail(Check::OfdSigned, "package", reason).found(problem.to_string()));
        }
        if self.problems.is_empty() {
            let signed = if self.listed.is_empty() { Err(Reason::NotSigned) } else { Ok(()) };
            facts.check(Check::OfdSigned, "package", signed);
        }
        for path in &self.unlisted {
            facts.push(
                Fact::fail(Check::OfdSigned, "package", Reason::SignatureUnlisted).found(*path),
            );
        }
        self.check_relatives(facts);
        for listed in &self.listed {
            let subject = format!("signature {}", listed.id);
            let problems = match &listed.file {
                Ok(file) => file.problems.as_slice(),
                Err(error) => std::slice::from_ref(error),
            };
            for problem in problems {
                facts.push(
                    Fact::fail(Check::SignatureFormat, &subject, missing_or(problem))
                        .found(problem.to_string()),
                );
            }
            let deviations = listed.file.iter().flat_map(|f| &f.deviations);
            for deviation in deviations {
                facts.push(
                    Fact::fail(Check::SignatureFormat, &subject, Reason::Deviation)
                        .found(deviation.to_string()),
                );
            }
        }
    }

    /// A signature may build on another (OFD 2.0), which must then be there, too.
    fn check_relatives(&self, facts: &mut Facts) {
        for listed in &self.listed {
            let Some(relative) = &listed.relative else { continue };
            if !self.listed.iter().any(|l| l.id == *relative) {
                let subject = format!("signature {}", listed.id);
                let reason = Reason::SignatureMissing;
                facts.push(
                    Fact::fail(Check::OfdSigned, subject, reason)
                        .expected(format!("signature {relative}, on which it builds")),
                );
            }
        }
    }
}

const fn missing_or(error: &OfdError) -> Reason {
    match error {
        OfdError::MissingPart { .. } => Reason::SignatureMissing,
        other => other.reason(),
    }
}

/// Follows every body's list.
pub(crate) fn read_all(package: &Package) -> Signatures<'_> {
    let mut out = Signatures {
        listed: Vec::new(),
        problems: Vec::new(),
        lists: Vec::new(),
        unlisted: Vec::new(),
    };
    for (body, entry) in package.bodies().iter().enumerate() {
        let Some(reference) = &entry.signatures else { continue };
        if let Err(problem) = read_list(package, body, reference, &mut out) {
            out.problems.push(problem);
        }
    }
    number_twins(&mut out.listed);
    let listed: BTreeSet<&str> = out.files().map(|f| f.path).collect();
    out.unlisted = package
        .paths()
        .filter(|p| is_signature_file(p) && !listed.contains(p))
        .filter(|p| !out.listed.iter().any(|l| l.leads_to(package, p)))
        .collect();
    out
}

fn is_signature_file(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("Signature.xml"))
}

fn read_list<'p>(
    package: &'p Package,
    body: usize,
    reference: &str,
    out: &mut Signatures<'p>,
) -> Result<(), OfdError> {
    let list = package.locate(ROOT, reference)?;
    if out.lists.contains(&list.path) {
        return Ok(());
    }
    let root = package.xml(list.path, "Signatures")?;
    let count = out.listed.len() + root.all("Signature").count();
    let allowed = package.limits().signatures;
    if count > allowed {
        return Err(archive::over(Limit::Signatures, count, allowed, list.path));
    }
    out.lists.push(list.path);
    for element in root.all("Signature") {
        out.listed.push(entry(package, body, list.path, element));
    }
    Ok(())
}

fn entry<'p>(
    package: &'p Package,
    body: usize,
    list: &'p str,
    element: &Element,
) -> ListedSignature<'p> {
    let attribute = |name| element.attribute(name).map(|v| v.trim().to_owned());
    let id = attribute("ID").unwrap_or_default();
    let base_loc = attribute("BaseLoc").unwrap_or_default();
    let kind = match attribute("Type").as_deref() {
        None | Some("Seal") => Ok(SignatureKind::Seal),
        Some("Sign") => Ok(SignatureKind::Sign),
        Some(other) => Err(OfdError::BadValue {
            path: list.to_owned(),
            field: "Type",
            value: crate::name::shorten(other),
        }),
    };
    let file = match &kind {
        Ok(kind) => parse::read(package, list, &base_loc, &id, *kind),
        Err(error) => Err(error.clone()),
    };
    ListedSignature {
        id,
        kind: kind.unwrap_or(SignatureKind::Seal),
        base_loc,
        relative: attribute("Relative"),
        body,
        list_path: list,
        file,
    }
}

/// Facts are told apart by id, so no two signatures may share one.
fn number_twins(listed: &mut [ListedSignature<'_>]) {
    let ids: Vec<String> = listed.iter().map(|l| l.id.clone()).collect();
    for (at, listed) in listed.iter_mut().enumerate() {
        let twin = ids.iter().filter(|id| **id == listed.id).count() > 1;
        if twin || listed.id.is_empty() {
            listed.id = format!("{}#{}", listed.id, at + 1);
            if let Ok(file) = &mut listed.file {
                file.id.clone_from(&listed.id);
            }
        }
    }
}
