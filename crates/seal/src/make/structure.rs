//! The DER structures of v4, written by `der`.
//!
//! ```asn1
//! SESeal        ::= SEQUENCE { eSealInfo SES_SealInfo, cert OCTET STRING, signAlgID OBJECT IDENTIFIER, signedValue BIT STRING }
//! SES_SealInfo  ::= SEQUENCE { header SES_Header, esID IA5String, property SES_ESPropertyInfo, picture SES_ESPictrueInfo }
//! SES_Signature ::= SEQUENCE { toSign TBS_Sign, cert OCTET STRING, signatureAlgID OBJECT IDENTIFIER, signature BIT STRING }
//! TBS_Sign      ::= SEQUENCE { version INTEGER, eseal SESeal, timeInfo GeneralizedTime, dataHash BIT STRING, propertyInfo IA5String }
//! ```

use core::time::Duration;

use der::asn1::{
    AnyRef, BitStringRef, GeneralizedTime, Ia5StringRef, ObjectIdentifier, OctetStringRef,
    PrintableStringRef, Utf8StringRef,
};
use der::{Encode, Sequence};
use yinxin_verdict::UnixTime;

use super::SealDraft;
use crate::{CertList, Seal, SealError, Version};

/// SM2 signature with SM3.
const SM2_WITH_SM3: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.501");

#[derive(Sequence)]
struct Header<'a> {
    id: Ia5StringRef<'a>,
    version: u64,
    vid: Ia5StringRef<'a>,
}

#[derive(Sequence)]
struct Property<'a> {
    kind: u64,
    name: Utf8StringRef<'a>,
    cert_list_type: u8,
    cert_list: AnyRef<'a>,
    create_date: GeneralizedTime,
    valid_start: GeneralizedTime,
    valid_end: GeneralizedTime,
}

#[derive(Sequence)]
struct CertDigestObj<'a> {
    kind: PrintableStringRef<'a>,
    value: &'a OctetStringRef,
}

#[derive(Sequence)]
struct PictureInfo<'a> {
    format: Ia5StringRef<'a>,
    data: &'a OctetStringRef,
    width: u64,
    height: u64,
}

#[derive(Sequence)]
struct SealInfo<'a> {
    header: Header<'a>,
    es_id: Ia5StringRef<'a>,
    property: Property<'a>,
    picture: PictureInfo<'a>,
}

/// `SESeal` and `SES_Signature` are the same four fields: what is signed, by whom, how, the value.
#[derive(Sequence)]
struct Signed<'a> {
    signed: AnyRef<'a>,
    cert: &'a OctetStringRef,
    algorithm: ObjectIdentifier,
    value: BitStringRef<'a>,
}

#[derive(Sequence)]
struct TbsSign<'a> {
    version: u64,
    eseal: AnyRef<'a>,
    time_info: GeneralizedTime,
    data_hash: BitStringRef<'a>,
    property_info: Ia5StringRef<'a>,
}

pub(super) fn seal_info(draft: &SealDraft) -> Result<Vec<u8>, SealError> {
    let (cert_list_type, list) = cert_list(&draft.signers)?;
    let picture = &draft.picture;
    let info = SealInfo {
        header: Header {
            id: ia5("header.ID", "ES")?,
            version: Version::V4.shape().numbers[0],
            vid: ia5("Vid", &draft.vendor)?,
        },
        es_id: ia5("esID", &draft.id)?,
        property: Property {
            kind: draft.kind,
            name: Utf8StringRef::new(&draft.name).map_err(too_long("name"))?,
            cert_list_type,
            cert_list: any(&list)?,
            create_date: generalized("createDate", draft.created)?,
            valid_start: generalized("validStart", draft.valid_from)?,
            valid_end: generalized("validEnd", draft.valid_until)?,
        },
        picture: PictureInfo {
            format: ia5("picture.type", &picture.format)?,
            data: octets(&picture.data)?,
            width: picture.width_mm,
            height: picture.height_mm,
        },
    };
    info.to_der().map_err(too_long("seal"))
}

pub(super) fn seal(info: &[u8], maker: &[u8], value: &[u8]) -> Result<Vec<u8>, SealError> {
    signed(info, maker, value)
}

pub(super) fn signature(tbs: &[u8], signer: &[u8], value: &[u8]) -> Result<Vec<u8>, SealError> {
    signed(tbs, signer, value)
}

fn signed(what: &[u8], cert: &[u8], value: &[u8]) -> Result<Vec<u8>, SealError> {
    let signed = Signed {
        signed: any(what)?,
        cert: octets(cert)?,
        algorithm: SM2_WITH_SM3,
        value: bits(value)?,
    };
    signed.to_der().map_err(too_long("signature"))
}

pub(super) fn tbs(
    seal: &Seal,
    at: UnixTime,
    hash: &[u8],
    path: &str,
) -> Result<Vec<u8>, SealError> {
    if seal.version.shape().nested {
        return Err(SealError::Draft {
            field: "seal",
            expected: "a seal of GB/T 38540 or later; v1 seals are only verified",
            found: seal.version.standard().to_owned(),
        });
    }
    let tbs = TbsSign {
        version: seal.number,
        eseal: any(seal.as_bytes())?,
        time_info: generalized("timeInfo", at)?,
        data_hash: bits(hash)?,
        property_info: ia5("propertyInfo", path)?,
    };
    tbs.to_der().map_err(too_long("TBS_Sign"))
}

fn cert_list(list: &CertList) -> Result<(u8, Vec<u8>), SealError> {
    match list {
        CertList::Certificates(certs) => {
            let certs = certs.iter().map(|c| octets(c)).collect::<Result<Vec<_>, _>>()?;
            Ok((1, certs.to_der().map_err(too_long("certList"))?))
        }
        CertList::Digests(digests) => {
            let digests = digests
                .iter()
                .map(|d| {
                    let kind =
                        PrintableStringRef::new(&d.kind).map_err(too_long("CertDigestObj.type"))?;
                    Ok(CertDigestObj { kind, value: octets(&d.value)? })
                })
                .collect::<Result<Vec<_>, SealError>>()?;
            Ok((2, digests.to_der().map_err(too_long("certList"))?))
        }
    }
}

fn ia5<'a>(field: &'static str, text: &'a str) -> Result<Ia5StringRef<'a>, SealError> {
    Ia5StringRef::new(text).map_err(|_| SealError::Draft {
        field,
        expected: "ASCII",
        found: text.to_owned(),
    })
}

fn generalized(field: &'static str, time: UnixTime) -> Result<GeneralizedTime, SealError> {
    u64::try_from(time.as_secs())
        .ok()
        .and_then(|secs| GeneralizedTime::from_unix_duration(Duration::from_secs(secs)).ok())
        .ok_or_else(|| SealError::Draft {
            field,
            expected: "a time in the years 1970 to 9999",
            found: time.to_string(),
        })
}

fn any(der: &[u8]) -> Result<AnyRef<'_>, SealError> {
    AnyRef::try_from(der).map_err(too_long("SESeal"))
}

fn octets(bytes: &[u8]) -> Result<&OctetStringRef, SealError> {
    OctetStringRef::new(bytes).map_err(too_long("OCTET STRING"))
}

fn bits(bytes: &[u8]) -> Result<BitStringRef<'_>, SealError> {
    BitStringRef::from_bytes(bytes).map_err(too_long("BIT STRING"))
}

/// `der` refuses values beyond 256 MiB and characters outside a type's set; the draft's checks leave nothing else.
fn too_long(field: &'static str) -> impl Fn(der::Error) -> SealError {
    move |error| SealError::Draft { field, expected: "encodable as DER", found: error.to_string() }
}
