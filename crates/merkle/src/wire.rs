//! Strict DER for the formats that are ours: one value, one encoding.
//!
//! A format implements [`Wire`] with a limit, a writer and a reader; [`Wire::from_der`] then refuses what is too long,
//! not in shortest form, followed by other bytes, or not what [`Wire::to_der`] would have written.

mod reader;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

use core::fmt;

/// A format of ours: DER, with a limit on its length.
pub trait Wire: Sized {
    /// What it is called in messages.
    const NAME: &'static str;

    /// The longest encoding that is read, bytes.
    const MAX_LEN: usize;

    /// Writes the value.
    fn write(&self, out: &mut Writer);

    /// Reads the value.
    ///
    /// # Errors
    /// [`WireError`] for anything but a value in its one encoding.
    fn read(input: &mut Reader<'_>) -> Result<Self, WireError>;

    /// The one encoding.
    fn to_der(&self) -> Vec<u8> {
        let mut out = Writer::new();
        self.write(&mut out);
        out.into_vec()
    }

    /// Reads exactly one value.
    ///
    /// # Errors
    /// [`WireError`] for anything but a value in its one encoding.
    fn from_der(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > Self::MAX_LEN {
            return Err(WireError::Length {
                what: Self::NAME,
                min: 0,
                max: Self::MAX_LEN,
                found: bytes.len(),
            });
        }
        let mut input = Reader::new(bytes);
        let value = Self::read(&mut input)?;
        input.finish(Self::NAME)?;
        // Whatever laxness a reader may have, what is accepted is what would have been written.
        if value.to_der() == bytes { Ok(value) } else { Err(WireError::Canonical(Self::NAME)) }
    }
}

/// Why bytes are not a value of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireError {
    /// Readable, but not the one encoding of what it says.
    Canonical(&'static str),
    /// Not DER, or another tag than the format has here.
    Form(&'static str),
    /// A field, or the whole, is too short or too long.
    Length {
        /// Which one.
        what: &'static str,
        /// The least, bytes or elements.
        min: usize,
        /// The most.
        max: usize,
        /// What it has.
        found: usize,
    },
    /// Elements that must rise strictly do not.
    Order(&'static str),
    /// Bytes follow the value.
    Trailing(&'static str),
    /// A field holds what it cannot mean.
    Value(&'static str),
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Canonical(what) => write!(f, "{what}: expected its one encoding, got another"),
            Self::Form(what) => write!(f, "{what}: not in the form of its ASN.1 type"),
            Self::Length { what, min, max, found } => {
                write!(f, "{what}: expected a length of {min} to {max}, got {found}")
            }
            Self::Order(what) => write!(f, "{what}: elements are not in rising order"),
            Self::Trailing(what) => write!(f, "{what}: other bytes follow"),
            Self::Value(what) => write!(f, "{what}: a value that it cannot have"),
        }
    }
}

impl core::error::Error for WireError {}

/// Ok if elements rise strictly by `key`: a list that stands for a set has one order and no duplicate.
///
/// # Errors
/// [`WireError::Order`] otherwise.
pub fn rising<T, K: Ord>(
    what: &'static str,
    items: &[T],
    key: impl Fn(&T) -> K,
) -> Result<(), WireError> {
    if items.windows(2).all(|w| key(&w[0]) < key(&w[1])) {
        Ok(())
    } else {
        Err(WireError::Order(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Pair {
        number: u64,
        name: String,
    }

    impl Wire for Pair {
        const NAME: &'static str = "pair";
        const MAX_LEN: usize = 64;

        fn write(&self, out: &mut Writer) {
            out.sequence(|out| {
                out.uint(self.number);
                out.text(&self.name);
            });
        }

        fn read(input: &mut Reader<'_>) -> Result<Self, WireError> {
            input.sequence("pair", |input| {
                Ok(Self { number: input.uint("number")?, name: input.text("name", 1, 8)?.into() })
            })
        }
    }

    #[test]
    fn one_value_has_one_encoding() {
        let good = hex::decode("30060201050c0161").unwrap();
        assert_eq!(Pair::from_der(&good), Ok(Pair { number: 5, name: "a".into() }));
        for (why, hex) in [
            ("trailing byte", "30060201050c016100"),
            ("trailing byte inside", "30070201050c016100"),
            ("length not in shortest form", "3081060201050c0161"),
            ("indefinite length", "30800201050c01610000"),
            ("integer with a leading zero", "3007020200050c0161"),
            ("negative integer", "30060201ff0c0161"),
            ("empty integer", "300502000c0161"),
            ("integer beyond 64 bits", "300e0209010000000000000000 0c0161"),
            ("empty text", "30050201050c00"),
            ("text too long", "300e0201050c09616161616161616161"),
            ("text is not UTF-8", "30060201050c01ff"),
            ("other string type", "3006020105130161"),
            ("set instead of sequence", "31060201050c0161"),
            ("truncated", "30060201050c01"),
            ("empty", ""),
            ("claims four gigabytes", "3084ffffffff"),
        ] {
            let bytes = hex::decode(hex.replace(' ', "")).unwrap();
            assert!(Pair::from_der(&bytes).is_err(), "{why}");
        }
    }

    #[test]
    fn length_is_checked_before_reading() {
        let err = Pair::from_der(&[0x30; 65]).unwrap_err();
        assert_eq!(err, WireError::Length { what: "pair", min: 0, max: 64, found: 65 });
    }

    #[test]
    fn integers_of_every_width_read_back() {
        for number in [0, 1, 127, 128, 255, 256, 32_767, 32_768, u64::from(u32::MAX), u64::MAX] {
            let pair = Pair { number, name: "n".into() };
            assert_eq!(Pair::from_der(&pair.to_der()), Ok(pair), "{number}");
        }
    }
}
