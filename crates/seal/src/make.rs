//! Making v4 seals and signatures, strictly: one DER form, and nothing is made that a verifier would refuse.

mod structure;

use rand_core::CryptoRng;
use yinxin_gm::{
    sm2::{DEFAULT_ID, PrivateKey},
    sm3,
};
use yinxin_pki::Certificate;
use yinxin_verdict::UnixTime;

use crate::{CertList, Picture, Seal, SealError, SealSignature};

/// A seal before its maker has signed it.
///
/// ```no_run
/// # use yinxin_seal::{CertList, Picture, SealDraft};
/// # use yinxin_verdict::UnixTime;
/// # fn f(signer: &yinxin_pki::Certificate, maker: &yinxin_pki::Certificate, key: &yinxin_gm::sm2::PrivateKey,
/// #      picture: Picture, now: UnixTime, rng: &mut impl rand_core::CryptoRng) -> Result<(), yinxin_seal::SealError> {
/// let draft = SealDraft {
///     id: "5301020012345".into(),
///     vendor: "yinxin".into(),
///     kind: 1,
///     name: "昆明市市场监督管理局".into(),
///     signers: CertList::Certificates(vec![signer.raw().to_vec()]),
///     created: now,
///     valid_from: now,
///     valid_until: signer.not_after(),
///     picture,
/// };
/// let seal = draft.sign(maker, key, rng)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_structs,
    reason = "a field of the standard that is left out must not compile"
)]
pub struct SealDraft {
    /// `esID`: unique among the maker's seals; ASCII.
    pub id: String,
    /// `Vid`: the maker of the software; ASCII.
    pub vendor: String,
    /// `type`; 1 is an organisation's seal, other codes are the business's own.
    pub kind: u64,
    /// The seal's name, usually the organisation's.
    pub name: String,
    /// Who may use it.
    pub signers: CertList,
    /// When it was made; whole seconds are kept.
    pub created: UnixTime,
    /// From when it may be used.
    pub valid_from: UnixTime,
    /// Until when it may be used.
    pub valid_until: UnixTime,
    /// What it looks like.
    pub picture: Picture,
}

impl SealDraft {
    /// Has the maker sign it.
    ///
    /// # Errors
    /// [`SealError::Draft`] when a field does not fit, [`SealError::SignerKey`] when the key is not the certificate's,
    /// [`SealError::Signing`].
    ///
    /// # Panics
    /// Never, unless the writer here and the reader disagree about the standard's form: a bug.
    pub fn sign(
        &self,
        maker: &Certificate,
        key: &PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Seal, SealError> {
        self.check(maker)?;
        same_key(maker, key)?;
        let info = structure::seal_info(self)?;
        let value = key.sign(DEFAULT_ID, &info, rng).map_err(|_| SealError::Signing)?;
        let bytes = structure::seal(&info, maker.raw(), &value.to_der())?;
        let seal = Seal::parse(&bytes)?;
        assert!(seal.deviations.is_empty(), "what is made here is strict: {:?}", seal.deviations);
        Ok(seal)
    }

    fn check(&self, maker: &Certificate) -> Result<(), SealError> {
        let Self { id, vendor, kind: _, name, signers, created, valid_from, valid_until, picture } =
            self;
        let refuse =
            |field, expected, found: String| Err(SealError::Draft { field, expected, found });
        for (field, text) in [("esID", id), ("Vid", vendor)] {
            if text.is_empty() || text.len() > 128 || !text.bytes().all(|b| b.is_ascii_graphic()) {
                return refuse(field, "1 to 128 ASCII characters without spaces", text.clone());
            }
        }
        if name.trim().is_empty()
            || name.chars().count() > 200
            || name.chars().any(char::is_control)
        {
            return refuse("name", "1 to 200 characters", name.clone());
        }
        if signers.is_empty() || signers.len() > crate::parse::MAX_SIGNERS {
            return refuse("certList", "1 to 1024 signers", signers.len().to_string());
        }
        if valid_from >= valid_until {
            return refuse("validEnd", "a time after validStart", valid_until.to_string());
        }
        if *created < maker.not_before() || *created > maker.not_after() {
            return refuse(
                "createDate",
                "a time at which the maker's certificate is valid",
                created.to_string(),
            );
        }
        let Picture { format, data, width_mm, height_mm } = picture;
        if format.is_empty()
            || format.len() > 16
            || !format.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            return refuse("picture.type", "PNG, SVG, GIF, BMP, JPG or OFD", format.clone());
        }
        if data.is_empty() || data.len() > crate::MAX_SEAL_BYTES / 4 {
            return refuse("picture.data", "1 byte to 4 MiB", data.len().to_string());
        }
        // 200 mm: across a whole page; no seal is larger.
        if ![*width_mm, *height_mm].iter().all(|mm| (1..=200).contains(mm)) {
            return refuse("picture.width", "1 to 200 mm", format!("{width_mm} × {height_mm}"));
        }
        Ok(())
    }
}

impl SealSignature {
    /// Signs a file, in OFD Signature.xml, with a seal: GM/T 0031 6.2.2 c) to h). Trust in the seal and in the signer's
    /// certificate is the caller's to check.
    ///
    /// # Errors
    /// [`SealError::SignerNotInSeal`], [`SealError::SignerKey`], [`SealError::Draft`] for a v1 seal, a path that is not
    /// ASCII or a signing time outside the seal's or the certificate's validity, [`SealError::Signing`].
    pub fn sign(
        seal: &Seal,
        content: &[u8],
        content_path: &str,
        signing_time: UnixTime,
        signer: &Certificate,
        key: &PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SealError> {
        // b) and c)
        seal.signers.names(signer.raw()).map_err(|_| SealError::SignerNotInSeal)?;
        same_key(signer, key)?;
        check_time(seal, signer, signing_time)?;
        // d) to f)
        let hash = sm3::digest(content);
        let tbs = structure::tbs(seal, signing_time, hash.as_bytes(), content_path)?;
        // g)
        let value = key.sign(DEFAULT_ID, &tbs, rng).map_err(|_| SealError::Signing)?;
        // h)
        let bytes = structure::signature(&tbs, signer.raw(), &value.to_der())?;
        Self::parse(&bytes)
    }
}

fn check_time(seal: &Seal, signer: &Certificate, at: UnixTime) -> Result<(), SealError> {
    let at = at.floor_to_second();
    if at < seal.valid_from || at > seal.valid_until {
        return Err(bad_time("a time at which the seal is valid", at));
    }
    check_signer_time(signer, at)
}

pub(crate) fn check_signer_time(signer: &Certificate, at: UnixTime) -> Result<(), SealError> {
    if at < signer.not_before() || at > signer.not_after() {
        return Err(bad_time("a time at which the signer's certificate is valid", at));
    }
    Ok(())
}

fn bad_time(expected: &'static str, at: UnixTime) -> SealError {
    SealError::Draft { field: "signing time", expected, found: at.to_string() }
}

pub(crate) fn same_key(certificate: &Certificate, key: &PrivateKey) -> Result<(), SealError> {
    let theirs = certificate.sm2_key().map(|k| k.to_sec1());
    if theirs == Some(key.public_key().to_sec1()) { Ok(()) } else { Err(SealError::SignerKey) }
}
