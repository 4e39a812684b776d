//! What is measured: each function does one thing as often as it is told.

use std::future::{pending, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Waker};

use traceme::{append, counter, instant, span, trace_scope, traced};

/// A string that fits the first word of its record: 4 bytes of 6.
pub const SHORT: &str = "read";
/// A string of 24 bytes.
pub const LONG: &str = "/var/lib/postgresql/data";

/// One of the things that can be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// What it is.
    pub name: &'static str,
    /// Records it so many times, one event each.
    pub record: fn(u64),
    /// The bytes that it takes.
    pub bytes: u64,
}

/// A span without metadata.
pub const SPAN: Subject = Subject { name: "span", record: spans, bytes: 16 };
/// A span with two integers and a string of 4 bytes.
pub const SPAN_WITH_VALUES: Subject = Subject { name: "span_with_values", record: spans_with_values, bytes: 48 };
/// A span with two integers and a string of 24 bytes.
pub const SPAN_WITH_LONG_TEXT: Subject =
    Subject { name: "span_with_long_text", record: spans_with_long_text, bytes: 72 };
/// An instant without metadata.
pub const INSTANT: Subject = Subject { name: "instant", record: instants, bytes: 8 };
/// A sample of a counter.
pub const COUNTER: Subject = Subject { name: "counter", record: samples, bytes: 24 };
/// An integer added to a span that is open.
pub const APPEND: Subject = Subject { name: "append", record: appends, bytes: 32 };

/// A third of a task that is polled once: it begins, is polled, and ends.
pub const TASK: Subject = Subject { name: "third_of_a_task", record: tasks, bytes: 27 };
/// A further poll of a task.
pub const POLL: Subject = Subject { name: "poll", record: polls, bytes: 32 };

/// All that is no task.
pub const ALL: [Subject; 6] = [SPAN, SPAN_WITH_VALUES, SPAN_WITH_LONG_TEXT, INSTANT, COUNTER, APPEND];

/// Records spans.
#[inline(never)]
pub fn spans(count: u64) {
    for _ in 0..count {
        trace_scope!("span");
    }
}

/// How many spans [`tree`] records.
const TREE: u64 = 40;

/// Records spans in trees of 40: 4 deep, with 3 spans right inside each that is not a leaf.
///
/// # Panics
///
/// If `count` is not a multiple of 40.
pub fn trees(count: u64) {
    assert_eq!(count % TREE, 0, "whole trees");
    for _ in 0..count / TREE {
        tree(3);
    }
}

#[inline(never)]
fn tree(levels: u32) {
    trace_scope!("tree");
    if levels > 0 {
        for _ in 0..3 {
            tree(levels - 1);
        }
    }
}

/// Records spans with two integers, in trees of 40, all of them inside one more span.
///
/// # Panics
///
/// If `count` is not a multiple of 40.
#[inline(never)]
pub fn trees_with_values(count: u64) {
    assert_eq!(count % TREE, 0, "whole trees");
    trace_scope!("all");
    for request in 0..count / TREE {
        tree_with_values(3, request);
    }
}

#[inline(never)]
fn tree_with_values(levels: u32, request: u64) {
    trace_scope!("branch", meta(request, size = request * 512));
    if levels > 0 {
        for _ in 0..3 {
            tree_with_values(levels - 1, request);
        }
    }
}

/// Records spans of 8 callsites that take 20 ns to 20 us, short ones as often as long ones.
#[inline(never)]
pub fn varied_spans(count: u64) {
    macro_rules! one_of {
        ($which:expr; $($number:literal $name:literal)*) => {
            match $which % 8 {
                $($number => span!($name),)*
                _ => span!("other"),
            }
        };
    }
    let mut random = 1_u64;
    for _ in 0..count {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let _span = one_of!(random >> 40; 0 "parse" 1 "plan" 2 "scan" 3 "join" 4 "sort" 5 "merge" 6 "send");
        let rounds = (1 << ((random >> 50) % 11)) + ((random >> 33) & 7);
        for round in 0..rounds * 8 {
            black_box(round);
        }
    }
}

/// Records spans with two integers and a short string.
#[inline(never)]
pub fn spans_with_values(count: u64) {
    let kind = black_box(SHORT);
    for request in 0..count {
        trace_scope!("request", meta(request, size = request * 512, kind = kind));
    }
}

/// Records spans with two integers and a long string.
#[inline(never)]
pub fn spans_with_long_text(count: u64) {
    let path = black_box(LONG);
    for request in 0..count {
        trace_scope!("request", meta(request, size = request * 512, path = path));
    }
}

/// Records instants.
#[inline(never)]
pub fn instants(count: u64) {
    for _ in 0..count {
        instant!("instant");
    }
}

/// Samples a counter.
#[inline(never)]
pub fn samples(count: u64) {
    for length in 0..count {
        counter!("queue", length);
    }
}

/// Adds to a span; the span itself is one of the events.
#[inline(never)]
pub fn appends(count: u64) {
    let span = span!("batch");
    for row in 1..count {
        append!(span, row);
    }
}

/// Records tasks that are polled once: of three events each, so that `events` is a multiple of 3.
#[inline(never)]
pub fn tasks(events: u64) {
    let mut context = Context::from_waker(Waker::noop());
    for n in 0..events / 3 {
        let task = pin!(traced!(ready(n), "task"));
        let _ = black_box(task.poll(&mut context));
    }
}

/// Records polls of a task, which begins, is dropped and ends here too.
#[inline(never)]
pub fn polls(events: u64) {
    let mut context = Context::from_waker(Waker::noop());
    let mut task = pin!(traced!(pending::<u64>(), "polled"));
    for _ in 0..events - 3 {
        let _ = black_box(task.as_mut().poll(&mut context));
    }
}
