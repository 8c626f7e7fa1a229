//! Peers in Rust, one a process: `yinxin-gm-peers NAME`, then lines `OPERATION SIZE MILLISECONDS` on standard input; each is
//! answered by calls per second of the thread's CPU time, or `-`.

use std::{hint::black_box, io, time::Duration};

use rustix::time::{ClockId, clock_gettime};

mod efficient;
mod libsm_crate;
mod rust_crypto;
mod sm_crypto_crate;

type Call = Box<dyn FnMut()>;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let operation = match name.as_str() {
        "rustcrypto" => rust_crypto::operation,
        "libsm" => libsm_crate::operation,
        "efficient-sm2" => efficient::operation,
        "sm-crypto" => sm_crypto_crate::operation,
        _ => {
            eprintln!("usage: yinxin-gm-peers rustcrypto|libsm|efficient-sm2|sm-crypto");
            std::process::exit(2);
        }
    };
    for line in io::stdin().lines() {
        let line = line.expect("a line");
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or("0");
        let (name, size, milliseconds) = (word(), word(), word());
        let size = size.parse().expect("a size");
        match operation(name, size) {
            Some(call) => println!("{}", rate(milliseconds.parse().expect("a time"), call)),
            None => println!("-"),
        }
    }
}

fn rate(milliseconds: f64, mut call: Call) -> f64 {
    call();
    let mut calls = 1_u32;
    loop {
        let begin = thread_seconds();
        (0..calls).for_each(|_| call());
        let took = thread_seconds() - begin;
        if took >= milliseconds / 2e3 {
            return f64::from(calls) / took;
        }
        calls *= 2;
    }
}

/// Seconds this thread has run.
fn thread_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("not negative").as_secs_f64()
}

/// A call whose result is not optimised away.
fn call<T>(mut operation: impl FnMut() -> T + 'static) -> Option<Call> {
    Some(Box::new(move || drop(black_box(operation()))))
}
