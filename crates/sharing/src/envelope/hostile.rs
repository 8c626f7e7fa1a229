//! Bodies that were cut, mixed, changed or resumed.

use std::io::{Read, Write};

use proptest::prelude::*;
use yinxin_gm::Digest;

use super::*;
use crate::Error;
use crate::sample::rng;

const SIZE: usize = 4096;
const FULL: usize = SIZE + 32;

fn small() -> ChunkSize {
    ChunkSize::new(4096).unwrap()
}

fn text(length: usize) -> Vec<u8> {
    (0..length).map(|i| u8::try_from(i % 251).unwrap()).collect()
}

fn write(text: &[u8], secret: &ContentSecret) -> (Vec<u8>, Content) {
    let mut writer = Writer::new(Vec::new(), secret, small(), &mut rng());
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

fn read(body: &[u8], content: Content, secret: &ContentSecret) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let mut reader = Reader::new(body, content, secret)?;
    reader.read_to_end(&mut out).map_err(|e| Error::io(&e))?;
    Ok(out)
}

/// Like [`read`], for a body without its length and root being known to be right: what chunks alone give away.
fn made(length: usize) -> (Vec<u8>, Vec<u8>, Content, ContentSecret) {
    let secret = ContentSecret::generate(&mut rng());
    let text = text(length);
    let (body, content) = write(&text, &secret);
    (text, body, content, secret)
}

#[test]
fn every_length_reads_back() {
    for length in [0, 1, SIZE - 1, SIZE, SIZE + 1, 2 * SIZE, 5 * SIZE + 7] {
        let (text, body, content, secret) = made(length);
        assert_eq!(read(&body, content, &secret).unwrap(), text, "{length}");
        assert_eq!(body.len() as u64, content.body_length());
        assert!(ChunkIndex::of_body(&body[..], &content).is_ok());
        let found = length > 16 && body.windows(16).any(|w| w == &text[..16]);
        assert!(!found, "plaintext stands in the body");
    }
}

#[test]
fn a_body_cut_anywhere_is_refused() {
    let (_, body, content, secret) = made(3 * SIZE + 5);
    let near = |at: usize| at.saturating_sub(2)..(at + 3).min(body.len());
    let cuts = [0, 16, FULL, 2 * FULL, 3 * FULL, body.len() - 16, body.len() - 1];
    for cut in cuts.into_iter().flat_map(near) {
        let error = read(&body[..cut], content, &secret).unwrap_err();
        assert_eq!(error, Error::Truncated { what: "body" }, "{cut}");
        let indexed = ChunkIndex::of_body(&body[..cut], &content).map(|_| ());
        assert_eq!(indexed, Err(Error::Truncated { what: "body" }));
    }
    let more = [&body[..], b"x"].concat();
    assert_eq!(read(&more, content, &secret), Err(Error::Trailing { what: "body" }));
}

#[test]
fn a_shorter_content_is_not_a_prefix_of_a_longer() {
    // Whoever can write headers in the owner's name aside: even a matching length and root do not make a prefix open, for the last
    // chunk must say that it is the last.
    let (_, body, content, secret) = made(3 * SIZE);
    let cut = &body[..2 * FULL];
    let root = scan(cut, content.id(), small()).unwrap().frontier.root();
    let shorter = Content::new(content.id(), small(), 2 * SIZE as u64, root).unwrap();
    assert_eq!(read(cut, shorter, &secret), Err(Error::ChunkBad { chunk: 1 }));
}

#[test]
fn chunks_stay_in_their_place_and_body() {
    let (_, body, content, secret) = made(4 * SIZE);
    let chunk = |n: usize| &body[n * FULL..(n + 1) * FULL];
    let other = made(4 * SIZE).1;
    let foreign = &other[FULL..2 * FULL];
    for (why, pieces, bad) in [
        ("swapped", [chunk(1), chunk(0), chunk(2), chunk(3)], 0),
        ("repeated", [chunk(0), chunk(0), chunk(2), chunk(3)], 1),
        ("last brought forward", [chunk(0), chunk(3), chunk(2), chunk(3)], 1),
        ("spliced in", [chunk(0), foreign, chunk(2), chunk(3)], 1),
    ] {
        let mixed = pieces.concat();
        assert_eq!(read(&mixed, content, &secret), Err(Error::ChunkBad { chunk: bad }), "{why}");
        let indexed = ChunkIndex::of_body(&mixed[..], &content).map(|_| ());
        assert!(matches!(indexed, Err(Error::DigestMismatch { .. })), "{why}, seen without key");
    }
}

#[test]
fn no_bit_of_a_body_can_be_changed() {
    let (_, body, content, secret) = made(SIZE + 9);
    for at in (0..body.len()).filter(|at| at % 97 == 0 || *at >= body.len() - 50 || *at < 20) {
        let mut changed = body.clone();
        changed[at] ^= 0x10;
        let error = read(&changed, content, &secret).unwrap_err();
        assert!(matches!(error, Error::ChunkBad { .. }), "{at}: {error}");
    }
}

#[test]
fn another_versions_chunk_of_the_same_content_ends_in_another_root() {
    // The owner's own writer wrote chunk 0 twice, in two sessions; both open, only one is in the root.
    let secret = ContentSecret::generate(&mut rng());
    let (first, _) = write(&text(2 * SIZE), &secret);
    let (second, content) = write(&vec![9; 2 * SIZE], &secret);
    let mixed = [&first[..FULL], &second[FULL..]].concat();
    let error = read(&mixed, content, &secret).unwrap_err();
    assert!(matches!(error, Error::DigestMismatch { .. }), "{error}");
}

#[test]
fn another_secret_opens_nothing() {
    let (_, body, content, secret) = made(10);
    let other = ContentSecret::generate(&mut rng());
    assert_eq!(read(&body, content, &other), Err(Error::KeyWrong));
    assert_eq!(open_chunk(&content, &other, 0, &body).unwrap_err(), Error::KeyWrong);
    let mut writer = Writer::new(Vec::new(), &secret, small(), &mut rng());
    writer.write_all(&text(SIZE + 1)).unwrap();
    let progress = writer.progress().clone();
    let resumed = Writer::resume(Vec::new(), &other, &progress, &mut rng());
    assert_eq!(resumed.map(|_| ()).unwrap_err(), Error::KeyWrong);
    let foreign = Reader::resume(&body[..], content, &secret, &progress).map(|_| ());
    assert!(matches!(foreign, Err(Error::Mismatch { .. })), "progress beyond the content");
}

#[test]
fn single_chunks_are_opened_and_proven() {
    let (text, body, content, secret) = made(3 * SIZE + 100);
    let index = ChunkIndex::of_body(&body[..], &content).unwrap();
    for chunk in 0..content.chunks() {
        let range = |n: u64| usize::try_from(n).unwrap();
        let octets = &body[range(content.offset(chunk))..range(content.offset(chunk + 1))];
        let opened = open_chunk(&content, &secret, chunk, octets).unwrap();
        let start = range(chunk) * SIZE;
        assert_eq!(opened.as_slice(), &text[start..(start + SIZE).min(text.len())]);
        let path = index.prove(chunk).unwrap();
        assert_eq!(content.verify_chunk(chunk, octets, &path), Ok(()));
        let wrong = chunk ^ 1;
        assert!(content.verify_chunk(wrong, octets, &path).is_err(), "another place");
        assert!(content.verify_chunk(chunk, &octets[1..], &path).is_err(), "other octets");
        assert!(open_chunk(&content, &secret, wrong, octets).is_err());
    }
    assert!(index.prove(content.chunks()).is_err());
    assert!(open_chunk(&content, &secret, u64::MAX, &body).is_err());
}

#[test]
fn a_writer_that_died_goes_on_where_it_was() {
    let secret = ContentSecret::generate(&mut rng());
    let text = text(6 * SIZE + 11);
    let mut body = Vec::new();
    let mut writer = Writer::new(&mut body, &secret, small(), &mut rng());
    writer.write_all(&text[..3 * SIZE + 50]).unwrap();
    let kept = yinxin_merkle::wire::Wire::to_der(writer.progress());
    drop(writer);
    // Torn: half a chunk reached the disk after the progress was kept.
    body.extend_from_slice(&[0xaa; 1000]);
    let progress: Progress = yinxin_merkle::wire::Wire::from_der(&kept).unwrap();
    assert_eq!(scan(&body[..], secret.id(), small()).unwrap(), progress, "or found again");
    body.truncate(usize::try_from(progress.body_length()).unwrap());
    let mut writer = Writer::resume(&mut body, &secret, &progress, &mut rng()).unwrap();
    writer.write_all(&text[usize::try_from(progress.length()).unwrap()..]).unwrap();
    let (_, content) = writer.finish().unwrap();
    assert_eq!(read(&body, content, &secret).unwrap(), text);
    assert_ne!(body[..16], body[3 * FULL..3 * FULL + 16], "another session, another key");
}

/// A disk that takes some octets, then fails, then works again.
struct Flaky(Vec<u8>, bool);

impl Write for Flaky {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        if std::mem::take(&mut self.1) {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_chunk_is_never_encrypted_twice() {
    // Encrypting a buffer again under one nonce would give the plaintext back, and a caller may well try again.
    let secret = ContentSecret::generate(&mut rng());
    let mut writer = Writer::new(Flaky(Vec::new(), true), &secret, small(), &mut rng());
    writer.write_all(&text(SIZE)).unwrap();
    assert!(writer.write(b"more").is_err(), "the disk is full");
    assert!(writer.write(b"more").is_err(), "and the writer is done for");
    assert!(writer.finish().is_err());
}

#[test]
fn a_download_that_broke_off_goes_on_where_it_was() {
    let (text, body, content, secret) = made(5 * SIZE + 1);
    let mut reader = Reader::new(&body[..2 * FULL + 99], content, &secret).unwrap();
    let mut got = vec![0; 2 * SIZE];
    reader.read_exact(&mut got).unwrap();
    assert!(reader.read(&mut [0; 1]).is_err(), "the line broke");
    assert!(reader.read(&mut [0; 1]).is_err(), "and stays broken: no end is reported");
    let progress = reader.progress().clone();
    assert_eq!(progress.length(), got.len() as u64);
    let rest = &body[usize::try_from(progress.body_length()).unwrap()..];
    let mut reader = Reader::resume(rest, content, &secret, &progress).unwrap();
    reader.read_to_end(&mut got).unwrap();
    assert_eq!(got, text);
}

#[test]
fn memory_is_one_chunk_whatever_the_length() {
    // A gigabyte of nothing, 64 MiB of it here: the writer owns one buffer, and its output is thrown away.
    let secret = ContentSecret::generate(&mut rng());
    let mut writer = Writer::new(std::io::sink(), &secret, small(), &mut rng());
    let zeros = vec![0; 1 << 20];
    for _ in 0..64 {
        writer.write_all(&zeros).unwrap();
    }
    let (_, content) = writer.finish().unwrap();
    assert_eq!((content.length(), content.chunks()), (64 << 20, 16384));
}

#[test]
fn the_anchored_digest_stands_for_the_content_alone() {
    let (_, _, content, _) = made(10);
    let other = made(10).2;
    assert_ne!(content.digest(), other.digest());
    assert_ne!(content.digest(), Digest::ZERO);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pieces_of_any_size_make_the_same_content(
        length in 0_usize..20_000, step in 1_usize..9000, cut in 0_usize..5,
    ) {
        let secret = ContentSecret::generate(&mut rng());
        let text = text(length);
        let mut writer = Writer::new(Vec::new(), &secret, small(), &mut rng());
        text.chunks(step).for_each(|piece| writer.write_all(piece).unwrap());
        let (body, content) = writer.finish().unwrap();
        prop_assert_eq!(read(&body, content, &secret).unwrap(), text);
        let index = (body.len() * cut) / 5;
        prop_assert!(read(&body[..index], content, &secret).is_err());
    }
}
