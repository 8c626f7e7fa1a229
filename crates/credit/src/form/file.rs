//! Forms as people write them.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{FILE_MAX, Form, FormField, MAX_FIELDS, Role, Show, ValueKind};
use crate::{
    Error,
    config::{line_of, pick, stated},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    code_set: Vec<Spanned<FileCodes>>,
    form: Vec<Spanned<FileForm>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCodes {
    id: String,
    source: String,
    codes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    id: String,
    name: String,
    source: String,
    field: Vec<Spanned<FileField>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileField {
    code: String,
    name: String,
    kind: String,
    max: Option<usize>,
    decimals: Option<u32>,
    code_set: Option<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    required_for: Vec<String>,
    role: Option<String>,
    #[serde(default)]
    show: Option<String>,
}

type Codes = BTreeMap<String, BTreeMap<String, String>>;

pub(super) fn read(text: &str) -> Result<BTreeMap<String, Form>, Error> {
    let bad = |line, why| Error::ConfigBad { what: "forms", line, why };
    if text.len() > FILE_MAX {
        return Err(bad(1, format!("{} bytes, at most {FILE_MAX} are read", text.len())));
    }
    let file: File = toml::from_str(text).map_err(|e| {
        bad(line_of(text, e.span().map_or(0, |span| span.start)), e.message().to_owned())
    })?;
    let mut sets = Codes::new();
    for row in file.code_set {
        let line = line_of(text, row.span().start);
        let FileCodes { id, source, codes } = row.into_inner();
        stated("source", source).map_err(|why| bad(line, why))?;
        if sets.insert(id.clone(), codes).is_some() {
            return Err(bad(line, format!("code set {id} stands twice")));
        }
    }
    let mut forms = BTreeMap::new();
    for row in file.form {
        let line = line_of(text, row.span().start);
        let FileForm { id, name, source, field: rows } = row.into_inner();
        let source = stated("source", source).map_err(|why| bad(line, why))?;
        let mut fields: Vec<FormField> = Vec::new();
        for row in rows {
            let line = line_of(text, row.span().start);
            let read = field(row.into_inner(), &sets).map_err(|why| bad(line, why))?;
            let twice =
                |f: &FormField| f.code == read.code || (read.role.is_some() && f.role == read.role);
            if fields.iter().any(twice) {
                return Err(bad(line, format!("code or role of {} stands twice", read.code)));
            }
            fields.push(read);
        }
        let needed = [Role::Type, Role::Subject, Role::Number, Role::Decided, Role::Authority];
        if needed.iter().any(|role| !fields.iter().any(|f| f.role == Some(*role)))
            || fields.len() > MAX_FIELDS
        {
            return Err(bad(
                line,
                format!("{id}: a role is missing, or there are too many fields"),
            ));
        }
        let form = Form { id: id.clone(), name, source, fields };
        if id.len() > 64 || forms.insert(id.clone(), form).is_some() {
            return Err(bad(line, format!("form {id} stands twice")));
        }
    }
    Ok(forms)
}

const ROLES: [(&str, Role); 6] = [
    ("subject", Role::Subject),
    ("type", Role::Type),
    ("number", Role::Number),
    ("decided", Role::Decided),
    ("until", Role::Until),
    ("authority", Role::Authority),
];

const SHOWS: [(&str, Show); 3] =
    [("public", Show::Public), ("masked", Show::Masked), ("never", Show::Never)];

fn field(row: FileField, sets: &Codes) -> Result<FormField, String> {
    let FileField { code, name, kind, max, decimals, code_set, required, required_for, role, show } =
        row;
    if code.is_empty() || code.len() > 64 || name.is_empty() {
        return Err("a code of 1 to 64 bytes and a name".to_owned());
    }
    let kind = match (kind.as_str(), max, decimals, code_set) {
        ("text", Some(max), None, None) => ValueKind::Text(max),
        ("decimal", None, Some(decimals), None) if decimals <= 12 => ValueKind::Decimal(decimals),
        ("date", None, None, None) => ValueKind::Date,
        ("credit-code", None, None, None) => ValueKind::CreditCode,
        ("code", None, None, Some(set)) => {
            ValueKind::Code(sets.get(&set).cloned().ok_or_else(|| format!("no code set {set}"))?)
        }
        (kind, ..) => return Err(format!("{code}: kind {kind:?} with what it needs and no more")),
    };
    let role = role.map(|word| pick("role", &word, &ROLES)).transpose()?;
    let show = show.map_or(Ok(Show::Public), |word| pick("show", &word, &SHOWS))?;
    let fits = match role {
        Some(Role::Subject | Role::Authority) => kind == ValueKind::CreditCode,
        Some(Role::Decided | Role::Until) => kind == ValueKind::Date,
        Some(Role::Type) => matches!(kind, ValueKind::Code(_)),
        Some(Role::Number) | None => true,
    };
    if !fits || (role.is_some() && show == Show::Never) {
        return Err(format!("{code}: its kind does not serve its role"));
    }
    Ok(FormField { code, name, kind, required, required_for, role, show })
}
