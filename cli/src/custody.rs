//! A custodian's secret: made once, kept for its owner alone, known on the ledger by its check value.

use std::path::Path;

use yinxin_credit::CustodianSecret;
use yinxin_gm::Digest;
use zeroize::Zeroizing;

use crate::{
    fail::{At, Class, Done, Failure},
    files,
};

/// Reads a secret that `asset secret` made.
pub(crate) fn secret(path: &Path) -> Done<CustodianSecret> {
    let text = files::read_secret(path)?;
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii(), &mut bytes[..])
        .map_err(|_| {
            Failure::new(
                Class::Malformed,
                "no custodian's secret of 64 hexadecimal digits",
                "不是 64 位十六进制的保管密钥",
            )
            .todo("restore it from a backup", "请从备份恢复")
        })
        .at(path.display())?;
    Ok(CustodianSecret::new(bytes))
}

/// The secret is the one that the ledger knows: with another one, every number would lead to another asset or person.
pub(crate) fn must_be(secret: &CustodianSecret, known: &Digest, custodian: &str) -> Done {
    let found = secret.check();
    if found == *known {
        return Ok(());
    }
    Err(Failure::new(
        Class::Usage,
        format!("this secret's check value is {found}, that of {custodian} on the ledger is {known}"),
        format!("该密钥的校验值为 {found}，而 {custodian} 在账本上的校验值为 {known}"),
    )
    .todo(
        "use the secret that the custodian began with: another one makes other keys of the same numbers",
        "请使用保管方起初登记的密钥：另一密钥对同一编号生成不同标识",
    ))
}

/// Nobody has said on the ledger which secret is used.
pub(crate) fn unknown(what: &str) -> Failure {
    Failure::new(
        Class::Usage,
        format!("the ledger does not know which secret {what} uses"),
        format!("账本上没有 {what} 所用密钥的校验值"),
    )
}
