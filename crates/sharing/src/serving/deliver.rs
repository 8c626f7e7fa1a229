//! The server's side of a call: whether it is answered, and the answer, part by part.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use rand_core::CryptoRng;
use yinxin_gm::{Digest, sm2::PublicKey};
use yinxin_merkle::log::{Frontier, leaf_hash};
use yinxin_pki::Certificate;
use yinxin_record::{DenialReason, GrantState, OrganisationCode, ResourceCode, Subjects, Turn};
use yinxin_verdict::UnixTime;

use super::{End, Frame, Layout, Rows, SignedCall, Standing};
use crate::{
    Error,
    access::{Admitted, Answer, Decision, Denied, Gathering, Guard, Journal, Known, Line},
    envelope::{ChunkSize, ContentSecret, Header, OVERHEAD, Owner, Writer},
};

/// What an answer asks of the world while it goes out.
pub trait Desk {
    /// The time.
    ///
    /// # Errors
    /// When the clock cannot be right: the answer ends.
    fn now(&mut self) -> Result<UnixTime, Error>;

    /// What the ledger says now about the call that is answered: the newest that is known, without waiting for more.
    fn standing(&mut self) -> Arc<Standing>;

    /// Sends frames, together. Returns when they are on their way; may wait for a receiver that is slow, but not for ever.
    ///
    /// # Errors
    /// When they will not arrive: the answer ends.
    fn send(&mut self, frames: &[Frame]) -> Result<(), Error>;
}

/// What is offered where a call arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "whoever serves must say all of it")]
pub struct Offer {
    /// Who serves.
    pub server: OrganisationCode,
    /// With which key.
    pub key: PublicKey,
    /// By which ledger.
    pub chain_id: Digest,
    /// In which turn: the ledger must have it as the one that answers.
    pub turn: Turn,
    /// Whether rows can be chosen by their subjects' pseudonyms.
    pub by_subject: bool,
    /// The commitment to the scope that the source holds, and no more than it, if it was made for one.
    pub scope: Option<Digest>,
}

/// Who answers whom, and how.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "whoever delivers must fill every field")]
pub struct Delivery<'a> {
    /// Who serves.
    pub server: Owner<'a>,
    /// What was offered when the call was admitted.
    pub offer: &'a Offer,
    /// The version of the resource that the layout is of.
    pub version: u32,
    /// The caller's certificate: only its key opens the answer.
    pub recipient: &'a Certificate,
    /// Which columns, in which forms.
    pub layout: &'a Layout,
    /// How much goes out at a time: one line in the journal, one fsync, one look at the ledger.
    pub part: ChunkSize,
}

/// How an answer went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "whole or not")]
pub enum Delivered {
    /// All of it left, its key last.
    Whole {
        /// So many rows.
        rows: u64,
    },
    /// It was cut short: what left before cannot be read.
    Denied(DenialReason),
    /// It could not be made any further; recorded and told as a denial for [`DenialReason::Source`].
    BrokenOff(Error),
}

/// Whether a call is answered. `caller` is its certificate if the call's signature was verified and the certificate holds by what is
/// trusted; a denial is on disk when this returns.
///
/// # Errors
/// [`Error::NotServer`]: nothing is decided, since the ledger would take no window. [`Error::Io`]: nothing may be answered, and nothing
/// more is served.
pub fn admit<J: Journal>(
    guard: &Mutex<Guard<J>>,
    call: &SignedCall,
    caller: Option<&Certificate>,
    offer: &Offer,
    standing: &Standing,
    now: UnixTime,
) -> Result<Decision<Admitted>, Error> {
    standing.serves(&call.ask().resource, offer, Some(&offer.key))?;
    let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
    let known = standing.known();
    // Who calls is itself the ledger's word: an old one decides nothing, not even that a signature is wrong.
    let fresh = standing.is_fresh(now);
    let reason = if fresh { objection(call, caller, offer, standing) } else { None };
    let elsewhere = fresh && guard.is_first_turn() && is_of_before(call, standing);
    let reason = reason.or_else(|| elsewhere.then_some(DenialReason::Replayed));
    let denied = |d: Denied| Decision::Denied(Box::new(d));
    if let Some(reason) = reason {
        return guard.refuse(&call.call(), reason, &known, now).map(denied);
    }
    let decision = guard.admit(call.call(), &known, now)?;
    match decision {
        Decision::Allowed(mut admitted) => match beyond(call, &admitted, offer, standing) {
            Some(reason) => guard.refuse(admitted.call(), reason, &known, now).map(denied),
            None => Ok(match guard.hold(&mut admitted, call.ask().rows, &known, now)? {
                Decision::Allowed(()) => Decision::Allowed(admitted),
                Decision::Denied(denied) => Decision::Denied(denied),
            }),
        },
        denied @ Decision::Denied(_) => Ok(denied),
    }
}

/// Keeps rows for an admitted call that asks for all, once it is known how many they are: denied, and the denial on disk, if they are
/// more than is left. Nothing of them has left then.
///
/// # Errors
/// As [`admit`].
pub fn keep<J: Journal>(
    guard: &Mutex<Guard<J>>,
    admitted: &mut Admitted,
    rows: u64,
    offer: &Offer,
    standing: &Standing,
    now: UnixTime,
) -> Result<Decision<()>, Error> {
    standing.serves(&admitted.call().resource, offer, Some(&offer.key))?;
    let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
    guard.hold(admitted, rows, &standing.known(), now)
}

/// Whether it was signed before this server's turn began: the journal before may have answered it.
fn is_of_before(call: &SignedCall, standing: &Standing) -> bool {
    standing.serving.as_ref().is_some_and(|s| call.call().signed_at < s.since)
}

/// Records calls for a resource that nobody proved to have signed, all at once; it is on disk when this returns.
///
/// # Errors
/// As [`admit`].
pub fn turn_away<J: Journal>(
    guard: &Mutex<Guard<J>>,
    resource: &ResourceCode,
    calls: &Gathering,
    offer: &Offer,
    standing: &Standing,
    now: UnixTime,
) -> Result<(), Error> {
    standing.serves(resource, offer, Some(&offer.key))?;
    let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
    guard.turn_away(resource, calls, &standing.head, now)
}

/// An admitted call that cannot be answered, since there is no source or no masking rules for it: the denial is on disk when this
/// returns.
///
/// # Errors
/// As [`admit`].
pub fn give_up<J: Journal>(
    guard: &Mutex<Guard<J>>,
    admitted: &Admitted,
    offer: &Offer,
    standing: &Standing,
    now: UnixTime,
) -> Result<Denied, Error> {
    let call = admitted.call();
    standing.serves(&call.resource, offer, Some(&offer.key))?;
    let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
    guard.refuse(call, DenialReason::Source, &standing.known(), now)
}

/// What is granted, yet more than this source can tell apart, or than is left: refused before anything leaves, not in the middle.
fn beyond(
    call: &SignedCall,
    admitted: &Admitted,
    offer: &Offer,
    standing: &Standing,
) -> Option<DenialReason> {
    let Subjects { pseudonyms, scope } = &standing.subjects;
    let named = !pseudonyms.is_empty() || !call.ask().subjects.is_empty();
    if (named && !offer.by_subject) || (scope.is_some() && *scope != offer.scope) {
        return Some(DenialReason::Subjects);
    }
    (call.ask().rows > admitted.left().rows).then_some(DenialReason::Volume)
}

/// What speaks against a call before its grant is looked at.
fn objection(
    call: &SignedCall,
    caller: Option<&Certificate>,
    offer: &Offer,
    standing: &Standing,
) -> Option<DenialReason> {
    let key = caller.and_then(Certificate::sm2_key);
    let member = standing.caller.as_ref();
    let here = (&offer.server, &offer.chain_id);
    // What was signed for another server, or on another ledger, is signed for nothing here.
    if (&call.ask().server, &call.ask().chain_id) != here
        || key.is_none()
        || member.map(|c| &c.key) != key
    {
        return Some(DenialReason::Signature);
    }
    // A denial under a grant stands in that grant's window: the grant must be of this resource, and the caller's.
    let of = |g: &GrantState| g.resource == call.ask().resource && g.receiver == *call.caller();
    let own = standing.grant.as_ref().is_some_and(of);
    (own && member.is_some_and(|c| c.suspended)).then_some(DenialReason::Suspended)
}

/// Sends an answer out. Each part is checked against the newest standing and recorded before it leaves; the key leaves last.
///
/// # Errors
/// [`Error::NotServer`]; of the journal, the clock or the way out: nothing was denied then, and what left cannot be read.
pub fn deliver<J: Journal>(
    guard: &Mutex<Guard<J>>,
    admitted: Admitted,
    rows: &mut dyn Rows,
    delivery: &Delivery<'_>,
    desk: &mut dyn Desk,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Delivered, Error> {
    let secret = ContentSecret::generate(rng);
    let mut writer = Writer::new(Vec::new(), &secret, delivery.part, rng);
    let recipient = delivery.recipient;
    let lines = Frontier::new();
    let mut out = Going { guard, admitted, delivery, desk, ready: 0, rows: 0, lines };
    let io = |e| Error::io(&e);
    let head = match delivery.layout.head() {
        Ok(head) => head,
        Err(error) => return out.break_off(error),
    };
    writer.write_all(&head).map_err(io)?;
    let mut values = Vec::new();
    let full = usize::try_from(delivery.part.octets()).unwrap_or(usize::MAX) + OVERHEAD;
    loop {
        let row = match next(rows, &mut values, delivery.layout) {
            Ok(None) => break,
            Ok(Some(row)) => row,
            Err(error) => return out.break_off(error),
        };
        writer.write_all(&row).map_err(io)?;
        // Chunks that this row filled hold the rows before it.
        if let Some(ended) = out.release(writer.output(), full)? {
            return Ok(ended);
        }
        out.ready += 1;
    }
    let (mut rest, content) = writer.finish()?;
    if let Some(ended) = out.release(&mut rest, full)? {
        return Ok(ended);
    }
    let recipients = core::slice::from_ref(recipient);
    let header = Header::new(content, &secret, recipients, delivery.server, rng)?;
    // Without its key nothing of it can be read: what ended while the last part was on its way ends all of it.
    if let Some(ended) = out.last_look()? {
        return Ok(ended);
    }
    let lines = (out.lines.size(), out.lines.root());
    let call = out.admitted.call().id;
    let end = End::sign(call, &header, out.rows, lines, delivery.server, rng)?;
    out.desk.send(&[Frame::End(Box::new(end))])?;
    Ok(Delivered::Whole { rows: out.rows })
}

/// The next row as it goes out.
fn next(
    rows: &mut dyn Rows,
    values: &mut Vec<String>,
    layout: &Layout,
) -> Result<Option<Vec<u8>>, Error> {
    if rows.next(values)? { layout.row(values).map(Some) } else { Ok(None) }
}

type Asked<T> = Result<Decision<T>, Error>;

/// An answer on its way.
struct Going<'a, J> {
    guard: &'a Mutex<Guard<J>>,
    admitted: Admitted,
    delivery: &'a Delivery<'a>,
    desk: &'a mut dyn Desk,
    /// Rows that are written and in no part yet.
    ready: u64,
    rows: u64,
    lines: Frontier,
}

impl<J: Journal> Going<'_, J> {
    /// Lets the chunks out that stand in the buffer; how it ended, if one may not leave.
    fn release(&mut self, buffer: &mut Vec<u8>, full: usize) -> Result<Option<Delivered>, Error> {
        for chunk in core::mem::take(buffer).chunks(full) {
            let answer = Answer {
                rows: core::mem::take(&mut self.ready),
                bytes: chunk.len().saturating_sub(OVERHEAD) as u64,
                commitment: leaf_hash(chunk),
            };
            let decided = match self.decide(answer) {
                Err(error @ Error::Mismatch { .. }) => return self.break_off(error).map(Some),
                decided => decided?,
            };
            match decided {
                Ok(line) => {
                    self.rows += answer.rows;
                    self.lines.append(line.leaf(), &mut |_, _| {});
                    self.desk.send(&[Frame::Line(Box::new(line)), Frame::Chunk(chunk.to_vec())])?;
                }
                Err(denied) => return self.denied(denied).map(Some),
            }
        }
        Ok(None)
    }

    /// Whether the key may leave; how the answer ended, if not.
    fn last_look(&mut self) -> Result<Option<Delivered>, Error> {
        match self.look(|guard, admitted, known, now| guard.may_end(admitted, known, now)) {
            Err(error @ Error::Mismatch { .. }) => self.break_off(error).map(Some),
            Err(error) => Err(error),
            Ok(Ok(())) => Ok(None),
            Ok(Err(denied)) => self.denied(denied).map(Some),
        }
    }

    fn denied(&mut self, denied: Denied) -> Result<Delivered, Error> {
        self.desk.send(&[Frame::Line(Box::new(denied.line))])?;
        Ok(Delivered::Denied(denied.reason))
    }

    /// The source or its masking failed, or another version is in force: recorded and told, if the ledger would take it.
    fn break_off(&mut self, error: Error) -> Result<Delivered, Error> {
        let (standing, now) = (self.desk.standing(), self.desk.now()?);
        let Delivery { server, offer, .. } = self.delivery;
        let key = server.certificate.sm2_key();
        standing.serves(&self.admitted.call().resource, offer, key)?;
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        let denied = guard.break_off(&mut self.admitted, &standing.known(), now)?;
        drop(guard);
        self.desk.send(&[Frame::Line(Box::new(denied.line))])?;
        Ok(Delivered::BrokenOff(error))
    }

    /// That this server may serve it, by the masking rules that the answer began with.
    fn still_served(&self, standing: &Standing) -> Result<(), Error> {
        let Delivery { server, offer, version, .. } = self.delivery;
        let key = server.certificate.sm2_key();
        standing.serves(&self.admitted.call().resource, offer, key)?;
        if standing.resource.version == *version {
            return Ok(());
        }
        let (expected, found) = (version.to_string(), standing.resource.version.to_string());
        Err(Error::Mismatch { what: "version of the resource", expected, found })
    }

    fn decide(&mut self, answer: Answer) -> Result<Result<Line, Denied>, Error> {
        self.look(|guard, admitted, known, now| guard.release(admitted, answer, known, now))
    }

    /// What the guard says as things stand now, if the caller is still who it was.
    fn look<T>(
        &mut self,
        ask: impl FnOnce(&mut Guard<J>, &mut Admitted, &Known<'_>, UnixTime) -> Asked<T>,
    ) -> Result<Result<T, Denied>, Error> {
        let (standing, now) = (self.desk.standing(), self.desk.now()?);
        self.still_served(&standing)?;
        let known = standing.known();
        let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        let now_wrong = match &standing.caller {
            // The answer's key would go to a key that the ledger no longer has for the caller.
            None => Some(DenialReason::Signature),
            Some(c) if Some(&c.key) != self.delivery.recipient.sm2_key() => {
                Some(DenialReason::Signature)
            }
            Some(c) => c.suspended.then_some(DenialReason::Suspended),
        };
        if let Some(reason) = now_wrong.filter(|_| standing.is_fresh(now)) {
            return guard.refuse(self.admitted.call(), reason, &known, now).map(Err);
        }
        Ok(match ask(&mut guard, &mut self.admitted, &known, now)? {
            Decision::Allowed(allowed) => Ok(allowed),
            Decision::Denied(denied) => Err(*denied),
        })
    }
}
