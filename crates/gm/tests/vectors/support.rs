//! Finding and reading the three vector formats: Wycheproof JSON, OpenSSL's evp text, Botan's vec text.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;

/// The file's bytes, or `None` (and one line printed) when it is not there.
pub(crate) fn load(path: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("YINXIN_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let found = fs::read(root.join("vectors").join(path)).ok();
    if found.is_none() {
        println!("skipped: no vectors/{path} under YINXIN_SHARED");
    }
    found
}

pub(crate) fn load_text(path: &str) -> Option<String> {
    load(path).map(|bytes| String::from_utf8(bytes).expect("vector files are UTF-8"))
}

/// Every test of a Wycheproof-shaped file, of all groups.
pub(crate) fn load_json(path: &str) -> Option<Vec<Value>> {
    let file: Value = serde_json::from_str(&load_text(path)?).expect("vector files are JSON");
    let tests = |of: &Value| of["tests"].as_array().expect("tests").clone();
    Some(match file["testGroups"].as_array() {
        Some(groups) => groups.iter().flat_map(tests).collect(),
        None => tests(&file),
    })
}

/// `Name = value` lines in blocks between empty lines; PEM bodies and comments are left out.
pub(crate) fn blocks(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut blocks = vec![BTreeMap::new()];
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            blocks.push(BTreeMap::new());
        } else if let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#'))
        {
            let block = blocks.last_mut().expect("never empty");
            block.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// Hexadecimal, or text in quotes.
pub(crate) fn octets(value: &str) -> Vec<u8> {
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(text) => text.as_bytes().to_vec(),
        None => hex::decode(value.trim_start_matches("0x")).expect("hexadecimal"),
    }
}

pub(crate) fn field(case: &Value, name: &str) -> Vec<u8> {
    hex::decode(case[name].as_str().expect("the field")).expect("hexadecimal")
}

pub(crate) fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("the length the algorithm has")
}

pub(crate) fn is_valid(case: &Value) -> bool {
    let result = case["result"].as_str().expect("a result");
    assert!(["valid", "invalid"].contains(&result), "unknown result {result}");
    result == "valid"
}

/// What to print when a case fails.
pub(crate) fn name(case: &Value) -> String {
    format!("case {}: {}", case["tcId"], case["comment"])
}
