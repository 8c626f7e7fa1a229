//! The first state.

use yinxin_receipt::{Genesis, GenesisOrganisation, GenesisValidator};
use yinxin_record::{
    NewOrganisation, NewValidator, OrganisationCode, Organisations, Pending, Powers, Rules, Text,
    Validators, Wire, state_key,
};

use crate::{
    BlockContext, Error, Outcome, StateRead, StoreFailure,
    apply::{peers, validator_set},
    block::Block,
    rules::{member, order, own_certificate},
};

/// The state before the first block, at height 0, from a genesis that every organisation has signed.
///
/// # Errors
/// [`Error::Genesis`] if it is not complete; [`Error::GenesisPowers`] or [`Error::Record`] if the ledger cannot read a part.
pub fn genesis(genesis: &Genesis) -> Result<Outcome, Error> {
    genesis.check().map_err(Error::Genesis)?;
    let at = BlockContext { chain_id: genesis.chain_id(), height: 0, time: genesis.time() };
    let mut block = Block::new(&Nothing, &at);
    let mut codes = Vec::new();
    for founder in &genesis.organisations {
        let new = founder_of(founder)?;
        let state = member(&new, 0);
        own_certificate(&mut block, &new.code, &state.certificate)?;
        block.store(state_key::organisation(&new.code), &state);
        codes.push(new.code);
    }
    codes.sort();
    let mut validators: Vec<NewValidator> =
        genesis.validators.iter().map(validator_of).collect::<Result<_, _>>()?;
    validators.sort_by_key(order);
    let validators = Validators { validators };
    let rules = Rules::from_der(&genesis.rules).map_err(|e| Error::Record(e.into()))?;
    block.store(state_key::organisations(), &Organisations { codes });
    block.store(state_key::validators(), &validators);
    block.store(state_key::rules(), &rules);
    block.store(state_key::pending(), &Pending::default());
    let next_validators = validator_set(&validators)?;
    let peers = Some(peers(&validators));
    let (writes, index) = block.finish();
    Ok(Outcome { results: Vec::new(), writes, index, next_validators, peers })
}

fn founder_of(founder: &GenesisOrganisation) -> Result<NewOrganisation, Error> {
    let GenesisOrganisation { code, name, certificate, key, powers } = founder;
    Ok(NewOrganisation {
        code: OrganisationCode::new(code).map_err(Error::Record)?,
        name: Text::new(name.as_str()).map_err(Error::Record)?,
        certificate: certificate.clone(),
        key: *key,
        powers: Powers::from_bits(*powers).ok_or(Error::GenesisPowers { bits: *powers })?,
    })
}

fn validator_of(validator: &GenesisValidator) -> Result<NewValidator, Error> {
    let GenesisValidator { organisation, key, power, peer_id, address } = validator;
    Ok(NewValidator {
        organisation: OrganisationCode::new(organisation).map_err(Error::Record)?,
        key: *key,
        power: *power,
        peer_id: Text::new(peer_id.as_str()).map_err(Error::Record)?,
        address: Text::new(address.as_str()).map_err(Error::Record)?,
    })
}

/// The state before genesis.
struct Nothing;

impl StateRead for Nothing {
    fn get(&self, _: &[u8]) -> Result<Option<Vec<u8>>, StoreFailure> {
        Ok(None)
    }
}
