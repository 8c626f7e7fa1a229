//! Every limit at its edge: what a package needs is let through, and one less is refused under that limit's name.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use yinxin_ofd::{
    Draft, Limit, Limits, OfdError, Package, PackageWriter, Provider, SignatureKind,
    append_signature, page,
};
use yinxin_verdict::UnixTime;

/// Two pages, two signatures, a comment: something for each limit to count.
fn signed() -> Vec<u8> {
    let mut document = page::Document::new(page::Info::new("0123456789abcdef0123456789abcdef"));
    document.page(page::Page::new(page::Size::A4));
    document.page(page::Page::new(page::Size::A4));
    let open = |bytes: Vec<u8>| Package::open(bytes, &Limits::default()).unwrap();
    let mut package = open(document.to_package().unwrap().finish());
    for _ in 0..2 {
        let time = UnixTime::parse("2026-11-22").unwrap();
        let provider = Provider::new("yinxin", "yinxin", "0.1.0");
        let draft = Draft::new(SignatureKind::Sign, provider, time);
        let prepared = append_signature(&package, &draft).unwrap();
        package = open(prepared.finish(b"\x30\x05value".as_slice()).unwrap());
    }
    let mut writer = PackageWriter::from_package(&package);
    let root = String::from_utf8(package.file("OFD.xml").unwrap().to_vec()).unwrap();
    let start = root.find("<ofd:OFD").unwrap();
    let commented = format!("{}<!-- a comment -->{}", &root[..start], &root[start..]);
    writer.replace("OFD.xml", commented).unwrap();
    writer.finish()
}

/// The first limit that the package, its documents or its signatures break.
fn broken(bytes: &[u8], limits: &Limits) -> Option<(Limit, u64, u64)> {
    let over = |error: &OfdError| match error {
        OfdError::OverLimit { limit, found, allowed, .. } => Some((*limit, *found, *allowed)),
        other => panic!("expected a limit, found {other}"),
    };
    match Package::open(bytes, limits) {
        Err(error) => over(&error),
        Ok(package) => {
            let signatures = package.signatures();
            let files = signatures.listed.iter().filter_map(|l| l.file.as_ref().err());
            signatures.problems.iter().chain(files).find_map(over)
        }
    }
}

#[test]
fn each_limit_refuses_one_too_many_and_nothing_less() {
    type Field = fn(&mut Limits) -> &mut usize;
    let cases: [(Limit, Field); 15] = [
        (Limit::ArchiveBytes, |l| &mut l.archive_bytes),
        (Limit::Attributes, |l| &mut l.attributes),
        (Limit::DocBodies, |l| &mut l.doc_bodies),
        (Limit::Entries, |l| &mut l.entries),
        (Limit::NameBytes, |l| &mut l.name_bytes),
        (Limit::NameDepth, |l| &mut l.name_depth),
        (Limit::Ratio, |l| &mut l.ratio),
        (Limit::References, |l| &mut l.references),
        (Limit::Signatures, |l| &mut l.signatures),
        (Limit::TotalBytes, |l| &mut l.total_bytes),
        (Limit::XmlBytes, |l| &mut l.xml_bytes),
        (Limit::XmlDepth, |l| &mut l.xml_depth),
        (Limit::XmlElements, |l| &mut l.xml_elements),
        (Limit::XmlMiscBytes, |l| &mut l.xml_misc_bytes),
        (Limit::XmlNamespaces, |l| &mut l.xml_namespaces),
    ];
    let bytes = signed();
    for (limit, field) in cases {
        let with = |value: usize| {
            let mut limits = Limits::default();
            // Small packages have no ratio; here they do.
            limits.ratio_free_bytes = 0;
            *field(&mut limits) = value;
            limits
        };
        // The least that lets it through: more is let through too, so halving finds it.
        let (mut refused, mut enough) = (0, *field(&mut Limits::default()));
        assert!(broken(&bytes, &with(enough)).is_none(), "{limit}");
        assert!(broken(&bytes, &with(0)).is_some(), "{limit}: nothing is counted");
        while enough - refused > 1 {
            let middle = refused + (enough - refused) / 2;
            match broken(&bytes, &with(middle)) {
                None => enough = middle,
                Some(_) => refused = middle,
            }
        }
        let (found_limit, found, allowed) = broken(&bytes, &with(refused)).unwrap();
        assert_eq!((found_limit, allowed), (limit, refused as u64));
        assert!(found > allowed || limit == Limit::Ratio, "{limit}: {found} of {allowed}");
    }
}
