//! What we write: read back, signed, added to, and broken.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use proptest::collection::vec;
use proptest::prelude::*;
use yinxin_ofd::page::{self, Colour, Layer, Outline, Shape, Size, Text};
use yinxin_ofd::{
    Content, Draft, Limits, Mode, OfdError, Package, PackageWriter, Provider, RECEIPT_PATH, Rect,
    SignatureKind, StampPlace, append_signature, xml,
};
use yinxin_verdict::{Facts, Reason, UnixTime};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n rest of a picture";
const TIME: &str = "2026-11-22T08:00:00+08:00";

fn document() -> page::Document {
    let mut info = page::Info::new("0123456789abcdef0123456789abcdef");
    info.title = "营业执照 & <copy>".into();
    info.creation_date = "2026-11-22".into();
    info.custom_data = vec![("ZZBS".into(), "1.2.156.3005.2".into()), ("a\"b".into(), "c".into())];
    let mut document = page::Document::new(info);
    let font = document.font(page::Font::embedded(
        "Song",
        Content::new(b"font bytes".repeat(50)).unwrap(),
        "ttf",
    ));
    let image = document.png(Content::new(PNG).unwrap()).unwrap();
    let mut sheet = page::Page::new(Size::A4);
    sheet.layer(Layer::Background);
    sheet.rect(Rect::new(10.0, 10.0, 190.0, 277.0), 0.5, Colour::RED);
    sheet.draw(
        Shape::new(Outline::start(0.0, 0.0).quad_to(1.0, 1.0, 2.0, 0.0).close())
            .filled(Colour::GREY),
    );
    sheet.layer(Layer::Body);
    sheet.text(Text::new(font, 5.0, 20.0, 30.0, "名称 A<B").colour(Colour::BLACK).bold());
    sheet.line((20.0, 40.0), (190.0, 40.0), 0.2, Colour::GREY);
    sheet.image(image, Rect::new(150.0, 240.0, 30.0, 30.0));
    document.page(sheet);
    document.page(page::Page::new(Size::new(100.0, 50.5)));
    document.attach("数据", "data.xml", Content::new(b"<data/>".as_slice()).unwrap());
    document
}

fn open(bytes: Vec<u8>) -> Package {
    Package::open(bytes, &Limits::default()).unwrap()
}

fn unsigned() -> Package {
    open(document().to_package().unwrap().finish())
}

fn draft(mode: Mode) -> Draft {
    let provider = Provider::new("yinxin", "yinxin", "0.1.0");
    let mut draft = Draft::new(SignatureKind::Seal, provider, UnixTime::parse(TIME).unwrap());
    draft.mode = mode;
    draft.seal = Some(b"\x30\x03seal".to_vec());
    draft.stamps =
        vec![StampPlace { page: 0, boundary: Rect::new(150.0, 230.0, 42.0, 42.0), clip: None }];
    draft
}

fn sign(package: &Package, mode: Mode) -> Package {
    let prepared = append_signature(package, &draft(mode)).unwrap();
    assert!(prepared.property_info().starts_with("/Doc_0/Signs/Sign_"));
    open(prepared.finish(b"\x30\x05value".as_slice()).unwrap())
}

/// Reasons by signature, from lists, digests and coverage.
fn reasons(package: &Package, exempt: &[&str]) -> Vec<(String, Reason, String)> {
    let mut facts = Facts::new();
    let signatures = package.signatures();
    package.check_documents(&mut facts);
    signatures.check(&mut facts);
    for file in signatures.files() {
        file.check_references(package, &file.label(), &mut facts);
        file.check_coverage(package, &signatures, exempt, &file.label(), &mut facts);
    }
    let all = facts.facts().iter();
    all.filter_map(|f| Some((f.subject.clone(), f.reason()?, f.found.clone()))).collect()
}

#[test]
fn what_is_written_reads_back() {
    let package = unsigned();
    assert_eq!(package.deviations(), []);
    let body = &package.bodies()[0];
    assert_eq!(body.title.as_deref(), Some("营业执照 & <copy>"));
    assert_eq!(body.custom_data[1], ("a\"b".to_owned(), "c".to_owned()));
    let document = package.document(0).unwrap();
    assert_eq!(document.pages.len(), 2);
    assert_eq!(document.page_area, Some(Size::A4.rect()));
    assert_eq!(document.media.len(), 2);
    assert_eq!(document.attachments[0].name, "数据");
    assert_eq!(package.file(&document.media[1]), Some(PNG));
    let page = package.xml(&document.pages[0].path, "Page").unwrap();
    let layers: Vec<_> = page.all("Content").flat_map(|c| c.all("Layer")).collect();
    let text = layers[1].all("TextObject").next().unwrap();
    let code = text.all("TextCode").next().unwrap();
    assert_eq!(code.text, "名称 A<B");
    assert_eq!(code.attribute("DeltaX").unwrap().split(' ').count(), 5);
    assert!(package.paths().next() == Some("OFD.xml"));
}

#[test]
fn every_object_number_is_given_out_once_and_below_the_stated_maximum() {
    let package = unsigned();
    let document = package.document(0).unwrap();
    let mut ids = Vec::new();
    fn collect(element: &xml::Element, ids: &mut Vec<u64>) {
        ids.extend(element.attribute("ID").and_then(|id| id.parse::<u64>().ok()));
        element.children.iter().for_each(|c| collect(c, ids));
    }
    for (path, root) in [
        ("Doc_0/Document.xml", "Document"),
        ("Doc_0/PublicRes.xml", "Res"),
        ("Doc_0/DocumentRes.xml", "Res"),
        (&document.pages[0].path, "Page"),
        (&document.pages[1].path, "Page"),
    ] {
        collect(&package.xml(path, root).unwrap(), &mut ids);
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert_eq!(ids.last(), Some(&document.max_unit_id));
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    assert_eq!(
        document().to_package().unwrap().finish(),
        document().to_package().unwrap().finish()
    );
}

#[test]
fn written_files_are_frozen() {
    let package = sign(&unsigned(), Mode::Append);
    let digest = |path| yinxin_gm::sm3::digest(package.file(path).unwrap());
    let got: String = package.paths().map(|p| format!("{} {p}\n", digest(p))).collect();
    let frozen = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/ofd/written.sm3");
    if std::env::var_os("YINXIN_FREEZE").is_some() {
        std::fs::write(frozen, &got).unwrap();
    }
    assert_eq!(got, std::fs::read_to_string(frozen).unwrap());
}

#[test]
fn another_reader_finds_the_same_files() {
    let package = sign(&unsigned(), Mode::Append);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(package.bytes())).unwrap();
    assert_eq!(zip.len(), package.paths().count());
    for path in package.paths() {
        let mut bytes = Vec::new();
        std::io::copy(&mut zip.by_name(path).unwrap(), &mut bytes).unwrap();
        assert_eq!(package.file(path), Some(bytes.as_slice()), "{path}");
    }
}

#[test]
fn signatures_are_appended_until_one_is_the_last() {
    let once = sign(&unsigned(), Mode::Append);
    assert_eq!(reasons(&once, &[]), []);
    let twice = sign(&once, Mode::Append);
    assert_eq!(reasons(&twice, &[]), []);
    let last = sign(&twice, Mode::Whole);
    assert_eq!(reasons(&last, &[]), []);

    let signatures = last.signatures();
    let files: Vec<_> = signatures.files().collect();
    assert_eq!(files.iter().map(|f| f.is_whole()).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(
        files[0].references.len() + 3,
        files[1].references.len(),
        "the later covers the earlier"
    );
    assert_eq!(files[0].date_time.as_deref(), Some("2026-11-22 08:00:00"));
    assert_eq!(files[0].declared_time(), Some(UnixTime::parse(TIME).unwrap()));
    assert_eq!(files[0].stamps[0].page_ref, last.document(0).unwrap().pages[0].id);
    let mut ids: Vec<_> = signatures.listed.iter().map(|l| l.id.clone()).collect();
    ids.extend(files.iter().flat_map(|f| &f.stamps).map(|s| s.id.clone()));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6, "signatures and stamps count on together");

    let refused = append_signature(&last, &draft(Mode::Append)).unwrap_err();
    assert!(matches!(refused, OfdError::WholeProtected { signature } if signature == files[2].id));
}

#[test]
fn a_stamp_on_no_page_is_refused() {
    let mut wrong = draft(Mode::Append);
    wrong.stamps[0].page = 2;
    let refused = append_signature(&unsigned(), &wrong).unwrap_err();
    assert_eq!(refused, OfdError::NoSuchPage { asked: 2, count: 2 });
}

#[test]
fn a_receipt_is_added_without_touching_the_rest_and_exempt_only_on_request() {
    let signed = sign(&unsigned(), Mode::Whole);
    let with = open(signed.with_file_added(RECEIPT_PATH, b"0receipt".as_slice()).unwrap());
    for path in signed.paths() {
        assert_eq!(signed.file(path), with.file(path));
    }
    let [(_, reason, found)] = &reasons(&with, &[])[..] else { panic!("one fact expected") };
    assert_eq!((*reason, found.as_str()), (Reason::UnsignedContent, RECEIPT_PATH));
    assert_eq!(reasons(&with, &[RECEIPT_PATH]), []);
    let twice = with.with_file_added("doc_0/receipt/RECEIPT.der", b"0".as_slice());
    assert!(matches!(twice, Err(OfdError::PathTaken { .. })));
}

/// A file that only the later signer covers is not the earlier signer's word.
#[test]
fn a_later_signature_does_not_extend_the_earlier() {
    let once = sign(&unsigned(), Mode::Append);
    let added = open(once.with_file_added("Doc_0/Annots/new.xml", b"<a/>".as_slice()).unwrap());
    let twice = sign(&added, Mode::Append);
    let found = reasons(&twice, &[]);
    let first = twice.signatures().listed[0].id.clone();
    assert_eq!(
        found,
        [(
            format!("signature {first}"),
            Reason::UnsignedContent,
            "Doc_0/Annots/new.xml".to_owned()
        )]
    );
}

/// In append mode nothing protects the list, so an entry may vanish from it.
#[test]
fn an_entry_taken_from_the_list_is_noticed() {
    let twice = sign(&sign(&unsigned(), Mode::Append), Mode::Append);
    let list = twice.file("Doc_0/Signs/Signatures.xml").unwrap().to_vec();
    let list = String::from_utf8(list).unwrap();
    let start = list.find("<ofd:Signature ").unwrap();
    let end = start + list[start..].find("/>").unwrap() + 2;
    let mut writer = PackageWriter::from_package(&twice);
    writer
        .replace("Doc_0/Signs/Signatures.xml", format!("{}{}", &list[..start], &list[end..]))
        .unwrap();
    let found = reasons(&open(writer.finish()), &[]);
    assert!(
        found
            .iter()
            .any(|f| f.1 == Reason::SignatureUnlisted && f.2 == "Doc_0/Signs/Sign_0/Signature.xml")
    );
}

/// A hidden part named as value or seal of one's own signature must be DER to be structure.
#[test]
fn content_does_not_hide_as_a_signature_part() {
    let once = sign(&unsigned(), Mode::Append);
    let mut writer = PackageWriter::from_package(&once);
    writer.add("Doc_0/Annots/A.xml", "<a/>").unwrap();
    writer
        .add(
            "Doc_0/X/Signature.xml",
            "<o:Signature xmlns:o='http://www.ofdspec.org/2016'><o:SignedInfo><o:Seal><o:BaseLoc>/Doc_0/Annots/A.xml</o:BaseLoc>\
             </o:Seal><o:References CheckMethod='SM3'/></o:SignedInfo><o:SignedValue>/Doc_0/Annots/A.xml</o:SignedValue></o:Signature>",
        )
        .unwrap();
    let list =
        String::from_utf8(once.file("Doc_0/Signs/Signatures.xml").unwrap().to_vec()).unwrap();
    let list = list.replace(
        "</ofd:Signatures>",
        "<ofd:Signature ID='9' BaseLoc='/Doc_0/X/Signature.xml'/></ofd:Signatures>",
    );
    writer.replace("Doc_0/Signs/Signatures.xml", list).unwrap();
    let found = reasons(&open(writer.finish()), &[]);
    assert!(found.iter().any(|f| f.0 == "signature 1"
        && f.1 == Reason::UnsignedContent
        && f.2 == "Doc_0/Annots/A.xml"));
}

#[test]
fn weak_and_unknown_check_methods_are_named() {
    let once = sign(&unsigned(), Mode::Append);
    let path = "Doc_0/Signs/Sign_0/Signature.xml";
    let text = String::from_utf8(once.file(path).unwrap().to_vec()).unwrap();
    let stated = " CheckMethod=\"1.2.156.10197.1.401\"";
    for (method, want) in [
        (" CheckMethod=\"MD5\"", Some(Reason::AlgorithmWeak)),
        (" CheckMethod=\"1.3.14.3.2.26\"", Some(Reason::AlgorithmWeak)),
        ("", Some(Reason::AlgorithmWeak)),
        (" CheckMethod=\"2.16.840.1.101.3.4.2.1\"", Some(Reason::AlgorithmUnknown)),
        (" CheckMethod=\"sm3\"", None),
    ] {
        let mut writer = PackageWriter::from_package(&once);
        writer.replace(path, text.replace(stated, method)).unwrap();
        let found = reasons(&open(writer.finish()), &[]);
        assert_eq!(found.first().map(|f| f.1), want, "{method}");
    }
}

#[test]
fn paths_that_a_reader_would_refuse_are_not_written() {
    let mut writer = PackageWriter::new();
    writer.add("a/b", "1").unwrap();
    for path in ["A/B", "a", "a/b/c"] {
        assert!(matches!(writer.add(path, ""), Err(OfdError::PathTaken { .. })), "{path}");
    }
    for path in ["../x", "/x", "x//y", "x\\y", ""] {
        assert!(matches!(writer.add(path, ""), Err(OfdError::NameUnsafe { .. })), "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_files_read_back(files in proptest::collection::btree_map("[a-z]{1,8}/[a-z]{1,8}", vec(any::<u8>(), 0..2000), 0..8)) {
        let mut writer = document().to_package().unwrap();
        for (path, bytes) in &files {
            writer.add(path, bytes.clone()).unwrap();
        }
        let package = open(writer.finish());
        for (path, bytes) in &files {
            prop_assert_eq!(package.file(path), Some(bytes.as_slice()));
        }
    }

    /// Bytes of a signed file are changed and the archive is made sound again around them: it is refused,
    /// or some check fails. Signatures.xml (in append mode) and the seal's own bytes aside, nothing may pass.
    #[test]
    fn no_change_to_a_signed_file_passes(pick in any::<prop::sample::Index>(), edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let signed = sign(&unsigned(), Mode::Whole);
        let paths: Vec<_> = signed.paths().filter(|p| !p.ends_with("SignedValue.dat") && !p.ends_with("Signature.xml")).collect();
        let path = paths[pick.index(paths.len())];
        let mut bytes = signed.file(path).unwrap().to_vec();
        for (at, value) in &edits {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
        let changed = bytes != signed.file(path).unwrap();
        let mut writer = PackageWriter::from_package(&signed);
        writer.replace(path, bytes).unwrap();
        if let Ok(package) = Package::open_container(writer.finish(), &Limits::default()) {
            let found = reasons(&package, &[]);
            prop_assert_eq!(changed, found.iter().any(|f| f.1 != Reason::Deviation), "{}", path);
        }
    }

    #[test]
    fn mutated_archives_never_panic(edits in vec((any::<prop::sample::Index>(), any::<u8>()), 1..20), cut in any::<prop::sample::Index>()) {
        let mut bytes = sign(&unsigned(), Mode::Append).bytes().to_vec();
        for (at, value) in &edits {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
        let kept = bytes.len() - cut.index(bytes.len()) / 8;
        bytes.truncate(kept);
        if let Ok(package) = Package::open_container(bytes, &Limits::default()) {
            let _ = reasons(&package, &[]);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..3000), xml in "[<>/a-z:&;='\"! \\-\\[\\]?#x]{0,200}") {
        let _ = Package::open(bytes.clone(), &Limits::default());
        let _ = xml::Element::parse("x", &bytes, &Limits::default());
        let _ = xml::Element::parse("x", xml.as_bytes(), &Limits::default());
    }

    #[test]
    fn any_reference_stays_inside(from in "[a-z/]{0,20}", reference in "[a-z./\\\\:% ]{0,30}") {
        let package = unsigned();
        if let Ok(found) = package.locate(&from, &reference) {
            prop_assert!(package.paths().any(|p| p == found.path));
        }
    }
}
