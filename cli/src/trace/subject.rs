//! What people name things by: a file, a code, a number.

use std::path::Path;

use yinxin_gm::Digest;
use yinxin_record::{Act, DataAct};
use yinxin_sharing::provenance::{Item, Source as _, Start};

use super::Source;
use crate::{
    fail::{Class, Done, Failure},
    files,
    ledger::anchored_digest,
};

/// Reads a subject; a bare number is looked up to see what it is.
pub(super) fn read(text: &str, source: &Source) -> Done<Start> {
    if let Some(start) = Start::parse(text) {
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
