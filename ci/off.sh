#!/usr/bin/env bash
# A library without std, its annotations compiled out, in two editions. Each by itself, so that no other package turns
# recording on.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test -p shapes-no-std
cargo build -p shapes-no-std-2024
cargo clippy -p shapes-no-std --all-targets -- -D warnings
cargo clippy -p shapes-no-std-2024 -- -D warnings
