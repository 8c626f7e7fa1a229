//! The table directory of an OpenType font, and the `cmap` that the subsetter leaves out.

/// A font with a `cmap` for these characters, and an `OS/2` table if one is given; `None` when `font` is no OpenType font.
pub(super) fn complete(font: &[u8], map: &[(char, u16)], os2: Option<&[u8]>) -> Option<Vec<u8>> {
    let mut tables = tables(font)?;
    let cmap = cmap(map);
    tables.retain(|(tag, _)| tag != b"cmap" && tag != b"OS/2");
    tables.push((*b"cmap", &cmap));
    if let Some(os2) = os2 {
        tables.push((*b"OS/2", os2));
    }
    tables.sort_unstable_by_key(|(tag, _)| *tag);
    write(font.get(..4)?.try_into().ok()?, &tables)
}

type Table<'a> = ([u8; 4], &'a [u8]);

fn tables(font: &[u8]) -> Option<Vec<Table<'_>>> {
    let number = |at: usize| Some(u32::from_be_bytes(font.get(at..at + 4)?.try_into().ok()?));
    let count = usize::from(u16::from_be_bytes(font.get(4..6)?.try_into().ok()?));
    (0..count)
        .map(|i| {
            let at = 12 + 16 * i;
            let tag = font.get(at..at + 4)?.try_into().ok()?;
            let start = usize::try_from(number(at + 8)?).ok()?;
            let len = usize::try_from(number(at + 12)?).ok()?;
            Some((tag, font.get(start..start.checked_add(len)?)?))
        })
        .collect()
}

/// Header, directory sorted by tag, tables on four-byte borders, `checkSumAdjustment` in `head`.
fn write(version: [u8; 4], tables: &[Table<'_>]) -> Option<Vec<u8>> {
    let count = u16::try_from(tables.len()).ok()?;
    let log = count.checked_ilog2()?;
    let range = u16::try_from(16 << log).ok()?;
    let mut out = Vec::new();
    out.extend_from_slice(&version);
    for n in [count, range, u16::try_from(log).ok()?, count * 16 - range] {
        out.extend_from_slice(&n.to_be_bytes());
    }
    let mut at = 12 + 16 * tables.len();
    for (tag, table) in tables {
        out.extend_from_slice(tag);
        out.extend_from_slice(&checksum(table, tag == b"head").to_be_bytes());
        out.extend_from_slice(&u32::try_from(at).ok()?.to_be_bytes());
        out.extend_from_slice(&u32::try_from(table.len()).ok()?.to_be_bytes());
        at += table.len().next_multiple_of(4);
    }
    let mut head = None;
    for (tag, table) in tables {
        if tag == b"head" {
            head = Some(out.len());
        }
        out.extend_from_slice(table);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    let adjustment = head? + 8..head? + 12;
    out.get_mut(adjustment.clone())?.fill(0);
    // The constant is OpenType's.
    let sum = 0xB1B0_AFBA_u32.wrapping_sub(checksum(&out, false));
    out.get_mut(adjustment)?.copy_from_slice(&sum.to_be_bytes());
    Some(out)
}

/// Sum of big-endian words; `head` is summed with its own adjustment as zero.
fn checksum(table: &[u8], head: bool) -> u32 {
    let mut sum = 0u32;
    for (i, chunk) in table.chunks(4).enumerate() {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        if !(head && i == 2) {
            sum = sum.wrapping_add(u32::from_be_bytes(word));
        }
    }
    sum
}

/// A `cmap` of format 12 for all characters and, for older readers, format 4 for those of the basic plane.
fn cmap(map: &[(char, u16)]) -> Vec<u8> {
    let format4 = format4(map);
    let format12 = format12(map);
    let mut out = Vec::new();
    let first = 4 + 2 * 8;
    // (platform, encoding, offset): Windows BMP, Windows full Unicode.
    for n in [0u16, 2, 3, 1] {
        out.extend_from_slice(&n.to_be_bytes());
    }
    out.extend_from_slice(&offset(first).to_be_bytes());
    for n in [3u16, 10] {
        out.extend_from_slice(&n.to_be_bytes());
    }
    out.extend_from_slice(&offset(first + format4.len()).to_be_bytes());
    out.extend_from_slice(&format4);
    out.extend_from_slice(&format12);
    out
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).expect("at most 8192 characters of at most 12 bytes each")
}

/// One segment a character: simple, and at most 8 bytes each. What does not fit the format's length is left to format 12.
fn format4(map: &[(char, u16)]) -> Vec<u8> {
    // 16-bit length: 16 + 8 * segments <= 65535, and the last segment is 0xFFFF.
    const SEGMENTS_MAX: usize = 8188;
    let segments: Vec<(u16, u16)> = map
        .iter()
        .filter_map(|(c, g)| Some((u16::try_from(u32::from(*c)).ok()?, *g)))
        .filter(|(c, _)| *c != 0xFFFF)
        .take(SEGMENTS_MAX)
        .chain([(0xFFFF, 0)])
        .collect();
    let count = u16::try_from(segments.len()).expect("bounded by SEGMENTS_MAX");
    let log = count.ilog2();
    let range = 2u16 << log;
    let mut out = Vec::new();
    let mut put = |n: u16| out.extend_from_slice(&n.to_be_bytes());
    put(4);
    put(16 + 8 * count);
    put(0);
    put(count * 2);
    put(range);
    put(u16::try_from(log).expect("log2 of 16 bits"));
    put(count * 2 - range);
    segments.iter().for_each(|(c, _)| put(*c));
    put(0);
    segments.iter().for_each(|(c, _)| put(*c));
    segments.iter().for_each(|(c, g)| put(g.wrapping_sub(*c)));
    segments.iter().for_each(|_| put(0));
    out
}

fn format12(map: &[(char, u16)]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&[0, 12, 0, 0]);
    out.extend_from_slice(&offset(16 + 12 * map.len()).to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&offset(map.len()).to_be_bytes());
    for (c, g) in map {
        for n in [u32::from(*c), u32::from(*c), u32::from(*g)] {
            out.extend_from_slice(&n.to_be_bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_completed_font_has_its_characters() {
        let Some(face) = crate::sample::face() else { return };
        let text: Vec<char> =
            "营业执照ABC 0129，（）𠮷".chars().filter(|c| face.covers(*c)).collect();
        let font = face.subset(&text).unwrap();
        let parsed = ttf_parser::Face::parse(&font, 0).unwrap();
        for c in &text {
            let glyph = parsed.glyph_index(*c).unwrap();
            assert!(glyph.0 > 0 && parsed.glyph_hor_advance(glyph).is_some(), "{c}");
            let width = f64::from(parsed.glyph_hor_advance(glyph).unwrap()) / 1000.0;
            assert!((width - face.advance(*c)).abs() < 1e-9, "{c}");
        }
        assert_eq!(parsed.glyph_index('电'), None);
        assert!(font.len() < 20_000, "{}", font.len());
        assert_eq!(checksum(&font, false), 0xB1B0_AFBA);
        assert!(face.subset(&['\u{10FFFD}']).is_err());
    }

    #[test]
    fn what_is_no_font_is_none() {
        for bytes in [&b""[..], b"OTTO", b"OTTO\0\x05\0\0\0\0\0\0", &[0xFF; 64]] {
            assert_eq!(complete(bytes, &[], None), None);
        }
    }
}
