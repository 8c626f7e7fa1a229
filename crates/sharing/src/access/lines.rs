//! What a journal says afterwards: counts for an account, and the proof of a line.

use std::{io::Read, ops::Range};

use yinxin_gm::Digest;
use yinxin_merkle::log::Frontier;
use yinxin_record::{OrganisationCode, Volume};

use super::{
    ClosedWindow, Crowd, Gathering, Line, LineProof,
    frames::replay,
    journal::Entry,
    window::{Key, Window},
};
use crate::Error;

/// The most that the first entry of a journal takes.
const FIRST: u64 = 1024;

/// Whose journal it is; none of an empty one.
///
/// # Errors
/// [`Error::JournalDamaged`], a receiver's journal too; [`Error::Io`].
pub fn server_of(journal: &mut impl Read) -> Result<Option<OrganisationCode>, Error> {
    let mut server = None;
    replay(&mut journal.take(FIRST), |entry| match entry {
        Entry::Start { server: of, .. } => {
            server.get_or_insert(of);
            Ok(())
        }
        Entry::Received { .. } => Err("a receiver's journal"),
        _ => Ok(()),
    })?;
    Ok(server)
}

/// What lines of one grant in some minutes add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counted {
    /// What was served, or received.
    pub volume: Volume,
    /// How many lines there are, denials among them.
    pub lines: u64,
    /// Log root over the lines in the order in which they stand; none without lines.
    pub root: Option<Digest>,
}

/// Adds up the lines of a grant in these minutes, of a server's journal or a receiver's. Of a journal that was compacted those before it
/// are given too, the oldest first: each line counts once. An end that was torn by a crash is passed over, as whoever writes the journal
/// will.
///
/// # Errors
/// [`Error::NotFound`] where minutes are asked for that stand in a journal that is not given; [`Error::JournalDamaged`], [`Error::Io`].
pub fn count<R: Read>(
    journals: impl IntoIterator<Item = R>,
    grant: &Digest,
    minutes: &Range<u64>,
) -> Result<Counted, Error> {
    let mut counting = Counting::default();
    for mut journal in journals {
        replay(&mut journal, |entry| {
            match entry {
                Entry::Start { lines, .. } => {
                    counting.numbered = true;
                    // The lines before are not here.
                    if lines > counting.next {
                        (counting.before, counting.next, counting.from) = (lines, lines, None);
                    }
                }
                Entry::Line(line) => counting.line(&line, grant, minutes),
                _ => {}
            }
            Ok(())
        })?;
    }
    counting.done(minutes)
}

/// Lines as they are counted.
#[derive(Default)]
struct Counting {
    volume: Volume,
    log: Frontier,
    /// Whether it is a server's own journal, whose numbers rise: a receiver's has what each server numbered.
    numbered: bool,
    /// How many lines came before those that are here without a gap. What was counted of them is of minutes below `from`.
    before: u64,
    /// The number of the next line.
    next: u64,
    /// Of the minutes from this one on all lines are here.
    from: Option<u64>,
}

impl Counting {
    fn line(&mut self, line: &Line, grant: &Digest, minutes: &Range<u64>) {
        if !self.numbered {
            self.add(line, grant, minutes);
            return;
        }
        if line.number.checked_add(1) == Some(self.before) {
            self.from = Some(line.minute() + 1);
        }
        // What a journal kept of those before it was counted there, or others of its minute are not here.
        if line.number < self.next {
            return;
        }
        self.next = line.number.saturating_add(1);
        self.from.get_or_insert(line.minute() + 1);
        self.add(line, grant, minutes);
    }

    fn add(&mut self, line: &Line, grant: &Digest, minutes: &Range<u64>) {
        if line.grant == *grant && minutes.contains(&line.minute()) {
            self.volume = self.volume.plus(line.volume());
            self.log.append(line.leaf(), &mut |_, _| {});
        }
    }

    fn done(self, minutes: &Range<u64>) -> Result<Counted, Error> {
        let Self { volume, log, before, from, .. } = self;
        if before > 0 && from.is_none_or(|from| minutes.start < from) {
            let name = format!("those before line {before}, in the journal before this one");
            return Err(Error::NotFound { what: "lines of these minutes", name });
        }
        let root = (log.size() > 0).then(|| log.root());
        Ok(Counted { volume, lines: log.size(), root })
    }
}

/// Hands out each line, of a server's journal or a receiver's.
///
/// # Errors
/// [`Error::JournalDamaged`], [`Error::Io`].
pub fn read_lines(journal: &mut impl Read, mut each: impl FnMut(Line)) -> Result<(), Error> {
    let read = replay(journal, |entry| {
        if let Entry::Line(line) = entry {
            each(*line);
        }
        Ok(())
    });
    read.map(|_| ())
}

/// Hands out what the journal says of calls that were turned away together, with their ids where they are kept: the leaves of its root,
/// in this order ([`Gathering`](super::Gathering)).
///
/// # Errors
/// [`Error::JournalDamaged`], [`Error::Io`].
pub fn read_crowds(
    journal: &mut impl Read,
    mut each: impl FnMut(Crowd, Option<Vec<Digest>>),
) -> Result<(), Error> {
    let mut ids = None;
    let read = replay(journal, |entry| {
        match entry {
            Entry::Calls(calls) => ids = Some(calls),
            Entry::Crowd(crowd) => {
                let calls = ids.take();
                let mut gathered = Gathering::default();
                calls.iter().flatten().for_each(|call| gathered.add(call));
                if calls.is_some() && gathered.root() != crowd.root {
                    return Err("a crowd of other calls");
                }
                each(crowd, calls);
            }
            _ => ids = None,
        }
        Ok(())
    });
    read.map(|_| ())
}

/// Shows that the line with this number stands in its window: the window, whose root is on the ledger, and the proof. Of a server's
/// journal, which is read twice.
///
/// # Errors
/// [`Error::NotFound`] when the journal has no such line, [`Error::JournalDamaged`], [`Error::Io`].
pub fn prove<R: Read>(
    open: impl Fn() -> std::io::Result<R>,
    number: u64,
) -> Result<(ClosedWindow, LineProof), Error> {
    let open = || open().map_err(|e| Error::io(&e));
    let mut found: Option<Line> = None;
    replay(&mut open()?, |entry| {
        if let Entry::Line(line) = entry
            && line.number == number
        {
            found = Some(*line);
        }
        Ok(())
    })?;
    let line = found.ok_or(Error::NotFound { what: "line", name: number.to_string() })?;
    let key = Key::of(&line);
    let (mut window, mut place, mut leaves) = (Window::default(), 0, Vec::new());
    let mut turn = None;
    replay(&mut open()?, |entry| {
        let now = || turn.ok_or("a line before any turn");
        match entry {
            Entry::Opening { turn: next, .. } => turn = Some(next),
            Entry::Line(other) if Key::of(&other) == key => {
                if other.number == number {
                    place = leaves.len() as u64;
                }
                leaves.push(other.leaf());
                window.add(&other, now()?);
            }
            Entry::Crowd(crowd) if Key::of_crowd(&crowd) == key => {
                leaves.push(crowd.leaf());
                window.add_crowd(&crowd, now()?);
            }
            _ => {}
        }
        Ok(())
    })?;
    let closed = window.close(&key);
    let proof = closed.prove(&leaves, &line, place)?;
    Ok((closed, proof))
}
