//! Encoders and decoders, in pairs. `put_*` append, `get_*` read in place, so that callers can nest them.

use arc_malachitebft_core_types::{
    CommitCertificate, ExtendedCommitCertificate, ExtendedCommitSignature, Height as _, NilOrVal,
    PolkaCertificate, PolkaSignature, Round, RoundCertificate, RoundCertificateType,
    RoundSignature, SignedMessage, VoteType,
};
use yinxin_gm::Digest;

use super::reader::whole;
use super::{
    CHUNK, MAX_BODY, MAX_HEADER, MAX_RECORD, MAX_RECORDS, MAX_VALIDATORS, Reader, WireError,
};
use crate::context::{Address, BlockId, Chain, Height, Part, Proposal, Signature, Vote};

/// A round that is not there; no chain gets this far.
const NO_ROUND: u32 = u32::MAX;

/// Appends a round.
pub fn put_round(out: &mut Vec<u8>, round: Round) {
    out.extend(round.as_u32().unwrap_or(NO_ROUND).to_be_bytes());
}

/// Reads a round.
///
/// # Errors
/// If the bytes end.
pub fn get_round(reader: &mut Reader<'_>) -> Result<Round, WireError> {
    Ok(match reader.u32()? {
        NO_ROUND => Round::Nil,
        round => Round::new(round),
    })
}

/// Appends a height.
pub fn put_height(out: &mut Vec<u8>, height: Height) {
    out.extend(height.as_u64().to_be_bytes());
}

/// Reads a height.
///
/// # Errors
/// If the bytes end.
pub fn get_height(reader: &mut Reader<'_>) -> Result<Height, WireError> {
    reader.u64().map(Height::new)
}

/// Reads a digest.
///
/// # Errors
/// If the bytes end.
pub fn get_digest(reader: &mut Reader<'_>) -> Result<Digest, WireError> {
    reader.array().map(Digest)
}

/// Reads an address.
///
/// # Errors
/// If the bytes end.
pub fn get_address(reader: &mut Reader<'_>) -> Result<Address, WireError> {
    get_digest(reader).map(Address)
}

fn get_signature(reader: &mut Reader<'_>) -> Result<Signature, WireError> {
    reader.array().map(Signature)
}

fn put_value(out: &mut Vec<u8>, value: &NilOrVal<Digest>) {
    match value {
        NilOrVal::Nil => out.push(0),
        NilOrVal::Val(id) => {
            out.push(1);
            out.extend(id.as_bytes());
        }
    }
}

fn get_value(reader: &mut Reader<'_>) -> Result<NilOrVal<Digest>, WireError> {
    match reader.u8()? {
        0 => Ok(NilOrVal::Nil),
        1 => get_digest(reader).map(NilOrVal::Val),
        _ => Err(WireError::Invalid("vote value")),
    }
}

const fn kind_byte(kind: VoteType) -> u8 {
    match kind {
        VoteType::Prevote => 1,
        VoteType::Precommit => 2,
    }
}

fn get_kind(reader: &mut Reader<'_>) -> Result<VoteType, WireError> {
    match reader.u8()? {
        1 => Ok(VoteType::Prevote),
        2 => Ok(VoteType::Precommit),
        _ => Err(WireError::Invalid("vote type")),
    }
}

/// Appends a signed vote.
pub fn put_vote(out: &mut Vec<u8>, vote: &SignedMessage<Chain, Vote>) {
    let Vote { kind, height, round, value, address } = &vote.message;
    out.push(kind_byte(*kind));
    put_height(out, *height);
    put_round(out, *round);
    put_value(out, value);
    out.extend(address.0.as_bytes());
    out.extend(vote.signature.0);
}

/// Reads a signed vote; a vote always has a round.
///
/// # Errors
/// Whatever is wrong with it.
pub fn get_vote(reader: &mut Reader<'_>) -> Result<SignedMessage<Chain, Vote>, WireError> {
    let kind = get_kind(reader)?;
    let height = get_height(reader)?;
    let round = get_defined_round(reader)?;
    let value = get_value(reader)?;
    let address = get_address(reader)?;
    Ok(SignedMessage::new(Vote { kind, height, round, value, address }, get_signature(reader)?))
}

fn get_defined_round(reader: &mut Reader<'_>) -> Result<Round, WireError> {
    match get_round(reader)? {
        Round::Nil => Err(WireError::Invalid("round")),
        round => Ok(round),
    }
}

/// Appends a signed proposal.
pub fn put_proposal(out: &mut Vec<u8>, proposal: &SignedMessage<Chain, Proposal>) {
    let Proposal { height, round, value, pol_round, address } = &proposal.message;
    put_height(out, *height);
    put_round(out, *round);
    out.extend(value.0.as_bytes());
    put_round(out, *pol_round);
    out.extend(address.0.as_bytes());
    out.extend(proposal.signature.0);
}

/// Reads a signed proposal.
///
/// # Errors
/// Whatever is wrong with it.
pub fn get_proposal(reader: &mut Reader<'_>) -> Result<SignedMessage<Chain, Proposal>, WireError> {
    let height = get_height(reader)?;
    let round = get_defined_round(reader)?;
    let value = BlockId(get_digest(reader)?);
    let pol_round = get_round(reader)?;
    if pol_round >= round {
        return Err(WireError::Invalid("proof-of-lock round"));
    }
    let address = get_address(reader)?;
    let proposal = Proposal { height, round, value, pol_round, address };
    Ok(SignedMessage::new(proposal, get_signature(reader)?))
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend(u16::try_from(count).expect("never more than MAX_VALIDATORS").to_be_bytes());
}

/// Appends a proof that a quorum prevoted a block.
pub fn put_polka(out: &mut Vec<u8>, polka: &PolkaCertificate<Chain>) {
    put_height(out, polka.height);
    put_round(out, polka.round);
    out.extend(polka.value_id.as_bytes());
    put_count(out, polka.polka_signatures.len());
    for signature in &polka.polka_signatures {
        out.extend(signature.address.0.as_bytes());
        out.extend(signature.signature.0);
    }
}

/// Reads a proof that a quorum prevoted a block.
///
/// # Errors
/// Whatever is wrong with it.
pub fn get_polka(reader: &mut Reader<'_>) -> Result<PolkaCertificate<Chain>, WireError> {
    let height = get_height(reader)?;
    let round = get_defined_round(reader)?;
    let value_id = get_digest(reader)?;
    let polka_signatures = get_list(reader, |reader| {
        Ok(PolkaSignature::new(get_address(reader)?, get_signature(reader)?))
    })?;
    Ok(PolkaCertificate { height, round, value_id, polka_signatures })
}

fn get_list<T>(
    reader: &mut Reader<'_>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    // Two votes of each validator at most stand in any certificate.
    let count = reader.count("signatures", 2 * MAX_VALIDATORS)?;
    (0..count).map(|_| read(reader)).collect()
}

/// Appends a proof that a round is over.
pub fn put_round_certificate(out: &mut Vec<u8>, certificate: &RoundCertificate<Chain>) {
    put_height(out, certificate.height);
    put_round(out, certificate.round);
    out.push(match certificate.cert_type {
        RoundCertificateType::Skip => 0,
        RoundCertificateType::Precommit => 1,
    });
    put_count(out, certificate.round_signatures.len());
    for signature in &certificate.round_signatures {
        out.push(kind_byte(signature.vote_type));
        put_value(out, &signature.value_id);
        out.extend(signature.address.0.as_bytes());
        out.extend(signature.signature.0);
    }
}

/// Reads a proof that a round is over.
///
/// # Errors
/// Whatever is wrong with it.
pub fn get_round_certificate(
    reader: &mut Reader<'_>,
) -> Result<RoundCertificate<Chain>, WireError> {
    let height = get_height(reader)?;
    let round = get_defined_round(reader)?;
    let cert_type = match reader.u8()? {
        0 => RoundCertificateType::Skip,
        1 => RoundCertificateType::Precommit,
        _ => return Err(WireError::Invalid("round certificate type")),
    };
    let round_signatures = get_list(reader, |reader| {
        let kind = get_kind(reader)?;
        let value = get_value(reader)?;
        Ok(RoundSignature::new(kind, value, get_address(reader)?, get_signature(reader)?))
    })?;
    Ok(RoundCertificate { height, round, cert_type, round_signatures })
}

/// Appends a commit certificate.
pub fn put_commit(out: &mut Vec<u8>, certificate: &CommitCertificate<Chain>) {
    put_height(out, certificate.height);
    put_round(out, certificate.round);
    out.extend(certificate.value_id.as_bytes());
    put_count(out, certificate.commit_signatures.len());
    for signature in &certificate.commit_signatures {
        out.extend(signature.address.0.as_bytes());
        out.extend(signature.signature.0);
    }
}

/// Reads a commit certificate, in the form that sync uses. There are no vote extensions.
///
/// # Errors
/// Whatever is wrong with it.
pub fn get_commit(reader: &mut Reader<'_>) -> Result<ExtendedCommitCertificate<Chain>, WireError> {
    let height = get_height(reader)?;
    let round = get_defined_round(reader)?;
    let value_id = get_digest(reader)?;
    let commit_signatures = get_list(reader, |reader| {
        Ok(ExtendedCommitSignature::new(get_address(reader)?, get_signature(reader)?, None))
    })?;
    Ok(ExtendedCommitCertificate { height, round, value_id, commit_signatures })
}

/// Appends a proposal part.
pub fn put_part(out: &mut Vec<u8>, part: &Part) {
    match part {
        Part::Init { height, round, proposer, value, header, body_length, signature } => {
            out.push(0);
            put_height(out, *height);
            put_round(out, *round);
            out.extend(proposer.0.as_bytes());
            out.extend(value.as_bytes());
            put_bytes(out, header);
            out.extend(body_length.to_be_bytes());
            out.extend(signature.0);
        }
        Part::Data { index, bytes, last } => {
            out.push(1);
            out.extend(index.to_be_bytes());
            out.push(u8::from(*last));
            put_bytes(out, bytes);
        }
    }
}

/// Reads a proposal part.
///
/// # Errors
/// Whatever is wrong with it.
pub fn get_part(reader: &mut Reader<'_>) -> Result<Part, WireError> {
    match reader.u8()? {
        0 => {
            let height = get_height(reader)?;
            let round = get_defined_round(reader)?;
            let proposer = get_address(reader)?;
            let value = get_digest(reader)?;
            let header = reader.bytes("header", MAX_HEADER)?.to_vec();
            let body_length = reader.u32()?;
            let length = usize::try_from(body_length).unwrap_or(usize::MAX);
            if length > MAX_BODY {
                return Err(WireError::TooLong { what: "body", length, limit: MAX_BODY });
            }
            let signature = get_signature(reader)?;
            Ok(Part::Init { height, round, proposer, value, header, body_length, signature })
        }
        1 => {
            let index = reader.u16()?;
            let last = get_bool(reader)?;
            Ok(Part::Data { index, bytes: reader.bytes("part", CHUNK)?.to_vec(), last })
        }
        _ => Err(WireError::Invalid("part kind")),
    }
}

/// Reads a truth value: 0 or 1, nothing else.
///
/// # Errors
/// On any other byte.
pub fn get_bool(reader: &mut Reader<'_>) -> Result<bool, WireError> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(WireError::Invalid("truth value")),
    }
}

/// Appends bytes behind their length.
///
/// # Panics
/// On more than 4 GiB, which no caller has.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u32::try_from(bytes.len()).expect("limits are far below 4 GiB").to_be_bytes());
    out.extend(bytes);
}

/// The body of a block: its records, each behind its length.
#[must_use]
pub fn encode_body(records: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(records.iter().map(|record| record.len() + 4).sum());
    for record in records {
        put_bytes(&mut out, record);
    }
    out
}

/// The records of a body.
///
/// # Errors
/// On an empty or oversized record, or too many of them.
pub fn decode_body(bytes: &[u8]) -> Result<Vec<Vec<u8>>, WireError> {
    if bytes.len() > MAX_BODY {
        return Err(WireError::TooLong { what: "body", length: bytes.len(), limit: MAX_BODY });
    }
    let mut reader = Reader::new(bytes);
    let mut records = Vec::new();
    while !reader.is_empty() {
        if records.len() == MAX_RECORDS {
            return Err(WireError::TooLong {
                what: "records",
                length: MAX_RECORDS + 1,
                limit: MAX_RECORDS,
            });
        }
        let record = reader.bytes("record", MAX_RECORD)?;
        if record.is_empty() {
            return Err(WireError::Invalid("empty record"));
        }
        records.push(record.to_vec());
    }
    Ok(records)
}

/// A whole block as sync carries it and the store keeps it undecided: header, then body.
#[must_use]
pub fn encode_block(header: &[u8], body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(header.len() + body.len() + 8);
    put_bytes(&mut out, header);
    put_bytes(&mut out, body);
    out
}

/// Splits a block into its header's DER and its body.
///
/// # Errors
/// If it is not exactly that.
pub fn decode_block(bytes: &[u8]) -> Result<(&[u8], &[u8]), WireError> {
    whole(bytes, |reader| {
        Ok((reader.bytes("header", MAX_HEADER)?, reader.bytes("body", MAX_BODY)?))
    })
}
