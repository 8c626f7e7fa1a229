#!/bin/sh
# How fast, beside others, in one run on one machine:  tests/bench.sh [PUTS] [ACTS]
# One core each for what is compared. Numbers of different runs or machines are not to be compared.
set -eu
cd "$(dirname "$0")/.."
puts="${1:-200}"
acts="${2:-200000}"
target="${CARGO_TARGET_DIR:-$PWD/target}"
yinxin="$target/release/yinxin"
work="$(mktemp -d)"
trap 'kill "${tour:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
pin=""
command -v taskset >/dev/null 2>&1 && pin="taskset -c 0"
row() { printf '%-58s %14s\n' "$1" "$2"; }
rates() { cargo bench --quiet --locked --profile release -p yinxin-tests --bench rates -- "$@"; }
ms() { echo $(($(date +%s%N) / 1000000)); }

cargo build --release --quiet --locked -p yinxin-cli
cargo bench --quiet --locked --profile release -p yinxin-tests --bench rates --no-run

row "cores" "$(nproc)"
row "processor" "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)"

licence="$work/licence.ofd"
rates make "$licence" >/dev/null
if [ -e "$licence" ]; then
    row "a licence, bytes" "$(wc -c <"$licence")"
    # shellcheck disable=SC2086 # words on purpose
    row "verifications a second on one core, ours" "$($pin cargo bench --quiet --locked --profile release -p yinxin-tests --bench rates -- verify "$licence" | awk '/^RATE/ { print $3 }')"
    # shellcheck disable=SC2086 # words on purpose
    row "verifications a second on one core, ofdrw" "$(CARGO_TARGET_DIR="$target" $pin sh tests/peers/ofdrw/run.sh --loop 300 "$licence" 2>/dev/null | awk '/^RATE/ { print $3 }' || true)"
    # shellcheck disable=SC2086 # words on purpose
    row "licences a second on one core: row to sealed file" "$($pin cargo bench --quiet --locked --profile release -p yinxin-tests --bench rates | awk '/^RATE/ { print $3 }')"
else
    row "licences" "skipped: no font"
fi

# Four nodes on this one machine, which must share its cores; through the command line, each put a process that waits
# for its receipt and verifies it.
"$yinxin" --quiet quickstart --keep --licences 1 "$work/tour" >"$work/log" 2>&1 &
tour=$!
waited=0
until [ -e "$work/tour/README" ] && grep -q http "$work/tour/README"; do
    waited=$((waited + 1))
    [ "$waited" -lt 120 ] && kill -0 "$tour" 2>/dev/null || { cat "$work/log" >&2; exit 5; }
    sleep 1
done
url="$(grep -o 'http://127.0.0.1:[0-9]*' "$work/tour/README" | head -n 1)"
# Opening an encrypted key takes a fifth of a second each time, which is not what is measured here.
"$yinxin" --quiet key export "$work/tour/nodes/1/organisation.key" --password-file "$work/tour/nodes/1/password" --form pkcs8 --out "$work/key.pem"
cat >"$work/put" <<END
#!/bin/sh
printf '%s' "\$1" >"$work/document-\$1"
start=\$((\$(date +%s%N) / 1000000))
"$yinxin" --quiet ledger put "$work/document-\$1" --key "$work/key.pem" --cert "$work/tour/nodes/1/organisation.cer" --node "$url" --trust "$work/tour/trust" --out "$work/receipt-\$1" >/dev/null
echo \$((\$(date +%s%N) / 1000000 - start))
END
for n in $(seq 10); do sh "$work/put" "one-$n"; done | sort -n >"$work/latencies"
row "four nodes: ms until a verified receipt, median of 10" "$(sed -n 5p "$work/latencies")"
row "four nodes: ms until a verified receipt, slowest of 10" "$(tail -n 1 "$work/latencies")"
start="$(ms)"
seq "$puts" | sed 's/^/many-/' | xargs -n 1 -P 32 sh "$work/put" >/dev/null
took=$(($(ms) - start))
row "four nodes: records a second, $puts puts, 32 at a time" "$((puts * 1000 / took))"
kill "$tour" 2>/dev/null || true

echo
echo "Cryptography on one core, calls or MB a second, ours beside RustCrypto:"
# shellcheck disable=SC2086 # words on purpose
$pin cargo bench --quiet --locked --profile release -p yinxin-gm --bench speed

echo
echo "A trace in a real store of $acts acts on one core, and what an act costs on disk (without the state tree):"
# shellcheck disable=SC2086 # words on purpose
$pin cargo bench --quiet --locked --profile release -p yinxin-tests --bench trace -- "$acts" "$work/acts"
