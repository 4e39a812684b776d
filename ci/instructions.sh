#!/usr/bin/env bash
# Counts the instructions of an event, with those of a loop around it, and compares them with ci/instructions.txt.
#
# Usage: ci/instructions.sh [--update]
#
# Fails if a kind of event costs over 3 % more than the file says. --update writes what was counted into the file. The
# counts are those of the compiler that is named there: another one may count a little more or less.
set -euo pipefail
cd "$(dirname "$0")/.."
expected=ci/instructions.txt
tolerance=3 # percent
count=1200 # a multiple of 3, for tasks

case "${1:-}" in
'' | --update) ;;
*)
    echo "usage: $0 [--update]" >&2
    exit 2
    ;;
esac
command -v valgrind > /dev/null || {
    echo "$0: valgrind is not installed: it is what counts" >&2
    exit 2
}

# What an annotation adds to functions of every shape while nothing records; what chains of them cost the compiler.
cargo test --quiet --package traceme-tests --features valgrind --test instructions --test futures -- --nocapture

cargo build --quiet --release --package benches --bin instructions
program="${CARGO_TARGET_DIR:-target}/release/instructions"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# count_of KIND: the instructions of so many events, and of the loop around them.
count_of() {
    valgrind --quiet --tool=callgrind --collect-atstart=no '--toggle-collect=*instructions*counted*' \
        --callgrind-out-file="$folder/out" "$program" "$1" "$count" > "$folder/log" 2>&1 || {
        cat "$folder/log" >&2
        return 1
    }
    sed -n 's/^totals: //p' "$folder/out"
}

"$program" > "$folder/kinds"
while read -r kind; do
    total=$(count_of "$kind")
    [ "$total" -gt 0 ] || {
        echo "$0: no instruction of $kind was counted" >&2
        exit 1
    }
    awk -v kind="$kind" -v total="$total" -v count="$count" \
        'BEGIN { printf "%-32s %.1f\n", kind, total / count }'
done < "$folder/kinds" > "$folder/counted"

if [ "${1:-}" = --update ]; then
    {
        echo "# Instructions an event, with those of a loop around it; ci/instructions.sh --update writes this file."
        echo "# $(rustc --version), $(uname -m)"
        cat "$folder/counted"
    } > "$expected"
    cat "$expected"
    exit
fi

[ -f "$expected" ] || {
    echo "$0: $expected is missing: write it with --update" >&2
    exit 1
}
awk -v tolerance="$tolerance" '
    /^#/ { next }
    FNR == NR { expected[$1] = $2; next }
    FNR == 1 { printf "%-32s %9s %9s %9s\n", "instructions an event", "expected", "counted", "change" }
    {
        if (!($1 in expected)) {
            printf "%-32s %9s %9.1f\n", $1, "none", $2
            unknown = unknown " " $1
            next
        }
        change = ($2 / expected[$1] - 1) * 100
        printf "%-32s %9.1f %9.1f %+8.1f%%\n", $1, expected[$1], $2, change
        if (change > tolerance) worse = worse " " $1
        if (change < -tolerance) better = better " " $1
        seen[$1] = 1
    }
    END {
        for (kind in expected) if (!(kind in seen)) gone = gone " " kind
        if (better) print "cheaper than expected:" better " (ci/instructions.sh --update keeps it so)"
        if (unknown) print "not in ci/instructions.txt:" unknown " (write it with --update)"
        if (gone) print "in ci/instructions.txt only:" gone " (write it with --update)"
        if (worse) print "REGRESSION: more than " tolerance " % above ci/instructions.txt:" worse
        exit worse || unknown || gone ? 1 : 0
    }
' "$expected" "$folder/counted"
