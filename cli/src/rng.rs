//! Randomness: the operating system's, here at the edge and nowhere below.

use getrandom::SysRng;
use rand_core::UnwrapErr;

/// The operating system's randomness; its failure ends the process, since nothing can be signed without it.
pub(crate) fn os() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}
