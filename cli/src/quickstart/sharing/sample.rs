//! What the departments hold: tables of invented enterprises, of the shape that such registers have. Nothing in them is anybody's.

use std::fmt::Write as _;

use yinxin_gm::sm3;

use crate::quickstart::licences::sample::ALL_ROWS;

/// How many enterprises.
pub(super) const ROWS: usize = 60;

/// An invented enterprise, as each department knows it.
struct Enterprise {
    code: String,
    name: String,
    representative: String,
}

/// The enterprises of the licence tour.
fn enterprises() -> Vec<Enterprise> {
    let rows = ALL_ROWS.lines().skip(1).take(ROWS);
    rows.map(|row| {
        // What is needed stands before the first quoted column.
        let mut columns = row.split(',').skip(1).map(str::to_owned);
        let mut next = || columns.next().unwrap_or_default();
        let (name, code, _, representative) = (next(), next(), next(), next());
        Enterprise { code, name, representative }
    })
    .collect()
}

impl Enterprise {
    /// A number that is the same in every run, below a bound.
    fn number(&self, what: &str, below: u64) -> u64 {
        let digest = sm3::digest_all(&[what.as_bytes(), self.code.as_bytes()]);
        let bytes = digest.as_bytes().first_chunk().expect("32 octets");
        u64::from_be_bytes(*bytes) % below
    }

    fn grade(&self) -> &'static str {
        ["A", "A", "B", "B", "B", "M", "C", "D"]
            [usize::try_from(self.number("grade", 8)).unwrap_or(0)]
    }

    fn insured(&self) -> u64 {
        3 + self.number("insured", 240)
    }

    fn months(&self) -> u64 {
        6 + self.number("months", 90)
    }

    /// Million enough to lend: by grade and by how long it has paid for its people.
    fn limit(&self) -> u64 {
        let base = match self.grade() {
            "A" => 500,
            "B" => 200,
            "M" => 80,
            _ => 0,
        };
        base * self.months().min(60) / 60
    }
}

/// The register of enterprises.
pub(super) fn registration() -> String {
    let mut out = String::from("统一社会信用代码,企业名称,法定代表人,注册资本万元,经营状态\n");
    for e in enterprises() {
        let capital = 10 * (1 + e.number("capital", 500));
        let state = if e.number("state", 20) == 0 { "吊销" } else { "存续" };
        let _ = writeln!(out, "{},{},{},{capital},{state}", e.code, e.name, e.representative);
    }
    out
}

/// The tax bureau's table.
pub(super) fn tax() -> String {
    let mut out =
        String::from("统一社会信用代码,纳税年度,纳税信用级别,销售收入万元,已缴税额元,欠税余额元\n");
    for e in enterprises() {
        let sales = 50 + e.number("sales", 9_000);
        let paid = sales * (180 + e.number("paid", 220));
        let owed = if e.grade() == "D" { 1_000 + e.number("owed", 90_000) } else { 0 };
        let _ = writeln!(out, "{},2025,{},{sales},{paid},{owed}", e.code, e.grade());
    }
    out
}

/// The table of social insurance; whoever handles it at the enterprise is a person, invented too.
pub(super) fn insurance() -> String {
    let mut out = String::from("统一社会信用代码,参保人数,连续缴费月数,经办人,经办人证号\n");
    for e in enterprises() {
        let names = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄"];
        let given = ["示一", "示二", "示三", "示例", "示平", "示安"];
        let pick = |list: &[&'static str], what| {
            let at = usize::try_from(e.number(what, list.len() as u64)).unwrap_or(0);
            list[at]
        };
        let name = format!("{}{}", pick(&names, "family"), pick(&given, "given"));
        let (insured, months, id) = (e.insured(), e.months(), identity(&e));
        let _ = writeln!(out, "{},{insured},{months},{name},{id}", e.code);
    }
    out
}

/// A number in the form of GB 11643 with its check character; no place has the code 990100.
fn identity(e: &Enterprise) -> String {
    let (year, month) = (1965 + e.number("year", 35), 1 + e.number("month", 12));
    let (day, order) = (1 + e.number("day", 28), e.number("order", 1_000));
    let body = format!("990100{year}{month:02}{day:02}{order:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|b| u32::from(b - b'0'));
    let sum: u32 = digits.zip(weights).map(|(digit, weight)| digit * weight).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum as usize % 11])
}

/// What the bank makes of the three.
pub(super) fn result() -> String {
    let mut out = String::from("统一社会信用代码,企业名称,授信结论,授信额度万元\n");
    for e in enterprises() {
        let limit = e.limit();
        let word = if limit == 0 { "不予授信" } else { "同意授信" };
        let _ = writeln!(out, "{},{},{word},{limit}", e.code, e.name);
    }
    out
}

/// The rule that the bank states.
pub(super) const RULE: &str = "授信额度 = 纳税信用级别基数（A 500、B 200、M 80、C 与 D 0，万元）× min(连续缴费月数, 60) / 60；经营状态须为存续。\n";

/// Weekends only, of this year and the next: an example, no authority's calendar.
pub(super) fn days(year: u32) -> String {
    let one = |n: u32| {
        format!("[[year]]\nyear = {n}\nsource = \"示例：仅周末休息\"\noff = []\nwork = []\n")
    };
    format!("region = \"CN\"\n{}{}", one(year), one(year + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use yinxin_record::OrganisationCode;

    #[test]
    fn tables_have_the_shape_of_registers_and_every_check_character_holds() {
        let tables = [registration(), tax(), insurance(), result()];
        for table in &tables {
            let columns = table.lines().next().unwrap().split(',').count();
            assert_eq!(table.lines().count(), ROWS + 1);
            for row in table.lines().skip(1) {
                assert_eq!(row.split(',').count(), columns, "{row}");
                assert!(OrganisationCode::new(&row[..18]).is_ok(), "{row}");
            }
        }
        // Known numbers of GB 11643's own arithmetic: weights and characters are those of the standard's annex.
        let e = Enterprise { code: "x".into(), name: String::new(), representative: String::new() };
        let id = identity(&e);
        assert!(id.len() == 18 && id.starts_with("990100"), "{id}");
        assert!(result().contains("不予授信") && result().contains("同意授信"));
    }
}
