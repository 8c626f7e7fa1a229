#!/bin/sh
# What ofdrw says of OFD files:  tests/peers/ofdrw/run.sh [--loop N] FILE…
# VALID or FAIL a line; with --loop also RATE in verifications per second. Builds the verifier once, below cargo's target.
# Exit code 0: all valid; 1: some are not; 69: no Java or no Maven here.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
out="${CARGO_TARGET_DIR:-$here/../../../target}/peers/ofdrw"
for tool in java mvn; do
    command -v "$tool" >/dev/null 2>&1 || { echo "skipped: $tool is not installed" >&2; exit 69; }
done
built="$out/built"
if [ ! -e "$built" ] || [ -n "$(find "$here" -newer "$built" -type f)" ]; then
    mkdir -p "$out"
    # What Maven has fetched before is enough; only a first run needs the network.
    mvn -q -o -B -f "$here/pom.xml" -Dout="$out" process-classes >/dev/null 2>&1 ||
        mvn -q -B -f "$here/pom.xml" -Dout="$out" process-classes >&2
    touch "$built"
fi
exec java -cp "$out/classes:$out/lib/*" yinxin.peer.Verify "$@"
