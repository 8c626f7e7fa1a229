//! What comes out, and from where it is known.

use alloc::{vec, vec::Vec};
use core::{convert::Infallible, time::Duration};

use rand_core::{TryCryptoRng, TryRng};

use super::Answer;
use crate::{
    Digest, Error,
    drbg::{HashDrbg, Level},
    hmac::HmacSm3,
    sm2::{Ciphertext, DEFAULT_ID, PrivateKey, PublicKey, Signature},
    sm3,
    sm4::{Sm4, cbc, ccm, cfb, cmac::Cmac, ctr, gcm, ofb, xts},
};

pub(super) const ALL: &[Answer] = &[
    // GB/T 32905 A.1.
    Answer {
        part: "SM3",
        expected: &hex::<32>("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        compute: || Ok(sm3::digest(b"abc").0.to_vec()),
    },
    // Sixty-four messages of GB/T 32905 A.2 at once.
    Answer {
        part: "SM3 in lanes",
        expected: &hex::<32>("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        compute: sm3_in_lanes,
    },
    // OpenSSL 3.0.
    Answer {
        part: "HMAC-SM3",
        expected: &hex::<32>("f51a643a4f5599da8ad1d729b35772c2786c71eb7e76dfc76334e32a3709b7b8"),
        compute: hmac,
    },
    // GB/T 32907 A.1, and back; eighty blocks, so that every width takes part.
    Answer {
        part: "SM4",
        expected: &hex::<16>("681edf34d206965e86b3e94f536e4246"),
        compute: blocks,
    },
    // CBC, CTR, CFB, OFB and CMAC: OpenSSL 3.0.
    Answer {
        part: "SM4-CBC",
        expected: &hex::<32>("a9a268883a336315bac0c9c9ff350ab1e742df18e274d9403c77c56e3ae389a2"),
        compute: || {
            let sealed = cbc::encrypt_pkcs7(&KEY, &IV, &TEXT);
            let opened = cbc::decrypt_pkcs7(&KEY, &IV, &sealed)?;
            same(&opened, &TEXT)?;
            Ok(sealed)
        },
    },
    Answer {
        part: "SM4-CTR",
        expected: &hex::<24>("07bbd906b40da542d4514d1a97fccb7ac5ada7e1fb1847ba"),
        compute: || {
            there_and_back(|data| ctr::apply(&KEY, &IV, data), |data| ctr::apply(&KEY, &IV, data))
        },
    },
    Answer {
        part: "SM4-CFB",
        expected: &hex::<24>("07bbd906b40da542d4514d1a97fccb7a1b09adea2d41fa0b"),
        compute: || {
            there_and_back(
                |data| cfb::encrypt(&KEY, &IV, data),
                |data| cfb::decrypt(&KEY, &IV, data),
            )
        },
    },
    Answer {
        part: "SM4-OFB",
        expected: &hex::<24>("07bbd906b40da542d4514d1a97fccb7a5945e8e60c38e1c6"),
        compute: || {
            there_and_back(|data| ofb::apply(&KEY, &IV, data), |data| ofb::apply(&KEY, &IV, data))
        },
    },
    Answer {
        part: "SM4-CMAC",
        expected: &hex::<16>("d08f0c20037b4fd08b56427a77201d7e"),
        compute: || {
            let mut mac = Cmac::new(&KEY);
            mac.update(MESSAGE);
            Ok(mac.finalize().to_vec())
        },
    },
    // RFC 8998 A.1 and A.2.
    Answer {
        part: "SM4-GCM",
        expected: &hex::<80>(
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec",
        ),
        compute: || {
            let mut sealed = gcm::seal(&KEY, &NONCE, &AAD, &LONG)?;
            same(&gcm::open(&KEY, &NONCE, &AAD, &sealed)?, &LONG)?;
            refused(&mut sealed, |sealed| gcm::open(&KEY, &NONCE, &AAD, sealed).is_err())?;
            Ok(sealed)
        },
    },
    Answer {
        part: "SM4-CCM",
        expected: &hex::<80>(
            "48af93501fa62adbcd414cce6034d895dda1bf8f132f042098661572e7483094fd12e518ce062c98acee28d95df4416bed31a2f04476c18bb40c84a74b97dc5b16842d4fa186f56ab33256971fa110f4",
        ),
        compute: || {
            let mut sealed = ccm::seal(&KEY, &NONCE, &AAD, &LONG)?;
            same(&ccm::open(&KEY, &NONCE, &AAD, &sealed)?, &LONG)?;
            refused(&mut sealed, |sealed| ccm::open(&KEY, &NONCE, &AAD, sealed).is_err())?;
            Ok(sealed)
        },
    },
    // GB/T 17964-2021, and the same data by IEEE 1619 (Tongsuo).
    Answer {
        part: "SM4-XTS of GB/T 17964",
        expected: &hex::<56>(
            "e9538251c71d7b80bbe4483fef497bd12c5c581bd6242fc51e08964fb4f60fdb0ba42f63499279213d318d2c11f6886e903be7f93a1b3479",
        ),
        compute: || sector(xts::Standard::Gbt17964),
    },
    Answer {
        part: "SM4-XTS of IEEE 1619",
        expected: &hex::<56>(
            "e9538251c71d7b80bbe4483fef497bd1b3db1a3e60408c575d63ff7db39f83260869f9e2585fec9f0b863bf8fd784b8627d16c0db6d2cfc7",
        ),
        compute: || sector(xts::Standard::Ieee1619),
    },
    // The key of GB/T 32918.5 and its examples A.2 and C.2.
    Answer {
        part: "SM2 public key",
        expected: &PUBLIC_KEY,
        compute: || Ok(PrivateKey::from_bytes(&PRIVATE_KEY)?.public_key().to_sec1().to_vec()),
    },
    Answer { part: "SM2 verification", expected: &SIGNATURE, compute: verification },
    Answer {
        part: "SM2 decryption",
        expected: b"encryption standard",
        compute: || {
            let key = PrivateKey::from_bytes(&PRIVATE_KEY)?;
            Ok(key.decrypt(&Ciphertext::from_c1c3c2(&CIPHERTEXT)?)?.to_vec())
        },
    },
    // This crate's nonces (specs/gm.md 5) from randomness of nothing but 0x5a; computed apart from it, in Python.
    Answer {
        part: "SM2 signature",
        expected: &hex::<64>(
            "e681203da44d7370af9d9b9df114b5b0bd7cec3e64ce73acd800c5e84eb5cb77f1c8175143df280e56d71a717464e392de6a2bc8ad770e65b9fd3e760936c45f",
        ),
        compute: signature,
    },
    Answer {
        part: "SM2 encryption",
        expected: &hex::<116>(
            "044745898d3a05d069dd476e1a0049207a5778d918d7e17cf987e18cf040f82654ed3e818847ab5e35b3c64b361d1bd563816b4c496a4934ca5c042e909b3c777cfff4ec5af76a3d7d5c818dc3a4fabad7d9168db70599b4e2645a6e0a8e2bd9f8c194fcec4b526b5f846cf994fc565676ffcb2c",
        ),
        compute: || {
            let key = PublicKey::from_sec1(&PUBLIC_KEY)?;
            Ok(key.encrypt(b"encryption standard", &mut Fixed)?.to_c1c3c2())
        },
    },
    // gmsm 0.41.
    Answer {
        part: "DRBG",
        expected: &hex::<32>("00d98d35a2fab8df23e9e1fb9aad143d62c0759eb79e15c37e8f2bc5064e68da"),
        compute: drbg,
    },
    // 3GPP TS 35.223; EIA3 set 1 of the same; the paper of ZUC-256; Intel's file for 256-NIA6.
    #[cfg(feature = "zuc")]
    Answer { part: "ZUC-128", expected: &hex::<8>("14f1c2723279c419"), compute: zuc::stream },
    #[cfg(feature = "zuc")]
    Answer { part: "128-EIA3", expected: &hex::<4>("c8a9595e"), compute: zuc::eia3 },
    #[cfg(feature = "zuc")]
    Answer {
        part: "ZUC-256",
        expected: &hex::<16>("d85e54bbcb9600967084c952a1654b26"),
        compute: zuc::mac256,
    },
    #[cfg(feature = "zuc")]
    Answer { part: "256-NIA6", expected: &hex::<5>("41539061eb"), compute: zuc::nia6 },
    // GM/T 0044.5 A: the key of Alice; and her signature verifies.
    #[cfg(feature = "sm9")]
    Answer { part: "SM9 signature", expected: &sm9::ALICE, compute: sm9::signature },
    // GM/T 0044.5 D.
    #[cfg(feature = "sm9")]
    Answer { part: "SM9 decryption", expected: b"Chinese IBE standard", compute: sm9::decryption },
];

const MESSAGE: &[u8] = b"yinxin power-on self-test";
const KEY: [u8; 16] = hex("0123456789abcdeffedcba9876543210");
const IV: [u8; 16] = hex("000102030405060708090a0b0c0d0e0f");
const TEXT: [u8; 24] = hex("0123456789abcdeffedcba9876543210aaaaaaaabbbbbbbb");
const NONCE: [u8; 12] = hex("00001234567800000000abcd");
const AAD: [u8; 20] = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
const LONG: [u8; 64] = hex(
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
);
const PRIVATE_KEY: [u8; 32] =
    hex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
const PUBLIC_KEY: [u8; 65] = hex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
);
const SIGNATURE: [u8; 64] = hex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
);
const CIPHERTEXT: [u8; 116] = hex(
    "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df059983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd876621886ca989ca9c7d58087307ca93092d651efa",
);

fn sm3_in_lanes() -> Result<Vec<u8>, Error> {
    let message = b"abcd".repeat(16);
    let mut digests = vec![Digest::ZERO; 64];
    sm3::many(&vec![&message[..]; 64], &mut digests);
    digests.iter().try_for_each(|digest| same(digest.as_ref(), digests[0].as_ref()))?;
    Ok(digests[0].0.to_vec())
}

fn hmac() -> Result<Vec<u8>, Error> {
    let mut mac = HmacSm3::new(&KEY);
    mac.update(MESSAGE);
    let tag = mac.clone().finalize();
    let mut wrong = tag.0;
    refused(&mut wrong, |wrong| mac.clone().verify(wrong).is_err())?;
    mac.verify(&tag.0)?;
    Ok(tag.0.to_vec())
}

fn blocks() -> Result<Vec<u8>, Error> {
    let sm4 = Sm4::new(&KEY);
    let mut blocks = vec![KEY; 80];
    sm4.encrypt_blocks(&mut blocks);
    let mut one = KEY;
    sm4.encrypt_block(&mut one);
    blocks.iter().try_for_each(|block| same(block, &one))?;
    sm4.decrypt_blocks(&mut blocks);
    blocks.iter().try_for_each(|block| same(block, &KEY))?;
    Ok(one.to_vec())
}

fn there_and_back(there: fn(&mut [u8]), back: fn(&mut [u8])) -> Result<Vec<u8>, Error> {
    let mut data = TEXT;
    there(&mut data);
    let encrypted = data.to_vec();
    back(&mut data);
    same(&data, &TEXT)?;
    Ok(encrypted)
}

fn sector(standard: xts::Standard) -> Result<Vec<u8>, Error> {
    let key = hex("2b7e151628aed2a6abf7158809cf4f3c000102030405060708090a0b0c0d0e0f");
    let tweak = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    let plain: [u8; 56] = hex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17",
    );
    let xts = xts::Xts::new(&key, standard)?;
    let mut data = plain;
    xts.encrypt(&tweak, &mut data)?;
    let encrypted = data.to_vec();
    xts.decrypt(&tweak, &mut data)?;
    same(&data, &plain)?;
    Ok(encrypted)
}

fn verification() -> Result<Vec<u8>, Error> {
    let key = PublicKey::from_sec1(&PUBLIC_KEY)?;
    let signature = Signature::from_raw(&SIGNATURE)?;
    key.verify(DEFAULT_ID, b"message digest", &signature)?;
    if key.verify(DEFAULT_ID, b"another", &signature) != Err(Error::Signature) {
        return Err(Error::Signature);
    }
    Ok(signature.to_raw().to_vec())
}

fn signature() -> Result<Vec<u8>, Error> {
    let key = PrivateKey::from_bytes(&PRIVATE_KEY)?;
    let signature = key.sign(DEFAULT_ID, MESSAGE, &mut Fixed)?;
    key.public_key().verify(DEFAULT_ID, MESSAGE, &signature)?;
    Ok(signature.to_raw().to_vec())
}

fn drbg() -> Result<Vec<u8>, Error> {
    let now = Duration::ZERO;
    let entropy: [u8; 32] = hex("63363377e41e86468deb0ab4a8ed683f6a134e47e014c700454e81e95358a569");
    let nonce: [u8; 16] = hex("808aa38f2a72a62359915a9f8a04ca68");
    let again: [u8; 32] = hex("e62b8a8ee8f141b6980566e3bfe3c04903dad4ac2cdf9f2280010a6739bc83d3");
    let mut drbg = HashDrbg::new(Level::Two, &entropy, &nonce, b"", now)?;
    drbg.reseed(&again, b"", now)?;
    let mut out = [0; 32];
    drbg.generate(&mut out, b"", now)?;
    drbg.generate(&mut out, b"", now)?;
    Ok(out.to_vec())
}

#[cfg(feature = "zuc")]
mod zuc {
    use super::{Error, Vec, hex};
    use crate::zuc::{Zuc, lte, mac256 as mac, nr};

    pub(super) fn stream() -> Result<Vec<u8>, Error> {
        let mut data = [0; 8];
        let key = hex("3d4c4be96a82fdaeb58f641db17b455b");
        Zuc::new_128(&key, &hex("84319aa8de6915ca1f6bda6bfbd8c766")).apply(&mut data);
        Ok(data.to_vec())
    }

    pub(super) fn eia3() -> Result<Vec<u8>, Error> {
        let session = lte::Session::new(0, 0, lte::Direction::Uplink)?;
        Ok(lte::eia3(&[0; 16], session, &[0], 1)?.to_vec())
    }

    pub(super) fn mac256() -> Result<Vec<u8>, Error> {
        Ok(mac::<16>(&[0; 32], &[0; 23], &[0; 50]).to_vec())
    }

    pub(super) fn nia6() -> Result<Vec<u8>, Error> {
        let iv = hex("283f0000000000000000000000000000");
        Ok(nr::nia6::<5>(&[0; 32], &iv, &[0]).to_vec())
    }
}

#[cfg(feature = "sm9")]
mod sm9 {
    use super::{Error, Fixed, Vec, hex, refused, same};
    use crate::sm9::{Ciphertext, EncryptionMasterKey, Mode, Signature, SigningMasterKey, User};

    pub(super) const ALICE: [u8; 65] = hex(
        "04a5702f05cf1315305e2d6eb64b0deb923db1a0bcf0caff90523ac8754aa6982078559a844411f9825c109f5ee3f52d720dd01785392a727bb1556952b2b013d3",
    );
    const SIGNATURE: [u8; 96] = hex(
        "823c4b21e4bd2dfe1ed92c606653e996668563152fc33f55d7bfbb9bd9705adb73bf96923ce58b6ad0e13e9643a406d8eb98417c50ef1b29cef9adb48b6d598c856712f1c2e0968ab7769f42a99586aed139d5b8b3e15891827cc2aced9baa05",
    );
    const CIPHERTEXT: [u8; 116] = hex(
        "2445471164490618e1ee20528ff1d545b0f14c8bcaa44544f03dab5dac07d8ff42ffca97d57cddc05ea405f2e586feb3a6930715532b8000759f13059ed59ac0ba672387bcd6de5016a158a52bb2e7fc429197bcab70b25afee37a2b9db9f3671b5f5b0e951489682f3e64e1378cdd5da9513b1c",
    );

    /// The example's, and one of our own.
    pub(super) fn signature() -> Result<Vec<u8>, Error> {
        let ks = hex("000130e78459d78545cb54c587e02cf480ce0b66340f319f348a1d5b1f2dc5f4");
        let centre = SigningMasterKey::from_bytes(&ks)?;
        let (public, user) = (centre.public_key(), User::signer(b"Alice"));
        let mut message = *b"Chinese IBS standard";
        let example = Signature::from_raw(&SIGNATURE)?;
        public.verify(&user, &message, &example)?;
        refused(&mut message, |message| public.verify(&user, message, &example).is_err())?;
        let key = centre.extract(&user)?;
        public.verify(&user, &message, &key.sign(&message, &mut Fixed)?)?;
        Ok(key.to_bytes().to_vec())
    }

    /// The example's, and one of our own.
    pub(super) fn decryption() -> Result<Vec<u8>, Error> {
        let ke = hex("0001edee3778f441f8dea3d9fa0acc4e07ee36c93f9a08618af4ad85cede1c22");
        let centre = EncryptionMasterKey::from_bytes(&ke)?;
        let user = User::recipient(b"Bob");
        let key = centre.extract(&user)?;
        let own = centre.public_key().encrypt(&user, b"own", Mode::Cbc, &mut Fixed)?;
        same(&key.decrypt(&own)?, b"own")?;
        let mut example = CIPHERTEXT;
        refused(&mut example, |example| {
            let read = Ciphertext::from_c1c3c2(example, Mode::Xor);
            read.is_ok_and(|ciphertext| key.decrypt(&ciphertext).is_err())
        })?;
        let message = key.decrypt(&Ciphertext::from_c1c3c2(&example, Mode::Xor)?)?;
        Ok(message.to_vec())
    }
}

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

fn same(a: &[u8], b: &[u8]) -> Result<(), Error> {
    if a == b { Ok(()) } else { Err(Error::Decryption) }
}

/// `refuses` what differs in its last bit; `data` is as before.
fn refused(data: &mut [u8], refuses: impl Fn(&[u8]) -> bool) -> Result<(), Error> {
    let flip =
        |data: &mut [u8]| data.iter_mut().next_back().into_iter().for_each(|byte| *byte ^= 1);
    flip(data);
    let good = refuses(data);
    flip(data);
    if good { Ok(()) } else { Err(Error::Decryption) }
}

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
