//! The owner's rules: what is decided of a request without a person, and why.
//!
//! ```
//! use yinxin_sharing::rule::Rules;
//!
//! let rules = Rules::from_toml(r#"
//! dual_control = "general-4"
//! [[rule]]
//! id = "bank-credit"
//! purposes = ["credit"]
//! items = ["企业名称", "统一社会信用代码"]
//! level = "general-2"
//! days = 365
//! rows = 100000
//! decide = "grant"
//! reason = "credit-by-consent"
//! basis = "征信业管理条例"
//! "#)?;
//! assert_eq!(rules.len(), 1);
//! # Ok::<(), yinxin_sharing::Error>(())
//! ```

use serde::Deserialize;
use yinxin_record::{Level, OrganisationCode, SharingClass};

use crate::{Error, catalogue::Resource};

/// Largest rule file, bytes: a thousand rules of some 200 bytes.
const FILE_MAX: usize = 256 * 1024;
/// Most rules: each request is compared with all of them.
const MAX_RULES: usize = 1000;

/// A request, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "whoever asks must say all of it")]
pub struct Request<'a> {
    /// Who asks.
    pub requester: &'a OrganisationCode,
    /// For what purpose.
    pub purpose: &'a str,
    /// Which items.
    pub items: &'a [&'a str],
    /// For how many days.
    pub days: u32,
    /// How many rows.
    pub rows: u64,
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the rule table's three answers")]
pub enum Outcome {
    /// It is granted at once.
    Grant,
    /// A person decides; two where `dual`.
    Person {
        /// Whether a second person must confirm.
        dual: bool,
    },
    /// It is refused at once; unless the law itself forbids it, the requester may appeal to a person.
    Refuse {
        /// Whether it can be appealed.
        appeal: bool,
    },
}

/// What is decided, and why: every word of it can be shown to the requester.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Judgement {
    /// What.
    pub outcome: Outcome,
    /// By which rule; `None` where no rule of the owner's was needed.
    pub rule: Option<String>,
    /// The reason, by code.
    pub reason: String,
    /// On what basis; empty where there is none but the lack of a rule.
    pub basis: String,
}

/// An owner's rules, in order: the first that fits decides.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// From this level on no rule grants, and two persons decide.
    dual_control: RuleLevel,
    /// Items that are never shared, whatever any rule says.
    #[serde(default)]
    negative: Vec<NegativeItem>,
    #[serde(default)]
    rule: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct NegativeItem {
    resource: String,
    item: String,
    basis: String,
}

/// Lists that are left out fit everything; limits that are left out limit nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    requesters: Vec<String>,
    #[serde(default)]
    purposes: Vec<String>,
    /// All that is asked for must be among these.
    #[serde(default)]
    items: Vec<String>,
    level: Option<RuleLevel>,
    days: Option<u32>,
    rows: Option<u64>,
    decide: Decide,
    reason: String,
    basis: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Decide {
    Grant,
    Person,
    Refuse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum RuleLevel {
    #[serde(rename = "general-1")]
    General1,
    #[serde(rename = "general-2")]
    General2,
    #[serde(rename = "general-3")]
    General3,
    #[serde(rename = "general-4")]
    General4,
    #[serde(rename = "important")]
    Important,
}

impl RuleLevel {
    const fn level(self) -> Level {
        match self {
            Self::General1 => Level::General1,
            Self::General2 => Level::General2,
            Self::General3 => Level::General3,
            Self::General4 => Level::General4,
            Self::Important => Level::Important,
        }
    }
}

impl Rules {
    /// Reads a rule file.
    ///
    /// # Errors
    /// [`Error::ConfigBad`].
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let bad = |why: String| Error::ConfigBad { what: "rules", why };
        if text.len() > FILE_MAX {
            return Err(bad(format!("{} bytes, at most {FILE_MAX} are read", text.len())));
        }
        let rules: Self = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
        if rules.rule.len() > MAX_RULES {
            return Err(bad(format!("more than {MAX_RULES} rules")));
        }
        for (at, rule) in rules.rule.iter().enumerate() {
            if rules.rule[..at].iter().any(|r| r.id == rule.id) {
                return Err(bad(format!("rule {:?} stands twice", rule.id)));
            }
            if rule.reason.is_empty() || rule.basis.is_empty() {
                return Err(bad(format!("rule {:?} names no reason or basis", rule.id)));
            }
            // A grant without purpose would be a grant for everything.
            if rule.decide == Decide::Grant && rule.purposes.is_empty() {
                return Err(bad(format!("rule {:?} grants for any purpose", rule.id)));
            }
        }
        if rules.negative.iter().any(|n| n.basis.is_empty()) {
            return Err(bad("an item of the negative list has no basis".to_owned()));
        }
        Ok(rules)
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rule.len()
    }

    /// Whether there are none: then a person decides everything that may be had at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rule.is_empty()
    }

    /// What becomes of a request for a resource. Class and negative list come first, and no rule is above them.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an item that the resource does not have, [`Error::ValueBad`] when none is asked for.
    pub fn judge(&self, resource: &Resource, request: &Request<'_>) -> Result<Judgement, Error> {
        if request.items.is_empty() {
            return Err(Error::ValueBad { what: "items asked for", found: String::new() });
        }
        let level = level_of(resource, request.items)?;
        let refused = |reason: &str, basis: &str| Judgement {
            outcome: Outcome::Refuse { appeal: false },
            rule: None,
            reason: reason.to_owned(),
            basis: basis.to_owned(),
        };
        if resource.class() == SharingClass::Never {
            return Ok(refused("never-shared", resource.basis()));
        }
        let code = resource.code().as_str();
        let listed =
            |n: &&NegativeItem| n.resource == code && request.items.contains(&n.item.as_str());
        if let Some(negative) = self.negative.iter().find(listed) {
            return Ok(refused("negative-list", &negative.basis));
        }
        let dual = level >= self.dual_control.level() || level >= Level::Important;
        let rule = self.rule.iter().find(|rule| rule.fits(code, level, request));
        let outcome = match rule.map(|r| r.decide) {
            Some(Decide::Refuse) => Outcome::Refuse { appeal: true },
            Some(Decide::Grant) if !dual => Outcome::Grant,
            _ => Outcome::Person { dual },
        };
        Ok(match rule {
            Some(rule) if rule.decide == Decide::Grant && dual => Judgement {
                outcome,
                rule: Some(rule.id.clone()),
                reason: "dual-control".to_owned(),
                basis: rule.basis.clone(),
            },
            Some(rule) => Judgement {
                outcome,
                rule: Some(rule.id.clone()),
                reason: rule.reason.clone(),
                basis: rule.basis.clone(),
            },
            None => Judgement {
                outcome,
                rule: None,
                reason: "no-rule".to_owned(),
                basis: String::new(),
            },
        })
    }
}

impl Rule {
    fn fits(&self, resource: &str, level: Level, request: &Request<'_>) -> bool {
        let among = |list: &[String], word: &str| list.is_empty() || list.iter().any(|w| w == word);
        among(&self.resources, resource)
            && among(&self.requesters, request.requester.as_str())
            && among(&self.purposes, request.purpose)
            && request.items.iter().all(|item| among(&self.items, item))
            && self.level.is_none_or(|most| level <= most.level())
            && self.days.is_none_or(|most| request.days <= most)
            && self.rows.is_none_or(|most| request.rows <= most)
    }
}

/// The highest level among the items that are asked for.
fn level_of(resource: &Resource, items: &[&str]) -> Result<Level, Error> {
    let fields = resource.fields(items)?;
    let level = |n: u8| resource.items().get(usize::from(n)).map(|item| item.level);
    Ok(fields.iter().filter_map(level).max().unwrap_or(Level::General1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Columns, read_csv};

    const RULES: &str = r#"
        dual_control = "general-4"
        [[negative]]
        resource = "11430000006122244L.307~1"
        item = "健康状况"
        basis = "某法第五条"
        [[rule]]
        id = "no-marketing"
        purposes = ["marketing"]
        decide = "refuse"
        reason = "purpose-not-served"
        basis = "某条例第二十五条"
        [[rule]]
        id = "credit"
        purposes = ["credit"]
        requesters = ["91350100M000100Y43"]
        items = ["名称", "代码", "密级"]
        days = 365
        rows = 1000
        decide = "grant"
        reason = "credit-by-consent"
        basis = "某条例第二十条"
        [[rule]]
        id = "look"
        level = "general-2"
        purposes = ["statistics"]
        decide = "person"
        reason = "a-person-looks"
        basis = "本局规定"
    "#;

    fn resource(class: &str) -> Resource {
        let header = "提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则\n";
        let rows = [("名称", "1"), ("代码", "2"), ("电话", "3"), ("密级", "4"), ("健康状况", "3")];
        let rows = rows.map(|(item, level)| {
            format!("11430000006122244L,局,307/1,1,登记,,{class},审批,某条例第九条,每日,{item},text,{level},\n")
        });
        let table = [header.to_owned(), rows.concat()].concat();
        read_csv(table.as_bytes(), &Columns::standard().unwrap()).unwrap().resources.remove(0)
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_says_why() {
        use Outcome as O;
        let (rules, resource) = (Rules::from_toml(RULES).unwrap(), resource("有条件共享"));
        let bank = OrganisationCode::new("91350100M000100Y43").unwrap();
        let owner = OrganisationCode::new("11430000006122244L").unwrap();
        let person = O::Person { dual: false };
        for (purpose, items, days, rows, by, outcome, reason) in [
            ("credit", &["名称", "代码"][..], 365, 1000, &bank, O::Grant, "credit-by-consent"),
            ("credit", &["名称"], 366, 1, &bank, person, "no-rule"),
            ("credit", &["名称"], 1, 1001, &bank, person, "no-rule"),
            ("credit", &["名称", "电话"], 1, 1, &bank, person, "no-rule"),
            ("credit", &["名称"], 1, 1, &owner, person, "no-rule"),
            ("other", &["名称"], 1, 1, &bank, person, "no-rule"),
            ("credit", &["密级"], 1, 1, &bank, O::Person { dual: true }, "dual-control"),
            ("other", &["密级"], 1, 1, &bank, O::Person { dual: true }, "no-rule"),
            ("marketing", &["名称"], 1, 1, &bank, O::Refuse { appeal: true }, "purpose-not-served"),
            ("statistics", &["代码"], 1, 1, &bank, person, "a-person-looks"),
            ("statistics", &["电话"], 1, 1, &bank, person, "no-rule"),
            ("credit", &["健康状况"], 1, 1, &bank, O::Refuse { appeal: false }, "negative-list"),
        ] {
            let request = Request { requester: by, purpose, items, days, rows };
            let judgement = rules.judge(&resource, &request).unwrap();
            assert_eq!(
                (judgement.outcome, judgement.reason.as_str()),
                (outcome, reason),
                "{request:?}"
            );
        }
    }

    #[test]
    fn no_rule_is_above_the_law() {
        let all = RULES.replace("items = [\"名称\", \"代码\", \"密级\"]", "");
        let rules = Rules::from_toml(&all).unwrap();
        let bank = OrganisationCode::new("91350100M000100Y43").unwrap();
        let request =
            |items| Request { requester: &bank, purpose: "credit", items, days: 1, rows: 1 };
        let never = rules.judge(&resource("不予共享"), &request(&["名称"])).unwrap();
        assert_eq!(never.outcome, Outcome::Refuse { appeal: false });
        assert_eq!((never.reason.as_str(), never.basis.as_str()), ("never-shared", "某条例第九条"));
        let shared = resource("无条件共享");
        let listed = rules.judge(&shared, &request(&["名称", "健康状况"])).unwrap();
        assert_eq!(listed.basis, "某法第五条");
        assert!(rules.judge(&shared, &request(&[])).is_err());
        assert!(rules.judge(&shared, &request(&["没有"])).is_err());
    }

    #[test]
    fn rules_that_cannot_be_meant_are_refused() {
        for (good, bad) in [
            ("id = \"look\"", "id = \"credit\""),
            ("purposes = [\"credit\"]\n", "\n"),
            ("reason = \"credit-by-consent\"", "reason = \"\""),
            ("basis = \"某法第五条\"", "basis = \"\""),
            ("dual_control = \"general-4\"", "dual_control = \"core\""),
            ("decide = \"grant\"", "decide = \"maybe\""),
            ("days = 365", "weeks = 52"),
        ] {
            assert!(Rules::from_toml(&RULES.replacen(good, bad, 1)).is_err(), "{bad}");
        }
        assert!(Rules::from_toml(RULES).is_ok_and(|r| !r.is_empty()));
    }
}
