//! Fields of records and state values: each Rust type has one ASN.1 form.
//!
//! | Rust | ASN.1 |
//! |---|---|
//! | `bool` | BOOLEAN |
//! | `u16` `u32` `u64`, numbered enums | INTEGER |
//! | [`UnixTime`] | INTEGER, milliseconds since 1970 |
//! | [`Digest`] | OCTET STRING (SIZE(32)) |
//! | [`PublicKey`] | OCTET STRING (SIZE(65)), 04 ‖ X ‖ Y |
//! | [`Text<N>`](crate::Text), codes | UTF8String |
//! | `Option<T>` | SEQUENCE (SIZE(0..1)) OF T |
//! | `Vec<T>` | SEQUENCE (SIZE(0..256)) OF T |
//! | enum with payloads | CHOICE, explicit context tags |

use yinxin_gm::{Digest, sm2::PublicKey};
use yinxin_merkle::wire::{Reader, WireError, Writer};
use yinxin_verdict::UnixTime;

/// Longest record and longest state value, bytes. A record of 64 KiB holds 256 digests or a certificate many times over.
pub(crate) const MAX_LEN: usize = 64 << 10;

/// Most elements of a list: more digests than this go in as a batch root.
pub(crate) const MAX_LIST: usize = 256;

/// A type with one ASN.1 form.
pub(crate) trait Field: Sized {
    fn put(&self, out: &mut Writer);
    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError>;
}

/// A SEQUENCE of the named fields, in this order.
macro_rules! sequence {
    ($type:ident { $($field:ident),* $(,)? } $(check $check:expr)?) => {
        impl $crate::asn::Field for $type {
            fn put(&self, out: &mut yinxin_merkle::wire::Writer) {
                let Self { $($field),* } = self;
                out.sequence(|out| { $($crate::asn::Field::put($field, out);)* });
            }

            fn take(
                input: &mut yinxin_merkle::wire::Reader<'_>,
                what: &'static str,
            ) -> Result<Self, yinxin_merkle::wire::WireError> {
                let value = input.sequence(what, |input| {
                    Ok(Self { $($field: $crate::asn::Field::take(input, stringify!($field))?),* })
                })?;
                $(let check: fn(&Self) -> Result<(), yinxin_merkle::wire::WireError> = $check;
                check(&value)?;)?
                Ok(value)
            }
        }

        $crate::asn::wire!($type);
    };
}

/// A CHOICE: each arm under its context tag.
macro_rules! choice {
    ($type:ident { $($number:literal => $arm:ident),* $(,)? }) => {
        impl $crate::asn::Field for $type {
            fn put(&self, out: &mut yinxin_merkle::wire::Writer) {
                match self {
                    $(Self::$arm(value) => {
                        out.tagged($number, |out| $crate::asn::Field::put(value, out));
                    })*
                }
            }

            fn take(
                input: &mut yinxin_merkle::wire::Reader<'_>,
                what: &'static str,
            ) -> Result<Self, yinxin_merkle::wire::WireError> {
                match input.next_tag() {
                    $(Some($number) => {
                        let name = stringify!($arm);
                        input
                            .tagged(name, $number, |i| $crate::asn::Field::take(i, name))
                            .map(Self::$arm)
                    })*
                    _ => Err(yinxin_merkle::wire::WireError::Form(what)),
                }
            }
        }

        $crate::asn::wire!($type);
    };
}

/// An INTEGER that stands for one of a few names.
macro_rules! numbered {
    ($type:ident { $($number:literal => $arm:ident),* $(,)? }) => {
        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$arm),*];

            /// The number that stands for it in encodings.
            #[must_use]
            pub const fn number(self) -> u32 {
                match self { $(Self::$arm => $number,)* }
            }
        }

        impl $crate::asn::Field for $type {
            fn put(&self, out: &mut yinxin_merkle::wire::Writer) {
                out.uint(self.number());
            }

            fn take(
                input: &mut yinxin_merkle::wire::Reader<'_>,
                what: &'static str,
            ) -> Result<Self, yinxin_merkle::wire::WireError> {
                match input.uint32(what)? {
                    $($number => Ok(Self::$arm),)*
                    _ => Err(yinxin_merkle::wire::WireError::Value(what)),
                }
            }
        }
    };
}

/// A format of its own, readable and writable alone.
macro_rules! wire {
    ($type:ident) => {
        impl yinxin_merkle::wire::Wire for $type {
            const NAME: &'static str = stringify!($type);
            const MAX_LEN: usize = $crate::asn::MAX_LEN;

            fn write(&self, out: &mut yinxin_merkle::wire::Writer) {
                $crate::asn::Field::put(self, out);
            }

            fn read(
                input: &mut yinxin_merkle::wire::Reader<'_>,
            ) -> Result<Self, yinxin_merkle::wire::WireError> {
                $crate::asn::Field::take(input, stringify!($type))
            }
        }
    };
}

pub(crate) use {choice, numbered, sequence, wire};

impl Field for bool {
    fn put(&self, out: &mut Writer) {
        out.boolean(*self);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        input.boolean(what)
    }
}

impl Field for u16 {
    fn put(&self, out: &mut Writer) {
        out.uint(*self);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        input.uint16(what)
    }
}

impl Field for u32 {
    fn put(&self, out: &mut Writer) {
        out.uint(*self);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        input.uint32(what)
    }
}

impl Field for u64 {
    fn put(&self, out: &mut Writer) {
        out.uint(*self);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        input.uint(what)
    }
}

impl Field for UnixTime {
    fn put(&self, out: &mut Writer) {
        out.int(self.as_millis());
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::from_millis(input.int(what)?).map_err(|_| WireError::Value(what))
    }
}

impl Field for Digest {
    fn put(&self, out: &mut Writer) {
        out.digest(self);
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        input.digest(what)
    }
}

impl Field for PublicKey {
    fn put(&self, out: &mut Writer) {
        out.octets(&self.to_sec1());
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        let bytes: [u8; 65] = input.array(what)?;
        Self::from_sec1(&bytes).map_err(|_| WireError::Value(what))
    }
}

impl<T: Field> Field for Option<T> {
    fn put(&self, out: &mut Writer) {
        out.list(self, |out, value| value.put(out));
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        let mut values = input.list(what, 0, 1, |input| T::take(input, what))?;
        Ok(values.pop())
    }
}

impl<T: Field> Field for Vec<T> {
    fn put(&self, out: &mut Writer) {
        out.list(self, |out, value| value.put(out));
    }

    fn take(input: &mut Reader<'_>, what: &'static str) -> Result<Self, WireError> {
        input.list(what, 0, MAX_LIST, |input| T::take(input, what))
    }
}
