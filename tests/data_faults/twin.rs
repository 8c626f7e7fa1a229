//! Two folders of one organisation: the ledger knows which of them answers, and an older copy of it is found out.

use std::{net::TcpStream, process::Stdio, time::Duration};

use yinxin_tests::{
    cluster::{free_ports, wait_for},
    data_town::{PATIENCE, Server, Town, signer},
};

use super::says;

/// The minute in which the first may still answer, and the time that it has to tell of it.
const TAKES_OVER: Duration = Duration::from_secs(150);

/// A folder's server that takes over, and where it listens.
pub(super) struct Twin {
    server: Server,
    listen: String,
}

fn line(town: &Town, work: &str, listen: &str) -> String {
    let line = town.serve_line().replace("--work served", &format!("--work {work}"));
    line.replace(&town.listen, listen)
}

fn start(town: &Town, line: &str, listen: &str) -> Server {
    let log = std::fs::OpenOptions::new().append(true).open(town.place().file("served.log"));
    let words: Vec<_> = line.split_whitespace().collect();
    let mut command = town.place().command(&words);
    let server = Server(command.stdout(Stdio::null()).stderr(log.unwrap()).spawn().unwrap());
    let up = wait_for(PATIENCE, || TcpStream::connect(listen).ok());
    assert!(up.is_some(), "{}", town.log());
    server
}

/// The words of a call to the second folder.
fn fetch(town: &Town, listen: &str, grant: &str, out: &str, rows: u64) -> String {
    format!(
        "--json data fetch {grant} --server http://{listen} --out {out} --journal n2.journal {} {} --rows {rows}",
        signer(2),
        town.at()
    )
}

fn copy(town: &Town, from: &str, to: &str) {
    let place = town.place();
    std::fs::create_dir_all(place.file(to)).unwrap();
    std::fs::copy(place.file(&format!("{from}/journal")), place.file(&format!("{to}/journal")))
        .unwrap();
}

/// The first still runs, and answers until the other is on the ledger.
pub(super) fn another_folder_takes_over_and_says_so(town: &Town, grant: &str) -> Twin {
    let place = town.place();
    let listen = format!("127.0.0.1:{}", free_ports());
    town.fetch(grant, "first.csv", "--rows 3");
    place.ends(&line(town, "twin", &listen), 6, &["another folder", "--take-over"]);
    copy(town, "served", "copied");
    place.ends(&line(town, "copied", &listen), 6, &["is a copy", "--take-over"]);
    nothing_is_set_aside_in_a_copy(town, grant);
    town.fetch(grant, "still.csv", "--rows 2");
    let server = start(town, &format!("{} --take-over", line(town, "twin", &listen)), &listen);
    says(town, grant, "unavailable:authority");
    assert!(town.get("/health/ready").contains("503"));
    // It waits until the first can answer no more.
    let early = place.run(&fetch(town, &listen, grant, "early.csv", 1));
    assert!(early.err.contains("unavailable:authority"), "{}", early.err);
    Twin { server, listen }
}

/// What the original let out since is not in it.
fn nothing_is_set_aside_in_a_copy(town: &Town, grant: &str) {
    let place = town.place();
    place.write("copied.txt", "rows");
    place.ok(&format!("data seal copied.txt --to n2/org.cer --out copied.envelope {}", signer(1)));
    let deliver = format!(
        "data deliver copied.envelope --to {grant}=n2/org.cer --rows 1 --work copied {} {}",
        signer(1),
        town.at()
    );
    let before = place.read("copied/journal");
    place.ends(&deliver, 6, &["is a copy"]);
    assert!(place.read("copied/journal") == before);
}

/// The first was told off and has told; the second answers, with what is left.
pub(super) fn only_the_folder_that_took_over_goes_on(town: &Town, grant: &str, twin: Twin) {
    let place = town.place();
    let Twin { server, listen } = twin;
    place.ends(&town.serve_line(), 6, &["another folder"]);
    let call = fetch(town, &listen, grant, "second.csv", 95);
    let done = wait_for(TAKES_OVER, || (place.run(&call).code == Some(0)).then_some(()));
    assert!(done.is_some(), "{}", town.log());
    let over = place.run(&fetch(town, &listen, grant, "over.csv", 1));
    assert!(over.err.contains("denied:volume"), "a hundred in all: {}", over.err);
    drop(server);
    // An older copy put back in the same file, as a machine's snapshot is: the ledger knows a later start.
    copy(town, "twin", "older");
    drop(start(town, &line(town, "twin", &listen), &listen));
    copy(town, "twin", "newer");
    copy(town, "older", "twin");
    place.ends(&line(town, "twin", &listen), 6, &["older copy"]);
    copy(town, "newer", "twin");
    drop(start(town, &line(town, "twin", &listen), &listen));
}
