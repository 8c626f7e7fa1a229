//! Documents as honest offices make them and as forgers do, one function a group; numbers are those of the list of known
//! holes in `vectors/documents/SOURCE.md`.

use yinxin_ofd::{Mode, Package, RECEIPT_PATH};
use yinxin_pki::signed_data::{self, Content, Options};
use yinxin_receipt::Wire;
use yinxin_seal::CertList;
use yinxin_tests::{
    forge::{
        Entry, Forger, RSA_WITH_SHA256, anchored_digest, der, edited, entries, file, open,
        with_file, zip,
    },
    office::{Office, document, repeating, seal, time},
};

/// A document and what a verifier must say of it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The hole it tries, or nothing for a good one.
    pub(crate) hole: &'static str,
    pub(crate) why: &'static str,
    pub(crate) verdict: &'static str,
    /// Reason codes, all of them, sorted.
    pub(crate) reasons: &'static [&'static str],
    pub(crate) bytes: Vec<u8>,
}

const PAGE: &str = "Doc_0/Pages/Page_0/Content.xml";
const LIST: &str = "Doc_0/Signs/Signatures.xml";
const SIGNATURE: &str = "Doc_0/Signs/Sign_0/Signature.xml";
const VALUE: &str = "Doc_0/Signs/Sign_0/SignedValue.dat";
const ESL: &str = "Doc_0/Signs/Sign_0/Seal.esl";
const ID: &str = "0123456789abcdef0123456789abcdef";

/// All of them.
pub(crate) fn all(office: &Office) -> Vec<Case> {
    let base = Base {
        office,
        plain: document(&["营业执照", "副本"]),
        good: Forger::honest(office).stamp(office, &document(&["营业执照", "副本"])),
    };
    [good(&base), wrapped(&base), archives(&base), xml(&base), seals(&base), signatures(&base), receipts(&base)]
        .into_iter()
        .flatten()
        .collect()
}

struct Base<'a> {
    office: &'a Office,
    plain: Package,
    good: Vec<u8>,
}

impl<'a> Base<'a> {
    fn stamp(&self, change: impl FnOnce(&mut Forger<'a>)) -> Vec<u8> {
        let mut forger = Forger::honest(self.office);
        change(&mut forger);
        forger.stamp(self.office, &self.plain)
    }

    /// The good document as entries of an archive, changed.
    fn archive(&self, change: impl FnOnce(&mut Vec<Entry>)) -> Vec<u8> {
        let mut list = entries(&self.good);
        change(&mut list);
        zip(&list)
    }

    fn anchored(&self, ofd: &[u8], votes: usize) -> Vec<u8> {
        let receipt = self.office.receipt(&[anchored_digest(ofd)], votes);
        with_file(ofd, RECEIPT_PATH, &receipt.to_der())
    }
}

fn case(
    name: &'static str,
    hole: &'static str,
    why: &'static str,
    verdict: &'static str,
    reasons: &'static [&'static str],
    bytes: Vec<u8>,
) -> Case {
    Case { name, hole, why, verdict, reasons, bytes }
}

const VALID: &str = "VALID";
const ASK: &str = "INDETERMINATE";
const NO: &str = "INVALID";

fn named(list: &[Entry], path: &str) -> usize {
    list.iter().position(|e| e.name == path.as_bytes()).expect("the file is there")
}

fn entry(name: &str, bytes: &[u8]) -> Entry {
    Entry { name: name.as_bytes().to_vec(), bytes: bytes.to_vec(), ..Entry::default() }
}

fn good(b: &Base<'_>) -> Vec<Case> {
    let o = b.office;
    let twice = Forger::honest(o).stamp(o, &open(&b.good));
    let digests = CertList::digests_of([o.signer.certificate.raw()]);
    let by_digest = seal(&o.maker, digests, "53010200000002", "2045-01-01");
    vec![
        case("good-stamped", "", "stamped with a v4 seal", VALID, &[], b.good.clone()),
        case("good-signed", "", "signed with a GB/T 35275 message, without a seal", VALID, &[], Forger::honest(o).sign(&b.plain)),
        case("good-whole", "", "stamped as the last: the list of signatures is protected", VALID, &[], b.stamp(|f| f.mode = Mode::Whole)),
        case("good-twice", "", "stamped twice", VALID, &[], twice),
        case("good-list-of-digests", "", "the seal names its signer by digest", VALID, &[], b.stamp(|f| f.seal = by_digest.as_bytes().to_vec())),
        case("good-anchored", "", "carries the receipt of its own anchoring", VALID, &[], b.anchored(&b.good, 4)),
        case("good-anchored-three-of-four", "", "three of four validators are more than two thirds", VALID, &[], b.anchored(&b.good, 3)),
        case("good-stored", "", "the same files without compression", VALID, &[], b.archive(|_| {})),
    ]
}

fn wrapped(b: &Base<'_>) -> Vec<Case> {
    let o = b.office;
    let second_body = {
        let body = format!("<ofd:DocBody><ofd:DocInfo><ofd:DocID>{ID}</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>");
        let mut ofd = edited(&b.good, "OFD.xml", "</ofd:OFD>", &body);
        for path in b.plain.paths().filter(|p| p.starts_with("Doc_0/")) {
            let bytes = b.plain.file(path).unwrap_or_default();
            ofd = with_file(&ofd, &path.replace("Doc_0/", "Doc_1/"), bytes);
        }
        ofd
    };
    let page_two = "Doc_0/Pages/Page_1/Content.xml";
    let between = {
        let added = with_file(&b.good, "Doc_0/Attachs/later.txt", b"added between two stamps");
        Forger::honest(o).stamp(o, &open(&added))
    };
    let font = b.plain.paths().find(|p| p.ends_with(".ttf")).expect("it is embedded").to_owned();
    vec![
        case("h01-second-body", "1", "a second, unsigned document is added and OFD.xml names it", NO, &["DIGEST_MISMATCH", "UNSIGNED_CONTENT"], second_body),
        case("h02-attachment-added", "2", "a file is added that no reference names", ASK, &["UNSIGNED_CONTENT"], with_file(&b.good, "Doc_0/Attachs/extra.txt", b"extra")),
        case("h02-annotations-added", "2", "annotations are added beside the signed page", ASK, &["UNSIGNED_CONTENT"], with_file(&b.good, "Doc_0/Annots/Annotations.xml", b"<x/>")),
        case("h03-page-left-out", "3", "the signature was made without the second page, which readers show", ASK, &["UNSIGNED_CONTENT"], b.stamp(|f| f.exempt = vec![page_two.to_owned()])),
        case("h03-root-left-out", "3", "the signature was made without OFD.xml, which says what the document is", ASK, &["UNSIGNED_CONTENT"], b.stamp(|f| f.exempt = vec!["OFD.xml".to_owned()])),
        case("h15-added-between", "15", "a file is added after the first stamp; the second stamp does not make the first cover it", ASK, &["UNSIGNED_CONTENT"], between),
        case("h16-page-changed", "16", "a word on the page is changed", NO, &["DIGEST_MISMATCH"], edited(&b.good, PAGE, "营业执照", "许可证书")),
        case("h16-layer-hidden", "16", "the page gets another layer type, so that it is drawn in another order", NO, &["DIGEST_MISMATCH"], edited(&b.good, PAGE, "Type=\"Body\"", "Type=\"Background\"")),
        case("h16-page-removed", "16", "the second page's file is removed", NO, &["DIGEST_MISSING", "MALFORMED", "METADATA_BAD"], b.archive(|e| e.retain(|x| x.name != page_two.as_bytes()))),
        case("h17-font-swapped", "17", "the embedded font is another file under the same name", NO, &["DIGEST_MISMATCH"], with_file(&b.good, &font, b"other glyphs for the same characters")),
        case("unsigned", "15", "never signed", NO, &["NOT_SIGNED"], b.plain_bytes()),
    ]
}

impl Base<'_> {
    fn plain_bytes(&self) -> Vec<u8> {
        yinxin_ofd::PackageWriter::from_package(&self.plain).finish()
    }
}

fn archives(b: &Base<'_>) -> Vec<Case> {
    let change = |path: &'static str, f: fn(&mut Entry)| {
        b.archive(|e| {
            let at = named(e, path);
            f(&mut e[at]);
        })
    };
    let bomb = with_file(&b.plain_bytes(), "Doc_0/Res/bomb", &vec![0; 16 << 20]);
    vec![
        case("h04-parent", "4", "an entry leads out of the package with ..", NO, &["PATH_UNSAFE"], b.archive(|e| e.push(entry("Doc_0/../../evil", b"")))),
        case("h04-absolute", "4", "an entry has an absolute name", NO, &["PATH_UNSAFE"], b.archive(|e| e.push(entry("/evil", b"")))),
        case("h04-backslash", "4", "an entry has a backslash, which some readers take for a slash", NO, &["PATH_UNSAFE"], b.archive(|e| e.push(entry("Doc_0\\evil", b"")))),
        case("h04-duplicate", "4", "the page is there twice; readers differ in which they show", NO, &["DUPLICATE_NAME"], b.archive(|e| e.push(entry(PAGE, b"<x/>")))),
        case("h04-case", "4", "the page is there again in other case", NO, &["DUPLICATE_NAME"], b.archive(|e| e.push(entry(&PAGE.to_uppercase(), b"<x/>")))),
        case("h05-two-names", "5", "local header and directory name the page differently", NO, &["MALFORMED"], change(PAGE, |e| e.local = Some(b"Doc_0/Pages/Page_9/Content.xml".to_vec()))),
        case("h05-prefix", "5", "bytes stand before the archive", NO, &["MALFORMED"], [b"PK\x03\x04 a prefix".as_slice(), &b.good].concat()),
        case("h05-trailing", "5", "bytes stand after the archive", NO, &["MALFORMED"], [&b.good, b"trailing".as_slice()].concat()),
        case("h06-checksum", "6", "the page's checksum is wrong", NO, &["MALFORMED"], change(PAGE, |e| e.crc = Some(0))),
        case("h06-size", "6", "the page's size is a lie", NO, &["MALFORMED"], change(PAGE, |e| e.size = Some(7))),
        case("h06-encrypted", "6", "the page claims to be encrypted", NO, &["MALFORMED"], change(PAGE, |e| e.flags = 1)),
        case("h06-bomb", "6", "an entry inflates a thousandfold", NO, &["OVER_LIMIT"], bomb),
        case("empty-archive", "5", "an archive of nothing", NO, &["MALFORMED"], zip(&[])),
    ]
}

fn xml(b: &Base<'_>) -> Vec<Case> {
    let root = String::from_utf8(file(&b.good, "OFD.xml")).expect("text");
    let body = root.split_once("?>").map_or(root.as_str(), |(_, rest)| rest);
    let with_root = |text: &str| with_file(&b.good, "OFD.xml", text.as_bytes());
    let deep = format!("<?xml version=\"1.0\"?>{}{}", "<a>".repeat(5000), "</a>".repeat(5000));
    let wide = format!("<?xml version=\"1.0\"?><a {}/>", (0..500).map(|n| format!("x{n}=\"\" ")).collect::<String>());
    let names = format!("<?xml version=\"1.0\"?><a {}/>", (0..500).map(|n| format!("xmlns:x{n}=\"u\" ")).collect::<String>());
    vec![
        case("h07-doctype", "7", "OFD.xml has a DOCTYPE", NO, &["MALFORMED"], with_root(&format!("<?xml version=\"1.0\"?><!DOCTYPE OFD>{body}"))),
        case("h07-external-entity", "7", "OFD.xml names a file of the verifier's machine", NO, &["MALFORMED"], with_root(&format!("<?xml version=\"1.0\"?><!DOCTYPE OFD [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>{body}"))),
        case("h07-laughs", "7", "OFD.xml has entities that grow", NO, &["MALFORMED"], with_root(&format!("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>{body}"))),
        case("h07-deep", "7", "OFD.xml nests 5,000 elements", NO, &["OVER_LIMIT"], with_root(&deep)),
        case("h07-attributes", "7", "an element of OFD.xml has 500 attributes", NO, &["OVER_LIMIT"], with_root(&wide)),
        case("h07-namespaces", "7", "an element of OFD.xml binds 500 namespaces", NO, &["OVER_LIMIT"], with_root(&names)),
        case("h07-gbk", "7", "OFD.xml is in GBK", NO, &["MALFORMED"], with_file(&b.good, "OFD.xml", b"<?xml version=\"1.0\" encoding=\"GBK\"?><a>\xd3\xa1\xd0\xc5</a>")),
        case("h13-space-in-signature", "13", "a space is added to Signature.xml: the same for XML, other bytes for the digest", NO, &["DIGEST_MISMATCH"], edited(&b.good, SIGNATURE, "<ofd:SignedInfo>", "<ofd:SignedInfo> ")),
        case("h14-stamp-moved", "14", "the stamp is moved to another place on the page", NO, &["DIGEST_MISMATCH"], edited(&b.good, SIGNATURE, "Boundary=\"140", "Boundary=\"14")),
    ]
}

fn seals(b: &Base<'_>) -> Vec<Case> {
    let o = b.office;
    let all = || CertList::Certificates(vec![o.signer.certificate.raw().to_vec()]);
    let foreign_maker = {
        let key = yinxin_tests::office::key("stranger maker");
        let ca = yinxin_pki::ca::Ca::new(&o.stranger.certificate, &o.stranger.key).expect("a root");
        let subject = yinxin_pki::Subject::new("测试制章中心").country("CN").to_name().expect("short");
        let period = yinxin_pki::ca::Period { not_before: Office::founded(), not_after: time("2045-01-01") };
        let template = yinxin_pki::ca::Template::new(subject, *key.public_key(), yinxin_pki::ca::Profile::Maker, period);
        let certificate = ca.issue(&template, &mut repeating("stranger maker")).expect("it issues");
        seal(&yinxin_tests::office::Party { certificate, key }, all(), "53010200000009", "2045-01-01")
    };
    let not_a_maker = seal(&o.other, all(), "53010200000004", "2045-01-01");
    let short = seal(&o.maker, all(), "53010200000003", "2026-02-01");
    let twin = seal(&o.maker, all(), "53010200000001", "2044-01-01");
    // The seal's name with one character changed, its maker's signature as it was.
    let renamed = replaced(o.seal.as_bytes(), "市场监督", "市容监督");
    let moved = {
        let other = Forger::honest(o).stamp(o, &document(&["假执照"]));
        let other = with_file(&other, SIGNATURE, &file(&b.good, SIGNATURE));
        with_file(&other, VALUE, &file(&b.good, VALUE))
    };
    let value_moved = {
        let other = Forger::honest(o).stamp(o, &document(&["假执照"]));
        with_file(&other, VALUE, &file(&b.good, VALUE))
    };
    vec![
        case("h08-transplanted", "8", "signature and stamp come from another document", NO, &["DIGEST_MISMATCH", "DIGEST_MISSING"], moved),
        case("h08-value-transplanted", "8", "the stamp's value comes from another document", NO, &["DIGEST_MISMATCH"], value_moved),
        case("h08-seal-file-swapped", "8", "Seal.esl is another seal of the same number", NO, &["DIGEST_MISMATCH", "SEAL_MISMATCH"], with_file(&b.good, ESL, twin.as_bytes())),
        case("h08-two-seals-signed", "8", "the stamp was made with one seal and Seal.esl is another, signed like this", NO, &["SEAL_MISMATCH"], b.stamp(|f| f.esl = Some(twin.as_bytes().to_vec()))),
        case("h08-seal-renamed", "8", "the seal's name was changed after its maker signed", NO, &["SEAL_SIGNATURE_BAD"], b.stamp(|f| f.seal.clone_from(&renamed))),
        case("h09-signer-not-listed", "9", "a trusted signer uses a seal that does not name it", NO, &["SIGNER_NOT_IN_SEAL"], b.stamp(|f| { f.certificate = &o.other.certificate; f.key = &o.other.key; })),
        case("h09-key-of-another", "9", "the certificate is the signer's and the key another's", NO, &["SIGNATURE_BAD"], b.stamp(|f| f.key = &o.other.key)),
        case("h10-seal-expired", "10", "the seal had ended a month before it was used", NO, &["SEAL_EXPIRED"], b.stamp(|f| f.seal = short.as_bytes().to_vec())),
        case("h10-signer-expired", "10", "the signer's certificate had ended a month before", NO, &["CERT_EXPIRED"], b.stamp(|f| { f.certificate = &o.expired.certificate; f.key = &o.expired.key; })),
        case("h10-signer-revoked", "10", "the signer's certificate had been revoked a month before", NO, &["CERT_REVOKED"], b.stamp(|f| { f.certificate = &o.revoked.certificate; f.key = &o.revoked.key; })),
        case("h10-maker-unknown", "10", "the seal's maker has its certificate from a root of the same name that is not trusted", ASK, &["UNKNOWN_ANCHOR"], b.stamp(|f| f.seal = foreign_maker.as_bytes().to_vec())),
        case("h10-made-by-department", "10", "the seal was signed by a department instead of a maker: which policy may refuse", VALID, &[], b.stamp(|f| f.seal = not_a_maker.as_bytes().to_vec())),
    ]
}

fn signatures(b: &Base<'_>) -> Vec<Case> {
    let o = b.office;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let listed = text(file(&b.good, LIST));
    let without_entry = {
        let start = listed.find("<ofd:Signature ").expect("one is listed");
        let end = listed[start..].find("/>").expect("it ends") + start + 2;
        with_file(&b.good, LIST, [&listed[..start], &listed[end..]].concat().as_bytes())
    };
    let twice = Forger::honest(o).stamp(o, &open(&b.good));
    let flipped = |bytes: Vec<u8>| {
        let mut bytes = bytes;
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        bytes
    };
    let indefinite = |bytes: Vec<u8>| [&[0x30, 0x80], &bytes[4..], &[0, 0]].concat();
    let other_content = signed_data::make(
        Content::Detached(b"another Signature.xml"),
        std::slice::from_ref(&o.signer.certificate),
        &o.signer.key,
        Options { signing_time: Some(Office::signing()) },
        &mut repeating("other content"),
    );
    let signed = Forger::honest(o).sign(&b.plain);
    vec![
        case("h11-future", "11", "the stated time is in the year 2040", NO, &["SIGNING_TIME_FUTURE"], b.stamp(|f| f.time = time("2040-01-01"))),
        case("h11-before-founding", "11", "the stated time is before seal and certificate", NO, &["CERT_NOT_YET_VALID", "SEAL_EXPIRED"], b.stamp(|f| f.time = time("2020-01-01"))),
        case("h12-sha1", "12", "the references are digests by SHA-1, says Signature.xml", NO, &["ALGORITHM_WEAK"], b.stamp(|f| f.xml = |x| with_method(x, "1.3.14.3.2.26"))),
        case("h12-md5", "12", "the references are digests by MD5, says Signature.xml", NO, &["ALGORITHM_WEAK"], b.stamp(|f| f.xml = |x| with_method(x, "MD5"))),
        case("h12-rsa-with-sm2-key", "12", "the signature claims to be RSA and the key is SM2", NO, &["SIGNATURE_BAD"], b.stamp(|f| f.algorithm = RSA_WITH_SHA256)),
        case("h15-entry-removed", "15", "the signature is taken out of the list, its files stay", NO, &["NOT_SIGNED", "SIGNATURE_UNLISTED"], without_entry),
        case("h15-signature-removed", "15", "the list names a signature whose files were removed", NO, &["DIGEST_MISSING", "SIGNATURE_MISSING"], { let mut e = entries(&twice); e.retain(|x| !x.name.starts_with(b"Doc_0/Signs/Sign_0/")); zip(&e) }),
        case("h15-value-removed", "15", "the value of the only signature was removed", NO, &["SIGNATURE_MISSING"], b.archive(|e| e.retain(|x| x.name != VALUE.as_bytes()))),
        case("h18-version-1", "18", "a v4 structure says that it is version 1", NO, &["VERSION_WRONG"], b.stamp(|f| f.version = 1)),
        case("h18-version-99", "18", "a v4 structure says that it is version 99", NO, &["VERSION_WRONG"], b.stamp(|f| f.version = 99)),
        case("h18-message-as-stamp", "18", "the value of a stamp is a GB/T 35275 message", NO, &["MALFORMED"], with_file(&b.good, VALUE, &file(&signed, VALUE))),
        case("h19-trailing", "19", "bytes follow the stamp's structure", NO, &["MALFORMED"], b.stamp(|f| f.value = |v| [v.as_slice(), b"more"].concat())),
        case("h19-indefinite", "19", "the stamp's outer length is indefinite, as BER has it", NO, &["MALFORMED"], b.stamp(|f| f.value = indefinite)),
        case("h19-garbage", "19", "the stamp's value is no structure at all", NO, &["MALFORMED", "UNSIGNED_CONTENT"], b.stamp(|f| f.value = |_| b"garbage".to_vec())),
        case("signature-flipped", "19", "the last bit of the stamp's signature is flipped", NO, &["SIGNATURE_BAD"], b.stamp(|f| f.value = flipped)),
        case("h14-other-path", "14", "the stamp names another Signature.xml than the one it stands by", NO, &["SCOPE_WRONG"], b.stamp(|f| f.path = Some("/Doc_0/Signs/Sign_7/Signature.xml"))),
        case("message-over-other", "13", "the message signs another Signature.xml", NO, &["DIGEST_MISMATCH"], with_file(&signed, VALUE, &other_content.expect("a key signs"))),
        case("message-page-changed", "16", "a page under a message without a seal is changed", NO, &["DIGEST_MISMATCH"], edited(&signed, PAGE, "营业执照", "许可证书")),
        case("message-by-revoked", "10", "the message is by a signer revoked before", NO, &["CERT_REVOKED"], { let mut f = Forger::honest(o); f.certificate = &o.revoked.certificate; f.key = &o.revoked.key; f.sign(&b.plain) }),
        case("bare-octets", "19", "the value is an empty SEQUENCE", NO, &["MALFORMED"], with_file(&b.good, VALUE, &der(0x30, &[]))),
    ]
}

fn receipts(b: &Base<'_>) -> Vec<Case> {
    let o = b.office;
    let other = Forger::honest(o).stamp(o, &document(&["假执照"]));
    let swapped = with_file(&other, RECEIPT_PATH, &o.receipt(&[anchored_digest(&b.good)], 4).to_der());
    let elsewhere = with_file(&b.good, "Doc_0/Receipts/receipt.der", &o.receipt(&[anchored_digest(&b.good)], 4).to_der());
    let mut wrong_place = o.receipt(&[anchored_digest(&b.good)], 4);
    wrong_place.index = 0;
    let mut foreign = Office::new();
    foreign.genesis.name = "另一账本".to_owned();
    let unknown = foreign.receipt(&[anchored_digest(&b.good)], 4);
    vec![
        case("receipt-of-another", "2", "the receipt is another document's", NO, &["DOCUMENT_MISMATCH", "UNSIGNED_CONTENT"], swapped),
        case("receipt-without-quorum", "2", "two of four validators signed", NO, &["QUORUM_MISSING"], b.anchored(&b.good, 2)),
        case("receipt-of-nobody", "2", "no validator signed", NO, &["QUORUM_MISSING"], b.anchored(&b.good, 0)),
        case("receipt-at-another-place", "2", "the receipt claims another place in the log", NO, &["INCLUSION_BAD"], with_file(&b.good, RECEIPT_PATH, &wrong_place.to_der())),
        case("receipt-of-unknown-ledger", "2", "the receipt is of a ledger that the trust folder does not know", ASK, &["LEDGER_UNKNOWN"], with_file(&b.good, RECEIPT_PATH, &unknown.to_der())),
        case("receipt-garbage", "2", "what stands at the receipt's place is none", NO, &["DOCUMENT_MISMATCH", "MALFORMED", "UNSIGNED_CONTENT"], with_file(&b.good, RECEIPT_PATH, b"garbage")),
        case("receipt-elsewhere", "2", "a receipt at another path is unsigned content", ASK, &["UNSIGNED_CONTENT"], elsewhere),
        case("receipt-and-page-changed", "16", "anchored, then changed", NO, &["DIGEST_MISMATCH"], edited(&b.anchored(&b.good, 4), PAGE, "营业执照", "许可证书")),
    ]
}

fn with_method(xml: Vec<u8>, method: &str) -> Vec<u8> {
    let text = String::from_utf8(xml).expect("text");
    text.replace("1.2.156.10197.1.401", method).into_bytes()
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut out = bytes.to_vec();
    let at = out.windows(from.len()).position(|w| w == from.as_bytes()).expect("it is there");
    out[at..at + to.len()].copy_from_slice(to.as_bytes());
    out
}
