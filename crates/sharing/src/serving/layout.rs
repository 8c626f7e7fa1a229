//! How rows go out: which fields, and what the published version's masking rules leave of them.

use yinxin_record::FieldSet;

use crate::{
    Error,
    catalogue::{MaskRule, Resource},
    masked::Form,
};

/// The columns of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout(Vec<Column>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    form: Form,
}

impl Layout {
    /// For fields of a resource, in the order of the catalogue. What its rule drops is not among them: it never leaves.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a field that the resource does not have, or a token, which only a custodian makes; [`Error::ValueBad`]
    /// when nothing is left.
    pub fn new(resource: &Resource, fields: &FieldSet) -> Result<Self, Error> {
        let mut columns = Vec::new();
        for field in fields.iter() {
            let item = resource.items().get(usize::from(field));
            let item = item.ok_or(Error::NotFound { what: "field", name: field.to_string() })?;
            let form = match &item.mask {
                MaskRule::Drop => continue,
                MaskRule::None => Form::Value,
                MaskRule::Form(Form::Token { purpose }) => {
                    return Err(Error::NotFound { what: "custodian", name: purpose.clone() });
                }
                MaskRule::Form(form) => form.clone(),
            };
            columns.push(Column { name: item.name.clone(), form });
        }
        if columns.is_empty() {
            let found = "every field is dropped by its masking rule".to_owned();
            return Err(Error::ValueBad { what: "fields", found });
        }
        Ok(Self(columns))
    }

    /// The names of its columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|column| column.name.as_str())
    }

    /// The first line of the answer: the names, as CSV.
    ///
    /// # Errors
    /// [`Error::Io`], which cannot be.
    pub fn head(&self) -> Result<Vec<u8>, Error> {
        line(self.names())
    }

    /// A row as it leaves: each value in the form that its rule allows, as CSV.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for another number of values, [`Error::ValueBad`] for a value that its rule cannot mask: then the row
    /// does not leave.
    pub fn row(&self, values: &[String]) -> Result<Vec<u8>, Error> {
        if values.len() != self.0.len() {
            let (expected, found) = (self.0.len().to_string(), values.len().to_string());
            return Err(Error::Mismatch { what: "values of a row", expected, found });
        }
        let shown = |(column, value): (&Column, &String)| match &column.form {
            // What is not there has no range.
            Form::Range { .. } if value.is_empty() => Ok(String::new()),
            form => form.apply(value, "", None).map_err(|e| unsaid(&column.name, e)),
        };
        let shown: Vec<String> = self.0.iter().zip(values).map(shown).collect::<Result<_, _>>()?;
        line(shown.iter().map(String::as_str))
    }
}

/// A value that could not be masked must not leave in a message either.
fn unsaid(field: &str, error: Error) -> Error {
    match error {
        Error::ValueBad { what, .. } => Error::ValueBad { what, found: format!("field {field}") },
        other => other,
    }
}

fn line<'a>(values: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, Error> {
    let io = |e: csv::Error| Error::Io { why: e.to_string() };
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(values).map_err(io)?;
    out.into_inner().map_err(|e| Error::Io { why: e.to_string() })
}
