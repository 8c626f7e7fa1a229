//! Papers that a record names by salted digest: the paper stays with whoever has it, and so does its salt.

use std::path::{Path, PathBuf};

use rand_core::Rng;
use yinxin_gm::{Digest, sm3};

use crate::{
    fail::{At, Class, Done, Failure},
    files::{self, Access, Existing},
    rng,
    send::beside,
};

/// A paper: a file, or the salted digest of one.
#[derive(Clone, Debug)]
pub(crate) enum Paper {
    /// Its salted digest.
    Digest(Digest),
    /// The file; its salt lies beside it.
    File(PathBuf),
}

impl Paper {
    /// Reads a digest or a file's name, for clap.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(digest) => Ok(Self::Digest(digest)),
            Err(_) if text.is_empty() => {
                Err("expected a file, or 64 hexadecimal digits".to_owned())
            }
            Err(_) => Ok(Self::File(PathBuf::from(text))),
        }
    }

    /// SM3 of salt and file. One file has one salt, made when it is first asked for: one paper is one ground.
    pub(crate) fn digest(&self) -> Done<Digest> {
        match self {
            Self::Digest(digest) => Ok(*digest),
            Self::File(path) => {
                let bytes = files::read(path)?;
                Ok(sm3::digest_all(&[salt(&beside(path, "salt"))?.as_bytes(), &bytes]))
            }
        }
    }
}

/// A fresh salt.
pub(crate) fn fresh() -> Digest {
    let mut bytes = [0; 32];
    rng::os().fill_bytes(&mut bytes);
    Digest(bytes)
}

fn salt(path: &Path) -> Done<Digest> {
    if !path.exists() {
        let salt = fresh();
        files::write(path, format!("{salt}\n").as_bytes(), Access::Owner, Existing::Keep)?;
        return Ok(salt);
    }
    files::read_text(path)?.trim().parse().map_err(|_| damaged()).at(path.display())
}

fn damaged() -> Failure {
    Failure::new(
        Class::Malformed,
        "not a salt of 64 hexadecimal digits",
        "盐值应为 64 位十六进制数字",
    )
    .todo(
        "restore it from a backup: without it the paper cannot be proven",
        "请从备份恢复：缺少它将无法证明该文书",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_has_one_digest_and_none_without_its_salt() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("decision.txt");
        std::fs::write(&path, "罚款").unwrap();
        let paper = Paper::parse(&path.display().to_string()).unwrap();
        let digest = paper.digest().unwrap();
        assert_eq!(paper.digest().unwrap(), digest);
        assert_ne!(digest, sm3::digest("罚款".as_bytes()));
        assert_eq!(Paper::parse(&digest.to_string()).unwrap().digest().unwrap(), digest);
        std::fs::write(dir.path().join("decision.txt.salt"), "xyz").unwrap();
        assert_eq!(paper.digest().unwrap_err().class, Class::Malformed);
        assert!(Paper::parse("").is_err());
    }
}
