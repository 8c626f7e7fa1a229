use yinxin_gm::{hmac::HmacSm3, sm3};

use crate::support::{blocks, field, is_valid, load, load_json, load_text, name, octets};

#[test]
fn sm3_of_openssl_and_botan() {
    for (file, input, output, count) in [
        ("openssl/evpmd_sm3.txt", "Input", "Output", 7),
        ("openssl-tongsuo/evpmd_sm3.txt", "Input", "Output", 7),
        ("botan/sm3.vec", "In", "Out", 1),
    ] {
        let Some(text) = load_text(file) else { continue };
        let mut seen = 0;
        for block in blocks(&text) {
            if block.get("Digest").is_some_and(|digest| digest != "SM3") {
                continue;
            }
            let (Some(data), Some(digest)) = (block.get(input), block.get(output)) else {
                continue;
            };
            assert_eq!(sm3::digest(&octets(data)).as_bytes()[..], octets(digest), "{file}: {data}");
            seen += 1;
        }
        assert!(seen >= count, "{file}: only {seen} cases");
    }
}

#[test]
fn sm3_of_intel() {
    for case in load_json("ipsec-mb/sm3_test.json").into_iter().flatten() {
        let digest = sm3::digest(&field(&case, "msg"));
        assert_eq!(digest.as_bytes()[..], field(&case, "tag"), "{}", name(&case));
    }
}

/// RustCrypto's blobby 0.4: a table of repeated strings, then records, each length a variable-length integer whose
/// lowest bit says "from the table".
#[test]
fn sm3_of_rustcrypto() {
    let Some(blob) = load("rustcrypto/sm3_kat.blb") else { return };
    let mut rest = &blob[..];
    let records = usize::from(take(&mut rest, 1)[0]);
    let table = usize::from(take(&mut rest, 1)[0]);
    assert_eq!(table, 0, "the file has no repeated strings");
    let mut strings = Vec::new();
    while !rest.is_empty() {
        let mut length = 0;
        loop {
            let byte = usize::from(take(&mut rest, 1)[0]);
            length = length << 7 | (byte & 0x7f);
            if byte < 0x80 {
                break;
            }
            length += 1;
        }
        assert_eq!(length & 1, 0, "not from the table");
        strings.push(take(&mut rest, length / 2).to_vec());
    }
    assert_eq!(strings.len(), records);
    for pair in strings.chunks_exact(2) {
        assert_eq!(sm3::digest(&pair[0]).as_bytes()[..], pair[1]);
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (head, tail) = rest.split_at(count);
    *rest = tail;
    head
}

#[test]
fn hmac_of_openssl() {
    for file in ["openssl/evpmac_sm3.txt", "openssl-tongsuo/evpmac_sm3.txt"] {
        let Some(text) = load_text(file) else { continue };
        let cases: Vec<_> =
            blocks(&text).into_iter().filter(|block| block.contains_key("MAC")).collect();
        assert_eq!(cases.len(), 4);
        for block in cases {
            let mut mac = HmacSm3::new(&octets(&block["Key"]));
            mac.update(&octets(&block["Input"]));
            assert_eq!(mac.verify(&octets(&block["Output"])), Ok(()));
        }
    }
}

#[test]
fn hmac_of_wycheproof_and_intel() {
    for file in ["wycheproof/hmac_sm3_test.json", "ipsec-mb/hmac_sm3_test.json"] {
        for case in load_json(file).into_iter().flatten() {
            let mut mac = HmacSm3::new(&field(&case, "key"));
            mac.update(&field(&case, "msg"));
            let tag = field(&case, "tag");
            let good = match tag.len() {
                32 => mac.verify(&tag).is_ok(),
                // Shorter tags are not offered; the value they are cut from is checked all the same.
                short => {
                    assert!(mac.clone().verify(&tag).is_err(), "a cut tag is refused");
                    mac.finalize().as_bytes()[..short] == tag
                }
            };
            assert_eq!(good, is_valid(&case), "{file} {}", name(&case));
        }
    }
}
