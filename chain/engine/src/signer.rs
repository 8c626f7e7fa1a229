//! Signing under the guard, and checking what others signed.

use core::fmt;
use std::sync::{Arc, Mutex};

use arc_malachitebft_core_types::{
    Height as _, NilOrVal, SignedMessage, SigningScheme, ValidatorProof, VoteExtensionScope,
    VoteType,
};
use arc_malachitebft_signing::{self as signing, VerificationResult};
use async_trait::async_trait;
use rand_core::CryptoRng;
use yinxin_gm::Digest;
use yinxin_gm::sm2::{DEFAULT_ID, PrivateKey};
use yinxin_receipt::{VoteKind, vote_sign_bytes};

use crate::context::{Address, Chain, Key, Proposal, Signature, Sm2, Vote};
use crate::guard::{Guard, GuardError, GuardStore, Position, Step};
use crate::sign_bytes::{part_sign_bytes, peer_sign_bytes, proposal_sign_bytes, wake_sign_bytes};

/// Milliseconds of a year, the grain in which peer proofs expire.
const YEAR_MS: u64 = 365 * 24 * 3600 * 1000;

/// The bytes a vote's signature is over.
///
/// # Panics
/// If the vote has no round, which the codec and the engine exclude.
#[must_use]
pub fn vote_bytes(chain_id: &Digest, vote: &Vote) -> Vec<u8> {
    let kind = match vote.kind {
        VoteType::Prevote => VoteKind::Prevote,
        VoteType::Precommit => VoteKind::Precommit,
    };
    let round = vote.round.as_u32().expect("votes have a round");
    let value = match &vote.value {
        NilOrVal::Nil => None,
        NilOrVal::Val(id) => Some(*id),
    };
    vote_sign_bytes(chain_id, kind, vote.height.as_u64(), round, value)
}

struct Inner {
    key: PrivateKey,
    guard: Guard,
    rng: Box<dyn CryptoRng + Send>,
    refusal: Option<GuardError>,
}

/// The validator's signer. Clones share one key and one guard.
#[derive(Clone)]
pub struct Signer {
    chain_id: Digest,
    address: Address,
    public: Key,
    now_ms: fn() -> u64,
    inner: Arc<Mutex<Inner>>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer with `key`, guarded by what `store` remembers.
    ///
    /// # Errors
    /// If the guard's record is unreadable, damaged or another key's.
    pub fn open(
        chain_id: Digest,
        key: PrivateKey,
        store: Box<dyn GuardStore>,
        now_ms: fn() -> u64,
        rng: Box<dyn CryptoRng + Send>,
    ) -> Result<Self, GuardError> {
        let public = Key::new(*key.public_key());
        let address = Address::of(&public);
        let guard = Guard::open(address, key.to_bytes().as_slice(), store)?;
        let inner = Arc::new(Mutex::new(Inner { key, guard, rng, refusal: None }));
        Ok(Self { chain_id, address, public, now_ms, inner })
    }

    /// The validator's address.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// The validator's public key.
    #[must_use]
    pub const fn public_key(&self) -> &Key {
        &self.public
    }

    /// What was signed last, ever.
    #[must_use]
    pub fn last(&self) -> Option<Position> {
        self.lock().guard.last()
    }

    /// Why the guard last withheld a signature, once.
    #[must_use]
    pub fn take_refusal(&self) -> Option<GuardError> {
        self.lock().refusal.take()
    }

    /// Signs the first part of a proposed block. Unguarded: parts decide nothing, the proposal does.
    ///
    /// # Errors
    /// If the key fails.
    pub fn sign_part(
        &self,
        height: crate::Height,
        round: arc_malachitebft_core_types::Round,
        block: &Digest,
    ) -> Result<Signature, GuardError> {
        self.sign_plain(&part_sign_bytes(&self.chain_id, height, round, block))
    }

    /// Signs the wish to start a height.
    ///
    /// # Errors
    /// If the key fails.
    pub fn sign_wake(&self, height: u64, session: u64) -> Result<Signature, GuardError> {
        self.sign_plain(&wake_sign_bytes(&self.chain_id, height, session))
    }

    /// Signs the binding of a libp2p peer id to this validator.
    ///
    /// # Errors
    /// If the key fails.
    pub fn sign_peer(&self, peer: &[u8]) -> Result<ValidatorProof<Chain>, GuardError> {
        let key = Sm2::encode_public_key(&self.public);
        let year = year((self.now_ms)());
        let signature = self.sign_plain(&peer_sign_bytes(&self.chain_id, year, &key, peer))?;
        Ok(ValidatorProof::new(key, peer.to_vec(), signature))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder of this lock panics")
    }

    fn sign_plain(&self, message: &[u8]) -> Result<Signature, GuardError> {
        let inner = &mut *self.lock();
        sign(&inner.key, message, &mut *inner.rng).ok_or(GuardError::Sign)
    }

    fn sign_guarded(&self, position: Position, message: &[u8]) -> Result<Signature, GuardError> {
        let Inner { key, guard, rng, refusal } = &mut *self.lock();
        guard
            .sign(position, message, || sign(key, message, &mut **rng))
            .inspect_err(|error| *refusal = Some(error.clone()))
    }
}

fn sign(key: &PrivateKey, message: &[u8], rng: &mut (dyn CryptoRng + Send)) -> Option<Signature> {
    key.sign(DEFAULT_ID, message, rng).ok().map(|signature| Signature(signature.to_raw()))
}

fn year(now_ms: u64) -> u32 {
    u32::try_from(now_ms / YEAR_MS).unwrap_or(u32::MAX)
}

#[async_trait]
impl signing::Signer<Chain> for Signer {
    async fn sign_vote(&self, vote: Vote) -> Result<SignedMessage<Chain, Vote>, signing::Error> {
        let step = match vote.kind {
            VoteType::Prevote => Step::Prevote,
            VoteType::Precommit => Step::Precommit,
        };
        let round = vote.round.as_u32().expect("votes have a round");
        let position = Position { height: vote.height.as_u64(), round, step };
        let signature = self
            .sign_guarded(position, &vote_bytes(&self.chain_id, &vote))
            .map_err(signing::Error::from_source)?;
        Ok(SignedMessage::new(vote, signature))
    }

    async fn sign_proposal(
        &self,
        proposal: Proposal,
    ) -> Result<SignedMessage<Chain, Proposal>, signing::Error> {
        let round = proposal.round.as_u32().expect("proposals have a round");
        let position = Position { height: proposal.height.as_u64(), round, step: Step::Propose };
        let signature = self
            .sign_guarded(position, &proposal_sign_bytes(&self.chain_id, &proposal))
            .map_err(signing::Error::from_source)?;
        Ok(SignedMessage::new(proposal, signature))
    }

    async fn sign_vote_extension(
        &self,
        _scope: VoteExtensionScope<Chain>,
        _extension: (),
    ) -> Result<SignedMessage<Chain, ()>, signing::Error> {
        // Extensions are disabled at every height.
        Err(signing::Error::new())
    }

    async fn sign_validator_proof(
        &self,
        _public_key: Vec<u8>,
        peer_id: Vec<u8>,
    ) -> Result<ValidatorProof<Chain>, signing::Error> {
        self.sign_peer(&peer_id).map_err(signing::Error::from_source)
    }
}

/// Checks the signatures of others.
#[derive(Clone, Debug)]
pub struct Verifier {
    chain_id: Digest,
    now_ms: fn() -> u64,
}

impl Verifier {
    /// A verifier for one chain.
    #[must_use]
    pub const fn new(chain_id: Digest, now_ms: fn() -> u64) -> Self {
        Self { chain_id, now_ms }
    }
}

fn verdict(key: &Key, message: &[u8], signature: &Signature) -> VerificationResult {
    VerificationResult::from_bool(key.verifies(message, signature))
}

#[async_trait]
impl signing::Verifier<Chain> for Verifier {
    async fn verify_signed_vote(
        &self,
        vote: &Vote,
        signature: &Signature,
        key: &Key,
    ) -> Result<VerificationResult, signing::Error> {
        Ok(verdict(key, &vote_bytes(&self.chain_id, vote), signature))
    }

    async fn verify_signed_proposal(
        &self,
        proposal: &Proposal,
        signature: &Signature,
        key: &Key,
    ) -> Result<VerificationResult, signing::Error> {
        Ok(verdict(key, &proposal_sign_bytes(&self.chain_id, proposal), signature))
    }

    async fn verify_signed_vote_extension(
        &self,
        _scope: &VoteExtensionScope<Chain>,
        _extension: &(),
        _signature: &Signature,
        _key: &Key,
    ) -> Result<VerificationResult, signing::Error> {
        Ok(VerificationResult::Invalid)
    }

    async fn verify_validator_proof(
        &self,
        proof: &ValidatorProof<Chain>,
    ) -> Result<VerificationResult, signing::Error> {
        let Ok(key) = Sm2::decode_public_key(&proof.public_key) else {
            return Ok(VerificationResult::Invalid);
        };
        let year = year((self.now_ms)());
        let good = [year, year.saturating_sub(1), year.saturating_add(1)].into_iter().any(|year| {
            let message = peer_sign_bytes(&self.chain_id, year, &proof.public_key, &proof.peer_id);
            key.verifies(&message, &proof.signature)
        });
        Ok(VerificationResult::from_bool(good))
    }
}
