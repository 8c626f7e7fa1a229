//! Classes, formulas, the keys of subjects and the secrets of custodians: rules 90 to 92 and 115.

use yinxin_gm::Digest;
use yinxin_record::{
    ClassCode, ClassReference, ClassState, Date, KeepPseudonyms, OrganisationCode, Power,
    PseudonymState, PublishClass, PublishFormula, SetSubjectKey, SubjectKeyState, state_key,
};

use super::{day_in, needs, only, takes_part, today};
use crate::{
    CreditError, Error,
    block::{Block, Entry},
    rules::{Marks, change},
};

/// Rule 90: a class is published by an authority; versions are 1, 2, 3, each judging from a later day than the one before. Until its
/// day the newest one is published anew by whoever published it: nothing was judged by it yet, and a wrong day must not bar all others.
pub(super) fn publish(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &PublishClass,
) -> Result<(), Error> {
    needs(entry, Power::CreditAuthority)?;
    let key = state_key::credit_class(&act.code);
    let from = |block: &Block<'_>, version| {
        let key = state_key::credit_class_version(&act.code, version);
        block.expect::<PublishClass>(&key).map(|class| class.valid_from)
    };
    in_turn(block, entry, &key, (act.version, act.valid_from), from)?;
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
    let from = |block: &Block<'_>, version| {
        let key = state_key::credit_formula_version(&act.code, version);
        block.expect::<PublishFormula>(&key).map(|formula| formula.valid_from)
    };
    in_turn(block, entry, &key, (act.version, act.valid_from), from)?;
    block.store(state_key::credit_formula_version(&act.code, act.version), act);
    put(block, entry, key, act.version);
    mark(block, entry, &act.code, &act.definition);
    Ok(())
}

/// The version is the next one, or the newest one anew before its day by whoever published it; it begins after the one before it.
fn in_turn(
    block: &Block<'_>,
    entry: &Entry<'_>,
    key: &[u8],
    (found, valid_from): (u32, Date),
    from: impl Fn(&Block<'_>, u32) -> Result<Date, Error>,
) -> Result<(), Error> {
    let newest: Option<ClassState> = block.load(key)?;
    let expected = newest.as_ref().map_or(0, |state| state.version).saturating_add(1);
    if let Some(state) = newest.filter(|state| state.version == found) {
        if from(block, found)? <= today(block) {
            return Err(CreditError::VersionOther { expected, found }.into());
        }
        only(entry, &state.authority)?;
    } else if found != expected {
        return Err(CreditError::VersionOther { expected, found }.into());
    }
    if found == 1 {
        return Ok(());
    }
    let before = from(block, found - 1)?;
    day_in("valid from", valid_from, before.plus_days(1), before.plus_months(1200))
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
    Marks::new().uses_of(&act.subject).digest(&act.certificate).write(block, entry);
    Ok(())
}

/// Rule 115: a custodian of people's pseudonyms says once which secret it makes them with.
pub(super) fn keep_pseudonyms(
    block: &mut Block<'_>,
    entry: &Entry<'_>,
    act: &KeepPseudonyms,
) -> Result<(), Error> {
    takes_part(entry)?;
    let key = state_key::credit_pseudonyms(entry.organisation);
    if block.load::<PseudonymState>(&key)?.is_some() {
        let authority = entry.organisation.to_string();
        return Err(CreditError::SecretKnown { custodian: authority }.into());
    }
    block.store(key, &PseudonymState { check: act.check, height: block.at.height });
    Marks::new().digest(&act.check).write(block, entry);
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
