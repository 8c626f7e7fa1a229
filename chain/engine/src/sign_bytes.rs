//! What proposers and nodes sign besides votes. Votes' sign-bytes are `yinxin_receipt::vote_sign_bytes`,
//! since outsiders check those.
//!
//! ```asn1
//! ProposalTbs ::= SEQUENCE { domain UTF8String, chainId OCTET STRING, height INTEGER, round INTEGER,
//!                            block OCTET STRING, proofOfLockRound [0] INTEGER OPTIONAL }
//! PartTbs     ::= SEQUENCE { domain UTF8String, chainId OCTET STRING, height INTEGER, round INTEGER,
//!                            block OCTET STRING }
//! WakeTbs     ::= SEQUENCE { domain UTF8String, chainId OCTET STRING, height INTEGER, session INTEGER }
//! PeerTbs     ::= SEQUENCE { domain UTF8String, chainId OCTET STRING, year INTEGER, key OCTET STRING,
//!                            peer OCTET STRING }
//! ```

use arc_malachitebft_core_types::{Height as _, Round};
use yinxin_gm::Digest;
use yinxin_merkle::wire::Writer;

use crate::context::{Height, Proposal};

/// Domain of a proposal's signature.
const PROPOSAL: &str = "yinxin/proposal/1";
/// Domain of the signature on a proposal's first part.
const PART: &str = "yinxin/part/1";
/// Domain of a node's announcement of its height.
const WAKE: &str = "yinxin/wake/1";
/// Domain of the proof that a libp2p peer is a validator.
const PEER: &str = "yinxin/peer/1";

fn der(domain: &str, chain_id: &Digest, fill: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(domain);
        out.digest(chain_id);
        fill(out);
    });
    out.into_vec()
}

fn round_number(round: Round) -> u32 {
    round.as_u32().expect("signed messages have a round")
}

/// What a proposer signs.
///
/// # Panics
/// If the proposal's round is nil, which the codec and the engine exclude.
#[must_use]
pub fn proposal_sign_bytes(chain_id: &Digest, proposal: &Proposal) -> Vec<u8> {
    let Proposal { height, round, value, pol_round, address: _ } = proposal;
    der(PROPOSAL, chain_id, |out| {
        out.uint(height.as_u64());
        out.uint(round_number(*round));
        out.digest(&value.0);
        if let Some(pol_round) = pol_round.as_u32() {
            out.tagged(0, |out| out.uint(pol_round));
        }
    })
}

/// What a proposer signs on the first part of a block.
///
/// # Panics
/// If the round is nil, which the codec and the engine exclude.
#[must_use]
pub fn part_sign_bytes(chain_id: &Digest, height: Height, round: Round, block: &Digest) -> Vec<u8> {
    der(PART, chain_id, |out| {
        out.uint(height.as_u64());
        out.uint(round_number(round));
        out.digest(block);
    })
}

/// What a validator signs to say which height it wants to start, in which run of its process.
#[must_use]
pub fn wake_sign_bytes(chain_id: &Digest, height: u64, session: u64) -> Vec<u8> {
    der(WAKE, chain_id, |out| {
        out.uint(height);
        out.uint(session);
    })
}

/// What a validator signs to say that a libp2p peer is its node. It is good in `year` and the next.
#[must_use]
pub fn peer_sign_bytes(chain_id: &Digest, year: u32, key: &[u8], peer: &[u8]) -> Vec<u8> {
    der(PEER, chain_id, |out| {
        out.uint(year);
        out.octets(key);
        out.octets(peer);
    })
}
