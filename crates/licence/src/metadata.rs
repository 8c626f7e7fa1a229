//! The metadata of GB/T 36903: what a licence says about itself, for machines.

mod check;
mod item;
mod xml;

use yinxin_verdict::UnixTime;

use crate::catalogue::OPEN;
use crate::{Date, Error, Identifier, Refusal};

pub use check::inspect;
pub use item::{ITEMS, ItemName};
pub use xml::Items;
pub(crate) use xml::{EXTENSION, reference};

/// The name of the metadata file among a document's attachments.
pub const ATTACHMENT: &str = "licence-metadata";

/// A licence's metadata, read and checked.
///
/// Invariant of every value made by [`from_items`](Self::from_items): mandatory items present, within their lengths,
/// dates of the calendar and in order. Whether they agree with each other and the page, [`inspect`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// 电子证照标识
    pub identifier: Identifier,
    /// 证照名称
    pub name: String,
    /// 证照类型名称
    pub type_name: String,
    /// 证照类型代码
    pub type_code: String,
    /// 证照编号
    pub number: String,
    /// 证照颁发日期
    pub issued_on: Date,
    /// 证照颁发机构
    pub issuer_name: String,
    /// 证照颁发机构代码
    pub issuer_code: String,
    /// 证照定义机构
    pub defining_name: String,
    /// 证照定义机构代码
    pub defining_code: String,
    /// 有效期起
    pub valid_from: Date,
    /// 有效期止; `None` is until further notice.
    pub valid_to: Option<Date>,
    /// 管辖属地编码
    pub area_code: String,
    /// 持证主体
    pub holder_name: String,
    /// 持证主体代码
    pub holder_code: String,
    /// 持证主体代码类型代码
    pub holder_code_type: String,
    /// 持证主体代码类型
    pub holder_code_type_name: String,
    /// 关联证照标识: the version before this one.
    pub previous: Option<Identifier>,
    /// 创建时间
    pub created: UnixTime,
    /// Name and licence of the fonts whose subsets the document embeds.
    pub fonts: String,
    /// 扩展业务信息: the type's own fields.
    pub extensions: Vec<Extension>,
}

/// A field of the licence type, as metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extension {
    /// The field's key.
    pub key: String,
    /// Its Chinese name.
    pub name: String,
    /// Its value in its one form.
    pub value: String,
}

impl Extension {
    /// An extension.
    #[must_use]
    pub fn new(key: &str, name: &str, value: &str) -> Self {
        Self { key: key.to_owned(), name: name.to_owned(), value: value.to_owned() }
    }
}

impl Metadata {
    /// The items, in the order of the standard's table.
    #[must_use]
    pub fn to_items(&self) -> Items {
        // Destructured, so that a new field is a compile error here.
        let Self {
            identifier,
            name,
            type_name,
            type_code,
            number,
            issued_on,
            issuer_name,
            issuer_code,
            defining_name,
            defining_code,
            valid_from,
            valid_to,
            area_code,
            holder_name,
            holder_code,
            holder_code_type,
            holder_code_type_name,
            previous,
            created,
            fonts,
            extensions,
        } = self;
        let mut items = Items::default();
        let version = format!("{:03}", identifier.version());
        let last = valid_to.map_or_else(|| OPEN.to_owned(), |d| d.to_string());
        for (key, value) in [
            ("ZZBS", identifier.as_str()),
            ("ZZMC", name),
            ("ZZLXMC", type_name),
            ("ZZLXDM", type_code),
            ("ZZBH", number),
            ("ZZBBH", &version),
            ("ZZBFRQ", &issued_on.to_string()),
            ("ZZBFJG", issuer_name),
            ("ZZBFJGDM", issuer_code),
            ("ZZDYJG", defining_name),
            ("ZZDYJGDM", defining_code),
            ("ZZYXQQSRQ", &valid_from.to_string()),
            ("ZZYXQJZRQ", &last),
            ("GXSDBM", area_code),
            ("CZZT", holder_name),
            ("CZZTDM", holder_code),
            ("CZZTDMLX", holder_code_type_name),
            ("CZZTDMLXDM", holder_code_type),
            ("GLZZBS", previous.as_ref().map_or("", Identifier::as_str)),
            ("CJSJ", &created.to_string()),
            ("ZTXX", fonts),
        ] {
            if !value.is_empty() {
                items.push(key, value);
            }
        }
        for Extension { key, name, value } in extensions {
            items.push_extension(key, name, value);
        }
        items
    }

    /// Reads items, by pinyin key or English name.
    ///
    /// # Errors
    /// Every [`Refusal`] there is, not just the first.
    pub fn from_items(items: &Items) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Vec::new();
        for known in ITEMS {
            let value = items.get(known.key).unwrap_or_default();
            let name = || known.title.to_owned();
            let chars = value.chars().count();
            if known.mandatory && value.is_empty() {
                refusals.push(Refusal::new(known.key, Error::FieldMissing { name: name() }));
            }
            if chars > known.max {
                let cause = Error::FieldTooLong { name: name(), chars, max: known.max };
                refusals.push(Refusal::new(known.key, cause));
            }
        }
        let text = |key: &str| items.get(key).unwrap_or_default().to_owned();
        let mut keep = |key: &str, cause: Error| refusals.push(Refusal::new(key, cause));
        let identifier = read(items, "ZZBS", Identifier::parse, &mut keep);
        let previous = read(items, "GLZZBS", Identifier::parse, &mut keep);
        let issued_on = read(items, "ZZBFRQ", Date::parse, &mut keep);
        let valid_from = read(items, "ZZYXQQSRQ", Date::parse, &mut keep).or(issued_on);
        let valid_to = read(items, "ZZYXQJZRQ", last_day, &mut keep).flatten();
        let time = |t: &str| {
            UnixTime::parse(t)
                .map_err(|_| Error::DateImpossible { text: t.chars().take(40).collect() })
        };
        let created = read(items, "CJSJ", time, &mut keep).unwrap_or(UnixTime::EPOCH);
        if let (Some(first), Some(last)) = (valid_from, valid_to)
            && last < first
        {
            let cause = Error::DatesReversed { first: first.to_string(), last: last.to_string() };
            keep("ZZYXQJZRQ", cause);
        }
        match (identifier, issued_on, valid_from) {
            (Some(identifier), Some(issued_on), Some(valid_from)) if refusals.is_empty() => {
                Ok(Self {
                    name: text("ZZMC"),
                    type_name: text("ZZLXMC"),
                    type_code: items
                        .get("ZZLXDM")
                        .map_or_else(|| identifier.type_code().to_owned(), ToOwned::to_owned),
                    identifier,
                    number: text("ZZBH"),
                    issued_on,
                    issuer_name: text("ZZBFJG"),
                    issuer_code: text("ZZBFJGDM"),
                    defining_name: text("ZZDYJG"),
                    defining_code: text("ZZDYJGDM"),
                    valid_from,
                    valid_to,
                    area_code: text("GXSDBM"),
                    holder_name: text("CZZT"),
                    holder_code: text("CZZTDM"),
                    holder_code_type: text("CZZTDMLXDM"),
                    holder_code_type_name: text("CZZTDMLX"),
                    previous,
                    created,
                    fonts: text("ZTXX"),
                    extensions: items.extensions(),
                })
            }
            _ => Err(refusals),
        }
    }
}

/// Reads one item if it is there; what cannot be read is kept as a refusal.
fn read<T>(
    items: &Items,
    key: &str,
    parse: impl FnOnce(&str) -> Result<T, Error>,
    keep: &mut impl FnMut(&str, Error),
) -> Option<T> {
    let text = items.get(key)?;
    parse(text).map_err(|cause| keep(key, cause)).ok()
}

/// A last day, or a word or date that stands for none.
fn last_day(text: &str) -> Result<Option<Date>, Error> {
    let open = [OPEN, "永久", "无固定期限", "9999-12-31", "99991231"];
    if open.contains(&text) { Ok(None) } else { Date::parse(text).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn metadata_reads_back_from_its_items_and_its_xml() {
        let metadata = sample::metadata();
        assert_eq!(Metadata::from_items(&metadata.to_items()), Ok(metadata.clone()));
        let xml = metadata.to_items().to_xml();
        let items = Items::from_xml(xml.as_bytes()).unwrap();
        assert_eq!(items, metadata.to_items());
        assert_eq!(Metadata::from_items(&items), Ok(metadata));
    }

    #[test]
    fn every_refusal_is_told() {
        let mut items = sample::metadata().to_items();
        items.set("ZZBFRQ", "2024-02-30");
        items.set("CZZT", "");
        items.set("ZZBH", &"1".repeat(129));
        items.set("ZZBS", "1.2.3");
        let refusals = Metadata::from_items(&items).unwrap_err();
        let mut fields: Vec<_> = refusals.iter().map(|r| r.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["CZZT", "ZZBFRQ", "ZZBH", "ZZBS"]);
    }

    #[test]
    fn english_names_are_read_too() {
        let mut items = Items::default();
        for known in ITEMS {
            if let (Some(value), Some(english)) =
                (sample::metadata().to_items().get(known.key), known.english.first())
            {
                items.push(english, value);
            }
        }
        let read = Metadata::from_items(&items).unwrap();
        assert_eq!(Metadata { extensions: read.extensions.clone(), ..sample::metadata() }, read);
    }
}
