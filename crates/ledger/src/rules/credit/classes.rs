//! Classes, formulas, and the keys of subjects: rules 90 to 92.

use yinxin_gm::Digest;
use yinxin_record::{
    ClassCode, ClassReference, ClassState, Date, OrganisationCode, Power, PublishClass,
    PublishFormula, SetSubjectKey, SubjectKeyState, state_key,
};

use super::{day_in, needs};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::{Marks, change},
};

/// Rule 90: a class is published by an authority; versions are 1, 2, 3, each judging from a later day than the one before.
pub(super) fn publish(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &PublishClass,
) -> Result<(), Error> {
    needs(entry, Power::CreditAuthority)?;
    let key = state_key::credit_class(&act.code);
    let newest = next_version(block, &key, act.version)?;
    if let Some(version) = newest {
        let old: PublishClass =
            block.expect(&state_key::credit_class_version(&act.code, version))?;
        later(act.valid_from, old.valid_from)?;
    }
    block.store(state_key::credit_class_version(&act.code, act.version), act);
    put(block, entry, key, act.version);
    mark(block, entry, &act.code, &act.definition);
    Ok(())
}

/// Rule 91: a formula likewise.
pub(super) fn formula(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &PublishFormula,
) -> Result<(), Error> {
    needs(entry, Power::CreditAuthority)?;
    let key = state_key::credit_formula(&act.code);
    let newest = next_version(block, &key, act.version)?;
    if let Some(version) = newest {
        let old: PublishFormula =
            block.expect(&state_key::credit_formula_version(&act.code, version))?;
        later(act.valid_from, old.valid_from)?;
    }
    block.store(state_key::credit_formula_version(&act.code, act.version), act);
    put(block, entry, key, act.version);
    mark(block, entry, &act.code, &act.definition);
    Ok(())
}

/// The newest version so far, if the next one is the one that comes.
fn next_version(block: &Block<'_>, key: &[u8], found: u32) -> Result<Option<u32>, Error> {
    let newest = block.load::<ClassState>(key)?.map(|state| state.version);
    let expected = newest.unwrap_or(0).saturating_add(1);
    if found == expected {
        Ok(newest)
    } else {
        Err(CreditError::VersionOther { expected, found }.into())
    }
}

fn later(found: Date, before: Date) -> Result<(), Error> {
    day_in("valid from", found, before.plus_days(1), before.plus_months(1200))
}

fn put(block: &mut Block<'_>, entry: &Entry<'_>, key: Vec<u8>, version: u32) {
    let authority = entry.organisation.clone();
    block.store(key, &ClassState { version, authority, height: block.at.height });
}

fn mark(block: &mut Block<'_>, entry: &Entry<'_>, code: &ClassCode, definition: &Digest) {
    Marks::new().class(code).digest(definition).write(block, entry);
}

/// Rule 92: an authority says which key a subject signs with; it is no member's, and its certificate is not revoked.
pub(super) fn subject_key(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &SetSubjectKey,
) -> Result<(), Error> {
    needs(entry, Power::CreditAuthority)?;
    change::key_is_free(block, &act.key)?;
    change::certificate_is_good(block, &act.issuer, &act.certificate)?;
    let state = SubjectKeyState {
        key: act.key,
        issuer: act.issuer.clone(),
        certificate: act.certificate,
        registrar: entry.organisation.clone(),
        height: block.at.height,
    };
    block.store(state_key::credit_key(&act.subject), &state);
    super::used(block, entry, &act.subject)?;
    Marks::new().credit_of(&act.subject).digest(&act.certificate).write(block, entry);
    Ok(())
}

/// Rule 93: the class is published, and the sender may record items of it. Rule 94: the version judges decisions of that day,
/// which ends where the next version begins.
pub(super) fn judging(
    block: &Block<'_>,
    who: &OrganisationCode,
    of: &ClassReference,
    decided: Date,
) -> Result<PublishClass, Error> {
    let class = recorded_by(block, who, of)?;
    let newest: ClassState = block.expect(&state_key::credit_class(&of.code))?;
    let mut until = class.valid_until;
    if of.version < newest.version {
        let key = state_key::credit_class_version(&of.code, of.version + 1);
        let next: PublishClass = block.expect(&key)?;
        until = Some(until.map_or(next.valid_from, |until| until.min(next.valid_from)));
    }
    if class.valid_from <= decided && until.is_none_or(|until| decided < until) {
        return Ok(class);
    }
    let from = class.valid_from;
    Err(CreditError::ClassNotInForce { class: of.clone(), from, until, found: decided }.into())
}

/// Rule 93.
pub(super) fn recorded_by(
    block: &Block<'_>,
    who: &OrganisationCode,
    of: &ClassReference,
) -> Result<PublishClass, Error> {
    let class = super::class(block, of)?;
    if class.recorders.is_empty() || class.recorders.binary_search(who).is_ok() {
        Ok(class)
    } else {
        Err(Error::NotAuthority { authority: of.to_string() })
    }
}
