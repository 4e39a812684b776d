#!/usr/bin/env bash
# Every example runs.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo run --release -p examples --bin quick_start
