//! Forged stamps, each with the reason for which it must fall. The anchors are the set's own root, its list revokes serial 5.

use yinxin_pki::TrustStore;
use yinxin_verdict::{Check, Policy, Reason, Verdict};

use crate::shared::{check_ofd, grave, read, shared};

#[test]
fn each_forgery_falls_for_its_own_reason() {
    let Some(dir) = shared() else { return };
    let dir = dir.join("corpus/attacks");
    let mut trust = TrustStore::new();
    trust.add(&read(&dir, "ca_root.cer")).unwrap();
    trust.add(&read(&dir, "ca.crl")).unwrap();
    use Reason::*;
    let cases: [(&str, Check, &[Reason], Verdict); 15] = [
        ("a00_good", Check::SealMaker, &[], Verdict::Valid),
        ("a01_good_whole", Check::SealMaker, &[], Verdict::Valid),
        (
            "a02_seal_name_changed_maker_sig_stale",
            Check::SealSignature,
            &[SealSignatureBad],
            Verdict::Invalid,
        ),
        ("a03_maker_sig_garbage", Check::SealSignature, &[SealSignatureBad], Verdict::Invalid),
        ("a04_signer_not_in_certlist", Check::SealSigner, &[SignerNotInSeal], Verdict::Invalid),
        (
            "a05_seal_made_by_untrusted_maker",
            Check::SealMaker,
            &[UnknownAnchor],
            Verdict::Indeterminate,
        ),
        ("a06_seal_expired_properly_signed", Check::SealValidity, &[SealExpired], Verdict::Invalid),
        (
            "a07_propertyInfo_points_elsewhere",
            Check::SignatureScope,
            &[ScopeWrong],
            Verdict::Invalid,
        ),
        ("a08_tbs_version_99", Check::SignatureFormat, &[VersionWrong], Verdict::Invalid),
        (
            "a09_signing_time_1990",
            Check::CertValidity,
            &[CertNotYetValid, SealExpired],
            Verdict::Invalid,
        ),
        (
            "a10_signing_time_2090",
            Check::SignatureTime,
            &[CertExpired, SealExpired, SigningTimeFuture],
            Verdict::Invalid,
        ),
        ("a11_header_v5_in_v4", Check::SignatureFormat, &[VersionWrong], Verdict::Invalid),
        (
            "a12_signer_revoked_before_signing",
            Check::CertRevocation,
            &[CertRevoked],
            Verdict::Invalid,
        ),
        (
            "a13_signer_cert_expired_at_signing",
            Check::CertValidity,
            &[CertExpired],
            Verdict::Invalid,
        ),
        ("a14_good_certlist_type2_sm3_digest", Check::SealMaker, &[], Verdict::Valid),
    ];
    for (name, check, reasons, verdict) in cases {
        let stamps = check_ofd(&read(&dir, &format!("{name}.ofd")), &trust);
        let [Some(facts)] = stamps.as_slice() else { panic!("{name}: one stamp expected") };
        assert_eq!(grave(facts), reasons, "{name}");
        let asked = facts.facts().iter().filter(|f| f.check == check);
        let failed = asked.filter_map(|f| f.reason()).any(|r| reasons.contains(&r));
        assert_eq!(failed, !reasons.is_empty(), "{name}: {} is where it shows", check.code());
        assert_eq!(Policy::default().judge(facts), verdict, "{name}");
    }
}
