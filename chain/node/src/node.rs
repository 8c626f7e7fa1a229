//! Starting a node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use getrandom::SysRng;
use rand_core::{TryRng as _, UnwrapErr};
use tokio::sync::{Notify, watch};
use tracing::{error, info};
use yinxin_engine::{App, Base as _, Signer};
use yinxin_merkle::wire::Wire;
use yinxin_receipt::Genesis;
use yinxin_store::{Options, RocksDisk, Store};

use crate::clock::now_ms;
use crate::config::keypair;
use crate::driver::{Driver, Place};
use crate::engine::{EngineSettings, free_port};
use crate::gossip::{self, Command};
use crate::handle::{NodeHandle, Shared, Signing, Status, lock};
use crate::members::{Identity, Members};
use crate::mempool::Mempool;
use crate::metrics::Metrics;
use crate::overlay::Overlays;
use crate::{Config, Keys, NodeError};

/// A node.
#[derive(Debug)]
#[non_exhaustive]
pub struct Node;

impl Node {
    /// Opens the ledger and starts the node inside the present tokio runtime (it needs the multi-threaded one).
    /// It returns as soon as the node can answer; whether it has caught up, its status says.
    ///
    /// # Errors
    /// Whatever is wrong with files, keys, ports or genesis.
    pub async fn start(
        config: Config,
        keys: Keys,
        genesis: &Genesis,
        app: Arc<dyn App>,
    ) -> Result<NodeHandle, NodeError> {
        config.check()?;
        genesis.check().map_err(|error| NodeError::Genesis(error.to_string()))?;
        let chain_id = genesis.chain_id();
        let keypair = keypair(&keys.network);
        let peer_id = keypair.public().to_peer_id();

        let disk = Arc::new(RocksDisk::open(&config.data_dir.join("ledger"))?);
        let mut options = Options::default();
        options.state_window = config.tuning.state_window;
        let store = Arc::new(Store::open(disk, options, genesis, &*app)?);
        let view = store.view();
        let identity = Identity {
            peer_id: peer_id.to_string(),
            key: keys.validator.as_ref().map(|key| *key.public_key()),
        };
        let members = Members::read(&config, &*app, &view, &identity, now_ms())?;
        free_port(config.listen).await?;
        free_port(config.pool_listen()).await?;
        let signer = keys
            .validator
            .map(|key| {
                let rng = Box::new(UnwrapErr(SysRng));
                Signer::open(chain_id, key, Box::new(store.guard()), now_ms, rng)
            })
            .transpose();
        // A damaged guard silences the validator; it does not stop the node.
        let (signer, silenced) = match signer {
            Ok(signer) => (signer, None),
            Err(why) => {
                error!(%why, "this validator will not sign; the node follows the chain");
                (None, Some(why.to_string()))
            }
        };

        let (commands, events, gossip_task) =
            gossip::start(keypair.clone(), config.pool_listen(), &chain_id)?;
        commands
            .send(Command::Allow(members.pool()))
            .await
            .map_err(|_| NodeError::Swarm("the swarm stopped at once".into()))?;
        let signing = match (&signer, &silenced) {
            (_, Some(why)) => Signing::Off(why.clone()),
            (None, None) => Signing::NoKey,
            (Some(_), None) => Signing::Watching,
        };
        let status = Status {
            peer_id: peer_id.to_string(),
            signing: signing.clone(),
            peers: 0,
            peers_height: 0,
        };
        let shared = Arc::new(Shared {
            app: Arc::clone(&app),
            store: Arc::clone(&store),
            genesis: genesis.to_der(),
            tuning: config.tuning.clone(),
            pool: Mutex::new(Mempool::new(config.tuning.mempool)),
            pool_changed: Notify::new(),
            overlays: Overlays::default(),
            waiting: Mutex::new(HashMap::new()),
            gossip: commands,
            metrics: Metrics::default(),
            status: Mutex::new(status),
        });
        info!(name = %config.name, chain = %chain_id, peer = %peer_id, height = view.head().height, standing = ?members.standing, "node starts");
        let settings = EngineSettings { config, keypair, chain_id };
        let place = Place { identity, members };
        let session = SysRng.try_next_u64().map_err(|error| NodeError::Swarm(error.to_string()))?;
        let driver =
            Driver::new(Arc::clone(&shared), settings, place, signer, signing, session, events)?;
        let (stop, stopping) = watch::channel(false);
        let (end, ended) = watch::channel(None);
        let waiting = Arc::clone(&shared);
        tokio::spawn(async move {
            let result = driver.run(stopping).await;
            gossip_task.abort();
            let _ = gossip_task.await;
            // Handles and the engine's last tasks may hold the store for as long as they like.
            let store = Arc::clone(&waiting.store);
            let _ = tokio::task::spawn_blocking(move || store.close()).await;
            if let Err(why) = &result {
                error!(%why, "the node ends");
            }
            end.send_replace(Some(Arc::new(result)));
            // Whoever still waits for a record learns that nobody will commit it here.
            lock(&waiting.waiting).clear();
        });
        Ok(NodeHandle { shared, stop, ended })
    }
}
