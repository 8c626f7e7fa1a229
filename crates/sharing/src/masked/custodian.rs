//! The keeper of pseudonyms.

use core::fmt;

use yinxin_gm::{Digest, hmac::HmacSm3};
use zeroize::Zeroizing;

const DOMAIN: &[u8] = b"yinxin/pseudonym/1";

/// Makes pseudonyms under a key that never leaves one custodian: with it anyone could search the space of identity numbers.
/// Whoever asks for pseudonyms can search too, so a service around this counts, limits and records what it is asked.
pub struct Custodian(Zeroizing<[u8; 32]>);

impl Custodian {
    /// With this key.
    #[must_use]
    pub const fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// The pseudonym of a value for a purpose: the same for every department that serves the purpose, another one for any other.
    /// The value is in its normal form already, for equal texts alone have equal pseudonyms.
    #[must_use]
    pub fn pseudonym(&self, purpose: &str, kind: &str, value: &str) -> Digest {
        let mut mac = HmacSm3::new(&self.0[..]);
        mac.update(DOMAIN);
        for part in [purpose, kind, value] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize()
    }

    /// A pseudonym as text: its first 16 octets, hexadecimal.
    #[must_use]
    pub fn token(&self, purpose: &str, kind: &str, value: &str) -> String {
        let mut text = self.pseudonym(purpose, kind, value).to_string();
        text.truncate(32);
        text
    }
}

impl fmt::Debug for Custodian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custodian").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_purpose_and_kind_has_its_own_pseudonyms() {
        let [a, b] = [[1; 32], [2; 32]].map(|key| Custodian::new(Zeroizing::new(key)));
        let tokens = [
            a.token("loan", "id", "330106"),
            a.token("tax", "id", "330106"),
            a.token("loan", "phone", "330106"),
            a.token("loan", "id", "330107"),
            // Parts cannot be shifted against each other.
            a.token("loani", "d", "330106"),
            b.token("loan", "id", "330106"),
        ];
        assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), tokens.len());
        assert_eq!(tokens[0], a.token("loan", "id", "330106"));
        assert_eq!(format!("{a:?}"), "Custodian(..)".replace("(..)", " { .. }"));
    }
}
