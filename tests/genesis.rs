//! A ledger is founded without anyone holding two keys: by four directories, and by four users none of whom can read another's.
//! What was tampered with is refused.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
    process::Command,
};

use yinxin_gm::sm2::DEFAULT_ID;
use yinxin_receipt::{Genesis, Wire};
use yinxin_tests::{
    cluster::{self, DEPARTMENTS, run_node},
    place::Place,
};

/// Departments, entries, and the file `draft` that has all entries and no signature.
fn drafted() -> (tempfile::TempDir, Place) {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::new(temp.path());
    cluster::authority(&place);
    for n in 1..=4 {
        let _ = cluster::department(&place, n);
    }
    place.ok("ledger genesis new draft --name Test");
    place.ok("ledger genesis add draft n1/entry.genesis n2/entry.genesis n3/entry.genesis n4/entry.genesis");
    (temp, place)
}

fn sign(place: &Place, n: usize, file: &str) {
    place.ok(&format!("ledger genesis sign {file} --key n{n}/org.key --password-file pw"));
}

/// The bytes of a genesis after a change.
fn changed(place: &Place, file: &str, change: impl FnOnce(&mut Genesis)) -> Vec<u8> {
    let mut genesis = Genesis::from_der(&place.read(file)).unwrap();
    change(&mut genesis);
    genesis.to_der()
}

#[test]
fn a_genesis_that_was_tampered_with_is_refused() {
    let (_temp, place) = drafted();
    place.copy("draft", "unsigned");
    for n in 1..=3 {
        sign(&place, n, "draft");
    }
    place.copy("draft", "three");
    place.ends("ledger genesis check three", 1, &["not yet signed", DEPARTMENTS[3].0]);
    place.copy("three", "n1/ledger.genesis");
    place.ends("node run n1", 1, &[DEPARTMENTS[3].0]);

    // Four departments sign copies of their own; the copies are put together.
    place.copy("unsigned", "fourth");
    sign(&place, 4, "fourth");
    place.ok("ledger genesis add draft fourth");
    place.ok("ledger genesis check draft --trust trust");

    let whole = place.read("draft");
    place.write("renamed", changed(&place, "draft", |g| g.name.push('!')));
    place.write(
        "empowered",
        changed(&place, "draft", |g| g.organisations[3].powers = g.organisations[0].powers),
    );
    place.write("heavier", changed(&place, "draft", |g| g.validators[2].power = 3));
    let stranger = cluster::open_key(&place, "n1/org.key");
    let forged = changed(&place, "draft", |g| {
        let signature =
            stranger.sign(DEFAULT_ID, &g.body(), &mut rand_core::UnwrapErr(getrandom::SysRng));
        g.signatures[3].1 = signature.unwrap().to_raw();
    });
    place.write("forged", forged);
    place.write(
        "swapped",
        changed(&place, "draft", |g| {
            let first = g.signatures[0].1;
            g.signatures[0].1 = g.signatures[1].1;
            g.signatures[1].1 = first;
        }),
    );
    for file in ["renamed", "empowered", "heavier", "forged", "swapped"] {
        place.ends(&format!("ledger genesis check {file}"), 1, &["signature"]);
        place.copy(file, "n1/ledger.genesis");
        place.ends("node run n1", 1, &["signature"]);
        // No trust folder takes it either.
        place.copy(file, &format!("trust-{file}/ledger.genesis"));
        assert_ne!(place.run(&format!("trust show trust-{file}")).code, Some(0), "{file}");
    }
    place.write("cut", &whole[..whole.len() - 9]);
    place.write("none", "no genesis\n");
    for file in ["cut", "none"] {
        place.ends(&format!("ledger genesis check {file}"), 4, &[file]);
    }
    assert_eq!(place.read("draft"), whole);
}

#[test]
fn what_would_spoil_a_draft_is_refused_and_leaves_it_as_it_was() {
    let (_temp, place) = drafted();
    sign(&place, 1, "draft");
    let before = place.read("draft");
    let entry = place.read("n2/entry.genesis");
    place.write("cut.genesis", &entry[..entry.len() / 2]);
    place.write(
        "greedy.genesis",
        changed(&place, "n2/entry.genesis", |g| g.organisations[0].powers = 31),
    );
    place.ok("key new other.key --unencrypted");
    place.ok("ledger genesis new open --name Test");
    place.ok("ledger genesis add open n1/entry.genesis");
    let open = place.read("open");
    for (line, code, word) in [
        // Somebody has signed: no more entries.
        ("ledger genesis add draft n2/entry.genesis", 2, "signed"),
        // The signature of someone who founds nothing here.
        ("ledger genesis sign draft --key other.key", 6, "belongs to none"),
        ("ledger genesis sign draft --key n2/org.key --password-file missing", 2, "missing"),
        ("ledger genesis add open n1/entry.genesis", 2, "already"),
        ("ledger genesis add open greedy.genesis", 1, "signature"),
        ("ledger genesis add open cut.genesis", 4, "cut.genesis"),
        ("ledger genesis add open draft", 2, "another genesis"),
        ("ledger genesis new open --name Test", 2, "exists"),
    ] {
        place.ends(line, code, &[word]);
    }
    assert_eq!(place.read("draft"), before);
    assert_eq!(place.read("open"), open);
    two_nodes_with_one_key(&place);
}

/// A second department that was set up as a copy of the first one's node.
fn two_nodes_with_one_key(place: &Place) {
    let first = Genesis::from_der(&place.read("n1/entry.genesis")).unwrap();
    let key = cluster::open_key(place, "n2/org.key");
    let copy = changed(place, "n2/entry.genesis", |g| {
        g.validators[0].key = first.validators[0].key;
        g.signatures.clear();
        let signature =
            key.sign(DEFAULT_ID, &g.body(), &mut rand_core::UnwrapErr(getrandom::SysRng));
        g.add_signature(DEPARTMENTS[1].0, signature.unwrap().to_raw()).unwrap();
    });
    place.write("copy.genesis", copy);
    place.ends("ledger genesis add open copy.genesis", 1, &["two nodes with one key"]);
}

/// Users of the test; nothing on a machine needs to know them.
const USERS: u32 = 61_000;

struct User {
    place: Place,
    /// What everyone can read and only its owner can replace.
    public: String,
}

impl User {
    /// A user with a folder that nobody else can enter.
    fn new(root: &Path, program: &Path, n: u32) -> Self {
        let folder = root.join(format!("user{n}"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
        chown(&folder, Some(USERS + n), Some(USERS + n)).unwrap();
        let place = Place::new(root).with_program(program).as_user(USERS + n, &folder);
        Self { place, public: root.join("public").display().to_string() }
    }

    fn ok(&self, line: &str) -> String {
        self.place.ok(&line.replace("PUBLIC", &self.public))
    }

    /// Any other program, as this user.
    fn can(&self, program: &str, words: &[&str]) -> bool {
        let words = words.iter().map(|w| w.replace("PUBLIC", &self.public));
        self.place.shell(program).args(words).output().unwrap().status.success()
    }

    fn password(&self) {
        assert!(self.can("sh", &["-c", "umask 077; head -c 24 /dev/urandom | base64 > pw"]));
    }
}

#[test]
fn four_users_found_a_ledger_and_none_can_read_anothers_keys() {
    if !is_root() {
        println!("skipped: only root can start processes of four users");
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let root = temp.path();
    for (folder, mode) in [("", 0o755), ("public", 0o1777)] {
        let folder = root.join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(mode)).unwrap();
    }
    let program = root.join("yinxin");
    std::fs::copy(yinxin_tests::bin_dir().join("yinxin"), &program).unwrap();
    let authority = User::new(root, &program, 0);
    let users: Vec<_> = (1..=4).map(|n| User::new(root, &program, n)).collect();

    authority.password();
    authority.ok("ca init ca --name CA --password-file pw");
    authority.ok("ca crl ca --password-file pw --out PUBLIC/trust/ca.crl");
    assert!(authority.can("cp", &["ca/ca.cer", "PUBLIC/trust/ca.cer"]));
    let mut http = Vec::new();
    for (i, user) in users.iter().enumerate() {
        let (n, (code, powers)) = (i + 1, DEPARTMENTS[i]);
        user.password();
        user.ok("key new org.key --password-file pw");
        user.ok(&format!("key csr org.key --password-file pw --organisation D{n} --code {code} --out PUBLIC/{n}.csr"));
        authority
            .ok(&format!("ca issue ca PUBLIC/{n}.csr --password-file pw --out PUBLIC/{n}.cer"));
        let ports = cluster::free_ports();
        let address = format!("127.0.0.1:{}", ports + 2);
        user.ok(&format!(
            "node init node --key org.key --cert PUBLIC/{n}.cer --password-file pw --powers {powers} \
             --listen 127.0.0.1:{ports} --http {address}"
        ));
        assert!(user.can("cp", &["node/entry.genesis", &format!("PUBLIC/{n}.entry")]));
        http.push(format!("http://{address}"));
    }
    // The first department puts the entries together; each signs a copy of its own; the first puts the copies together.
    users[0].ok("ledger genesis new draft --name Test");
    users[0]
        .ok("ledger genesis add draft PUBLIC/1.entry PUBLIC/2.entry PUBLIC/3.entry PUBLIC/4.entry");
    assert!(users[0].can("cp", &["draft", "PUBLIC/draft"]));
    for (i, user) in users.iter().enumerate() {
        let copy = format!("PUBLIC/signed{}", i + 1);
        assert!(user.can("cp", &["PUBLIC/draft", "own"]));
        user.ok("ledger genesis sign own --key org.key --password-file pw");
        assert!(user.can("cp", &["own", &copy]));
    }
    users[0]
        .ok("ledger genesis add draft PUBLIC/signed1 PUBLIC/signed2 PUBLIC/signed3 PUBLIC/signed4");
    assert!(users[0].can("cp", &["draft", "PUBLIC/ledger.genesis"]));
    assert!(authority.can("sh", &["-c", "cp PUBLIC/ledger.genesis PUBLIC/trust/"]));
    for user in &users {
        user.ok("ledger genesis check PUBLIC/ledger.genesis --trust PUBLIC/trust");
        assert!(user.can("cp", &["PUBLIC/ledger.genesis", "node/ledger.genesis"]));
    }
    nobody_reads_anothers(&users, root);
    four_users_run_it(&users, &http);
}

fn nobody_reads_anothers(users: &[User], root: &Path) {
    for (i, user) in users.iter().enumerate() {
        let key = root.join(format!("user{}/org.key", (i + 1) % 4 + 1));
        assert!(key.exists(), "root sees it");
        assert!(!user.can("cat", &[&key.display().to_string()]), "user {}", i + 1);
        let line = format!("key export {} --password-file pw", key.display());
        user.place.ends(&line, 6, &["permission denied"]);
        // A user's own secrets are for that user alone, whatever the folder lets in.
        for secret in ["org.key", "node/node.key", "node/network.key", "node/node.toml"] {
            let mode = user.place.file(secret).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{secret} has mode {mode:o}");
        }
    }
}

fn four_users_run_it(users: &[User], http: &[String]) {
    let mut nodes: Vec<_> = users.iter().map(|user| run_node(&user.place, "node", &[])).collect();
    let result = std::panic::catch_unwind(|| {
        for address in http {
            users[0].ok(&format!("node status --node {address} --wait 60 --peers 3"));
        }
        users[3].ok(&format!(
            "ledger put PUBLIC/draft --key org.key --cert PUBLIC/4.cer --password-file pw --node {} --trust PUBLIC/trust \
             --out PUBLIC/draft.receipt",
            http[1]
        ));
        users[2].ok("verify --trust PUBLIC/trust PUBLIC/draft.receipt");
    });
    for node in &mut nodes {
        let _ = node.kill();
        let _ = node.wait();
    }
    if let Err(why) = result {
        for user in users {
            println!("{}", String::from_utf8_lossy(&user.place.read("node/log")));
        }
        std::panic::resume_unwind(why);
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().map(|o| o.stdout);
    id.is_ok_and(|id| id.trim_ascii() == b"0")
        && Command::new("setpriv").arg("--version").output().is_ok()
}
