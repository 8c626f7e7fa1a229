use yinxin_gm::{
    Error,
    sm4::stream::{Opener, Sealer},
};

const KEY: [u8; 16] = [1; 16];
const PREFIX: [u8; 7] = [2; 7];

/// Three chunks of one message: ciphertext and tag.
fn sealed(prefix: &[u8; 7]) -> Vec<(Vec<u8>, [u8; 16])> {
    let mut sealer = Sealer::new(&KEY, prefix);
    let mut chunks = [b"one".to_vec(), b"two".to_vec(), b"three".to_vec()];
    let first = sealer.seal_next(b"aad", &mut chunks[0]).expect("short");
    let second = sealer.seal_next(b"aad", &mut chunks[1]).expect("short");
    let last = sealer.seal_last(b"aad", &mut chunks[2]).expect("short");
    chunks.into_iter().zip([first, second, last]).collect()
}

/// The number of chunks that open, and whether the message is whole.
fn open(chunks: &[(Vec<u8>, [u8; 16])]) -> (usize, bool) {
    let mut opener = Opener::new(&KEY, &PREFIX);
    let (last, others) = chunks.split_last().expect("not empty");
    for (opened, (chunk, tag)) in others.iter().enumerate() {
        let mut chunk = chunk.clone();
        if opener.open_next(b"aad", &mut chunk, tag).is_err() {
            assert!(chunk.iter().all(|byte| *byte == 0), "wiped");
            return (opened, false);
        }
    }
    let whole = opener.open_last(b"aad", &mut last.0.clone(), &last.1).is_ok();
    (others.len() + usize::from(whole), whole)
}

#[test]
fn only_all_chunks_in_order_are_the_message() {
    let message = sealed(&PREFIX);
    let pick = |places: &[usize]| places.iter().map(|i| message[*i].clone()).collect::<Vec<_>>();
    let cases: [(&[usize], usize); 7] = [
        (&[0, 1, 2], 3),
        (&[0, 1], 1),
        (&[0, 2], 1),
        (&[1, 0, 2], 0),
        (&[0, 0, 1, 2], 1),
        (&[2], 0),
        (&[0, 1, 2, 2], 2),
    ];
    for (places, opened) in cases {
        assert_eq!(open(&pick(places)), (opened, places == [0, 1, 2]), "{places:?}");
    }
    let mut mixed = message.clone();
    mixed[1] = sealed(&[3; 7])[1].clone();
    assert_eq!(open(&mixed), (1, false), "a chunk of another message");
}

#[test]
fn an_opener_that_failed_opens_nothing_more() {
    let message = sealed(&PREFIX);
    let mut opener = Opener::new(&KEY, &PREFIX);
    let mut chunk = message[0].0.clone();
    assert_eq!(opener.open_next(b"other", &mut chunk, &message[0].1), Err(Error::Decryption));
    let mut chunk = message[0].0.clone();
    assert_eq!(opener.open_next(b"aad", &mut chunk, &message[0].1), Err(Error::Decryption));
    assert_eq!(chunk, [0; 3]);
}

#[test]
fn a_message_is_resumed_at_any_chunk() {
    let message = sealed(&PREFIX);
    let mut opener = Opener::resume(&KEY, &PREFIX, 1);
    let mut chunk = message[1].0.clone();
    opener.open_next(b"aad", &mut chunk, &message[1].1).expect("chunk 1");
    assert_eq!(chunk, b"two");
    let mut chunk = message[2].0.clone();
    opener.open_last(b"aad", &mut chunk, &message[2].1).expect("chunk 2");
    assert_eq!(chunk, b"three");
}

#[test]
fn the_count_of_chunks_does_not_wrap() {
    let mut opener = Opener::resume(&KEY, &PREFIX, u32::MAX);
    let result = opener.open_next(b"", &mut [], &[0; 16]);
    assert!(matches!(result, Err(Error::TooLong { .. })));
}
