//! Small content in one file, as GB/T 35275 has it: for systems that know that standard and not our envelopes.

use std::path::Path;

use yinxin_pki::{
    Certificate, PkiError,
    enveloped_data::{self, Cipher, EnvelopedData},
};
use zeroize::Zeroizing;

use crate::{
    fail::{Class, Done, Failure},
    files,
    keys::Signer,
    rng,
};

/// The most content of one message, which is held in memory whole: half of what a reader takes.
const MOST: u64 = 32 << 20;

/// How content is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// Any length, in two files, header and body: what the ledger knows deliveries of
    Streamed,
    /// At most 32 MiB, in one file: GB/T 35275 EnvelopedData, without owner, delivery or ledger
    #[value(name = "35275")]
    Message,
}

/// The cipher of a message, which both sides have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum CipherArg {
    /// SM4-GCM: a changed message does not open
    Gcm,
    /// SM4-CBC, for systems that know no other: not every change is noticed
    Cbc,
}

impl From<CipherArg> for Cipher {
    fn from(cipher: CipherArg) -> Self {
        match cipher {
            CipherArg::Gcm => Self::Gcm,
            CipherArg::Cbc => Self::Cbc,
        }
    }
}

/// Whether a file is a message: what ours begins with is no object identifier.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    let long = bytes.get(1).filter(|length| **length > 0x80).map_or(0, |l| usize::from(l & 0x7f));
    bytes.starts_with(b"-----BEGIN")
        || bytes.first() == Some(&0x30) && bytes.get(2 + long) == Some(&6)
}

/// The message for these certificates.
pub(super) fn seal(file: &Path, to: &[Certificate], cipher: CipherArg) -> Done<Vec<u8>> {
    let length = std::fs::metadata(file).map_err(|e| Failure::io(file, &e))?.len();
    if length > MOST {
        return Err(Failure::new(
            Class::Usage,
            format!("{length} bytes, and a message has at most {MOST}"),
            format!("内容 {length} 字节，超过报文上限 {MOST}"),
        )
        .todo("use --form streamed", "请使用 --form streamed")
        .at(file.display()));
    }
    let content = files::read_secret(file)?;
    enveloped_data::make(&content, to, cipher.into(), &mut rng::os()).map_err(|e| failure(&e))
}

/// What a message says to one of those it is addressed to.
pub(super) fn open(bytes: &[u8], receiver: &Signer, cipher: CipherArg) -> Done<Zeroizing<Vec<u8>>> {
    let message = EnvelopedData::parse(bytes).map_err(|e| failure(&e))?;
    message.open(&receiver.certificate, &receiver.key, cipher.into()).map_err(|e| failure(&e))
}

fn failure(error: &PkiError) -> Failure {
    let class = match error {
        PkiError::NotAddressed | PkiError::DecryptionFailed => Class::Key,
        _ => Class::Malformed,
    };
    let failure = Failure::of(class, error);
    match error {
        PkiError::CipherRefused => failure
            .todo("give the one that was agreed on: --cipher", "请用 --cipher 指定约定的算法"),
        _ => failure,
    }
}
