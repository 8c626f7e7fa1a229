//! A long file is sealed and opened by processes that are killed on the way: each goes on where it stood, and none holds the file.

use std::{
    fs::File,
    io::{BufReader, Read, Write},
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use yinxin_gm::{Digest, sm3::Sm3};
use yinxin_tests::{
    cluster::{authority, wait_for},
    place::{Place, Said},
};

/// Long beside what a program takes, and four times what is done between two syncs.
const LENGTH: u64 = 256 << 20;
/// The most memory that a process may ever have had: its own code, one part, and what keys take.
const MOST: u64 = 64 << 20;

#[test]
fn sealing_and_opening_go_on_after_a_kill_in_constant_memory() {
    let folder = tempfile::tempdir().unwrap();
    let place = &Place::new(folder.path());
    authority(place);
    super::department(place, 1);
    super::department(place, 2);
    let written = fill(&place.file("long.bin"));
    let signer = |n: usize| format!("--key n{n}/org.key --cert n{n}/org.cer --password-file pw");
    let seal =
        format!("--json data seal long.bin --to n2/org.cer --out long.envelope {}", signer(1));
    killed(place, &seal, &place.file("long.envelope.sealing"), |note| {
        note.contains("\"progress\": \"")
    });
    assert!(!place.file("long.envelope").exists() && !place.file("long.envelope.body").exists());
    let (said, peak) = watched(place, &seal);
    assert!(peak > 0 && peak < MOST, "sealing took {peak} bytes");
    let at = said.json()["resumed_at"].as_u64().unwrap();
    assert!((64 << 20..LENGTH).contains(&at), "{at}");
    let open = format!(
        "--json data open long.envelope --from n1/org.cer --out opened.bin --offline --trust trust {}",
        signer(2)
    );
    killed(place, &open, &place.file("opened.bin.opening"), |_| true);
    assert!(!place.file("opened.bin").exists());
    let (said, peak) = watched(place, &open);
    assert!(peak > 0 && peak < MOST, "opening took {peak} bytes");
    let at = said.json()["resumed_at"].as_u64().unwrap();
    assert!((64 << 20..LENGTH).contains(&at), "{at}");
    assert_eq!(digest(&place.file("opened.bin")), written);
    for left in ["long.envelope.sealing", "long.envelope.body.part", "opened.bin.opening"] {
        assert!(!place.file(left).exists(), "{left}");
    }
}

/// Octets of which no two stretches are alike, and their digest.
fn fill(path: &Path) -> Digest {
    let (mut file, mut hash) = (File::create(path).unwrap(), Sm3::new());
    let mut part: Vec<u8> = (0..1_u32 << 18).flat_map(u32::to_le_bytes).collect();
    for n in 0..LENGTH / part.len() as u64 {
        part[..8].copy_from_slice(&n.to_le_bytes());
        file.write_all(&part).unwrap();
        hash.update(&part);
    }
    hash.finalize()
}

fn digest(path: &Path) -> Digest {
    let (mut file, mut hash) = (BufReader::new(File::open(path).unwrap()), Sm3::new());
    let mut part = vec![0; 1 << 20];
    loop {
        match file.read(&mut part).unwrap() {
            0 => return hash.finalize(),
            count => hash.update(&part[..count]),
        }
    }
}

fn start(place: &Place, line: &str) -> Child {
    let words: Vec<_> = line.split_whitespace().collect();
    let mut command = place.command(&words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program was built")
}

/// Runs a command until its note says what is asked for, and kills it there.
fn killed(place: &Place, line: &str, note: &Path, noted: impl Fn(&str) -> bool) {
    let mut child = start(place, line);
    let seen = wait_for(Duration::from_secs(120), || {
        assert!(child.try_wait().unwrap().is_none(), "{line}: it ended before it was killed");
        let text = std::fs::read(note).ok()?;
        noted(&String::from_utf8_lossy(&text)).then_some(())
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(seen.is_some(), "{line}: nothing was noted");
}

/// Runs a command to its end, and the most memory that it was seen to have had.
fn watched(place: &Place, line: &str) -> (Said, u64) {
    let child = start(place, line);
    let status = format!("/proc/{}/status", child.id());
    let watcher = std::thread::spawn(move || {
        let mut peak = 0;
        // The line is gone once the process is no more than its exit code.
        while let Some(now) = high_water(&status) {
            peak = now.max(peak);
            std::thread::sleep(Duration::from_millis(5));
        }
        peak
    });
    let output = child.wait_with_output().unwrap();
    let said = Said::new(line, &output);
    said.must(0, &[]);
    (said, watcher.join().unwrap())
}

/// `VmHWM`, octets.
fn high_water(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}
