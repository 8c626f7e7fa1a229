//! What a source knows of a batch of its own: what goes on the ledger, and where in the input it ended.

use yinxin_gm::Digest;
use yinxin_merkle::wire::{Reader, Wire, WireError, Writer};
use yinxin_record::{CreditBatch, OrganisationCode};

/// A batch, as its source keeps it.
///
/// ```asn1
/// Manifest ::= SEQUENCE { source UTF8String (SIZE(18)), batch CreditBatch, first INTEGER, unjudged INTEGER, place Place }
/// Place ::= SEQUENCE { input OCTET STRING (SIZE(32)), began INTEGER, offset INTEGER, line INTEGER, row OCTET STRING (SIZE(32)), rejected INTEGER, rejects INTEGER }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct Manifest {
    /// Whose.
    pub source: OrganisationCode,
    /// What goes on the ledger.
    pub batch: CreditBatch,
    /// Position of its first record among all of the source.
    pub first: u64,
    /// Records whose publication could not be judged late or in time, for the calendar lacks their year.
    pub unjudged: u64,
    /// Where its input ended.
    pub place: Place,
}

/// How far an input was read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a format")]
pub struct Place {
    /// What the input is called: SM3 of whatever its reader names it by.
    pub input: Digest,
    /// The byte at which the last row read begins.
    pub began: u64,
    /// The byte after the last row read.
    pub offset: u64,
    /// The line after it.
    pub line: u64,
    /// SM3 of the last row read: a resumed import compares it.
    pub row: Digest,
    /// Rows of this input that were rejected.
    pub rejected: u64,
    /// Bytes of the rejects file.
    pub rejects: u64,
}

impl Place {
    /// The beginning of an input.
    #[must_use]
    pub const fn start(input: Digest) -> Self {
        Self { input, began: 0, offset: 0, line: 0, row: Digest::ZERO, rejected: 0, rejects: 0 }
    }
}

impl Wire for Manifest {
    const NAME: &'static str = "manifest";
    const MAX_LEN: usize = CreditBatch::MAX_LEN + 1024;

    fn write(&self, out: &mut Writer) {
        let Self { source, batch, first, unjudged, place } = self;
        out.sequence(|out| {
            out.text(source.as_str());
            batch.write(out);
            out.uint(*first);
            out.uint(*unjudged);
            let Place { input, began, offset, line, row, rejected, rejects } = place;
            out.sequence(|out| {
                out.digest(input);
                out.uint(*began);
                out.uint(*offset);
                out.uint(*line);
                out.digest(row);
                out.uint(*rejected);
                out.uint(*rejects);
            });
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            Ok(Self {
                source: OrganisationCode::new(input.text("source", 18, 18)?)
                    .map_err(|_| WireError::Value("source"))?,
                batch: CreditBatch::read(input)?,
                first: input.uint("first")?,
                unjudged: input.uint("unjudged")?,
                place: input.sequence("place", |input| {
                    Ok(Place {
                        input: input.digest("input")?,
                        began: input.uint("began")?,
                        offset: input.uint("offset")?,
                        line: input.uint("line")?,
                        row: input.digest("row")?,
                        rejected: input.uint("rejected")?,
                        rejects: input.uint("rejects")?,
                    })
                })?,
            })
        })
    }
}
