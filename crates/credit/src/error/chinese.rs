//! What errors name, in Chinese: things, and what was expected. `{}` stands for what a message fills in.

/// A phrase in Chinese; what is no phrase of this crate – a code, a digest, a value – stays as it is.
pub(super) fn chinese(text: &str) -> String {
    for (english, chinese) in PHRASES {
        if let Some(holes) = holes(english, text) {
            let mut parts = chinese.split("{}");
            let mut out = parts.next().unwrap_or_default().to_owned();
            for (hole, part) in holes.iter().zip(parts) {
                out.push_str(hole);
                out.push_str(part);
            }
            return out;
        }
    }
    text.to_owned()
}

/// What stands in a text where a template has `{}`.
fn holes<'a>(template: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = template.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let (mut holes, mut parts) = (Vec::new(), parts.peekable());
    while let Some(part) = parts.next() {
        let at = if parts.peek().is_none() {
            rest.ends_with(part).then(|| rest.len() - part.len())?
        } else {
            rest.find(part)?
        };
        holes.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(holes)
}

/// Whole phrases stand before those with a hole that would take them too.
const PHRASES: &[(&str, &str)] = &[
    // Things.
    ("a batch's log", "批次日志"),
    ("a content", "内容"),
    ("a manifest", "批次清单"),
    ("a page", "数据页"),
    ("a record", "记录"),
    ("a record's id", "记录编号"),
    ("a source's proof", "来源的证明"),
    ("a subject's chain", "主体的事件链"),
    ("act", "行为"),
    ("act of the receipt", "回执中的行为"),
    ("an audit that failed", "失败的审计"),
    ("an import that failed", "失败的导入"),
    ("an item", "信用记录"),
    ("application", "修复申请"),
    ("as of", "截至时间"),
    ("as of, by the record", "记录中的截至时间"),
    ("asset number", "资产编号"),
    ("authority", "认定单位"),
    ("batch", "批次"),
    ("buyer", "买方"),
    ("bytes of a row", "一行的字节数"),
    ("citizen number", "公民身份号码"),
    ("records of a subject in one source", "一个主体在同一来源的记录数"),
    ("case", "批次记录的办件"),
    ("chain of the record", "记录中的事件链"),
    ("class", "类目"),
    ("class table", "类目表"),
    ("classes of a batch", "一个批次的类目数"),
    ("classes of the record", "记录中的类目"),
    ("columns", "列数"),
    ("content", "内容"),
    ("day", "日期"),
    ("decided", "决定日期"),
    ("decision", "决定"),
    ("decision of that item", "该信用记录的决定"),
    ("digest of the view, by the record", "记录中的查询结果摘要"),
    ("event", "事件"),
    ("events", "事件证明数"),
    ("family", "记录族"),
    ("file", "文件"),
    ("form", "表单"),
    ("forms", "表单文件"),
    ("formula", "评分公式"),
    ("ground of the record", "记录中的依据"),
    ("header", "表头"),
    ("height of a proof, at least", "证明的高度（至少）"),
    ("inputs", "输入摘要"),
    ("item", "信用记录"),
    ("list", "名单"),
    ("items of batches", "批次中的信用记录"),
    ("items of batches that something is open about", "有未决事项的批次记录数"),
    ("key of a proof", "证明的键"),
    ("number", "文书号"),
    ("objection", "异议"),
    ("order of records", "记录顺序"),
    ("position", "位置"),
    ("pseudonym", "假名"),
    ("published", "公示日期"),
    ("purpose of the record", "记录中的用途"),
    ("reader of the record", "记录中的查询方"),
    ("receipts", "回执数"),
    ("records", "记录数"),
    ("records of a source", "来源的记录"),
    ("records of a subject", "一个主体的记录数"),
    ("records of the class in a batch", "一个批次中该类目的记录数"),
    ("records of the subject", "该主体的记录数"),
    ("records' root", "记录根"),
    ("repair or exit", "修复或移出日期"),
    ("root after", "之后的状态根"),
    ("root before", "之前的状态根"),
    ("row", "数据行"),
    ("seller", "卖方"),
    ("sequence", "批次序号"),
    ("source", "来源"),
    ("source of the store", "存储所属来源"),
    ("sources", "来源数"),
    ("states", "状态数"),
    ("subject", "主体"),
    ("subject of the record", "记录中的主体"),
    ("the record that the view was taken", "查询已被记录的凭证"),
    ("the subject's chain", "该主体的事件链"),
    ("the tops", "树顶"),
    ("until", "公示期届满日"),
    // What was expected, or found.
    ("a class", "一个类目"),
    (
        "a correction, a repair or a withdrawal, where a decision is named",
        "更正、修复或撤销（注明决定的记录）",
    ),
    ("a custodian's pseudonym", "保管方给出的假名"),
    ("a day", "一个日期"),
    ("a day such as 2026-11-22", "日期，如 2026-11-22"),
    ("a digest", "一个摘要"),
    ("a recorder of the class", "该类目的认定单位"),
    ("the day by which the commitment is to be kept", "承诺的履行期限"),
    ("a unified social credit code", "统一社会信用代码"),
    (
        "a unified social credit code: a number of this kind is unique beside its parties only",
        "统一社会信用代码：此类编号仅在其当事方之下唯一",
    ),
    ("a value", "一个值"),
    ("a view taken", "一次查询"),
    ("an event of a class that is repaired", "适用修复的类目的事件"),
    ("an event of a list", "名单类目的事件"),
    ("an event of an item", "信用记录的事件"),
    ("an item of a batch", "批次中的信用记录"),
    ("an object of texts and numbers, each once", "由文本和数字组成的对象，名称不重复"),
    (
        "another number: 18 or 20 digits are an invoice's, registered as one",
        "其他编号：18 位或 20 位数字是发票号码，应按发票登记",
    ),
    ("another act", "其他行为"),
    ("as its state on the ledger", "与账本状态一致"),
    ("as their states on the ledger", "与账本状态一致"),
    ("at most 512 bytes", "至多 512 字节"),
    ("custodian's code, `:` and 64 digits", "保管方代码、“:”与 64 位十六进制数"),
    (
        "digits, letters A to Z and Chinese characters; not what only looks like them",
        "数字、字母 A 至 Z 和汉字，不含形似字符",
    ),
    ("names of columns, each once", "列名，不重复"),
    ("no code for a natural person", "自然人不填代码"),
    ("no identity number", "不得含公民身份号码"),
    ("no value: the form {} has no such field", "空：格式 {} 没有该字段"),
    ("more", "更多"),
    ("none", "无"),
    ("none: a number of this kind is unique by itself", "空：此类编号本身即唯一"),
    ("none for a company", "企业不填假名"),
    ("only of what is shown", "仅限所显示的记录"),
    ("others", "其他顺序"),
    (
        "record, correct, fulfil, break, repair, reinstate, delist or withdraw",
        "record（认定）、correct（更正）、fulfil（履行）、break（违诺）、repair（修复）、reinstate（恢复）、delist（移出）或 withdraw（撤销）",
    ),
    ("rising subjects", "按主体升序"),
    ("short text without control characters", "不含控制字符的短文本"),
    ("some", "若干"),
    ("the id of a case on the ledger", "账本上办件的编号"),
    ("1 to 64 letters, digits or Chinese characters", "1 至 64 个字母、数字或汉字"),
    ("18 characters of GB 11643", "GB 11643 规定的 18 位号码"),
    ("18 characters with a check character (GB 32100)", "带校验码的 18 位代码（GB 32100）"),
    (
        "18 digits, a year from the fifth on, the ninth 0 (export) or 1 (import)",
        "18 位数字：第五位起为年份，第九位为 0（出口）或 1（进口）",
    ),
    (
        "20 digits, or a code of 10 or 12 digits and a number of 8",
        "20 位数字，或 10 位、12 位代码加 8 位号码",
    ),
    // Why a view is not permitted; the ledger's reasons for denials among them.
    ("a court needs a law", "司法查询须列明法律依据"),
    ("no authorisation", "没有授权"),
    ("the reader is no court", "查询方没有司法查询的权限"),
    ("the reader has no power to see credit", "查询方没有查看信用的权限"),
    ("the reader has no power to see credit by law", "查询方没有依法查看信用的权限"),
    ("no-grant", "无授权（no-grant）"),
    ("not-yet", "尚未生效（not-yet）"),
    ("expired", "已到期（expired）"),
    ("revoked", "已撤销或交回（revoked）"),
    ("purpose", "用途不符（purpose）"),
    ("fields", "类目不在授权范围（fields）"),
    ("subjects", "主体不符（subjects）"),
    ("caller", "查询方不符（caller）"),
    // Files of classes, forms and formulas.
    ("an id, a name and a class", "应有编号、名称和类目"),
    ("a code of 1 to 64 bytes and a name", "应为 1 至 64 字节的代码和名称"),
    (
        "least, start and most rise, within a million; there is a grade",
        "下限、起始分、上限应递增且不超过一百万，并至少有一个等级",
    ),
    ("too many classes or measures", "类目或措施过多"),
    ("versions begin with 1", "版本从 1 开始"),
    ("{} bytes, at most {} are read", "{} 字节，最多读取 {} 字节"),
    ("code set {} stands twice", "代码集 {} 重复"),
    ("code or role of {} stands twice", "{} 的代码或角色重复"),
    ("form {} stands twice", "表单 {} 重复"),
    ("measure {} stands twice", "措施 {} 重复"),
    ("indicator {} stands twice, or there are too many", "指标 {} 重复，或指标过多"),
    ("grade {}: grades fall by points", "等级 {}：等级应按分数递减"),
    ("measure {}: group {}, expected 1, 2 or 3", "措施 {}：分组为 {}，应为 1、2 或 3"),
    ("no code set {}", "没有代码集 {}"),
    ("kind {} is unknown", "未知的种类 {}"),
    ("{}: a role is missing, or there are too many fields", "{}：缺少角色，或字段过多"),
    ("{}: kind {} with what it needs and no more", "{}：种类 {} 的参数不符"),
    ("{}: its kind does not serve its role", "{}：种类与角色不符"),
    ("{}: status {}", "{}：未知的状态 {}"),
    ("{}: points within a million", "{}：分值应不超过一百万"),
    ("{}: least is above most", "{}：下限高于上限"),
    ("{}: months rise, thousandths fall from 1000 on", "{}：月数应递增，千分数应自 1000 起递减"),
    ("{}: no class {}", "{}：没有类目 {}"),
    (
        "{}: it rests on items, which no record of a batch names: expected batch = 0, got {}",
        "{}：须以其他记录为依据，而批次记录不载明依据：batch 应为 0，实为 {}",
    ),
    ("{}: no measure {}", "{}：没有措施 {}"),
    ("{}: the next version is {}", "{}：下一版本应为 {}"),
    ("{}: begins before the version before it", "{}：生效日早于前一版本"),
    ("{}: begins before {} ends", "{}：生效日早于 {} 的失效日"),
    ("{}: one stands twice", "{}：有重复"),
    ("{}: got {}, expected one of {}", "{}：为 {}，应为下列之一：{}"),
    ("{} is not stated", "未填写 {}"),
    // Filled in.
    ("at most {} characters", "至多 {} 个字符"),
    ("a number with at most {} decimals", "至多 {} 位小数的数"),
    ("at most {}", "不晚于 {}"),
    ("authorisation {}", "授权 {}"),
    ("court case {}, paper {}", "法院案件 {}，文书 {}"),
    ("law {}", "法律依据 {}"),
    ("line {}", "第 {} 行"),
    ("own request {}", "本人申请 {}"),
    ("record {}", "记录 {}"),
    ("source {}", "来源 {}"),
    ("{} columns", "{} 列"),
    ("{} records, head {}", "{} 条记录，链头 {}"),
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Texts in the source that end up in messages: whatever stands as a literal behind one of these.
    const BEFORE: [&str; 9] = [
        "what: \"",
        "why: \"",
        "mismatch(\"",
        "same(\"",
        "bad(\"",
        "Error::value(\"",
        "missing(\"",
        "in_time(\"",
        "mismatch(\n            \"",
    ];

    /// Tests, and where what is said in both languages stands side by side.
    const SIDE_BY_SIDE: [&str; 3] = ["tests.rs", "error.rs", "chinese.rs"];

    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if !SIDE_BY_SIDE.iter().any(|name| path.ends_with(name)) {
                let text = fs::read_to_string(&path).unwrap();
                found.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
            }
        }
    }

    /// Whatever an error of this crate names has its Chinese.
    #[test]
    fn every_phrase_of_the_source_is_known() {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        let mut seen = 0;
        for text in &files {
            for before in BEFORE {
                for rest in text.split(before).skip(1) {
                    let phrase = rest.split('"').next().unwrap();
                    if phrase.is_empty() || phrase == "…" {
                        continue;
                    }
                    seen += 1;
                    assert!(!is_english(&chinese(phrase)), "{phrase:?} has no Chinese");
                }
            }
        }
        assert!(seen > 80, "{seen}: the scan finds what there is");
    }

    /// Lines whose literals no error says: reasons for lints, names of formats, what a failure of the program itself says.
    const ELSEWHERE: [&str; 5] =
        ["expect(", "reason = ", "const NAME", "f.write_str(", "Error::custom("];

    /// A sentence, wherever it stands, ends up in a message.
    #[test]
    fn every_sentence_of_the_source_is_known() {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        let said = |line: &&str| {
            !line.trim_start().starts_with("//")
                && !ELSEWHERE.iter().any(|word| line.contains(word))
        };
        let (mut seen, mut unknown) = (0, Vec::new());
        for line in files.iter().flat_map(|text| text.lines()).filter(said) {
            for literal in line.split('"').skip(1).step_by(2).filter(|text| is_sentence(text)) {
                seen += 1;
                unknown.extend((chinese(literal) == *literal).then_some(literal));
            }
        }
        assert!(unknown.is_empty(), "without Chinese: {unknown:#?}");
        assert!(seen > 80, "{seen}: the scan finds what there is");
    }

    /// Two words of small letters side by side.
    fn is_sentence(text: &str) -> bool {
        let word = |w: &str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase());
        let words: Vec<&str> = text.split(' ').map(|w| w.trim_matches([',', ':', ';'])).collect();
        words.windows(2).any(|two| word(two[0]) && word(two[1]))
    }

    #[test]
    fn what_is_filled_in_stays_and_what_is_no_phrase_too() {
        assert_eq!(chinese("at most 12 characters"), "至多 12 个字符");
        assert_eq!(chinese("3 records, head abc"), "3 条记录，链头 abc");
        assert_eq!(chinese("penalty@1: no class fine"), "penalty@1：没有类目 fine");
        assert_eq!(chinese("CF_WSH"), "CF_WSH");
        assert_eq!(chinese(""), "");
    }

    /// Two words of small letters and a blank between them are a sentence, and no code.
    pub(super) fn is_english(text: &str) -> bool {
        let word = |w: &str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase());
        let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphabetic() && c != '-').collect();
        words.iter().any(|w| word(w)) && text.is_ascii()
    }
}
