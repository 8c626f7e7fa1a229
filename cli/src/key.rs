//! `key new | import | export | csr`: SM2 private keys in encrypted PKCS#8 files.

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;
use yinxin_gm::sm2::{PrivateKey, PublicKey};
use yinxin_pki::{Subject, csr::Csr as Request, pem};
use yinxin_record::OrganisationCode;
use zeroize::Zeroizing;

use crate::{
    fail::{Class, Classed, Done},
    files::{self, Access, Existing},
    keys,
    password::PasswordArgs,
    rng,
    ui::Ui,
};

/// `yinxin key …`
#[derive(Debug, clap::Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a new SM2 key in an encrypted file
    New(New),
    /// Take over a key from another program (PKCS#8, SEC1, or 32 raw bytes; DER, PEM or hexadecimal)
    Import(Import),
    /// Print the public key, or the private key in another program's form
    Export(Export),
    /// Make a certificate request for a CA
    Csr(Csr),
}

/// How a new key file is protected.
#[derive(Clone, Debug, clap::Args)]
struct NewFile {
    #[command(flatten)]
    password: PasswordArgs,
    /// Do not encrypt: for machines whose disk is protected otherwise
    #[arg(long, conflicts_with_all = ["password_file", "password_fd"])]
    unencrypted: bool,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin key new`
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The file to write
    #[arg(value_name = "KEY")]
    file: PathBuf,
    #[command(flatten)]
    how: NewFile,
}

/// `yinxin key import`
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The other program's key file; `-` for stdin
    #[arg(value_name = "FILE")]
    from: PathBuf,
    /// The file to write
    #[arg(long, value_name = "KEY")]
    out: PathBuf,
    /// If the other file is encrypted, its password, in the first line of this file
    #[arg(long, value_name = "FILE")]
    from_password_file: Option<PathBuf>,
    #[command(flatten)]
    how: NewFile,
}

/// What `key export` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The public key, 65 bytes as hexadecimal (04 ‖ X ‖ Y)
    Public,
    /// The public key as SubjectPublicKeyInfo, PEM
    Spki,
    /// The private key, unencrypted PKCS#8, PEM
    Pkcs8,
    /// The private key, SEC1, PEM
    Sec1,
}

/// `yinxin key export`
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The key
    #[arg(value_name = "KEY")]
    file: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
    /// The form
    #[arg(long, value_enum, default_value_t = Form::Public)]
    form: Form,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// `yinxin key csr`
#[derive(Debug, clap::Args)]
pub(crate) struct Csr {
    /// The key
    #[arg(value_name = "KEY")]
    file: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
    /// The organisation's name
    #[arg(long, value_name = "NAME")]
    organisation: String,
    /// The organisation's unified social credit code
    #[arg(long)]
    code: Option<String>,
    /// Whom or what the certificate names [default: the organisation]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    file: String,
    public_key: String,
    encrypted: bool,
}

impl KeyCommand {
    /// Does what is asked.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        match self {
            Self::New(c) => c.run(ui),
            Self::Import(c) => c.run(ui),
            Self::Export(c) => c.run(ui),
            Self::Csr(c) => c.run(ui),
        }
    }
}

impl NewFile {
    fn write(&self, key: &PrivateKey, file: &std::path::Path, ui: &Ui) -> Done {
        write_key(key, file, (!self.unencrypted).then_some(&self.password), self.force, ui)?;
        let view = View {
            schema: "yinxin.key/1",
            file: file.display().to_string(),
            public_key: public_hex(key.public_key()),
            encrypted: !self.unencrypted,
        };
        ui.result(&view, |v| format!("{}\n{}", v.file, v.public_key))
    }
}

/// Writes a key for its owner alone, encrypted if a password is to be had.
pub(crate) fn write_key(
    key: &PrivateKey,
    file: &std::path::Path,
    password: Option<&PasswordArgs>,
    force: bool,
    ui: &Ui,
) -> Done {
    let text: Zeroizing<String> = match password {
        Some(source) => {
            let password = source.choose(ui, file)?;
            keys::encrypt(key, &password)?
        }
        None => Zeroizing::new(pem::encode(pem::PRIVATE_KEY, &key.to_pkcs8_der())),
    };
    files::write(file, text.as_bytes(), Access::Owner, Existing::forced(force))
}

impl New {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.file, self.how.force)?;
        self.how.write(&PrivateKey::generate(&mut rng::os()), &self.file, ui)
    }
}

impl Import {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.how.force)?;
        let bytes = files::read_secret(&self.from)?;
        let key = match raw_key(&bytes) {
            Some(key) => key,
            None => {
                keys::open(&bytes, &PasswordArgs::file(self.from_password_file), &self.from, ui)?
            }
        };
        self.how.write(&key, &self.out, ui)
    }
}

/// 32 bytes, or their 64 hexadecimal digits.
fn raw_key(bytes: &[u8]) -> Option<PrivateKey> {
    let mut raw = Zeroizing::new([0_u8; 32]);
    if bytes.len() == 32 {
        raw.copy_from_slice(bytes);
    } else {
        let text = std::str::from_utf8(bytes).ok()?.trim();
        hex::decode_to_slice(text, raw.as_mut_slice()).ok()?;
    }
    PrivateKey::from_bytes(&raw).ok()
}

impl Export {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        let key = keys::load(&self.file, &self.password, ui)?;
        let (text, access) = match self.form {
            Form::Public => (public_hex(key.public_key()) + "\n", Access::Public),
            Form::Spki => {
                (pem::encode("PUBLIC KEY", &yinxin_pki::spki_der(key.public_key())), Access::Public)
            }
            Form::Pkcs8 => (pem::encode(pem::PRIVATE_KEY, &key.to_pkcs8_der()), Access::Owner),
            Form::Sec1 => (pem::encode(pem::EC_PRIVATE_KEY, &key.to_sec1_der()), Access::Owner),
        };
        let text = Zeroizing::new(text);
        files::write(&self.out, text.as_bytes(), access, Existing::forced(self.force))
    }
}

impl Csr {
    fn run(self, ui: &Ui) -> Done {
        files::must_be_free(&self.out, self.force)?;
        if let Some(code) = &self.code {
            check_code(code)?;
        }
        let key = keys::load(&self.file, &self.password, ui)?;
        let name = self.name.as_deref().unwrap_or(&self.organisation);
        let mut subject = Subject::new(name).country("CN").organisation(&self.organisation);
        if let Some(code) = &self.code {
            subject = subject.organisation_code(code);
        }
        let request = Request::make(&subject, &key, &mut rng::os()).class(Class::Usage)?;
        let text = request.to_pem();
        files::write(&self.out, text.as_bytes(), Access::Public, Existing::forced(self.force))
    }
}

/// A slip in a code is found here, not after the certificate was issued.
fn check_code(code: &str) -> Done {
    OrganisationCode::new(code).class(Class::Usage).map(|_| ())
}

/// 04 ‖ X ‖ Y in hexadecimal.
pub(crate) fn public_hex(key: &PublicKey) -> String {
    hex::encode(key.to_sec1())
}
