//! The table of items: GB/T 36903 in the names that implementations use.

/// One item of the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemName {
    /// The pinyin key, which is written.
    pub key: &'static str,
    /// English names, which are read too; the first is the national one.
    pub english: &'static [&'static str],
    /// The Chinese name.
    pub title: &'static str,
    /// Whether there is no licence without it.
    pub mandatory: bool,
    /// Longest value, characters.
    pub max: usize,
}

const fn item(
    key: &'static str,
    english: &'static [&'static str],
    title: &'static str,
    mandatory: bool,
    max: usize,
) -> ItemName {
    ItemName { key, english, title, mandatory, max }
}

/// Every item that is read. Mandatory here are those without which no check means anything; regional documents leave
/// out several that the table calls mandatory.
pub const ITEMS: &[ItemName] = &[
    item(
        "ZZBS",
        &["certificate_identifier", "certificateIdentifier", "certIdentifier"],
        "电子证照标识",
        true,
        128,
    ),
    item("ZZMC", &["certificate_name", "certificateName"], "证照名称", true, 512),
    item("ZZLXMC", &["certificate_type_name", "certificateTypeName"], "证照类型名称", false, 256),
    item(
        "ZZLXDM",
        &["certificate_type_code", "certificate_type_name_code", "certificateTypeCode"],
        "证照类型代码",
        false,
        64,
    ),
    item("ZZBH", &["certificate_number", "certificateNumber"], "证照编号", true, 128),
    item("ZZBBH", &["certificate_version", "certificateVersion"], "证照版本号", false, 32),
    item(
        "ZZBFRQ",
        &["certificate_issuing_authority_date", "certificateIssuedDate"],
        "证照颁发日期",
        true,
        32,
    ),
    item(
        "ZZBFJG",
        &["certificate_issuing_authority_name", "certificateIssuingAuthorityName"],
        "证照颁发机构",
        true,
        512,
    ),
    item(
        "ZZBFJGDM",
        &["certificate_issuing_authority_code", "certificateIssuingAuthorityCode"],
        "证照颁发机构代码",
        false,
        512,
    ),
    item("ZZDYJG", &["certificate_define_authority_name"], "证照定义机构", false, 256),
    item("ZZDYJGDM", &["certificate_define_authority_code"], "证照定义机构代码", false, 32),
    item(
        "ZZYXQQSRQ",
        &["certificate_validate_start", "certificateEffectiveDate"],
        "有效期起",
        false,
        32,
    ),
    item(
        "ZZYXQJZRQ",
        &["certificate_validate_end", "certificateExpiringDate"],
        "有效期止",
        false,
        32,
    ),
    item("GXSDBM", &["certificate_area_code", "certificateAreaCode"], "管辖属地编码", false, 32),
    item("CZZT", &["certificate_holder_name", "certificateHolderName"], "持证主体", true, 512),
    item(
        "CZZTDM",
        &["certificate_holder_code", "certificateHolderCode"],
        "持证主体代码",
        true,
        512,
    ),
    item("CZZTDMLX", &["certificate_holder_type_name"], "持证主体代码类型", false, 512),
    item(
        "CZZTDMLXDM",
        &["certificate_holder_type", "certificateHolderTypeCode"],
        "持证主体代码类型代码",
        false,
        512,
    ),
    item("GLZZBS", &["associatedZzeCertID"], "关联证照标识", false, 128),
    item("CJSJ", &["create_time", "createTime"], "创建时间", false, 32),
    // Ours: the embedded fonts and their licences.
    item("ZTXX", &["font_credit"], "字体信息", false, 256),
];

/// The pinyin key of an item's name, whichever it was given by.
pub(super) fn key_of(name: &str) -> Option<&'static str> {
    ITEMS.iter().find(|i| i.key == name || i.english.contains(&name)).map(|i| i.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> =
            ITEMS.iter().flat_map(|i| i.english.iter().copied().chain([i.key])).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(key_of("certIdentifier"), Some("ZZBS"));
    }
}
