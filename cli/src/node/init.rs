//! `node init`: everything of a department's node, made in its own directory, nothing of it ever leaving but the signed entry.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Serialize;
use yinxin_gm::sm2::PrivateKey;
use yinxin_node::{Config, peer_id};
use yinxin_pki::oid;
use yinxin_receipt::{Genesis, GenesisOrganisation, GenesisValidator, Wire};
use yinxin_record::{OrganisationCode, Power, Powers};
use zeroize::Zeroizing;

use super::settings::{FILE, Settings};
use crate::{
    fail::{Class, Classed, Done, Failure},
    files::{self, Access, Existing},
    key,
    keys::{self, Signer, SignerArgs},
    password::PasswordArgs,
    powers, rng,
    ui::{self, Ui},
};

/// `yinxin node init`
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// The node's directory
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    organisation: SignerArgs,
    /// What the department shall be allowed to do: anchor, certificates, seals, licence-types, licences, data, data-use,
    /// data-authority, credit, credit-use, credit-authority, assets
    #[arg(long, value_name = "POWER", value_delimiter = ',', value_parser = powers::parse)]
    powers: Vec<Power>,
    /// Where consensus listens; records travel on the next port
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:27000")]
    listen: SocketAddr,
    /// How other departments reach that port, if it is not the same
    #[arg(long, value_name = "IP:PORT")]
    address: Option<SocketAddr>,
    /// Where HTTP is served
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    http: SocketAddr,
    /// The validator's weight
    #[arg(long, default_value_t = 1)]
    weight: u64,
    /// Encrypt the node's key with the password in the first line of this file; the node reads it there at every start
    #[arg(long, value_name = "FILE")]
    node_password_file: Option<PathBuf>,
    /// What the node's verifying page trusts besides the ledger itself
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
}

#[derive(Serialize)]
struct View {
    schema: &'static str,
    folder: String,
    organisation: String,
    peer_id: String,
    address: String,
    http: String,
    entry: String,
}

impl Init {
    /// Makes keys, settings and the entry.
    pub(crate) fn run(self, ui: &Ui) -> Done {
        let settings_file = self.folder.join(FILE);
        files::must_be_free(&settings_file, false)?;
        self.must_be_reachable()?;
        let organisation = self.organisation.load(ui)?;
        files::make_private_folder(&self.folder)?;
        let node_key = PrivateKey::generate(&mut rng::os());
        let mut seed = Zeroizing::new([0_u8; 32]);
        getrandom::fill(seed.as_mut_slice())
            .map_err(|e| Failure::bug(format!("randomness: {e}")))?;
        let peer = peer_id(&seed);
        let entry = self.entry(&organisation, &node_key, &peer)?;
        // The key first: an entry whose key is lost would be a validator that never votes.
        let password = PasswordArgs::file(self.node_password_file.clone());
        let password = self.node_password_file.is_some().then_some(&password);
        key::write_key(&node_key, &self.folder.join("node.key"), password, false, ui)?;
        let seed_line = Zeroizing::new(hex::encode(*seed) + "\n");
        files::write(
            &self.folder.join("network.key"),
            seed_line.as_bytes(),
            Access::Owner,
            Existing::Keep,
        )?;
        let entry_file = self.folder.join("entry.genesis");
        files::write(&entry_file, &entry.to_der(), Access::Public, Existing::Keep)?;
        files::write(
            &settings_file,
            self.settings(&organisation)?.as_bytes(),
            Access::Owner,
            Existing::Keep,
        )?;
        let view = View {
            schema: "yinxin.node-init/1",
            folder: self.folder.display().to_string(),
            organisation: organisation.code()?,
            peer_id: peer,
            address: multiaddr(self.address.unwrap_or(self.listen)),
            http: format!("http://{}", self.http),
            entry: entry_file.display().to_string(),
        };
        ui.result(&view, |v| {
            format!(
                "{}\n  {} {}\n  {} {} ({})\n  {} {}\n",
                v.folder,
                ui.pick("organisation", "组织"),
                v.organisation,
                ui.pick("reached at", "地址"),
                v.address,
                v.peer_id,
                ui.pick(
                    "send this to whoever assembles the genesis:",
                    "请将此文件交给创世文件汇总方："
                ),
                v.entry
            )
        })
    }

    fn must_be_reachable(&self) -> Done {
        let address = self.address.unwrap_or(self.listen);
        if address.ip().is_unspecified() || address.port() == 0 {
            return Err(Failure::new(
                Class::Usage,
                format!("{address} is no address that others can reach"),
                format!("其他部门无法访问 {address}"),
            )
            .todo("give --address IP:PORT", "请使用 --address 指定 IP:端口"));
        }
        Ok(())
    }

    fn entry(&self, organisation: &Signer, node_key: &PrivateKey, peer: &str) -> Done<Genesis> {
        let code = organisation.code()?;
        OrganisationCode::new(&code).class(Class::Usage)?;
        let certificate = &organisation.certificate;
        let name = certificate
            .subject()
            .get(&oid::ORGANISATION)
            .map_or_else(|| certificate.title(), str::to_owned);
        let mut entry = Genesis::new(name.clone(), ui::now(), powers::default_rules());
        entry.organisations.push(GenesisOrganisation {
            code: code.clone(),
            name,
            certificate: certificate.raw().to_vec(),
            key: *organisation.key.public_key(),
            powers: self.powers.iter().copied().collect::<Powers>().bits(),
        });
        entry.validators.push(GenesisValidator {
            organisation: code.clone(),
            key: *node_key.public_key(),
            power: self.weight,
            peer_id: peer.to_owned(),
            address: multiaddr(self.address.unwrap_or(self.listen)),
        });
        entry.check_body().class(Class::Usage)?;
        let signature = keys::sign(&organisation.key, &entry.body(), &mut rng::os())?;
        entry.add_signature(&code, signature.to_raw()).class(Class::Internal)?;
        Ok(entry)
    }

    fn settings(&self, organisation: &Signer) -> Done<String> {
        let name = organisation.code()?;
        let settings = Settings {
            http: self.http,
            genesis: PathBuf::from("ledger.genesis"),
            key: PathBuf::from("node.key"),
            password_file: self.node_password_file.as_deref().map(absolute).transpose()?,
            network_key: PathBuf::from("network.key"),
            trust: self.trust.as_deref().map(absolute).transpose()?,
            node: Config::new(&name, PathBuf::from("data"), self.listen),
        };
        toml::to_string_pretty(&settings).map_err(|e| Failure::bug(e.to_string()))
    }
}

fn absolute(path: &Path) -> Done<PathBuf> {
    std::path::absolute(path).map_err(|e| Failure::io(path, &e))
}

fn multiaddr(address: SocketAddr) -> String {
    let family = if address.is_ipv4() { "ip4" } else { "ip6" };
    format!("/{family}/{}/tcp/{}", address.ip(), address.port())
}
