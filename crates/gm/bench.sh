#!/bin/sh
# Ours beside its peers, one thread: sh crates/gm/bench.sh
# Builds every peer that a registry carries (the first time takes minutes; YINXIN_NO_OPENSSL4=1 leaves out the longest),
# measures for about three minutes, prints one table and writes specs/pictures/gm-throughput.svg. The last line says how
# many targets hold; the exit code is 0 only if all do. Measures nothing but noise while the machine does other things.
set -eu
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
built="$target/gm-peers"
sources="$PWD/crates/gm/peers"
log="$built/log"
mkdir -p "$built"
: >"$log"

. tests/setup.sh
need cc gcc "compiles the peers in C"
need /usr/include/openssl/evp.h libssl-dev "peer: OpenSSL 3"
need /usr/include/gcrypt.h libgcrypt20-dev "peer: libgcrypt"
need go golang-go "peer: gmsm"
need javac default-jdk-headless "peer: BouncyCastle"
need mvn maven "fetches BouncyCastle from Maven Central"
need npm npm "peer: sm-crypto-v2"
install_missing

# A peer is had when its command is in the list; else one line says why not.
set --
peer() {
    name="$1" command="$2"
    shift 2
    if "$@" >>"$log" 2>&1; then
        peers="${peers:+$peers
}$name=$command"
    else
        echo "without $name: it cannot be had here (the log is $log)"
    fi
}
peers=""

# The second, without its assembly, is for tests/differential_peers.rs.
gmsm() { (cd "$sources/go" && go build -o "$built/gmsm" . && go build -tags purego -o "$built/gmsm-portable" .); }
openssl3() { cc -O2 -o "$built/openssl3" "$sources/c/openssl.c" -lcrypto; }
gcrypt() { cc -O2 -o "$built/gcrypt" "$sources/c/gcrypt.c" -lgcrypt; }
openssl4() {
    [ -z "${YINXIN_NO_OPENSSL4:-}" ] || return 1
    folder="$built/openssl4"
    if [ ! -e "$folder/done" ]; then
        mkdir -p "$folder"
        (cd "$sources/openssl4" && CARGO_TARGET_DIR="$folder" cargo build --quiet --release --locked)
        host="$(rustc -vV | sed -n 's/^host: //p')"
        OPT_LEVEL=3 NUM_JOBS="$(nproc)" MAKEFLAGS="-j$(nproc)" "$folder/release/yinxin-gm-openssl4" "$host" "$folder" || return 1
        touch "$folder/done"
    fi
    library="$(find "$folder" -name libcrypto.a | head -n 1)"
    [ -n "$library" ] || return 1
    cc -O2 -o "$built/openssl4-peer" -I "$(dirname "$(dirname "$library")")/include" "$sources/c/openssl.c" "$library" -lpthread -ldl
}
rust() { (cd "$sources/rust" && CARGO_TARGET_DIR="$built/rust" cargo build --quiet --release --locked); }
bouncycastle() {
    version=1.78.1
    jar="$built/bcprov-jdk18on-$version.jar"
    [ -e "$jar" ] || mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
        "-Dartifact=org.bouncycastle:bcprov-jdk18on:$version" "-DoutputDirectory=$built" || return 1
    javac -cp "$jar" -d "$built" "$sources/java/Peer.java"
}
node_peer() {
    mkdir -p "$built/node"
    cp "$sources/node/package.json" "$sources/node/package-lock.json" "$sources/node/peer.mjs" "$built/node/"
    [ -d "$built/node/node_modules" ] || (cd "$built/node" && npm ci --silent)
}

peer gmsm "$built/gmsm" gmsm
peer "OpenSSL 3" "$built/openssl3" openssl3
peer "OpenSSL 4" "$built/openssl4-peer" openssl4
peer libgcrypt "$built/gcrypt" gcrypt
peer RustCrypto "$built/rust/release/yinxin-gm-peers rustcrypto" rust
peer libsm "$built/rust/release/yinxin-gm-peers libsm" rust
peer efficient-sm2 "$built/rust/release/yinxin-gm-peers efficient-sm2" rust
peer sm-crypto "$built/rust/release/yinxin-gm-peers sm-crypto" rust
peer BouncyCastle "java -cp $built:$built/bcprov-jdk18on-1.78.1.jar Peer" bouncycastle
peer sm-crypto-v2 "node $built/node/peer.mjs" node_peer

cargo bench --quiet -p yinxin-gm --bench compare --profile release --no-run
grep -m 1 '^model name' /proc/cpuinfo | sed 's/.*: //' || true
# One argument a line.
set -- "$PWD/specs/pictures/gm-throughput.svg"
while IFS= read -r line; do set -- "$@" "$line"; done <<END
$peers
END
# What cargo says of a missed target would stand below the last line.
cargo bench --quiet -p yinxin-gm --bench compare --profile release -- "$@" 2>>"$log" || exit 1
