use core::{cell::Cell, time::Duration};

use rand_core::{TryCryptoRng, TryRng};

use super::*;

const START: Duration = Duration::from_secs(1000);

fn drbg(level: Level) -> HashDrbg {
    HashDrbg::new(level, &[1; 32], &[2; 16], b"", START).expect("long enough")
}

fn octets<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).expect("hexadecimal").try_into().expect("the length")
}

/// Values of gmsm 0.41 (`drbg/hash_drbg_test.go`): after seeding, reseeding and two requests.
#[test]
fn gmsm_gives_the_same() {
    for (entropy, nonce, v0, c0, again, additional, requests, v3, expected) in [
        (
            "63363377e41e86468deb0ab4a8ed683f6a134e47e014c700454e81e95358a569",
            "808aa38f2a72a62359915a9f8a04ca68",
            "7a070cb0c9806fe6a74c0396825642690fc458e76397b75b5977e8a5e693687a703b08c8fbb9e9a600d181c530e889336390818ca2c271",
            "218bcd7e3a836cc2e275e660a29fab9c1b3e5596275d8f3141f8c7fb3b285b9edda112e7e85e8492c9b4ed9c1ea466b00cce3be9c10a03",
            "e62b8a8ee8f141b6980566e3bfe3c04903dad4ac2cdf9f2280010a6739bc83d3",
            "",
            ["", ""],
            "299d084f049dd9b7f62ee712b5b2c1c602f078980f4d9816d8f2baf38765be984b6c493497af30f68a56072404f27e45af419d04eb9e35",
            "00d98d35a2fab8df23e9e1fb9aad143d62c0759eb79e15c37e8f2bc5064e68da",
        ),
        (
            "9cfb7ad03be487a3b42be06e9ae44f283c2b1458cec801da2ae6532fcb56cc4c",
            "a20765538e8db31295747ec922c13a69",
            "997cd31a7032c8643ca56de1d34ff4f930b13192e17c8947bcaf9b9d010cf79805511255c7ea18b41cde77e491ca943861ec29780f3f36",
            "4c5b167d27fa9d40cbc45d0d9f3c52504a1cb5aa2f37a3fa812037bd1e458412ecff0641dd5cb2785d0f8044151b42842777211547b457",
            "96bc8014f90ebdf690db0e171b59cc46c75e2e9b8e1dc699c65c03ceb2f4d7dc",
            "6fea0894052dab3c44d503950c7c72bd7b87de87cb81d3bb51c32a62f742286d",
            [
                "d3467c78563b74c13db7af36c2a964820f2a9b1b167474906508fdac9b2049a6",
                "5840a11cc9ebf77b963854726a826370ffdb2fc2b3d8479e1df5dcfa3dddd10b",
            ],
            "180e64ed3abb209b901e357a76c70f2670ea8525b24c401d146b70b178e33d8fd10f7680c50bbe1f9773ba664dd14cd25d329c380bf399",
            "48709db5509a03d6131775fbbfe74fe52611e760d22fde61e274a295f4354d67",
        ),
    ] {
        let seed = octets::<32>(entropy);
        let mut drbg =
            HashDrbg::new(Level::One, &seed, &octets::<16>(nonce), b"", START).expect("a seed");
        assert_eq!((drbg.v, drbg.c), (octets(v0), octets(c0)));
        let additional = hex::decode(additional).expect("hexadecimal");
        drbg.reseed(&octets::<32>(again), &additional, START).expect("a seed");
        let mut out = [0; 32];
        for request in requests {
            let additional = hex::decode(request).expect("hexadecimal");
            drbg.generate(&mut out, &additional, START).expect("a young seed");
        }
        assert_eq!(out, octets(expected));
        assert_eq!(drbg.v, octets(v3));
    }
}

#[test]
fn a_seed_serves_its_requests_and_its_time() {
    let mut out = [0; 32];
    let mut old = drbg(Level::Two);
    for _ in 0..1024 {
        assert_eq!(old.generate(&mut out, b"", START), Ok(()));
    }
    assert_eq!(old.generate(&mut out, b"", START), Err(Error::ReseedRequired));
    old.reseed(&[3; 32], b"", START).expect("long enough");
    assert_eq!(old.generate(&mut out, b"", START), Ok(()));
    for (level, seconds) in [(Level::One, 600), (Level::Two, 60)] {
        let mut drbg = drbg(level);
        let last = START + Duration::from_secs(seconds);
        assert_eq!(drbg.generate(&mut out, b"", last), Ok(()));
        let late = last + Duration::from_nanos(1);
        assert_eq!(drbg.generate(&mut out, b"", late), Err(Error::ReseedRequired));
        let back = START - Duration::from_nanos(1);
        assert_eq!(drbg.generate(&mut out, b"", back), Err(Error::ReseedRequired));
    }
    assert_eq!(drbg(Level::One).level.requests(), 1 << 20);
}

#[test]
fn short_seeds_and_long_inputs_are_refused() {
    let new = |entropy: &[u8], nonce: &[u8], personalization: &[u8]| {
        HashDrbg::new(Level::One, entropy, nonce, personalization, START).map(drop)
    };
    let long = alloc::vec![0; MAX_INPUT + 1];
    let too_long = Err(Error::TooLong { len: 65537, max: 65536 });
    assert_eq!(new(&[0; 31], &[0; 16], b""), Err(Error::Length { expected: 32, got: 31 }));
    assert_eq!(new(&[0; 32], &[0; 15], b""), Err(Error::Length { expected: 16, got: 15 }));
    assert_eq!(new(&[0; 32], &[0; 16], &long), too_long);
    let mut drbg = drbg(Level::One);
    assert_eq!(drbg.reseed(&[0; 31], b"", START), Err(Error::Length { expected: 32, got: 31 }));
    assert_eq!(drbg.generate(&mut [0; 32], &long, START), too_long);
    let out = drbg.generate(&mut [0; 33], b"", START);
    assert_eq!(out, Err(Error::TooLong { len: 33, max: 32 }));
}

/// A source whose bytes count up, until it is told to stick or to break.
struct Source<'a> {
    next: u8,
    mood: &'a Cell<Mood>,
    drawn: &'a Cell<usize>,
}

#[derive(Clone, Copy)]
enum Mood {
    Good,
    Stuck,
    Broken,
}

#[derive(Debug)]
struct Broken;

impl core::fmt::Display for Broken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("broken")
    }
}

impl core::error::Error for Broken {}

impl TryRng for Source<'_> {
    type Error = Broken;

    fn try_next_u32(&mut self) -> Result<u32, Broken> {
        Err(Broken)
    }

    fn try_next_u64(&mut self) -> Result<u64, Broken> {
        Err(Broken)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Broken> {
        self.drawn.set(self.drawn.get() + out.len());
        for byte in out {
            match self.mood.get() {
                Mood::Good => self.next = self.next.wrapping_mul(5).wrapping_add(1),
                Mood::Stuck => (),
                Mood::Broken => return Err(Broken),
            }
            *byte = self.next;
        }
        Ok(())
    }
}

impl TryCryptoRng for Source<'_> {}

#[test]
fn the_generator_reseeds_itself_and_stops_with_its_source() {
    let (mood, drawn, now) = (Cell::new(Mood::Good), Cell::new(0), Cell::new(START));
    let source = || Source { next: 0, mood: &mood, drawn: &drawn };
    let mut drbg = Drbg::new(Level::Two, source(), || now.get(), b"").expect("a good source");
    assert_eq!(drawn.get(), 1024 + 64 + 32);
    let (mut first, mut second) = ([0; 100], [0; 100]);
    drbg.try_fill_bytes(&mut first).expect("a good source");
    drbg.try_fill_bytes(&mut second).expect("a good source");
    assert_ne!(first, second);
    assert_eq!(drawn.get(), 1120, "a young seed");
    now.set(START + Duration::from_secs(61));
    drbg.try_fill_bytes(&mut first).expect("a good source");
    assert_eq!(drawn.get(), 1184, "an old one");

    for (bad, failed) in
        [(Mood::Broken, "the source itself"), (Mood::Stuck, "the repetition count test")]
    {
        mood.set(bad);
        now.set(now.get() + Duration::from_secs(61));
        assert_eq!(drbg.try_fill_bytes(&mut first), Err(Error::Entropy { failed }));
        assert_eq!(first, [0; 100], "nothing is left");
        assert!(Drbg::new(Level::One, source(), || START, b"").is_err());
    }
    mood.set(Mood::Good);
    assert!(drbg.try_next_u64().is_err(), "a source that was stuck once is not trusted again");
}

#[test]
fn the_name_of_a_user_makes_another_stream() {
    let fill = |name: &[u8]| {
        let mut out = [0; 32];
        let mut drbg = HashDrbg::new(Level::One, &[1; 32], &[2; 16], name, START).expect("a seed");
        drbg.generate(&mut out, b"", START).expect("a young seed");
        out
    };
    assert_ne!(fill(b"a"), fill(b"b"));
    assert_eq!(fill(b"a"), fill(b"a"));
}
