#!/usr/bin/env bash
# Warnings are errors: in every package, and in the library with fewer features than that.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo clippy --workspace --all-targets --all-features -- -D warnings
cargo clippy -p traceme --no-default-features -- -D warnings
cargo clippy -p traceme --no-default-features --features enable -- -D warnings
cargo clippy -p traceme --no-default-features --features futures,gzip,serde -- -D warnings
