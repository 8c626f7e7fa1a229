//! Ours and others: what one makes the other takes, and where both compute the same, the bytes are the same.
//!
//! The peers are the processes that `sh crates/gm/bench.sh` builds; `YINXIN_GM_PEERS` is the folder they are in.
//! `YINXIN_CASES` is how many operations; 10⁵ with each have agreed (specs/gm-constant-time.md).

#![allow(clippy::panic, reason = "a test says what went wrong by panicking")]

#[path = "differential/inputs.rs"]
mod inputs;
#[path = "sm4/noise.rs"]
mod noise;
#[path = "differential/sm9.rs"]
mod sm9;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use inputs::{Case, Fixed};
use yinxin_gm::{
    sm2::{Ciphertext, PrivateKey, Signature},
    sm3,
    sm4::{cbc, ccm, ctr, gcm},
};

struct Peer {
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    asked: u64,
}

impl Peer {
    fn start(name: &str) -> Option<Self> {
        let folder = std::env::var("YINXIN_GM_PEERS").ok()?;
        let child = Command::new(Path::new(&folder).join(name))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.ok()?;
        let questions = child.stdin.take().expect("piped");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        Some(Self { questions, answers, asked: 0 })
    }

    fn ask(&mut self, operation: &str, arguments: &[&[u8]]) -> String {
        let words: Vec<_> =
            arguments.iter().map(|bytes| format!("{}.", hex::encode(bytes))).collect();
        writeln!(self.questions, "= {operation} {}", words.join(" ")).expect("it listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("it answers");
        self.asked += 1;
        answer.trim().trim_end_matches('.').to_owned()
    }

    fn bytes(&mut self, operation: &str, arguments: &[&[u8]]) -> Vec<u8> {
        let answer = self.ask(operation, arguments);
        let question = || arguments.iter().map(hex::encode).collect::<Vec<_>>().join(" ");
        hex::decode(&answer).unwrap_or_else(|_| panic!("{operation} {}: {answer}", question()))
    }
}

/// `ids` are the lengths of identifiers that the peer takes as they are.
fn compare(name: &str, ids: std::ops::RangeInclusive<usize>, aead: bool) {
    let Some(mut peer) = Peer::start(name) else {
        println!("skipped: no {name}; YINXIN_GM_PEERS is the folder that crates/gm/bench.sh built");
        return;
    };
    for number in 0.. {
        let mut case = Case::new(number);
        if !ids.contains(&case.id.len()) {
            case.id.resize(case.id.len().clamp(*ids.start(), *ids.end()), 7);
        }
        one(&mut peer, &case, aead);
        if peer.asked >= inputs::count(5000) {
            break;
        }
    }
    println!("{} operations agreed with {name}", peer.asked);
}

fn one(peer: &mut Peer, case: &Case, aead: bool) {
    let Case { number, id, message, .. } = case;
    assert_eq!(peer.bytes("sm3", &[message]), sm3::digest(message).0, "SM3, case {number}");
    modes(peer, case, aead);
    let Ok(key) = PrivateKey::from_bytes(&case.d) else { return };
    let public = key.public_key().to_sec1();

    let ours = key.sign(id, message, &mut Fixed(*number)).expect("short id");
    let mut changed = ours.to_raw();
    changed[usize::from(case.choice[6] % 64)] ^= 1 << (case.choice[7] % 8);
    assert_eq!(peer.ask("verify", &[&public, id, message, &ours.to_der()]), "1", "case {number}");
    if let Ok(changed) = Signature::from_raw(&changed) {
        let said = peer.ask("verify", &[&public, id, message, &changed.to_der()]);
        assert_eq!(said, "0", "case {number}");
    }
    let theirs = peer.bytes("sign", &[&case.d, &public, id, message]);
    let theirs = Signature::from_der(&theirs).expect("strict DER");
    assert_eq!(key.public_key().verify(id, message, &theirs), Ok(()), "case {number}");

    if !message.is_empty() {
        let ours = key.public_key().encrypt(message, &mut Fixed(!number)).expect("not empty");
        let c2 = &ours.to_c1c3c2()[97..];
        let said = peer.ask("decrypt", &[&case.d, &public, &ours.to_der()]);
        // gmsm asks whether C2 is zero where B4 of GB/T 32918.4 asks it of the mask.
        let refused_by_gmsm = said == "-" && c2.iter().all(|byte| *byte == 0);
        let right = said == hex::encode(message);
        assert!(right || refused_by_gmsm, "decryption, case {number}: {said}");
        let theirs = peer.bytes("encrypt", &[&public, message]);
        let theirs = Ciphertext::from_der(&theirs).expect("strict DER");
        match key.decrypt(&theirs) {
            Ok(opened) => assert_eq!(opened.as_slice(), message, "encryption, case {number}"),
            // When a mask is zero, which one byte's often is, gmsm tries again with k·k'·P: nobody can decrypt that.
            Err(_) => {
                let said = peer.ask("decrypt", &[&case.d, &public, &theirs.to_der()]);
                assert_eq!((said.as_str(), message.len()), ("-", 1), "encryption, case {number}");
            }
        }
    }
}

fn modes(peer: &mut Peer, case: &Case, aead: bool) {
    let Case { number, choice, message, .. } = case;
    let key = case.d.first_chunk::<16>().expect("half");
    let iv = choice.first_chunk::<16>().expect("sixteen");
    let mut data = [&message[..], &noise::noise(*number, 1 + usize::from(choice[13]) * 3)].concat();
    let mut ours = data.clone();
    ctr::apply(key, iv, &mut ours);
    assert_eq!(peer.bytes("ctr", &[key, iv, b"", &data]), ours, "CTR, case {number}");
    if aead {
        let sealed = gcm::seal(key, &iv[..12], &case.d, &data).expect("short");
        let said = peer.bytes("gcm", &[key, iv, &case.d, &data]);
        assert_eq!(said, sealed, "GCM, case {number}");
        let sealed = ccm::seal(key, &iv[..12], &case.d, &data).expect("short");
        let said = peer.bytes("ccm", &[key, iv, &case.d, &data]);
        assert_eq!(said, sealed, "CCM, case {number}");
    }
    data.truncate(data.len() / 16 * 16);
    let mut ours = data.clone();
    cbc::encrypt(key, iv, &mut ours).expect("whole");
    assert_eq!(peer.bytes("cbc", &[key, iv, b"", &data]), ours, "CBC, case {number}");
}

/// It takes an empty identifier for the default one.
#[test]
fn gmsm_agrees() {
    compare("gmsm", 1..=8191, true);
}

/// It refuses an identifier of 8,191 bytes, the longest there is; it has no GCM and CCM with SM4.
#[test]
fn openssl_3_agrees() {
    compare("openssl3", 0..=8190, false);
}

/// It refuses an identifier of 8,191 bytes, and an empty one.
#[test]
fn openssl_4_agrees() {
    compare("openssl4-peer", 1..=8190, true);
}
