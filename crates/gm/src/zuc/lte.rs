//! 128-EEA3 and 128-EIA3 of GB/T 33133.2 and .3 (3GPP TS 35.221): encryption and integrity of LTE.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Zuc, mac256::Window, state::State};
use crate::Error;

/// COUNT, BEARER and DIRECTION of a message; under one key, no two messages may have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    count: u32,
    /// Invariant: below 32.
    bearer: u8,
    direction: Direction,
}

/// DIRECTION.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one bit")]
pub enum Direction {
    /// 0.
    Uplink,
    /// 1.
    Downlink,
}

impl Session {
    /// All three.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`] when `bearer` does not fit five bits.
    pub fn new(count: u32, bearer: u8, direction: Direction) -> Result<Self, Error> {
        if bearer > 31 {
            return Err(Error::Encoding { expected: "a bearer of five bits" });
        }
        Ok(Self { count, bearer, direction })
    }

    const fn direction_bit(self) -> u8 {
        match self.direction {
            Direction::Uplink => 0,
            Direction::Downlink => 1,
        }
    }

    /// COUNT ‖ BEARER ‖ DIRECTION ‖ 00 ‖ zeros, twice.
    fn encryption_iv(self) -> [u8; 16] {
        let [a, b, c, d] = self.count.to_be_bytes();
        let e = self.bearer << 3 | self.direction_bit() << 2;
        [a, b, c, d, e, 0, 0, 0, a, b, c, d, e, 0, 0, 0]
    }

    /// COUNT ‖ BEARER ‖ 000 ‖ zeros, twice; DIRECTION on the first bits of bytes 8 and 14.
    fn integrity_iv(self) -> [u8; 16] {
        let [a, b, c, d] = self.count.to_be_bytes();
        let (e, bit) = (self.bearer << 3, self.direction_bit() << 7);
        [a, b, c, d, e, 0, 0, 0, a ^ bit, b, c, d, e, 0, bit, 0]
    }
}

/// 128-EEA3: encrypts or decrypts the first `bits` bits of `data`; those behind them become zero.
///
/// # Errors
///
/// [`Error::Length`] when there are not that many, or more bytes than they need.
///
/// ```
/// use yinxin_gm::zuc::lte::{Direction, Session, eea3, eia3};
///
/// let session = Session::new(7, 3, Direction::Downlink)?;
/// let mut data = *b"a licence";
/// eea3(&[1; 16], session, &mut data, 72)?;
/// eea3(&[1; 16], session, &mut data, 72)?;
/// assert_eq!(&data, b"a licence");
/// # Ok::<(), yinxin_gm::Error>(())
/// ```
pub fn eea3(key: &[u8; 16], session: Session, data: &mut [u8], bits: u32) -> Result<(), Error> {
    whole(data.len(), bits)?;
    Zuc::new_128(key, &session.encryption_iv()).apply(data);
    if let (Some(last), spare @ 1..) = (data.last_mut(), bits.wrapping_neg() % 8) {
        *last &= 0xff << spare;
    }
    Ok(())
}

/// 128-EIA3: the MAC of the first `bits` bits of `message`.
///
/// # Errors
///
/// [`Error::Length`] when there are not that many, or more bytes than they need.
pub fn eia3(key: &[u8; 16], session: Session, message: &[u8], bits: u32) -> Result<[u8; 4], Error> {
    whole(message.len(), bits)?;
    let mut window = Window::new(State::new_128(key, &session.integrity_iv()));
    window.absorb(message, u64::from(bits));
    // The last word of L = ⌈LENGTH / 32⌉ + 2, seen from the bit at LENGTH.
    let last = window.bits << (bits.wrapping_neg() % 32 + 32);
    let [a, b, c, d, ..] = (window.sum ^ window.bits ^ last).to_be_bytes();
    Ok([a, b, c, d])
}

/// Compares the 128-EIA3 of `message` with `tag`, in constant time.
///
/// # Errors
///
/// [`Error::Decryption`] when it is another one; otherwise as [`eia3`].
pub fn verify_eia3(
    key: &[u8; 16],
    session: Session,
    message: &[u8],
    bits: u32,
    tag: &[u8; 4],
) -> Result<(), Error> {
    let expected = Zeroizing::new(eia3(key, session, message, bits)?);
    if crate::backend::reveal(expected.ct_eq(&tag[..]).into()) {
        Ok(())
    } else {
        Err(Error::Decryption)
    }
}

/// The bytes are those that hold `bits` bits.
fn whole(bytes: usize, bits: u32) -> Result<(), Error> {
    let expected = usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX);
    if bytes == expected { Ok(()) } else { Err(Error::Length { expected, got: bytes }) }
}
