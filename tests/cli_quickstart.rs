//! The tour: it runs to its end beside another, and the commands that it shows are the commands that it uses.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use yinxin_tests::bin_dir;

fn yinxin(folder: &Path) -> Command {
    let mut command = Command::new(bin_dir().join("yinxin"));
    command.current_dir(folder).env("XDG_CONFIG_HOME", folder.join("config")).stdin(Stdio::null());
    command
}

#[test]
fn the_tour_ends_well_and_leaves_a_folder_that_verifies() {
    let temp = tempfile::tempdir().unwrap();
    let tour = yinxin(temp.path()).args(["quickstart", "tour"]).output().unwrap();
    assert!(tour.status.success(), "{}", String::from_utf8_lossy(&tour.stderr));
    let tour = temp.path().join("tour");
    let licences: Vec<_> = std::fs::read_dir(tour.join("licences")).unwrap().collect();
    assert_eq!(licences.len(), 200);
    assert!(tour.join("README").exists());
    let one = yinxin(&tour)
        .args(["verify", "--trust", "trust", "licences/3301002026000001.ofd"])
        .output()
        .unwrap();
    assert!(one.status.success(), "{}", String::from_utf8_lossy(&one.stdout));
}

#[test]
fn the_commands_that_are_shown_do_the_same() {
    let temp = tempfile::tempdir().unwrap();
    let shown =
        yinxin(temp.path()).args(["quickstart", "--show", "--licences", "4", "replay"]).output().unwrap();
    assert!(shown.status.success());
    std::fs::write(temp.path().join("tour.sh"), &shown.stdout).unwrap();
    let path = format!("{}:{}", bin_dir().display(), std::env::var("PATH").unwrap());
    let replay = Command::new("sh")
        .arg("tour.sh")
        .current_dir(temp.path())
        .env("PATH", path)
        .env("XDG_CONFIG_HOME", temp.path().join("config"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        replay.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&replay.stdout),
        String::from_utf8_lossy(&replay.stderr)
    );
    let folder = temp.path().join("replay/licences");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 4);
}
