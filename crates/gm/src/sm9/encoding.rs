//! Points and numbers as bytes: 04 ‖ X ‖ Y, BIT STRINGs of these (GM/T 0080), and master keys.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::{
    Error,
    backend::sm9::{self, G1, G2, Scalar},
    sm2::der,
};

/// Of an uncompressed point; 02, 03, 06 and 07 are refused.
const UNCOMPRESSED: u8 = 4;

pub(super) const G1_LEN: usize = 65;
pub(super) const G2_LEN: usize = 129;

/// A point with its encodings.
pub(super) trait PointBytes: Sized {
    const EXPECTED: &'static str;

    /// 04 ‖ X ‖ Y.
    fn write(&self, out: &mut Vec<u8>);

    fn read(bytes: &[u8]) -> Result<Self, Error>;

    /// BIT STRING.
    fn write_der(&self, out: &mut Vec<u8>) {
        let mut contents = Zeroizing::new(Vec::with_capacity(1 + G2_LEN));
        contents.push(0);
        self.write(&mut contents);
        der::write(out, der::BIT_STRING, &contents);
    }

    /// The next element.
    fn read_der(reader: &mut der::Reader<'_>) -> Result<Self, Error> {
        match reader.read(der::BIT_STRING, Self::EXPECTED)? {
            // No bit of the last byte is unused.
            [0, point @ ..] => Self::read(point),
            _ => Err(Error::Encoding { expected: Self::EXPECTED }),
        }
    }

    /// The one element that `bytes` consists of.
    fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = der::Reader::new(bytes);
        let point = Self::read_der(&mut reader)?;
        reader.end(Self::EXPECTED)?;
        Ok(point)
    }

    fn to_der(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4 + G2_LEN);
        self.write_der(&mut out);
        out
    }
}

impl PointBytes for G1 {
    const EXPECTED: &'static str = "a point of G1: 04, X, Y (65 bytes)";

    fn write(&self, out: &mut Vec<u8>) {
        out.push(UNCOMPRESSED);
        out.extend_from_slice(&Zeroizing::new(self.to_bytes())[..]);
    }

    fn read(bytes: &[u8]) -> Result<Self, Error> {
        match bytes.split_first_chunk() {
            Some(([UNCOMPRESSED], coordinates)) => {
                let coordinates = coordinates.try_into();
                coordinates.map_err(|_| Error::Encoding { expected: Self::EXPECTED }).and_then(g1)
            }
            _ => Err(Error::Encoding { expected: Self::EXPECTED }),
        }
    }
}

impl PointBytes for G2 {
    const EXPECTED: &'static str = "a point of G2: 04, X, Y (129 bytes)";

    fn write(&self, out: &mut Vec<u8>) {
        out.push(UNCOMPRESSED);
        out.extend_from_slice(&Zeroizing::new(self.to_bytes())[..]);
    }

    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let coordinates = match bytes.split_first_chunk() {
            Some(([UNCOMPRESSED], coordinates)) => coordinates.try_into().ok(),
            _ => None,
        };
        let coordinates = coordinates.ok_or(Error::Encoding { expected: Self::EXPECTED })?;
        sm9::g2(coordinates).ok_or(Error::NotInGroup { group: "G2" })
    }
}

/// X ‖ Y.
pub(super) fn g1(coordinates: &[u8; 64]) -> Result<G1, Error> {
    G1::from_bytes(coordinates).ok_or(Error::NotInGroup { group: "G1" })
}

/// A master key's number, from its INTEGER.
pub(super) fn master_from_der(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    const EXPECTED: &str = "an INTEGER of at most 256 bits: an SM9 master key";
    let mut reader = der::Reader::new(bytes);
    let number = Zeroizing::new(reader.read_uint256(EXPECTED)?);
    reader.end(EXPECTED)?;
    Ok(number)
}

pub(super) fn master_to_der(number: &Scalar) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(35));
    der::write_uint256(&mut out, &Zeroizing::new(number.to_bytes()));
    out
}

pub(super) fn master_number(bytes: &[u8; 32]) -> Result<Scalar, Error> {
    Scalar::from_bytes(bytes).ok_or(Error::OutOfRange { what: "an SM9 master key" })
}
