//! Executes one kind of event a number of times, for `ci/instructions.sh` to count the instructions:
//!
//! ```text
//! valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*counted*' instructions span 1000
//! ```
//!
//! Without arguments it prints the kinds.
#![allow(clippy::print_stdout, reason = "a program that lists what it can do")]

use std::hint::black_box;

use benches::sessions::{assert_whole, start};
use benches::subjects::{ALL, POLL, SPAN, SPAN_WITH_VALUES, TASK};
use traceme::Category;
use traceme::trace::ClockSource;

/// Events before those that are counted: the first one joins the session and takes a chunk, and no kind needs more
/// than that one chunk. A multiple of 3, for tasks.
const BEFORE: u64 = 120;

/// A kind: what is counted, and whether a session records it.
struct Kind {
    name: &'static str,
    execute: fn(u64),
    is_recorded: bool,
}

fn kinds() -> Vec<Kind> {
    let not_recording = [("span_not_recording", SPAN), ("span_with_values_not_recording", SPAN_WITH_VALUES)];
    let not_recording = not_recording.map(|(name, subject)| Kind { name, execute: subject.record, is_recorded: false });
    let recording = ALL.into_iter().chain([TASK, POLL]);
    let recording = recording.map(|subject| Kind { name: subject.name, execute: subject.record, is_recorded: true });
    let with_alert = Kind { name: "span_with_alert", execute: spans_with_alert, is_recorded: true };
    not_recording.into_iter().chain(recording).chain([with_alert]).collect()
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
    let session = start();
    if kind.is_recorded {
        (kind.execute)(BEFORE);
        counted(kind.execute, count);
        let trace = session.stop();
        assert_whole(&trace, BEFORE + count);
        assert_eq!(trace.clock().source, ClockSource::Counter, "another clock costs other instructions");
    } else {
        drop(session.stop());
        (kind.execute)(BEFORE);
        counted(kind.execute, count);
    }
}
