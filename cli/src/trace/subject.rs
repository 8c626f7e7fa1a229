//! What people name things by: a file, a code, a number.

use std::path::Path;

use yinxin_gm::Digest;
use yinxin_record::{
    Act, DataAct, LicenceIdentifier, Node, OrganisationCode, ResourceCode, ResourceVersion,
};
use yinxin_sharing::provenance::{Item, Source as _, Start};

use super::Source;
use crate::{
    fail::{Class, Done, Failure},
    files,
    ledger::anchored_digest,
};

/// Reads a subject; a bare number is looked up to see what it is.
pub(super) fn read(text: &str, source: &Source) -> Done<Start> {
    if let Some(start) = named(text) {
        return Ok(start);
    }
    if let Ok(number) = text.parse::<Digest>() {
        return number_of(number, source);
    }
    let path = Path::new(text);
    if path.is_file() {
        return Ok(Start::Item(Item::content(anchored_digest(&files::read(path)?)?)));
    }
    Err(Failure::new(
        Class::Usage,
        format!("{text:?} is no file, code, identifier or number of 64 hexadecimal digits"),
        format!("{text:?} 不是文件、代码、标识，也不是 64 位十六进制编号"),
    )
    .todo(
        "give a file, an organisation's code, CODE.RESOURCE or CODE.RESOURCE@VERSION, a licence's identifier, or a number",
        "请给出文件、机构代码、资源代码（可加 @版本）、证照标识或编号",
    ))
}

/// What its form alone tells.
fn named(text: &str) -> Option<Start> {
    if let Some((kind, rest)) = text.split_once(':') {
        match kind {
            "s" => return rest.parse().ok().map(Start::Subject),
            "q" | "g" => return rest.parse().ok().map(Start::Request),
            "x" if !rest.contains(':') => return rest.parse().ok().map(Start::Record),
            "a" => return rest.parse().ok().map(Start::Record),
            _ => {}
        }
        if let Some(node) = Node::parse(text) {
            return Some(Start::Item(Item::Thing(node)));
        }
    }
    if let Ok(code) = OrganisationCode::new(text) {
        return Some(Start::Organisation(code));
    }
    if let Ok(code) = ResourceCode::new(text) {
        return Some(Start::Resource(code));
    }
    if let Some((code, version)) = text.rsplit_once('@')
        && let (Ok(resource), Ok(version)) = (ResourceCode::new(code), version.parse())
    {
        let node = Node::Resource(ResourceVersion { resource, version });
        return Some(Start::Item(Item::Thing(node)));
    }
    let licence = LicenceIdentifier::new(text).ok()?;
    Some(Start::Item(Item::Thing(Node::Licence(licence))))
}

/// A record's id, a pseudonym, or else a digest.
fn number_of(number: Digest, source: &Source) -> Done<Start> {
    if let Some(found) = source.record(&number)? {
        return Ok(match found.record.tbs.act {
            Act::Data(DataAct::Request(_)) => Start::Request(number),
            _ => Start::Record(number),
        });
    }
    let content = source.lists(&format!("d/{number}/"))?;
    if !content && source.lists(&format!("s/{number}/"))? {
        return Ok(Start::Subject(number));
    }
    Ok(Start::Item(Item::content(number)))
}
