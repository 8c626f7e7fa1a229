//! Doors in front of a node, for whoever believes one node: one leaves things out of its lists, one makes things later than they were,
//! one keeps records back.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Stands in front of a node (`http://host:port`) and answers every look into a list whose hexadecimal prefix begins so with an empty
/// one; passes on all other questions, and no records. Returns its own address; it goes with the process.
///
/// # Panics
/// If no port is free.
#[must_use]
pub fn hiding(node: &str, prefix: &[u8]) -> String {
    let hex: String = prefix.iter().map(|byte| format!("{byte:02x}")).collect();
    let hidden = format!("GET /v1/index/{hex}");
    door(node, move |head| (!head.starts_with(&hidden)).then_some(head))
}

/// Stands in front of a node and asks it for each receipt as of the log of so many records: all of them hold, and lead to a later header
/// than that of the record's own block. Otherwise as [`hiding`].
///
/// # Panics
/// If no port is free.
#[must_use]
pub fn rebasing(node: &str, log_size: u64) -> String {
    door(node, move |head| {
        let receipt = head.strip_prefix("GET /v1/receipts/").and_then(|rest| rest.split_once(' '));
        let later =
            receipt.map(|(id, rest)| format!("GET /v1/receipts/{id}?log_size={log_size} {rest}"));
        Some(later.unwrap_or(head))
    })
}

/// Passes on what becomes of a question; `None`: answers with an empty list.
fn door(node: &str, change: impl Fn(String) -> Option<String> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let node = node.trim_start_matches("http://").to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A caller that hung up is no concern of ours.
            let _ = answer(stream, &node, &change);
        }
    });
    format!("http://{address}")
}

/// Stands in front of a node, passes on all questions, and refuses all records by a rule, whatever they are: it keeps them, for whoever wants
/// to send them later. Returns its own address and what it kept; it goes with the process.
///
/// # Panics
/// If no port is free.
#[must_use]
pub fn withholding(node: &str, rule: &str) -> (String, Arc<Mutex<Vec<Vec<u8>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let kept = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&kept);
    let node = node.trim_start_matches("http://").to_owned();
    let body = format!("{{\"type\":\"urn:yinxin:problem:refused:{rule}\",\"detail\":\"no\"}}");
    let refusal = format!(
        "HTTP/1.1 422 Unprocessable Content\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    thread::spawn(move || {
        for mut caller in listener.incoming().flatten() {
            let Ok(head) = head(&mut caller) else { continue };
            let _ = if head.starts_with("POST") {
                keep(&mut caller, &head).and_then(|record| {
                    taken.lock().expect("nobody panics with it").push(record);
                    caller.write_all(refusal.as_bytes())
                })
            } else {
                pass_on(caller, &node, &head)
            };
        }
    });
    (format!("http://{address}"), kept)
}

fn keep(caller: &mut TcpStream, head: &str) -> std::io::Result<Vec<u8>> {
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut record = vec![0; length.ok_or(std::io::ErrorKind::InvalidData)?];
    caller.read_exact(&mut record)?;
    Ok(record)
}

fn head(caller: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        caller.read_exact(&mut octet)?;
        head.push(octet[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn answer(
    mut caller: TcpStream,
    node: &str,
    change: &dyn Fn(String) -> Option<String>,
) -> std::io::Result<()> {
    let Some(head) = change(head(&mut caller)?) else {
        let empty = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]";
        return caller.write_all(empty.as_bytes());
    };
    if !head.starts_with("GET") {
        let down =
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        return caller.write_all(down.as_bytes());
    }
    pass_on(caller, node, &head)
}

fn pass_on(mut caller: TcpStream, node: &str, head: &str) -> std::io::Result<()> {
    let mut to = TcpStream::connect(node)?;
    to.write_all(head.trim_end().as_bytes())?;
    to.write_all(b"\r\nconnection: close\r\n\r\n")?;
    let mut whole = Vec::new();
    to.read_to_end(&mut whole)?;
    caller.write_all(&whole)
}
