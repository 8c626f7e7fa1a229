//! A drawn seal is a picture that needs nothing else, for names of every usual length.

#[path = "../../../../tests/rig/absent.rs"]
#[allow(unreachable_pub, reason = "other crates take it from the rig")]
mod absent;

use absent::absent;
use yinxin_seal::SealError;
use yinxin_seal::draw::{Font, RoundSeal};

/// Fonts of Debian's packages that the project installs; the first that is there.
const FONTS: [&str; 4] = [
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
];

fn font() -> Option<Vec<u8>> {
    let font = FONTS.iter().find_map(|path| std::fs::read(path).ok());
    if font.is_none() {
        absent(format!("none of the CJK fonts {FONTS:?} is installed (fonts-noto-cjk)"));
    }
    font
}

#[test]
fn names_of_every_usual_length_are_drawn() {
    let Some(bytes) = font() else { return };
    let font = Font::parse(&bytes).unwrap();
    let name = "云南省昆明市五华区市场监督管理局企业登记注册审批专用窗口办公室";
    for n in [1, 4, 8, 12, 16, 20, 26, 31] {
        let organisation: String = name.chars().take(n).collect();
        let seal = RoundSeal::new(organisation.clone())
            .purpose("电子证照专用章")
            .code("5301020012345")
            .diameter_mm(40);
        let drawing = seal.draw(&font).unwrap();
        let svg = drawing.to_svg();
        assert!(svg.starts_with("<svg") && svg.contains(&organisation) && !svg.contains("<text"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{organisation}");
        let png = drawing.to_png(12).unwrap();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&png[16..24], [0, 0, 1, 224, 0, 0, 1, 224], "480 × 480 pixels");
        if let Ok(dir) = std::env::var("YINXIN_LOOK") {
            std::fs::write(format!("{dir}/seal{n}.png"), drawing.to_png(16).unwrap()).unwrap();
            std::fs::write(format!("{dir}/seal{n}.svg"), svg).unwrap();
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let Some(bytes) = font() else { return };
    let font = Font::parse(&bytes).unwrap();
    let field = |seal: RoundSeal| match seal.draw(&font) {
        Err(SealError::Draft { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(RoundSeal::new("")), "organisation");
    assert_eq!(field(RoundSeal::new("局".repeat(33))), "organisation");
    assert_eq!(field(RoundSeal::new("一\n局")), "organisation");
    assert_eq!(field(RoundSeal::new("局").purpose("章".repeat(13))), "purpose");
    assert_eq!(field(RoundSeal::new("局").code(" ")), "code");
    assert_eq!(field(RoundSeal::new("局").diameter_mm(29)), "diameter");
    let missing = RoundSeal::new("局\u{10fffd}").draw(&font).unwrap_err();
    assert_eq!(missing, SealError::Glyph { character: '\u{10fffd}' });
    let drawing = RoundSeal::new("局").draw(&font).unwrap();
    assert!(drawing.to_png(1).is_err() && drawing.to_png(49).is_err());
    assert!(matches!(Font::parse(b"no font"), Err(SealError::Font)));
}
