#!/usr/bin/env bash
# Other targets than the one that everything else is tested on, and the oldest compiler that we promise (`rust-version`).
#
# rustup is not asked for more: the compilers are Debian 12's, fetched by apt-get and unpacked into target/targets, where
# all that is built goes too. Nothing is installed. A newer compiler comes with the sources of std, which it builds for each
# target. docs/targets.md has what the last run printed.
#
# Usage: ci/targets.sh [oldest | check | wasm | aarch64]..
set -uo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/target/targets
newer=1.96
oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
host=x86_64-unknown-linux-gnu
targets=(aarch64-unknown-linux-gnu x86_64-pc-windows-msvc aarch64-pc-windows-msvc aarch64-apple-darwin x86_64-apple-darwin
    wasm32-unknown-unknown wasm32-wasip1)
# End-to-end tests that run in emulation: none of those that compile programs, count instructions or look at time.
emulated=(activities append causes failed faults_guards faults_panic faults_teardown flows names ring rotate save session
    signal snapshot storm threads values)
# These measure the memory of the process, of which the emulator takes much for itself.
measuring=(--skip a_hundred_thousand_threads --skip a_thousand_sessions --skip a_large_bound --skip memory_stays_within)
lines=()
failed=0

fail() {
    echo "$0: $*" >&2
    exit 2
}

# say CHECKED|FAILED|COULD-NOT WHAT: a line for the end.
say() {
    lines+=("$(printf '%-9s %s (%d s)' "$1" "$2" $((SECONDS - began)))")
    [ "$1" = checked ] || failed=1
    echo "${lines[-1]}"
}

# The last result of each program counts: those before it are of programs that a test has run.
count_tests() {
    awk '/^ +Running / { n += last; last = 0 } /^test result: ok/ { last = $4 } END { if (n + last) printf ": %d tests", n + last }' "$1"
}

# attempt WHAT COMMAND..: what a command prints is shown if it fails, or the compiler warns of the library.
attempt() {
    local what=$1 log=$folder/log
    shift
    if ! "$@" > "$log" 2>&1; then
        tail -n 60 "$log"
        say FAILED "$what"
        return 1
    fi
    # Older compilers take for unused what only constants use.
    if [ "${warnings:-}" != allowed ] && grep -q '^warning: `traceme' "$log"; then
        grep -v '^ *\(Compiling\|Checking\|Finished\)' "$log"
        say FAILED "$what: warnings"
        return 1
    fi
    say checked "$what$(count_tests "$log")"
}

# fetch FOLDER PACKAGE..: the packages, with what they need that isn't installed.
fetch() {
    local to=$folder/$1 log=$folder/fetch.log
    shift
    [ -e "$to/complete" ] && return
    rm -rf "$to"
    mkdir -p "$to/packages/partial"
    apt-get install --download-only --reinstall --yes --no-install-recommends -o Debug::NoLocking=1 \
        -o APT::Sandbox::User= -o Dir::Cache::archives="$to/packages" "$@" > "$log" 2>&1 || {
        cat "$log" >&2
        return 1
    }
    local package
    for package in "$to"/packages/*.deb; do dpkg -x "$package" "$to" || return 1; done
    rm -rf "$to/packages"
    touch "$to/complete"
}

# wrap FILE FOLDER PROGRAM [ARGUMENT..]: a script that runs an unpacked program.
wrap() {
    local to=$folder/$1 from=$folder/$2
    shift 2
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%q exec %q' "$from/usr/lib/x86_64-linux-gnu" "$from/usr/bin/$1" > "$to.new"
    shift
    (($# == 0)) || printf ' %q' "$@" >> "$to.new"
    echo ' "$@"' >> "$to.new"
    chmod +x "$to.new"
    # Kept if it is the same: cargo builds all anew with a compiler that has changed.
    cmp -s "$to.new" "$to" || mv "$to.new" "$to"
}

compiler() {
    local version=$1
    shift
    fetch "rust-$version" "rustc-web=$version*" "libstd-rust-web-dev=$version*" "$@" || {
        say COULD-NOT "Rust $version: apt-get has no package rustc-web of this version (Debian 12 has it)"
        return 1
    }
    wrap "rustc-$version" "rust-$version" rustc
    export RUSTC=$folder/rustc-$version
    # Debian's own name for it would be another std.
    [[ "$("$RUSTC" -V)" = "rustc $version"* ]] || fail "$("$RUSTC" -V) isn't Rust $version"
}

# What only tests depend on may ask for a newer compiler: where they are built, that is ignored.
oldest() {
    began=$SECONDS
    compiler "$oldest" || return
    local warnings=allowed in=(--target-dir "$folder/oldest" --locked)
    attempt "Rust $oldest, type-check, with all features" cargo check "${in[@]}" -p traceme --all-features
    began=$SECONDS
    attempt "Rust $oldest, type-check, compiled out" cargo check "${in[@]}" -p traceme --no-default-features
    began=$SECONDS
    attempt "Rust $oldest, unit tests" cargo test "${in[@]}" --ignore-rust-version -p traceme --lib --all-features
    began=$SECONDS
    # The others can't be built: trybuild needs a newer compiler, and the shapes of edition 2024 have what came later to it.
    attempt "Rust $oldest, functions of every shape in two editions, hostile names" cargo test "${in[@]}" \
        --ignore-rust-version --tests -p shapes-2018 -p shapes-2021 -p shapes-hostile -p shapes-renamed
}

newer() {
    [ "${RUSTC:-}" = "$folder/rustc-$newer" ] && return
    compiler "$newer" "rust-web-src=$newer*" || return
    export RUSTC_BOOTSTRAP=1
}

# build COMMAND PARTS TARGET..: with std, in these parts, built for the target.
build() {
    local command=$1 parts=$2 target=$3
    shift 3
    cargo "$command" -Zbuild-std="$parts" --target "$target" --target-dir "$folder/build" --locked "$@"
}

check() {
    began=$SECONDS
    newer || return
    local target
    for target in "${targets[@]}"; do
        began=$SECONDS
        attempt "$target, type-check, with all features" build check std,panic_abort "$target" -p traceme --all-features
        began=$SECONDS
        attempt "$target, type-check, compiled out" \
            build check std,panic_abort "$target" -p traceme --no-default-features --features gzip,serde
    done
}

wasm() {
    began=$SECONDS
    newer || return
    local target=wasm32-unknown-unknown what="wasm32-unknown-unknown, an annotated program, run by Node.js"
    local linker
    linker=$(env -u RUSTC rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
    [ -x "$linker" ] || { say COULD-NOT "$what: rustup's toolchain has no rust-lld"; return; }
    command -v node > /dev/null || { say COULD-NOT "$what: node is not installed"; return; }
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker
    run() {
        build build std,panic_abort "$target" -p traceme-tests-wasm &&
            node tests/wasm/run.mjs "$folder/build/$target/debug/traceme_tests_wasm.wasm"
    }
    attempt "$what" run
}

aarch64() {
    began=$SECONDS
    newer || return
    local target=aarch64-unknown-linux-gnu tests
    fetch aarch64 qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross || {
        say COULD-NOT "$target, tests: apt-get has no qemu-user-static, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross"
        return
    }
    wrap aarch64-linker aarch64 aarch64-linux-gnu-gcc --sysroot="$folder/aarch64"
    wrap aarch64-runner aarch64 qemu-aarch64-static -L "$folder/aarch64/usr/aarch64-linux-gnu"
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=$folder/aarch64-linker
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=$folder/aarch64-runner
    # For those that run themselves once more.
    export TRACEME_TEST_RUNNER=$CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER
    # Emulation takes ten times as long, and proptest's 256 cases a test half an hour.
    export CARGO_PROFILE_DEV_OPT_LEVEL=1 PROPTEST_CASES=16
    local parts=std,panic_abort,panic_unwind,test
    attempt "$target, unit tests, in qemu-user" build test "$parts" "$target" -p traceme --lib --all-features
    began=$SECONDS
    mapfile -t tests < <(printf -- '--test\n%s\n' "${emulated[@]}")
    attempt "$target, tests of ${emulated[*]}, in qemu-user" build test "$parts" "$target" -p traceme-tests "${tests[@]}" \
        -- "${measuring[@]}"
}

[ "$(uname -sm)" = "Linux x86_64" ] || fail "this needs Linux on x86-64: Debian's compilers are fetched for that"
for tool in cargo rustc apt-get dpkg; do command -v "$tool" > /dev/null || fail "$tool is not installed"; done
mkdir -p "$folder"
steps=("$@")
((${#steps[@]})) || steps=(oldest check wasm aarch64)
for step in "${steps[@]}"; do
    case $step in
    oldest | check | wasm | aarch64) ;;
    *) fail "usage: $0 [oldest | check | wasm | aarch64].." ;;
    esac
done
for step in "${steps[@]}"; do "$step"; done
printf '\n--- %s, %s\n' "$(date +%F)" "$(uname -m)"
printf '%s\n' "${lines[@]}"
exit "$failed"
