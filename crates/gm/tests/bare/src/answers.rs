//! What comes out, and from where it is known.

use core::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use yinxin_gm::{
    Digest, Error,
    hmac::HmacSm3,
    sm2::{DEFAULT_ID, PrivateKey, PublicKey, Signature},
    sm3,
    sm4::{cbc, ccm::Ccm, ctr, gcm::Gcm, xts},
};

pub(crate) const ALL: [fn() -> bool; 9] =
    [hash, hashes, mac, counter, chained, sectors, sealed, verified, signed];

/// GB/T 32905 A.1 and A.2.
fn hash() -> bool {
    let long = b"abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd";
    let mut pieces = sm3::Sm3::new();
    long.chunks(7).for_each(|piece| pieces.update(piece));
    sm3::digest(b"abc") == Digest(ABC) && pieces.finalize() == Digest(LONG)
}

/// Many at once, and the nodes of a tree.
fn hashes() -> bool {
    let mut digests = [Digest::ZERO; 40];
    sm3::many(&[b"abc"; 40], &mut digests);
    let mut parents = [Digest::ZERO; 20];
    sm3::nodes(1, &digests, &mut parents);
    let parent = sm3::digest_all(&[&[1], &ABC, &ABC]);
    digests == [Digest(ABC); 40] && parents == [parent; 20]
}

/// OpenSSL 3.0.
fn mac() -> bool {
    let mut mac = HmacSm3::new(&KEY);
    mac.update(b"yinxin power-on self-test");
    mac.verify(&hex::<32>("f51a643a4f5599da8ad1d729b35772c2786c71eb7e76dfc76334e32a3709b7b8"))
        .is_ok()
}

/// OpenSSL 3.0.
fn counter() -> bool {
    let mut data: [u8; 24] = hex("0123456789abcdeffedcba9876543210aaaaaaaabbbbbbbb");
    ctr::apply(&KEY, &IV, &mut data);
    data == hex("07bbd906b40da542d4514d1a97fccb7ac5ada7e1fb1847ba")
}

/// There and back over every width.
fn chained() -> bool {
    let mut data = [7; 16 * 100];
    let there = cbc::encrypt(&KEY, &IV, &mut data);
    let changed = data != [7; 1600];
    let back = cbc::decrypt(&KEY, &IV, &mut data);
    there.is_ok() && back.is_ok() && changed && data == [7; 1600]
}

/// There and back.
fn sectors() -> bool {
    let mut key = [1; 32];
    key[..16].copy_from_slice(&KEY);
    let Ok(xts) = xts::Xts::new(&key, xts::Standard::Gbt17964) else { return false };
    let mut data = [7; 555];
    xts.encrypt(&IV, &mut data).is_ok()
        && data != [7; 555]
        && xts.decrypt(&IV, &mut data).is_ok()
        && data == [7; 555]
}

/// RFC 8998 A.1 and A.2; what was changed is refused and wiped.
fn sealed() -> bool {
    let (gcm, ccm) = (Gcm::new(&KEY), Ccm::<16>::new(&KEY));
    let mut data = PLAIN;
    let Ok(tag) = gcm.seal_in_place(&NONCE, &AAD, &mut data) else { return false };
    let sealed = data == GCM && tag == hex("83de3541e4c2b58177e065a9bf7b62ec");
    let opened = gcm.open_in_place(&NONCE, &AAD, &mut data, &tag) == Ok(()) && data == PLAIN;
    let refused = gcm.open_in_place(&NONCE, b"", &mut data, &tag) == Err(Error::Decryption);
    let wiped = data == [0; 64];
    data = PLAIN;
    let tag = ccm.seal_in_place(&NONCE, &AAD, &mut data);
    let by_ccm = tag == Ok(hex("16842d4fa186f56ab33256971fa110f4"));
    sealed && opened && refused && wiped && by_ccm
}

/// GB/T 32918.5 A.2, also as DER; another message is refused.
fn verified() -> bool {
    let Ok(key) = PublicKey::from_sec1(&PUBLIC_KEY) else { return false };
    let Ok(signature) = Signature::from_raw(&SIGNATURE) else { return false };
    let mut der = [0; 72];
    der[..5].copy_from_slice(&[0x30, 70, 2, 33, 0]);
    der[5..37].copy_from_slice(&SIGNATURE[..32]);
    der[37..40].copy_from_slice(&[2, 33, 0]);
    der[40..].copy_from_slice(&SIGNATURE[32..]);
    Signature::from_der(&der) == Ok(signature)
        && key.verify(DEFAULT_ID, b"message digest", &signature) == Ok(())
        && key.verify(DEFAULT_ID, b"another", &signature) == Err(Error::Signature)
}

/// By the key of the same standard.
fn signed() -> bool {
    let d = hex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
    let Ok(key) = PrivateKey::from_bytes(&d) else { return false };
    let Ok(signature) = key.sign(DEFAULT_ID, b"message", &mut Fixed) else { return false };
    key.public_key().to_sec1() == PUBLIC_KEY
        && key.public_key().verify(DEFAULT_ID, b"message", &signature) == Ok(())
}

const ABC: [u8; 32] = hex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
const LONG: [u8; 32] = hex("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
const KEY: [u8; 16] = hex("0123456789abcdeffedcba9876543210");
const IV: [u8; 16] = hex("000102030405060708090a0b0c0d0e0f");
const NONCE: [u8; 12] = hex("00001234567800000000abcd");
const AAD: [u8; 20] = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
const PLAIN: [u8; 64] = hex(
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
);
const GCM: [u8; 64] = hex(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
);
const PUBLIC_KEY: [u8; 65] = hex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
);
const SIGNATURE: [u8; 64] = hex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
);

/// Randomness that always is the same.
struct Fixed;

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0x5a5a_5a5a)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0x5a5a_5a5a_5a5a_5a5a)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.fill(0x5a);
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

/// Hexadecimal, read when compiling.
const fn hex<const N: usize>(text: &str) -> [u8; N] {
    const fn digit(byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => byte - b'0',
            _ => byte - b'a' + 10,
        }
    }
    assert!(text.len() == 2 * N, "two digits a byte");
    let mut out = [0; N];
    let mut i = 0;
    while i < N {
        out[i] = digit(text.as_bytes()[2 * i]) << 4 | digit(text.as_bytes()[2 * i + 1]);
        i += 1;
    }
    out
}
