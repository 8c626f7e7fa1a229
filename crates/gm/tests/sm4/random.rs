use yinxin_gm::{
    backend::{self, Backend},
    sm4::{
        Sm4, cbc, ccm, cfb, cmac, ctr, gcm, ofb,
        xts::{Standard, Xts},
    },
};

use crate::{FORCED, noise::noise};

/// How many operations: `YINXIN_CASES`, or enough for every day.
fn cases() -> u64 {
    std::env::var("YINXIN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(20_000)
}

/// A length: around what the backends take at once, or anything short.
fn length(choice: &[u8]) -> usize {
    let edges = [0, 16, 32, 48, 64, 128, 256, 512, 768, 1024, 1040, 2048];
    match choice[0] % 4 {
        0 => edges[usize::from(choice[1]) % edges.len()] + usize::from(choice[2] % 3),
        1 => (edges[usize::from(choice[1]) % edges.len()] + 63).saturating_sub(choice[2].into()),
        2 => usize::from(choice[1]),
        _ => usize::from(choice[1] % 40),
    }
}

/// Key, nonce and data of every byte at its extremes now and then.
fn extreme(mut bytes: Vec<u8>, choice: u8) -> Vec<u8> {
    match choice {
        0..8 => bytes.fill(0),
        8..16 => bytes.fill(0xff),
        16..24 => bytes.iter_mut().rev().take(5).for_each(|byte| *byte = 0xff),
        _ => (),
    }
    bytes
}

fn operation(case: u64) -> Vec<u8> {
    let choice = noise(case, 16);
    let len = length(&choice);
    let mut data = extreme(noise(case ^ 1 << 60, len), choice[5]);
    let key: [u8; 32] = extreme(noise(case ^ 1 << 61, 32), choice[6]).try_into().expect("32");
    let (key, other) =
        (key.first_chunk::<16>().expect("half"), key.last_chunk::<16>().expect("half"));
    let iv = extreme(noise(case ^ 1 << 62, 16), choice[7]);
    let iv = iv.first_chunk::<16>().expect("sixteen");
    let whole = len / 16 * 16;
    match choice[4] % 10 {
        0 => Sm4::new(key).encrypt_blocks(data.as_chunks_mut().0),
        1 => Sm4::new(key).decrypt_blocks(data.as_chunks_mut().0),
        2 => ctr::apply(key, iv, &mut data),
        3 => cbc::encrypt(key, iv, &mut data[..whole]).expect("whole"),
        4 => cbc::decrypt(key, iv, &mut data[..whole]).expect("whole"),
        5 => return gcm::seal(key, &iv[..1 + len % 16], other, &data).expect("short"),
        6 => return ccm::seal(key, &iv[..7 + len % 7], other, &data).expect("short"),
        7 => return cmac::tag_many(&[(&Sm4::new(key), &data)]).concat(),
        8 => {
            ofb::apply(key, iv, &mut data);
            cfb::decrypt(key, iv, &mut data);
        }
        _ => {
            let both = [*key, iv.map(|byte| byte ^ 1)].concat().try_into().expect("32");
            let standard = [Standard::Ieee1619, Standard::Gbt17964][len % 2];
            let Ok(xts) = Xts::new(&both, standard) else { return data };
            // Less than a block is refused, everywhere.
            let _ = xts.encrypt(other, &mut data);
        }
    }
    data
}

#[test]
fn random_operations_agree_on_every_backend() {
    let _guard = FORCED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let levels: Vec<_> = Backend::ALL.into_iter().filter(|level| level.is_available()).collect();
    for case in 0..cases() {
        let mut expected = None;
        for level in &levels {
            backend::force(*level).expect("available");
            let found = operation(case);
            assert_eq!(
                expected.get_or_insert_with(|| found.clone()),
                &found,
                "{level}, case {case}"
            );
        }
    }
}
