//! The two ASN.1 times.

use yinxin_verdict::UnixTime;

use crate::tlv::tag;

/// Reads a time, and says whether it is in the form that DER and RFC 5280 ask for.
pub(crate) fn read(kind: u8, text: &[u8]) -> Option<(UnixTime, bool)> {
    let text = core::str::from_utf8(text).ok().filter(|t| t.is_ascii())?;
    let year_digits = match kind {
        tag::UTC_TIME => 2,
        tag::GENERALIZED_TIME => 4,
        _ => return None,
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (date, rest) = text.split_at(digits);
    let seconds = match digits.checked_sub(year_digits)? {
        10 => date.get(digits - 2..)?,
        8 => "00",
        _ => return None,
    };
    let year: u32 = date.get(..year_digits)?.parse().ok()?;
    let year = match kind {
        // RFC 5280 4.1.2.5.1: the two digits stand for 1950 to 2049.
        tag::UTC_TIME => year + if year < 50 { 2000 } else { 1900 },
        _ => year,
    };
    let part = |at: usize| date.get(year_digits + at..year_digits + at + 2);
    let (fraction, zone) = split_fraction(rest)?;
    let zone_text = match zone {
        "Z" | "" => "Z".to_owned(),
        _ if zone.len() == 5 && zone.starts_with(['+', '-']) => {
            format!("{}:{}", zone.get(..3)?, zone.get(3..)?)
        }
        _ => return None,
    };
    let (month, day, hour, minute) = (part(0)?, part(2)?, part(4)?, part(6)?);
    let rfc3339 = format!("{year:04}-{month}-{day}T{hour}:{minute}:{seconds}{fraction}{zone_text}");
    let exact = digits == year_digits + 10 && fraction.is_empty() && zone == "Z";
    // RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050.
    let right_type = (kind == tag::UTC_TIME) == (1950..2050).contains(&year);
    Some((UnixTime::parse(&rfc3339).ok()?, exact && right_type))
}

fn split_fraction(rest: &str) -> Option<(&str, &str)> {
    let Some(after) = rest.strip_prefix('.') else { return Some(("", rest)) };
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    // Nine digits are nanoseconds; nobody means more.
    if (1..=9).contains(&digits) { rest.split_at_checked(digits + 1) } else { None }
}

/// The ASN.1 `Time` of a certificate or CRL: UTCTime through 2049, GeneralizedTime from 2050, whole seconds.
pub(crate) fn encode(time: UnixTime) -> Vec<u8> {
    let general = time.to_generalized();
    let utc = general.get(..4).is_some_and(|year| ("1950"..="2049").contains(&year));
    let (kind, text) =
        if utc { (tag::UTC_TIME, &general[2..]) } else { (tag::GENERALIZED_TIME, &general[..]) };
    let mut out = vec![kind, u8::try_from(text.len()).expect("at most 15 characters")];
    out.extend_from_slice(text.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixTime {
        UnixTime::parse(text).unwrap()
    }

    #[test]
    fn all_forms_are_read_and_only_one_is_standard() {
        let (utc, general) = (tag::UTC_TIME, tag::GENERALIZED_TIME);
        for (kind, text, time, standard) in [
            (utc, "491231235959Z", "2049-12-31T23:59:59Z", true),
            (utc, "500101000000Z", "1950-01-01T00:00:00Z", true),
            (general, "20500101000000Z", "2050-01-01T00:00:00Z", true),
            (general, "20491231235959Z", "2049-12-31T23:59:59Z", false),
            (general, "20201004072855.302Z", "2020-10-04T07:28:55.302Z", false),
            (general, "20201004072855", "2020-10-04T07:28:55Z", false),
            (utc, "2010040728Z", "2020-10-04T07:28:00Z", false),
            (utc, "201004152855+0800", "2020-10-04T07:28:55Z", false),
        ] {
            assert_eq!(read(kind, text.as_bytes()), Some((at(time), standard)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "Z",
            "201332000000Z",
            "201004072855+08",
            "201004072855X",
            "2010040728550Z",
            "20100407285Z",
            "201004072855.Z",
            "2\u{661}1004072855Z",
        ] {
            assert_eq!(read(tag::UTC_TIME, text.as_bytes()), None, "{text}");
        }
        assert_eq!(read(tag::INTEGER, b"201004072855Z"), None);
    }

    #[test]
    fn the_form_changes_with_2050() {
        for (time, kind) in [
            ("2049-12-31T23:59:59Z", tag::UTC_TIME),
            ("2050-01-01T00:00:00Z", tag::GENERALIZED_TIME),
            ("1949-12-31T23:59:59Z", tag::GENERALIZED_TIME),
        ] {
            let bytes = encode(at(time));
            assert_eq!(bytes[0], kind);
            assert_eq!(read(kind, &bytes[2..]), Some((at(time), true)));
        }
    }
}
