//! The receiver's side of a call: each part is compared with its line as it comes, and noted; nothing is believed before the end.

use std::io::{Sink, Write, sink};

use yinxin_gm::{Digest, sm2::PrivateKey};
use yinxin_merkle::log::{Frontier, leaf_hash};
use yinxin_pki::Certificate;
use yinxin_record::Volume;

use super::{End, Frame, SignedCall};
use crate::{
    Error,
    access::{Journal, Line, Notebook, Outcome},
    envelope::{Content, ContentSecret, OVERHEAD},
};

/// An answer that comes in: its body goes to `W` as it is, encrypted.
#[derive(Debug)]
pub struct Receiving<'a, W> {
    call: &'a SignedCall,
    id: Digest,
    body: W,
    /// A line whose chunk is still to come.
    waiting: Option<Box<Line>>,
    lines: Frontier,
    chunks: Frontier,
    rows: u64,
    bytes: u64,
    /// The most that may come.
    most: Volume,
}

/// What a frame brought.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "it goes on, or it ended in one of three ways")]
pub enum Received {
    /// More is to come.
    More,
    /// The answer is whole.
    Whole(Box<Whole>),
    /// Nothing more comes: this is why, and the server's line of it.
    Denied(Box<Line>),
    /// The server could not go on, by this code.
    Failed(String),
}

/// A whole answer, signed by the holder of a certificate; that it is the server's, and holds, is for the caller to check.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Whole {
    /// Who signed it.
    pub server: Certificate,
    /// What the body is.
    pub content: Content,
    /// How many rows are in it, by its lines.
    pub rows: u64,
    /// The signed end, for whoever keeps it.
    pub end: End,
}

impl Receiving<'_, Sink> {
    /// Notes a refusal that came instead of an answer. Nobody signed it: only a denial of this very call is taken.
    ///
    /// # Errors
    /// [`Error::ValueBad`] for a line that tells of something served, [`Error::Mismatch`] for one of another call; nothing is noted
    /// then. [`Error::Io`].
    pub fn refused<J: Journal>(
        call: &SignedCall,
        line: Line,
        notes: &mut Notebook<J>,
    ) -> Result<(), Error> {
        let Outcome::Denied(_) = line.outcome else {
            let found = "a line of something served".to_owned();
            return Err(Error::ValueBad { what: "refusal", found });
        };
        Receiving::new(call, sink()).take(Frame::Line(Box::new(line)), notes).map(|_| ())
    }
}

impl<'a, W: Write> Receiving<'a, W> {
    /// Of the answer to a call.
    pub fn new(call: &'a SignedCall, body: W) -> Self {
        let (lines, chunks) = (Frontier::new(), Frontier::new());
        let most = Volume { calls: u64::MAX, rows: u64::MAX, bytes: u64::MAX };
        Self { call, id: call.id(), body, waiting: None, lines, chunks, rows: 0, bytes: 0, most }
    }

    /// Takes no more rows and octets than these, which is what is left of the grant: a server that sends on is cut off, not stored.
    #[must_use]
    pub fn at_most(self, most: Volume) -> Self {
        Self { most, ..self }
    }

    /// Takes the next frame in. A line is noted once its chunk is here, or when it denies.
    ///
    /// # Errors
    /// [`Error::Mismatch`], [`Error::DigestMismatch`], [`Error::SignatureBad`] for what does not fit, [`Error::TooMany`] for more than
    /// was asked for or may come; [`Error::Io`].
    pub fn take<J: Journal>(
        &mut self,
        frame: Frame,
        notes: &mut Notebook<J>,
    ) -> Result<Received, Error> {
        match (frame, self.waiting.take()) {
            (Frame::Line(line), None) => {
                self.check(&line)?;
                if let Outcome::Denied(_) = line.outcome {
                    notes.note(&line)?;
                    return Ok(Received::Denied(line));
                }
                self.waiting = Some(line);
                Ok(Received::More)
            }
            (Frame::Chunk(octets), Some(line)) => self.chunk(&octets, &line, notes),
            (Frame::End(end), None) => self.end(*end).map(|w| Received::Whole(Box::new(w))),
            (Frame::Failed(code), _) => Ok(Received::Failed(code)),
            (Frame::Chunk(_), None) | (Frame::Line(_) | Frame::End(_), Some(_)) => {
                Err(Error::ValueBad { what: "answer", found: "frames out of order".to_owned() })
            }
        }
    }

    /// How many octets of content came in.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The body's output again.
    pub fn into_body(self) -> W {
        self.body
    }

    fn chunk<J: Journal>(
        &mut self,
        octets: &[u8],
        line: &Line,
        notes: &mut Notebook<J>,
    ) -> Result<Received, Error> {
        let Outcome::Served(answer) = line.outcome else { unreachable!("only such lines wait") };
        let (expected, found) = (answer.commitment, leaf_hash(octets));
        if expected != found {
            return Err(Error::DigestMismatch { what: "part of the answer", expected, found });
        }
        let bytes = octets.len().saturating_sub(OVERHEAD) as u64;
        same("octets of a part", answer.bytes, bytes)?;
        self.body.write_all(octets).map_err(|e| Error::io(&e))?;
        notes.note(line)?;
        self.chunks.append(found, &mut |_, _| {});
        self.lines.append(line.leaf(), &mut |_, _| {});
        self.rows = self.rows.saturating_add(answer.rows);
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(Received::More)
    }

    /// A line tells of this call, and of nothing that was not asked for.
    fn check(&self, line: &Line) -> Result<(), Error> {
        let asked = self.call.call();
        let about = (&line.call, &line.caller, &line.grant, &line.resource, &line.purpose);
        let call = (&asked.id, &asked.caller, &asked.grant, &asked.resource, &asked.purpose);
        if about != call || line.fields != asked.fields {
            let (expected, found) = (self.id.to_string(), line.call.to_string());
            return Err(Error::Mismatch { what: "call of a line", expected, found });
        }
        if let Outcome::Served(answer) = line.outcome {
            same("part", self.lines.size(), line.part.into())?;
            let rows = self.rows.saturating_add(answer.rows);
            let asked = Some(self.call.ask().rows).filter(|rows| *rows > 0);
            at_most("rows of the answer", self.most.rows.min(asked.unwrap_or(u64::MAX)), rows)?;
            let bytes = self.bytes.saturating_add(answer.bytes);
            at_most("octets of the answer", self.most.bytes, bytes)?;
        }
        Ok(())
    }

    fn end(&mut self, end: End) -> Result<Whole, Error> {
        let (server, header) = end.verify()?;
        let digest = |what, expected, found| {
            if expected == found {
                Ok(())
            } else {
                Err(Error::DigestMismatch { what, expected, found })
            }
        };
        digest("call of the answer", self.id, end.call)?;
        digest("lines of the answer", self.lines.root(), end.root)?;
        same("lines", self.lines.size(), end.lines)?;
        same("rows", self.rows, end.rows)?;
        let content = header.claimed();
        digest("chunks of the answer", self.chunks.root(), content.root())?;
        same("octets of the answer", self.bytes, content.length())?;
        self.body.flush().map_err(|e| Error::io(&e))?;
        Ok(Whole { server, content, rows: self.rows, end })
    }
}

impl Whole {
    /// The secret that opens the body, for the caller.
    ///
    /// # Errors
    /// [`Error::NotAddressed`], [`Error::KeyWrong`].
    pub fn open(
        &self,
        certificate: &Certificate,
        key: &PrivateKey,
    ) -> Result<ContentSecret, Error> {
        let (server, header) = self.end.verify()?;
        header.verify(&server)?.open(certificate, key)
    }
}

fn at_most(what: &'static str, max: u64, found: u64) -> Result<(), Error> {
    if found > max { Err(Error::TooMany { what, max, found }) } else { Ok(()) }
}

fn same(what: &'static str, expected: u64, found: u64) -> Result<(), Error> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::Mismatch { what, expected: expected.to_string(), found: found.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use yinxin_pki::{
        Subject,
        ca::{Period, self_signed},
    };
    use yinxin_record::{DenialReason, OrganisationCode, Purpose, ResourceCode};

    use super::*;
    use crate::{
        access::Answer,
        sample::{at, rng},
        serving::Ask,
    };

    /// A call for all that a grant allows, and the line of its first part.
    fn asked() -> (SignedCall, Line, OrganisationCode) {
        let [bank, owner] = ["91350100M000100Y43", "11430000006122244L"];
        let key = PrivateKey::generate(&mut rng());
        let name = Subject::new(bank).country("CN").organisation_code(bank).to_name().unwrap();
        let period = Period::days(at("2026-01-01"), 3650);
        let certificate = self_signed(name, &key, period, None, &mut rng()).unwrap();
        let owner = OrganisationCode::new(owner).unwrap();
        let ask = Ask {
            chain_id: Digest([1; 32]),
            server: owner.clone(),
            grant: Digest([3; 32]),
            resource: ResourceCode::of(&owner, "307/1").unwrap(),
            purpose: Purpose::new("loan").unwrap(),
            fields: (0..4).collect(),
            subjects: vec![],
            skip: 0,
            rows: 0,
        };
        let now = at("2026-06-01");
        let call = SignedCall::sign(ask, &certificate, &key, now, &mut rng()).unwrap();
        let asked = call.call();
        let denied = Line {
            number: 0,
            time: now,
            call: call.id(),
            signed_at: now,
            part: 0,
            caller: asked.caller.clone(),
            grant: asked.grant,
            resource: asked.resource.clone(),
            purpose: asked.purpose.clone(),
            fields: asked.fields.clone(),
            subjects: vec![],
            head: 7,
            outcome: Outcome::Denied(DenialReason::Volume),
        };
        (call, denied, OrganisationCode::new(bank).unwrap())
    }

    #[test]
    fn a_refusal_plants_nothing_in_the_journal() {
        let (call, denied, caller) = asked();
        let answer = Answer { rows: 1_000_000_000_000, bytes: 1, commitment: Digest([0; 32]) };
        let planted = [
            Line { outcome: Outcome::Served(answer), ..denied.clone() },
            Line { grant: Digest([4; 32]), ..denied.clone() },
            Line { call: Digest([5; 32]), ..denied.clone() },
            Line { fields: (0..5).collect(), ..denied.clone() },
        ];
        let mut journal = Vec::new();
        let mut notes = Notebook::open(&mut std::io::empty(), &mut journal, &caller).unwrap();
        for line in planted {
            assert!(Receiving::refused(&call, line, &mut notes).is_err());
        }
        Receiving::refused(&call, denied.clone(), &mut notes).unwrap();
        let mut alone = Vec::new();
        let mut only = Notebook::open(&mut std::io::empty(), &mut alone, &caller).unwrap();
        only.note(&denied).unwrap();
        assert_eq!(journal, alone, "the denial, and nothing else");
    }

    #[test]
    fn a_server_that_sends_on_is_cut_off_at_what_the_grant_has_left() {
        let (call, denied, caller) = asked();
        let chunk = vec![7; 1000 + OVERHEAD];
        for (most, what) in [
            (Volume { calls: 9, rows: 1_000, bytes: 5_500 }, "octets of the answer"),
            (Volume { calls: 9, rows: 52, bytes: 1 << 40 }, "rows of the answer"),
        ] {
            let mut journal = Vec::new();
            let mut notes = Notebook::open(&mut std::io::empty(), &mut journal, &caller).unwrap();
            let mut receiving = Receiving::new(&call, Vec::new()).at_most(most);
            let refused = (0..).find_map(|part| {
                let commitment = leaf_hash(&chunk);
                let answer = Answer { rows: 10, bytes: 1000, commitment };
                let line = Line { part, outcome: Outcome::Served(answer), ..denied.clone() };
                let frame = Frame::Line(Box::new(line));
                let taken = receiving.take(frame, &mut notes).map(drop).err();
                taken.or_else(|| {
                    receiving.take(Frame::Chunk(chunk.clone()), &mut notes).map(drop).err()
                })
            });
            let Some(Error::TooMany { what: found, .. }) = refused else { panic!("{refused:?}") };
            assert_eq!(found, what);
            assert_eq!(receiving.bytes(), 5_000, "five parts fit");
            assert_eq!(receiving.into_body().len(), 5 * chunk.len());
        }
    }
}
