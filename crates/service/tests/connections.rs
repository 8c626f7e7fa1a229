//! Connections that keep the service waiting: they lose their place, and whoever asks properly is answered.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

#[allow(dead_code, reason = "shared with the tests of the routes")]
#[path = "support/client.rs"]
mod client;
#[allow(dead_code, reason = "shared with the tests of the routes")]
#[path = "support/fake.rs"]
mod fake;

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use client::Server;
use yinxin_service::Limits;

const HALF_A_HEAD: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n";
const HALF_A_BODY: &[u8] =
    b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf";
const WHOLE: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Whether the server ended this connection, within a time.
fn ended(stream: &mut TcpStream, within: Duration) -> bool {
    stream.set_read_timeout(Some(within)).unwrap();
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(e) => e.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn whoever_keeps_the_service_waiting_makes_room() {
    for slow in [&b""[..], HALF_A_HEAD, HALF_A_BODY, WHOLE] {
        let limits = Limits { connections: 8, header_secs: 60, ..Limits::default() };
        let server = Server::start(limits);
        let held: Vec<TcpStream> = (0..20).map(|_| server.open(slow)).collect();
        let start = Instant::now();
        let answer = server.get("/health/live");
        let words = String::from_utf8_lossy(slow);
        assert_eq!(answer.status, 200, "{words}: {answer:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{words}: {:?}", start.elapsed());
        drop(held);
    }
}

#[test]
fn half_a_head_and_an_idle_connection_are_not_waited_for() {
    let server = Server::start(Limits { header_secs: 1, ..Limits::default() });
    for slow in [HALF_A_HEAD, WHOLE] {
        let mut stream = server.open(slow);
        assert!(ended(&mut stream, Duration::from_secs(5)), "{}", String::from_utf8_lossy(slow));
    }
    let mut dripping = server.open(b"G");
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(4) {
        std::thread::sleep(Duration::from_millis(200));
        if dripping.write_all(b"E").is_err() {
            return;
        }
    }
    panic!("a head that comes byte by byte is waited for");
}

#[test]
fn a_connection_may_ask_again_but_not_for_ever() {
    let limits = Limits { connection_secs: 1, header_secs: 60, ..Limits::default() };
    let server = Server::start(limits);
    let mut stream = server.open(WHOLE);
    let mut chunk = [0; 4096];
    assert_ne!(stream.read(&mut chunk).unwrap(), 0);
    stream.write_all(WHOLE).unwrap();
    assert_ne!(stream.read(&mut chunk).unwrap(), 0);
    assert!(ended(&mut stream, Duration::from_secs(5)));
}

#[test]
fn whose_request_is_worked_on_keeps_the_place() {
    // Two places, both taken by requests whose answer takes its time; a third waits for one of them and is answered.
    let limits = Limits { connections: 2, request_secs: 2, ..Limits::default() };
    let server = Server::start(limits);
    let slow = b"POST /v1/records HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nslow";
    let mut held: Vec<TcpStream> = (0..2).map(|_| server.open(slow)).collect();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(server.get("/health/live").status, 200);
    for stream in &mut held {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 504"), "{text:?}");
    }
}
