//! A door in front of a node that leaves things out of its lists, for whoever believes one node.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// Stands in front of a node (`http://host:port`) and answers every look into a list whose hexadecimal prefix begins so with an empty
/// one; passes on all other questions, and no records. Returns its own address; it goes with the process.
///
/// # Panics
/// If no port is free.
#[must_use]
pub fn hiding(node: &str, prefix: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let hex: String = prefix.iter().map(|byte| format!("{byte:02x}")).collect();
    let hidden = format!("GET /v1/index/{hex}");
    let node = node.trim_start_matches("http://").to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A caller that hung up is no concern of ours.
            let _ = answer(stream, &node, &hidden);
        }
    });
    format!("http://{address}")
}

fn answer(mut caller: TcpStream, node: &str, hidden: &str) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        caller.read_exact(&mut octet)?;
        head.push(octet[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if head.starts_with(hidden) {
        let empty = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]";
        return caller.write_all(empty.as_bytes());
    }
    if !head.starts_with("GET") {
        let down =
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        return caller.write_all(down.as_bytes());
    }
    let mut to = TcpStream::connect(node)?;
    to.write_all(head.trim_end().as_bytes())?;
    to.write_all(b"\r\nconnection: close\r\n\r\n")?;
    let mut whole = Vec::new();
    to.read_to_end(&mut whole)?;
    caller.write_all(&whole)
}
