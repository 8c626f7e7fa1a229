//! A server that sends on and on, each part in order: the receiver takes what the grant allows, and not an octet more.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use yinxin_merkle::log::leaf_hash;
use yinxin_record::Wire;
use yinxin_sharing::{
    access::Answer,
    serving::{Frame, SignedCall},
};
use yinxin_tests::lines::served;

use super::{Town, ask};

/// Octets of content in a part, and of a part's encryption beside them.
const PART: usize = 64 << 10;
const OVERHEAD: usize = 32;

/// The grant allows 100 rows and 90,000 octets; each part says that it has one row.
pub(super) fn a_server_that_sends_more_than_was_granted_is_cut_off(town: &Town) {
    let place = town.place();
    let (grant, _) = ask(town, 4, 2, "hostile", 100);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || serve(listener.accept().unwrap().0));
    let line = format!(
        "data fetch {grant} --server {url} --out more.csv --journal more.journal {}",
        town.by(4)
    );
    let said = place.ends(&line, 4, &["octets of the answer", "90000"]);
    assert!(!said.err.contains("PLANTED"), "{}", said.err);
    for file in ["more.csv", "more.csv.part", "more.csv.opening"] {
        assert!(!place.file(file).exists(), "{file}");
    }
    // It wrote until nobody took it any more: what lies in sockets, and no more.
    let sent = server.join().unwrap();
    assert!((2 * PART..64 << 20).contains(&sent), "{sent}");
    // The part that came is counted; the one that was too much is not.
    let lines = place.ends("--json data lines more.journal", 0, &[]).json();
    assert_eq!(lines["lines"].as_array().unwrap().len(), 1, "{lines}");
}

/// Answers a call with parts until the caller hangs up; how many octets it sent.
fn serve(mut stream: TcpStream) -> usize {
    let call = SignedCall::from_der(&request(&mut stream)).unwrap();
    let asked = call.call();
    stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").unwrap();
    let chunk = b"PLANTED,".repeat((PART + OVERHEAD) / 8);
    let mut sent = 0;
    for part in 0.. {
        let answer = Answer { rows: 1, bytes: PART as u64, commitment: leaf_hash(&chunk) };
        let line = served(&asked, part, answer);
        let mut frames = Vec::new();
        Frame::Line(Box::new(line)).write(&mut frames);
        Frame::Chunk(chunk.clone()).write(&mut frames);
        match stream.write_all(&frames) {
            Ok(()) => sent += frames.len(),
            Err(_) => break,
        }
    }
    sent
}

/// The body of a request.
fn request(stream: &mut TcpStream) -> Vec<u8> {
    let mut text = Vec::new();
    let head = loop {
        let mut octet = [0];
        stream.read_exact(&mut octet).unwrap();
        text.push(octet[0]);
        if text.ends_with(b"\r\n\r\n") {
            break String::from_utf8_lossy(&text).to_lowercase();
        }
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
    let mut body = vec![0; length.trim().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    body
}
