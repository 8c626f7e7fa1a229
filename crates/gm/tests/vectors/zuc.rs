use yinxin_gm::{
    backend::{Backend, force},
    zuc::{
        Zuc,
        lte::{Direction, Session, eea3, eia3, verify_eia3},
        mac256,
        nr::{nea6, nia6, open_nca6, seal_nca6, verify_nia6},
        verify_mac256,
    },
};

use crate::support::{array, blocks, field, is_valid, load_json, load_text, name, octets};

/// Intel's 256-bit files end with a record marked invalid whose bytes are those of the algorithm: the mark is of the record, not of a value
/// that does not fit, so the bytes must come out and only spoilt ones are refused.
const MARKED_BUT_RIGHT: [(&str, u64); 3] = [("nea6", 18), ("nia6", 17), ("nca6", 20)];

fn assert_mark(file: &str, case: &serde_json::Value) {
    let id = case["tcId"].as_u64().expect("a number");
    assert_eq!(!is_valid(case), MARKED_BUT_RIGHT.contains(&(file, id)), "{file} {}", name(case));
}

fn bits(bytes: &[u8]) -> u32 {
    u32::try_from(8 * bytes.len()).expect("short")
}

/// Intel's six bytes: COUNT little-endian, BEARER, DIRECTION.
fn session_of_intel(iv: [u8; 6]) -> Session {
    let [a, b, c, d, bearer, direction] = iv;
    session(u32::from_le_bytes([a, b, c, d]), bearer, direction == 1)
}

/// Tongsuo's five: COUNT big-endian, BEARER in five bits, DIRECTION in one.
fn session_of_tongsuo(iv: [u8; 5]) -> Session {
    let [a, b, c, d, rest] = iv;
    session(u32::from_be_bytes([a, b, c, d]), rest >> 3, rest & 4 != 0)
}

fn session(count: u32, bearer: u8, down: bool) -> Session {
    let direction = if down { Direction::Downlink } else { Direction::Uplink };
    Session::new(count, bearer, direction).expect("five bits")
}

#[test]
fn zuc_128_of_intel() {
    for case in load_json("ipsec-mb/zuc_eea3_128_test.json").into_iter().flatten() {
        let (key, iv) = (array(&field(&case, "key")), field(&case, "iv"));
        let mut data = field(&case, "msg");
        if iv.len() == 16 {
            Zuc::new_128(&key, &array(&iv)).apply(&mut data);
        } else {
            let bits = bits(&data);
            eea3(&key, session_of_intel(array(&iv)), &mut data, bits).expect("whole bytes");
        }
        assert_eq!(data == field(&case, "ct"), is_valid(&case), "{}", name(&case));
    }
    for case in load_json("ipsec-mb/zuc_eia3_128_test.json").into_iter().flatten() {
        let session = session_of_intel(array(&field(&case, "iv")));
        let (key, data) = (array(&field(&case, "key")), field(&case, "msg"));
        let verdict = verify_eia3(&key, session, &data, bits(&data), &array(&field(&case, "tag")));
        assert_eq!(verdict.is_ok(), is_valid(&case), "{}", name(&case));
    }
}

#[test]
fn eea3_and_eia3_of_tongsuo() {
    let mut seen = 0;
    for block in blocks(&load_text("openssl-tongsuo/evpciph_zuc.txt").unwrap_or_default()) {
        let Some(plaintext) = block.get("Plaintext") else { continue };
        let session = session_of_tongsuo(array(&octets(&block["IV"])));
        let mut data = octets(plaintext);
        let bits = bits(&data);
        eea3(&array(&octets(&block["Key"])), session, &mut data, bits).expect("whole bytes");
        assert_eq!(data, octets(&block["Ciphertext"]));
        seen += 1;
    }
    for block in blocks(&load_text("openssl-tongsuo/evpmac_zuc_eia3.txt").unwrap_or_default()) {
        let Some(input) = block.get("Input") else { continue };
        let session = session_of_tongsuo(array(&octets(&block["IV"])));
        let (key, data) = (array(&octets(&block["Key"])), octets(input));
        let tag = array(&octets(&block["Output"]));
        assert_eq!(eia3(&key, session, &data, bits(&data)), Ok(tag));
        seen += 1;
    }
    assert!([0, 10].contains(&seen), "{seen} cases");
}

/// 3GPP TS 35.223: sets 1 to 3 of EIA3 and 1 of EEA3, whose lengths are no whole bytes.
#[test]
fn lengths_that_are_no_whole_bytes() {
    for (key, session, message, bits, tag) in [
        ("00000000000000000000000000000000", session(0, 0, false), "00", 1, "c8a9595e"),
        (
            "47054125561eb2dda94059da05097850",
            session(0x561e_b2dd, 0x14, false),
            "000000000000000000000000",
            90,
            "6719a088",
        ),
        (
            "c9e6cec4607c72db000aefa88385ab0a",
            session(0xa940_59da, 0xa, true),
            "983b41d47d780c9e1ad11d7eb70391b1de0b35da2dc62f83e7b78d6306ca0ea07e941b7be91348f9fcb170e2217fecd97f9f68adb16e5d7d21e569d280ed775cebde3f4093c5388100",
            577,
            "fae8ff0b",
        ),
    ] {
        let (key, message) = (array(&octets(key)), octets(message));
        assert_eq!(eia3(&key, session, &message, bits), Ok(array(&octets(tag))), "{bits} bits");
        assert!(eia3(&key, session, &message, bits + 8).is_err(), "more bits than there are");
    }
    let mut data = octets("6cf65340735552ab0c9752fa6f9025fe0bd675d9005875b200");
    let session = session(0x6603_5492, 0xf, false);
    let key = array(&octets("173d14ba5003731d7a60049470f00a29"));
    eea3(&key, session, &mut data, 193).expect("25 bytes");
    assert_eq!(data, octets("a6c85fc66afb8533aafc2518dfe784940ee1e4b030238cc800"));
}

#[test]
fn the_256_bit_files_of_intel_on_each_backend() {
    for backend in Backend::ALL.into_iter().filter(|backend| backend.is_available()) {
        force(backend).expect("available");
        for case in load_json("ipsec-mb/zuc_nea6_test.json").into_iter().flatten() {
            assert_mark("nea6", &case);
            let mut data = field(&case, "msg");
            nea6(&array(&field(&case, "key")), &array(&field(&case, "iv")), &mut data);
            assert_eq!(data, field(&case, "ct"), "{}", name(&case));
        }
        for case in load_json("ipsec-mb/zuc_nia6_test.json").into_iter().flatten() {
            assert_mark("nia6", &case);
            let tag = field(&case, "tag");
            let check = match tag.len() {
                4 => check_nia6::<4>,
                5 => check_nia6::<5>,
                6 => check_nia6::<6>,
                7 => check_nia6::<7>,
                9 => check_nia6::<9>,
                10 => check_nia6::<10>,
                11 => check_nia6::<11>,
                12 => check_nia6::<12>,
                14 => check_nia6::<14>,
                15 => check_nia6::<15>,
                16 => check_nia6::<16>,
                other => unreachable!("a tag of {other} bytes"),
            };
            check(&case, &tag);
        }
        for case in load_json("ipsec-mb/zuc_nca6_test.json").into_iter().flatten() {
            assert_mark("nca6", &case);
            let tag = field(&case, "tag");
            let check = match tag.len() {
                4 => check_nca6::<4>,
                5 => check_nca6::<5>,
                6 => check_nca6::<6>,
                7 => check_nca6::<7>,
                8 => check_nca6::<8>,
                9 => check_nca6::<9>,
                11 => check_nca6::<11>,
                12 => check_nca6::<12>,
                13 => check_nca6::<13>,
                15 => check_nca6::<15>,
                16 => check_nca6::<16>,
                other => unreachable!("a tag of {other} bytes"),
            };
            check(&case, &tag);
        }
    }
}

fn check_nia6<const TAG: usize>(case: &serde_json::Value, tag: &[u8]) {
    let (key, iv) = (array(&field(case, "key")), array(&field(case, "iv")));
    let message = field(case, "msg");
    let tag: [u8; TAG] = array(tag);
    assert_eq!(nia6(&key, &iv, &message), tag, "{}", name(case));
    let mut spoilt = tag;
    spoilt[TAG - 1] ^= 1;
    assert!(verify_nia6(&key, &iv, &message, &tag).is_ok());
    assert!(verify_nia6(&key, &iv, &message, &spoilt).is_err());
}

fn check_nca6<const TAG: usize>(case: &serde_json::Value, tag: &[u8]) {
    let (key, iv) = (array(&field(case, "key")), array(&field(case, "iv")));
    let (aad, plaintext, ciphertext) = (field(case, "aad"), field(case, "msg"), field(case, "ct"));
    let tag: [u8; TAG] = array(tag);
    let mut data = plaintext.clone();
    assert_eq!(seal_nca6(&key, &iv, &aad, &mut data), tag, "{}", name(case));
    assert_eq!(data, ciphertext, "{}", name(case));
    assert!(open_nca6(&key, &iv, &aad, &mut data, &tag).is_ok());
    assert_eq!(data, plaintext);
    let mut spoilt = tag;
    spoilt[0] ^= 0x80;
    let mut data = ciphertext;
    assert!(open_nca6(&key, &iv, &aad, &mut data, &spoilt).is_err());
    assert!(data.iter().all(|&byte| byte == 0), "wiped");
}

/// "The ZUC-256 Stream Cipher" (2018), its appendix: key stream, and MACs of 400 zero bits and of 4,000 bits 0001….
#[test]
fn zuc_256_of_its_paper() {
    let iv_of_ones = [0xff; 23];
    for (key, iv, stream) in [
        (
            [0; 32],
            [0; 23],
            "58d03ad62e032ce2dafc683a39bdcb0352a2bc67f1b7de74163ce3a101ef55589639d75b95fa681b7f090df756391ccc903b7612744d544c17bc3fad8b163b0821787c0b97775bb84943c6bbe8ad8afd",
        ),
        (
            [0xff; 32],
            iv_of_ones,
            "3356cbaed1a1c18b6baa4ffe343f777c9e15128f251ab65b949f7b26ef7157f296dd2fa9df95e3ee7a5be02ec32ba585505af316c2f9ded27cdbd935e441ce1115fd0a80bb7aef6768989416b8fac8c2",
        ),
    ] {
        // In pieces of every length.
        for piece in 1..=20 {
            let mut data = [0; 80];
            let mut zuc = Zuc::new_256(&key, &iv);
            data.chunks_mut(piece).for_each(|data| zuc.apply(data));
            assert_eq!(data[..], octets(stream), "pieces of {piece}");
        }
    }
    for (ones, message, tags) in [
        (false, vec![0; 50], ["9b972a74", "673e54990034d38c", "d85e54bbcb9600967084c952a1654b26"]),
        (
            false,
            vec![0x11; 500],
            ["8754f5cf", "130dc225e72240cc", "df1e8307b31cc62beca1ac6f8190c22f"],
        ),
        (true, vec![0; 50], ["1f3079b4", "8c71394d39957725", "a35bb274b567c48b28319f111af34fbd"]),
        (
            true,
            vec![0x11; 500],
            ["5c7c8b88", "ea1dee544bb6223b", "3a83b554be408ca5494124ed9d473205"],
        ),
    ] {
        let byte = if ones { 0xff } else { 0 };
        let iv = [byte; 23];
        let [short, middle, long] = tags.map(octets);
        assert_eq!(mac256::<4>(&[byte; 32], &iv, &message)[..], short);
        assert_eq!(mac256::<8>(&[byte; 32], &iv, &message)[..], middle);
        assert_eq!(mac256::<16>(&[byte; 32], &iv, &message)[..], long);
        let other = array::<16>(&long).map(|byte| byte ^ 4);
        assert!(verify_mac256(&[byte; 32], &iv, &message, &other).is_err());
    }
}
