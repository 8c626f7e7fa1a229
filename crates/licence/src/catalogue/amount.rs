//! Amounts of money: one decimal form, and the capital characters that official papers print.

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// Most digits before the point: a thousand times the largest registered capital there is, in yuan.
const WHOLE_MAX: usize = 15;

/// `1,234.50` to `1234.50`: digits without leading zeros, at most two decimals; `None` for anything else.
pub(super) fn normalise(text: &str) -> Option<String> {
    let (whole, cents) = text.split_once('.').map_or((text, ""), |(w, c)| (w, c));
    let whole = if whole.contains(',') {
        let groups: Vec<&str> = whole.split(',').collect();
        let (first, rest) = groups.split_first()?;
        if first.is_empty() || first.len() > 3 || rest.iter().any(|g| g.len() != 3) {
            return None;
        }
        groups.concat()
    } else {
        whole.to_owned()
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > WHOLE_MAX || !digits(&whole) {
        return None;
    }
    if text.contains('.') && !(1..=2).contains(&cents.len()) || !digits(cents) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        w => w,
    };
    let cents = cents.trim_end_matches('0');
    Some(if cents.is_empty() { whole.to_owned() } else { format!("{whole}.{cents}") })
}

/// The amount for the page: yuan in capitals, foreign currencies in figures.
pub(super) fn printed(value: &str, unit: &str) -> String {
    let capitals = match unit {
        "元" | "人民币元" => to_capital(value, 1),
        "万元" | "人民币万元" => to_capital(value, 10_000),
        _ => None,
    };
    capitals.unwrap_or_else(|| format!("{value}{unit}"))
}

/// An amount of `scale` yuan in capital characters, such as 伍佰万元整; `None` for no normalised amount.
#[must_use]
pub fn to_capital(value: &str, scale: u64) -> Option<String> {
    let (whole, cents) = value.split_once('.').unwrap_or((value, ""));
    let fen = whole.parse::<u64>().ok()?.checked_mul(100)?
        + format!("{cents:0<2}").parse::<u64>().ok().filter(|c| *c < 100)?;
    let fen = fen.checked_mul(scale)?;
    let (yuan, jiao, fen) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut out = String::new();
    if yuan > 0 || jiao + fen == 0 {
        out.push_str(&integer(yuan));
        out.push('元');
    }
    match (jiao, fen) {
        (0, 0) => out.push('整'),
        (0, f) => {
            out.push_str(if yuan > 0 { "零" } else { "" });
            out.push(digit(f));
            out.push('分');
        }
        (j, f) => {
            out.push(digit(j));
            out.push('角');
            if f > 0 {
                out.push(digit(f));
                out.push('分');
            }
        }
    }
    Some(out)
}

fn digit(d: u64) -> char {
    DIGITS[usize::try_from(d % 10).expect("below ten")]
}

/// Groups of four digits, each with its 万, 亿 or 万亿; one 零 for each run of zeros inside.
fn integer(n: u64) -> String {
    if n == 0 {
        return "零".to_owned();
    }
    let mut out = String::new();
    let mut zero = false;
    for (group, name) in [(4, "亿亿"), (3, "万亿"), (2, "亿"), (1, "万"), (0, "")] {
        let part = n / 10_000u64.pow(group) % 10_000;
        for (place, word) in [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
            let d = part / place % 10;
            if d == 0 {
                zero = !out.is_empty();
                continue;
            }
            if zero {
                out.push('零');
                zero = false;
            }
            out.push(digit(d));
            out.push_str(word);
        }
        // 万亿 followed by an empty 亿 group keeps its whole name; otherwise 亿 is said once, by its own group.
        let name =
            if group == 3 && !(n / 100_000_000).is_multiple_of(10_000) { "万" } else { name };
        if part > 0 {
            out.push_str(name);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_one_form() {
        for (text, form) in [
            ("500", Some("500")),
            ("0500.00", Some("500")),
            ("1,234,567.5", Some("1234567.5")),
            ("0", Some("0")),
            ("0.05", Some("0.05")),
            ("", None),
            (".5", None),
            ("5.", None),
            ("5.123", None),
            ("-5", None),
            ("1,23", None),
            ("五百", None),
            ("1e3", None),
            ("1234567890123456", None),
        ] {
            assert_eq!(normalise(text).as_deref(), form, "{text}");
        }
    }

    #[test]
    fn capitals_as_on_paper() {
        for (value, scale, capital) in [
            ("500", 10_000, "伍佰万元整"),
            ("0", 1, "零元整"),
            ("10", 10_000, "壹拾万元整"),
            ("1005", 10_000, "壹仟零伍万元整"),
            ("12000", 10_000, "壹亿贰仟万元整"),
            ("100000.5", 10_000, "壹拾亿零伍仟元整"),
            ("1234.56", 1, "壹仟贰佰叁拾肆元伍角陆分"),
            ("100.05", 1, "壹佰元零伍分"),
            ("0.5", 1, "伍角"),
            ("1000000000000", 1, "壹万亿元整"),
            ("1000200000000", 1, "壹万零贰亿元整"),
        ] {
            assert_eq!(to_capital(value, scale).as_deref(), Some(capital), "{value} x {scale}");
        }
        assert_eq!(printed("200", "万美元"), "200万美元");
    }
}
