#!/usr/bin/env bash
# What an annotation costs to compile, beside tracing's: takes about 15 minutes, and is not part of `.ci/run`.
#
# Usage: ci/compile_time.sh [--json] [--check] [--rounds N]
#
# The crates that are compiled are in target/compile_time. The figures are of processor time, but a busy machine
# still raises them: run it on a quiet one.
set -euo pipefail
cd "$(dirname "$0")/.."
exec cargo run --quiet --release -p benches --bin compile_time -- "$@"
