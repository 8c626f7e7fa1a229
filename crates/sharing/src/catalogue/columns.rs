//! Which column of a table is which part of a resource.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Error;

/// Largest mapping file, bytes: fourteen columns have one KB.
const MAPPING_MAX: usize = 64 * 1024;

/// What a column can be, in the order in which they are written.
pub(super) const PARTS: [&str; 14] = [
    "owner_code",
    "owner_name",
    "code",
    "version",
    "name",
    "summary",
    "class",
    "condition",
    "basis",
    "cycle",
    "item_name",
    "item_kind",
    "item_level",
    "item_mask",
];
/// Parts that a table may leave out.
const OPTIONAL: [&str; 5] = ["version", "summary", "condition", "basis", "item_mask"];

const STANDARD: &str = r#"
[columns]
"提供方代码" = "owner_code"
"提供方名称" = "owner_name"
"信息资源代码" = "code"
"版本" = "version"
"信息资源名称" = "name"
"摘要" = "summary"
"共享类型" = "class"
"共享条件" = "condition"
"不予共享依据" = "basis"
"更新周期" = "cycle"
"信息项名称" = "item_name"
"数据类型" = "item_kind"
"数据分级" = "item_level"
"脱敏规则" = "item_mask"
"#;

/// How a table's columns become a resource's parts.
///
/// ```toml
/// [columns]                    # column = part
/// "信息资源名称" = "name"
/// [constants]                  # part = value, for every row
/// owner_code = "11430000006122244L"
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    columns: BTreeMap<String, String>,
    #[serde(default)]
    constants: BTreeMap<String, String>,
}

impl Columns {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`Error::ConfigBad`] when it cannot be read, a part is unknown, stands twice or is missing.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let bad = |why: String| Error::ConfigBad { what: "column mapping", why };
        if text.len() > MAPPING_MAX {
            return Err(bad(format!("{} bytes, at most {MAPPING_MAX} are read", text.len())));
        }
        let columns: Self = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
        let mut parts: Vec<&str> = columns.columns.values().map(String::as_str).collect();
        parts.extend(columns.constants.keys().map(String::as_str));
        parts.sort_unstable();
        if let Some(twice) = parts.windows(2).find(|w| w[0] == w[1]) {
            return Err(bad(format!("two columns or constants are {:?}", twice[0])));
        }
        if let Some(unknown) = parts.iter().find(|p| !PARTS.contains(p)) {
            return Err(bad(format!("no part is called {unknown:?}")));
        }
        let missing = |p: &&str| !parts.contains(p) && !OPTIONAL.contains(p);
        match PARTS.iter().find(|p| missing(p)) {
            Some(part) => Err(bad(format!("no column is {part:?}"))),
            None => Ok(columns),
        }
    }

    /// The Chinese columns that this crate writes.
    ///
    /// # Errors
    /// None: the mapping is part of the crate, and a test reads it.
    pub fn standard() -> Result<Self, Error> {
        Self::from_toml(STANDARD)
    }

    /// Each part that a column has, with its place in a header.
    pub(super) fn places(&self, header: &[&str]) -> Result<Vec<(&str, usize)>, Error> {
        let place = |(column, part): (&'_ String, &'_ String)| {
            let mut at = header.iter().enumerate().filter(|(_, name)| **name == column.as_str());
            match (at.next(), at.next()) {
                (Some((at, _)), None) => Ok((PARTS.iter().position(|p| p == part), at)),
                (Some(_), Some(_)) => {
                    Err(Error::ValueBad { what: "column stands twice", found: column.clone() })
                }
                (None, _) => {
                    let found = header.iter().map(|n| (*n).to_owned()).collect();
                    Err(Error::ColumnMissing { column: column.clone(), found })
                }
            }
        };
        let found = self.columns.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().filter_map(|(part, at)| Some((PARTS[part?], at))).collect())
    }

    pub(super) const fn constants(&self) -> &BTreeMap<String, String> {
        &self.constants
    }

    /// The columns in the order of [`PARTS`].
    pub(super) fn header(&self) -> Vec<(&str, &'static str)> {
        let column = |part: &&'static str| {
            let found = self.columns.iter().find(|(_, p)| p == part);
            found.map(|(column, _)| (column.as_str(), *part))
        };
        PARTS.iter().filter_map(column).collect()
    }
}
