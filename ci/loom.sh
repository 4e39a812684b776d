#!/usr/bin/env bash
# Model-checks the chunk protocol.
set -euo pipefail
cd "$(dirname "$0")/.."
RUSTFLAGS="--cfg loom" cargo test -p traceme --release --lib --target-dir target/loom loom_tests
