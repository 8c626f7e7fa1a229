//! What a node refuses by the ledger's rules: kept, shown, vouched for, and found out when it is rewritten.

use yinxin_gm::Digest;
use yinxin_record::{Act, DataAct, Refusal, Refused, ResourceCode, Wire, WithdrawResource};

use super::{Town, code, resource};

const JOURNAL: &str = "n2/data/denials/00000000000000000001.log";
/// Magic, id, first number, chain before.
const HEAD: usize = 8 + 32 + 8 + 32;

/// An act that nobody but the owner may do; its id.
fn refused(town: &Town, key: &str) -> String {
    let resource = ResourceCode::new(&resource(2)).unwrap();
    let act = WithdrawResource { resource, reason: 1, grants_until: None };
    let act = Act::Data(DataAct::Withdraw(act));
    let record = town.cluster.signer(2).act(key, act, 100_000);
    let said = format!("{:?}", town.cluster.post(2, &record.to_der()).unwrap_err());
    assert!(said.contains("POWER_MISSING") || said.contains("NOT_AUTHORITY"), "{said}");
    record.id().to_string()
}

pub(super) fn what_a_node_refuses_is_kept_and_vouched_for(town: &Town) {
    let at = format!("--node {} --trust trust", town.cluster.http(2));
    let first = refused(town, "denied/1");
    let vouch = format!("audit denials --key n2/org.key --cert n2/org.cer --password-file pw {at}");
    let view = town.ends(&vouch, 0, &[]);
    let count = view["count"].as_u64().unwrap();
    assert_eq!(view["vouched"], count);
    let entries = view["entries"].as_array().unwrap();
    let entry = entries.iter().find(|e| e["record"] == first.as_str()).unwrap();
    assert_eq!((&entry["act"], &entry["organisation"]), (&"data withdraw".into(), &code(2).into()));
    // Whoever signed nothing is not named.
    let mut forged = town.cluster.signer(2).act(
        "denied/forged",
        Act::Data(DataAct::Withdraw(WithdrawResource {
            resource: ResourceCode::new(&resource(2)).unwrap(),
            reason: 1,
            grants_until: None,
        })),
        100_000,
    );
    forged.signature[40] ^= 1;
    assert!(town.cluster.post(2, &forged.to_der()).is_err());
    let second = refused(town, "denied/2");
    let look = format!("audit denials --organisation {} {at}", code(2));
    let view = town.ends(&look, 0, &[]);
    let entries = view["entries"].as_array().unwrap();
    assert!(entries.iter().any(|e| e["record"] == second.as_str()));
    assert!(entries.iter().all(|e| e["record"] != forged.id().to_string().as_str()));
    assert!(view["count"].as_u64() > view["vouched"].as_u64());
    // Rewritten with a chain of its own, an entry short: it is not what was vouched for.
    town.cluster.kill(2);
    rewrite(town);
    town.cluster.start_node(2);
    town.place().ok(&format!("node status --node {} --wait 60 --peers 3", town.cluster.http(2)));
    town.ends(&look, 1, &["the journal was changed"]);
    another_journal_is_told(town, &look, &vouch);
}

/// A node that begins another journal leaves out what the old one has: whoever looks is told, and told of both once its organisation
/// vouches for the new one as well.
fn another_journal_is_told(town: &Town, look: &str, vouch: &str) {
    town.cluster.kill(2);
    std::fs::remove_dir_all(town.place().file("n2/data/denials")).unwrap();
    town.cluster.start_node(2);
    town.place().ok(&format!("node status --node {} --wait 60 --peers 3", town.cluster.http(2)));
    town.ends(look, 1, &["its organisation vouched last for"]);
    refused(town, "denied/3");
    let view = town.ends(vouch, 0, &[]);
    assert_eq!((&view["vouched"], &view["oldest"]), (&view["count"], &1.into()));
    let view = town.ends(look, 0, &[]);
    let journals = view["journals"].as_array().unwrap();
    let shown: Vec<_> = journals.iter().map(|j| j["shown"].as_bool().unwrap()).collect();
    assert_eq!(shown, [true, false], "the newest first");
    assert_eq!(view["compared"], true);
}

fn rewrite(town: &Town) {
    let place = town.place();
    let octets = place.read(JOURNAL);
    let (mut out, mut rest) = (octets[..HEAD].to_vec(), &octets[HEAD..]);
    let mut entries = Vec::new();
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        let (der, more) = more.split_at(usize::try_from(u32::from_be_bytes(*length)).unwrap());
        entries.push(Refusal::from_der(der).unwrap());
        rest = &more[32..];
    }
    let lost = entries.iter().position(|e| matches!(e.refused, Refused::Act(_))).unwrap();
    entries.remove(lost);
    let mut chain = Digest::ZERO;
    for (number, entry) in (1..).zip(entries) {
        let entry = Refusal { number, ..entry };
        chain = entry.chain(&chain);
        let der = entry.to_der();
        out.extend(u32::try_from(der.len()).unwrap().to_be_bytes());
        out.extend(&der);
        out.extend(chain.as_bytes());
    }
    place.write(JOURNAL, out);
}
