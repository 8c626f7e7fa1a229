//! What is published: catalogues and policies, and which forms of which fields are committed to.

use super::{BANK, CREDIT, INSURANCE, MARKET, MEMBERS, TAX};
use crate::quickstart::founding::Department;

/// Owner, folder, catalogue and policy of each resource.
pub(super) fn resources() -> [(usize, &'static str, String, String); 4] {
    let rule = |purpose: &str, who: usize, rows: u64, refuse: bool| {
        format!(
            "[automatic]\npurposes = [\"{purpose}\"]\norganisations = [\"{}\"]\nlevel = \"general-2\"\ncalls = 1000\nrows = {rows}\nbytes = 10000000\ndays = 365\nrefuse_others = {refuse}\n",
            MEMBERS[who - 1].code
        )
    };
    let (plain, person) = ("一般2级", "一般4级");
    let text = "字符型";
    [
        (
            MARKET,
            "market",
            catalogue(
                MARKET,
                "企业登记信息",
                "306/1",
                &[
                    ("统一社会信用代码", text, plain),
                    ("企业名称", text, plain),
                    ("法定代表人", text, person),
                    ("注册资本万元", text, plain),
                    ("经营状态", text, plain),
                ],
            ),
            rule(CREDIT, BANK, 100_000, false),
        ),
        (
            TAX,
            "tax",
            catalogue(
                TAX,
                "企业纳税信用信息",
                "308/1",
                &[
                    ("统一社会信用代码", text, plain),
                    ("纳税年度", text, plain),
                    ("纳税信用级别", text, plain),
                    ("销售收入万元", text, plain),
                    ("已缴税额元", text, plain),
                    ("欠税余额元", text, plain),
                ],
            ),
            rule(CREDIT, BANK, 1_000, true),
        ),
        (
            INSURANCE,
            "insurance",
            catalogue(
                INSURANCE,
                "企业参保信息",
                "309/1",
                &[
                    ("统一社会信用代码", text, plain),
                    ("参保人数", text, plain),
                    ("连续缴费月数", text, plain),
                    ("经办人", text, person),
                    ("经办人证号", text, person),
                ],
            ),
            "dual_control = \"general-4\"\n".to_owned(),
        ),
        (
            BANK,
            "bank",
            catalogue(
                BANK,
                "企业授信结果",
                "501/1",
                &[
                    ("统一社会信用代码", text, plain),
                    ("企业名称", text, plain),
                    ("授信结论", text, plain),
                    ("授信额度万元", text, plain),
                ],
            ),
            rule("金融监管", MARKET, 100_000, false),
        ),
    ]
}

/// Of social insurance's table.
pub(super) const MASKED_FIELDS: &str = r#"[[field]]
name = "统一社会信用代码"
kind = "text"

[[field]]
name = "参保人数"
kind = "integer"
forms = ["range/500"]
quasi = true

[[field]]
name = "连续缴费月数"
kind = "integer"

[[field]]
name = "经办人"
kind = "text"
forms = ["keep/1/0"]

[[field]]
name = "经办人证号"
kind = "text"
forms = ["keep/4/0"]
"#;

/// Of the bank's result.
pub(super) const RESULT_FIELDS: &str = r#"[[field]]
name = "统一社会信用代码"
kind = "text"

[[field]]
name = "企业名称"
kind = "text"

[[field]]
name = "授信结论"
kind = "text"

[[field]]
name = "授信额度万元"
kind = "integer"
forms = ["range/100"]
"#;

/// A catalogue of one resource: name, number, and its items with type and level.
fn catalogue(owner: usize, name: &str, number: &str, items: &[(&str, &str, &str)]) -> String {
    let Department { name: department, code, .. } = &MEMBERS[owner - 1];
    let mut out = String::from(
        "提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则\n",
    );
    for (item, kind, level) in items {
        out.push_str(&format!(
            "{code},{department},{number},1,{name},示例,有条件共享,用于{CREDIT},,每日,{item},{kind},{level},\n"
        ));
    }
    out
}
