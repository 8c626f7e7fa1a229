//! A catalogue's life, its two forms on paper, and search at the size of a province.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use yinxin_record::{Duty, FieldKind, Level, Masking, OrganisationCode, UpdateCycle};

use super::*;

const HEADER: &str = "提供方代码,提供方名称,信息资源代码,版本,信息资源名称,摘要,共享类型,共享条件,不予共享依据,更新周期,信息项名称,数据类型,数据分级,脱敏规则\n";
const ROW: &str = "11430000006122244L,市场监督管理局,307/1,1,企业登记信息,名称与代码,有条件共享,用于信贷审批,,每日,企业名称,字符型,一般1级,\n";

fn columns() -> Columns {
    Columns::standard().unwrap()
}

fn read(rows: &str) -> Import {
    read_csv([HEADER, rows].concat().as_bytes(), &columns()).unwrap()
}

fn one(rows: &str) -> Resource {
    let import = read(rows);
    assert!(import.rejects.is_empty(), "{:?}", import.rejects);
    import.resources.into_iter().next().unwrap()
}

fn sample() -> Resource {
    one(&[ROW, &ROW.replace("企业名称,字符型,一般1级,", "法定代表人,字符型,一般3级,keep/1/0")]
        .concat())
}

#[test]
fn a_table_becomes_resources() {
    let resource = sample();
    assert_eq!(resource.code().as_str(), "11430000006122244L.307~1");
    assert_eq!(resource.level(), Level::General3, "as its most sensitive item");
    let fields = resource.ledger_fields();
    assert_eq!(
        fields.iter().map(|f| f.masking).collect::<Vec<_>>(),
        [Masking::None, Masking::Partial]
    );
    assert!(fields[0].rule.is_none() && fields[1].rule.is_some());
    assert_eq!(resource.fields(&["法定代表人"]).unwrap().iter().collect::<Vec<_>>(), [1]);
    assert!(resource.fields(&["电话"]).is_err());
    let changed = one(&ROW.replace("每日", "每周"));
    assert_ne!(one(ROW).definition(), changed.definition());
}

#[test]
fn rows_that_do_not_fit_are_told_by_line() {
    for (good, bad, why) in [
        ("11430000006122244L", "11430000006122244X", "owner code"),
        ("307/1", "307 1", "resource code"),
        (",1,企业", ",0,企业", "version"),
        (",1,企业", ",one,企业", "version"),
        ("企业登记信息", "", "name"),
        ("有条件共享", "2", "sharing class"),
        ("用于信贷审批", "", "condition"),
        ("有条件共享,用于信贷审批", "不予共享,", "basis"),
        ("每日", "偶尔", "update cycle"),
        ("字符型", "什么型", "data type"),
        ("一般1级", "绝密", "level"),
        ("一般1级,", "一般1级,hide", "form"),
        ("企业名称", "", "item name"),
        ("一般1级,", "一般1级,,,", "values of a row"),
    ] {
        let import = read(&ROW.replacen(good, bad, 1));
        let [(line, error)] = &import.rejects[..] else { panic!("{bad}: {import:?}") };
        assert!(import.resources.is_empty() && *line == 2, "{bad}");
        assert!(error.to_string().contains(why), "{bad}: {error}");
    }
    let differing = [ROW, &ROW.replace("每日,企业名称", "每周,企业代码")].concat();
    let import = read(&differing);
    assert!(import.resources.is_empty() && import.rejects[0].0 == 3, "{import:?}");
    let twice = read(&[ROW, ROW].concat());
    assert!(twice.rejects[0].1.to_string().contains("twice"));
}

#[test]
fn tables_of_another_shape_are_refused() {
    let bad = |bytes: &[u8]| read_csv(bytes, &columns()).unwrap_err();
    assert!(matches!(bad(b"a,b\n1,2\n"), Error::ColumnMissing { .. }));
    let twice = HEADER.replace("摘要", "版本");
    assert!(matches!(bad(twice.as_bytes()), Error::ValueBad { .. } | Error::ColumnMissing { .. }));
    let gbk = [HEADER.as_bytes(), b"\xb1\xb1\xbe\xa9", &ROW.as_bytes()[18..]].concat();
    assert_eq!(bad(&gbk), Error::EncodingForeign { line: 2 });
    let open = [HEADER, "\"", &"x".repeat(100_000)].concat();
    assert!(matches!(bad(open.as_bytes()), Error::TooMany { .. }));
    let marked = ["\u{feff}", HEADER, ROW].concat();
    assert_eq!(read_csv(marked.as_bytes(), &columns()).unwrap().resources.len(), 1);
    for mapping in [
        "[columns]\n\"a\" = \"colour\"",
        "[columns]\n\"a\" = \"name\"\n\"b\" = \"name\"",
        "[columns]\n\"a\" = \"name\"",
        "columns = 3",
    ] {
        assert!(Columns::from_toml(mapping).is_err(), "{mapping}");
    }
}

#[test]
fn both_forms_read_back_what_was_written() {
    let never = one(
        "11430000006122244L,局,307/2,3,名单,,不予共享,,某条例第九条,其他,姓名,text,core,drop\n",
    );
    let resources = [sample(), never];
    let mut table = Vec::new();
    write_csv(&resources, &columns(), &mut table).unwrap();
    assert_eq!(read_csv(&table[..], &columns()).unwrap().resources, resources);
    let document = to_dcat("目录", &resources);
    let text = serde_json::to_vec(&document).unwrap();
    assert_eq!(from_dcat(&text[..]).unwrap(), resources);
    assert_eq!(
        document["dcat:dataset"][1]["dct:accessRights"]["@id"].as_str().unwrap().rsplit('/').next(),
        Some("NON_PUBLIC")
    );
}

#[test]
fn a_definition_covers_who_is_responsible_by_when_and_why() {
    let plain = sample();
    let entry = |duty, organisation, term: &str| DutyEntry {
        resource: plain.code().clone(),
        duty,
        organisation: OrganisationCode::new(organisation).unwrap(),
        term: term.to_owned(),
        basis: "某条例".to_owned(),
    };
    let provide = entry(Duty::Provide, "11430000006122244L", "provide-after-consent");
    let update = entry(Duty::Update, "91350100M000100Y43", "daily");
    let mut foreign = update.clone();
    foreign.resource = one(&ROW.replace("307/1", "307/2")).code().clone();
    let with = |list: &[&DutyEntry]| plain.clone().with_duties(list.iter().copied()).unwrap();
    assert_eq!(with(&[]).definition(), plain.definition());
    assert_eq!(with(&[&foreign]), plain, "another resource's");
    let both = with(&[&update, &provide, &update]);
    assert_eq!(both.duties(), [provide.clone(), update.clone()]);
    assert_eq!(both, with(&[&provide, &update]));
    let mut seen = std::collections::BTreeSet::from([plain.definition(), both.definition()]);
    for change in [
        DutyEntry { term: "weekly".to_owned(), ..update.clone() },
        DutyEntry { basis: "某办法".to_owned(), ..update.clone() },
        DutyEntry { duty: Duty::Quality, ..update.clone() },
        DutyEntry { organisation: provide.organisation.clone(), ..update.clone() },
    ] {
        assert!(seen.insert(with(&[&provide, &change]).definition()), "{change:?}");
    }
    let mut written = Vec::new();
    write_dcat("目录", [&both, &plain], &mut written).unwrap();
    let read = from_dcat(&written[..]).unwrap();
    assert_eq!(read, [both.clone(), plain.clone()]);
    assert_eq!(read[0].definition(), both.definition());
    let text = String::from_utf8(written).unwrap();
    for (good, bad) in [
        ("\"provide\"", "\"think\""),
        ("91350100M000100Y43", "91350100M000100Y44"),
        ("yx:term", "yx:when"),
    ] {
        assert!(from_dcat(text.replacen(good, bad, 1).as_bytes()).is_err(), "{bad}");
    }
    let long = DutyEntry { term: "x".repeat(5000), ..update.clone() };
    assert!(plain.clone().with_duties([&long]).is_err());
    let baseless = DutyEntry { basis: " ".to_owned(), ..update.clone() };
    let refused = plain.clone().with_duties([&baseless]);
    assert!(matches!(refused, Err(Error::ValueBad { what: "basis", .. })));
    let many: Vec<_> =
        (0..65).map(|n| entry(Duty::Serve, "91350100M000100Y43", &n.to_string())).collect();
    assert!(matches!(plain.with_duties(&many), Err(Error::TooMany { .. })));
}

/// Well below what a data set of a document may have.
#[test]
fn the_fullest_resource_reads_back() {
    let long = |n: usize| format!("{n:0>4096}");
    let item = |n| ResourceItem {
        name: format!("{n:0>96}"),
        kind: FieldKind::Text,
        level: Level::Core,
        mask: format!("token/{}", "x".repeat(74)).parse().unwrap(),
    };
    let draft = ResourceDraft {
        code: sample().code().clone(),
        owner_name: format!("{:0>256}", 1),
        version: u32::MAX,
        name: format!("{:0>256}", 1),
        summary: long(1),
        class: SharingClass::Conditional,
        condition: long(2),
        basis: long(3),
        cycle: UpdateCycle::Irregular,
        items: (0..256).map(item).collect(),
    };
    let duty = |n| DutyEntry {
        resource: draft.code.clone(),
        duty: Duty::Provide,
        organisation: draft.code.owner(),
        term: long(n),
        basis: long(n),
    };
    let duties: Vec<_> = (0..64).map(duty).collect();
    let full = Resource::new(draft.clone()).unwrap().with_duties(&duties).unwrap();
    let mut document = Vec::new();
    write_dcat("目录", [&full], &mut document).unwrap();
    assert!(document.len() < 1 << 20, "{}", document.len());
    assert_eq!(from_dcat(&document[..]).unwrap(), [full]);
}

#[test]
fn dcat_of_another_shape_is_refused() {
    let good = to_dcat("目录", &[sample()]);
    let check = |change: fn(&mut serde_json::Value)| {
        let mut document = good.clone();
        change(&mut document);
        from_dcat(&serde_json::to_vec(&document).unwrap()[..]).is_err()
    };
    assert!(!check(|_| {}));
    assert!(check(|d| d["@type"] = "dcat:Dataset".into()));
    assert!(check(|d| d["dcat:dataset"] = 3.into()));
    assert!(check(|d| drop(d.as_object_mut().unwrap().remove("dcat:dataset"))));
    assert!(check(|d| drop(d.as_object_mut().unwrap().remove("@type"))));
    assert!(check(|d| d["dcat:dataset"][0]["@id"] = "urn:x".into()));
    assert!(check(|d| d["dcat:dataset"][0]["dct:title"] = 3.into()));
    assert!(check(|d| d["dcat:dataset"][0]["yx:class"] = "1".into()));
    assert!(check(|d| d["dcat:dataset"][0]["yx:item"] = serde_json::json!([])));
    assert!(check(|d| d["dcat:dataset"][0]["dct:publisher"]["dct:identifier"] = "x".into()));
    let cut = serde_json::to_vec(&good).unwrap();
    assert!(from_dcat(&cut[..cut.len() - 2]).is_err(), "cut short");
    assert!(from_dcat(&[&cut[..], b"{}"].concat()[..]).is_err(), "more after it");
    assert!(from_dcat(&b"[".repeat(100_000)[..]).is_err(), "nested too deep");
    assert!(from_dcat(&b""[..]).is_err());
    // One data set is bounded, whatever of it is large; and says each thing once.
    let text = String::from_utf8(cut.clone()).unwrap();
    for more in ["\"x\":[0", "\"x\":[[]", "\"x\":[\"\""] {
        let large = format!("{more}{}],", &format!(",{}", &more[5..]).repeat(5 << 20));
        let large = text.replacen("\"yx:class\":", &format!("{large}\"yx:class\":"), 1);
        let said = from_dcat(large.as_bytes()).unwrap_err().to_string();
        assert!(said.contains("more than"), "{said}");
    }
    let twice = text.replacen("\"yx:class\":", "\"yx:class\":\"open\",\"yx:class\":", 1);
    let said = from_dcat(twice.as_bytes()).unwrap_err().to_string();
    assert!(said.contains("named twice"), "{said}");
    let long = text.replacen("urn:yinxin:resource:", &"x".repeat(10_000), 1);
    assert!(from_dcat(long.as_bytes()).unwrap_err().to_string().len() < 500);
}

#[test]
fn versions_follow_one_another() {
    let mut catalogue = Catalogue::new();
    let version = |n: u32| one(&ROW.replace(",1,企业", &format!(",{n},企业")));
    catalogue.publish(version(1)).unwrap();
    for wrong in [1, 3] {
        let error = catalogue.publish(version(wrong)).unwrap_err();
        assert!(matches!(error, Error::VersionOrder { expected: 2, .. }), "{error}");
    }
    catalogue.publish(version(2)).unwrap();
    let code = version(1).code().clone();
    assert_eq!(catalogue.get(&code).map(Resource::version), Some(2));
    assert_eq!(catalogue.versions(&code).len(), 2);
    catalogue.withdraw(&code).unwrap();
    assert!(catalogue.get(&code).is_none() && catalogue.versions(&code).len() == 2);
    assert!(catalogue.publish(version(3)).is_err(), "withdrawn for good");
    let never = one(
        "11430000006122244L,局,307/2,3,名单,,不予共享,,某条例第九条,其他,姓名,text,core,drop\n",
    );
    catalogue.publish(never).unwrap();
    let list: Vec<_> = catalogue.negative_list().map(|n| n.basis).collect();
    assert_eq!(list, ["某条例第九条"]);
}

/// A catalogue of one province's size.
fn province() -> Catalogue {
    let mut catalogue = Catalogue::new();
    let topics =
        ["企业登记", "不动产", "婚姻登记", "社会保险", "纳税信用", "气象观测", "道路运输", "学籍"];
    let owners = ["11430000006122244L", "91350100M000100Y43"];
    let mut rows = HEADER.to_owned();
    for n in 0..52_542_usize {
        let (topic, owner) = (topics[n % topics.len()], owners[n % 2]);
        let class = ["无条件共享,,", "有条件共享,审批用途,", "不予共享,,某条例"][n % 3];
        for item in ["名称", "统一社会信用代码", "登记日期"] {
            rows.push_str(&format!("{owner},某厅,307/{n},1,{topic}信息第{n}号,{topic}的基础数据,{class},每日,{item},字符型,一般2级,\n"));
        }
    }
    let import = read_csv(rows.as_bytes(), &columns()).unwrap();
    assert!(import.rejects.is_empty());
    import.resources.into_iter().for_each(|r| catalogue.publish(r).unwrap());
    catalogue
}

#[test]
fn a_province_is_searched_in_milliseconds() {
    let catalogue = province();
    let index = Index::of(&catalogue);
    let query = |words: &str| Query { words: words.to_owned(), ..Query::default() };
    let owner = Some(OrganisationCode::new("91350100M000100Y43").unwrap());
    let never = Some(SharingClass::Never);
    for (query, total) in [
        (query("第52541号"), 1),
        (query("不动产 307/9"), 139),
        (query("气象观测"), 6568),
        (query("学"), 6567),
        (query("没有的词"), 0),
        (query("３０７／５２５４１"), 1),
        (query(""), 52_542),
        (Query { item: "登记日".to_owned(), ..query("纳税") }, 6568),
        (Query { owner, class: never, ..query("企业登记") }, 0),
        (Query { class: never, ..query("企业登记") }, 2189),
    ] {
        let times = (0..5).map(|_| {
            let began = Instant::now();
            let hits = index.search(&query);
            (began.elapsed(), hits)
        });
        let (best, hits) = times.min_by_key(|(t, _)| *t).unwrap();
        assert_eq!(hits.total, total, "{query:?}");
        assert!(hits.codes.len() <= 20);
        // Several times what was measured, so that a busy machine passes.
        assert!(best < Duration::from_millis(100), "{query:?}: {best:?}");
        println!("{:?} {best:?}", query.words);
    }
}

#[test]
fn a_province_reads_back_from_both_forms_as_it_was_written() {
    let catalogue = province();
    let all: Vec<Resource> = catalogue.resources().cloned().collect();
    let mut table = Vec::new();
    write_csv(&all, &columns(), &mut table).unwrap();
    let read = read_csv(&table[..], &columns()).unwrap();
    assert!(read.rejects.is_empty() && read.resources == all);
    let mut document = Vec::new();
    write_dcat("目录", catalogue.resources(), &mut document).unwrap();
    assert!(from_dcat(&document[..]).unwrap() == all);
}

#[test]
fn a_document_written_bit_by_bit_is_the_whole_one() {
    let resources = [sample(), one(&ROW.replace("307/1", "307/2"))];
    let mut written = Vec::new();
    write_dcat("目录", &resources, &mut written).unwrap();
    let whole = serde_json::to_string_pretty(&to_dcat("目录", &resources)).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), whole + "\n");
}

#[test]
fn names_come_before_abstracts() {
    let mut catalogue = Catalogue::new();
    catalogue
        .publish(one(&ROW.replace("名称与代码", "登记的婚姻").replace("企业登记信息", "甲")))
        .unwrap();
    let second = ROW.replace("307/1", "307/2").replace("企业登记信息", "婚姻登记");
    catalogue.publish(one(&second)).unwrap();
    let hits = Index::of(&catalogue).search(&Query { words: "婚姻".into(), ..Query::default() });
    let codes: Vec<String> = hits.codes.iter().map(ResourceCode::catalogue_code).collect();
    assert_eq!((hits.total, codes), (2, vec!["307/2".to_owned(), "307/1".to_owned()]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_table_and_no_document_breaks_the_reader(text in ".{0,200}", rows in "[^\u{0}]{0,80}") {
        let _ = read_csv(text.as_bytes(), &columns());
        let _ = read_csv([HEADER, &rows].concat().as_bytes(), &columns());
        let _ = from_dcat(text.as_bytes());
    }
}
