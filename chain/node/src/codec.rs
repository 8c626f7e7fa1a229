//! `yinxin_engine::wire` under the codec traits of Malachite's network, write-ahead log and sync.

use app::consensus::LivenessMsg;
use app::streaming::{StreamContent, StreamId, StreamMessage};
use app::types::codec::{Codec, HasEncodedLen};
use app::types::core::{PolkaCertificate, ValidatorProof, Validity};
use app::types::{PeerId, ProposedValue, SignedConsensusMsg};
use arc_malachitebft_app_channel::app;
use arc_malachitebft_sync::{
    RawDecidedValue, Request, Response, Status, ValueRequest, ValueResponse,
};
use bytes::Bytes;
use yinxin_engine::wire::{self, Reader, WireError, whole};
use yinxin_engine::{BlockId, Chain, Height, Part, Signature};

/// Most blocks in one sync answer; the engine asks for five at a time.
const MAX_BATCH: usize = 64;

/// Longest id of a stream: height and round.
const MAX_STREAM_ID: usize = 16;

/// Longest peer id: a multihash of an inlined ed25519 key has 38 bytes.
const MAX_PEER: usize = 64;

/// The one codec of the node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeCodec;

macro_rules! codec {
    ($type:ty, $put:expr, $get:expr) => {
        impl Codec<$type> for NodeCodec {
            type Error = WireError;

            fn encode(&self, value: &$type) -> Result<Bytes, WireError> {
                let mut out = Vec::new();
                let put: fn(&mut Vec<u8>, &$type) = $put;
                put(&mut out, value);
                Ok(out.into())
            }

            fn decode(&self, bytes: Bytes) -> Result<$type, WireError> {
                let get: fn(&mut Reader<'_>) -> Result<$type, WireError> = $get;
                whole(&bytes, get)
            }
        }
    };
}

codec!(Part, wire::put_part, wire::get_part);
codec!(PolkaCertificate<Chain>, wire::put_polka, wire::get_polka);
codec!(SignedConsensusMsg<Chain>, put_consensus, get_consensus);
codec!(LivenessMsg<Chain>, put_liveness, get_liveness);
codec!(StreamMessage<Part>, put_stream, get_stream);
codec!(ValidatorProof<Chain>, put_proof, get_proof);
codec!(ProposedValue<Chain>, put_proposed, get_proposed);
codec!(Status<Chain>, put_status, get_status);
codec!(Request<Chain>, put_request, get_request);
codec!(Response<Chain>, put_response, get_response);

impl HasEncodedLen<Response<Chain>> for NodeCodec {
    fn encoded_len(&self, response: &Response<Chain>) -> Result<usize, WireError> {
        self.encode(response).map(|bytes| bytes.len())
    }
}

fn put_consensus(out: &mut Vec<u8>, message: &SignedConsensusMsg<Chain>) {
    match message {
        SignedConsensusMsg::Vote(vote) => {
            out.push(1);
            wire::put_vote(out, vote);
        }
        SignedConsensusMsg::Proposal(proposal) => {
            out.push(2);
            wire::put_proposal(out, proposal);
        }
    }
}

fn get_consensus(reader: &mut Reader<'_>) -> Result<SignedConsensusMsg<Chain>, WireError> {
    match reader.u8()? {
        1 => wire::get_vote(reader).map(SignedConsensusMsg::Vote),
        2 => wire::get_proposal(reader).map(SignedConsensusMsg::Proposal),
        _ => Err(WireError::Invalid("consensus message")),
    }
}

fn put_liveness(out: &mut Vec<u8>, message: &LivenessMsg<Chain>) {
    match message {
        LivenessMsg::Vote(vote) => {
            out.push(1);
            wire::put_vote(out, vote);
        }
        LivenessMsg::PolkaCertificate(polka) => {
            out.push(2);
            wire::put_polka(out, polka);
        }
        LivenessMsg::SkipRoundCertificate(certificate) => {
            out.push(3);
            wire::put_round_certificate(out, certificate);
        }
    }
}

fn get_liveness(reader: &mut Reader<'_>) -> Result<LivenessMsg<Chain>, WireError> {
    match reader.u8()? {
        1 => wire::get_vote(reader).map(LivenessMsg::Vote),
        2 => wire::get_polka(reader).map(LivenessMsg::PolkaCertificate),
        3 => wire::get_round_certificate(reader).map(LivenessMsg::SkipRoundCertificate),
        _ => Err(WireError::Invalid("liveness message")),
    }
}

fn put_stream(out: &mut Vec<u8>, message: &StreamMessage<Part>) {
    wire::put_bytes(out, &message.stream_id.to_bytes());
    out.extend(message.sequence.to_be_bytes());
    match &message.content {
        StreamContent::Data(part) => {
            out.push(1);
            wire::put_part(out, part);
        }
        StreamContent::Fin => out.push(0),
    }
}

fn get_stream(reader: &mut Reader<'_>) -> Result<StreamMessage<Part>, WireError> {
    let id = StreamId::new(reader.bytes("stream id", MAX_STREAM_ID)?.to_vec().into());
    let sequence = reader.u64()?;
    let content = match reader.u8()? {
        0 => StreamContent::Fin,
        1 => StreamContent::Data(wire::get_part(reader)?),
        _ => return Err(WireError::Invalid("stream content")),
    };
    Ok(StreamMessage::new(id, sequence, content))
}

fn put_proof(out: &mut Vec<u8>, proof: &ValidatorProof<Chain>) {
    wire::put_bytes(out, &proof.public_key);
    wire::put_bytes(out, &proof.peer_id);
    out.extend(proof.signature.0);
}

fn get_proof(reader: &mut Reader<'_>) -> Result<ValidatorProof<Chain>, WireError> {
    let key = reader.bytes("public key", 65)?.to_vec();
    let peer = reader.bytes("peer id", MAX_PEER)?.to_vec();
    Ok(ValidatorProof::new(key, peer, Signature(reader.array()?)))
}

fn put_proposed(out: &mut Vec<u8>, value: &ProposedValue<Chain>) {
    wire::put_height(out, value.height);
    wire::put_round(out, value.round);
    wire::put_round(out, value.valid_round);
    out.extend(value.proposer.0.as_bytes());
    out.extend(value.value.0.as_bytes());
    out.push(u8::from(value.validity == Validity::Valid));
}

fn get_proposed(reader: &mut Reader<'_>) -> Result<ProposedValue<Chain>, WireError> {
    Ok(ProposedValue {
        height: wire::get_height(reader)?,
        round: wire::get_round(reader)?,
        valid_round: wire::get_round(reader)?,
        proposer: wire::get_address(reader)?,
        value: BlockId(wire::get_digest(reader)?),
        validity: Validity::from_bool(wire::get_bool(reader)?),
    })
}

fn put_status(out: &mut Vec<u8>, status: &Status<Chain>) {
    wire::put_bytes(out, &status.peer_id.to_bytes());
    wire::put_height(out, status.tip_height);
    wire::put_height(out, status.history_min_height);
}

fn get_status(reader: &mut Reader<'_>) -> Result<Status<Chain>, WireError> {
    let peer = reader.bytes("peer id", MAX_PEER)?;
    let peer_id = PeerId::from_bytes(peer).map_err(|_| WireError::Invalid("peer id"))?;
    let tip_height = wire::get_height(reader)?;
    let history_min_height = wire::get_height(reader)?;
    Ok(Status { peer_id, tip_height, history_min_height })
}

fn put_request(out: &mut Vec<u8>, request: &Request<Chain>) {
    let Request::ValueRequest(request) = request;
    wire::put_height(out, *request.range.start());
    wire::put_height(out, *request.range.end());
}

fn get_request(reader: &mut Reader<'_>) -> Result<Request<Chain>, WireError> {
    let range = wire::get_height(reader)?..=wire::get_height(reader)?;
    Ok(Request::ValueRequest(ValueRequest::new(range)))
}

fn put_response(out: &mut Vec<u8>, response: &Response<Chain>) {
    let Response::ValueResponse(response) = response;
    wire::put_height(out, response.start_height);
    out.extend(u16::try_from(response.values.len()).unwrap_or(u16::MAX).to_be_bytes());
    for value in &response.values {
        wire::put_commit(out, &value.certificate.trim_vote_extensions());
        wire::put_bytes(out, &value.value_bytes);
    }
}

fn get_response(reader: &mut Reader<'_>) -> Result<Response<Chain>, WireError> {
    /// Header, body and their lengths.
    const MAX_BLOCK: usize = wire::MAX_HEADER + wire::MAX_BODY + 8;
    let start_height: Height = wire::get_height(reader)?;
    let count = reader.count("blocks", MAX_BATCH)?;
    let mut values = Vec::new();
    for _ in 0..count {
        let certificate = wire::get_commit(reader)?;
        let block = reader.bytes("block", MAX_BLOCK)?.to_vec();
        values.push(RawDecidedValue::new(block.into(), certificate));
    }
    Ok(Response::ValueResponse(ValueResponse::new(start_height, values)))
}
