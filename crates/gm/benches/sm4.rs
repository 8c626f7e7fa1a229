//! SM4 in every mode, one thread, by backend: the best of many runs that are shorter than a slice of the scheduler.
//! `cargo bench -p yinxin-gm --bench sm4 [backend]`.

#![expect(clippy::print_stdout, reason = "a report")]

use std::{hint::black_box, time::Instant};

use yinxin_gm::{
    backend::{self, Backend},
    sm4::{
        Sm4, cbc, ccm,
        cmac::{self, Cmac},
        ctr, gcm,
        xts::{Standard, Xts},
    },
};

fn main() {
    let wanted = std::env::args().nth(1).filter(|name| !name.starts_with('-'));
    for level in Backend::ALL {
        if wanted.as_ref().is_some_and(|name| name != level.name()) {
            continue;
        }
        if backend::force(level).is_err() {
            println!("skipped: this processor has no {level}");
            continue;
        }
        modes(level);
    }
}

fn modes(level: Backend) {
    let (key, iv) = ([1; 16], [2; 16]);
    let sm4 = Sm4::new(&key);
    let gcm = gcm::Gcm::new(&key);
    let ccm = ccm::Ccm::<16>::new(&key);
    let both: [u8; 32] = core::array::from_fn(|i| u8::try_from(i).expect("small"));
    let xts = [Standard::Ieee1619, Standard::Gbt17964].map(|of| Xts::new(&both, of).expect("two"));
    println!("{level}");
    report("key expansion (16 B)", 16, |_| Sm4::new(black_box(&key)));
    report("one block", 16, |data| sm4.encrypt_block(data.first_chunk_mut().expect("a block")));
    for len in [16, 1024, 16384] {
        report("ecb", len, |data| sm4.encrypt_blocks(data.as_chunks_mut().0));
        report("ctr", len, |data| ctr::apply(&key, &iv, data));
        report("cbc decrypt", len, |data| cbc::decrypt(&key, &iv, data));
        report("cbc encrypt", len, |data| cbc::encrypt(&key, &iv, data));
        report("gcm seal", len, |data| gcm.seal_in_place(&iv[..12], b"", data));
        report("ccm seal", len, |data| ccm.seal_in_place(&iv[..12], b"", data));
        report("xts ieee", len, |data| xts[0].encrypt(&iv, data));
        report("xts gb/t", len, |data| xts[1].encrypt(&iv, data));
        report("cmac", len, |data| {
            let mut mac = Cmac::new(&key);
            mac.update(data);
            mac.finalize()
        });
        let mut sixteen = vec![vec![7; len]; 16];
        report("cbc encrypt, 16 streams", 16 * len, |_| {
            let mut messages: Vec<_> =
                sixteen.iter_mut().map(|data| cbc::Message { key: &sm4, iv, data }).collect();
            cbc::encrypt_many(&mut messages)
        });
        report("cmac, 16 streams", 16 * len, |data| {
            let messages: Vec<_> = data.chunks(len).map(|data| (&sm4, data)).collect();
            cmac::tag_many(&messages)
        });
    }
}

fn report<T>(name: &str, len: usize, mut call: impl FnMut(&mut [u8]) -> T) {
    let mut data = vec![7; len];
    let mut seconds = |calls: u32| {
        let begin = Instant::now();
        (0..calls).for_each(|_| drop(black_box(call(&mut data))));
        begin.elapsed().as_secs_f64()
    };
    let mut calls = 1;
    while seconds(calls) < 0.0005 {
        calls *= 2;
    }
    let best = (0..200).map(|_| seconds(calls)).fold(f64::MAX, f64::min) / f64::from(calls);
    let bytes = f64::from(u32::try_from(len).expect("small"));
    println!("  {name:<24}{len:>7} B{:>10.0} MB/s{:>12.1} ns", bytes / best / 1e6, best * 1e9);
}
