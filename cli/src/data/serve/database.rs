//! Rows of a PostgreSQL table or view: one read-only transaction, parameters apart from the statement, a portal that hands out some
//! rows at a time.

use std::{collections::VecDeque, time::Duration};

use postgres::{Client, Config, IsolationLevel, NoTls, Portal, Row, Transaction, types::ToSql};
use yinxin_gm::Digest;
use yinxin_sharing::{
    Error,
    serving::{Range, Rows, Subjects},
};

use crate::fail::{Class, Done, Failure};

/// Rows that are fetched at a time: enough that the way there and back hardly counts, few enough that the longest are held in memory.
const FETCH: i32 = 16;
/// The longest row, octets of text: as for files. The database does not send longer ones.
const MAX_ROW: usize = 1 << 20;

/// A database, and how to come in.
#[derive(Clone)]
pub(super) struct Database {
    config: Config,
    statement: Duration,
}

impl Database {
    /// On this machine; each statement may take so long.
    pub(super) fn new(config: Config, statement: Duration) -> Self {
        Self { config, statement }
    }
}

/// A table or view in it.
pub(super) struct Table {
    database: Database,
    /// Quoted.
    name: String,
    /// Quoted.
    order: Vec<String>,
}

impl Table {
    /// `table`, or `schema.table`.
    pub(super) fn new(database: Database, name: &str, order: &[String]) -> Done<Self> {
        let parts: Vec<&str> = name.split('.').collect();
        let plain = |part: &str| !part.is_empty() && !part.contains('\0');
        if parts.len() > 2
            || !parts
                .iter()
                .chain(&order.iter().map(String::as_str).collect::<Vec<_>>())
                .all(|p| plain(p))
        {
            return Err(Failure::new(
                Class::Usage,
                format!("expected TABLE or SCHEMA.TABLE, got {name:?}"),
                format!("应为“表”或“模式.表”，实为 {name:?}"),
            ));
        }
        let name = parts.into_iter().map(quoted).collect::<Vec<_>>().join(".");
        Ok(Self { database, name, order: order.iter().map(|c| quoted(c)).collect() })
    }

    /// Whether ranges of rows are the same each time.
    pub(super) const fn is_ordered(&self) -> bool {
        !self.order.is_empty()
    }

    /// Opens the rows of a range, of some subjects or all, and hands them on, with how many they are if they are to be counted, in one
    /// snapshot; the transaction ends after that, whatever happened.
    pub(super) fn with_rows<T>(
        &self,
        columns: &[&str],
        subjects: Option<Subjects<'_>>,
        (range, counts): (Range, bool),
        then: impl FnOnce(u64, &mut dyn Rows) -> T,
    ) -> Result<T, Error> {
        let mut client = self.database.config.connect(NoTls).map_err(|e| wrong(&e))?;
        let mut transaction = begin(&mut client, self.database.statement)?;
        let statement = self.statement(columns, subjects.map(|s| s.column));
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let (skip, most) = (number(range.skip), number(range.rows));
        let wanted: Vec<String> =
            subjects.iter().flat_map(|s| s.pseudonyms).map(Digest::to_string).collect();
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&skip, &most];
        if subjects.is_some() {
            parameters.push(&wanted);
        }
        let found = if counts {
            let counting = self.counting(subjects.map(|s| s.column));
            let row = transaction.query_one(&counting, &parameters).map_err(|e| wrong(&e))?;
            let found: i64 = row.try_get(0).map_err(|e| wrong(&e))?;
            u64::try_from(found).unwrap_or(u64::MAX)
        } else {
            range.rows
        };
        let portal = transaction.bind(&statement, &parameters).map_err(|e| wrong(&e))?;
        let mut rows = TableRows { transaction, portal, fetched: VecDeque::new(), ended: false };
        // What is wrong with the statement shows before anything is promised.
        rows.fetch()?;
        Ok(then(found, &mut rows))
    }

    /// Names stand in it, quoted; whatever a caller says is a parameter.
    fn statement(&self, columns: &[&str], subject: Option<&str>) -> String {
        // With the table's name before it, a name is a column of the table, never one of the output, which is text.
        let texts = || columns.iter().map(|c| format!("t.{}::text", quoted(c)));
        let lengths: String =
            texts().map(|c| format!(" + coalesce(octet_length({c}), 0)::bigint")).collect();
        let values: String =
            texts().map(|c| format!(", CASE WHEN l.n <= {MAX_ROW} THEN {c} END")).collect();
        // OFFSET 0: computed once for each row, not once for each column.
        let mut sql = format!(
            "SELECT l.n{values} FROM {} AS t CROSS JOIN LATERAL (SELECT 0::bigint{lengths} AS n OFFSET 0) AS l",
            self.name
        );
        sql.push_str(&chosen(subject));
        if self.is_ordered() {
            let order: Vec<_> = self.order.iter().map(|c| format!("t.{c}")).collect();
            sql.push_str(&format!(" ORDER BY {}", order.join(", ")));
        }
        sql.push_str(RANGE);
        sql
    }

    /// How many rows that statement has, by the same parameters; their order does not matter.
    fn counting(&self, subject: Option<&str>) -> String {
        let (name, chosen) = (&self.name, chosen(subject));
        format!("SELECT count(*) FROM (SELECT 1 FROM {name} AS t{chosen}{RANGE}) AS c")
    }
}

const RANGE: &str = " OFFSET $1::bigint LIMIT $2::bigint";

/// Only some subjects' rows, if there is a column of them to choose by.
fn chosen(subject: Option<&str>) -> String {
    let of = |subject| format!(" WHERE t.{}::text = ANY($3::text[])", quoted(subject));
    subject.map_or_else(String::new, of)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// One snapshot for the whole answer, in which nothing can be written.
fn begin(client: &mut Client, statement: Duration) -> Result<Transaction<'_>, Error> {
    let mut transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .map_err(|e| wrong(&e))?;
    let ms = statement.as_millis().to_string();
    for setting in ["statement_timeout", "lock_timeout"] {
        transaction
            .execute("SELECT set_config($1, $2, true)", &[&setting, &ms])
            .map_err(|e| wrong(&e))?;
    }
    Ok(transaction)
}

struct TableRows<'a> {
    transaction: Transaction<'a>,
    portal: Portal,
    fetched: VecDeque<Row>,
    ended: bool,
}

impl TableRows<'_> {
    fn fetch(&mut self) -> Result<(), Error> {
        let rows = self.transaction.query_portal(&self.portal, FETCH).map_err(|e| wrong(&e))?;
        self.ended = rows.len() < usize::try_from(FETCH).unwrap_or(0);
        self.fetched.extend(rows);
        Ok(())
    }
}

impl Rows for TableRows<'_> {
    fn next(&mut self, values: &mut Vec<String>) -> Result<bool, Error> {
        if self.fetched.is_empty() && !self.ended {
            self.fetch()?;
        }
        let Some(row) = self.fetched.pop_front() else { return Ok(false) };
        let found: i64 = row.try_get(0).map_err(|e| wrong(&e))?;
        let found = u64::try_from(found).unwrap_or(u64::MAX);
        if found > MAX_ROW as u64 {
            return Err(Error::TooMany { what: "octets of a row", max: MAX_ROW as u64, found });
        }
        values.clear();
        for column in 1..row.len() {
            let value: Option<&str> = row.try_get(column).map_err(|e| wrong(&e))?;
            values.push(value.unwrap_or_default().to_owned());
        }
        Ok(true)
    }
}

/// By its code alone: the database's messages quote values.
fn wrong(error: &postgres::Error) -> Error {
    let code = error.code().map_or("no answer", postgres::error::SqlState::code);
    Error::Io { why: format!("PostgreSQL: {code}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_and_a_value_is_a_parameter() {
        let database = Database::new(Config::new(), Duration::from_secs(1));
        let order = ["id".to_owned()];
        let table = Table::new(database.clone(), "public.a\"; DROP TABLE b; --", &order).unwrap();
        assert_eq!(
            table.statement(&["name", "x\"y"], Some("who")),
            "SELECT l.n, CASE WHEN l.n <= 1048576 THEN t.\"name\"::text END, \
             CASE WHEN l.n <= 1048576 THEN t.\"x\"\"y\"::text END \
             FROM \"public\".\"a\"\"; DROP TABLE b; --\" AS t CROSS JOIN LATERAL (SELECT 0::bigint \
             + coalesce(octet_length(t.\"name\"::text), 0)::bigint \
             + coalesce(octet_length(t.\"x\"\"y\"::text), 0)::bigint AS n OFFSET 0) AS l \
             WHERE t.\"who\"::text = ANY($3::text[]) ORDER BY t.\"id\" OFFSET $1::bigint LIMIT $2::bigint"
        );
        assert_eq!(
            table.counting(Some("who")),
            "SELECT count(*) FROM (SELECT 1 FROM \"public\".\"a\"\"; DROP TABLE b; --\" AS t \
             WHERE t.\"who\"::text = ANY($3::text[]) OFFSET $1::bigint LIMIT $2::bigint) AS c"
        );
        for name in ["", "a.b.c", "a.", "a\0"] {
            assert!(Table::new(database.clone(), name, &[]).is_err(), "{name:?}");
        }
    }
}
