//! `SignatureDateTime` in the formats that are met.

use yinxin_verdict::UnixTime;

/// Reads `20201004072855.302Z`, `20200305112131Z`, `20221031141634`, `2020-04-22 16:22:44`, and RFC 3339.
pub(super) fn parse(text: &str) -> Option<UnixTime> {
    let text = text.trim();
    if text.contains('T') {
        return UnixTime::parse(text).ok();
    }
    let (body, zone) = match text.strip_suffix('Z') {
        Some(body) => (body, "Z"),
        // No zone: every producer seen means local time.
        None => (text, "+08:00"),
    };
    let (body, fraction) = body.split_once('.').unwrap_or((body, "0"));
    let digits: String = body.chars().filter(char::is_ascii_digit).collect();
    let expected = matches!(body.len(), 14 | 19) && digits.len() == 14;
    if !expected || !fraction.bytes().all(|b| b.is_ascii_digit()) || fraction.len() > 9 {
        return None;
    }
    let d = digits.as_str();
    let (date, time) = (
        format!("{}-{}-{}", &d[..4], &d[4..6], &d[6..8]),
        format!("{}:{}:{}", &d[8..10], &d[10..12], &d[12..]),
    );
    UnixTime::parse(&format!("{date}T{time}.{fraction}{zone}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formats_of_real_files_are_read() {
        for (text, want) in [
            ("20201004072855.302Z", Some("2020-10-04T07:28:55.302Z")),
            ("20200305112131Z", Some("2020-03-05T11:21:31Z")),
            ("20221031141634", Some("2022-10-31T06:16:34Z")),
            ("2020-04-22 16:22:44", Some("2020-04-22T08:22:44Z")),
            ("2020-04-22T16:22:44+08:00", Some("2020-04-22T08:22:44Z")),
            ("", None),
            ("yesterday", None),
            ("20221331141634", None),
            ("２０２２1031141634", None),
        ] {
            assert_eq!(parse(text).map(|t| t.to_string()).as_deref(), want, "{text}");
        }
    }
}
