//! Times as foreign files write them.

use yinxin_verdict::UnixTime;

/// China's offset, milliseconds: what a time without a zone means in practice.
const CHINA_MS: i64 = 8 * 3_600_000;

/// A time read from foreign text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loose {
    pub(crate) time: UnixTime,
    /// Whether the text named its zone; without one, China's was assumed.
    pub(crate) zoned: bool,
    /// Whether the text is the DER form of its type.
    pub(crate) der: bool,
}

impl Loose {
    /// The other reading of a time without a zone.
    pub(crate) fn as_utc(self) -> UnixTime {
        if self.zoned { self.time } else { self.time.plus_millis(CHINA_MS) }
    }
}

/// `YYMMDDhhmm[ss](Z|±hhmm)`; years 50 to 99 are of the last century.
pub(crate) fn utc(text: &str) -> Option<Loose> {
    let (year, _) = text.get(..2).and_then(|y| Some((y.parse::<u8>().ok()?, ())))?;
    let century = if year < 50 { "20" } else { "19" };
    loose(&format!("{century}{text}"))
}

/// `YYYYMMDDhhmmss[.f…][Z|±hh[:]mm]`, with or without `-`, `:`, `/`, `T` and spaces between the parts.
pub(crate) fn loose(text: &str) -> Option<Loose> {
    let text = text.trim();
    // 40: "2026-11-22T08:00:00.123456789+08:00" has 35 characters.
    if text.len() > 40 || !text.is_ascii() || text.len() < 8 {
        return None;
    }
    let (stamp, zone) = split_zone(text)?;
    let (stamp, fraction) = stamp.split_once(['.', ',']).unwrap_or((stamp, ""));
    let digits: String = stamp.chars().filter(char::is_ascii_digit).collect();
    let marks = stamp.chars().filter(|c| !c.is_ascii_digit()).all(|c| "-:/ T".contains(c));
    if !marks || ![8, 12, 14].contains(&digits.len()) {
        return None;
    }
    let padded = format!("{digits:0<14}");
    let part = |from: usize, to: usize| padded.get(from..to)?.parse::<i64>().ok();
    let days = days_from_civil(part(0, 4)?, part(4, 6)?, part(6, 8)?)?;
    let (h, m, s) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    if h > 23 || m > 59 || s > 59 {
        return None;
    }
    let millis: i64 = match fraction {
        "" => 0,
        f if f.bytes().all(|b| b.is_ascii_digit()) => format!("{f:0<3}").get(..3)?.parse().ok()?,
        _ => return None,
    };
    let offset = zone.unwrap_or(CHINA_MS);
    let ms = ((days * 24 + h) * 60 + m) * 60_000 + s * 1000 + millis - offset;
    let der = zone == Some(0) && text.ends_with('Z') && stamp.len() == 14 && fraction.is_empty();
    Some(Loose { time: UnixTime::from_millis(ms).ok()?, zoned: zone.is_some(), der })
}

/// The text before the zone, and the zone's offset in milliseconds.
fn split_zone(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(stamp) = text.strip_suffix(['Z', 'z']) {
        return Some((stamp, Some(0)));
    }
    // A zone's sign stands after the time of day, never among a date's dashes.
    let Some(at) = text.rfind(['+', '-']).filter(|at| *at >= 12) else {
        return Some((text, None));
    };
    let digits: String = text[at + 1..].chars().filter(char::is_ascii_digit).collect();
    if ![2, 4].contains(&digits.len()) {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = digits.get(2..4).map_or(Some(0), |m| m.parse().ok())?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    let offset = (hours * 60 + minutes) * 60_000;
    Some((&text[..at], Some(if text.as_bytes()[at] == b'-' { -offset } else { offset })))
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar; nothing for a day that does not exist.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month - 1).ok()?;
    if day < 1 || day > *lengths.get(index)? || year < 1 {
        return None;
    }
    let before: i64 = lengths[..index].iter().sum();
    let y = year - 1;
    Some(y * 365 + y / 4 - y / 100 + y / 400 + before + day - 1 - 719_162)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_met_in_files_are_read() {
        for (text, expect, zoned, der) in [
            ("20201004072855Z", "2020-10-04T07:28:55Z", true, true),
            ("20201004072855.302Z", "2020-10-04T07:28:55.302Z", true, false),
            ("2020-04-22 16:22:44", "2020-04-22T16:22:44+08:00", false, false),
            ("20221031141634", "2022-10-31T14:16:34+08:00", false, false),
            ("2020-01-25T07:31:56.377Z", "2020-01-25T07:31:56.377Z", true, false),
            ("2020-01-25T07:31:56+08:00", "2020-01-25T07:31:56+08:00", true, false),
            ("20200125073156+0800", "2020-01-25T07:31:56+08:00", true, false),
            ("19000101000000Z", "1900-01-01T00:00:00Z", true, true),
            ("20240229000000Z", "2024-02-29T00:00:00Z", true, true),
        ] {
            let read = loose(text).unwrap();
            assert_eq!(read.time, UnixTime::parse(expect).unwrap(), "{text}");
            assert_eq!((read.zoned, read.der), (zoned, der), "{text}");
        }
        assert_eq!(utc("991231235959Z").unwrap().time.to_string(), "1999-12-31T23:59:59Z");
        assert_eq!(utc("490101000000Z").unwrap().time.to_string(), "2049-01-01T00:00:00Z");
        let local = loose("2020-04-22 16:22:44").unwrap();
        assert_eq!(local.as_utc().to_string(), "2020-04-22T16:22:44Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "20210229000000Z",
            "20201301000000Z",
            "20200100000000Z",
            "20200101240000Z",
            "2020010100000",
            "2020-01-01T00:00:00+99:00",
            "二〇二〇年",
            "00000101000000Z",
            "20200101000000.xZ",
        ] {
            assert_eq!(loose(text), None, "{text}");
        }
        assert_eq!(utc("x"), None);
    }
}
