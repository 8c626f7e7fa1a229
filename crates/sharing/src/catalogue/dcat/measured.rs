//! One data set at a time, of bounded size: a document says no more than what a resource can have.

use core::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Most values, members and octets of text of one data set: several times a resource of 64 responsibilities with two texts of 4,096 octets
/// each, and 256 items.
pub(super) const MOST: u64 = 4 << 20;

/// How many characters of a member's name are shown.
const SHOWN: usize = 64;

/// A value of as much as is left, each of its members named once.
pub(super) struct Measured<'a>(pub(super) &'a Cell<u64>);

impl Measured<'_> {
    fn takes<E: Error>(&self, much: usize) -> Result<(), E> {
        let left = self.0.get().checked_sub(much as u64 + 1);
        let left = left.ok_or_else(|| E::custom(format_args!("a data set of more than {MOST}")))?;
        self.0.set(left);
        Ok(())
    }

    fn one<E: Error>(&self, value: impl Into<Value>) -> Result<Value, E> {
        self.takes(0)?;
        Ok(value.into())
    }
}

impl<'de> DeserializeSeed<'de> for Measured<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Measured<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.one(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.one(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.one(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.one(value)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.one(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.takes(text.len())?;
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.takes(0)?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(Measured(self.0))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.takes(0)?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            self.takes(name.len())?;
            let value = map.next_value_seed(Measured(self.0))?;
            if members.contains_key(&name) {
                let name: String = name.chars().take(SHOWN).collect();
                return Err(A::Error::custom(format_args!("a member named twice: {name}")));
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}
