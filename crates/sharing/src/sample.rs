//! Parties for tests.

use rand_core::UnwrapErr;
use yinxin_gm::sm2::PrivateKey;
use yinxin_pki::{
    Certificate, Subject,
    ca::{Period, self_signed},
};
use yinxin_verdict::UnixTime;

use crate::envelope::Owner;

pub(crate) fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

pub(crate) fn at(text: &str) -> UnixTime {
    UnixTime::parse(text).unwrap()
}

/// A department's certificate and its key.
pub(crate) struct Party {
    pub(crate) certificate: Certificate,
    pub(crate) key: PrivateKey,
}

impl Party {
    pub(crate) fn new(name: &str) -> Self {
        let key = PrivateKey::generate(&mut rng());
        let name = Subject::new(name).country("CN").to_name().unwrap();
        let period = Period::days(at("2026-01-01"), 3650);
        let certificate = self_signed(name, &key, period, None, &mut rng()).unwrap();
        Self { certificate, key }
    }

    pub(crate) fn owner(&self) -> Owner<'_> {
        Owner { certificate: &self.certificate, key: &self.key }
    }
}

/// The first turn of a journal, for what is not about turns.
pub(crate) const TURN: yinxin_record::Turn =
    yinxin_record::Turn { journal: yinxin_gm::Digest([0x4a; 32]), epoch: 1 };

/// That turn as the ledger has it.
pub(crate) fn serving(since: yinxin_verdict::UnixTime) -> yinxin_record::ServingState {
    let record = yinxin_gm::Digest([7; 32]);
    yinxin_record::ServingState { turn: TURN, since, until: None, lines: 0, record, height: 2 }
}
