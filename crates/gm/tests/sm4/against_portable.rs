use yinxin_gm::{
    backend::Backend,
    sm4::{
        Sm4, cbc, ccm, cfb,
        cmac::{self, Cmac},
        ctr, gcm, ofb,
        xts::{Standard, Xts},
    },
};

use crate::{noise::noise, on_each_backend};

fn block(seed: u64) -> [u8; 16] {
    noise(seed, 16).try_into().expect("sixteen")
}

/// What `output` gives for each case is the same on every backend.
#[track_caller]
fn agrees(cases: impl Iterator<Item = usize> + Clone, output: impl Fn(usize) -> Vec<u8>) {
    let mut expected = Vec::new();
    on_each_backend(|level| {
        for (i, case) in cases.clone().enumerate() {
            let found = output(case);
            if level == Backend::Portable {
                expected.push(found);
            } else {
                assert_eq!(found, expected[i], "{level}, case {case}");
            }
        }
    });
}

#[test]
fn keys_and_single_blocks() {
    agrees(0..2000, |case| {
        let sm4 = Sm4::new(&block(case as u64));
        let mut there = block(!(case as u64));
        sm4.encrypt_block(&mut there);
        let mut back = block(!(case as u64));
        sm4.decrypt_block(&mut back);
        [there, back].concat()
    });
}

#[test]
fn any_number_of_blocks() {
    agrees(0..=140, |blocks| {
        let sm4 = Sm4::new(&block(1));
        let mut there = noise(blocks as u64, 16 * blocks);
        let mut back = there.clone();
        sm4.encrypt_blocks(there.as_chunks_mut().0);
        sm4.decrypt_blocks(back.as_chunks_mut().0);
        [there, back].concat()
    });
}

#[test]
fn cbc_of_any_length() {
    agrees(0..=140, |blocks| {
        let mut there = noise(blocks as u64, 16 * blocks);
        let mut back = there.clone();
        cbc::encrypt(&block(2), &block(3), &mut there).expect("whole");
        cbc::decrypt(&block(2), &block(3), &mut back).expect("whole");
        [there, back].concat()
    });
}

#[test]
fn ctr_of_any_length() {
    agrees((0..=1100).chain([4096, 5000, 16384]), |len| {
        let mut data = noise(len as u64, len);
        ctr::apply(&block(4), &block(5), &mut data);
        data
    });
}

#[test]
fn ctr_over_every_carry() {
    let starts = [u128::MAX, u128::MAX - 3, (1 << 32) - 1, (1 << 32) - 70, (1 << 64) - 17, 0];
    agrees(0..starts.len(), |case| {
        let mut data = vec![0; 3000];
        ctr::apply(&block(4), &starts[case].to_be_bytes(), &mut data);
        data
    });
}

#[test]
fn gcm_of_any_length() {
    agrees((0..=1100).chain([2048, 2049, 5000, 16384]), |len| {
        let (data, aad) = (noise(len as u64, len), noise(7, len % 90));
        let sealed = gcm::seal(&block(6), &block(7)[..12], &aad, &data).expect("short");
        let opened = gcm::open(&block(6), &block(7)[..12], &aad, &sealed).expect("just made");
        assert_eq!(opened.as_slice(), data);
        sealed
    });
}

#[test]
fn gcm_in_pieces_is_gcm_in_one() {
    on_each_backend(|level| {
        let gcm = gcm::Gcm::new(&block(6));
        for len in 0..200_usize {
            let mut whole = noise(len as u64, len);
            let mut pieces = whole.clone();
            let tag = gcm.seal_in_place(&block(7)[..12], b"aad", &mut whole).expect("short");
            let mut sealing = gcm.begin(&block(7)[..12], b"aad").expect("a nonce");
            let mut rest = &mut pieces[..];
            let mut sizes = noise(!(len as u64), 400).into_iter();
            while !rest.is_empty() {
                let size = usize::from(sizes.next().expect("enough") % 50).min(rest.len());
                let (piece, behind) = rest.split_at_mut(size);
                sealing.update(piece).expect("short");
                rest = behind;
            }
            assert_eq!((pieces, sealing.finish()), (whole, tag), "{level}, {len} bytes");
        }
    });
}

#[test]
fn gcm_with_any_associated_data_and_nonce() {
    agrees(0..=1100, |len| {
        let nonce = noise(8, len % 300 + 1);
        gcm::seal(&block(9), &nonce, &noise(len as u64, len), b"data").expect("short")
    });
}

#[test]
fn ccm_and_cmac_of_any_length() {
    agrees((0..=1100).chain([5000]), |len| {
        let (data, aad) = (noise(len as u64, len), noise(7, len % 90));
        let sealed = ccm::seal(&block(6), &block(7)[..12], &aad, &data).expect("short");
        let opened = ccm::open(&block(6), &block(7)[..12], &aad, &sealed).expect("just made");
        assert_eq!(opened.as_slice(), data);
        let mut mac = Cmac::new(&block(8));
        mac.update(&data);
        [&sealed[..], &mac.finalize()].concat()
    });
}

#[test]
fn ofb_and_cfb_of_any_length() {
    agrees(0..=1100, |len| {
        let mut data = noise(len as u64, len);
        ofb::apply(&block(1), &block(2), &mut data);
        cfb::encrypt(&block(3), &block(4), &mut data);
        let mut back = data.clone();
        cfb::decrypt(&block(3), &block(4), &mut back);
        ofb::apply(&block(1), &block(2), &mut back);
        assert_eq!(back, noise(len as u64, len));
        data
    });
}

#[test]
fn xts_of_any_length() {
    let key: [u8; 32] = noise(1, 32).try_into().expect("32");
    for standard in [Standard::Ieee1619, Standard::Gbt17964] {
        let xts = Xts::new(&key, standard).expect("two keys");
        agrees((16..=1300).chain([2048, 2049, 2100, 5000, 16384]), |len| {
            let mut data = noise(len as u64, len);
            xts.encrypt(&block(2), &mut data).expect("a block at least");
            let mut back = data.clone();
            xts.decrypt(&block(2), &mut back).expect("a block at least");
            assert_eq!(back, noise(len as u64, len));
            data
        });
    }
}

#[test]
fn many_chains_of_many_lengths() {
    agrees((0..40).chain([100]), |count| {
        let keys: Vec<_> = (0..count).map(|i| Sm4::new(&block(i as u64))).collect();
        let blocks = |i: usize| if i.is_multiple_of(3) { 20 } else { i * 7 % 33 };
        let mut data: Vec<_> = (0..count).map(|i| noise(i as u64, 16 * blocks(i))).collect();
        let messages = keys.iter().zip(&mut data).zip(0_u64..);
        let mut messages: Vec<_> =
            messages.map(|((key, data), i)| cbc::Message { key, iv: block(!i), data }).collect();
        cbc::encrypt_many(&mut messages).expect("whole blocks");
        for (i, data) in data.iter().enumerate() {
            let mut alone = noise(i as u64, 16 * blocks(i));
            cbc::encrypt(&block(i as u64), &block(!(i as u64)), &mut alone).expect("whole");
            assert_eq!(*data, alone, "message {i} of {count}");
        }
        data.concat()
    });
}

#[test]
fn many_macs_of_many_lengths() {
    agrees((0..40).chain([100]), |count| {
        let keys: Vec<_> = (0..count).map(|i| Sm4::new(&block(i as u64))).collect();
        let data: Vec<_> = (0..count).map(|i| noise(i as u64, i * 7 % 133)).collect();
        let messages: Vec<_> = keys.iter().zip(data.iter().map(Vec::as_slice)).collect();
        let tags = cmac::tag_many(&messages);
        for (i, tag) in tags.iter().enumerate() {
            let mut mac = Cmac::new(&block(i as u64));
            mac.update(&data[i]);
            assert!(mac.verify(tag).is_ok(), "message {i} of {count}");
        }
        tags.concat()
    });
}
