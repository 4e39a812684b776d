#!/usr/bin/env bash
# Runs the recorder under ThreadSanitizer: the end-to-end tests and the program `hammer`. ci/long.sh calls this.
#
# std is built anew: in the one that comes with the toolchain the sanitizer sees no mutex, channel or `Arc`, and
# takes what these keep apart for races. The sources of that std are downloaded if the toolchain has none.
#
# At last a copy of the recorder is run whose chunks are plain memory. Atomics can't race: only with plain words the
# sanitizer tells that a reader gets to words that no release and acquire made safe to read.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/target/sanitizers
sysroot=$(rustc --print sysroot)
version=$(rustc -vV)
host=$(sed -n 's/^host: //p' <<< "$version")
release=$(sed -n 's/^release: //p' <<< "$version")
commit=$(sed -n 's/^commit-hash: //p' <<< "$version")
plain=$folder/plain_words

fail() {
    echo "$0: $*" >&2
    exit 2
}

# Downloads the sources of std into the folder $1.
download() {
    local name=rust-src-$release got
    local from=https://static.rust-lang.org/dist/$name.tar.xz
    echo "downloading $from"
    rm -rf "$1" "$1.new"
    mkdir -p "$1.new"
    curl --fail --silent --show-error --location "$from" -o "$1.new/$name.tar.xz" "$from.sha256" -o "$1.new/sum" ||
        fail "no sources of std for $release: install them with \`rustup component add rust-src\`"
    # The sum's file has a name behind the sum, or only the sum.
    got=$(sha256sum "$1.new/$name.tar.xz")
    [ "${got%% *}" = "$(cut -d ' ' -f 1 "$1.new/sum")" ] || fail "$from is damaged"
    tar xf "$1.new/$name.tar.xz" -C "$1.new"
    got=$(cat "$1.new/$name/git-commit-hash")
    [ "$got" = "$commit" ] || fail "$from is of commit $got, and rustc of $commit"
    mv "$1.new/$name/rust-src/lib/rustlib/src" "$1.new/src"
    rm -rf "$1.new/$name" "$1.new/$name.tar.xz" "$1.new/sum"
    mv "$1.new" "$1"
}

# Makes a sysroot in the folder $1 that has all of the toolchain's, and the sources; and a compiler that uses it.
add_sources() {
    [ -d "$1/src" ] || download "$1"
    mkdir -p "$1/sysroot/lib/rustlib"
    ln -sf "$sysroot"/lib/*.so* "$1/sysroot/lib/"
    ln -sfn "$sysroot/lib/rustlib/$host" "$1/sysroot/lib/rustlib/$host"
    ln -sfn "$1/src" "$1/sysroot/lib/rustlib/src"
    local compiler="#!/bin/sh
exec '$sysroot/bin/rustc' --sysroot '$1/sysroot' \"\$@\""
    # Written once: cargo builds all anew with a compiler that has changed.
    [ -x "$1/rustc" ] || { echo "$compiler" > "$1/rustc" && chmod +x "$1/rustc"; }
    export RUSTC=$1/rustc
}

# Copies the workspace to $plain and makes the words of chunks plain memory there.
make_words_plain() {
    rm -rf "$plain"
    mkdir -p "$plain"
    cp -a Cargo.toml Cargo.lock benches examples tests traceme traceme-macros "$plain"
    local file from to
    while IFS='|' read -r file from to; do
        grep -qF "$from" "$plain/$file" || fail "$file has no \`$from\` any more: say here how chunks are written and read"
        sed -i "s/$from/$to/" "$plain/$file"
    done << 'END'
Cargo.toml|unsafe_code = "deny"|unsafe_code = "allow"\nunused_imports = "allow"
traceme/src/record/args.rs|word.store(value, Ordering::Relaxed)|unsafe { word.as_ptr().write(value) }
traceme/src/record/wire.rs|word.store(head, Ordering::Relaxed)|unsafe { word.as_ptr().write(head) }
traceme/src/record/value.rs|word.load(Ordering::Relaxed)|unsafe { word.as_ptr().read() }
END
}

compgen -G "$sysroot/lib/rustlib/$host/lib/librustc-*_rt.tsan.a" > /dev/null ||
    fail "$(rustc --version) for $host comes without ThreadSanitizer: use a toolchain of rustup on Linux"
[ -f "$sysroot/lib/rustlib/src/rust/library/Cargo.lock" ] || add_sources "$folder/rust-$release"
export RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=thread CARGO_PROFILE_DEV_OPT_LEVEL=1
export CARGO_PROFILE_DEV_DEBUG=line-tables-only
in=(--quiet -Zbuild-std --package traceme-tests --features sanitizers --target "$host")

# Those that count allocations are left out, those that compile other programs, those of one thread, that which limits the
# memory of the process, the sanitizer's included. And those that fork: under the sanitizer a process made by a fork of
# several threads can start none.
tests=()
for file in tests/tests/*.rs; do
    case $(basename "$file" .rs) in
    alloc | expansion | faults_memory | *fork* | ledger | negation | small_stacks | ui) ;;
    append | evaluation | faults_display | names | text | values) ;;
    *) tests+=(--test "$(basename "$file" .rs)") ;;
    esac
done
# These measure the memory of the process, of which the sanitizer takes much for itself.
skipped=(--skip a_hundred_thousand_threads --skip a_thousand_sessions --skip a_large_bound --skip memory_stays_within)
# These fork, in a file of others that don't.
skipped+=(--skip fork --skip a_child_acts_on_a_signal --skip a_child_that_watches_one_signal --skip a_signal_does_in_a_child)

cargo test "${in[@]}" --target-dir "$folder/thread" "${tests[@]}" -- "${skipped[@]}"
# Its signal handlers are the first to run at their callsites: that allocates. All else is to be told.
TSAN_OPTIONS=report_signal_unsafe=0 cargo test "${in[@]}" --target-dir "$folder/thread" --test ledger
cargo run "${in[@]}" --target-dir "$folder/thread" --bin hammer 10
make_words_plain
# In a folder of its own: seen from another workspace std is another, and would be built anew each time.
(cd "$plain" && cargo run "${in[@]}" --target-dir "$folder/thread_plain_words" --bin hammer 5)
