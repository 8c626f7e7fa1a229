//! Certificates that nobody here trusts, and keys that the ledger does not know: nothing is wrapped to them, nobody votes for them.

use super::{Town, code};

/// Asks in each way; nothing changes.
pub(super) fn nothing_is_wrapped_to_a_strangers_certificate(town: &Town, grant: &str) {
    let place = town.place();
    // Under its own name, by an authority of its own; the key is as good as any.
    place.ok("ca init elsewhere --name Elsewhere --password-file pw");
    place.ok("key new stranger.key --password-file pw");
    place.ok(&format!(
        "key csr stranger.key --password-file pw --organisation D2 --code {} --out stranger.csr",
        code(2)
    ));
    place.ok("ca issue elsewhere stranger.csr --password-file pw --out stranger.cer");
    let sign = "--key n1/org.key --cert n1/org.cer --password-file pw";
    let before = place.read("out/a.envelope");
    for (file, envelope, why) in [
        ("stranger.cer", "stranger.envelope", ""),
        // A genuine certificate, of a key that the members have not decided on.
        ("n2/new.cer", "new.envelope", "not the one that the ledger knows"),
    ] {
        place.ok(&format!("data seal rows.csv --to {file} --out {envelope} {sign}"));
        let to = format!("--to {grant}={file} --rows 1 --no-server {}", town.by(1));
        place.ends(&format!("data deliver {envelope} {to}"), 1, &[why]);
        for change in [format!("--rotate n2/org.cer={file}"), format!("--add {grant}={file}")] {
            place.ends(
                &format!("data rewrap out/a.envelope --no-server {change} {}", town.by(1)),
                1,
                &[why],
            );
        }
    }
    assert_eq!(place.read("out/a.envelope"), before);
    assert!(!place.file("out/a.envelope.next").exists());
    place.ends(&format!("data status {grant} {}", town.look()), 0, &["1 calls, 1000 rows"]);
    let propose = format!("member propose rotate-key stranger.cer {}", town.by(1));
    place.ends(&propose, 1, &[code(2)]);
    place.ends(&propose.replace("stranger.cer", "zhang.cer"), 2, &["unified social credit code"]);
    // Its own organisation, its own authority; and the key of another member.
    place.ends(&propose.replace("stranger.cer", "n4/org.cer"), 1, &["KEY_TAKEN"]);
}
