//! Executes one kind of event a number of times, for `ci/instructions.sh` to count the instructions:
//!
//! ```text
//! valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*counted*' instructions span 1000
//! ```
//!
//! Without arguments it prints the kinds.
#![allow(clippy::print_stdout, reason = "a program that lists what it can do")]

use std::hint::black_box;

use benches::sessions::{assert_whole, start, start_with};
use benches::subjects::{ALL, POLL, SPAN, SPAN_WITH_VALUES, TASK};
use traceme::Category;
use traceme::trace::{Cause, ClockSource};

/// Events before those that are counted: the first one joins the session and takes a chunk, and no kind needs more
/// than that one chunk. A multiple of 3, for tasks.
const BEFORE: u64 = 120;

/// A kind: what is counted, and whether a session records it.
struct Kind {
    name: &'static str,
    execute: fn(u64),
    becomes: Becomes,
}

#[derive(PartialEq)]
enum Becomes {
    Nothing,
    Recorded,
    /// Nearly all are left out, by a rate.
    LeftOut,
}

/// The part that is recorded: some of 1,200.
const RATE: &str = "all@0.001";

fn kinds() -> Vec<Kind> {
    let not_recording = [("span_not_recording", SPAN), ("span_with_values_not_recording", SPAN_WITH_VALUES)];
    let not_recording =
        not_recording.map(|(name, subject)| Kind { name, execute: subject.record, becomes: Becomes::Nothing });
    let recording = ALL.into_iter().chain([TASK, POLL]);
    let recording =
        recording.map(|subject| Kind { name: subject.name, execute: subject.record, becomes: Becomes::Recorded });
    let with_alert = Kind { name: "span_with_alert", execute: spans_with_alert, becomes: Becomes::Recorded };
    let left_out = Kind { name: "span_left_out", execute: SPAN.record, becomes: Becomes::LeftOut };
    not_recording.into_iter().chain(recording).chain([with_alert, left_out]).collect()
}

/// Records spans with a limit that they don't reach.
#[inline(never)]
fn spans_with_alert(count: u64) {
    const DEFAULT: Category = Category::DEFAULT;
    for _ in 0..count {
        let _guard = traceme::__record_span!([3_600_000_000_000;] "span" 2 DEFAULT [] [] ());
    }
}

/// What callgrind counts, told by its name.
#[inline(never)]
fn counted(execute: fn(u64), count: u64) {
    black_box(execute)(black_box(count));
}

fn main() {
    let kinds = kinds();
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        kinds.iter().for_each(|kind| println!("{}", kind.name));
        return;
    };
    let kind = kinds.iter().find(|kind| kind.name == name).expect("one of the kinds");
    let count = arguments.next().and_then(|count| count.parse().ok()).expect("a number of events");
    let session = if kind.becomes == Becomes::LeftOut { start_with(RATE) } else { start() };
    if kind.becomes == Becomes::Nothing {
        drop(session.stop());
        (kind.execute)(BEFORE);
        return counted(kind.execute, count);
    }
    (kind.execute)(BEFORE);
    counted(kind.execute, count);
    let trace = session.stop();
    if kind.becomes == Becomes::LeftOut {
        let left_out = trace.losses().by_cause(Cause::Sampled);
        assert_eq!(trace.event_count() + left_out, BEFORE + count, "{:?}", trace.losses());
        assert!(left_out > count / 100 * 99, "{left_out} left out");
    } else {
        assert_whole(&trace, BEFORE + count);
    }
    assert_eq!(trace.clock().source, ClockSource::Counter, "another clock costs other instructions");
}
