//! The owner's side: committing to rows, and opening some of them.

use rand_core::CryptoRng;
use yinxin_gm::Digest;
use yinxin_merkle::{
    log::{self, Frontier, MemoryNodes, prove_inclusion},
    wire::Writer,
};
use yinxin_verdict::UnixTime;

use super::{
    Form, Schema, Seed, Statement, Tokens, View,
    anonymity::Classes,
    statement::Said,
    view::{MAX_ROWS, MAX_TEXT, Opened, RowProof},
};
use crate::{Error, envelope::Owner};

const ROW_DOMAIN: &str = "yinxin/masked-row/1";

/// A data set that is being committed to; 32 octets of memory for each row.
#[derive(Debug)]
pub struct DataSet {
    schema: Schema,
    id: Digest,
    seed: Seed,
    rows: Vec<Digest>,
}

/// A data set that its owner signed, and can make views of while it has the seed and the rows.
#[derive(Debug)]
pub struct Published {
    set: DataSet,
    statement: Statement,
    nodes: MemoryNodes,
}

/// Which fields are shown in which forms, and how many rows must share what identifies them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    shown: Vec<(String, Form)>,
    k: u32,
}

impl Choice {
    /// Pairs of field and form; `k` is 1 where anonymity is no aim, as under a grant for named persons.
    ///
    /// # Errors
    /// [`Error::ValueBad`] for a form that is none, or `k` = 0.
    pub fn new(shown: &[(&str, &str)], k: u32) -> Result<Self, Error> {
        if k == 0 {
            return Err(Error::ValueBad { what: "k", found: k.to_string() });
        }
        let pair = |(field, form): &(&str, &str)| Ok(((*field).to_owned(), form.parse()?));
        Ok(Self { shown: shown.iter().map(pair).collect::<Result<_, Error>>()?, k })
    }
}

impl DataSet {
    /// Without rows yet. `id` is its owner's to choose, and never used twice with one seed: salts would repeat.
    #[must_use]
    pub const fn new(schema: Schema, id: Digest, seed: Seed) -> Self {
        Self { schema, id, seed, rows: Vec::new() }
    }

    /// Commits to the next row, whose values stand in the schema's order.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for another number of values, [`Error::TooMany`] for one that is too long, or as [`Form::apply`].
    pub fn push(&mut self, values: &[&str], tokens: Option<&dyn Tokens>) -> Result<(), Error> {
        let row = self.commit(self.rows.len() as u64, values, tokens)?;
        self.rows.push(row.digest());
        Ok(())
    }

    /// Signs all rows.
    ///
    /// # Errors
    /// [`Error::SigningFailed`].
    pub fn publish(
        self,
        owner: Owner<'_>,
        now: UnixTime,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Published, Error> {
        let (nodes, root) = tree(&self.rows);
        let (schema, rows) = (self.schema.digest(), self.rows.len() as u64);
        let said = Said { data_set: self.id, schema, rows, root };
        let statement = Statement::sign(&said, owner, now, rng)?;
        Ok(Published { set: self, statement, nodes })
    }

    /// Goes on with what was signed before: the same rows were pushed under the same schema, id and seed.
    ///
    /// # Errors
    /// [`Error::DigestMismatch`] when they were not.
    pub fn published(self, statement: Statement) -> Result<Published, Error> {
        let (nodes, root) = tree(&self.rows);
        for (what, expected, found) in [
            ("data set", statement.data_set, self.id),
            ("schema", statement.schema, self.schema.digest()),
            ("rows", statement.root, root),
        ] {
            if expected != found {
                return Err(Error::DigestMismatch { what, expected, found });
            }
        }
        Ok(Published { set: self, statement, nodes })
    }

    fn commit(
        &self,
        row: u64,
        values: &[&str],
        tokens: Option<&dyn Tokens>,
    ) -> Result<CommittedRow, Error> {
        let fields = self.schema.fields().len();
        if values.len() != fields {
            let (expected, found) = (fields.to_string(), values.len().to_string());
            return Err(Error::Mismatch { what: "values of a row", expected, found });
        }
        let mut committed = CommittedRow::default();
        for leaf in self.schema.leaves() {
            let value = values[leaf.at];
            if value.len() > MAX_TEXT {
                let (max, found) = (MAX_TEXT as u64, value.len() as u64);
                return Err(Error::TooMany { what: "octets of a value", max, found });
            }
            let text = leaf.form.apply(value, leaf.field.kind(), tokens)?;
            let salt = self.seed.salt(&self.id, row, leaf.number);
            committed.leaves.push(leaf.commit(&salt, &text));
            committed.opened.push(Opened { salt, text });
        }
        Ok(committed)
    }
}

impl Published {
    /// What the owner signed.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Opens the chosen forms of some rows, given with their numbers, rising, and their values as they were committed to.
    ///
    /// # Errors
    /// [`Error::KAnonymity`] when fewer than `k` rows share what the view shows of quasi-identifiers, [`Error::FormUnknown`],
    /// [`Error::DigestMismatch`] for values that are not the committed ones, [`Error::NotFound`], [`Error::TooMany`].
    pub fn view(
        &self,
        rows: &[(u64, &[&str])],
        choice: &Choice,
        tokens: Option<&dyn Tokens>,
    ) -> Result<View, Error> {
        if rows.len() > MAX_ROWS {
            let (max, found) = (MAX_ROWS as u64, rows.len() as u64);
            return Err(Error::TooMany { what: "rows of a view", max, found });
        }
        if let Some(pair) = rows.windows(2).find(|w| w[0].0 >= w[1].0) {
            return Err(Error::ValueBad {
                what: "rows in rising order",
                found: pair[1].0.to_string(),
            });
        }
        let schema = &self.set.schema;
        let leaf = |(field, form): &(String, Form)| schema.leaf(field, form).map(|l| l.number);
        let mut shown = choice.shown.iter().map(leaf).collect::<Result<Vec<_>, _>>()?;
        shown.sort_unstable();
        shown.dedup();
        let proofs = rows
            .iter()
            .map(|(row, values)| self.prove(*row, values, &shown, tokens))
            .collect::<Result<Vec<_>, _>>()?;
        let view = View::new(self.statement.clone(), schema.clone(), shown, proofs);
        let found = Classes::of(&view.texts(), &view.quasi_columns()).smallest();
        if !rows.is_empty() && found < choice.k {
            return Err(Error::KAnonymity { k: choice.k, found });
        }
        Ok(view)
    }

    fn prove(
        &self,
        row: u64,
        values: &[&str],
        shown: &[u32],
        tokens: Option<&dyn Tokens>,
    ) -> Result<RowProof, Error> {
        let none = || Error::NotFound { what: "row", name: row.to_string() };
        let at = usize::try_from(row).map_err(|_| none())?;
        let expected = *self.set.rows.get(at).ok_or_else(none)?;
        let committed = self.set.commit(row, values, tokens)?;
        let found = committed.digest();
        if found != expected {
            return Err(Error::DigestMismatch { what: "row", expected, found });
        }
        let path = prove_inclusion(&self.nodes, row, self.set.rows.len() as u64);
        let path = path.map_err(|_| none())?;
        let (mut opened, mut hidden) = (Vec::new(), Vec::new());
        let numbered = (0_u32..).zip(committed.opened.into_iter().zip(committed.leaves));
        for (number, (open, digest)) in numbered {
            if shown.binary_search(&number).is_ok() {
                opened.push(open);
            } else {
                hidden.push(digest);
            }
        }
        Ok(RowProof { row, opened, hidden, path })
    }
}

/// All leaves of a row, closed and open.
#[derive(Default)]
struct CommittedRow {
    leaves: Vec<Digest>,
    opened: Vec<Opened>,
}

impl CommittedRow {
    fn digest(&self) -> Digest {
        row_digest(self.leaves.iter().copied())
    }
}

/// What stands for a row in the tree over all rows.
pub(super) fn row_digest(leaves: impl IntoIterator<Item = Digest>) -> Digest {
    let mut out = Writer::new();
    out.sequence(|out| {
        out.text(ROW_DOMAIN);
        out.digest(&log::root(leaves));
    });
    log::leaf_hash(&out.into_vec())
}

fn tree(rows: &[Digest]) -> (MemoryNodes, Digest) {
    let (mut nodes, mut frontier) = (MemoryNodes::default(), Frontier::new());
    for row in rows {
        frontier.append(*row, &mut |id, hash| nodes.insert(id, hash));
    }
    (nodes, frontier.root())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        masked::Custodian,
        sample::{Party, at, rng},
    };

    /// A view of one row whose owner signed 李* for the mask of a name that begins otherwise.
    pub(in crate::masked) fn lying(owner: &Party, schema: Schema, values: [&str; 4]) -> View {
        let custodian = Custodian::new(zeroize::Zeroizing::new([7; 32]));
        let mut set = DataSet::new(schema, Digest::ZERO, Seed::generate(&mut rng()));
        let mut row = set.commit(0, &values, Some(&custodian)).unwrap();
        let mask = set.schema.leaf("姓名", &Form::Keep { head: 1, tail: 0 }).unwrap();
        let at_mask = mask.number as usize;
        row.opened[at_mask].text = "李*".to_owned();
        row.leaves[at_mask] = mask.commit(&row.opened[at_mask].salt, "李*");
        set.rows.push(row.digest());
        let shown = vec![0, mask.number];
        let opened = row.opened.into_iter().take(2).collect();
        let hidden = row.leaves.into_iter().skip(2).collect();
        let schema = set.schema.clone();
        let published = set.publish(owner.owner(), at("2026-11-22"), &mut rng()).unwrap();
        let proof = RowProof { row: 0, opened, hidden, path: Vec::new() };
        View::new(published.statement, schema, shown, vec![proof])
    }
}
