//! Invented forms, classes and a formula, of the shape that real ones have. Nothing in them is anybody's.

use yinxin_verdict::UnixTime;

/// An invented company; its code has a right check character.
pub(super) const COMPANY: &str = "91990100MA0C000160";

/// Who decides: the market regulator of the tour.
const AUTHORITY: &str = "11990100MB0A00018B";

/// What the invoice says; the ledger holds its salted digest.
pub(super) const INVOICE: &str = "购买方：示范重工有限公司\n销售方：示范精密机械有限公司\n货物：轴承 2400 套\n价税合计：678000.00 元\n";

/// The day so many days before now, in China.
pub(super) fn ago(now: UnixTime, days: i64) -> String {
    now.plus_millis(-days * 24 * 3_600_000).china_date()
}

/// Working days of the years that the tour's dates are of, weekends alone.
pub(super) fn days(now: UnixTime) -> String {
    let year: u32 = now.china_date().get(..4).and_then(|y| y.parse().ok()).unwrap_or(2026);
    let one = |n: u32| {
        format!("[[year]]\nyear = {n}\nsource = \"示例：仅周末休息\"\noff = []\nwork = []\n")
    };
    format!("region = \"CN\"\n{}", (year - 1..=year + 1).map(one).collect::<String>())
}

/// A filled form of a licence.
pub(super) fn licence(day: &str) -> String {
    format!(
        "XK_XDR_MC = \"示范精密机械有限公司\"\nXK_XDR_LB = \"02\"\nXK_XDR_SHXYM = \"{COMPANY}\"\nXK_XKWS = \"准予行政许可决定书\"\n\
         XK_WSH = \"示市监许〔1〕号\"\nXK_XKLB = \"01\"\nXK_NR = \"工业产品生产许可\"\nXK_JDRQ = \"{day}\"\nXK_YXQZ = \"{day}\"\nXK_YXQZI = \"2099-12-31\"\n\
         XK_XKJG = \"示范市市场监督管理局\"\nXK_XKJGDM = \"{AUTHORITY}\"\nXK_LYDW = \"示范市市场监督管理局\"\nXK_LYDWDM = \"{AUTHORITY}\"\n"
    )
}

/// A filled form of a penalty, with a fine in yuan.
pub(super) fn penalty(number: &str, day: &str, fine: &str) -> String {
    let (category, text) = match fine {
        "0" => ("01", "警告".to_owned()),
        fine => ("02", format!("罚款人民币 {fine} 元")),
    };
    format!(
        "CF_XDR_MC = \"示范精密机械有限公司\"\nCF_XDR_LB = \"02\"\nCF_XDR_SHXYM = \"{COMPANY}\"\nCF_WSH = \"示市监罚〔{number}〕号\"\n\
         CF_WFXW = \"产品标识不符合规定\"\nCF_SY = \"抽查发现出厂产品未标注执行标准编号\"\nCF_YJ = \"产品质量法第五十四条\"\n\
         CF_CFLB = \"{category}\"\nCF_NR = \"{text}\"\nCF_JDRQ = \"{day}\"\nCF_CFJG = \"示范市市场监督管理局\"\n\
         CF_CFJGDM = \"{AUTHORITY}\"\nCF_LYDW = \"示范市市场监督管理局\"\nCF_LYDWDM = \"{AUTHORITY}\"\n"
    )
}

/// A filled general form: a place on the list of abnormal operation.
pub(super) fn general(number: &str, day: &str) -> String {
    format!(
        "MC = \"示范精密机械有限公司\"\nLB = \"02\"\nSHXYM = \"{COMPANY}\"\nBH = \"示市监异〔{number}〕号\"\n\
         NR = \"未按期公示年度报告\"\nRQ = \"{day}\"\nJG = \"示范市市场监督管理局\"\nJGDM = \"{AUTHORITY}\"\n"
    )
}

/// Inspections of a few companies, a row each, as the regulator's own system writes them.
pub(super) fn inspections(day: &str) -> String {
    let companies = [COMPANY, "91990100MB0A00061J", "91990100MB0A00093U"];
    let mut out = String::from("MC,LB,SHXYM,BH,NR,RQ,JG,JGDM\n");
    for n in 0..12 {
        let company = companies[n % companies.len()];
        out.push_str(&format!(
            "示范企业,02,{company},示市监检〔{n}〕号,检查合格,{day},示范市市场监督管理局,{AUTHORITY}\n"
        ));
    }
    out
}

/// Invented classes: their terms count from the decision, so that the tour need not wait for months.
pub(super) const CLASSES: &str = r#"# An example. Terms count from the decision here, so that a tour can show what months bring; the table that comes with the
# program (`yinxin credit classes`) counts them as the national rules do.
table = "tour"

[[measure]]
code = "focus-supervision"
group = 2
name = "纳入重点监管范围"
laws = ["优化营商环境条例"]
source = "an example of this file"

[[class]]
code = "licence"
version = 1
name = "行政许可"
group = "administrative"
kind = "licence"
degree = "none"
disclosure = "public"
valid_from = "2018-01-01"
laws = ["行政许可法"]
form = "licence"
term = { base = "decision", min_months = 0 }
limits = { publish_days = 7, age_days = 3650, objection_days = 5, withdraw_days = 3 }
source = "an example of this file"

[[class]]
code = "penalty.minor"
version = 1
name = "轻微行政处罚"
group = "administrative"
kind = "penalty"
degree = "minor"
disclosure = "public"
valid_from = "2018-01-01"
laws = ["行政处罚法"]
form = "penalty"
term = { base = "decision", min_months = 0, max_months = 3 }
limits = { publish_days = 7, age_days = 3650, objection_days = 5, withdraw_days = 3 }
source = "an example of this file"

[[class]]
code = "penalty.ordinary"
version = 1
name = "一般行政处罚"
group = "administrative"
kind = "penalty"
degree = "ordinary"
disclosure = "public"
valid_from = "2018-01-01"
laws = ["行政处罚法"]
form = "penalty"
term = { base = "decision", min_months = 3, max_months = 12 }
limits = { publish_days = 7, age_days = 3650, objection_days = 5, withdraw_days = 3 }
repair = { evidence = ["commitment-letter", "duty-done"], days = 10, extension_days = 10, forward_days = 1, sync_days = 3 }
source = "an example of this file"

[[class]]
code = "abnormal"
version = 1
name = "经营异常名录"
group = "abnormal"
kind = "black-list"
degree = "ordinary"
disclosure = "public"
valid_from = "2018-01-01"
laws = ["市场主体登记管理条例"]
form = "general"
term = { base = "decision", min_months = 0, max_months = 36 }
limits = { age_days = 3650, objection_days = 5, withdraw_days = 3 }
list = { exit = ["duty-done"], measures = ["focus-supervision"], lift_days = 3 }
source = "an example of this file"

[[class]]
code = "inspection"
version = 1
name = "行政检查"
group = "administrative"
kind = "administrative"
degree = "none"
disclosure = "public"
valid_from = "2018-01-01"
laws = ["行政处罚法"]
form = "general"
term = { base = "decision", min_months = 0, max_months = 36 }
limits = { age_days = 3650, objection_days = 5, withdraw_days = 3 }
batch = 1000
source = "an example of this file"
"#;

/// An invented formula.
pub(super) const FORMULA: &str = r#"code = "tour-score"
version = 1
name = "示例信用评分"
valid_from = "2018-01-01"
start = 800
least = 0
most = 1000
source = "an example of this file"

[[indicator]]
id = "penalty-ordinary"
name = "一般处罚"
classes = ["penalty.ordinary"]
points = -40
least = -200

[[indicator]]
id = "licence"
name = "行政许可"
classes = ["licence"]
points = 10
most = 30

[[grade]]
name = "良"
from = 700

[[grade]]
name = "中"
from = 0
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use yinxin_credit::{ClassTable, Forms, Formula};
    use yinxin_record::{ClassCode, OrganisationCode};

    #[test]
    fn classes_forms_and_formula_are_read_and_every_check_character_holds() {
        let table = ClassTable::from_toml(CLASSES).unwrap();
        Formula::from_toml(FORMULA).unwrap();
        let forms = Forms::standard().unwrap();
        for (class, text) in [
            ("licence", licence("2026-03-04")),
            ("penalty.minor", penalty("1", "2026-03-04", "0")),
            ("penalty.ordinary", penalty("2", "2026-03-04", "5000")),
            ("abnormal", general("3", "2026-03-04")),
        ] {
            let values: std::collections::BTreeMap<String, String> = toml::from_str(&text).unwrap();
            let class = table.newest(&ClassCode::new(class).unwrap()).unwrap();
            let form = forms.form(&class.form).unwrap();
            for code in values.keys() {
                assert!(form.fields.iter().any(|f| f.code == *code), "{code}");
            }
            let filled = form.fill(|code| values.get(code).map(String::as_str), None).unwrap();
            assert_eq!(filled.subject.to_string(), COMPANY);
        }
        let inspected = inspections("2026-03-04");
        let subjects = inspected.lines().skip(1).map(|row| row.split(',').nth(2).unwrap());
        for code in subjects.chain([AUTHORITY]) {
            assert!(OrganisationCode::new(code).is_ok(), "{code}");
        }
    }
}
