#!/usr/bin/env bash
# Every example runs; each asserts what it shows.
set -euo pipefail
cd "$(dirname "$0")/.."
out=target/examples
mkdir -p "$out"
cargo build --release -p examples
for example in quick_start threads_and_flows conditional_tracing error_handling tracing_allocator flight_recorder; do
    cargo run --release -p examples --bin "$example"
done
# By itself, so that no other package turns recording on.
cargo run --release -p compiled_out
cargo run --release -p examples --bin survey -- --out "$out" traceme/src
cargo run --release -p http_service -- --out "$out"
cargo run --release -p http_service -- --slow-handler --blocking-call --out "$out"
code=0
cargo run --release -p examples --bin survey -- --threads 0 || code=$?
[ "$code" = 2 ] || {
    echo "a usage error ended with $code, not 2" >&2
    exit 1
}
# On the crates that Cargo has unpacked. Once: comparing runs took place above.
cargo run --release -p examples --bin survey -- --once --out "$out"
