//! SM4 in every mode, on every backend this processor has: the vectors, and each backend against the portable one.

#[path = "vectors/support.rs"]
mod support;

#[path = "sm4/against_portable.rs"]
mod against_portable;
#[path = "sm4/noise.rs"]
mod noise;
#[path = "sm4/random.rs"]
mod random;
#[path = "sm4/stream.rs"]
mod stream;
#[path = "sm4/vectors.rs"]
mod vectors;

use std::sync::{Mutex, PoisonError};

use yinxin_gm::backend::{self, Backend};

/// The choice of backend is the process's: one test at a time.
static FORCED: Mutex<()> = Mutex::new(());

/// Runs `test` on every backend there is.
fn on_each_backend(mut test: impl FnMut(Backend)) {
    let _guard = FORCED.lock().unwrap_or_else(PoisonError::into_inner);
    for level in Backend::ALL {
        match backend::force(level) {
            Ok(()) => test(level),
            Err(error) => println!("skipped: {error}"),
        }
    }
}
