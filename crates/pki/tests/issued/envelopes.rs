//! GB/T 35275 envelopes, ours and spoilt.

use yinxin_gm::sm2::Ciphertext;
use yinxin_pki::{
    PkiError,
    ca::Profile,
    enveloped_data::{Cipher, EnvelopedData, make},
    pem,
};

use super::{Party, rng};

const CIPHERS: [Cipher; 2] = [Cipher::Gcm, Cipher::Cbc];

#[test]
fn each_recipient_opens_it_and_nobody_else() {
    let root = Party::root();
    let [a, b, c] = ["甲", "乙", "丙"].map(|name| root.issue(name, Profile::Encryption));
    let to = [a.certificate.clone(), b.certificate.clone(), a.certificate.clone()];
    for cipher in CIPHERS {
        for content in [&b""[..], b"rows", &[7; 100_000]] {
            let message = make(content, &to, cipher, &mut rng()).unwrap();
            let text = pem::encode(pem::PKCS7, &message);
            for bytes in [&message[..], text.as_bytes()] {
                let read = EnvelopedData::parse(bytes).unwrap();
                assert_eq!(read.recipients().len(), 2, "named twice, addressed once");
                for party in [&a, &b] {
                    let opened = read.open(&party.certificate, &party.key, cipher).unwrap();
                    assert_eq!(opened.as_slice(), content);
                }
                let open = |certificate, key| read.open(certificate, key, cipher).unwrap_err();
                assert_eq!(open(&c.certificate, &c.key), PkiError::NotAddressed);
                assert_eq!(open(&a.certificate, &c.key), PkiError::DecryptionFailed);
            }
            let found = content.len() > 3 && message.windows(content.len()).any(|w| w == content);
            assert!(!found, "the content stands in the message");
        }
    }
    assert_eq!(make(b"", &[], Cipher::Gcm, &mut rng()), Err(PkiError::NotAddressed));
}

#[test]
fn the_cipher_is_the_readers_choice() {
    let party = Party::root().issue("甲", Profile::Encryption);
    for (made, other) in [(Cipher::Gcm, Cipher::Cbc), (Cipher::Cbc, Cipher::Gcm)] {
        let to = [party.certificate.clone()];
        let read = EnvelopedData::parse(&make(b"x", &to, made, &mut rng()).unwrap()).unwrap();
        let error = read.open(&party.certificate, &party.key, other).unwrap_err();
        assert_eq!(error, PkiError::CipherRefused);
    }
}

#[test]
fn no_changed_octet_opens_to_other_content() {
    let party = Party::root().issue("甲", Profile::Encryption);
    let message =
        make(b"content", std::slice::from_ref(&party.certificate), Cipher::Gcm, &mut rng())
            .unwrap();
    for at in 0..message.len() {
        for bit in [0x01, 0x80] {
            let mut changed = message.clone();
            changed[at] ^= bit;
            let Ok(read) = EnvelopedData::parse(&changed) else { continue };
            if let Ok(opened) = read.open(&party.certificate, &party.key, Cipher::Gcm) {
                assert_eq!(opened.as_slice(), b"content", "octet {at}");
            }
        }
        assert!(EnvelopedData::parse(&message[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn the_key_is_wrapped_as_the_standards_structure() {
    let party = Party::root().issue("甲", Profile::Encryption);
    let message =
        make(b"x", std::slice::from_ref(&party.certificate), Cipher::Cbc, &mut rng()).unwrap();
    let read = EnvelopedData::parse(&message).unwrap();
    let wrapped = Ciphertext::from_der(read.recipients()[0].encrypted_key()).unwrap();
    assert_eq!(party.key.decrypt(&wrapped).unwrap().len(), 16, "an SM4 key in an SM2Cipher");
}
