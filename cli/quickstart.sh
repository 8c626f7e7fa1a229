#!/bin/sh
# Installs what is missing, builds yinxin, and runs `yinxin quickstart` with the arguments given here.
set -eu
cd "$(dirname "$0")/.."

. tests/setup.sh
command -v cargo >/dev/null 2>&1 || { echo "Rust is missing: install it from https://rustup.rs and start again" >&2; exit 2; }
need_build
need_fonts
install_missing

echo "building (the first time takes some minutes) ..." >&2
cargo build --release --locked -p yinxin-cli
exec "${CARGO_TARGET_DIR:-target}/release/yinxin" quickstart "$@"
