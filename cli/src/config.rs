//! The user's settings: `$XDG_CONFIG_HOME/yinxin/config.toml`, every one of which a flag overrides.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{
    fail::{Class, Done, Failure},
    files,
};

/// What may stand in `config.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The folder of what this user trusts, instead of `$XDG_CONFIG_HOME/yinxin/trust`.
    pub(crate) trust: Option<PathBuf>,
    /// The node to speak to, such as `http://127.0.0.1:8080`.
    pub(crate) node: Option<String>,
    /// The font file of pages and seals.
    pub(crate) font: Option<PathBuf>,
    /// `zh` or `en`, instead of what the locale says.
    pub(crate) lang: Option<String>,
}

impl Config {
    /// Reads the file; a missing one is an empty one.
    pub(crate) fn load() -> Done<Self> {
        let Some(path) = folder().map(|f| f.join("config.toml")).filter(|p| p.exists()) else {
            return Ok(Self::default());
        };
        Self::parse(&files::read_text(&path)?).map_err(|f| f.at(path.display()))
    }

    fn parse(text: &str) -> Done<Self> {
        toml::from_str(text).map_err(|e| {
            let e = e.to_string();
            Failure::new(Class::Usage, e.trim_end(), e.trim_end()).todo(
                "known settings: trust, node, font, lang",
                "可用设置：trust、node、font、lang",
            )
        })
    }

    /// The trust folder: the flag's, else the setting's, else the default one if it is there.
    pub(crate) fn trust_folder(&self, flag: Option<&Path>) -> Option<PathBuf> {
        flag.map(Path::to_path_buf)
            .or_else(|| self.trust.clone())
            .or_else(|| folder().map(|f| f.join("trust")).filter(|p| p.is_dir()))
    }

    /// The node's address: the flag's, else the setting's.
    pub(crate) fn node(&self, flag: Option<&str>) -> Done<String> {
        flag.map(str::to_owned).or_else(|| self.node.clone()).ok_or_else(|| {
            Failure::new(Class::Usage, "no node is named", "未指定节点").todo(
                "give --node http://ADDRESS:PORT, or set node in config.toml",
                "请使用 --node http://地址:端口，或在 config.toml 中设置 node",
            )
        })
    }
}

/// `$XDG_CONFIG_HOME/yinxin`, by default `~/.config/yinxin`.
pub(crate) fn folder() -> Option<PathBuf> {
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))
        .map(|base| base.join("yinxin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_setting_is_refused() {
        assert!(Config::parse("node = \"http://127.0.0.1:1\"").is_ok());
        assert_eq!(Config::parse("nodes = 1").unwrap_err().class, Class::Usage);
    }
}
