#!/usr/bin/env bash
# What takes too long for each change: run it before a release, and after changes to record/.
#
# The figures of the last run are in docs/long.md.
set -euo pipefail
cd "$(dirname "$0")/.."
TRACEME_LEDGER_ATTEMPTS=1000000000 cargo test --release -p traceme-tests --test ledger -- --nocapture
TRACEME_TEST_TRIALS=10000 TRACEME_TEST_CHILD=1 cargo test --release -p traceme-tests --test triggers -- \
  --exact spans::a_snapshot_has_the_span_with_its_ancestors_each_time
began=$SECONDS
./ci/thread_sanitizer.sh
echo "--- ThreadSanitizer: no reports in $((SECONDS - began)) s"
