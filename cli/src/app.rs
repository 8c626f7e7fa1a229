//! The ledger's rules as the chain's application: the one place where `crates/ledger` and `chain/` meet.

use yinxin_engine::{self as engine, App, Peer, Seat};
use yinxin_gm::Digest;
use yinxin_ledger as ledger;
use yinxin_receipt::Genesis;
use yinxin_record::{NewValidator, Record, Validators, Wire, state_key};
use yinxin_verdict::UnixTime;

/// The rules of `crates/ledger`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules;

/// Reads the chain's state for the rules.
struct State<'a>(&'a dyn engine::StateRead);

impl ledger::StateRead for State<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ledger::StoreFailure> {
        self.0.get(key).map_err(|e| ledger::StoreFailure(e.why))
    }
}

impl App for Rules {
    fn genesis(&self, genesis: &Genesis) -> Result<engine::Outcome, engine::Refusal> {
        ledger::genesis(genesis).map(outcome).map_err(|e| refusal(&e))
    }

    fn identify(&self, record: &[u8]) -> Result<Digest, engine::Refusal> {
        Record::from_der(record)
            .map(|r| r.id())
            .map_err(|e| refusal(&ledger::Error::Record(e.into())))
    }

    fn author(&self, record: &[u8]) -> Option<String> {
        Record::from_der(record).ok().map(|r| r.tbs.organisation.to_string())
    }

    fn check(
        &self,
        state: &dyn engine::StateRead,
        at: &engine::BlockContext,
        record: &[u8],
    ) -> Result<engine::Admission, engine::ApplyError> {
        let at = context(at)?;
        match ledger::check(&State(state), &at, record) {
            Ok(a) => Ok(engine::Admission {
                id: a.id,
                organisation: a.organisation,
                last_valid_height: a.last_valid_height,
            }),
            Err(error) => Err(apply_error(0, error)),
        }
    }

    fn seats(&self, state: &dyn engine::StateRead) -> Result<Vec<Seat>, engine::StoreFailure> {
        let leaf = state.get(&state_key::validators())?;
        let leaf = leaf.ok_or_else(|| engine::StoreFailure::new("the validators are missing"))?;
        let leaf = Validators::from_der(&leaf).map_err(engine::StoreFailure::new)?;
        let seat = |v: NewValidator| Seat { key: v.key, peer_id: v.peer_id.to_string() };
        Ok(leaf.validators.into_iter().map(seat).collect())
    }

    fn apply(
        &self,
        state: &dyn engine::StateRead,
        at: &engine::BlockContext,
        records: &[Vec<u8>],
    ) -> Result<engine::Outcome, engine::ApplyError> {
        let at = context(at)?;
        match ledger::apply(&State(state), &at, records) {
            Ok(done) => Ok(outcome(done)),
            Err(ledger::ApplyError::Record { index, error }) => Err(apply_error(index, error)),
            Err(ledger::ApplyError::Store(failure)) => {
                Err(engine::StoreFailure::new(failure.0).into())
            }
        }
    }
}

fn context(at: &engine::BlockContext) -> Result<ledger::BlockContext, engine::StoreFailure> {
    let engine::BlockContext { chain_id, height, time_ms } = *at;
    // The host bounds a block's time by the clock; one beyond the year 9999 is no time at all.
    let beyond = || engine::StoreFailure::new(format!("block time {time_ms} ms is out of range"));
    let time = i64::try_from(time_ms).ok().and_then(|ms| UnixTime::from_millis(ms).ok());
    Ok(ledger::BlockContext { chain_id, height, time: time.ok_or_else(beyond)? })
}

fn outcome(done: ledger::Outcome) -> engine::Outcome {
    let ledger::Outcome { results, writes, index, next_validators, peers } = done;
    let peers =
        peers.map(|list| list.into_iter().map(|(id, address)| Peer { id, address }).collect());
    let applied = results.iter().map(|r| engine::Applied { id: r.id }).collect();
    engine::Outcome { applied, writes, index, next_validators, peers }
}

fn apply_error(index: usize, error: ledger::Error) -> engine::ApplyError {
    match error {
        ledger::Error::Store(failure) => engine::StoreFailure::new(failure.0).into(),
        error => engine::ApplyError::Record { index, refusal: refusal(&error) },
    }
}

fn refusal(error: &ledger::Error) -> engine::Refusal {
    engine::Refusal { code: error.code().to_owned(), message: error.to_string() }
}
