//! Rows of penalties: five a company on average, some companies with thousands, texts like those that are published.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

/// The first department of the ledger.
pub(crate) const AUTHORITY: &str = yinxin_tests::cluster::DEPARTMENTS[0].0;
const HEADER: &str = "published,CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_FRDB,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,CF_NR_FK,CF_JDRQ,CF_CFJG,CF_CFJGDM,CF_LYDW,CF_LYDWDM";

/// The company of a record. Of a hundred records ninety go to companies that have five in all, ten to one of a thousand large ones.
pub(crate) fn subject_of(record: u64) -> u64 {
    let mixed = record.wrapping_mul(0xd129_42b5_8cb9_2d1d).rotate_left(29);
    if record % 10 == 9 {
        mixed % 1000
    } else {
        1000 + (record / 5).wrapping_mul(7_368_787) % 900_000_000
    }
}

/// Its code, with a check character.
pub(crate) fn company(n: u64) -> String {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91330100{n:09}");
    let value = |b: u8| ALPHABET.iter().position(|a| *a == b).unwrap();
    let (sum, _) = body.bytes().fold((0, 1), |(sum, w), b| (sum + value(b) * w, w * 3 % 31));
    format!("{body}{}", char::from(ALPHABET[(31 - sum % 31) % 31]))
}

pub(crate) fn write(path: &Path, first: u64, count: u64) {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    writeln!(out, "{HEADER}").unwrap();
    for record in first..first + count {
        let (n, day) = (subject_of(record), record % 28 + 1);
        let month = record / 28 % 9 + 1;
        let company = company(n);
        writeln!(
            out,
            "2025-{:02}-15,示范市第{n}号商贸有限公司,02,{company},王某某,示市监处罚〔2025〕{record}号,违反广告管理规定,\
             当事人在其经营场所和网页发布的第{record}号广告中使用了未经证实的用语，足以误导消费者。,《中华人民共和国广告法》第五十五条第一款,02,\
             责令停止发布、消除影响，并处罚款,{}.{:06},2025-{month:02}-{day:02},示范市市场监督管理局,{AUTHORITY},示范市市场监督管理局,{AUTHORITY}",
            month + 1,
            record % 300,
            record % 1_000_000,
        )
        .unwrap();
    }
    out.flush().unwrap();
}
