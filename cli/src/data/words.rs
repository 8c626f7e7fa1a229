//! Levels, codes, times and volumes in the words of the command line.

use serde::Serialize;
use yinxin_record::{Level, OrganisationCode, Purpose, ResourceCode, SharingClass, Volume};
use yinxin_sharing::Error;
use yinxin_verdict::UnixTime;

use crate::fail::{Class, Failure};

const LEVELS: [(&str, Level); 6] = [
    ("general-1", Level::General1),
    ("general-2", Level::General2),
    ("general-3", Level::General3),
    ("general-4", Level::General4),
    ("important", Level::Important),
    ("core", Level::Core),
];

const CLASSES: [(&str, SharingClass); 3] = [
    ("unconditional", SharingClass::Unconditional),
    ("conditional", SharingClass::Conditional),
    ("never", SharingClass::Never),
];

/// Reads a level, for clap.
pub(super) fn level(text: &str) -> Result<Level, String> {
    pick(&LEVELS, text)
}

/// A level's name.
pub(super) fn level_name(level: Level) -> &'static str {
    name(&LEVELS, level)
}

/// Reads a sharing class, for clap.
pub(super) fn class(text: &str) -> Result<SharingClass, String> {
    pick(&CLASSES, text)
}

/// A sharing class's name.
pub(super) fn class_name(class: SharingClass) -> &'static str {
    name(&CLASSES, class)
}

fn pick<T: Copy>(words: &[(&str, T)], text: &str) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("expected one of {}", known.join(", "))
    })
}

fn name<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, v)| *v == value).map_or("", |(word, _)| *word)
}

/// Reads a resource's code, for clap.
pub(super) fn resource(text: &str) -> Result<ResourceCode, String> {
    ResourceCode::new(text).map_err(|e| e.to_string())
}

/// Reads an organisation's code, for clap.
pub(super) fn organisation(text: &str) -> Result<OrganisationCode, String> {
    OrganisationCode::new(text).map_err(|e| e.to_string())
}

/// Reads a purpose, for clap.
pub(super) fn purpose(text: &str) -> Result<Purpose, String> {
    Purpose::new(text).map_err(|e| e.to_string())
}

/// An amount, in JSON.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Counted {
    pub(super) calls: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

impl From<Volume> for Counted {
    fn from(Volume { calls, rows, bytes }: Volume) -> Self {
        Self { calls, rows, bytes }
    }
}

/// Reads a day or an instant, for clap.
pub(super) fn time(text: &str) -> Result<UnixTime, String> {
    UnixTime::parse(text).map_err(|e| e.to_string())
}

/// `calls, rows, bytes`.
pub(super) fn volume(v: Volume) -> String {
    format!("{} calls, {} rows, {} bytes", v.calls, v.rows, v.bytes)
}

/// How much, where there is something to fall back on.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct LessArgs {
    /// At most so many calls or deliveries [default: as asked]
    #[arg(long, value_name = "N")]
    calls: Option<u64>,
    /// At most so many rows [default: as asked]
    #[arg(long, value_name = "N")]
    rows: Option<u64>,
    /// At most so many bytes of content [default: as asked]
    #[arg(long, value_name = "N")]
    bytes: Option<u64>,
}

impl LessArgs {
    /// What was given, the rest as asked.
    pub(super) fn or(self, asked: Volume) -> Volume {
        Volume {
            calls: self.calls.unwrap_or(asked.calls),
            rows: self.rows.unwrap_or(asked.rows),
            bytes: self.bytes.unwrap_or(asked.bytes),
        }
    }
}

/// How much, all of it said.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct VolumeArgs {
    /// Calls, or deliveries
    #[arg(long, value_name = "N", default_value_t = 1)]
    calls: u64,
    /// Rows
    #[arg(long, value_name = "N")]
    rows: u64,
    /// Bytes of content
    #[arg(long, value_name = "N")]
    bytes: u64,
}

impl VolumeArgs {
    /// The amount.
    pub(super) const fn volume(self) -> Volume {
        Volume { calls: self.calls, rows: self.rows, bytes: self.bytes }
    }
}

/// What a file of sharing's did wrong: a key that does not fit is a matter of keys, the disk the machine's, all else of input.
pub(super) fn failure(error: &Error) -> Failure {
    let class = match error {
        Error::KeyWrong | Error::NotAddressed { .. } => Class::Key,
        Error::Io { .. } => Class::Node,
        Error::SigningFailed => Class::Internal,
        Error::NotFound { .. } | Error::FormUnknown { .. } | Error::KAnonymity { .. } => {
            Class::Usage
        }
        Error::SignatureBad { .. } | Error::Mismatch { .. } | Error::DerivationWrong { .. } => {
            Class::Invalid
        }
        _ => Class::Malformed,
    };
    Failure::of(class, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for (word, value) in LEVELS {
            assert_eq!((level(word), level_name(value)), (Ok(value), word));
        }
        for (word, value) in CLASSES {
            assert_eq!((class(word), class_name(value)), (Ok(value), word));
        }
        assert!(level("general-5").unwrap_err().contains("important"));
    }
}
