//! A custodian's secret: made once, kept for its owner alone.

use std::path::Path;

use yinxin_credit::CustodianSecret;
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
