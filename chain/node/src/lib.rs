//! The process a department runs: Malachite's channel engine around `Host`, mempool with its own libp2p swarm, config, metrics.

#![forbid(unsafe_code)]
