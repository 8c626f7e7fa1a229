//! What we write stays as it is: SM3 of every signed part, for fixed keys, times and random numbers.

use std::{collections::BTreeMap, convert::Infallible, fmt::Write, path::Path};

use yinxin_gm::{sm2::PrivateKey, sm3};
use yinxin_pki::{
    Certificate, CrlReason, Subject,
    ca::{Ca, CrlTemplate, Period, Profile, Revoked, Template, self_signed},
    csr::Csr,
    keyfile::{self, Prf},
    signed_data::{Content, Options, make},
};

use super::at;

/// Octets that count up: random enough to be told apart, and the same every time.
struct Counting(u8);

impl rand_core::TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets).map(|()| u32::from_be_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets).map(|()| u64::from_be_bytes(octets))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for octet in out {
            self.0 = self.0.wrapping_add(1);
            *octet = self.0;
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counting {}

fn written() -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let key = PrivateKey::from_bytes(&[0x11; 32]).unwrap();
    let period = Period { not_before: at("2026-01-01"), not_after: at("2055-01-01") };
    let name = Subject::new("根").country("CN").to_name().unwrap();
    let root = self_signed(name, &key, period, Some(1), &mut Counting(0)).unwrap();
    let ca = Ca::new(&root, &key).unwrap();
    let subject = Subject::new("印章")
        .country("CN")
        .organisation("某局")
        .organisation_code("11430000006122244L");
    let mut issued: Option<Certificate> = None;
    for word in Profile::WORDS {
        let profile = Profile::from_word(word).unwrap();
        let mut template =
            Template::new(subject.to_name().unwrap(), *key.public_key(), profile, period);
        template.crl_uri = Some("http://ca.example/ca.crl".into());
        template.hosts = vec!["a.example".into()];
        let certificate = ca.issue(&template, &mut Counting(0)).unwrap();
        out.insert(format!("certificate {word}"), certificate.tbs().to_vec());
        issued = Some(certificate);
    }
    out.insert("certificate root".into(), root.tbs().to_vec());
    let signer = issued.unwrap();
    let mut list = CrlTemplate::after(None, at("2026-02-01"), at("2026-03-01"));
    let mut entry = Revoked::new(&signer, at("2026-01-15"), CrlReason::KeyCompromise);
    entry.since = at("2026-01-10");
    list.revoked.push(entry);
    out.insert("list".into(), ca.crl(&list, &mut Counting(0)).unwrap().tbs().to_vec());
    // A signature is DER of 70 to 72 octets and depends on gm's nonces: only what stands before it is ours to freeze.
    let csr = Csr::make(&subject, &key, &mut Counting(0)).unwrap();
    out.insert("request, first 200 octets after the frame".into(), csr.raw()[4..204].to_vec());
    let file = keyfile::encrypt(
        &key,
        b"secret",
        Prf::HmacSm3,
        std::num::NonZeroU32::MIN,
        &mut Counting(0),
    )
    .unwrap();
    out.insert("key file".into(), file);
    let options = Options { signing_time: Some(at("2026-01-01")) };
    let message = make(
        Content::Detached(b"c"),
        std::slice::from_ref(&signer),
        &key,
        options,
        &mut Counting(0),
    )
    .unwrap();
    let attributes = yinxin_pki::SignedData::parse(&message).unwrap();
    let digest =
        attributes.signers()[0].attribute(&yinxin_pki::oid::MESSAGE_DIGEST).unwrap().to_vec();
    out.insert("message digest attribute".into(), digest);
    out
}

#[test]
fn what_is_written_is_frozen() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/pki/written.sm3");
    let mut text = String::new();
    for (name, bytes) in written() {
        writeln!(text, "{} {name}", sm3::digest(&bytes)).unwrap();
    }
    if std::env::var_os("YINXIN_FREEZE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap());
}
