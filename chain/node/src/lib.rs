//! The process a department runs: Malachite's channel engine around `Host`, mempool with its own libp2p swarm, config, metrics.
//!
//! [`Node::start`] takes a [`Config`], the [`Keys`], a genesis and an application, and gives a [`NodeHandle`].

#![forbid(unsafe_code)]

mod config;
mod error;

mod node;

mod handle;
mod members;
mod mempool;
mod overlay;

mod driver;

mod codec;
mod engine;
mod gossip;

mod clock;
mod metrics;

pub use config::{Config, Keys, PeerConfig, Tuning, peer_id};
pub use error::{NodeError, SubmitError};
pub use handle::{Encodings, HeadInfo, NodeHandle, Signing, Status};
pub use mempool::Limits;
pub use node::Node;
