//! Whether a seal names a signer: certificates byte for byte, or digests of them.

use yinxin_gm::sm3;
use yinxin_verdict::Reason;

use crate::{CertDigest, CertList};

/// What `CertDigestObj.type` says in our seals: SM3.
pub(crate) const SM3_OID: &str = "1.2.156.10197.1.401";
/// Other names under which SM3 is met.
const SM3_NAMES: [&str; 3] = [SM3_OID, "1.2.156.10197.1.401.1", "SM3"];
const WEAK_NAMES: [&str; 5] = ["MD5", "SHA1", "SHA-1", "1.3.14.3.2.26", "1.2.840.113549.2.5"];
const FOREIGN_NAMES: [&str; 3] = ["SHA256", "SHA-256", "2.16.840.1.101.3.4.2.1"];

impl CertList {
    /// A list of type 2 with plain SM3 digests.
    #[must_use]
    pub fn digests_of<'c>(certificates: impl IntoIterator<Item = &'c [u8]>) -> Self {
        let digest = |der: &[u8]| CertDigest {
            kind: SM3_OID.to_owned(),
            value: sm3::digest(der).as_bytes().to_vec(),
        };
        Self::Digests(certificates.into_iter().map(digest).collect())
    }

    /// Whether the list names this certificate; a note says where the naming departs from the usual.
    ///
    /// # Errors
    /// [`Reason::SignerNotInSeal`]; [`Reason::AlgorithmWeak`] or [`Reason::AlgorithmUnknown`] when the list holds digests
    /// that are not compared.
    pub fn names(&self, certificate: &[u8]) -> Result<Option<String>, Reason> {
        match self {
            Self::Certificates(list) => {
                if list.iter().any(|entry| entry == certificate) {
                    Ok(None)
                } else {
                    Err(Reason::SignerNotInSeal)
                }
            }
            Self::Digests(list) => by_digest(list, certificate),
        }
    }
}

fn by_digest(list: &[CertDigest], certificate: &[u8]) -> Result<Option<String>, Reason> {
    let digest = sm3::digest(certificate);
    if let Some(entry) = list.iter().find(|entry| entry.value == digest.as_bytes()) {
        let usual = SM3_NAMES.iter().any(|name| entry.kind.eq_ignore_ascii_case(name));
        return Ok((!usual).then(|| format!("CertDigestObj.type: {:?} for SM3", entry.kind)));
    }
    let some = |names: &[&str]| {
        list.iter().any(|entry| names.iter().any(|name| entry.kind.eq_ignore_ascii_case(name)))
    };
    Err(if some(&FOREIGN_NAMES) {
        Reason::AlgorithmUnknown
    } else if some(&WEAK_NAMES) {
        Reason::AlgorithmWeak
    } else {
        Reason::SignerNotInSeal
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signer_is_named_by_bytes_or_digest() {
        let (ours, other) = (b"certificate".as_slice(), b"certificatf".as_slice());
        let digest = sm3::digest(ours).as_bytes().to_vec();
        let digests = |kind: &str, value: &[u8]| {
            CertList::Digests(vec![CertDigest { kind: kind.to_owned(), value: value.to_vec() }])
        };
        for (list, answer) in [
            (CertList::Certificates(vec![ours.to_vec()]), Ok(false)),
            (CertList::Certificates(vec![other.to_vec()]), Err(Reason::SignerNotInSeal)),
            (CertList::Certificates(vec![ours[..4].to_vec()]), Err(Reason::SignerNotInSeal)),
            (CertList::Certificates(vec![]), Err(Reason::SignerNotInSeal)),
            (CertList::digests_of([other, ours]), Ok(false)),
            (CertList::digests_of([other]), Err(Reason::SignerNotInSeal)),
            (digests("sm3", &digest), Ok(false)),
            (digests("1", &digest), Ok(true)),
            (digests("SM3", &digest[..31]), Err(Reason::SignerNotInSeal)),
            (digests("SHA1", &[0; 20]), Err(Reason::AlgorithmWeak)),
            (digests("SHA256", &[0; 32]), Err(Reason::AlgorithmUnknown)),
        ] {
            assert_eq!(list.names(ours).map(|note| note.is_some()), answer, "{list:?}");
        }
    }
}
