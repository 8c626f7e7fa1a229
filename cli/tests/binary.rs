//! The binary that flows across processes run: that this test is here makes `cargo test` build it.

use std::process::Command;

#[test]
fn it_says_its_name_and_version() {
    let out =
        Command::new(env!("CARGO_BIN_EXE_yinxin")).arg("--version").output().expect("it was built");
    let said = String::from_utf8_lossy(&out.stdout);
    assert_eq!(said.trim(), format!("yinxin {}", env!("CARGO_PKG_VERSION")));
}
