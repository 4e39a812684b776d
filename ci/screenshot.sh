#!/usr/bin/env bash
# Takes a picture of a trace in Perfetto's web page.
#
# Usage: ci/screenshot.sh FILE OUT.png [SLICE MS TRACKS]
#
# Of the whole trace; or of MS milliseconds around the longest slice of that name, with the tracks on top whose names match
# the regular expression TRACKS.
#
# Needs Chromium, and installs it with apt-get where that is allowed.
set -euo pipefail
{ [ $# = 2 ] || [ $# = 5 ]; } && [ -f "$1" ] || {
    echo "usage: $0 FILE OUT.png [SLICE MS TRACKS]" >&2
    exit 2
}
trace=$(realpath "$1")
out=$(realpath "$2")
cd "$(dirname "$0")/.."
./ci/readers.sh --install

packages=(chromium fonts-dejavu-core)
command -v "${CHROMIUM:-chromium}" > /dev/null ||
    { apt-get update && apt-get install -y --no-install-recommends "${packages[@]}"; } > /dev/null || {
    echo "$0: Chromium is not installed: apt-get install --no-install-recommends ${packages[*]}" >&2
    exit 2
}
exec node tests/readers/screenshot.mjs "$trace" "$out" "${@:3}"
