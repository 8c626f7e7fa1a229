//! The server's side of setting volume aside: one question and one answer at a time, on a socket in a folder of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tracing::{info, warn};

use super::shop::Shop;
use crate::data::aside::{Answer, MAX_LINE, Request, SOCKET};

/// How long a command may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// Listens. Without the socket calls are answered all the same: no delivery is set aside then, and so none is sent.
pub(super) fn listen(folder: &Path) -> Option<UnixListener> {
    let path = folder.join(SOCKET);
    // What a killed server left; the lock is ours.
    let _ = std::fs::remove_file(&path);
    UnixListener::bind(&path)
        .inspect_err(|error| warn!(%error, path = %path.display(), "no delivery can be set aside"))
        .ok()
}

/// Answers for ever.
pub(super) fn run(listener: &UnixListener, shop: &Arc<Shop>) {
    for stream in listener.incoming().flatten() {
        if let Err(error) = one(stream, shop) {
            warn!(%error, "setting aside");
        }
    }
}

fn one(stream: UnixStream, shop: &Shop) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new((&stream).take(MAX_LINE)).read_line(&mut line)?;
    // A command that looks whether a server runs asks nothing.
    if line.is_empty() {
        return Ok(());
    }
    let answer = match (serde_json::from_str::<Request>(&line), shop.follower.now()) {
        (Err(error), _) => Answer::Failed(error.to_string()),
        (_, Err(error)) => Answer::Failed(error.to_string()),
        (Ok(request), Ok(now)) => {
            request.answer(&shop.guard, &shop.follower.client(), shop.follower.server(), now)
        }
    };
    info!(?answer, "set aside");
    let mut text = serde_json::to_vec(&answer).expect("texts");
    text.push(b'\n');
    (&stream).write_all(&text)
}
