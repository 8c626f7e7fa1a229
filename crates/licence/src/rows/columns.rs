//! The mapping of a file's columns to a type's fields.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Error;
use crate::catalogue::CatalogueType;

/// Largest mapping file, bytes: a hundred columns have 5 KB.
const MAPPING_MAX: usize = 64 * 1024;

/// How a file's columns become a licence's fields.
///
/// ```toml
/// dates = ["%Y-%m-%d", "%Y年%m月%d日"]   # forms of dates; the usual ones when absent
/// [columns]                              # column = field, or serial, or type
/// "证照流水号" = "serial"
/// "企业名称" = "holder_name"
/// [constants]                            # field = value, for every row
/// category = "有限责任公司"
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Columns {
    /// Column to field.
    pub columns: BTreeMap<String, String>,
    /// Field to the value that it has in every row.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
    /// `strptime` forms of dates.
    #[serde(default)]
    pub dates: Vec<String>,
}

impl Columns {
    /// What the column of the identifier's serial is mapped to.
    pub const SERIAL: &'static str = "serial";

    /// What a column that names the licence type is mapped to.
    pub const TYPE: &'static str = "type";

    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`Error::ConfigBad`].
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let bad = |why: String| Error::ConfigBad { what: "column mapping", why };
        if text.len() > MAPPING_MAX {
            return Err(bad(format!("{} bytes, at most {MAPPING_MAX} are read", text.len())));
        }
        toml::from_str(text).map_err(|e| bad(e.to_string()))
    }

    pub(super) fn check(&self, kind: &CatalogueType) -> Result<(), Error> {
        let bad = |why: String| Err(Error::ConfigBad { what: "column mapping", why });
        let mut targets: Vec<&String> =
            self.columns.values().chain(self.constants.keys()).collect();
        targets.sort_unstable();
        if let Some(twice) = targets.windows(2).find(|w| w[0] == w[1]) {
            return bad(format!("two columns or constants are mapped to {:?}", twice[0]));
        }
        if !self.columns.values().any(|f| f == Self::SERIAL) {
            return bad(format!("no column is mapped to {:?}", Self::SERIAL));
        }
        let own = [Self::SERIAL, Self::TYPE];
        match targets.iter().find(|t| !own.contains(&t.as_str()) && kind.field(t).is_none()) {
            Some(key) => Err(Error::FieldUnknown { key: (*key).clone() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn mappings_that_do_not_fit_are_refused() {
        let kind = sample::business_licence();
        for (text, why) in [
            ("[columns]\na = \"holder_name\"", "serial"),
            ("[columns]\na = \"serial\"\nb = \"serial\"", "two columns"),
            ("[columns]\na = \"serial\"\nb = \"scope\"\n[constants]\nscope = \"x\"", "two columns"),
            ("[columns]\na = \"serial\"\nb = \"colour\"", "colour"),
            ("[colums]\na = \"serial\"", "colums"),
            ("columns = 3", "expected"),
        ] {
            let error = Columns::from_toml(text).and_then(|c| c.check(&kind)).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
