#!/bin/sh
# Every test there is: formatting, lints, docs, dependencies, then units, crate vectors and flows across processes,
# with Java, OpenSSL and Chromium as peers. Installs what is missing. What is longer is tests/long.sh.
set -eu
cd "$(dirname "$0")/.."
start="$(date +%s)"
step() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - start))"; }

# A peer that is absent ends its test, so that none is skipped unseen; YINXIN_ALL_PEERS=0 runs what there is.
: "${YINXIN_ALL_PEERS:=1}"
export YINXIN_ALL_PEERS

step "what the tests need"
. tests/setup.sh
need_build
need_fonts
need openssl openssl "peer: must accept our certificates and key files"
need chromium chromium "peer: drives the portal page as a person would"
need chromedriver chromium-driver "speaks to Chromium"
need javac default-jdk-headless "peer: the Java side of the C ABI, and ofdrw"
need mvn maven "fetches ofdrw and JNA from Maven Central"
need valgrind valgrind "tests that no branch and no address depends on a secret"
need objdump binutils "shows what the vector code became"
need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu "links the tests of another processor's backends"
need /usr/aarch64-linux-gnu/lib/libc.so.6 libc6-dev-arm64-cross "their C library"
need qemu-aarch64 qemu-user "runs them"
need /usr/lib/postgresql postgresql "a source of shared data: the tests start a server of their own on loopback"
need dot graphviz "peer: reads the provenance graph in its language"
need faketime faketime "gives a data server a wrong clock (by its library)"
need /usr/lib/python3/dist-packages/prov python3-prov "peer: reads our PROV-JSON"
need /usr/lib/python3/dist-packages/rdflib python3-rdflib "peer: reads our catalogue in JSON-LD as RDF"
need setpriv util-linux "runs four departments as four users"
install_missing
if command -v rustup >/dev/null 2>&1; then
    # Another processor, and machines without an operating system; a test whose target cannot be had says so.
    for target in aarch64-unknown-linux-gnu aarch64-unknown-none thumbv7em-none-eabi x86_64-unknown-none; do
        rustup --quiet target add "$target" 2>/dev/null || echo "skipped: rustup cannot add the target $target"
    done
fi

step "formatting"
cargo fmt --all --check

step "build, once"
cargo test --release --locked --workspace --no-run

step "lints"
cargo clippy --release --locked --workspace --all-targets -- -D warnings

step "docs"
RUSTDOCFLAGS="-D warnings" cargo doc --release --locked --workspace --no-deps --quiet

step "dependencies"
if ! command -v cargo-deny >/dev/null 2>&1; then
    echo "missing: cargo-deny – checks licences, sources and advisories of dependencies; installing" >&2
    built="$(mktemp -d)"
    CARGO_TARGET_DIR="$built" cargo install --quiet --locked cargo-deny@0.20.2 || echo "skipped: cargo-deny could not be installed"
    rm -rf "$built"
fi
if command -v cargo-deny >/dev/null 2>&1; then
    cargo deny --config .deny.toml --locked check --hide-inclusion-graph bans licenses sources
    log="$(mktemp)"
    if ! cargo deny --config .deny.toml --locked check --hide-inclusion-graph advisories >"$log" 2>&1; then
        if grep -q "failed to fetch advisory database" "$log"; then
            echo "skipped: the advisory database cannot be fetched from here"
        else
            cat "$log"
            exit 1
        fi
    fi
fi

step "tests"
# Random models draw the same cases in every run, so that what fails is the change's; tests/long.sh draws others.
: "${PROPTEST_RNG_SEED:=20261201}"
export PROPTEST_RNG_SEED
cargo test --release --locked --workspace --no-fail-fast

step "constant time"
# Assertions in `subtle` are branches on what it compares; valgrind would report them.
cargo test --release --locked -p yinxin-gm --features ctgrind --test constant_time \
    --config 'profile.release.package.subtle.debug-assertions=false'

step "done"
