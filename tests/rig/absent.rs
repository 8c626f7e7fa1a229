//! A peer that a test needs and that is not here. Tests of crates that know nothing of this one include the file by its path.

use core::fmt::Display;

/// Where this is `1`, as in `tests/run.sh`, which installs them, every peer must be here.
const ALL_PEERS: &str = "YINXIN_ALL_PEERS";

/// Says in one line what is absent and where it comes from; the test is then skipped.
///
/// # Panics
/// Where every peer must be here: a test that was not run must not look like one that went well.
pub fn absent(what: impl Display) {
    tell(&what, std::env::var_os(ALL_PEERS).is_some_and(|all| all == "1"));
}

fn tell(what: &dyn Display, all: bool) {
    assert!(!all, "absent, and {ALL_PEERS}=1 says that every peer is here: {what}");
    println!("skipped: {what}");
}

#[cfg(test)]
mod tests {
    use super::tell;

    #[test]
    fn what_is_absent_is_told_or_ends_the_test() {
        tell(&"no peer", false);
        let ended = std::panic::catch_unwind(|| tell(&"no peer", true)).expect_err("it ends");
        assert!(ended.downcast_ref::<String>().is_some_and(|why| why.ends_with("no peer")));
    }
}
