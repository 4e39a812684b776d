#!/usr/bin/env bash
# traceme beside other tracers, as a table: takes about 3 minutes, and is not part of `.ci/run`.
#
# Usage: ci/peers.sh [--write] [--check] [--json] [--peer NAME]
#
# --write renews docs/peers.md and docs/peers.svg. Needs a C++ compiler (Tracy), and a newer Rust than traceme does. The
# figures are worth something on a quiet machine only.
set -euo pipefail
cd "$(dirname "$0")/.."
exec cargo run --quiet --release -p benches --features peers --bin peers -- "$@"
