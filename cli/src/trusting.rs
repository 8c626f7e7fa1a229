//! The trust folder: certificates, revocation lists, genesis, set changes and checkpoints, as found.

use std::path::Path;

use yinxin_gm::Digest;
use yinxin_pki::{Certificate, Pool, Question, Usage, accept};
use yinxin_verdict::{Facts, UnixTime};
use yinxin_verify::Trust;

use crate::fail::{Class, Classed, Done, Failure};

/// Reads a trust folder.
pub(crate) fn load(folder: &Path) -> Done<Trust> {
    if !folder.is_dir() {
        let path = folder.display();
        return Err(Failure::new(
            Class::Usage,
            format!("{path}: no such trust folder"),
            format!("{path}：信任文件夹不存在"),
        )
        .todo(
            "give --trust DIR, a folder with the ledger's genesis and the authorities' certificates, or correct `trust` in the settings",
            "请用 --trust 指定含账本创世文件和机构证书的文件夹，或更正配置中的 trust",
        ));
    }
    Trust::load_dir(folder).map_err(|e| {
        let class = if e.is_io() { Class::Usage } else { Class::Malformed };
        Failure::of(class, &e)
    })
}

/// Insists that a certificate may sign, now, by what is trusted.
pub(crate) fn must_chain(trust: &Trust, certificate: &Certificate, now: UnixTime) -> Done {
    let question = Question { usage: Usage::Sign, as_of: now, now, subject: "certificate" };
    accept(certificate, &Pool::new(), trust.certificates(), &question, &mut Facts::new())
        .class(Class::Invalid)
        .map(|_| ())
}

/// The one ledger of a trust folder; writing to "the" ledger needs exactly one.
pub(crate) fn only_chain(trust: &Trust) -> Done<Digest> {
    let mut ids = trust.ledgers().ledgers().map(|(id, _)| *id);
    match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(id),
        (None, _) => Err(Failure::new(
            Class::Usage,
            "the trust folder holds no ledger's genesis",
            "信任文件夹中没有账本创世文件",
        )
        .todo("put the ledger's genesis file into it", "请将账本创世文件放入该文件夹")),
        (Some(_), Some(_)) => Err(Failure::new(
            Class::Usage,
            "the trust folder holds several ledgers",
            "信任文件夹中有多个账本",
        )
        .todo("give a folder with one", "请指定只含一个账本的文件夹")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yinxin_verdict::Lang;

    #[test]
    fn a_missing_trust_folder_is_told_with_advice() {
        let failure = load(Path::new("/no/such")).unwrap_err();
        let said = failure.explain(Lang::En);
        assert_eq!(failure.class, Class::Usage);
        assert!(said.what.contains("/no/such") && said.todo.contains("--trust"), "{said:?}");
    }
}
