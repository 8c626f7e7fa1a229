use std::collections::BTreeMap;

use yinxin_gm::{Digest, sm3};
use yinxin_merkle::wire::Wire;

use super::*;

const PERSON_NUMBER: &str = "11010519491231002X";

fn penalty() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("CF_XDR_MC", "某某有限公司"),
        ("CF_XDR_LB", "02"),
        ("CF_XDR_SHXYM", "91350100M000100Y43"),
        ("CF_FRDB", "张三"),
        ("CF_FR_ZJHM", PERSON_NUMBER),
        ("CF_WSH", "示市监处〔2026〕1号"),
        ("CF_WFXW", "虚假宣传"),
        ("CF_SY", "在网页上夸大功效"),
        ("CF_YJ", "反不正当竞争法第二十条"),
        ("CF_CFLB", "02"),
        ("CF_NR", "罚款"),
        ("CF_NR_FK", "20.500000"),
        ("CF_JDRQ", "2026-05-06"),
        ("CF_GSJZQ", "2027-05-06"),
        ("CF_CFJG", "示范市市场监督管理局"),
        ("CF_CFJGDM", "11430000006122244L"),
        ("CF_LYDW", "示范市市场监督管理局"),
        ("CF_LYDWDM", "11430000006122244L"),
    ])
}

fn fill(
    row: &BTreeMap<&'static str, &'static str>,
    person: Option<&Pseudonym>,
) -> Result<Filled, Error> {
    let forms = Forms::standard().unwrap();
    forms.form("penalty").unwrap().fill(|code| row.get(code).copied(), person)
}

/// A published class names its form by this digest: whatever changes how a row is read changes it, and nothing else does.
#[test]
fn a_form_is_known_by_what_it_says() {
    let text = include_str!("../../data/forms.toml");
    let digest = |text: &str| Forms::from_toml(text).unwrap().form("general").unwrap().digest();
    let own = digest(text);
    let at = text.find("id = \"general\"").unwrap();
    let with = |from: &str, to: &str| {
        let (before, general) = text.split_at(at);
        assert!(general.contains(from), "{from}");
        digest(&format!("{before}{}", general.replacen(from, to, 1)))
    };
    for (from, to) in [
        ("其他信用信息", "其他信息"),
        ("code = \"MC\"", "code = \"XM\""),
        ("信用主体名称", "名称"),
        ("max = 200", "max = 201"),
        ("required = true", "required = false"),
        ("required_for = [\"02\", \"03\"]", "required_for = [\"02\"]"),
        ("show = \"masked\"", "show = \"public\""),
    ] {
        assert_ne!(with(from, to), own, "{from}");
    }
    assert_eq!(with("a form of this file", "a form of that file"), own, "where it is from");
    let other = text.replacen("name = \"行政处罚", "name = \"处罚", 1);
    assert!(other != text && digest(&other) == own, "another form of the file");
    let codes = text.replacen("\"自然人\"", "\"个人\"", 1);
    assert_ne!(digest(&codes), own, "what a code stands for");
}

/// Published classes name forms by digests of this encoding: SM3 of the DER, as another implementation writes it.
#[test]
fn a_forms_digest_stays_what_it_is() {
    let types = [("01", "自然人"), ("02", "法人")];
    let types = types.map(|(code, name)| (code.to_owned(), name.to_owned()));
    let field = |code: &str, name: &str, kind| FormField {
        code: code.to_owned(),
        name: name.to_owned(),
        kind,
        required: true,
        required_for: Vec::new(),
        role: None,
        show: Show::Public,
    };
    let form = Form {
        id: "small".to_owned(),
        name: "小表".to_owned(),
        source: "this test".to_owned(),
        fields: vec![
            FormField { show: Show::Masked, ..field("MC", "名称", ValueKind::Text(200)) },
            FormField {
                role: Some(Role::Type),
                ..field("LB", "类别", ValueKind::Code(types.into()))
            },
            FormField {
                required: false,
                required_for: vec!["02".to_owned(), "03".to_owned()],
                role: Some(Role::Subject),
                ..field("DM", "代码", ValueKind::CreditCode)
            },
            FormField { role: Some(Role::Decided), ..field("RQ", "日期", ValueKind::Date) },
            FormField {
                required: false,
                show: Show::Never,
                ..field("JE", "金额", ValueKind::Decimal(6))
            },
        ],
    };
    let known = "c88757ef4df02f6f1794d91939d3fd378b2e53f699a78121e1664fd3765d9b0a";
    assert_eq!(form.digest().to_string(), known);
}

#[test]
fn a_penalty_keeps_no_persons_number() {
    let filled = fill(&penalty(), None).unwrap();
    assert_eq!(filled.number, "示市监处〔2026〕1号");
    assert_eq!(filled.until, Some(Date::parse("2027-05-06").unwrap()));
    assert!(filled.content.values().all(|(_, text)| !text.contains(PERSON_NUMBER)));
    assert_eq!(filled.content.value("CF_FR_ZJHM"), None);
    let der = filled.content.to_der();
    assert_eq!(Content::from_der(&der), Ok(filled.content.clone()));
    let [a, b] = [b"a", b"b"].map(|salt| filled.content.digest(&sm3::digest(salt)));
    assert_ne!(a, b, "the salt counts");
}

#[test]
fn a_person_has_a_pseudonym_and_a_masked_name() {
    let custodian = OrganisationCode::new("11430000006122244L").unwrap();
    let pseudonym = Pseudonym { custodian, value: Digest([7; 32]) };
    let mut row = penalty();
    row.insert("CF_XDR_LB", "01");
    row.insert("CF_XDR_MC", "李四");
    assert!(fill(&row, Some(&pseudonym)).is_err(), "a person with a company's code");
    row.remove("CF_XDR_SHXYM");
    let filled = fill(&row, Some(&pseudonym)).unwrap();
    assert_eq!(filled.subject, Subject::Person(pseudonym));
    assert_eq!(filled.content.value("CF_XDR_MC"), Some("李*"));
    assert!(fill(&row, None).is_err(), "a person without a pseudonym");
}

#[test]
fn each_field_is_checked() {
    for (field, value, why) in [
        ("CF_XDR_MC", "", "required"),
        ("CF_XDR_LB", "09", "no code of the set"),
        ("CF_XDR_SHXYM", "91350100M000100Y44", "check character"),
        ("CF_XDR_SHXYM", "", "required for a legal person"),
        ("CF_NR_FK", "-1", "negative"),
        ("CF_NR_FK", "1.1234567", "seven decimals"),
        ("CF_NR_FK", "1.", "no decimals after the point"),
        ("CF_NR_FK", "1e3", "no number"),
        ("CF_JDRQ", "2026/05/06", "no date"),
        ("CF_JDRQ", "2026-02-30", "no day"),
        ("CF_CFJGDM", "", "required"),
        ("CF_SY", "a\u{0}b", "control character"),
        ("CF_SY", "当事人身份证号11010519491231002X。", "an identity number in free text"),
        ("CF_BZ", "11010519491231002x", "an identity number in a remark"),
        ("CF_BZ", "１１０１０５１９４９１２３１００２Ｘ", "an identity number in full width"),
        ("CF_BZ", "110105 19491231 002X", "an identity number with blanks"),
        ("CF_XDR_SHXYM", "11010519491231002X", "an identity number for a credit code"),
        ("CF_JDRQ", "11010519491231002X", "an identity number for a day"),
    ] {
        let mut row = penalty();
        row.insert(field, value);
        let error = fill(&row, None).expect_err(why);
        assert!(!has_identity_number(&error.to_string()), "{error}");
    }
    let mut row = penalty();
    let long = "长".repeat(201);
    row.insert("CF_XDR_MC", Box::leak(long.into_boxed_str()));
    assert!(fill(&row, None).is_err());
}

#[test]
fn numbers_that_only_look_like_persons_pass() {
    for (text, person) in [
        (PERSON_NUMBER, true),
        ("110105194912310021", false),
        ("211010519491231002X", false),
        ("91350100M000100Y43", false),
        ("文号20260506001234567890", false),
    ] {
        assert_eq!(has_identity_number(text), person, "{text}");
    }
}

const FORM: &str = r#"[[code_set]]
id = "t"
source = "s"
codes = { "02" = "x" }

[[form]]
id = "f"
name = "n"
source = "s"
field = [
  { code = "A", name = "a", kind = "code", code_set = "t", role = "type" },
  { code = "B", name = "b", kind = "credit-code", role = "subject" },
  { code = "C", name = "c", kind = "text", max = 9, role = "number" },
  { code = "D", name = "d", kind = "date", role = "decided" },
  { code = "E", name = "e", kind = "credit-code", role = "authority" },
]
"#;

#[test]
fn forms_that_do_not_fit_are_told_with_their_line() {
    assert!(Forms::from_toml(FORM).unwrap().form("f").is_ok());
    assert!(Forms::standard().unwrap().forms().count() == 3);
    for (good, bad, line) in [
        ("kind = \"date\"", "kind = \"day\"", 14),
        ("code_set = \"t\"", "code_set = \"u\"", 11),
        ("max = 9", "max = 9, decimals = 1", 13),
        ("role = \"subject\"", "role = \"sub\"", 12),
        ("role = \"subject\"", "role = \"number\"", 13),
        ("kind = \"date\", role = \"decided\"", "kind = \"text\", max = 9, role = \"decided\"", 14),
        ("code = \"B\"", "code = \"A\"", 12),
        ("role = \"decided\"", "required = true", 6),
        ("name = \"n\"", "name = 3", 8),
        ("id = \"t\"", "id = \"t\"\nodd = 1", 3),
    ] {
        let error = Forms::from_toml(&FORM.replacen(good, bad, 1)).unwrap_err();
        let Error::ConfigBad { line: found, .. } = error else { panic!("{error:?}") };
        assert_eq!(found, line, "{bad}: {error}");
    }
}
