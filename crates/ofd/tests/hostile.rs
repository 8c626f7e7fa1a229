//! Packages that must be refused, each for its own reason.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::io::Write as _;

use support::{read, shared};
use yinxin_ofd::{HeaderField, Limit, Limits, NameFlaw, OfdError, Package, XmlFlaw};
use yinxin_verdict::Reason;
use zip::write::SimpleFileOptions;

fn open(bytes: Vec<u8>) -> Result<Package, OfdError> {
    Package::open(bytes, &Limits::default())
}

fn why(file: &str, error: &OfdError) -> bool {
    use OfdError as E;
    match file {
        "zip_bomb_100mb.ofd" => matches!(error, E::OverLimit { limit: Limit::Ratio, .. }),
        "traversal_dotdot.ofd" | "traversal_mixed.ofd" => {
            matches!(error, E::NameUnsafe { flaw: NameFlaw::Traversal, .. })
        }
        "name_nul.ofd" => matches!(error, E::NameUnsafe { flaw: NameFlaw::Control, .. }),
        "name_drive.ofd" => {
            matches!(error, E::NameUnsafe { flaw: NameFlaw::Colon | NameFlaw::Backslash, .. })
        }
        "name_double_slash.ofd" => {
            matches!(error, E::NameUnsafe { flaw: NameFlaw::EmptySegment, .. })
        }
        "dup_case.ofd" => matches!(error, E::DuplicateName { .. }),
        "prefix_data.ofd" | "trailing_data.ofd" => matches!(error, E::StrayBytes { .. }),
        "lfh_cd_mismatch.ofd" => {
            matches!(error, E::HeaderMismatch { field: HeaderField::Name, .. })
        }
        "bad_crc.ofd" => matches!(error, E::BadCrc { .. }),
        "size_lie.ofd" => matches!(error, E::SizeMismatch { .. }),
        "encrypted_flag.ofd" => matches!(error, E::Encrypted { .. }),
        "truncated.ofd" => matches!(error, E::NotAnArchive { .. }),
        "empty.ofd" => matches!(error, E::Empty),
        "xxe_param.ofd" | "billion_laughs.ofd" => {
            matches!(error, E::Xml { flaw: XmlFlaw::Doctype, .. })
        }
        "dup_attr.ofd" => matches!(error, E::Xml { flaw: XmlFlaw::DuplicateAttribute, .. }),
        "utf16_bom.ofd" => matches!(error, E::Xml { flaw: XmlFlaw::Encoding(_), .. }),
        "ns_wrong.ofd" => matches!(error, E::WrongNamespace { .. }),
        "pi_bomb.ofd" => matches!(error, E::OverLimit { limit: Limit::XmlMiscBytes, .. }),
        _ => panic!("{file} has no known reason"),
    }
}

#[test]
fn each_hostile_package_is_refused_for_its_reason() {
    let Some(folder) = shared("vectors/ofd_hostile") else { return };
    let index: Vec<serde_json::Value> =
        serde_json::from_slice(&read(&folder, "index.json")).unwrap();
    assert!(index.len() >= 22);
    for case in &index {
        let file = case["file"].as_str().unwrap();
        let mut bytes = read(&folder, file);
        if file == "name_nul.ofd" {
            bytes = with_its_nul(bytes);
        }
        let result = open(bytes);
        match (case["expect"].as_str().unwrap(), result) {
            ("accept", result) => drop(result.unwrap_or_else(|e| panic!("{file}: {e}"))),
            (_, Ok(_)) => panic!("{file} was accepted: {}", case["why"]),
            (_, Err(error)) => assert!(why(file, &error), "{file}: {error}"),
        }
    }
}

/// Python's writer, which made the vectors, cuts a name at its NUL: what index.json calls `Doc_0/a\0b.xml` is stored
/// as a harmless `Doc_0/a`. Here the NUL is put back, in both headers.
fn with_its_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    let places: Vec<_> =
        (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"Doc_0/a")).collect();
    assert_eq!(places.len(), 2, "name_nul.ofd has changed: check it as it is");
    for at in places {
        bytes[at + 6] = 0;
    }
    bytes
}

/// A small sound package, with more entries put in by `more`.
fn package_with(more: impl FnOnce(&mut zip::ZipWriter<std::io::Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let ns = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";
    for (name, xml) in [
        (
            "OFD.xml",
            format!(
                "<ofd:OFD {ns}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
            ),
        ),
        (
            "Doc_0/Document.xml",
            format!(
                "<ofd:Document {ns}><ofd:CommonData/><ofd:Pages><ofd:Page ID='1' BaseLoc='P.xml'/></ofd:Pages></ofd:Document>"
            ),
        ),
        ("Doc_0/P.xml", format!("<ofd:Page {ns}/>")),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(xml.as_bytes()).unwrap();
    }
    more(&mut zip);
    zip.finish().unwrap().into_inner()
}

#[test]
fn another_writers_package_is_accepted() {
    let package = open(package_with(|zip| {
        zip.add_directory("Doc_0/Res", SimpleFileOptions::default()).unwrap();
        zip.start_file("Doc_0/附件.txt", SimpleFileOptions::default()).unwrap();
        zip.write_all(b"x").unwrap();
    }))
    .unwrap();
    assert_eq!(package.file("Doc_0/附件.txt"), Some(&b"x"[..]));
    assert_eq!(package.paths().count(), 4);
    assert_eq!(package.deviations(), []);
}

#[test]
fn seventy_thousand_entries_are_too_many() {
    let bytes = package_with(|zip| {
        for i in 0..70_000 {
            zip.start_file(
                format!("Doc_0/x{i}"),
                SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored),
            )
            .unwrap();
        }
    });
    let error = open(bytes).unwrap_err();
    assert!(
        matches!(error, OfdError::OverLimit { limit: Limit::Entries, found: 70_003, .. }),
        "{error}"
    );
    assert_eq!(error.reason(), Reason::OverLimit);
}

#[test]
fn a_count_that_wrapped_is_still_too_many() {
    // The end record's count is 16 bits wide: 65,536 entries may claim to be none.
    let mut bytes = Vec::new();
    let header: Vec<u8> = [b"PK\x01\x02".as_slice(), &[0; 42]].concat();
    for _ in 0..65_536 {
        bytes.extend_from_slice(&header);
    }
    let size = u32::try_from(bytes.len()).unwrap();
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0\0\0\0\0");
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&[0; 6]);
    assert!(matches!(open(bytes), Err(OfdError::OverLimit { limit: Limit::Entries, .. })));
}

#[test]
fn names_that_meet_are_refused() {
    for (first, second) in
        [("Doc_0/A", "Doc_0/a"), ("Doc_0/F", "Doc_0/F/x"), ("Doc_0/f/x", "Doc_0/F"), ("x/", "X")]
    {
        let bytes = package_with(|zip| {
            for name in [first, second] {
                zip.start_file(name, SimpleFileOptions::default()).unwrap();
            }
        });
        assert!(
            matches!(open(bytes), Err(OfdError::DuplicateName { .. })),
            "{first} beside {second}"
        );
    }
}

#[test]
fn a_link_is_refused() {
    let bytes = package_with(|zip| {
        zip.add_symlink("Doc_0/link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    });
    assert!(matches!(open(bytes), Err(OfdError::UnsupportedZip { feature: "links or devices" })));
}

/// One byte of a sound package after another is changed to several values: never a panic, and never silence
/// about a byte that matters (names, sizes, content); bytes that mean nothing to any reader may pass.
#[test]
fn every_byte_of_a_package_may_be_wrong() {
    let good = package_with(|_| ());
    open(good.clone()).unwrap();
    let files = |p: &Package| {
        p.paths().map(|n| (n.to_owned(), p.file(n).unwrap().to_vec())).collect::<Vec<_>>()
    };
    let want = files(&open(good.clone()).unwrap());
    for at in 0..good.len() {
        for flip in [1, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= flip;
            if let Ok(package) = open(bad) {
                assert_eq!(files(&package), want, "byte {at} ^ {flip:02x}");
            }
        }
    }
    for cut in 0..good.len() {
        assert!(open(good[..cut].to_vec()).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_missing_page_is_refused_and_a_missing_attachment_reported() {
    let ns = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";
    let mut writer = yinxin_ofd::PackageWriter::new();
    writer
        .add("OFD.xml", format!("<ofd:OFD {ns}><ofd:DocBody><ofd:DocRoot>D.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"))
        .unwrap();
    let document = |pages: &str| {
        format!(
            "<ofd:Document {ns}><ofd:CommonData/><ofd:Pages>{pages}</ofd:Pages><ofd:Attachments>A.xml</ofd:Attachments></ofd:Document>"
        )
    };
    writer.add("D.xml", document("<ofd:Page ID='1' BaseLoc='P.xml'/>")).unwrap();
    assert!(
        matches!(open(writer.finish()), Err(OfdError::MissingPart { path, .. }) if path == "P.xml")
    );
    writer.replace("D.xml", document("")).unwrap();
    let package = open(writer.finish()).unwrap();
    assert_eq!(package.deviations().len(), 1);
    writer.replace("D.xml", document("<ofd:Page ID='1' BaseLoc='../P.xml'/>")).unwrap();
    let error = open(writer.finish()).unwrap_err();
    assert_eq!(error.reason(), Reason::PathUnsafe, "{error}");
}
