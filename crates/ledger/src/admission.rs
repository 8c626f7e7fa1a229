//! What holds for every record, whatever it does: rules 1 to 9.

use yinxin_gm::sm3;
use yinxin_record::{
    BusinessState, CertificateState, CredentialStatus, OrganisationState, OrganisationStatus,
    Record, Tbs, Wire, key_id, state_key,
};

use crate::{
    Admission, Error,
    block::{Block, Entry},
    rules,
};

/// Executes one record, or refuses it before anything is written.
pub(crate) fn admit(
    block: &mut Block<'_>,
    position: u32,
    bytes: &[u8],
) -> Result<Admission, Error> {
    let record = Record::from_der(bytes).map_err(|e| Error::Record(e.into()))?; // rule 1
    let id = record.id();
    let tbs = &record.tbs;
    in_its_place(block, tbs)?;
    not_used_before(block, &record)?;
    let sender = sender(block, tbs)?;
    signed(&record, &sender)?;
    let organisation = &tbs.organisation;
    let entry = Entry { id, position, organisation, sender: &sender };
    rules::act(block, &entry, &tbs.act)?;
    let used = BusinessState { record: id, height: block.at.height };
    block.store(state_key::business(organisation, &tbs.business_key), &used);
    entry.index_organisation(block);
    Ok(Admission {
        id,
        hash: sm3::digest(bytes),
        organisation: organisation.to_string(),
        last_valid_height: tbs.last_valid_height,
    })
}

/// Rules 2 to 4: this ledger, not too late, not too far ahead.
fn in_its_place(block: &Block<'_>, tbs: &Tbs) -> Result<(), Error> {
    let at = block.at;
    if tbs.chain_id != at.chain_id {
        return Err(Error::OtherLedger { expected: at.chain_id, found: tbs.chain_id });
    }
    let last_valid_height = tbs.last_valid_height;
    if last_valid_height < at.height {
        return Err(Error::Expired { last_valid_height, height: at.height });
    }
    let max = at.height.saturating_add(block.rules()?.max_lifetime);
    if last_valid_height > max {
        return Err(Error::LifetimeTooLong { max, found: last_valid_height });
    }
    Ok(())
}

/// Rule 5: one business key, one record.
fn not_used_before(block: &Block<'_>, record: &Record) -> Result<(), Error> {
    let Tbs { organisation, business_key, .. } = &record.tbs;
    let used: Option<BusinessState> =
        block.load(&state_key::business(organisation, business_key))?;
    match used {
        None => Ok(()),
        Some(used) if used.record == record.id() => {
            Err(Error::AlreadyCommitted { record: used.record, height: used.height })
        }
        Some(used) => Err(Error::BusinessKeyUsed { record: used.record, height: used.height }),
    }
}

/// Rules 6 to 8: a member, not suspended, its certificate not revoked.
fn sender(block: &Block<'_>, tbs: &Tbs) -> Result<OrganisationState, Error> {
    let code = &tbs.organisation;
    let organisation = block
        .organisation(code)?
        .ok_or_else(|| Error::OrganisationUnknown { organisation: code.clone() })?;
    let suspended = |until| Error::OrganisationSuspended { organisation: code.clone(), until };
    if organisation.status != OrganisationStatus::Active {
        return Err(suspended(None));
    }
    if let Some(until) = block.emergency(code)? {
        return Err(suspended(Some(until)));
    }
    let certificate: Option<CertificateState> =
        block.load(&state_key::certificate(code, &organisation.certificate))?;
    if certificate.is_some_and(|c| c.status == CredentialStatus::Revoked) {
        return Err(Error::CertificateRevoked { organisation: code.clone() });
    }
    Ok(organisation)
}

/// Rule 9: signed with the key that the member has now.
fn signed(record: &Record, sender: &OrganisationState) -> Result<(), Error> {
    let expected = key_id(&sender.key);
    let found = record.tbs.signer;
    if expected != found {
        return Err(Error::OtherKey { expected, found });
    }
    record.verify(&sender.key).map_err(Error::Record)
}
