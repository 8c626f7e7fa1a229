//! What the vector backends became in machine code: nothing read out of a vector decides a branch, and none is an address.
//!
//! A vector can reach a flag or an address only through a few instructions. Those are looked for in every function of the
//! AVX-512 backends that secrets go through; verification, whose input is public, is left out.

#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

#[path = "../../../tests/rig/absent.rs"]
#[allow(unreachable_pub, reason = "other crates take it from the rig")]
mod absent;

use std::{collections::BTreeMap, process::Command};

use yinxin_gm::{Digest, sm2, sm3, sm4};

use absent::absent;

/// Modules, in the order in which they are looked at.
const SECRET: [&str; 10] = [
    "x86_64::sm3",
    "x86_64::sm4",
    "x86_64::ghash",
    "x86_64::ifma::sign",
    "x86_64::lookup",
    "x86_64::ifma::field",
    "x86_64::ifma::point",
    "x86_64::ifma::comb",
    "x86_64::ifma::quad",
    "x86_64::ifma::single",
];

/// Gathers take addresses from a vector; the others bring a comparison of vectors to the flags.
const FORBIDDEN: [&str; 11] = [
    "vpgather",
    "vgather",
    "vpscatter",
    "vscatter",
    "vtest",
    "kortest",
    "ktest",
    "comis",
    "ucomis",
    "vcomis",
    "vucomis",
];
/// The same, but the beginning of others too: VPTESTNM and its like write a mask, which is data.
const FORBIDDEN_WHOLE: [&str; 6] =
    ["ptest", "vptest", "pmovmskb", "vpmovmskb", "vmovmskps", "vmovmskpd"];

/// Mnemonics by function, of this very program.
fn functions() -> Option<BTreeMap<String, Vec<String>>> {
    let program = std::env::current_exe().expect("this runs");
    let output = Command::new("objdump")
        .args(["--disassemble", "--demangle=rust", "--no-show-raw-insn", "-M", "intel"])
        .arg(program)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut functions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if let Some((_, name)) = line.strip_suffix(">:").and_then(|line| line.split_once('<')) {
            current = Some(name.to_owned());
        } else if let (Some(name), Some((_, instruction))) = (&current, line.split_once(":\t")) {
            functions.entry(name.clone()).or_default().push(instruction.trim().to_owned());
        }
    }
    Some(functions)
}

/// What is forbidden among `instructions`.
fn found(instructions: &[String]) -> Vec<&String> {
    let mut found = Vec::new();
    // The general register that a mask was moved to a few instructions ago.
    let mut mask: Option<(String, usize)> = None;
    for (at, instruction) in instructions.iter().enumerate() {
        let (mnemonic, operands) = instruction.split_once(' ').unwrap_or((instruction, ""));
        let decides = ["cmp", "test", "bt"].contains(&mnemonic);
        let of_mask = mask.as_ref().is_some_and(|(register, since)| {
            at - since < 8 && operands.split([',', ' ', '[', ']']).any(|o| stem(o) == *register)
        });
        if FORBIDDEN.iter().any(|word| mnemonic.starts_with(word))
            || FORBIDDEN_WHOLE.contains(&mnemonic)
            || decides && of_mask
        {
            found.push(instruction);
        }
        let (target, source) = operands.split_once(',').unwrap_or_default();
        if mnemonic.starts_with("kmov") && source.starts_with('k') && !target.contains('[') {
            mask = Some((stem(target).to_owned(), at));
        }
    }
    found
}

/// Of `rax`, `eax`, `ax` and `al` the `a`; of `r8d` the `r8`.
fn stem(register: &str) -> &str {
    let register = register.trim();
    match register.trim_start_matches('e') {
        numbered
            if numbered.starts_with('r')
                && numbered.as_bytes().get(1).is_some_and(u8::is_ascii_digit) =>
        {
            numbered.trim_end_matches(['d', 'w', 'b'])
        }
        lettered => lettered.trim_start_matches('r').trim_end_matches(['x', 'l', 'i', 'p']),
    }
}

/// So that the linker keeps them.
fn everything() {
    let key = sm2::PrivateKey::from_bytes(&[1; 32]).expect("in range");
    let digest = sm2::MessageDigest::new(key.public_key(), b"", b"").expect("short");
    let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
    assert_eq!(sm2::sign_many(&[(&key, &digest); 8], rng).len(), 8);
    let mut signer = sm2::PreparedSigner::new(key.clone(), b"", rng);
    signer.sign_digest(&digest, rng).expect("its own");
    let sealed = key.public_key().encrypt(b"message", rng).expect("not empty");
    key.decrypt(&sealed).expect("its own");
    sm3::many(&[b"message"; 40], &mut [Digest::ZERO; 40]);
    sm3::nodes(1, &[Digest::ZERO; 64], &mut [Digest::ZERO; 32]);
    let mut data = [0; 2048];
    sm4::ctr::apply(&[1; 16], &[2; 16], &mut data);
    sm4::cbc::decrypt(&[1; 16], &[2; 16], &mut data).expect("whole");
    sm4::gcm::seal(&[1; 16], &[2; 12], b"", &data).expect("short");
}

#[test]
fn vectors_of_secrets_reach_no_branch_and_no_address() {
    everything();
    let Some(functions) = functions() else {
        absent("no objdump here (Debian package binutils)");
        return;
    };
    for module in SECRET {
        let of = functions.iter().filter(|(name, _)| name.contains(module));
        let (mut count, mut length) = (0, 0);
        for (name, instructions) in of {
            let bad = found(instructions);
            assert!(bad.is_empty(), "{name}: {bad:?}");
            count += 1;
            length += instructions.len();
        }
        println!("{module}: {count} functions, {length} instructions");
        assert!(count > 0, "no function of {module} in the program: are symbols stripped?");
    }
}

/// The same search finds what is there: what decides by a comparison of vectors.
#[test]
fn the_search_finds_a_test_of_a_vector() {
    let decided = ["vpcmpeqb ymm0,ymm1,ymm2", "vptest ymm0,ymm0", "jne 10"].map(str::to_owned);
    assert_eq!(found(&decided), [&decided[1]]);
    let of_a_mask = ["kmovd  eax,k1", "add rcx,8", "test al,al", "jne 10"].map(str::to_owned);
    assert_eq!(found(&of_a_mask), [&of_a_mask[2]]);
    let other =
        ["vptestnmq k1,zmm2,zmm2", "kmovd  eax,k1", "mov BYTE PTR [rdi],al", "test rcx,rcx"];
    assert!(found(&other.map(str::to_owned)).is_empty());
    let looked_up = ["vpgatherdd zmm1{k1},DWORD PTR [rax+zmm0*4]".to_owned()];
    assert_eq!(found(&looked_up).len(), 1);
}
