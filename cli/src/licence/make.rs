//! From a draft to a sealed document and the record that will anchor it.

use yinxin_gm::{Digest, sm3};
use yinxin_licence::{Draft, Error, Fonts, Identifier, Issued, Issuer, Printed, Sealed};
use yinxin_ofd::{Mode, Rect, StampPlace};
use yinxin_record::{IssueLicence, LicenceIdentifier, LicenceTypeCode};
use yinxin_seal::{Seal, Signer as SealSigner, stamp};
use yinxin_verdict::UnixTime;

use super::failure;
use crate::{
    fail::{Class, Classed, Done, Failure},
    keys::{self, Signer},
    rng,
};

const DAY_MS: i64 = 86_400_000;

/// Everything that all licences of a batch share.
pub(super) struct Workshop {
    /// Who issues.
    pub(super) issuer: Issuer,
    /// The issuer's key and certificate.
    pub(super) signer: Signer,
    /// The issuer's seal.
    pub(super) seal: Seal,
    /// The page's fonts.
    pub(super) fonts: Fonts,
    /// Where a printed code leads.
    pub(super) address: String,
}

impl Workshop {
    /// Gives a draft its identifier and metadata.
    pub(super) fn issue(
        &self,
        draft: Draft,
        previous: Option<&Identifier>,
        at: UnixTime,
    ) -> Result<Issued, yinxin_licence::Refusal> {
        draft.issue(&self.issuer, previous, &self.fonts, at)
    }

    /// Lays out the page and stamps it.
    pub(super) fn seal(
        &self,
        issued: Issued,
        at: UnixTime,
    ) -> Result<Sealed, yinxin_licence::Refusal> {
        let sign = |message: &[u8]| {
            keys::sign(&self.signer.key, message, &mut rng::os())
                .map(|s| s.to_raw())
                .map_err(|_| Error::StampFailed { why: "the key cannot sign".to_owned() })
        };
        let code =
            Printed::sign(&self.address, issued.identifier(), issued.metadata_digest(), sign)?;
        let ofd = issued.to_ofd(&code, &self.fonts)?;
        let sealed = issued.seal(&ofd, |ofd, place| {
            let boundary = Rect::new(place.x, place.y, place.w, place.h);
            let who = SealSigner {
                certificate: &self.signer.certificate,
                key: &self.signer.key,
                time: at,
                mode: Mode::Append,
            };
            let places = [StampPlace { page: 0, boundary, clip: None }];
            stamp(ofd, &self.seal, &places, &who, &mut rng::os()).map(|signed| signed.ofd)
        })?;
        Ok(sealed)
    }
}

/// What the ledger is told of a licence.
pub(super) fn act(sealed: &Sealed) -> Done<IssueLicence> {
    let m = sealed.metadata();
    Ok(IssueLicence {
        identifier: LicenceIdentifier::new(m.identifier.as_str()).class(Class::Internal)?,
        type_code: LicenceTypeCode::new(&m.type_code).class(Class::Usage)?,
        content: content(sealed),
        document: sealed.signed_value(),
        valid_from: day(&m.valid_from.to_string())?,
        valid_until: match &m.valid_to {
            Some(last) => Some(day(&last.to_string())?.plus_millis(DAY_MS)),
            None => None,
        },
    })
}

/// SM3 over salt and metadata. The salt is the digest of SignedValue.dat: random, because a signature is in it, and known to whoever has
/// the document, so nothing more need be kept.
fn content(sealed: &Sealed) -> Digest {
    let metadata = sealed.metadata().to_items().to_xml();
    sm3::digest_all(&[sealed.signed_value().as_bytes(), metadata.as_bytes()])
}

/// The first instant of a day in China.
fn day(text: &str) -> Done<UnixTime> {
    UnixTime::parse(text).map_err(|e| Failure::bug(format!("a date of a licence: {e}")))
}

/// A licence library's refusal as a failure.
pub(super) fn refused(refusal: &yinxin_licence::Refusal) -> Failure {
    let failure = failure(&refusal.cause);
    if refusal.field.is_empty() { failure } else { failure.at(&refusal.field) }
}
