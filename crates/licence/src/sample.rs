//! The shipped sample, for tests.

#[path = "../../../tests/rig/absent.rs"]
#[allow(unreachable_pub, reason = "other crates take it from the rig")]
mod absent;

use std::collections::BTreeMap;
use std::sync::Arc;

use yinxin_verdict::UnixTime;

use crate::metadata::Extension;
use crate::{
    CatalogueType, Draft, Error, Face, Fonts, Identifier, Issued, Issuer, Metadata, Printed,
};

pub(crate) const BUSINESS_LICENCE: &str = include_str!("../../../cli/sample/business-licence.toml");

const FONT: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";

pub(crate) fn business_licence() -> CatalogueType {
    CatalogueType::from_toml(BUSINESS_LICENCE).unwrap()
}

pub(crate) fn now() -> UnixTime {
    UnixTime::parse("2026-11-22T10:00:00+08:00").unwrap()
}

/// Debian's Noto Serif CJK, when it is installed.
pub(crate) fn face() -> Option<Face> {
    let Ok(data) = std::fs::read(FONT) else {
        absent::absent(format!("{FONT} is not installed (Debian package fonts-noto-cjk)"));
        return None;
    };
    Some(Face::from_bytes(data, "Noto Serif CJK SC").unwrap())
}

pub(crate) fn issuer() -> Issuer {
    let body = "11110108MB1X00000";
    let check = crate::code::credit_check_character(body).unwrap();
    Issuer::new(&format!("{body}{check}"), "海淀区市场监督管理局", "110108").unwrap()
}

pub(crate) fn credit_code() -> String {
    let body = "91110108MA01ABCD1";
    format!("{body}{}", crate::code::credit_check_character(body).unwrap())
}

pub(crate) fn draft(serial: &str) -> Draft {
    let code = credit_code();
    let values = [
        ("holder_name", "北京甲科技有限公司"),
        ("holder_code", &code),
        ("category", "有限责任公司"),
        ("representative", "张三"),
        ("capital", "500"),
        ("established", "2020-01-02"),
        ("address", "北京市海淀区中关村大街1号"),
        ("scope", "软件开发；技术服务、技术咨询。"),
    ];
    let values =
        values.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<BTreeMap<_, _>>();
    Draft::new(Arc::new(business_licence()), serial, &values, &[]).unwrap()
}

pub(crate) fn document() -> Option<(Issued, Vec<u8>)> {
    let fonts = Fonts::new(face()?, None);
    let issued = draft("A001").issue(&issuer(), None, &fonts, now()).unwrap();
    let code = printed(&issued);
    let ofd = issued.to_ofd(&code, &fonts).unwrap();
    Some((issued, ofd))
}

pub(crate) fn printed(issued: &Issued) -> Printed {
    let address = "https://licence.example.gov.cn/l";
    Printed::sign(address, issued.identifier(), issued.metadata_digest(), |_| {
        Ok::<_, Error>([7; 64])
    })
    .unwrap()
}

/// Metadata with every item, independent of the sample type.
pub(crate) fn metadata() -> Metadata {
    let identifier = Identifier::parse(
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    )
    .unwrap();
    let previous =
        Identifier::new("11100000000013338W011", "11430000006122244L", "20220000001", 3).unwrap();
    Metadata {
        name: "建筑业企业资质证书".to_owned(),
        type_name: "建筑业企业资质证书".to_owned(),
        type_code: identifier.type_code().to_owned(),
        number: "D243000001".to_owned(),
        issued_on: crate::Date::parse("2023-04-03").unwrap(),
        issuer_name: "湖南省住房和城乡建设厅".to_owned(),
        issuer_code: identifier.issuer().to_owned(),
        defining_name: "住房和城乡建设部".to_owned(),
        defining_code: identifier.defining_authority().to_owned(),
        valid_from: crate::Date::parse("2023-04-03").unwrap(),
        valid_to: crate::Date::parse("2028-04-02").ok(),
        area_code: "430000".to_owned(),
        holder_name: "湖南甲<乙>建设&工程有限公司".to_owned(),
        holder_code: credit_code(),
        holder_code_type: "001".to_owned(),
        holder_code_type_name: "统一社会信用代码".to_owned(),
        previous: Some(previous),
        created: now(),
        fonts: "Noto Serif CJK SC (OFL-1.1)".to_owned(),
        extensions: vec![Extension::new("grade", "资质等级", "一级")],
        identifier,
    }
}
