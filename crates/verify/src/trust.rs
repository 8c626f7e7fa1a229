//! What a verifier trusts: a folder of certificates, revocation lists, genesis and checkpoints.

use std::{collections::BTreeSet, fmt, fs, io, path::Path};

use yinxin_pki::{PkiError, TrustStore};
use yinxin_receipt::{Checkpoint, Genesis, SetChange, StatusProof, Wire, WireError};
use yinxin_verdict::{Explain, Explanation, Lang};

use crate::{Kind, maker, sniff};

/// The largest file of a trust folder, bytes. 16 MiB: the revocation list of a province, with half a million entries.
const MAX_FILE: u64 = 16 << 20;

/// The most files in a trust folder. 10,000: every CA of a country, with room.
const MAX_FILES: usize = 10_000;

/// Certificates, revocation lists, ledgers and status proofs that a verifier has.
///
/// Self-signed certificates are the anchors, others only help to build chains. By default nothing is trusted.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    certificates: TrustStore,
    ledgers: yinxin_receipt::Trust,
    status_proofs: Vec<StatusProof>,
    seal_makers: BTreeSet<String>,
}

/// Why a trust folder cannot be used. Nothing of it is trusted then: half a folder could hide a revocation.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrustError {
    /// The file is none of what a trust folder holds.
    Foreign {
        /// Its name.
        file: String,
    },
    /// The operating system refuses.
    Io {
        /// The file or folder.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// A file of the ledger does not hold.
    Ledger {
        /// Its name.
        file: String,
        /// Why.
        error: yinxin_receipt::Error,
    },
    /// A certificate or list cannot be read.
    Pki {
        /// Its name.
        file: String,
        /// Why.
        error: PkiError,
    },
    /// More files, or larger ones, than a trust folder may have.
    TooLarge {
        /// The file or folder.
        file: String,
        /// How many, or how many bytes, are allowed.
        allowed: u64,
        /// How many came.
        found: u64,
    },
    /// A file of the ledger cannot be read.
    Wire {
        /// Its name.
        file: String,
        /// Why.
        error: WireError,
    },
}

impl Trust {
    /// Reads a folder: every file in it, not in folders below; names beginning with a dot, and README, are passed over.
    ///
    /// # Errors
    /// [`TrustError`] for the first file that cannot be read as what it is.
    pub fn load_dir(dir: &Path) -> Result<Self, TrustError> {
        let io = |path: &Path| {
            let file = path.display().to_string();
            move |error| TrustError::Io { file, error }
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(dir).map_err(io(dir))? {
            let path = entry.map_err(io(dir))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_file() && !name.starts_with('.') && !name.starts_with("README") {
                paths.push(path);
            }
        }
        let too_large = |path: &Path, allowed, found| TrustError::TooLarge {
            file: path.display().to_string(),
            allowed,
            found,
        };
        if paths.len() > MAX_FILES {
            return Err(too_large(dir, MAX_FILES as u64, paths.len() as u64));
        }
        // The order of a folder is nobody's promise; the same folder must always mean the same.
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            let size = fs::metadata(&path).map_err(io(&path))?.len();
            if size > MAX_FILE {
                return Err(too_large(&path, MAX_FILE, size));
            }
            files.push((path.display().to_string(), fs::read(&path).map_err(io(&path))?));
        }
        Self::from_files(files)
    }

    /// Takes the files of a trust folder by name and content.
    ///
    /// # Errors
    /// [`TrustError`] for the first file that cannot be read as what it is.
    pub fn from_files(
        files: impl IntoIterator<Item = (String, Vec<u8>)>,
    ) -> Result<Self, TrustError> {
        let mut trust = Self::default();
        let mut later = Vec::new();
        for (file, bytes) in files {
            match sniff(&bytes) {
                Kind::Genesis => {
                    let genesis = read::<Genesis>(&file, &bytes)?;
                    trust.seal_makers.extend(maker::founders(&genesis));
                    trust
                        .ledgers
                        .add_genesis(genesis)
                        .map_err(|error| TrustError::Ledger { file, error })?;
                }
                Kind::Checkpoint => {
                    later.push((Later::Checkpoint(Box::new(read(&file, &bytes)?)), file))
                }
                Kind::StatusProof => trust.status_proofs.push(read(&file, &bytes)?),
                _ => match SetChange::from_der(&bytes) {
                    Ok(change) => later.push((Later::SetChange(Box::new(change)), file)),
                    Err(_) => trust.add_pki(file, &bytes)?,
                },
            }
        }
        // Each is believed by what stands before it, so height gives the order.
        later.sort_by_key(|(later, _)| later.height());
        for (later, file) in later {
            let added = match later {
                Later::Checkpoint(checkpoint) => trust.ledgers.add_checkpoint(*checkpoint),
                Later::SetChange(change) => trust.ledgers.add_set_change(*change),
            };
            added.map_err(|error| TrustError::Ledger { file, error })?;
        }
        Ok(trust)
    }

    fn add_pki(&mut self, file: String, bytes: &[u8]) -> Result<(), TrustError> {
        match self.certificates.add(bytes) {
            Ok(_) => Ok(()),
            Err(_) if sniff(bytes) == Kind::Unknown => Err(TrustError::Foreign { file }),
            Err(error) => Err(TrustError::Pki { file, error }),
        }
    }

    /// Adds a proof of status: a fact about now that a document's own receipt cannot tell.
    pub fn add_status_proof(&mut self, proof: StatusProof) {
        self.status_proofs.push(proof);
    }

    /// The certificates and revocation lists.
    #[must_use]
    pub fn certificates(&self) -> &TrustStore {
        &self.certificates
    }

    /// The ledgers.
    #[must_use]
    pub fn ledgers(&self) -> &yinxin_receipt::Trust {
        &self.ledgers
    }

    /// The status proofs at hand.
    #[must_use]
    pub fn status_proofs(&self) -> &[StatusProof] {
        &self.status_proofs
    }

    /// Codes of the organisations that the trusted ledgers began with as makers of seals.
    pub(crate) fn seal_makers(&self) -> &BTreeSet<String> {
        &self.seal_makers
    }

    /// How many certificates are trusted.
    #[must_use]
    pub fn anchor_count(&self) -> usize {
        self.certificates.anchors().count()
    }

    /// How many ledgers are trusted.
    #[must_use]
    pub fn ledger_count(&self) -> usize {
        self.ledgers.len()
    }
}

/// What rests on a ledger that is known already.
enum Later {
    Checkpoint(Box<Checkpoint>),
    SetChange(Box<SetChange>),
}

impl Later {
    fn height(&self) -> u64 {
        match self {
            Self::Checkpoint(checkpoint) => checkpoint.header.height,
            Self::SetChange(change) => change.header.height,
        }
    }
}

fn read<T: Wire>(file: &str, bytes: &[u8]) -> Result<T, TrustError> {
    T::from_der(bytes).map_err(|error| TrustError::Wire { file: file.to_owned(), error })
}

impl TrustError {
    /// Whether the operating system refused, rather than a file being wrong.
    #[must_use]
    pub const fn is_io(&self) -> bool {
        matches!(self, Self::Io { .. })
    }
}

impl Explain for TrustError {
    fn explain(&self, lang: Lang) -> Explanation {
        Explanation { what: self.what(lang), todo: self.todo(lang) }
    }
}

impl TrustError {
    fn what(&self, lang: Lang) -> String {
        match self {
            Self::Foreign { file } => match lang {
                Lang::En => format!(
                    "{file}: expected a certificate, revocation list, genesis, set change, checkpoint or status proof"
                ),
                Lang::Zh => {
                    format!("{file}：应为证书、吊销列表、创世文件、验证者变更、检查点或状态证明")
                }
            },
            Self::Io { file, error } => format!("{file}: {error}"),
            Self::Ledger { file, error } => format!("{file}: {}", error.explain(lang).what),
            Self::Pki { file, error } => format!("{file}: {}", error.explain(lang).what),
            Self::TooLarge { file, allowed, found } => match lang {
                Lang::En => format!("{file}: expected at most {allowed}, found {found}"),
                Lang::Zh => format!("{file}：最多 {allowed}，实为 {found}"),
            },
            Self::Wire { file, error } => format!("{file}: {error}"),
        }
    }

    fn todo(&self, lang: Lang) -> String {
        let own = match self {
            Self::Ledger { error, .. } => error.explain(lang).todo,
            Self::Pki { error, .. } => error.explain(lang).todo,
            _ => String::new(),
        };
        if !own.is_empty() {
            return own;
        }
        let todo = match self {
            Self::Foreign { .. } | Self::TooLarge { .. } => {
                lang.pick("move it out of the trust folder", "请将其移出信任目录")
            }
            Self::Io { .. } => lang
                .pick("check that the folder exists and may be read", "请检查目录是否存在且可读"),
            Self::Ledger { .. } | Self::Pki { .. } | Self::Wire { .. } => lang.pick(
                "fetch the file again from whoever published it, or move it out of the trust folder",
                "请向发布方重新获取该文件，或将其移出信任目录",
            ),
        };
        todo.to_owned()
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explain(Lang::En).what)
    }
}

impl std::error::Error for TrustError {}
