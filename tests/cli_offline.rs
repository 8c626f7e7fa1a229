//! What the command line does without a ledger: keys in and out, a CA, a drawn seal, stamps, messages, trust folders, the doctor.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use yinxin_tests::{office::document, place::Place};

const KEY: &str = "--password-file pw";
const SIGNER: &str = "--key signer.key --cert signer.cer --password-file pw";

/// A CA, a seal maker and a department, each with its own key; the department's seal; `trust/`; an unsigned document.
fn office(place: &Place) {
    place.write("pw", "a password\n");
    place.ok("ca init ca --name 测试CA --password-file pw");
    for (name, organisation, code, usage) in [
        ("maker", "示范市公安局", "11990100MB0A000266", "maker"),
        ("signer", "示范市市场监督管理局", "11990100MB0A00018B", "signing"),
    ] {
        place.ok(&format!("key new {name}.key {KEY}"));
        place.ok(&format!(
            "key csr {name}.key {KEY} --organisation {organisation} --code {code} --out {name}.csr"
        ));
        place.ok(&format!("ca issue ca {name}.csr {KEY} --usage {usage} --out {name}.cer"));
    }
    place.copy("ca/ca.cer", "trust/ca.cer");
    place.ok(&format!("ca crl ca {KEY} --out trust/ca.crl"));
    place.ok(&format!(
        "seal make --key maker.key --cert maker.cer {KEY} --signer signer.cer --name 示范市市场监督管理局 \
         --purpose 测试专用章 --out s.esl --picture s.svg"
    ));
    place.write("doc.ofd", document(&["一页", "又一页"]).bytes());
}

#[test]
fn a_key_goes_out_and_comes_back_in_every_form() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    place.write("pw", "right\n");
    place.write("other", "another\n");
    place.ok("key new k.key --password-file pw");
    let public = place.ok("key export k.key --password-file pw --form public");
    assert!(public.starts_with("04") && public.trim().len() == 130, "{public}");
    assert!(place.ok("key export k.key --password-file pw --form spki").contains("PUBLIC KEY"));
    for form in ["pkcs8", "sec1"] {
        place.write(form, place.ok(&format!("key export k.key --password-file pw --form {form}")));
        place.ok(&format!("key import {form} --out {form}.key --password-file other"));
        let line = format!("key export {form}.key --password-file other --form public");
        assert_eq!(place.ok(&line), public, "{form}");
        place.ends(&format!("key export {form}.key --password-file pw"), 6, &["wrong password"]);
    }
    place.ends("key import pw --out no.key --password-file pw", 4, &["pw"]);
    assert!(!place.file("no.key").exists());
}

#[test]
fn a_seal_is_drawn_and_what_it_stamps_holds_until_its_signer_is_revoked() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    office(&place);
    assert!(place.read("s.svg").starts_with(b"<svg"));
    place.ends("seal show s.esl --trust trust", 0, &["示范市市场监督管理局", "GB/T 38540-2020"]);
    place.ends("seal show s.esl", 3, &["UNKNOWN_ANCHOR"]);

    let stamped =
        format!("ofd stamp doc.ofd --seal s.esl {SIGNER} --at 2,100,200 --out stamped.ofd");
    place.ok(&stamped);
    place.ends(&stamped, 2, &["stamped.ofd", "exists"]);
    place.ok(&format!("ofd sign stamped.ofd {SIGNER} --out both.ofd"));
    place.ok(&format!("ofd stamp both.ofd --seal s.esl --last {SIGNER} --out last.ofd"));
    for file in ["stamped.ofd", "both.ofd", "last.ofd"] {
        let report = place.run(&format!("--json verify --trust trust {file}"));
        report.must(0, &["VALID"]);
        place.ends(&format!("verify {file}"), 3, &["INDETERMINATE"]);
        place.ends(&format!("ofd show {file} --trust trust"), 0, &["2 page(s)"]);
    }
    place.ends(&format!("ofd sign last.ofd {SIGNER} --out no.ofd"), 4, &["last.ofd"]);
    place.ends(
        &format!(
            "ofd stamp doc.ofd --seal s.esl --key maker.key --cert maker.cer {KEY} --out no.ofd"
        ),
        4,
        &["not in the seal's list"],
    );
    place.ends(
        &format!("ofd stamp doc.ofd --seal s.esl {SIGNER} --at 3,1,1 --out no.ofd"),
        4,
        &["page"],
    );
    assert!(!place.file("no.ofd").exists(), "what was refused was not written");

    // Superseded a second later: without a receipt from before, the stamp's own word on its time proves nothing any more.
    // Times in lists have whole seconds, so the two must fall into different ones.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    place.ok("ca revoke ca signer.cer --reason superseded");
    place.ok(&format!("ca crl ca {KEY} --out trust/ca.crl"));
    place.ends("verify --trust trust stamped.ofd", 3, &["REVOKED_UNPROVEN"]);
}

#[test]
fn a_certificate_revoked_before_it_signed_spoils_what_it_signed() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    office(&place);
    place.ok("ca revoke ca signer.cer --reason keyCompromise");
    place.ok(&format!("ca crl ca {KEY} --out trust/ca.crl"));
    place.ok(&format!("ofd stamp doc.ofd --seal s.esl {SIGNER} --out late.ofd"));
    place.ends("verify --trust trust late.ofd", 1, &["INVALID", "CERT_REVOKED"]);
    place.ends("verify --trust trust signer.cer", 1, &["CERT_REVOKED"]);
    place.ends("verify --trust trust maker.cer", 0, &["VALID"]);
}

#[test]
fn a_message_carries_its_content_or_stands_beside_it() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    office(&place);
    place.write("text", "to whom it may concern\n");
    place.ok(&format!("sign text {SIGNER} --out text.p7"));
    place.ends("verify --trust trust text.p7", 0, &["VALID"]);
    place.ends("verify text.p7", 3, &["UNKNOWN_ANCHOR"]);
    let mut bytes = place.read("text.p7");
    let at = bytes.windows(4).position(|w| w == b"whom").expect("the content stands in it");
    bytes[at] ^= 1;
    place.write("changed.p7", bytes);
    place.ends("verify --trust trust changed.p7", 1, &["INVALID"]);
    place.ok(&format!("sign text {SIGNER} --detached --out beside.p7"));
    place.ends("verify --trust trust beside.p7", 3, &["INDETERMINATE"]);
}

#[test]
fn a_trust_folder_is_shown_and_checked_and_the_doctor_looks_around() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    office(&place);
    place.ends("trust show trust", 0, &["anchor: C=CN, CN=测试CA", "revocation list"]);
    place.ends("trust check trust", 0, &[]);
    place.write("trust/note", "remember");
    place.ends("trust check trust", 4, &["note", "move it out"]);
    place.ends("trust show nowhere", 2, &["nowhere"]);
    let doctor = place.run("--json doctor");
    let report = doctor.json();
    assert_eq!(report["schema"], "yinxin.doctor/1");
    for check in ["clock", "randomness", "fonts", "disk"] {
        let checks = report["checks"].as_array().expect("a list");
        assert!(checks.iter().any(|c| c["check"] == check), "{check} in {report}");
    }
}

/// Whoever names a seal writes into the terminal of whoever looks at it: `ESC[2J` clears it, U+202E turns the text around.
#[test]
fn hostile_names_reach_no_terminal() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    office(&place);
    let name = "市局\u{1b}[2J\u{1b}]0;x\u{7}\r\nVALID\u{202e}\u{200b}\u{9b}1m";
    let made = place
        .command(&["seal", "make", "--key", "maker.key", "--cert", "maker.cer"])
        .args(["--password-file", "pw", "--signer", "signer.cer", "--name", name, "--out", "h.esl"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    if !made.status.success() {
        // Our own maker may refuse such a name; others do not.
        assert!(clean(&said), "{said:?}");
        place.write("h.esl", renamed(&place.read("s.esl"), "示范市市场监督管理局"));
    }
    place.ok(&format!("ofd stamp doc.ofd {SIGNER} --seal h.esl --at 1,150,250 --out h.ofd"));
    let hostile = "a\u{1b}[31m\u{202e}b.ofd";
    place.write(hostile, place.read("h.ofd"));
    for words in [
        vec!["verify", "h.esl"],
        vec!["verify", "h.ofd", hostile],
        vec!["verify", "--brief", hostile, "a\u{1b}[31mmissing"],
        vec!["seal", "show", "h.esl"],
        vec!["ofd", "show", "h.ofd"],
        vec!["ofd", "show", "a\u{1b}[31mmissing"],
        vec!["ofd", "show", "h.ofd", "--extract", "a\u{1b}[31mmissing"],
    ] {
        for lang in ["en", "zh"] {
            let output = place.command(&words).args(["--lang", lang]).output().unwrap();
            for text in [output.stdout, output.stderr] {
                let text = String::from_utf8(text).unwrap();
                assert!(clean(&text), "{words:?} {lang}: {text:?}");
            }
        }
    }
}

fn clean(text: &str) -> bool {
    let forbidden = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}".contains(c));
    !text.chars().any(forbidden)
}

/// A seal with the letters of a name replaced by as many bytes of another kind: its signature no longer holds.
fn renamed(seal: &[u8], name: &str) -> Vec<u8> {
    let (from, mut to) =
        (name.as_bytes(), "\u{1b}[2J\u{202e}\u{200b}\r\nVALID".as_bytes().to_vec());
    to.resize(from.len(), b'x');
    let at = seal.windows(from.len()).position(|w| w == from).expect("the name stands in the seal");
    [&seal[..at], &to, &seal[at + from.len()..]].concat()
}

#[test]
fn content_apart_from_its_message_is_verified_with_it() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    office(&place);
    place.write("text", "words\n");
    place.write("other", "words.\n");
    place.ok(&format!("sign text {SIGNER} --detached --out text.p7"));
    place.ends("verify text.p7 --trust trust", 3, &["CONTENT_ABSENT"]);
    place.ends("verify text.p7 --content text --trust trust", 0, &["VALID"]);
    place.ends("verify text.p7 --content other --trust trust", 1, &["DIGEST_MISMATCH"]);
    place.ends("verify text.p7 text.p7 --content text --trust trust", 2, &["--content"]);
    place.ends("verify text.p7 --content missing --trust trust", 2, &["missing"]);
}

#[test]
fn a_policy_that_cannot_be_read_says_what_to_do() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    place.write("text", "words\n");
    place.write("p.toml", "seal_maker = []\n");
    place.ends("verify text --policy p.toml", 2, &["p.toml", "specs/verdict.md"]);
    place.write("p.toml", "[gravity]\nNOTHING = \"VALID\"\n");
    place.ends("verify text --policy p.toml", 2, &["NOTHING", "specs/verdict.md"]);
}
