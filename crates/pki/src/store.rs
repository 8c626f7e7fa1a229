//! What a verifier trusts, and what only helps to build chains.

use std::collections::HashMap;

use yinxin_verdict::Reason;

use crate::{
    certificate::Certificate,
    crl::Crl,
    error::{Kind, PkiError},
    name::Name,
    pem,
};

/// Certificates and lists that come with a signature: help for building chains, never trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a pair of lists that callers fill")]
pub struct Pool {
    /// Certificates in any order.
    pub certificates: Vec<Certificate>,
    /// Revocation lists in any order.
    pub crls: Vec<Crl>,
}

/// Anchors, intermediates and revocation lists.
///
/// A certificate whose own key verifies its signature is an anchor; any other only helps to build chains.
///
/// ```
/// use yinxin_pki::TrustStore;
///
/// let store = TrustStore::new(); // without a folder, nothing is trusted
/// assert!(store.anchors().next().is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    certificates: Vec<(Certificate, bool)>,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    crls: HashMap<Vec<u8>, Vec<Crl>>,
}

/// What a file added to a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Added {
    /// Certificates that are trusted now.
    pub anchors: usize,
    /// Certificates that help to build chains.
    pub intermediates: usize,
    /// Revocation lists.
    pub crls: usize,
}

impl TrustStore {
    /// Trusts nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds whatever certificates and lists a file holds, DER or PEM, several to a PEM file.
    ///
    /// # Errors
    /// [`PkiError`] for a file that holds neither, or a malformed one; nothing of it is added then.
    pub fn add(&mut self, bytes: &[u8]) -> Result<Added, PkiError> {
        let pool = Pool::read(bytes)?;
        let mut added = Added::default();
        for certificate in pool.certificates {
            if self.add_certificate(certificate) {
                added.anchors += 1;
            } else {
                added.intermediates += 1;
            }
        }
        for crl in pool.crls {
            self.add_crl(crl);
            added.crls += 1;
        }
        Ok(added)
    }

    /// Adds a certificate; tells whether it is an anchor.
    pub fn add_certificate(&mut self, certificate: Certificate) -> bool {
        let anchor = is_self_signed(&certificate);
        self.insert(certificate, anchor);
        anchor
    }

    /// Adds a certificate as an anchor although another issued it: the caller's own decision.
    pub fn add_anchor(&mut self, certificate: Certificate) {
        self.insert(certificate, true);
    }

    fn insert(&mut self, certificate: Certificate, anchor: bool) {
        let places = self.by_subject.entry(certificate.subject().key().to_vec()).or_default();
        match places.iter().find(|i| self.certificates.get(**i).is_some_and(|c| c.0 == certificate))
        {
            Some(known) => self.certificates[*known].1 |= anchor,
            None => {
                places.push(self.certificates.len());
                self.certificates.push((certificate, anchor));
            }
        }
    }

    /// Adds a revocation list.
    pub fn add_crl(&mut self, crl: Crl) {
        let known = self.crls.entry(crl.issuer().key().to_vec()).or_default();
        if !known.contains(&crl) {
            known.push(crl);
        }
    }

    /// The certificates that are trusted.
    pub fn anchors(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter().filter(|(_, anchor)| *anchor).map(|(c, _)| c)
    }

    /// Every certificate.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter().map(|(c, _)| c)
    }

    /// Every revocation list.
    pub fn crls(&self) -> impl Iterator<Item = &Crl> {
        self.crls.values().flatten()
    }

    /// Whether this very certificate is trusted.
    #[must_use]
    pub fn is_anchor(&self, certificate: &Certificate) -> bool {
        self.with_subject(certificate.subject()).any(|(c, anchor)| anchor && c == certificate)
    }

    pub(crate) fn with_subject(
        &self,
        subject: &Name,
    ) -> impl Iterator<Item = (&Certificate, bool)> {
        let places = self.by_subject.get(subject.key()).into_iter().flatten();
        places.filter_map(|i| self.certificates.get(*i)).map(|(c, anchor)| (c, *anchor))
    }

    pub(crate) fn crls_of(&self, issuer: &Name) -> impl Iterator<Item = &Crl> {
        self.crls.get(issuer.key()).into_iter().flatten()
    }
}

impl Pool {
    /// Nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { certificates: Vec::new(), crls: Vec::new() }
    }

    /// Whatever certificates and lists a file holds.
    ///
    /// # Errors
    /// [`PkiError`] for a file that holds neither, or a malformed one.
    pub fn read(bytes: &[u8]) -> Result<Self, PkiError> {
        let mut pool = Self::new();
        match pem::sniff(bytes) {
            Some(text) => {
                for block in pem::blocks(text)? {
                    match block.label.as_str() {
                        pem::CERTIFICATE => pool.certificates.push(Certificate::parse(&block.der)?),
                        pem::CRL => pool.crls.push(Crl::parse(&block.der)?),
                        _ => {}
                    }
                }
            }
            None => match Certificate::parse(bytes) {
                Ok(certificate) => pool.certificates.push(certificate),
                // The certificate's error is told when it is no list either: certificates are what people mean.
                Err(error) => pool.crls.push(Crl::parse(bytes).map_err(|_| error)?),
            },
        }
        if pool.certificates.is_empty() && pool.crls.is_empty() {
            return Err(PkiError::NotFound { kind: Kind::Certificate });
        }
        Ok(pool)
    }
}

/// Whether a certificate's own key verifies its signature.
#[must_use]
pub fn is_self_signed(certificate: &Certificate) -> bool {
    check_self_signature(certificate) == Ok(())
}

pub(crate) fn check_self_signature(certificate: &Certificate) -> Result<(), Reason> {
    if !certificate.is_self_issued() {
        return Err(Reason::UnknownAnchor);
    }
    certificate.signature().verify(certificate.public_key(), certificate.tbs()).map(|_| ())
}
