//! Keys and certificates as commands are given them.

use std::path::{Path, PathBuf};

use rand_core::CryptoRng;
use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey, Signature};
use yinxin_pki::{
    Certificate, PkiError,
    keyfile::{self, Prf},
};

use zeroize::Zeroizing;

use crate::{
    fail::{At, Class, Classed, Done, Failure},
    files,
    password::PasswordArgs,
    rng,
    ui::Ui,
};

/// A private key and how to open it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct KeyArgs {
    /// The private key (PKCS#8, encrypted or not)
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

/// A signer: key and certificate.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SignerArgs {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// The key's certificate
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: PathBuf,
}

/// A signer that may be left out. (clap makes nothing of an optional group whose members stand in groups of their own.)
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SignerOption {
    /// The private key that signs
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// The key's certificate
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
}

impl SignerOption {
    /// The signer, if one is named.
    pub(crate) fn given(&self) -> Option<SignerArgs> {
        let (key, cert) = (self.key.clone()?, self.cert.clone()?);
        Some(SignerArgs { key: KeyArgs { key, password: self.password.clone() }, cert })
    }
}

/// A key that belongs to its certificate: only [`SignerArgs::load`] makes one.
pub(crate) struct Signer {
    /// The private key.
    pub(crate) key: PrivateKey,
    /// Its certificate.
    pub(crate) certificate: Certificate,
}

impl KeyArgs {
    /// Opens the key, asking for the password only if the file is encrypted.
    pub(crate) fn load(&self, ui: &Ui) -> Done<PrivateKey> {
        load(&self.key, &self.password, ui)
    }
}

impl SignerArgs {
    /// Opens key and certificate and checks that they belong together.
    pub(crate) fn load(&self, ui: &Ui) -> Done<Signer> {
        let certificate = certificate(&self.cert)?;
        let key = self.key.load(ui)?;
        if certificate.sm2_key() != Some(key.public_key()) {
            return Err(Failure::of(Class::Key, &PkiError::KeyMismatch).at(self.cert.display()));
        }
        Ok(Signer { key, certificate })
    }
}

impl Signer {
    /// The organisation's unified social credit code, as the certificate has it.
    pub(crate) fn code(&self) -> Done<String> {
        self.certificate.organisation_code().map(str::to_owned).ok_or_else(|| {
            Failure::new(
                Class::Usage,
                format!(
                    "the certificate of {} names no unified social credit code",
                    self.certificate.title()
                ),
                format!("{} 的证书中没有统一社会信用代码", self.certificate.title()),
            )
            .todo(
                "use a department's certificate (key csr --code CODE, then ca issue)",
                "请使用部门证书（key csr --code 代码，再 ca issue）",
            )
        })
    }
}

/// Reads a certificate, DER or PEM.
pub(crate) fn certificate(path: &Path) -> Done<Certificate> {
    Certificate::parse(&files::read(path)?).class(Class::Malformed).at(path.display())
}

/// Opens a key file.
pub(crate) fn load(path: &Path, password: &PasswordArgs, ui: &Ui) -> Done<PrivateKey> {
    let bytes = files::read_secret(path)?;
    open(&bytes, password, path, ui)
}

/// Opens a key file's bytes; the password is asked for only if they are encrypted.
pub(crate) fn open(
    bytes: &[u8],
    password: &PasswordArgs,
    path: &Path,
    ui: &Ui,
) -> Done<PrivateKey> {
    let opened = match keyfile::read(bytes, None) {
        Err(PkiError::PasswordNeeded) => {
            let password = password.read(ui, path)?;
            keyfile::read(bytes, Some(&password))
        }
        other => other,
    };
    opened.map_err(|e| key_failure(&e)).at(path.display())
}

/// A key as an encrypted PKCS#8 file, PEM.
pub(crate) fn encrypt(key: &PrivateKey, password: &[u8]) -> Done<Zeroizing<String>> {
    // HMAC-SHA256, since OpenSSL 3.0 reads no other: whoever moves away from us must be able to.
    keyfile::encrypt_pem(key, password, Prf::HmacSha256, keyfile::ITERATIONS, &mut rng::os())
        .map(Zeroizing::new)
        .map_err(|e| key_failure(&e))
}

/// What went wrong with a key file: a password is a matter of keys, other bytes of input.
pub(crate) fn key_failure(error: &PkiError) -> Failure {
    let class = match error {
        PkiError::WrongPassword | PkiError::PasswordNeeded | PkiError::KeyMismatch => Class::Key,
        _ => Class::Malformed,
    };
    Failure::of(class, error)
}

/// Signs a message with the standard's default ID.
pub(crate) fn sign(key: &PrivateKey, message: &[u8], rng: &mut impl CryptoRng) -> Done<Signature> {
    key.sign(DEFAULT_ID, message, rng)
        .map_err(|_| Failure::of(Class::Key, &PkiError::SigningFailed))
}
