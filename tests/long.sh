#!/bin/sh
# What takes hours:  tests/long.sh [MINUTES]  – MINUTES of fuzzing for each parser, then crashes again and again, random models with other cases, gm against its peers, Miri
# and timing, ten million acts, a million records of credit, a province's catalogue, rates.
# Ends at the first failure and says where its input lies.
set -eu
cd "$(dirname "$0")/.."
minutes="${1:-10}"
start="$(date +%s)"
step() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - start))"; }

step "what the tests need"
. tests/setup.sh
need_build
need_fonts
install_missing

step "fuzzing, $minutes minutes each"
if command -v rustup >/dev/null 2>&1 && rustup toolchain list | grep -q nightly; then
    command -v cargo-fuzz >/dev/null 2>&1 || cargo install --quiet --locked cargo-fuzz
    for file in fuzz/fuzz_targets/*.rs; do
        name="$(basename "$file" .rs)"
        step "fuzzing $name"
        # What it finds on the way goes into target/, so that the corpus stays small and ours.
        mkdir -p "fuzz/target/found/$name"
        cargo +nightly fuzz run "$name" "fuzz/target/found/$name" "fuzz/corpus/$name" -- \
            -max_total_time="$((minutes * 60))" -timeout=60 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1
    done
else
    echo "skipped: no nightly toolchain (rustup toolchain install nightly)"
fi

step "crashes, ten times"
for n in 1 2 3 4 5 6 7 8 9 10; do
    echo "round $n"
    cargo test --release --quiet --locked -p yinxin-tests --test crash
    cargo test --release --quiet --locked -p yinxin-licence --test flow
done

step "random models, ten times with other cases"
for n in 1 2 3 4 5 6 7 8 9 10; do
    PROPTEST_RNG_SEED="$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')"
    export PROPTEST_RNG_SEED
    echo "round $n: PROPTEST_RNG_SEED=$PROPTEST_RNG_SEED"
    for name in merkle calendar pki ofd record licence sharing credit ledger store; do
        cargo test --release --quiet --locked -p "yinxin-$name"
    done
    cargo test --release --quiet --locked -p yinxin-gm --test oracles
done

step "backends and peers of SM2, SM3 and SM4"
YINXIN_CASES=1000000 cargo test --release --locked -p yinxin-gm --test differential --test sm4 -- random
# The peers are those of the bench, which may fail its targets here.
sh crates/gm/bench.sh >/dev/null || echo "targets were missed; see sh crates/gm/bench.sh"
YINXIN_CASES=100000 YINXIN_GM_PEERS="${CARGO_TARGET_DIR:-$PWD/target}/gm-peers" \
    cargo test --release --locked -p yinxin-gm --test differential_peers

step "Miri over the portable code"
if command -v rustup >/dev/null 2>&1 && rustup +nightly component add miri rust-src >/dev/null 2>&1; then
    # Every algorithm once, and what reads encodings; Miri executes no assembler, so the library keeps to the portable code.
    MIRIFLAGS=-Zmiri-disable-isolation CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/miri" \
        cargo +nightly miri test --locked -p yinxin-gm --lib -- every_answer der::tests digest::tests sm3::tests cbc::tests
else
    echo "skipped: no Miri (rustup toolchain install nightly --component miri)"
fi

step "time tells no secrets apart"
YINXIN_CASES=1000000 cargo test --release --locked -p yinxin-gm --test timing -- --ignored --nocapture

step "ten million acts"
store="$(mktemp -d)"
trap 'rm -rf "$store"' EXIT
cargo bench --quiet --locked --profile release -p yinxin-tests --bench trace -- 10000000 "$store/acts" most=50
cargo bench --quiet --locked --profile release -p yinxin-tests --bench trace -- 500000 "$store/state" state=8

step "a million records of credit, and a province's catalogue"
cargo build --quiet --locked --release -p yinxin-cli
cargo bench --quiet --locked --profile release -p yinxin-tests --bench credit -- 1000000 "$store/credit" most=5
cargo bench --quiet --locked --profile release -p yinxin-tests --bench publish
rm -rf "$store"

step "rates"
sh tests/bench.sh 2000

step "done"
