//! A node's directory: `node.toml` and the files it names.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use yinxin_gm::sm2::PrivateKey;
use yinxin_node::Config;
use yinxin_receipt::Genesis;
use zeroize::Zeroizing;

use crate::{
    fail::{At, Class, Classed, Done, Failure},
    files, keys,
    ledger::read_genesis,
    password::PasswordArgs,
    ui::Ui,
};

/// The name of the file of settings.
pub(super) const FILE: &str = "node.toml";

/// What stands in `node.toml`. Paths are relative to the directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Where HTTP is served.
    pub(super) http: SocketAddr,
    /// The genesis that all departments signed.
    pub(super) genesis: PathBuf,
    /// The validator's SM2 key.
    pub(super) key: PathBuf,
    /// Its password, if it is encrypted: a file that only the node's user can read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password_file: Option<PathBuf>,
    /// The seed of the network identity.
    pub(super) network_key: PathBuf,
    /// What the verifying page trusts besides the ledger itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trust: Option<PathBuf>,
    /// Consensus, transport, store.
    pub(super) node: Config,
}

/// A node's directory with its settings read.
pub(super) struct Home {
    /// The directory.
    pub(super) folder: PathBuf,
    /// Its settings, paths as they stand in the file.
    pub(super) settings: Settings,
}

impl Home {
    /// Reads a directory.
    pub(super) fn open(folder: &Path) -> Done<Self> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Err(Failure::new(
                Class::Usage,
                format!("{} is no node's directory: it has no {FILE}", folder.display()),
                format!("{} 不是节点目录：缺少 {FILE}", folder.display()),
            )
            .todo("make one: yinxin node init DIR", "请先创建：yinxin node init 目录"));
        }
        let settings: Settings = toml::from_str(&files::read_text(&path)?).map_err(|e| {
            let e = e.to_string();
            Failure::new(Class::Usage, e.trim_end(), e.trim_end()).at(path.display())
        })?;
        settings.node.check().class(Class::Usage).at(path.display())?;
        Ok(Self { folder: folder.to_path_buf(), settings })
    }

    /// A path of the settings.
    pub(super) fn path(&self, relative: &Path) -> PathBuf {
        self.folder.join(relative)
    }

    /// The validator's key.
    pub(super) fn key(&self, ui: &Ui) -> Done<PrivateKey> {
        let password = self.settings.password_file.as_ref().map(|p| self.path(p));
        keys::load(&self.path(&self.settings.key), &PasswordArgs::file(password), ui)
    }

    /// The seed of the network identity.
    pub(super) fn network_key(&self) -> Done<Zeroizing<[u8; 32]>> {
        let path = self.path(&self.settings.network_key);
        let text = files::read_secret(&path)?;
        let mut seed = Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(text.trim_ascii(), seed.as_mut_slice()).map_err(|_| {
            Failure::new(
                Class::Malformed,
                "expected 64 hexadecimal digits",
                "应为 64 位十六进制数字",
            )
            .at(path.display())
        })?;
        Ok(seed)
    }

    /// The genesis, complete and signed by all.
    pub(super) fn genesis(&self) -> Done<Genesis> {
        let path = self.path(&self.settings.genesis);
        if !path.exists() {
            return Err(Failure::new(
                Class::Usage,
                format!("{} is missing: the genesis that all departments signed", path.display()),
                format!("缺少 {}：各部门共同签署的创世文件", path.display()),
            )
            .todo(
                "found the ledger first: yinxin ledger genesis new, add, sign; then copy the file here",
                "请先建立账本：yinxin ledger genesis new、add、sign，再将文件复制到此处",
            ));
        }
        let genesis = read_genesis(&path)?;
        genesis.check().class(Class::Invalid).at(path.display())?;
        Ok(genesis)
    }

    /// The configuration with its data directory made absolute.
    pub(super) fn node_config(&self) -> Done<Config> {
        let mut config = self.settings.node.clone();
        let data = self.path(&config.data_dir);
        config.data_dir = std::path::absolute(&data).map_err(|e| Failure::io(&data, &e))?;
        Ok(config)
    }
}

/// Insists that this node is one of the genesis' founders: the wrong genesis is told here, in words, before anything starts.
pub(super) fn must_be_founder(genesis: &Genesis, key: &PrivateKey, peer_id: &str) -> Done {
    let ours = genesis.validators.iter().find(|v| v.key == *key.public_key());
    match ours {
        Some(v) if v.peer_id == peer_id => Ok(()),
        Some(v) => Err(Failure::new(
            Class::Key,
            format!("the genesis has this validator with the network identity {}, this node's is {peer_id}", v.peer_id),
            format!("创世文件中本验证节点的网络标识为 {}，本机为 {peer_id}", v.peer_id),
        )
        .todo(
            "use the network key that `node init` made together with this validator key",
            "请使用与本验证密钥同时由 node init 生成的网络密钥",
        )),
        None => Err(Failure::new(
            Class::Usage,
            format!("wrong genesis: {} has no validator with this node's key", genesis.name),
            format!("创世文件不符：{} 中没有本节点的密钥", genesis.name),
        )
        .todo(
            "give the genesis that this department's entry went into (a validator added later: run with --follow)",
            "请使用包含本部门条目的创世文件（后加入的验证节点请加 --follow）",
        )),
    }
}
