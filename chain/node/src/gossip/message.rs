//! What the mempools of two nodes say to each other.

use std::io;

use async_trait::async_trait;
use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use libp2p::{StreamProtocol, request_response};
use yinxin_engine::wire::{
    MAX_BODY, MAX_RECORD, MAX_RECORDS, Reader, WireError, get_address, put_bytes, whole,
};
use yinxin_engine::{Address, Signature};

/// Most bytes of a message: a block's worth of records and their lengths.
const MAX_MESSAGE: usize = MAX_BODY + 4 * MAX_RECORDS + 16;

/// Where a node is, and what it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// Drawn anew by every process.
    pub(crate) session: u64,
    /// Its last block.
    pub(crate) head: u64,
    /// Its validator's address and signature over the wish to start the next height, if it has that wish.
    pub(crate) wake: Option<(Address, Signature)>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// Records that wait to be committed.
    Records(Vec<Vec<u8>>),
    /// Where the sender is.
    Hello(Hello),
}

/// The answer to any message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ack {
    /// Two processes speak with the sender's key.
    pub(crate) twin: bool,
}

impl Message {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Records(records) => {
                out.push(1);
                for record in records {
                    put_bytes(&mut out, record);
                }
            }
            Self::Hello(Hello { session, head, wake }) => {
                out.push(2);
                out.extend(session.to_be_bytes());
                out.extend(head.to_be_bytes());
                out.push(u8::from(wake.is_some()));
                if let Some((address, signature)) = wake {
                    out.extend(address.0.as_bytes());
                    out.extend(signature.0);
                }
            }
        }
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        whole(bytes, |reader| match reader.u8()? {
            1 => records(reader).map(Self::Records),
            2 => {
                let session = reader.u64()?;
                let head = reader.u64()?;
                let wake = match reader.u8()? {
                    0 => None,
                    1 => Some((get_address(reader)?, Signature(reader.array()?))),
                    _ => return Err(WireError::Invalid("wake")),
                };
                Ok(Self::Hello(Hello { session, head, wake }))
            }
            _ => Err(WireError::Invalid("message kind")),
        })
    }
}

fn records(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, WireError> {
    let mut records = Vec::new();
    while !reader.is_empty() {
        if records.len() == MAX_RECORDS {
            return Err(WireError::Invalid("number of records"));
        }
        records.push(reader.bytes("record", MAX_RECORD)?.to_vec());
    }
    Ok(records)
}

/// The messages on a libp2p stream, which ends after each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire;

async fn read_all<T: AsyncRead + Unpin + Send>(io: &mut T, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(limit).expect("a usize fits");
    io.take(limit + 1).read_to_end(&mut bytes).await?;
    if u64::try_from(bytes.len()).expect("a usize fits") > limit {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "message too long"));
    }
    Ok(bytes)
}

async fn write_all<T: AsyncWrite + Unpin + Send>(io: &mut T, bytes: &[u8]) -> io::Result<()> {
    io.write_all(bytes).await?;
    io.close().await
}

#[async_trait]
impl request_response::Codec for Wire {
    type Protocol = StreamProtocol;
    type Request = Message;
    type Response = Ack;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Message>
    where
        T: AsyncRead + Unpin + Send,
    {
        let bytes = read_all(io, MAX_MESSAGE).await?;
        Message::decode(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Ack>
    where
        T: AsyncRead + Unpin + Send,
    {
        match read_all(io, 1).await?.as_slice() {
            [0] => Ok(Ack { twin: false }),
            [1] => Ok(Ack { twin: true }),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "not an acknowledgement")),
        }
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        message: Message,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write_all(io, &message.encode()).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        ack: Ack,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write_all(io, &[u8::from(ack.twin)]).await
    }
}

#[cfg(test)]
mod tests {
    use yinxin_gm::Digest;

    use super::*;

    #[test]
    fn messages_read_back_and_every_truncation_is_refused() {
        let wake = Some((Address(Digest([1; 32])), Signature([2; 64])));
        let messages = [
            Message::Hello(Hello { session: 1, head: 2, wake: None }),
            Message::Hello(Hello { session: 1, head: 2, wake }),
            Message::Records(vec![vec![1, 2, 3]]),
        ];
        for message in messages {
            let bytes = message.encode();
            assert_eq!(Message::decode(&bytes), Ok(message.clone()));
            for length in 2..bytes.len() {
                assert!(Message::decode(&bytes[..length]).is_err(), "{message:?} at {length}");
            }
            assert!(Message::decode(&[bytes, vec![0]].concat()).is_err());
        }
    }
}
