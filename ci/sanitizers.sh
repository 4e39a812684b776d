#!/usr/bin/env bash
# Runs the recorder under AddressSanitizer and valgrind's memcheck (`ci/long.sh` under ThreadSanitizer): the
# end-to-end tests, and the program `hammer`, which shares nothing between its threads that could hide what the recorder forgets to order.
#
# The sanitizers are in the stable toolchain, behind RUSTC_BOOTSTRAP. All that is built and downloaded is in
# target/sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."
began=$SECONDS
folder=target/sanitizers
host=$(rustc -vV | sed -n 's/^host: //p')
package=(--package traceme-tests --features sanitizers)

fail() {
    echo "$0: $*" >&2
    exit 2
}

compgen -G "$(rustc --print sysroot)/lib/rustlib/$host/lib/librustc-*_rt.asan.a" > /dev/null ||
    fail "$(rustc --version) for $host comes without AddressSanitizer: use a toolchain of rustup on Linux"
command -v valgrind > /dev/null || fail "valgrind is not installed"

# Those that count allocations are left out, and those that compile other programs.
tests=()
for file in tests/tests/*.rs; do
    case $(basename "$file" .rs) in
    alloc | expansion | negation | small_stacks | ui) ;;
    *) tests+=(--test "$(basename "$file" .rs)") ;;
    esac
done
# These measure the memory of the process, of which the sanitizer takes much for itself.
skipped=(--skip a_hundred_thousand_threads --skip a_thousand_sessions --skip a_large_bound --skip memory_stays_within)
# This one holds a share of the time, of which an event takes many times as much here: what is rare is thinned out, too.
skipped+=(--skip counts_are_exact_and_what_is_rare_is_whole)
# Fast enough for many events, and with lines in reports.
export CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=line-tables-only
export CARGO_PROFILE_RELEASE_DEBUG=line-tables-only

address() {
    local flags="-Zsanitizer=address -Cunsafe-allow-abi-mismatch=sanitizer"
    local in=("${package[@]}" --target "$host" --target-dir "$folder/address")
    # Leaks are looked for in `hammer` only: tests leak strings on purpose. A fork copies the sanitizer's memory too.
    TRACEME_TEST_FORKS=50 RUSTC_BOOTSTRAP=1 RUSTFLAGS=$flags ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
        cargo test --quiet "${in[@]}" "${tests[@]}" -- "${skipped[@]}"
    RUSTC_BOOTSTRAP=1 RUSTFLAGS=$flags cargo run --quiet "${in[@]}" --bin hammer 5
}

memcheck() {
    cargo build --quiet --release "${package[@]}" --bin hammer --target-dir "$folder/memcheck"
    valgrind --quiet --error-exitcode=1 --fair-sched=yes --leak-check=full --show-leak-kinds=definite \
        --errors-for-leak-kinds=definite "$folder/memcheck/release/hammer" 1
}

step() {
    local start=$SECONDS
    echo "--- $1"
    "${@:2}"
    echo "--- $1: $((SECONDS - start)) s"
}

step "AddressSanitizer" address
step "memcheck" memcheck
echo "--- no reports in $((SECONDS - began)) s"
