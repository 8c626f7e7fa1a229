//! What refusals name, in Chinese.

/// A phrase in Chinese; codes, ids and days stay as they are.
pub(super) fn chinese(text: &str) -> String {
    if let Some((_, zh)) = WHOLE.iter().find(|(en, _)| *en == text) {
        return (*zh).to_owned();
    }
    let begun = BEGINNINGS.iter().find_map(|(en, zh)| Some((text.strip_prefix(en)?, zh)));
    match begun {
        Some((rest, zh)) => format!("{zh}{rest}"),
        None => text.replace(" of ", "，主体 "),
    }
}

const WHOLE: [(&str, &str); 13] = [
    ("a paper", "文书"),
    ("an item of the subject that costs the place", "该主体使其失去资格的记录"),
    ("an item that was withdrawn", "已撤销的记录"),
    ("the item that the entry rests on", "该名单记录所依据的记录"),
    ("as of", "截至时间"),
    ("decided", "决定日期"),
    ("found", "认定日期"),
    ("until", "届满日"),
    ("valid from", "生效日"),
    ("withdraw by", "撤销期限"),
    ("publish by", "公示期限"),
    ("deadline", "期限"),
    ("grants until", "授权届满时间"),
];

/// The longer ones first.
const BEGINNINGS: [(&str, &str); 7] = [
    ("an item of the subject, of ", "该主体的下列类目的记录："),
    ("an item of ", "另一主体的记录："),
    ("a licence of ", "下列机构的证照："),
    ("one of ", "下列机构的证照："),
    ("document ", "文件 "),
    ("licence ", "证照 "),
    ("item ", "信用记录 "),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_named_and_codes_stay() {
        assert_eq!(chinese("a paper"), "文书");
        assert_eq!(chinese("item ab12"), "信用记录 ab12");
        assert_eq!(
            chinese("an item of the subject, of penalty, black"),
            "该主体的下列类目的记录：penalty, black"
        );
        assert_eq!(
            chinese("penalty@1 of 91350100M000100Y43"),
            "penalty@1，主体 91350100M000100Y43"
        );
        assert_eq!(chinese("penalty.serious"), "penalty.serious");
    }
}
