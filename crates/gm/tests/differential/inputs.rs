//! Inputs that repeat: random ones, and those where carries, leading zeros and the point at infinity come up.

use std::convert::Infallible;

use crate::noise::noise;

/// How many operations are wanted.
pub(crate) fn count(usual: u64) -> u64 {
    std::env::var("YINXIN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

pub(crate) struct Case {
    pub(crate) number: u64,
    pub(crate) choice: Vec<u8>,
    /// A private key; some are none.
    pub(crate) d: [u8; 32],
    pub(crate) id: Vec<u8>,
    pub(crate) message: Vec<u8>,
}

impl Case {
    pub(crate) fn new(number: u64) -> Self {
        let choice = noise(number ^ 1 << 59, 16);
        let d = scalar(number, choice[0], choice[1]);
        let id_length = match choice[2] {
            0..6 => 0,
            6..8 => 8191,
            8..128 => 16,
            other => usize::from(other % 64),
        };
        let message_length = match choice[3] {
            0..16 => 0,
            16..48 => usize::from(choice[4]) + 1,
            other => usize::from(other % 70) + 1,
        };
        let message = match choice[5] {
            0..8 => vec![0; message_length],
            8..16 => vec![0xff; message_length],
            _ => noise(number ^ 1 << 58, message_length),
        };
        Self { number, d, id: noise(number ^ 1 << 57, id_length), message, choice }
    }

    /// r ‖ s that are wrong: a bit changed; ends of the range; s·G + t·P at infinity, if d is 1; both equal.
    #[allow(dead_code, reason = "the peers are asked about one only")]
    pub(crate) fn signatures(&self, good: &yinxin_gm::sm2::Signature) -> Vec<[u8; 64]> {
        let mut changed = good.to_raw();
        changed[usize::from(self.choice[6] % 64)] ^= 1 << (self.choice[7] % 8);
        let small = self.choice[10] % 100 + 1;
        let join = |r: [u8; 32], s: [u8; 32]| {
            let mut raw = [0; 64];
            raw[..32].copy_from_slice(&r);
            raw[32..].copy_from_slice(&s);
            raw
        };
        let one = |byte: u8| std::array::from_fn(|i| if i == 31 { byte } else { 0 });
        let edge = scalar(self.number ^ 5, self.choice[11], self.choice[12]);
        vec![
            changed,
            join(one(small), edge),
            join(edge, one(small)),
            // t = r + s = −s.
            join(minus(&N, 2 * small), one(small)),
            join(one(small), one(small)),
        ]
    }
}

pub(crate) const N: [u8; 32] =
    *b"\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x72\x03\xdf\x6b\x21\xc6\x05\x2b\x53\xbb\xf4\x09\x39\xd5\x41\x23";
const P: [u8; 32] =
    *b"\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff";

fn minus(number: &[u8; 32], what: u8) -> [u8; 32] {
    let mut out = *number;
    let mut borrow = what;
    for byte in out.iter_mut().rev() {
        let (rest, below) = byte.overflowing_sub(borrow);
        *byte = rest;
        borrow = u8::from(below);
    }
    out
}

/// Small, near n, near p, powers of two and what is next to them, long runs of ones or zeros, or random.
fn scalar(number: u64, kind: u8, detail: u8) -> [u8; 32] {
    let mut bytes: [u8; 32] = noise(number ^ 1 << 56, 32).try_into().expect("32");
    let bit = usize::from(detail);
    match kind {
        0..12 => std::array::from_fn(|i| if i == 31 { detail } else { 0 }),
        12..28 => minus(&N, detail),
        28..36 => minus(&P, detail),
        36..44 => std::array::from_fn(|i| if i == bit / 8 { 1 << (bit % 8) } else { 0 }),
        44..52 => std::array::from_fn(|i| if i < bit / 8 { 0 } else { 0xff }),
        52..64 => {
            // Leading zeros, or a limb of ones.
            let from = usize::from(detail % 32);
            if kind.is_multiple_of(2) {
                bytes[..from].fill(0)
            } else {
                bytes[from..].fill(0xff)
            }
            bytes
        }
        _ => {
            // Mostly below n.
            bytes[0] &= 0x7f;
            bytes
        }
    }
}

/// A generator that says the same again.
pub(crate) struct Fixed(pub(crate) u64);

impl rand_core::TryRng for Fixed {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&noise(self.0, out.len()));
        self.0 = self.0.wrapping_add(0x9e37_79b9);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Fixed {}
