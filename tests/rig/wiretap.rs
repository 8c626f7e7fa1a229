//! A proxy that writes down every octet that passes, and can hold back what one side says.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, PoisonError},
};

/// A listener on loopback before another one.
#[derive(Clone)]
pub struct Wiretap {
    address: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    heard: Mutex<Vec<u8>>,
    /// How many octets of each answer may pass.
    gate: Mutex<Option<usize>>,
    moved: Condvar,
}

impl Wiretap {
    /// Listens before `target` (`host:port`).
    ///
    /// # Panics
    /// If it cannot listen.
    #[must_use]
    pub fn before(target: &str) -> Self {
        Self::at("127.0.0.1:0", target)
    }

    /// Listens at `address` before `target`.
    ///
    /// # Panics
    /// If it cannot listen.
    #[must_use]
    pub fn at(address: &str, target: &str) -> Self {
        let listener = TcpListener::bind(address).expect("a port");
        let address = listener.local_addr().expect("it listens").to_string();
        let shared = Arc::new(Shared::default());
        let (target, all) = (target.trim_start_matches("http://").to_owned(), Arc::clone(&shared));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A server that is down refuses: then so does the proxy.
                if let Ok(server) = TcpStream::connect(&target) {
                    both_ways(&stream, &server, &all);
                }
            }
        });
        Self { address, shared }
    }

    /// Its address, `http://host:port`.
    #[must_use]
    pub fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that passed, both ways, of all connections.
    #[must_use]
    pub fn heard(&self) -> Vec<u8> {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How much has passed.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Lets only so many octets of each answer pass, or all of them again.
    pub fn hold(&self, after: Option<usize>) {
        *self.shared.gate.lock().unwrap_or_else(PoisonError::into_inner) = after;
        self.shared.moved.notify_all();
    }
}

fn both_ways(client: &TcpStream, server: &TcpStream, shared: &Arc<Shared>) {
    for (from, to, held) in [(client, server, false), (server, client, true)] {
        let (from, to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
        let shared = Arc::clone(shared);
        std::thread::spawn(move || copy(from, to, held, &shared));
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, held: bool, shared: &Shared) {
    let mut passed = 0;
    let mut buffer = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        shared.heard.lock().unwrap_or_else(PoisonError::into_inner).extend(&buffer[..count]);
        passed += count;
        if held {
            let gate = shared.gate.lock().unwrap_or_else(PoisonError::into_inner);
            let waits = |gate: &mut Option<usize>| gate.is_some_and(|after| passed > after);
            drop(shared.moved.wait_while(gate, waits).unwrap_or_else(PoisonError::into_inner));
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // The other side may have gone already.
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
