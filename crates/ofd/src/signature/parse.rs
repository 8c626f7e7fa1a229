//! Signature.xml, element by element.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{CheckMethod, Part, Provider, Reference, SignatureFile, SignatureKind, StampAnnot};
use crate::xml::Element;
use crate::{DeviationKind, Limit, OfdError, Package, Rect, archive};

/// Reads the Signature.xml that a list's entry leads to.
pub(super) fn read<'p>(
    package: &'p Package,
    list: &'p str,
    base_loc: &str,
    id: &str,
    kind: SignatureKind,
) -> Result<SignatureFile<'p>, OfdError> {
    let found = package.locate(list, base_loc)?;
    let path = found.path;
    let (root, deviation) = package.tree(path, "Signature")?;
    let info = root.need(path, "SignedInfo")?;
    let mut out = SignatureFile {
        id: id.to_owned(),
        kind,
        path,
        bytes: found.bytes,
        provider: info.one(path, "Provider")?.map(provider).unwrap_or_default(),
        method: info.text_of(path, "SignatureMethod")?.map(str::to_owned),
        date_time: info.text_of(path, "SignatureDateTime")?.map(str::to_owned),
        check_method: CheckMethod::Weak(String::new()),
        references: Vec::new(),
        stamps: Vec::new(),
        seal: None,
        signed_value: None,
        list_path: list,
        problems: Vec::new(),
        deviations: found.deviation.into_iter().chain(deviation.map(|d| d.kind)).collect(),
    };
    let references = info.need(path, "References")?;
    out.check_method = check_method(references.attribute("CheckMethod"));
    out.references = read_references(package, path, references)?;
    for element in info.all("StampAnnot") {
        out.stamps.push(stamp(path, element)?);
    }
    if let Some(seal) = info.one(path, "Seal")? {
        let reference = seal.need(path, "BaseLoc")?.trimmed();
        out.seal = part(package, reference, &mut out);
    }
    let value = root.need(path, "SignedValue")?.trimmed();
    out.signed_value = part(package, value, &mut out);
    Ok(out)
}

fn part<'p>(
    package: &'p Package,
    reference: &str,
    out: &mut SignatureFile<'p>,
) -> Option<Part<'p>> {
    match package.locate(out.path, reference) {
        Ok(found) => {
            out.deviations.extend(found.deviation);
            Some(Part { path: found.path, bytes: found.bytes })
        }
        Err(error) => {
            out.problems.push(error);
            None
        }
    }
}

fn provider(element: &Element) -> Provider {
    let text = |name| element.attribute(name).unwrap_or_default().to_owned();
    Provider { name: text("ProviderName"), company: text("Company"), version: text("Version") }
}

fn check_method(attribute: Option<&str>) -> CheckMethod {
    let stated = attribute.unwrap_or_default().trim();
    match stated.to_ascii_uppercase().as_str() {
        "SM3" | "1.2.156.10197.1.401" => CheckMethod::Sm3,
        "" | "MD5" | "1.2.840.113549.2.5" | "SHA1" | "SHA-1" | "1.3.14.3.2.26" => {
            CheckMethod::Weak(stated.to_owned())
        }
        _ => CheckMethod::Unknown(crate::name::shorten(stated)),
    }
}

fn read_references(
    package: &Package,
    path: &str,
    element: &Element,
) -> Result<Vec<Reference>, OfdError> {
    let count = element.all("Reference").count();
    let allowed = package.limits().references;
    if count > allowed {
        return Err(archive::over(Limit::References, count, allowed, path));
    }
    element.all("Reference").map(|e| reference(package, path, e)).collect()
}

fn reference(package: &Package, path: &str, element: &Element) -> Result<Reference, OfdError> {
    let missing = OfdError::MissingElement { path: path.to_owned(), element: "FileRef" };
    let file_ref = element.attribute("FileRef").ok_or(missing)?;
    let value = element.need(path, "CheckValue")?;
    let value: String = value.text.split_ascii_whitespace().collect();
    let (located, deviation, error): (_, Option<DeviationKind>, _) =
        match package.locate(path, file_ref) {
            Ok(found) => (Some(found.path.to_owned()), found.deviation, None),
            Err(error) => (None, None, Some(error)),
        };
    Ok(Reference {
        file_ref: crate::name::shorten(file_ref),
        check_value: STANDARD.decode(value).ok(),
        path: located,
        deviation,
        error,
    })
}

fn stamp(path: &str, element: &Element) -> Result<StampAnnot, OfdError> {
    let text = |name| element.attribute(name).map(str::trim).unwrap_or_default();
    let rect = |field: &'static str| {
        let value = text(field);
        Rect::parse(value).ok_or_else(|| OfdError::BadValue {
            path: path.to_owned(),
            field,
            value: crate::name::shorten(value),
        })
    };
    Ok(StampAnnot {
        id: text("ID").to_owned(),
        page_ref: text("PageRef").to_owned(),
        boundary: rect("Boundary")?,
        clip: element.attribute("Clip").is_some().then(|| rect("Clip")).transpose()?,
    })
}
