# Installs what is missing on a Debian 12 that has only Rust; sourced by cli/quickstart.sh and tests/run.sh.
#
#   need COMMAND-OR-FILE PACKAGE WHY
#
# Says what is missing and why it is needed, then installs all of it at once. Without the right to install, it says
# what to run and goes on: what can work without will, and the rest says so itself.

missing=""

need() {
    case "$1" in
        /*) [ -e "$1" ] && return 0 ;;
        *) command -v "$1" >/dev/null 2>&1 && return 0 ;;
    esac
    echo "missing: $2 – $3" >&2
    missing="$missing $2"
}

install_missing() {
    [ -n "$missing" ] || return 0
    root=""
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then root="sudo"; else
            echo "cannot install without root; please run: apt-get install -y$missing" >&2
            missing=""
            return 0
        fi
    fi
    command -v apt-get >/dev/null 2>&1 || {
        echo "no apt-get here; please install by your system's means:$missing" >&2
        missing=""
        return 0
    }
    echo "installing:$missing" >&2
    log="$(mktemp)"
    # shellcheck disable=SC2086 # the list is words on purpose
    if $root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing" >"$log" 2>&1; then
        rm -f "$log"
    else
        tail -n 5 "$log" >&2
        echo "installation failed; the whole log is in $log" >&2
    fi
    missing=""
}

# What compiling needs.
need_build() {
    need cc gcc "the linker that Rust calls"
    need c++ g++ "libclang's and RocksDB's C++ runtime"
    need /usr/include/rocksdb/c.h librocksdb-dev "the node's store; compiling it instead would take many minutes"
    # The names that the binding's generator looks for; libclang-cpp is another library.
    if ! ls /usr/lib/llvm-*/lib/libclang.so* /usr/lib/llvm-*/lib/libclang-[0-9]*.so* /usr/lib/*/libclang-[0-9]*.so* 2>/dev/null | grep -q .; then
        need /usr/lib/llvm/lib/libclang.so libclang-dev "reads RocksDB's C header for the Rust binding"
    fi
}

# What making licences needs.
need_fonts() {
    need /usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc fonts-noto-cjk "Noto Serif CJK (OFL-1.1), the typeface of licences and seals"
}
