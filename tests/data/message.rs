//! Small content as GB/T 35275 EnvelopedData: one file, for systems that know that standard.

use yinxin_pki::enveloped_data::{self, Cipher, EnvelopedData};
use yinxin_tests::{
    cluster::{authority, open_key},
    place::Place,
};

use super::{department, signer};

#[test]
fn a_message_of_the_standard_is_sealed_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let place = &Place::new(folder.path());
    authority(place);
    (1..=3).for_each(|n| department(place, n));
    place.write("small.txt", "授信意见：同意");
    for (cipher, more) in [(Cipher::Gcm, ""), (Cipher::Cbc, " --cipher cbc")] {
        let file = format!("{cipher:?}.p7m");
        let seal = format!(
            "data seal small.txt --to n2/org.cer --form 35275{more} --out {file} {}",
            signer(1)
        );
        place.ok(&seal);
        assert!(!place.file(&format!("{file}.body")).exists());
        place.ends(&seal, 2, &["exists"]);
        // By the standard alone: whoever it is addressed to, and nobody else.
        let message = EnvelopedData::parse(&place.read(&file)).unwrap();
        assert_eq!((message.cipher(), message.recipients().len()), (cipher, 2));
        let open = |n: usize| {
            let out = format!("{file}.{n}");
            format!("data open {file}{more} --out {out} {}", signer(n))
        };
        // It names no owner and no delivery: there is nothing to ask the ledger for, and whoever opens it must know that.
        place.ends(&open(2), 2, &["--offline"]);
        for n in [1, 2] {
            place.ends(&format!("{} --offline", open(n)), 0, &["nobody signed"]);
            assert_eq!(place.read(&format!("{file}.{n}")), place.read("small.txt"));
        }
        place.ends(&format!("{} --offline", open(3)), 6, &[]);
        if cipher == Cipher::Cbc {
            continue;
        }
        let mut changed = place.read(&file);
        let last = changed.len() - 1;
        changed[last] ^= 1;
        place.write("changed.p7m", changed);
        let line = open(2).replace(&file, "changed.p7m");
        place.ends(&format!("{line} --offline"), 6, &[]);
        assert!(!place.file("changed.p7m.2").exists());
    }
    // The cipher is what both sides agreed on, not what a message says.
    let other = format!("data open Cbc.p7m --out other.txt --offline {}", signer(2));
    place.ends(&other, 4, &["cipher"]);
    // What another program made.
    let to = [yinxin_pki::Certificate::parse(&place.read("n2/org.cer")).unwrap()];
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    let theirs = enveloped_data::make(b"theirs", &to, Cipher::Gcm, rng).unwrap();
    place.write("theirs.p7m", &theirs);
    place.ok(&format!("data open theirs.p7m --out theirs.txt --offline {}", signer(2)));
    assert_eq!(place.read("theirs.txt"), b"theirs");
    // And what we made, by the library with nothing but the key.
    let key = open_key(place, "n2/org.key");
    let ours = EnvelopedData::parse(&place.read("Gcm.p7m")).unwrap();
    let plain = ours.open(&to[0], &key, Cipher::Gcm).unwrap();
    assert_eq!(&plain[..], place.read("small.txt"));
    // Long content goes into the other form.
    std::fs::File::create(place.file("long.bin")).unwrap().set_len((32 << 20) + 1).unwrap();
    let long = format!("data seal long.bin --to n2/org.cer --form 35275 --out l.p7m {}", signer(1));
    place.ends(&long, 2, &["33554432"]);
}
