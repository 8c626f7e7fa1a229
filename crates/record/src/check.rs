//! What an outsider checks of a record itself.

use yinxin_gm::sm2::PublicKey;
use yinxin_merkle::wire::Wire;
use yinxin_verdict::{Check, Fact, Facts, Reason};

use crate::{Record, key_id};

/// Reads a record and checks its signature against the keys that are trusted for an organisation, given its code.
///
/// A record may be signed with a key that came after the trust at hand, by rotation or with a new member. Such a key is
/// told as a detail and left to the ledger: its validators took the record under the key of that height.
pub fn check_record(
    bytes: &[u8],
    keys_of: impl Fn(&str) -> Vec<PublicKey>,
    subject: &str,
    facts: &mut Facts,
) -> Option<Record> {
    let check = Check::ReceiptRecord;
    let record = match Record::from_der(bytes) {
        Ok(record) => record,
        Err(error) => {
            facts.push(Fact::fail(check, subject, Reason::Malformed).found(error.to_string()));
            return None;
        }
    };
    let organisation = record.tbs.organisation.as_str();
    facts.detail(subject, "organisation", organisation);
    facts.detail(subject, "act", format!("{} {}", record.tbs.act.family(), record.tbs.act.verb()));
    facts.detail(subject, "record", record.id().to_string());
    let signer = record.tbs.signer;
    match keys_of(organisation).iter().find(|key| key_id(key) == signer) {
        Some(key) if record.verify(key).is_ok() => facts.push(Fact::pass(check, subject)),
        Some(_) => facts.push(
            Fact::fail(check, subject, Reason::RecordSignatureBad)
                .expected(format!("a signature by {organisation}")),
        ),
        None => facts.detail(subject, "signer", format!("{signer}, vouched for by the ledger")),
    }
    Some(record)
}
