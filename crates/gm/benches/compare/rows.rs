//! What is measured, what it is compared with, and what the figures of peers that no registry carries were elsewhere.

/// One operation.
pub(crate) struct Row {
    pub(crate) title: &'static str,
    pub(crate) operation: &'static str,
    /// Bytes of a call; 0 where operations count.
    pub(crate) size: usize,
    /// What ours must reach.
    pub(crate) targets: &'static [Target],
}

/// At least so many times the best of these.
pub(crate) struct Target {
    pub(crate) times: f64,
    pub(crate) of: &'static [Rival],
    pub(crate) judged: Judged,
}

/// What it means if a target does not hold.
#[derive(Clone, Copy)]
pub(crate) enum Judged {
    /// That it was missed.
    Here,
    /// Nothing: it is shown, and judged in the row of this title.
    InRow(&'static str),
    /// That it lies near the processor's limit, as this place shows, and closer than we came.
    NearLimit(&'static str),
}

pub(crate) enum Rival {
    /// A peer in this run.
    Here(&'static str),
    /// A peer in this run, in another operation.
    HereAs(&'static str, &'static str, usize),
    /// A peer that no registry carries: its name, its figure in the other run (operations or megabytes per second), and the
    /// operation whose peers were measured in both runs.
    There(&'static str, f64, &'static str, usize),
}

use Rival::{Here, HereAs, There};

const fn at_least(times: f64, of: &'static [Rival]) -> Target {
    Target { times, of, judged: Judged::Here }
}

const fn at_least_near_limit(times: f64, of: &'static [Rival], shown: &'static str) -> Target {
    Target { times, of, judged: Judged::NearLimit(shown) }
}

const fn row(
    title: &'static str,
    operation: &'static str,
    size: usize,
    targets: &'static [Target],
) -> Row {
    Row { title, operation, size, targets }
}

/// Signing with prepared nonces, 64 at a time; 32 in GmSSL.
const PREPARED: &str = "SM2 sign, nonces prepared (as GmSSL's signer)";
const SIGNER: &[Rival] = &[There("GmSSL", 23128.0, "sm2_verify", 0), Here("gmsm")];
const KNOWN: &[Rival] =
    &[There("GmSSL", 23128.0, "sm2_verify", 0), HereAs("gmsm", "sm2_verify", 0)];
const MBX_VERIFY: &[Rival] = &[There("Intel mbx", 78226.0, "sm2_verify", 0)];

pub(crate) const ROWS: [Row; 28] = [
    row(
        "SM2 sign",
        "sm2_sign",
        0,
        &[
            Target { times: 4.0, of: &[Here("gmsm")], judged: Judged::InRow(PREPARED) },
            at_least(1.0, &[There("GmSSL", 154_736.0, "sm2_sign", 0)]),
        ],
    ),
    // GmSSL's figure is of such a signer, with 32 nonces ready; no other peer has one.
    row(PREPARED, "sm2_sign_prepared", 0, &[at_least(4.0, &[HereAs("gmsm", "sm2_sign", 0)])]),
    row("SM2 verify", "sm2_verify", 0, &[at_least(1.7, SIGNER)]),
    row("SM2 verify, prepared key", "sm2_verify_prepared", 0, &[at_least(5.0, KNOWN)]),
    row("SM2 verify, many", "sm2_verify_many", 0, &[at_least(1.5, MBX_VERIFY)]),
    row("SM2 verify, many, prepared", "sm2_verify_many_prepared", 0, &[at_least(4.0, MBX_VERIFY)]),
    row(
        "SM2 sign, many",
        "sm2_sign_many",
        0,
        &[at_least(1.4, &[There("Intel mbx", 215_369.0, "sm2_sign", 0)])],
    ),
    row(
        "SM2 encrypt 64 B",
        "sm2_encrypt",
        0,
        &[at_least(1.5, &[There("GmSSL", 20180.0, "sm2_encrypt", 0), Here("gmsm")])],
    ),
    row(
        "SM2 decrypt 64 B",
        "sm2_decrypt",
        0,
        &[at_least(1.5, &[There("GmSSL", 24125.0, "sm2_decrypt", 0), Here("gmsm")])],
    ),
    row("SM2 key exchange", "sm2_exchange", 0, &[at_least(1.5, &[Here("gmsm")])]),
    row(
        "SM3 64 KiB",
        "sm3",
        65536,
        &[at_least_near_limit(
            1.15,
            &[There("libgcrypt 1.12", 459.2, "sm3", 65536), Here("libgcrypt")],
            "gm.md 7.3",
        )],
    ),
    row(
        "SM3 64 B",
        "sm3",
        64,
        &[at_least(1.15, &[There("libgcrypt 1.12", 174.7, "sm3", 64), Here("libgcrypt")])],
    ),
    row(
        "SM3 tree nodes",
        "sm3_nodes",
        0,
        &[at_least(1.8, &[There("Intel mbx", 19.3e6, "sm3", 65536)])],
    ),
    row(
        "SM3 many messages",
        "sm3_many",
        65536,
        &[at_least(1.5, &[There("ISA-L", 3222.0, "sm3", 65536)])],
    ),
    row(
        "SM4-ECB 16 KiB",
        "sm4_ecb",
        16384,
        &[at_least(1.5, &[There("libgcrypt 1.12", 3087.9, "sm4_ecb", 16384), Here("libgcrypt")])],
    ),
    row(
        "SM4-CTR 16 KiB",
        "sm4_ctr",
        16384,
        &[at_least(1.5, &[There("libgcrypt 1.12", 3031.2, "sm4_ctr", 16384), Here("libgcrypt")])],
    ),
    row(
        "SM4-CBC decrypt 16 KiB",
        "sm4_cbc_decrypt",
        16384,
        &[at_least(
            1.5,
            &[There("libgcrypt 1.12", 3078.9, "sm4_cbc_decrypt", 16384), Here("libgcrypt")],
        )],
    ),
    // Nobody measured XTS there: what the same library does without a tweak.
    row(
        "SM4-XTS 16 KiB",
        "sm4_xts",
        16384,
        &[at_least(1.5, &[There("libgcrypt 1.12", 3087.9, "sm4_ecb", 16384), Here("gmsm")])],
    ),
    row(
        "SM4-GCM 16 KiB",
        "sm4_gcm",
        16384,
        &[at_least(1.4, &[There("libgcrypt 1.12", 2698.9, "sm4_gcm", 16384), Here("libgcrypt")])],
    ),
    row(
        "SM4-GCM 1 KiB",
        "sm4_gcm",
        1024,
        &[at_least(1.4, &[There("libgcrypt 1.12", 1709.3, "sm4_gcm", 1024), Here("libgcrypt")])],
    ),
    row(
        "SM4-CBC encrypt 16 KiB",
        "sm4_cbc_encrypt",
        16384,
        &[at_least(1.0, &[Here("OpenSSL 3"), Here("OpenSSL 4"), Here("libgcrypt"), Here("gmsm")])],
    ),
    row(
        "SM4-CCM 16 KiB",
        "sm4_ccm",
        16384,
        &[at_least(1.0, &[Here("OpenSSL 4"), Here("libgcrypt"), Here("gmsm")])],
    ),
    row(
        "SM4-CBC encrypt, 16 streams",
        "sm4_cbc_encrypt_16",
        16384,
        &[at_least(1.5, &[There("Intel mbx", 1057.7, "sm4_cbc_encrypt", 16384)])],
    ),
    row("SM9 sign", "sm9_sign", 0, &[at_least(1.0, &[Here("gmsm")])]),
    row("SM9 verify", "sm9_verify", 0, &[at_least(1.0, &[Here("gmsm")])]),
    row("SM9 encrypt 64 B", "sm9_encrypt", 0, &[]),
    row("SM9 decrypt 64 B", "sm9_decrypt", 0, &[]),
    row("SM3 1 KiB", "sm3", 1024, &[]),
];

/// An operation, its size, and peers with their figures.
type Elsewhere = (&'static str, usize, &'static [(&'static str, f64)]);

/// Peers that both runs have: what they did in the other one, by operation and size. A row of the other run says calls in
/// operations, data in megabytes per second.
pub(crate) const THERE: [Elsewhere; 12] = [
    (
        "sm2_sign",
        0,
        &[
            ("OpenSSL 3", 2450.0),
            ("OpenSSL 4", 2531.0),
            ("RustCrypto", 10877.0),
            ("libsm", 7742.0),
            ("efficient-sm2", 14504.0),
            ("BouncyCastle", 13021.0),
            ("sm-crypto-v2", 1614.0),
            ("gmsm", 36045.0),
        ],
    ),
    (
        "sm2_verify",
        0,
        &[
            ("OpenSSL 3", 2639.0),
            ("OpenSSL 4", 2865.0),
            ("RustCrypto", 4250.0),
            ("libsm", 1317.0),
            ("efficient-sm2", 8267.0),
            ("BouncyCastle", 10530.0),
            ("gmsm", 16208.0),
        ],
    ),
    (
        "sm2_encrypt",
        0,
        &[
            ("OpenSSL 3", 1321.0),
            ("OpenSSL 4", 1334.0),
            ("RustCrypto", 2402.0),
            ("libsm", 1192.0),
            ("BouncyCastle", 3825.0),
            ("gmsm", 14642.0),
        ],
    ),
    (
        "sm2_decrypt",
        0,
        &[
            ("OpenSSL 3", 2569.0),
            ("OpenSSL 4", 2687.0),
            ("RustCrypto", 2834.0),
            ("libsm", 1377.0),
            ("BouncyCastle", 5568.0),
            ("gmsm", 18693.0),
        ],
    ),
    ("sm3", 64, &[("gmsm", 176.1), ("RustCrypto", 158.7), ("BouncyCastle", 98.2)]),
    (
        "sm3",
        65536,
        &[
            ("OpenSSL 3", 389.4),
            ("OpenSSL 4", 296.4),
            ("RustCrypto", 341.8),
            ("libsm", 246.7),
            ("BouncyCastle", 201.7),
            ("gmsm", 388.6),
        ],
    ),
    (
        "sm4_ecb",
        16384,
        &[
            ("OpenSSL 3", 130.2),
            ("OpenSSL 4", 131.5),
            ("RustCrypto", 100.3),
            ("BouncyCastle", 81.2),
            ("gmsm", 1180.0),
        ],
    ),
    (
        "sm4_ctr",
        16384,
        &[
            ("OpenSSL 3", 119.5),
            ("OpenSSL 4", 117.1),
            ("RustCrypto", 97.5),
            ("libsm", 84.4),
            ("BouncyCastle", 69.9),
            ("gmsm", 474.1),
        ],
    ),
    (
        "sm4_cbc_encrypt",
        16384,
        &[
            ("OpenSSL 3", 123.6),
            ("OpenSSL 4", 124.2),
            ("RustCrypto", 93.9),
            ("libsm", 94.2),
            ("BouncyCastle", 76.9),
            ("gmsm", 113.1),
        ],
    ),
    (
        "sm4_cbc_decrypt",
        16384,
        &[
            ("OpenSSL 3", 131.5),
            ("OpenSSL 4", 132.1),
            ("RustCrypto", 98.3),
            ("BouncyCastle", 77.1),
            ("gmsm", 1122.1),
        ],
    ),
    (
        "sm4_gcm",
        16384,
        &[("OpenSSL 4", 130.5), ("libsm", 42.5), ("BouncyCastle", 70.6), ("gmsm", 565.6)],
    ),
    ("sm4_gcm", 1024, &[("OpenSSL 4", 122.2), ("gmsm", 532.9)]),
];
