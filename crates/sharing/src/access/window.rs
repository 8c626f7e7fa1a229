//! Windows: what happened under one grant within one minute.

use std::collections::{BTreeMap, BTreeSet};

use yinxin_gm::Digest;
use yinxin_merkle::{
    log::{Frontier, MAX_PATH, MemoryNodes, prove_inclusion, verify_inclusion},
    wire::{Reader, Wire, WireError, Writer},
};
use yinxin_record::{
    AccessWindow, Denial, DenialReason, DenyAccess, FieldSet, MAX_DATA_LIST, OrganisationCode,
    Purpose, ResourceCode, Turn, Volume, minute_of,
};

use yinxin_verdict::UnixTime;

use super::{Crowd, Line, Outcome};
use crate::Error;

/// Which window. Calls whose grant is not known to exist share one, under the zero digest: who invents grants fills no memory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) minute: u64,
    pub(super) grant: Digest,
    pub(super) resource: ResourceCode,
}

/// A window that lines still come to, or that is not on the ledger yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Window {
    /// The log over its lines: the same memory however many there are.
    log: Frontier,
    pub(super) served: Volume,
    fields: BTreeSet<u8>,
    subjects: BTreeSet<Digest>,
    purpose: Option<Purpose>,
    /// Who called; `None` for whom only its own word names.
    callers: BTreeSet<Option<OrganisationCode>>,
    denials: BTreeMap<u32, (DenialReason, u64)>,
    /// In which turn the last line was written; there is none without a line.
    turn: Option<Turn>,
    /// How many lines the journal had then.
    numbered: u64,
    /// Height at which it was anchored.
    pub(super) anchored: Option<u64>,
    /// When that height was first known to be reached.
    pub(super) known_at: Option<UnixTime>,
    /// The ledger takes it no more.
    pub(super) never_told: bool,
}

impl Key {
    pub(super) fn of(line: &Line) -> Self {
        use DenialReason as R;
        // The reasons that say nothing about whether there is such a grant.
        let known =
            !matches!(line.outcome, Outcome::Denied(R::NoGrant | R::Signature | R::StaleLedger));
        let grant = if known { line.grant } else { Digest::ZERO };
        Self { minute: line.minute(), grant, resource: line.resource.clone() }
    }

    pub(super) fn of_crowd(crowd: &Crowd) -> Self {
        let minute = minute_of(crowd.time);
        Self { minute, grant: Digest::ZERO, resource: crowd.resource.clone() }
    }
}

impl Window {
    /// Whether it is still to come to the ledger.
    pub(super) const fn waits(&self) -> bool {
        self.anchored.is_none() && !self.never_told
    }

    /// Whether it is the same, whenever its block was first known.
    pub(super) fn goes_on_as(&self, other: &Self) -> bool {
        Self { known_at: None, ..self.clone() } == Self { known_at: None, ..other.clone() }
    }

    pub(super) fn add(&mut self, line: &Line, turn: Turn) {
        self.turn = Some(turn);
        self.numbered = line.number.saturating_add(1);
        self.log.append(line.leaf(), &mut |_, _| {});
        match line.outcome {
            Outcome::Served(_) => {
                self.served = self.served.plus(line.volume());
                self.fields.extend(line.fields.iter());
                // One more than fit says that there are too many to be named.
                self.subjects.extend(line.subjects.iter().take(MAX_DATA_LIST + 1));
                self.purpose.get_or_insert_with(|| line.purpose.clone());
            }
            Outcome::Denied(reason) => {
                let count = &mut self.denials.entry(reason.number()).or_insert((reason, 0)).1;
                *count = count.saturating_add(1);
            }
        }
        // Two are enough to say that there was more than one.
        if self.callers.len() < 2 {
            self.callers.insert(line.is_proven().then(|| line.caller.clone()));
        }
    }

    /// One leaf for all of them, and each of them a denial.
    pub(super) fn add_crowd(&mut self, crowd: &Crowd, turn: Turn) {
        self.turn = Some(turn);
        self.log.append(crowd.leaf(), &mut |_, _| {});
        let reason = crowd.reason;
        let count = &mut self.denials.entry(reason.number()).or_insert((reason, 0)).1;
        *count = count.saturating_add(crowd.calls);
        if self.callers.len() < 2 {
            self.callers.insert(None);
        }
    }

    pub(super) fn close(&self, key: &Key) -> ClosedWindow {
        let turn = self.turn.expect("a window has a line, and each line a turn");
        let root = self.log.root();
        let denials: Vec<Denial> = self
            .denials
            .values()
            .map(|(reason, count)| Denial { reason: *reason, count: *count })
            .collect();
        let act = match &self.purpose {
            // Parts of a call whose first part left in the minute before are no call of this one: it has rows, yet no call. The
            // ledger asks for one, so it is counted twice rather than not at all.
            Some(purpose) => ClosedAct::Access(AccessWindow {
                grant: key.grant,
                minute: key.minute,
                turn,
                lines: self.numbered,
                purpose: purpose.clone(),
                fields: self.fields.iter().copied().collect::<FieldSet>(),
                served: Volume { calls: self.served.calls.max(1), ..self.served },
                root,
                subjects: if self.subjects.len() > MAX_DATA_LIST {
                    Vec::new()
                } else {
                    self.subjects.iter().copied().collect()
                },
                denials,
            }),
            None => ClosedAct::Denied(DenyAccess {
                resource: key.resource.clone(),
                minute: key.minute,
                turn,
                lines: self.numbered,
                grant: (key.grant != Digest::ZERO).then_some(key.grant),
                organisation: match self.callers.len() {
                    1 => self.callers.first().cloned().flatten(),
                    _ => None,
                },
                denials,
                root,
            }),
        };
        ClosedWindow { key: key.clone(), act, root, turn, lines: self.log.size() }
    }
}

/// A window that no line comes to any more.
#[derive(Clone, Debug)]
pub struct ClosedWindow {
    pub(super) key: Key,
    act: ClosedAct,
    root: Digest,
    turn: Turn,
    lines: u64,
}

/// What is written of a window to the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "one or the other")]
pub enum ClosedAct {
    /// Something was served, and perhaps something denied.
    Access(AccessWindow),
    /// Everything was denied.
    Denied(DenyAccess),
}

impl ClosedWindow {
    /// For the ledger.
    #[must_use]
    pub const fn act(&self) -> &ClosedAct {
        &self.act
    }

    /// The root over its lines.
    #[must_use]
    pub const fn root(&self) -> Digest {
        self.root
    }

    /// Of which minute it is, counted since 1970.
    #[must_use]
    pub const fn minute(&self) -> u64 {
        self.key.minute
    }

    /// In which turn its last line was written.
    #[must_use]
    pub const fn turn(&self) -> Turn {
        self.turn
    }

    /// How many lines it has; those that were turned away together are one.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// Shows that a line stands in this window at a place, from 0; `leaves` are those of all its lines.
    ///
    /// # Errors
    /// [`Error::NotFound`] beyond the last line, [`Error::ProofWrong`] when another line stands there, or these are not its leaves.
    pub fn prove(&self, leaves: &[Digest], line: &Line, place: u64) -> Result<LineProof, Error> {
        let mut nodes = MemoryNodes::default();
        Frontier::new().append_all(leaves, &mut |id, hash| nodes.insert(id, hash));
        let path = prove_inclusion(&nodes, place, self.lines)
            .map_err(|_| Error::NotFound { what: "line", name: place.to_string() })?;
        let proof = LineProof { line: line.clone(), place, lines: self.lines, path };
        proof.verify(&self.root)?;
        Ok(proof)
    }
}

/// That a line stands in a window: all that a third party needs beside the window's record.
///
/// ```asn1
/// LineProof ::= SEQUENCE { line AccessLine, place INTEGER, lines INTEGER, path OCTET STRING (SIZE (0..2048)) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProof {
    line: Line,
    place: u64,
    lines: u64,
    path: Vec<Digest>,
}

impl LineProof {
    /// The line, once it was found to stand in the window with this root.
    ///
    /// # Errors
    /// [`Error::ProofWrong`].
    pub fn verify(&self, root: &Digest) -> Result<&Line, Error> {
        verify_inclusion(&self.line.leaf(), self.place, self.lines, &self.path, root)
            .map(|()| &self.line)
            .map_err(|_| Error::ProofWrong { what: "access line" })
    }
}

impl Wire for LineProof {
    const NAME: &'static str = "line proof";
    const MAX_LEN: usize = Line::MAX_LEN + MAX_PATH * 32 + 64;

    fn write(&self, out: &mut Writer) {
        out.sequence(|out| {
            self.line.write(out);
            out.uint(self.place);
            out.uint(self.lines);
            out.digests(&self.path);
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let line = Line::read(input)?;
            let (place, lines) = (input.uint("place")?, input.uint("lines")?);
            Ok(Self { line, place, lines, path: input.digests("path", MAX_PATH)? })
        })
    }
}
