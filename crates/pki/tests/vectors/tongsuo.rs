//! SM2 certificates and keys made by Tongsuo.

use yinxin_pki::{Certificate, Pool, PublicKeyInfo, TrustStore, Usage, csr::Csr, keyfile, pem};
use yinxin_verdict::{Reason, Verdict};

use crate::{ask, at, shared};

fn load(name: &str) -> Option<Vec<u8>> {
    shared(&format!("vectors/tongsuo_certs/{name}")).map(|p| std::fs::read(p).unwrap())
}

#[test]
fn chains_of_tongsuo_get_their_answers() {
    use Usage::{Encrypt, Sign};
    for (leaf, chain, usage, as_of, reasons) in [
        ("sm2/server_sign.crt", "sm2/chain-ca.crt", Sign, "2024-01-01", &[][..]),
        ("sm2/server_enc.crt", "sm2/chain-ca.crt", Encrypt, "2024-01-01", &[]),
        ("sm2/client_sign.crt", "sm2/chain-ca.crt", Sign, "2024-01-01", &[]),
        ("sm2/client_enc.crt", "sm2/chain-ca.crt", Encrypt, "2024-01-01", &[]),
        ("sm2/client_enc.crt", "sm2/chain-ca.crt", Sign, "2024-01-01", &[Reason::CertUsageWrong]),
        (
            "sm2/client_sign.crt",
            "sm2/chain-ca.crt",
            Encrypt,
            "2024-01-01",
            &[Reason::CertUsageWrong],
        ),
        (
            "sm2/server_sign_expire.crt",
            "sm2/chain-ca.crt",
            Sign,
            "2024-01-01",
            &[Reason::CertExpired],
        ),
        (
            "sm2/server_enc_expire.crt",
            "sm2/chain-ca.crt",
            Encrypt,
            "2024-01-01",
            &[Reason::CertExpired],
        ),
        ("sm2/server_sign.crt", "sm2/chain-ca.crt", Sign, "2022-01-01", &[Reason::CertNotYetValid]),
        ("sm2/server_sign2.crt", "sm2/chain-ca.crt", Sign, "2024-01-01", &[Reason::UnknownAnchor]),
        ("sm2-first-crt.pem", "sm2-root-cert.pem", Sign, "2024-01-01", &[]),
        ("sm2-leaf.crt", "sm2-chain-ca.crt", Sign, "2024-01-01", &[]),
        // Signed without Z, against GB/T 32918.2: its root is no anchor, for its signature does not verify.
        (
            "sm2-noza-cert.pem",
            "sm2-noza-root-cert.pem",
            Sign,
            "2024-01-01",
            &[Reason::CertSignatureBad],
        ),
    ] {
        let (Some(leaf_bytes), Some(chain)) = (load(leaf), load(chain)) else { return };
        let mut trust = TrustStore::new();
        trust.add(&chain).unwrap();
        let leaf_certificate = Certificate::parse(&leaf_bytes).unwrap();
        let (found, _) = ask(&leaf_certificate, &Pool::new(), &trust, usage, at(as_of));
        let mut grave = found.reasons.clone();
        grave.retain(|r| r.gravity() != Verdict::Valid);
        grave.dedup();
        assert_eq!(grave, reasons, "{leaf} {usage:?} {as_of}");
    }
}

#[test]
fn requests_and_keys_of_tongsuo_are_read() {
    let (Some(request), Some(other)) = (load("sm2-csr.pem"), load("sm2-noza-csr.pem")) else {
        return;
    };
    Csr::parse(&request).unwrap().verify().unwrap();
    assert!(Csr::parse(&other).unwrap().verify().is_err());
    for (key, certificate) in [
        ("sm2/server_sign.key", "sm2/server_sign.crt"),
        ("sm2/client_enc.key", "sm2/client_enc.crt"),
        ("sm2-leaf.key", "sm2-leaf.crt"),
        ("sm2-first-key.pem", "sm2-first-crt.pem"),
        ("sm2-root.key", "sm2-root-cert.pem"),
    ] {
        let (Some(key), Some(certificate_bytes)) = (load(key), load(certificate)) else { return };
        let key = keyfile::read(&key, None).unwrap();
        assert_eq!(
            Certificate::parse(&certificate_bytes).unwrap().sm2_key(),
            Some(key.public_key()),
            "{certificate}"
        );
    }
}

#[test]
fn keys_with_curve_parameters_written_out_are_refused() {
    let Some(folder) = shared("vectors/tongsuo_ecparam") else { return };
    let mut explicit = 0;
    for kind in ["valid", "noncanon", "invalid"] {
        for file in std::fs::read_dir(folder.join(kind)).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for block in pem::blocks(&text).unwrap() {
                let spki = spki(&block.der);
                let parsed = PublicKeyInfo::parse(&spki);
                if block.der[0] == 0x30 {
                    assert!(parsed.is_err(), "{text}");
                    explicit += 1;
                } else {
                    assert!(!matches!(parsed, Ok(PublicKeyInfo::Sm2(_))), "{text}");
                }
            }
        }
    }
    assert_eq!(explicit, 71);
}

/// A key that is the generator of the SM2 curve, under these parameters.
fn spki(parameters: &[u8]) -> Vec<u8> {
    let wrap = |tag: u8, parts: &[&[u8]]| {
        let value = parts.concat();
        let mut out = vec![tag, 0x82];
        out.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        out.extend(value);
        out
    };
    let oid: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    let point = [&[0, 4][..], &[7; 64]].concat();
    wrap(0x30, &[&wrap(0x30, &[oid, parameters]), &wrap(3, &[&point])])
}
