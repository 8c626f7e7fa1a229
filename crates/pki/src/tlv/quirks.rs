//! What the bytes show by themselves.

use super::{Reader, Tlv, tag};
use crate::deviation::Deviation;

/// Departures from DER that the bytes show by themselves, each kind once: long lengths, padded INTEGERs, odd BOOLEANs.
///
/// Bytes that cannot be walked end the walk: whoever parses them says so.
#[must_use]
pub fn quirks(bytes: &[u8]) -> Vec<Deviation> {
    let mut out = Vec::new();
    let mut pending = vec![Reader::new(bytes)];
    while let Some(mut reader) = pending.pop() {
        if reader.is_empty() {
            continue;
        }
        let Ok(tlv) = reader.any() else { continue };
        pending.push(reader);
        if let Some(found) = quirk(&tlv)
            && !out.contains(&found)
        {
            out.push(found);
        }
        if tlv.tag & 0x20 != 0
            && let Ok(inner) = tlv.children()
        {
            pending.push(inner);
        }
    }
    out
}

fn quirk(tlv: &Tlv<'_>) -> Option<Deviation> {
    match (tlv.tag, tlv.value) {
        _ if !tlv.shortest => Some(Deviation::LengthForm),
        (tag::INTEGER, [0, next, ..]) if next & 0x80 == 0 => Some(Deviation::IntegerPadded),
        (tag::INTEGER, [0xff, next, ..]) if next & 0x80 != 0 => Some(Deviation::IntegerPadded),
        (tag::BOOLEAN, [octet]) if !matches!(octet, 0 | 0xff) => Some(Deviation::BooleanForm),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quirks_are_named_once_each() {
        let bytes = [0x30, 0x81, 0x0c, 2, 2, 0, 1, 2, 2, 0, 2, 1, 1, 1, 5, 0];
        assert_eq!(
            quirks(&bytes),
            [Deviation::LengthForm, Deviation::IntegerPadded, Deviation::BooleanForm]
        );
        assert!(quirks(&[0x30, 3, 2, 1, 5]).is_empty());
    }
}
