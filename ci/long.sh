#!/usr/bin/env bash
# What takes too long for each change: run it before a release, and after changes to record/.
#
# The figures of the last run are in docs/long.md.
set -euo pipefail
cd "$(dirname "$0")/.."
began=$SECONDS
./ci/thread_sanitizer.sh
echo "--- ThreadSanitizer: no reports in $((SECONDS - began)) s"
