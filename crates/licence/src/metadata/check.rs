//! What a verifier asks of a licence's metadata.

use yinxin_verdict::{Check, Fact, Facts, Reason, UnixTime};

use super::{Items, Metadata};
use crate::identifier::Dialect;
use crate::{Error, Identifier, code};

/// Checks metadata as of a time and records every finding; `printed` is the page's text, if it could be read.
///
/// Returns the metadata when it could be read as a whole.
pub fn inspect(
    items: &Items,
    printed: Option<&str>,
    at: UnixTime,
    subject: &str,
    facts: &mut Facts,
) -> Option<Metadata> {
    identifier(items, subject, facts);
    for name in items.repeated() {
        let fact = Fact::fail(Check::LicenceMetadata, subject, Reason::MetadataBad);
        facts.push(fact.expected(format!("{name} once")).found("twice"));
    }
    let metadata = match Metadata::from_items(items) {
        Ok(metadata) => metadata,
        Err(refusals) => {
            for refusal in refusals.iter().filter(|r| r.field != "ZZBS") {
                let fact = Fact::fail(Check::LicenceMetadata, subject, Reason::MetadataBad);
                facts.push(fact.found(refusal.to_string()));
            }
            return None;
        }
    };
    consistency(&metadata, items, printed, subject, facts);
    dates(&metadata, at, subject, facts);
    details(&metadata, subject, facts);
    Some(metadata)
}

fn identifier(items: &Items, subject: &str, facts: &mut Facts) {
    let text = items.get("ZZBS").unwrap_or_default();
    let check = Check::LicenceIdentifier;
    facts.push(match Identifier::parse(text) {
        Ok(id) if id.dialect() == Dialect::Standard => Fact::pass(check, subject),
        Ok(id) => {
            let standard = crate::identifier::check_character(parts(&id));
            Fact::fail(check, subject, Reason::IdentifierDialect)
                .expected(standard)
                .found(id.check())
        }
        Err(Error::CheckCharacter { expected, found, .. }) => {
            Fact::fail(check, subject, Reason::IdentifierBad).expected(expected).found(found)
        }
        Err(other) => Fact::fail(check, subject, Reason::IdentifierBad).found(other.to_string()),
    });
}

fn parts(id: &Identifier) -> [&str; 4] {
    let rest = &id.as_str()[crate::identifier::ROOT.len() + 1..];
    let mut parts = rest.split('.');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// Whether the items agree with each other, with their check characters, and with the page.
fn consistency(
    metadata: &Metadata,
    items: &Items,
    printed: Option<&str>,
    subject: &str,
    facts: &mut Facts,
) {
    let id = &metadata.identifier;
    let version = format!("{:03}", id.version());
    let said = |key: &str| items.get(key).map(ToOwned::to_owned);
    let mut wrong = Vec::new();
    for (title, expected, found) in [
        ("证照类型代码", id.type_code(), said("ZZLXDM")),
        ("证照颁发机构代码", id.issuer(), said("ZZBFJGDM")),
        ("证照定义机构代码", id.defining_authority(), said("ZZDYJGDM")),
        ("证照版本号", &version, said("ZZBBH")),
    ] {
        if let Some(found) = found
            && found.trim_start_matches('0') != expected.trim_start_matches('0')
        {
            wrong.push((format!("{title} {expected}"), found));
        }
    }
    let holder = match metadata.holder_code_type.as_str() {
        "001" => code::check_credit_code(&metadata.holder_code),
        "111" => code::check_citizen_number(&metadata.holder_code),
        _ => Ok(()),
    };
    if let Err(error) = holder {
        wrong.push(("持证主体代码".to_owned(), error.to_string()));
    }
    if let Some(previous) = &metadata.previous
        && previous == id
    {
        wrong.push(("关联证照标识 of another licence".to_owned(), previous.to_string()));
    }
    if let Some(page) = printed {
        let page = squeeze(page);
        for value in [&metadata.holder_name, &metadata.number] {
            if !page.contains(&squeeze(value)) {
                wrong.push((format!("{value} on the page"), "not printed".to_owned()));
            }
        }
    }
    if wrong.is_empty() {
        facts.push(Fact::pass(Check::LicenceMetadata, subject));
    }
    for (expected, found) in wrong {
        let fact = Fact::fail(Check::LicenceMetadata, subject, Reason::MetadataBad);
        facts.push(fact.expected(expected).found(found));
    }
}

/// Text without spaces and line breaks: how a page is cut into runs says nothing.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn dates(metadata: &Metadata, at: UnixTime, subject: &str, facts: &mut Facts) {
    let check = Check::LicenceDates;
    let Metadata { valid_from, valid_to, .. } = metadata;
    facts.push(match valid_to {
        _ if at < valid_from.start() => Fact::fail(check, subject, Reason::LicenceNotYetValid)
            .expected(format!("from {valid_from}"))
            .found(at.china_date()),
        Some(last) if at >= last.end() => Fact::fail(check, subject, Reason::LicenceExpired)
            .expected(format!("until {last}"))
            .found(at.china_date()),
        _ => Fact::pass(check, subject),
    });
}

fn details(metadata: &Metadata, subject: &str, facts: &mut Facts) {
    for (name, value) in [
        ("identifier", metadata.identifier.as_str()),
        ("licence", &metadata.name),
        ("holder", &metadata.holder_name),
        ("holder-code", &metadata.holder_code),
        ("issuer", &metadata.issuer_name),
        ("number", &metadata.number),
    ] {
        facts.detail(subject, name, value);
    }
    let last =
        metadata.valid_to.map_or_else(|| crate::catalogue::OPEN.to_owned(), |d| d.to_string());
    facts.detail(subject, "valid", format!("{} – {last}", metadata.valid_from));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn at(text: &str) -> UnixTime {
        UnixTime::parse(text).unwrap()
    }

    fn reasons(items: &Items, printed: Option<&str>, time: &str) -> Vec<Reason> {
        let mut facts = Facts::new();
        inspect(items, printed, at(time), "licence", &mut facts);
        facts.facts().iter().filter_map(Fact::reason).collect()
    }

    #[test]
    fn good_metadata_passes_every_check() {
        let items = sample::metadata().to_items();
        let page =
            format!("营业 执照 {} {}", sample::metadata().holder_name, sample::metadata().number);
        assert_eq!(reasons(&items, Some(&page), "2026-11-22"), []);
    }

    #[test]
    fn each_disagreement_is_found() {
        let cases: [(&str, &str, &str, Reason); 12] = [
            ("ZZBS", "", "2026-11-22", Reason::IdentifierBad),
            (
                "ZZBS",
                "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.V",
                "2026-11-22",
                Reason::IdentifierBad,
            ),
            ("ZZLXDM", "11100000000013338W999", "2026-11-22", Reason::MetadataBad),
            ("ZZBFJGDM", "11100000000013338W", "2026-11-22", Reason::MetadataBad),
            ("ZZBBH", "002", "2026-11-22", Reason::MetadataBad),
            ("CZZTDM", "91110108MA01ABCD1X", "2026-11-22", Reason::MetadataBad),
            ("CZZT", "", "2026-11-22", Reason::MetadataBad),
            ("ZZBFRQ", "2026-02-30", "2026-11-22", Reason::MetadataBad),
            ("ZZYXQJZRQ", "2000-01-01", "2026-11-22", Reason::MetadataBad),
            ("ZZYXQJZRQ", "2026-11-20", "2026-11-22", Reason::LicenceExpired),
            ("ZZYXQQSRQ", "2026-11-23", "2026-11-22", Reason::LicenceNotYetValid),
            ("CJSJ", "yesterday", "2026-11-22", Reason::MetadataBad),
        ];
        for (key, value, time, reason) in cases {
            let mut items = sample::metadata().to_items();
            items.set(key, value);
            let found = reasons(&items, None, time);
            assert!(found.contains(&reason), "{key} = {value}: {found:?}");
        }
    }

    #[test]
    fn the_last_day_is_valid_to_its_end() {
        let mut items = sample::metadata().to_items();
        items.set("ZZYXQJZRQ", "2026-11-22");
        assert_eq!(reasons(&items, None, "2026-11-22T23:59:59+08:00"), []);
        assert_eq!(reasons(&items, None, "2026-11-23T00:00:00+08:00"), [Reason::LicenceExpired]);
    }

    #[test]
    fn a_page_that_says_otherwise_is_found() {
        let items = sample::metadata().to_items();
        assert_eq!(reasons(&items, Some("另一家公司"), "2026-11-22"), [Reason::MetadataBad; 2]);
        let mut twice = sample::metadata().to_items();
        twice.push("CZZT", "另一家公司");
        assert_eq!(reasons(&twice, None, "2026-11-22"), [Reason::MetadataBad]);
    }

    #[test]
    fn the_second_dialect_is_told_and_harmless() {
        let mut items = Items::default();
        let id = "1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M";
        for (key, value) in [
            ("ZZBS", id),
            ("ZZMC", "执业证"),
            ("ZZBH", "1"),
            ("ZZBFRQ", "20200101"),
            ("ZZBFJG", "厅"),
            ("CZZT", "某"),
            ("CZZTDM", "1"),
        ] {
            items.push(key, value);
        }
        assert_eq!(reasons(&items, None, "2026-11-22"), [Reason::IdentifierDialect]);
    }
}
