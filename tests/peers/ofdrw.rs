//! The peer ofdrw calls valid what we stamp and sign, and does not when a byte has changed.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use rand_core::UnwrapErr;
use yinxin_gm::sm2::PrivateKey;
use yinxin_ofd::{Limits, Mode, Package, PackageWriter, page};
use yinxin_pki::ca::{Ca, Period, Profile, Template, self_signed};
use yinxin_pki::{Certificate, Subject};
use yinxin_seal::{CertList, Picture, Seal, SealDraft, Signer, place, riding_seam, sign, stamp};
use yinxin_tests::absent::absent;
use yinxin_verdict::UnixTime;

/// A red dot: ofdrw looks at no picture.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, b'I', b'D', b'A', b'T', 8,
    0xd7, 0x63, 0x78, 0x26, 0x20, 0, 0, 2, 0xd8, 0, 0xf9, 0x28, 0x43, 0x1d, 0x90, 0, 0, 0, 0, b'I',
    b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

struct Party {
    certificate: Certificate,
    key: PrivateKey,
}

/// A root, and whom it issued a certificate for.
fn party(ca: &Ca<'_>, name: &str, profile: Profile, now: UnixTime) -> Party {
    let key = PrivateKey::generate(&mut rng());
    let subject = Subject::new(name).country("CN").to_name().unwrap();
    let template = Template::new(subject, *key.public_key(), profile, Period::days(now, 365));
    Party { certificate: ca.issue(&template, &mut rng()).unwrap(), key }
}

fn document(pages: usize) -> Vec<u8> {
    let mut document = page::Document::new(page::Info::new("0123456789abcdef0123456789abcdef"));
    let font = document.font(page::Font::named("宋体"));
    for _ in 0..pages {
        let mut sheet = page::Page::new(page::Size::A4);
        sheet.text(page::Text::new(font, 5.0, 20.0, 30.0, "营业执照"));
        document.page(sheet);
    }
    document.to_package().unwrap().finish()
}

/// The package with its first page changed.
fn with_another_page(ofd: &[u8]) -> Vec<u8> {
    let package = Package::open(ofd, &Limits::default()).unwrap();
    let page = package.document(0).unwrap().pages[0].path.clone();
    let text = String::from_utf8(package.file(&page).unwrap().to_vec()).unwrap();
    assert!(text.contains("营业执照"));
    let mut writer = PackageWriter::from_package(&package);
    writer.replace(&page, text.replace("营业执照", "许可证书").into_bytes()).unwrap();
    writer.finish()
}

/// What ofdrw says, a line a file; nothing when it cannot run here.
fn ofdrw(files: &[PathBuf]) -> Option<Vec<String>> {
    let script = yinxin_tests::root().join("tests/peers/ofdrw/run.sh");
    let target = yinxin_tests::bin_dir().join("..");
    let out = Command::new("sh")
        .arg(script)
        .args(files)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("there is a shell");
    let errors = String::from_utf8_lossy(&out.stderr).into_owned();
    if out.status.code() == Some(69) {
        absent(errors.trim().trim_start_matches("skipped: "));
        return None;
    }
    let lines: Vec<_> = String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), files.len(), "{lines:?} {errors}");
    Some(lines)
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn what_we_stamp_and_sign_ofdrw_calls_valid() {
    let now = UnixTime::system_now();
    let root_key = PrivateKey::generate(&mut rng());
    let root_name = Subject::new("测试根").country("CN").to_name().unwrap();
    let root =
        self_signed(root_name, &root_key, Period::days(now, 3650), None, &mut rng()).unwrap();
    let ca = Ca::new(&root, &root_key).unwrap();
    let maker = party(&ca, "测试制章中心", Profile::Maker, now);
    let signer = party(&ca, "测试市市场监督管理局", Profile::Signing, now);

    let draft = |signers| SealDraft {
        id: "53010200000001".into(),
        vendor: "yinxin".into(),
        kind: 1,
        name: "测试市市场监督管理局".into(),
        signers,
        created: now,
        valid_from: now.floor_to_second(),
        valid_until: now.plus_millis(300 * 86_400_000),
        picture: Picture { format: "PNG".into(), data: PNG.to_vec(), width_mm: 42, height_mm: 42 },
    };
    let make = |signers| -> Seal {
        draft(signers).sign(&maker.certificate, &maker.key, &mut rng()).unwrap()
    };
    let seal = make(CertList::Certificates(vec![signer.certificate.raw().to_vec()]));
    let by_digest = make(CertList::digests_of([signer.certificate.raw()]));
    let by = |mode| Signer { certificate: &signer.certificate, key: &signer.key, time: now, mode };
    let at = [place(&seal, 0, 140.0, 220.0)];
    let stamped =
        |ofd: &[u8], seal: &Seal, mode| stamp(ofd, seal, &at, &by(mode), &mut rng()).unwrap().ofd;

    let dir = tempfile::tempdir().unwrap();
    let once = stamped(&document(1), &seal, Mode::Append);
    let seam = riding_seam(&seal, &[(0, 210.0), (1, 210.0), (2, 210.0)], 120.0);
    let signed = sign(&document(1), &by(Mode::Append), &[], &mut rng()).unwrap().ofd;
    let changed = with_another_page(&once);
    let good = [
        write(dir.path(), "whole.ofd", &stamped(&document(1), &seal, Mode::Whole)),
        write(dir.path(), "digest.ofd", &stamped(&document(1), &by_digest, Mode::Append)),
        write(dir.path(), "twice.ofd", &stamped(&once, &seal, Mode::Append)),
        write(dir.path(), "signed.ofd", &signed),
        write(dir.path(), "signed-stamped.ofd", &stamped(&signed, &seal, Mode::Append)),
        write(
            dir.path(),
            "seam.ofd",
            &stamp(&document(3), &seal, &seam, &by(Mode::Append), &mut rng()).unwrap().ofd,
        ),
        write(dir.path(), "once.ofd", &once),
    ];
    let bad = write(dir.path(), "changed.ofd", &changed);
    let mut files = good.to_vec();
    files.push(bad.clone());
    let Some(lines) = ofdrw(&files) else { return };
    for (line, file) in lines.iter().zip(&good) {
        assert_eq!(*line, format!("VALID {}", file.display()));
    }
    let last = lines.last().unwrap();
    assert!(last.starts_with(&format!("FAIL {}", bad.display())), "{last}");
}
