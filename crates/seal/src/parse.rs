//! The lenient reader of foreign seals and signatures; what it forgives it writes down.

use yinxin_pki::tlv::{self, Tlv, tag};
use yinxin_verdict::UnixTime;

use crate::asn::{self, CONTEXT_0, Items, Notes, malformed};
use crate::{
    CertDigest, CertList, Extension, Picture, Seal, SealError, SealSignature, Version, time,
};

/// 16 MiB: a 60 mm seal scanned at 1200 dpi without compression, twice.
pub const MAX_SEAL_BYTES: usize = 16 << 20;
/// A seal with more signers than this is a directory; the largest met names 2.
pub(crate) const MAX_SIGNERS: usize = 1024;
/// Extensions met: at most 4.
const MAX_EXTENSIONS: usize = 64;

impl Seal {
    /// Reads an `SESeal` of any version.
    ///
    /// # Errors
    /// [`SealError::Malformed`] or [`SealError::OverLimit`]; what is merely unusual is in
    /// [`Seal::deviations`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        let mut notes = Notes::default();
        let (item, trailing) = whole(bytes, "SESeal", &mut notes)?;
        let mut seal = seal(item, notes)?;
        seal.trailing = trailing;
        Ok(seal)
    }
}

impl SealSignature {
    /// Reads an `SES_Signature` of any version.
    ///
    /// # Errors
    /// [`SealError::Malformed`] or [`SealError::OverLimit`]; what is merely unusual is in
    /// [`SealSignature::deviations`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SealError> {
        let mut notes = Notes::default();
        let (item, trailing) = whole(bytes, "SES_Signature", &mut notes)?;
        let mut signature = signature(item, notes)?;
        signature.trailing = trailing;
        Ok(signature)
    }
}

/// The outermost value, and how many bytes follow it. What is no DER anywhere inside is noted once for all.
fn whole<'a>(
    bytes: &'a [u8],
    at: &'static str,
    notes: &mut Notes,
) -> Result<(Tlv<'a>, usize), SealError> {
    if bytes.len() > MAX_SEAL_BYTES {
        return Err(SealError::OverLimit { what: at, got: bytes.len(), limit: MAX_SEAL_BYTES });
    }
    let (item, trailing) = asn::read(bytes, at)?;
    tlv::quirks(item.raw()).iter().for_each(|quirk| notes.add(format!("{at}: {quirk}")));
    Ok((item, trailing))
}

/// What stands beside the signed part of a seal: `SES_SignInfo` in v1, three fields later.
struct MakerPart<'a> {
    cert: Tlv<'a>,
    algorithm: Tlv<'a>,
    value: Tlv<'a>,
    time_stamp: Option<Tlv<'a>>,
}

fn seal(item: Tlv<'_>, mut notes: Notes) -> Result<Seal, SealError> {
    let n = &mut notes;
    let fields = Items::of(item, "SESeal")?.all(5)?;
    let (info, part, nested) = match *fields.as_slice() {
        [info, sign_info] => (info, nested_part(sign_info, n)?, true),
        [info, cert, algorithm, value] => {
            (info, MakerPart { cert, algorithm, value, time_stamp: None }, false)
        }
        [info, cert, algorithm, value, stamp] => {
            (info, MakerPart { cert, algorithm, value, time_stamp: Some(stamp) }, false)
        }
        _ => return Err(malformed("SESeal", format!("{} fields", fields.len()))),
    };
    let mut info_items = Items::of(info, "SES_SealInfo")?;

    let mut header = Items::of(info_items.next()?, "SES_Header")?;
    let header_id = asn::text(header.next()?, tag::IA5_STRING, "SES_Header.ID", n)?;
    let number = asn::integer(header.next()?, "SES_Header.version")?;
    let vendor = asn::text(header.next()?, tag::IA5_STRING, "SES_Header.Vid", n)?;
    header.end()?;

    let version = match (nested, fields.len(), number) {
        (true, ..) => Version::V1,
        (false, 5, _) | (false, _, 5) => Version::V5,
        (false, ..) => Version::V4,
    };
    let shape = version.shape();

    let id = asn::text(info_items.next()?, tag::IA5_STRING, "esID", n)?;

    let mut property = Items::of(info_items.next()?, "SES_ESPropertyInfo")?;
    let kind = asn::integer(property.next()?, "SES_ESPropertyInfo.type")?;
    let name = asn::text(property.next()?, tag::UTF8_STRING, "SES_ESPropertyInfo.name", n)?;
    let list_type = match property.next_if(tag::INTEGER)? {
        Some(item) if shape.has_list_type => asn::integer(item, "certListType")?,
        None if !shape.has_list_type => 1,
        Some(_) => return Err(malformed("SES_ESPropertyInfo", "a certListType in v1")),
        None => return Err(malformed("SES_ESPropertyInfo", "no certListType")),
    };
    let signers = cert_list(property.next()?, list_type, n)?;
    let created = asn::date(property.next()?, shape.date_tag, "createDate", n)?;
    let valid_from = asn::date(property.next()?, shape.date_tag, "validStart", n)?;
    let valid_until = asn::date(property.next()?, shape.date_tag, "validEnd", n)?;
    property.end()?;

    let picture = picture(info_items.next()?, n)?;
    let extensions = extensions(&mut info_items, n)?;
    info_items.end()?;

    Ok(Seal {
        version,
        header_id,
        number,
        vendor,
        id,
        kind,
        name,
        signers,
        created,
        valid_from,
        valid_until,
        picture,
        extensions,
        maker_cert: asn::octets(part.cert, "SESeal.cert", n)?.to_vec(),
        algorithm: asn::oid(part.algorithm, "SESeal.signAlgID")?,
        signature: asn::bits(part.value, "SESeal.signedValue", n)?.to_vec(),
        time_stamp: part.time_stamp.map(|item| token(item, n)).transpose()?,
        trailing: 0,
        raw: item.raw().to_vec(),
        info_raw: info.raw().to_vec(),
        sequence_raw: sequence_of(&[info.raw(), part.cert.raw(), part.algorithm.raw()]),
        deviations: notes.0,
    })
}

/// `SES_SignInfo`; some vendors wrap it in a BIT STRING.
fn nested_part<'a>(item: Tlv<'a>, notes: &mut Notes) -> Result<MakerPart<'a>, SealError> {
    let item = if item.tag() == tag::BIT_STRING {
        notes.add("SES_SignInfo: wrapped in a BIT STRING");
        asn::read(asn::bits(item, "SES_SignInfo", notes)?, "SES_SignInfo")?.0
    } else {
        item
    };
    let mut items = Items::of(item, "SES_SignInfo")?;
    let part = MakerPart {
        cert: items.next()?,
        algorithm: items.next()?,
        value: items.next()?,
        time_stamp: None,
    };
    items.end()?;
    Ok(part)
}

fn signature(item: Tlv<'_>, mut notes: Notes) -> Result<SealSignature, SealError> {
    let n = &mut notes;
    let fields = Items::of(item, "SES_Signature")?.all(5)?;
    let [tbs, beside @ ..] = fields.as_slice() else {
        return Err(malformed("SES_Signature", "no fields"));
    };
    let mut items = Items::of(*tbs, "TBS_Sign")?;
    let number = asn::integer(items.next()?, "TBS_Sign.version")?;
    let seal = seal(items.next()?, Notes::default())?;
    let nested = seal.version.shape().nested;
    let time_info = items.next()?;
    let data_hash = asn::bits(items.next()?, "TBS_Sign.dataHash", n)?.to_vec();
    let property_info = asn::text(items.next()?, tag::IA5_STRING, "TBS_Sign.propertyInfo", n)?;

    let (cert, algorithm, value, time_stamp) = match (nested, beside) {
        (true, [value]) => (items.next()?, items.next()?, *value, None),
        (false, [cert, algorithm, value]) => (*cert, *algorithm, *value, None),
        (false, [cert, algorithm, value, stamp]) => (*cert, *algorithm, *value, Some(*stamp)),
        _ => {
            let found = format!("{} fields around a {} seal", fields.len(), seal.version.name());
            return Err(malformed("SES_Signature", found));
        }
    };
    let extensions = if nested { Vec::new() } else { extensions(&mut items, n)? };
    items.end()?;

    let (signing_time, time_token) = time_field(time_info, nested, n)?;
    Ok(SealSignature {
        version: seal.version,
        number,
        seal,
        signing_time,
        time_token,
        data_hash,
        property_info,
        extensions,
        signer_cert: asn::octets(cert, "SES_Signature.cert", n)?.to_vec(),
        algorithm: asn::oid(algorithm, "SES_Signature.signatureAlgID")?,
        signature: asn::bits(value, "SES_Signature.signature", n)?.to_vec(),
        time_stamp: time_stamp.map(|item| token(item, n)).transpose()?,
        trailing: 0,
        raw: item.raw().to_vec(),
        tbs_raw: tbs.raw().to_vec(),
        deviations: notes.0,
    })
}

/// `timeInfo`: a GeneralizedTime, or in v1 a BIT STRING with text, a DER time or a token.
fn time_field(
    item: Tlv<'_>,
    nested: bool,
    notes: &mut Notes,
) -> Result<(Option<UnixTime>, Option<Vec<u8>>), SealError> {
    const AT: &str = "TBS_Sign.timeInfo";
    if !nested || [tag::UTC_TIME, tag::GENERALIZED_TIME].contains(&item.tag()) {
        if nested {
            notes.add(format!("{AT}: a time instead of a BIT STRING"));
        }
        return Ok((Some(asn::date(item, tag::GENERALIZED_TIME, AT, notes)?), None));
    }
    let bytes = asn::bits(item, AT, notes)?;
    if let Ok((inner, 0)) = asn::read(bytes, AT)
        && [tag::UTC_TIME, tag::GENERALIZED_TIME].contains(&inner.tag())
    {
        return Ok((Some(asn::date(inner, inner.tag(), AT, notes)?), None));
    }
    let text = core::str::from_utf8(bytes).ok();
    match text.and_then(|t| time::loose(t).or_else(|| time::utc(t))) {
        Some(read) => {
            notes.add(format!("{AT}: the time as plain text"));
            Ok((Some(read.time), None))
        }
        None => Ok((None, Some(bytes.to_vec()))),
    }
}

fn cert_list(item: Tlv<'_>, list_type: u64, notes: &mut Notes) -> Result<CertList, SealError> {
    let items = Items::of(item, "certList")?.all(MAX_SIGNERS)?;
    match list_type {
        1 => {
            let read = |item: &Tlv<'_>| match item.tag() {
                tag::SEQUENCE => {
                    notes.add("certList: a bare certificate instead of an OCTET STRING");
                    Ok(item.raw().to_vec())
                }
                _ => asn::octets(*item, "certList", notes).map(<[u8]>::to_vec),
            };
            Ok(CertList::Certificates(items.iter().map(read).collect::<Result<_, _>>()?))
        }
        2 => Ok(CertList::Digests(
            items.iter().map(|item| cert_digest(*item, notes)).collect::<Result<_, _>>()?,
        )),
        other => Err(malformed("certListType", other.to_string())),
    }
}

fn cert_digest(item: Tlv<'_>, notes: &mut Notes) -> Result<CertDigest, SealError> {
    let mut items = Items::of(item, "CertDigestObj")?;
    let kind = asn::text(items.next()?, tag::PRINTABLE_STRING, "CertDigestObj.type", notes)?;
    let value = asn::octets(items.next()?, "CertDigestObj.value", notes)?.to_vec();
    items.end()?;
    Ok(CertDigest { kind, value })
}

fn picture(item: Tlv<'_>, notes: &mut Notes) -> Result<Picture, SealError> {
    let mut items = Items::of(item, "SES_ESPictrueInfo")?;
    let format = asn::text(items.next()?, tag::IA5_STRING, "picture.type", notes)?;
    let data = asn::octets(items.next()?, "picture.data", notes)?.to_vec();
    let width_mm = asn::integer(items.next()?, "picture.width")?;
    let height_mm = asn::integer(items.next()?, "picture.height")?;
    items.end()?;
    Ok(Picture { format, data, width_mm, height_mm })
}

/// `extDatas`, plain or in `[0]`; absent is empty.
fn extensions(items: &mut Items<'_>, notes: &mut Notes) -> Result<Vec<Extension>, SealError> {
    const AT: &str = "extDatas";
    let list = match items.peek() {
        Some(tag::SEQUENCE) => items.next()?,
        Some(CONTEXT_0) => asn::inside(items.next()?, AT)?,
        _ => return Ok(Vec::new()),
    };
    let list = Items::of(list, AT)?.all(MAX_EXTENSIONS)?;
    list.into_iter().map(|item| extension(item, notes)).collect()
}

fn extension(item: Tlv<'_>, notes: &mut Notes) -> Result<Extension, SealError> {
    const AT: &str = "ExtData";
    let mut items = Items::of(item, AT)?;
    let oid = asn::oid(items.next()?, "ExtData.extnID")?;
    let critical = match items.next_if(tag::BOOLEAN)?.map(|item| item.value()) {
        None => false,
        Some([0]) => {
            notes.add(format!("{AT}: critical FALSE written although it is the default"));
            false
        }
        Some([_]) => true,
        Some(_) => return Err(malformed(AT, "a BOOLEAN of another length than 1")),
    };
    let value = asn::octets(items.next()?, "ExtData.extnValue", notes)?.to_vec();
    items.end()?;
    Ok(Extension { oid, critical, value })
}

/// `[0] EXPLICIT BIT STRING`.
fn token(item: Tlv<'_>, notes: &mut Notes) -> Result<Vec<u8>, SealError> {
    const AT: &str = "timeStamp";
    if item.tag() != CONTEXT_0 {
        if item.tag() == tag::BIT_STRING {
            notes.add(format!("{AT}: without its tag [0]"));
            return asn::bits(item, AT, notes).map(<[u8]>::to_vec);
        }
        return Err(malformed(AT, format!("tag {:02x} where a0 belongs", item.tag())));
    }
    asn::bits(asn::inside(item, AT)?, AT, notes).map(<[u8]>::to_vec)
}

/// A SEQUENCE of items as stored: what the maker of a v1 seal signed.
fn sequence_of(items: &[&[u8]]) -> Vec<u8> {
    let length: usize = items.iter().map(|item| item.len()).sum();
    let mut out = vec![tag::SEQUENCE];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let digits = length.to_be_bytes();
            let digits = &digits[digits.iter().take_while(|b| **b == 0).count()..];
            out.push(0x80 | u8::try_from(digits.len()).expect("a usize has at most 8 bytes"));
            out.extend_from_slice(digits);
        }
    }
    items.iter().for_each(|item| out.extend_from_slice(item));
    out
}
