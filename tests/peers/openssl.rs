//! Debian's OpenSSL accepts our certificates, requests, lists and key files, and we accept its own.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::{
    fs,
    io::Write,
    num::NonZeroU32,
    path::{Path, PathBuf},
    process::Command,
};

use rand_core::UnwrapErr;
use yinxin_gm::sm2::PrivateKey;
use yinxin_pki::{
    Certificate, Crl, CrlReason, Pool, Question, Subject, TrustStore, Usage,
    ca::{Ca, CrlTemplate, Period, Profile, Revoked, Template, self_signed},
    csr::Csr,
    enveloped_data::{self, Cipher, EnvelopedData},
    keyfile::{self, Prf},
    validate,
};
use yinxin_sharing::envelope::{ChunkSize, ContentSecret, Writer};
use yinxin_tests::{
    absent::absent,
    cluster::{authority, open_key},
    place::Place,
};
use yinxin_verdict::{Facts, UnixTime, Verdict};

/// SM2's default ID, which OpenSSL 3.0 must be told.
const ID: &str = "distid:1234567812345678";

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// Runs openssl in a folder: whether it was content, and all that it said.
fn openssl(folder: &Path, args: &[&str]) -> (bool, String) {
    let out = Command::new("openssl").args(args).current_dir(folder).output().unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// A folder to work in, or `None` with a line when there is no OpenSSL that knows SM2.
fn folder() -> Option<tempfile::TempDir> {
    let known = Command::new("openssl").args(["list", "-public-key-algorithms"]).output();
    let known = known.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("SM2"));
    if !known {
        absent("no openssl with SM2 here (Debian package openssl)");
        return None;
    }
    Some(tempfile::tempdir().unwrap())
}

struct Party {
    key: PrivateKey,
    certificate: Certificate,
}

impl Party {
    fn root(now: UnixTime) -> Self {
        let key = PrivateKey::generate(&mut rng());
        let name = Subject::new("测试根").country("CN").organisation("某市").to_name().unwrap();
        let certificate =
            self_signed(name, &key, Period::days(now, 9000), None, &mut rng()).unwrap();
        Self { key, certificate }
    }

    fn issue(&self, name: &str, profile: Profile, now: UnixTime) -> Self {
        let key = PrivateKey::generate(&mut rng());
        let subject = Subject::new(name)
            .country("CN")
            .organisation_code("11430000006122244L")
            .to_name()
            .unwrap();
        let mut template =
            Template::new(subject, *key.public_key(), profile, Period::days(now, 8000));
        template.crl_uri = Some("http://ca.example/ca.crl".into());
        template.hosts = vec!["node1.example".into()];
        let ca = Ca::new(&self.certificate, &self.key).unwrap();
        Self { certificate: ca.issue(&template, &mut rng()).unwrap(), key }
    }
}

#[test]
fn openssl_verifies_our_chains() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    let now = UnixTime::system_now().plus_millis(-60_000);
    let root = Party::root(now);
    let middle = root.issue("中级", Profile::Ca { path_len: Some(0) }, now);
    let write = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
    write("root.pem", root.certificate.to_pem());
    write("middle.pem", middle.certificate.to_pem());
    let (content, said) = openssl(
        folder,
        &["verify", "-x509_strict", "-vfyopt", ID, "-CAfile", "root.pem", "middle.pem"],
    );
    assert!(content, "{said}");
    for (profile, purpose) in [
        (Profile::Signing, "any"),
        (Profile::Maker, "any"),
        (Profile::Encryption, "any"),
        (Profile::Node, "sslserver"),
        (Profile::TlcpSigning, "sslclient"),
        (Profile::TimeStamp, "timestampsign"),
    ] {
        let leaf = middle.issue("印章", profile, now).certificate;
        write("leaf.pem", leaf.to_pem());
        // OpenSSL 3.0 tells the ID to the certificate that is asked about only: each link is asked about by itself.
        let common =
            ["verify", "-x509_strict", "-vfyopt", ID, "-partial_chain", "-trusted", "middle.pem"];
        let args = [&common[..], &["-purpose", purpose, "leaf.pem"]].concat();
        let (content, said) = openssl(folder, &args);
        assert!(content && said.contains("leaf.pem: OK"), "{profile:?}: {said}");
        let mut bytes = leaf.raw().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(folder.join("changed.cer"), bytes).unwrap();
        let args = [&common[..], &["-purpose", purpose, "changed.cer"]].concat();
        assert!(!openssl(folder, &args).0, "{profile:?}: a changed certificate passed");
    }
    let (_, text) = openssl(
        folder,
        &["x509", "-in", "middle.pem", "-noout", "-text", "-nameopt", "oneline,utf8,-esc_msb"],
    );
    for needle in ["中级", "11430000006122244L", "CA:TRUE, pathlen:0", "SM2-with-SM3"] {
        assert!(text.contains(needle), "{needle}: {text}");
    }
}

#[test]
fn openssl_reads_our_requests_and_lists() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    let now = UnixTime::system_now();
    let root = Party::root(now);
    let csr = Csr::make(&Subject::new("办公室").country("CN"), &root.key, &mut rng()).unwrap();
    fs::write(folder.join("csr.pem"), csr.to_pem()).unwrap();
    let (content, said) =
        openssl(folder, &["req", "-in", "csr.pem", "-noout", "-verify", "-vfyopt", ID]);
    assert!(content && said.contains("verify OK"), "{said}");

    let signer = root.issue("s", Profile::Signing, now).certificate;
    let mut template = CrlTemplate::after(None, now, now.plus_millis(86_400_000));
    template.revoked.push(Revoked::new(&signer, now, CrlReason::KeyCompromise));
    let crl = Ca::new(&root.certificate, &root.key).unwrap().crl(&template, &mut rng()).unwrap();
    fs::write(folder.join("crl.pem"), crl.to_pem()).unwrap();
    let (content, said) = openssl(folder, &["crl", "-in", "crl.pem", "-noout", "-text"]);
    assert!(content, "{said}");
    for needle in [&signer.serial_hex().to_uppercase(), "Key Compromise", "SM2-with-SM3"] {
        assert!(said.contains(needle), "{needle}: {said}");
    }
}

#[test]
fn key_files_go_both_ways() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    let key = PrivateKey::generate(&mut rng());
    let rounds = NonZeroU32::new(10_000).unwrap();
    let file = keyfile::encrypt_pem(&key, b"secret", Prf::HmacSha256, rounds, &mut rng()).unwrap();
    fs::write(folder.join("ours.pem"), file).unwrap();
    let (content, said) = openssl(
        folder,
        &["pkey", "-in", "ours.pem", "-passin", "pass:secret", "-out", "plain.pem"],
    );
    assert!(content, "{said}");
    let plain = keyfile::read(&fs::read(folder.join("plain.pem")).unwrap(), None).unwrap();
    assert_eq!(plain.public_key(), key.public_key());
    assert!(!openssl(folder, &["pkey", "-in", "ours.pem", "-passin", "pass:wrong", "-noout"]).0);

    let make =
        ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", "theirs.pem"];
    assert!(openssl(folder, &make).0);
    let encrypt = [
        "pkcs8",
        "-topk8",
        "-in",
        "theirs.pem",
        "-v2",
        "sm4-cbc",
        "-v2prf",
        "hmacWithSHA256",
        "-passout",
        "pass:x",
        "-out",
        "theirs.enc",
    ];
    let (content, said) = openssl(folder, &encrypt);
    assert!(content, "{said}");
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let opened = keyfile::read(&read("theirs.enc"), Some(b"x")).unwrap();
    assert_eq!(opened.public_key(), keyfile::read(&read("theirs.pem"), None).unwrap().public_key());
    assert!(keyfile::read(&read("theirs.enc"), Some(b"y")).is_err());
}

#[test]
fn certificates_and_lists_of_openssl_are_accepted() {
    let Some(folder) = folder() else { return };
    let folder = folder.path();
    let config = "[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
                  subjectKeyIdentifier=hash\n[leaf]\nkeyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\n";
    fs::write(folder.join("c.cnf"), config).unwrap();
    let key = |name: &str| {
        let args =
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", name];
        assert!(openssl(folder, &args).0);
    };
    key("ca.key");
    key("leaf.key");
    let run = |args: &[&str]| {
        let (content, said) = openssl(folder, args);
        assert!(content, "{args:?}: {said}");
    };
    run(&[
        "req",
        "-new",
        "-x509",
        "-config",
        "c.cnf",
        "-extensions",
        "ca",
        "-key",
        "ca.key",
        "-subj",
        "/CN=their root",
        "-sm3",
        "-sigopt",
        ID,
        "-days",
        "100",
        "-out",
        "ca.pem",
    ]);
    run(&[
        "req", "-new", "-config", "c.cnf", "-key", "leaf.key", "-subj", "/CN=leaf", "-sm3",
        "-sigopt", ID, "-out", "leaf.csr",
    ]);
    run(&[
        "x509",
        "-req",
        "-in",
        "leaf.csr",
        "-vfyopt",
        ID,
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-sm3",
        "-sigopt",
        ID,
        "-days",
        "90",
        "-extfile",
        "c.cnf",
        "-extensions",
        "leaf",
        "-out",
        "leaf.pem",
    ]);
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let mut trust = TrustStore::new();
    assert_eq!(trust.add(&read("ca.pem")).unwrap().anchors, 1);
    Csr::parse(&read("leaf.csr")).unwrap().verify().unwrap();
    let leaf = Certificate::parse(&read("leaf.pem")).unwrap();
    assert!(leaf.deviations().is_empty(), "{:?}", leaf.deviations());
    let now = UnixTime::system_now();
    let mut facts = Facts::new();
    let question = Question { usage: Usage::Sign, as_of: now, now, subject: "leaf" };
    let found = validate(&leaf, &Pool::new(), &trust, &question, &mut facts);
    assert_eq!(found.verdict(), Verdict::Valid, "{facts:?}");
    assert!(found.is_anchored());

    let index: PathBuf = folder.join("index.txt");
    fs::write(&index, "").unwrap();
    let database =
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sm3\ndefault_crl_days=7\n";
    fs::write(folder.join("ca.cnf"), database).unwrap();
    run(&[
        "ca", "-config", "ca.cnf", "-gencrl", "-cert", "ca.pem", "-keyfile", "ca.key", "-sigopt",
        ID, "-out", "ca.crl",
    ]);
    let crl = Crl::parse(&read("ca.crl")).unwrap();
    crl.check_issuer(trust.anchors().next().unwrap()).unwrap();
}

#[test]
fn openssl_opens_our_envelopes() {
    let Some(folder) = folder() else { return };
    let now = UnixTime::system_now();
    let party = Party::root(now).issue("收件方", Profile::Encryption, now);
    let to = [party.certificate.clone()];
    let message = enveloped_data::make(b"the content", &to, Cipher::Cbc, &mut rng()).unwrap();
    opens(folder.path(), &message, &party.certificate, &party.key, b"the content");
}

/// What the command line seals for a receiver, the receiver's OpenSSL opens.
#[test]
fn openssl_opens_messages_of_the_command_line() {
    let Some(folder) = folder() else { return };
    let place = &Place::new(folder.path());
    authority(place);
    place.ok("key new to.key --password-file pw");
    place.ok(
        "key csr to.key --password-file pw --organisation D --code 11430000006122244L --out to.csr",
    );
    place.ok("ca issue ca to.csr --password-file pw --out to.cer");
    place.write("small.txt", "授信意见：同意");
    let signer = "--key to.key --cert to.cer --password-file pw";
    place.ok(&format!(
        "data seal small.txt --to to.cer --form 35275 --cipher cbc --out small.p7m {signer}"
    ));
    let certificate = Certificate::parse(&place.read("to.cer")).unwrap();
    let (message, key) = (place.read("small.p7m"), open_key(place, "to.key"));
    opens(folder.path(), &message, &certificate, &key, "授信意见：同意".as_bytes());
}

fn opens(
    folder: &Path,
    message: &[u8],
    certificate: &Certificate,
    key: &PrivateKey,
    content: &[u8],
) {
    let message = EnvelopedData::parse(message).unwrap();
    let to = message.recipients().iter().find(|r| r.is_of(certificate)).unwrap();
    let (iv, encrypted) = message.encrypted_content();
    let at = |name: &str| folder.join(name);
    fs::write(at("key.der"), key.to_pkcs8_der()).unwrap();
    fs::write(at("wrapped"), to.encrypted_key()).unwrap();
    fs::write(at("encrypted"), encrypted).unwrap();
    // The peer does not know the standard's message type, so that its parts are given to it one by one.
    let unwrap = "pkeyutl -decrypt -keyform DER -inkey key.der -in wrapped -out content-key";
    let (ok, said) = openssl(folder, &unwrap.split(' ').collect::<Vec<_>>());
    assert!(ok, "{said}");
    let hex = |octets: &[u8]| octets.iter().map(|o| format!("{o:02x}")).collect::<String>();
    let (key, iv) = (hex(&fs::read(at("content-key")).unwrap()), hex(iv));
    let open = format!("enc -d -sm4-cbc -K {key} -iv {iv} -in encrypted -out content");
    let (ok, said) = openssl(folder, &open.split(' ').collect::<Vec<_>>());
    assert!(ok, "{said}");
    assert_eq!(fs::read(at("content")).unwrap(), content);
}

/// The streamed envelope by its specification alone: keys by HMAC, content by CTR, root by a digest, all the peer's.
#[test]
fn openssl_opens_our_streamed_envelopes() {
    let Some(folder) = folder() else { return };
    let key = PrivateKey::generate(&mut rng());
    let secret = ContentSecret::generate(&mut rng());
    let size = ChunkSize::new(4096).unwrap();
    let mut writer = Writer::new(Vec::new(), &secret, size, &mut rng());
    writer.write_all(b"the content").unwrap();
    let (body, content) = writer.finish().unwrap();
    let at = |name: &str| folder.path().join(name);
    let run = |line: &str| {
        let (ok, said) = openssl(folder.path(), &line.split(' ').collect::<Vec<_>>());
        assert!(ok, "{line}: {said}");
        said
    };
    let hex = |octets: &[u8]| octets.iter().map(|o| format!("{o:02x}")).collect::<String>();
    fs::write(at("key.der"), key.to_pkcs8_der()).unwrap();
    fs::write(at("wrapped"), secret.wrap(key.public_key(), &mut rng()).unwrap()).unwrap();
    run("pkeyutl -decrypt -keyform DER -inkey key.der -in wrapped -out secret");
    let secret = hex(&fs::read(at("secret")).unwrap());
    let mac = |message: &[u8]| {
        fs::write(at("message"), message).unwrap();
        let said = run(&format!("mac -digest SM3 -macopt hexkey:{secret} -in message HMAC"));
        said.trim().to_lowercase()
    };
    assert_eq!(mac(b"yinxin/envelope/content-id/1"), content.id().to_string());
    let session = &body[..16];
    let chunk_key =
        mac(&[&b"yinxin/envelope/chunk-key/1"[..], &4096_u32.to_be_bytes(), session].concat());
    // GCM's content is CTR from 2 on, behind the nonce: chunk 0, and the last.
    fs::write(at("encrypted"), &body[16..body.len() - 16]).unwrap();
    let (key, iv) = (&chunk_key[..32], "00000000000000000000000100000002");
    run(&format!("enc -d -sm4-ctr -K {key} -iv {iv} -in encrypted -out content"));
    assert_eq!(fs::read(at("content")).unwrap(), b"the content");
    fs::write(at("leaf"), [&[0], &body[..]].concat()).unwrap();
    let said = run("dgst -sm3 -r leaf");
    assert!(said.starts_with(&content.root().to_string()), "{said}");
}
