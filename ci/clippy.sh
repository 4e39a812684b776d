#!/usr/bin/env bash
# Warnings are errors: in every package, and in the library with recording compiled out.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo clippy --workspace --all-targets --all-features -- -D warnings
cargo clippy -p traceme --no-default-features -- -D warnings
