use core::num::NonZeroU32;

use serde_json::Value;
use yinxin_gm::{kdf, pbkdf2};

use crate::support::field;

fn cases(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("an array of cases")
}

#[test]
fn the_kdf_counts_from_one() {
    for case in cases(include_str!("../../../../vectors/gm/kdf.json")) {
        let (z, expected) = (field(&case, "z"), field(&case, "out"));
        for cut in [0, z.len() / 2] {
            let mut out = vec![0; expected.len()];
            kdf::derive(&[&z[..cut], &z[cut..]], &mut out).expect("short");
            assert_eq!(out, expected);
        }
    }
}

#[test]
fn pbkdf2_agrees_with_openssl() {
    for case in cases(include_str!("../../../../vectors/gm/pbkdf2_hmac_sm3.json")) {
        let iterations = case["iterations"].as_u64().and_then(|count| u32::try_from(count).ok());
        let iterations = iterations.and_then(NonZeroU32::new).expect("a small count");
        let expected = field(&case, "out");
        let mut out = vec![0; expected.len()];
        pbkdf2::hmac_sm3(&field(&case, "password"), &field(&case, "salt"), iterations, &mut out)
            .expect("short");
        assert_eq!(out, expected);
    }
}
