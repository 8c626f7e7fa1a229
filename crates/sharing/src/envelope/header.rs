//! The header of an envelope: signed by the owner, made anew whenever recipients change.

mod wire;

use std::collections::BTreeMap;
use std::io::{Read, Write};

use rand_core::CryptoRng;
use yinxin_gm::{
    Digest,
    sm2::{DEFAULT_ID, PrivateKey, Signature},
    sm3,
};
use yinxin_merkle::wire::Wire;
use yinxin_pki::Certificate;

use super::{Content, ContentSecret, progress::fill};
use crate::Error;

/// Recipients of an envelope: four times the units of a province's hall; a header then has less than a mebibyte.
const MAX_RECIPIENTS: usize = 4096;
/// What a file begins with that holds header and body one after the other.
const MAGIC: [u8; 8] = *b"YXENVEL1";

/// Who signs headers: the department whose content it is.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "two halves of one identity")]
pub struct Owner<'a> {
    /// Its certificate.
    pub certificate: &'a Certificate,
    /// The certificate's key.
    pub key: &'a PrivateKey,
}

/// A header as it was read: nothing in it is believed before [`Header::verify`].
///
/// ```asn1
/// EnvelopeHeader ::= SEQUENCE { tbs EnvelopeHeaderTbs, signature OCTET STRING (SIZE (64)) }
/// EnvelopeHeaderTbs ::= SEQUENCE {
///   domain UTF8String ("yinxin/envelope-header/1"), content EnvelopeContent,
///   owner OCTET STRING (SIZE (32)),                  -- SM3 of the owner's certificate
///   revision INTEGER (1..4294967295), previous [0] OCTET STRING (SIZE (32)) OPTIONAL,   -- SM3 of the header before
///   recipients SEQUENCE SIZE (0..4096) OF SEQUENCE {  -- rising by certificate
///     certificate OCTET STRING (SIZE (32)), wrapped OCTET STRING } }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    content: Content,
    owner: Digest,
    revision: u32,
    previous: Option<Digest>,
    /// SM3 of a certificate, and the secret under its key.
    recipients: BTreeMap<Digest, Vec<u8>>,
    signature: [u8; 64],
}

/// A header whose signature holds under the owner's certificate.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedHeader<'a>(&'a Header);

/// What a new header changes.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "all there is to change")]
pub struct Changes<'a> {
    /// Recipients that come in; one that is there already gets its secret wrapped anew.
    pub add: &'a [Certificate],
    /// Recipients that go, by the SM3 of their certificates. A rotated key is one that goes and one that comes in.
    pub remove: &'a [Digest],
}

impl Header {
    /// The first header of a content.
    ///
    /// # Errors
    /// [`Error::KeyWrong`] when the secret is another content's, [`Error::ValueBad`] for a certificate without SM2 key,
    /// [`Error::TooMany`], [`Error::SigningFailed`].
    pub fn new(
        content: Content,
        secret: &ContentSecret,
        recipients: &[Certificate],
        owner: Owner<'_>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        secret.check(&content.id())?;
        let mut wrapped = BTreeMap::new();
        wrap_all(&mut wrapped, secret, recipients, rng)?;
        Self {
            content,
            owner: Digest::ZERO,
            revision: 1,
            previous: None,
            recipients: wrapped,
            signature: [0; 64],
        }
        .sign(owner, rng)
    }

    /// SM3 of the certificate that it says to be signed under.
    #[must_use]
    pub const fn owner(&self) -> Digest {
        self.owner
    }

    /// What it says the body is: enough for a storage node, which has no business with who signed it.
    #[must_use]
    pub const fn claimed(&self) -> Content {
        self.content
    }

    /// SM3 of the whole header: what is anchored of who may read.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sm3::digest(&self.to_der())
    }

    /// Checks that the holder of this certificate signed the header. That the certificate is the right department's, and held at the
    /// time, is for `yinxin_pki` to say; that no newer header was anchored, for the ledger.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for another certificate than the header names, [`Error::SignatureBad`].
    pub fn verify(&self, owner: &Certificate) -> Result<VerifiedHeader<'_>, Error> {
        let given = sm3::digest(owner.raw());
        if given != self.owner {
            return Err(Error::Mismatch {
                what: "owner of the envelope",
                expected: self.owner.to_string(),
                found: given.to_string(),
            });
        }
        let bad = || Error::SignatureBad { what: "envelope header" };
        let signature = Signature::from_raw(&self.signature).map_err(|_| bad())?;
        let key = owner.sm2_key().ok_or_else(bad)?;
        key.verify(DEFAULT_ID, &self.sign_bytes(), &signature).map_err(|_| bad())?;
        Ok(VerifiedHeader(self))
    }

    /// Writes it where a body follows in the same file.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::TooMany`].
    pub fn write_before_body(&self, out: &mut impl Write) -> Result<(), Error> {
        let der = self.to_der();
        let (max, found) = (Self::MAX_LEN as u64, der.len() as u64);
        let too_many = Error::TooMany { what: "octets of header", max, found };
        let length = u32::try_from(der.len()).map_err(|_| too_many)?;
        let parts: [&[u8]; 3] = [&MAGIC, &length.to_be_bytes(), &der];
        parts.iter().try_for_each(|part| out.write_all(part)).map_err(|e| Error::io(&e))
    }

    /// Reads it from a file in which a body follows; the input then stands at the body's first octet.
    ///
    /// # Errors
    /// [`Error::ValueBad`] for another file, [`Error::TooMany`], [`Error::Truncated`], [`Error::Wire`], [`Error::Io`].
    pub fn read_before_body(input: &mut impl Read) -> Result<Self, Error> {
        let mut start = [0; 12];
        if fill(input, &mut start).map_err(|e| Error::io(&e))? < start.len() {
            return Err(Error::Truncated { what: "envelope" });
        }
        let [magic @ .., a, b, c, d] = start;
        if magic != MAGIC {
            let found = String::from_utf8_lossy(&magic).into_owned();
            return Err(Error::ValueBad { what: "envelope", found });
        }
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        let max = Self::MAX_LEN as u64;
        if length > max {
            return Err(Error::TooMany { what: "octets of header", max, found: length });
        }
        let mut der = Vec::new();
        input.take(length).read_to_end(&mut der).map_err(|e| Error::io(&e))?;
        if (der.len() as u64) < length {
            return Err(Error::Truncated { what: "envelope" });
        }
        Ok(Self::from_der(&der)?)
    }

    fn sign(
        mut self,
        owner: Owner<'_>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        if owner.certificate.sm2_key() != Some(owner.key.public_key()) {
            return Err(Error::SigningFailed);
        }
        self.owner = sm3::digest(owner.certificate.raw());
        let signature = owner.key.sign(DEFAULT_ID, &self.sign_bytes(), rng);
        self.signature = signature.map_err(|_| Error::SigningFailed)?.to_raw();
        Ok(self)
    }
}

impl VerifiedHeader<'_> {
    /// What the body is.
    #[must_use]
    pub const fn content(&self) -> Content {
        self.0.content
    }

    /// Which header this is, from 1.
    #[must_use]
    pub const fn revision(&self) -> u32 {
        self.0.revision
    }

    /// SM3 of the header before; none before the first.
    #[must_use]
    pub const fn previous(&self) -> Option<Digest> {
        self.0.previous
    }

    /// SM3 of each recipient's certificate, rising.
    pub fn recipients(&self) -> impl Iterator<Item = Digest> {
        self.0.recipients.keys().copied()
    }

    /// The secret, for one recipient.
    ///
    /// # Errors
    /// [`Error::NotAddressed`], [`Error::KeyWrong`].
    pub fn open(
        &self,
        certificate: &Certificate,
        key: &PrivateKey,
    ) -> Result<ContentSecret, Error> {
        let certificate = sm3::digest(certificate.raw());
        let wrapped = self.0.recipients.get(&certificate);
        let wrapped = wrapped.ok_or(Error::NotAddressed { certificate })?;
        ContentSecret::unwrap(wrapped, key, &self.0.content.id())
    }

    /// The next header: recipients come and go, the body stays. The owner's own certificate may be a new one.
    ///
    /// Who opened an earlier header may have kept the secret: taking a recipient out keeps it from *future* copies of the header, no
    /// more. Content that it must not be able to read any longer is written anew under another secret.
    ///
    /// # Errors
    /// As [`Header::new`]; [`Error::NotAddressed`] for a recipient that goes and was none.
    pub fn change(
        &self,
        secret: &ContentSecret,
        changes: Changes<'_>,
        owner: Owner<'_>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Header, Error> {
        secret.check(&self.0.content.id())?;
        let mut next = self.0.clone();
        for certificate in changes.remove {
            let gone = next.recipients.remove(certificate);
            gone.ok_or(Error::NotAddressed { certificate: *certificate })?;
        }
        wrap_all(&mut next.recipients, secret, changes.add, rng)?;
        let limit = Error::TooMany { what: "revisions", max: u32::MAX.into(), found: 1 << 32 };
        next.revision = self.0.revision.checked_add(1).ok_or(limit)?;
        next.previous = Some(self.0.digest());
        next.sign(owner, rng)
    }
}

fn wrap_all(
    recipients: &mut BTreeMap<Digest, Vec<u8>>,
    secret: &ContentSecret,
    certificates: &[Certificate],
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<(), Error> {
    for certificate in certificates {
        let key = certificate.sm2_key().ok_or_else(|| Error::ValueBad {
            what: "a recipient's certificate without SM2 key",
            found: certificate.subject().to_string(),
        })?;
        recipients.insert(sm3::digest(certificate.raw()), secret.wrap(key, rng)?);
    }
    if recipients.len() > MAX_RECIPIENTS {
        let (max, found) = (MAX_RECIPIENTS as u64, recipients.len() as u64);
        return Err(Error::TooMany { what: "recipients", max, found });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{ChunkSize, Writer};
    use crate::sample::{Party, rng};

    fn content(text: &[u8]) -> (Content, ContentSecret) {
        let secret = ContentSecret::generate(&mut rng());
        let mut writer = Writer::new(Vec::new(), &secret, ChunkSize::default(), &mut rng());
        writer.write_all(text).unwrap();
        (writer.finish().unwrap().1, secret)
    }

    #[test]
    fn recipients_come_and_go_while_the_content_stays() {
        let [owner, a, b, c] = ["局", "甲", "乙", "丙"].map(Party::new);
        let (content, secret) = content(b"rows");
        let to = [a.certificate.clone(), b.certificate.clone()];
        let first = Header::new(content, &secret, &to, owner.owner(), &mut rng()).unwrap();
        let first = Header::from_der(&first.to_der()).unwrap();
        let verified = first.verify(&owner.certificate).unwrap();
        for party in [&a, &b] {
            assert!(verified.open(&party.certificate, &party.key).is_ok());
        }
        let refused = verified.open(&c.certificate, &c.key).unwrap_err();
        assert!(matches!(refused, Error::NotAddressed { .. }));
        assert_eq!(verified.open(&a.certificate, &c.key).unwrap_err(), Error::KeyWrong);

        let gone = [sm3::digest(b.certificate.raw())];
        let add = [c.certificate.clone()];
        let changes = Changes { add: &add, remove: &gone };
        let second = verified.change(&secret, changes, owner.owner(), &mut rng()).unwrap();
        let verified = second.verify(&owner.certificate).unwrap();
        assert_eq!((verified.revision(), verified.previous()), (2, Some(first.digest())));
        assert_eq!(verified.content(), content, "the anchored digest is the same");
        assert!(verified.open(&a.certificate, &a.key).is_ok());
        assert!(verified.open(&c.certificate, &c.key).is_ok());
        assert!(verified.open(&b.certificate, &b.key).is_err());
        let again = verified.change(&secret, changes, owner.owner(), &mut rng());
        assert!(matches!(again, Err(Error::NotAddressed { .. })), "gone already");
    }

    #[test]
    fn only_the_owner_changes_a_header() {
        let [owner, a, thief] = ["局", "甲", "贼"].map(Party::new);
        let (content, secret) = content(b"rows");
        let to = [a.certificate.clone()];
        let header = Header::new(content, &secret, &to, owner.owner(), &mut rng()).unwrap();
        let wrong = header.verify(&thief.certificate).unwrap_err();
        assert!(matches!(wrong, Error::Mismatch { .. }), "{wrong}");
        // A recipient knows the secret; it still cannot address anybody in the owner's name.
        let add = [thief.certificate.clone()];
        let forged = header
            .verify(&owner.certificate)
            .unwrap()
            .change(&secret, Changes { add: &add, remove: &[] }, a.owner(), &mut rng())
            .unwrap();
        assert!(forged.verify(&owner.certificate).is_err());
        let renamed = Header { owner: header.owner, ..forged };
        let bad = Err(Error::SignatureBad { what: "envelope header" });
        assert_eq!(renamed.verify(&owner.certificate).map(|_| ()), bad);
        let key = Owner { certificate: &owner.certificate, key: &thief.key };
        assert!(Header::new(content, &secret, &to, key, &mut rng()).is_err(), "key of another");
        let other = ContentSecret::generate(&mut rng());
        let mixed = Header::new(content, &other, &to, owner.owner(), &mut rng());
        assert_eq!(mixed.unwrap_err(), Error::KeyWrong, "secret of another content");
    }

    #[test]
    fn each_octet_of_a_header_counts() {
        let [owner, a] = ["局", "甲"].map(Party::new);
        let (content, secret) = content(b"rows");
        let to = [a.certificate.clone()];
        let header = Header::new(content, &secret, &to, owner.owner(), &mut rng()).unwrap();
        let der = header.to_der();
        for at in 0..der.len() {
            let mut changed = der.clone();
            changed[at] ^= 1;
            let holds =
                Header::from_der(&changed).is_ok_and(|h| h.verify(&owner.certificate).is_ok());
            assert!(!holds, "octet {at}");
            assert!(Header::from_der(&der[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_header_before_its_body_is_found_again() {
        let [owner, a] = ["局", "甲"].map(Party::new);
        let (content, secret) = content(b"rows");
        let to = [a.certificate.clone()];
        let header = Header::new(content, &secret, &to, owner.owner(), &mut rng()).unwrap();
        let mut file = Vec::new();
        header.write_before_body(&mut file).unwrap();
        file.extend_from_slice(b"body");
        let mut input = &file[..];
        assert_eq!(Header::read_before_body(&mut input), Ok(header));
        assert_eq!(input, b"body");
        for cut in 0..file.len() - 4 {
            assert!(Header::read_before_body(&mut &file[..cut]).is_err(), "{cut}");
        }
        let mut huge = file.clone();
        huge[8..12].fill(0xff);
        let error = Header::read_before_body(&mut &huge[..]).unwrap_err();
        assert!(matches!(error, Error::TooMany { .. }), "four gigabytes are not awaited");
    }
}
