#!/usr/bin/env bash
# Runs the tests of the recorder under AddressSanitizer, ThreadSanitizer and valgrind's memcheck. The sanitizers
# are in the stable toolchain behind RUSTC_BOOTSTRAP; std is not rebuilt for them, so that what it does between
# threads without atomics that they see (channels, `Arc`) must not decide what they report.
set -euo pipefail
cd "$(dirname "$0")/.."
host=$(rustc -vV | sed -n 's/^host: //p')
tests=(faults_threads faults_guards storm signal session)

sanitize() {
    echo "--- $1 sanitizer"
    RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS="-Zsanitizer=$1 -Cunsafe-allow-abi-mismatch=sanitizer" \
        cargo test -p traceme-tests --target "$host" --target-dir "target/$1" "${@:2}"
}

sanitize address
sanitize thread
