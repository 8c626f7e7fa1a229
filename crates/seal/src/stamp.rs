//! Stamping: an OFD goes in, a stamped OFD comes out.

use rand_core::CryptoRng;
use yinxin_gm::sm2::PrivateKey;
use yinxin_ofd::{
    Draft, Limits, Mode, OfdError, Package, Prepared, Provider, Rect, SignatureKind, StampPlace,
    append_signature,
};
use yinxin_pki::Certificate;
use yinxin_pki::signed_data::{self, Content, Options};
use yinxin_verdict::UnixTime;

use crate::{Seal, SealError, SealSignature, make};

/// Who signs, when, and whether others may sign after.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "callers fill it; nothing of it has a safe default")]
pub struct Signer<'a> {
    /// The signer's certificate.
    pub certificate: &'a Certificate,
    /// The certificate's key.
    pub key: &'a PrivateKey,
    /// The signing time; whole seconds are kept.
    pub time: UnixTime,
    /// Whether the list of signatures is protected, so that no one may sign after.
    pub mode: Mode,
}

/// A package that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signed {
    /// The package.
    pub ofd: Vec<u8>,
    /// The new signature's `ID` in the list of signatures.
    pub id: String,
    /// SignedValue.dat: what is anchored of a sealed document is its SM3.
    pub signed_value: Vec<u8>,
}

/// The whole seal with its upper left corner at a point of a page, in millimetres; pages count from 0.
#[must_use]
pub fn place(seal: &Seal, page: usize, x: f64, y: f64) -> StampPlace {
    let (width, height) = size(seal);
    StampPlace { page, boundary: Rect::new(x, y, width, height), clip: None }
}

/// A seal across the right edges of pages (骑缝章), a slice on each: `pages` are the page and its width in mm, from the
/// first; `y` is the seal's upper edge.
#[must_use]
pub fn riding_seam(seal: &Seal, pages: &[(usize, f64)], y: f64) -> Vec<StampPlace> {
    let (width, height) = size(seal);
    // More pages than a u16 counts make slices thinner than a hair; the rest goes without.
    let count = u16::try_from(pages.len().max(1)).unwrap_or(u16::MAX);
    let slice = width / f64::from(count);
    (0..count)
        .zip(pages)
        .map(|(i, (page, page_width))| {
            let left = slice * f64::from(i);
            StampPlace {
                page: *page,
                boundary: Rect::new(page_width - left - slice, y, width, height),
                clip: Some(Rect::new(left, 0.0, slice, height)),
            }
        })
        .collect()
}

/// The seal's size in mm; beyond 1000 mm is no seal but a mistake, and drawn as 1000.
fn size(seal: &Seal) -> (f64, f64) {
    let mm = |v: u64| f64::from(u16::try_from(v).unwrap_or(u16::MAX).min(1000));
    (mm(seal.picture.width_mm), mm(seal.picture.height_mm))
}

/// Stamps an OFD: `Type="Seal"`, the value an `SES_Signature`.
///
/// ```no_run
/// # use yinxin_seal::{Seal, Signer, place, stamp};
/// # fn f(ofd: &[u8], seal: &Seal, signer: &Signer<'_>, rng: &mut impl rand_core::CryptoRng)
/// # -> Result<(), yinxin_seal::SealError> {
/// let stamped = stamp(ofd, seal, &[place(seal, 0, 140.0, 220.0)], signer, rng)?;
/// std::fs::write("stamped.ofd", stamped.ofd).unwrap();
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`SealError::Package`] when the OFD cannot be read or signed; else as [`SealSignature::sign`].
pub fn stamp(
    ofd: &[u8],
    seal: &Seal,
    places: &[StampPlace],
    signer: &Signer<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Signed, SealError> {
    let mut draft = draft(SignatureKind::Seal, signer);
    draft.stamps = places.to_vec();
    draft.seal = Some(seal.as_bytes().to_vec());
    let prepared = prepare(ofd, &draft)?;
    let signature = SealSignature::sign(
        seal,
        prepared.signature_xml(),
        &prepared.property_info(),
        signer.time,
        signer.certificate,
        signer.key,
        rng,
    )?;
    finish(prepared, signature.as_bytes().to_vec())
}

/// Signs an OFD without a seal: `Type="Sign"`, the value a GB/T 35275 message whose signed attributes hold the SM3 of
/// Signature.xml and the time. `others` help to build the signer's chain and travel along.
///
/// # Errors
/// [`SealError::SignerKey`], [`SealError::Draft`] for a time outside the certificate's validity, [`SealError::Package`],
/// [`SealError::Signing`].
pub fn sign(
    ofd: &[u8],
    signer: &Signer<'_>,
    others: &[Certificate],
    rng: &mut impl CryptoRng,
) -> Result<Signed, SealError> {
    make::same_key(signer.certificate, signer.key)?;
    make::check_signer_time(signer.certificate, signer.time.floor_to_second())?;
    let prepared = prepare(ofd, &draft(SignatureKind::Sign, signer))?;
    let chain: Vec<_> = [signer.certificate].into_iter().chain(others).cloned().collect();
    let content = Content::Detached(prepared.signature_xml());
    let options = Options { signing_time: Some(signer.time.floor_to_second()) };
    let value = signed_data::make(content, &chain, signer.key, options, rng)
        .map_err(|_| SealError::Signing)?;
    finish(prepared, value)
}

fn draft(kind: SignatureKind, signer: &Signer<'_>) -> Draft {
    let provider = Provider::new("yinxin", "yinxin", env!("CARGO_PKG_VERSION"));
    let mut draft = Draft::new(kind, provider, signer.time.floor_to_second());
    draft.mode = signer.mode;
    draft
}

fn prepare(ofd: &[u8], draft: &Draft) -> Result<Prepared, SealError> {
    let package = Package::open(ofd, &Limits::default()).map_err(package_error)?;
    append_signature(&package, draft).map_err(package_error)
}

fn finish(prepared: Prepared, signed_value: Vec<u8>) -> Result<Signed, SealError> {
    let id = prepared.id().to_owned();
    let ofd = prepared.finish(signed_value.clone()).map_err(package_error)?;
    Ok(Signed { ofd, id, signed_value })
}

fn package_error(error: OfdError) -> SealError {
    SealError::Package(Box::new(error))
}
