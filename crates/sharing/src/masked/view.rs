//! A view: some fields of some rows, and the digests of the rest.

use yinxin_gm::Digest;
use yinxin_merkle::{
    log::{MAX_PATH, verify_inclusion},
    wire::{Reader, Wire, WireError, Writer, rising},
};
use yinxin_pki::Certificate;

use super::{
    Form, Schema, Statement,
    anonymity::Classes,
    data_set::row_digest,
    schema::{Leaf, MAX_LEAVES},
    seed::SALT,
};
use crate::Error;

/// Rows of one view; larger deliveries are several views of one data set.
pub(super) const MAX_ROWS: usize = 65_536;
/// Octets of a value: what a catalogue's longest text fields have.
pub(super) const MAX_TEXT: usize = 16 * 1024;

/// What a receiver, or a third party, is shown.
///
/// ```asn1
/// MaskedView ::= SEQUENCE {
///   statement MaskedStatement, schema MaskedSchema,
///   shown SEQUENCE OF INTEGER,                        -- numbers of leaves, rising; the same for every row
///   rows SEQUENCE SIZE (0..65536) OF SEQUENCE {       -- rising by row
///     row INTEGER, opened SEQUENCE OF SEQUENCE { salt OCTET STRING (SIZE (32)), text UTF8String },
///     hidden OCTET STRING, path OCTET STRING } }      -- digests one after the other
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    statement: Statement,
    schema: Schema,
    shown: Vec<u32>,
    rows: Vec<RowProof>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowProof {
    pub(super) row: u64,
    pub(super) opened: Vec<Opened>,
    pub(super) hidden: Vec<Digest>,
    pub(super) path: Vec<Digest>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) salt: [u8; SALT],
    pub(super) text: String,
}

/// What a view shows, once every row was checked against the owner's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedView {
    columns: Vec<(String, Form)>,
    rows: Vec<ShownRow>,
    k: u32,
}

/// A row of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownRow {
    row: u64,
    texts: Vec<String>,
}

impl View {
    pub(super) const fn new(
        statement: Statement,
        schema: Schema,
        shown: Vec<u32>,
        rows: Vec<RowProof>,
    ) -> Self {
        Self { statement, schema, shown, rows }
    }

    /// What the owner signed.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Checks everything that is shown against the owner's signature.
    ///
    /// # Errors
    /// As [`Statement::verify`]; [`Error::DigestMismatch`] for another schema, [`Error::ProofWrong`] for a row that is not in the
    /// data set as shown, [`Error::DerivationWrong`] for a masked form beside a value that it does not come from.
    pub fn verify(&self, owner: &Certificate) -> Result<VerifiedView, Error> {
        self.statement.verify(owner)?;
        let (expected, found) = (self.statement.schema, self.schema.digest());
        if expected != found {
            return Err(Error::DigestMismatch { what: "schema", expected, found });
        }
        let leaves: Vec<_> = self.schema.leaves().collect();
        let wrong = || Error::ProofWrong { what: "view" };
        if self.shown.last().is_some_and(|last| *last as usize >= leaves.len()) {
            return Err(wrong());
        }
        let columns: Vec<Leaf<'_>> = self.shown.iter().map(|n| leaves[*n as usize]).collect();
        for proof in &self.rows {
            proof.check(&leaves, &columns, &self.statement)?;
            proof.check_derivations(&columns)?;
        }
        let k = Classes::of(&self.texts(), &self.quasi_columns()).smallest();
        let rows = self.rows.iter().map(|proof| ShownRow {
            row: proof.row,
            texts: proof.opened.iter().map(|o| o.text.clone()).collect(),
        });
        let name = |c: &Leaf<'_>| (c.field.name().to_owned(), c.form.clone());
        Ok(VerifiedView { columns: columns.iter().map(name).collect(), rows: rows.collect(), k })
    }

    pub(super) fn texts(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|p| p.opened.iter().map(|o| o.text.as_str()).collect()).collect()
    }

    /// The places of the shown columns over which k-anonymity is counted. A hidden field tells no two rows apart.
    pub(super) fn quasi_columns(&self) -> Vec<usize> {
        let quasi = |number: &u32| {
            let leaf = self.schema.leaves().nth(*number as usize);
            leaf.is_some_and(|l| l.field.is_quasi_identifier())
        };
        (0..).zip(&self.shown).filter(|(_, n)| quasi(n)).map(|(at, _)| at).collect()
    }
}

impl RowProof {
    fn check(
        &self,
        leaves: &[Leaf<'_>],
        columns: &[Leaf<'_>],
        statement: &Statement,
    ) -> Result<(), Error> {
        let wrong = || Error::ProofWrong { what: "row of a view" };
        if self.opened.len() != columns.len() || self.hidden.len() != leaves.len() - columns.len() {
            return Err(wrong());
        }
        let mut opened = columns.iter().zip(&self.opened).peekable();
        let mut hidden = self.hidden.iter();
        let mut digests = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let digest = match opened.next_if(|(column, _)| column.number == leaf.number) {
                Some((_, open)) => leaf.commit(&open.salt, &open.text),
                None => *hidden.next().ok_or_else(wrong)?,
            };
            digests.push(digest);
        }
        let row = row_digest(digests);
        verify_inclusion(&row, self.row, statement.rows, &self.path, &statement.root)
            .map_err(|_| wrong())
    }

    /// A value and a masked form of it in one row: the rule must lead from one to the other.
    fn check_derivations(&self, columns: &[Leaf<'_>]) -> Result<(), Error> {
        for (value, open) in columns.iter().zip(&self.opened) {
            if *value.form != Form::Value {
                continue;
            }
            for (masked, shown) in columns.iter().zip(&self.opened) {
                if masked.at != value.at || !masked.form.is_public_rule() {
                    continue;
                }
                let expected = masked.form.apply(&open.text, value.field.kind(), None)?;
                if expected != shown.text {
                    let (field, found) = (value.field.name().to_owned(), shown.text.clone());
                    return Err(Error::DerivationWrong { field, expected, found });
                }
            }
        }
        Ok(())
    }
}

impl VerifiedView {
    /// What each column is.
    #[must_use]
    pub fn columns(&self) -> &[(String, Form)] {
        &self.columns
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[ShownRow] {
        &self.rows
    }

    /// The least number of rows of this view that share all shown quasi-identifiers. Several views of one data set, or other data,
    /// may tell more together than each alone.
    #[must_use]
    pub const fn k(&self) -> u32 {
        self.k
    }
}

impl ShownRow {
    /// Its number in the data set.
    #[must_use]
    pub const fn row(&self) -> u64 {
        self.row
    }

    /// What is shown, by column.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

impl Wire for View {
    const NAME: &'static str = "masked view";
    /// A view is checked whole in memory.
    const MAX_LEN: usize = 64 * 1024 * 1024;

    fn write(&self, out: &mut Writer) {
        let Self { statement, schema, shown, rows } = self;
        out.sequence(|out| {
            statement.write(out);
            schema.write(out);
            out.list(shown, |out, number| out.uint(*number));
            out.list(rows, |out, RowProof { row, opened, hidden, path }| {
                out.sequence(|out| {
                    out.uint(*row);
                    out.list(opened, |out, Opened { salt, text }| {
                        out.sequence(|out| {
                            out.octets(salt);
                            out.text(text);
                        });
                    });
                    out.digests(hidden);
                    out.digests(path);
                });
            });
        });
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
        input.sequence(Self::NAME, |input| {
            let statement = Statement::read(input)?;
            let schema = Schema::read(input)?;
            let shown = input.list("shown", 0, MAX_LEAVES, |input| input.uint32("leaf"))?;
            rising("shown", &shown, |n| *n)?;
            let rows = input.list("rows", 0, MAX_ROWS, |input| {
                input.sequence("row", |input| {
                    let row = input.uint("row number")?;
                    let opened = input.list("opened", 0, MAX_LEAVES, |input| {
                        input.sequence("opened field", |input| {
                            let salt = input.array("salt")?;
                            // A masked text is at most as long as the value's stars.
                            let text = input.text("text", 0, MAX_TEXT)?.to_owned();
                            Ok(Opened { salt, text })
                        })
                    })?;
                    let hidden = input.digests("hidden", MAX_LEAVES)?;
                    let path = input.digests("path", MAX_PATH)?;
                    Ok(RowProof { row, opened, hidden, path })
                })
            })?;
            rising("rows", &rows, |r| r.row)?;
            Ok(Self { statement, schema, shown, rows })
        })
    }
}

#[cfg(test)]
impl View {
    /// What an attacker sees: digests of what is hidden.
    pub(super) fn hidden(&self) -> impl Iterator<Item = Digest> {
        self.rows.iter().flat_map(|r| r.hidden.iter().copied())
    }

    /// And the salts of what is shown.
    pub(super) fn salts(&self) -> impl Iterator<Item = Vec<u8>> {
        self.rows.iter().flat_map(|r| r.opened.iter().map(|o| o.salt.to_vec()))
    }
}
