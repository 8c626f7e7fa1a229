//! 256-NEA6, 256-NIA6 and 256-NCA6: encryption, integrity and both at once with ZUC-256 of the addendum of 2021.
//!
//! The initial value is taken whole, as 3GPP lays it out: its first byte tells the uses apart (0 for encryption, the
//! bits of the tag for integrity, those and 4 for both), so that one key never gives one stream to two uses.
//!
//! ```text
//! key stream = H ‖ Q ‖ P (16 bytes each), then the mask of the data (256-NEA6 has the mask only)
//! tag = (POLYVAL_H(aad, data) ⊕ lengths) · Q · x⁻¹²⁸ ⊕ P, cut
//! ```

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Zuc, state::State};
use crate::{Error, backend::Ghash};

/// 256-NEA6: encrypts or decrypts `data`.
pub fn nea6(key: &[u8; 32], iv: &[u8; 16], data: &mut [u8]) {
    stream(key, iv).apply(data);
}

/// 256-NIA6: the MAC of `message`, `TAG` bytes of 4 to 16.
#[must_use]
pub fn nia6<const TAG: usize>(key: &[u8; 32], iv: &[u8; 16], message: &[u8]) -> [u8; TAG] {
    let mut stream = stream(key, iv);
    let lengths = [0, 8 * message.len() as u64];
    cut(&Keys::draw(&mut stream).tag(&[message], lengths))
}

/// Compares the 256-NIA6 of `message` with `tag`, in constant time.
///
/// # Errors
///
/// [`Error::Decryption`] when it is another one.
pub fn verify_nia6<const TAG: usize>(
    key: &[u8; 32],
    iv: &[u8; 16],
    message: &[u8],
    tag: &[u8; TAG],
) -> Result<(), Error> {
    let expected = Zeroizing::new(nia6::<TAG>(key, iv, message));
    if crate::backend::reveal(expected.ct_eq(&tag[..]).into()) {
        Ok(())
    } else {
        Err(Error::Decryption)
    }
}

/// 256-NCA6: encrypts `data` in place and returns the tag over it and `aad`, `TAG` bytes of 4 to 16.
///
/// ```
/// use yinxin_gm::zuc::nr::{open_nca6, seal_nca6};
///
/// // 0x84: both at once, a tag of 128 bits.
/// let mut iv = [0; 16];
/// iv[0] = 0x84;
/// let mut data = *b"a licence";
/// let tag: [u8; 16] = seal_nca6(&[1; 32], &iv, b"header", &mut data);
/// open_nca6(&[1; 32], &iv, b"header", &mut data, &tag)?;
/// assert_eq!(&data, b"a licence");
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
#[must_use]
pub fn seal_nca6<const TAG: usize>(
    key: &[u8; 32],
    iv: &[u8; 16],
    aad: &[u8],
    data: &mut [u8],
) -> [u8; TAG] {
    let mut stream = stream(key, iv);
    let keys = Keys::draw(&mut stream);
    stream.apply(data);
    cut(&keys.tag(&[aad, data], lengths(aad, data)))
}

/// Checks `tag` and decrypts `data` in place; on failure `data` is wiped.
///
/// # Errors
///
/// [`Error::Decryption`] when key, initial value, `aad`, ciphertext and tag do not fit each other.
pub fn open_nca6<const TAG: usize>(
    key: &[u8; 32],
    iv: &[u8; 16],
    aad: &[u8],
    data: &mut [u8],
    tag: &[u8; TAG],
) -> Result<(), Error> {
    let mut stream = stream(key, iv);
    let keys = Keys::draw(&mut stream);
    let expected: Zeroizing<[u8; TAG]> =
        Zeroizing::new(cut(&keys.tag(&[aad, data], lengths(aad, data))));
    if !crate::backend::reveal(bool::from(expected.ct_eq(&tag[..]))) {
        data.fill(0);
        return Err(Error::Decryption);
    }
    stream.apply(data);
    Ok(())
}

fn stream(key: &[u8; 32], iv: &[u8; 16]) -> Zuc {
    Zuc::begin(State::new_256_addendum(key, iv))
}

/// In bits: the data, then what is only authenticated.
const fn lengths(aad: &[u8], data: &[u8]) -> [u64; 2] {
    [8 * data.len() as u64, 8 * aad.len() as u64]
}

fn cut<const TAG: usize>(tag: &[u8; 16]) -> [u8; TAG] {
    const { assert!(TAG >= 4 && TAG <= 16, "tags have 32 to 128 bits") };
    core::array::from_fn(|i| tag[i])
}

struct Keys {
    h: Polyval,
    q: Polyval,
    p: Zeroizing<[u8; 16]>,
}

impl Keys {
    fn draw(stream: &mut Zuc) -> Self {
        let mut draw = || {
            let mut key = Zeroizing::new([0; 16]);
            stream.apply(&mut key[..]);
            key
        };
        Self { h: Polyval::new(&draw()), q: Polyval::new(&draw()), p: draw() }
    }

    fn tag(&self, parts: &[&[u8]], lengths: [u64; 2]) -> Zeroizing<[u8; 16]> {
        let mut y = Zeroizing::new([0; 16]);
        parts.iter().for_each(|part| self.h.absorb(&mut y, part));
        let [low, high] = lengths;
        self.q.absorb(&mut y, &(u128::from(high) << 64 | u128::from(low)).to_le_bytes());
        // GHASH has its bytes the other way round.
        y.reverse();
        super::xor(&mut y[..], &self.p[..]);
        y
    }
}

/// POLYVAL of RFC 8452, as its appendix A has it: GHASH under x·H with every block reversed.
struct Polyval(Ghash);

impl Polyval {
    fn new(h: &[u8; 16]) -> Self {
        // In GHASH's order of bits, x is a shift to the right.
        let h = u128::from_le_bytes(*h);
        let carry = 0_u128.wrapping_sub(core::hint::black_box(h & 1));
        let product = Zeroizing::new((h >> 1 ^ carry & 0xe1 << 120).to_be_bytes());
        Self(Ghash::new(&product))
    }

    /// Absorbs `data`, zero-padded to whole blocks, into the reversed state `y`.
    fn absorb(&self, y: &mut [u8; 16], data: &[u8]) {
        let mut buffer = Zeroizing::new([0; 256]);
        for chunk in data.chunks(buffer.len()) {
            let blocks = chunk.len().div_ceil(16);
            buffer[..chunk.len()].copy_from_slice(chunk);
            buffer[chunk.len()..16 * blocks].fill(0);
            buffer.as_chunks_mut::<16>().0.iter_mut().for_each(|block| block.reverse());
            self.0.absorb(y, &buffer[..16 * blocks]);
        }
    }
}
