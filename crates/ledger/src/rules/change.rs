//! What accepted proposals change: rules 15 to 19.

use std::collections::BTreeMap;

use yinxin_gm::{Digest, sm2::PublicKey, sm3};
use yinxin_receipt::{MAX_POWER, MAX_VALIDATORS};
use yinxin_record::{
    AbsenceState, Accepted, CertificateState, Change, CredentialStatus, NewOrganisation,
    NewValidator, OrganisationCode, OrganisationEvent, OrganisationState, Organisations, Pending,
    ProposalEvent, ProposalState, RotateKey, Rules, ValidatorPower, Validators,
    next_organisation_status, next_proposal_status, state_key,
};

use yinxin_verdict::UnixTime;

use crate::{Error, block::Block};

/// Most organisations: as in a genesis.
const MAX_ORGANISATIONS: usize = yinxin_receipt::MAX_ORGANISATIONS;

/// Whether a change would be possible now.
pub(super) fn feasible(block: &Block<'_>, change: &Change) -> Result<(), Error> {
    match change {
        Change::AddOrganisation(new) => add_organisation(block, new).map(drop),
        Change::SetPowers(c) => amend(block, &c.code, OrganisationEvent::Amend).map(drop),
        Change::SuspendOrganisation(code) => {
            amend(block, code, OrganisationEvent::Suspend)?;
            someone_is_left(block, code)
        }
        Change::ResumeOrganisation(code) => amend(block, code, OrganisationEvent::Resume).map(drop),
        Change::RotateKey(c) => {
            amend(block, &c.code, OrganisationEvent::Amend)?;
            key_is_free(block, &c.key)?;
            certificate_is_good(block, &c.code, &sm3::digest(&c.certificate))
        }
        Change::AddValidator(_) | Change::RemoveValidator(_) | Change::ReweighValidator(_) => {
            let mut validators: Validators = block.expect(&state_key::validators())?;
            let before = validators.clone();
            change_validators(block, &mut validators, change)?;
            quorum_is_left(&before, &validators)
        }
        Change::SetRules(rules) => workable(rules),
        _ => Err(Error::ActUnknown),
    }
}

/// Whether it would be possible in its turn among the changes accepted already: rule 19.
pub(super) fn feasible_with(
    block: &Block<'_>,
    change: &Change,
    accepted: &Accepted,
) -> Result<(), Error> {
    feasible(block, change)?;
    let pending: Pending = block.expect(&state_key::pending())?;
    let mut by_height: BTreeMap<u64, Vec<Change>> = BTreeMap::new();
    let mut all = pending.accepted;
    all.push(accepted.clone());
    all.sort();
    for item in all {
        let change = if item == *accepted {
            change.clone()
        } else {
            let proposal: ProposalState = block.expect(&state_key::proposal(&item.proposal))?;
            proposal.change
        };
        by_height.entry(item.effective_height).or_default().push(change);
    }
    let mut validators: Validators = block.expect(&state_key::validators())?;
    for changes in by_height.values() {
        let before = validators.clone();
        for change in changes {
            change_validators(block, &mut validators, change)?;
        }
        quorum_is_left(&before, &validators)?;
    }
    Ok(())
}

/// Carries out what takes effect from the next height on: rule 15.
pub(crate) fn take_effect(block: &mut Block<'_>) -> Result<(), Error> {
    let next = block.at.height + 1;
    let mut pending: Pending = block.expect(&state_key::pending())?;
    let due = pending.accepted.partition_point(|a| a.effective_height <= next);
    if due == 0 {
        return Ok(());
    }
    let before: Validators = block.expect(&state_key::validators())?;
    for Accepted { proposal: id, .. } in pending.accepted.drain(..due) {
        let key = state_key::proposal(&id);
        let mut proposal: ProposalState = block.expect(&key)?;
        // Meanwhile another change may have made this one impossible; it is then dropped, and the ledger says so.
        let event = match carry_out(block, &proposal.change, &before) {
            Ok(()) => ProposalEvent::TakeEffect,
            Err(Error::Store(failure)) => return Err(failure.into()),
            Err(_) => ProposalEvent::Drop,
        };
        proposal.status = next_proposal_status(Some(proposal.status), event)?;
        proposal.height = block.at.height;
        block.store(key, &proposal);
    }
    block.store(state_key::pending(), &pending);
    Ok(())
}

/// Checks first, writes last, so that what is refused leaves no trace.
fn carry_out(block: &mut Block<'_>, change: &Change, before: &Validators) -> Result<(), Error> {
    match change {
        Change::AddValidator(_) | Change::RemoveValidator(_) | Change::ReweighValidator(_) => {
            let mut validators: Validators = block.expect(&state_key::validators())?;
            change_validators(block, &mut validators, change)?;
            quorum_is_left(before, &validators)?;
            block.store(state_key::validators(), &validators);
            return Ok(());
        }
        change => feasible(block, change)?,
    }
    match change {
        Change::AddOrganisation(new) => {
            let organisations = add_organisation(block, new)?;
            block.store(state_key::organisations(), &organisations);
            let state = member(new, block.at.height);
            block.store(state_key::organisation(&new.code), &state);
            own_certificate(block, &new.code, &state.certificate)
        }
        Change::SetPowers(c) => update(block, &c.code, OrganisationEvent::Amend, |state| {
            state.powers = c.powers;
        }),
        Change::SuspendOrganisation(code) => {
            update(block, code, OrganisationEvent::Suspend, |_| {})?;
            absent(block, code, None)
        }
        Change::ResumeOrganisation(code) => {
            update(block, code, OrganisationEvent::Resume, |_| {})?;
            let emergency = block.emergency(code)?;
            absent(block, code, Some(emergency.unwrap_or(block.at.time).max(block.at.time)))
        }
        Change::RotateKey(RotateKey { code, certificate, key }) => {
            let digest = sm3::digest(certificate);
            update(block, code, OrganisationEvent::Amend, |state| {
                state.certificate = digest;
                state.key = *key;
            })?;
            own_certificate(block, code, &digest)
        }
        Change::SetRules(rules) => {
            block.store(state_key::rules(), rules);
            Ok(())
        }
        _ => Err(Error::ActUnknown),
    }
}

/// A member as it joins.
pub(crate) fn member(new: &NewOrganisation, height: u64) -> OrganisationState {
    OrganisationState {
        name: new.name.clone(),
        certificate: sm3::digest(&new.certificate),
        key: new.key,
        powers: new.powers,
        status: yinxin_record::OrganisationStatus::Active,
        height,
    }
}

/// Notes that an organisation cannot send, or from when on it can again.
pub(crate) fn absent(
    block: &mut Block<'_>,
    code: &OrganisationCode,
    until: Option<UnixTime>,
) -> Result<(), Error> {
    let key = state_key::absence(code);
    let before: Option<AbsenceState> = block.load(&key)?;
    let from = before.filter(|b| b.lasts(block.at.time)).map_or(block.at.time, |b| b.from);
    block.store(key, &AbsenceState { from, until });
    Ok(())
}

/// A member's own certificate stands on the ledger, so that the member can revoke it.
pub(crate) fn own_certificate(
    block: &mut Block<'_>,
    code: &OrganisationCode,
    digest: &Digest,
) -> Result<(), Error> {
    let key = state_key::certificate(code, digest);
    if block.load::<CertificateState>(&key)?.is_none() {
        let state = CertificateState {
            status: CredentialStatus::Active,
            issuer: None,
            not_after: None,
            revocation: None,
            height: block.at.height,
        };
        block.store(key, &state);
    }
    Ok(())
}

/// The list of organisations with the new one in it.
fn add_organisation(block: &Block<'_>, new: &NewOrganisation) -> Result<Organisations, Error> {
    let state = block.organisation(&new.code)?;
    next_organisation_status(state.map(|s| s.status), OrganisationEvent::Add)?;
    key_is_free(block, &new.key)?;
    certificate_is_good(block, &new.code, &sm3::digest(&new.certificate))?;
    let mut organisations: Organisations = block.expect(&state_key::organisations())?;
    if organisations.codes.len() >= MAX_ORGANISATIONS {
        return Err(Error::TooMany { what: "organisations", max: MAX_ORGANISATIONS });
    }
    if let Err(at) = organisations.codes.binary_search(&new.code) {
        organisations.codes.insert(at, new.code.clone());
    }
    Ok(organisations)
}

/// The member with its next status, not yet written.
fn amend(
    block: &Block<'_>,
    code: &OrganisationCode,
    event: OrganisationEvent,
) -> Result<OrganisationState, Error> {
    let state = block
        .organisation(code)?
        .ok_or_else(|| Error::OrganisationUnknown { organisation: code.clone() })?;
    let status = next_organisation_status(Some(state.status), event)?;
    Ok(OrganisationState { status, height: block.at.height, ..state })
}

fn update(
    block: &mut Block<'_>,
    code: &OrganisationCode,
    event: OrganisationEvent,
    change: impl FnOnce(&mut OrganisationState),
) -> Result<(), Error> {
    let mut state = amend(block, code, event)?;
    change(&mut state);
    block.store(state_key::organisation(code), &state);
    Ok(())
}

/// Rule 16: a key is one organisation's only.
pub(super) fn key_is_free(block: &Block<'_>, key: &PublicKey) -> Result<(), Error> {
    let Organisations { codes } = block.expect(&state_key::organisations())?;
    for code in codes {
        let state: OrganisationState = block.expect(&state_key::organisation(&code))?;
        if state.key == *key {
            return Err(Error::KeyTaken { organisation: code });
        }
    }
    Ok(())
}

pub(super) fn certificate_is_good(
    block: &Block<'_>,
    code: &OrganisationCode,
    digest: &Digest,
) -> Result<(), Error> {
    let state: Option<CertificateState> = block.load(&state_key::certificate(code, digest))?;
    if state.is_some_and(|s| s.status == CredentialStatus::Revoked) {
        Err(Error::CertificateRevokedBefore { digest: *digest })
    } else {
        Ok(())
    }
}

/// Rule 17: the last active organisation is not suspended, for no one could resume it.
fn someone_is_left(block: &Block<'_>, code: &OrganisationCode) -> Result<(), Error> {
    if block.active_organisations()?.iter().any(|other| other != code) {
        Ok(())
    } else {
        Err(Error::LastOrganisation { organisation: code.clone() })
    }
}

/// Rule 17, for rules: a block must hold a record of any permitted size.
fn workable(rules: &Rules) -> Result<(), Error> {
    let Rules { max_block_records, max_block_bytes, max_lifetime } = rules;
    let most = 16 << 20;
    let record = 64 << 10;
    if *max_block_records >= 1 && (record..=most).contains(max_block_bytes) && *max_lifetime >= 100
    {
        Ok(())
    } else {
        Err(Error::RulesUnworkable)
    }
}

/// Applies a change to the list of validators; other changes leave it alone.
fn change_validators(
    block: &Block<'_>,
    leaf: &mut Validators,
    change: &Change,
) -> Result<(), Error> {
    let list = &mut leaf.validators;
    let unknown = || Error::ValidatorUnknown;
    match change {
        Change::AddValidator(new) => {
            if block.organisation(&new.organisation)?.is_none() {
                let organisation = new.organisation.clone();
                return Err(Error::OrganisationUnknown { organisation });
            }
            if list.iter().any(|v| v.key == new.key || v.peer_id == new.peer_id) {
                return Err(Error::ValidatorTwice);
            }
            in_range(new.power)?;
            if list.len() >= MAX_VALIDATORS {
                return Err(Error::TooMany { what: "validators", max: MAX_VALIDATORS });
            }
            list.push(new.clone());
            list.sort_by_key(order);
        }
        Change::RemoveValidator(key) => {
            let at = list.iter().position(|v| v.key == *key).ok_or_else(unknown)?;
            list.remove(at);
        }
        Change::ReweighValidator(ValidatorPower { key, power }) => {
            in_range(*power)?;
            let validator = list.iter_mut().find(|v| v.key == *key).ok_or_else(unknown)?;
            validator.power = *power;
        }
        _ => {}
    }
    Ok(())
}

/// The order of a validator set.
pub(crate) fn order(validator: &NewValidator) -> (OrganisationCode, [u8; 65]) {
    (validator.organisation.clone(), validator.key.to_sec1())
}

fn in_range(power: u64) -> Result<(), Error> {
    if (1..=MAX_POWER).contains(&power) {
        Ok(())
    } else {
        Err(Error::PowerRange { max: MAX_POWER, found: power })
    }
}

/// Rule 18: those who validate already hold a quorum of the new set. Newcomers may not be running yet, and a set that waits
/// for them would never decide again, not even on another change.
fn quorum_is_left(before: &Validators, after: &Validators) -> Result<(), Error> {
    let total: u128 = after.validators.iter().map(|v| u128::from(v.power)).sum();
    let stayed = |v: &&NewValidator| before.validators.iter().any(|b| b.key == v.key);
    let kept: u128 = after.validators.iter().filter(stayed).map(|v| u128::from(v.power)).sum();
    if kept * 3 > total * 2 { Ok(()) } else { Err(Error::NoQuorumLeft { kept, total }) }
}
