//! Powers and rules of the ledger in the words of the command line.

use yinxin_record::{Power, Powers, Rules, Wire};

/// The names of a set of powers.
pub(crate) fn names(bits: u32) -> Vec<String> {
    match Powers::from_bits(bits) {
        Some(powers) => powers.iter().map(|p| p.name().to_owned()).collect(),
        None => vec![format!("{bits:#x}")],
    }
}

/// Reads one power, for clap.
pub(crate) fn parse(name: &str) -> Result<Power, String> {
    Power::from_name(name).ok_or_else(|| {
        let known: Vec<_> = Power::ALL.iter().map(|p| p.name()).collect();
        format!("expected one of {}", known.join(", "))
    })
}

/// The rules that a new ledger begins with.
pub(crate) fn default_rules() -> Vec<u8> {
    Rules::default().to_der()
}
