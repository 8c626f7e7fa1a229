//! Entries of the journal, and where it is kept.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use yinxin_gm::Digest;
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};
use yinxin_record::{OrganisationCode, Turn, Volume};

use super::{Crowd, Line, line};

/// Where a journal is kept. One guard writes it, and nobody else.
pub trait Journal {
    /// Appends octets. They are durable when it returns; after an error nothing is known, and the guard stops.
    ///
    /// # Errors
    /// Whatever stood in the way.
    fn append(&mut self, octets: &[u8]) -> io::Result<()>;

    /// Cuts it to a length, durably.
    ///
    /// # Errors
    /// Whatever stood in the way.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

impl Journal for File {
    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::End(0))?;
        self.write_all(octets)?;
        self.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.sync_all()
    }
}

impl<J: Journal> Journal for &mut J {
    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        (**self).append(octets)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        (**self).truncate(length)
    }
}

/// In memory, for tests.
impl Journal for Vec<u8> {
    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.extend_from_slice(octets);
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        Self::truncate(self, length);
        Ok(())
    }
}

/// Most ids of calls in one entry: as many as are told together.
pub(super) const MAX_CALLS: usize = 1024;

/// ```asn1
/// JournalEntry ::= CHOICE {
///   start [0] SEQUENCE { server UTF8String, lines INTEGER },
///   line [1] AccessLine,
///   anchored [2] SEQUENCE { grant OCTET STRING (SIZE (32)), resource UTF8String, minute INTEGER, height INTEGER },
///   cut [3] SEQUENCE { length INTEGER, digest OCTET STRING (SIZE (32)) },
///   carried [4] SEQUENCE { grant OCTET STRING (SIZE (32)), calls INTEGER, rows INTEGER, bytes INTEGER },
///   received [5] SEQUENCE { receiver UTF8String },
///   crowd [6] AccessCrowd,
///   reserved [7] SEQUENCE { envelope OCTET STRING (SIZE (32)), grant OCTET STRING (SIZE (32)), calls INTEGER, rows INTEGER,
///     bytes INTEGER, until INTEGER },
///   settled [8] SEQUENCE { envelope OCTET STRING (SIZE (32)), height INTEGER },                      -- 0: never delivered
///   opening [9] SEQUENCE { journal OCTET STRING (SIZE (32)), epoch INTEGER, place OCTET STRING (SIZE (32)) },
///   calls [10] SEQUENCE SIZE (1..1024) OF OCTET STRING (SIZE (32)),                                  -- of the crowd after it
///   neverTold [11] SEQUENCE { grant OCTET STRING (SIZE (32)), resource UTF8String, minute INTEGER } }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Whose journal it is, and how many lines were written in journals before it.
    Start { server: OrganisationCode, lines: u64 },
    /// A call.
    Line(Box<Line>),
    /// A window stands on the ledger, at this height.
    Anchored { key: super::window::Key, height: u64 },
    /// After a crash so many octets were cut off: an entry that was never whole, so that nothing left on its account.
    Cut { length: u64, digest: Digest },
    /// What was used of a grant in journals before this one.
    Carried { grant: Digest, used: Volume },
    /// The beginning of a receiver's journal: what this organisation received.
    Received { receiver: OrganisationCode },
    /// Calls that nobody proved to have signed.
    Crowd(Crowd),
    /// Volume set aside for an envelope, which is delivered at this height or before, or never.
    Reserved { envelope: Digest, grant: Digest, volume: Volume, until: u64 },
    /// The envelope stands on the ledger, at this height, or never will.
    Settled { envelope: Digest, height: Option<u64> },
    /// A start: its turn is sent to the ledger from here on, and the lines that follow are of it. Which file it is: a copy is another.
    Opening { turn: Turn, place: Digest },
    /// Ids of the calls that the next entry tells of together.
    Calls(Vec<Digest>),
    /// A window is older than the ledger takes: it is not on it, and never will be.
    NeverTold { key: super::window::Key },
}

impl Wire for Entry {
    const NAME: &'static str = "journal entry";
    /// A line with all lists full, or the ids of a crowd.
    const MAX_LEN: usize = MAX_CALLS * 34 + 64;

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Start { server, lines } => out.tagged(0, |out| {
                out.sequence(|out| {
                    out.text(server.as_str());
                    out.uint(*lines);
                });
            }),
            Self::Line(line) => out.tagged(1, |out| line.write(out)),
            Self::Anchored { key, height } => out.tagged(2, |out| {
                out.sequence(|out| {
                    out.digest(&key.grant);
                    out.text(key.resource.as_str());
                    out.uint(key.minute);
                    out.uint(*height);
                });
            }),
            Self::Cut { length, digest } => out.tagged(3, |out| {
                out.sequence(|out| {
                    out.uint(*length);
                    out.digest(digest);
                });
            }),
            Self::Carried { grant, used: Volume { calls, rows, bytes } } => {
                out.tagged(4, |out| {
                    out.sequence(|out| {
                        out.digest(grant);
                        out.uint(*calls);
                        out.uint(*rows);
                        out.uint(*bytes);
                    });
                });
            }
            Self::Received { receiver } => {
                out.tagged(5, |out| out.sequence(|out| out.text(receiver.as_str())));
            }
            Self::Crowd(crowd) => out.tagged(6, |out| crowd.write(out)),
            Self::Reserved { envelope, grant, volume: Volume { calls, rows, bytes }, until } => {
                out.tagged(7, |out| {
                    out.sequence(|out| {
                        out.digest(envelope);
                        out.digest(grant);
                        out.uint(*calls);
                        out.uint(*rows);
                        out.uint(*bytes);
                        out.uint(*until);
                    });
                });
            }
            Self::Settled { envelope, height } => out.tagged(8, |out| {
                out.sequence(|out| {
                    out.digest(envelope);
                    out.uint(height.unwrap_or(0));
                });
            }),
            Self::Opening { turn, place } => out.tagged(9, |out| {
                out.sequence(|out| {
                    out.digest(&turn.journal);
                    out.uint(turn.epoch);
                    out.digest(place);
                });
            }),
            Self::Calls(calls) => {
                out.tagged(10, |out| out.list(calls, |out, call| out.digest(call)));
            }
            Self::NeverTold { key } => out.tagged(11, |out| {
                out.sequence(|out| {
                    out.digest(&key.grant);
                    out.text(key.resource.as_str());
                    out.uint(key.minute);
                });
            }),
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        let tag = input.next_tag().ok_or(WireError::Form(Self::NAME))?;
        input.tagged(Self::NAME, tag, |input| match tag {
            0 => input.sequence("start", |input| {
                let server = OrganisationCode::new(input.text("server", 18, 18)?)
                    .map_err(|_| WireError::Value("server"))?;
                Ok(Self::Start { server, lines: input.uint("lines")? })
            }),
            1 => Line::read(input).map(|line| Self::Line(Box::new(line))),
            2 => input.sequence("anchored", |input| {
                let grant = input.digest("grant")?;
                let resource = line::resource(input)?;
                let key = super::window::Key { grant, resource, minute: input.uint("minute")? };
                Ok(Self::Anchored { key, height: input.uint("height")? })
            }),
            3 => input.sequence("cut", |input| {
                Ok(Self::Cut { length: input.uint("length")?, digest: input.digest("digest")? })
            }),
            4 => input.sequence("carried", |input| {
                let grant = input.digest("grant")?;
                Ok(Self::Carried { grant, used: volume(input)? })
            }),
            5 => input.sequence("received", |input| {
                let receiver = OrganisationCode::new(input.text("receiver", 18, 18)?)
                    .map_err(|_| WireError::Value("receiver"))?;
                Ok(Self::Received { receiver })
            }),
            6 => Crowd::read(input).map(Self::Crowd),
            7 => input.sequence("reserved", |input| {
                let (envelope, grant) = (input.digest("envelope")?, input.digest("grant")?);
                let volume = volume(input)?;
                Ok(Self::Reserved { envelope, grant, volume, until: input.uint("until")? })
            }),
            8 => input.sequence("settled", |input| {
                let envelope = input.digest("envelope")?;
                let height = input.uint("height")?;
                Ok(Self::Settled { envelope, height: (height > 0).then_some(height) })
            }),
            9 => input.sequence("opening", |input| {
                let turn = Turn { journal: input.digest("journal")?, epoch: input.uint("epoch")? };
                Ok(Self::Opening { turn, place: input.digest("place")? })
            }),
            10 => input.list("calls", 1, MAX_CALLS, |input| input.digest("call")).map(Self::Calls),
            11 => input.sequence("never told", |input| {
                let grant = input.digest("grant")?;
                let resource = line::resource(input)?;
                let minute = input.uint("minute")?;
                Ok(Self::NeverTold { key: super::window::Key { grant, resource, minute } })
            }),
            _ => Err(WireError::Form(Self::NAME)),
        })
    }
}

fn volume(input: &mut Reader<'_>) -> Result<Volume, WireError> {
    let (calls, rows) = (input.uint("calls")?, input.uint("rows")?);
    Ok(Volume { calls, rows, bytes: input.uint("bytes")? })
}
